"""Construction of values without children: constants, numbers, strings."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.instances import MAX_EXACT_FLOAT
from chime_fixtures.engine.normal_form.numbers import MAX_FLOAT, Numbers, seems_multiple
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.language import PADDING
from chime_fixtures.engine.values.choices import MAX_BOUND, MAX_INT64, Choices, Construct
from chime_fixtures.engine.values.texts import text_hazards


def constants(values: tuple[Any, ...]) -> Construct:
    """The construction of the constants of a branch."""
    last = len(values) - 1
    if any(isinstance(value, list | dict) for value in values):
        # A value belongs to the caller.
        return lambda choices, depth_budget: instances.copy_json(values[choices.integer(0, last) if last else 0])
    if not last:
        return lambda choices, depth_budget: values[0]
    return lambda choices, depth_budget: values[choices.integer(0, last)]


# Numbers -------------------------------------------------------------------------------------------------------------

_REPRESENTATION_LIMITS = (2**31 - 1, 2**31, 2**53 + 1)
"""Integers at which the types of readers overflow or lose precision."""

_MAX_NARROW_RANGE = 2**20
"""In a range of this size or less integers are drawn beyond both bounds, and become them."""

_DRAWS_AT_BOUND = 96
"""If only one bound exists: integers beyond it that are drawn, and become the bound, so that it is frequent."""

_MAX_TRIES_FOR_NUMBER = 8

_MAX_FACTORS_NEAR = 1000
"""Factors on each side of the last one drawn, of which a multiple without a remainder is taken."""


def integers(branch: Numbers) -> Construct:
    """The construction of integers between two bounds."""
    low, high = branch.least_integer, branch.greatest_integer
    limits = [limit for limit in _REPRESENTATION_LIMITS if branch.admits(limit) and limit != high]
    near_low = [low, low, low + 1] if low is not None and high is None else []
    # `high` stands for the whole range, every other entry for itself. The limits are as frequent as the range, since
    # most draws from a wide range stay near its beginning.
    upper_bounds = [high, high, high, high, *near_low, *limits, *limits] if limits else [high, *near_low]
    last = len(upper_bounds) - 1
    # Two further choices make an integer with a zero fraction, which is the same number to JSON Schema.
    last_choice = last + 2 if branch.is_plain and branch.is_integer and branch.is_float is None else last
    # A draw from a wider range moves to the nearest allowed integer, so that the bounds are frequent and a failing
    # value shrinks away from them by single steps.
    is_narrow = low is not None and high is not None and high - low < _MAX_NARROW_RANGE
    if low is not None and high is not None and is_narrow:
        beyond = (high - low) // 4 + 1
        start, end = low - beyond, high + beyond
    else:
        start = -MAX_BOUND if low is None else low - _DRAWS_AT_BOUND
        end = high + _DRAWS_AT_BOUND if high is not None and high <= 0 else max(MAX_BOUND, start + MAX_BOUND)

    def construct(choices: Choices, depth_budget: int) -> int | float:
        choice = choices.integer(0, last_choice) if last_choice else 0
        upper = upper_bounds[choice] if choice <= last else high
        if low is not None and upper == low:
            return low
        if is_narrow:
            value = choices.integer(start, end)
        elif upper is not None and upper != high:
            # A choice of one, which becomes any other integer when the choice of the bound shrinks away.
            value = choices.wide_integer(upper, upper)
        else:
            value = choices.wide_integer(start, end if upper is not None else None)
        if low is not None and value < low:
            value = low
        elif upper is not None and value > upper:
            value = upper
        return float(value) if choice > last and abs(value) < MAX_EXACT_FLOAT else value

    return construct


def numbers(branch: Numbers) -> Construct:
    """The construction of the numbers of a branch."""
    return _as_floats(branch) if branch.is_float else _of_any_form(branch)


def _as_floats(branch: Numbers) -> Construct:
    """Numbers that are written with a fraction, as 1.0."""
    build = _of_any_form(replace(branch, is_float=None))

    def construct(choices: Choices, depth_budget: int) -> int | float:
        value = build(choices, depth_budget)
        return float(value) if instances.is_written(value, True) else value

    return construct


def _of_any_form(branch: Numbers) -> Construct:
    if branch.step is not None:
        return _multiples(branch)
    construct = integers(branch) if branch.is_integer else _floats(branch)
    return construct if branch.is_plain else _with_exclusions(branch, construct)


def _floats(branch: Numbers) -> Construct:
    least, greatest = branch.least_integer, branch.greatest_integer
    has_integers = not branch.is_fraction and (least is None or greatest is None or least <= greatest)
    integer = integers(branch)
    if branch.is_beyond_floats:
        return integer
    low = None if branch.low is None else _nearest_float(branch.low, math.inf, branch)
    high = None if branch.high is None else _nearest_float(branch.high, -math.inf, branch)

    def construct(choices: Choices, depth_budget: int) -> Any:
        if has_integers and choices.integer(0, 1) == 0:
            return integer(choices, depth_budget)
        return choices.number(low, high)

    return construct


def _nearest_float(bound: float, toward: float, branch: Numbers) -> float:
    """The float nearest to a bound that is within the bounds."""
    value = float(max(-MAX_FLOAT, min(bound, MAX_FLOAT)))
    return value if branch.admits(value) else math.nextafter(value, toward)


def _with_exclusions(branch: Numbers, build: Construct) -> Construct:
    """Numbers without the excluded ones: an excluded number is replaced by the next one, or drawn again a few times."""

    def construct(choices: Choices, depth_budget: int) -> int | float:
        value: int | float = 0
        for _ in range(_MAX_TRIES_FOR_NUMBER):
            value = build(choices, depth_budget)
            if not _is_excluded(branch, value):
                return value
            is_whole = isinstance(value, int) or value.is_integer()
            if branch.is_fraction and is_whole and branch.admits(value + 0.5):
                return value + 0.5
            following = value + 1
            if branch.is_integer and branch.admits(following) and not _is_excluded(branch, following):
                return following
        nearest = branch.allowed_factor(int(value)) if branch.is_integer else None
        candidates = (value if nearest is None else nearest, *_smaller(value))
        allowed = (each for each in candidates if branch.admits(each) and not _is_excluded(branch, each))
        return next(allowed, candidates[0])

    return construct


def _smaller(value: float) -> list[int]:
    """Integers of the same sign with fewer digits: the division of large floats has no remainder."""
    sign, size = (-1 if value < 0 else 1), abs(int(value))
    return [sign * (size >> bits) for bits in range(1, size.bit_length() + 1)]


def _is_excluded(branch: Numbers, value: float) -> bool:
    """True for an excluded number, and for one that a validator that divides floats takes for an excluded multiple."""
    return branch.excludes(value) or any(seems_multiple(value, step) for step in branch.not_steps)


def _multiples(branch: Numbers) -> Construct:
    step = branch.step
    assert step is not None
    least, greatest = branch.factors
    factor_of = integers(Numbers(True, least, greatest))
    # Without a bound no multiple is beyond 64 bits, unless all are.
    max_factor = math.floor(MAX_INT64 / step)
    low, high = -max_factor if least is None else least, max_factor if greatest is None else greatest
    if step.denominator > 1:
        # The multiples between integers are floats.
        max_float_factor = math.floor(Fraction(MAX_FLOAT) / step)
        low, high = max(low, -max_float_factor), min(high, max_float_factor)

    def construct(choices: Choices, depth_budget: int) -> int | float:
        factor = 0
        for _ in range(_MAX_TRIES_FOR_NUMBER):
            factor = int(factor_of(choices, depth_budget))
            factor = max(low, min(factor, high)) if low <= high else factor
            multiple = multiple_at(factor)
            if is_allowed(multiple):
                return multiple
        near = (factor + sign * distance for distance in range(_MAX_FACTORS_NEAR) for sign in (1, -1))
        factors = itertools.chain(near, _smaller(factor))
        multiples = (multiple_at(each) for each in factors if low <= each <= high)
        return next(filter(is_allowed, multiples), multiple_at(factor))

    def is_allowed(multiple: float) -> bool:
        return branch.is_multiple(multiple) and not (branch.has_exclusions and _is_excluded(branch, multiple))

    def multiple_at(factor: int) -> int | float:
        allowed = branch.allowed_factor(factor) if branch.has_exclusions else factor
        return number_from_fraction((factor if allowed is None else allowed) * step)

    return construct


def number_from_fraction(value: Fraction) -> int | float:
    """An integer, or the float that is nearest to the fraction."""
    return int(value) if value.denominator == 1 else float(value)


# Strings -------------------------------------------------------------------------------------------------------------

_MAX_EXTRA_CHARACTERS = 24
"""Characters beyond the minimum length if the schema sets no maximum."""

_MAX_CHARACTERS = 2**16
"""Languages with longer strings are drawn at moderate lengths only."""

_MAX_TEMPLATE_CHARACTERS = 16
"""Characters that are drawn for a string; a longer string repeats them."""

_MAX_TEMPLATE_NUMBER = 32**4 - 1
"""The maximum number drawn for a template; it makes four characters, which are enough to be repeated."""


MIN_WHOLE_VALUES = 5
"""Hazardous strings that are among the strings of any language that contains them."""


def strings(language: Language, examples: tuple[str, ...] = ()) -> Construct:
    """The construction of a language's strings: a length first, then a template that the string follows.

    Args:
        language: the language.
        examples: strings of the language that are sometimes used unchanged.
    """
    shortest = language.shortest or 0
    limit = language.longest if language.longest is not None else shortest + _MAX_EXTRA_CHARACTERS
    if limit > _MAX_CHARACTERS:
        limit = max(shortest, _MAX_CHARACTERS // 16)
    lengths = language.lengths(limit)
    hazards = text_hazards(language)
    variants = hazards.variants
    if len(lengths) == 1 and not (examples or hazards.whole_values):
        only = lengths[0]
        return lambda choices, depth_budget: language.construct(
            only, _template(choices.integer(0, _MAX_TEMPLATE_NUMBER))
        )
    last = len(lengths) - 1
    # The index grows with the length, so that shrinking it shortens the string. The minimum and the maximum are each
    # a third as frequent as all lengths together, the lengths next to them a sixth, in a language of few lengths more.
    # Those of dates and times limit nothing.
    neighbour_weight = 0 if hazards.has_timestamps else min(last, len(lengths) // 6 + 3)
    weight = 0 if hazards.has_timestamps else len(lengths) // 3 + 1
    first_index = weight + neighbour_weight
    last_index = last + 2 * (weight + neighbour_weight)
    # Whole values follow: examples are frequent, hazards are rare.
    whole_values = _repeated(examples, (last_index + 1) // 4)
    share = (last_index + 1) * 2 // 3 if hazards.has_timestamps else (last_index + 1) // 5
    # In a language of few lengths many whole values would be most of the strings.
    whole_values += _repeated(hazards.whole_values[: max(share, MIN_WHOLE_VALUES) if variants else None], share)
    last_choice = last_index + len(whole_values)

    def construct(choices: Choices, depth_budget: int) -> str:
        index = choices.integer(0, last_choice)
        # In a language that determines its characters they are not drawn one by one.
        if variants:
            template = choices.text(_MAX_TEMPLATE_CHARACTERS)
        else:
            template = _template(choices.integer(0, _MAX_TEMPLATE_NUMBER))
        variant = choices.integer(0, variants - 1) if variants else 0
        # All choices are drawn by now, so that a whole value shrinks into a constructed one.
        if index > last_index:
            return whole_values[index - last_index - 1]
        position = index - first_index
        if position < 0:
            position = 0 if index < weight else 1
        elif position > last:
            position = last - (position <= last + neighbour_weight)
        length = lengths[position]
        if variants and length:
            template = hazards.text(variant, template, length, choices)
        return language.construct(length, template)

    return construct


def _repeated(texts: tuple[str, ...], total: int) -> list[str]:
    """Each text equally often, at least once, and at least `total` entries in all."""
    return [text for text in texts for _ in range(max(-(-total // len(texts)), 1))]


def _template(number: int) -> str:
    """A template with one character for each five bits of a number."""
    template = ""
    while number:
        number, rank = divmod(number, 32)
        template += chr(ord(PADDING) + rank)
    return template
