"""The recorder: what tests are given and exchange, matched to goals."""

import random

import pytest

from chime_fixtures import ChimeStub, Fault, ProxySessionFactory, load_contract
from chime_fixtures.contract_coverage.case_store import CaseStore
from chime_fixtures.contract_coverage.recorder import Recorder
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.service import Policies
from chime_fixtures.service.messages import Request
from chime_fixtures.service.observers import call_observers
from tests.support.sizes import IS_NIGHTLY

SESSION = load_contract("ProxySession")


@pytest.fixture
def recorder():
    """A recorder that observes."""
    recorder = Recorder(SESSION)
    instance_observers.add(recorder.observe_instance)
    call_observers.add(recorder.observe_call)
    yield recorder
    instance_observers.remove(recorder.observe_instance)
    call_observers.remove(recorder.observe_call)


def received(recorder, name="test"):
    """The keys that were received, after the end of a test that passed."""
    recorder.end_test(name, has_passed=True)
    return set(recorder.coverages(with_hints=False)[0].received)


@pytest.mark.parametrize("seed", range(20 if IS_NIGHTLY else 1))
def test_coverage_never_falls_and_rises_with_each_new_id(seed):
    """A suite that gains a case covers all that it covered before, and more if a goal of the case is new."""
    violations = [entry.shared for entry in SESSION.catalogue]
    cases = [each.instance for each in (*SESSION.edges, *SESSION.hazards, *violations)]
    chance, recorder, before = random.Random(seed), Recorder(SESSION), set()
    for number, instance in enumerate(chance.sample(cases, 25)):
        recorder.observe_instance(SESSION, instance)
        recorder.end_test(f"test_{number}", has_passed=True)
        after = set(recorder.coverages(with_hints=False)[0].handed_out)
        kinds = ("edges", "hazards") if SESSION.is_valid(instance) else ("violations",)
        own = {key for each in SESSION.cases_met_by(instance) for key in (f"{kind}:{each}" for kind in kinds)}
        assert before <= after
        assert after - before <= own
        assert own & after == own & {goal.key for goal in recorder.coverages(with_hints=False)[0].goals}
        before = after


def test_an_instance_counts_as_it_was_handed_out(recorder):
    """Changes by the code under test do not matter."""
    session = ProxySessionFactory().build(Name="x" * 128)
    session["Name"] = ""
    recorder.end_test("test", has_passed=True)
    met = recorder.coverages(with_hints=False)[0].handed_out
    assert "edges:Name.longest" in met
    assert "edges:Name.shortest" not in met


def test_the_representation_of_boto3_counts_as_on_the_wire(recorder):
    """A session with datetimes meets the goals of the session that it was made of."""
    ProxySessionFactory(form="boto3").build(CreatedTimestamp="2024-02-29T12:00:00Z")
    recorder.end_test("test", has_passed=True)
    assert "hazards:CreatedTimestamp.hazard.leap-day" in recorder.coverages(with_hints=False)[0].handed_out


def test_a_failed_test_counts_nothing(recorder):
    """Neither does anything that it left behind count for the next test."""
    ProxySessionFactory().build()
    recorder.end_test("failed", has_passed=False)
    recorder.end_test("passed", has_passed=True)
    assert recorder.coverages(with_hints=False)[0].handed_out == {}


def get(stub, session):
    """Read a session without a client library."""
    path = f"/voice-connectors/{session['VoiceConnectorId']}/proxy-sessions/{session['ProxySessionId']}"
    stub.handle(Request("GET", path, {}, b""))


def test_a_violation_that_a_client_receives(recorder):
    """The session of a fault and that of a canned response count as violations, not as edges."""
    stub = ChimeStub()
    session = stub.add_session({})
    stub.fail(Fault.violation("Name.maxLength"), operation="GetProxySession")
    get(stub, session)
    stub.answer("GetProxySession", {"Status": "Paused"})
    get(stub, session)
    keys = received(recorder)
    assert {"violations:Name.maxLength", "violations:Status.enum", "outcomes:GetProxySession.success"} <= keys
    assert not [key for key in keys if key.startswith("edges")]


