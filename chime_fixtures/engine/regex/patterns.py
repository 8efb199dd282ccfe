"""Patterns as languages: the strings in which all engines, no engine or ECMA 262 find a pattern."""

from __future__ import annotations

import functools

from chime_fixtures.engine.regex.language import Language
from chime_fixtures.engine.regex.syntax import PatternError


@functools.lru_cache(maxsize=4096)
def matched_by_all(pattern: str) -> Language:
    """The strings in which every engine finds the pattern; a string on which engines differ is never called valid.

    Raises:
        PatternError: the pattern is malformed, not regular, unsupported, or its automaton is too large.
    """
    return Language.from_pattern(pattern, flavour="intersection")


@functools.lru_cache(maxsize=4096)
def matched_by_none(pattern: str) -> Language:
    """The strings in which no engine finds the pattern; if their automaton is too large, those of ASCII characters.

    If every such string matches, they are the strings in which not every engine finds the pattern.
    """
    try:
        return Language.from_pattern(pattern, flavour="union").complement()
    except PatternError:
        strings = matched_by_all(pattern).complement()
    # Engines read the printable characters of ASCII alike.
    printable = strings & Language.from_pattern("^[ -~]*$")
    return strings if printable.is_empty else printable


@functools.lru_cache(maxsize=4096)
def matched_by_ecma(pattern: str) -> Language:
    """The strings in which ECMA 262 finds the pattern: property names are matched to `patternProperties` by it."""
    return Language.from_pattern(pattern)
