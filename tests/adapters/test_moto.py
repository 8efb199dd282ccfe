"""moto and the stub live in one test, whichever was entered first."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import types

import boto3
import botocore.awsrequest
import botocore.handlers
import botocore.httpsession
import pytest
import requests
import responses
import urllib3.connectionpool
import vcr
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
    return (
        botocore.httpsession.URLLib3Session.send,
        botocore.awsrequest.AWSPreparedRequest,
        botocore.awsrequest.AWSHTTPSConnection,
        tuple(botocore.handlers.BUILTIN_HANDLERS),
        HTTPAdapter.send,
        urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls,
        repr(moto.core.config.default_user_config),
        tuple(sys.meta_path),
        dict(os.environ),
    )


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


@pytest.fixture(scope="module")
def early():
    """Clients that were made before anything was patched, and what a hook in one of them was asked."""
    keys = {"aws_access_key_id": "early", "aws_secret_access_key": "early", "region_name": "us-east-1"}
    chime, hooked = boto3.client("chime-sdk-voice", **keys), []
    chime.meta.events.register("before-send", lambda request, **_: hooked.append(request.url))
    return types.SimpleNamespace(chime=chime, table=boto3.client("dynamodb", **keys), hooked=hooked)


@pytest.mark.parametrize("order", list(itertools.permutations(["chime", "moto", "responses", "vcr"])), ids="-".join)
def test_every_nesting_restores_what_it_found(early, order, tmp_path):
    """In each of the 24 nestings of a stub, moto, responses and VCR, leaving them gives back the very objects they found.

    So it is at the end, after an exception and after an interrupt; clients are older than all of it, and a hook of
    botocore is asked too.
    """
    makers = {
        "chime": ChimeStub,
        "moto": moto.mock_aws,
        "responses": lambda: responses.RequestsMock(assert_all_requests_are_fired=False),
        "vcr": lambda: vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="none"),
    }
    before = patched()
    for ending in (None, ValueError, KeyboardInterrupt):
        early.hooked.clear()
        with contextlib.suppress(ValueError, KeyboardInterrupt), contextlib.ExitStack() as stack:
            for name in order:
                stack.enter_context(makers[name]())
            assert early.table.list_tables()["TableNames"] == []
            assert early.chime.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
            if ending is not None:
                raise ending
        assert early.hooked == [URL]
        assert [now is then or now == then for now, then in zip(patched(), before, strict=True)] == [True] * len(before)


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
