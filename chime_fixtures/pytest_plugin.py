"""The pytest fixtures and options.

pytest loads this module wherever the package is installed, so it imports only pytest and the standard library; each
fixture imports what it needs when it is used.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import boto3

    from chime_fixtures.chime.representations import Form
    from chime_fixtures.engine.cases import Edge, Hazard
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation
    from chime_fixtures.server.server import ChimeServer
    from chime_fixtures.service import Clock, Policies
    from chime_fixtures.sessions.factory import ProxySessionFactory
    from chime_fixtures.sessions.list_cases import ListCase
    from chime_fixtures.stub import ChimeStub
    from chime_fixtures.testing.cases import Tolerance
    from chime_fixtures.testing.settings import ContractsOfTests

_DEFAULT_FORM = "wire"
_CASES_MARKER = "chime_cases"
_CASE_FIXTURES = ("proxy_session_edge", "proxy_session_hazard", "proxy_session_list", "proxy_session_violation")
_STUB: pytest.StashKey[ChimeStub] = pytest.StashKey()
_CONTRACTS: pytest.StashKey[ContractsOfTests] = pytest.StashKey()
_USAGE_ERROR: pytest.StashKey[pytest.UsageError] = pytest.StashKey()
_TALLY: pytest.StashKey[dict[str, int]] = pytest.StashKey()
_FAILURE: pytest.StashKey[BaseException | None] = pytest.StashKey()
_APPLIED: pytest.StashKey[dict[int, pytest.Mark]] = pytest.StashKey()
_TOLERANCE: pytest.StashKey[Tolerance] = pytest.StashKey()
_REPORT_ATTRIBUTE = "chime_tally"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command-line options and the settings of an ini file."""
    from chime_fixtures.testing import conform_options, coverage_options, each_fault_options

    group = parser.getgroup("chime-fixtures", "Chime fixtures")
    group.addoption(
        "--chime-seed",
        type=int,
        metavar="N",
        help="the seed of the fixtures' sessions, ids and telephone numbers; 0 by default. "
        "The values of a test depend on this seed and the test's id, not on the order of the tests.",
    )
    group.addoption(
        "--chime-save-failing",
        metavar="DIR",
        help="write the shrunk example of each failing Hypothesis test into this directory, one JSON file for each "
        "argument.",
    )
    group.addoption(
        "--chime-lax", action="store_true", help="accept unmatched requests and unused faults in chime_stub"
    )
    group.addoption("--chime-calls", action="store_true", help="show the requests and responses of failed tests")
    group.addoption("--chime-dump", metavar="DIR", help="write the calls of each test into a file of JSON lines")
    coverage_options.add_options(parser, group)
    conform_options.add_options(parser, group)
    parser.addini(
        "chime_contract",
        "FILE[#/POINTER] of the JSON Schema of an imitator's sessions, relative to rootdir; or package.module:Model",
    )
    parser.addini(
        "chime_contract_resources", "files and folders that the schema refers to, one a line", type="linelist"
    )
    parser.addini("chime_contract_formats", "NAME=REGEX, one a line: custom formats; NAME= ignores it", type="linelist")
    parser.addini("chime_contract_annotations", "keywords of the schema to ignore without a warning", type="args")
    parser.addini("chime_contract_dialect", "the draft of a schema without $schema", default="auto")
    parser.addini("chime_contract_strict", "unknown keywords and formats of the schema are errors", type="bool")
    parser.addini("chime_base_url", "the URL of an imitator of Chime, whose requests chime_stub intercepts too")
    parser.addini("chime_seed", "the default of --chime-seed", default="0")
    parser.addini(
        "chime_strict", "unmatched requests and unused faults fail a test (see --chime-lax)", type="bool", default=True
    )
    parser.addini("chime_form", "timestamps of sessions: wire for text, boto3 for datetimes", default=_DEFAULT_FORM)
    parser.addini("chime_region", "the region of chime_client; by default that of the environment, or else us-east-1")
    parser.addini("chime_policies", "NAME=SETTING, one a line: the settings of undocumented rules", type="linelist")
    each_fault_options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and the collector of the summary line."""
    config.addinivalue_line(
        "markers",
        "chime_fault(fault, *, operation=None, times=1, after=0, commit=None): a fault of chime_stub, with the "
        "arguments of its method fail(); an unused one fails the test.",
    )
    config.addinivalue_line(
        "markers",
        "chime_contract(contract, **options): the contract of sessions and violations: FILE[#/POINTER] relative to "
        "rootdir, package.module:Model, a JSON Schema, a model or a Contract, with the options of Contract.of().",
    )
    config.addinivalue_line(
        "markers",
        "chime_cases(only=[], skip=[], tolerated={}): the edges, hazards, lists and violations that a test runs once "
        'for, by patterns of their ids, as in only=["Name.*"]; tolerated={"Name.maxLength": "we truncate"} maps those '
        "that fail to the reason, and one that no longer fails is an error.",
    )
    config.pluginmanager.register(_SummaryCollector(), "chime_summary")
    from chime_fixtures.testing import conform_options, coverage_options, each_fault_options

    if coverage_options.is_measured(config):
        from chime_fixtures.testing.coverage_plugin import CoveragePlugin

        settings = coverage_options.read_settings(config)
        plugin = CoveragePlugin(settings, lambda: _contracts(config).of_settings)
        config.pluginmanager.register(plugin, "chime_coverage")
    if coverage_options.has_events(config):
        from chime_fixtures.testing.case_events import CaseEvents

        events = CaseEvents(lambda: _contracts(config).of_settings)
        config.pluginmanager.register(events, "chime_events")
    each_fault_options.configure(config)
    conform_options.configure(config, lambda: _contracts(config), lambda: _run_seed(config))


def pytest_report_header(config: pytest.Config) -> str | None:
    """Return the line of the settings, with ``-v`` or if one of the options is set."""
    options = (config.getoption(f"chime_{name}") for name in ("seed", "lax", "calls", "dump"))
    if config.get_verbosity() < 1 and all(option in (None, False) for option in options):
        return None
    settings = [f"seed {_run_seed(config)}", "strict" if _is_strict(config) else "lax"]
    settings += [
        f"{name} {value}" for name in ("contract", "base_url", "region") if (value := config.getini(f"chime_{name}"))
    ]
    settings += config.getini("chime_policies")
    return f"chime: {', '.join(settings)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise a test with the cases of each finite set that it uses."""
    used = [name for name in _CASE_FIXTURES if name in metafunc.fixturenames]
    fixtures = [name for name in used if not _is_parametrised(metafunc, name)]
    if not fixtures:
        return
    from chime_fixtures.testing.cases import select

    definition, stash = metafunc.definition, metafunc.config.stash
    try:
        selected = select(definition, fixtures, _contract(definition))
    except pytest.UsageError as error:
        # Collection would report it for each module.
        stash.setdefault(_USAGE_ERROR, error)
        return
    # The marks are kept, so that the id of one is not used again.
    stash.setdefault(_APPLIED, {}).update((id(mark), mark) for mark in definition.iter_markers(_CASES_MARKER))
    for fixture, cases in selected.items():
        metafunc.parametrize(fixture, cases, indirect=True, ids=[case.id for case in cases])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check the settings and markers that the selected tests use, so that a wrong one is one error, not one a test."""
    try:
        _check_settings(config, items)
    except pytest.UsageError as error:
        if not hasattr(config, "workerinput"):
            raise
        # pytest-xdist ends with an internal error if a worker raises; it merges equal reports of all workers.
        report = pytest.CollectReport("chime-fixtures", "failed", f"ERROR: {error}", None)
        config.hook.pytest_collectreport(report=report)
        items.clear()


def _check_settings(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _USAGE_ERROR in config.stash:
        raise config.stash[_USAGE_ERROR]
    used: set[str] = set()
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        used.update(names)
        if "chime_contract" in names:
            _contract(item)
        _check_cases_marker(item)
    from chime_fixtures.testing import each_fault_options

    each_fault_options.check_markers(config, items)
    if "chime_form" in used and (form := config.getini("chime_form")) != _DEFAULT_FORM:
        from chime_fixtures.testing.settings import check_form

        check_form(form)
    if "chime_policies" in used and config.getini("chime_policies"):
        from chime_fixtures.testing.settings import read_policies

        read_policies(config)


def _check_cases_marker(item: pytest.Item) -> None:
    applied = item.config.stash.get(_APPLIED, {})
    for mark in item.own_markers:
        if mark.name == _CASES_MARKER and id(mark) not in applied:
            message = f"has no effect here; mark a function that uses {' or '.join(_CASE_FIXTURES)}"
            raise pytest.UsageError(f"{_CASES_MARKER} of {item.nodeid}: {message}, and does not parametrise it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record the failure of a test, which its stub must not hide, and report it: its calls, or that it is tolerated."""
    stub = item.stash.get(_STUB, None)
    if stub is not None and call.excinfo is not None and item.stash[_FAILURE] is None:
        item.stash[_FAILURE] = call.excinfo.value
    report = yield
    # With -p no:skipping, pytest has no xfailed reports.
    if _TOLERANCE in item.stash and not item.config.getoption("runxfail", True):
        item.stash[_TOLERANCE].apply(report)
    if stub is None:
        return report
    if call.when == "teardown":
        # pytest-xdist sends the attributes of a report from a worker to the main process.
        vars(report)[_REPORT_ATTRIBUTE] = item.stash.get(_TALLY, {})
    elif report.failed and stub.calls:
        from chime_fixtures.testing.report import calls_section

        is_detailed = item.config.getoption("chime_calls")
        report.sections.append(("Chime calls", calls_section(stub.calls, is_detailed=is_detailed)))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Save the failing example of a Hypothesis test, with ``--chime-save-failing``."""
    folder = pyfuncitem.config.getoption("chime_save_failing")
    handle = getattr(pyfuncitem.obj, "hypothesis", None)
    if folder is None or handle is None:
        return (yield)
    from chime_fixtures.testing.save_failing import saving

    path = pyfuncitem.config.invocation_params.dir / folder
    with saving(handle, path, pyfuncitem.nodeid, ignored=pyfuncitem.funcargs):
        return (yield)


class _SummaryCollector:
    """Adds up the tallies of all tests, including those that ran in workers of pytest-xdist."""

    def __init__(self) -> None:
        self._totals: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._totals.update(vars(report).get(_REPORT_ATTRIBUTE, {}))

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if self._totals:
            from chime_fixtures.testing.report import summary

            terminalreporter.write_line(summary(self._totals, _run_seed(config)))


@pytest.fixture
def chime_contract(request: pytest.FixtureRequest) -> Contract:
    """The Contract of a session: Chime's, or that of the marker or the setting `chime_contract`; for one module::

    pytestmark = pytest.mark.chime_contract("schemas/imitator.json#/schemas/Session")
    """
    __tracebackhide__ = True
    return _contract(request.node)


@pytest.fixture
def chime_form(pytestconfig: pytest.Config) -> Form:
    """The representation of sessions, "wire" or "boto3", by the setting of that name; for one module or test::

    @pytest.mark.parametrize("chime_form", ["boto3"])
    def test_my_consumer(proxy_session): ...
    """
    form: Form = pytestconfig.getini("chime_form")
    return form


@pytest.fixture
def proxy_session_factory(
    request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form
) -> ProxySessionFactory:
    """A ProxySessionFactory with the test's own seed: `.build(**overrides)`, `.batch(n)`, `.build_invalid(...)`."""
    __tracebackhide__ = True
    from chime_fixtures.sessions.factory import ProxySessionFactory

    return ProxySessionFactory(seed=_test_seed(request), contract=chime_contract, form=chime_form)


