"""Options for reading a schema: its dialect, custom formats, and keywords to ignore."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from chime_fixtures.engine.errors import InvalidOptionError, Problem, UnsupportedSchemaError
from chime_fixtures.engine.regex import FORMATS, Language, PatternError, valid_format_strings
from chime_fixtures.engine.regex.formats import invalid_format_strings
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_none
from chime_fixtures.engine.schema.dialects import RESPELLED, Dialect
from chime_fixtures.engine.schema.drafts import DRAFTS, draft_with
from chime_fixtures.engine.violation import quote

OPENAPI_FORMATS = frozenset({"int32", "int64", "float", "double", "byte", "binary", "password"})
"""Formats of OpenAPI, which validators do not assert."""


class SchemaArguments(TypedDict, total=False):
    """The options for reading a schema, as keyword arguments of every function that takes a schema.

    Attributes:
        formats: the pattern of a format by its name (ECMA 262, unanchored, as in `pattern`), or None to ignore the
            format.
        annotations: keywords to ignore without a warning, in addition to those that begin with ``x-``.
        dialect: the draft of a schema without `$schema`, as ``"draft 7"``; ``"auto"`` for draft 2020-12, or the newest
            older one if the schema has forms that only older ones assert.
        strict: True if unknown keywords and formats are errors.
    """

    formats: Mapping[str, str | None] | None
    annotations: Iterable[str]
    dialect: str
    strict: bool


class SchemaOptions:
    """The dialect of a schema, custom formats by name, and keywords to ignore.

    Args:
        formats: the pattern of a format by its name (ECMA 262, unanchored, as in `pattern`), or None to ignore the
            format.
        annotations: keywords that assert nothing.
        spellings: annotations with another spelling of the `pattern` beside them, as it was published: a value is valid
            only if every validator accepts it by that spelling too, and a violation that one accepts is contested.
        dialect: the dialect of documents without a known `$schema`: a dialect, its URI, or its name as ``"draft 7"``;
            ``"auto"`` for draft 2020-12, or the newest older one if the schema has forms that only older ones assert.
        strict: True if unknown keywords and formats are errors; otherwise they are annotations.

    Attributes:
        dialect: the dialect; None for ``"auto"``.

    Raises:
        UnsupportedSchemaError: a pattern is not supported.
        InvalidOptionError: the dialect is unknown.
    """

    def __init__(
        self,
        *,
        formats: Mapping[str, str | None] | None = None,
        annotations: Iterable[str] = (),
        spellings: Iterable[str] = (),
        dialect: Dialect | str = "auto",
        strict: bool = False,
    ) -> None:
        self.strict = strict
        self.dialect = dialect if isinstance(dialect, Dialect) else dialect_named(dialect)
        self.formats = dict(formats or {})
        self.annotations = frozenset(annotations)
        self.spellings = tuple(spellings)
        problems = []
        self.languages: dict[str, Language] = {}
        for name, pattern in self.formats.items():
            try:
                if pattern is not None:
                    self.languages[name] = matched_by_all(pattern)
            except PatternError as error:
                problems.append(Problem("format", name, f"{quote(pattern)} is not supported: {error.reason}"))
        if problems:
            raise UnsupportedSchemaError(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arguments alone: automata are compiled anew."""
        arguments = self.formats, self.annotations, self.spellings, self.dialect, self.strict
        return _options, arguments

    def without_spellings(self) -> SchemaOptions:
        """The same options, but for other spellings of patterns."""
        return _options(self.formats, self.annotations, (), self.dialect, self.strict)

    def with_dialect(self, dialect: Dialect, *, formats: Mapping[str, str | None]) -> SchemaOptions:
        """The same options with another dialect, and with its formats in addition."""
        return _options({**formats, **self.formats}, self.annotations, self.spellings, dialect, self.strict)

    def other_spellings(self, schema: Any) -> list[tuple[str, str]]:
        """The annotations of a schema that have another spelling of its pattern, with the spellings."""
        if not self.spellings or not isinstance(schema, dict) or RESPELLED not in schema:
            return []
        return [(name, schema[name]) for name in self.spellings if isinstance(schema.get(name), str)]

    def supports_format(self, name: str) -> bool:
        """True if strings of the format can be constructed, or it is known to assert nothing."""
        return name in self.formats or name in OPENAPI_FORMATS or valid_format_strings(name) is not None

    def format(self, name: str) -> Language | None:
        """The strings of a format; None if it is ignored."""
        return self.languages.get(name) if name in self.formats else valid_format_strings(name)

    def not_in_format(self, name: str) -> Language | None:
        """Strings that every engine rejects under a format; None if it is ignored."""
        if self.format(name) is None:
            return None
        pattern = self.formats.get(name)
        return invalid_format_strings(name) if pattern is None else matched_by_none(pattern)

    @staticmethod
    def explain_unknown_format(name: str) -> str:
        """The reason why a format is unsupported, and the remedy."""
        near = difflib.get_close_matches(name, sorted(FORMATS), n=1, cutoff=0.75)
        guess = f"did you mean {near[0]!r}? Otherwise " if near and near[0] != name else ""
        return (
            f"{name!r} is not supported; {guess}pass its pattern, or None to ignore the format, as "
            f"formats={{{name!r}: ...}}, or --format-pattern {name}=..."
        )


def _options(
    formats: Mapping[str, str | None],
    annotations: Iterable[str],
    spellings: Iterable[str],
    dialect: Dialect | None,
    strict: bool,
) -> SchemaOptions:
    return SchemaOptions(
        formats=formats, annotations=annotations, spellings=spellings, dialect=dialect or "auto", strict=strict
    )


def read_formats(assignments: Iterable[str]) -> dict[str, str | None]:
    """Custom formats from texts ``NAME=REGEX``; ``NAME=`` ignores the format.

    Raises:
        InvalidOptionError: a text has another form.
    """
    formats: dict[str, str | None] = {}
    for assignment in assignments:
        name, separator, pattern = assignment.partition("=")
        if not name or not separator:
            raise InvalidOptionError(f"{assignment!r} is not NAME=REGEX")
        formats[name] = pattern or None
    return formats


def dialect_named(name: str) -> Dialect | None:
    """The dialect with a name or URI: `draft 7`, `draft-07`, `7`, `2019-09`; None for `auto`.

    Raises:
        InvalidOptionError: the dialect is unknown.
    """
    if name == "auto":
        return None
    plain = name.removeprefix("draft").lstrip("- ").removeprefix("0")
    known = draft_with(name) or next((draft for draft in DRAFTS if draft.name == f"draft {plain}"), None)
    if known is None:
        names = ", ".join(draft.name.removeprefix("draft ") for draft in DRAFTS)
        raise InvalidOptionError(f"dialect must be auto, {names}, or the URI of one of them, not {name!r}")
    return known
