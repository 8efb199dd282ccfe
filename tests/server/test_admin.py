"""The pages under /_chime/: what another process asks and moves."""

from __future__ import annotations

import pytest
import requests

from chime_fixtures.stub import ChimeStub

PATH = "/voice-connectors/abc/proxy-sessions"


@pytest.fixture
def stub():
    return ChimeStub()


@pytest.fixture
def ask(stub):
    """Asks a page, and gives its status and what it told."""
    with stub.serve() as server, requests.Session() as session:

        def ask(method, page, body=None, **headers):
            answer = session.request(method, f"{server.url}{page}", json=body, headers=headers)
            return answer.status_code, answer.json()

        yield ask


def test_health_and_calls(ask):
    """The journal can be read, with what was asked and answered, and the pages themselves are not in it."""
    assert ask("GET", "/_chime/health") == (200, {"status": "ok", "calls": 0})
    ask("GET", f"{PATH}?max-results=0")
    assert ask("GET", "/_chime/health") == (200, {"status": "ok", "calls": 1})
    (call,) = ask("GET", "/_chime/calls")[1]["calls"]
    assert (call["operation"], call["status"], call["transport"]) == ("ListProxySessions", 400, "http_server")
    assert [violation["id"] for violation in call["violations"]] == ["MaxResults.minimum"]


def test_state_and_reset(ask, stub):
    """A state that is put there is the one that is read, and the one to which a reset comes back."""
    state = {"connectors": [{"VoiceConnectorId": "abc", "ProxySessions": [{"ProxySessionId": "s", "Status": "Open"}]}]}
    assert ask("PUT", "/_chime/state", state) == (200, {})
    session = {"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"}
    assert ask("GET", PATH) == (200, {"ProxySessions": [session]})
    written = ask("GET", "/_chime/state")[1]
    assert written == stub.service.export_state()
    stub.add_session({"VoiceConnectorId": "abc", "Status": "Closed"})
    assert ask("POST", "/_chime/reset") == (200, {})
    assert ask("GET", "/_chime/state")[1] == written
    assert stub.calls == ()


def test_faults_answers_and_clock(ask):
    """Faults can be planned and seen, answers chosen and time let pass."""
    assert ask("POST", "/_chime/faults", {"fault": "throttle", "operation": "ListProxySessions", "times": 2})[0] == 200
    assert ask("GET", PATH)[0] == 429
    planned = {"fault": "throttle", "operation": "ListProxySessions", "times": 2, "after": 0, "seen": 1, "fired": 1}
    assert ask("GET", "/_chime/faults") == (200, {"faults": [planned]})
    ask("GET", PATH)
    ask("POST", "/_chime/answers", {"operation": "ListProxySessions", "answer": [{"Status": "Gone"}], "times": 1})
    assert ask("GET", PATH) == (200, {"ProxySessions": [{"Status": "Gone"}]})
    assert ask("POST", "/_chime/clock", {"minutes": 61}) == (200, {"now": "2026-01-01T01:01:00.000Z"})


@pytest.mark.parametrize(
    ("method", "page", "body", "message"),
    [
        ("POST", "/_chime/faults", {"fault": "trottle"}, "did you mean 'throttle'"),
        ("POST", "/_chime/faults", {}, "missing 1 required positional argument: 'fault'"),
        ("POST", "/_chime/faults", ["throttle"], "must be a mapping"),
        ("POST", "/_chime/answers", {"operation": "GetProxySession"}, "answer"),
        ("POST", "/_chime/clock", {"minutes": -1}, "only moves on"),
        ("PUT", "/_chime/state", {"connectors": 5}, "is no state of a service"),
    ],
)
def test_what_makes_no_sense(ask, method, page, body, message):
    """What makes no sense is a 400 that says why."""
    status, told = ask(method, page, body)
    assert status == 400
    assert message in told["Message"]


def test_pages_that_are_not_there(ask):
    """Another page is a 404 that lists the ones there are."""
    status, told = ask("GET", "/_chime/nothing")
    assert status == 404
    assert "GET /_chime/health" in told["Message"]


def test_web_pages_may_not_ask(ask):
    """A page of the web that a browser shows on this machine can't move the stub."""
    assert ask("POST", "/_chime/reset", Origin="https://evil.example")[0] == 403
