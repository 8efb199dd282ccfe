"""Limits of the search for values; a search that reached one proves nothing when it finds no value."""

from __future__ import annotations

from typing import NamedTuple

from chime_fixtures.engine.regex.nfa import MAX_STEPS


class Limit(NamedTuple):
    """One limit that ended a search.

    Attributes:
        value: the largest number that is tried.
        noun: the things that are counted; a singular if it is one.
    """

    value: int
    noun: str

    def __str__(self) -> str:
        return f"{self.value} {self.noun}"


TOO_LARGE_PATTERN = Limit(MAX_STEPS, "transitions of an automaton")
"""The limit that the intersection of patterns, formats and excluded values exceeds."""

MAX_DEPTH_LEVELS = 220
"""Levels of arrays and objects that an instance may require, as each takes three of Python's 1,000 frames."""

TOO_DEEP = Limit(MAX_DEPTH_LEVELS, "levels of arrays and objects")
"""The limit that the parts which a value requires exceed."""

CONTESTED_NAMES = Limit(1, 'reading of the pattern "" (jsonschema takes it for no pattern; write "^")')
"""The limit of values that both validators accept, though jsonschema applies `additionalProperties` to more names."""

Limits = frozenset[Limit]
"""The limits that a search reached; if there are none, it was exhaustive."""

EXHAUSTIVE: Limits = frozenset()
