"""The pages under ``/_chime/``, by which another process asks and moves the stub.

==========================  ================================================================================
``GET health``              that it is there, and how many calls it has had
``GET state``, ``PUT``      connectors, sessions and the clock; what was put is what ``reset`` comes back to
``GET calls``               the journal
``GET faults``, ``POST``    those that were planned; one more: ``fault``, and if need be ``operation``, ``times``,
                            ``after``, ``commit``
``POST answers``            choose an answer: ``operation``, ``answer``, and if need be ``times``
``POST clock``              move the clock on: ``days``, ``hours``, ``minutes``, ``seconds``, ``milliseconds``
``POST reset``              back to the state that was loaded last
==========================  ================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.server.connection import Received, plain
from chime_fixtures.service import ChimeService, Response
from chime_fixtures.service.clock import timestamp

PREFIX = "/_chime/"

_Page = Callable[[Any], Any]


class Admin:
    """Answers what is asked under the prefix; nothing of it stands in the journal.

    Args:
        service: the service to ask and to move.
    """

    def __init__(self, service: ChimeService) -> None:
        self._service = service
        self._pages: dict[tuple[str, str], _Page] = {
            ("GET", "health"): lambda _: {"status": "ok", "calls": len(service.calls)},
            ("GET", "state"): lambda _: service.export_state(),
            ("PUT", "state"): lambda state: service.load_state(state, source="the state"),
            ("GET", "calls"): lambda _: {"calls": [call.as_dict() for call in service.calls]},
            ("GET", "faults"): lambda _: {"faults": [fault.as_dict() for fault in service.faults]},
            ("POST", "faults"): lambda wish: service.fail(**wish),
            ("POST", "answers"): self._choose,
            ("POST", "clock"): self._advance,
            ("POST", "reset"): lambda _: service.reset(),
        }

    def answer(self, received: Received) -> Response:
        """The page that is asked for."""
        if "origin" in received.headers:
            return _refused(HTTPStatus.FORBIDDEN, "a web page may not ask for this")
        name = received.target.removeprefix(PREFIX).partition("?")[0]
        page = self._pages.get((received.method, name))
        if page is None:
            known = ", ".join(f"{method} {PREFIX}{each}" for method, each in self._pages)
            return _refused(HTTPStatus.NOT_FOUND, f"there is no such page; there are {known}")
        try:
            told = page(json.loads(received.body) if received.body else {})
        except (ChimeFixturesError, TypeError, ValueError, LookupError, RecursionError) as error:
            return _refused(HTTPStatus.BAD_REQUEST, str(error))
        return plain(HTTPStatus.OK, {} if told is None else told)

    def _choose(self, wish: Any) -> None:
        self._service.answer(wish["operation"], wish["answer"], times=wish.get("times"))

    def _advance(self, wish: Any) -> dict[str, str]:
        return {"now": timestamp(self._service.clock.advance(**wish))}


def _refused(status: HTTPStatus, message: str) -> Response:
    return plain(status, {"Code": status.phrase.replace(" ", ""), "Message": message})
