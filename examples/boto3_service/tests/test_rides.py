"""The service of rides against the stub. RIDES=rides_broken runs the same tests against the twin with a mistake."""

import datetime as dt
import importlib
import os
import sqlite3

import boto3
import pytest
from botocore.config import Config
from chime_fixtures import Policies, proxy_sessions
from hypothesis import given

RideSessions = importlib.import_module(os.environ.get("RIDES", "rides")).RideSessions
RIDER, DRIVER = "+12065550100", "+14015550101"


@pytest.fixture
def sessions(chime_stub):
    """The service, whose own retries are the only ones."""
    client = boto3.client("chime-sdk-voice", config=Config(retries={"total_max_attempts": 1}))
    client.put_voice_connector_proxy(
        VoiceConnectorId=chime_stub.connector_id, DefaultSessionExpiryMinutes=60, PhoneNumberPoolCountries=["US"]
    )
    return RideSessions(client, chime_stub.connector_id, sqlite3.connect(":memory:"), sleep=lambda seconds: None)


def test_a_session_is_opened_once(sessions, chime_stub):
    """Opening a ride again returns its session."""
    opened = sessions.open("ride 1", RIDER, DRIVER)
    assert sessions.open("ride 1", RIDER, DRIVER)["ProxySessionId"] == opened["ProxySessionId"]
    chime_stub.assert_called_once("CreateProxySession", Name="ride 1", Capabilities=["Voice", "SMS"])


def test_a_session_is_found_on_any_page(sessions, chime_stub):
    """The session of a ride is found behind many others."""
    for number in range(60):
        chime_stub.add_session({"Name": f"ride {number}", "Status": "Open"})
    assert all(sessions.find(f"ride {number}")["Name"] == f"ride {number}" for number in range(60))


@pytest.mark.parametrize("fault", ["page:short", "page:empty"])
def test_a_page_may_be_short(sessions, chime_stub, fault):
    """A page with few or no sessions is not the end of the list."""
    for name in ("ride 1", "ride 2"):
        chime_stub.add_session({"Name": name, "Status": "Open"})
    chime_stub.fail(fault, operation="ListProxySessions")
    assert sessions.find("ride 2")["Name"] == "ride 2"


@pytest.mark.parametrize("fault", ["throttle", "error:ServiceUnavailable", "timeout", "body:html"])
def test_a_listing_is_retried(sessions, chime_stub, fault):
    """A listing that fails, or that has a malformed body, is not an empty one."""
    chime_stub.add_session({"Name": "ride 1", "Status": "Open"})
    chime_stub.fail(fault, operation="ListProxySessions")
    assert sessions.find("ride 1")["Name"] == "ride 1"


@pytest.mark.parametrize("fault", ["throttle", "error:ServiceUnavailable", "timeout"])
def test_a_deletion_is_retried(sessions, chime_stub, fault):
    """A session is closed although its deletion fails once."""
    chime_stub.add_session({"Name": "ride 1", "Status": "Open"})
    chime_stub.fail(fault, operation="DeleteProxySession")
    sessions.close("ride 1")
    assert sessions.find("ride 1") is None


@pytest.mark.parametrize(
    "fault", ["lost-answer", "timeout", "reset", "throttle", "error:ServiceUnavailable", "body:cut"]
)
def test_one_session_is_created_under_faults(sessions, chime_stub, fault):
    """A creation that fails, or whose response is lost, leaves one session."""
    chime_stub.fail(fault, operation="CreateProxySession")
    opened = sessions.open("ride 1", RIDER, DRIVER)
    assert [session["ProxySessionId"] for session in chime_stub.sessions] == [opened["ProxySessionId"]]


@pytest.mark.parametrize("chime_policies", Policies.each(), ids=str)
def test_closing_is_repeatable(sessions, chime_stub, chime_policies):
    """Under each policy a ride may be closed again; its session is stored once."""
    opened = sessions.open("ride 1", RIDER, DRIVER)
    chime_stub.fail("lost-answer", operation="DeleteProxySession")
    sessions.close("ride 1")
    sessions.close("ride 1")
    (stored,) = sessions.stored("ride 1")
    assert stored["ProxySessionId"] == opened["ProxySessionId"]


@given(proxy_sessions(form="boto3", required=["ProxySessionId", "Name"]))
def test_a_stored_session_is_complete(session):
    """A session is stored with all members, whatever their values are."""
    service = RideSessions(None, "any", sqlite3.connect(":memory:"))
    service.store(session)
    (stored,) = service.stored(session["Name"])
    assert stored.keys() == session.keys()
    for moment in ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp"):
        if moment in session:
            assert dt.datetime.fromisoformat(stored[moment]) == session[moment]
