"""Hazardous strings (formula injection, CSV and HTML syntax, bidi, NUL), used as prefix, infix, filler or whole value.

A hazard is used if the language contains it: none in a telephone number, a slash in an identifier, all in free text.
"""

from __future__ import annotations

import functools

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.values.choices import Choices

PREFIXES = ("=", "+", "-", "@", " ")
"""Characters that make a spreadsheet read a formula, and a space that parsers strip."""

FILLERS = ("\u00e9", "\u8a9e", "\U0001f600")
"""Characters of two, three and four bytes in UTF-8."""

INFIXES = ('"', ",", "/%2F", "\r\n", "\\\t", "e\u0301", "<b>&'", "\x00", "..", "\u05d0\u202e", "\U0001f600")
"""Syntax of CSV, logs, HTML, paths and URLs; combining characters; characters that reverse the direction of text."""

WHOLE_VALUES = ("007", "null", "NaN", "..", "12345678901234567890")
"""Strings that programs convert to another type."""

BOUNDARY_TIMESTAMPS = (
    "2024-02-29T23:59:59Z",
    "2023-12-31T23:30:00.25-01:00",
    "2038-01-19T03:14:08Z",
    "2026-03-29T01:30:00.000001+01:00",
    "1999-12-31T23:59:59.999999999Z",
    "1969-12-31T23:59:59.9Z",
    "1582-10-15T00:00:00.1234+14:00",
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z",
    "2024-02-29",
    "1900-02-28",
    "2038-01-19",
    "9999-12-31",
    "0001-01-01",
    "23:59:59.999999999-12:00",
    "00:00:00Z",
)
"""Date-times, dates and times at the ends of days, years, calendars and machine representations."""

_FILLER_REPETITIONS = 8
"""A filler is repeated to make a template that is itself repeated."""

_PLAIN_EIGHTHS = 2
"""Eighths of the texts that contain no hazard."""


class TextHazards:
    """The hazards of one language, and the variants of a text that contain them.

    Attributes:
        whole_values: hazardous strings of the language.
        variants: the number of variants, plain ones included; zero for a language without infixes.
    """

    def __init__(self, language: Language) -> None:
        infixes = [infix for infix in INFIXES if _has_prefix(language, infix)]
        whole_values = WHOLE_VALUES if infixes else BOUNDARY_TIMESTAMPS
        self.whole_values = tuple(text for text in whole_values if text in language)
        self._infixes = infixes
        self._prefixes = ("", *(prefix for prefix in PREFIXES if _has_prefix(language, prefix)))
        fillers = [filler for filler in FILLERS if _has_prefix(language, filler)]
        # Plain ones come first, so that each part of a hazard shrinks away.
        self._fillers = (*[""] * max(len(fillers), 1), *fillers)
        hazardous = len(self._prefixes) * len(self._fillers)
        self._plain = hazardous * _PLAIN_EIGHTHS // (8 - _PLAIN_EIGHTHS)
        self.variants = self._plain + hazardous if infixes else 0
        self._combinations = 2 ** len(infixes)

    def text(self, variant: int, plain: str, choices: Choices) -> str:
        """A variant of a plain text."""
        if variant < self._plain:
            return plain
        filler, prefix = divmod(variant - self._plain, len(self._prefixes))
        if self._fillers[filler]:
            return self._prefixes[prefix] + self._fillers[filler] * _FILLER_REPETITIONS
        combination = choices.integer(0, self._combinations - 1)
        infix = "".join(each for bit, each in enumerate(self._infixes) if combination >> bit & 1)
        return self._prefixes[prefix] + plain[:1] + infix + plain[1:]


def _has_prefix(language: Language, text: str) -> bool:
    """True if a string of the language can begin with a text."""
    shortest = max(language.shortest or 0, len(text) + 1)
    lengths = language.lengths(shortest + 1)
    return bool(lengths) and lengths[-1] > len(text) and language.construct(lengths[-1], text + "A").startswith(text)


@functools.cache
def text_hazards(language: Language) -> TextHazards:
    """The hazards of a language, computed once."""
    return TextHazards(language)
