"""The pytest fixtures and options.

pytest loads this module wherever the kit is installed, so it imports pytest and the standard library only; each fixture
imports what it needs when a test asks for it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import boto3

    from chime_fixtures.chime.representations import Form
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation
    from chime_fixtures.server.server import ChimeServer
    from chime_fixtures.service import Clock, Policies
    from chime_fixtures.sessions.factory import ProxySessionFactory
    from chime_fixtures.stub import ChimeStub

_CATALOGUE = "proxy_session_violation"
_STUB: pytest.StashKey[ChimeStub] = pytest.StashKey()
_TALLY: pytest.StashKey[dict[str, int]] = pytest.StashKey()
_ENDED_BY: pytest.StashKey[BaseException | None] = pytest.StashKey()
_REPORTED = "chime_tally"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and the settings for an ini file."""
    group = parser.getgroup("chime-fixtures", "Chime fixtures")
    group.addoption(
        "--chime-seed",
        type=int,
        metavar="N",
        help="the seed of the sessions, ids and numbers that the fixtures make; 0 by default. "
        "What a test gets depends on this seed and the test's own id, not on the order of the tests.",
    )
    group.addoption(
        "--chime-save-failing",
        metavar="DIR",
        help="write the shrunk example of each failing Hypothesis test here, a file of JSON for each argument, named "
        "after both.",
    )
    group.addoption("--chime-lax", action="store_true", help="let chime_stub take unmatched requests and unused plans")
    group.addoption("--chime-calls", action="store_true", help="show what failed tests asked and got, call by call")
    group.addoption("--chime-dump", metavar="DIR", help="write the calls of each test into a file of JSON lines there")
    parser.addini("chime_contract", "FILE[#/POINTER] of a JSON Schema of sessions, if they are not Chime's; by rootdir")
    parser.addini("chime_base_url", "the host and path of a service that imitates Chime: chime_stub answers it too")
    parser.addini("chime_seed", "the seed, where --chime-seed names none", default="0")
    parser.addini("chime_strict", "whether unmatched requests and unused plans fail a test", type="bool", default=True)
    parser.addini("chime_form", "wire for timestamps as text, boto3 for datetimes, in all sessions", default="wire")
    parser.addini("chime_region", "the region of chime_client; by default that of the environment, or us-east-1")
    parser.addini("chime_policies", "NAME=SETTING, one a line: rules that AWS never documented", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of faults, and what adds up the line at the end."""
    config.addinivalue_line(
        "markers",
        "chime_fault(fault, *, operation=None, times=1, after=0, commit=None): a fault that chime_stub is to have, "
        "as its method fail() takes it; one that is not used as planned fails the test.",
    )
    config.pluginmanager.register(_Sums(), "chime_sums")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Show the settings with ``-v``, or when one of the options was given."""
    options = (config.getoption(f"chime_{name}") for name in ("seed", "lax", "calls", "dump"))
    if config.get_verbosity() < 1 and all(option in (None, False) for option in options):
        return None
    told = [f"seed {_run_seed(config)}", "strict" if _is_strict(config) else "lax"]
    told += [f"{name} {config.getini(f'chime_{name}')}" for name in ("contract", "base_url", "region")]
    told += config.getini("chime_policies")
    return f"chime: {', '.join(each for each in told if not each.endswith(' '))}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a violation once for each one of the catalogue."""
    if _CATALOGUE not in metafunc.fixturenames or _is_parametrised(metafunc):
        return
    from chime_fixtures.engine.contract import enumerate_violations

    catalogue = enumerate_violations(_contract(metafunc.config))
    metafunc.parametrize(_CATALOGUE, catalogue, indirect=True, ids=[violation.id for violation in catalogue])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what ended a test early, so that the stub adds nothing to it; show the calls of one that failed."""
    stub = item.stash.get(_STUB, None)
    if stub is not None and call.excinfo is not None and item.stash[_ENDED_BY] is None:
        item.stash[_ENDED_BY] = call.excinfo.value
    report = yield
    if stub is None:
        return report
    if call.when == "teardown":
        # It goes along to wherever the reports are gathered.
        vars(report)[_REPORTED] = item.stash.get(_TALLY, {})
    elif report.failed and stub.calls:
        from chime_fixtures.testing.report import section

        report.sections.append(("Chime calls", section(stub.calls, is_whole=item.config.getoption("chime_calls"))))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Save the example that fails a Hypothesis test, if that was asked for."""
    folder = pyfuncitem.config.getoption("chime_save_failing")
    handle = getattr(pyfuncitem.obj, "hypothesis", None)
    if folder is None or handle is None:
        return (yield)
    from chime_fixtures.testing.save_failing import saving

    place = pyfuncitem.config.invocation_params.dir / folder
    with saving(handle, place, pyfuncitem.nodeid, passed_over=pyfuncitem.funcargs):
        return (yield)


class _Sums:
    """Adds up what the stubs of all tests saw, in whatever process they ran."""

    def __init__(self) -> None:
        self._totals: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._totals.update(vars(report).get(_REPORTED, {}))

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if self._totals:
            from chime_fixtures.testing.report import summary

            terminalreporter.write_line(summary(self._totals, _run_seed(config)))


@pytest.fixture(scope="session")
def chime_contract(pytestconfig: pytest.Config) -> Contract:
    """The Contract of a session: Chime's, or the one that the setting `chime_contract` names."""
    return _contract(pytestconfig)


@pytest.fixture
def chime_form(pytestconfig: pytest.Config) -> Form:
    """The form of the sessions of all fixtures, by the setting of that name; for one module or test::

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
    """A realistic, valid proxy session, in the form of `chime_form`: the first one of `proxy_session_factory`."""
    return proxy_session_factory.build()


@pytest.fixture
def proxy_session_violation(request: pytest.FixtureRequest, chime_contract: Contract, chime_form: Form) -> Violation:
    """A Violation: a proxy session that breaks one constraint, with its label. The test runs once for each of them."""
    from chime_fixtures.chime.representations import violation_as_boto3
    from chime_fixtures.engine import instances

    violation: Violation = request.param
    # The code under test may change what it is given; the next test has to find it whole.
    found = replace(violation, instance=instances.copy_json(violation.instance))
    return found if chime_form == "wire" else violation_as_boto3(chime_contract, found)


@pytest.fixture
def invalid_proxy_session(proxy_session_violation: Violation) -> Any:
    """A proxy session that breaks one constraint, as plain data. The test runs once for each; its id says which."""
    return proxy_session_violation.instance


@pytest.fixture
def chime_policies(pytestconfig: pytest.Config) -> Policies:
    """The Policies of `chime_stub`, by the setting of that name. To run a test under each setting of each rule::

    @pytest.mark.parametrize("chime_policies", Policies.each(), ids=str)
    def test_my_consumer(chime_stub): ...
    """
    __tracebackhide__ = True
    from chime_fixtures.service import Policies

    return Policies.read(pytestconfig.getini("chime_policies"))


@pytest.fixture
def chime_stub(
    request: pytest.FixtureRequest, chime_contract: Contract, chime_policies: Policies
) -> Generator[ChimeStub]:
    """A ChimeStub in force: boto3 and requests reach it, and no request for Chime leaves the machine.

    A request that it had no answer for, and a fault or answer that was planned and not used, are errors at the test's
    teardown, unless the test has failed already.
    """
    __tracebackhide__ = True
    from chime_fixtures.stub import ChimeStub
    from chime_fixtures.testing import report as reporting

    config, stash = request.config, request.node.stash
    stub = ChimeStub(
        seed=_test_seed(request),
        policies=chime_policies,
        base_url=config.getini("chime_base_url") or None,
        contract=chime_contract,
        strict=_is_strict(config),
    )
    # Those of the module come first.
    for mark in reversed(list(request.node.iter_markers("chime_fault"))):
        stub.fail(*mark.args, **mark.kwargs)
    # A test that is run again was not ended yet.
    stash[_STUB], stash[_ENDED_BY] = stub, None
    stub.__enter__()
    yield stub
    stash[_TALLY] = reporting.tally(stub)
    folder = config.getoption("chime_dump")
    if folder is not None:
        reporting.dump(stub.calls, config.invocation_params.dir / folder, request.node.nodeid)
    error = stash[_ENDED_BY]
    stub.__exit__(type(error) if error else None, error, None)


@pytest.fixture
def chime_server(chime_stub: ChimeStub) -> Generator[ChimeServer]:
    """`chime_stub` on a real port, for other processes and languages: `.url`, and `.env` with the variables of SDKs."""
    with chime_stub.serve() as server:
        yield server


@pytest.fixture
def chime_clock(chime_stub: ChimeStub) -> Clock:
    """The Clock of `chime_stub`: `.advance(minutes=61)` lets sessions expire without sleeping."""
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
    """A boto3 client of `chime-sdk-voice` that talks to `chime_stub`; `chime_stub.connector_id` is there to be used.

    It needs the extra `boto3`, with a botocore that still has the operations.
    """
    # A boto3 session costs more than a test, so it is shared; it is made here, where the stub's dummy keys are set.
    session = request.getfixturevalue("_chime_boto3_session")
    from chime_fixtures.adapters.botocore import create_client

    return create_client(session, request.config.getini("chime_region") or None)


def _contract(config: pytest.Config) -> Contract:
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.engine.contract import Contract

    path, _, pointer = str(config.getini("chime_contract")).partition("#")
    if not path:
        return load_contract("ProxySession")
    return Contract.from_file(config.rootpath / path, pointer=pointer)


def _run_seed(config: pytest.Config) -> int:
    chosen: int | None = config.getoption("chime_seed")
    text: str = config.getini("chime_seed")
    if chosen is None and not text.removeprefix("-").isdecimal():
        raise pytest.UsageError(f"chime_seed is to be a whole number, not {text!r}")
    return int(text) if chosen is None else chosen


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getini("chime_strict")) and not config.getoption("chime_lax")


def _test_seed(request: pytest.FixtureRequest) -> int:
    """A function of the run's seed and the test's own id: neither the order of the tests nor the worker matters."""
    path, _, name = request.node.location
    text = f"{_run_seed(request.config)}:{path.replace(os.sep, '/')}:{name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def _is_parametrised(metafunc: pytest.Metafunc) -> bool:
    """Whether the test chooses its violations itself."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs["argnames"]
        if _CATALOGUE in (names.replace(" ", "").split(",") if isinstance(names, str) else names):
            return True
    return False
