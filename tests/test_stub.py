"""The stub as a test uses it: preloading, canned responses, assertions, and errors on leaving."""

from __future__ import annotations

import datetime as dt
import json

import boto3
import pytest
import requests
from botocore.config import Config

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import (
    InvalidInstanceError,
    UnexpectedRequestError,
    UnknownMemberWarning,
    UnknownOperationError,
    UnmetExpectationError,
)
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import Request
from chime_fixtures.sessions.factory import ProxySessionFactory
from chime_fixtures.stub import ChimeStub

HOST = "https://voice-chime.us-east-1.amazonaws.com"
URL = f"{HOST}/voice-connectors/abc/proxy-sessions"
KEYS = {"VoiceConnectorId": "abc", "ProxySessionId": "s-1"}
CREATE = {"VoiceConnectorId": "abc", "ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": ["SMS"]}


def client(attempts=1):
    """A boto3 client with that many attempts."""
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    return boto3.client("chime-sdk-voice", region_name="us-east-1", config=config)


def test_preloaded_sessions(chime_stub):
    """A preloaded session is returned unchanged, alone and in a listing; the stub keeps a copy."""
    preloaded = [ProxySessionFactory(seed=n).build(Status="Open", ExpiryMinutes=60) for n in range(3)]
    for session in preloaded:
        session.pop("EndedTimestamp", None)
        assert chime_stub.add_session(session) == session
        connector, name = session["VoiceConnectorId"], session["ProxySessionId"]
        response = requests.get(f"{HOST}/voice-connectors/{connector}/proxy-sessions/{name}").json()
        assert response == {"ProxySession": session}
    assert chime_stub.sessions == tuple(preloaded)
    chime_stub.sessions[0]["Participants"].clear()
    preloaded[1]["Participants"].clear()
    assert all(session["Participants"] for session in chime_stub.sessions)


def test_preloading_an_existing_id(chime_stub):
    """A preloaded session replaces one with the same id."""
    chime_stub.add_session({**KEYS, "Status": "Open"})
    chime_stub.add_session({**KEYS, "Status": "Closed"})
    assert chime_stub.sessions == ({**KEYS, "Status": "Closed"},)


def test_missing_ids_are_generated(chime_stub):
    """A session without ids is stored under the stub's connector, with a generated id."""
    stored = chime_stub.add_session({"Status": "Open"})
    assert stored == {
        "VoiceConnectorId": chime_stub.connector_id,
        "ProxySessionId": stored["ProxySessionId"],
        "Status": "Open",
    }
    keys = {"VoiceConnectorId": chime_stub.connector_id, "ProxySessionId": stored["ProxySessionId"]}
    assert client().get_proxy_session(**keys)["ProxySession"] == stored


def test_preloading_under_another_connector(chime_stub):
    """A session can be stored under another connector than its own."""
    chime_stub.add_session({**KEYS, "Status": "Open"}, connector="other")
    assert (
        client().get_proxy_session(VoiceConnectorId="other", ProxySessionId="s-1")["ProxySession"]["Status"] == "Open"
    )
    assert requests.get(f"{URL}/s-1").status_code == 404


def test_preloading_an_expired_session(chime_stub):
    """The minutes of a preloaded open session count from now if they have passed already."""
    old = {**KEYS, "Status": "Open", "CreatedTimestamp": "2020-04-15T16:10:10.288Z", "ExpiryMinutes": 60}
    new = {**old, "ProxySessionId": "s-2", "CreatedTimestamp": "2025-12-31T23:30:00.000Z"}
    chime_stub.add_session(old)
    chime_stub.add_session(new)
    chime_stub.clock.advance(minutes=30)
    assert [session["Status"] for session in chime_stub.sessions] == ["Open", "Closed"]
    chime_stub.clock.advance(minutes=30)
    assert [session["Status"] for session in chime_stub.sessions] == ["Closed", "Closed"]


