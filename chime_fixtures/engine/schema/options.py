"""What the author of a schema says beyond it: formats of their own, and words that assert nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from chime_fixtures.engine.errors import Problem, UnsupportedSchemaError
from chime_fixtures.engine.regex import FORMATS, Language, PatternError, valid_format_strings
from chime_fixtures.engine.regex.patterns import matched_by_all


class SchemaOptions:
    """Formats by name, and annotations.

    Args:
        formats: a format's name with its pattern (ECMA 262, found anywhere as `pattern` is), or with None where the
            format is to be passed over.
        annotations: keywords that assert nothing.

    Raises:
        UnsupportedSchemaError: a pattern can't be driven.
    """

    def __init__(self, *, formats: Mapping[str, str | None] | None = None, annotations: Iterable[str] = ()) -> None:
        self.formats = dict(formats or {})
        self.annotations = frozenset(annotations)
        problems = []
        self.languages: dict[str, Language] = {}
        for name, pattern in self.formats.items():
            try:
                if pattern is not None:
                    self.languages[name] = matched_by_all(pattern)
            except PatternError as error:
                problems.append(Problem("format", name, f"{pattern!r} can't be driven: {error.reason}"))
        if problems:
            raise UnsupportedSchemaError(problems)

    def supports_format(self, name: str) -> bool:
        """Whether values of a format can be made, or it is passed over."""
        return name in self.formats or valid_format_strings(name) is not None

    def format(self, name: str) -> Language | None:
        """The values of a format; None where it is passed over."""
        return self.languages.get(name) if name in self.formats else valid_format_strings(name)

    @staticmethod
    def remedy(name: str) -> str:
        """What to do about a format that is not known."""
        near = difflib.get_close_matches(name, sorted(FORMATS), n=1, cutoff=0.75)
        meant = f"did you mean {near[0]!r}? Else " if near and near[0] != name else ""
        return (
            f"{name!r} is not driven; {meant}give its pattern, or None to pass it over, in "
            f"formats={{{name!r}: ...}}, or --format-pattern {name}=..."
        )
