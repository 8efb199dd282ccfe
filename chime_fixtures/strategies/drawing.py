"""One construction for all: Hypothesis makes the choices by which `values.Builder` constructs."""

from __future__ import annotations

import functools
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.values import Builder

_integers = functools.cache(st.integers)
_texts = functools.cache(lambda most: st.text(st.characters(exclude_categories=["Cs"]), max_size=most))


class DrawSource:
    """Choices made by Hypothesis."""

    __slots__ = ("_draw",)

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""
        return self._draw(_integers(low, high))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with a bound or none on either side."""
        return self._draw(_integers(low, high))

    def fraction(self, low: float | None, high: float | None) -> float:
        """A finite number, both bounds included."""
        return self._draw(st.floats(low, high, allow_nan=False, allow_infinity=False))

    def text(self, most: int) -> str:
        """Any text of at most so many characters."""
        return self._draw(_texts(most)) if most else ""


@st.composite
def built(draw: st.DrawFn, builder: Builder) -> Any:
    """A value that the builder constructs."""
    return builder.build(DrawSource(draw))
