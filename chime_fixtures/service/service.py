"""The service: a request in, a response or a fault out. It is synchronous and thread-safe, without I/O."""

from __future__ import annotations

import functools
import threading
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NoReturn

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import (
    ChimeFixturesError,
    UnexpectedRequestError,
    UninterceptedClientError,
    UnrecordedRequestError,
    is_kit_error,
)
from chime_fixtures.chime.operations import Operation, operation_named, operations
from chime_fixtures.chime.representations import as_wire
from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.context import Context
from chime_fixtures.service.expectations import CannedResponse, Expectation, Expectations, PlannedFault
from chime_fixtures.service.fault_effects import apply_fault
from chime_fixtures.service.faults import Fault, FaultSpec, parse_fault
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.imitator import Imitator
from chime_fixtures.service.injection import Injection, Injector
from chime_fixtures.service.journal import Call, Exchange, Journal
from chime_fixtures.service.member_names import warn_of_misspelt_members
from chime_fixtures.service.messages import ApiError, Request, Response, Result, TransportFault
from chime_fixtures.service.observers import call_observers
from chime_fixtures.service.policies import DEFAULT_POLICIES, Policies
from chime_fixtures.service.proxies import Proxies
from chime_fixtures.service.recorded import RecordedResponses, parsed
from chime_fixtures.service.redaction import printable
from chime_fixtures.service.request_parser import routed_parsers
from chime_fixtures.service.responses import Responses, canned_body
from chime_fixtures.service.router import Match
from chime_fixtures.service.sessions import PAGE_FAULT, Sessions
from chime_fixtures.service.signatures import TEST_KEYS, Signatures, check_signature
from chime_fixtures.service.snapshots import Snapshots, require_valid
from chime_fixtures.service.state import State
from chime_fixtures.types import FaultName, OperationName

__tracebackhide__ = is_kit_error

OperationFinder = Callable[[str, str], str | None]
"""Returns the operation of AWS that a method and target match, with its service; None if none does."""

Handler = Callable[[Mapping[str, Any]], Result]
"""An operation: from its parameters to its result."""