@pytest.fixture
def proxy_session(proxy_session_factory: ProxySessionFactory) -> dict[str, Any]:
    """A realistic, valid proxy session: the first one of `proxy_session_factory`."""
    return proxy_session_factory.build()


@pytest.fixture
def proxy_session_edge(request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form) -> Edge:
    """An Edge: a valid proxy session at a boundary of one constraint, with its label. The test runs once for each."""
    __tracebackhide__ = True
    case: Edge = _case(request, chime_contract, chime_form)
    return case


@pytest.fixture
def proxy_session_hazard(request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form) -> Hazard:
    """A Hazard: a valid proxy session that programs stumble on, with its label. The test runs once for each one."""
    __tracebackhide__ = True
    case: Hazard = _case(request, chime_contract, chime_form)
    return case


@pytest.fixture
def proxy_session_list(request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form) -> ListCase:
    """A ListCase: a list of valid, related proxy sessions, with its label. The test runs once for each one."""
    __tracebackhide__ = True
    case: ListCase = _case(request, chime_contract, chime_form)
    return case


@pytest.fixture
def proxy_session_violation(request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form) -> Violation:
    """A Violation: a proxy session that violates one constraint, with its label. The test runs once for each one."""
    __tracebackhide__ = True
    case: Violation = _case(request, chime_contract, chime_form)
    return case


