"""Recorded responses that replace those of the service: each request gets the next one recorded for it."""

from __future__ import annotations

import collections
import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chime_fixtures.chime.error_names import error_name
from chime_fixtures.chime.errors import UnrecordedRequestError
from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.instances import equal, key
from chime_fixtures.engine.violation import quote
from chime_fixtures.service.journal import Exchange
from chime_fixtures.service.messages import ApiError, Request, Response, TransportFault
from chime_fixtures.service.redaction import is_placeholder, printable, redact_target, redact_telephone_numbers
from chime_fixtures.service.request_parser import RequestParser
from chime_fixtures.service.router import Match, Router

MAX_SHOWN_DIFFERENCES = 5
"""Differences from the nearest recorded request in an error."""


@dataclass(slots=True, eq=False)
class RecordedResponse:
    """A recorded response, with the request that it is for.

    Attributes:
        position: the position among all recorded responses of the stub, from 0.
        place: the place in the recording, for messages.
        operation: the name of the operation.
        parameters: the parameters of the request, in the API's names.
        response: the response, or the failure of the connection.
        is_sent: True if it was sent already.
    """

    position: int
    place: str
    operation: str
    parameters: Mapping[str, Any] = field(repr=False)
    response: Response | TransportFault = field(repr=False)
    is_sent: bool = False

    @property
    def is_unused(self) -> bool:
        """True if the response was not sent."""
        return not self.is_sent

    def __str__(self) -> str:
        return f"recorded response: {self.operation} ({self.place})"


class RecordedResponses:
    """The recorded responses of a stub, in their order. It is not thread-safe itself: the service holds its lock."""

    def __init__(self) -> None:
        self._responses: list[RecordedResponse] = []
        # Requests without redacted values are found by their value, in constant time.
        self._exact: dict[Any, collections.deque[RecordedResponse]] = {}
        self._redacted: dict[str, list[RecordedResponse]] = {}
        self._ignored: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._responses)

    def load(
        self,
        exchanges: Iterable[tuple[str, Request, Response | TransportFault]],
        ignored: Collection[str],
        router: Router,
        parsers: Mapping[str, RequestParser],
    ) -> int:
        """Add recorded exchanges, each with its place; return the number of those that an operation matches.

        Args:
            exchanges: the exchanges.
            ignored: the names of parameters that are not compared.
            router: the routes of the operations.
            parsers: the parser of each operation by its name.
        """
        before = len(self._responses)
        self._ignored |= frozenset(ignored)
        for place, request, response in exchanges:
            path, _, query = request.target.partition("?")
            match = router.match(request.method, path)
            if match is not None:
                name = match.operation.name
                parameters = parsed(parsers[name], match, query, request).parameters
                self._responses.append(RecordedResponse(len(self._responses), place, name, parameters, response))
        self._exact.clear()
        self._redacted.clear()
        for each in self.unused:
            compared = self._compared(each.parameters)
            if _has_placeholder(compared):
                self._redacted.setdefault(each.operation, []).append(each)
            else:
                self._exact.setdefault((each.operation, key(compared)), collections.deque()).append(each)
        return len(self._responses) - before

    def take(self, operation: str, parameters: Mapping[str, Any], request: Request) -> Response | TransportFault:
        """Return the next response that was recorded for a request.

        Raises:
            UnrecordedRequestError: no response is left for it; the error names the nearest recorded request.
        """
        compared = self._compared(parameters)
        queue = self._exact.get((operation, key(compared)))
        candidates = [queue[0]] if queue else []
        candidates += [
            each
            for each in self._redacted.get(operation, ())
            if each.is_unused and not any(_differences(self._compared(each.parameters), compared))
        ][:1]
        if not candidates:
            raise self._drift(operation, compared, request)
        found = min(candidates, key=lambda each: each.position)
        if queue and found is queue[0]:
            queue.popleft()
        found.is_sent = True
        return found.response

    def respond(
        self, operation: Operation, parameters: Mapping[str, Any], request: Request, exchange: Exchange
    ) -> Response | TransportFault:
        """Return the next response that was recorded for a request, and note its error in the journal's exchange.

        Raises:
            UnrecordedRequestError: as for `take`.
        """
        response = self.take(operation.name, parameters, request)
        if isinstance(response, Response) and response.status != operation.success_status:
            exchange.error = error_name(response.headers.get("x-amzn-errortype")) or "recorded error"
            exchange.message = f"status {response.status} of the recording"
        return response

    @property
    def unused(self) -> tuple[RecordedResponse, ...]:
        """The responses that were not sent."""
        return tuple(each for each in self._responses if each.is_unused)

    def _compared(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in parameters.items() if name not in self._ignored}

    def _drift(self, operation: str, compared: Mapping[str, Any], request: Request) -> UnrecordedRequestError:
        """The error of a request that has no recorded response left."""
        of_operation = [each for each in self._responses if each.operation == operation]
        differences = {id(each): list(_differences(self._compared(each.parameters), compared)) for each in of_operation}
        target = redact_telephone_numbers(printable(redact_target(request.target)))
        if not of_operation:
            reason = f"the recording has no {operation}"
        else:
            nearest = min(of_operation, key=lambda each: (len(differences[id(each)]), each.is_sent))
            found = differences[id(nearest)]
            more = f" and {len(found) - MAX_SHOWN_DIFFERENCES} more" if len(found) > MAX_SHOWN_DIFFERENCES else ""
            shown = ", ".join(found[:MAX_SHOWN_DIFFERENCES]) + more
            if not found:
                equal_ones = sum(not differences[id(each)] for each in of_operation)
                reason = f"the recording has {equal_ones} of it, all sent; the last is {nearest.place}"
            else:
                state = "sent already" if nearest.is_sent else "not sent yet"
                reason = f"the nearest recorded one is {nearest.place} ({state}): {shown}"
        return UnrecordedRequestError(request.method, target, operation, reason)


