"""Valid values of schemas that others wrote, from this library, schemathesis and hypothesis-jsonschema.

It guards the promise that more schemas are supported than elsewhere, each value is valid, and values reach what the
schema declares. The libraries take turns on each schema, in one process, under Hypothesis with the same settings. A
schema is supported if the library makes all the values within the time limit. jsonschema-rs judges them by the schema's
own draft, formats on. A location is a property, an item, a branch or a member of an enumeration; counted are those that
the values of any library, or a valid instance in the file, reach.

hypothesis-jsonschema does not run on Hypothesis 6.170.10 or later, so install all into a virtual environment:

    python -m venv .venv-peers
    .venv-peers/bin/pip install . schemathesis hypothesis-jsonschema 'hypothesis<6.170.10'
    .venv-peers/bin/python benchmarks/peers_wild.py FOLDER [--schemas N] [--values N] [--seed N] [--workers N]

The folder has a JSON file for each schema, as for `wild.py`. schemathesis is measured at the builder that draws
the positive data of an API operation, since its public functions take whole API descriptions only.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

# The checkout, not the installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

import hypothesis_jsonschema
import jsonschema_rs
from hypothesis import strategies as st
from schemathesis.generation.jsonschema.builder import build
from schemathesis.specs.openapi.formats import get_default_format_strategies

from benchmarks.examples import examples_of
from benchmarks.wild import general, percentile, share
from benchmarks.wild_schema import read
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.documents import default_dialect
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.strategies import from_schema
from tests.support.locations import Locations
from tests.support.timing import OutOfTime, limited

MAX_CPU_SECONDS = 10.0
"""The time limit of a library for one schema."""

MAX_JUDGE_CPU_SECONDS = 20.0
REASONS = 5
"""Lines of each list of reasons."""

_FORMATS = get_default_format_strategies()
_DRAFTS = {
    "Draft4Validator": jsonschema_rs.Draft4,
    "Draft6Validator": jsonschema_rs.Draft6,
    "Draft7Validator": jsonschema_rs.Draft7,
    "Draft201909Validator": jsonschema_rs.Draft201909,
    "Draft202012Validator": jsonschema_rs.Draft202012,
}


def ours(schema: Any, dialect: Dialect) -> st.SearchStrategy[Any]:
    """This library."""
    return from_schema(schema)


def schemathesis(schema: Any, dialect: Dialect) -> st.SearchStrategy[Any]:
    """The positive data of schemathesis."""
    return build(schema, draft=_DRAFTS[dialect.validator], formats=_FORMATS)


def peer(schema: Any, dialect: Dialect) -> st.SearchStrategy[Any]:
    """hypothesis-jsonschema, which reads a schema without `$schema` as draft 7."""
    return hypothesis_jsonschema.from_schema(schema)


LIBRARIES: dict[str, Callable[[Any, Dialect], st.SearchStrategy[Any]]] = {
    "chime-fixtures": ours,
    "schemathesis": schemathesis,
    "hypothesis-jsonschema": peer,
}


@dataclass(kw_only=True)
class Result:
    """The result of one library for one schema.

    Attributes:
        reason: the reason why not all values were made; empty if they were.
        values: the number of values.
        valid: those that jsonschema-rs accepts.
        reached: the locations that the valid values reach.
        seconds: CPU seconds for all values.
    """

    reason: str = ""
    values: int = 0
    valid: int = 0
    reached: int = 0
    seconds: float = 0.0


@dataclass(kw_only=True)
class Row:
    """The results for one schema, and the number of locations that any library or valid instance reaches."""

    file: str
    reachable: int = 0
    results: dict[str, Result] = field(default_factory=dict)


def measure(task: tuple[Path, int, int]) -> Row | None:
    """The row of one file; None if jsonschema-rs rejects its schema, so that nothing can be judged."""
    path, count, seed = task
    warnings.simplefilter("ignore")
    schema, tests = read(path)
    dialect = default_dialect(schema, SchemaOptions())[0]
    draft = getattr(jsonschema_rs, dialect.validator)
    try:
        is_valid = draft(schema, validate_formats=True, offline=True).is_valid
        locations = Locations(schema, draft)
    except Exception:  # noqa: BLE001  # a reference to another document, a schema that is malformed
        return None
    row = Row(file=path.name)
    reached: dict[str, set[str]] = {}
    for name, strategy_of in LIBRARIES.items():
        result = row.results[name] = Result()
        values: list[Any] = []
        begun = time.process_time()
        try:
            with limited(MAX_CPU_SECONDS, cpu=True):
                values = examples_of(strategy_of(schema, dialect), count, seed)
            result.reason = "" if values else "no values"
        except OutOfTime:
            result.reason = f"over {MAX_CPU_SECONDS:.0f} s"
        except BaseException as error:  # each library has its own errors
            if isinstance(error, KeyboardInterrupt):
                raise
            result.reason = f"{type(error).__name__}: {error}"
        result.seconds = time.process_time() - begun
        result.values = len(values)
        reached[name] = set()
        try:
            with limited(MAX_JUDGE_CPU_SECONDS, cpu=True):
                for value in values:
                    if _accepts(is_valid, value):
                        result.valid += 1
                        reached[name] |= locations.reached(value)
        except OutOfTime:
            pass
    witnesses = [test.instance for test in tests if test.is_valid and _accepts(is_valid, test.instance)]
    reachable = set().union(*reached.values(), *map(locations.reached, witnesses))
    row.reachable = len(reachable)
    for name, found in reached.items():
        row.results[name].reached = len(found & reachable)
    return row


def _accepts(is_valid: Callable[[Any], bool], value: Any) -> bool:
    try:
        return is_valid(value)
    except (ValueError, TypeError, OverflowError):  # a value that is not JSON
        return False


def table(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """The rows of the table: a figure and its value for each library."""
    results = [[row.results[name] for row in rows] for name in LIBRARIES]
    done = [[each for each in column if not each.reason] for column in results]
    reachable = sum(row.reachable for row in rows)
    yield "", *(f"{name} {version(name)}" for name in LIBRARIES)
    yield "schemas supported", *(share(len(column), len(rows)) for column in done)
    yield "values", *(str(sum(each.values for each in column)) for column in results)
    yield (
        "values valid",
        *(share(sum(each.valid for each in column), sum(each.values for each in column)) for column in results),
    )
    yield (
        "schemas with an invalid value",
        *(str(sum(each.valid < each.values for each in column)) for column in results),
    )
    yield "locations reached", *(share(sum(each.reached for each in column), reachable) for column in results)
    for percent in (50, 95):
        seconds = ([each.seconds for each in column] for column in done)
        yield f"CPU seconds a supported schema, p{percent}", *(f"{percentile(each, percent):.2f}" for each in seconds)
    yield "CPU seconds in all", *(f"{sum(each.seconds for each in column):.0f}" for column in results)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of schemas")
    parser.add_argument("--schemas", type=int, default=500, help="schemas to measure, a seeded choice")
    parser.add_argument("--values", type=int, default=20, help="values of each library, a schema")
    parser.add_argument("--seed", type=int, default=0, help="of the choice and of the values")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one row a schema, as lines of JSON")
    options = parser.parse_args()
    started = time.perf_counter()
    files = sorted(options.folder.rglob("*.json"))
    random.Random(options.seed).shuffle(files)
    rows: list[Row] = []
    skipped = 0
    output: Any = options.json.open("w", encoding="utf-8") if options.json else None
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.workers, maxtasksperchild=50) as pool:
        tasks = [(path, options.values, options.seed) for path in files]
        for row in pool.imap(measure, tasks[: 2 * options.schemas]):
            if row is None:
                skipped += 1
                continue
            rows.append(row)
            if output:
                output.write(json.dumps(asdict(row)) + "\n")
                output.flush()
            if len(rows) == options.schemas:
                pool.terminate()
                break
    if output:
        output.close()
    for cells in table(rows):
        print("".join(f"{cell:38}" for cell in cells).rstrip())
    for name in LIBRARIES:
        found = collections.Counter(general(row.results[name].reason) for row in rows if row.results[name].reason)
        print(f"\n{name}, not supported:")
        for reason, count in found.most_common(REASONS):
            print(f"{count:8}  {reason}")
    print(f"\n{len(rows)} schemas, {skipped} others that jsonschema-rs rejects; {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
