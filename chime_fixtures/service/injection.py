"""Injection: a change of the response to one call, the n-th call of an operation, and the changes that are possible.

A schedule is its text: ``ListProxySessions#2:throttle`` is the fault ``throttle`` at the second call of
ListProxySessions. ``+commit`` after the fault means that the operation is executed before the fault is applied.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal, Self, get_args

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.chime.operations import Operation, operation_named
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service.faults import (
    BODY_FAULTS,
    PAGE_FAULTS,
    TRANSPORT_FAULTS,
    FaultSpec,
    parse_fault,
    response_violations,
    violations_by_id,
)
from chime_fixtures.service.journal import Exchange
from chime_fixtures.service.messages import Response, TransportFault
from chime_fixtures.service.responses import first_session, session_pointer

__tracebackhide__ = is_kit_error

Level = Literal["faults", "violations", "all"]
"""Changes to try: every fault with the pages and the evolved response, one violation of each constraint, or both."""
LEVELS: tuple[Level, ...] = get_args(Level)

MAX_CALLS_AFTER_CHANGE = 1000
"""Calls that a client may make after the change; one more ends it, since it would probably go on forever."""

SERVER_TRANSPORT = "http_server"
"""The name of the real port in the journal."""

_COMMIT = "+commit"
_SCHEDULE = re.compile(r"(\w+)#([1-9][0-9]{0,8}):(.+)")
_REFUSALS = ("error", "no-number", "transport")
"""The kinds of faults that may come before or after the operation is executed."""

_TRANSPORT_AFTER_COMMIT = ("timeout+commit", "lost-answer", "hang+commit")
_TRANSPORT_OF_SERVER = ("reset",)
_TRANSPORT_OF_SERVER_AFTER_COMMIT = ("lost-answer",)
_THROTTLED = "ThrottledClientException"


class CallLimitReached(BaseException):
    """A client has made more than `MAX_CALLS_AFTER_CHANGE` calls after a change; not an error that it may handle."""


@dataclass(frozen=True, slots=True)
class Injection:
    """A change of the response to one call.

    Attributes:
        operation: the name of the operation.
        occurrence: the number of the call among those of the operation, from 1.
        change: the fault, with ``+commit`` if the operation is executed before it.
        fault: the fault, as `ChimeStub.fail` takes it.
        kind: ``error``, ``no-number``, ``transport``, ``body``, ``page``, ``latency``, ``violation``,
            ``response-violation`` or ``evolved``.
        committed: True if the operation is executed before the fault is applied.
    """

    operation: str
    occurrence: int
    change: str
    spec: FaultSpec = field(repr=False)

    @classmethod
    def parse(cls, schedule: str, contract: Contract) -> Self:
        """Return the injection of a schedule.

        Args:
            schedule: a text like ``ListProxySessions#2:throttle``.
            contract: the contract of a session.

        Raises:
            InvalidOptionError: the text is not a schedule, or ``+commit`` has no effect on the fault.
            UnknownOperationError: the operation does not exist.
            UnknownFaultError: the fault does not exist, or it does not apply to the operation.
        """
        name, occurrence, change = split_schedule(schedule)
        is_committed = change.endswith(_COMMIT)
        text = change.removesuffix(_COMMIT)
        spec = parse_fault(text, (operation_named(name),), contract, committed=True if is_committed else None)
        if is_committed and (spec.kind not in _REFUSALS or text == "lost-answer"):
            raise InvalidOptionError(f"{text!r} always executes the operation; write it without {_COMMIT}")
        return cls(name, occurrence, change, spec)

    @property
    def fault(self) -> str:
        """The fault, as `ChimeStub.fail` takes it."""
        return self.spec.text

    @property
    def kind(self) -> str:
        """The kind of the fault."""
        return self.spec.kind

    @property
    def committed(self) -> bool:
        """True if the operation is executed before the fault is applied."""
        return self.spec.committed

    @property
    def schedule(self) -> str:
        """The call and its change: ``ListProxySessions#2:throttle``."""
        return f"{self.operation}#{self.occurrence}:{self.change}"


def split_schedule(schedule: str) -> tuple[str, int, str]:
    """Return the operation, the occurrence and the change of a schedule.

    Raises:
        InvalidOptionError: the text is not a schedule.
    """
    match = _SCHEDULE.fullmatch(schedule)
    if match is None:
        text = "a schedule must be OPERATION#N:FAULT, as in 'ListProxySessions#2:throttle'"
        raise InvalidOptionError(f"{text}, not {schedule!r}")
    return match[1], int(match[2]), match[3]


@dataclass(frozen=True, slots=True)
class Target:
    """A call whose response can be changed.

    Attributes:
        operation: the name of the operation.
        occurrence: the number of the call among those of the operation, from 1.
        digest: of the request and the state of the service before it; equal ones have the same effect.
        fault: the planned fault that was applied.
        error: the name of the error in the response; None for a success.
        has_session: True if the response contains a session.
        committed: True if the state may have changed.
        is_on_port: True if the request came to the real port.
    """

    operation: str
    occurrence: int
    digest: str
    fault: str | None
    error: str | None
    has_session: bool
    committed: bool
    is_on_port: bool

    @property
    def name(self) -> str:
        """The call: ``ListProxySessions#2``."""
        return f"{self.operation}#{self.occurrence}"


