"""The options of ``--chime-each-fault``; since pytest always loads them, this imports only pytest at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chime_fixtures.contract_coverage.fault_table import FaultTable
    from chime_fixtures.service.injection import Injector
    from chime_fixtures.testing.fault_report import FaultReport

MARKER = "chime_each_fault"
OFF = "off"
LEVELS = ("faults", "violations", "all")

INJECTOR: pytest.StashKey[Injector] = pytest.StashKey()
"""The injector that a test's `chime_stub` is to attach, in the stash of the item."""
RERUN: pytest.StashKey[bool] = pytest.StashKey()
"""Present in the stash of an item while it is rerun."""
FAULT_TABLE: pytest.StashKey[FaultTable] = pytest.StashKey()
"""The table of the run, in the stash of the config of the main process when the session has finished."""

REPORT_ATTRIBUTE = "chime_each_fault"
"""The attribute of a test's last report that has its rows and notes; pytest-xdist sends it to the main process."""

_PLUGIN_NAME = "chime_each_fault"


def add_options(parser: pytest.Parser) -> None:
    """Add the options and the setting."""
    group = parser.getgroup("chime-fixtures", "Chime fixtures")
    group.addoption(
        "--chime-each-fault",
        nargs="?",
        const=LEVELS[0],
        type=_level,
        metavar="LEVEL",
        help="rerun each test that passed for every call of its chime_stub and every change of the response: faults "
        "(by default), violations, or all; the report is a table, and does not fail the run",
    )
    group.addoption(
        "--chime-each-fault-baseline",
        metavar="FILE",
        help="a table of --chime-each-fault to compare with; rows that differ in their outcome fail the run",
    )
    group.addoption(
        "--chime-each-fault-update", action="store_true", help="write the table into the file of the baseline"
    )
    group.addoption(
        "--chime-fault-schedule",
        metavar="CALL:FAULT",
        help="run the tests with one row of the table, as 'ListProxySessions#2:throttle'",
    )
    parser.addini("chime_each_fault_seconds", "the limit of each phase of a rerun", default="10")


def _level(text: str) -> str:
    if text not in LEVELS:
        # argparse takes the next argument for the level, which may be a path.
        message = f"must be {', '.join(LEVELS)}, not {text!r}; put a path before the option"
        raise pytest.UsageError(f"--chime-each-fault {message}")
    return text


def configure(config: pytest.Config) -> None:
    """Register the marker, and the plugin if an option requires it."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(level='faults'): rerun the test for each call and each change of the response, as "
        f"--chime-each-fault={'|'.join(LEVELS)} does; {MARKER}('{OFF}') leaves it out.",
    )
    if config.getoption("chime_each_fault_update") and not config.getoption("chime_each_fault_baseline"):
        raise pytest.UsageError("--chime-each-fault-update requires --chime-each-fault-baseline FILE to write")
    is_on = bool(config.getoption("chime_each_fault") or config.getoption("chime_each_fault_baseline"))
    schedule = config.getoption("chime_fault_schedule")
    if schedule is not None:
        if is_on:
            raise pytest.UsageError("--chime-fault-schedule runs one row; use it without --chime-each-fault")
        from chime_fixtures.testing.each_fault import check_schedule

        check_schedule(schedule)
    if is_on:
        _register(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Collector(config), f"{_PLUGIN_NAME}_table")


class _Collector:
    """Collects the rows of all tests, also from workers of pytest-xdist, whose main process collects no markers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: list[dict[str, Any]] = []
        self._report: FaultReport | None = None
        self._baseline: FaultTable | None = None
        if config.getoption("chime_each_fault_baseline"):
            from chime_fixtures.testing.fault_report import read_baseline

            self._baseline = read_baseline(config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = vars(report).get(REPORT_ATTRIBUTE)
        if found is not None:
            self._found.append(found)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._config.getoption("collectonly"):
            return
        if self._found or self._baseline is not None:
            from chime_fixtures.testing.fault_report import FaultReport

            self._report = FaultReport(self._config, self._found, self._baseline)
            self._report.finish(session)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._report is not None:
            self._report.show(terminalreporter)


def check_markers(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Check the levels of the markers, and register the plugin if a test is marked.

    Raises:
        pytest.UsageError: a marker has an unknown level.
    """
    for item in items:
        mark = item.get_closest_marker(MARKER)
        if mark is None:
            continue
        if level_of(mark) not in (*LEVELS, OFF):
            text = f"level must be {', '.join(LEVELS)} or {OFF}, not {level_of(mark)!r}"
            raise pytest.UsageError(f"{MARKER} of {item.nodeid}: {text}")
        if not config.getoption("chime_fault_schedule"):
            _register(config)


def level_of(mark: pytest.Mark) -> object:
    """Return the level of a marker."""
    return mark.args[0] if mark.args else mark.kwargs.get("level", LEVELS[0])


def injector_of(item: pytest.Item) -> Injector | None:
    """Return the injector that the stub of a test is to attach: that of the rerun, or of ``--chime-fault-schedule``."""
    schedule = item.config.getoption("chime_fault_schedule")
    if schedule is None:
        return item.stash.get(INJECTOR, None)
    from chime_fixtures.service.injection import Injector

    return Injector(schedule)


def _register(config: pytest.Config) -> None:
    if config.pluginmanager.has_plugin(_PLUGIN_NAME):
        return
    from chime_fixtures.testing.each_fault import EachFault

    config.pluginmanager.register(EachFault(config), _PLUGIN_NAME)
