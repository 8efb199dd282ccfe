"""Valid values for any driven schema, constructed from its nodes; the choices come from a source.

`RandomChoices` makes them from a seed. `strategies` lets Hypothesis make them, so that one construction serves both.
"""

from __future__ import annotations

from chime_fixtures.engine.values.builder import Builder
from chime_fixtures.engine.values.choices import Choices, RandomChoices
from chime_fixtures.engine.values.scalars import strings

__all__ = ["Builder", "Choices", "RandomChoices", "strings"]
