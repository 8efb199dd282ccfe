"""The pytest plugin of contract coverage; it is imported if coverage is measured."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from chime_fixtures.contract_coverage.coverage import Coverage, merged
from chime_fixtures.contract_coverage.coverage_text import (
    json_text,
    markdown,
    missing_lines,
    table_lines,
    total_percentage,
)
from chime_fixtures.contract_coverage.recorder import Recorder
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import case_observers, instance_observers
from chime_fixtures.service.observers import call_observers
from chime_fixtures.testing.coverage_options import CoverageSettings
from chime_fixtures.testing.each_fault_options import FAULT_TABLE, RERUN
from chime_fixtures.testing.stored_cases import cases_in_cache

if TYPE_CHECKING:
    from chime_fixtures.contract_coverage.fault_table import FaultTable

_OUTCOMES: pytest.StashKey[list[str]] = pytest.StashKey()
_OUTPUT = "chime_coverage"
"""The key under which a worker of pytest-xdist sends its coverage."""

_CONTRACTS = "chime_coverage_contracts"
"""The key under which it sends the contracts of the pages."""

_CACHE_KEY = "chime-fixtures/coverage"
_CACHE_VERSION = 1


class CoveragePlugin:
    """Measures the coverage of a run, and writes its reports.

    Args:
        settings: the settings of the run.
        contract: returns the contract of the run, by its settings.
    """

    def __init__(self, settings: CoverageSettings, contract: Callable[[], Contract]) -> None:
        self._settings = settings
        self._contract = contract
        self._recorder: Recorder | None = None
        self._of_workers: list[dict[str, Any]] = []
        self._contracts_of_workers: list[bytes] = []
        self._by_case: tuple[Coverage, ...] = ()
        self._coverages: tuple[Coverage, ...] = ()
        self._files: list[str] = []

    @property
    def _needs_hints(self) -> bool:
        return any(report.kind not in ("term", "markdown") for report in self._settings.reports)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start to observe."""
        if self._settings.is_appended and not hasattr(session.config, "cache"):
            raise pytest.UsageError("--chime-cov-append requires the cache of pytest; remove -p no:cacheprovider")
        recorder = self._recorder = Recorder(self._contract(), cases_in_cache(session.config))
        instance_observers.add(recorder.observe_instance)
        case_observers.add(recorder.observe_cases)
        call_observers.add(recorder.observe_call)

    def pytest_unconfigure(self) -> None:
        """Stop to observe."""
        if self._recorder is not None:
            instance_observers.remove(self._recorder.observe_instance)
            case_observers.remove(self._recorder.observe_cases)
            call_observers.remove(self._recorder.observe_call)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Record enumerated cases among the arguments; of a Hypothesis test, keep what examples met that passed."""
        recorder = self._recorder
        assert recorder is not None
        recorder.observe_arguments(pyfuncitem.funcargs.values())
        handle = getattr(pyfuncitem.obj, "hypothesis", None)
        if handle is None:
            return (yield)
        recorder.end_example(is_kept=True)
        inner = handle.inner_test
        handle.inner_test = _observed(inner, recorder)
        try:
            return (yield)
        finally:
            handle.inner_test = inner
            recorder.end_example(is_kept=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep what a test met if all its phases have passed."""
        report = yield
        assert self._recorder is not None
        outcomes = item.stash.setdefault(_OUTCOMES, [])
        if call.when == "setup":
            # A rerun of the test starts anew.
            outcomes.clear()
        outcomes.append(report.outcome)
        if call.when == "teardown":
            # A rerun with a change is not a test of its own.
            has_passed = set(outcomes) == {"passed"} and RERUN not in item.stash
            self._recorder.end_test(item.nodeid, has_passed=has_passed)
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Receive the coverage of a worker of pytest-xdist; one that has crashed sent none."""
        output = getattr(node, "workeroutput", None) or {}
        self._of_workers += output.get(_OUTPUT, ())
        self._contracts_of_workers += output.get(_CONTRACTS, ())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Compute the coverage when all tests have run, and fail the run if it is too low."""
        try:
            return (yield)
        finally:
            if not session.config.getoption("collectonly"):
                self._conclude(session)

    def _conclude(self, session: pytest.Session) -> None:
        recorder = self._recorder
        assert recorder is not None
        config: Any = session.config
        if self._of_workers:
            coverages = merged(map(Coverage.from_dict, self._of_workers))
        else:
            coverages = recorder.coverages(with_hints=self._needs_hints)
        if hasattr(config, "workerinput"):
            config.workeroutput[_OUTPUT] = [each.as_dict() for each in coverages]
            if any(report.kind == "html" for report in self._settings.reports):
                from chime_fixtures.testing.coverage_pages import pickled

                config.workeroutput[_CONTRACTS] = pickled(recorder.contracts)
            return
        cache = getattr(config, "cache", None)
        if cache is not None:
            coverages = merged([*coverages, *(_previous(cache) if self._settings.is_appended else ())])
            # As one text: pytest indents what it stores, which takes longer.
            content = {"version": _CACHE_VERSION, "contracts": [each.as_dict() for each in coverages]}
            cache.set(_CACHE_KEY, json.dumps(content))
        kept = [each.without(self._settings.omitted).with_used_operations() for each in coverages]
        self._by_case = coverages = tuple(kept)
        is_by_constraint = self._settings.level == "constraint"
        self._coverages = tuple(each.by_constraint() for each in coverages) if is_by_constraint else coverages
        if self._is_too_low:
            # Later it would not change the exit code.
            session.testsfailed += 1

    @property
    def _is_too_low(self) -> bool:
        minimum = self._settings.fail_under
        return minimum is not None and bool(self._coverages) and total_percentage(self._coverages) < minimum

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports into their files."""
        if not self._coverages:
            return
        for report in self._settings.reports:
            if report.kind == "json":
                self._write(report.destination, json_text(self._coverages))
            elif report.kind == "markdown":
                self._write(report.destination, markdown(self._coverages))
            elif report.kind == "html":
                self._write_pages(report.destination, session.config.stash.get(FAULT_TABLE, None))

    def _write_pages(self, folder: str, faults: FaultTable | None) -> None:
        from chime_fixtures.testing.coverage_pages import pages, unpickled

        assert self._recorder is not None
        contracts = [*self._recorder.contracts, *unpickled(self._contracts_of_workers)]
        for coverage, (name, page) in zip(self._by_case, pages(self._by_case, contracts, faults), strict=True):
            if page is None:
                self._files.append(f"{coverage.contract} has no page, as no test of this run uses it")
            else:
                self._write(f"{folder}/{name}", page)

    def _write(self, destination: str, text: str) -> None:
        path = self._settings.folder / destination
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            self._files.append(f"{destination} could not be written: {error.strerror or error}")
        else:
            self._files.append(f"written to {destination}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the table of each contract, and the goals that were not met."""
        if not self._coverages:
            return
        kinds = {report.kind for report in self._settings.reports}
        for coverage in self._coverages if kinds & {"term", "term-missing"} else ():
            terminalreporter.section(f"contract coverage: {coverage.contract}", "-")
            for line in (*table_lines(coverage), *(missing_lines(coverage) if "term-missing" in kinds else ())):
                terminalreporter.write_line(line)
        for line in self._files:
            terminalreporter.write_line(f"contract coverage: {line}")
        minimum = self._settings.fail_under
        if minimum is not None:
            total = total_percentage(self._coverages)
            if self._is_too_low:
                line = f"FAIL Required contract coverage of {minimum:g}% not reached. Total coverage: {total:.2f}%"
                terminalreporter.write_line(line, red=True, bold=True)
            else:
                line = f"Required contract coverage of {minimum:g}% reached. Total coverage: {total:.2f}%"
                terminalreporter.write_line(line, green=True)


def _observed(inner: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """The function of a Hypothesis test, which tells the recorder the examples that passed."""
    if inspect.iscoroutinefunction(inner):

        @functools.wraps(inner)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            with recorder.example():
                return await inner(*args, **kwargs)

        return run_async

    @functools.wraps(inner)
    def run(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with recorder.example():
            return inner(*args, **kwargs)

    return run


def _previous(cache: Any) -> list[Coverage]:
    """The coverage of the previous run; none if there was none, or its format is another one."""
    text = cache.get(_CACHE_KEY, None)
    value = json.loads(text) if isinstance(text, str) else {}
    if value.get("version") != _CACHE_VERSION:
        return []
    return [Coverage.from_dict(each) for each in value["contracts"]]
