"""The fault table: for each call of a test and each change of its response, the outcome of the test."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.engine.errors import InvalidDocumentError

__tracebackhide__ = is_kit_error

Outcome = Literal["unaffected", "error surfaced", "assertion failed", "other exception", "not settled"]
"""The end of a test whose response was changed, in the order of the columns of `FaultTable.counts`.

``unaffected``: it passed; ``error surfaced``: an exception of the client library reached it; ``assertion failed``,
``other exception``: it failed otherwise; ``not settled``: it exceeded a limit, or did not make the call.
"""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_VERSION = 1


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One rerun of a test.

    Attributes:
        test: the id of the test.
        operation: the name of the operation.
        occurrence: the number of the call among those of the operation, from 1.
        change: the change of the response: a fault, with ``+commit`` if the operation was executed before it.
        outcome: the end of the test.
        detail: the exception; empty without one.
    """

    test: str
    operation: str
    occurrence: int
    change: str
    outcome: Outcome
    detail: str = ""

    @property
    def schedule(self) -> str:
        """The call and its change, as ``--chime-fault-schedule`` takes them: ``ListProxySessions#2:throttle``."""
        return f"{self.call}:{self.change}"

    @property
    def call(self) -> str:
        """The call: ``ListProxySessions#2``."""
        return f"{self.operation}#{self.occurrence}"

    @property
    def needs_look(self) -> bool:
        """True if the test neither passed nor ended with an exception of the client library."""
        return self.outcome not in ("unaffected", "error surfaced")

    @property
    def key(self) -> tuple[str, str]:
        """The test and the schedule, which identify the row in a table."""
        return self.test, self.schedule


@dataclass(frozen=True, slots=True)
class FaultNote:
    """A test, or a call of one, that was not rerun, with the reason."""

    test: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that differs between a baseline and a table.

    Attributes:
        test: the id of the test.
        schedule: the call and its change.
        before: the outcome in the baseline; None if the row is new.
        after: the outcome in the table; None if the row is missing.
    """

    test: str
    schedule: str
    before: Outcome | None
    after: Outcome | None

    def __str__(self) -> str:
        before, after = self.before or "no row", self.after or "no row"
        return f"{self.test} {self.schedule}: {before} -> {after}"


@dataclass(frozen=True, slots=True)
class FaultTable:
    """The rows of all tests.

    Attributes:
        rows: the rows, by test; those of a test by call, in the order in which they ran.
        notes: the tests and calls that were not rerun.
        tests: the ids of the tests that the table is about, also of those without a row.
    """

    rows: tuple[FaultRow, ...] = ()
    notes: tuple[FaultNote, ...] = ()
    tests: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, rows: Iterable[FaultRow], notes: Iterable[FaultNote] = (), tests: Iterable[str] = ()) -> Self:
        """Return a table in the order of its tests' ids, whatever the order of the rows' tests."""
        ordered = tuple(sorted(rows, key=lambda row: row.test))
        noted = tuple(sorted(notes, key=lambda note: note.test))
        return cls(ordered, noted, frozenset([*tests, *(row.test for row in ordered)]))

    @property
    def counts(self) -> dict[Outcome, int]:
        """The number of rows of each outcome, in the order of `OUTCOMES`."""
        counted = collections.Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in OUTCOMES}

    def differences(self, baseline: FaultTable) -> tuple[Difference, ...]:
        """Return the rows that differ in their outcome from a baseline, among the tests that this table is about."""
        after = {row.key: row.outcome for row in self.rows}
        before = {row.key: row.outcome for row in baseline.rows if row.test in self.tests}
        return tuple(
            Difference(*key, before.get(key), after.get(key))
            for key in sorted({**before, **after})
            if before.get(key) != after.get(key)
        )

    def updating(self, baseline: FaultTable) -> FaultTable:
        """Return this table with the baseline's rows of the tests that this table is not about."""
        kept = [row for row in baseline.rows if row.test not in self.tests]
        notes = [note for note in baseline.notes if note.test not in self.tests]
        return FaultTable.of([*kept, *self.rows], [*notes, *self.notes], [*self.tests, *baseline.tests])

    def as_dict(self) -> dict[str, Any]:
        """Return the table as a JSON value."""
        return {
            "version": _VERSION,
            "tests": sorted(self.tests),
            "rows": [asdict(row) for row in self.rows],
            "notes": [asdict(note) for note in self.notes],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any], *, source: str = "the fault table") -> Self:
        """Return the table of a JSON value that `as_dict` returned.

        Args:
            value: the JSON value.
            source: its name in error messages.

        Raises:
            InvalidDocumentError: `value` is not a fault table.
        """
        try:
            if value["version"] != _VERSION:
                raise InvalidDocumentError(source, f"version is {value['version']!r}; only {_VERSION} is supported")
            rows = [FaultRow(**row) for row in value["rows"]]
            notes = [FaultNote(**note) for note in value["notes"]]
            table = cls.of(rows, notes, value["tests"])
        except (AttributeError, LookupError, TypeError) as error:
            text = "must be a fault table, as --chime-each-fault-update writes it"
            raise InvalidDocumentError(source, text) from error
        unknown = {row.outcome for row in rows} - set(OUTCOMES)
        if unknown:
            raise InvalidDocumentError(source, f"unknown outcome {min(unknown)!r}; known are {', '.join(OUTCOMES)}")
        return table

    def write(self, path: Path) -> None:
        """Write the table as JSON, one row a line, so that a difference of two versions is readable."""
        value = self.as_dict()
        members = [f'"version": {value["version"]}']
        for name in ("tests", "rows", "notes"):
            lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value[name])
            members.append(f'"{name}": [\n{lines}\n]' if lines else f'"{name}": []')
        path.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the table of a file.

        Raises:
            InvalidDocumentError: the file is not a fault table.
            OSError: the file can't be read.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InvalidDocumentError(str(path), f"is not valid JSON: {error}") from error
        return cls.from_dict(value, source=str(path))

    def as_text(self, verbosity: int = 0) -> str:
        """Return the table as text, grouped by test.

        Args:
            verbosity: below 0 only the rows that need a look, one a line; 0 also the changes of the other rows, one
                line for each call and outcome, and the notes; above 0 every row on a line of its own.
        """
        shown = [row for row in self.rows if verbosity > 0 or row.needs_look]
        widths = [max(map(len, column)) for column in zip(*map(_cells, shown), strict=True)]
        by_test: dict[str, list[str]] = collections.defaultdict(list)
        for row in shown:
            cells = [cell.ljust(width) for cell, width in zip(_cells(row), widths, strict=True)]
            by_test[row.test].append(f"  {'  '.join(cells)}".rstrip())
        if verbosity == 0:
            folded: dict[tuple[str, str, Outcome], list[str]] = {}
            for row in self.rows:
                if not row.needs_look:
                    folded.setdefault((row.test, row.call, row.outcome), []).append(row.change)
            for (test, call, outcome), changes in folded.items():
                by_test[test].append(f"  {call} {outcome}: {', '.join(changes)}")
        for note in self.notes if verbosity >= 0 else ():
            by_test[note.test].append(f"  not rerun: {note.reason}")
        return "\n".join(line for test in sorted(by_test) for line in [test, *by_test[test]])


def _cells(row: FaultRow) -> tuple[str, str, str]:
    return row.schedule, row.outcome, row.detail