def _case(request: pytest.FixtureRequest, contract: Contract, form: Form) -> Any:
    __tracebackhide__ = True
    from chime_fixtures.testing.cases import SelectedCase, Tolerance, own_case

    name, test = request.fixturename, request.node.nodeid.partition("[")[0]
    if not hasattr(request, "param"):
        message = f"{test}: {name} has no case here; make it a parameter of a test function"
        raise pytest.UsageError(message)
    if isinstance(request.param, SelectedCase):
        if contract.schema != _contract(request.node).schema:
            message = (
                f"{test}: the fixture chime_contract is overridden, but the cases of {name} were collected before; "
                "use the marker chime_contract(...) or the setting"
            )
            # One error, not one for each case.
            request.session.shouldfail = message
            raise pytest.UsageError(message)
        if request.param.tolerated_by is not None:
            request.node.stash.setdefault(_TOLERANCE, Tolerance()).cases[str(name)] = request.param
    # The code under test may modify the instance, and other tests use the same one.
    return own_case(request.param, contract, form)


@pytest.fixture
def invalid_proxy_session(proxy_session_violation: Violation) -> Any:
    """A proxy session that violates one constraint, as plain data. The test runs once for each, with its id."""
    return proxy_session_violation.instance


@pytest.fixture
def chime_policies(pytestconfig: pytest.Config) -> Policies:
    """The Policies of `chime_stub`, by the setting of that name; to run a test under each setting of each rule::

    @pytest.mark.parametrize("chime_policies", Policies.each(), ids=str)
    def test_my_consumer(chime_stub): ...
    """
    __tracebackhide__ = True
    from chime_fixtures.testing.settings import read_policies

    return read_policies(pytestconfig)


