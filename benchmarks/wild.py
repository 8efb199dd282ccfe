"""Schemas that others wrote, as one table: what the engine supports, makes and says of each file of a folder.

It guards the promise that nothing is false, nothing is left out and nothing takes long, at any size. A file is a
schema, or ``{"schema": ..., "tests": [{"data": ..., "valid": ...}]}``. Outside validators judge: every value and edge
must be accepted by jsonschema-rs and jsonschema, each set to the schema's own draft, and each sampled violation
rejected with one error at its label. jsonschema-rs alone judges where Python's `re` might backtrack without end. A
schema without `$schema` is read and judged as the contract reads it.

    python benchmarks/wild.py FOLDER [--sample N] [--seed N] [--workers N] [--rows FILE]

Files are measured in an order in which the first ones are always spread evenly over the folder. With `--rows FILE`
each result is appended to the file, and an interrupted run goes on where it ended. `--values 0` only compiles each
schema and compares verdicts with the labels of the files.

The corpora are not in this repository. Clone them, and pass the folder:

| repository on GitHub | folder | options |
| --- | --- | --- |
| guidance-ai/jsonschemabench | maskbench/data | |
| sdbs-uni-p/JSONSchemaWitnessGeneration | expDataset/handwritten/sat, containment/sat | --satisfiable --ref-siblings |
| the same | expDataset/handwritten/unsat, containment/unsat | --unsatisfiable --ref-siblings |

Times are CPU seconds. A schema that needs more than 20 s is stopped; a worker that does not stop is killed.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing
import os
import queue
import random
import re
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.wild_schema import (
    CRASHED,
    MAX_CPU_SECONDS,
    MAX_JUDGE_CPU_SECONDS,
    NOT_FOUND,
    SUPPORTED,
    TIMED_OUT,
    UNSATISFIABLE,
    UNSUPPORTED,
    Row,
    Settings,
    measure,
)
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import SchemaWarning

MAX_WALL_SECONDS = 3 * (MAX_CPU_SECONDS + MAX_JUDGE_CPU_SECONDS)
"""After this time a worker is killed."""

MAX_FILES_A_WORKER = 100
"""After this many files a worker is replaced, so that its memory is that of few schemas."""

REASONS = 12
"""Lines of the list of reasons."""


def files_of(folder: Path, sample: int | None, seed: int) -> list[Path]:
    """The JSON files of a folder and its subfolders, or a sample; the first ones are spread evenly over the folder."""
    files = sorted(folder.rglob("*.json")) if folder.is_dir() else [folder]
    if sample is not None and sample < len(files):
        start = random.Random(seed).random()
        files = [files[int((index + start) * len(files) / sample)] for index in range(sample)]
    bits = len(files).bit_length()
    order = sorted(range(len(files)), key=lambda index: f"{index:0{bits}b}"[::-1])
    return [files[index] for index in order]


def known_rows(path: Path | None) -> list[Row]:
    """The rows of an earlier run."""
    if path is None or not path.exists():
        return []
    return [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


# Workers -----------------------------------------------------------------------------------------------------------


def serve(connection: Connection, settings: Settings) -> None:
    """Measure each file that is received, in a process of its own."""
    warnings.simplefilter("ignore", SchemaWarning)
    # The imports of the first schema are not counted.
    enumerate_violations(Contract({"type": "object", "required": ["a"], "properties": {"a": {"format": "date"}}}))
    while (path := connection.recv()) is not None:
        try:
            row = measure(path, settings)
        except Exception as error:  # noqa: BLE001  # a file that is not JSON
            row = Row(file=path.name, status=UNSUPPORTED, reason=f"not measured: {type(error).__name__}: {error}")
        connection.send(row)


class Worker:
    """A process that measures one file after another, and is replaced when it is killed or old."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._begin()

    def _begin(self) -> None:
        self._connection, other = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(other, self._settings), daemon=True)
        self._process.start()
        other.close()
        self._files = 0

    def measure(self, path: Path) -> Row:
        """The row of a file; the process is killed if it does not return one."""
        if self._files >= MAX_FILES_A_WORKER:
            self.stop()
            self._begin()
        self._files += 1
        self._connection.send(path)
        try:
            if self._connection.poll(MAX_WALL_SECONDS):
                row: Row = self._connection.recv()
                if row.status != TIMED_OUT:
                    return row
            else:
                row = Row(file=path.name, status=TIMED_OUT, reason="killed")
        except (EOFError, OSError):
            row = Row(file=path.name, status=CRASHED, reason="the process ended")
        self._process.kill()
        self._begin()
        return row

    def stop(self) -> None:
        """End the process."""
        self._connection.send(None)
        self._process.join()


