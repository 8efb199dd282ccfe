"""What a test asked for in advance: the faults that are to happen, and the answers that it chose."""

from __future__ import annotations

import collections
import itertools
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.errors import is_ours
from chime_fixtures.chime.operations import Operation, operation_named, operations
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service.faults import FaultPlan, FaultSpec, PlannedFault, calls_planned, read_spec
from chime_fixtures.service.responses import chosen_body

__tracebackhide__ = is_ours


@dataclass(slots=True)
class PlannedAnswer:
    """A chosen answer, and how often it was given.

    Attributes:
        operation: the operation whose answer it is.
        body: its bytes.
        times: for how many calls; None is all that come after the others.
        given: how many got it so far.
    """

    operation: str
    body: bytes
    times: int | None
    given: int = 0

    @property
    def is_unused(self) -> bool:
        """Whether it has not been asked for as often as it was planned."""
        return self.given < (1 if self.times is None else self.times)

    def __str__(self) -> str:
        return f"the answer of {self.operation} for {calls_planned(self.times)}: given {self.given} times"


class Script:
    """Faults and chosen answers. Not thread-safe by itself: the service reads and writes it behind its lock."""

    def __init__(self) -> None:
        self._faults = FaultPlan()
        self._standing: dict[str, PlannedAnswer] = {}
        self._queued: dict[str, collections.deque[PlannedAnswer]] = {}

    def add_fault(self, fault: PlannedFault) -> None:
        """Let one more fault wait."""
        self._faults.add(fault)

    def add_answer(self, answer: PlannedAnswer) -> None:
        """Let one more answer wait; one for all calls takes the place of another such one."""
        if answer.times is None:
            self._standing[answer.operation] = answer
        else:
            self._queued.setdefault(answer.operation, collections.deque()).append(answer)

    def fault(self, operation: Operation) -> FaultSpec | None:
        """The fault that this call of the operation gets, if any."""
        return self._faults.take(operation)

    def answer(self, operation: Operation) -> bytes | None:
        """The body that was chosen for this call of the operation, if any."""
        queue = self._queued.get(operation.name)
        answer = queue[0] if queue else self._standing.get(operation.name)
        if answer is None:
            return None
        answer.given += 1
        if queue and not answer.is_unused:
            queue.popleft()
        return answer.body

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """All faults that were planned."""
        return tuple(self._faults.planned)

    @property
    def unused(self) -> tuple[PlannedFault | PlannedAnswer, ...]:
        """The faults and answers that were not asked for as often as planned."""
        answers = (*itertools.chain(*self._queued.values()), *self._standing.values())
        return (*self._faults.unused, *(answer for answer in answers if answer.is_unused))

    def settle(self) -> None:
        """Plan no fault any more, nor an answer that nobody came for."""
        self._faults = FaultPlan()
        self._queued.clear()
        self._standing = {name: answer for name, answer in self._standing.items() if not answer.is_unused}


def planned_fault(
    fault: str, contract: Contract, *, operation: str | None, times: int | None, after: int, commit: bool | None
) -> PlannedFault:
    """Read a plan; see `ChimeStub.fail`.

    Raises:
        UnknownFaultError: there is no such fault, or the operation can't have it.
        UnknownOperationError: there is no such operation.
        InvalidOptionError: the numbers of calls make no sense.
    """
    wanted = operations() if operation is None else (operation_named(operation),)
    spec = read_spec(fault, wanted, contract, committed=commit)
    if after < 0 or (times is not None and times < 1):
        raise InvalidOptionError(f"times must be positive and after not negative, not {times} and {after}")
    return PlannedFault(spec, operation, times, after)


def planned_answer(operation: str, chosen: Any, *, times: int | None) -> PlannedAnswer:
    """A chosen answer; see `ChimeStub.answer`.

    Raises:
        UnknownOperationError: there is no such operation.
        UnknownFaultError: the operation answers with an empty body.
        InvalidOptionError: the number of calls makes no sense.
    """
    body = chosen_body(operation_named(operation), chosen)
    if times is not None and times < 1:
        raise InvalidOptionError(f"times must be positive, not {times}")
    return PlannedAnswer(operation, body, times)
