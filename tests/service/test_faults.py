"""Faults: their names, the calls that they are applied to, and their effect on responses."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from chime_fixtures.chime.documents import load_document
from chime_fixtures.chime.errors import UnknownFaultError, UnknownOperationError
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import Request, TransportFault
from chime_fixtures.service.faults import BODY_FAULTS, TRANSPORT_FAULTS

LIST = Request("GET", "/voice-connectors/abc/proxy-sessions")
VALIDATOR = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)


def statuses(api, count):
    """Return the statuses of that many listings."""
    return [getattr(api.service.handle(LIST), "status", None) for _ in range(count)]


@pytest.mark.parametrize("fault", ["error:NotFound", "error:NotFoundException"])
def test_error_by_name(api, fault):
    """An error fault takes the error's name, with or without `Exception`."""
    api.service.fail(fault)
    assert statuses(api, 2) == [404, 200]


def test_error_by_code(api):
    """An error fault takes the error's code."""
    api.service.fail("error:Unauthorized")
    assert statuses(api, 2) == [401, 200]


def test_times_and_after(api):
    """A fault is applied to `times` calls after `after` others."""
    api.service.fail("throttle", after=2, times=3)
    assert statuses(api, 7) == [200, 200, 429, 429, 429, 200, 200]


def test_fault_of_every_call(api):
    """A fault for every call is applied to all of them, and counts as used after the first."""
    api.service.fail("throttle", times=None)
    (planned,) = api.service.drain()[1]
    assert str(planned) == "fault: 'throttle' (0 applied)"
    api.service.fail("throttle", times=None)
    assert statuses(api, 5) == [429] * 5
    assert api.service.drain()[1] == ()


def test_faults_are_applied_in_order(api):
    """Faults are applied in the order in which they were planned."""
    api.service.fail("throttle", times=2)
    api.service.fail("error:ServiceUnavailable")
    api.service.fail("timeout", operation="ListProxySessions")
    assert statuses(api, 5) == [429, 429, 503, None, 200]


