"""Signatures by botocore, checked by the service."""

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
    """A request that is signed by botocore."""
    request = AWSRequest(method, BASE + target, data=body, headers=headers)
    auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    fields = {name: str(value) for name, value in request.headers.items()}
    return Request(method, request.url.removeprefix(BASE), fields, body, "direct", BASE)


def changed(request, **changes):
    """A copy of a request with some parts changed."""
    parts = {name: getattr(request, name) for name in ("method", "target", "headers", "body", "transport", "base")}
    return Request(**parts | changes)


def outcome(request, service=SERVICE):
    """The status and the error code of the response."""
    response = service.handle(request)
    return response.status, json.loads(response.body).get("Code") if response.status >= 400 else None


@pytest.mark.parametrize(
    "target", [PATH, f"{PATH}?max-results=5&status=Open", f"{PATH}/a%2Fb%20c%2Bd", f"{PATH}/%C3%BC~"]
)
@pytest.mark.parametrize("auth", [SigV4Auth, SigV4QueryAuth])
def test_valid_signatures(target, auth):
    """A signature of botocore is valid, in the header and in the query, whatever characters are escaped."""
    assert outcome(signed("GET", target, b"", auth=auth))[0] in (200, 404)


def test_body_and_session_token():
    """The body, a session token and a hash in the header are covered by the signature."""
    assert outcome(signed()) == (201, None)
    request = AWSRequest("POST", BASE + PATH, data=BODY)
    SigV4Auth(Credentials("testing", "testing", "token"), "chime", "us-east-1").add_auth(request)
    fields = {name: str(value) for name, value in request.headers.items()}
    assert outcome(Request("POST", request.url.removeprefix(BASE), fields, BODY, base=BASE)) == (201, None)


