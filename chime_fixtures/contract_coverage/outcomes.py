"""Outcomes of operations: success, modelled errors, transport faults, malformed bodies and pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chime_fixtures.chime.operations import Operation, max_page_size, operation_named
from chime_fixtures.service.journal import Call

SUCCESS = "success"
NO_RESPONSE = "no-response"
LOST_ANSWER = "lost-answer"
MALFORMED_BODY = "malformed-body"
PAGES = ("pages.none", "pages.one", "pages.several", "pages.short", "pages.empty")

_LISTING = "ListProxySessions"


def outcome_names(operation: Operation) -> tuple[str, ...]:
    """The names of the outcomes that an operation can have."""
    return (
        SUCCESS,
        *(error_name(error.name) for error in operation.errors),
        NO_RESPONSE,
        # Of an operation that changes nothing, no client can tell if it was executed.
        *([] if operation.method == "GET" else [LOST_ANSWER]),
        *([MALFORMED_BODY] if operation.has_response else []),
        *(PAGES if operation.name == _LISTING else []),
    )


def outcomes_of(call: Call, body: Mapping[str, Any] | None) -> Iterator[str]:
    """The ids of the outcomes of a call.

    Args:
        call: a call of an operation.
        body: the body of a success; None if it is not an object.
    """
    assert call.operation is not None
    for name in _names(operation_named(call.operation), call, body):
        yield f"{call.operation}.{name}"


def _names(operation: Operation, call: Call, body: Mapping[str, Any] | None) -> Iterator[str]:
    if call.error is not None:
        yield error_name(call.error)
    elif call.status is None:
        yield LOST_ANSWER if call.committed and operation.method != "GET" else NO_RESPONSE
    elif operation.has_response and body is None:
        yield MALFORMED_BODY
    else:
        yield SUCCESS
        if operation.name == _LISTING and body is not None:
            yield from _page_names(call.request or {}, body)


def _page_names(request: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    sessions, has_token = body.get("ProxySessions"), body.get("NextToken") is not None
    if not isinstance(sessions, list):
        return
    if request.get("NextToken") is not None:
        yield "pages.several"
    elif not has_token:
        yield "pages.one" if sessions else "pages.none"
    if has_token:
        size = request.get("MaxResults", max_page_size())
        if not sessions:
            yield "pages.empty"
        elif isinstance(size, int) and len(sessions) < size:
            yield "pages.short"


def success_body(call: Call) -> Mapping[str, Any] | None:
    """The body of a successful call as a value; None if it is not a JSON object, or the call is not successful."""
    if call.error is not None or not call.body:
        return None
    try:
        value = json.loads(call.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def error_name(name: str) -> str:
    """The name of a modelled error without ``Exception``."""
    return name.removesuffix("Exception")
