"""Answers as they stand on the wire: successes, modelled errors, chosen ones, and broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.errors import UnexpectedRequestError, UnknownFaultError, is_ours
from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.messages import Response
from chime_fixtures.service.outcomes import Refusal
from chime_fixtures.service.redaction import printable
from chime_fixtures.service.signatures import ERRORS
from chime_fixtures.service.state import dump

__tracebackhide__ = is_ours

_JSON = "application/json"
_HTML = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>"

_MEMBERS = {
    "CreateProxySession": "ProxySession",
    "GetProxySession": "ProxySession",
    "UpdateProxySession": "ProxySession",
    "ListProxySessions": "ProxySessions",
    "PutVoiceConnectorProxy": "Proxy",
    "GetVoiceConnectorProxy": "Proxy",
}
"""The member of an answer that carries what was asked for."""


class Answers:
    """Writes answers.

    Args:
        clock: where ``date`` comes from.
        ids: where ``x-amzn-RequestId`` comes from.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def success(self, operation: Operation, body: bytes, *, delay: float = 0.0) -> Response:
        """The success of an operation."""
        headers = self._headers(len(body))
        if operation.success_status == HTTPStatus.NO_CONTENT:
            # RFC 9110 forbids a length where there can be no body.
            del headers["content-length"], headers["content-type"]
        return Response(operation.success_status, headers, body, delay)

    def error(self, operation: Operation, refusal: Refusal) -> Response:
        """A modelled error: its name in ``x-amzn-ErrorType``, its code and message in the body."""
        modelled = ERRORS.get(refusal.error)
        if modelled is None:
            modelled = next(error for error in operation.errors if error.name == refusal.error)
        body = dump({"Code": modelled.code, "Message": printable(refusal.message)})
        headers = self._headers(len(body))
        headers["x-amzn-ErrorType"] = modelled.name
        return Response(modelled.status, headers, body)

    def unexpected(self, error: UnexpectedRequestError) -> Response:
        """The answer to what no operation answers: 404, or 405 with the methods that are allowed."""
        body = dump({"Code": "UnknownOperation", "Message": str(error)})
        headers = {**self._headers(len(body)), "x-amzn-ErrorType": "UnknownOperationException"}
        if error.allowed:
            headers["allow"] = ", ".join(error.allowed)
        return Response(405 if error.allowed else 404, headers, body)

    def broken(self, operation: Operation, body: bytes, flaw: str) -> Response:
        """A success whose body is broken, by the flaw's name in the table of faults."""
        half = body[: len(body) // 2]
        shown = {"empty": b"", "cut": half, "short": half, "html": _HTML, "null": b"null", "list": b"[]"}[flaw]
        headers = self._headers(len(body) if flaw == "short" else len(shown))
        if flaw == "html":
            headers["content-type"] = "text/html"
        return Response(operation.success_status, headers, shown)

    def _headers(self, length: int) -> dict[str, str]:
        return {
            "content-type": _JSON,
            "content-length": str(length),
            "date": self._clock.http_date(),
            "x-amzn-RequestId": self._ids.request_id(),
        }


def carries_sessions(operation: Operation) -> bool:
    """Whether sessions stand in the operation's answer."""
    return _MEMBERS.get(operation.name, "").startswith("ProxySession")


def chosen_body(operation: Operation, chosen: Any) -> bytes:
    """The body that carries what a test chose: a violation's instance, a session, a list of sessions, a whole answer.

    Raises:
        UnknownFaultError: the operation answers with an empty body.
        TypeError: the value is no JSON.
    """
    instance = chosen.instance if isinstance(chosen, Violation) else chosen
    member = _MEMBERS.get(operation.name)
    if member is None:
        raise UnknownFaultError(f"an answer of {operation.name}, whose body is empty")
    if isinstance(instance, dict) and member in instance:
        return dump(instance)
    if member == "ProxySessions" and not isinstance(instance, list):
        instance = [instance]
    return dump({member: instance})


def with_session(operation: Operation, answer: Mapping[str, Any], session: Any) -> dict[str, Any]:
    """An answer in which another session stands, in the place of the first one where there are several."""
    member = _MEMBERS[operation.name]
    return {**answer, member: [session, *answer[member][1:]] if member == "ProxySessions" else session}


def session_of_tomorrow(operation: Operation, answer: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """An answer whose first session has constants and members that no model knows yet."""
    carried = answer[_MEMBERS[operation.name]]
    session = carried if isinstance(carried, dict) else next(iter(carried), {})
    return with_session(operation, answer, contract.evolve(session))