# A request is signed by its test: a signature that was made when the tests were collected may have expired.
@pytest.mark.parametrize(
    ("make_request", "code"),
    [
        (lambda: Request("GET", PATH, {}, base=BASE), "MissingAuthenticationToken"),
        (lambda: Request("GET", PATH, {"Authorization": "Basic abc"}, base=BASE), "IncompleteSignature"),
        (lambda: Request("GET", f"{PATH}?X-Amz-Algorithm=AWS4-HMAC-SHA256", {}, base=BASE), "IncompleteSignature"),
        (lambda: signed(key="AKIAOTHER"), "UnrecognizedClient"),
        (lambda: signed(secret="wrong"), "InvalidSignature"),
        (lambda: signed(service="s3"), "InvalidSignature"),
        (lambda: changed(signed(), body=BODY + b" "), "InvalidSignature"),
        (lambda: changed(signed(), method="GET"), "InvalidSignature"),
        (lambda: changed(signed(), base="https://voice-chime.eu-west-1.amazonaws.com"), "InvalidSignature"),
        (lambda: signed(**{"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), "InvalidSignature"),
    ],
)
def test_invalid_signatures(make_request, code):
    """Each kind of invalid signature is a 403 with its own code."""
    assert outcome(make_request()) == (403, code)


def test_unsigned_header_field():
    """A header field of AWS must be signed."""
    request = signed()
    fields = {**request.headers, "X-Amz-Meta": "1"}
    assert outcome(changed(request, headers=fields)) == (403, "InvalidSignature")


@pytest.mark.parametrize(
    ("auth", "part"),
    [*((SigV4Auth, part) for part in ("method", "target", "headers", "body")), (SigV4QueryAuth, "target")],
)
def test_flipped_bits(auth, part):
    """A signature is invalid after any bit of the signed parts, or of itself, is flipped."""
    # botocore presigns no body: it would put that into the query.
    body = b'{"Capabilities": []}' if auth is SigV4Auth else b""
    request = signed("POST" if body else "GET", f"{PATH}/s?status=Open", body, auth=auth)
    assert outcome(request) != (403, "InvalidSignature")
    flipped = accepted = 0
    original = {"method": [request.method], "target": [request.target], "body": [request.body.decode()]}
    texts = original.get(part) or [
        f"{name}\0{value}" for name, value in request.headers.items() if name.lower() in ("authorization", "x-amz-date")
    ]
    for text in texts:
        for index in range(text.index("\0") + 1 if "\0" in text else 0, len(text)):
            for bit in range(7):
                other = text[:index] + chr(ord(text[index]) ^ (1 << bit)) + text[index + 1 :]
                if part == "headers":
                    name, _, value = other.partition("\0")
                    attempt = changed(request, headers={**request.headers, name: value})
                else:
                    attempt = changed(request, **{part: other.encode() if part == "body" else other})
                status, code = outcome(attempt, ChimeService(signatures="verify", strict=False))
                flipped += 1
                # A target without a route, or without any part of a signature, is refused before the check.
                accepted += status not in (403, 404, 405) or (status == 404 and code == "NotFound")
    assert flipped
    assert accepted == 0


@pytest.mark.parametrize(("minutes", "status"), [(-16, 403), (-14, 200), (14, 200), (16, 403)])
def test_clock_skew(minutes, status):
    """The date may differ from the wall clock by 15 minutes, whatever the service's clock is."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False) as travel:
        request = signed("GET", PATH, b"")
        travel.shift(dt.timedelta(minutes=minutes))
        assert outcome(request) == (status, "RequestExpired" if status == 403 else None)


def test_date_of_responses():
    """With verified signatures, responses are dated by the wall clock, by which some clients set theirs."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False):
        response = ChimeService(signatures="verify").handle(signed("GET", PATH, b""))
    assert response.headers["date"] == "Wed, 01 Jan 2031 12:00:00 GMT"


def test_presigned_lifetime():
    """A presigned request is valid for its own lifetime."""
    with time_machine.travel(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC), tick=False) as travel:
        request = signed("GET", PATH, b"", auth=SigV4QueryAuth)
        travel.shift(dt.timedelta(minutes=59))
        assert outcome(request) == (200, None)
        travel.shift(dt.timedelta(minutes=2))
        assert outcome(request) == (403, "RequestExpired")


@pytest.mark.parametrize("mode", ["present", "verify"])
def test_clients(mode):
    """boto3 signs as usual, in process and on a port; an unsigned request is refused as by AWS."""
    with ChimeStub(signatures=mode) as stub, stub.serve() as server:
        client = boto3.Session().client("chime-sdk-voice")
        client.create_proxy_session(VoiceConnectorId="a/b c", ParticipantPhoneNumbers=["+12", "+13"], Capabilities=[])
        client.list_proxy_sessions(VoiceConnectorId="a/b c", Status="Open", MaxResults=3)
        client = boto3.Session().client("chime-sdk-voice", endpoint_url=server.url)
        assert len(client.list_proxy_sessions(VoiceConnectorId="a/b c")["ProxySessions"]) == 1
        response = requests.get(f"{server.url}{PATH}")
        assert response.status_code == 403
        assert response.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_imitator_with_a_path():
    """For an imitator, the signature covers the path of the base URL too."""
    with ChimeStub(base_url="https://api.example.test/v1", signatures="verify"):
        client = boto3.Session().client("chime-sdk-voice", endpoint_url="https://api.example.test/v1")
        assert client.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []


def test_wrong_secret(monkeypatch):
    """A wrong secret is refused by name with `verify`, and accepted with `present`."""
    options = {"aws_access_key_id": "testing", "aws_secret_access_key": "other", "region_name": "us-east-1"}
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    with ChimeStub(signatures="verify"), pytest.raises(ClientError, match="InvalidSignatureException"):
        boto3.client("chime-sdk-voice", config=config, **options).list_proxy_sessions(VoiceConnectorId="abc")
    with ChimeStub(signatures="present"):
        boto3.client("chime-sdk-voice", config=config, **options).list_proxy_sessions(VoiceConnectorId="abc")


def test_signatures_are_redacted():
    """No signature is in the journal or in a message."""
    request = signed(secret="wrong")
    service = ChimeService(signatures="verify")
    response = service.handle(request)
    signature = request.headers["Authorization"].rpartition("=")[2]
    assert signature not in repr(service.calls) + str(service.calls[0].headers) + response.body.decode()
