"""What a test asked for in advance: the faults that are to happen, and the answers that it chose."""

from __future__ import annotations

import collections
from typing import Any

from chime_fixtures.contract import Contract
from chime_fixtures.errors import UnknownSettingError, is_ours
from chime_fixtures.operations import Operation, operation_named, operations
from chime_fixtures.service.answers import chosen_body
from chime_fixtures.service.faults import FaultPlan, FaultSpec, PlannedFault, read_spec

__tracebackhide__ = is_ours


class Script:
    """Faults and chosen answers. Not thread-safe by itself: the service reads and writes it behind its lock."""

    def __init__(self) -> None:
        self._faults = FaultPlan()
        self._standing: dict[str, bytes] = {}
        self._queued: dict[str, collections.deque[bytes]] = {}

    def add_fault(self, fault: PlannedFault) -> None:
        """Let one more fault wait."""
        self._faults.add(fault)

    def add_answer(self, operation: str, body: bytes, times: int | None) -> None:
        """Choose the body of so many answers; None is for all that come after those."""
        if times is None:
            self._standing[operation] = body
        else:
            self._queued.setdefault(operation, collections.deque()).extend([body] * times)

    def fault(self, operation: Operation) -> FaultSpec | None:
        """The fault that this call of the operation gets, if any."""
        return self._faults.take(operation)

    def answer(self, operation: Operation) -> bytes | None:
        """The body that was chosen for this call of the operation, if any."""
        queue = self._queued.get(operation.name)
        return queue.popleft() if queue else self._standing.get(operation.name)

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """All faults that were planned."""
        return tuple(self._faults.planned)

    @property
    def unused(self) -> tuple[PlannedFault, ...]:
        """The faults that were not asked for as often as planned."""
        return self._faults.unused

    def forget_faults(self) -> None:
        """Plan no fault any more."""
        self._faults = FaultPlan()


def planned_fault(
    fault: str, contract: Contract, *, operation: str | None, times: int | None, after: int, commit: bool | None
) -> PlannedFault:
    """Read a plan; see `ChimeStub.fail`.

    Raises:
        UnknownFaultError: there is no such fault, or the operation can't have it.
        UnknownOperationError: there is no such operation.
        UnknownSettingError: the numbers of calls make no sense.
    """
    wanted = operations() if operation is None else (operation_named(operation),)
    spec = read_spec(fault, wanted, contract, committed=commit)
    if after < 0 or (times is not None and times < 1):
        raise UnknownSettingError(f"times must be positive and after not negative, not {times} and {after}")
    return PlannedFault(spec, operation, times, after)


def planned_answer(operation: str, chosen: Any, *, times: int | None) -> bytes:
    """The body of a chosen answer; see `ChimeStub.answer`.

    Raises:
        UnknownOperationError: there is no such operation.
        UnknownFaultError: the operation answers with an empty body.
        UnknownSettingError: the number of calls makes no sense.
    """
    body = chosen_body(operation_named(operation), chosen)
    if times is not None and times < 1:
        raise UnknownSettingError(f"times must be positive, not {times}")
    return body
