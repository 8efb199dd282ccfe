"""The error of file formats."""

from __future__ import annotations

from chime_fixtures.engine.errors import EngineError


class UnknownFormatError(EngineError, ValueError):
    """The file format does not exist, or it can't hold the records."""
