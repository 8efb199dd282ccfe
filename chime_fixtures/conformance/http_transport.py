"""The transport of checks over HTTP: raw targets, connections that are kept, no redirects, no retries of AWS SDKs."""

from __future__ import annotations

import dataclasses
import http.client
import json
import re
from collections.abc import Callable, Mapping
from typing import Self, TypeAlias
from urllib.parse import urlsplit

from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.chime.hosts import is_aws_host
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service.messages import Request, Response

__tracebackhide__ = is_kit_error

DEFAULT_TIMEOUT_SECONDS = 10.0

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""A name and a value of RFC 9110, section 5."""

Sign: TypeAlias = Callable[[Request], Mapping[str, str]]
"""Returns the header fields of a request with its signature."""


def header_field(text: str) -> tuple[str, str]:
    """Return the name and the value of a header field that is written as ``NAME:VALUE``.

    Raises:
        InvalidOptionError: the text is not a header field.
    """
    name, colon, value = text.partition(":")
    if not colon or not _FIELD_NAME.fullmatch(name.strip()):
        raise InvalidOptionError(f"{text!r} is not a header field; write NAME:VALUE")
    if not _FIELD_VALUE.fullmatch(value.strip()):
        raise InvalidOptionError(f"the header field {name.strip()} has a character that HTTP does not allow; remove it")
    return name.strip(), value.strip()


class HttpTransport:
    """Sends requests to a URL; usable from several threads. As a context manager it closes its connections.

    Args:
        url: the URL, with the prefix of paths if the server has one.
        timeout: the seconds that a response may take.
        sign: signs requests.
        allow_aws_host: True to accept the URL of a host of AWS.

    Attributes:
        base: the URL without a slash at its end.

    Raises:
        InvalidOptionError: `url` is not a URL of HTTP, or one of AWS.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        sign: Sign | None = None,
        allow_aws_host: bool = False,
    ) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InvalidOptionError(f"{url!r} is not a URL: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise InvalidOptionError(f"{url!r} must be a URL like http://127.0.0.1:8080, without query and fragment")
        if is_aws_host(parts.hostname) and not allow_aws_host:
            text = f"{parts.hostname} is a host of AWS; the checks create and delete sessions"
            raise InvalidOptionError(f"{text}; pass --allow-aws-host to run them there")
        self.base = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._address = (parts.hostname, port)
        self._is_secure = parts.scheme == "https"
        self._timeout = timeout
        self._sign = sign
        self._idle: list[http.client.HTTPConnection] = []

    def send(self, request: Request) -> Response:
        """Return the response to a request.

        Raises:
            OSError: there is no response.
        """
        request = dataclasses.replace(request, base=self.base)
        if self._sign is not None:
            request = dataclasses.replace(request, headers=self._sign(request))
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._new_connection()
        try:
            response = self._exchange_again(connection, request)
        except http.client.HTTPException as error:
            connection.close()
            raise ConnectionError(f"malformed response: {type(error).__name__}") from error
        except OSError:
            connection.close()
            raise
        self._idle.append(connection)
        return response

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _new_connection(self) -> http.client.HTTPConnection:
        host, port = self._address
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        return kind(host, port, timeout=self._timeout)

    def _exchange_again(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        is_new = connection.sock is None
        try:
            return self._exchange(connection, request)
        except (http.client.RemoteDisconnected, BrokenPipeError):
            connection.close()
            if is_new:
                raise
            # The server closed the connection while it was idle.
            return self._exchange(connection, request)

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        headers = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in request.headers.items()
        }
        connection.request(request.method, f"{self._prefix}{request.target}", request.body or None, headers)
        with connection.getresponse() as received:
            body = received.read()
        return Response(received.status, {name.lower(): value for name, value in received.getheaders()}, body)


class ClockUrl:
    """Moves the clock of a server by a request: ``POST`` with the JSON object ``{"minutes": 10}``.

    Args:
        url: the URL; for ``chime-fixtures serve`` its path is ``/_chime/clock``.
        timeout: the seconds that a response may take.
        allow_aws_host: True to accept the URL of a host of AWS.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT_SECONDS, allow_aws_host: bool = False) -> None:
        self._url = url
        self._transport = HttpTransport(url, timeout=timeout, allow_aws_host=allow_aws_host)

    def advance(self, minutes: float) -> None:
        """Move the clock forward.

        Raises:
            InvalidOptionError: the response is not a success.
        """
        body = json.dumps({"minutes": minutes}).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        with self._transport as transport:
            response = transport.send(Request("POST", "", headers, body))
        if not 200 <= response.status < 300:
            text = f"{self._url} returned {response.status} instead of moving the clock"
            raise InvalidOptionError(f'{text}; it must accept POST with {{"minutes": 1}}')
