"""The service: a request in, a response or a fault out; pure, synchronous, behind one lock."""

from __future__ import annotations

import collections
import copy
import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chime_fixtures.contract import Contract, Violation
from chime_fixtures.contract.nodes import Numbers
from chime_fixtures.errors import ChimeFixturesError, InvalidInstanceError, UnexpectedRequestError
from chime_fixtures.operations import Operation, operation_named, operations
from chime_fixtures.service.answers import (
    Answers,
    chosen_body,
)
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.faults import FaultPlan, FaultSpec, PlannedFault, read_spec
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.journal import Call, Journal, attempt_of, masked_headers, masked_target, printable
from chime_fixtures.service.outcomes import Outcome, Refusal
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.proxies import Proxies, configuration
from chime_fixtures.service.reader import Reader
from chime_fixtures.service.records import Fault, Request, Response
from chime_fixtures.service.router import Match, Router
from chime_fixtures.service.sessions import Sessions
from chime_fixtures.service.spoil import spoil
from chime_fixtures.service.state import State

Handler = Callable[[Mapping[str, Any]], Outcome]


@dataclass(slots=True)
class _Course:
    """What happens to one request, gathered for the journal."""

    request: dict[str, Any] | None = None
    error: str | None = None
    message: str | None = None
    violations: tuple[Violation, ...] = ()
    fault: FaultSpec | None = None
    committed: bool = False