def parsed(parser: RequestParser, match: Match, query: str, request: Request) -> Parsed:
    """Return the parameters of a request that may violate the contract."""
    try:
        return Parsed(parser.parse(match.segments, query, request.body), None)
    except ApiError as error:
        text = request.body.decode("utf-8", "replace")
        return Parsed(error.parameters or {"target": request.target, "body": text}, error)


class Parsed(NamedTuple):
    """The parameters of a request, and its error; with an error they may be the target and the body as texts."""

    parameters: dict[str, Any]
    error: ApiError | None


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_placeholder, value.values()))
    if isinstance(value, list):
        return any(map(_has_placeholder, value))
    return is_placeholder(value)


def _differences(recorded: Any, actual: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The differences between a recorded value and another one; a redacted value equals every value."""
    if is_placeholder(recorded):
        return
    pointer = json_pointer.display(json_pointer.join(path))
    if isinstance(recorded, Mapping) and isinstance(actual, Mapping):
        for name in recorded:
            if name in actual:
                yield from _differences(recorded[name], actual[name], (*path, name))
            else:
                similar = difflib.get_close_matches(name, actual.keys() - recorded.keys(), n=1)
                hint = f" (instead there is {similar[0]!r})" if similar else ""
                yield _shown(json_pointer.join((*path, name)), f"is missing{hint}")
        for name in actual:
            if name not in recorded:
                yield _shown(json_pointer.join((*path, name)), "was not recorded")
    elif isinstance(recorded, list) and isinstance(actual, list) and len(recorded) == len(actual):
        for index, (left, right) in enumerate(zip(recorded, actual, strict=True)):
            yield from _differences(left, right, (*path, str(index)))
    elif not equal(recorded, actual):
        yield _shown(pointer, f"is {quote(actual)}, recorded was {quote(recorded)}")


def _shown(pointer: str, text: str) -> str:
    return redact_telephone_numbers(printable(f"{pointer} {text}"))
