"""Errors of the kit, beside those of the engine that it re-exports.

::

    ChimeFixturesError                the root: `EngineError` of the engine
    ├── UnknownOperationError         no operation of that name                      (also a LookupError)
    ├── InvalidInstanceError          an override or a preloaded session that violates the contract (also a ValueError)
    ├── UnexpectedRequestError        a request that no operation matches            (also an AssertionError)
    │   └── UnrecordedRequestError    a request that a recording does not have
    ├── UninterceptedClientError      a client that the stub does not intercept      (also an AssertionError)
    ├── UnmetExpectationError         calls that differ from what the test expects   (also an AssertionError)
    ├── UnknownFaultError             no fault of that name                          (also a LookupError)
    ├── UnsafeAddressError            an address that other machines can reach       (also a ValueError)
    └── MissingOperationsError        a library without the operations               (also an ImportError)

`UnknownMemberWarning` is the only warning: a preloaded value has a member that resembles one of the contract.

In its reports of these errors, pytest omits the frames of modules whose ``__tracebackhide__`` is `is_kit_error`, so
that a traceback ends in the code of the test.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chime_fixtures.engine.errors import EngineError, UnknownNameError
from chime_fixtures.engine.violation import Violation

ChimeFixturesError = EngineError
"""The root of every error that is raised on purpose."""


class UnknownOperationError(UnknownNameError):
    """The API has no operation of that name; `known` lists the known names."""

    _noun = "operation"


class InvalidInstanceError(ChimeFixturesError, ValueError):
    """A value of the caller violates the contract; `subject` describes the value, `violations` lists each violation."""

    def __init__(self, subject: str, violations: Sequence[Violation], remedy: str) -> None:
        super().__init__(subject, violations, remedy)
        self.subject = subject
        self.violations: tuple[Violation, ...] = tuple(violations)
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.subject}: {'; '.join(violation.summary for violation in self.violations)}; {self.remedy}"


class UnknownMemberWarning(UserWarning):
    """A preloaded value has a member that the contract does not have, with the name of one that it has misspelt."""


class UnexpectedRequestError(ChimeFixturesError, AssertionError):
    """No operation of the API matches a request.

    `nearest` lists similar operations, `allowed` the methods for which the path matches one. `operation` is the name of
    an operation of AWS that matches, with its service, and that is not one on proxy sessions.
    """

    def __init__(
        self,
        method: str,
        target: str,
        nearest: Sequence[str] = (),
        allowed: Sequence[str] = (),
        operation: str | None = None,
    ) -> None:
        super().__init__(method, target, nearest, allowed, operation)
        self.operation = operation
        self.method = method
        self.target = target
        self.nearest: tuple[str, ...] = tuple(nearest)
        self.allowed: tuple[str, ...] = tuple(allowed)

    def __str__(self) -> str:
        if self.operation is not None:
            text = f"the stub does not have {self.operation} ({self.method} {self.target})"
            return f"{text}, only the operations on proxy sessions; replace that method of the client in the test"
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"no Chime operation matches {self.method} {self.target}{hint}"


class UnrecordedRequestError(UnexpectedRequestError):
    """A recording has no response left for a request of `operation`; `reason` names the nearest recorded request."""

    def __init__(self, method: str, target: str, operation: str, reason: str) -> None:
        super().__init__(method, target, operation=operation)
        self.args = (method, target, operation, reason)
        self.reason = reason

    def __str__(self) -> str:
        text = f"{self.operation} ({self.method} {self.target}) is not in the recording"
        return f"{text}: {self.reason}; record it again, or change the request"


class UninterceptedClientError(ChimeFixturesError, AssertionError):
    """A client that the stub does not intercept has tried to resolve `host`, which is Chime's; nothing was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return (
            f"a client that the stub does not intercept resolves {self.host}; direct it to the URL of stub.serve(), "
            "or call stub.passthrough() to let it connect"
        )


class UnmetExpectationError(ChimeFixturesError, AssertionError):
    """The calls of a stub are not those that the test expected; `reason` has the difference, `calls` all calls."""

    def __init__(self, reason: str, calls: Sequence[object] = ()) -> None:
        super().__init__(reason, calls)
        self.reason = reason
        self.calls: tuple[object, ...] = tuple(calls)

    def __str__(self) -> str:
        lines = [f"  {line}" for line in list_calls(self.calls).splitlines()]
        return "\n".join([f"{self.reason}; {'calls:' if lines else 'there were no calls'}", *lines])


class UnknownFaultError(UnknownNameError):
    """No fault has that name, or it does not apply to `operation`; `known` lists the known names."""

    _noun = "fault"

    def __init__(self, name: str, known: Iterable[str] = (), operation: str | None = None) -> None:
        super().__init__(name, known)
        self.args = (name, known, operation)
        self.operation = operation

    def __str__(self) -> str:
        if self.operation is not None:
            return f"the fault {self.name!r} does not apply to {self.operation}"
        return super().__str__()


class UnsafeAddressError(ChimeFixturesError, ValueError):
    """A server would listen on an address, `host`, that other machines can reach."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return f"other machines can reach {self.host}; to allow that, pass public=True (--public)"


class MissingOperationsError(ChimeFixturesError, ImportError):
    """An installed SDK lacks the operations of proxy sessions; `last_good` is the last version known to have them."""

    def __init__(self, library: str, version: str, last_good: str) -> None:
        super().__init__(library, version, last_good)
        self.library = library
        self.version = version
        self.last_good = last_good

    def __str__(self) -> str:
        text = f"{self.library} {self.version} has no operations on proxy sessions"
        return f"{text}; install the last version that has them: pip install '{self.library}<={self.last_good}'"


def is_kit_error(excinfo: Any) -> bool:
    """True if the exception that pytest reports is one of this package."""
    return isinstance(excinfo.value, ChimeFixturesError)


def list_calls(calls: Sequence[object], maximum: int = 40) -> str:
    """The last calls, one a line, after a line with the number of earlier ones."""
    lines = [str(call) for call in calls[-maximum:]]
    if len(calls) > maximum:
        earlier = len(calls) - maximum
        lines.insert(0, f"... {earlier} earlier call{'' if earlier == 1 else 's'}")
    return "\n".join(lines)
