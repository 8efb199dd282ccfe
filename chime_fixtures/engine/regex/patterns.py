"""Patterns and formats as the languages that all engines agree on: what is surely in, and what is surely out."""

from __future__ import annotations

import functools

from chime_fixtures.engine.regex import Language, PatternError


@functools.lru_cache(maxsize=4096)
def pattern_language(pattern: str) -> Language:
    """What every engine finds the pattern in: a value on which engines differ is never called valid.

    Raises:
        PatternError: the pattern is malformed, not regular, or too costly.
    """
    return Language.from_pattern(pattern, dialect="every")


@functools.lru_cache(maxsize=4096)
def outside_pattern(pattern: str) -> Language:
    """What no engine finds the pattern in; where that is too costly, what not every engine does."""
    try:
        return ~Language.from_pattern(pattern, dialect="some")
    except PatternError:
        return ~pattern_language(pattern)


@functools.lru_cache(maxsize=4096)
def found_by_python(pattern: str) -> Language:
    """What Python's `re.search` finds the pattern in, told without trying."""
    return Language.from_pattern(pattern, dialect="python")


@functools.lru_cache(maxsize=4096)
def found_by(pattern: str) -> Language:
    """What ECMA 262 finds the pattern in, as the names of members are judged."""
    return Language.from_pattern(pattern)
