"""Administration endpoints under ``/_chime/``, for other processes that control the stub.

============================  ==================================================================================
``GET health``                ``{"status": "ok", "calls": 3}``
``GET state``                 connectors, sessions and the clock
``PUT state``                 replace the state; ``reset`` restores it
``GET calls``                 the journal
``GET faults``                the planned faults
``POST faults``               plan a fault: ``fault``, optionally ``operation``, ``times``, ``after``, ``commit``
``POST answers``              set a canned response: ``operation``, ``answer``, optionally ``times``
``POST clock``                advance the clock: ``days``, ``hours``, ``minutes``, ``seconds``, ``milliseconds``
``POST reset``                restore the state that was loaded last
============================  ==================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.server.connection import RawRequest, error_response, json_response
from chime_fixtures.service import ChimeService, Response

ADMIN_PREFIX = "/_chime/"

_Endpoint = Callable[[Any], Any]


class Admin:
    """The administration endpoints of one service; their requests are not in its journal.

    Args:
        service: the service to inspect and change.
    """

    def __init__(self, service: ChimeService) -> None:
        self._service = service
        self._endpoints: dict[tuple[str, str], _Endpoint] = {
            ("GET", "health"): lambda _: {"status": "ok", "calls": len(service.calls)},
            ("GET", "state"): lambda _: service.export_state(),
            ("PUT", "state"): lambda state: service.load_state(state, source="the state"),
            ("GET", "calls"): lambda _: {"calls": [call.as_dict() for call in service.calls]},
            ("GET", "faults"): lambda _: {"faults": [fault.as_dict() for fault in service.faults]},
            ("POST", "faults"): lambda options: service.fail(**options),
            ("POST", "answers"): self._answer,
            ("POST", "clock"): self._advance,
            ("POST", "reset"): lambda _: service.reset(),
        }

    def respond(self, request: RawRequest) -> Response:
        """The response to a request under the prefix; an error response if it is refused."""
        if "origin" in request.headers:
            return error_response(
                HTTPStatus.FORBIDDEN, "a request with an Origin field is from a web page, and refused"
            )
        name = request.target.removeprefix(ADMIN_PREFIX).partition("?")[0]
        endpoint = self._endpoints.get((request.method, name))
        if endpoint is None:
            known = ", ".join(f"{method} {ADMIN_PREFIX}{each}" for method, each in self._endpoints)
            return error_response(HTTPStatus.NOT_FOUND, f"unknown endpoint; the endpoints are {known}")
        try:
            result = endpoint(json.loads(request.body) if request.body else {})
        except (ChimeFixturesError, TypeError, ValueError, LookupError, RecursionError) as error:
            return error_response(HTTPStatus.BAD_REQUEST, str(error))
        return json_response(HTTPStatus.OK, {} if result is None else result)

    def _answer(self, options: Any) -> None:
        self._service.answer(options["operation"], options["answer"], times=options.get("times"))

    def _advance(self, options: Any) -> dict[str, str]:
        return {"now": timestamp(self._service.clock.advance(**options))}
