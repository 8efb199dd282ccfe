"""Responses of the service: successes, modelled errors, canned bodies and malformed bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.errors import UnexpectedRequestError, is_kit_error
from chime_fixtures.chime.operations import Operation
from chime_fixtures.chime.representations import as_wire
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.messages import ApiError, Response, encode_json
from chime_fixtures.service.redaction import printable
from chime_fixtures.service.signatures import COMMON_ERRORS

__tracebackhide__ = is_kit_error

_JSON = "application/json"
_HTML_BODY = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>"

_PAYLOAD_MEMBERS = {
    "CreateProxySession": "ProxySession",
    "GetProxySession": "ProxySession",
    "UpdateProxySession": "ProxySession",
    "ListProxySessions": "ProxySessions",
    "PutVoiceConnectorProxy": "Proxy",
    "GetVoiceConnectorProxy": "Proxy",
}
"""The member of each operation's response that contains the resource."""


class Responses:
    """Writes responses.

    Args:
        clock: the clock of the header field ``date``.
        ids: the source of ``x-amzn-RequestId``.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def success(self, operation: Operation, body: bytes, *, delay: float = 0.0) -> Response:
        """Return the success of an operation."""
        headers = self._headers(len(body))
        if operation.success_status == HTTPStatus.NO_CONTENT:
            # RFC 9110 forbids a content-length with this status.
            del headers["content-length"], headers["content-type"]
        return Response(operation.success_status, headers, body, delay)

    def error(self, operation: Operation, error: ApiError) -> Response:
        """Return a modelled error: its name in ``x-amzn-ErrorType``, its code and message in the body."""
        modelled = COMMON_ERRORS.get(error.error)
        if modelled is None:
            modelled = next(each for each in operation.errors if each.name == error.error)
        body = encode_json({"Code": modelled.code, "Message": printable(error.message)})
        headers = self._headers(len(body))
        headers["x-amzn-ErrorType"] = modelled.name
        return Response(modelled.status, headers, body)

    def unexpected(self, error: UnexpectedRequestError) -> Response:
        """Return the response to a request that no operation matches: 404, or 405 with the allowed methods."""
        body = encode_json({"Code": "UnknownOperation", "Message": str(error)})
        headers = {**self._headers(len(body)), "x-amzn-ErrorType": "UnknownOperationException"}
        if error.allowed:
            headers["allow"] = ", ".join(error.allowed)
        return Response(HTTPStatus.METHOD_NOT_ALLOWED if error.allowed else HTTPStatus.NOT_FOUND, headers, body)

    def malformed(self, operation: Operation, body: bytes, flaw: str) -> Response:
        """Return a success with a malformed body, by the name of one of `chime_fixtures.service.faults.BODY_FAULTS`."""
        half = body[: len(body) // 2]
        sent = {"empty": b"", "cut": half, "short": half, "html": _HTML_BODY, "null": b"null", "list": b"[]"}[flaw]
        headers = self._headers(len(body) if flaw == "short" else len(sent))
        if flaw == "html":
            headers["content-type"] = "text/html"
        return Response(operation.success_status, headers, sent)

    def _headers(self, length: int) -> dict[str, str]:
        return {
            "content-type": _JSON,
            "content-length": str(length),
            "date": self._clock.http_date(),
            "x-amzn-RequestId": self._ids.request_id(),
        }


def contains_sessions(operation: Operation) -> bool:
    """True if the operation's response contains sessions."""
    return _PAYLOAD_MEMBERS.get(operation.name, "").startswith("ProxySession")


def session_pointer(operation: Operation) -> str | None:
    """The JSON Pointer of the session, or of the list of sessions, in an operation's response; None without one."""
    return f"/{_PAYLOAD_MEMBERS[operation.name]}" if contains_sessions(operation) else None


def sessions_in(operation: Operation, response: Mapping[str, Any]) -> list[Any]:
    """Return the sessions in the response of an operation, valid or not."""
    if not contains_sessions(operation):
        return []
    member = _PAYLOAD_MEMBERS[operation.name]
    payload = response.get(member)
    if member == "ProxySessions":
        return payload if isinstance(payload, list) else []
    return [payload] if member in response else []


def canned_body(operation: Operation, content: Any) -> bytes:
    """Return the body of a canned response.

    Args:
        operation: the operation.
        content: a session or proxy configuration, a `Violation` of one, a list of sessions, or the whole response, in
            either representation.

    Raises:
        InvalidOptionError: the operation's response has no body, or a datetime has no time zone.
        TypeError: the content is not a JSON value.
    """
    instance = as_wire(content.instance if isinstance(content, Violation) else content)
    member = _PAYLOAD_MEMBERS.get(operation.name)
    if member is None:
        raise InvalidOptionError(f"the response of {operation.name} has no body; choose another operation")
    if isinstance(instance, dict) and member in instance:
        # boto3 adds this member to what it returns.
        return encode_json({name: value for name, value in instance.items() if name != "ResponseMetadata"})
    if member == "ProxySessions" and not isinstance(instance, list):
        instance = [instance]
    return encode_json({member: instance})


def with_session(operation: Operation, response: Mapping[str, Any], session: Any) -> dict[str, Any]:
    """Return the response with another session; in a listing, it replaces the first one."""
    member = _PAYLOAD_MEMBERS[operation.name]
    return {**response, member: [session, *response[member][1:]] if member == "ProxySessions" else session}


def first_session(operation: Operation, body: bytes) -> dict[str, Any] | None:
    """Return the session of a response, the first one of a listing; None without one."""
    try:
        response = json.loads(body)
    except ValueError:
        return None
    sessions = sessions_in(operation, response) if isinstance(response, dict) else []
    return sessions[0] if sessions and isinstance(sessions[0], dict) else None


def with_evolved_session(operation: Operation, response: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """Return the response with unknown constants and members in its first session."""
    payload = response[_PAYLOAD_MEMBERS[operation.name]]
    session = payload if isinstance(payload, dict) else next(iter(payload), {})
    return with_session(operation, response, contract.evolve(session))
