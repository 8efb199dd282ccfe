"""Requests as bytes: accepted, malformed, too large, too slow."""

from __future__ import annotations

import json
import threading
import time

import pytest

from chime_fixtures.server.connection import Limits
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService

PATH = b"/voice-connectors/abc/proxy-sessions"
HOST = b"Host: 127.0.0.1\r\n"
CLOSE = HOST + b"Connection: close\r\n"
BODY = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
GET = b"GET " + PATH + b" HTTP/1.1\r\n"
POST = b"POST " + PATH + b" HTTP/1.1\r\n" + CLOSE


@pytest.fixture(scope="module")
def service():
    return ChimeService(strict=False)


@pytest.fixture(scope="module")
def url(service):
    limits = Limits(head_bytes=4000, fields=20, body_bytes=5000, request_seconds=0.3)
    with ChimeServer(service, limits=limits) as server:
        yield server.url


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (GET + CLOSE + b"\r\n", 200),
        (b"GET " + PATH + b" HTTP/1.0\r\n\r\n", 200),
        (b"GET http://localhost:1" + PATH + b" HTTP/1.1\r\n" + CLOSE + b"\r\n", 200),
        (b"HEAD " + PATH + b" HTTP/1.1\r\n" + CLOSE + b"\r\n", 405),
        (POST + LENGTH + b"\r\n" + BODY, 201),
        (POST + CHUNKED + b"\r\n3f;a=b\r\n" + BODY + b"\r\n0\r\nX: y\r\n\r\n", 201),
        (POST + LENGTH + b"Expect: 100-continue\r\n\r\n" + BODY, 201),
        (GET + CLOSE + b"Content-Length: 0\r\n\r\n", 200),
        (GET + CLOSE + b"Upgrade: h2c\r\n\r\n", 200),
        (b"OPTIONS * HTTP/1.1\r\n" + CLOSE + b"\r\n", 404),
        (b"CONNECT localhost:80 HTTP/1.1\r\n" + CLOSE + b"\r\n", 404),
    ],
)
def test_accepted_requests(raw, url, content, status):
    """Content-Length, chunks, absolute targets, HTTP/1.0 and offers of another protocol are accepted."""
    response = raw.exchange(url, content)
    assert raw.status(response.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")) == status


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET " + PATH + b" HTTP/1.1\n" + CLOSE.replace(b"\r", b"") + b"\n", 200),
        (GET + CLOSE + b"X: a\nY: b\r\n\r\n", 200),
        (GET + CLOSE + b"X: a\r\n b\r\n\r\n", 200),
        (GET + CLOSE + b"X: a\x01b\r\n\r\n", 200),
        (POST + LENGTH + LENGTH + b"\r\n" + BODY, 201),
        (POST + b"Content-Length: 63, 63\r\n\r\n" + BODY, 201),
        (POST + CHUNKED + b"\r\n3f\r\n" + BODY + b"\r\n0\r\n" + b"X: y\r\n" * 30 + b"\r\n", 201),
    ],
)
def test_lenient_readings_of_h11(raw, url, content, status):
    """A bare line feed, a folded line, a control character and an equal, repeated length are accepted."""
    assert raw.status(raw.exchange(url, content)) == status


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\r\n" + GET + CLOSE + b"\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"GET  " + PATH + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (GET + b"\r\n", 400),
        (GET + HOST + HOST + b"\r\n", 400),
        (b"GET " + PATH + b"\x00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET " + PATH + b"/\xc3\xbc HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (GET + HOST + b"X : y\r\n\r\n", 400),
        (GET + HOST + b"X: a\x00b\r\n\r\n", 400),
        (GET + HOST + b"X: a\rb\r\n\r\n", 400),
        (GET + HOST + b"Authorization: a\r\nAuthorization: a\r\n\r\n", 400),
        (POST + LENGTH + CHUNKED + b"\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (POST + CHUNKED + b"Content-Length: 0\r\n\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (POST + LENGTH + b"Content-Length: 62\r\n\r\n" + BODY, 400),
        (POST + b"Content-Length: -1\r\n\r\n" + BODY, 400),
        (POST + b"Content-Length: +63\r\n\r\n" + BODY, 400),
        (POST + b"Content-Length: 0x3f\r\n\r\n" + BODY, 400),
        (POST + "Content-Length: ٦٣\r\n\r\n".encode() + BODY, 400),
        (POST + b"Content-Length: \r\n\r\n" + BODY, 400),
        (POST + b"Content-Length: " + b"9" * 3000 + b"\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n", 501),
        (POST + CHUNKED + CHUNKED + b"\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n", 501),
        (POST + CHUNKED + b"\r\n-3f\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (POST + CHUNKED + b"\r\nzz\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (POST + CHUNKED + b"\r\n3e\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"GET " + PATH + b" HTTP/1.2\r\n" + CLOSE + b"\r\n", 505),
    ],
)
def test_malformed_requests(raw, url, service, content, status):
    """A malformed or ambiguous request is refused, closes the connection and changes nothing."""
    before = service.sessions, service.calls
    response = raw.exchange(url, content)
    assert raw.status(response) == status
    assert b"connection: close" in response
    assert json.loads(response.partition(b"\r\n\r\n")[2])["Message"]
    assert (service.sessions, service.calls) == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /" + b"a" * 5000, 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 5000, 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 30 + b"\r\n", 431),
        (POST + b"Content-Length: 5001\r\n\r\n", 413),
        (POST + b"Content-Length: 5001\r\nExpect: 100-continue\r\n\r\n", 413),
        (POST + b"Content-Length: " + b"9" * 20 + b"\r\n\r\n", 413),
        (POST + CHUNKED + b"\r\nffffffff\r\n" + b"x" * 5001, 413),
        (POST + CHUNKED + (b"\r\n400\r\n" + b"x" * 1024) * 5, 413),
        (POST + CHUNKED + b"\r\n" + b"1" * 5000, 431),
        (POST + CHUNKED + b"\r\n0\r\nX: " + b"y" * 5000, 431),
    ],
)
def test_limits_of_size(raw, url, content, status):
    """A head or a body that is too large is refused before all of it was sent."""
    assert raw.status(raw.exchange(url, content, half_close=False)) == status


