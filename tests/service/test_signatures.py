"""Signatures, made by botocore and held against the stub."""

from __future__ import annotations

import datetime as dt
import json

import boto3
import pytest
import requests
import time_machine
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from chime_fixtures.service import ChimeService, Request
from chime_fixtures.stub import ChimeStub

BASE = "https://voice-chime.us-east-1.amazonaws.com"
PATH = "/voice-connectors/abc/proxy-sessions"
BODY = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
SERVICE = ChimeService(signatures="verify", strict=False)


def signed(
    method="POST",
    target=PATH,
    body=BODY,
    *,
    key="testing",
    secret="testing",
    service="chime",
    auth=SigV4Auth,
    **headers,
):
    """A request that botocore has signed."""
    request = AWSRequest(method, BASE + target, data=body, headers=headers)
    auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    fields = {name: str(value) for name, value in request.headers.items()}
    return Request(method, request.url.removeprefix(BASE), fields, body, "direct", BASE)


def changed(request, **changes):
    """The request with some parts changed."""
    parts = {name: getattr(request, name) for name in ("method", "target", "headers", "body", "transport", "base")}
    return Request(**parts | changes)


def outcome(request, service=SERVICE):
    """The status and the code of the answer."""
    answer = service.handle(request)
    return answer.status, json.loads(answer.body).get("Code") if answer.status >= 400 else None


@pytest.mark.parametrize(
    "target", [PATH, f"{PATH}?max-results=5&status=Open", f"{PATH}/a%2Fb%20c%2Bd", f"{PATH}/%C3%BC~"]
)
@pytest.mark.parametrize("auth", [SigV4Auth, SigV4QueryAuth])
def test_what_is_signed_rightly(target, auth):
    """What botocore signs is taken, in the header and in the query, whatever has to be escaped."""
    assert outcome(signed("GET", target, b"", auth=auth))[0] in (200, 404)


