"""Reruns of a test that passed, one for each call of its stub and each change of the response.

The idea is that of Filibuster (Meiklejohn et al., "Service-Level Fault Injection Testing", SoCC 2021).
"""

from __future__ import annotations

import gc
import itertools
import math
import re
import sys
import traceback
import unittest
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.contract_coverage.fault_table import FaultRow, Outcome
from chime_fixtures.service.injection import (
    MAX_CALLS_AFTER_CHANGE,
    Injector,
    Level,
    Target,
    possible_changes,
    split_schedule,
)
from chime_fixtures.service.redaction import printable
from chime_fixtures.testing.each_fault_options import INJECTOR, MARKER, OFF, REPORT_ATTRIBUTE, RERUN, level_of
from chime_fixtures.testing.fault_report import payload
from chime_fixtures.testing.hook_gates import HookGates
from chime_fixtures.testing.rerun_limits import TimeLimit, short_sleeps

# pytest leaves the frames of this module out of tracebacks.
__tracebackhide__ = True

CLIENT_PACKAGES = frozenset(
    {
        "aiobotocore",
        "aiohttp",
        "boto3",
        "botocore",
        "http",
        "httpcore",
        "httpx",
        "httpx2",
        "requests",
        "urllib",
        "urllib3",
    }
)
"""The packages whose exceptions, and subclasses of them, are those of a client library."""

_CLIENT_ERRORS = (ConnectionError, TimeoutError)
_JUNIT_FIXTURES = frozenset({"record_xml_attribute", "record_testsuite_property"})
_STUB_FIXTURES = frozenset({"chime_stub", "request"})
"""A test without them has no stub; with ``request`` it may get one by ``request.getfixturevalue("chime_stub")``."""
_MAX_DETAIL_CHARACTERS = 100
_VARYING = re.compile(r"0x[0-9a-fA-F]+|(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+")
_OWN_PACKAGE = "chime_fixtures"
_SITE = re.compile(r"[\\/](site|dist)-packages[\\/]")
_NOTE: pytest.StashKey[str] = pytest.StashKey()


def check_schedule(schedule: str) -> None:
    """Check the text of a schedule and its operation; its fault is checked by the contract of each test.

    Raises:
        pytest.UsageError: the text is not a schedule, or the operation does not exist.
    """
    try:
        operation_named(split_schedule(schedule)[0])
    except ChimeFixturesError as error:
        raise pytest.UsageError(f"--chime-fault-schedule: {error}") from None


@dataclass(slots=True)
class _Execution:
    """One execution of a test: the reports of its phases and subtests, and the exceptions that they are about."""

    reports: list[tuple[pytest.TestReport, BaseException | None]] = field(default_factory=list)

    @property
    def has_passed(self) -> bool:
        """True if no phase failed or was skipped, and none was expected to fail."""
        return all(report.passed and not hasattr(report, "wasxfail") for report, _ in self.reports)

    @property
    def has_run(self) -> bool:
        """True if the test itself ran."""
        return any(report.when == "call" for report, _ in self.reports)

    @property
    def failure(self) -> tuple[pytest.TestReport, BaseException | None] | None:
        """The first failed phase with its exception; None if none failed."""
        return next((entry for entry in self.reports if entry[0].failed), None)


class _EndOfReruns(pytest.Item):
    """An item that does nothing, after the reruns of a test: the fixtures of wider scope end with it."""

    original: pytest.Item

    def setup(self) -> None:
        """Delete what the reruns have left, so that no later test gets the warnings of deleted objects."""
        gc.collect()

    def runtest(self) -> None:
        """Do nothing."""

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Return the location of the test."""
        path, line, name = self.original.reportinfo()
        return str(path), line, name


class EachFault:
    """The plugin.

    Args:
        config: the configuration of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._gates = HookGates(config.pluginmanager)
        self._level: str | None = config.getoption("chime_each_fault") or (
            "faults" if config.getoption("chime_each_fault_baseline") else None
        )
        self._seconds = _seconds(config)
        self._reruns: _Reruns | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a test, and rerun it if it passed and used the stub; nested calls go on to the other plugins."""
        if self._reruns is not None:
            return None
        mark = item.get_closest_marker(MARKER)
        level: Any = level_of(mark) if mark is not None else self._level
        if level in (None, OFF) or _STUB_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            return None
        reason = _reason_against(item)
        if reason is not None:
            if "chime_stub" in getattr(item, "fixturenames", ()):
                item.stash[_NOTE] = reason
            return None
        self._reruns = reruns = _Reruns(item, nextitem, level, self._seconds, self._gates)
        try:
            reruns.run()
        finally:
            self._reruns = None
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Record the outcome of a phase or subtest."""
        report = yield
        if self._reruns is not None:
            self._reruns.execution.reports.append((report, call.excinfo and call.excinfo.value))
        elif call.when == "teardown" and _NOTE in item.stash:
            vars(report)[REPORT_ATTRIBUTE] = payload(item.nodeid, (), [item.stash[_NOTE]])
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Leave the calls of fixtures of wider scope alone: they are set up only once."""
        if self._reruns is None or fixturedef.scope == "function":
            return (yield)
        with self._reruns.injector.paused():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Limit the time of a rerun's setup."""
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Limit the time of a rerun's call."""
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Limit the time of a rerun's teardown."""
        return (yield from self._limited())

    def _limited(self) -> Generator[None, object, object]:
        limit = self._reruns.limit if self._reruns is not None else None
        if limit is None:
            return (yield)
        with limit.running():
            return (yield)


