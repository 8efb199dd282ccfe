"""Errors of the engine, and the root of every error that is raised on purpose.

::

    EngineError
    ├── InvalidDocumentError          a file or text that is not a usable JSON document
    ├── SchemaNotFoundError           no schema of that name or at that pointer       (also a LookupError)
    ├── UnsupportedSchemaError        keywords, formats or references that are not supported
    ├── UnsatisfiableSchemaError      a schema that no value satisfies
    ├── InvalidOptionError            an option with an invalid value                 (also a ValueError)
    ├── UnknownFormatError            no file format of that name, or it can't hold the data (also a ValueError)
    └── MissingExtraError             an optional library is not installed            (also an ImportError)

Errors carry the objects concerned and compose their message when it is printed, remedy included.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class EngineError(Exception):
    """The root of every error that is raised on purpose; `chime_fixtures.ChimeFixturesError` is the same class."""


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


class UnsupportedSchemaError(EngineError):
    """The schema asks for what the engine does not drive; every such place is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = "this schema cannot be driven" + ("" if count == 1 else f", for {count} reasons")
        return "\n".join([f"{head}:", *(f"  {problem}" for problem in self.problems)])


class UnsatisfiableSchemaError(EngineError):
    """No value satisfies the schema; `clash` names the constraints that exclude each other."""

    def __init__(self, schema_pointer: str, clash: str) -> None:
        super().__init__(schema_pointer, clash)
        self.schema_pointer = schema_pointer
        self.clash = clash

    def __str__(self) -> str:
        return f"no value satisfies the schema at {self.schema_pointer or '/'}: {self.clash}"


class SchemaNotFoundError(EngineError, LookupError):
    """There is no schema of that name, or none at that pointer."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"there is no schema {self.name!r}" + did_you_mean(self.name, self.known)


class InvalidDocumentError(EngineError):
    """A file or text is not the JSON document that was asked for; `source` names it, `reason` says why."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class InvalidOptionError(EngineError, ValueError):
    """An option has an invalid value: a policy, the clock, the signature mode, a fault's `times`, a locale, a job."""


class UnknownFormatError(EngineError, ValueError):
    """There is no such format of files, or it can't hold what is asked for."""


class MissingExtraError(EngineError, ImportError):
    """An optional library is not installed; `extra` is the name to install it by."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library, extra)
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.library} is not installed: pip install 'chime-fixtures[{self.extra}]'"


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
