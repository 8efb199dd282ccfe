"""The hazards that a number realises, as positions in the sets: tables of intervals instead of comparisons."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Sequence

from chime_fixtures.engine.values.hazard_definitions import NumberHazard


class NumberMatcher:
    """The hazards of the numbers of one location.

    Args:
        hazards: the hazards, each with its position.
    """

    def __init__(self, hazards: Sequence[tuple[int, NumberHazard]]) -> None:
        bounds = {bound for _, hazard in hazards for bound in (hazard.low, hazard.high) if bound is not None}
        self._bounds = sorted(bounds)
        # The hazards below the first bound, at it, between it and the next one, and so on.
        self._by_interval: list[list[tuple[int, Callable[[float], bool] | None]]] = []
        for low, high in itertools.pairwise([None, *self._bounds, None]):
            for ends in ((low, high), (high, high)):
                between = [(position, hazard.predicate) for position, hazard in hazards if _covers(hazard, *ends)]
                self._by_interval.append(between)

    def positions(self, number: float) -> list[int]:
        """The positions of the cases that a number realises, except for those of its value."""
        index = bisect.bisect_left(self._bounds, number)
        is_bound = index < len(self._bounds) and self._bounds[index] == number
        hazards = self._by_interval[2 * index + is_bound]
        return [position for position, predicate in hazards if predicate is None or predicate(number)]


def _covers(hazard: NumberHazard, low: float | None, high: float | None) -> bool:
    """True if an interval is between the bounds of a hazard; None is a missing bound."""
    is_above = hazard.low is None or (low is not None and hazard.low <= low)
    return is_above and (hazard.high is None or (high is not None and high <= hazard.high))
