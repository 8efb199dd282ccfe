"""The stub as a test uses it: what it is told, what it tells, and how it leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json

import boto3
import pytest
import requests
from botocore.config import Config

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import (
    InvalidInstanceError,
    UnexpectedRequestError,
    UnknownFaultError,
    UnknownOperationError,
    UnmetExpectationError,
)
from chime_fixtures.engine.contract import enumerate_violations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import Request
from chime_fixtures.sessions.factory import ProxySessionFactory
from chime_fixtures.stub import ChimeStub

HOST = "https://voice-chime.us-east-1.amazonaws.com"
URL = f"{HOST}/voice-connectors/abc/proxy-sessions"
KEYS = {"VoiceConnectorId": "abc", "ProxySessionId": "s-1"}
CREATE = {"VoiceConnectorId": "abc", "ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": ["SMS"]}


def client(attempts=1):
    """A boto3 client with so many attempts."""
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    return boto3.client("chime-sdk-voice", region_name="us-east-1", config=config)


def test_preloaded_sessions(chime_stub):
    """A preloaded session is answered as it was given, alone and in a list, and a copy of it is kept."""
    given = [ProxySessionFactory(seed=n).build(Status="Open", ExpiryMinutes=60) for n in range(3)]
    for session in given:
        session.pop("EndedTimestamp", None)
        assert chime_stub.add_session(session) == session
        connector, name = session["VoiceConnectorId"], session["ProxySessionId"]
        answer = requests.get(f"{HOST}/voice-connectors/{connector}/proxy-sessions/{name}").json()
        assert answer == {"ProxySession": session}
    assert chime_stub.sessions == tuple(given)
    chime_stub.sessions[0]["Participants"].clear()
    given[1]["Participants"].clear()
    assert all(session["Participants"] for session in chime_stub.sessions)


def test_preloading_twice_replaces(chime_stub):
    """A session of an id that is there already takes its place."""
    chime_stub.add_session({**KEYS, "Status": "Open"})
    chime_stub.add_session({**KEYS, "Status": "Closed"})
    assert chime_stub.sessions == ({**KEYS, "Status": "Closed"},)


def test_ids_that_are_missing_are_added(chime_stub):
    """A session without ids is filed under the stub's own connector, and told its ids."""
    stored = chime_stub.add_session({"Status": "Open"})
    assert stored == {
        "VoiceConnectorId": chime_stub.connector_id,
        "ProxySessionId": stored["ProxySessionId"],
        "Status": "Open",
    }
    keys = {"VoiceConnectorId": chime_stub.connector_id, "ProxySessionId": stored["ProxySessionId"]}
    assert client().get_proxy_session(**keys)["ProxySession"] == stored


def test_another_connector(chime_stub):
    """A session can be filed under another connector than it says itself."""
    chime_stub.add_session({**KEYS, "Status": "Open"}, connector="other")
    assert (
        client().get_proxy_session(VoiceConnectorId="other", ProxySessionId="s-1")["ProxySession"]["Status"] == "Open"
    )
    assert requests.get(f"{URL}/s-1").status_code == 404


def test_an_old_session_lives_on(chime_stub):
    """A preloaded open session whose minutes were over long ago lives them from now; one with time left keeps it."""
    old = {**KEYS, "Status": "Open", "CreatedTimestamp": "2020-04-15T16:10:10.288Z", "ExpiryMinutes": 60}
    new = {**old, "ProxySessionId": "s-2", "CreatedTimestamp": "2025-12-31T23:30:00.000Z"}
    chime_stub.add_session(old)
    chime_stub.add_session(new)
    chime_stub.clock.advance(minutes=30)
    assert [session["Status"] for session in chime_stub.sessions] == ["Open", "Closed"]
    chime_stub.clock.advance(minutes=30)
    assert [session["Status"] for session in chime_stub.sessions] == ["Closed", "Closed"]


