"""Valid values of any supported schema, constructed from its nodes by a sequence of choices.

`RandomChoices` takes the choices from a seed, `engine.strategies` from Hypothesis: both use the same construction.
"""

from __future__ import annotations

from chime_fixtures.engine.values.builder import Builder
from chime_fixtures.engine.values.choices import Choices, RandomChoices
from chime_fixtures.engine.values.scalars import strings

__all__ = ["Builder", "Choices", "RandomChoices", "strings"]
