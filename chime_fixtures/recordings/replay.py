"""Recorded exchanges as requests and responses of the service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.recordings.exchanges import Exchange, target_of
from chime_fixtures.service.messages import Request, Response, TransportFault

_CODED = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
"""Header fields about the form of the body on the connection; a recorded body is whole and decompressed."""


def as_messages(
    exchanges: Iterable[Exchange], urls: re.Pattern[str]
) -> Iterator[tuple[str, Request, Response | TransportFault]]:
    """Yield the place, request and response of each exchange whose URL matches.

    A response that is missing is a connection that was reset.

    Raises:
        InvalidDocumentError: the recording does not have a body.
    """
    for exchange in exchanges:
        found = target_of(exchange, urls)
        if found is not None:
            base, target = found
            body = _required(exchange, exchange.request_body, "request")
            request = Request(exchange.method, target, exchange.request_headers, body, "recording", base)
            yield exchange.place, request, _response(exchange)


def _response(exchange: Exchange) -> Response | TransportFault:
    if exchange.status is None:
        return TransportFault("reset")
    body = _required(exchange, exchange.response_body, "response")
    headers = {name: value for name, value in exchange.response_headers.items() if name not in _CODED}
    if body:
        headers["content-length"] = str(len(body))
    return Response(exchange.status, headers, body)


def _required(exchange: Exchange, body: bytes | None, part: str) -> bytes:
    if body is None:
        reason = f"the body of the {part} is not in the recording; record it with the bodies embedded"
        raise InvalidDocumentError(exchange.place, reason)
    return body