def test_preloading_what_breaks_the_contract(chime_stub):
    """A session or configuration that breaks the contract is refused, with the violation."""
    with pytest.raises(InvalidInstanceError, match="/Status: .* is not one of") as caught:
        chime_stub.add_session({**KEYS, "Status": "Suspended"})
    assert [violation.pointer for violation in caught.value.violations] == ["/Status"]
    with pytest.raises(InvalidInstanceError, match=r'"DefaultSessionExpiryMinutes" is required'):
        chime_stub.add_connector("abc", proxy={"PhoneNumberPoolCountries": ["US"]})


def test_a_preloaded_connector(chime_stub):
    """A preloaded configuration is the one that is read."""
    chime_stub.add_connector("abc", proxy={"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]})
    proxy = client().get_voice_connector_proxy(VoiceConnectorId="abc")["Proxy"]
    assert proxy == {"DefaultSessionExpiryMinutes": 5, "Disabled": False, "PhoneNumberCountries": ["US"]}


def test_the_time_it_is():
    """A stub begins at the instant it is given."""
    with ChimeStub(now=dt.datetime(2030, 5, 6, tzinfo=dt.UTC)):
        assert client().create_proxy_session(**CREATE)["ProxySession"]["CreatedTimestamp"].year == 2030


def test_the_seed():
    """The seed decides ids and numbers."""
    seen = []
    for seed in (1, 1, 2):
        with ChimeStub(seed=seed) as stub:
            client().create_proxy_session(**CREATE)
            seen.append((stub.connector_id, stub.sessions))
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[2][0]
    assert seen[0][1] != seen[2][1]


def test_every_violation_reaches_the_client(chime_stub):
    """Each way to break a session can be fed to a client by its violation, and arrives unchanged."""
    session = requests.Session()
    session.trust_env = False
    for violation in enumerate_violations(load_contract("ProxySession")):
        chime_stub.answer("GetProxySession", violation)
        assert session.get(f"{URL}/s-1").json() == {"ProxySession": violation.instance}
        chime_stub.answer("ListProxySessions", violation)
        expected = violation.instance if isinstance(violation.instance, list) else [violation.instance]
        assert session.get(URL).json() == {"ProxySessions": expected}


def test_chosen_answers(chime_stub):
    """A session is put into the operation's answer, a whole answer stays whole, and the state is left alone."""
    open_, closed = {"Status": "Open"}, {"Status": "Closed"}
    for chosen, shown in (
        (open_, {"ProxySession": open_}),
        ({"ProxySession": closed, "Extra": 1}, {"ProxySession": closed, "Extra": 1}),
        (None, {"ProxySession": None}),
    ):
        chime_stub.answer("CreateProxySession", chosen)
        body = {name: value for name, value in CREATE.items() if name != "VoiceConnectorId"}
        answer = requests.post(URL, json=body)
        assert (answer.status_code, answer.json()) == (201, shown)
    for chosen, shown in (
        ([open_, closed], {"ProxySessions": [open_, closed]}),
        ({"ProxySessions": [], "NextToken": "more"}, {"ProxySessions": [], "NextToken": "more"}),
    ):
        chime_stub.answer("ListProxySessions", chosen)
        assert requests.get(URL).json() == shown
    chime_stub.answer("GetVoiceConnectorProxy", {"Disabled": True})
    assert client().get_voice_connector_proxy(VoiceConnectorId="abc")["Proxy"] == {"Disabled": True}
    assert chime_stub.sessions == ()


def test_chosen_answers_in_their_order(chime_stub):
    """Answers for some calls come in their order, then the one for all calls, of which the last choice holds."""
    chime_stub.answer("GetProxySession", {"Name": "always"})
    chime_stub.answer("GetProxySession", {"Name": "twice"}, times=2)
    chime_stub.answer("GetProxySession", {"Name": "once"}, times=1)
    names = [requests.get(f"{URL}/s").json()["ProxySession"]["Name"] for _ in range(5)]
    assert names == ["twice", "twice", "once", "always", "always"]
    chime_stub.answer("GetProxySession", {"Name": "now"})
    assert requests.get(f"{URL}/s").json() == {"ProxySession": {"Name": "now"}}


def test_a_chosen_answer_still_needs_a_good_request(chime_stub):
    """A request that breaks the contract is refused, whatever answer was chosen."""
    chime_stub.answer("ListProxySessions", [])
    assert requests.get(f"{URL}?max-results=0").status_code == 400
    assert requests.get(URL).json() == {"ProxySessions": []}


def test_a_status_nobody_knows(chime_stub):
    """boto3 hands a chosen unknown status through to the consumer."""
    chime_stub.answer("GetProxySession", {**KEYS, "Status": "Suspended"})
    assert client().get_proxy_session(**KEYS)["ProxySession"]["Status"] == "Suspended"


def test_answers_that_cannot_be_chosen(chime_stub):
    """An operation that does not exist or answers with nothing, a value that is no JSON, and no calls, are refused."""
    with pytest.raises(UnknownOperationError, match="did you mean 'GetProxySession'"):
        chime_stub.answer("GetProxySesion", {})
    with pytest.raises(UnknownFaultError, match="DeleteProxySession, whose body is empty"):
        chime_stub.answer("DeleteProxySession", {})
    with pytest.raises(TypeError, match="datetime is not JSON serializable"):
        chime_stub.answer("GetProxySession", {"CreatedTimestamp": dt.datetime.now(dt.UTC)})
    with pytest.raises(ValueError, match="times must be positive"):
        chime_stub.answer("GetProxySession", {}, times=0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"signatures": "verfy"}, "signatures can't be 'verfy'; did you mean 'verify'"),
        ({"now": "sytem"}, "the clock needs 'system' or an instant with a zone, not 'sytem'"),
        ({"now": dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)}, "an instant with a zone"),
    ],
)
def test_a_stub_that_cannot_be(wrong, message):
    """A setting that there is not is refused when the stub is made."""
    with pytest.raises(InvalidOptionError, match=message):
        ChimeStub(**wrong)


