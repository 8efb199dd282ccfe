"""Strings as regular languages: patterns, lengths and formats, from which strings are constructed, never filtered."""

from __future__ import annotations

from chime_fixtures.engine.regex.formats import FORMATS, invalid_format_strings, valid_format_strings
from chime_fixtures.engine.regex.language import Language
from chime_fixtures.engine.regex.syntax import PatternError

__all__ = ["FORMATS", "Language", "PatternError", "invalid_format_strings", "valid_format_strings"]
