"""Hazards: classes of valid values that programs stumble on, though no constraint of a schema is near.

Each is defined once, by the values that realise it. Draws, the enumeration of hazards and the cases that an instance
meets read the same tables. A hazard of strings is a regular language where one exists: its intersection with the
language of a location has the values that are allowed there.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine.regex import Language


@dataclass(frozen=True, slots=True)
class TextHazard:
    """A class of strings.

    Attributes:
        label: the name of the hazard, as it is part of an id.
        sentence: the property of the strings, as the predicate of a sentence.
        pattern: the pattern that is found in each of the strings and in no other (ECMA 262); a dollar sign is always
            an anchor.
        templates: realistic strings of the class, preferred where they are allowed.
    """

    label: str
    sentence: str
    pattern: str
    templates: tuple[str, ...]

    @property
    def language(self) -> Language:
        """The strings of the class."""
        return _language(self.pattern)

    def matches(self, value: Any) -> bool:
        """True if a value is a string of the class."""
        return isinstance(value, str) and _expression(self.pattern).search(value) is not None


@functools.cache
def _language(pattern: str) -> Language:
    return Language.from_pattern(pattern)


@functools.cache
def _expression(pattern: str) -> re.Pattern[str]:
    # Python's dollar sign also matches before a last line feed.
    return re.compile(pattern.replace("$", r"\Z"))


@dataclass(frozen=True, slots=True)
class NumberHazard:
    """A class of numbers.

    Attributes:
        label: the name of the hazard, as it is part of an id.
        sentence: the property of the numbers, as the predicate of a sentence.
        numbers: the numbers of the class; they are tried in this order.
    """

    label: str
    sentence: str
    numbers: tuple[int | float, ...]

    def matches(self, value: Any) -> bool:
        """True if a value is a number of the class."""
        return isinstance(value, int | float) and not isinstance(value, bool) and value in self.numbers


HazardDefinition = TextHazard | NumberHazard

TEXT_HAZARDS = (
    TextHazard("formula", "begins like a formula of a spreadsheet", "^[=+@-]", ("=1+1", "+1", "-1", "@a")),
    TextHazard("comma", "contains a comma, the separator of CSV", ",", ("a,b",)),
    TextHazard("quote", "contains a double quote, which CSV and JSON escape", '"', ('a"b',)),
    TextHazard("line-feed", "contains a line feed", "\n", ("a\nb",)),
    TextHazard("markup", "contains characters that HTML and XML escape", "[<>&]", ("<b>&amp;</b>", "a<b")),
    TextHazard("slash", "contains a slash, the separator of paths", "/", ("a/b",)),
    TextHazard("astral", "contains a character of four bytes in UTF-8", "[\U00010000-\U0010ffff]", ("a\U0001f600b",)),
)
"""The hazards of strings."""

NUMBER_HAZARDS = (
    NumberHazard("int32", "is the greatest integer of 32 bits", (2**31 - 1,)),
    NumberHazard("beyond-int32", "is the least integer beyond 32 bits", (2**31,)),
    NumberHazard("beyond-double", "is an integer that a double can't represent", (2**53 + 1,)),
)
"""The hazards of numbers."""
