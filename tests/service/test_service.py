"""The service as a whole: threads, the journal, and the validation of its own responses."""

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


def test_threads():
    """With 32 threads that create, update and delete, no update is lost and every id is unique."""
    service = ChimeService()
    kept: list[set[str]] = [set() for _ in range(32)]
    start = threading.Barrier(32)

    def work(own_ids):
        start.wait()
        for round_number in range(12):
            made = service.handle(Request("POST", BASE, {}, CREATE))
            session_id = str(made.body).partition('"ProxySessionId":"')[2].partition('"')[0]
            own_ids.add(session_id)
            changed = service.handle(Request("POST", f"{BASE}/{session_id}", {}, b'{"Capabilities": []}'))
            assert (made.status, changed.status, b'"Capabilities":[]' in changed.body) == (201, 201, True)
            if round_number % 3 == 0:
                assert service.handle(Request("DELETE", f"{BASE}/{session_id}")).status == 204
                own_ids.remove(session_id)

    threads = [threading.Thread(target=work, args=(own_ids,)) for own_ids in kept]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alive = [session["ProxySessionId"] for session in service.sessions]
    assert sorted(alive) == sorted(set().union(*kept))
    assert [call.number for call in service.calls] == list(range(1, 32 * 28 + 1))


def test_services_are_independent():
    """Services with the same seed return the same responses, and share no state."""
    one, other = ChimeService(ids=Ids(5)), ChimeService(ids=Ids(5))
    assert one.handle(Request("POST", BASE, {}, CREATE)) == other.handle(Request("POST", BASE, {}, CREATE))
    one.handle(Request("POST", BASE, {}, CREATE))
    assert (len(one.sessions), len(other.sessions)) == (2, 1)
    assert ChimeService(ids=Ids(6)).handle(Request("POST", BASE, {}, CREATE)).body != other.calls[0].body


def test_every_session_satisfies_the_contract():
    """The sessions under every policy are valid by an independent validator."""
    validator = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)
    for policies in Policies.each():
        service = ChimeService(policies=policies)
        service.add_connector("abc", proxy={"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]})
        service.handle(Request("POST", BASE, {}, CREATE))
        assert all(validator.is_valid(session) for session in service.sessions)
        service.clock.advance(minutes=5)
        assert all(validator.is_valid(session) for session in service.sessions)


def test_preloading_an_invalid_session(api):
    """A preloaded session must satisfy the contract; with `check=False` it is stored and returned unchanged."""
    broken = {"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Suspended", "ExpiryMinutes": "60"}
    with pytest.raises(InvalidInstanceError, match="check=False"):
        api.service.add_session(broken)
    api.service.add_session(broken, check=False)
    assert api("GET", "/proxy-sessions/s") == (200, {"ProxySession": broken})
    assert api("GET", "/proxy-sessions") == (200, {"ProxySessions": [broken]})


def test_invalid_response_of_the_service(api, monkeypatch):
    """A response of the service that violates the contract is an error."""
    monkeypatch.setattr("chime_fixtures.service.sessions.timestamp", lambda _: "yesterday")
    with pytest.raises(InvalidInstanceError, match="own response of CreateProxySession.*report it"):
        api.create()
    assert isinstance(api.service.drain()[0][0], InvalidInstanceError)


def test_unexpected_request(api):
    """A request that no operation matches is an error and a call in the journal."""
    with pytest.raises(UnexpectedRequestError) as caught:
        api("GET", "/voice-connectors/abc/proxy-sessoins?X-Amz-Signature=secret&x=%1B")
    assert "secret" not in str(caught.value)
    (call,) = api.service.calls
    assert (call.operation, call.status, call.message) == (None, None, str(caught.value))
    assert str(call) == f"#1 GET /voice-connectors/abc/proxy-sessoins attempt 1 -> no response, {caught.value}"
    assert api.service.drain() == ((caught.value,), ())
    assert api.service.drain() == ((), ())


def test_secrets_are_redacted(api):
    """Signatures and tokens are not in the journal, whatever the case of their names."""
    secrets = {"AUTHORIZATION": "AWS4 s3cret", "x-amz-security-token": "s3cret", "Cookie": "s3cret", "Accept": "all"}
    api.service.handle(Request("GET", f"{BASE}?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret&status=Open", secrets))
    (call,) = api.service.calls
    assert "s3cret" not in repr(call) + str(call) + str(call.headers) + call.target
    assert call.headers["accept"] == "all"
    assert call.request == {"VoiceConnectorId": "abc", "Status": "Open"}


def test_call_as_text(api):
    """A call is printed in one line with its attempt, outcome, error, fault and commit."""
    api.service.fail("lost-answer", operation="CreateProxySession")
    api.service.handle(Request("POST", BASE, {"Amz-Sdk-Request": "attempt=2; max=3"}, CREATE))
    api("GET", "/proxy-sessions/nobody")
    assert [str(call) for call in api.service.calls] == [
        "#1 CreateProxySession attempt 2 -> no response, fault 'lost-answer', committed",
        "#2 GetProxySession attempt 1 -> 404, "
        "NotFoundException: proxy session nobody does not exist on Voice Connector abc",
    ]


@pytest.mark.slow
def test_no_http_library_and_no_network():
    """The service imports no HTTP library and opens no socket."""
    program = """
import sys
sys.addaudithook(lambda event, _: event.startswith("socket.") and sys.exit(f"touched {event}"))
from chime_fixtures.service import ChimeService, Request
print(ChimeService().handle(Request("GET", "/voice-connectors/a/proxy-sessions")).status)
print([name for name in ("requests", "responses", "urllib3", "botocore", "httpx") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("200\n[]\n", "")


def test_fragment_is_ignored(api):
    """A fragment, which an HTTP client should not send, is ignored."""
    assert api("GET", "/proxy-sessions?status=Open#top") == (200, {"ProxySessions": []})


def test_system_clock(monkeypatch):
    """A clock that follows the system's can be advanced besides."""
    time_machine = pytest.importorskip("time_machine")
    clock = Clock("system")
    with time_machine.travel("2100-02-28T23:59:59Z", tick=False):
        assert clock.now().isoformat() == "2100-02-28T23:59:59+00:00"
        clock.advance(seconds=1)
        assert clock.http_date() == "Mon, 01 Mar 2100 00:00:00 GMT"
