"""One behaviour for every client: the same requests give the same bytes and the same journal."""

from __future__ import annotations

import functools
import json

import httpx
import httpx2
import pytest
from botocore.exceptions import BotoCoreError

from chime_fixtures.service.faults import BODY_FAULTS, PAGE_FAULTS, TRANSPORT_FAULTS
from chime_fixtures.stub import ChimeStub

FAULTS_WITH_A_RESPONSE = [
    *(f"body:{flaw}" for flaw in BODY_FAULTS if flaw != "short"),
    *(f"page:{kind}" for kind in PAGE_FAULTS),
    *("throttle", "error:ServiceUnavailable", "latency:0.01", "violation:Name.maxLength", "evolved"),
]
PEOPLE = ["+12065550100", "+14015550101"]
CREATE = {"VoiceConnectorId": "abc", "ParticipantPhoneNumbers": PEOPLE, "Capabilities": ["Voice", "SMS"]}


def walk(stub, call):
    """Call each operation with valid and invalid arguments; return the responses."""
    received = []

    def send(operation, **members):
        received.append(call(operation, **members))
        return received[-1]

    send(
        "PutVoiceConnectorProxy",
        VoiceConnectorId="abc",
        DefaultSessionExpiryMinutes=30,
        PhoneNumberPoolCountries=["US"],
    )
    send("GetVoiceConnectorProxy", VoiceConnectorId="abc")
    made = [send("CreateProxySession", **CREATE, Name=f"Order {n}").json["ProxySession"] for n in range(3)]
    keys = {"VoiceConnectorId": "abc", "ProxySessionId": made[0]["ProxySessionId"]}
    send("GetProxySession", **keys)
    stub.clock.advance(minutes=5)
    send("UpdateProxySession", **keys, Capabilities=["SMS"], ExpiryMinutes=90)
    page = send("ListProxySessions", VoiceConnectorId="abc", Status="Open", MaxResults=2).json
    send("ListProxySessions", VoiceConnectorId="abc", Status="Open", MaxResults=2, NextToken=page["NextToken"])
    stub.clock.advance(minutes=26)
    send("ListProxySessions", VoiceConnectorId="abc", Status="Closed")
    send("DeleteProxySession", **keys)
    send("DeleteProxySession", **keys)
    send("GetProxySession", VoiceConnectorId="a/b c%2F", ProxySessionId="ü +&=")
    send("CreateProxySession", **CREATE | {"ParticipantPhoneNumbers": ["+1", "x", "+12065550100"]})
    send("CreateProxySession", **CREATE, ExpiryMinutes=721)
    send("ListProxySessions", VoiceConnectorId="abc", MaxResults=1000, Status="Gone")
    send("DeleteVoiceConnectorProxy", VoiceConnectorId="abc")
    send("GetVoiceConnectorProxy", VoiceConnectorId="abc")
    stub.fail("error:ServiceUnavailable", operation="GetProxySession")
    send("GetProxySession", **keys)
    stub.answer("GetProxySession", {"Status": "Suspended"}, times=1)
    send("GetProxySession", **keys)
    return received


@functools.cache
def walked(client):
    """The responses and the journal of one walk by a client."""
    with ChimeStub(seed=3) as stub:
        return tuple(walk(stub, client(stub))), stub.calls


def test_same_bytes_and_journal(client, direct_client):
    """Status, header fields, body and journal do not depend on the client, nor on the walk."""
    with ChimeStub(seed=3) as stub:
        expected = tuple(walk(stub, direct_client(stub))), stub.calls
    assert walked(client) == expected


def test_statuses(client):
    """The statuses are the published ones: 201 for creations and updates, an empty 204 for deletions, 400 and 404."""
    received, _ = walked(client)
    expected = [200, 200, 201, 201, 201, 200, 201, 200, 200, 200, 204, 404, 404, 400, 400, 400, 204, 404, 503, 200]
    assert [each.status for each in received] == expected
    assert all(each.body == b"" for each in received if each.status == 204)


def test_header_fields(client):
    """Each response has a request id and a date, with a body its type and length, and an error its name."""
    received, _ = walked(client)
    for each in received:
        body_fields = set() if each.status == 204 else {"content-type", "content-length"}
        error_fields = {"x-amzn-errortype"} if each.status >= 400 else set()
        assert set(each.headers) == {"date", "x-amzn-requestid"} | body_fields | error_fields
        assert each.headers.get("content-type", "application/json") == "application/json"
        assert each.headers.get("content-length", "0") == str(len(each.body))
        assert each.headers["date"].startswith("Thu, 01 Jan 2026 00:")
    assert len({each.headers["x-amzn-requestid"] for each in received}) == len(received)


def test_an_error_response(client):
    """An error has the exception in a header field, and its code and the violation's summary in the body."""
    with ChimeStub() as stub:
        response = client(stub)("CreateProxySession", **CREATE, Name="Order #1")
        assert response.headers["x-amzn-errortype"] == "BadRequestException"
        assert response.json == {"Code": "BadRequest", "Message": stub.calls[0].violations[0].summary}
        assert stub.calls[0].violations[0].id == "Name.pattern"


def test_two_violations_in_one_request(client):
    """The message lists every violation of a request."""
    with ChimeStub() as stub:
        response = client(stub)("ListProxySessions", VoiceConnectorId="abc", MaxResults=1000, Status="Gone")
        assert {each.id for each in stub.calls[0].violations} == {"MaxResults.maximum", "Status.enum"}
        assert response.json["Message"] == "; ".join(each.summary for each in stub.calls[0].violations)


def test_bodies_are_json_or_empty(client):
    """A body is empty or JSON without whitespace."""
    received, _ = walked(client)
    for each in received:
        if each.body:
            assert json.dumps(json.loads(each.body), separators=(",", ":")).encode() == each.body


@pytest.mark.parametrize("fault", FAULTS_WITH_A_RESPONSE)
def test_a_fault_with_a_response(client, direct_client, fault):
    """A fault that changes the response gives the same bytes and journal through each client."""
    results = []
    for make in (direct_client, client):
        with ChimeStub(seed=3) as stub:
            stub.add_session({"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"})
            stub.fail(fault)
            call = make(stub)
            try:
                response = call("ListProxySessions", VoiceConnectorId="abc")
            except (TypeError, AttributeError):
                # botocore's parsers raise if the JSON is not an object.
                response = None
            results.append((response, stub.calls))
    assert results[1][1] == results[0][1]
    assert results[1][0] in (results[0][0], None)


@pytest.mark.slow
@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("fault", [*TRANSPORT_FAULTS, "lost-answer"])
def test_a_transport_fault(client, fault, commit):
    """Each client raises an exception of its own library, before the operation is committed or after it."""
    with ChimeStub() as stub:
        call = client(stub)
        stub.fail(fault, operation="CreateProxySession", commit=commit)
        committed = commit or fault == "lost-answer"
        # The test of each adapter checks the exact exception; without a client it is an AssertionError of `direct`.
        with pytest.raises((OSError, BotoCoreError, httpx.HTTPError, httpx2.HTTPError, AssertionError)):
            call("CreateProxySession", **CREATE)
        assert [(each.status, each.fault, each.committed) for each in stub.calls] == [(None, fault, committed)]
        assert len(stub.sessions) == committed
