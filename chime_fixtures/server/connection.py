"""HTTP/1.1 as a server reads and writes it: strict, within limits, against the clock.

Requests are read as RFC 9112 has them, without its leniencies: what two readers could take in two ways is refused.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from chime_fixtures.service import Response

_CHUNK = 65536
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*", re.DOTALL)
_START = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_ABSOLUTE = re.compile(r"(?i)https?://[^/?#]*")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e]*)?")
_ONLY_ONCE = frozenset({"host", "content-length", "transfer-encoding", "authorization"})
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may send.

    Attributes:
        line: bytes of the request line; a paging token may have 65,535 characters, of twelve bytes when escaped.
        head: bytes of the request line and the header fields.
        fields: header fields.
        body: bytes of the body.
        seconds: how long a request may take to arrive, and an answer to be taken.
        idle: seconds that a connection may wait for its next request.
        connections: at once; past that, the one that has waited longest for its client is cut.
    """

    line: int = 800 * 1024
    head: int = 864 * 1024
    fields: int = 100
    body: int = 8 * 1024 * 1024
    seconds: float = 10.0
    idle: float = 30.0
    connections: int = 512


class Refused(Exception):
    """The bytes are no request that can be taken: the status to answer with, and why."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


class Gone(Exception):
    """There is nobody to answer: the client has left, or never spoke."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request.

    Attributes:
        method: the HTTP method, as it was sent.
        target: the raw path and query.
        host: the host and port that were asked.
        headers: the header fields, names in lower case; those that came several times are joined by commas.
        body: the bytes of the body.
        is_last: whether the client wants the connection closed after the answer.
    """

    method: str
    target: str
    host: str
    headers: Mapping[str, str]
    body: bytes
    is_last: bool


class Wire:
    """One connection, from the server's side.

    Args:
        connection: a connected socket.
        limits: what its client may send.
    """

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        self._socket = connection
        self._limits = limits
        self._buffer = bytearray()
        self._deadline = 0.0

    def read(self) -> Received:
        """The next request.

        Raises:
            Refused: what came is none.
            Gone: nothing came.
        """
        self._deadline = time.monotonic() + self._limits.idle
        while not self._buffer:
            if not self._receive():
                raise Gone
        self._deadline = time.monotonic() + self._limits.seconds
        if self._buffer.startswith(b"\r\n"):
            # Some clients send a line end too many after a body.
            del self._buffer[:2]
        lines = self._head().split(b"\r\n")
        start = _START.fullmatch(lines[0])
        if start is None:
            raise Refused(HTTPStatus.BAD_REQUEST, "the request line is malformed")
        if start[3] != b"1":
            raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        headers = self._fields(lines[1:])
        is_old = start[4] == b"0"
        if "host" not in headers and not is_old:
            raise Refused(HTTPStatus.BAD_REQUEST, "there is no Host field")
        target = start[2].decode("ascii")
        absolute = _ABSOLUTE.match(target)
        host = absolute[0].partition("//")[2] if absolute else headers.get("host", "")
        if absolute:
            target = target[absolute.end() :]
            target = target if target.startswith("/") else f"/{target}"
        body = self._body(headers)
        options = {option.strip() for option in headers.get("connection", "").lower().split(",")}
        is_last = "close" in options or (is_old and "keep-alive" not in options)
        return Received(start[1].decode("ascii"), target, host, headers, body, is_last)

    def _head(self) -> bytes:
        limits, scanned = self._limits, 0
        while True:
            end = self._buffer.find(_END, max(0, scanned - len(_END)))
            line = self._buffer.find(b"\r\n", 0, limits.line + 2)
            if line < 0 and len(self._buffer) > limits.line:
                raise Refused(HTTPStatus.REQUEST_URI_TOO_LONG, f"the request line is longer than {limits.line} bytes")
            if end > limits.head or (end < 0 and len(self._buffer) > limits.head):
                text = f"the header fields have more than {limits.head} bytes"
                raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
            if end >= 0:
                head = bytes(self._buffer[:end])
                del self._buffer[: end + len(_END)]
                return head
            scanned = len(self._buffer)
            self._more("the request")

    def _fields(self, lines: list[bytes]) -> dict[str, str]:
        if len(lines) > self._limits.fields:
            text = f"there are more than {self._limits.fields} header fields"
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
        headers: dict[str, str] = {}
        for line in lines:
            field = _FIELD.fullmatch(line)
            if field is None:
                raise Refused(HTTPStatus.BAD_REQUEST, "a header field is malformed")
            name, value = field[1].decode("ascii").lower(), field[2].decode("latin-1")
            if name in headers:
                if name in _ONLY_ONCE:
                    raise Refused(HTTPStatus.BAD_REQUEST, f"the field {name} stands there twice")
                value = f"{headers[name]},{value}"
            headers[name] = value
        return headers

    def _body(self, headers: Mapping[str, str]) -> bytes:
        length, coding = headers.get("content-length"), headers.get("transfer-encoding")
        if coding is not None:
            if length is not None:
                raise Refused(HTTPStatus.BAD_REQUEST, "there is a Content-Length beside a Transfer-Encoding")
            if coding.lower() != "chunked":
                raise Refused(HTTPStatus.BAD_REQUEST, "the only transfer coding that is taken is chunked")
            self._continue(headers)
            return self._chunks()
        if length is None:
            return b""
        # More digits than a limit can have are too many before they are read as a number.
        if not (length.isascii() and length.isdecimal()):
            raise Refused(HTTPStatus.BAD_REQUEST, "the Content-Length is no number of bytes")
        if len(length) > len(str(self._limits.body)) + 8 or int(length) > self._limits.body:
            raise self._too_large()
        size = int(length)
        if size > len(self._buffer):
            self._continue(headers)
        return self._take(size)

    def _too_large(self) -> Refused:
        text = f"the body is larger than {self._limits.body} bytes"
        return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)

    def _continue(self, headers: Mapping[str, str]) -> None:
        if headers.get("expect", "").lower() == "100-continue":
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = _SIZE.fullmatch(self._line())
            if size is None:
                raise Refused(HTTPStatus.BAD_REQUEST, "a chunk has no size")
            count = int(size[1], 16)
            if len(body) + count > self._limits.body:
                raise self._too_large()
            if not count:
                break
            body += self._take(count)
            if self._take(2) != b"\r\n":
                raise Refused(HTTPStatus.BAD_REQUEST, "a chunk is longer than its size")
        # Trailing fields are read and forgotten.
        for _ in range(self._limits.fields):
            if not self._line():
                return bytes(body)
        raise Refused(HTTPStatus.BAD_REQUEST, "the trailer does not end")

    def _line(self) -> bytes:
        most = 4096
        while (end := self._buffer.find(b"\r\n", 0, most)) < 0:
            if len(self._buffer) >= most:
                raise Refused(HTTPStatus.BAD_REQUEST, "a line of the body does not end")
            self._more("the body")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more("the body")
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self, what: str) -> None:
        try:
            is_there = self._receive()
        except TimeoutError:
            text = f"{what} was not complete after {self._limits.seconds:g} seconds"
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, text) from None
        if not is_there:
            raise Gone

    def _receive(self) -> bool:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        received = self._socket.recv(_CHUNK)
        self._buffer += received
        return bool(received)

    def write(self, answer: Response, *, has_body: bool = True, is_last: bool = False) -> None:
        """Send an answer; `has_body` is false where the request forbids one."""
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if is_last:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1") + _END
        self._send(head + answer.body if has_body else head)

    def _send(self, content: bytes) -> None:
        self._socket.settimeout(self._limits.seconds)
        self._socket.sendall(content)

    def wait_for_end(self, seconds: float | None = None) -> None:
        """Read and forget what still comes, until the client leaves or so many seconds have passed."""
        self._buffer.clear()
        self._deadline = time.monotonic() + (seconds or 0)
        while True:
            left = self._deadline - time.monotonic()
            if seconds is not None and left <= 0:
                return
            self._socket.settimeout(None if seconds is None else left)
            if not self._socket.recv(_CHUNK):
                return


def plain(status: int, value: object) -> Response:
    """An answer of the server itself: a JSON value."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, {"content-type": "application/json", "content-length": str(len(body))}, body)


def refusal(refused: Refused) -> Response:
    """The answer to what is no request."""
    return plain(refused.status.value, {"Code": refused.status.phrase.replace(" ", ""), "Message": refused.reason})
