"""The pytest plugin of ``--chime-conform``: one item for each check of a server."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.conformance.baseline import Baseline
from chime_fixtures.conformance.http_transport import ClockUrl, HttpTransport, Sign, header_field
from chime_fixtures.conformance.records import Check, ConformanceReport, Finding
from chime_fixtures.conformance.report_formats import counts_line, policies_expression
from chime_fixtures.conformance.runner import ConformanceRun, all_checks, check_ids, chosen_ids, response_check_ids
from chime_fixtures.conformance.signing import environment_signer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.pointer import printable
from chime_fixtures.testing.conform_options import ConformSettings
from chime_fixtures.testing.settings import ContractsOfTests, read_baseline

# pytest leaves the frames of this module out of tracebacks.
__tracebackhide__ = True

NODE_ID = "chime-conform"
"""The node of the checks: the id of an item is ``chime-conform::`` with the id of its check."""

_REPORT_ATTRIBUTE = "chime_conform"
"""The attribute of a check's report that has its finding; pytest-xdist sends it to the main process."""

_LEFTOVERS = "chime_conform_leftovers"
"""The key under which a worker of pytest-xdist sends what it could not remove."""

_XDIST_GROUP = "xdist_group"
_OPTION = re.compile(r"(?<![\w-])--(?=[a-z])")
_FINDING: pytest.StashKey[Finding] = pytest.StashKey()


class ConformPlugin:
    """Collects and makes the checks.

    Args:
        config: the configuration of pytest.
        settings: the settings of the checks.
        contracts: the contracts of the settings.
        seed: the seed of ids in requests.

    Raises:
        pytest.UsageError: a setting is invalid.
    """

    def __init__(
        self, config: pytest.Config, settings: ConformSettings, contracts: ContractsOfTests, seed: int
    ) -> None:
        self._config = config
        self._settings = settings
        self._selected: frozenset[str] | None = None
        self._is_started = False
        self._made: set[str] = set()
        self._findings: dict[str, Finding] = {}
        self._policies: dict[str, Any] = {}
        self._leftovers: list[str] = []
        self._notes: list[str] = []
        contract = _contract(settings, contracts)
        try:
            self._baseline = _read_baseline(settings)
            self._transport = HttpTransport(
                settings.url,
                timeout=settings.timeout,
                sign=_signer(settings),
                allow_aws_host=settings.allow_aws_host,
            )
            clock = _clock(settings)
            self._run = ConformanceRun(
                self._transport.send,
                connector_id=settings.connector or None,
                contract=contract,
                seed=seed,
                headers=dict(map(header_field, settings.headers)),
                base=self._transport.base,
                advance=None if clock is None else clock.advance,
            )
        except ChimeFixturesError as error:
            raise _usage_error(error) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Take the ids of checks, or patterns of them, out of the arguments, which are those of files."""
        names = [name for name in self._config.args if name.partition("::")[0] == NODE_ID]
        if not names:
            return
        self._config.args[:] = [name for name in self._config.args if name not in names]
        try:
            self._selected = chosen_ids(name.partition("::")[2] or "*" for name in names)
        except ChimeFixturesError as error:
            raise _usage_error(error) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Add the checks to the items, before other plugins select some."""
        node = ConformNode.from_parent(session, name=NODE_ID, nodeid=NODE_ID)
        node.ids = [
            each
            for each in (*(check.id for check in all_checks()), *response_check_ids())
            if self._selected is None or each in self._selected
        ]
        node.plugin = self
        items.extend(session.genitems(node))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Send the first request, so that a server without a response is one error."""
        is_worker = hasattr(self._config, "workerinput")
        is_used = any(isinstance(item, ConformItem) for item in session.items)
        if is_used and not is_worker and not self._config.getoption("collectonly"):
            try:
                self.start()
            except (ChimeFixturesError, OSError) as error:
                raise self._start_error(error) from error

    def start(self) -> None:
        """Put the proxy configuration that the checks need, before the first one."""
        if not self._is_started:
            self._run.start()
            self._is_started = True

    def _start_error(self, error: Exception) -> pytest.UsageError:
        if isinstance(error, OSError):
            text = f"{self._settings.url}: no response: {error.strerror or error}"
            return pytest.UsageError(f"--chime-conform: {text}")
        return _usage_error(error)

    def finding(self, item: ConformItem) -> Finding:
        """Return the finding of a check, after it was made."""
        message = ""
        try:
            self.start()
        except (ChimeFixturesError, OSError) as error:
            message = str(self._start_error(error))
        if message:
            # A worker of pytest-xdist; one error, not one for each check.
            item.session.shouldfail = message
            pytest.fail(message, pytrace=False)
        if item.name in response_check_ids():
            # They judge the responses of all other checks, also of those that are not selected.
            for check in all_checks():
                if check.id not in self._made:
                    self._make(check)
            return next(each for each in self._run.response_findings() if each.id == item.name)
        return self._make(next(check for check in all_checks() if check.id == item.name))

    def _make(self, check: Check) -> Finding:
        self._made.add(check.id)
        return self._run.make(check)

    def conclude(self, finding: Finding) -> None:
        """End the test of a check by the outcome that its finding and the baseline require."""
        is_known = self._baseline is not None and finding.id in self._baseline.failed
        text = f"{finding.id}: {finding.sentence} [{finding.kind}: {finding.evidence}]"
        if finding.outcome == "skipped":
            pytest.skip(printable(finding.detail))
        elif finding.outcome == "failed":
            if is_known or (self._baseline is None and self._settings.is_update):
                pytest.xfail(f"known failure: {printable(finding.detail)}")
            # The short summary of pytest has the start of the line, beside the id.
            pytest.fail(printable(f"{finding.detail}; {text}"), pytrace=False)
        elif is_known and not self._settings.is_update:
            text = "no longer fails; --chime-conform-update-baseline removes it"
            pytest.fail(f"{self._settings.baseline}: {finding.id} {text}", pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the finding to the report of a check."""
        report = yield
        finding = item.stash.get(_FINDING, None)
        if call.when == "call" and finding is not None:
            if finding.outcome == "skipped":
                # The place of a skipped check is its node, instead of a line of this module.
                vars(report)["longrepr"] = NODE_ID, None, f"Skipped: {printable(finding.detail)}"
            vars(report)[_REPORT_ATTRIBUTE] = {"finding": finding.as_dict(), "policies": self._run.changed_policies}
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the findings, including those of workers of pytest-xdist."""
        found = vars(report).get(_REPORT_ATTRIBUTE)
        if found is not None:
            self._findings[found["finding"]["id"]] = Finding(**found["finding"])
            self._policies = {**self._policies, **found["policies"]}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Receive what a worker of pytest-xdist could not remove; one that has crashed sent nothing."""
        self._leftovers += (getattr(node, "workeroutput", None) or {}).get(_LEFTOVERS, ())

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Remove what the checks created, also after -x or an interruption, and update the baseline."""
        if self._is_started:
            with self._transport:
                self._run.finish()
            self._leftovers += self._run.leftovers
        if hasattr(self._config, "workerinput"):
            vars(self._config)["workeroutput"][_LEFTOVERS] = self._leftovers
        elif self._settings.is_update and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._notes += _updated(self._settings, self._baseline, self._report)

    @property
    def _report(self) -> ConformanceReport:
        findings = tuple(self._findings[each] for each in check_ids() if each in self._findings)
        return ConformanceReport(findings, self._policies, tuple(self._leftovers))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the policies that the server follows, the counts, and what could not be removed."""
        report = self._report
        if not report.findings and not report.leftovers:
            return
        terminalreporter.section("chime: conformance")
        for line in (*_summary(report), *self._notes):
            terminalreporter.write_line(line)


