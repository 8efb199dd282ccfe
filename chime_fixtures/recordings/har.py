"""HTTP Archive (HAR) 1.2, as browsers, Playwright and mitmproxy write it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.recordings.exchanges import NOT_A_RECORDING, Exchange, decompressed, from_base64

_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def parse_har(document: Any, source: str) -> list[Exchange]:
    """Return the exchanges of a HAR document.

    Args:
        document: the JSON value.
        source: its name for messages.

    Raises:
        InvalidDocumentError: an entry lacks its request or response, or a body is damaged.
    """
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise InvalidDocumentError(source, NOT_A_RECORDING)
    return [_exchange(entry, source, number) for number, entry in enumerate(entries, 1)]


def _exchange(entry: Any, source: str, number: int) -> Exchange:
    place = f"{source}: exchange {number}"
    request, response = (entry.get(name) if isinstance(entry, dict) else None for name in ("request", "response"))
    if not isinstance(request, dict) or not isinstance(response, dict):
        raise InvalidDocumentError(place, "has no request or no response; record it again")
    method, url, status = request.get("method"), request.get("url"), response.get("status")
    if not isinstance(method, str) or not isinstance(url, str) or type(status) is not int:
        raise InvalidDocumentError(place, "has no method, no url or no status; record it again")
    request_headers, response_headers = _headers(request), _headers(response)
    sent, received = _sent_body(request, place), _received_body(response, status, place)
    return Exchange(
        source,
        number,
        method.upper(),
        url,
        request_headers,
        None if sent is None else decompressed(sent, request_headers, source, number),
        # Browsers write 0 and Playwright -1 for a request that failed.
        status if status > 0 else None,
        response_headers,
        None if received is None else decompressed(received, response_headers, source, number),
    )


def _headers(message: dict[str, Any]) -> dict[str, str]:
    """Header fields with names in lower case; repeated ones are joined."""
    found: dict[str, str] = {}
    fields = message.get("headers")
    for each in fields if isinstance(fields, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            name, value = each["name"].lower(), str(each.get("value", ""))
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _sent_body(request: dict[str, Any], place: str) -> bytes | None:
    posted = request.get("postData")
    if not isinstance(posted, dict) or "text" not in posted:
        has_body = isinstance(posted, dict) or _size(request.get("bodySize")) > 0
        return None if has_body else b""
    return _body(posted, place)


def _received_body(response: dict[str, Any], status: int, place: str) -> bytes | None:
    content = response.get("content")
    if not isinstance(content, dict) or "text" not in content:
        is_empty = status <= 0 or status in _WITHOUT_BODY or (isinstance(content, dict) and content.get("size") == 0)
        return b"" if is_empty else None
    return _body(content, place)


def _size(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _body(content: dict[str, Any], place: str) -> bytes:
    text = content["text"]
    if not isinstance(text, str):
        raise InvalidDocumentError(place, "has a body that is not text; record it again")
    if content.get("encoding") == "base64":
        return from_base64(text, place)
    return text.encode("utf-8", "surrogatepass")
