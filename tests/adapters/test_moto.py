"""moto and the stub live in one test, whichever was entered first."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys

import boto3
import botocore.httpsession
import pytest
import requests
import responses
from requests.adapters import HTTPAdapter

from chime_fixtures.stub import ChimeStub

moto = pytest.importorskip("moto")

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"


def both_answer():
    """Chime answers by boto3 and requests, and DynamoDB is moto's."""
    chime = boto3.client("chime-sdk-voice", region_name="us-east-1")
    table = boto3.client("dynamodb", region_name="us-east-1")
    keys = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    table.create_table(TableName="t", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], **keys)
    return (
        chime.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"],
        requests.get(URL).json(),
        table.list_tables()["TableNames"],
    )


EXPECTED = ([], {"ProxySessions": []}, ["t"])


def patched():
    """Everything that any of them patches."""
    settings = moto.core.config.default_user_config
    return botocore.httpsession.URLLib3Session.send, HTTPAdapter.send, repr(settings), tuple(sys.meta_path)


def test_moto_inside_a_stub():
    """`mock_aws` inside a stub leaves Chime to the stub."""
    before = patched()
    with ChimeStub(), moto.mock_aws():
        assert both_answer() == EXPECTED
    assert patched() == before


def test_a_stub_inside_moto():
    """A stub inside `mock_aws` leaves the rest to moto."""
    before = patched()
    with moto.mock_aws(), ChimeStub():
        assert both_answer() == EXPECTED
    assert patched() == before


@pytest.mark.parametrize("order", list(itertools.permutations(["chime", "moto", "responses", "chime-2"])), ids="-".join)
def test_every_nesting_restores_what_it_found(order):
    """In each of the 24 nestings of two stubs, moto and responses, leaving them gives back what was there."""
    makers = {
        "chime": ChimeStub,
        "chime-2": ChimeStub,
        "moto": moto.mock_aws,
        "responses": lambda: responses.RequestsMock(assert_all_requests_are_fired=False),
    }
    before = patched()
    with pytest.raises(KeyboardInterrupt), contextlib.ExitStack() as stack:
        for name in order:
            stack.enter_context(makers[name]())
        table = boto3.client("dynamodb", region_name="us-east-1")
        assert table.list_tables()["TableNames"] == []
        chime = boto3.client("chime-sdk-voice", region_name="us-east-1")
        assert chime.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
        raise KeyboardInterrupt
    assert patched() == before


def test_libraries_imported_inside_a_stub():
    """boto3, requests and moto may be imported after the stub was entered, in one another's company."""
    program = f"""
from chime_fixtures.stub import ChimeStub
with ChimeStub():
    from moto import mock_aws
    import boto3, requests
    with mock_aws():
        chime = boto3.client("chime-sdk-voice", region_name="us-east-1")
        assert chime.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
        assert requests.get({URL!r}).json() == {{"ProxySessions": []}}
import responses
assert responses._real_send is requests.adapters.HTTPAdapter.send
print("both")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("both\n", "")