def test_outcomes(recorder):
    """Errors, lost responses and malformed bodies are outcomes; a body that could not be read has no sessions."""
    stub = ChimeStub()
    session = stub.add_session({"Name": "x" * 128})
    for fault in ("throttle", "timeout", "body:cut"):
        stub.fail(fault, operation="GetProxySession")
        get(stub, session)
    expected = {f"outcomes:GetProxySession.{name}" for name in ("ThrottledClient", "no-response", "malformed-body")}
    keys = received(recorder)
    assert {key for key in keys if key.startswith("outcomes")} == expected
    assert "edges:Name.longest" not in keys


@pytest.mark.parametrize(
    ("stored", "fault", "targets", "pages"),
    [
        (0, None, [""], {"none"}),
        (1, None, [""], {"one"}),
        (3, None, ["?max-results=2", "?max-results=2&next-token={}"], {"several"}),
        (2, "page:short", [""], {"short"}),
        (2, "page:empty", [""], {"empty"}),
    ],
)
def test_pages(recorder, stored, fault, targets, pages):
    """A listing of no, one or several pages, and pages that are short or empty."""
    stub = ChimeStub()
    for _ in range(stored):
        stub.add_session({})
    if fault:
        stub.fail(fault)
    token = ""
    for target in targets:
        path = f"/voice-connectors/{stub.connector_id}/proxy-sessions{target.format(token)}"
        response = stub.handle(Request("GET", path, {}, b""))
        token = response.body.decode().rpartition('"NextToken":"')[2].rstrip('"}')
    found = {key for key in received(recorder) if ".pages." in key}
    assert found == {f"outcomes:ListProxySessions.pages.{name}" for name in pages}


def test_requests(recorder):
    """A valid request meets its operation, its members and its edges; an invalid one meets nothing."""
    stub = ChimeStub()
    stub.handle(Request("GET", "/voice-connectors/c/proxy-sessions?max-results=100&status=Open", {}, b""))
    stub.handle(Request("GET", "/voice-connectors/c/proxy-sessions?max-results=101", {}, b""))
    requests = {key.removeprefix("requests:") for key in received(recorder) if key.startswith("requests")}
    operation = "ListProxySessions"
    members = {f"{operation}.{name}" for name in ("VoiceConnectorId", "MaxResults", "Status")}
    assert {operation, *members, f"{operation}.MaxResults.greatest", f"{operation}.Status.constant-0"} <= requests
    assert f"{operation}.NextToken" not in requests


def test_another_contract_has_its_own_section(recorder):
    """The sessions of an imitator's stub count for its contract."""
    contract = Contract(
        {"title": "Imitation", "type": "object", "required": ["Name"], "properties": {"Name": {"maxLength": 3}}}
    )
    stub = ChimeStub(contract=contract, policies=Policies())
    stub.answer("GetProxySession", {"Name": "abc"})
    get(stub, {"VoiceConnectorId": "c", "ProxySessionId": "s"})
    recorder.end_test("test", has_passed=True)
    session, imitation = recorder.coverages(with_hints=False)
    assert session.received == {}
    assert imitation.contract == "Imitation"
    assert {"edges:Name.longest", "outcomes:GetProxySession.success"} <= set(imitation.received)


def test_the_store_returns_what_was_stored(tmp_path):
    """The second store reads the files of the first; one that can't be read is written anew."""
    contract = Contract({"title": "text", "type": "string", "maxLength": 2})
    first = CaseStore(tmp_path)
    goals = first.goals(contract, is_served=False, with_hints=False)
    (file,) = tmp_path.glob("*.pickle")
    assert CaseStore(tmp_path).goals(contract, is_served=False, with_hints=False) == goals
    file.write_bytes(b"")
    assert CaseStore(tmp_path).goals(contract, is_served=False, with_hints=False) == goals
    assert file.stat().st_size
    assert CaseStore(tmp_path).edges(contract) == contract.edges
    assert CaseStore(tmp_path).hazards(contract) == contract.hazards