def test_preloading_an_invalid_session(chime_stub):
    """A session or configuration that violates the contract is refused, with the violation."""
    with pytest.raises(InvalidInstanceError, match="/Status: .* is not one of") as caught:
        chime_stub.add_session({**KEYS, "Status": "Suspended"})
    assert [violation.pointer for violation in caught.value.violations] == ["/Status"]
    with pytest.raises(InvalidInstanceError, match='"DefaultSessionExpiryMinutes" is required'):
        chime_stub.add_connector("abc", proxy={"PhoneNumberPoolCountries": ["US"]})


def test_preloaded_connector(chime_stub):
    """A preloaded proxy configuration is returned."""
    chime_stub.add_connector("abc", proxy={"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"]})
    proxy = client().get_voice_connector_proxy(VoiceConnectorId="abc")["Proxy"]
    assert proxy == {"DefaultSessionExpiryMinutes": 5, "Disabled": False, "PhoneNumberCountries": ["US"]}


def test_now():
    """The clock of a stub starts at the instant that is passed."""
    with ChimeStub(now=dt.datetime(2030, 5, 6, tzinfo=dt.UTC)):
        assert client().create_proxy_session(**CREATE)["ProxySession"]["CreatedTimestamp"].year == 2030


def test_seed():
    """Ids and proxy numbers depend on the seed."""
    seen = []
    for seed in (1, 1, 2):
        with ChimeStub(seed=seed) as stub:
            client().create_proxy_session(**CREATE)
            seen.append((stub.connector_id, stub.sessions))
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[2][0]
    assert seen[0][1] != seen[2][1]


def test_canned_violations(chime_stub):
    """Each violation of a session can be chosen as a response, and reaches the client unchanged."""
    session = requests.Session()
    session.trust_env = False
    for violation in enumerate_violations(load_contract("ProxySession")):
        chime_stub.answer("GetProxySession", violation)
        assert session.get(f"{URL}/s-1").json() == {"ProxySession": violation.instance}
        chime_stub.answer("ListProxySessions", violation)
        expected = violation.instance if isinstance(violation.instance, list) else [violation.instance]
        assert session.get(URL).json() == {"ProxySessions": expected}


def test_canned_responses(chime_stub):
    """A session is put into the operation's response, a whole response is sent as it is, and the state does not change."""
    open_, closed = {"Status": "Open"}, {"Status": "Closed"}
    for chosen, expected in (
        (open_, {"ProxySession": open_}),
        ({"ProxySession": closed, "Extra": 1}, {"ProxySession": closed, "Extra": 1}),
        (None, {"ProxySession": None}),
    ):
        chime_stub.answer("CreateProxySession", chosen)
        body = {name: value for name, value in CREATE.items() if name != "VoiceConnectorId"}
        response = requests.post(URL, json=body)
        assert (response.status_code, response.json()) == (201, expected)
    for chosen, expected in (
        ([open_, closed], {"ProxySessions": [open_, closed]}),
        ({"ProxySessions": [], "NextToken": "more"}, {"ProxySessions": [], "NextToken": "more"}),
    ):
        chime_stub.answer("ListProxySessions", chosen)
        assert requests.get(URL).json() == expected
    chime_stub.answer("GetVoiceConnectorProxy", {"Disabled": True})
    assert client().get_voice_connector_proxy(VoiceConnectorId="abc")["Proxy"] == {"Disabled": True}
    assert chime_stub.sessions == ()


@pytest.mark.parametrize("make", [lambda session: session, lambda session: {"ProxySession": session}])
def test_canned_sessions_of_boto3(chime_stub, make):
    """A session or whole response with datetimes, as boto3 returns it, is sent as the text that they were read from."""
    session = ProxySessionFactory(seed=3, form="boto3").build()
    assert isinstance(session["CreatedTimestamp"], dt.datetime)
    chime_stub.answer("GetProxySession", make(session))
    received = client().get_proxy_session(**KEYS)
    assert received["ProxySession"] == session
    chime_stub.answer("GetProxySession", received)
    assert requests.get(f"{URL}/s-1").json() == {"ProxySession": ProxySessionFactory(seed=3).build()}


