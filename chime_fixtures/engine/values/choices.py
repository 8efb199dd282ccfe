"""Where the choices come from that a value is constructed by."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

FAR = 2**128
"""A bound that is no nearer to zero stands for none."""

LEAST, GREATEST = -(2**63), 2**63 - 1
"""The integers that pipelines hold: records have none beyond them where the schema does not ask for them."""


class Choices(Protocol):
    """Where choices come from; the first of the possible ones is the simplest."""

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with a bound or none on either side."""

    def fraction(self, low: float | None, high: float | None) -> float:
        """A finite number that may have a fraction, both bounds included."""

    def text(self, most: int) -> str:
        """Any text of at most so many characters."""


class RandomChoices:
    """Choices from a pseudo-random generator; the same on every platform."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, each as likely."""
        return low + int(self._rng.random() * (high - low + 1))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer whose number of bits is as likely to be small as large, on the side of zero that has room."""
        offset = self._rng.getrandbits(self.integer(1, 64))
        if (low is None or low <= -FAR) and (high is None or high >= LEAST):
            low = LEAST
        if high is None and (low is None or low <= GREATEST):
            high = GREATEST
        if low is not None and low >= 0:
            value = low + offset
        elif high is not None and high <= 0:
            value = high - offset
        else:
            value = offset if self._rng.random() < 0.5 else -offset
        value = value if low is None else max(value, low)
        return value if high is None else min(value, high)

    def fraction(self, low: float | None, high: float | None) -> float:
        """A number of at most three decimals, where the bounds leave room for one."""
        start = low if low is not None else (high - 1000 if high is not None else -1000)
        end = high if high is not None else start + 2000
        return min(max(round(start + self._rng.random() * (end - start), 3), start), end)

    def text(self, most: int) -> str:
        """Printable ASCII, now and then with letters from elsewhere."""
        size = self.integer(0, most)
        pick = self._rng.random
        wide = pick() < 0.2
        return "".join(
            chr(0xC0 + int(pick() * 0x300) if wide and pick() < 0.3 else 0x20 + int(pick() * 95)) for _ in range(size)
        )


Construct = Callable[[Choices, int], Any]
"""Takes a source, and how many levels there is room for below the value; gives the value."""