class ChimeService:
    """Eight operations over connectors and sessions in memory.

    Args:
        clock: what time it is.
        ids: where ids, choices of numbers and request ids come from.
        policies: the rules that nobody documented.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        policies: Policies | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.policies = policies or Policies()
        self._ids = ids or Ids()
        self._lock = threading.Lock()
        self._router, self._readers = _compiled(self.policies)
        self._answers = Answers(self.clock, self._ids)
        self._state = State()
        self._faults = FaultPlan()
        self._standing: dict[str, bytes] = {}
        self._queued: dict[str, collections.deque[bytes]] = {}
        self._journal = Journal()
        self._problems: list[ChimeFixturesError] = []
        self._sessions = Sessions(
            self._state,
            self.clock,
            self._ids,
            self.policies,
            contract=Contract.load("ProxySession"),
            largest_page=_largest_page(),
        )
        proxies = Proxies(self._sessions.connector, self.clock, self.policies)
        self._handlers: dict[str, Handler] = {
            "CreateProxySession": self._sessions.create,
            "GetProxySession": self._sessions.get,
            "ListProxySessions": self._sessions.page,
            "UpdateProxySession": self._sessions.update,
            "DeleteProxySession": self._sessions.delete,
            "PutVoiceConnectorProxy": proxies.put,
            "GetVoiceConnectorProxy": proxies.get,
            "DeleteVoiceConnectorProxy": proxies.delete,
        }

    def handle(self, request: Request) -> Response | Fault:
        """Answer one request.

        Raises:
            UnexpectedRequestError: no operation answers such a request.
            InvalidInstanceError: the answer would have broken the contract: a bug of the kit.
        """
        with self._lock:
            try:
                return self._handle(request)
            except ChimeFixturesError as problem:
                self._problems.append(problem)
                raise

    def _handle(self, request: Request) -> Response | Fault:
        path, _, query = request.target.partition("#")[0].partition("?")
        match = self._router.match(request.method, path)
        course = _Course()
        if match is None:
            nearest = self._router.nearest(request.method, path)
            error = UnexpectedRequestError(request.method, printable(masked_target(request.target)), nearest)
            course.message = str(error)
            self._note(request, path, None, None, course)
            raise error
        answer = self._answer(match, query, request.body, course)
        self._note(request, path, match.operation, answer, course)
        return answer

    def _answer(self, match: Match, query: str, body: bytes, course: _Course) -> Response | Fault:
        operation = match.operation
        try:
            course.request = wish = self._readers[operation.name].read(match.segments, query, body)
            spec = course.fault = self._faults.take(operation)
            if spec is None:
                return self._answers.success(operation, self._work(operation, wish, course).body)
            return self._spoilt(operation, wish, spec, course)
        except Refusal as refusal:
            course.error, course.message = refusal.error, printable(refusal.message)
            course.violations = refusal.violations
            return self._answers.error(operation, refusal)

    def _work(self, operation: Operation, wish: Mapping[str, Any], course: _Course) -> Outcome:
        queue = self._queued.get(operation.name)
        if queue:
            return Outcome(queue.popleft())
        if operation.name in self._standing:
            return Outcome(self._standing[operation.name])
        outcome = self._handlers[operation.name](wish)
        course.committed = outcome.committed
        if outcome.instance is None:
            return outcome
        contract = operation.response
        if contract is not None and not contract.is_valid(outcome.instance):
            broken = contract.check(outcome.instance)
            raise InvalidInstanceError(f"the service's own answer to {operation.name}", broken, "please report it")
        return outcome

    def _spoilt(
        self, operation: Operation, wish: Mapping[str, Any], spec: FaultSpec, course: _Course
    ) -> Response | Fault:
        outcome = None
        if spec.committed:
            try:
                outcome = self._work(operation, wish, course)
            except Refusal:
                # What the service would have refused is lost on the way all the same.
                if spec.kind not in ("transport", "error", "no-number"):
                    raise
        return spoil(spec, operation, outcome, self._answers, committed=course.committed)

    def _note(
        self, request: Request, path: str, operation: Operation | None, answer: Response | Fault | None, course: _Course
    ) -> None:
        headers = masked_headers(request.headers)
        response = answer if isinstance(answer, Response) else None
        self._journal.add(
            operation.name if operation else None,
            request.method,
            path,
            course.request,
            response.status if response else None,
            course.error,
            course.message,
            course.violations,
            course.fault.text if course.fault else None,
            course.committed,
            attempt_of(headers),
            request.transport,
            masked_target(request.target),
            headers,
            response.body if response else b"",
        )

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return self._journal.calls()

    def settle(self) -> tuple[tuple[ChimeFixturesError, ...], tuple[PlannedFault, ...]]:
        """What `handle` raised, and the faults that were not used as planned, since this was last asked."""
        with self._lock:
            settled = tuple(self._problems), self._faults.unused
            self._problems.clear()
            self._faults = FaultPlan()
            return settled

    @property
    def sessions(self) -> tuple[dict[str, Any], ...]:
        """A copy of every stored session as it is now, by connector, in the order of creation."""
        with self._lock:
            for connector in self._state.connectors.values():
                connector.expire(self.clock.now(), self.policies)
            return tuple(
                copy.deepcopy(entry.session)
                for connector in self._state.connectors.values()
                for entry in connector.after(None, newest_first=False)
            )

    def add_session(
        self, session: Mapping[str, Any], *, connector: str | None = None, check: bool = True
    ) -> dict[str, Any]:
        """Store a session; see `ChimeStub.add_session`."""
        stored = copy.deepcopy(dict(session))
        if check:
            _check(Contract.load("ProxySession"), stored, "the session")
        with self._lock:
            # A broken session may have ids by which nothing can be found; it is filed under others then.
            connector_id = connector or _text(stored.get("VoiceConnectorId")) or self._ids.connector_id()
            session_id = _text(stored.get("ProxySessionId")) or self._ids.session_id()
            stored = {"VoiceConnectorId": connector_id, "ProxySessionId": session_id} | stored
            self._sessions.preload(stored, connector_id=connector_id, session_id=session_id, is_checked=check)
        return copy.deepcopy(stored)

    def add_connector(self, connector_id: str, *, proxy: Mapping[str, Any] | None = None) -> None:
        """Make a connector known; see `ChimeStub.add_connector`."""
        if proxy is not None:
            contract = operation_named("PutVoiceConnectorProxy").request
            if contract is not None:
                _check(contract, dict(proxy), "the proxy configuration")
        with self._lock:
            connector = self._state.connector(connector_id)
            if proxy is not None:
                connector.proxy = configuration(copy.deepcopy(dict(proxy)))

    def fail(
        self,
        fault: str,
        *,
        operation: str | None = None,
        times: int | None = 1,
        after: int = 0,
        commit: bool | None = None,
    ) -> None:
        """Plan a fault; see `ChimeStub.fail`."""
        wanted = operations() if operation is None else (operation_named(operation),)
        spec = read_spec(fault, wanted, committed=commit)
        if after < 0 or (times is not None and times < 1):
            raise ValueError(f"times must be positive and after not negative, not {times} and {after}")
        with self._lock:
            self._faults.add(PlannedFault(spec, operation, times, after))

    def answer(self, operation: str, chosen: Any, *, times: int | None = None) -> None:
        """Choose what an operation answers; see `ChimeStub.answer`."""
        body = chosen_body(operation_named(operation), chosen)
        if times is not None and times < 1:
            raise ValueError(f"times must be positive, not {times}")
        with self._lock:
            if times is None:
                self._standing[operation] = body
            else:
                self._queued.setdefault(operation, collections.deque()).extend([body] * times)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _check(contract: Contract, instance: Any, what: str) -> None:
    violations = contract.check(instance)
    if violations:
        raise InvalidInstanceError(what, violations, "pass check=False to store it all the same")


@functools.cache
def _compiled(policies: Policies) -> tuple[Router, dict[str, Reader]]:
    readers = {operation.name: Reader(operation, policies) for operation in operations()}
    return Router(operations()), readers


@functools.cache
def _largest_page() -> int:
    parameters = operation_named("ListProxySessions").parameters
    largest = next(
        parameter.contract.root.shape(Numbers).high for parameter in parameters if parameter.name == "max-results"
    )
    return int(largest)
