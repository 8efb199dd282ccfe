"""Hazards in random strings: the fragments of `text_hazards` as prefix, infix and filler, and whole values.

A hazard is used if the language contains it: none in a telephone number, a slash in an identifier, all in free text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS
from chime_fixtures.engine.values.choices import Choices
from chime_fixtures.engine.values.hazard_definitions import Role, TextHazard
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS


def _fragments(role: Role) -> tuple[str, ...]:
    return tuple(hazard.fragment for hazard in TEXT_HAZARDS if role in hazard.roles)


PREFIXES = _fragments("prefix")
"""Characters that make a spreadsheet read a formula, and a space that parsers strip."""

FILLERS = _fragments("filler")
"""Characters of two, three and four bytes in UTF-8."""

INFIXES = _fragments("infix")
"""Syntax of CSV, logs, HTML, paths and URLs; combining characters; characters that reverse the direction of text."""

WHOLE_VALUES = tuple(hazard for hazard in TEXT_HAZARDS if "whole" in hazard.roles)
"""Strings that programs convert to another type."""

BOUNDARY_TIMESTAMPS = tuple(hazard for hazard in CALENDAR_HAZARDS if "whole" in hazard.roles)
"""Date-times, dates and times at the ends of days, years, calendars and machine representations."""

_FILLER_REPETITIONS = 8
"""A filler is repeated to make a template that is itself repeated."""

_PLAIN_EIGHTHS = 2
"""Eighths of the texts that contain no hazard."""


class TextHazards:
    """The hazards of one language, and the variants of a text that contain them.

    Attributes:
        whole_values: hazardous strings of the language.
        has_timestamps: True if these are dates or times, of which few strings of the language are ordinary.
        variants: the number of variants, plain ones included; zero for a language without infixes.
    """

    def __init__(self, language: Language) -> None:
        infixes = [infix for infix in INFIXES if _has_prefix(language, infix)]
        timestamps = () if infixes else _templates(BOUNDARY_TIMESTAMPS, language)
        self.whole_values = timestamps or _templates(WHOLE_VALUES, language)
        self.has_timestamps = bool(timestamps)
        self._infixes = infixes
        self._prefixes = ("", *(prefix for prefix in PREFIXES if _has_prefix(language, prefix)))
        fillers = [filler for filler in FILLERS if _has_prefix(language, filler)]
        # Plain ones come first, so that each part of a hazard shrinks away.
        self._fillers = (*[""] * max(len(fillers), 1), *fillers)
        hazardous = len(self._prefixes) * len(self._fillers)
        self._plain = hazardous * _PLAIN_EIGHTHS // (8 - _PLAIN_EIGHTHS)
        self.variants = self._plain + hazardous if infixes else 0
        self._combinations = 2 ** len(infixes)

    def text(self, variant: int, plain: str, length: int, choices: Choices) -> str:
        """A variant of a plain text, to be cut or repeated to a length."""
        if variant < self._plain:
            return plain
        filler, number = divmod(variant - self._plain, len(self._prefixes))
        prefix = self._prefixes[number]
        if self._fillers[filler]:
            return prefix + self._fillers[filler] * _FILLER_REPETITIONS
        combination = choices.integer(0, self._combinations - 1)
        infixes = [each for bit, each in enumerate(self._infixes) if combination >> bit & 1]
        # Each of them is sometimes the first one, and one that would be cut makes room for shorter ones.
        start = combination % max(len(infixes), 1)
        text = prefix + plain[:1]
        for infix in infixes[start:] + infixes[:start]:
            if len(text) + len(infix) <= length:
                text += infix
        return text + plain[1:]


def _templates(hazards: Iterable[TextHazard], language: Language) -> tuple[str, ...]:
    """The first template that the language contains of each hazard that no earlier one of them has."""
    found: list[str] = []
    for hazard in hazards:
        text = next((text for text in hazard.templates if text in language), None)
        if text is not None and not any(map(hazard.matches, found)):
            found.append(text)
    return tuple(found)


def _has_prefix(language: Language, text: str) -> bool:
    """True if a string of the language can begin with a text."""
    shortest = max(language.shortest or 0, len(text) + 1)
    lengths = language.lengths(shortest + 1)
    return bool(lengths) and lengths[-1] > len(text) and language.construct(lengths[-1], text + "A").startswith(text)


@functools.cache
def text_hazards(language: Language) -> TextHazards:
    """The hazards of a language, computed once."""
    return TextHazards(language)
