"""One construction for all: Hypothesis makes the choices by which `values.Builder` constructs."""

from __future__ import annotations

import functools
import operator
from typing import Any, TypeVar

from hypothesis import strategies as st

from chime_fixtures.engine.values import Builder, Choices

T = TypeVar("T")

_integers = functools.cache(st.integers)
_texts = functools.cache(lambda most: st.text(st.characters(exclude_categories=["Cs"]), max_size=most))
_letters = functools.cache(lambda size: st.text("a", min_size=size, max_size=size))


class HypothesisChoices:
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

    def number(self, low: float | None, high: float | None) -> float:
        """A finite number, both bounds included."""
        return self._draw(st.floats(low, high, allow_nan=False, allow_infinity=False))

    def text(self, max_length: int) -> str:
        """Any text of at most so many characters."""
        return self._draw(_texts(max_length)) if max_length else ""


class FixedChoices:
    """Choices of one, each settled by another source: Hypothesis notes them, and never comes to the same ones again.

    What was made by them shrinks on as if Hypothesis had made each itself, once it is made from a `HypothesisChoices`.
    """

    __slots__ = ("_draw", "_source")

    def __init__(self, draw: st.DrawFn, source: Choices) -> None:
        self._draw = draw
        self._source = source

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""
        value = self._source.integer(low, high)
        return self._draw(_integers(value, value))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with a bound or none on either side."""
        value = self._source.wide_integer(low, high)
        return self._draw(_integers(value, value))

    def number(self, low: float | None, high: float | None) -> float:
        """A finite number, both bounds included."""
        value = self._source.number(low, high)
        return self._draw(st.floats(value, value))

    def text(self, max_length: int) -> str:
        """A letter, as often as the other source has letters: only such a text is a choice of one."""
        size = max(len(self._source.text(max_length)), 1)
        return self._draw(_letters(size)) if max_length else ""


def independent(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The same values, each drawn afresh.

    Hypothesis makes most examples from a few fresh ones, of which it repeats a part in another place. It leaves alone
    what is drawn for a collection of unique keys, so that a hundred examples are a hundred draws.
    """
    return st.dictionaries(st.builds(int), strategy, min_size=1, max_size=1).map(operator.itemgetter(0))


@functools.cache
def built(builder: Builder) -> st.SearchStrategy[Any]:
    """The values that a builder constructs, each drawn afresh."""
    return independent(_built(builder))


@st.composite
def _built(draw: st.DrawFn, builder: Builder) -> Any:
    return builder.build(HypothesisChoices(draw))