def test_preloaded_sessions_of_boto3(chime_stub):
    """A session with datetimes is stored with their text, with microseconds if they have them, in UTC."""
    created = dt.datetime(2026, 1, 1, 1, 0, 0, 5_000, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    preloaded = {**KEYS, "CreatedTimestamp": created, "UpdatedTimestamp": created.replace(microsecond=5_001)}
    texts = {"CreatedTimestamp": "2026-01-01T00:00:00.005Z", "UpdatedTimestamp": "2026-01-01T00:00:00.005001Z"}
    assert chime_stub.add_session(preloaded) == {**KEYS, **texts}
    session = client().get_proxy_session(**KEYS)["ProxySession"]
    assert [session[name] for name in texts] == [preloaded[name] for name in texts]
    with pytest.raises(InvalidOptionError, match="has no time zone"):
        chime_stub.add_session({"CreatedTimestamp": created.replace(tzinfo=None)})


@pytest.mark.parametrize(
    ("session", "pointer", "nearest"),
    [
        ({"status": "Open"}, "/status", "Status"),
        ({"Nmae": "a"}, "/Nmae", "Name"),
        ({"proxy_session_id": "s"}, "/proxy_session_id", "ProxySessionId"),
        ({"ExpiryMinute": 5}, "/ExpiryMinute", "ExpiryMinutes"),
        ({"Participants": [{}, {"phoneNumber": "+12"}]}, "/Participants/1/phoneNumber", "PhoneNumber"),
    ],
)
def test_misspelt_members(chime_stub, session, pointer, nearest):
    """A member that the contract does not have, but whose name resembles one of its members, is a warning."""
    message = f"the session has the member {pointer}, which the contract does not have; did you mean '{nearest}'\\?"
    with pytest.warns(UnknownMemberWarning, match=message) as caught:
        chime_stub.add_session(session)
    assert [warning.filename for warning in caught] == [__file__]
    chime_stub.add_session(session, check=False)
    chime_stub.add_session({"Tenant": "t", "GeoMatch": 1})
    chime_stub.add_session(load_contract("ProxySession").evolve(ProxySessionFactory(seed=1).build()), check=False)
    with pytest.warns(UnknownMemberWarning, match="the proxy configuration has the member /disabled"):
        chime_stub.add_connector(
            "abc", proxy={"DefaultSessionExpiryMinutes": 5, "PhoneNumberPoolCountries": ["US"], "disabled": True}
        )


def test_order_of_canned_responses(chime_stub):
    """Responses for a number of calls are sent in order, then the latest one for every call."""
    chime_stub.answer("GetProxySession", {"Name": "always"})
    chime_stub.answer("GetProxySession", {"Name": "twice"}, times=2)
    chime_stub.answer("GetProxySession", {"Name": "once"}, times=1)
    names = [requests.get(f"{URL}/s").json()["ProxySession"]["Name"] for _ in range(5)]
    assert names == ["twice", "twice", "once", "always", "always"]
    chime_stub.answer("GetProxySession", {"Name": "now"})
    assert requests.get(f"{URL}/s").json() == {"ProxySession": {"Name": "now"}}


def test_invalid_request_with_a_canned_response(chime_stub):
    """An invalid request gets its 400, whatever response was chosen."""
    chime_stub.answer("ListProxySessions", [])
    assert requests.get(f"{URL}?max-results=0").status_code == 400
    assert requests.get(URL).json() == {"ProxySessions": []}


def test_unknown_status(chime_stub):
    """boto3 passes an unknown status on to the consumer."""
    chime_stub.answer("GetProxySession", {**KEYS, "Status": "Suspended"})
    assert client().get_proxy_session(**KEYS)["ProxySession"]["Status"] == "Suspended"


def test_invalid_canned_responses(chime_stub):
    """An unknown operation, one without a response body, a value that is not JSON and an impossible number are refused."""
    with pytest.raises(UnknownOperationError, match="did you mean 'GetProxySession'"):
        chime_stub.answer("GetProxySesion", {})
    with pytest.raises(InvalidOptionError, match="the response of DeleteProxySession has no body"):
        chime_stub.answer("DeleteProxySession", {})
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        chime_stub.answer("GetProxySession", {"Capabilities": {"SMS"}})
    with pytest.raises(InvalidOptionError, match=r"datetime.datetime\(2026, 1, 1, 0, 0\) has no time zone; add one"):
        chime_stub.answer("GetProxySession", {"CreatedTimestamp": dt.datetime(2026, 1, 1)})  # noqa: DTZ001  # refused
    with pytest.raises(ValueError, match="times must be 1 or more"):
        chime_stub.answer("GetProxySession", {}, times=0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"signatures": "verfy"},
            "unknown signature mode 'verfy'; did you mean 'verify'",
        ),
        ({"now": "sytem"}, "now must be 'system' or a datetime with a time zone, not 'sytem'"),
        ({"now": dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)}, "a datetime with a time zone"),
    ],
)
def test_invalid_options(wrong, message):
    """An invalid option is refused when the stub is created."""
    with pytest.raises(InvalidOptionError, match=message):
        ChimeStub(**wrong)