def rows_of(files: Sequence[Path], settings: Settings, workers: int) -> Iterator[Row]:
    """The row of each file, as they are done."""
    paths: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
    rows: queue.SimpleQueue[Row] = queue.SimpleQueue()
    for each in [*files, *[None] * workers]:
        paths.put(each)

    def work() -> None:
        worker = Worker(settings)
        while (path := paths.get()) is not None:
            rows.put(worker.measure(path))
        worker.stop()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for _ in files:
        yield rows.get()
    for thread in threads:
        thread.join()


# Table -------------------------------------------------------------------------------------------------------------


def percentile(figures: Iterable[float], percent: int) -> float:
    """A percentile of some figures; 0 if there are none."""
    every = sorted(figures)
    return statistics.quantiles(every, n=100, method="inclusive")[percent - 1] if len(every) > 1 else sum(every)


def share(part: int, whole: int) -> str:
    """A part of a whole, in per cent."""
    return f"{100 * part / whole:.2f} % ({part} of {whole})" if whole else "none"


def seconds_of(rows: Sequence[Row], *phases: str) -> list[float]:
    """The CPU seconds of phases, for each schema that has the last of them."""
    return [sum(row.seconds[phase] for phase in phases) for row in rows if phases[-1] in row.seconds]


def table(rows: Sequence[Row], *, label: bool | None = None) -> list[tuple[str, str, str]]:
    """The rows of the table: name, figure, required figure.

    Args:
        rows: a row a schema.
        label: True if all schemas are satisfiable, False if none is, None if it is not known.
    """
    statuses = collections.Counter(row.status for row in rows)
    made = [row for row in rows if row.status == SUPPORTED]
    slow = sum(sum(row.seconds.values()) > MAX_CPU_SECONDS for row in rows if row.status != TIMED_OUT)
    against = [reason for row in rows for _, reason in row.against]
    compiled, catalogues = seconds_of(rows, "compile"), seconds_of(made, "edges", "catalogue")
    lines = [
        ("schemas", str(len(rows)), ""),
        ("supported", share(len(made), len(rows)), ">= 97 %"),
        ("rejected by name", str(statuses[UNSUPPORTED]), "the rest"),
        ("called unsatisfiable", str(statuses[UNSATISFIABLE]), ""),
        ("no value found", str(statuses[NOT_FOUND]), ""),
        ("  of both, with a valid instance in the file", str(sum(row.denied for row in rows)), "0"),
    ]
    if label is not None:
        name, false = ("satisfiable", UNSATISFIABLE) if label else ("unsatisfiable", SUPPORTED)
        what = "called unsatisfiable" if label else "a value was made"
        lines.append((f"labelled {name}, but {what}", str(statuses[false]), "0"))
    lines += [
        ("crashed", str(statuses[CRASHED]), "0"),
        (f"over {MAX_CPU_SECONDS:.0f} s", str(statuses[TIMED_OUT] + slow), "0"),
        ("values and edges judged", str(sum(row.values for row in rows)), ""),
        ("  judged by jsonschema-rs alone", str(sum(row.judged_once for row in rows)), ""),
        ("  rejected by a validator", str(sum(len(row.rejected) for row in rows)), "0"),
        ("labelled instances of the files", str(sum(row.tests for row in made)), ""),
        ("  verdicts against their label", str(len(against)), ""),
        ("  without a stated reason", str(against.count("")), "0"),
        ("violations", str(sum(row.violations for row in rows)), ""),
        ("  sampled labels", str(sum(row.labels for row in rows)), ""),
        ("  not confirmed by jsonschema-rs", str(sum(len(row.mislabelled) for row in rows)), "0"),
        (
            "locations reached, of those proved reachable",
            share(sum(row.reached for row in rows), sum(row.reachable for row in rows)),
            ">= 99 %",
        ),
        ("  of the others, not in Contract.unreached", str(sum(len(row.silent) for row in rows)), "0"),
        ("  called unreachable, but reachable", str(sum(len(row.disproved) for row in rows)), "0"),
        ("seconds, compile, median", f"{percentile(compiled, 50):.3f}", ""),
        ("seconds, compile, p95", f"{percentile(compiled, 95):.3f}", ""),
        ("seconds, compile, p99", f"{percentile(compiled, 99):.3f}", "<= 0.1"),
        ("seconds, edges and violations, median", f"{percentile(catalogues, 50):.3f}", ""),
        ("seconds, edges and violations, p95", f"{percentile(catalogues, 95):.3f}", "<= 1"),
        ("peak memory, MB", f"{max((row.peak_mb for row in rows), default=0):.0f}", "<= 500"),
        ("  most added by one schema, MB", f"{max((row.growth_mb for row in rows), default=0):.0f}", ""),
    ]
    return lines