def test_a_repeated_request_is_read_like_the_first(raw, url):
    """The same bytes give the same response each time; a request that was refused is refused again."""
    for content, status in ((GET + CLOSE + b"\r\n", 200), (GET + b"\r\n", 400)):
        assert [raw.status(raw.exchange(url, content)) for _ in range(3)] == [status] * 3


@pytest.mark.parametrize("content", [b"", b"GET / HT", POST + LENGTH + b"\r\n{"])
def test_a_client_that_disconnects_early(raw, url, service, content):
    """An incomplete request gets no response and is not a call."""
    before = service.calls
    assert raw.exchange(url, content) == b""
    assert service.calls == before


@pytest.mark.parametrize("content", [b"GET / HT", POST + LENGTH + b"\r\n{"])
def test_a_slow_client(raw, url, content):
    """A request that is incomplete at its deadline is refused, even if bytes keep arriving."""
    with raw.connect(url) as connection:
        start = time.monotonic()
        connection.sendall(content)
        stop = threading.Event()

        def drip():
            while not stop.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        response = raw.receive_all(connection)
        stop.set()
        thread.join()
    assert raw.status(response) in (408, None)
    assert time.monotonic() - start < 8


def test_an_idle_connection_is_closed(raw):
    """A connection on which no request begins is closed without a response."""
    with ChimeServer(ChimeService(), limits=Limits(idle_seconds=0.05)) as server:
        with raw.connect(server.url) as connection:
            assert raw.receive_all(connection) == b""


def test_pipelined_requests(raw, url):
    """Requests that arrive together are handled in their order, on one connection."""
    get = b"GET " + PATH + b"?max-results=%d HTTP/1.1\r\n" + HOST
    post = b"POST " + PATH + b" HTTP/1.1\r\n" + HOST + LENGTH + b"\r\n" + BODY
    response = raw.exchange(
        url, (get % 0) + b"\r\n" + post + (get % 1) + b"\r\n" + (get % 101) + b"Connection: close\r\n\r\n"
    )
    assert [int(part[:3]) for part in response.split(b"HTTP/1.1 ")[1:]] == [400, 201, 200, 400]


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_a_connection_that_is_not_kept_alive(raw, url, version):
    """After HTTP/1.0 or `Connection: close` the server closes, although the client has not."""
    response = raw.exchange(url, b"GET " + PATH + b" " + version + b"\r\n" + CLOSE + b"\r\n", half_close=False)
    assert b"connection: close" in response


@pytest.mark.parametrize("field", [b"X-Evil: a\rSet-Cookie: b\r\n", b"X-Evil: a\r\n\r\nSet-Cookie: b\r\n"])
def test_header_injection(raw, url, field):
    """No part of a request becomes a header field of the response."""
    response = raw.exchange(url, b"GET " + PATH + b"/%0d%0aSet-Cookie:%20a HTTP/1.1\r\n" + CLOSE + field + b"\r\n")
    head, _, body = response.partition(b"\r\n\r\n")
    assert b"set-cookie" not in head.lower()
    json.loads(body)


@pytest.mark.parametrize("name", [b"..%2F..%2Fetc%2Fpasswd", b"%00", b"%", b"%zz", b"..", b"%ff", b"a" * 129])
def test_unusual_session_ids(raw, url, name):
    """An id is never a path: it is unknown (404) or invalid (400)."""
    response = raw.exchange(url, b"GET " + PATH + b"/" + name + b" HTTP/1.1\r\n" + CLOSE + b"\r\n")
    assert raw.status(response) in (400, 404)
