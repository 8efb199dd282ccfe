"""The administration endpoints under /_chime/."""

from __future__ import annotations

import pytest
import requests

from chime_fixtures.stub import ChimeStub

PATH = "/voice-connectors/abc/proxy-sessions"


@pytest.fixture
def stub():
    return ChimeStub()


@pytest.fixture
def call(stub):
    """Calls an endpoint; returns the status and the JSON of the response."""
    with stub.serve() as server, requests.Session() as session:

        def call(method, path, body=None, **headers):
            response = session.request(method, f"{server.url}{path}", json=body, headers=headers)
            return response.status_code, response.json()

        yield call


def test_health_and_calls(call):
    """The journal lists requests and responses, without those of the administration endpoints."""
    assert call("GET", "/_chime/health") == (200, {"status": "ok", "calls": 0})
    call("GET", f"{PATH}?max-results=0")
    assert call("GET", "/_chime/health") == (200, {"status": "ok", "calls": 1})
    (entry,) = call("GET", "/_chime/calls")[1]["calls"]
    assert (entry["operation"], entry["status"], entry["transport"]) == ("ListProxySessions", 400, "http_server")
    assert [violation["id"] for violation in entry["violations"]] == ["MaxResults.minimum"]


def test_state_and_reset(call, stub):
    """PUT replaces the state, GET returns it, and reset restores it."""
    state = {"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": [{"ProxySessionId": "s", "Status": "Open"}]}]}
    assert call("PUT", "/_chime/state", state) == (200, {})
    session = {"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"}
    assert call("GET", PATH) == (200, {"ProxySessions": [session]})
    written = call("GET", "/_chime/state")[1]
    assert written == stub.export_state()
    stub.add_session({"VoiceConnectorId": "abc", "Status": "Closed"})
    assert call("POST", "/_chime/reset") == (200, {})
    assert call("GET", "/_chime/state")[1] == written
    assert stub.calls == ()


def test_faults_answers_and_clock(call):
    """Faults can be planned and listed, canned responses set, and the clock advanced."""
    assert call("POST", "/_chime/faults", {"fault": "throttle", "operation": "ListProxySessions", "times": 2})[0] == 200
    assert call("GET", PATH)[0] == 429
    planned = {"fault": "throttle", "operation": "ListProxySessions", "times": 2, "after": 0, "seen": 1, "applied": 1}
    assert call("GET", "/_chime/faults") == (200, {"faults": [planned]})
    call("GET", PATH)
    call("POST", "/_chime/answers", {"operation": "ListProxySessions", "answer": [{"Status": "Gone"}], "times": 1})
    assert call("GET", PATH) == (200, {"ProxySessions": [{"Status": "Gone"}]})
    assert call("POST", "/_chime/clock", {"minutes": 61}) == (200, {"now": "2026-01-01T01:01:00.000Z"})


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/_chime/faults", {"fault": "trottle"}, "did you mean 'throttle'"),
        ("POST", "/_chime/faults", {}, "missing 1 required positional argument: 'fault'"),
        ("POST", "/_chime/faults", ["throttle"], "must be a mapping"),
        ("POST", "/_chime/answers", {"operation": "GetProxySession"}, "answer"),
        ("POST", "/_chime/clock", {"minutes": -1}, "can't be set back"),
        ("PUT", "/_chime/state", {"connectors": 5}, "must be the state of a service"),
    ],
)
def test_invalid_options(call, method, path, body, message):
    """Invalid options are a 400 with the reason."""
    status, error = call(method, path, body)
    assert status == 400
    assert message in error["Message"]


def test_an_unknown_endpoint(call):
    """An unknown path is a 404 that lists the endpoints."""
    status, error = call("GET", "/_chime/nothing")
    assert status == 404
    assert "GET /_chime/health" in error["Message"]


def test_requests_of_web_pages_are_refused(call):
    """A request with an Origin field, which browsers send, can't change the stub."""
    assert call("POST", "/_chime/reset", Origin="https://evil.example")[0] == 403
