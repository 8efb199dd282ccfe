"""Cassettes that vcrpy itself records from a server, and HAR entries in the forms of several recorders."""

from pathlib import Path

import boto3
import pytest
import requests
import vcr

from chime_fixtures import ChimeStub
from chime_fixtures.recordings.har import parse_har
from chime_fixtures.recordings.judging import Judge
from chime_fixtures.recordings.reading import read_recording
from tests.support.recordings import CONNECTOR, CREATE, HOST

DATA = Path(__file__).parent / "data"
CREATED = b'{"ProxySession": {"ProxySessionId": "s1"}}'


def consume(client, url):
    """The calls of a consumer: a life cycle by boto3, and a page by requests."""
    session = client.create_proxy_session(VoiceConnectorId=CONNECTOR, **CREATE)["ProxySession"]
    ids = {"VoiceConnectorId": CONNECTOR, "ProxySessionId": session["ProxySessionId"]}
    client.update_proxy_session(**ids, Capabilities=["SMS"])
    page = requests.get(f"{url}/voice-connectors/{CONNECTOR}/proxy-sessions?status=Open", timeout=5).json()
    client.delete_proxy_session(**ids)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_proxy_session(**ids)
    return session, page


def with_text(request):
    """The request with header fields as text: boto3 sends bytes, which vcrpy cannot write as JSON."""
    request.headers = {
        name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    return request


@pytest.mark.slow
@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_a_cassette_of_vcrpy_is_judged_and_replayed(serializer, tmp_path, monkeypatch):
    """A recorded run has no findings, and the same run on the recording has the same results."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    path = tmp_path / f"run.{serializer}"
    options = {"before_record_request": with_text} if serializer == "json" else {}
    recorder = vcr.VCR(serializer=serializer, filter_headers=["authorization"], record_mode="all", **options)
    with ChimeStub() as stub, stub.serve() as server:
        url = server.url
        client = boto3.client("chime-sdk-voice", region_name="us-east-1", endpoint_url=url)
        with recorder.use_cassette(str(path)):
            recorded = consume(client, url)
    exchanges = read_recording(path)
    assert [Judge(url).judge(each) for each in exchanges] == [[]] * 5
    assert [Judge().judge(each) for each in exchanges] == [None] * 5
    assert [each.line is None for each in exchanges] == [serializer == "json"] * 5
    with ChimeStub(base_url=url) as stub:
        stub.replay(path)
        replayed = consume(client, url)
    assert replayed == recorded


def entry(request, response):
    """A HAR entry of CreateProxySession."""
    url = f"{HOST}/voice-connectors/{CONNECTOR}/proxy-sessions"
    sent = '{"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice"]}'
    message = {"method": "POST", "url": url, "headers": [], "postData": {"mimeType": "", "text": sent}} | request
    received = {"status": 201, "headers": [], "content": {"size": len(CREATED), "text": CREATED.decode()}} | response
    return {"log": {"entries": [{"request": message, "response": received}]}}


FORMS = {
    "chrome": ({"headers": [{"name": ":authority", "value": "x"}], "bodySize": 88}, {}, []),
    "mitmproxy": ({}, {"content": {"size": 42, "text": "eyJQcm94eVNlc3Npb24iOiB7fX0=", "encoding": "base64"}}, []),
    "decoded": ({}, {"headers": [{"name": "Content-Encoding", "value": "gzip"}]}, []),
    "playwright, bodies omitted": ({}, {"content": {"size": -1, "mimeType": ""}}, [("warning", "response", "body")]),
    "playwright, bodies attached": ({}, {"content": {"size": 42, "_file": "a.json"}}, [("warning", "response", "body")]),
    "no post data": ({"postData": None, "bodySize": 88}, {}, [("warning", "request", "body")]),
    "no body sent": ({"postData": None, "bodySize": 0}, {}, [("warning", "request", "body")]),
    "form": ({"postData": {"mimeType": "", "params": []}}, {}, [("warning", "request", "body")]),
    "blocked": ({}, {"status": 0, "content": {"size": 0}}, [("warning", "response", "body")]),
    "aborted": ({}, {"status": -1, "content": {"size": -1}}, [("warning", "response", "body")]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_har_entries_of_several_recorders(form):
    """Bodies in text or base64; one that the recorder left out is a warning and not an error."""
    request, response, expected = FORMS[form]
    (exchange,) = parse_har(entry(request, response), "x.har")
    found = Judge().judge(exchange)
    assert [(each.tier, each.part, each.keyword) for each in found] == expected


REAL = {"chromium.har": "http://127.0.0.1:33133", "mitmproxy.har": "http://127.0.0.1:40449"}
"""Recordings of real programs against `chime-fixtures serve`: Chromium 150 by Playwright 1.65, boto3 by mitmproxy 11."""


@pytest.mark.parametrize("name", REAL)
def test_a_real_har_file(name):
    """Each exchange is one with Chime, none has a finding, and the bodies are those that were sent and received."""
    exchanges = read_recording(DATA / name)
    judge = Judge(REAL[name])
    assert [judge.judge(each) for each in exchanges] == [[]] * 6
    assert {(each.method, bool(each.request_body), each.status, bool(each.response_body)) for each in exchanges} == {
        ("PUT", True, 200, True),
        ("POST", True, 201, True),
        ("GET", False, 200, True),
        ("DELETE", False, 204, False),
        ("GET", False, 404, True),
    }
