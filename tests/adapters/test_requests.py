"""requests through the stub: other hosts pass, faults are requests' own exceptions."""

from __future__ import annotations

import http.server
import threading

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from chime_fixtures.adapters.requests import mock_over
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
    """A broken connection is the exception that requests itself would raise, and it carries the request."""
    chime_stub.fail(fault)
    with pytest.raises(error) as caught:
        requests.get(URL)
    assert type(caught.value) is error
    assert caught.value.request.url == URL


@pytest.mark.parametrize(("flaw", "body"), [("empty", b""), ("cut", b'{"ProxySes'), ("null", b"null"), ("list", b"[]")])
def test_broken_bodies(chime_stub, flaw, body):
    """A broken body arrives with the status of a success and its own length."""
    chime_stub.fail(f"body:{flaw}")
    answer = requests.get(URL)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, body, str(len(body)))


def test_html_instead_of_json(chime_stub):
    """A page of a proxy says that it is HTML."""
    chime_stub.fail("body:html")
    answer = requests.get(URL)
    assert answer.headers["content-type"] == "text/html"
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_status_is_retried_by_the_session(chime_stub):
    """A session that is mounted with a retry policy for 503 retries ours."""
    chime_stub.fail("error:ServiceUnavailable")
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503])))
        assert session.get(URL).status_code == 200
    assert [call.status for call in chime_stub.calls] == [503, 200]


def test_other_hosts_go_to_an_outer_responses():
    """What is not Chime's reaches a mock that was installed before, and it is not asked for Chime's."""
    with responses.RequestsMock() as outer:
        outer.get("https://example.test/", body="outer")
        with ChimeStub() as stub:
            assert requests.get("https://example.test/").text == "outer"
            assert requests.get(URL).json() == {"ProxySessions": []}
        assert len(stub.calls) == 1
        assert len(outer.calls) == 1


def test_an_inner_responses_goes_first(chime_stub):
    """A mock that is entered inside a stub has the first word, and the stub the next request after it."""
    with responses.RequestsMock() as inner:
        inner.get(URL, json={"ProxySessions": "inner"})
        assert requests.get(URL).json() == {"ProxySessions": "inner"}
    assert requests.get(URL).json() == {"ProxySessions": []}
    assert len(chime_stub.calls) == 1


def test_other_hosts_reach_the_wire(chime_stub):
    """Without a mock outside, another host gets the request itself."""

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
    """Text, bytes and pieces are the same body."""
    chime_stub.add_session({"VoiceConnectorId": "abc", "ProxySessionId": "s", "Status": "Open"})
    answer = requests.post(f"{URL}/s", data=iter(body) if isinstance(body, list) else body)
    assert (answer.status_code, answer.json()["ProxySession"]["Capabilities"]) == (201, ["SMS"])


def test_an_unmatched_path_says_what_was_meant():
    """A misspelled path is an assertion that names the operation, and comes again on leaving if it was swallowed."""
    with pytest.raises(UnexpectedRequestError, match=r"did you mean ListProxySessions \(GET /voice-connectors"):
        with ChimeStub():
            try:
                requests.get(URL.replace("sessions", "sessoins"))
            except Exception as error:
                swallowed = error
    assert isinstance(swallowed, AssertionError)


def test_the_mock_keeps_no_calls(chime_stub):
    """A long-lived stub does not gather requests in the mock behind it."""
    for _ in range(5):
        requests.get(URL)
    mock = next(
        cell.cell_contents
        for cell in HTTPAdapter.send.__closure__
        if isinstance(cell.cell_contents, responses.RequestsMock)
    )
    assert len(mock.calls) <= 1


def test_latency(chime_stub, monkeypatch):
    """A late answer is waited for, and is the right one."""
    waited = []
    monkeypatch.setattr("chime_fixtures.adapters.requests.time.sleep", waited.append)
    chime_stub.fail("latency:2.5")
    assert requests.get(URL).json() == {"ProxySessions": []}
    assert waited == [2.5]


def test_a_stub_that_is_left_meanwhile(chime_stub):
    """A request that is on its way while the last stub is left fails as a connection does, and is sent to nobody."""
    claims = iter([chime_stub.service, None])
    send = mock_over(lambda _: next(claims)).unbound_on_send()
    with pytest.raises(requests.ConnectionError, match="the stub was left"):
        send(HTTPAdapter(), requests.Request("GET", URL).prepare())


def test_an_adapter_of_one_session():
    """A session that has the transport of the stub is answered by it, and nothing is patched."""
    stub, before = ChimeStub(), HTTPAdapter.send
    with requests.Session() as session:
        session.mount("https://", stub.adapter())
        assert session.get(URL).json() == {"ProxySessions": []}
        assert HTTPAdapter.send is before
        stub.fail("reset")
        with pytest.raises(requests.ConnectionError, match="the stub's fault 'reset'"):
            session.get(URL)
        with pytest.raises(requests.exceptions.InvalidURL, match="mount its adapter elsewhere"):
            session.get("https://example.test/")
    assert len(stub.calls) == 2