def test_assert_called_once(chime_stub):
    """The only matching call is returned; otherwise the error lists the calls and the differences of the nearest one."""
    boto = client()
    boto.create_proxy_session(**CREATE, Name="Order 1")
    boto.create_proxy_session(**CREATE, Name="Order 2")
    assert chime_stub.assert_called_once("CreateProxySession", Name="Order 2").number == 2
    with pytest.raises(UnmetExpectationError, match=r"expected 1 call of CreateProxySession\(\), found 2; calls:"):
        chime_stub.assert_called_once("CreateProxySession")
    with pytest.raises(AssertionError) as caught:
        chime_stub.assert_called_once("CreateProxySession", Name="Order 3", Capabilities=["SMS"], ExpiryMinutes=5)
    assert str(caught.value) == (
        "expected 1 call of CreateProxySession(Name='Order 3', Capabilities=['SMS'], ExpiryMinutes=5), found 0; "
        "differences of the nearest call, #1: Name is 'Order 1', not 'Order 3', ExpiryMinutes is missing; calls:\n"
        "  #1 CreateProxySession attempt 1 -> 201, committed\n"
        "  #2 CreateProxySession attempt 1 -> 201, committed"
    )
    with pytest.raises(UnmetExpectationError, match=r"#1: Nmae is missing \(did you mean Name\?\); calls:"):
        chime_stub.assert_called_once("CreateProxySession", Nmae="Order 1")
    with pytest.raises(UnknownOperationError):
        chime_stub.assert_called_once("CreateProxySesion")
    with pytest.raises(UnmetExpectationError, match=r"expected 1 call of DeleteProxySession\(\), found 0; calls:"):
        chime_stub.assert_called_once("DeleteProxySession")


def test_calls_to_and_other_assertions(chime_stub):
    """The calls of one operation can be listed and counted, with and without parameters."""
    boto = client()
    boto.create_proxy_session(**CREATE, Name="Order 1")
    boto.create_proxy_session(**CREATE, Name="Order 2")
    boto.list_proxy_sessions(VoiceConnectorId="abc")
    first, second = chime_stub.calls_to("CreateProxySession")
    assert [call.request["Name"] for call in (first, second)] == ["Order 1", "Order 2"]
    assert chime_stub.calls_to("DeleteProxySession") == ()
    assert chime_stub.assert_called("CreateProxySession") == (first, second)
    assert chime_stub.assert_called("CreateProxySession", times=1, Name="Order 2") == (second,)
    assert chime_stub.assert_called("CreateProxySession", times=2, Capabilities=["SMS"]) == (first, second)
    chime_stub.assert_not_called("DeleteProxySession")
    chime_stub.assert_not_called("CreateProxySession", Name="Order 3")
    for arguments, reason in (
        ({"times": 3}, "expected 3 calls of CreateProxySession(), found 2; calls:"),
        (
            {"Name": "Order 3"},
            "expected at least 1 call of CreateProxySession(Name='Order 3'), found 0; differences of",
        ),
    ):
        with pytest.raises(UnmetExpectationError) as caught:
            chime_stub.assert_called("CreateProxySession", **arguments)
        assert str(caught.value).startswith(reason)
    with pytest.raises(
        UnmetExpectationError, match=r"expected 0 calls of CreateProxySession\(Name='Order 1'\), found 1"
    ):
        chime_stub.assert_not_called("CreateProxySession", Name="Order 1")
    for method in (chime_stub.calls_to, chime_stub.assert_called, chime_stub.assert_not_called):
        with pytest.raises(UnknownOperationError, match="did you mean"):
            method("CreateProxySesion")


