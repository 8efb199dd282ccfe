"""Faults on demand: one table, one spelling, and the plan of which call gets which.

======================  ==============================================================================
``error:<name>``        any modelled error, by its name with or without ``Exception``, or its code
``throttle``            the modelled 429
``no-number``           500 ``ServiceFailure`` with "unable to allocate", as when no proxy number is left
``timeout``             the answer never comes in time; ``hang``: it never comes
``reset``               the connection is closed without an answer
``refused``             the connection is refused; on a real port, where a fault can only act after the client has
                        connected, a reset (see `ChimeServer.refusing`)
``connect-timeout``     no connection is made in time; on a real port, a hang
``lost-answer``         the work is done, then the connection is closed
``latency:<seconds>``   the answer comes late
``body:empty``          the answer has the right status and a broken body: also ``cut``, ``html``, ``null``,
                        ``list``, ``short`` (shorter than its length)
``violation:<id>``      the answer carries a session that breaks one constraint, by the id of its violation, with its
                        variant or without
``page:short``          half of the sessions that the page would have, and a token for the rest, be there any or not
``page:empty``          no session, and a token
``evolved``             the answer carries a session of tomorrow: unknown constants, unknown members
======================  ==============================================================================
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.errors import UnknownFaultError, is_ours
from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.contract import Contract, enumerate_violations
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.responses import carries_sessions

__tracebackhide__ = is_ours

TRANSPORT_FAULTS = ("timeout", "connect-timeout", "reset", "refused", "hang")
PAGE_FAULTS = ("short", "empty")
BODY_FAULTS = ("empty", "cut", "html", "null", "list", "short")

_EXAMPLES = (
    "error:NotFound",
    "throttle",
    "no-number",
    "lost-answer",
    "latency:0.1",
    "evolved",
    "page:short",
    "page:empty",
)


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """What shall go wrong.

    Attributes:
        text: as it was spelled.
        kind: ``error``, ``transport``, ``body``, ``page``, ``latency``, ``violation`` or ``evolved``.
        detail: the error's name, the transport fault, the body's flaw, the seconds, the violation's id.
        committed: whether the service does its work first.
    """

    text: str
    kind: str
    detail: str
    committed: bool


@dataclass(slots=True)
class PlannedFault:
    """A fault, the calls it is meant for, and how many it got.

    Attributes:
        spec: what shall go wrong.
        operation: the operation it waits for, or None for all that can have it.
        times: for how many calls; None is every one from then on.
        after: how many calls pass before the first.
        seen: calls that it has seen so far.
        fired: calls that it took.
    """

    spec: FaultSpec
    operation: str | None
    times: int | None
    after: int
    seen: int = 0
    fired: int = 0

    @property
    def is_unused(self) -> bool:
        """Whether it has not been asked for as often as it was planned."""
        return self.fired < (1 if self.times is None else self.times)

    def as_dict(self) -> dict[str, Any]:
        """The plan as a JSON value."""
        return {
            "fault": self.spec.text,
            "operation": self.operation,
            "times": self.times,
            "after": self.after,
            "seen": self.seen,
            "fired": self.fired,
        }

    def __str__(self) -> str:
        where = f" of {self.operation}" if self.operation else ""
        passed = f" after {self.after}" if self.after else ""
        planned = f"{self.spec.text!r} for {calls_planned(self.times)}{where}{passed}"
        return f"{planned}: used {self.fired} times, {self.seen} calls seen"


def calls_planned(times: int | None) -> str:
    """For how many calls something was planned, in words."""
    return "every call" if times is None else f"{times} call{'' if times == 1 else 's'}"


class FaultPlan:
    """The faults that wait. A call that one of them takes is not seen by the ones planned later."""

    def __init__(self) -> None:
        self.planned: list[PlannedFault] = []

    def add(self, fault: PlannedFault) -> None:
        """Let one more wait."""
        self.planned.append(fault)

    def take(self, operation: Operation) -> FaultSpec | None:
        """The fault that this call of the operation gets, if any."""
        for fault in self.planned:
            if fault.operation not in (None, operation.name) or not _can_have(operation, fault.spec):
                continue
            fault.seen += 1
            if fault.seen > fault.after and (fault.times is None or fault.fired < fault.times):
                fault.fired += 1
                return fault.spec
        return None

    @property
    def unused(self) -> tuple[PlannedFault, ...]:
        """The faults that were not asked for as often as planned."""
        return tuple(fault for fault in self.planned if fault.is_unused)


def read_spec(
    text: str, operations: Collection[Operation], contract: Contract, *, committed: bool | None = None
) -> FaultSpec:
    """Read one spelling.

    Args:
        text: see the table above.
        operations: those it may be for; one of them at least must be able to have it.
        contract: what a session has to be.
        committed: whether the service does its work first, where that is not what the fault means anyway.

    Raises:
        UnknownFaultError: there is no such fault, or none of these operations can have it.
    """
    head, _, detail = text.partition(":")
    kind, spec_detail, default = _read(text, head, detail, operations, contract)
    # What a fault does to an answer needs the answer, so that the work is always done.
    needs_work = kind not in ("error", "no-number", "transport") or text == "lost-answer"
    spec = FaultSpec(text, kind, spec_detail, default if committed is None or needs_work else committed)
    if not any(_can_have(operation, spec) for operation in operations):
        names = " and ".join(operation.name for operation in operations)
        raise UnknownFaultError(f"{text} of {names}", _known(operations))
    return spec


def _read(
    text: str, head: str, detail: str, operations: Collection[Operation], contract: Contract
) -> tuple[str, str, bool]:
    if text in TRANSPORT_FAULTS:
        return "transport", text, False
    if text == "lost-answer":
        return "transport", "reset", True
    if text == "evolved":
        return "evolved", "", True
    if head == "body" and detail in BODY_FAULTS:
        return "body", detail, True
    if head == "page" and detail in PAGE_FAULTS:
        return "page", detail, True
    if head == "latency" and _is_seconds(detail):
        return "latency", detail, True
    if head == "violation":
        # Without a variant it is the first one.
        known = violations_by_id(contract)
        found = next((each for each in known if f"{each}.".startswith(f"{detail}.")), None)
        if not found:
            raise UnknownFaultError(text, [f"violation:{each}" for each in known])
        return "violation", found, True
    wanted = {"throttle": "ThrottledClient", "no-number": "ServiceFailure"}.get(text, detail if head == "error" else "")
    for operation in operations:
        for error in operation.errors:
            if wanted in (error.name, error.name.removesuffix("Exception"), error.code):
                return ("no-number" if text == "no-number" else "error"), error.name, False
    raise UnknownFaultError(text, _known(operations))


def _is_seconds(text: str) -> bool:
    try:
        seconds = float(text)
    except ValueError:
        return False
    return math.isfinite(seconds) and seconds >= 0


def _known(operations: Collection[Operation]) -> list[str]:
    errors = {f"error:{error.name.removesuffix('Exception')}" for operation in operations for error in operation.errors}
    return sorted({*errors, *TRANSPORT_FAULTS, *_EXAMPLES, *(f"body:{flaw}" for flaw in BODY_FAULTS)})


def _can_have(operation: Operation, spec: FaultSpec) -> bool:
    if spec.kind == "error":
        return any(error.name == spec.detail for error in operation.errors)
    only = {"no-number": "CreateProxySession", "page": "ListProxySessions"}.get(spec.kind)
    if only is not None:
        return operation.name == only
    return spec.kind not in ("violation", "evolved") or carries_sessions(operation)


@functools.lru_cache(maxsize=16)
def violations_by_id(contract: Contract) -> dict[str, Violation]:
    """Every way to break a session, by its id."""
    return {violation.id: violation for violation in enumerate_violations(contract)}
