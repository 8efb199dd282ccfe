"""Numbers of one branch: bounds, multiples and excluded multiples together."""

from __future__ import annotations

import functools
import math
import sys
from dataclasses import dataclass
from fractions import Fraction

from chime_fixtures.engine.instances import exact

Bound = int | float

MAX_FLOAT = sys.float_info.max

MAX_FACTORS = 10_000
"""Factors on each side of a number that are tried to find an allowed multiple."""


@dataclass(frozen=True)
class Numbers:
    """Numbers between two bounds; None for no bound.

    Attributes:
        is_integer: True if they have no fraction.
        is_fraction: True if they must have one.
        step: the number that they are multiples of.
        float_steps: the floats that `step` is the common multiple of, with others.
        not_steps: numbers that they must not be multiples of.
        excluded: numbers that are not allowed.
        is_float: True if they are written with a fraction, as 1.0, False if they are not; None for either.
    """

    is_integer: bool
    low: Bound | None = None
    high: Bound | None = None
    excludes_low: bool = False
    excludes_high: bool = False
    is_fraction: bool = False
    step: Fraction | None = None
    not_steps: tuple[Bound, ...] = ()
    excluded: frozenset[Bound] = frozenset()
    is_float: bool | None = None
    float_steps: tuple[float, ...] = ()

    @property
    def least_integer(self) -> int | None:
        """The least integer within the bounds."""
        if self.low is None:
            return None
        bound = Fraction(self.low)
        return bound.__floor__() + 1 if self.excludes_low else bound.__ceil__()

    @property
    def greatest_integer(self) -> int | None:
        """The greatest integer within the bounds."""
        if self.high is None:
            return None
        bound = Fraction(self.high)
        return bound.__ceil__() - 1 if self.excludes_high else bound.__floor__()

    def admits(self, value: Bound) -> bool:
        """True if a number is within the bounds."""
        above = self.low is None or (value > self.low if self.excludes_low else value >= self.low)
        below = self.high is None or (value < self.high if self.excludes_high else value <= self.high)
        return above and below

    @property
    def has_float(self) -> bool:
        """True if an integer or a finite float is within the bounds."""
        if self.low is None or self.high is None:
            return True
        least, greatest = self.least_integer, self.greatest_integer
        if least is not None and greatest is not None and least <= greatest:
            return True
        # Both bounds are between the same two integers. Beyond the floats no value is between integers.
        if abs(self.low) > MAX_FLOAT:
            return False
        low = float(self.low)
        return self.admits(low) or self.admits(math.nextafter(low, math.inf))

    @property
    def is_beyond_floats(self) -> bool:
        """True if no number within the bounds is a float, so that only integers represent them."""
        return (self.low is not None and self.low > MAX_FLOAT) or (self.high is not None and self.high < -MAX_FLOAT)

    @property
    def grid(self) -> Fraction | None:
        """The number that all values are multiples of; None if there is none."""
        return self.step if self.step is not None else Fraction(1) if self.is_integer else None

    def excludes(self, value: Bound) -> bool:
        """True if a number within the bounds is not allowed."""
        number = exact(value)
        is_multiple = any(number % exact(step) == 0 for step in self.not_steps)
        return is_multiple or value in self.excluded or (self.is_fraction and number.denominator == 1)

    def is_multiple(self, value: Bound) -> bool:
        """True for a multiple of the step, also for a validator that divides floats; the nearest float may be none."""
        is_exact = self.step is None or not isinstance(value, float) or not exact(value) % self.step
        return is_exact and all(seems_multiple(value, step) for step in self.float_steps)

    @functools.cached_property
    def excluded_factors(self) -> tuple[frozenset[int], frozenset[int]]:
        """The factors of the grid that are not allowed: all multiples of the first ones, and the second ones."""
        grid = self.grid
        assert grid is not None
        divisors = {(exact(step) / grid).numerator for step in self.not_steps}
        if self.is_fraction:
            divisors.add(grid.denominator)
        single = {exact(value) / grid for value in self.excluded}
        return frozenset(divisors), frozenset(int(factor) for factor in single if factor.denominator == 1)

    @property
    def has_allowed_factor(self) -> bool:
        """False if it is proved that no multiple of the grid within the bounds is allowed."""
        least, greatest = self.factors
        divisors, single = self.excluded_factors
        if 1 in divisors:
            return False
        if least is None or greatest is None:
            return True
        size = greatest - least + 1
        if size <= 0:
            return False
        # Each period has an allowed factor, apart from the single ones.
        if size >= math.lcm(*divisors) * (len(single) + 1) or size > MAX_FACTORS:
            return True
        return self.allowed_factor(least) is not None

    def allowed_factor(self, start: int) -> int | None:
        """The allowed factor of the grid that is nearest to a factor within the bounds; None if none is found."""
        least, greatest = self.factors
        divisors, single = self.excluded_factors
        if 1 in divisors:
            return None
        for distance in range(MAX_FACTORS):
            below, above = start - distance, start + distance
            is_below, is_above = least is None or below >= least, greatest is None or above <= greatest
            for factor, is_within in ((above, is_above), (below, is_below)):
                if is_within and factor not in single and all(factor % divisor for divisor in divisors):
                    return factor
            if not (is_below or is_above):
                return None
        return None

    @property
    def factors(self) -> tuple[int | None, int | None]:
        """The smallest and the largest factor of the grid within the bounds."""
        grid = self.grid
        assert grid is not None
        least = greatest = None
        if self.low is not None:
            low = exact(self.low)
            least = math.ceil(low / grid)
            least += self.excludes_low and least * grid == low
        if self.high is not None:
            high = exact(self.high)
            greatest = math.floor(high / grid)
            greatest -= self.excludes_high and greatest * grid == high
        return least, greatest

    @property
    def has_exclusions(self) -> bool:
        """True if some numbers within the bounds are not allowed, other than by the step."""
        return bool(self.not_steps or self.excluded or self.is_fraction)

    @property
    def is_plain(self) -> bool:
        """True if bounds are the only constraints."""
        return self.step is None and not self.has_exclusions


def seems_multiple(value: Bound, step: Bound) -> bool:
    """True if the division of floats has no remainder."""
    try:
        return isinstance(step, float) and (value / step).is_integer()
    except OverflowError:
        return False
