"""Errors of the kit, beside those of the engine that it re-exports.

::

    ChimeFixturesError                the root: `EngineError` of the engine
    ├── UnknownOperationError         no operation of that name                      (also a LookupError)
    ├── InvalidInstanceError          an override or a preloaded session that violates the contract (also a ValueError)
    ├── UnexpectedRequestError        a request that no operation matches            (also an AssertionError)
    ├── UnmetExpectationError         calls that differ from what the test expects   (also an AssertionError)
    ├── UnknownFaultError             no fault of that name                          (also a LookupError)
    ├── UnsafeAddressError            an address that other machines can reach       (also a ValueError)
    └── MissingOperationsError        a library without the operations               (also an ImportError)

Where pytest reports one of them, it leaves out the frames of modules whose ``__tracebackhide__`` is `is_ours`: the
reader can change only lines of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chime_fixtures.engine.errors import EngineError, did_you_mean
from chime_fixtures.engine.violation import Violation

ChimeFixturesError = EngineError
"""The root of every error that is raised on purpose."""


class UnknownOperationError(ChimeFixturesError, LookupError):
    """The API has no operation of that name."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"there is no operation {self.name!r}" + did_you_mean(self.name, self.known)


class InvalidInstanceError(ChimeFixturesError, ValueError):
    """A value given by the caller breaks the contract; `violations` says where."""

    def __init__(self, what: str, violations: Sequence[Violation], remedy: str) -> None:
        super().__init__(what, violations, remedy)
        self.what = what
        self.violations: tuple[Violation, ...] = tuple(violations)
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}: {'; '.join(violation.summary for violation in self.violations)}; {self.remedy}"


class UnexpectedRequestError(ChimeFixturesError, AssertionError):
    """A request came for which the API has no operation.

    `nearest` lists what it may have meant, `allowed` the methods that its path has operations for.
    """

    def __init__(self, method: str, target: str, nearest: Sequence[str] = (), allowed: Sequence[str] = ()) -> None:
        super().__init__(method, target, nearest, allowed)
        self.method = method
        self.target = target
        self.nearest: tuple[str, ...] = tuple(nearest)
        self.allowed: tuple[str, ...] = tuple(allowed)

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"no Chime operation answers {self.method} {self.target}{hint}"


class UnmetExpectationError(ChimeFixturesError, AssertionError):
    """The calls that a stub saw are not what the test asked for; `expected` says what was, `calls` are all."""

    def __init__(self, expected: str, calls: Sequence[object] = ()) -> None:
        super().__init__(expected, calls)
        self.expected = expected
        self.calls: tuple[object, ...] = tuple(calls)

    def __str__(self) -> str:
        seen = "\n".join(f"  {line}" for line in listed(self.calls).splitlines()) or "  none"
        return f"{self.expected}; the calls were:\n{seen}"


class UnknownFaultError(ChimeFixturesError, LookupError):
    """There is no fault of that name, or the operation can't have it."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"there is no fault {self.name!r}" + did_you_mean(self.name, self.known)


class UnsafeAddressError(ChimeFixturesError, ValueError):
    """A server was to listen at an address that other machines may reach; `host` is that."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return f"{self.host} can be reached by other machines: ask for public (--public) too, if that is what you want"


class MissingOperationsError(ChimeFixturesError, ImportError):
    """An installed SDK does not have the operations any more; `last_good` is the last version known to have them."""

    def __init__(self, library: str, version: str, last_good: str) -> None:
        super().__init__(library, version, last_good)
        self.library = library
        self.version = version
        self.last_good = last_good

    def __str__(self) -> str:
        text = f"{self.library} {self.version} has no operations on proxy sessions"
        return f"{text}: pip install '{self.library}<={self.last_good}', the last version known to have them"


def is_ours(excinfo: Any) -> bool:
    """Whether the exception that pytest is about to show was raised by the kit on purpose."""
    return isinstance(excinfo.value, ChimeFixturesError)


def listed(calls: Sequence[object], most: int = 40) -> str:
    """The calls, one a line; of very many the last ones, and how many came before."""
    lines = [str(call) for call in calls[-most:]]
    if len(calls) > most:
        lines.insert(0, f"... {len(calls) - most} calls before these")
    return "\n".join(lines)
