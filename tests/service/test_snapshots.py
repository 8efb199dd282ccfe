"""Export, restore and reset of the state, and the options of the journal."""

from __future__ import annotations

import json

import pytest

from chime_fixtures.chime.errors import UnexpectedRequestError
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.service import ChimeService, Ids, Request

PROXY = {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["US"]}
BROKEN = {"VoiceConnectorId": "abc", "ProxySessionId": "broken", "Status": "Gone"}


def test_export_and_load(api):
    """A service with the exported state of another returns the same responses and the same next ids."""
    api("PUT", "/programmable-numbers/proxy", PROXY)
    deleted, kept = api.create(), api.create()
    api.clock.advance(minutes=5)
    assert api("DELETE", f"/proxy-sessions/{deleted['ProxySessionId']}")[0] == 204
    api.service.add_session(BROKEN, check=False)
    exported = json.loads(json.dumps(api.service.export_state()))
    other = type(api)()
    other.service.load_state(exported)
    assert other.service.export_state() == exported
    assert other.clock.now() == api.clock.now()
    assert other("DELETE", f"/proxy-sessions/{deleted['ProxySessionId']}")[0] == 404
    assert other.create() == api.create()
    other.clock.advance(minutes=10)
    assert other("GET", f"/proxy-sessions/{kept['ProxySessionId']}")[1]["ProxySession"]["Status"] == "Closed"


def test_handwritten_state(api):
    """A state with only connectors and sessions can be loaded."""
    api.service.load_state({"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": [{"Status": "Open"}]}]})
    (session,) = api.service.sessions
    assert session == {"VoiceConnectorId": "abc", "ProxySessionId": session["ProxySessionId"], "Status": "Open"}


@pytest.mark.parametrize("minutes", [0, 50])
def test_export_of_restarted_minutes(api_with, minutes):
    """An exported session keeps the instant from which its minutes count after an update."""
    api = api_with(update_restarts_clock=True)
    path = f"/proxy-sessions/{api.create()['ProxySessionId']}"
    api.clock.advance(minutes=minutes)
    api("POST", path, {"Capabilities": []})
    other = api_with(update_restarts_clock=True)
    other.service.load_state(api.service.export_state())
    for each in (api, other):
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
def test_invalid_state(api, state):
    """An invalid state is refused with the name of its source, and the service keeps its own."""
    api.create()
    before = api.service.export_state()
    with pytest.raises(InvalidDocumentError, match=r"^state\.json: "):
        api.service.load_state(state, source="state.json")
    assert api.service.export_state() == before


def test_reset():
    """A reset restores the loaded state and the clock, and removes calls, faults and canned responses."""
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
    assert (service.export_state(), service.calls, service.faults, service.drain()) == (before, (), (), ((), ()))
    assert b'"s"' in service.handle(Request("GET", "/voice-connectors/abc/proxy-sessions")).body


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/voice-connectors/abc/proxy-sessoins", 404, None),
        ("PATCH", "/voice-connectors/abc/proxy-sessions/s", 405, "DELETE, GET, POST"),
        ("POST", "/voice-connectors/abc/programmable-numbers/proxy", 405, "DELETE, GET, PUT"),
    ],
)
def test_lax_service(method, path, status, allow):
    """A request that no operation matches is a 404, or a 405 with the allowed methods, if the service is not strict."""
    service = ChimeService(strict=False)
    response = service.handle(Request(method, path))
    assert (response.status, response.headers.get("allow")) == (status, allow)
    assert json.loads(response.body)["Message"].startswith(f"no Chime operation matches {method} {path}")
    assert service.drain() == ((), ())
    assert [(call.operation, call.status) for call in service.calls] == [(None, status)]


def test_listener_and_limit():
    """A listener is called with every call; the journal keeps the latest calls with their numbers."""
    received = []
    service = ChimeService(listener=received.append, max_calls=2)
    for n in range(5):
        service.handle(Request("GET", f"/voice-connectors/c{n}/proxy-sessions"))
    assert [call.number for call in received] == [1, 2, 3, 4, 5]
    assert service.calls == tuple(received[3:])
    assert received[0].as_dict() == {
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
