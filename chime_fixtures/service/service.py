"""The service: a request in, a response or a fault out; pure, synchronous, behind one lock."""

from __future__ import annotations

import functools
import threading
import typing
from collections.abc import Callable, Mapping
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import ChimeFixturesError, InvalidInstanceError, UnexpectedRequestError, is_ours
from chime_fixtures.chime.operations import Operation, operation_named, operations
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.engine.normal_form.nodes import Numbers
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.course import Course
from chime_fixtures.service.expectations import PlannedAnswer, Script, planned_answer, planned_fault
from chime_fixtures.service.fault_effects import spoil
from chime_fixtures.service.faults import FaultSpec, PlannedFault
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.imitator import Shape
from chime_fixtures.service.journal import Call, Journal
from chime_fixtures.service.messages import Fault, Request, Response
from chime_fixtures.service.outcomes import Outcome, Refusal
from chime_fixtures.service.policies import DEFAULTS, Policies
from chime_fixtures.service.proxies import Proxies
from chime_fixtures.service.redaction import masked_target, printable
from chime_fixtures.service.request_parser import Reader
from chime_fixtures.service.responses import Answers
from chime_fixtures.service.router import Match, Router
from chime_fixtures.service.sessions import SHORTENED, Sessions
from chime_fixtures.service.signatures import KEYS, Signatures, check
from chime_fixtures.service.snapshots import Stock
from chime_fixtures.service.state import State

__tracebackhide__ = is_ours

Handler = Callable[[Mapping[str, Any]], Outcome]