def test_error_with_many_calls(chime_stub):
    """An error about many calls lists the last ones and the number of earlier ones."""
    with requests.Session() as session:
        for _ in range(100):
            session.get(URL)
    with pytest.raises(UnmetExpectationError) as caught:
        chime_stub.assert_called_once("CreateProxySession")
    lines = str(caught.value).splitlines()
    assert (lines[1], lines[2], len(lines)) == (
        "  ... 60 earlier calls",
        "  #61 ListProxySessions attempt 1 -> 200",
        42,
    )


def test_call_of_an_invalid_request(chime_stub):
    """The parameters and the violations of an invalid request are in its call."""
    requests.post(URL, json={"ParticipantPhoneNumbers": ["+12"], "Capabilities": ["SMS"], "Name": "y"})
    call = chime_stub.assert_called_once("CreateProxySession", Name="y", Capabilities=["SMS"])
    assert (call.status, [each.id for each in call.violations]) == (400, ["ParticipantPhoneNumbers.minItems"])


def test_secrets_are_redacted(chime_stub):
    """No secret of a request is in a call, its dict, the repr of the request, or an error about it."""
    secret = "s3cr3t"
    query = f"?X-Amz-Signature={secret}&X-Amz-Credential={secret}&api_key={secret}"
    names = ("Authorization", "X-Amz-Security-Token", "Cookie", "X-Api-Key", "Proxy-Authorization")
    headers = dict.fromkeys(names, secret)
    request = Request("GET", f"/voice-connectors/abc/proxy-sessions{query}", headers)
    with pytest.raises(UnexpectedRequestError) as caught:
        requests.get(f"{HOST}/nothing{query}", headers=headers)
    requests.get(f"{URL}{query}", headers=headers)
    with pytest.raises(UnmetExpectationError) as unmet:
        chime_stub.assert_called_once("GetProxySession")
    calls = chime_stub.calls
    printed = [
        repr(request),
        str(caught.value),
        repr(caught.value),
        str(unmet.value),
        repr(calls),
        str(calls[0].headers),
    ]
    printed += [calls[0].target, json.dumps([call.as_dict() for call in calls]), str(list(map(str, calls)))]
    assert [text for text in printed if secret in text] == []
    assert all("X-Amz-Signature=***" in text for text in (repr(request), calls[1].target))
    chime_stub.drain()


def test_retries_are_calls(chime_stub):
    """Each attempt of a client is a call."""
    chime_stub.fail("error:ServiceUnavailable")
    client(attempts=3).list_proxy_sessions(VoiceConnectorId="abc")
    with pytest.raises(UnmetExpectationError, match="attempt 1 -> 503.*fault.*\n.*attempt 2 -> 200"):
        chime_stub.assert_called_once("ListProxySessions")


def test_unused_fault():
    """An unused fault fails the test that planned it, with the number of calls so far."""
    message = r"unused fault: 'throttle' on GetProxySession after 1 call \(0 of 2 applied, 1 call seen\); calls:"
    with pytest.raises(UnmetExpectationError, match=message):
        leave_a_fault_unused()


def leave_a_fault_unused():
    """Plan a fault for more calls than there are."""
    with ChimeStub() as stub:
        stub.fail("throttle", operation="GetProxySession", times=2, after=1)
        requests.get(f"{URL}/s")


def test_unused_canned_response():
    """A canned response that was sent to fewer calls than planned fails the test."""
    with pytest.raises(UnmetExpectationError) as caught, ChimeStub() as stub:
        stub.answer("GetProxySession", {"Name": "twice"}, times=2)
        stub.answer("GetProxySession", {"Name": "always"})
        stub.answer("ListProxySessions", [])
        assert [requests.get(url).status_code for url in (f"{URL}/s", URL)] == [200, 200]
    assert str(caught.value).splitlines()[0] == (
        "unused canned response: GetProxySession (1 of 2 sent); "
        "unused canned response: GetProxySession (0 sent); calls:"
    )
    with stub:
        assert requests.get(URL).json() == {"ProxySessions": []}
        assert requests.get(f"{URL}/s").status_code == 404


