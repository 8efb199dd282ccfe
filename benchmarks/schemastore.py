"""The schemas of SchemaStore with their test files: what the engine supports, makes and says of each.

It guards the promise that a schema file which people use is supported as it is, or refused with a reason that its
author can act on. Each schema is read by its own draft, with the other schemas of the store that it refers to; nothing
is fetched. Outside validators judge: both accept each value and edge, and jsonschema-rs rejects each sampled violation
with one error at its label. The files in `test` must be valid and those in `negative_test` invalid.

    python benchmarks/schemastore.py FOLDER [--sample N] [--seed N] [--workers N] [--no-catalogue] [--json FILE]

The schemas are not in this repository. Clone SchemaStore/schemastore from GitHub, and pass its folder `src`. The
store's own `schema-validation.jsonc` names its unknown keywords and formats, and the schemas that only refer to others
on the net (`skiptest`), which are counted apart. Times are CPU seconds; a schema that needs more than 20 s is stopped.
"""

from __future__ import annotations

import argparse
import collections
import functools
import json
import multiprocessing
import random
import re
import sys
import time
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urljoin

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

import jsonschema
import jsonschema_rs
from jsonschema import FormatChecker
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.jsonschema import DRAFT7

from benchmarks.wild import general, percentile
from benchmarks.wild_schema import sampled_violations
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, iter_violations
from chime_fixtures.engine.errors import (
    EngineError,
    InvalidDocumentError,
    NoValueError,
    SchemaWarning,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.sources.files import read_document
from chime_fixtures.engine.violation import Violation
from tests.support.timing import OutOfTime, limited, timed

HOSTS = ("https://json.schemastore.org/", "https://www.schemastore.org/")
"""The addresses of a schema of the store, with its file name or its name."""

NEWER_DRAFT = "https://json-schema.org/draft/2019-09/schema"
URI_CHARACTERS = "%:/?#[]@!$&'()*+,;="

SUPPORTED, UNSUPPORTED, NO_VALUE, CRASHED, TIMED_OUT = "supported", "unsupported", "no value", "crashed", "timed out"
MAX_CPU_SECONDS = 20.0
MAX_JUDGE_CPU_SECONDS = 60.0
VALUES = 50
MAX_JUDGED_EDGES = 50
MAX_FILES_A_WORKER = 50
"""After this many files a worker is replaced, so that its memory is that of few schemas."""

REASONS = 20
"""Lines of each list of reasons."""


@dataclass(kw_only=True)
class Row:
    """The result for one schema.

    Attributes:
        file: its file.
        is_skipped: True if the store skips it, since it only refers to a schema on the net.
        status: one of the five constants above.
        reason: the message of the error.
        seconds: CPU seconds by phase: `compile`, `values`, `edges`, `catalogue`.
        values: the values and edges that were judged.
        rejected: those that a validator rejects, as JSON, with the validator.
        violations: the violations of the catalogue.
        labels: the violations that were judged.
        mislabelled: those that jsonschema-rs does not reject with exactly one error at the pointer and keyword.
        tests: the test files that could be read.
        against: (file, reason) of each test file with another verdict than its folder; no reason if none was found.
    """

    file: str
    is_skipped: bool = False
    status: str = SUPPORTED
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    values: int = 0
    rejected: list[str] = field(default_factory=list)
    violations: int = 0
    labels: int = 0
    mislabelled: list[str] = field(default_factory=list)
    tests: int = 0
    against: list[tuple[str, str]] = field(default_factory=list)


# The store --------------------------------------------------------------------------------------------------------


class Store:
    """The schemas of a checkout by file name, and its own configuration."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.schemas = {path.name: read_document(path) for path in sorted((folder / "schemas" / "json").glob("*.json"))}
        text = (folder / "schema-validation.jsonc").read_text("utf-8")
        text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', r"\1", text)
        configuration = json.loads(re.sub(r",(\s*[\]}])", r"\1", text))
        self.skipped = frozenset(configuration["skiptest"])
        self._options = configuration["options"]
        self._by_uri: dict[str, Any] = {}
        for name, schema in self.schemas.items():
            for address in (*(host + name for host in HOSTS), *(host + name.removesuffix(".json") for host in HOSTS)):
                self._by_uri.setdefault(address, schema)
        for schema in self.schemas.values():
            self._by_uri.setdefault(urldefrag(_identifier(schema))[0], schema)

    def document(self, name: str) -> SchemaDocument:
        """A schema with those of the store that it refers to, by the options of the store."""
        configured = self._options.get(name, {})
        options = SchemaOptions(
            formats=dict.fromkeys(configured.get("unknownFormat", ()), None),
            annotations=configured.get("unknownKeywords", ()),
        )
        schema = self.schemas[name]
        own = urldefrag(_identifier(schema))[0]
        others: dict[str, Any] = {}
        unread = [(own or HOSTS[0] + name, schema)]
        while unread:
            base, each = unread.pop()
            for reference in references(each):
                address = urldefrag(urljoin(base, reference))[0]
                other = self._by_uri.get(address)
                if other is not None and address != own and address not in others:
                    others[address] = other
                    unread.append((urldefrag(_identifier(other))[0] or address, other))
        return SchemaDocument(schema, others=others, uri=None if own else HOSTS[0] + name, options=options)

    def tests(self, name: str) -> Iterator[tuple[Path, bool]]:
        """The test files of a schema, True for those that are valid."""
        for folder, is_valid in (("test", True), ("negative_test", False)):
            files = (self._folder / folder / name.removesuffix(".json")).rglob("*")
            yield from ((path, is_valid) for path in sorted(files) if path.is_file())


def _identifier(schema: Any) -> str:
    identifier = schema.get("$id", schema.get("id"))
    return identifier if isinstance(identifier, str) else ""


def references(value: Any) -> Iterator[str]:
    """The value of each `$ref` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from references(each)


def instance_of(path: Path) -> Any:
    """The instance in a test file of JSON, YAML or TOML.

    Raises:
        ValueError: the file can't be read.
    """
    if path.suffix != ".toml":
        if path.suffix != ".json" and not path.read_bytes().strip():
            # An empty document of YAML is null.
            return None
        try:
            return read_document(path)
        except InvalidDocumentError as error:
            raise ValueError(str(error)) from error
    return _with_text(tomllib.loads(path.read_text("utf-8")))


def _with_text(value: Any) -> Any:
    """A document of TOML in which a date is text, as in JSON."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        found = {name: _with_text(each) for name, each in parts}
        return found if isinstance(value, dict) else list(found.values())
    return value if isinstance(value, str | int | float) else str(value)


# Measurement --------------------------------------------------------------------------------------------------------


class Judges:
    """jsonschema-rs and jsonschema for the schema's own draft, made from the documents alone."""

    def __init__(self, document: SchemaDocument) -> None:
        schema, uri = document.schema, document.uri
        self._entry = {"$schema": schema.get("$schema"), "$ref": uri} if "$schema" in schema else {"$ref": uri}
        documents = dict(document.by_uri)
        unresolved = {
            target
            for base, each in list(documents.items())
            for target in (urldefrag(urljoin(base, reference))[0] for reference in references(each))
            if target.startswith("http") and "json-schema.org" not in target
        }
        self._documents: dict[str, Any] = {uri: {} for uri in unresolved}
        self._documents |= {uri: _encoded(each) for uri, each in documents.items()}
        self._plain = validator_for(self._entry, default=jsonschema.Draft202012Validator)
        self._formats = {name for name, pattern in document.options.formats.items() if pattern is None}

    @functools.cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry(list(self._documents.items()))

    def _rs(self, *, formats: bool) -> Any:
        ignored = {name: lambda _: True for name in self._formats}
        validator = jsonschema_rs.validator_cls_for(self._entry)
        return validator(
            self._entry, registry=self._registry, validate_formats=formats, formats=ignored or None, offline=True
        )

    @functools.cached_property
    def rs(self) -> Any:
        """jsonschema-rs with formats."""
        return self._rs(formats=True)

    @functools.cached_property
    def without_formats(self) -> Any:
        """jsonschema-rs without formats."""
        return self._rs(formats=False)

    @functools.cached_property
    def newer(self) -> Any:
        """jsonschema-rs for draft 2019-09; the store asserts newer keywords and siblings of `$ref` in older drafts."""
        documents = {uri: _redeclared(document) for uri, document in self._documents.items()}
        registry = jsonschema_rs.Registry(list(documents.items()))
        return jsonschema_rs.Draft201909Validator({"$ref": self._entry["$ref"]}, registry=registry, offline=True)

    @functools.cached_property
    def plain(self) -> Any:
        """The jsonschema validator with formats."""
        default = DRAFT7
        registry = Registry().with_contents(list(self._documents.items()), default_specification=default)
        known = self._plain.FORMAT_CHECKER.checkers
        checker = FormatChecker(())
        checker.checkers = {name: check for name, check in known.items() if name not in self._formats}
        return self._plain(self._entry, registry=registry, format_checker=checker)

    def accepts(self, instance: Any) -> bool | None:
        """The verdict of jsonschema; None if it has none."""
        try:
            return bool(self.plain.is_valid(instance))
        except Exception:  # noqa: BLE001  # a pattern that it can't read, a depth that it does not reach
            return None

    def labels(self, instance: Any) -> set[tuple[str, str]]:
        """The pointer and keyword of each error of jsonschema-rs."""
        return {(json_pointer.join(error.instance_path), _keyword(error)) for error in self.rs.iter_errors(instance)}


def _encoded(value: Any) -> Any:
    """A document in which each reference is a URI, as jsonschema-rs requires."""
    if isinstance(value, list):
        return [_encoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: quote(each, safe=URI_CHARACTERS) if name == "$ref" and isinstance(each, str) else _encoded(each)
        for name, each in value.items()
    }


def _redeclared(document: Any) -> Any:
    return {**document, "$schema": NEWER_DRAFT} if "$schema" in document else document


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    """The keyword that failed: for a `false` schema the applicator that holds it."""
    path = list(error.schema_path)
    if error.kind.name == "falseSchema" and len(path) > 1 and path[-1] not in {"items", "additionalProperties", "not"}:
        return str(path[-2])
    return str(path[-1])


def measure(store: Store, name: str, *, catalogue: bool) -> Row:
    """The row of one schema."""
    row = Row(file=name, is_skipped=name in store.skipped)
    rng = random.Random(name)
    try:
        with limited(MAX_CPU_SECONDS, cpu=True):
            with timed(row.seconds, "compile"):
                document = store.document(name)
                contract = Contract(document)
            with timed(row.seconds, "values"):
                values = [generate(contract, index=index) for index in range(VALUES)]
            edges: list[Any] = []
            violations: list[Violation] = []
            if catalogue:
                with timed(row.seconds, "edges"):
                    edges = [edge.instance for edge in enumerate_edges(contract)]
                with timed(row.seconds, "catalogue"):
                    violations = sampled_violations(row, contract, rng)
        with limited(MAX_JUDGE_CPU_SECONDS, cpu=True):
            judges = Judges(document)
            _judge(row, judges, [*values, *rng.sample(edges, min(len(edges), MAX_JUDGED_EDGES))], violations)
            _test(row, contract, judges, store.tests(name))
    except UnsupportedSchemaError as error:
        row.status, row.reason = UNSUPPORTED, str(error)
    except (NoValueError, EngineError) as error:
        row.status, row.reason = NO_VALUE, str(error)
    except OutOfTime:
        row.status, row.reason = TIMED_OUT, f"in {[*row.seconds][-1]}"
    except Exception as error:  # noqa: BLE001  # it is what is looked for
        row.status, row.reason = CRASHED, f"{type(error).__name__}: {error}"
    return row


def _judge(row: Row, judges: Judges, values: Sequence[Any], violations: Iterable[Violation]) -> None:
    row.values = len(values)
    for value in values:
        verdicts = {"jsonschema-rs": judges.rs.is_valid(value), "jsonschema": judges.accepts(value)}
        rejecting = [each for each, verdict in verdicts.items() if verdict is False]
        if rejecting:
            row.rejected.append(f"{', '.join(rejecting)}: {json.dumps(value)[:500]}")
    for violation in violations:
        row.labels += 1
        found = judges.labels(violation.instance)
        # jsonschema-rs leaves out empty names.
        pointer = json_pointer.join(filter(None, json_pointer.split(violation.pointer)))
        if found != {(pointer, violation.keyword)}:
            row.mislabelled.append(f"{violation.id}: {sorted(found)}: {json.dumps(violation.instance)[:500]}")


def _test(row: Row, contract: Contract, judges: Judges, files: Iterable[tuple[Path, bool]]) -> None:
    for path, label in files:
        try:
            instance = instance_of(path)
        except ValueError as error:
            row.against.append((path.name, f"the file is not readable: {str(error).splitlines()[0]}"))
            continue
        row.tests += 1
        if contract.is_valid(instance) != label:
            row.against.append((f"{path.parent.parent.name}/{path.name}", _reason(judges, instance, label=label)))


def _reason(judges: Judges, instance: Any, *, label: bool) -> str:
    """The reason why a verdict is against a label; empty if none is known."""
    if judges.rs.is_valid(instance) == label:
        return ""
    if judges.without_formats.is_valid(instance) == label:
        return "the label ignores formats"
    if judges.accepts(instance) == label:
        return "the validators disagree"
    with suppress(Exception):
        if judges.newer.is_valid(instance) == label:
            return "by a newer draft than its own the label is right"
    return "both validators contradict the label"


# Table --------------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    """The rows of the table: name, figure, required figure."""
    counted = [row for row in rows if not row.is_skipped]
    statuses = collections.Counter(row.status for row in counted)
    supported = [row for row in rows if row.status == SUPPORTED]
    against = [reason for row in supported for _, reason in row.against]
    yield "schemas", str(len(rows)), ""
    yield "  that only refer to the net, by the store", str(len(rows) - len(counted)), ""
    share = 100 * statuses[SUPPORTED] / max(len(counted), 1)
    yield "supported, of the others", f"{share:.1f} % ({statuses[SUPPORTED]})", ">= 97 %"
    yield "refused by name", str(statuses[UNSUPPORTED]), "the rest"
    yield "no value", str(statuses[NO_VALUE]), ""
    yield "crashed", str(statuses[CRASHED]), "0"
    yield f"over {MAX_CPU_SECONDS:.0f} s", str(statuses[TIMED_OUT]), "0"
    yield "values and edges judged", str(sum(row.values for row in rows)), ""
    yield "  rejected by a validator", str(sum(len(row.rejected) for row in rows)), "0"
    yield "violations", str(sum(row.violations for row in rows)), ""
    yield "  sampled labels", str(sum(row.labels for row in rows)), ""
    yield "  not confirmed by jsonschema-rs", str(sum(len(row.mislabelled) for row in rows)), "0"
    yield "test files of the supported schemas", str(sum(row.tests for row in supported)), ""
    yield "  verdicts against their folder", str(len(against)), ""
    yield "  without a stated reason", str(against.count("")), "0"
    for phases in (["compile"], ["values"], ["edges", "catalogue"]):
        seconds = [sum(row.seconds.get(phase, 0) for phase in phases) for row in supported]
        figures = " ".join(f"{percentile(seconds, percent):.3f}" for percent in (50, 95, 99))
        yield f"seconds, {' and '.join(phases)}: median, p95, p99", figures, ""


def reasons(rows: Sequence[Row]) -> Iterator[tuple[str, collections.Counter[str]]]:
    """The reasons by kind."""
    for status in (UNSUPPORTED, NO_VALUE, CRASHED, TIMED_OUT):
        yield status, collections.Counter(general(row.reason) for row in rows if row.status == status)
    found = (reason or "no reason" for row in rows for _, reason in row.against)
    yield "verdicts against the folder of a test file", collections.Counter(map(general, found))


def _measured(task: tuple[Path, str, bool]) -> Row:
    folder, name, catalogue = task
    return measure(_store(folder), name, catalogue=catalogue)


@functools.cache
def _store(folder: Path) -> Store:
    warnings.simplefilter("ignore", SchemaWarning)
    store = Store(folder)
    # The imports of the first schema are not counted.
    list(iter_violations(Contract({"type": "object", "required": ["a"], "properties": {"a": {"format": "date"}}})))
    return store


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder src of SchemaStore")
    parser.add_argument("names", nargs="*", help="file names of schemas; all of them by default")
    parser.add_argument("--sample", type=int, help="measure this many schemas only")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-catalogue", dest="catalogue", action="store_false", help="make values only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one row a schema, as lines of JSON")
    options = parser.parse_args()
    names = options.names or sorted(path.name for path in (options.folder / "schemas" / "json").glob("*.json"))
    if options.sample is not None:
        names = sorted(random.Random(options.seed).sample(names, min(options.sample, len(names))))
    started = time.perf_counter()
    rows: list[Row] = []
    output: Any = options.json.open("w", encoding="utf-8") if options.json else None
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.workers, maxtasksperchild=MAX_FILES_A_WORKER) as pool:
        for row in pool.imap_unordered(_measured, [(options.folder, name, options.catalogue) for name in names]):
            rows.append(row)
            if output:
                output.write(json.dumps(asdict(row)) + "\n")
                output.flush()
    if output:
        output.close()
    print(f"{'':52}{'figure':28}required")
    for line in table(rows):
        print("{:52}{:28}{}".format(*line).rstrip())
    for kind, found in reasons(rows):
        if found:
            print(f"\n{kind}:")
        for reason, count in found.most_common(REASONS):
            print(f"{count:8}  {reason}")
    print(f"\nin {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
