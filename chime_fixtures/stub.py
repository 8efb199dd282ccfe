"""A fake Chime behind the clients of the code under test, with or without pytest::

    with ChimeStub() as stub:
        stub.add_session(session)
        ...

While a stub is active, dummy AWS keys and a region are set, and no request for Chime leaves the machine. Chime is
recognised by its hosts, and by the service model of an SDK's client, whatever its endpoint. Left alone are only a
running `ChimeServer` and the URLs of `ChimeStub.passthrough`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Collection, Mapping
from os import PathLike, fspath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from chime_fixtures.adapters.dispatch import DISPATCHER, Endpoint, claimed_urls, urls_below
from chime_fixtures.adapters.environment import ENVIRONMENT
from chime_fixtures.adapters.other_operations import other_operation
from chime_fixtures.chime.conventions import EPOCH
from chime_fixtures.chime.errors import UnmetExpectationError, is_kit_error
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.decorators import decorated
from chime_fixtures.engine.contract import Schema
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import Call, ChimeService, Clock, Ids, Policies
from chime_fixtures.service.signatures import Signatures
from chime_fixtures.types import OperationName

if TYPE_CHECKING:
    from chime_fixtures.adapters.requests import ChimeAdapter

__tracebackhide__ = is_kit_error

_Function = TypeVar("_Function", bound=Callable[..., Any])


class ChimeStub(ChimeService):
    """A service that responds to the requests of boto3, aiobotocore, requests and httpx while it is active.

    It is a context manager and a decorator. As a decorator it creates a stub with the same options for each call of the
    function, and passes it to a parameter named ``stub`` if there is one; generator functions and coroutine functions
    run in it until they have ended. Of a class, each test runs in its own stub, from its set-up to its tear-down; a
    `unittest.TestCase` has it as the attribute ``stub``. A fault or canned response that was used for fewer calls than
    planned, and a recorded response that was not sent, raises `UnmetExpectationError` when the stub is left.

    Args:
        seed: the seed of ids and proxy numbers.
        now: the instant at which the clock stands until it is advanced, or ``"system"`` to follow the system's clock.
        policies: the settings of undocumented rules.
        base_url: the URL of an imitator of Chime, whose requests are intercepted too.
        contract: the contract of the imitator's sessions: a contract, a JSON Schema, a file or a model, as for
            `Contract.of`. Sessions are converted to it: members that it does not allow are dropped, and members that it
            requires are generated from the seed.
        signatures: ``ignore`` accepts any request; ``present`` refuses unsigned ones, as AWS does; ``verify`` checks
            Signature Version 4, by the wall clock and the dummy keys that a stub sets.
        strict: True if a request that no operation matches, an unused fault and an unused canned response fail the
            test; otherwise such a request gets a 404 or 405.

    Raises:
        InvalidOptionError: `now`, `base_url` or `signatures` is invalid.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        now: dt.datetime | Literal["system"] = EPOCH,
        policies: Policies | None = None,
        base_url: str | None = None,
        contract: Schema | None = None,
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
        super().__init__(
            clock=Clock(now),
            ids=Ids(seed),
            policies=policies,
            contract=contract,
            signatures=signatures,
            strict=strict,
            other_operations=other_operation,
        )
        self._urls = claimed_urls(base_url)
        self._excluded: list[re.Pattern[str]] = []
        self._endpoint: Endpoint | None = None

    def calls_to(self, operation: OperationName) -> tuple[Call, ...]:
        """Return the calls of an operation so far, in the order of arrival, retries included.

        Raises:
            UnknownOperationError: the operation does not exist.
        """
        operation_named(operation)
        return tuple(call for call in self.calls if call.operation == operation)

    def assert_called_once(self, operation: OperationName, **parameters: Any) -> Call:
        """Assert that an operation was called exactly once, retries included, with these parameters; return the call.

        Raises:
            UnmetExpectationError: there was no such call, or more than one; the message lists all calls and the
                differences of the nearest one.
            UnknownOperationError: the operation does not exist.
        """
        return self.assert_called(operation, times=1, **parameters)[0]

    def assert_not_called(self, operation: OperationName, **parameters: Any) -> None:
        """Assert that an operation was not called with these parameters; without parameters, that it was not called.

        Raises:
            UnmetExpectationError: there was such a call; the message lists all calls.
            UnknownOperationError: the operation does not exist.
        """
        self.assert_called(operation, times=0, **parameters)

    def assert_called(
        self, operation: OperationName, *, times: int | None = None, **parameters: Any
    ) -> tuple[Call, ...]:
        """Assert that an operation was called with these parameters, retries included; return the calls.

        Args:
            operation: the name of the operation.
            times: the number of calls; None for at least one.
            parameters: parameters of the calls, in the API's names; others are not compared.

        Raises:
            UnmetExpectationError: the number of calls is another one; the message lists all calls, and the differences
                of the nearest one if there was no such call.
            UnknownOperationError: the operation does not exist.
        """
        candidates = self.calls_to(operation)
        matching = tuple(call for call in candidates if not _differences(call, parameters))
        if len(matching) != times if times is not None else not matching:
            number = "at least 1 call" if times is None else f"{times} call{'' if times == 1 else 's'}"
            expected = f"{operation}({', '.join(f'{name}={value!r}' for name, value in parameters.items())})"
            reason = f"expected {number} of {expected}, found {len(matching)}"
            if not matching and candidates:
                nearest = min(candidates, key=lambda call: len(_differences(call, parameters)))
                reason += f"; differences of the nearest call, #{nearest.number}: "
                reason += ", ".join(_differences(nearest, parameters))
            raise UnmetExpectationError(reason, self.calls)
        return matching

    def replay(self, path: str | PathLike[str], *, ignore: Collection[str] = ()) -> None:
        """Respond from a recording from now on, a VCR cassette (YAML, JSON) or a HAR file, instead of from the state.

        Each request gets the next response that was recorded for the same operation with the same parameters. A
        redacted value in the recording, such as ``REDACTED``, equals every value. A request that has no response left
        fails the test, and so does a recorded response that was not sent. Faults and canned responses take precedence.
        Several recordings follow one another.

        Args:
            path: the recording; exchanges with others than Chime and the `base_url` of the stub are left out.
            ignore: the names of parameters of requests that are not compared, in the API's names.

        Raises:
            InvalidDocumentError: the file cannot be read, is not a recording, lacks a body, or has no exchange with
                Chime.
        """
        from chime_fixtures.recordings.reading import read_recording
        from chime_fixtures.recordings.replay import as_messages

        exchanges = read_recording(fspath(path))
        if not self._add_recorded(list(as_messages(exchanges, self._urls)), ignore):
            reason = f"has no exchange with Chime among {len(exchanges)}; for an imitator, pass base_url to the stub"
            raise InvalidDocumentError(fspath(path), reason)

    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> ChimeServer:
        """Return a server in this process that serves this stub to others: a context manager with `.url` and `.env`.

        The stub need not be active. A request that no operation matches fails the test when the stub is left, as it
        does in process::

            with stub.serve() as server:
                subprocess.run([...], env={**os.environ, **server.env}, check=True)

        Args:
            host: a loopback address.
            port: the port; 0 for a free one.

        Raises:
            UnsafeAddressError: other machines can reach the address.
        """
        return ChimeServer(self, host=host, port=port)

    def passthrough(self, url: str) -> None:
        """Leave a URL and all URLs below it alone: their requests go to whatever was installed before the stub.

        Args:
            url: a URL like ``http://localhost:4566``; without a path, all URLs of that host and port.

        Raises:
            InvalidOptionError: `url` is not an HTTP URL, or has a query or a fragment.
        """
        self._excluded.append(re.compile(urls_below(url, "url")))

    def adapter(self) -> ChimeAdapter:
        """Return a transport for one session of requests; the stub need not be active::

        session.mount("https://", stub.adapter())
        """
        from chime_fixtures.adapters.requests import ChimeAdapter

        return ChimeAdapter(Endpoint(self, self._urls, self._excluded).claim)

    def __enter__(self) -> Self:
        if self._endpoint is not None:
            raise RuntimeError("this stub is already active; create another ChimeStub to nest them")
        endpoint = Endpoint(self, self._urls, self._excluded)
        ENVIRONMENT.acquire()
        try:
            DISPATCHER.push(endpoint)
        except BaseException:
            DISPATCHER.remove(endpoint)
            ENVIRONMENT.release()
            raise
        # Stored only while the stub is active: it refers to the stub, and a cycle would delay the stub's deletion.
        self._endpoint = endpoint
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        endpoint, self._endpoint = self._endpoint, None
        try:
            if endpoint is not None:
                DISPATCHER.remove(endpoint)
        finally:
            ENVIRONMENT.release()
        problems, unused = self.drain()
        if error is not None:
            for problem in problems:
                if problem is not error:
                    error.add_note(f"the stub raised earlier: {problem}")
        elif problems:
            raise problems[0]
        elif unused and self.strict and self.injected is None:
            # An injected change may keep the test from the calls that these were for.
            raise UnmetExpectationError("; ".join(f"unused {each}" for each in unused), self.calls)

    def __call__(self, function: _Function) -> _Function:
        """Return the function, each call of which runs in a new stub, or the class, each test of which does.

        Raises:
            TypeError: the stub would not be active while the body of `function` runs.
        """

        def new_stub() -> ChimeStub:
            stub = type(self)(**self._options)
            stub._excluded.extend(self._excluded)  # noqa: SLF001  # of the same class
            return stub

        return decorated(function, new_stub)


def _differences(call: Call, parameters: Mapping[str, Any]) -> list[str]:
    actual = call.request or {}
    return [
        f"{name} is {actual[name]!r}, not {value!r}" if name in actual else _absence(name, actual)
        for name, value in parameters.items()
        if name not in actual or actual[name] != value
    ]


def _absence(name: str, actual: Mapping[str, Any]) -> str:
    similar = difflib.get_close_matches(name, actual, n=1)
    return f"{name} is missing" + (f" (did you mean {similar[0]}?)" if similar else "")