def test_unused_fault_of_a_failed_test():
    """An unused fault does not hide the error of the test."""
    with pytest.raises(ZeroDivisionError) as caught, ChimeStub() as stub:
        stub.fail("throttle")
        raise ZeroDivisionError
    assert not hasattr(caught.value, "__notes__")


def test_swallowed_unexpected_request():
    """An unexpected request fails the test even if the code under test catches the error."""
    with pytest.raises(UnexpectedRequestError, match="GET /voice-connectors/abc/proxy-sessoins"):
        swallow_an_unexpected_request()


def swallow_an_unexpected_request(then=None):
    """Code under test that catches every exception."""
    with ChimeStub():
        try:
            client().list_proxy_sessions(VoiceConnectorId="abc")
            requests.get(URL.replace("sessions", "sessoins"))
        except Exception:  # that is what the code under test does
            pass
        if then:
            raise then


def test_swallowed_request_of_a_failed_test():
    """If the test fails with another error, that error has a note about the swallowed one."""
    with pytest.raises(KeyError) as caught:
        swallow_an_unexpected_request(KeyError("ProxySession"))
    assert [note.partition(":")[0] for note in caught.value.__notes__] == ["the stub raised earlier"]


def test_unexpected_request_has_no_note_about_itself():
    """The error that leaves the stub has no note about itself."""
    with pytest.raises(UnexpectedRequestError) as caught, ChimeStub():
        requests.get(f"{HOST}/voice-connectors")
    assert not hasattr(caught.value, "__notes__")


def test_unexpected_request_through_boto3():
    """Another operation of the same service is named in the error, which boto3 passes on."""
    with pytest.raises(UnexpectedRequestError) as caught, ChimeStub():
        client().list_voice_connectors()
    assert str(caught.value) == (
        "the stub does not have ListVoiceConnectors of chime-sdk-voice (GET /voice-connectors), only the operations on "
        "proxy sessions; replace that method of the client in the test"
    )


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/voice-connectors/abc", "GetVoiceConnector of chime-sdk-voice"),
        ("POST", "/phone-numbers?operation=batch-delete", "BatchDeletePhoneNumber of chime-sdk-voice"),
        ("POST", "/phone-numbers?x=1", None),
        ("GET", "/accounts?max-results=5", "ListAccounts of chime"),
        ("GET", "/voice-connectors/abc/proxy-sessoins", None),
        ("PATCH", "/voice-connectors/abc", None),
    ],
)
def test_operations_that_the_stub_does_not_have(method, target, operation):
    """An operation of the models is recognised by its method, path and query, in process and on the port."""
    stub = ChimeStub()
    with stub.serve() as server, requests.Session() as session:
        message = session.request(method, f"{server.url}{target}").json()["Message"]
    assert stub.drain()[0][0].operation == operation
    assert message.startswith(f"the stub does not have {operation} (" if operation else "no Chime operation matches")


def test_entering_again():
    """A stub can be entered again after it was left, with its state, but not while it is active."""
    stub = ChimeStub()
    stub.add_session({**KEYS, "Status": "Open"})
    for _ in range(2):
        with stub:
            assert client().get_proxy_session(**KEYS)["ProxySession"]["Status"] == "Open"
            with pytest.raises(RuntimeError, match="already active"):
                stub.__enter__()
    assert len(stub.calls) == 2


def test_failure_on_entering(monkeypatch):
    """If a patch can't be installed, the environment and the dispatcher are restored, and the stub is not active."""
    from chime_fixtures.adapters.dispatch import DISPATCHER

    def fail(_):
        raise ImportError("no such thing")

    monkeypatch.setattr("chime_fixtures.adapters.requests.patches", fail)
    stub = ChimeStub()
    with pytest.raises(ImportError, match="no such thing"):
        stub.__enter__()
    assert DISPATCHER.find_claim(URL) is None
    monkeypatch.undo()
    with stub:
        assert requests.get(URL).status_code == 200
