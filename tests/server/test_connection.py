"""Requests as bytes: what is one, what is none, and what is too much."""

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
LAST = HOST + b"Connection: close\r\n"
BODY = b'{"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST = b"POST " + PATH + b" HTTP/1.1\r\n" + LAST


@pytest.fixture(scope="module")
def service():
    return ChimeService(strict=False)


@pytest.fixture(scope="module")
def url(service):
    with ChimeServer(service, limits=Limits(line=2000, head=4000, fields=20, body=5000, seconds=0.3)) as server:
        yield server.url


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET " + PATH + b" HTTP/1.1\r\n" + LAST + b"\r\n", 200),
        (b"\r\nGET " + PATH + b" HTTP/1.1\r\n" + LAST + b"\r\n", 200),
        (b"GET " + PATH + b" HTTP/1.0\r\n\r\n", 200),
        (b"GET http://localhost:1" + PATH + b" HTTP/1.1\r\n" + LAST + b"\r\n", 200),
        (b"HEAD " + PATH + b" HTTP/1.1\r\n" + LAST + b"\r\n", 405),
        (POST + LENGTH + b"\r\n" + BODY, 201),
        (POST + CHUNKED + b"\r\n3f;a=b\r\n" + BODY + b"\r\n0\r\nX: y\r\n\r\n", 201),
        (POST + LENGTH + b"Expect: 100-continue\r\n\r\n" + BODY, 201),
        (b"OPTIONS * HTTP/1.1\r\n" + LAST + b"\r\n", 404),
    ],
)
def test_what_is_a_request(wire, url, content, status):
    """Lengths, chunks, absolute targets and old versions are taken."""
    answer = wire.ask(url, content)
    assert wire.status(answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")) == status


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense\r\n\r\n",
        b"GET  " + PATH + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET " + PATH + b"\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET " + PATH + b"/\xc3\xbc HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + b"X : y\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + b"X: a\nY: b\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
        POST + LENGTH + CHUNKED + b"\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n",
        POST + LENGTH + LENGTH + b"\r\n" + BODY,
        POST + b"Content-Length: -1\r\n\r\n" + BODY,
        POST + b"Content-Length: +63\r\n\r\n" + BODY,
        POST + b"Content-Length: 0x3f\r\n\r\n" + BODY,
        POST + b"Content-Length: 63, 63\r\n\r\n" + BODY,
        POST + "Content-Length: ٦٣\r\n\r\n".encode() + BODY,
        POST + b"Content-Length: \r\n\r\n" + BODY,
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n3f\r\n" + BODY + b"\r\n0\r\n\r\n",
        POST + CHUNKED + b"\r\n-3f\r\n" + BODY + b"\r\n0\r\n\r\n",
        POST + CHUNKED + b"\r\nzz\r\n" + BODY + b"\r\n0\r\n\r\n",
        POST + CHUNKED + b"\r\n3e\r\n" + BODY + b"\r\n0\r\n\r\n",
        POST + CHUNKED + b"\r\n0\r\n" + b"X: y\r\n" * 30 + b"\r\n",
        POST + CHUNKED + b"\r\n" + b"1" * 5000,
    ],
)
def test_what_is_no_request(wire, url, service, content):
    """What two readers could take in two ways is a 400, closes the connection, and does nothing."""
    before = service.sessions
    answer = wire.ask(url, content)
    assert wire.status(answer) == 400
    assert b"connection: close" in answer
    assert service.sessions == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 5000, 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 30 + b"\r\n", 431),
        (POST + b"Content-Length: 5001\r\n\r\n", 413),
        (POST + b"Content-Length: " + b"9" * 3000 + b"\r\n\r\n", 413),
        (POST + CHUNKED + b"\r\nffffffff\r\n", 413),
        (POST + CHUNKED + (b"\r\n400\r\n" + b"x" * 1024) * 5, 413),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
    ],
)
def test_what_is_too_much(wire, url, content, status):
    """A line, a head or a body that is too long is refused before all of it has come."""
    assert wire.status(wire.ask(url, content, half_close=False)) == status


@pytest.mark.parametrize("content", [b"", b"GET / HT", POST + LENGTH + b"\r\n{"])
def test_a_client_that_leaves(wire, url, service, content):
    """A request that is broken off is answered by nothing, and does nothing."""
    before = service.calls
    assert wire.ask(url, content) == b""
    assert service.calls == before


@pytest.mark.parametrize("content", [b"GET / HT", POST + LENGTH + b"\r\n{"])
def test_a_client_that_dawdles(wire, url, content):
    """A request that does not come to an end is cut at its deadline, however busily it drips."""
    with wire.connect(url) as connection:
        begun = time.monotonic()
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
        answer = wire.rest(connection)
        stop.set()
        thread.join()
    assert wire.status(answer) in (408, None)
    assert time.monotonic() - begun < 8


def test_idle_connections_are_closed(wire):
    """A connection on which nothing comes is closed without a word."""
    with ChimeServer(ChimeService(), limits=Limits(idle=0.05)) as server, wire.connect(server.url) as connection:
        assert wire.rest(connection) == b""


def test_one_after_the_other(wire, url):
    """Requests that came together are answered in their order, on one connection."""
    get = b"GET " + PATH + b"?max-results=%d HTTP/1.1\r\n" + HOST
    answer = wire.ask(url, (get % 0) + b"\r\n" + (get % 1) + b"\r\n" + (get % 101) + b"Connection: close\r\n\r\n")
    assert [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]] == [400, 200, 400]


@pytest.mark.parametrize("field", [b"X-Evil: a\rSet-Cookie: b\r\n", b"X-Evil: a\r\n\r\nSet-Cookie: b\r\n"])
def test_nothing_is_injected(wire, url, field):
    """Nothing of a request comes back as a header field."""
    answer = wire.ask(url, b"GET " + PATH + b"/%0d%0aSet-Cookie:%20a HTTP/1.1\r\n" + LAST + field + b"\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"set-cookie" not in head.lower()
    json.loads(body)


@pytest.mark.parametrize("name", [b"..%2F..%2Fetc%2Fpasswd", b"%00", b"%", b"%zz", b"..", b"%ff", b"a" * 129])
def test_odd_names(wire, url, name):
    """An id is looked up, and is never a path: what no session has is a 404, and what is no id a 400."""
    answer = wire.ask(url, b"GET " + PATH + b"/" + name + b" HTTP/1.1\r\n" + LAST + b"\r\n")
    assert wire.status(answer) in (400, 404)
