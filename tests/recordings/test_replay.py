"""`ChimeStub.replay`: each request gets the next recorded response, and drift fails the test."""

import base64
import gzip
import json
import pickle

import boto3
import pytest
import requests
import yaml
from botocore.exceptions import ConnectionClosedError

from chime_fixtures import (
    ChimeStub,
    Fault,
    InvalidDocumentError,
    UnmetExpectationError,
    UnrecordedRequestError,
)
from chime_fixtures.service import Request, TransportFault
from tests.support.recordings import CONNECTOR, CREATE, HOST, NAMES, PROXY, as_har, cassette


@pytest.fixture
def save(tmp_path):
    """Writes a recording to a file, and returns its path."""

    def write(recording, name="c.json"):
        text = yaml.safe_dump(recording) if name.endswith("yaml") else json.dumps(recording)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def only(*names):
    """The recording with some exchanges, in this order."""
    return {"version": 1, "interactions": [cassette()["interactions"][NAMES.index(name)] for name in names]}


def send(stub, interaction, **changes):
    """Sends the request of an exchange to a stub."""
    request = {**interaction["request"], **changes}
    body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
    sent = b"" if request["body"] is None else body.encode()
    return stub.handle(Request(request["method"], request["uri"].removeprefix(HOST), {}, sent))


@pytest.mark.parametrize(
    ("name", "convert"), [("c.yaml", lambda each: each), ("c.json", lambda each: each), ("c.har", as_har)]
)
def test_each_response_is_that_of_the_recording(save, name, convert):
    """Status, body and header fields are the recorded ones, in each form of a recording."""
    recording = cassette()
    recording["interactions"][3]["response"]["headers"]["X-Old"] = ["1"]
    with ChimeStub() as stub:
        stub.replay(save(convert(recording), name))
        for each in recording["interactions"]:
            response = send(stub, each)
            assert response.status == each["response"]["status"]["code"]
            assert response.body == each["response"]["body"]["string"].encode()
            assert response.headers.get("x-old") == each["response"]["headers"].get("X-Old", [None])[0]
        assert [call.operation for call in stub.calls] == [*NAMES[:-1], "GetProxySession"]
        assert stub.calls[-1].error == "NotFoundException"
        assert stub.sessions == ()


def test_clients_get_recorded_responses(save):
    """Boto3 and requests; an error is the exception of the client."""
    with ChimeStub() as stub:
        stub.replay(save(only("CreateProxySession", "GetProxySession", "error"), "c.yaml"))
        client = boto3.client("chime-sdk-voice")
        session = client.create_proxy_session(VoiceConnectorId=CONNECTOR, **CREATE)["ProxySession"]
        path = f"{HOST}/voice-connectors/{CONNECTOR}/proxy-sessions/{session['ProxySessionId']}"
        assert requests.get(path, timeout=5).json()["ProxySession"]["Status"] == "Open"
        with pytest.raises(client.exceptions.NotFoundException):
            client.get_proxy_session(VoiceConnectorId=CONNECTOR, ProxySessionId=session["ProxySessionId"])


def test_the_order_is_that_of_equal_requests(save):
    """Equal requests get their responses in the recorded order; different requests may come in any order."""
    recording = cassette()
    interactions = recording["interactions"]
    with ChimeStub() as stub:
        stub.replay(save(recording))
        statuses = [send(stub, each).status for each in reversed(interactions)]
        # The first of two equal requests is recorded with 200, the second with 404.
        assert statuses == [200, 204, 204, 200, 201, 404, 201, 200, 200]


def test_the_order_of_query_parameters_and_members_is_not_compared(save):
    """Requests are compared by their parameters, not by their bytes."""
    recording = only("CreateProxySession", "ListProxySessions")
    create, page = recording["interactions"]
    with ChimeStub() as stub:
        stub.replay(save(recording))
        path = page["request"]["uri"].partition("?")[0]
        assert send(stub, page, uri=f"{path}?max-results=10&status=Open").status == 200
        assert send(stub, create, body=json.dumps(dict(reversed(CREATE.items())), indent=1)).status == 201


DRIFTS = [
    ({**CREATE, "ExpiryMinutes": 61}, "/ExpiryMinutes is 61, recorded was 60"),
    ({**CREATE, "Capabilities": ["SMS", "Voice"]}, '/Capabilities/0 is "SMS", recorded was "Voice"'),
    ({**CREATE, "Capabilities": ["Voice"]}, '/Capabilities is ["Voice"], recorded was ["Voice", "SMS"]'),
    ({name: CREATE[name] for name in CREATE if name != "Name"}, "/Name is missing"),
    ({**CREATE, "NumberSelectionBehavior": "AvoidSticky"}, "/NumberSelectionBehavior was not recorded"),
    ({**CREATE, "ParticipantPhoneNumbers": ["+12065550100", "+14015550102"]}, "/ParticipantPhoneNumbers/1 is"),
    ({"name": "x", **{name: CREATE[name] for name in CREATE if name != "Name"}}, "(instead there is 'name')"),
    (PROXY, "and 4 more"),
]


