"""The hazards of numbers: the ends of the types of readers, the ways to write a number, fractions that are rounded."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chime_fixtures.engine import instances
from chime_fixtures.engine.instances import MAX_EXACT_FLOAT, exact
from chime_fixtures.engine.normal_form.numbers import Numbers, seems_multiple
from chime_fixtures.engine.values.hazard_definitions import NumberHazard

MIN_LONG_DIGITS = 16
"""Significant digits of a float that another computation of the same number may round otherwise."""


def _is_inexact(value: float) -> bool:
    return isinstance(value, int) and (abs(value) >= 2**1024 or int(float(value)) != value)


def _is_whole_float(value: float) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < MAX_EXACT_FLOAT


def _has_long_fraction(value: float) -> bool:
    digits = repr(value).partition("e")[0].replace(".", "").lstrip("-0")
    return isinstance(value, float) and not value.is_integer() and len(digits) >= MIN_LONG_DIGITS


def _is_negative_zero(value: float) -> bool:
    return isinstance(value, float) and value == 0 and math.copysign(1, value) < 0


def _has_exponent(value: float) -> bool:
    return isinstance(value, float) and "e" in repr(value)


def _is_fraction(value: float) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _is_half(value: float) -> bool:
    return value % 1 == 0.5


NUMBER_HAZARDS = (
    NumberHazard("beyond-int32", "is an integer beyond 32 bits", 2**31, low=2**31),
    NumberHazard("beyond-double", "is an integer that a double can't represent", 2**53 + 1, predicate=_is_inexact),
    NumberHazard("whole-float", "is an integer that is written with a fraction", 60.0, predicate=_is_whole_float),
    NumberHazard("beyond-int64", "is an integer beyond 64 bits", 2**63, low=2**63),
    NumberHazard("zero", "is zero, which programs take for an absent number", 0, 0, 0),
    NumberHazard("minus-one", "is minus one, which programs take for an absent number", -1, -1, -1),
    NumberHazard("beyond-int16", "is an integer beyond 16 bits", 2**15, low=2**15),
    NumberHazard("long-fraction", "has more digits than other programs print", 0.1 + 0.2, predicate=_has_long_fraction),
    NumberHazard("below-int32", "is an integer below those of 32 bits", -(2**31) - 1, high=-(2**31) - 1),
    NumberHazard("negative", "is negative", -2, high=-1),
    NumberHazard("fraction", "has a fraction", 0.1, predicate=_is_fraction),
    NumberHazard(
        "half", "is between two integers, which programs round up, down or to the even one", 2.5, predicate=_is_half
    ),
    NumberHazard("exponent", "is written with an exponent", 1e22, predicate=_has_exponent),
    NumberHazard("tiny", "is positive and next to zero", 5e-324, 5e-324, 1e-300),
    NumberHazard("huge", "is the greatest double", 1.7976931348623157e308, low=1e300),
    NumberHazard("negative-zero", "is a negative zero", -0.0, predicate=_is_negative_zero),
    NumberHazard("int32", "is the greatest integer of 32 bits", 2**31 - 1, 2**31 - 1, 2**31 - 1),
    NumberHazard("beyond-uint32", "is an integer beyond 32 bits without a sign", 2**32, low=2**32),
    NumberHazard("int64", "is the greatest integer of 64 bits", 2**63 - 1, 2**63 - 1, 2**63 - 1),
    NumberHazard("beyond-uint64", "is an integer beyond 64 bits without a sign", 2**64, low=2**64),
    NumberHazard("below-int64", "is an integer below those of 64 bits", -(2**63) - 1, high=-(2**63) - 1),
    NumberHazard("one-hundred", "is 100, which programs compare as text with 99", 100, 100, 100),
)
"""The hazards of numbers, the most fruitful ones first."""


_MAX_ROUNDED = 2**1023
"""Up to here, a sum of two numbers that is rounded to a double is not infinite."""


def hazardous_numbers(branch: Numbers) -> Iterator[tuple[NumberHazard, int | float]]:
    """The hazards of the numbers of a branch, each with its simplest number."""
    for hazard in NUMBER_HAZARDS:
        is_inevitable = hazard.predicate is None and _is_within(branch, hazard)
        number = None if is_inevitable else next(_candidates(branch, hazard), None)
        if number is not None:
            yield hazard, number


def _candidates(branch: Numbers, hazard: NumberHazard) -> Iterator[int | float]:
    return (
        number for number in _near(branch, hazard.start) if hazard.matches(number) and is_allowed_number(branch, number)
    )


def is_allowed_number(branch: Numbers, number: float) -> bool:
    """True if a branch contains a number, as far as its constraints say."""
    is_multiple = branch.grid is None or exact(number) % branch.grid == 0
    is_excluded = branch.excludes(number) or any(seems_multiple(number, step) for step in branch.not_steps)
    is_written = branch.is_float is None or instances.is_written(number, branch.is_float)
    return is_written and is_multiple and branch.admits(number) and not is_excluded and branch.is_multiple(number)


def _near(branch: Numbers, start: float) -> Iterator[int | float]:
    """A number, and the allowed ones near it."""
    is_float = isinstance(start, float)
    yield start
    if branch.grid is not None and abs(start) < _MAX_ROUNDED:
        grid = branch.grid
        least, greatest = branch.factors
        factor = math.ceil(exact(start) / grid)
        factor = factor if least is None else max(factor, least)
        factor = factor if greatest is None else min(factor, greatest)
        for near in (factor, factor - 1, factor + 1):
            allowed = branch.allowed_factor(near) if branch.has_exclusions else near
            if allowed is not None:
                multiple = allowed * grid
                if not is_float and multiple.denominator == 1:
                    yield int(multiple)
                elif abs(multiple) < _MAX_ROUNDED:
                    yield float(multiple)
    elif is_float and branch.low is not None and abs(branch.low) < _MAX_ROUNDED:
        low = math.floor(branch.low)
        yield from (low + start, low + 1 + start, low + 1 / 3)
    elif is_float and branch.high is not None and abs(branch.high) < _MAX_ROUNDED:
        high = math.ceil(branch.high)
        yield from (high - start, high - 1 - start, high - 1 / 3)


def _is_within(branch: Numbers, hazard: NumberHazard) -> bool:
    """True if every number of a branch is between the bounds of a hazard."""
    is_above = hazard.low is None or (branch.low is not None and branch.low >= hazard.low)
    is_below = hazard.high is None or (branch.high is not None and branch.high <= hazard.high)
    return is_above and is_below
