"""Hazards: classes of valid values that programs stumble on, though no constraint of a schema is near.

Each is defined once, by the values that realise it. Draws, the enumeration of hazards and the cases that an instance
meets read the same tables: `text_hazards`, `calendar_hazards`, `number_hazards` and `relations`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chime_fixtures.engine.regex import Language, PatternError

Place = Literal["start", "inside", "end", "whole"]
"""The part of a string that makes it hazardous."""

Role = Literal["prefix", "infix", "filler", "whole"]
"""The use of a hazard in random strings: at the beginning, within, repeated as the whole string, or as a template."""

MAX_EXTRA_CHARACTERS = 64
"""Characters beyond the shortest string of an intersection, among whose lengths one is chosen."""

PREFERRED_LENGTH = 8
"""Characters of a string that is constructed from an intersection, if it has such a length."""


class HazardDefinition(Protocol):
    """A class of values, by the predicate that they satisfy."""

    @property
    def label(self) -> str:
        """The name of the hazard, as it is part of an id."""

    def matches(self, value: Any) -> bool:
        """True if a value is of the class."""


@dataclass(frozen=True, slots=True)
class TextHazard:
    """A class of strings: a regular language, or the strings of one that satisfy a predicate.

    Attributes:
        label: the name of the hazard, as it is part of an id.
        sentence: the property of the strings, as the predicate of a sentence.
        pattern: the pattern that is found in each of the strings and in no other (ECMA 262, in which a dollar sign is
            always an anchor). With a predicate, each string with the pattern satisfies it, and others may.
        templates: realistic strings of the class, preferred where they are allowed.
        fragment: the hazardous part, which is put into an ordinary string where no template is allowed.
        place: the place of the fragment.
        predicate: decides instead of the pattern.
        character: decides instead of the pattern: a string is of the class if one of its characters, which is not of
            ASCII, satisfies it.
        min_length: characters of the shortest string that satisfies the predicate.
        start_length: the number of first characters that decide if a string is of the class; 0 if all may.
        is_ever_ascii: False if no string of ASCII satisfies the predicate.
        vary: returns the hazardous form of an ordinary string.
        roles: the uses of its fragment in random strings, or of its templates.
    """

    label: str
    sentence: str
    pattern: str
    templates: tuple[str, ...]
    fragment: str = ""
    place: Place = "inside"
    predicate: Callable[[str], object] | None = None
    character: Callable[[str], object] | None = None
    min_length: int = 0
    start_length: int = 0
    is_ever_ascii: bool = True
    vary: Callable[[str], str] | None = None
    roles: tuple[Role, ...] = ()

    @property
    def language(self) -> Language:
        """The strings of the class that have the pattern."""
        return _language(self.pattern)

    @property
    def search(self) -> Callable[[str], object]:
        """Returns a true value if a string without a predicate is of the class."""
        return expression(self.pattern).search if self.character is None else self.matches

    def matches(self, value: Any) -> bool:
        """True if a value is a string of the class."""
        if not isinstance(value, str):
            return False
        if self.character is not None:
            return not value.isascii() and any(map(self.character, {*value}))
        if self.predicate is not None:
            return bool(self.predicate(value))
        return expression(self.pattern).search(value) is not None

    def text(self, language: Language, plain: str) -> str | None:
        """A string of the class in a language, as realistic as it allows; None if there is none.

        Args:
            language: the strings that are allowed.
            plain: an ordinary one of them.
        """
        for candidate in self._candidates(plain):
            if candidate in language and self.matches(candidate):
                return candidate
        return self._constructed(language)

    def _candidates(self, plain: str) -> Iterator[str]:
        yield from self.templates
        if self.vary is not None:
            yield self.vary(plain)
        if self.fragment:
            # Inserted, and in place of as many characters.
            size = len(self.fragment)
            if self.place == "start":
                yield from (self.fragment + plain, self.fragment + plain[size:])
            elif self.place == "end":
                yield from (plain + self.fragment, plain[: max(len(plain) - size, 0)] + self.fragment)
            elif self.place == "inside":
                yield plain[:1] + self.fragment + plain[1:]
                yield plain[:1] + self.fragment + plain[1 + size :]

    def _constructed(self, language: Language) -> str | None:
        if not _has_common_characters(self.pattern, language):
            return None
        try:
            common = language & self.language
        except PatternError:
            # The product of the automata is too large.
            return None
        if common.is_empty:
            return None
        shortest = common.shortest or 0
        lengths = common.lengths(shortest + MAX_EXTRA_CHARACTERS)
        length = next((each for each in lengths if each >= PREFERRED_LENGTH), shortest)
        text = common.construct(length, self.templates[0])
        return text if self.matches(text) else None

    def is_inevitable(self, language: Language, plain: str) -> bool:
        """True if every string of a language is of the class; `plain` is one of them."""
        if self.predicate is not None or self.character is not None or not self.matches(plain):
            return False
        try:
            return (language - self.language).is_empty
        except PatternError:
            return True


@functools.cache
def _language(pattern: str) -> Language:
    return Language.from_pattern(pattern)


@functools.cache
def expression(pattern: str) -> re.Pattern[str]:
    """The regular expression of Python that finds the pattern of a hazard."""
    # Python's dollar sign also matches before a last line feed.
    return re.compile(pattern.replace("$", r"\Z"))


@functools.cache
def _has_common_characters(pattern: str, language: Language) -> bool:
    """False if the characters of a language alone exclude a pattern: cheaper than the product of the automata."""
    return not (_language(pattern) & language.characters).is_empty


@dataclass(frozen=True, slots=True)
class NumberHazard:
    """A class of numbers: those between two bounds that satisfy a predicate.

    Attributes:
        label: the name of the hazard, as it is part of an id.
        sentence: the property of the numbers, as the predicate of a sentence.
        start: the simplest number of the class.
        low: the least number of the class; None for no bound.
        high: the greatest number of the class; None for no bound.
        predicate: the further property of the numbers.
    """

    label: str
    sentence: str
    start: int | float
    low: int | float | None = None
    high: int | float | None = None
    predicate: Callable[[int | float], bool] | None = None

    def matches(self, value: Any) -> bool:
        """True if a value is a number of the class."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        is_above = self.low is None or value >= self.low
        is_below = self.high is None or value <= self.high
        return is_above and is_below and (self.predicate is None or self.predicate(value))
