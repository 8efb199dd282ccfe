"""Valid values for any driven schema, constructed from its nodes; the choices come from a source.

`RandomSource` makes them from a seed. `strategies` lets Hypothesis make them, so that one construction serves both.
"""

from __future__ import annotations

from chime_fixtures.values.builder import Builder, builder_of, generate
from chime_fixtures.values.scalars import strings
from chime_fixtures.values.source import RandomSource, Source

__all__ = ["Builder", "RandomSource", "Source", "builder_of", "generate", "strings"]
