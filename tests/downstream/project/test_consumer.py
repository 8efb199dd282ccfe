"""Tests as a downstream repository would write them."""

import boto3
import pytest
from hypothesis import given

from chime_fixtures import proxy_sessions

EARLY = boto3.client("chime-sdk-voice", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def parse(session):
    """Parse a session; absent members have defaults."""
    return {
        "name": session.get("Name", ""),
        "status": session.get("Status", "Unknown"),
        "numbers": [each.get("PhoneNumber") for each in session.get("Participants", [])],
    }


def every_session(client, connector):
    """Return the sessions of all pages."""
    token, sessions = {}, []
    while True:
        page = client.list_proxy_sessions(VoiceConnectorId=connector, MaxResults=2, **token)
        sessions += page["ProxySessions"]
        if not page.get("NextToken"):
            return sessions
        token = {"NextToken": page["NextToken"]}


@given(proxy_sessions())
def test_parser_accepts_valid_sessions(session):
    """Any valid session is parsed, with its whole name."""
    assert parse(session)["name"] == session.get("Name", "")


def test_realistic_session(proxy_session, proxy_session_factory):
    """The fixture is a session; the factory builds others."""
    assert len(parse(proxy_session)["numbers"]) == 2
    assert proxy_session_factory.build(Name="Order 1")["Name"] == "Order 1"


def test_violation_label(proxy_session_violation):
    """The id of a violation contains its keyword."""
    assert proxy_session_violation.keyword in proxy_session_violation.id


@pytest.mark.chime_cases(
    only=["Participants.?.without-*"], tolerated={"*.without-PhoneNumber": "a participant needs a number"}
)
def test_edges(proxy_session_edge):
    """Each participant has a number; the exceptions are known."""
    assert all(parse(proxy_session_edge.instance)["numbers"])


@pytest.mark.chime_cases(only=["Name.*"])
def test_hazards(proxy_session_hazard):
    """A hazardous name is kept."""
    assert parse(proxy_session_hazard.instance)["name"] == proxy_session_hazard.instance.get("Name", "")


@pytest.mark.chime_cases(only=["list.Name.*"])
def test_lists(proxy_session_list):
    """Each session of a list has its own name."""
    sessions = proxy_session_list.instance
    assert [parse(session)["name"] for session in sessions] == [session.get("Name", "") for session in sessions]


@pytest.mark.parametrize(
    "client_of", [lambda fixture: fixture, lambda fixture: EARLY], ids=["fixture", "created-before"]
)
def test_pages_and_errors(chime_stub, chime_client, proxy_session_factory, client_of):
    """Preloaded sessions are listed over several pages; a missing session is a typed error."""
    client = client_of(chime_client)
    sessions = proxy_session_factory.batch(5, VoiceConnectorId=chime_stub.connector_id)
    for session in sessions:
        chime_stub.add_session(session)
    listed = every_session(client, chime_stub.connector_id)
    assert {each["ProxySessionId"] for each in listed} == {each["ProxySessionId"] for each in sessions}
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_proxy_session(VoiceConnectorId=chime_stub.connector_id, ProxySessionId="gone")


def test_unknown_status(chime_stub, chime_client, proxy_session_factory):
    """An unknown status reaches the code under test."""
    chime_stub.answer("GetProxySession", proxy_session_factory.build(Status="Paused", check=False))
    response = chime_client.get_proxy_session(VoiceConnectorId=chime_stub.connector_id, ProxySessionId="x")
    assert parse(response["ProxySession"])["status"] == "Paused"
