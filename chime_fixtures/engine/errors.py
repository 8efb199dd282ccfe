"""Every way the kit can fail.

::

    ChimeFixturesError
    ├── InvalidDocumentError          a file or text that is no JSON document we can take
    ├── SchemaNotFoundError           no schema of that name or at that pointer      (also a LookupError)
    ├── UnknownOperationError         no operation of that name                      (also a LookupError)
    ├── UnsupportedSchemaError        keywords, formats, references that are not driven
    ├── UnsatisfiableSchemaError      a schema that no value satisfies
    ├── InvalidInstanceError          an override or a preloaded session that breaks the contract
    ├── UnexpectedRequestError        a request that the stub has no answer for      (also an AssertionError)
    ├── UnmetExpectationError         the calls are not what the test asked for      (also an AssertionError)
    ├── UnknownFaultError             no fault of that name                          (also a LookupError)
    ├── UnknownSettingError           the stub can't be set like that             (also a ValueError)
    ├── UnknownFormatError            no format of that name, or it can't hold that  (also a ValueError)
    ├── UnknownWishError              realistic sessions can't be as is asked        (also a ValueError)
    ├── UnsafeAddressError            an address that others can reach, not asked for twice (also a ValueError)
    ├── MissingOperationsError        a library that has lost the operations         (also an ImportError)
    └── MissingExtraError             an optional library is not installed           (also an ImportError)

Errors carry the objects they speak of and compose their message late, remedy included.

Where pytest tells one of them, it leaves out the frames of modules whose ``__tracebackhide__`` is `is_ours`: what the
reader can mend is in a line of theirs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.engine.violation import Violation


class ChimeFixturesError(Exception):
    """The root of every error that the kit raises on purpose."""


def is_ours(excinfo: Any) -> bool:
    """Whether the exception that pytest is about to show was raised by the kit on purpose."""
    return isinstance(excinfo.value, ChimeFixturesError)


@dataclass(frozen=True, slots=True)
class Problem:
    """One place of a schema that the engine refuses."""

    keyword: str
    """The keyword, or the name of the format or reference, that is refused."""

    schema_pointer: str
    """Where it stands: a JSON Pointer into the document, behind ``document#`` when it is not the first one."""

    remedy: str
    """What to do about it, as half a sentence."""

    def __str__(self) -> str:
        return f"{self.schema_pointer or '/'}: {self.keyword}: {self.remedy}"


class UnsupportedSchemaError(ChimeFixturesError):
    """The schema asks for what the engine does not drive; every such place is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = "this schema cannot be driven" + ("" if count == 1 else f", for {count} reasons")
        return "\n".join([f"{head}:", *(f"  {problem}" for problem in self.problems)])


class UnsatisfiableSchemaError(ChimeFixturesError):
    """No value satisfies the schema; `clash` names the constraints that exclude each other."""

    def __init__(self, schema_pointer: str, clash: str) -> None:
        super().__init__(schema_pointer, clash)
        self.schema_pointer = schema_pointer
        self.clash = clash

    def __str__(self) -> str:
        return f"no value satisfies the schema at {self.schema_pointer or '/'}: {self.clash}"


class SchemaNotFoundError(ChimeFixturesError, LookupError):
    """There is no schema of that name, or none at that pointer."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"there is no schema {self.name!r}" + did_you_mean(self.name, self.known)


class UnknownOperationError(ChimeFixturesError, LookupError):
    """The API has no operation of that name."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"there is no operation {self.name!r}" + did_you_mean(self.name, self.known)


class InvalidDocumentError(ChimeFixturesError):
    """A file or text is not the JSON document that was asked for; `source` names it, `reason` says why."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


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


class UnknownSettingError(ChimeFixturesError, ValueError):
    """Something can't be set like that: a policy, a clock, a way to take signatures, the calls of a fault, a job."""


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


class UnknownFormatError(ChimeFixturesError, ValueError):
    """There is no such format of files, or it can't hold what is asked for."""


class UnknownWishError(ChimeFixturesError, ValueError):
    """Realistic sessions can't be as is asked: a locale without names, an unknown state, instants out of order."""


class MissingExtraError(ChimeFixturesError, ImportError):
    """An optional library is not installed; `extra` is the name to install it by."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library, extra)
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.library} is not installed: pip install 'chime-fixtures[{self.extra}]'"


def listed(calls: Sequence[object], most: int = 40) -> str:
    """The calls, one a line; of very many the last ones, and how many came before."""
    lines = [str(call) for call in calls[-most:]]
    if len(calls) > most:
        lines.insert(0, f"... {len(calls) - most} calls before these")
    return "\n".join(lines)


def first_line(error: Exception) -> str:
    """What an error of somebody else's says, in one line; its type, where it says nothing."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the nearest of the known names, or the known names themselves, or nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(names)}" if names else ""
