"""Tests as a downstream repository would write them."""

import boto3
import pytest
from hypothesis import given

from chime_fixtures import proxy_sessions

EARLY = boto3.client("chime-sdk-voice", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def parse(session):
    """A tolerant parser: whatever is absent has a default."""
    return {
        "name": session.get("Name", ""),
        "status": session.get("Status", "Unknown"),
        "numbers": [each.get("PhoneNumber") for each in session.get("Participants", [])],
    }


def every_session(client, connector):
    """All pages of a listing."""
    token, found = {}, []
    while True:
        page = client.list_proxy_sessions(VoiceConnectorId=connector, MaxResults=2, **token)
        found += page["ProxySessions"]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


@given(proxy_sessions())
def test_the_parser_survives(session):
    """Any valid session is parsed, and its name kept whole."""
    assert parse(session)["name"] == session.get("Name", "")


def test_a_realistic_session(proxy_session, proxy_session_factory):
    """The fixture is a session; the factory makes others."""
    assert len(parse(proxy_session)["numbers"]) == 2
    assert proxy_session_factory.build(Name="Order 1")["Name"] == "Order 1"


def test_a_record_tells_what_it_breaks(proxy_session_violation):
    """Each record names its place."""
    assert proxy_session_violation.keyword in proxy_session_violation.id


@pytest.mark.parametrize("client_of", [lambda made: made, lambda made: EARLY], ids=["fixture", "made-before"])
def test_pages_and_errors(chime_stub, chime_client, proxy_session_factory, client_of):
    """Preloaded sessions are listed over several pages; what is not there is a typed error."""
    client = client_of(chime_client)
    sessions = proxy_session_factory.batch(5, VoiceConnectorId=chime_stub.connector_id)
    for session in sessions:
        chime_stub.add_session(session)
    found = every_session(client, chime_stub.connector_id)
    assert {each["ProxySessionId"] for each in found} == {each["ProxySessionId"] for each in sessions}
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_proxy_session(VoiceConnectorId=chime_stub.connector_id, ProxySessionId="gone")


def test_a_status_of_tomorrow(chime_stub, chime_client, proxy_session_factory):
    """A status that nobody knows reaches the code under test."""
    chime_stub.answer("GetProxySession", proxy_session_factory.build(Status="Paused", check=False))
    answer = chime_client.get_proxy_session(VoiceConnectorId=chime_stub.connector_id, ProxySessionId="x")
    assert parse(answer["ProxySession"])["status"] == "Paused"
