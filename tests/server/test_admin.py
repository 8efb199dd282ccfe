"""The administration endpoints under /_chime/."""

from __future__ import annotations

import re
from pathlib import Path

import openapi_spec_validator
import pytest
import requests

from chime_fixtures.chime.errors import UnexpectedRequestError
from chime_fixtures.server.admin import ENDPOINTS
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService
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
        (
            "POST",
            "/_chime/faults",
            {},
            'POST /_chime/faults: (root): "fault" is required [required]; the fields are fault, ',
        ),
        (
            "POST",
            "/_chime/faults",
            ["throttle"],
            'is not of type "object" [type]; the fields are fault, operation (opti',
        ),
        (
            "POST",
            "/_chime/faults",
            {"fualt": "throttle"},
            "unknown field 'fualt'; the fields are fault, oper",
        ),
        ("POST", "/_chime/faults", {"fault": "throttle", "times": 0}, "/times: 0 is less than the minimum of 1"),
        ("POST", "/_chime/faults", {"fault": 5}, '/fault: 5 is not of type "string"'),
        ("POST", "/_chime/faults", {"fault": "throttle", "operation": "Get"}, "unknown operation 'Get'"),
        (
            "POST",
            "/_chime/answers",
            {"operation": "GetProxySession"},
            "the fields are operation, answer, times (optional)",
        ),
        ("POST", "/_chime/answers", {"operation": "x", "answer": {}, "session": 1}, "unknown field 'session'"),
        ("POST", "/_chime/clock", {"minute": 1}, "unknown field 'minute'; the fields are days (optional), "),
        ("POST", "/_chime/clock", {"minutes": "61"}, '/minutes: "61" is not of type "number"'),
        ("POST", "/_chime/reset", {"all": True}, "POST /_chime/reset: unknown field 'all'; it has no fields"),
        ("PUT", "/_chime/state", {"connector": []}, "unknown field 'connector'; the fields are version"),
        ("POST", "/_chime/clock", {"minutes": -1}, "can't be set back"),
        ("PUT", "/_chime/state", {"connectors": 5}, "must be the state of a service"),
    ],
)
def test_invalid_options(call, method, path, body, message):
    """Invalid options are a 400 with the reason."""
    status, error = call(method, path, body)
    assert status == 400
    assert message in error["Message"]


def test_a_body_that_is_not_json(stub):
    """A body that is not JSON is a 400."""
    with stub.serve() as server:
        for body in ("throttle", "{", "[" * 100_000):
            response = requests.post(f"{server.url}/_chime/faults", data=body)
            assert (response.status_code, "the body is not valid JSON" in response.json()["Message"]) == (400, True)


def test_paths_that_browsers_request(stub):
    """The root and the prefix list the endpoints, and the icon is empty; none of them is a call or an unmatched request."""
    with stub, stub.serve() as server, requests.Session() as session:
        for path in ("/", "/?a=b", "/_chime", "/_chime/"):
            index = session.get(f"{server.url}{path}").json()
            assert index["endpoints"] == [f"{each.method} {each.path}" for each in ENDPOINTS]
            assert session.head(f"{server.url}{path}").status_code == 200
        icon = session.get(f"{server.url}/favicon.ico")
        assert (icon.status_code, icon.content) == (204, b"")
    assert stub.calls == ()
    with pytest.raises(UnexpectedRequestError, match="POST /"), stub, stub.serve() as server:
        requests.post(f"{server.url}/")


def test_pages():
    """A page is made when it is requested; it is listed with the endpoints, and refused to other pages' scripts."""
    made = []

    def page():
        made.append(True)
        return "<!DOCTYPE html><title>é</title>"

    service = ChimeService()
    with ChimeServer(service, pages={"contract": page}) as server, requests.Session() as session:
        assert "GET /_chime/contract" in session.get(server.url).json()["endpoints"]
        assert made == []
        response = session.get(f"{server.url}/_chime/contract?a=b")
        assert (response.status_code, response.text) == (200, "<!DOCTYPE html><title>é</title>")
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert session.head(f"{server.url}/_chime/contract").headers["content-length"] == str(len(response.content))
        assert session.post(f"{server.url}/_chime/contract").status_code == 404
        refused = session.get(f"{server.url}/_chime/contract", headers={"Origin": "https://evil.test"})
        assert refused.status_code == 403
    assert (len(made), service.calls) == (2, ())


def test_the_openapi_document(call):
    """The document is valid OpenAPI, and has the endpoints with the schemas that their bodies are validated by."""
    status, document = call("GET", "/_chime/openapi.json")
    assert status == 200
    openapi_spec_validator.validate(document)
    found = {
        (method.upper(), path): described.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema")
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }
    assert found == {(each.method, each.path): each.schema if each.fields is not None else None for each in ENDPOINTS}


def test_the_table_of_the_documentation():
    """The table of docs/stub.md has each endpoint with its fields and its summary, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "stub.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `((?:GET|PUT|POST) /_chime/[^`]*)` \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    assert rows == [
        (
            f"{each.method} {each.path}",
            ", ".join(f"`{name}`" if name in each.required else f"[`{name}`]" for name in each.fields or ()) or "none",
            each.summary.rstrip("."),
        )
        for each in ENDPOINTS
    ]


def test_an_unknown_endpoint(call):
    """An unknown path is a 404 that lists the endpoints."""
    status, error = call("GET", "/_chime/nothing")
    assert status == 404
    assert "GET /_chime/health" in error["Message"]


def test_requests_of_web_pages_are_refused(call):
    """A request with an Origin field, which browsers send, can't change the stub."""
    assert call("POST", "/_chime/reset", Origin="https://evil.example")[0] == 403
