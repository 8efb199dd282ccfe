"""The pytest fixtures and options.

pytest loads this module wherever the kit is installed, so it imports pytest and the standard library only; each fixture
imports what it needs when a test asks for it.
"""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import boto3

    from chime_fixtures.adapters.http_server import ChimeServer
    from chime_fixtures.contract import Contract, Violation
    from chime_fixtures.factories import ProxySessionFactory
    from chime_fixtures.service import Clock, Policies
    from chime_fixtures.stub import ChimeStub

_CATALOGUE = "proxy_session_violation"
_STUB = "chime_stub"
_ENDED_BY = pytest.StashKey[BaseException]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--chime-seed`` and ``--chime-save-failing``, and the settings of an imitator."""
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
    parser.addini("chime_contract", "FILE[#/POINTER] of a JSON Schema of sessions, if they are not Chime's; by rootdir")
    parser.addini("chime_base_url", "the host and path of a service that imitates Chime: chime_stub answers it too")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of faults."""
    config.addinivalue_line(
        "markers",
        "chime_fault(fault, *, operation=None, times=1, after=0, commit=None): a fault that chime_stub is to have, "
        "as its method fail() takes it; one that is not used as planned fails the test.",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """Show the seed when it was given, or with ``-v``."""
    if config.getoption("chime_seed") is None and config.get_verbosity() < 1:
        return None
    return f"chime: seed {_run_seed(config)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a violation once for each one of the catalogue."""
    if _CATALOGUE not in metafunc.fixturenames or _is_parametrised(metafunc):
        return
    from chime_fixtures.violations import enumerate_violations

    catalogue = enumerate_violations(_contract(metafunc.config))
    metafunc.parametrize(_CATALOGUE, catalogue, indirect=True, ids=[violation.id for violation in catalogue])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what ended a test early, so that the stub adds nothing to it; show the calls of one that failed."""
    if call.excinfo is not None and _STUB in getattr(item, "fixturenames", ()):
        item.stash.setdefault(_ENDED_BY, call.excinfo.value)
    report = yield
    stub: ChimeStub | None = getattr(item, "funcargs", {}).get(_STUB)
    if stub is not None and call.when == "call" and report.failed and stub.calls:
        report.sections.append(("Chime calls", "\n".join(map(str, stub.calls))))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Save the example that fails a Hypothesis test, if that was asked for."""
    folder = pyfuncitem.config.getoption("chime_save_failing")
    handle = getattr(pyfuncitem.obj, "hypothesis", None)
    if folder is None or handle is None:
        return (yield)
    from chime_fixtures.failing import saving

    place = pyfuncitem.config.invocation_params.dir / folder
    with saving(handle, place, pyfuncitem.nodeid, passed_over=pyfuncitem.funcargs):
        return (yield)


@pytest.fixture(scope="session")
def chime_contract(pytestconfig: pytest.Config) -> Contract:
    """The Contract of a session: Chime's, or the one that the setting `chime_contract` names."""
    return _contract(pytestconfig)


@pytest.fixture
def proxy_session_factory(request: pytest.FixtureRequest, chime_contract: Contract) -> ProxySessionFactory:
    """A ProxySessionFactory with the test's own seed: `.build(**overrides)`, `.batch(n)`, `.build_invalid(...)`."""
    from chime_fixtures.factories import ProxySessionFactory

    return ProxySessionFactory(seed=_test_seed(request), contract=chime_contract)


@pytest.fixture
def proxy_session(proxy_session_factory: ProxySessionFactory) -> dict[str, Any]:
    """A realistic, valid proxy session, as the wire carries it: the first one of `proxy_session_factory`."""
    return proxy_session_factory.build()


@pytest.fixture
def proxy_session_violation(request: pytest.FixtureRequest) -> Violation:
    """A Violation: a proxy session that breaks one constraint, with its label. The test runs once for each of them."""
    violation: Violation = request.param
    # The code under test may change what it is given; the next test has to find it whole.
    return copy.deepcopy(violation)


@pytest.fixture
def invalid_proxy_session(proxy_session_violation: Violation) -> Any:
    """A proxy session that breaks one constraint, as plain data. The test runs once for each; its id says which."""
    return proxy_session_violation.instance


@pytest.fixture
def chime_policies() -> Policies | None:
    """The Policies of `chime_stub`; None for the defaults. To run a test under each setting of each rule::

    @pytest.mark.parametrize("chime_policies", Policies.each(), ids=str)
    def test_my_consumer(chime_stub): ...
    """
    return None


@pytest.fixture
def chime_stub(
    request: pytest.FixtureRequest, chime_contract: Contract, chime_policies: Policies | None
) -> Generator[ChimeStub]:
    """A ChimeStub in force: boto3 and requests reach it, and no request for Chime leaves the machine.

    A request that it had no answer for, and a fault that was planned and not used, are errors at the test's teardown,
    unless the test has failed already.
    """
    from chime_fixtures.stub import ChimeStub

    base_url: str | None = request.config.getini("chime_base_url") or None
    seed = _test_seed(request)
    stub = ChimeStub(seed=seed, policies=chime_policies, base_url=base_url, contract=chime_contract)
    # Those of the module come first.
    for mark in reversed(list(request.node.iter_markers("chime_fault"))):
        stub.fail(*mark.args, **mark.kwargs)
    stub.__enter__()
    yield stub
    error = request.node.stash.get(_ENDED_BY, None)
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
        from chime_fixtures.errors import MissingExtraError

        raise MissingExtraError("boto3", "boto3") from error
    return boto3.Session()


@pytest.fixture
def chime_client(request: pytest.FixtureRequest, chime_stub: ChimeStub) -> Any:
    """A boto3 client of `chime-sdk-voice` that talks to `chime_stub`; `chime_stub.connector_id` is there to be used.

    It needs the extra `boto3`, with a botocore that still has the operations.
    """
    # A boto3 session costs more than a test, so it is shared; it is made here, where the stub's dummy keys are set.
    session = request.getfixturevalue("_chime_boto3_session")
    from chime_fixtures.adapters.botocore import new_client

    return new_client(session)


def _contract(config: pytest.Config) -> Contract:
    from chime_fixtures.contract import Contract

    path, _, pointer = str(config.getini("chime_contract")).partition("#")
    if not path:
        return Contract.load("ProxySession")
    return Contract.from_file(config.rootpath / path, pointer=pointer)


def _run_seed(config: pytest.Config) -> int:
    chosen: int | None = config.getoption("chime_seed")
    return 0 if chosen is None else chosen


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
