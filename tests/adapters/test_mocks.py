"""Other mocks around the stub, in either order: each answers its own host, and Chime is answered by the stub."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket

import boto3
import httpx
import moto
import pytest
import requests
import requests_mock
import responses
import respx
import vcr

from chime_fixtures.stub import ChimeStub
from tests.support.nested import run_nested

OTHER = "https://example.test/"
HOST = "https://voice-chime.us-east-1.amazonaws.com"
URL = f"{HOST}/voice-connectors/abc/proxy-sessions"
CASSETTE = f"""version: 1
interactions:
- request: {{method: GET, uri: '{OTHER}', body: null, headers: {{}}}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: other}}}}
"""
EMPTY = {"ProxySessions": []}


@contextlib.contextmanager
def responses_mock(tmp_path):
    """A mock of `responses` for another host."""
    with responses.RequestsMock() as mock:
        mock.get(OTHER, body="other")
        yield


@contextlib.contextmanager
def responses_with_passthru(tmp_path):
    """The default mock of `responses`, which lets pass every other URL."""
    with responses.mock as mock:
        mock.add_passthru("https://")
        mock.add_passthru(re.compile("http.*"))
        mock.get(OTHER, body="other")
        yield


@contextlib.contextmanager
def responses_with_a_passthrough_response(tmp_path):
    """A mock of `responses` with a response that lets Chime pass."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add(responses.PassthroughResponse("GET", URL))
        mock.get(OTHER, body="other")
        yield


@contextlib.contextmanager
def requests_mock_mock(tmp_path):
    """A mock of requests-mock for another host, whose history has no request for Chime."""
    with requests_mock.Mocker() as mock:
        mock.get(OTHER, text="other")
        yield
        assert [request.url for request in mock.request_history] == [OTHER]


@contextlib.contextmanager
def requests_mock_with_real_http(tmp_path):
    """A mock of requests-mock that lets pass every other URL."""
    with requests_mock.Mocker(real_http=True) as mock:
        mock.get(OTHER, text="other")
        yield


@contextlib.contextmanager
def respx_mock(tmp_path):
    """A mock of respx for another host."""
    with respx.mock as mock:
        mock.get(OTHER).respond(text="other")
        yield


@contextlib.contextmanager
def vcr_mock(tmp_path):
    """A cassette of VCR.py with a request of another host, which records no other."""
    (tmp_path / "cassette.yaml").write_text(CASSETTE)
    with vcr.use_cassette(str(tmp_path / "cassette.yaml"), record_mode="none", allow_playback_repeats=True):
        yield


@contextlib.contextmanager
def vcr_recorder(tmp_path):
    """A cassette of VCR.py that records every new request; Chime's are not among them."""
    (tmp_path / "cassette.yaml").write_text(CASSETTE)
    with vcr.use_cassette(
        str(tmp_path / "cassette.yaml"), record_mode="new_episodes", allow_playback_repeats=True
    ) as cassette:
        yield
        assert [request.uri for request in cassette.requests] == [OTHER]