def test_assert_called_once(chime_stub):
    """A call that came once with these members is given back; one that came twice, or otherwise, is shown."""
    boto = client()
    boto.create_proxy_session(**CREATE, Name="Order 1")
    boto.create_proxy_session(**CREATE, Name="Order 2")
    assert chime_stub.assert_called_once("CreateProxySession", Name="Order 2").number == 2
    with pytest.raises(UnmetExpectationError, match=r"CreateProxySession\(\) was to be called once, and was called 2"):
        chime_stub.assert_called_once("CreateProxySession")
    with pytest.raises(AssertionError) as caught:
        chime_stub.assert_called_once("CreateProxySession", Name="Order 3", Capabilities=["SMS"], ExpiryMinutes=5)
    assert str(caught.value) == (
        "CreateProxySession(Name='Order 3', Capabilities=['SMS'], ExpiryMinutes=5) was to be called once, "
        "and was called 0 times; the nearest call, #1, has Name='Order 1' instead of 'Order 3', no ExpiryMinutes; "
        "the calls were:\n"
        "  #1 CreateProxySession attempt 1 -> 201, committed\n"
        "  #2 CreateProxySession attempt 1 -> 201, committed"
    )
    with pytest.raises(UnmetExpectationError, match="the nearest call, #1, has no Nmae but Name; the calls were"):
        chime_stub.assert_called_once("CreateProxySession", Nmae="Order 1")
    with pytest.raises(UnknownOperationError):
        chime_stub.assert_called_once("CreateProxySesion")
    with pytest.raises(UnmetExpectationError, match="was called 0 times; the calls were"):
        chime_stub.assert_called_once("DeleteProxySession")


def test_of_many_calls_the_last_are_told(chime_stub):
    """A message about very many calls has the last ones, and how many came before."""
    with requests.Session() as session:
        for _ in range(100):
            session.get(URL)
    with pytest.raises(UnmetExpectationError) as caught:
        chime_stub.assert_called_once("CreateProxySession")
    lines = str(caught.value).splitlines()
    assert (lines[1], lines[2], len(lines)) == (
        "  ... 60 calls before these",
        "  #61 ListProxySessions attempt 1 -> 200",
        42,
    )


