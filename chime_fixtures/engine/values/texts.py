"""What texts hold now and then that programs stumble on: at their start, somewhere, all over, or as all that they are.

A language takes of it what it has: a telephone number none, an identifier a slash, a name everything.
"""

from __future__ import annotations

import functools

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.values.choices import Choices

STARTS = ("=", "+", "-", "@", " ")
"""What a spreadsheet takes for a formula, and what a reader strips."""

FILLS = ("\u00e9", "\u8a9e", "\U0001f600")
"""What takes two, three and four bytes a character."""

PIECES = ('"', ",", "/%2F", "\r\n", "\\\t", "e\u0301", "<b>&'", "\x00", "..", "\u05d0\u202e", "\U0001f600")
"""What has a meaning in CSV, in logs, in HTML, in paths and in URLs; what combines, and what turns the text round."""

WHOLE = ("007", "null", "NaN", "..", "12345678901234567890")
"""What is read as something else than a text."""

LANDMARKS = (
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
"""Instants, dates and times at the ends of days, years, calendars and what machines hold them in."""

_FILLED = 8
"""So many characters of what a text is full of make it a hint that is repeated."""

_PLAIN = 2
"""So many texts of eight are plain."""


class Seasoning:
    """The ways in which a language's plain texts are made telling.

    Attributes:
        whole: what the texts are as a whole now and then.
        ways: how many ways there are to start and fill a text, plain ones among them; none in a narrow language.
    """

    def __init__(self, language: Language) -> None:
        pieces = [piece for piece in PIECES if _starts(language, piece)]
        self.whole = tuple(text for text in (WHOLE if pieces else LANDMARKS) if text in language)
        self._pieces = pieces
        self._starts = ("", *(start for start in STARTS if _starts(language, start)))
        fills = [fill for fill in FILLS if _starts(language, fill)]
        # The plainest come first, so that each part of it shrinks away.
        self._fills = (*[""] * max(len(fills), 1), *fills)
        telling = len(self._starts) * len(self._fills)
        self._plain = telling * _PLAIN // (8 - _PLAIN)
        self.ways = self._plain + telling if pieces else 0
        self._combinations = 2 ** len(pieces)

    def text(self, way: int, plain: str, source: Choices) -> str:
        """A plain text in one of the ways."""
        if way < self._plain:
            return plain
        fill, start = divmod(way - self._plain, len(self._starts))
        if self._fills[fill]:
            return self._starts[start] + self._fills[fill] * _FILLED
        chosen = source.integer(0, self._combinations - 1)
        added = "".join(piece for bit, piece in enumerate(self._pieces) if chosen >> bit & 1)
        return self._starts[start] + plain[:1] + added + plain[1:]


def _starts(language: Language, text: str) -> bool:
    """Whether a member can start with a text."""
    shortest = max(language.shortest or 0, len(text) + 1)
    lengths = language.lengths(shortest + 1)
    return bool(lengths) and lengths[-1] > len(text) and language.construct(lengths[-1], text + "A").startswith(text)


@functools.cache
def seasoning_of(language: Language) -> Seasoning:
    """The seasoning of a language, worked out once."""
    return Seasoning(language)
