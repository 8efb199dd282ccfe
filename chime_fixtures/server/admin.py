"""Administration endpoints under ``/_chime/``, for other processes that control the stub: `ENDPOINTS` lists them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeAlias

from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.server.connection import RawRequest, error_response, json_response
from chime_fixtures.service import ChimeService, Response

ADMIN_PREFIX = "/_chime/"

Pages: TypeAlias = Mapping[str, Callable[[], str]]
"""Pages for browsers: the name of each below the prefix, and the function that returns its HTML."""

_TIMES = {"type": ["integer", "null"], "minimum": 1, "description": "The number of calls; null for every call."}
_DURATIONS = ("days", "hours", "minutes", "seconds", "milliseconds")


@dataclass(frozen=True, slots=True, eq=False)
class AdminEndpoint:
    """One endpoint.

    Attributes:
        method: the HTTP method.
        name: the path below the prefix.
        summary: one sentence about its effect.
        handle: performs it for a service and the JSON value of the body, and returns the JSON value of the response.
        fields: the JSON Schema of each member of the body; None if it has no body.
        required: the members that the body must have.
    """

    method: str
    name: str
    summary: str
    handle: Callable[[ChimeService, Any], Any]
    fields: Mapping[str, Any] | None = None
    required: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path."""
        return f"{ADMIN_PREFIX}{self.name}"

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the body."""
        schema = {"type": "object", "properties": dict(self.fields or {}), "additionalProperties": False}
        return {**schema, "required": list(self.required)} if self.required else schema

    def check(self, body: Any) -> None:
        """Validate the JSON value of a body.

        Raises:
            InvalidOptionError: it violates the schema; the message names the fields.
        """
        fields = self.fields or {}
        names = [name if name in self.required else f"{name} (optional)" for name in fields]
        remedy = f"the fields are {', '.join(names)}" if names else "it has no fields"
        unknown = [name for name in body if name not in fields] if isinstance(body, dict) else []
        if unknown:
            text = ", ".join(f"unknown field {name!r}" for name in unknown)
            raise InvalidOptionError(f"{self.method} {self.path}: {text}; {remedy}")
        violations = _contract(self).check(body)
        if violations:
            text = "; ".join(violation.summary for violation in violations)
            raise InvalidOptionError(f"{self.method} {self.path}: {text}; {remedy}")


@functools.cache
def _contract(endpoint: AdminEndpoint) -> Contract:
    return Contract(endpoint.schema)


def _advance(service: ChimeService, options: Any) -> dict[str, str]:
    return {"now": timestamp(service.clock.advance(**options))}


def _openapi(*_: Any) -> dict[str, Any]:
    return openapi_document()


ENDPOINTS = (
    AdminEndpoint(
        "GET",
        "health",
        "Return the status and the number of calls.",
        lambda service, _: {"status": "ok", "calls": len(service.calls)},
    ),
    AdminEndpoint("GET", "openapi.json", "Return the OpenAPI document of these endpoints.", _openapi),
    AdminEndpoint(
        "GET", "state", "Return connectors, sessions and the clock.", lambda service, _: service.export_state()
    ),
    AdminEndpoint(
        "PUT",
        "state",
        "Replace the state by one that GET has returned; reset returns to it.",
        lambda service, state: service.load_state(state, source="the state"),
        {
            "version": {"description": "The version of the form."},
            "now": {"description": "The instant of the clock."},
            "ids": {"description": "The counters of generated ids."},
            "connectors": {"description": "The connectors, each with its sessions."},
        },
        ("connectors",),
    ),
    AdminEndpoint(
        "GET",
        "calls",
        "Return the journal.",
        lambda service, _: {"calls": [call.as_dict() for call in service.calls]},
    ),
    AdminEndpoint(
        "GET",
        "faults",
        "Return the planned faults.",
        lambda service, _: {"faults": [fault.as_dict() for fault in service.faults]},
    ),
    AdminEndpoint(
        "POST",
        "faults",
        "Plan a fault.",
        lambda service, options: service.fail(**options),
        {
            "fault": {"type": "string", "description": "The fault: throttle, error:NotFound, latency:0.2."},
            "operation": {"type": ["string", "null"], "description": "The operation; null for every one."},
            "times": _TIMES,
            "after": {"type": "integer", "minimum": 0, "description": "The number of calls before the first one."},
            "commit": {
                "type": ["boolean", "null"],
                "description": "True if the operation is executed first; null for the fault's default.",
            },
        },
        ("fault",),
    ),
    AdminEndpoint(
        "POST",
        "answers",
        "Set a canned response.",
        lambda service, options: service.answer(options["operation"], options["answer"], times=options.get("times")),
        {
            "operation": {"type": "string", "description": "The operation."},
            "answer": {"description": "A session, a list of them, or the whole response."},
            "times": _TIMES,
        },
        ("operation", "answer"),
    ),
    AdminEndpoint(
        "POST",
        "clock",
        "Advance the clock, and return its instant.",
        _advance,
        {name: {"type": "number", "description": f"A number of {name}."} for name in _DURATIONS},
    ),
    AdminEndpoint(
        "POST",
        "reset",
        "Restore the state that was loaded last; remove calls, faults and canned responses.",
        lambda service, _: service.reset(),
    ),
)
"""The endpoints."""


def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the endpoints."""
    error = {"type": "object", "properties": {"Code": {"type": "string"}, "Message": {"type": "string"}}}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        described: dict[str, Any] = {
            "operationId": f"{endpoint.method.lower()}_{endpoint.name.replace('.', '_')}",
            "summary": endpoint.summary,
            "responses": {
                "200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}},
                "400": {
                    "description": "The body is invalid.",
                    "content": {"application/json": {"schema": error}},
                },
            },
        }
        if endpoint.fields is not None:
            described["requestBody"] = {
                "required": bool(endpoint.required),
                "content": {"application/json": {"schema": endpoint.schema}},
            }
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "chime-fixtures: administration of the stub", "version": "1"},
        "paths": paths,
    }


