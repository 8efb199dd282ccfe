"""Results that are computed when they are first required, and remembered up to a number of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedMemo(dict[K, V]):
    """The results of a function by its argument: `memo[argument]`; threads may share it.

    Args:
        compute: the function.
        max_entries: the number of results beyond which all are forgotten.
    """

    def __init__(self, compute: Callable[[K], V], max_entries: int) -> None:
        super().__init__()
        self._compute = compute
        self._max_entries = max_entries

    def __missing__(self, argument: K) -> V:
        result = self._compute(argument)
        if len(self) >= self._max_entries:
            self.clear()
        self[argument] = result
        return result