def test_a_refused_request_is_told_too(chime_stub):
    """What a request that breaks the contract asked for can be asserted, as what it broke can."""
    requests.post(URL, json={"ParticipantPhoneNumbers": ["+12"], "Capabilities": ["SMS"], "Name": "y"})
    call = chime_stub.assert_called_once("CreateProxySession", Name="y", Capabilities=["SMS"])
    assert (call.status, [each.id for each in call.violations]) == (400, ["ParticipantPhoneNumbers.minItems"])


def test_secrets_are_shown_nowhere(chime_stub):
    """No secret of a request is in a call, its record or the request's own repr, nor in an error about it."""
    secret = "s3cr3t"
    query = f"?X-Amz-Signature={secret}&X-Amz-Credential={secret}&api_key={secret}"
    names = ("Authorization", "X-Amz-Security-Token", "Cookie", "X-Api-Key", "Proxy-Authorization")
    headers = dict.fromkeys(names, secret)
    asked = Request("GET", f"/voice-connectors/abc/proxy-sessions{query}", headers)
    with pytest.raises(UnexpectedRequestError) as caught:
        requests.get(f"{HOST}/nothing{query}", headers=headers)
    requests.get(f"{URL}{query}", headers=headers)
    with pytest.raises(UnmetExpectationError) as unmet:
        chime_stub.assert_called_once("GetProxySession")
    calls = chime_stub.calls
    shown = [repr(asked), str(caught.value), repr(caught.value), str(unmet.value), repr(calls), str(calls[0].headers)]
    shown += [calls[0].target, json.dumps([call.as_dict() for call in calls]), str(list(map(str, calls)))]
    assert [text for text in shown if secret in text] == []
    assert all("X-Amz-Signature=***" in text for text in (repr(asked), calls[1].target))
    chime_stub.service.settle()


def test_a_retry_is_a_call_too(chime_stub):
    """Attempts are requests: who wants to see one call must not have retried."""
    chime_stub.fail("error:ServiceUnavailable")
    client(attempts=3).list_proxy_sessions(VoiceConnectorId="abc")
    with pytest.raises(UnmetExpectationError, match="attempt 1 -> 503.*fault.*\n.*attempt 2 -> 200"):
        chime_stub.assert_called_once("ListProxySessions")


def test_an_unused_fault_is_an_error():
    """A fault that never happened fails the test that planned it, and says how far it came."""
    with pytest.raises(
        UnmetExpectationError, match="'throttle' for 2 calls of GetProxySession after 1: used 0 times, 1"
    ):
        use_too_rarely()


def use_too_rarely():
    """Plan two faults and come to none."""
    with ChimeStub() as stub:
        stub.fail("throttle", operation="GetProxySession", times=2, after=1)
        requests.get(f"{URL}/s")


def test_an_unused_answer_is_an_error():
    """A chosen answer that nobody came for, or too few, fails the test as a fault does; one that was used is none."""
    with pytest.raises(UnmetExpectationError) as caught, ChimeStub() as stub:
        stub.answer("GetProxySession", {"Name": "twice"}, times=2)
        stub.answer("GetProxySession", {"Name": "always"})
        stub.answer("ListProxySessions", [])
        assert [requests.get(url).status_code for url in (f"{URL}/s", URL)] == [200, 200]
    assert str(caught.value).splitlines()[0] == (
        "not all was used as planned: the answer of GetProxySession for 2 calls: given 1 times; "
        "the answer of GetProxySession for every call: given 0 times; the calls were:"
    )
    with stub:
        assert requests.get(URL).json() == {"ProxySessions": []}
        assert requests.get(f"{URL}/s").status_code == 404


def test_an_unused_fault_keeps_quiet_when_the_body_failed():
    """The error of the body stays the visible one."""
    with pytest.raises(ZeroDivisionError) as caught, ChimeStub() as stub:
        stub.fail("throttle")
        raise ZeroDivisionError
    assert not hasattr(caught.value, "__notes__")