class ChimeService:
    """Eight operations over connectors and sessions in memory.

    Args:
        clock: what time it is.
        ids: where ids, choices of numbers and request ids come from.
        policies: the rules that nobody documented.
        contract: what a session has to be, if it is not Chime's: a contract or a JSON Schema.
        signatures: whether a request may be unsigned, has to be signed, or to be signed rightly.
        keys: the secrets by their access keys, for ``verify``.
        strict: whether a request that no operation answers is an error of the test; else it is a 404 or 405.
        listener: is told every call as it is noted, behind the lock: it must not ask the service.
        most_calls: how many of the last calls the journal keeps; None keeps all.

    Raises:
        InvalidOptionError: there is no such way to take signatures.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        policies: Policies | None = None,
        contract: Contract | dict[str, Any] | None = None,
        signatures: Signatures = "ignore",
        keys: Mapping[str, str] = KEYS,
        strict: bool = True,
        listener: Callable[[Call], None] | None = None,
        most_calls: int | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.policies = policies or DEFAULTS
        self.strict = strict
        if signatures not in (ways := typing.get_args(Signatures)):
            raise InvalidOptionError(f"signatures can't be {signatures!r}{did_you_mean(str(signatures), ways)}")
        self._signatures: Signatures = signatures
        self._keys = dict(keys)
        self._ids = ids or Ids()
        self._lock = threading.Lock()
        self._router, self._readers = _compiled(self.policies)
        # Some clients set their clock by the answers: they must not sign by a time that is not the wall clock's.
        self._answers = Answers(Clock("system") if signatures == "verify" else self.clock, self._ids)
        self._state = State()
        self._script = Script()
        self._journal = Journal(listener, limit=most_calls)
        self._problems: list[ChimeFixturesError] = []
        self._start: tuple[Any, str] = ({"connectors": []}, "the start")
        ours = load_contract("ProxySession")
        self.contract = ours if contract is None else Contract.of(contract)
        shape = None if self.contract is ours else Shape(self.contract, self._ids.seed)
        largest = _largest_page()
        sessions = Sessions(
            self._state, self.clock, self._ids, self.policies, contract=ours, shape=shape, largest_page=largest
        )
        self._stock = Stock(
            self._state, sessions, self.clock, self._ids, self.policies, contract=self.contract, shape=shape
        )
        proxies = Proxies(sessions.connector, self.clock, self.policies)
        self._handlers: dict[str, Handler] = {
            "CreateProxySession": sessions.create,
            "GetProxySession": sessions.get,
            "ListProxySessions": sessions.page,
            "UpdateProxySession": sessions.update,
            "DeleteProxySession": sessions.delete,
            "PutVoiceConnectorProxy": proxies.put,
            "GetVoiceConnectorProxy": proxies.get,
            "DeleteVoiceConnectorProxy": proxies.delete,
        }

    def handle(self, request: Request) -> Response | Fault:
        """Answer one request.

        Raises:
            UnexpectedRequestError: no operation answers such a request, and the service is strict.
            InvalidInstanceError: the answer would have broken the contract: a bug of the kit.
        """
        with self._lock:
            try:
                return self._handle(request)
            except ChimeFixturesError as problem:
                self._problems.append(problem)
                raise

    def answer_to(self, error: UnexpectedRequestError) -> Response:
        """What a client is answered that can't be raised at: one behind a port."""
        with self._lock:
            return self._answers.unexpected(error)

    def _handle(self, request: Request) -> Response | Fault:
        path, _, query = request.target.partition("#")[0].partition("?")
        match = self._router.match(request.method, path)
        if match is None:
            return self._unexpected(request, path)
        course = Course(match.operation)
        answer = self._answer(match, query, request, course)
        self._journal.add(course.row(request, path, answer))
        return answer

    def _unexpected(self, request: Request, path: str) -> Response:
        nearest, allowed = self._router.nearest(request.method, path), self._router.allowed(path)
        error = UnexpectedRequestError(request.method, printable(masked_target(request.target)), nearest, allowed)
        answer = None if self.strict else self._answers.unexpected(error)
        self._journal.add(Course(message=str(error)).row(request, path, answer))
        if answer is None:
            raise error
        return answer

    def _answer(self, match: Match, query: str, request: Request, course: Course) -> Response | Fault:
        operation = match.operation
        try:
            if self._signatures != "ignore":
                check(request, self._signatures, self._keys)
            course.request = wish = self._readers[operation.name].read(match.segments, query, request.body)
            spec = course.fault = self._script.fault(operation)
            if spec is None:
                return self._answers.success(operation, self._work(operation, wish, course).body)
            return self._spoilt(operation, wish, spec, course)
        except Refusal as refusal:
            course.error, course.message = refusal.error, printable(refusal.message)
            course.violations = refusal.violations
            course.request = course.request or refusal.request
            return self._answers.error(operation, refusal)

    def _work(self, operation: Operation, wish: Mapping[str, Any], course: Course) -> Outcome:
        chosen = self._script.answer(operation)
        if chosen is not None:
            return Outcome(chosen)
        if course.fault is not None and course.fault.kind == "page":
            wish = {**wish, SHORTENED: course.fault.detail}
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
        self, operation: Operation, wish: Mapping[str, Any], spec: FaultSpec, course: Course
    ) -> Response | Fault:
        outcome = None
        if spec.committed:
            try:
                outcome = self._work(operation, wish, course)
            except Refusal:
                # What the service would have refused is lost on the way all the same.
                if spec.kind not in ("transport", "error", "no-number"):
                    raise
        return spoil(spec, operation, outcome, self._answers, contract=self.contract, committed=course.committed)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return self._journal.calls()

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """The faults that were planned since the last `settle`."""
        with self._lock:
            return self._script.faults

    @property
    def unused(self) -> tuple[PlannedFault | PlannedAnswer, ...]:
        """The faults and chosen answers that have not been used as planned so far."""
        with self._lock:
            return self._script.unused

    def settle(self) -> tuple[tuple[ChimeFixturesError, ...], tuple[PlannedFault | PlannedAnswer, ...]]:
        """What `handle` raised, and the faults and answers not used as planned, since this was last asked."""
        with self._lock:
            settled = tuple(self._problems), self._script.unused
            self._problems.clear()
            self._script.settle()
            return settled

    @property
    def sessions(self) -> tuple[dict[str, Any], ...]:
        """A copy of every stored session as it is now, by connector, in the order of creation."""
        with self._lock:
            return self._stock.sessions()

    def add_session(
        self, session: Mapping[str, Any], *, connector: str | None = None, check: bool = True
    ) -> dict[str, Any]:
        """Store a session; see `ChimeStub.add_session`."""
        with self._lock:
            return self._stock.add_session(session, connector=connector, check=check)

    def add_connector(self, connector_id: str, *, proxy: Mapping[str, Any] | None = None) -> None:
        """Make a connector known; see `ChimeStub.add_connector`."""
        with self._lock:
            self._stock.add_connector(connector_id, proxy=proxy)

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
        planned = planned_fault(fault, self.contract, operation=operation, times=times, after=after, commit=commit)
        with self._lock:
            self._script.add_fault(planned)

    def answer(self, operation: str, chosen: Any, *, times: int | None = None) -> None:
        """Choose what an operation answers; see `ChimeStub.answer`."""
        planned = planned_answer(operation, chosen, times=times)
        with self._lock:
            self._script.add_answer(planned)

    def export_state(self) -> dict[str, Any]:
        """Clock, ids, connectors and sessions as one JSON value, for `load_state`."""
        with self._lock:
            return self._stock.export()

    def load_state(self, state: Any, *, source: str = "the state") -> None:
        """Put back what `export_state` gave; `reset` comes back to it.

        Args:
            state: the JSON value; one made by hand needs connectors and their sessions only.
            source: what to call it in messages.

        Raises:
            InvalidDocumentError: it is no such state; the service keeps the one it has.
        """
        with self._lock:
            before = self._stock.export()
            try:
                self._stock.load(state, source=source)
            except ChimeFixturesError:
                self._stock.load(before, source=source)
                raise
            self._start = state, source

    def reset(self) -> None:
        """Come back to the state that was loaded last, or to none; forget calls, faults and chosen answers."""
        with self._lock:
            state, source = self._start
            self._stock.load(state, source=source)
            self._script = Script()
            self._journal.clear()
            self._problems.clear()


@functools.cache
def _compiled(policies: Policies) -> tuple[Router, dict[str, Reader]]:
    readers = {operation.name: Reader(operation, policies) for operation in operations()}
    return Router(operations()), readers


@functools.cache
def _largest_page() -> int:
    parameters = operation_named("ListProxySessions").parameters
    largest = next(
        parameter.contract.root.require_branch(Numbers).high
        for parameter in parameters
        if parameter.name == "max-results"
    )
    assert largest is not None
    return int(largest)
