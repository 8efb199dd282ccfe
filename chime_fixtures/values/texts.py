"""What texts hold now and then that programs stumble on: at their start, somewhere, all over, or as all that they are.

A language takes of it what it has: a telephone number none, an identifier a slash, a name everything.
"""

from __future__ import annotations

import functools

from chime_fixtures.languages import Language

STARTS = ("=", "+", "-", "@", " ", "0")
"""What a spreadsheet takes for a formula, what a reader strips, and what a number loses."""

FILLS = ("\u00e9", "\u8a9e", "\U0001f600", "e\u0301", "\u05d0", "\u202e")
"""Two, three and four bytes a character; combined; from right to left, and turned round."""

PIECES = ('"', "'", ",", "\r\n", "\t", "<b>&", "/", "%2F", "..", "\\", "\U0001f600", "\x00")
"""What has a meaning in CSV, in logs, in HTML, in paths and in URLs, and what takes two units of UTF-16."""

WHOLE = ("null", "true", "007", "1e3", "NaN", "..", "None", "12345678901234567890")
"""What is read as something else than a text."""

LANDMARKS = (
    "2024-02-29T23:59:59Z",
    "2023-12-31T23:30:00-01:00",
    "2038-01-19T03:14:08Z",
    "2026-03-29T01:30:00.000001+01:00",
    "1999-12-31T23:59:59.999999999Z",
    "1969-12-31T23:59:59.9Z",
    "1582-10-15T00:00:00.123+14:00",
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

_HALF = 8
"""So many characters of what a text is full of make it a hint that is repeated."""


class Seasoning:
    """The ways in which a language's plain texts are made telling; each has a number.

    Attributes:
        ways: how many there are; 0 where the language has none of it.
        whole: what the texts are as a whole now and then.
    """

    def __init__(self, language: Language) -> None:
        pieces = [piece for piece in PIECES if _starts(language, piece)]
        self.whole = tuple(text for text in (WHOLE if pieces else LANDMARKS) if text in language)
        self._pieces = pieces
        self._starts = ("", *(start for start in STARTS if _starts(language, start)))
        fills = [fill for fill in FILLS if _starts(language, fill)]
        self._fills = (*[""] * len(fills), *fills) or ("",)
        self.ways = (len(self._starts) * len(self._fills) << len(pieces) + 1) if pieces else 0

    def text(self, number: int, plain: str) -> str:
        """A plain text in one of the ways: as it is for even numbers, else made telling; the lower, the less is added.

        Pieces, then what the text is full of, then how it starts: each can be taken away without the others.
        """
        number, is_telling = divmod(number, 2)
        if not is_telling:
            return plain
        number, pieces = divmod(number, 2 ** len(self._pieces))
        start, fill = divmod(number, len(self._fills))
        if self._fills[fill]:
            return self._starts[start] + self._fills[fill] * _HALF
        added = "".join(piece for bit, piece in enumerate(self._pieces) if pieces >> bit & 1)
        return self._starts[start] + plain[:1] + added + plain[1:]


def _starts(language: Language, text: str) -> bool:
    """Whether a member can start with a text."""
    shortest = max(language.shortest or 0, len(text) + 1)
    lengths = language.lengths(shortest + 1)
    return bool(lengths) and lengths[-1] > len(text) and language.member(lengths[-1], text + "A").startswith(text)


@functools.cache
def seasoning_of(language: Language) -> Seasoning:
    """The seasoning of a language, worked out once."""
    return Seasoning(language)
