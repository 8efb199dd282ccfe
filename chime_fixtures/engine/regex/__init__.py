"""Strings as regular languages: patterns, lengths and formats, from which members are constructed, never filtered."""

from __future__ import annotations

from chime_fixtures.engine.regex.formats import FORMATS, format_language, format_outside
from chime_fixtures.engine.regex.language import Language
from chime_fixtures.engine.regex.syntax import PatternError

__all__ = ["FORMATS", "Language", "PatternError", "format_language", "format_outside"]
