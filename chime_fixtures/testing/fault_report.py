"""The report of ``--chime-each-fault``: the table in the terminal, and its differences from a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.contract_coverage.fault_table import Difference, FaultNote, FaultRow, FaultTable
from chime_fixtures.testing import settings
from chime_fixtures.testing.each_fault_options import FAULT_TABLE


def payload(test: str, rows: Iterable[FaultRow], notes: Iterable[str]) -> dict[str, Any]:
    """Return the rows and notes of a test as a value that pytest-xdist can send; `FaultReport` reads it."""
    return {"test": test, **FaultTable.of(rows, [FaultNote(test, note) for note in notes], [test]).as_dict()}


def read_baseline(config: pytest.Config) -> FaultTable:
    """Return the table of the baseline's file; an empty one if the file is absent and is to be written.

    Raises:
        pytest.UsageError: the file is absent, unreadable or not a fault table.
    """
    path = _path(config)
    is_written = config.getoption("chime_each_fault_update")
    if is_written and not path.exists():
        return FaultTable()
    option = "--chime-each-fault-baseline"
    try:
        return settings.read_baseline(FaultTable.read, path, option, "--chime-each-fault-update")
    except ChimeFixturesError as error:
        raise pytest.UsageError(f"{option}: {error}") from None


class FaultReport:
    """The table of a run.

    Args:
        config: the configuration of pytest.
        found: the payloads of the tests.
        baseline: the table to compare with; None without one.
    """

    def __init__(self, config: pytest.Config, found: Iterable[Mapping[str, Any]], baseline: FaultTable | None) -> None:
        parts = [FaultTable.from_dict(each) for each in found]
        self._config = config
        self._baseline = baseline
        self._table = FaultTable.of(
            [row for part in parts for row in part.rows],
            [note for part in parts for note in part.notes],
            [test for part in parts for test in part.tests],
        )
        self._is_update = bool(config.getoption("chime_each_fault_update"))
        self._is_written = False
        self._differences: tuple[Difference, ...] = ()
        if baseline is not None and not self._is_update:
            self._differences = self._table.differences(baseline)

    def finish(self, session: pytest.Session) -> None:
        """Store the table for other reports, write the baseline if that was requested, and set the exit status.

        The status is 1, as for failed tests, if a row differs from the baseline, or if no test was rerun for it.
        """
        session.config.stash[FAULT_TABLE] = self._table
        if self._baseline is None:
            return
        if self._is_update and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._table.updating(self._baseline).write(_path(self._config))
            self._is_written = True
        is_different = bool(self._differences) or not self._table.tests
        if is_different and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def show(self, terminal: Any) -> None:
        """Write the table, as far as the verbosity requires, the counts, and the comparison with the baseline."""
        terminal.section("chime: each fault")
        text = self._table.as_text(self._config.get_verbosity())
        if text:
            terminal.write_line(text)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self._table.counts.items() if count)
        number = len(self._table.rows)
        terminal.write_line(f"{number} rerun{'' if number == 1 else 's'}: {counts or 'no call was changed'}")
        if self._table.rows:
            row = next((row for row in self._table.rows if row.needs_look), self._table.rows[0])
            terminal.write_line(f'run one again: pytest "{row.test}" --chime-fault-schedule "{row.schedule}"')
        if self._baseline is not None:
            self._show_baseline(terminal)

    def _show_baseline(self, terminal: Any) -> None:
        name = self._config.getoption("chime_each_fault_baseline")
        if self._is_update:
            terminal.write_line(f"baseline {name}: {'written' if self._is_written else 'not written'}")
        elif not self._table.tests:
            terminal.write_line(f"baseline {name}: no test was rerun; select tests that use chime_stub", red=True)
        elif not self._differences:
            terminal.write_line(f"baseline {name}: no difference")
        else:
            number = len(self._differences)
            remedy = "--chime-each-fault-update accepts them"
            terminal.write_line(f"baseline {name}: {number} difference{'' if number == 1 else 's'}; {remedy}", red=True)
            for difference in self._differences:
                terminal.write_line(f"  {difference}")


def _path(config: pytest.Config) -> Path:
    name: str = config.getoption("chime_each_fault_baseline")
    return config.invocation_params.dir / name