@pytest.fixture
def chime_stub(
    request: pytest.FixtureRequest, chime_contract: Contract, chime_policies: Policies
) -> Generator[ChimeStub]:
    """An active ChimeStub: it intercepts boto3, requests and httpx, and no request for Chime leaves the machine.

    A request that no operation matches, an unused fault and an unused canned response are errors at the test's
    teardown, unless the test has failed.
    """
    __tracebackhide__ = True
    from chime_fixtures.stub import ChimeStub
    from chime_fixtures.testing import each_fault_options
    from chime_fixtures.testing import report as reporting

    config, stash = request.config, request.node.stash
    stub = ChimeStub(
        seed=_test_seed(request),
        policies=chime_policies,
        base_url=config.getini("chime_base_url") or None,
        contract=chime_contract,
        strict=_is_strict(config),
    )
    # iter_markers starts with the test's own markers; faults are planned from the module's on.
    for mark in reversed(list(request.node.iter_markers("chime_fault"))):
        stub.fail(*mark.args, **mark.kwargs)
    injector = each_fault_options.injector_of(request.node)
    if injector is not None:
        stub.attach(injector)
    # A rerun of the test starts without a failure.
    stash[_STUB], stash[_FAILURE] = stub, None
    stub.__enter__()
    yield stub
    stash[_TALLY] = reporting.tally(stub)
    folder = config.getoption("chime_dump")
    if folder is not None and each_fault_options.RERUN not in stash:
        reporting.write_calls(stub.calls, config.invocation_params.dir / folder, request.node.nodeid)
    error = stash[_FAILURE]
    stub.__exit__(type(error) if error else None, error, None)


@pytest.fixture
def chime_server(chime_stub: ChimeStub) -> Generator[ChimeServer]:
    """`chime_stub` on a real port, for other processes and languages: `.url`, and `.env` with variables for SDKs."""
    with chime_stub.serve() as server:
        yield server


@pytest.fixture
def chime_clock(chime_stub: ChimeStub) -> Clock:
    """The Clock of `chime_stub`: `.advance(minutes=61)` makes sessions expire without sleeping."""
    return chime_stub.clock


@pytest.fixture(scope="session")
def _chime_boto3_session() -> boto3.Session:
    try:
        import boto3
    except ImportError as error:
        from chime_fixtures.engine.errors import MissingExtraError

        raise MissingExtraError("boto3", "boto3") from error
    return boto3.Session()


@pytest.fixture
def chime_client(request: pytest.FixtureRequest, chime_stub: ChimeStub) -> Any:
    """A boto3 client of `chime-sdk-voice` for `chime_stub`; use `chime_stub.connector_id` as VoiceConnectorId.

    It requires the extra `boto3`, with a botocore that has the operations.
    """
    # A boto3 session is slow to create, so tests share it; the first one creates it while dummy keys are set.
    session = request.getfixturevalue("_chime_boto3_session")
    from chime_fixtures.adapters.botocore import create_client

    return create_client(session, request.config.getini("chime_region") or None)


def _contract(node: Any) -> Contract:
    """The contract of a test, by its marker or the settings."""
    return _contracts(node.config).of(node)


def _contracts(config: pytest.Config) -> ContractsOfTests:
    from chime_fixtures.testing.settings import ContractsOfTests

    if _CONTRACTS not in config.stash:
        config.stash[_CONTRACTS] = ContractsOfTests(config)
    return config.stash[_CONTRACTS]


def _run_seed(config: pytest.Config) -> int:
    option: int | None = config.getoption("chime_seed")
    text: str = config.getini("chime_seed")
    if option is None and not text.removeprefix("-").isdecimal():
        raise pytest.UsageError(f"chime_seed must be an integer, not {text!r}")
    return int(text) if option is None else option


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getini("chime_strict")) and not config.getoption("chime_lax")


def _test_seed(request: pytest.FixtureRequest) -> int:
    """A function of the run's seed and the test's id, independent of the order of tests and of workers."""
    path, _, name = request.node.location
    text = f"{_run_seed(request.config)}:{path.replace(os.sep, '/')}:{name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def _is_parametrised(metafunc: pytest.Metafunc, fixture: str) -> bool:
    """True if the test parametrises the fixture itself."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs["argnames"]
        if fixture in (names.replace(" ", "").split(",") if isinstance(names, str) else names):
            return True
    return False
