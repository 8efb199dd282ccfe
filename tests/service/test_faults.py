"""Faults: their spelling, their calls, and what they make of an answer."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from chime_fixtures.chime.documents import load_document
from chime_fixtures.chime.errors import UnknownFaultError, UnknownOperationError
from chime_fixtures.engine.contract import enumerate_violations
from chime_fixtures.service import Fault, Request
from chime_fixtures.service.faults import BODY_FAULTS, TRANSPORT_FAULTS

LIST = Request("GET", "/voice-connectors/abc/proxy-sessions")
JUDGE = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)


def statuses(ask, count):
    """What so many lists come to."""
    return [getattr(ask.service.handle(LIST), "status", None) for _ in range(count)]


@pytest.mark.parametrize("spelling", ["error:NotFound", "error:NotFoundException"])
def test_an_error_by_either_name(ask, spelling):
    """An error goes by its name, with or without its ending."""
    ask.service.fail(spelling)
    assert statuses(ask, 2) == [404, 200]


def test_an_error_by_its_code(ask):
    """An error goes by the code of its body."""
    ask.service.fail("error:Unauthorized")
    assert statuses(ask, 2) == [401, 200]


def test_from_which_call_on(ask):
    """A fault comes after so many calls, for so many calls."""
    ask.service.fail("throttle", after=2, times=3)
    assert statuses(ask, 7) == [200, 200, 429, 429, 429, 200, 200]


def test_for_ever(ask):
    """A fault without an end does not end, and counts as used once it was."""
    ask.service.fail("throttle", times=None)
    (planned,) = ask.service.settle()[1]
    assert str(planned) == "'throttle' for every call: used 0 times, 0 calls seen"
    ask.service.fail("throttle", times=None)
    assert statuses(ask, 5) == [429] * 5
    assert ask.service.settle()[1] == ()


def test_one_after_the_other(ask):
    """Faults planned one after the other happen one after the other."""
    ask.service.fail("throttle", times=2)
    ask.service.fail("error:ServiceUnavailable")
    ask.service.fail("timeout", operation="ListProxySessions")
    assert statuses(ask, 5) == [429, 429, 503, None, 200]


def test_only_the_operation_it_is_for(ask):
    """A fault for one operation leaves the others alone, and one that only some model leaves the rest alone."""
    ask.service.fail("throttle", operation="GetProxySession")
    ask.service.fail("error:AccessDenied")
    assert statuses(ask, 2) == [200, 200]
    put = {"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]}
    assert ask("PUT", "/programmable-numbers/proxy", put)[0] == 403


def test_a_bad_request_uses_no_fault_up(ask):
    """A request that breaks the contract gets its 400, and the fault waits for the next."""
    ask.service.fail("throttle")
    assert ask("GET", "/proxy-sessions?max-results=0")[0] == 400
    assert ask("GET", "/proxy-sessions")[0] == 429


@pytest.mark.parametrize("kind", TRANSPORT_FAULTS)
@pytest.mark.parametrize("commit", [False, True])
def test_before_or_after_the_commit(ask, kind, commit):
    """A connection breaks before the work is done, or after it."""
    ask.service.fail(kind, operation="CreateProxySession", commit=commit)
    body = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
    answer = ask.service.handle(Request("POST", "/voice-connectors/abc/proxy-sessions", {}, body))
    assert answer == Fault(kind, committed=commit)
    assert (len(ask.service.sessions), ask.service.calls[0].committed) == (int(commit), commit)


def test_an_error_after_the_commit(ask):
    """A 503 may come although the work was done."""
    ask.service.fail("error:ServiceUnavailable", operation="CreateProxySession", commit=True)
    assert ask.refused()[0] == 503
    assert len(ask.service.sessions) == 1


def test_lost_answer_of_a_refusal(ask):
    """An answer is lost whatever it was, a 404 too."""
    ask.service.fail("lost-answer")
    answer = ask.service.handle(Request("DELETE", "/voice-connectors/abc/proxy-sessions/nobody"))
    assert answer == Fault("reset", committed=False)


def test_no_number(ask):
    """The 500 for which consumers fall back comes on demand, to a creation only."""
    ask.service.fail("no-number")
    assert statuses(ask, 1) == [200]
    status, code, message = ask.refused()
    assert (status, code, "unable to allocate" in message) == (500, "ServiceFailure", True)
    assert ask.service.sessions == ()


def test_latency(ask):
    """A late answer is the right one, with the seconds that the adapter waits."""
    ask.service.fail("latency:0.25")
    late, prompt = ask.service.handle(LIST), ask.service.handle(LIST)
    assert (late.status, late.body, late.delay, prompt.delay) == (200, prompt.body, 0.25, 0.0)


@pytest.mark.parametrize("flaw", BODY_FAULTS)
def test_a_broken_body(ask, flaw):
    """A broken body comes with the status of a success, after the work was done, and is not what was meant."""
    ask.service.fail(f"body:{flaw}", operation="CreateProxySession")
    body = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
    answer = ask.service.handle(Request("POST", "/voice-connectors/abc/proxy-sessions", {}, body))
    whole = json.dumps({"ProxySession": ask.service.sessions[0]}, separators=(",", ":")).encode()
    half = whole[: len(whole) // 2]
    expected = {"empty": b"", "cut": half, "short": half, "null": b"null", "list": b"[]"}
    assert answer.status == 201
    assert answer.body == expected.get(flaw, answer.body)
    assert answer.body != whole
    assert answer.headers["content-length"] == str(len(whole if flaw == "short" else answer.body))
    assert answer.headers["content-type"] == ("text/html" if flaw == "html" else "application/json")


def test_a_refusal_is_not_broken(ask):
    """A fault that breaks a success leaves a refusal as it is."""
    ask.service.fail("body:cut")
    assert ask("GET", "/proxy-sessions/nobody")[0] == 404


def test_a_chosen_violation(ask):
    """Any violation of a session can stand in an answer, and an outside judge finds it there."""
    ask.create()
    path = f"/proxy-sessions/{ask.service.sessions[0]['ProxySessionId']}"
    for violation in enumerate_violations(load_document("proxy_session.schema.json")):
        ask.service.fail(f"violation:{violation.id}")
        assert ask("GET", path) == (200, {"ProxySession": violation.instance})
        assert not JUDGE.is_valid(violation.instance)


def test_a_violation_on_a_page(ask):
    """In a list the first session is the broken one; a violation may be named without its variant."""
    made = [ask.create() for _ in range(2)]
    ask.service.fail("violation:Name.type")
    page = ask("GET", "/proxy-sessions")[1]["ProxySessions"]
    assert not JUDGE.is_valid(page[0])
    assert page[1:] == made[1:]


def test_a_session_of_tomorrow(ask):
    """An evolved answer has constants and members that no model knows, beside all that was there."""
    session = ask.create()
    ask.service.fail("evolved", times=2)
    evolved = ask("GET", f"/proxy-sessions/{session['ProxySessionId']}")[1]["ProxySession"]
    assert set(session) < set(evolved)
    assert evolved["Status"] not in {"Open", "InProgress", "Closed"}
    assert {error.kind.name for error in JUDGE.iter_errors(evolved)} == {"enum"}
    assert ask("GET", "/proxy-sessions")[1]["ProxySessions"] == [evolved]
    assert ask.service.sessions == (session,)


@pytest.mark.parametrize("order", ["oldest-first", "newest-first"])
@pytest.mark.parametrize("kind", ["short", "empty"])
def test_pages_that_hold_less(asked, order, kind):
    """A page may be short or empty and still have a token; who follows every token sees each session once."""
    ask = asked(list_order=order)
    made = [ask.create()["ProxySessionId"] for _ in range(5)]
    ask.service.fail(f"page:{kind}", times=3)
    sizes, seen, query = [], [], "?max-results=4"
    while query:
        page = ask("GET", f"/proxy-sessions{query}")[1]
        sizes.append(len(page["ProxySessions"]))
        seen += [session["ProxySessionId"] for session in page["ProxySessions"]]
        query = f"?max-results=4&next-token={page['NextToken']}" if "NextToken" in page else ""
    assert seen == (made if order == "oldest-first" else made[::-1])
    assert sizes == {"short": [2, 1, 1, 1], "empty": [0, 0, 0, 4, 1]}[kind]


def test_a_last_page_with_a_token(ask):
    """Where nothing is left a short page has a token too, behind which there is nothing."""
    ask.service.fail("page:short")
    page = ask("GET", "/proxy-sessions")[1]
    assert page["ProxySessions"] == []
    assert ask("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1] == {"ProxySessions": []}


@pytest.mark.parametrize(
    ("spelling", "operation", "hint"),
    [
        ("error:NotFond", None, "did you mean 'error:NotFound'"),
        ("trottle", None, "did you mean 'throttle'"),
        ("body:rotten", None, "did you mean 'body:"),
        ("violation:Name.maxLenght", None, "did you mean 'violation:Name.maxLength'"),
        ("error:AccessDenied", "GetProxySession", "there is no fault 'error:AccessDenied'"),
        ("evolved", "DeleteProxySession", "evolved of DeleteProxySession"),
        ("violation:Name.maxLength", "GetVoiceConnectorProxy", "of GetVoiceConnectorProxy"),
        ("no-number", "ListProxySessions", "no-number of ListProxySessions"),
        ("page:short", "GetProxySession", "page:short of GetProxySession"),
        ("page:long", None, "did you mean 'page:"),
        ("latency:soon", None, "there is no fault"),
        ("latency:-1", None, "there is no fault"),
        ("latency:nan", None, "there is no fault"),
        ("", None, "there is no fault"),
    ],
)
def test_what_is_no_fault(ask, spelling, operation, hint):
    """A fault that does not exist, or that the operation can't have, is refused at once, with the nearest one."""
    with pytest.raises(UnknownFaultError, match=hint):
        ask.service.fail(spelling, operation=operation)


def test_what_is_no_plan(ask):
    """An operation that does not exist, or a number of calls that makes no sense, is refused at once."""
    with pytest.raises(UnknownOperationError, match="did you mean 'GetProxySession'"):
        ask.service.fail("throttle", operation="GetProxySesion")
    for times, after in ((0, 0), (-1, 0), (1, -1)):
        with pytest.raises(ValueError, match="times must be positive"):
            ask.service.fail("throttle", times=times, after=after)
