"""The state from outside: written, read back, and reset."""

from __future__ import annotations

import json

import pytest

from chime_fixtures.chime.errors import UnexpectedRequestError
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.service import ChimeService, Ids, Request

PROXY = {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["US"]}
BROKEN = {"VoiceConnectorId": "abc", "ProxySessionId": "broken", "Status": "Gone"}


def test_a_state_that_is_written_is_the_one_that_is_read(ask):
    """A service that loads another's state answers as that one does, and gives out no id a second time."""
    ask("PUT", "/programmable-numbers/proxy", PROXY)
    gone, kept = ask.create(), ask.create()
    ask.clock.advance(minutes=5)
    assert ask("DELETE", f"/proxy-sessions/{gone['ProxySessionId']}")[0] == 204
    ask.service.add_session(BROKEN, check=False)
    written = json.loads(json.dumps(ask.service.export_state()))
    other = type(ask)()
    other.service.load_state(written)
    assert other.service.export_state() == written
    assert other.clock.now() == ask.clock.now()
    assert other("DELETE", f"/proxy-sessions/{gone['ProxySessionId']}")[0] == 404
    assert other.create() == ask.create()
    other.clock.advance(minutes=10)
    assert other("GET", f"/proxy-sessions/{kept['ProxySessionId']}")[1]["ProxySession"]["Status"] == "Closed"


def test_a_state_made_by_hand(ask):
    """Connectors with their sessions are a state."""
    ask.service.load_state({"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": [{"Status": "Open"}]}]})
    (session,) = ask.service.sessions
    assert session == {"VoiceConnectorId": "abc", "ProxySessionId": session["ProxySessionId"], "Status": "Open"}


@pytest.mark.parametrize("minutes", [0, 50])
def test_when_a_session_began_is_written_too(asked, minutes):
    """Under the policy that an update restarts the clock, a session's end survives being written."""
    ask = asked(update_restarts_clock=True)
    path = f"/proxy-sessions/{ask.create()['ProxySessionId']}"
    ask.clock.advance(minutes=minutes)
    ask("POST", path, {"Capabilities": []})
    other = asked(update_restarts_clock=True)
    other.service.load_state(ask.service.export_state())
    for each in (ask, other):
        each.clock.advance(minutes=59)
        assert each("GET", path)[1]["ProxySession"]["Status"] == "Open"
        each.clock.advance(minutes=1)
        assert each("GET", path)[1]["ProxySession"]["Status"] == "Closed"


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {"connectors": 1},
        {"connectors": [{}]},
        {"connectors": [{"VoiceConnectorId": ["abc"]}]},
        {"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": ["x"]}]},
        {"connectors": [{"VoiceConnectorId": "abc", "Proxy": {"Disabled": True}}]},
        {"connectors": [{"VoiceConnectorId": "abc", "Proxy": {"PhoneNumberCountries": []}}]},
        {"version": 2, "connectors": []},
    ],
)
def test_what_is_no_state(ask, state):
    """What is no state is refused with the source's name, and the service keeps the one it has."""
    ask.create()
    before = ask.service.export_state()
    with pytest.raises(InvalidDocumentError, match=r"^state\.json: "):
        ask.service.load_state(state, source="state.json")
    assert ask.service.export_state() == before


def test_reset():
    """A reset comes back to what was loaded last, and forgets calls, faults, answers and the time that has passed."""
    service = ChimeService(ids=Ids(4))
    state = {"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": [{"ProxySessionId": "s", "Status": "Open"}]}]}
    service.load_state(state)
    before = service.export_state()
    service.handle(Request("DELETE", "/voice-connectors/abc/proxy-sessions/s"))
    service.clock.advance(minutes=4)
    service.fail("throttle")
    service.answer("ListProxySessions", [])
    with pytest.raises(UnexpectedRequestError):
        service.handle(Request("GET", "/"))
    service.reset()
    assert (service.export_state(), service.calls, service.faults, service.settle()) == (before, (), (), ((), ()))
    assert b'"s"' in service.handle(Request("GET", "/voice-connectors/abc/proxy-sessions")).body


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/voice-connectors/abc/proxy-sessoins", 404, None),
        ("PATCH", "/voice-connectors/abc/proxy-sessions/s", 405, "DELETE, GET, POST"),
        ("POST", "/voice-connectors/abc/programmable-numbers/proxy", 405, "DELETE, GET, PUT"),
    ],
)
def test_a_service_that_is_not_strict(method, path, status, allow):
    """Without strictness what no operation answers is a 404, or a 405 that says which methods there are."""
    service = ChimeService(strict=False)
    answer = service.handle(Request(method, path))
    assert (answer.status, answer.headers.get("allow")) == (status, allow)
    assert json.loads(answer.body)["Message"].startswith(f"no Chime operation answers {method} {path}")
    assert service.settle() == ((), ())
    assert [(call.operation, call.status) for call in service.calls] == [(None, status)]


def test_a_listener_and_a_limit():
    """A listener hears of every call in its order; the journal keeps the last ones, with their numbers."""
    heard = []
    service = ChimeService(listener=heard.append, most_calls=2)
    for n in range(5):
        service.handle(Request("GET", f"/voice-connectors/c{n}/proxy-sessions"))
    assert [call.number for call in heard] == [1, 2, 3, 4, 5]
    assert service.calls == tuple(heard[3:])
    assert heard[0].as_dict() == {
        "number": 1,
        "operation": "ListProxySessions",
        "method": "GET",
        "target": "/voice-connectors/c0/proxy-sessions",
        "request": {"VoiceConnectorId": "c0"},
        "status": 200,
        "committed": False,
        "attempt": 1,
        "transport": "direct",
    }