@pytest.mark.parametrize(("body", "difference"), DRIFTS)
def test_a_request_that_differs_is_an_error(save, body, difference):
    """The error names the nearest recorded exchange, and the differences without telephone numbers."""
    recording = only("GetProxySession", "CreateProxySession")
    stub = ChimeStub()
    stub.replay(save(recording))
    with pytest.raises(UnrecordedRequestError) as caught:
        send(stub, recording["interactions"][1], body=body)
    text = str(caught.value)
    assert text.startswith(f"CreateProxySession (POST /voice-connectors/{CONNECTOR}/proxy-sessions) is not in the rec")
    assert "c.json: exchange 2 (not sent yet): " in text
    assert text.endswith("; record it again, or change the request")
    assert difference in text
    assert "5550" not in text
    assert str(pickle.loads(pickle.dumps(caught.value))) == text
    assert stub.calls[-1].message == text


def test_responses_that_are_used_up_and_operations_that_are_not_recorded(save):
    """The error says how many there were, or that there are none."""
    recording = only("GetProxySession")
    (exchange,) = recording["interactions"]
    stub = ChimeStub()
    stub.replay(save(recording))
    assert send(stub, exchange).status == 200
    with pytest.raises(UnrecordedRequestError, match="has 1 of it, all sent; the last is .*c.json: exchange 1;"):
        send(stub, exchange)
    with pytest.raises(UnrecordedRequestError, match="the recording has no DeleteProxySession"):
        send(stub, exchange, method="DELETE")


def test_drift_fails_the_test_even_if_it_is_caught(save):
    """The error is raised again when the stub is left; without strict it is a 404."""
    recording = only("GetProxySession")
    (exchange,) = recording["interactions"]
    with pytest.raises(UnrecordedRequestError), ChimeStub() as stub:
        stub.replay(save(recording))
        with pytest.raises(UnrecordedRequestError):
            send(stub, exchange, method="DELETE")
    with ChimeStub(strict=False) as stub:
        stub.replay(save(recording))
        response = send(stub, exchange, method="DELETE")
        assert (response.status, b"is not in the recording" in response.body) == (404, True)


def test_responses_that_were_not_sent_are_unused(save):
    """They are reported as unused faults are, each with its place."""
    recording = only("GetProxySession", "ListProxySessions")
    with pytest.raises(UnmetExpectationError) as caught, ChimeStub() as stub:
        path = save(recording, "c.yaml")
        stub.replay(path)
        send(stub, recording["interactions"][0])
        assert len(stub.unused) == 1
    line = path.read_text().splitlines().index("- request:", 2) + 1
    assert caught.value.reason == f"unused recorded response: ListProxySessions ({path}:{line}: exchange 2)"


def test_redacted_values_equal_every_value(save):
    """A filter has replaced the connector's id and the numbers; `ignore` is for what it has removed."""
    recording = only("CreateProxySession", "CreateProxySession")
    first, second = recording["interactions"]
    first["request"]["uri"] = first["request"]["uri"].replace(CONNECTOR, "REDACTED")
    first["request"]["body"] = json.dumps({**CREATE, "ParticipantPhoneNumbers": ["+1206*******", "<filtered>"]})
    second["request"]["body"] = json.dumps({name: CREATE[name] for name in CREATE if name != "Name"})
    second["response"]["body"]["string"] = '{"ProxySession": {"ProxySessionId": "second"}}'
    with ChimeStub() as stub:
        stub.replay(save(recording), ignore=["Name"])
        other = {**CREATE, "ParticipantPhoneNumbers": ["+12065550123", "+14015550123"]}
        assert b"second" not in send(stub, first, body=other).body
        assert b"second" in send(stub, second, body=CREATE).body


def test_an_invalid_request_gets_its_recorded_response(save):
    """Its violations are in the journal, whatever the recorded response is; a body that is not JSON too."""
    recording = only("CreateProxySession", "CreateProxySession")
    first, second = recording["interactions"]
    first["request"]["body"], second["request"]["body"] = '{"Name": "#"}', "{"
    for each in (first, second):
        each["response"].update(status={"code": 400}, body={"string": "{}"})
        each["response"]["headers"]["x-amzn-ErrorType"] = ["BadRequestException:http://x"]
    with ChimeStub() as stub:
        stub.replay(save(recording))
        assert [send(stub, each).status for each in (second, first)] == [400, 400]
        assert [call.error for call in stub.calls] == ["BadRequestException"] * 2
        assert "pattern" in [violation.keyword for violation in stub.calls[1].violations]


