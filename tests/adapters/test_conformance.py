"""One behaviour, every client: the same requests give the same bytes and the same journal."""

from __future__ import annotations

import json

import httpx
import httpx2
import pytest
from botocore.exceptions import BotoCoreError

from chime_fixtures.service.faults import BODY_FAULTS, PAGE_FAULTS, TRANSPORT_FAULTS
from chime_fixtures.stub import ChimeStub

ANSWERED = [
    *(f"body:{flaw}" for flaw in BODY_FAULTS if flaw != "short"),
    *(f"page:{kind}" for kind in PAGE_FAULTS),
    *("throttle", "error:ServiceUnavailable", "latency:0.01", "violation:Name.maxLength", "evolved"),
]
PEOPLE = ["+12065550100", "+14015550101"]
CREATE = {"VoiceConnectorId": "abc", "ParticipantPhoneNumbers": PEOPLE, "Capabilities": ["Voice", "SMS"]}


def walk(stub, call):
    """Use each operation, in good and in bad ways; give what came back."""
    seen = []

    def ask(operation, **members):
        seen.append(call(operation, **members))
        return seen[-1]

    ask(
        "PutVoiceConnectorProxy",
        VoiceConnectorId="abc",
        DefaultSessionExpiryMinutes=30,
        PhoneNumberPoolCountries=["US"],
    )
    ask("GetVoiceConnectorProxy", VoiceConnectorId="abc")
    made = [ask("CreateProxySession", **CREATE, Name=f"Order {n}").json["ProxySession"] for n in range(3)]
    keys = {"VoiceConnectorId": "abc", "ProxySessionId": made[0]["ProxySessionId"]}
    ask("GetProxySession", **keys)
    stub.clock.advance(minutes=5)
    ask("UpdateProxySession", **keys, Capabilities=["SMS"], ExpiryMinutes=90)
    page = ask("ListProxySessions", VoiceConnectorId="abc", Status="Open", MaxResults=2).json
    ask("ListProxySessions", VoiceConnectorId="abc", Status="Open", MaxResults=2, NextToken=page["NextToken"])
    stub.clock.advance(minutes=26)
    ask("ListProxySessions", VoiceConnectorId="abc", Status="Closed")
    ask("DeleteProxySession", **keys)
    ask("DeleteProxySession", **keys)
    ask("GetProxySession", VoiceConnectorId="a/b c%2F", ProxySessionId="ü +&=")
    ask("CreateProxySession", **CREATE | {"ParticipantPhoneNumbers": ["+1", "x", "+12065550100"]})
    ask("CreateProxySession", **CREATE, ExpiryMinutes=721)
    ask("ListProxySessions", VoiceConnectorId="abc", MaxResults=1000, Status="Gone")
    ask("DeleteVoiceConnectorProxy", VoiceConnectorId="abc")
    ask("GetVoiceConnectorProxy", VoiceConnectorId="abc")
    stub.fail("error:ServiceUnavailable", operation="GetProxySession")
    ask("GetProxySession", **keys)
    stub.answer("GetProxySession", {"Status": "Suspended"}, times=1)
    ask("GetProxySession", **keys)
    return seen


def test_same_bytes_and_journal(client, service_itself):
    """Status, header fields, body and journal don't depend on the client."""
    with ChimeStub(seed=3) as stub:
        expected = walk(stub, service_itself(stub)), stub.calls
    with ChimeStub(seed=3) as stub:
        assert (walk(stub, client(stub)), stub.calls) == expected


def test_statuses(client):
    """The walk meets the published statuses: creations and updates 201, deletions an empty 204, refusals 400 and 404."""
    with ChimeStub() as stub:
        seen = walk(stub, client(stub))
    expected = [200, 200, 201, 201, 201, 200, 201, 200, 200, 200, 204, 404, 404, 400, 400, 400, 204, 404, 503, 200]
    assert [each.status for each in seen] == expected
    assert all(each.body == b"" for each in seen if each.status == 204)


def test_every_answer_has_its_header_fields(client):
    """Each answer has a request id and a date, where it may have a body its type and length, and an error its name."""
    with ChimeStub() as stub:
        seen = walk(stub, client(stub))
    for each in seen:
        of_body = set() if each.status == 204 else {"content-type", "content-length"}
        of_error = {"x-amzn-errortype"} if each.status >= 400 else set()
        assert set(each.headers) == {"date", "x-amzn-requestid"} | of_body | of_error
        assert each.headers.get("content-type", "application/json") == "application/json"
        assert each.headers.get("content-length", "0") == str(len(each.body))
        assert each.headers["date"].startswith("Thu, 01 Jan 2026 00:")
    assert len({each.headers["x-amzn-requestid"] for each in seen}) == len(seen)


def test_an_error_on_the_wire(client):
    """A refusal names the exception in its header, and its code and the violation's summary in its body."""
    with ChimeStub() as stub:
        answer = client(stub)("CreateProxySession", **CREATE, Name="Order #1")
        assert answer.headers["x-amzn-errortype"] == "BadRequestException"
        assert answer.json == {"Code": "BadRequest", "Message": stub.calls[0].violations[0].summary}
        assert stub.calls[0].violations[0].id == "Name.pattern"


def test_two_refusals_in_one(client):
    """A request that breaks the contract in several places is told all of them."""
    with ChimeStub() as stub:
        answer = client(stub)("ListProxySessions", VoiceConnectorId="abc", MaxResults=1000, Status="Gone")
        assert {each.id for each in stub.calls[0].violations} == {"MaxResults.maximum", "Status.enum"}
        assert answer.json["Message"] == "; ".join(each.summary for each in stub.calls[0].violations)


def test_bodies_are_json_or_empty(client):
    """What a client gets back is JSON that any reader takes, with no blanks to trip over."""
    with ChimeStub() as stub:
        for each in walk(stub, client(stub)):
            if each.body:
                assert json.dumps(json.loads(each.body), separators=(",", ":")).encode() == each.body


@pytest.mark.parametrize("fault", ANSWERED)
def test_a_fault_that_is_answered(client, service_itself, fault):
    """Whatever a fault makes of an answer arrives as the same bytes through each client, and is in the journal alike."""
    seen = []
    for make in (service_itself, client):
        with ChimeStub(seed=3) as stub:
            stub.add_session({"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"})
            stub.fail(fault)
            call = make(stub)
            try:
                answer = call("ListProxySessions", VoiceConnectorId="abc")
            except (TypeError, AttributeError):
                # The parsers of botocore stumble over JSON that is no object.
                answer = None
            seen.append((answer, stub.calls))
    assert seen[1][1] == seen[0][1]
    assert seen[1][0] in (seen[0][0], None)


@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("fault", [*TRANSPORT_FAULTS, "lost-answer"])
def test_a_fault_of_the_connection(client, fault, commit):
    """Each client raises an error of its own for a connection that fails, before the work is done or after it."""
    with ChimeStub() as stub:
        call = client(stub)
        stub.fail(fault, operation="CreateProxySession", commit=commit)
        done = commit or fault == "lost-answer"
        # A Fault itself is what the service has; what each library raises is told by the tests of its adapter.
        with pytest.raises((OSError, BotoCoreError, httpx.HTTPError, httpx2.HTTPError, AssertionError)):
            call("CreateProxySession", **CREATE)
        assert [(each.status, each.fault, each.committed) for each in stub.calls] == [(None, fault, done)]
        assert len(stub.sessions) == done
