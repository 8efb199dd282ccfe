"""Strings as regular languages: patterns, lengths and formats, from which members are constructed, never filtered."""

from __future__ import annotations

from chime_fixtures.languages.formats import FORMATS, format_language, format_outside, near_misses
from chime_fixtures.languages.language import Language
from chime_fixtures.languages.trees import PatternError

__all__ = ["FORMATS", "Language", "PatternError", "format_language", "format_outside", "near_misses"]