def test_a_body_and_a_token():
    """The body counts, and so do a session token and a hash that is sent."""
    assert outcome(signed()) == (201, None)
    request = AWSRequest("POST", BASE + PATH, data=BODY)
    SigV4Auth(Credentials("testing", "testing", "token"), "chime", "us-east-1").add_auth(request)
    fields = {name: str(value) for name, value in request.headers.items()}
    assert outcome(Request("POST", request.url.removeprefix(BASE), fields, BODY, base=BASE)) == (201, None)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Request("GET", PATH, {}, base=BASE), "MissingAuthenticationToken"),
        (Request("GET", PATH, {"Authorization": "Basic abc"}, base=BASE), "IncompleteSignature"),
        (Request("GET", f"{PATH}?X-Amz-Algorithm=AWS4-HMAC-SHA256", {}, base=BASE), "IncompleteSignature"),
        (signed(key="AKIAOTHER"), "UnrecognizedClient"),
        (signed(secret="wrong"), "InvalidSignature"),
        (signed(service="s3"), "InvalidSignature"),
        (changed(signed(), body=BODY + b" "), "InvalidSignature"),
        (changed(signed(), method="GET"), "InvalidSignature"),
        (changed(signed(), base="https://voice-chime.eu-west-1.amazonaws.com"), "InvalidSignature"),
        (signed(**{"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), "InvalidSignature"),
    ],
)
def test_what_is_signed_wrongly(request_, code):
    """What is wrong with a signature has a name of its own, and is a 403."""
    assert outcome(request_) == (403, code)


def test_a_field_that_is_not_signed():
    """A field of AWS's own has to be among the signed ones."""
    request = signed()
    fields = {**request.headers, "X-Amz-Meta": "1"}
    assert outcome(changed(request, headers=fields)) == (403, "InvalidSignature")


@pytest.mark.parametrize(
    ("auth", "part"),
    [*((SigV4Auth, part) for part in ("method", "target", "headers", "body")), (SigV4QueryAuth, "target")],
)
def test_every_bit_counts(auth, part):
    """No single bit of what is signed, or of the signature itself, can be flipped."""
    # botocore presigns no body: it would put that into the query.
    body = b'{"Capabilities": []}' if auth is SigV4Auth else b""
    request = signed("POST" if body else "GET", f"{PATH}/s?status=Open", body, auth=auth)
    assert outcome(request) != (403, "InvalidSignature")
    flipped = taken = 0
    original = {"method": [request.method], "target": [request.target], "body": [request.body.decode()]}
    texts = original.get(part) or [
        f"{name}\0{value}" for name, value in request.headers.items() if name.lower() in ("authorization", "x-amz-date")
    ]
    for text in texts:
        for place in range(text.index("\0") + 1 if "\0" in text else 0, len(text)):
            for bit in range(7):
                other = text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
                if part == "headers":
                    name, _, value = other.partition("\0")
                    attempt = changed(request, headers={**request.headers, name: value})
                else:
                    attempt = changed(request, **{part: other.encode() if part == "body" else other})
                status, code = outcome(attempt, ChimeService(signatures="verify", strict=False))
                flipped += 1
                # What is no route any more, or has lost all signs of a signature, is refused before it is verified.
                taken += status not in (403, 404, 405) or (status == 404 and code == "NotFound")
    assert flipped
    assert taken == 0


@pytest.mark.parametrize(("minutes", "status"), [(-16, 403), (-14, 200), (14, 200), (16, 403)])
def test_the_wall_clock(minutes, status):
    """A date may be a quarter of an hour away from the wall clock, whatever the service's own clock says."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        request = signed("GET", PATH, b"")
        traveller.shift(dt.timedelta(minutes=minutes))
        assert outcome(request) == (status, "RequestExpired" if status == 403 else None)


def test_answers_tell_the_time_that_counts():
    """Where signatures are verified the answers' date is the wall clock's, for clients that set their clock by it."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False):
        answer = ChimeService(signatures="verify").handle(signed("GET", PATH, b""))
    assert answer.headers["date"] == "Wed, 01 Jan 2031 12:00:00 GMT"


def test_how_long_a_query_lives():
    """A presigned request lives as long as it says."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        request = signed("GET", PATH, b"", auth=SigV4QueryAuth)
        traveller.shift(dt.timedelta(minutes=59))
        assert outcome(request) == (200, None)
        traveller.shift(dt.timedelta(minutes=2))
        assert outcome(request) == (403, "RequestExpired")


@pytest.mark.parametrize("how", ["present", "verify"])
def test_through_clients(how):
    """boto3 signs as it is asked to, in process and on the port; who does not sign is refused as by AWS."""
    with ChimeStub(signatures=how) as stub, stub.serve() as server:
        client = boto3.Session().client("chime-sdk-voice")
        client.create_proxy_session(VoiceConnectorId="a/b c", ParticipantPhoneNumbers=["+12", "+13"], Capabilities=[])
        client.list_proxy_sessions(VoiceConnectorId="a/b c", Status="Open", MaxResults=3)
        client = boto3.Session().client("chime-sdk-voice", endpoint_url=server.url)
        assert len(client.list_proxy_sessions(VoiceConnectorId="a/b c")["ProxySessions"]) == 1
        answer = requests.get(f"{server.url}{PATH}")
        assert answer.status_code == 403
        assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_an_imitator_signs_its_prefix():
    """At an imitator's the whole path is signed, with what stands before the operation's own."""
    with ChimeStub(base_url="https://api.example.test/v1", signatures="verify"):
        client = boto3.Session().client("chime-sdk-voice", endpoint_url="https://api.example.test/v1")
        assert client.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []


def test_a_wrong_secret_through_boto3(monkeypatch):
    """A client with another secret is told so by name; `present` takes it."""
    options = {"aws_access_key_id": "testing", "aws_secret_access_key": "other", "region_name": "us-east-1"}
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    with ChimeStub(signatures="verify"), pytest.raises(ClientError, match="InvalidSignatureException"):
        boto3.client("chime-sdk-voice", config=config, **options).list_proxy_sessions(VoiceConnectorId="abc")
    with ChimeStub(signatures="present"):
        boto3.client("chime-sdk-voice", config=config, **options).list_proxy_sessions(VoiceConnectorId="abc")


def test_no_secret_is_written():
    """Neither the journal nor a message shows a signature."""
    request = signed(secret="wrong")
    service = ChimeService(signatures="verify")
    answer = service.handle(request)
    signature = request.headers["Authorization"].rpartition("=")[2]
    assert signature not in repr(service.calls) + str(service.calls[0].headers) + answer.body.decode()