def possible_changes(target: Target, level: Level, contract: Contract) -> tuple[str, ...]:
    """Return every change that could have come in the response to a call, in the order of the table of faults.

    A modelled error of the class 5xx and a transport fault may also come after the operation was executed, if it
    changes the state. On the real port, faults whose response never arrives are left out: the client would wait for its
    own time-out; and a refused connection, which is a reset there.

    Args:
        target: the call.
        level: ``faults``, ``violations`` or ``all``.
        contract: the contract of a session.
    """
    changes: list[str] = []
    if level in ("faults", "all"):
        operation = operation_named(target.operation)
        changes += [*_errors(target, operation), *_transport_faults(target)]
        if target.error is None:
            changes += _changed_responses(target, operation)
    if level in ("violations", "all") and target.error is None:
        changes += _violations(target, contract)
    return tuple(change for change in changes if change != target.fault)


def _errors(target: Target, operation: Operation) -> Iterator[str]:
    for error in operation.errors:
        text = "throttle" if error.name == _THROTTLED else f"error:{error.name.removesuffix('Exception')}"
        if error.name != target.error:
            yield text
        if target.committed and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            yield text + _COMMIT
    if target.operation == "CreateProxySession":
        yield "no-number"


def _transport_faults(target: Target) -> Iterator[str]:
    yield from _TRANSPORT_OF_SERVER if target.is_on_port else TRANSPORT_FAULTS
    if target.committed:
        yield from _TRANSPORT_OF_SERVER_AFTER_COMMIT if target.is_on_port else _TRANSPORT_AFTER_COMMIT


def _changed_responses(target: Target, operation: Operation) -> Iterator[str]:
    if operation.has_response:
        yield from (f"body:{flaw}" for flaw in BODY_FAULTS)
    if target.operation == "ListProxySessions":
        yield from (f"page:{flaw}" for flaw in PAGE_FAULTS)
    if target.has_session:
        yield "evolved"


def _violations(target: Target, contract: Contract) -> Iterator[str]:
    """The first violation of each keyword at each pointer, in a session and outside."""
    operation = operation_named(target.operation)
    tables = [violations_by_id(contract)] if target.has_session else []
    # The sessions of an imitator would be further violations.
    if session_pointer(operation) is None or contract is load_contract("ProxySession"):
        tables.append(response_violations(operation))
    for table in tables:
        first: dict[tuple[str, str], str] = {}
        for violation_id, entry in table.items():
            first.setdefault((entry.label.pointer, entry.label.keyword), violation_id)
        yield from (f"violation:{each}" for each in first.values())


class Injector:
    """Counts the calls of each operation, and changes the response to one of them or records all as targets.

    It is not thread-safe itself: the service holds its lock.

    Args:
        schedule: the call and its change; None to change nothing and to record the calls.

    Attributes:
        injection: the parsed schedule, once it is attached to a service; None without one.
        contract: the contract of the service's sessions, once it is attached to a service.
        targets: the calls so far, if nothing is to be changed.
        is_applied: True if the response was changed.
        is_exhausted: True if the client has made too many calls after the change.
        threads: the identifiers of the threads that made the changed call.
    """

    def __init__(self, schedule: str | None = None) -> None:
        self._schedule = schedule
        self.injection: Injection | None = None
        self.contract: Contract | None = None
        self.targets: list[Target] = []
        self.is_applied = False
        self.is_exhausted = False
        self.threads: set[int] = set()
        self._is_paused = False
        self._occurrences: collections.Counter[str] = collections.Counter()
        self._calls_after_change = 0
        self._digest: str | None = None

    def attach(self, contract: Contract) -> None:
        """Parse the schedule for a service with this contract.

        Raises:
            ChimeFixturesError: the schedule is invalid, as for `Injection.parse`.
        """
        self.contract = contract
        if self._schedule is not None:
            self.injection = Injection.parse(self._schedule, contract)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Neither count nor change calls meanwhile."""
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    def observe(
        self, operation: Operation, exchange: Exchange, respond: Callable[[], Response | TransportFault]
    ) -> Response | TransportFault:
        """Return the response to a call; count the call, and record it if nothing is to be changed.

        Raises:
            CallLimitReached: the client has made too many calls after the change.
        """
        if self._is_paused:
            return respond()
        is_on_port = exchange.transport == SERVER_TRANSPORT
        if self.is_applied:
            self._calls_after_change += 1
            if self._calls_after_change > MAX_CALLS_AFTER_CHANGE:
                self.is_exhausted = True
                if is_on_port:
                    return TransportFault("reset")
                raise CallLimitReached(f"more than {MAX_CALLS_AFTER_CHANGE} calls after the change")
        self._occurrences[operation.name] += 1
        self._digest = None
        response = respond()
        if self._digest is not None and self.injection is None:
            target = Target(
                operation=operation.name,
                occurrence=self._occurrences[operation.name],
                digest=self._digest,
                fault=exchange.fault.text if exchange.fault else None,
                error=exchange.error,
                has_session=isinstance(response, Response) and first_session(operation, response.body) is not None,
                committed=exchange.committed,
                is_on_port=is_on_port,
            )
            self.targets.append(target)
        return response

    def fault_for(
        self,
        operation: Operation,
        parameters: Mapping[str, Any],
        planned: FaultSpec | None,
        state: Callable[[], Any],
    ) -> FaultSpec | None:
        """Return the fault to apply to the call that is being observed: the injected one, or else the planned one.

        Args:
            operation: the operation.
            parameters: the request's parameters.
            planned: the planned fault, if any.
            state: returns the state of the service as a JSON value.
        """
        if self._is_paused:
            return planned
        if self.injection is None:
            text = json.dumps([operation.name, parameters, planned and planned.text, state()], sort_keys=True)
            self._digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            return planned
        injection = self.injection
        if (operation.name, self._occurrences[operation.name]) != (injection.operation, injection.occurrence):
            return planned
        self.is_applied = True
        self.threads.add(threading.get_ident())
        return injection.spec