class Admin:
    """The endpoints of one service, and the paths that browsers request; their requests are not in its journal.

    Args:
        service: the service to inspect and change.
        pages: the pages, each made when it is requested.
    """

    def __init__(self, service: ChimeService, pages: Pages = MappingProxyType({})) -> None:
        self._service = service
        self._pages = pages
        self._endpoints = {(endpoint.method, endpoint.name): endpoint for endpoint in ENDPOINTS}

    def respond(self, request: RawRequest) -> Response | None:
        """The response to a request; None if it is one for the service."""
        path = request.target.partition("?")[0]
        is_read = request.method in ("GET", "HEAD")
        if is_read and path in ("/", ADMIN_PREFIX, ADMIN_PREFIX.rstrip("/")):
            return json_response(HTTPStatus.OK, self._index())
        if is_read and path == "/favicon.ico":
            return Response(HTTPStatus.NO_CONTENT, {}, b"")
        if not path.startswith(ADMIN_PREFIX):
            return None
        if "origin" in request.headers:
            return error_response(
                HTTPStatus.FORBIDDEN, "a request with an Origin field is from a web page, and refused"
            )
        name = path.removeprefix(ADMIN_PREFIX)
        if is_read and name in self._pages:
            return _html_response(self._pages[name]())
        return self._respond(request, name)

    def _respond(self, request: RawRequest, name: str) -> Response:
        endpoint = self._endpoints.get((request.method, name))
        if endpoint is None:
            known = ", ".join(self._names)
            return error_response(HTTPStatus.NOT_FOUND, f"unknown endpoint; the endpoints are {known}")
        try:
            body = _parsed(request.body)
            endpoint.check(body)
            result = endpoint.handle(self._service, body)
        except (ChimeFixturesError, TypeError, ValueError, LookupError, RecursionError) as error:
            return error_response(HTTPStatus.BAD_REQUEST, str(error))
        return json_response(HTTPStatus.OK, {} if result is None else result)

    @property
    def _names(self) -> list[str]:
        endpoints = [f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS]
        return [*endpoints, *(f"GET {ADMIN_PREFIX}{name}" for name in self._pages)]

    def _index(self) -> dict[str, Any]:
        return {"service": "chime-fixtures", "openapi": f"{ADMIN_PREFIX}openapi.json", "endpoints": self._names}


def _html_response(page: str) -> Response:
    body = page.encode()
    fields = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
    return Response(HTTPStatus.OK, fields, body)


def _parsed(body: bytes) -> Any:
    """The JSON value of a body; an empty object for an empty body."""
    try:
        return json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise InvalidOptionError(f"the body is not valid JSON: {reason}") from error