class _Reruns:
    """The first run of a test, and its reruns.

    Attributes:
        injector: that of the run.
        execution: that of the run.
        limit: the time limit of the run; None for the first one.
    """

    def __init__(
        self, item: pytest.Item, nextitem: pytest.Item | None, level: Level, seconds: float, gates: HookGates
    ) -> None:
        self._gates = gates
        self.injector = Injector()
        self.execution = _Execution()
        self.limit: TimeLimit | None = None
        self._item = item
        self._nextitem = nextitem
        self._level = level
        self._seconds = seconds
        self._instance = _attributes(item)
        self._attributes = dict(self._instance)
        # Of all nodes, only the item itself is not above this one.
        assert item.parent is not None
        self._end: _EndOfReruns = _EndOfReruns.from_parent(item.parent, name=item.name)
        self._end.original = item

    def run(self) -> None:
        """Run the test, and all reruns if it passed and used the stub; report its end after them."""
        with self._gates.active(self._next_item):
            self._execute(self._item, self._nextitem, self.injector)
            report = self._gates.held
            if report is not None:
                self._run_again(report, [target.name for target in self.injector.targets])

    def _run_again(self, report: pytest.TestReport, first_calls: Sequence[str]) -> None:
        rows: list[FaultRow] = []
        notes: list[str] = []
        self._item.stash[RERUN] = True
        self._gates.state = "closed"
        try:
            for each in self._rerun(first_calls):
                if isinstance(each, str):
                    notes.append(each)
                else:
                    rows.append(each)
        finally:
            del self._item.stash[RERUN]
            self._report_end(report, payload(self._item.nodeid, rows, notes))

    def _next_item(self, _nextitem: pytest.Item | None) -> pytest.Item | None:
        """The next item of the teardown of the first run, if there will be reruns: the fixtures above it are kept."""
        session = self._item.session
        is_first = self._gates.state == "open"
        is_to_stop = session.shouldfail or session.shouldstop
        has_passed = self.execution.has_run and self.execution.has_passed
        if not is_first or is_to_stop or not has_passed or self.injector.contract is None:
            return None
        self._gates.state = "holding"
        return self._end

    def _execute(self, item: pytest.Item, nextitem: pytest.Item | None, injector: Injector) -> _Execution:
        self.injector, self.execution = injector, _Execution()
        # pytest creates the instance of a test class once for each test.
        self._instance.clear()
        self._instance.update(self._attributes)
        item.stash[INJECTOR] = injector
        try:
            item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        finally:
            del item.stash[INJECTOR]
        return self.execution

    def _rerun(self, first_calls: Sequence[str]) -> Iterator[FaultRow | str]:
        """Yield the row of each rerun, and notes on calls that are not rerun."""
        injector = Injector()
        outcome, detail = self._outcome_of(injector)
        if outcome != "unaffected" or injector.contract is None:
            yield f"without a change, a second run of the test ends otherwise: {outcome}{detail and f', {detail}'}"
            return
        repeated = {target.name for target in injector.targets}
        yield from (f"{name}: a second run does not make the call" for name in first_calls if name not in repeated)
        seen: dict[tuple[str, str], Target] = {}
        for target in injector.targets:
            changes = possible_changes(target, self._level, injector.contract)
            is_new = [seen.setdefault((target.digest, change), target) is target for change in changes]
            if changes and not any(is_new):
                first = seen[target.digest, changes[0]]
                yield f"{target.name}: request and state are those of {first.name}"
            for change in itertools.compress(changes, is_new):
                changed = Injector(f"{target.name}:{change}")
                yield FaultRow(
                    self._item.nodeid, target.operation, target.occurrence, change, *self._outcome_of(changed)
                )

    def _outcome_of(self, injector: Injector) -> tuple[Outcome, str]:
        """Rerun the test; return its outcome and the detail."""
        self.limit = limit = TimeLimit(self._seconds)
        with short_sleeps(injector):
            execution = self._execute(self._item, self._end, injector)
        if injector.is_exhausted:
            return "not settled", f"more than {MAX_CALLS_AFTER_CHANGE} calls after the change"
        if limit.is_exceeded:
            return "not settled", f"more than {self._seconds:g} seconds"
        if injector.injection is not None and not injector.is_applied:
            return "not settled", "the call was not made"
        if execution.failure is None:
            skipped = any(report.skipped for report, _ in execution.reports)
            return "unaffected", "skipped" if skipped else ""
        report, error = execution.failure
        if error is None:
            return "assertion failed", _line(report.longreprtext)
        text = str(error)
        return outcome_of(error), _line(f"{type(error).__name__}: {text}" if text else type(error).__name__)

    def _report_end(self, report: pytest.TestReport, found: dict[str, Any]) -> None:
        """End the fixtures of wider scope; report the end of the test, or the failure of one of them."""
        self._gates.state, self._gates.held, self.limit = "ending", None, None
        try:
            self._execute(self._end, self._nextitem, Injector())
        finally:
            self._gates.state = "open"
            last = self._gates.held or report
            vars(last).update({**vars(report), **vars(last), REPORT_ATTRIBUTE: found})
            self._item.ihook.pytest_runtest_logreport(report=last)
            self._item.ihook.pytest_runtest_logfinish(nodeid=self._item.nodeid, location=self._item.location)


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of a test that an exception has reached.

    Of a group, an assertion counts first, then any other exception. An exception that was raised from one of a client
    library counts as that one.
    """
    if isinstance(error, BaseExceptionGroup):
        found = {outcome_of(each) for each in error.exceptions}
        return next(each for each in ("assertion failed", "other exception", "error surfaced") if each in found)
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return "assertion failed"
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if _is_of_client(cause):
            return "error surfaced"
        cause = cause.__cause__
    return "other exception"


def _is_of_client(error: BaseException) -> bool:
    """True if an exception is of a class of a client library, or was raised in one or below it."""
    packages = {_package(base.__module__) for base in type(error).__mro__}
    if isinstance(error, _CLIENT_ERRORS) or not packages.isdisjoint(CLIENT_PACKAGES):
        return True
    for frame, _ in reversed([*traceback.walk_tb(error.__traceback__)]):
        package = _package(frame.f_globals.get("__name__", ""))
        if package in CLIENT_PACKAGES:
            return True
        # Other libraries may be below the client library, as a parser of timestamps.
        is_library = package in sys.stdlib_module_names or _SITE.search(frame.f_code.co_filename)
        if package == _OWN_PACKAGE or not is_library:
            return False
    return False


def _package(module: str) -> str:
    return module.partition(".")[0]


def _attributes(item: pytest.Item) -> dict[str, Any]:
    """The attributes of the instance of a test class; none of a `unittest.TestCase`, which pytest creates anew."""
    test_class = getattr(item, "cls", None)
    if test_class is None or issubclass(test_class, unittest.TestCase):
        return {}
    return getattr(getattr(item, "instance", None), "__dict__", {})


def _line(text: str) -> str:
    """The first line of a text, without addresses and ports, which differ between two runs."""
    first = _VARYING.sub("...", printable(text.strip().partition("\n")[0]))
    if len(first) <= _MAX_DETAIL_CHARACTERS:
        return first
    return f"{first[: _MAX_DETAIL_CHARACTERS - 3]}..."


def _reason_against(item: pytest.Item) -> str | None:
    """The reason why a test can't be rerun; None if it can."""
    if hasattr(getattr(item, "obj", None), "hypothesis"):
        return "@given draws other examples in each run"
    used = sorted(_JUNIT_FIXTURES.intersection(getattr(item, "fixturenames", ())))
    if used and item.config.getoption("xmlpath", None):
        return f"{used[0]} writes into the JUnit file in each run"
    return None


def _seconds(config: pytest.Config) -> float:
    text: str = config.getini("chime_each_fault_seconds")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise pytest.UsageError(f"chime_each_fault_seconds must be a number above 0, not {text!r}")
    return seconds
