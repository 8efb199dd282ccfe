"""Errors of the engine, and the root of every error that is raised on purpose.

::

    EngineError
    ├── InvalidDocumentError          a file or text that is not a usable JSON document
    ├── UnknownNameError              a name that does not exist                      (also a LookupError)
    │   ├── SchemaNotFoundError       no schema of that name or at that pointer
    │   └── UnknownConstraintError    no constraint of that keyword or at that pointer
    ├── UnsupportedSchemaError        keywords, formats or references that are not supported
    ├── NoValueError                  a schema without a value
    │   ├── UnsatisfiableSchemaError  no value satisfies it: this is proved
    │   └── NoValueFoundError         no value was found before a limit ended the search
    ├── InvalidOptionError            an option with an invalid value                 (also a ValueError)
    └── MissingExtraError             an optional library is not installed            (also an ImportError)

`SchemaWarning` is the only warning: a schema has unknown keywords, or declares a location that no value reaches.

Errors carry the objects concerned and compose their message when it is printed, remedy included.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chime_fixtures.engine import pointer as json_pointer

MAX_NAMES_IN_MESSAGE = 60
"""Known names that a message lists."""


class EngineError(Exception):
    """The root of every error that is raised on purpose; `chime_fixtures.ChimeFixturesError` is the same class."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One unsupported keyword of a schema.

    Attributes:
        keyword: the keyword; ``schema`` for the schema as a whole.
        schema_pointer: its location: a JSON Pointer, with ``document#`` before it if it is not in the entry document.
        reason: the reason and the remedy, without a subject.
    """

    keyword: str
    schema_pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{json_pointer.display(self.schema_pointer)}: {self.keyword}: {self.reason}"


class UnsupportedSchemaError(EngineError):
    """The schema has keywords, formats or references that the engine does not support; `problems` lists them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"unsupported schema: {self.problems[0]}"
        head = f"unsupported schema, {len(self.problems)} problems:"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class NoValueError(EngineError):
    """A schema has no value, or none was found; `schema_pointer` is its location."""

    def __init__(self, schema_pointer: str, reason: str) -> None:
        super().__init__(schema_pointer, reason)
        self.schema_pointer = schema_pointer


class UnsatisfiableSchemaError(NoValueError):
    """No value satisfies the schema, which is proved; `clash` names the constraints that exclude each other."""

    def __init__(self, schema_pointer: str, clash: str) -> None:
        super().__init__(schema_pointer, clash)
        self.clash = clash

    def __str__(self) -> str:
        return f"no value satisfies the schema at {json_pointer.display(self.schema_pointer)}: {self.clash}"


class NoValueFoundError(NoValueError):
    """No value of the schema was found before a limit ended the search; `limit` is that limit, as ``48 alternatives``.

    It is possible that a value exists.
    """

    def __init__(self, schema_pointer: str, limit: str) -> None:
        super().__init__(schema_pointer, limit)
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"no value was found for the schema at {json_pointer.display(self.schema_pointer)}: "
            f"the search ended at the limit of {self.limit}; simplify the schema"
        )


class SchemaWarning(UserWarning):
    """A schema has parts that its values never contain, unknown keywords or formats, or the form of an older draft."""


class UnknownNameError(EngineError, LookupError):
    """A name does not exist; `name` is that name, and `known` lists those that do."""

    _noun: ClassVar[str] = "name"

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name, known)
        self.name = name
        self.known: tuple[str, ...] = tuple(known)

    def __str__(self) -> str:
        return f"unknown {self._noun} {self.name!r}" + did_you_mean(self.name, self.known)


class SchemaNotFoundError(UnknownNameError):
    """A schema does not exist under that name, or at that pointer."""

    _noun = "schema"


class UnknownConstraintError(UnknownNameError):
    """A contract has no constraint of a keyword, or at a pointer; `part` is ``keyword`` or ``pointer``."""

    def __init__(self, part: str, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(name, known)
        self.args = (part, name, self.known)
        self.part = part

    def __str__(self) -> str:
        return f"unknown {self.part} {self.name!r}{did_you_mean(self.name, self.known)}"


class InvalidDocumentError(EngineError):
    """A file or text is not a usable JSON document; `source` is its name, `reason` the rest of the sentence."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class InvalidOptionError(EngineError, ValueError):
    """An option has an invalid value; the message contains the option, its rule and the value."""


class MissingExtraError(EngineError, ImportError):
    """An optional library is not installed; `extra` is the extra that installs it."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library, extra)
        self.library = library
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.library} is not installed: pip install 'chime-fixtures[{self.extra}]'"


def first_line(error: BaseException) -> str:
    """The first line of a third-party error's message, or its type if the message is empty."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` with the closest known name; else ``; use one of`` with the known names."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; use one of {list_names(names)}" if names else ""


def list_names(names: Iterable[str]) -> str:
    """The names with commas; of more than 60 the first ones, and the number of the others."""
    known = list(names)
    others = len(known) - MAX_NAMES_IN_MESSAGE
    return ", ".join(known[:MAX_NAMES_IN_MESSAGE]) + (f" and {others} more" if others > 0 else "")
