"""The choices by which `values.Builder` constructs a value, made by Hypothesis."""

from __future__ import annotations

import functools
import operator
from typing import Any, TypeVar

from hypothesis import strategies as st

from chime_fixtures.engine.values import Builder, Choices

T = TypeVar("T")

_MAX_EVEN_INTEGER = 256
"""Hypothesis draws integers up to this one with uniform distribution; greater ones are rarer, the more the greater."""

_INDEX_OFFSET = 3 * 2**40
"""Integers near this one are equally likely, and none of them is a constant that Hypothesis prefers."""

_integers = functools.cache(st.integers)
_texts = functools.cache(lambda size: st.text(st.characters(exclude_categories=["Cs"]), max_size=size))
_fixed_texts = functools.cache(lambda size: st.text("a", min_size=size, max_size=size))


def _offset(low: int, high: int) -> int:
    """The distance of the integers that Hypothesis draws from those between two bounds: not zero for great indices."""
    return _INDEX_OFFSET if low == 0 and high > _MAX_EVEN_INTEGER else 0


def draw_fixed_integer(draw: st.DrawFn, low: int, high: int, value: int) -> int:
    """A choice of one, which `HypothesisChoices` replays as the choice of that integer between the bounds."""
    offset = _offset(low, high)
    return draw(_integers(value + offset, value + offset)) - offset


class HypothesisChoices:
    """Choices made by Hypothesis."""

    __slots__ = ("_draw",)

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included; all are equally likely if the lower one is zero."""
        offset = _offset(low, high)
        return self._draw(_integers(low + offset, high + offset)) - offset

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with or without a bound on either side."""
        return self._draw(_integers(low, high))

    def number(self, low: float | None, high: float | None) -> float:
        """A finite number, both bounds included."""
        return self._draw(st.floats(low, high, allow_nan=False, allow_infinity=False))

    def text(self, max_length: int) -> str:
        """Any text of at most `max_length` characters."""
        return self._draw(_texts(max_length)) if max_length else ""


class FixedChoices:
    """Choices of another source, drawn with one possible value each: Hypothesis records them and never repeats them.

    A value constructed from them shrinks as if Hypothesis had made each choice, once `HypothesisChoices` replays them.
    """

    __slots__ = ("_choices", "_draw")

    def __init__(self, draw: st.DrawFn, choices: Choices) -> None:
        self._draw = draw
        self._choices = choices

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""
        return draw_fixed_integer(self._draw, low, high, self._choices.integer(low, high))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with or without a bound on either side."""
        value = self._choices.wide_integer(low, high)
        return self._draw(_integers(value, value))

    def number(self, low: float | None, high: float | None) -> float:
        """A finite number, both bounds included."""
        value = self._choices.number(low, high)
        return self._draw(st.floats(value, value))

    def text(self, max_length: int) -> str:
        """The letter ``a``, repeated to the length of the source's text: only such a text has one possible value."""
        size = max(len(self._choices.text(max_length)), 1)
        return self._draw(_fixed_texts(size)) if max_length else ""


def independent(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The same values, each drawn independently of earlier examples.

    Hypothesis makes most examples by repeating parts of a few new ones. It does not repeat what is drawn for a
    collection of unique keys, so that a hundred examples are a hundred draws.
    """
    return st.dictionaries(st.builds(int), strategy, min_size=1, max_size=1).map(operator.itemgetter(0))


@functools.cache
def values_of(builder: Builder) -> st.SearchStrategy[Any]:
    """The values that a builder constructs, each drawn independently."""
    return independent(_values_of(builder))


@st.composite
def _values_of(draw: st.DrawFn, builder: Builder) -> Any:
    choices = HypothesisChoices(draw)
    directed = builder.directed
    if not directed.rare or not choices.integer(0, 1):
        return builder.build(choices)
    # Locations that plain draws rarely reach; a value shrinks to a plain one if it need not contain them.
    last = len(directed.rare) * max(map(len, directed.rare)) - 1
    return builder.build_directed(choices, directed.path_of(choices.integer(0, last)))
