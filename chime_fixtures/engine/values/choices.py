"""Choices by which a value is constructed, and their pseudo-random source."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

MIN_INT64, MAX_INT64 = -(2**63), 2**63 - 1
"""The integers that data pipelines store; without a bound in the schema none is drawn outside of them."""

MAX_BOUND = 2**128
"""A bound further from zero than this counts as no bound."""

MAX_EXTRA_DEPTH = 4
"""Levels of a value beyond its minimum depth, except on the path to a location that is constructed on purpose."""


class Choices(Protocol):
    """A source of choices; the first of the possible choices is the simplest."""

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer between two bounds, both included, of which one or both may be absent."""

    def number(self, low: float | None, high: float | None) -> float:
        """A finite float between two bounds, both included, of which one or both may be absent."""

    def text(self, max_length: int) -> str:
        """Any text of at most `max_length` characters."""


Construct = Callable[[Choices, int], Any]
"""A function that constructs a value from choices and a depth budget: the maximum number of levels below the value."""


class RandomChoices:
    """Choices from a pseudo-random generator; the same on every platform."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included, with uniform distribution."""
        return low + int(self._rng.random() * (high - low + 1))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer whose distance from zero, or from the bound nearest to it, has a uniform number of bits."""
        offset = self._rng.getrandbits(self.integer(1, 64))
        if (low is None or low <= -MAX_BOUND) and (high is None or high >= MIN_INT64):
            low = MIN_INT64
        if high is None and (low is None or low <= MAX_INT64):
            high = MAX_INT64
        if low is not None and low >= 0:
            value = low + offset
        elif high is not None and high <= 0:
            value = high - offset
        else:
            value = offset if self._rng.random() < 0.5 else -offset
        value = value if low is None else max(value, low)
        return value if high is None else min(value, high)

    def number(self, low: float | None, high: float | None) -> float:
        """A float with at most three decimals, if the bounds admit one."""
        start = low if low is not None else (high - 1000 if high is not None else -1000)
        end = high if high is not None else start + 2000
        return min(max(round(start + self._rng.random() * (end - start), 3), start), end)

    def text(self, max_length: int) -> str:
        """Printable ASCII; one text in five also has letters outside ASCII."""
        size = self.integer(0, max_length)
        pick = self._rng.random
        is_wide = pick() < 0.2
        return "".join(
            chr(0xC0 + int(pick() * 0x300) if is_wide and pick() < 0.3 else 0x20 + int(pick() * 95))
            for _ in range(size)
        )


class TooManyChoicesError(Exception):
    """A value takes more choices than are allowed."""


class LimitedChoices(RandomChoices):
    """The same choices, up to a number of integers.

    Args:
        rng: the generator.
        maximum: the number of integers that are chosen before `TooManyChoicesError` is raised.

    Attributes:
        left: the number of integers that are left.
    """

    def __init__(self, rng: random.Random, maximum: int) -> None:
        super().__init__(rng)
        self.left = maximum

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included, with uniform distribution."""
        self.left -= 1
        if self.left < 0:
            raise TooManyChoicesError
        return super().integer(low, high)


class CountedChoices:
    """The choices of another source, with the number of integers among them.

    Args:
        choices: the other source.
        maximum: the number of integers after which the choices are exhausted.
    """

    def __init__(self, choices: Choices, maximum: int) -> None:
        self._choices = choices
        self._left = maximum
        self.wide_integer = choices.wide_integer
        self.number = choices.number
        self.text = choices.text

    @property
    def are_exhausted(self) -> bool:
        """True if the rest of the value should be as small as possible."""
        return self._left < 0

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""
        self._left -= 1
        return self._choices.integer(low, high)