def test_faults_and_canned_responses_take_precedence(save):
    """A fault before the operation leaves the recorded response; a lost answer uses it."""
    recording = only("GetProxySession", "GetProxySession")
    exchange = recording["interactions"][0]
    with ChimeStub() as stub:
        stub.replay(save(recording))
        stub.fail(Fault.error("NotFound"))
        assert send(stub, exchange).status == 404
        stub.answer("GetProxySession", {"Name": "canned"}, times=1)
        assert b"canned" in send(stub, exchange).body
        stub.fail("lost-answer")
        assert send(stub, exchange) == TransportFault("reset")
        stub.fail("body:cut")
        whole = exchange["response"]["body"]["string"].encode()
        assert send(stub, exchange).body == whole[: len(whole) // 2]


def test_a_response_that_failed_is_a_broken_connection(save):
    """Browsers record a failed request with the status 0."""
    recording = as_har(only("GetProxySession"))
    session = recording["log"]["entries"][0]["request"]["url"].rpartition("/")[2]
    recording["log"]["entries"][0]["response"] = {"status": 0, "headers": [], "content": {"size": 0}}
    with ChimeStub() as stub:
        stub.replay(save(recording, "c.har"))
        client = boto3.client("chime-sdk-voice", config=boto3.session.Config(retries={"total_max_attempts": 1}))
        with pytest.raises(ConnectionClosedError):
            client.get_proxy_session(VoiceConnectorId=CONNECTOR, ProxySessionId=session)


def test_coded_bodies_are_decoded(save):
    """Gzip, base64 and chunks are of the connection that was recorded; the response has the plain body."""
    recording = only("GetProxySession")
    response = recording["interactions"][0]["response"]
    plain = response["body"]["string"].encode()
    response["headers"] |= {"Content-Encoding": ["gzip"], "Transfer-Encoding": ["chunked"], "Content-Length": ["7"]}
    response["body"] = {"string": gzip.compress(plain)}
    har = as_har(only("GetProxySession"))
    har["log"]["entries"][0]["response"]["content"] |= {"encoding": "base64", "text": base64.b64encode(plain).decode()}
    for path in (save(recording, "c.yaml"), save(har, "c.har")):
        with ChimeStub() as stub:
            stub.replay(path)
            found = send(stub, recording["interactions"][0])
            assert (found.body, found.headers["content-length"]) == (plain, str(len(plain)))
            assert not {"content-encoding", "transfer-encoding"} & found.headers.keys()


def test_recordings_that_cannot_be_replayed(save, tmp_path):
    """No exchange with Chime, a body that is not there, and no such file are errors with a remedy."""
    stub = ChimeStub()
    foreign = {"version": 1, "interactions": only("GetProxySession")["interactions"]}
    foreign["interactions"][0]["request"]["uri"] = "http://localhost:1/x"
    with pytest.raises(
        InvalidDocumentError, match="has no exchange with Chime among 1; for an imitator, pass base_url"
    ):
        stub.replay(save(foreign))
    har = as_har(only("GetProxySession"))
    del har["log"]["entries"][0]["response"]["content"]["text"]
    with pytest.raises(InvalidDocumentError, match="exchange 1: the body of the response is not in the recording"):
        stub.replay(save(har, "c.har"))
    with pytest.raises(InvalidDocumentError, match="does not exist"):
        stub.replay(tmp_path / "none.yaml")
    assert stub.unused == ()


def test_an_imitator_is_replayed_below_its_url(save):
    """The base URL of the stub is that of the recording; several recordings follow one another."""
    text = json.dumps(only("GetProxySession")).replace(HOST, "http://imitator.test/v1")
    path = save(json.loads(text))
    url = json.loads(text)["interactions"][0]["request"]["uri"]
    with ChimeStub(base_url="http://imitator.test/v1") as stub:
        stub.replay(path)
        stub.replay(path, ignore=["Name"])
        assert [requests.get(url, timeout=5).status_code for _ in range(2)] == [200, 200]


def test_many_exchanges_are_found_in_constant_time(save, monkeypatch):
    """A request is compared with the recorded ones by its key, and not with each of them."""
    exchange = only("ListProxySessions")["interactions"][0]
    path = exchange["request"]["uri"].partition("?")[0]
    interactions = [
        {**exchange, "request": {**exchange["request"], "uri": f"{path}?next-token={index}"}} for index in range(300)
    ]
    monkeypatch.setattr("chime_fixtures.service.recorded._differences", None)
    with ChimeStub() as stub:
        stub.replay(save({"version": 1, "interactions": interactions}))
        assert {send(stub, each).status for each in reversed(interactions)} == {200}