def get_by_requests(url):
    """The text of a response."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url).text


def get_by_httpx(url):
    """The text of a response."""
    with httpx.Client(trust_env=False) as client:
        return client.get(url).text


def get_by_async_httpx(url):
    """The text of a response."""

    async def send():
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).text

    return asyncio.run(send())


BY_REQUESTS, BY_HTTPX = [get_by_requests], [get_by_httpx, get_by_async_httpx]
MOCKS = {
    responses_mock: BY_REQUESTS,
    responses_with_passthru: BY_REQUESTS,
    responses_with_a_passthrough_response: BY_REQUESTS,
    requests_mock_mock: BY_REQUESTS,
    requests_mock_with_real_http: BY_REQUESTS,
    respx_mock: BY_HTTPX,
    vcr_mock: [*BY_REQUESTS, *BY_HTTPX],
    vcr_recorder: [*BY_REQUESTS, *BY_HTTPX],
}


@pytest.fixture(scope="module")
def chime_by_boto3():
    """A client of Chime, made before everything."""
    keys = {"aws_access_key_id": "early", "aws_secret_access_key": "early", "region_name": "us-east-1"}
    return boto3.client("chime-sdk-voice", **keys)


@pytest.fixture
def wire(monkeypatch):
    """The addresses that were connected to."""
    addresses = []

    def connect(_, address):
        addresses.append(address)
        raise ConnectionRefusedError(address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return addresses


@pytest.mark.parametrize("is_inside", [False, True], ids=["outside", "inside"])
@pytest.mark.parametrize("mock", MOCKS, ids=lambda mock: mock.__name__)
def test_each_answers_its_own_host(mock, is_inside, wire, chime_by_boto3, tmp_path):
    """A mock and a stub, entered in either order, answer the requests for their own hosts."""
    originals = patched()
    with contextlib.ExitStack() as stack:
        if not is_inside:
            stack.enter_context(mock(tmp_path))
        stub = stack.enter_context(ChimeStub())
        if is_inside:
            stack.enter_context(mock(tmp_path))
        for get in MOCKS[mock]:
            assert get(OTHER) == "other"
            assert get(URL) == '{"ProxySessions":[]}'
        assert chime_by_boto3.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
    assert [call.status for call in stub.calls] == [200] * (len(MOCKS[mock]) + 1)
    assert wire == []
    assert patched() == originals


def patched():
    """Everything that a stub patches in these libraries."""
    return (
        requests.adapters.HTTPAdapter.send,
        dict(vars(requests.Session)),
        dict(vars(responses.RequestsMock)),
        dict(vars(httpx.Client)),
        dict(vars(httpx.AsyncClient)),
        dict(vars(httpx.HTTPTransport)),
        dict(vars(httpx.AsyncHTTPTransport)),
    )


def test_activate_for_another_host(wire):
    """A function under `@responses.activate`, called inside a stub, gets Chime from the stub; its calls are its own."""

    @responses.activate
    def call():
        responses.get(OTHER, body="other")
        assert requests.get(OTHER).text == "other"
        assert requests.get(URL).json() == EMPTY
        assert [call.request.url for call in responses.calls] == [OTHER]
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get("https://unknown.test/")

    with ChimeStub() as stub:
        call()
        stub.fail("reset")
        with responses.RequestsMock(), pytest.raises(requests.ConnectionError, match="the stub's fault 'reset'"):
            requests.get(URL)
    assert len(stub.calls) == 2
    assert wire == []


def test_passthru_prefixes_are_unchanged(chime_stub):
    """The prefixes that a mock lets pass are the ones that its test has added, inside a stub, too."""
    with responses.RequestsMock() as mock:
        mock.add_passthru("https://a.test")
        requests.get(URL)
        mock.add_passthru("https://b.test")
        assert mock.passthru_prefixes == ("https://a.test", "https://b.test")


@pytest.mark.parametrize("is_inside", [pytest.param(False, id="outside", marks=pytest.mark.slow), True])
def test_moto_with_options_of_its_own(is_inside, wire):
    """`mock_aws` with a passthrough and a list of services of its own passes Chime on, by boto3 and by requests."""
    config = {"core": {"passthrough": {"urls": ["https://example.test"]}, "service_whitelist": ["dynamodb"]}}
    with contextlib.ExitStack() as stack:
        if not is_inside:
            stack.enter_context(moto.mock_aws(config=config))
        stub = stack.enter_context(ChimeStub())
        if is_inside:
            stack.enter_context(moto.mock_aws(config=config))
        clients = [
            boto3.client("chime-sdk-voice", region_name="us-east-1", endpoint_url=url)
            for url in (None, "http://localhost:4566", "https://imitator.amazonaws.com")
        ]
        for client in clients:
            assert client.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
        assert requests.get(URL).json() == EMPTY
        assert boto3.client("dynamodb", region_name="us-east-1").list_tables()["TableNames"] == []
    assert len(stub.calls) == 4
    assert wire == []


@pytest.mark.parametrize("library", ["requests", "httpx", "httpx-async"])
def test_a_mock_that_refuses_chime(library, monkeypatch):
    """The error of a mock inside the stub that refuses Chime has a note with the remedy; other errors have none."""
    get = {"requests": get_by_requests, "httpx": get_by_httpx, "httpx-async": get_by_async_httpx}[library]

    def refuse(*_, **__):
        raise ZeroDivisionError("not mocked")

    with ChimeStub() as stub, pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.adapters.HTTPAdapter, "send", refuse)
        for client in (httpx.Client, httpx.AsyncClient):
            patch.setattr(client, "_transport_for_url", refuse)
        with pytest.raises(ZeroDivisionError) as caught:
            get(URL)
        assert caught.value.__notes__ == [
            "the ChimeStub has not received this request; if a mock that was activated inside the stub has refused it, "
            "activate the stub inside that mock, or let the mock pass requests for Chime on"
        ]
        with pytest.raises(ZeroDivisionError) as caught:
            get(OTHER)
        assert not hasattr(caught.value, "__notes__")
        patch.undo()
        stub.fail("reset")
        with pytest.raises((requests.ConnectionError, httpx.ReadError)) as caught:
            get(URL)
        assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize("get", BY_HTTPX)
def test_respx_by_httpx(get):
    """The transports of respx with ``using="httpx"`` replace all others: inside a stub, its error has the note."""
    with respx.mock(using="httpx") as mock, ChimeStub():
        mock.get(OTHER).respond(text="other")
        assert [get(OTHER), get(URL)] == ["other", '{"ProxySessions":[]}']
    with ChimeStub(), respx.mock(using="httpx"), pytest.raises(AssertionError) as caught:
        get(URL)
    assert "let the mock pass requests for Chime on" in caught.value.__notes__[0]


def test_a_transport_of_the_test(chime_stub):
    """The own transport of a client is used: a mock transport instead of the stub, a subclass of the network's before it."""

    class Signed(httpx.HTTPTransport):
        def handle_request(self, request):
            request.headers["x-signed"] = "yes"
            return super().handle_request(request)

    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, text="mine"))) as client:
        assert client.get(URL).text == "mine"
    with httpx.Client(transport=Signed()) as client:
        assert client.get(URL).json() == EMPTY
    assert [call.headers["x-signed"] for call in chime_stub.calls] == ["yes"]


PYTEST_HTTPX = f"""
import httpx
import pytest

def check(httpx_mock):
    httpx_mock.add_response(url="{OTHER}", text="other")
    with httpx.Client(trust_env=False) as client:
        assert client.get("{OTHER}").text == "other"
        assert client.get("{URL}").json() == {{"ProxySessions": []}}
    assert [str(request.url) for request in httpx_mock.get_requests()] == ["{OTHER}"]

def test_inside(chime_stub, httpx_mock):
    check(httpx_mock)

def test_outside(httpx_mock, chime_stub):
    check(httpx_mock)
"""


def test_pytest_httpx(pytester):
    """The fixture `httpx_mock` answers its own host, whether it is set up before or after the stub."""
    pytester.makepyfile(PYTEST_HTTPX)
    run_nested(pytester, "-p", "pytest_httpx", "--chime-calls").assert_outcomes(passed=2)
