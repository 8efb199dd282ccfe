"""The service as a whole: purity, threads, its journal, and the check of its own answers."""

from __future__ import annotations

import subprocess
import sys
import threading

import jsonschema_rs
import pytest

from chime_fixtures.chime.documents import load_document
from chime_fixtures.chime.errors import InvalidInstanceError, UnexpectedRequestError
from chime_fixtures.service import ChimeService, Clock, Ids, Policies, Request

CREATE = b'{"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice"]}'
BASE = "/voice-connectors/abc/proxy-sessions"


def test_threads_lose_nothing():
    """Of 32 threads that create, change, read and delete, none loses an update, and no id is given twice."""
    service = ChimeService()
    kept: list[set[str]] = [set() for _ in range(32)]
    start = threading.Barrier(32)

    def work(mine):
        start.wait()
        for turn in range(12):
            made = service.handle(Request("POST", BASE, {}, CREATE))
            session_id = str(made.body).partition('"ProxySessionId":"')[2].partition('"')[0]
            mine.add(session_id)
            changed = service.handle(Request("POST", f"{BASE}/{session_id}", {}, b'{"Capabilities": []}'))
            assert (made.status, changed.status, b'"Capabilities":[]' in changed.body) == (201, 201, True)
            if turn % 3 == 0:
                assert service.handle(Request("DELETE", f"{BASE}/{session_id}")).status == 204
                mine.remove(session_id)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in kept]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alive = [session["ProxySessionId"] for session in service.sessions]
    assert sorted(alive) == sorted(set().union(*kept))
    assert [call.number for call in service.calls] == list(range(1, 32 * 28 + 1))


def test_two_services_never_meet():
    """Services with the same seed answer alike, and know nothing of each other."""
    one, other = ChimeService(ids=Ids(5)), ChimeService(ids=Ids(5))
    assert one.handle(Request("POST", BASE, {}, CREATE)) == other.handle(Request("POST", BASE, {}, CREATE))
    one.handle(Request("POST", BASE, {}, CREATE))
    assert (len(one.sessions), len(other.sessions)) == (2, 1)
    assert ChimeService(ids=Ids(6)).handle(Request("POST", BASE, {}, CREATE)).body != other.calls[0].body


def test_every_answer_fulfils_the_contract():
    """The sessions of every answer, under every policy, are accepted by an outside judge."""
    judge = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)
    for policies in Policies.each():
        service = ChimeService(policies=policies)
        service.add_connector("abc", proxy={"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]})
        service.handle(Request("POST", BASE, {}, CREATE))
        assert all(judge.is_valid(session) for session in service.sessions)
        service.clock.advance(minutes=5)
        assert all(judge.is_valid(session) for session in service.sessions)


def test_a_session_that_breaks_the_contract_is_not_stored(ask):
    """A preloaded session has to fulfil the contract, unless the test says otherwise; then it is answered as it is."""
    broken = {"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Suspended", "ExpiryMinutes": "60"}
    with pytest.raises(InvalidInstanceError, match="check=False"):
        ask.service.add_session(broken)
    ask.service.add_session(broken, check=False)
    assert ask("GET", "/proxy-sessions/s") == (200, {"ProxySession": broken})
    assert ask("GET", "/proxy-sessions") == (200, {"ProxySessions": [broken]})


def test_an_answer_of_our_own_that_breaks_the_contract(ask, monkeypatch):
    """If the service itself would break the contract, it says so instead of answering."""
    monkeypatch.setattr("chime_fixtures.service.sessions.timestamp", lambda _: "yesterday")
    with pytest.raises(InvalidInstanceError, match="own answer to CreateProxySession.*please report"):
        ask.create()
    assert isinstance(ask.service.settle()[0][0], InvalidInstanceError)


def test_an_unexpected_request(ask):
    """A request for no operation is an error, and is in the journal."""
    with pytest.raises(UnexpectedRequestError) as caught:
        ask("GET", "/voice-connectors/abc/proxy-sessoins?X-Amz-Signature=secret&x=%1B")
    assert "secret" not in str(caught.value)
    (call,) = ask.service.calls
    assert (call.operation, call.status, call.message) == (None, None, str(caught.value))
    assert str(call) == f"#1 GET /voice-connectors/abc/proxy-sessoins attempt 1 -> no answer, {caught.value}"
    assert ask.service.settle() == ((caught.value,), ())
    assert ask.service.settle() == ((), ())


def test_secrets_are_masked(ask):
    """Signatures and tokens don't get into the journal, in whatever case their names are."""
    secrets = {"AUTHORIZATION": "AWS4 s3cret", "x-amz-security-token": "s3cret", "Cookie": "s3cret", "Accept": "all"}
    ask.service.handle(Request("GET", f"{BASE}?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret&status=Open", secrets))
    (call,) = ask.service.calls
    assert "s3cret" not in repr(call) + str(call) + str(call.headers) + call.target
    assert call.headers["accept"] == "all"
    assert call.request == {"VoiceConnectorId": "abc", "Status": "Open"}


def test_a_call_in_one_line(ask):
    """A call is shown in one line: attempt, outcome, error, fault and commit."""
    ask.service.fail("lost-answer", operation="CreateProxySession")
    ask.service.handle(Request("POST", BASE, {"Amz-Sdk-Request": "attempt=2; max=3"}, CREATE))
    ask("GET", "/proxy-sessions/nobody")
    assert [str(call) for call in ask.service.calls] == [
        "#1 CreateProxySession attempt 2 -> no answer, fault 'lost-answer', committed",
        "#2 GetProxySession attempt 1 -> 404, "
        "NotFoundException: proxy session nobody does not exist on Voice Connector abc",
    ]


def test_no_http_library_and_no_network():
    """The service imports no HTTP library, and answers without a socket."""
    program = """
import sys
sys.addaudithook(lambda event, _: event.startswith("socket.") and sys.exit(f"touched {event}"))
from chime_fixtures.service import ChimeService, Request
print(ChimeService().handle(Request("GET", "/voice-connectors/a/proxy-sessions")).status)
print([name for name in ("requests", "responses", "urllib3", "botocore", "httpx") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("200\n[]\n", "")


def test_a_fragment_is_no_part_of_the_path(ask):
    """What stands behind a number sign is not sent by clients that know HTTP, and is ignored."""
    assert ask("GET", "/proxy-sessions?status=Open#top") == (200, {"ProxySessions": []})


def test_the_system_clock(monkeypatch):
    """The clock can follow the system's, moved on by what it is advanced."""
    time_machine = pytest.importorskip("time_machine")
    clock = Clock("system")
    with time_machine.travel("2100-02-28T23:59:59Z", tick=False):
        assert clock.now().isoformat() == "2100-02-28T23:59:59+00:00"
        clock.advance(seconds=1)
        assert clock.http_date() == "Mon, 01 Mar 2100 00:00:00 GMT"
