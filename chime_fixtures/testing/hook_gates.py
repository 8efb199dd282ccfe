"""Gates in front of pytest's hooks: reports of reruns do not pass, and a teardown may keep fixtures of wider scope.

pytest has no option to run a test without reports. A hook wrapper that raises before it yields keeps the hook from all
implementations after it, and one around it catches the exception.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Generator, Iterator
from typing import Literal

import pytest

# pytest leaves the frames of this module out of tracebacks.
__tracebackhide__ = True

GateState = Literal["open", "holding", "closed", "ending"]
"""``open``: all reports pass; ``holding``: that of the teardown is kept; ``closed``: no report passes; ``ending``: no
report passes, and that of a teardown that failed is kept.
"""

NextItem = Callable[[pytest.Item | None], pytest.Item | None]
"""From the next item of a teardown to another one; None leaves the teardown as it is."""


class _Stopped(Exception):
    """The hook is kept from the implementations after this one."""


class _Redirected(Exception):
    """The teardown is run for another next item."""

    def __init__(self, nextitem: pytest.Item) -> None:
        super().__init__(nextitem)
        self.nextitem = nextitem


class HookGates:
    """The gates, for one test after the other: pytest keeps each plugin that was ever registered.

    Args:
        manager: the plugin manager of pytest.

    Attributes:
        state: the state of the gate for reports.
        held: the last report of a teardown that was kept; None without one.
        next_item: chooses the next item of a teardown.
    """

    def __init__(self, manager: pytest.PytestPluginManager) -> None:
        self.state: GateState = "open"
        self.held: pytest.TestReport | None = None
        self.next_item: NextItem = _same
        self._manager = manager
        self._plugins = (_Stopper(self), _Catcher())

    @contextlib.contextmanager
    def active(self, next_item: NextItem) -> Iterator[None]:
        """Make the gates the first implementations of their hooks meanwhile.

        Args:
            next_item: chooses the next item of a teardown, which decides about the fixtures that are kept.
        """
        self.state, self.held, self.next_item = "open", None, next_item
        for plugin in self._plugins:
            # The one that is registered last is called first.
            self._manager.register(plugin)
        try:
            yield
        finally:
            for plugin in self._plugins:
                self._manager.unregister(plugin)
            self.held, self.next_item = None, _same

    def stops(self, report: pytest.TestReport) -> bool:
        """True if a report does not pass; it is kept if the state requires that."""
        if report.when == "teardown" and (self.state == "holding" or (self.state == "ending" and report.failed)):
            self.held = report
            return True
        return self.state in ("closed", "ending")


class _Stopper:
    """The inner wrappers, which raise."""

    def __init__(self, gates: HookGates) -> None:
        self._gates = gates

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Generator[None, object, object]:
        if self._gates.state in ("closed", "ending"):
            raise _Stopped
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        if self._gates.stops(report):
            raise _Stopped
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Generator[None, object, object]:
        if self._gates.state != "open":
            raise _Stopped
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_exception_interact(self) -> Generator[None, object, object]:
        if self._gates.state == "closed":
            raise _Stopped
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> Generator[None, object, object]:
        other = self._gates.next_item(nextitem)
        if other is not None:
            raise _Redirected(other)
        return (yield)

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        """Return the report of a phase of a rerun without its traceback, which takes longer than most tests."""
        if self._gates.state != "closed":
            return None
        assert call.when != "collect"
        outcome: Literal["passed", "failed", "skipped"] = "passed"
        if call.excinfo is not None:
            outcome = "skipped" if call.excinfo.errisinstance(pytest.skip.Exception) else "failed"
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords=dict.fromkeys(item.keywords, 1),
            outcome=outcome,
            longrepr=None if call.excinfo is None else call.excinfo.exconly(),
            when=call.when,
        )

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Ignore the warnings of reruns, inside pytest's own wrapper, which would count them."""
        if self._gates.state not in ("closed", "ending"):
            return (yield)
        with warnings.catch_warnings(record=True):
            return (yield)


class _Catcher:
    """The outer wrappers, which catch the exceptions."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Generator[None, object, object]:
        return (yield from _caught())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, object, object]:
        return (yield from _caught())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Generator[None, object, object]:
        return (yield from _caught())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_exception_interact(self) -> Generator[None, object, object]:
        return (yield from _caught())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        try:
            return (yield)
        except _Redirected as redirected:
            nextitem = redirected.nextitem
        return item.ihook.pytest_runtest_teardown(item=item, nextitem=nextitem)


def _same(_: pytest.Item | None) -> None:
    """Leave a teardown as it is."""


def _caught() -> Generator[None, object, object]:
    try:
        return (yield)
    except _Stopped:
        return None
