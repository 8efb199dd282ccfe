"""What the service was asked, one record a request; secrets are masked before they are kept."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.redaction import printable

_ATTEMPT = re.compile(r"attempt=([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what became of it. Two calls are equal if no client could tell them apart on the service's side.

    Attributes:
        number: counts from 1.
        operation: its name; None when no operation answers such a request.
        method: the HTTP method.
        path: the raw path, without the query.
        request: the input as the API names it: path and query members, and those of the body; None if unreadable.
        status: the status that was answered; None when there was no answer.
        error: the name of the error that was answered.
        message: its message, or what was unexpected.
        violations: what the request breaks.
        fault: the fault that it met, as it was spelled.
        committed: whether the state may have changed.
        attempt: which try of the client it is, by the SDK's own count.
        transport: the adapter that brought it.
        target: the raw path and query.
        headers: the header fields, names in lower case.
        body: the body that was answered.
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
        """The call as a JSON value."""
        told = {
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
        return {name: value for name, value in told.items() if value not in (None, [])}

    def __str__(self) -> str:
        what = self.operation or f"{self.method} {printable(self.path)}"
        outcome = "no answer" if self.status is None else str(self.status)
        parts = [f"#{self.number} {what} attempt {self.attempt} -> {outcome}"]
        if self.error:
            parts.append(f"{self.error}: {self.message}")
        elif self.message:
            parts.append(self.message)
        if self.fault:
            parts.append(f"fault {self.fault!r}")
        if self.committed:
            parts.append("committed")
        return ", ".join(parts)


class Journal:
    """Every call, in the order of arrival.

    They are kept as bare tuples, which the garbage collector learns to pass by, and become records when they are read.

    Args:
        listener: is told every call as it is noted.
        limit: how many of the last calls are kept; None keeps all.
    """

    def __init__(self, listener: Callable[[Call], None] | None = None, *, limit: int | None = None) -> None:
        self._rows: collections.deque[tuple[Any, ...]] = collections.deque(maxlen=limit)
        self._count = 0
        self._listener = listener

    def add(self, row: tuple[Any, ...]) -> None:
        """Note one call: the values of a `Call`'s fields from the second on, in their order."""
        self._rows.append(row)
        self._count += 1
        if self._listener is not None:
            self._listener(Call(self._count, *row))

    def clear(self) -> None:
        """Forget every call, and count from the first again."""
        self._rows.clear()
        self._count = 0

    def calls(self) -> tuple[Call, ...]:
        """The records."""
        first = self._count - len(self._rows) + 1
        return tuple(Call(number, *row) for number, row in enumerate(self._rows, first))


def attempt_of(headers: Mapping[str, str]) -> int:
    """Which try of the client this is, by the header field ``amz-sdk-request``; 1 without one."""
    text = headers.get("amz-sdk-request")
    found = _ATTEMPT.search(text) if text else None
    return int(found[1]) if found else 1