def reasons(rows: Sequence[Row]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The most frequent reasons by kind."""
    for status in (UNSUPPORTED, UNSATISFIABLE, NOT_FOUND, CRASHED, TIMED_OUT):
        found = collections.Counter(general(row.reason) for row in rows if row.status == status)
        yield status, found.most_common(REASONS)
    against = collections.Counter(
        f"labelled {label}: {reason or 'no reason'}" for row in rows for label, reason in row.against
    )
    yield "verdicts against a label", against.most_common(REASONS)
    yield "judged by jsonschema-rs alone", [(row.file, row.judged_once) for row in rows if row.judged_once][:REASONS]
    yield "read as", collections.Counter(row.dialect for row in rows if row.dialect).most_common()


def general(reason: str) -> str:
    """A message without its locations and values, so that it can be counted; of several problems the first."""
    lines = reason.splitlines() or [""]
    line = lines[1].strip() if len(lines) > 1 else lines[0].removeprefix("unsupported schema: ")
    line = re.sub(r"(?:^|(?<= ))(?:\S*#)?/\S*:(?= )", "", line).strip()
    line = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "…", line)
    return re.sub(r"\d+", "N", line)[:110]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of schemas, or one file")
    parser.add_argument("--sample", type=int, help="measure this many files only, spread over the folder")
    parser.add_argument("--seed", type=int, default=0, help="of the sample, the values and the sampled violations")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--values", type=int, default=50, help="values to judge, a schema; 0 for verdicts alone")
    parser.add_argument("--no-catalogue", action="store_true", help="make values only")
    parser.add_argument(
        "--ref-siblings", action="store_true", help="count siblings of $ref, if no $schema says otherwise"
    )
    parser.add_argument(
        "--rows", type=Path, metavar="FILE", help="append one row a schema, as lines of JSON; skip those in it"
    )
    label = parser.add_mutually_exclusive_group()
    label.add_argument(
        "--satisfiable", dest="label", action="store_true", default=None, help="every schema has a value"
    )
    label.add_argument("--unsatisfiable", dest="label", action="store_false", help="no schema has a value")
    options = parser.parse_args()
    settings = Settings(
        values=options.values,
        seed=options.seed,
        counts_ref_siblings=options.ref_siblings,
        catalogue=not options.no_catalogue,
    )
    started = time.perf_counter()
    rows = known_rows(options.rows)
    done = {row.file for row in rows}
    files = [file for file in files_of(options.folder, options.sample, options.seed) if file.name not in done]
    with Path(options.rows or os.devnull).open("a", encoding="utf-8") as output:
        for row in rows_of(files, settings, options.workers):
            rows.append(row)
            output.write(json.dumps(asdict(row)) + "\n")
            output.flush()
    print(f"{'':48}{'figure':28}required")
    for line in table(rows, label=options.label):
        print("{:48}{:28}{}".format(*line).rstrip())
    for kind, found in reasons(rows):
        if found:
            print(f"\n{kind}:")
        for reason, count in found:
            print(f"{count:8}  {reason}")
    print(f"\nin {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
