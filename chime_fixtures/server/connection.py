"""One HTTP/1.1 connection: requests parsed by h11, with limits and deadlines, and responses written to the socket.

h11 does no I/O, so the socket stays with the server: resets, hangs and short bodies are real.
"""

from __future__ import annotations

import functools
import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType

import h11

from chime_fixtures.service import Response

_RECEIVE_BYTES = 65536
_MAX_REASON_LENGTH = 200
_HANG_SECONDS = 24 * 3600.0
_ABSOLUTE_FORM = re.compile(r"(?i)https?://([^/?#]*)")
_VERSIONS = (b"1.0", b"1.1")
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the size of a request, on time and on the number of connections.

    Attributes:
        head_bytes: bytes of the request line and the header fields, checked at each read of up to 64 KiB; a paging
            token may have 65,535 characters, each of up to twelve bytes when it is percent-encoded.
        fields: number of header fields.
        body_bytes: bytes of the body.
        request_seconds: until a request has arrived, and until a response has been sent.
        idle_seconds: until the next request begins.
        connections: open at once; one more closes the one that has been idle for the longest time.
    """

    head_bytes: int = 864 * 1024
    fields: int = 100
    body_bytes: int = 8 * 1024 * 1024
    request_seconds: float = 10.0
    idle_seconds: float = 30.0
    connections: int = 512


class ProtocolError(Exception):
    """A request that is refused before it reaches the service: the status of the response and the reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


class Disconnected(Exception):
    """The client has closed the connection before a whole request arrived."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request as it was received.

    Attributes:
        method: the method.
        target: the path and query, not decoded.
        host: the host and port of an absolute target, else of the Host field; empty if HTTP/1.0 has none.
        headers: the header fields, with names in lower case; the values of a repeated field are joined by commas.
        body: the body, without its transfer coding.
        keep_alive: True if the client may send another request on the same connection.
    """

    method: str
    target: str
    host: str
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool

    @property
    def has_body(self) -> bool:
        """True if the header fields announce a body."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers


class Connection:
    """The server's side of one connection.

    Args:
        sock: a connected socket.
        limits: limits on each request.
    """

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self._socket = sock
        self._limits = limits
        self._unread = b""
        self._deadline = 0.0

    def read(self) -> RawRequest:
        """Return the next request.

        Raises:
            ProtocolError: the request is malformed, too large or too slow.
            Disconnected: the client has closed the connection.
            TimeoutError: no request has begun.
        """
        if not self._unread:
            self._deadline = time.monotonic() + self._limits.idle_seconds
            self._unread = self._receive()
        self._deadline = time.monotonic() + self._limits.request_seconds
        try:
            if self._unread.endswith(_HEAD_END) and (request := _request_without_body(self._unread, self._limits)):
                self._unread = b""
                return request
            return self._read_request()
        except h11.RemoteProtocolError as error:
            raise ProtocolError(HTTPStatus(error.error_status_hint), str(error)[:_MAX_REASON_LENGTH]) from None

    def _read_request(self) -> RawRequest:
        parser = _parser(self._unread, self._limits)
        head = self._next_event(parser)
        assert isinstance(head, h11.Request)
        request = _raw_request(head, self._limits)
        if request.has_body:
            request = replace(request, body=self._read_body(parser))
        self._unread = parser.trailing_data[0]
        return request

    def _read_body(self, parser: h11.Connection) -> bytes:
        body = bytearray()
        while isinstance(event := self._next_event(parser), h11.Data):
            body += event.data
            if len(body) > self._limits.body_bytes:
                raise _body_too_large(self._limits)
        return bytes(body)

    def _next_event(self, parser: h11.Connection) -> h11.Event:
        while not isinstance(event := parser.next_event(), h11.Event):
            if parser.they_are_waiting_for_100_continue:
                self._send(parser.send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")))
            try:
                parser.receive_data(self._receive())
            except TimeoutError:
                text = f"the request was not complete after {self._limits.request_seconds:g} seconds"
                raise ProtocolError(HTTPStatus.REQUEST_TIMEOUT, text) from None
        return event

    def _receive(self) -> bytes:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining)
        received = self._socket.recv(_RECEIVE_BYTES)
        if not received:
            raise Disconnected
        return received

    def write(self, response: Response, *, has_body: bool = True, keep_alive: bool = True) -> None:
        """Send a response; without its body if the request method forbids one."""
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        if not keep_alive:
            lines.append("connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self._send(head + response.body if has_body else head)

    def _send(self, content: bytes) -> None:
        self._socket.settimeout(self._limits.request_seconds)
        self._socket.sendall(content)

    def discard(self, seconds: float = _HANG_SECONDS) -> None:
        """Receive and ignore data until the client disconnects or the time is over.

        Raises:
            Disconnected: the client has closed the connection.
            TimeoutError: the time is over.
        """
        self._deadline = time.monotonic() + seconds
        while True:
            self._receive()


def _parser(data: bytes, limits: Limits) -> h11.Connection:
    # One for each request: h11 begins a next one only after it has written the response, and it refuses a short body.
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
    parser.receive_data(data)
    return parser


@functools.lru_cache(maxsize=64)
def _request_without_body(data: bytes, limits: Limits) -> RawRequest | None:
    """The request, if the data is exactly one request without a body; cached, since clients repeat such requests."""
    parser = _parser(data, limits)
    head = parser.next_event()
    if not isinstance(head, h11.Request) or parser.trailing_data[0]:
        return None
    request = _raw_request(head, limits)
    return None if request.has_body else request


def _raw_request(head: h11.Request, limits: Limits) -> RawRequest:
    if head.http_version not in _VERSIONS:
        text = f"HTTP/{head.http_version.decode()} is not supported; use HTTP/1.1"
        raise ProtocolError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, text)
    headers = _headers(head, limits)
    if int(headers.get("content-length", 0)) > limits.body_bytes:
        raise _body_too_large(limits)
    target, host = head.target.decode(), headers.get("host", "")
    if absolute := _ABSOLUTE_FORM.match(target):
        target, host = target[absolute.end() :], absolute[1]
        target = target if target.startswith("/") else f"/{target}"
    options = [option.strip() for option in headers.get("connection", "").lower().split(",")]
    keep_alive = head.http_version == b"1.1" and "close" not in options
    return RawRequest(head.method.decode(), target, host, MappingProxyType(headers), b"", keep_alive)


def _headers(head: h11.Request, limits: Limits) -> dict[str, str]:
    if len(head.headers) > limits.fields:
        text = f"{len(head.headers)} header fields; at most {limits.fields} are accepted"
        raise ProtocolError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode(), raw_value.decode("latin-1")
        if name in headers:
            if name == "authorization":
                raise ProtocolError(HTTPStatus.BAD_REQUEST, "duplicate header field: Authorization")
            value = f"{headers[name]},{value}"
        headers[name] = value
    # h11 ignores the length; a proxy that ignores the coding would find another end of the request.
    if "content-length" in headers and "transfer-encoding" in headers:
        raise ProtocolError(HTTPStatus.BAD_REQUEST, "both Content-Length and Transfer-Encoding; send one of them")
    return headers


def _body_too_large(limits: Limits) -> ProtocolError:
    text = f"the body is larger than {limits.body_bytes} bytes"
    return ProtocolError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)


def json_response(status: int, value: object) -> Response:
    """A response of the server itself, with a JSON value as its body."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, {"content-type": "application/json", "content-length": str(len(body))}, body)


def error_response(status: HTTPStatus, message: str) -> Response:
    """A response of the server itself in the form of Chime's errors."""
    return json_response(status.value, {"Code": status.phrase.replace(" ", ""), "Message": message})
