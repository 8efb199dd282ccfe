"""The journal: one `Call` for each request, with its secrets redacted."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.faults import FaultSpec
from chime_fixtures.service.messages import Request, Response, TransportFault
from chime_fixtures.service.redaction import printable, redact_headers, redact_target

_ATTEMPT = re.compile(r"attempt=([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its response.

    Calls are equal if their operation, request and response are; attempt, library and header fields are not compared.

    Attributes:
        number: the number of the call, from 1.
        operation: the name of the operation; None if no operation matches the request.
        method: the HTTP method.
        path: the raw path, without the query.
        request: the parameters in the API's names: those of path, query and body; None if they could not be parsed.
        status: the status of the response; None if there was no response.
        error: the name of the error in the response; None for a success.
        message: the message of the error, or the reason why no operation matches.
        violations: the constraints that the request violates.
        fault: the fault that was applied, as `ChimeStub.fail` takes it.
        committed: True if the state may have changed.
        attempt: the client's attempt, from 1, by the SDK's own count.
        transport: the name of the adapter.
        target: the raw path and query.
        headers: the header fields, with names in lower case.
        body: the body of the response.
    """

    number: int
    operation: str | None
    method: str
    path: str
    request: Mapping[str, Any] | None = None
    status: int | None = None
    error: str | None = None
    message: str | None = None
    violations: tuple[Violation, ...] = ()
    fault: str | None = None
    committed: bool = False
    attempt: int = field(default=1, compare=False)
    transport: str = field(default="direct", compare=False)
    target: str = field(default="", compare=False, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    body: bytes = field(default=b"", repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the call as a JSON value."""
        members = {
            "number": self.number,
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "request": self.request,
            "status": self.status,
            "error": self.error,
            "message": self.message,
            "violations": [violation.as_dict() for violation in self.violations],
            "fault": self.fault,
            "committed": self.committed,
            "attempt": self.attempt,
            "transport": self.transport,
        }
        return {name: value for name, value in members.items() if value not in (None, [])}

    def __str__(self) -> str:
        name = self.operation or f"{self.method} {printable(self.path)}"
        outcome = "no response" if self.status is None else str(self.status)
        parts = [f"#{self.number} {name} attempt {self.attempt} -> {outcome}"]
        if self.error:
            parts.append(f"{self.error}: {self.message}")
        elif self.message:
            parts.append(self.message)
        if self.fault:
            parts.append(f"fault {self.fault!r}")
        if self.committed:
            parts.append("committed")
        return ", ".join(parts)


@dataclass(slots=True)
class Exchange:
    """A request that the service is handling: it collects the parts of a `Call`, without secrets.

    The journal keeps exchanges and not calls, because the fields of a frozen record take longer to set.
    """

    method: str
    path: str
    target: str
    headers: Mapping[str, str]
    transport: str
    operation: str | None = None
    parameters: dict[str, Any] | None = None
    status: int | None = None
    error: str | None = None
    message: str | None = None
    violations: tuple[Violation, ...] = ()
    fault: FaultSpec | None = None
    committed: bool = False
    body: bytes = b""

    @classmethod
    def of(cls, request: Request, path: str) -> Exchange:
        """Return the exchange of a request."""
        headers = redact_headers(request.headers)
        return cls(request.method, path, redact_target(request.target), headers, request.transport)

    def as_call(self, number: int) -> Call:
        """Return the finished exchange as a call."""
        return Call(
            number=number,
            operation=self.operation,
            method=self.method,
            path=self.path,
            request=self.parameters,
            status=self.status,
            error=self.error,
            message=self.message,
            violations=self.violations,
            fault=self.fault.text if self.fault else None,
            committed=self.committed,
            attempt=_attempt(self.headers),
            transport=self.transport,
            target=self.target,
            headers=self.headers,
            body=self.body,
        )


class Journal:
    """Every call, in the order of arrival.

    Args:
        listener: a function that is called with each new call.
        limit: the number of calls to keep, the latest ones; None keeps all.
    """

    def __init__(self, listener: Callable[[Call], None] | None = None, *, limit: int | None = None) -> None:
        self._exchanges: collections.deque[Exchange] = collections.deque(maxlen=limit)
        self._count = 0
        self._listener = listener

    def add(self, exchange: Exchange, response: Response | TransportFault | None) -> None:
        """Record a finished exchange with its response; None if there was none."""
        if isinstance(response, Response):
            exchange.status, exchange.body = response.status, response.body
        self._exchanges.append(exchange)
        self._count += 1
        if self._listener is not None:
            self._listener(exchange.as_call(self._count))

    @property
    def count(self) -> int:
        """The number of calls so far, those included that are no longer kept."""
        return self._count

    def clear(self) -> None:
        """Remove every call; the next one has the number 1."""
        self._exchanges.clear()
        self._count = 0

    def calls(self) -> tuple[Call, ...]:
        """Return the calls that are kept."""
        first = self._count - len(self._exchanges) + 1
        return tuple(exchange.as_call(number) for number, exchange in enumerate(self._exchanges, first))


def _attempt(headers: Mapping[str, str]) -> int:
    """The client's attempt by the header field ``amz-sdk-request``; 1 without one."""
    text = headers.get("amz-sdk-request")
    match = _ATTEMPT.search(text) if text else None
    return int(match[1]) if match else 1