class ConformNode(pytest.Collector):
    """The node of the checks."""

    ids: list[str]
    plugin: ConformPlugin

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each check, in the order of a report; those of responses last."""
        # Without pytest-xdist the marker is unknown.
        is_grouped = any(line.startswith(_XDIST_GROUP) for line in self.config.getini("markers"))
        for each in self.ids:
            item = ConformItem.from_parent(self, name=each)
            item.plugin = self.plugin
            if is_grouped:
                item.add_marker(getattr(pytest.mark, _XDIST_GROUP)(NODE_ID))
            yield item


class ConformItem(pytest.Item):
    """A check of the server."""

    plugin: ConformPlugin

    def runtest(self) -> None:
        """Make the check."""
        finding = self.plugin.finding(self)
        self.stash[_FINDING] = finding
        if finding.outcome == "policy":
            self.user_properties.append(("chime_policy", finding.detail))
        self.plugin.conclude(finding)

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Return the location; with -v, pytest changes a name with which the id of the item ends."""
        return NODE_ID, None, f"check {self.name}"


def _contract(settings: ConformSettings, contracts: ContractsOfTests) -> Contract:
    if settings.contract is None:
        return contracts.of_settings
    name, folder = settings.contract
    return contracts.named(name, folder, "--chime-conform-contract")


def _signer(settings: ConformSettings) -> Sign | None:
    return environment_signer() if settings.is_signed else None


def _clock(settings: ConformSettings) -> ClockUrl | None:
    if not settings.clock:
        return None
    return ClockUrl(settings.clock, timeout=settings.timeout, allow_aws_host=settings.allow_aws_host)


def _read_baseline(settings: ConformSettings) -> Baseline | None:
    path = settings.baseline
    if path is None or (settings.is_update and not path.exists()):
        return None
    return read_baseline(Baseline.read, path, "--chime-conform-baseline", "--chime-conform-update-baseline")


def _updated(settings: ConformSettings, known: Baseline | None, report: ConformanceReport) -> Iterator[str]:
    """Write the baseline; yields a line about it."""
    path = settings.baseline
    assert path is not None
    if known is None:
        known = Baseline.of(report)
        known.write(path)
        yield f"wrote {len(known.failed)} known failures to {path}"
    elif fixed := known.fixed(report):
        known.without(fixed).write(path)
        yield f"removed {len(fixed)} checks that no longer fail from {path}"


def _usage_error(error: Exception) -> pytest.UsageError:
    """The error of a setting; its options are those of the command `conform`, without the prefix of pytest's."""
    return pytest.UsageError(f"--chime-conform: {_OPTION.sub('--chime-conform-', str(error))}")


def _summary(report: ConformanceReport) -> Iterator[str]:
    for each in report.of("policy"):
        yield f"{each.id}: {printable(each.detail)}"
    if report.policies:
        yield f"the stub behaves like this server with {policies_expression(report.policies)}"
    yield counts_line(report)
    for leftover in report.leftovers:
        yield f"warning: not removed: {printable(leftover)}"
