"""requests through the stub: other hosts, other mocks, faults as exceptions of requests."""

from __future__ import annotations

import http.server
import threading

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from chime_fixtures.adapters.requests import requests_mock
from chime_fixtures.chime.errors import UnexpectedRequestError
from chime_fixtures.stub import ChimeStub

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout", requests.ReadTimeout),
        ("hang", requests.ReadTimeout),
        ("connect-timeout", requests.ConnectTimeout),
        ("reset", requests.ConnectionError),
        ("lost-answer", requests.ConnectionError),
        ("refused", requests.ConnectionError),
        ("body:short", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_transport_faults(chime_stub, fault, error):
    """A transport fault raises the exception that requests itself would raise, with the request."""
    chime_stub.fail(fault)
    with pytest.raises(error) as caught:
        requests.get(URL)
    assert type(caught.value) is error
    assert caught.value.request.url == URL


@pytest.mark.parametrize(("flaw", "body"), [("empty", b""), ("cut", b'{"ProxySes'), ("null", b"null"), ("list", b"[]")])
def test_broken_bodies(chime_stub, flaw, body):
    """A malformed body has the status of a success and the right Content-Length."""
    chime_stub.fail(f"body:{flaw}")
    response = requests.get(URL)
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, body, str(len(body)))


def test_html_instead_of_json(chime_stub):
    """The fault `body:html` has the content type of HTML, as the error page of a proxy."""
    chime_stub.fail("body:html")
    response = requests.get(URL)
    assert response.headers["content-type"] == "text/html"
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_a_retry_policy_of_the_session(chime_stub):
    """A session with a retry policy for 503 retries the stub's."""
    chime_stub.fail("error:ServiceUnavailable")
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
        assert session.get(URL).status_code == 200
    assert [call.status for call in chime_stub.calls] == [503, 200]


def test_an_outer_mock_gets_other_hosts():
    """A mock outside the stub gets the requests for other hosts only."""
    with responses.RequestsMock() as outer:
        outer.get("https://example.test/", body="outer")
        with ChimeStub() as stub:
            assert requests.get("https://example.test/").text == "outer"
            assert requests.get(URL).json() == {"ProxySessions": []}
        assert len(stub.calls) == 1
        assert len(outer.calls) == 1


def test_an_inner_mock_has_precedence(chime_stub):
    """A mock inside the stub gets its requests until it is left."""
    with responses.RequestsMock() as inner:
        inner.get(URL, json={"ProxySessions": "inner"})
        assert requests.get(URL).json() == {"ProxySessions": "inner"}
    assert requests.get(URL).json() == {"ProxySessions": []}
    assert len(chime_stub.calls) == 1


def test_other_hosts_are_not_intercepted(chime_stub):
    """Without another mock, a request for another host goes to the network."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            with requests.Session() as session:
                session.trust_env = False
                assert session.get(f"http://127.0.0.1:{server.server_port}/").text == "ok"
        finally:
            server.shutdown()
    assert chime_stub.calls == ()


@pytest.mark.parametrize(
    "body", ['{"Capabilities": ["SMS"]}', b'{"Capabilities": ["SMS"]}', [b'{"Capabilities"', b': ["SMS"]}']]
)
def test_bodies_of_every_kind(chime_stub, body):
    """Text, bytes and a generator of bytes are the same body."""
    chime_stub.add_session({"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"})
    response = requests.post(f"{URL}/s", data=iter(body) if isinstance(body, list) else body)
    assert (response.status_code, response.json()["ProxySession"]["Capabilities"]) == (201, ["SMS"])


def test_a_misspelled_path():
    """A misspelled path raises an AssertionError that suggests the operation; if swallowed, it is raised on leaving."""
    with pytest.raises(UnexpectedRequestError, match=r"did you mean ListProxySessions \(GET /voice-connectors"):
        with ChimeStub():
            try:
                requests.get(URL.replace("sessions", "sessoins"))
            except Exception as error:
                swallowed = error
    assert isinstance(swallowed, AssertionError)


def test_the_mock_keeps_no_calls(chime_stub):
    """The mock does not keep the requests of a long-lived stub."""
    for _ in range(5):
        requests.get(URL)
    mock = next(
        cell.cell_contents
        for cell in HTTPAdapter.send.__closure__
        if isinstance(cell.cell_contents, responses.RequestsMock)
    )
    assert len(mock.calls) <= 1


def test_latency(chime_stub, monkeypatch):
    """The client sleeps for the latency, then returns the response."""
    delays = []
    monkeypatch.setattr("chime_fixtures.adapters.requests.time.sleep", delays.append)
    chime_stub.fail("latency:2.5")
    assert requests.get(URL).json() == {"ProxySessions": []}
    assert delays == [2.5]


def test_a_stub_that_is_left_during_a_request(chime_stub):
    """A request during which the last stub is left raises a ConnectionError, and does not go to the network."""
    claims = iter([chime_stub, None])
    send = requests_mock(lambda _: next(claims)).unbound_on_send()
    with pytest.raises(requests.ConnectionError, match="the stub was left"):
        send(HTTPAdapter(), requests.Request("GET", URL).prepare())


def test_an_adapter_of_one_session():
    """A session with the transport of a stub uses that stub, and nothing is patched."""
    stub, before = ChimeStub(), HTTPAdapter.send
    with requests.Session() as session:
        session.mount("https://", stub.adapter())
        assert session.get(URL).json() == {"ProxySessions": []}
        assert HTTPAdapter.send is before
        stub.fail("reset")
        with pytest.raises(requests.ConnectionError, match="the stub's fault 'reset'"):
            session.get(URL)
        with pytest.raises(requests.exceptions.InvalidURL, match="https://example.test/ is not a URL of Chime"):
            session.get("https://example.test/")
    assert len(stub.calls) == 2
