"""Parts that all API clients share: one client of each library, and a stub that contains given sessions."""

from __future__ import annotations

import functools

import boto3
import requests
from botocore.config import Config

from chime_fixtures import ChimeStub
from chime_fixtures.service import Policies

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors"


@functools.cache
def boto3_client():
    """A client without retries, so that each fault reaches the consumer."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("chime-sdk-voice", region_name="us-east-1", config=config, **keys)


@functools.cache
def requests_session():
    session = requests.Session()
    session.trust_env = False
    return session


def stub_with(sessions, **policies):
    """A stub that contains these sessions, all under its default connector."""
    stub = ChimeStub(policies=Policies(**policies))
    for session in sessions:
        stub.add_session(session, connector=stub.connector_id)
    return stub


def ids_of(sessions):
    return sorted(session["ProxySessionId"] for session in sessions)


def pages(connector, **parameters):
    while True:
        page = boto3_client().list_proxy_sessions(VoiceConnectorId=connector, **parameters)
        yield page["ProxySessions"]
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def all_pages(connector):
    return [session for page in pages(connector) for session in page]