def test_a_swallowed_unexpected_request_comes_again():
    """Code that catches every exception can't hide that it asked for what Chime has not."""
    with pytest.raises(UnexpectedRequestError, match="GET /voice-connectors/abc/proxy-sessoins"):
        ask_wrongly_and_hide_it()


def ask_wrongly_and_hide_it(then=None):
    """Code under test that catches everything."""
    with ChimeStub():
        try:
            client().list_proxy_sessions(VoiceConnectorId="abc")
            requests.get(URL.replace("sessions", "sessoins"))
        except Exception:  # that is what the code under test does
            pass
        if then:
            raise then


def test_a_swallowed_request_is_noted_when_the_body_failed():
    """If the body fails for another reason, that is the error, with a note of what was swallowed before."""
    with pytest.raises(KeyError) as caught:
        ask_wrongly_and_hide_it(KeyError("ProxySession"))
    assert [note.partition(":")[0] for note in caught.value.__notes__] == ["the stub had raised before"]


def test_an_unexpected_request_is_not_noted_on_itself():
    """The error that left the body is not told about itself."""
    with pytest.raises(UnexpectedRequestError) as caught, ChimeStub():
        requests.get(f"{HOST}/voice-connectors")
    assert not hasattr(caught.value, "__notes__")


def test_an_unexpected_request_through_boto3():
    """Another operation of the same service is not Chime's to answer here, and boto3 lets the error through."""
    with pytest.raises(UnexpectedRequestError, match="no Chime operation answers GET /voice-connectors"), ChimeStub():
        client().list_voice_connectors()


def test_one_stub_twice():
    """A stub may be entered again after it was left, with its state, but not inside itself."""
    stub = ChimeStub()
    stub.add_session({**KEYS, "Status": "Open"})
    for _ in range(2):
        with stub:
            assert client().get_proxy_session(**KEYS)["ProxySession"]["Status"] == "Open"
            with pytest.raises(RuntimeError, match="in force already"):
                stub.__enter__()
    assert len(stub.calls) == 2


def test_a_decorator():
    """As a decorator a stub is fresh for each call, with its options, and is handed over where it is asked for."""

    @ChimeStub(seed=9)
    def life(name, *, stub):
        client().create_proxy_session(**CREATE, Name=name)
        return len(stub.sessions), stub.connector_id

    with ChimeStub(seed=9) as stub:
        expected = (1, stub.connector_id)
    assert life("a") == life(name="b") == expected
    assert list(inspect.signature(life).parameters) == ["name"]
    assert life.__name__ == "life"


def test_a_decorator_that_hands_nothing_over():
    """A function that does not ask for the stub is inside it all the same."""

    @ChimeStub()
    def life():
        return requests.get(URL).status_code

    assert life() == 200


def test_a_decorator_of_a_coroutine():
    """A coroutine function stays one, and is inside the stub until it has ended."""

    @ChimeStub()
    async def life(stub):
        await asyncio.sleep(0)
        return requests.get(URL).status_code, len(stub.calls)  # noqa: ASYNC210  # nothing blocks in a stub

    assert inspect.iscoroutinefunction(life)
    assert asyncio.run(life()) == (200, 1)


def test_a_decorator_of_a_class():
    """A class is refused: which of its methods were meant, only its author knows."""
    with pytest.raises(TypeError, match="decorates functions"):
        ChimeStub()(type("Tests", (), {}))


def test_a_failure_on_entering_leaves_nothing(monkeypatch):
    """If a patch can't be installed, the variables and the stack are as they were, and the stub is not in force."""
    from chime_fixtures.adapters.dispatch import DISPATCHER

    def fail(_):
        raise ImportError("no such thing")

    monkeypatch.setitem(DISPATCHER._installers, "requests", fail)
    stub = ChimeStub()
    with pytest.raises(ImportError, match="no such thing"):
        stub.__enter__()
    assert DISPATCHER.find_claim(URL) is None
    monkeypatch.undo()
    with stub:
        assert requests.get(URL).status_code == 200
