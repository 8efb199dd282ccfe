"""moto and the stub together, in whichever order they were entered."""

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
from tests.support.sizes import sample

moto = pytest.importorskip("moto")

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"


def call_both():
    """The results of Chime by boto3 and by requests, and of DynamoDB from moto."""
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


def patched_objects():
    """Everything that a stub, moto, responses or VCR patches."""
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
    """`mock_aws` inside a stub passes Chime on to the stub."""
    before = patched_objects()
    with ChimeStub(), moto.mock_aws():
        assert call_both() == EXPECTED
    assert patched_objects() == before


def test_a_stub_inside_moto():
    """A stub inside `mock_aws` passes other services on to moto."""
    before = patched_objects()
    with moto.mock_aws(), ChimeStub():
        assert call_both() == EXPECTED
    assert patched_objects() == before


@pytest.fixture(scope="module")
def early_clients():
    """Clients made before anything was patched, and the URLs that an event handler of one of them received."""
    keys = {"aws_access_key_id": "early", "aws_secret_access_key": "early", "region_name": "us-east-1"}
    chime, urls = boto3.client("chime-sdk-voice", **keys), []
    chime.meta.events.register("before-send", lambda request, **_: urls.append(request.url))
    return types.SimpleNamespace(chime=chime, table=boto3.client("dynamodb", **keys), urls=urls)


@pytest.mark.slow
@pytest.mark.parametrize(
    "order", sample(list(itertools.permutations(["chime", "moto", "responses", "vcr"])), 8), ids="-".join
)
def test_every_nesting_restores_all_patches(early_clients, order, tmp_path):
    """Leaving a nesting of a stub, moto, responses and VCR restores the original objects.

    This holds at the end, after an exception and after an interrupt, for clients that were made before, and with an
    event handler of botocore.
    """
    makers = {
        "chime": ChimeStub,
        "moto": moto.mock_aws,
        "responses": lambda: responses.RequestsMock(assert_all_requests_are_fired=False),
        "vcr": lambda: vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="none"),
    }
    before = patched_objects()
    for exception in (None, ValueError, KeyboardInterrupt):
        early_clients.urls.clear()
        with contextlib.suppress(ValueError, KeyboardInterrupt), contextlib.ExitStack() as stack:
            for name in order:
                stack.enter_context(makers[name]())
            assert early_clients.table.list_tables()["TableNames"] == []
            assert early_clients.chime.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
            if exception is not None:
                raise exception
        assert early_clients.urls == [URL]
        assert [
            after is earlier or after == earlier for after, earlier in zip(patched_objects(), before, strict=True)
        ] == [True] * len(before)


@pytest.mark.slow
def test_libraries_imported_inside_a_stub():
    """boto3, requests and moto can be imported inside a stub, in the same process."""
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
