"""The expectations of a test: the faults to apply and the canned responses to send, and the calls that each is for."""

from __future__ import annotations

import collections
import itertools
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service.faults import FaultSpec, applies_to
from chime_fixtures.service.recorded import RecordedResponse, RecordedResponses

__tracebackhide__ = is_kit_error


@dataclass(slots=True)
class PlannedFault:
    """A fault with the calls that it is for.

    Attributes:
        spec: the fault.
        operation: the name of the operation; None for every operation that the fault applies to.
        times: the number of calls; None for every call.
        after: the number of calls before the first one.
        seen: the number of calls so far that the fault is for.
        applied: the number of calls that the fault was applied to so far.

    Raises:
        InvalidOptionError: `times` or `after` is not a possible number of calls.
    """

    spec: FaultSpec
    operation: str | None
    times: int | None
    after: int = 0
    seen: int = 0
    applied: int = 0

    def __post_init__(self) -> None:
        _check_times(self.times)
        if self.after < 0:
            raise InvalidOptionError(f"after must be 0 or more, not {self.after}")

    @property
    def is_unused(self) -> bool:
        """True if the fault was applied to fewer calls than planned."""
        return self.applied < (1 if self.times is None else self.times)

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as a JSON value."""
        return {
            "fault": self.spec.text,
            "operation": self.operation,
            "times": self.times,
            "after": self.after,
            "seen": self.seen,
            "applied": self.applied,
        }

    def __str__(self) -> str:
        operation = f" on {self.operation}" if self.operation else ""
        after = f" after {_count(self.after, 'call')}" if self.after else ""
        seen = f", {_count(self.seen, 'call')} seen" if self.after else ""
        return f"fault: {self.spec.text!r}{operation}{after} ({_of(self.applied, self.times)} applied{seen})"


@dataclass(slots=True)
class CannedResponse:
    """The response that a test chose for an operation, with the calls that it is for.

    Attributes:
        operation: the name of the operation.
        body: the bytes of the body.
        times: the number of calls; None for every call that no other canned response is for.
        sent: the number of calls that it was sent to so far.

    Raises:
        InvalidOptionError: `times` is not a possible number of calls.
    """

    operation: str
    body: bytes
    times: int | None
    sent: int = 0

    def __post_init__(self) -> None:
        _check_times(self.times)

    @property
    def is_unused(self) -> bool:
        """True if the response was sent to fewer calls than planned."""
        return self.sent < (1 if self.times is None else self.times)

    def __str__(self) -> str:
        return f"canned response: {self.operation} ({_of(self.sent, self.times)} sent)"


Expectation = PlannedFault | CannedResponse | RecordedResponse
"""A planned fault, a canned response or a recorded response: an error at the end of a test if it is unused."""


class Expectations:
    """Planned faults and canned responses. It is not thread-safe itself: the service holds its lock.

    Attributes:
        faults: the planned faults, in the order in which they are tried.
        recorded: the responses of recordings.
    """

    def __init__(self) -> None:
        self.faults: list[PlannedFault] = []
        self.recorded = RecordedResponses()
        self._default_responses: dict[str, CannedResponse] = {}
        self._queued_responses: dict[str, collections.deque[CannedResponse]] = {}

    def add_fault(self, fault: PlannedFault) -> None:
        """Plan a fault."""
        self.faults.append(fault)

    def add_response(self, response: CannedResponse) -> None:
        """Plan a canned response; one for every call replaces the previous one."""
        if response.times is None:
            self._default_responses[response.operation] = response
        else:
            self._queued_responses.setdefault(response.operation, collections.deque()).append(response)

    def take_fault(self, operation: Operation) -> FaultSpec | None:
        """Return the fault to apply to this call of an operation, if any; faults planned later do not count it."""
        for fault in self.faults:
            if fault.operation not in (None, operation.name) or not applies_to(fault.spec, operation):
                continue
            fault.seen += 1
            if fault.seen > fault.after and (fault.times is None or fault.applied < fault.times):
                fault.applied += 1
                return fault.spec
        return None

    def next_response(self, operation: Operation) -> bytes | None:
        """Return the body of the canned response to the next call of an operation, if any; it is not sent."""
        response = self._next_response(operation)
        return None if response is None else response.body

    def take_response(self, operation: Operation) -> bytes | None:
        """Return the body of the canned response to this call of an operation, if any."""
        response = self._next_response(operation)
        if response is None:
            return None
        response.sent += 1
        queue = self._queued_responses.get(operation.name)
        if queue and not response.is_unused:
            queue.popleft()
        return response.body

    def _next_response(self, operation: Operation) -> CannedResponse | None:
        queue = self._queued_responses.get(operation.name)
        return queue[0] if queue else self._default_responses.get(operation.name)

    @property
    def unused(self) -> tuple[Expectation, ...]:
        """The faults and canned responses that were used for fewer calls than planned, and unused recorded ones."""
        queued = itertools.chain(*self._queued_responses.values())
        every: list[Expectation] = [*self.faults, *queued, *self._default_responses.values(), *self.recorded.unused]
        return tuple(each for each in every if each.is_unused)

    def drain(self) -> None:
        """Remove every fault, every unused canned response and every recorded response."""
        self.faults.clear()
        self.recorded = RecordedResponses()
        self._queued_responses.clear()
        self._default_responses = {
            name: response for name, response in self._default_responses.items() if not response.is_unused
        }


def _check_times(times: int | None) -> None:
    if times is not None and times < 1:
        raise InvalidOptionError(f"times must be 1 or more, or None for every call, not {times}")


def _of(used: int, times: int | None) -> str:
    return f"{used} of {times}" if times is not None else str(used)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
