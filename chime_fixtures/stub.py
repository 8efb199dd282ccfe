"""A Chime that answers, behind the clients that the code under test uses; it needs no pytest::

    with ChimeStub() as stub:
        stub.add_session(session)
        ...

While it is in force, dummy AWS keys and a region are set and no request for Chime leaves the machine. It can't reach
a client that was sent to another host by `endpoint_url` (see `base_url`), nor one that asks for a profile by name.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from chime_fixtures.adapters.dispatch import DISPATCHER, Endpoint, claimed_urls
from chime_fixtures.adapters.environment import ENVIRONMENT
from chime_fixtures.chime.errors import UnmetExpectationError, is_ours
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import Call, ChimeService, Clock, Ids, Policies
from chime_fixtures.service.clock import EPOCH
from chime_fixtures.service.signatures import Signatures

if TYPE_CHECKING:
    from chime_fixtures.adapters.requests import ChimeAdapter

__tracebackhide__ = is_ours

_Function = TypeVar("_Function", bound=Callable[..., Any])


class ChimeStub:
    """A context manager, and a decorator, that puts a service behind requests and boto3.

    As a decorator it enters a fresh stub with the same options for each call; a parameter named ``stub`` is given it.

    Args:
        seed: ids and proxy numbers are functions of it.
        now: the instant at which the clock stands until it is advanced, or ``"system"`` to follow the system's.
        policies: the rules that nobody documented.
        base_url: the host and path of a service that imitates this one; it is answered too.
        contract: what a session of the imitator has to be, a contract or a JSON Schema. Ours take its shape: what it
            does not know is left out, and what it asks for besides is made up from the seed.
        signatures: ``ignore`` takes any request; ``present`` refuses unsigned ones as AWS does; ``verify`` holds each
            against Signature Version 4, by the wall clock, with the dummy keys that a stub lends.
        strict: whether a request that no operation answers, and a fault or chosen answer that was not used, fail the
            test. Without it the first is a 404 or 405.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        now: dt.datetime | Literal["system"] = EPOCH,
        policies: Policies | None = None,
        base_url: str | None = None,
        contract: Contract | dict[str, Any] | None = None,
        signatures: Signatures = "ignore",
        strict: bool = True,
    ) -> None:
        self._options: dict[str, Any] = {
            "seed": seed,
            "now": now,
            "policies": policies,
            "base_url": base_url,
            "contract": contract,
            "signatures": signatures,
            "strict": strict,
        }
        self._ids = Ids(seed)
        self.clock = Clock(now)
        self.service = ChimeService(
            clock=self.clock,
            ids=self._ids,
            policies=policies,
            contract=contract,
            signatures=signatures,
            strict=strict,
        )
        self._endpoint = Endpoint(self.service, claimed_urls(base_url))
        self._is_active = False

    @functools.cached_property
    def connector_id(self) -> str:
        """The id of a Voice Connector that exists under every policy."""
        connector_id = self._ids.connector_id()
        self.service.add_connector(connector_id)
        return connector_id

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in the order of arrival."""
        return self.service.calls

    @property
    def sessions(self) -> tuple[dict[str, Any], ...]:
        """A copy of every stored session as it is now, by connector, in the order of creation."""
        return self.service.sessions

    def add_session(
        self, session: Mapping[str, Any], *, connector: str | None = None, check: bool = True
    ) -> dict[str, Any]:
        """Preload a session; the stored one is returned.

        An id that it lacks is added. An open session whose minutes are over already lives them from now.

        Args:
            session: the session, in the form of the wire.
            connector: the connector to file it under, instead of its own VoiceConnectorId or, without one, the stub's.
            check: whether it has to fulfil the contract.

        Raises:
            InvalidInstanceError: it breaks the contract.
        """
        if connector is None and "VoiceConnectorId" not in session:
            connector = self.connector_id
        return self.service.add_session(session, connector=connector, check=check)

    def add_connector(self, connector_id: str, *, proxy: Mapping[str, Any] | None = None) -> None:
        """Preload a Voice Connector.

        Args:
            connector_id: its id.
            proxy: its proxy configuration, with the member names of PutVoiceConnectorProxy.

        Raises:
            InvalidInstanceError: the configuration breaks the contract.
        """
        self.service.add_connector(connector_id, proxy=proxy)

    def fail(
        self,
        fault: str,
        *,
        operation: str | None = None,
        times: int | None = 1,
        after: int = 0,
        commit: bool | None = None,
    ) -> None:
        """Plan a fault; one that is not used as planned fails the test on leaving.

        A request that breaks the contract gets its 400 and uses no fault up.

        Args:
            fault: ``error:NotFound``, ``throttle``, ``timeout``, ``lost-answer``, ``body:cut`` and so on:
                `chime_fixtures.service.faults` has the table.
            operation: the operation it waits for; by default every one that can have it.
            times: for how many calls; None for every one from then on.
            after: how many calls pass before the first.
            commit: whether the service does its work first, where the fault itself does not say.

        Raises:
            UnknownFaultError: there is no such fault, or the operation can't have it.
            UnknownOperationError: there is no such operation.
        """
        self.service.fail(fault, operation=operation, times=times, after=after, commit=commit)

    def answer(self, operation: str, chosen: Violation | Any, *, times: int | None = None) -> None:
        """Choose what an operation answers, whether it fulfils the contract or not; the state is left alone.

        An answer that is not asked for as planned fails the test on leaving, as a fault does.

        Args:
            operation: the operation.
            chosen: a session, or a `Violation` of one, which is put into the operation's answer (a list of them for
                ListProxySessions), or the whole answer.
            times: for how many calls, in the order in which they were chosen; None for all that come after those.

        Raises:
            UnknownOperationError: there is no such operation.
            UnknownFaultError: the operation answers with an empty body.
        """
        self.service.answer(operation, chosen, times=times)

    def assert_called_once(self, operation: str, **members: Any) -> Call:
        """Assert that one request, retries included, came for an operation with these members, and return it.

        Raises:
            UnmetExpectationError: none came, or several; the message shows them and the nearest one's difference.
            UnknownOperationError: there is no such operation.
        """
        operation_named(operation)
        of_operation = [call for call in self.calls if call.operation == operation]
        found = [call for call in of_operation if not _differences(call, members)]
        if len(found) != 1:
            wanted = f"{operation}({', '.join(f'{name}={value!r}' for name, value in members.items())})"
            text = f"{wanted} was to be called once, and was called {len(found)} times"
            if not found and of_operation:
                nearest = min(of_operation, key=lambda call: len(_differences(call, members)))
                text += f"; the nearest call, #{nearest.number}, has {', '.join(_differences(nearest, members))}"
            raise UnmetExpectationError(text, self.calls)
        return found[0]

    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> ChimeServer:
        """A server in this process that shows this stub to others: a context manager with `.url` and `.env`.

        What it can't answer fails the test on leaving the stub, as in process; the stub itself need not be in force::

            with stub.serve() as server:
                subprocess.run([...], env={**os.environ, **server.env}, check=True)

        Args:
            host: a loopback address.
            port: the port; 0 takes a free one.

        Raises:
            UnsafeAddressError: other machines could reach the address.
        """
        return ChimeServer(self.service, host=host, port=port)

    def adapter(self) -> ChimeAdapter:
        """A transport for one session of requests; the stub need not be in force::

        session.mount("https://", stub.adapter())
        """
        from chime_fixtures.adapters.requests import ChimeAdapter

        return ChimeAdapter(self._endpoint.claim)

    def __enter__(self) -> Self:
        if self._is_active:
            raise RuntimeError("this stub is in force already: make another one to nest")
        ENVIRONMENT.acquire()
        try:
            DISPATCHER.push(self._endpoint)
        except BaseException:
            DISPATCHER.remove(self._endpoint)
            ENVIRONMENT.release()
            raise
        self._is_active = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_active = False
        try:
            DISPATCHER.remove(self._endpoint)
        finally:
            ENVIRONMENT.release()
        problems, unused = self.service.settle()
        if error is not None:
            for problem in problems:
                if problem is not error:
                    error.add_note(f"the stub had raised before: {problem}")
        elif problems:
            raise problems[0]
        elif unused and self.service.strict:
            planned = "; ".join(map(str, unused))
            raise UnmetExpectationError(f"not all was used as planned: {planned}", self.calls)

    def __call__(self, function: _Function) -> _Function:
        """Run each call of the function inside a fresh stub."""
        if not inspect.isroutine(function):
            raise TypeError(f"a stub decorates functions, not {function!r}")
        signature = inspect.signature(function)
        takes_stub = "stub" in signature.parameters

        def entered() -> tuple[ChimeStub, dict[str, Any]]:
            stub = type(self)(**self._options)
            return stub, {"stub": stub} if takes_stub else {}

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            stub, extra = entered()
            with stub:
                return function(*args, **kwargs, **extra)

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            stub, extra = entered()
            with stub:
                return await function(*args, **kwargs, **extra)

        wrapper: Any = call_async if inspect.iscoroutinefunction(function) else call
        # Test runners must not take the parameter for a fixture of theirs.
        visible = [parameter for name, parameter in signature.parameters.items() if name != "stub"]
        wrapper.__signature__ = signature.replace(parameters=visible)
        return wrapper  # type: ignore[no-any-return]  # the wrapper of a function passes for it


def _differences(call: Call, members: Mapping[str, Any]) -> list[str]:
    request = call.request or {}
    return [
        f"{name}={request[name]!r} instead of {value!r}" if name in request else _lacking(name, request)
        for name, value in members.items()
        if name not in request or request[name] != value
    ]


def _lacking(name: str, request: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, request, n=1)
    return f"no {name} but {near[0]}" if near else f"no {name}"
