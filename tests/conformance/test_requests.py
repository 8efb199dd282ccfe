"""The requests of the checks, compared with those of boto3."""

from __future__ import annotations

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from chime_fixtures.conformance import probe as probes
from chime_fixtures.conformance.runner import ConformanceRun
from chime_fixtures.service import ChimeService

URL = "http://127.0.0.1:1"
NAMES = {"GET": {"accept"}, "DELETE": {"accept", "content-length"}}


@pytest.fixture(scope="module")
def exchanges():
    """Every exchange of a run."""
    found = []
    original = probes.Probe.tear_down
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes.Probe, "tear_down", lambda self: (original(self), found.extend(self.exchanges)))
        service = ChimeService()
        ConformanceRun(service.handle, advance=lambda minutes: service.clock.advance(minutes=minutes)).report()
    return found


@pytest.fixture(scope="module")
def sent_by_boto3():
    """Returns the method, target, body and media type of the request that boto3 makes of arguments."""
    config = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    client = boto3.client("chime-sdk-voice", region_name="us-east-1", endpoint_url=URL, config=config, **keys)
    sent = []

    def answer(request, **_):
        sent.append(request)
        return AWSResponse(request.url, 500, {}, None)

    client.meta.events.register("before-send", answer)
    methods = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}

    def send(operation, arguments):
        with pytest.raises((ClientError, AttributeError)):
            getattr(client, methods[operation])(**arguments)
        request = sent.pop()
        media_type = request.headers.get("Content-Type")
        if isinstance(media_type, bytes):
            media_type = media_type.decode()
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        return request.method, request.url.removeprefix(URL), body, media_type

    return send


def test_each_valid_request_is_that_of_boto3(exchanges, sent_by_boto3):
    """Method, target, body and media type are those of boto3, but for requests that are wrong on purpose."""
    valid = {
        (each.operation.name, each.request.target, each.request.body): each for each in exchanges if each.is_sendable
    }
    by_kind = {}
    for each in valid.values():
        by_kind.setdefault((each.operation.name, *sorted(each.arguments)), []).append(each)
    chosen = [each for group in by_kind.values() for each in group[:12]]
    assert {each.operation.name for each in chosen} == {each.operation.name for each in exchanges}
    for each in chosen:
        request = each.request
        ours = request.method, request.target, request.body, request.headers.get("content-type")
        assert ours == sent_by_boto3(each.operation.name, each.arguments)


def test_requests_to_real_numbers(exchanges):
    """Each participant of a request that a server accepts has a number that is reserved for fiction."""
    from chime_fixtures.chime import phone_numbers

    pool = phone_numbers.pool(phone_numbers.countries())
    for each in exchanges:
        if each.is_success:
            people = [*each.arguments.get("ParticipantPhoneNumbers", ()), each.arguments.get("FallBackPhoneNumber")]
            assert all(number in pool for number in people if number is not None)
