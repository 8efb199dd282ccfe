"""The size of an array or object while it is constructed: after a number of characters its further parts are small."""

from __future__ import annotations

import math
from typing import TypeVar

from chime_fixtures.engine import instances

MIN_MEASURED_PARTS = 16
"""Arrays and objects with this many parts or more are measured while they are constructed."""

MAX_CHARACTERS = 2**17
"""Characters of such a value as text, before further parts are small: 1000 items of 48 KB took 250 MB of memory."""

T = TypeVar("T")


class SizeLimit:
    """The characters that are left for the parts of one array or object.

    Args:
        parts: the number of its parts.
    """

    def __init__(self, parts: int) -> None:
        self._left: float = MAX_CHARACTERS if parts >= MIN_MEASURED_PARTS else math.inf

    @property
    def is_exceeded(self) -> bool:
        """True if further parts should be small."""
        return self._left <= 0

    def counted(self, part: T) -> T:
        """The part, once its characters are counted."""
        if 0 < self._left < math.inf:
            self._left -= instances.size(part)
        return part

    def lift(self) -> None:
        """Allow any number of characters."""
        self._left = math.inf