def test_fault_of_one_operation(api):
    """A fault is applied only to its operation, and an error only to operations that model it."""
    api.service.fail("throttle", operation="GetProxySession")
    api.service.fail("error:AccessDenied")
    assert statuses(api, 2) == [200, 200]
    put = {"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]}
    assert api("PUT", "/programmable-numbers/proxy", put)[0] == 403


def test_invalid_request_consumes_no_fault(api):
    """An invalid request gets its 400, and the fault is applied to the next request."""
    api.service.fail("throttle")
    assert api("GET", "/proxy-sessions?max-results=0")[0] == 400
    assert api("GET", "/proxy-sessions")[0] == 429


@pytest.mark.parametrize("kind", TRANSPORT_FAULTS)
@pytest.mark.parametrize("commit", [False, True])
def test_transport_fault_before_and_after_execution(api, kind, commit):
    """With `commit`, the operation is executed before the connection fails."""
    api.service.fail(kind, operation="CreateProxySession", commit=commit)
    body = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
    response = api.service.handle(Request("POST", "/voice-connectors/abc/proxy-sessions", {}, body))
    assert response == TransportFault(kind, committed=commit)
    assert (len(api.service.sessions), api.service.calls[0].committed) == (int(commit), commit)


def test_error_after_execution(api):
    """With `commit`, the operation is executed before an error is returned."""
    api.service.fail("error:ServiceUnavailable", operation="CreateProxySession", commit=True)
    assert api.create_error()[0] == 503
    assert len(api.service.sessions) == 1


def test_lost_answer_of_an_error(api):
    """The fault `lost-answer` also replaces the response of an operation that fails."""
    api.service.fail("lost-answer")
    response = api.service.handle(Request("DELETE", "/voice-connectors/abc/proxy-sessions/nobody"))
    assert response == TransportFault("reset", committed=False)


def test_no_number(api):
    """The fault `no-number` is applied only to CreateProxySession."""
    api.service.fail("no-number")
    assert statuses(api, 1) == [200]
    status, code, message = api.create_error()
    assert (status, code, "unable to allocate" in message) == (500, "ServiceFailure", True)
    assert api.service.sessions == ()


def test_latency(api):
    """A delayed response is otherwise the same; the adapter waits its seconds."""
    api.service.fail("latency:0.25")
    delayed, prompt = api.service.handle(LIST), api.service.handle(LIST)
    assert (delayed.status, delayed.body, delayed.delay, prompt.delay) == (200, prompt.body, 0.25, 0.0)


@pytest.mark.parametrize("flaw", BODY_FAULTS)
def test_malformed_body(api, flaw):
    """A malformed body has the status of a success, and the operation is executed."""
    api.service.fail(f"body:{flaw}", operation="CreateProxySession")
    body = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
    response = api.service.handle(Request("POST", "/voice-connectors/abc/proxy-sessions", {}, body))
    whole = json.dumps({"ProxySession": api.service.sessions[0]}, separators=(",", ":")).encode()
    half = whole[: len(whole) // 2]
    expected = {"empty": b"", "cut": half, "short": half, "null": b"null", "list": b"[]"}
    assert response.status == 201
    assert response.body == expected.get(flaw, response.body)
    assert response.body != whole
    assert response.headers["content-length"] == str(len(whole if flaw == "short" else response.body))
    assert response.headers["content-type"] == ("text/html" if flaw == "html" else "application/json")


def test_error_response_is_not_changed(api):
    """A fault that changes a success leaves an error response unchanged."""
    api.service.fail("body:cut")
    assert api("GET", "/proxy-sessions/nobody")[0] == 404


def test_violation(api):
    """Every violation can be returned, and an independent validator rejects it."""
    api.create()
    path = f"/proxy-sessions/{api.service.sessions[0]['ProxySessionId']}"
    for violation in enumerate_violations(load_document("proxy_session.schema.json")):
        api.service.fail(f"violation:{violation.id}")
        assert api("GET", path) == (200, {"ProxySession": violation.instance})
        assert not VALIDATOR.is_valid(violation.instance)


def test_violation_in_a_listing(api):
    """In a listing, the first session is replaced; the id may lack its variant."""
    made = [api.create() for _ in range(2)]
    api.service.fail("violation:Name.type")
    page = api("GET", "/proxy-sessions")[1]["ProxySessions"]
    assert not VALIDATOR.is_valid(page[0])
    assert page[1:] == made[1:]


def test_evolved(api):
    """An evolved response has unknown constants and members besides the session's own."""
    session = api.create()
    api.service.fail("evolved", times=2)
    evolved = api("GET", f"/proxy-sessions/{session['ProxySessionId']}")[1]["ProxySession"]
    assert set(session) < set(evolved)
    assert evolved["Status"] not in {"Open", "InProgress", "Closed"}
    assert {error.kind.name for error in VALIDATOR.iter_errors(evolved)} == {"enum"}
    assert api("GET", "/proxy-sessions")[1]["ProxySessions"] == [evolved]
    assert api.service.sessions == (session,)


@pytest.mark.parametrize("order", ["oldest-first", "newest-first"])
@pytest.mark.parametrize("kind", ["short", "empty"])
def test_short_and_empty_pages(api_with, order, kind):
    """Short and empty pages have a token; a client that follows every token gets each session once."""
    api = api_with(list_order=order)
    made = [api.create()["ProxySessionId"] for _ in range(5)]
    api.service.fail(f"page:{kind}", times=3)
    sizes, seen, query = [], [], "?max-results=4"
    while query:
        page = api("GET", f"/proxy-sessions{query}")[1]
        sizes.append(len(page["ProxySessions"]))
        seen += [session["ProxySessionId"] for session in page["ProxySessions"]]
        query = f"?max-results=4&next-token={page['NextToken']}" if "NextToken" in page else ""
    assert seen == (made if order == "oldest-first" else made[::-1])
    assert sizes == {"short": [2, 1, 1, 1], "empty": [0, 0, 0, 4, 1]}[kind]


def test_short_last_page(api):
    """A short last page has a token too; the page after it is empty."""
    api.service.fail("page:short")
    page = api("GET", "/proxy-sessions")[1]
    assert page["ProxySessions"] == []
    assert api("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1] == {"ProxySessions": []}


@pytest.mark.parametrize(
    ("fault", "operation", "message"),
    [
        ("error:NotFond", None, "did you mean 'error:NotFound'"),
        ("trottle", None, "did you mean 'throttle'"),
        ("body:rotten", None, "did you mean 'body:"),
        ("violation:Name.maxLenght", None, "did you mean 'violation:Name.maxLength'"),
        ("error:AccessDenied", "GetProxySession", "unknown fault 'error:AccessDenied'"),
        ("evolved", "DeleteProxySession", "the fault 'evolved' does not apply to DeleteProxySession"),
        ("violation:Name.maxLength", "GetVoiceConnectorProxy", "does not apply to GetVoiceConnectorProxy"),
        ("no-number", "ListProxySessions", "'no-number' does not apply to ListProxySessions"),
        ("page:short", "GetProxySession", "'page:short' does not apply to GetProxySession"),
        ("page:long", None, "did you mean 'page:"),
        ("latency:soon", None, "unknown fault"),
        ("latency:-1", None, "unknown fault"),
        ("latency:nan", None, "unknown fault"),
        ("", None, "unknown fault"),
    ],
)
def test_unknown_fault(api, fault, operation, message):
    """An unknown fault, or one that does not apply to the operation, is refused when it is planned."""
    with pytest.raises(UnknownFaultError, match=message):
        api.service.fail(fault, operation=operation)


def test_invalid_plan(api):
    """An unknown operation, or an impossible number of calls, is refused when it is planned."""
    with pytest.raises(UnknownOperationError, match="did you mean 'GetProxySession'"):
        api.service.fail("throttle", operation="GetProxySesion")
    for times in (0, -1):
        with pytest.raises(InvalidOptionError, match=f"times must be 1 or more, or None for every call, not {times}"):
            api.service.fail("throttle", times=times)
    with pytest.raises(InvalidOptionError, match="after must be 0 or more, not -1"):
        api.service.fail("throttle", after=-1)