class ChimeService:
    """An in-memory Chime: eight operations on connectors and sessions, and methods to preload, inject and inspect.

    Args:
        clock: the clock of the service; by default it stands still at `chime_fixtures.chime.conventions.EPOCH`.
        ids: the source of ids and random choices.
        policies: the settings of undocumented rules.
        contract: the contract of a session, if it is not Chime's: a contract, a JSON Schema, a file or a model.
        signatures: ``ignore``, ``present`` or ``verify``.
        keys: the secrets by their access keys, for ``verify``.
        strict: True if a request that no operation matches raises an error; otherwise the response is 404 or 405.
        listener: a function that is called with each new `Call`, under the service's lock: it must not use the service.
        max_calls: the number of calls that the journal keeps, the latest ones; None keeps all.
        other_operations: finds the operation of a request that matches none of this service, for the error.

    Attributes:
        clock: the clock of the service.
        policies: the settings of undocumented rules.
        contract: the contract of a session.
        strict: True if a request that no operation matches raises an error.

    Raises:
        InvalidOptionError: `signatures` is not a signature mode.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        policies: Policies | None = None,
        contract: Schema | None = None,
        signatures: Signatures = "ignore",
        keys: Mapping[str, str] = TEST_KEYS,
        strict: bool = True,
        listener: Callable[[Call], None] | None = None,
        max_calls: int | None = None,
        other_operations: OperationFinder | None = None,
    ) -> None:
        modes = typing.get_args(Signatures)
        if signatures not in modes:
            raise InvalidOptionError(f"unknown signature mode {signatures!r}{did_you_mean(str(signatures), modes)}")
        self._signatures: Signatures = signatures
        self._keys = dict(keys)
        self._context = _context(clock or Clock(), ids or Ids(), policies or DEFAULT_POLICIES, contract)
        self.clock = self._context.clock
        self.policies = self._context.policies
        self.contract = self._context.contract
        self.strict = strict
        self._lock = threading.Lock()
        self._router, self._parsers = routed_parsers(self.policies)
        # Some clients set their clock by responses, and verified signatures are dated by the wall clock.
        self._responses = Responses(Clock("system") if signatures == "verify" else self.clock, self._context.ids)
        self._state = State(self._context)
        self._snapshots = Snapshots(self._context, self._state)
        self._handlers = _handlers(self._context, self._state)
        self._expectations = Expectations()
        self._journal = Journal(listener, limit=max_calls)
        self._other_operations = other_operations
        self._problems: list[ChimeFixturesError] = []
        self._injector: Injector | None = None
        self._initial_state: tuple[Any, str] = ({"connectors": []}, "the initial state")

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"a {name} can't be copied or pickled; export_state() and load_state() carry its state")

    def handle(self, request: Request) -> Response | TransportFault:
        """Return the response to a request.

        Raises:
            UnexpectedRequestError: no operation matches the request, and the service is strict.
            InvalidInstanceError: the response would violate the contract, which is a bug of this package.
        """
        with self._lock:
            try:
                return self._handle(request)
            except ChimeFixturesError as problem:
                self._problems.append(problem)
                raise

    def refuse_connection(self, host: str) -> NoReturn:
        """Refuse a connection to a host of Chime by a client whose requests do not reach this service.

        Raises:
            UninterceptedClientError: always.
        """
        problem = UninterceptedClientError(host)
        with self._lock:
            if self.strict:
                self._problems.append(problem)
        raise problem

    def unexpected_response(self, error: UnexpectedRequestError) -> Response:
        """Return the response, 404 or 405, to a client in another process, in which the error can't be raised."""
        with self._lock:
            return self._responses.unexpected(error)

    def _handle(self, request: Request) -> Response | TransportFault:
        path, _, query = request.target.partition("#")[0].partition("?")
        exchange = Exchange.of(request, path)
        match = self._router.match(request.method, path)
        if match is None:
            return self._unexpected(exchange)
        exchange.operation = match.operation.name
        if self._injector is None:
            response = self._respond(match, query, request, exchange)
        else:
            respond = functools.partial(self._respond, match, query, request, exchange)
            response = self._injector.observe(match.operation, exchange, respond)
        self._journal.add(exchange, response)
        if call_observers.registered:
            call_observers.report(self.contract, exchange.as_call(self._journal.count))
        return response

    def _unexpected(self, exchange: Exchange) -> Response:
        method, path = exchange.method, exchange.path
        nearest, allowed = self._router.nearest(method, path), self._router.allowed(path)
        other = self._other_operations(method, exchange.target) if self._other_operations else None
        error = UnexpectedRequestError(method, printable(exchange.target), nearest, allowed, other)
        response = None if self.strict else self._responses.unexpected(error)
        exchange.message = str(error)
        self._journal.add(exchange, response)
        if response is None:
            raise error
        return response

    def _respond(self, match: Match, query: str, request: Request, exchange: Exchange) -> Response | TransportFault:
        operation = match.operation
        try:
            if self._signatures != "ignore":
                check_signature(request, self._signatures, self._keys)
            exchange.parameters = parameters = self._parameters(match, query, request, exchange)
            spec = exchange.fault = self._take_fault(operation, parameters)
            if spec is not None:
                return self._respond_with_fault(request, operation, parameters, spec, exchange)
            recorded = self._recorded_for(operation)
            if recorded is not None:
                return recorded.respond(operation, parameters, request, exchange)
            return self._responses.success(operation, self._execute(operation, parameters, exchange).body)
        except UnrecordedRequestError as drift:
            exchange.message = str(drift)
            if not self.strict:
                return self._responses.unexpected(drift)
            self._journal.add(exchange, None)
            raise
        except ApiError as error:
            exchange.error, exchange.message = error.error, printable(error.message)
            exchange.violations = error.violations
            exchange.parameters = exchange.parameters or error.parameters
            return self._responses.error(operation, error)

    def _parameters(self, match: Match, query: str, request: Request, exchange: Exchange) -> dict[str, Any]:
        parser = self._parsers[match.operation.name]
        if not self._expectations.recorded:
            return parser.parse(match.segments, query, request.body)
        # A recording may have a response to an invalid request, too.
        parameters, invalid = parsed(parser, match, query, request)
        exchange.violations = invalid.violations if invalid else ()
        return parameters

    def _recorded_for(self, operation: Operation) -> RecordedResponses | None:
        """The recorded responses, if there are any and no canned response takes precedence."""
        recorded = self._expectations.recorded
        return recorded if recorded and self._expectations.next_response(operation) is None else None

    def _take_fault(self, operation: Operation, parameters: Mapping[str, Any]) -> FaultSpec | None:
        """The fault to apply to this call: an injected one replaces the planned one, which counts as applied."""
        if self._injector is None:
            return self._expectations.take_fault(operation)
        canned = self._expectations.next_response(operation)
        planned = self._expectations.take_fault(operation)

        def state() -> list[Any]:
            return [self._snapshots.export(), canned.hex() if canned else None]

        return self._injector.fault_for(operation, parameters, planned, state)

    def _respond_with_fault(
        self, request: Request, operation: Operation, parameters: Mapping[str, Any], spec: FaultSpec, exchange: Exchange
    ) -> Response | TransportFault:
        result = None
        recorded = self._recorded_for(operation) if spec.committed else None
        if recorded is not None:
            response = recorded.respond(operation, parameters, request, exchange)
            if exchange.error is not None or isinstance(response, TransportFault):
                return response
            result = Result(response.body)
        elif spec.committed:
            try:
                result = self._execute(operation, parameters, exchange)
            except ApiError:
                # These faults replace the response, whether it is a success or an error.
                if spec.kind not in ("transport", "error", "no-number"):
                    raise
        return apply_fault(
            spec,
            operation,
            result,
            self._responses,
            contract=self.contract,
            committed=exchange.committed,
            keeps_session=self.injected is not None and spec is self.injected.spec,
        )

    def _execute(self, operation: Operation, parameters: Mapping[str, Any], exchange: Exchange) -> Result:
        canned = self._expectations.take_response(operation)
        if canned is not None:
            return Result(canned)
        if exchange.fault is not None and exchange.fault.kind == "page":
            parameters = {**parameters, PAGE_FAULT: exchange.fault.detail}
        result = self._handlers[operation.name](parameters)
        exchange.committed = result.committed
        if result.instance is not None and operation.response is not None:
            subject = f"the stub's own response of {operation.name}"
            require_valid(operation.response, result.instance, subject, "this is a bug of chime-fixtures; report it")
        return result

    def attach(self, injector: Injector) -> None:
        """Have an injector count the calls from now on, and change the response to one of them.

        Raises:
            ChimeFixturesError: its schedule is invalid, as for `Injection.parse`.
        """
        injector.attach(self.contract)
        with self._lock:
            self._injector = injector

    @property
    def injected(self) -> Injection | None:
        """The change that is injected into this run of the test, by ``--chime-each-fault``; None ordinarily."""
        injector = self._injector
        return injector.injection if injector is not None else None

    @functools.cached_property
    def connector_id(self) -> str:
        """The id of a Voice Connector that exists under every policy."""
        connector_id = self._context.ids.connector_id()
        self.add_connector(connector_id)
        return connector_id

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far, in the order of arrival."""
        with self._lock:
            return self._journal.calls()

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """The faults that were planned since the last `drain`."""
        with self._lock:
            return tuple(self._expectations.faults)

    @property
    def unused(self) -> tuple[Expectation, ...]:
        """The faults and canned responses that were used for fewer calls than planned, and unused recorded ones."""
        with self._lock:
            return self._expectations.unused

    @property
    def sessions(self) -> tuple[dict[str, Any], ...]:
        """A copy of every stored session as it is now, by connector, in the order of creation."""
        with self._lock:
            return self._snapshots.sessions()

    def add_session(
        self, session: Mapping[str, Any], *, connector: str | None = None, check: bool = True
    ) -> dict[str, Any]:
        """Preload a session, and return it as it is stored.

        Ids that it lacks are added. The minutes of an open session count from its CreatedTimestamp; if they have passed
        already, they count from now.

        Args:
            session: the session, in either representation; it is stored in that of the wire.
            connector: the id of the connector to store it under; by default its own VoiceConnectorId, or else
                `connector_id`.
            check: True if it must satisfy the contract; a member that resembles one of the contract is then an
                `UnknownMemberWarning`.

        Raises:
            InvalidInstanceError: it violates the contract.
            InvalidOptionError: a datetime has no time zone.
        """
        stored = as_wire(dict(session))
        if check:
            warn_of_misspelt_members(self.contract, stored, "the session")
            require_valid(self.contract, stored, "the session", "pass check=False to store it anyway")
        if connector is None and "VoiceConnectorId" not in stored:
            connector = self.connector_id
        with self._lock:
            return self._snapshots.store_session(stored, connector, is_checked=check)

    def add_connector(self, connector_id: str, *, proxy: Mapping[str, Any] | None = None) -> None:
        """Preload a Voice Connector.

        Args:
            connector_id: its id.
            proxy: its proxy configuration, with the member names of PutVoiceConnectorProxy.

        Raises:
            InvalidInstanceError: the configuration violates the contract.
        """
        request = operation_named("PutVoiceConnectorProxy").request
        if proxy is not None and request is not None:
            warn_of_misspelt_members(request, dict(proxy), "the proxy configuration")
        with self._lock:
            self._snapshots.store_connector(connector_id, proxy)

    def fail(
        self,
        fault: FaultName | Fault,
        *,
        operation: OperationName | None = None,
        times: int | None = 1,
        after: int = 0,
        commit: bool | None = None,
    ) -> None:
        """Plan a fault.

        A request that violates the contract gets its 400, and no fault is applied to it.

        Args:
            fault: ``throttle``, ``timeout``, ``lost-answer``, ``body:cut`` and so on, or ``Fault.error("NotFound")``,
                ``Fault.latency(0.2)``, ``Fault.violation("Name.maxLength")``: `chime_fixtures.service.faults` has the
                table. The text ``error:NotFound``, as on the command line, is accepted too, but not by type checkers.
            operation: the name of the operation; None for every operation that the fault applies to.
            times: the number of calls that it is applied to; None for every call.
            after: the number of matching calls before the first one.
            commit: True if the operation is to be executed before the fault is applied, False if not; None for the
                fault's default.

        Raises:
            UnknownFaultError: the fault does not exist, or it does not apply to the operation.
            UnknownOperationError: the operation does not exist.
            InvalidOptionError: `times` or `after` is not a possible number of calls.
        """
        candidates = operations() if operation is None else (operation_named(operation),)
        text = fault.text if isinstance(fault, Fault) else fault
        spec = parse_fault(text, candidates, self.contract, committed=commit)
        planned = PlannedFault(spec, operation, times, after)
        with self._lock:
            self._expectations.add_fault(planned)

    def answer(self, operation: OperationName, chosen: Violation | Any, *, times: int | None = None) -> None:
        """Choose the response of an operation, valid or not; the operation is not executed.

        Args:
            operation: the name of the operation.
            chosen: a session in either representation, or a `Violation` of one, which is put into the operation's
                response (for ListProxySessions, a list of them too); or the whole response, as boto3 returns it too.
            times: the number of calls, in the order in which responses were chosen; None for every later call.

        Raises:
            UnknownOperationError: the operation does not exist.
            InvalidOptionError: the operation's response has no body, `times` is not a possible number of calls, or a
                datetime has no time zone.
            TypeError: `chosen` is not a JSON value.
        """
        canned = CannedResponse(operation, canned_body(operation_named(operation), chosen), times)
        with self._lock:
            self._expectations.add_response(canned)

    def _add_recorded(
        self, exchanges: Iterable[tuple[str, Request, Response | TransportFault]], ignored: Collection[str]
    ) -> int:
        """Respond from recorded exchanges, each with its place; return the number of those of an operation."""
        with self._lock:
            return self._expectations.recorded.load(exchanges, ignored, self._router, self._parsers)

    def export_state(self) -> dict[str, Any]:
        """Return the clock, ids, connectors and sessions as one JSON value, for `load_state`."""
        with self._lock:
            return self._snapshots.export()

    def load_state(self, state: Any, *, source: str = "the state") -> None:
        """Replace the state by one that `export_state` returned; `reset` returns to it.

        Args:
            state: the JSON value; a hand-written one requires only connectors with their sessions.
            source: its name in error messages.

        Raises:
            InvalidDocumentError: `state` is not a state; the service keeps the one it has.
        """
        with self._lock:
            before = self._snapshots.export()
            try:
                self._snapshots.load(state, source=source)
            except ChimeFixturesError:
                self._snapshots.load(before, source=source)
                raise
            self._initial_state = state, source

    def reset(self) -> None:
        """Return to the state that was loaded last, or to none; remove calls, faults and canned responses."""
        with self._lock:
            state, source = self._initial_state
            self._snapshots.load(state, source=source)
            self._expectations = Expectations()
            self._journal.clear()
            self._problems.clear()

    def drain(self) -> tuple[tuple[ChimeFixturesError, ...], tuple[Expectation, ...]]:
        """Remove and return the errors that `handle` raised, and the unused faults, canned and recorded responses."""
        with self._lock:
            drained = tuple(self._problems), self._expectations.unused
            self._problems.clear()
            self._expectations.drain()
            return drained


def _context(clock: Clock, ids: Ids, policies: Policies, contract: Schema | None) -> Context:
    chime_contract = load_contract("ProxySession")
    session_contract = chime_contract if contract is None else Contract.of(contract)
    return Context(
        clock=clock,
        ids=ids,
        policies=policies,
        contract=session_contract,
        chime_contract=chime_contract,
        imitator=None if session_contract is chime_contract else Imitator(session_contract, ids.seed),
    )


def _handlers(context: Context, state: State) -> dict[str, Handler]:
    sessions, proxies = Sessions(context, state), Proxies(context, state)
    return {
        "CreateProxySession": sessions.create,
        "GetProxySession": sessions.get,
        "ListProxySessions": sessions.page,
        "UpdateProxySession": sessions.update,
        "DeleteProxySession": sessions.delete,
        "PutVoiceConnectorProxy": proxies.put,
        "GetVoiceConnectorProxy": proxies.get,
        "DeleteVoiceConnectorProxy": proxies.delete,
    }
