"""The construction of values without parts: constants, numbers, strings."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import Any

from chime_fixtures.engine.instances import exact
from chime_fixtures.engine.normal_form.nodes import Numbers
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.language import PADDING
from chime_fixtures.engine.values.choices import FAR, GREATEST, Choices, Construct
from chime_fixtures.engine.values.texts import seasoning_of

FREE_LENGTH = 24
"""How many characters beyond its shortest a string has at most when the schema sets no limit."""

LONG = 2**16
"""Strings that may be longer are drawn of moderate lengths only."""


HINT = 16
"""So many characters at most are drawn for a string; a longer one goes on with them."""

SPELLED = 32**4 - 1
"""Up to this number one is drawn for a hint of four characters, which are enough to be repeated."""


def constants(values: tuple[Any, ...]) -> Construct:
    """The choice of a constant."""
    last = len(values) - 1
    if not last:
        return lambda source, room: values[0]
    return lambda source, room: values[source.integer(0, last)]


_ENDS = (2**31 - 1, 2**31, 2**53 + 1)
"""Where integers outgrow what readers hold them in."""

_FARTHEST = sys.float_info.max
"""No number with a fraction is further from zero."""

_EXACT = 2**53
"""Up to here a double holds every integer."""

_NEAR = 2**20
"""Hypothesis draws evenly from a range that is not greater."""

_PAD = 96
"""So many of the draws nearest to a lone bound mean the bound itself."""


def integers(shape: Numbers) -> Construct:
    """The construction of integers between two bounds."""
    low, high = shape.least_integer, shape.greatest_integer
    ends = [end for end in _ENDS if shape.admits(end) and end != high]
    starts = [low, low, low + 1] if low is not None and high is None else []
    # The ends as often as all between them: of a wide range most draws stay near its beginning.
    caps = [high, high, high, high, *starts, *ends, *ends] if ends else [high, *starts]
    last = len(caps) - 1
    # A whole number may be written with a fraction of zero: it is the same number to JSON Schema.
    choices = last + 2 if shape.is_plain and shape.is_integer else last
    # A draw from a wider range, moved to the nearest that is allowed: the ends come often, and a value that fails
    # shrinks from there step by step.
    is_narrow = low is not None and high is not None and high - low < _NEAR
    if low is not None and high is not None and is_narrow:
        beyond = (high - low) // 4 + 1
        start, end = low - beyond, high + beyond
    else:
        start = -FAR if low is None else low - _PAD
        end = high + _PAD if high is not None and high <= 0 else max(FAR, start + FAR)

    def build(source: Choices, room: int) -> int | float:
        choice = source.integer(0, choices) if choices else 0
        cap = caps[choice] if choice <= last else high
        if low is not None and cap == low:
            return low
        if is_narrow:
            value = source.integer(start, end)
        elif cap is not None and cap != high:
            # A choice of one, which becomes any of the others when the choice of the end shrinks away.
            value = source.wide_integer(cap, cap)
        else:
            value = source.wide_integer(start, end if cap is not None else None)
        if low is not None and value < low:
            value = low
        elif cap is not None and value > cap:
            value = cap
        return float(value) if choice > last and abs(value) < _EXACT else value

    return build


def numbers(shape: Numbers) -> Construct:
    """The construction of the numbers of a shape."""
    if shape.step is not None:
        return _multiples(shape)
    made = integers(shape) if shape.is_integer else _fractions(shape)
    if shape.is_plain:
        return made
    return _without(shape, made)


def _fractions(shape: Numbers) -> Construct:
    least, greatest = shape.least_integer, shape.greatest_integer
    has_integers = not shape.is_fraction and (least is None or greatest is None or least <= greatest)
    whole = integers(shape)
    if (shape.low or 0) > _FARTHEST or (shape.high or 0) < -_FARTHEST:
        return whole
    low = None if shape.low is None else _inside(shape.low, math.inf, shape)
    high = None if shape.high is None else _inside(shape.high, -math.inf, shape)

    def build(source: Choices, room: int) -> Any:
        if has_integers and source.integer(0, 1) == 0:
            return whole(source, room)
        return source.fraction(low, high)

    return build


def _inside(bound: float, toward: float, shape: Numbers) -> float:
    """The double nearest to a bound that is still allowed."""
    value = float(max(-_FARTHEST, min(bound, _FARTHEST)))
    return value if shape.admits(value) else math.nextafter(value, toward)


def _without(shape: Numbers, made: Construct) -> Construct:
    """Numbers of which some are left out: another is taken, a bounded number of times."""

    def build(source: Choices, room: int) -> int | float:
        value: int | float = 0
        for _ in range(8):
            value = made(source, room)
            is_whole = isinstance(value, int) or value.is_integer()
            is_multiple = any(exact(value) % exact(step) == 0 for step in shape.not_steps)
            if value not in shape.excluded and not is_multiple and not (shape.is_fraction and is_whole):
                break
            if shape.is_fraction and is_whole and shape.admits(value + 0.5):
                return value + 0.5
            nudged = value + 1
            is_free = nudged not in shape.excluded and all(exact(nudged) % exact(step) for step in shape.not_steps)
            if shape.is_integer and shape.admits(nudged) and is_free:
                return nudged
        return value

    return build


def _multiples(shape: Numbers) -> Construct:
    step = shape.step
    assert step is not None
    least, greatest = shape.factors
    factors = integers(Numbers(True, least, greatest))
    # Without a bound no multiple is beyond 64 bits, unless all are.
    most = math.floor(GREATEST / step)
    low, high = -most if least is None else least, most if greatest is None else greatest

    def build(source: Choices, room: int) -> int | float:
        found: int | float = 0
        for _ in range(8):
            factor = int(factors(source, room))
            found = _number((max(low, min(factor, high)) if low <= high else factor) * step)
            # An engine that divides doubles may find a remainder where there is none.
            if isinstance(found, int) or (found / float(step)).is_integer():
                break
        return found

    return build


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def strings(language: Language, examples: tuple[str, ...] = ()) -> Construct:
    """The construction of a language's strings: a length first, then a hint that the member follows.

    Args:
        language: what they are.
        examples: those of them that come as they are, now and then.
    """
    shortest = language.shortest or 0
    limit = language.longest if language.longest is not None else shortest + FREE_LENGTH
    if limit > LONG:
        limit = max(shortest, LONG // 16)
    lengths = language.lengths(limit)
    seasoning = seasoning_of(language)
    ways = seasoning.ways
    if len(lengths) == 1 and not (examples or seasoning.whole):
        only = lengths[0]
        return lambda source, room: language.construct(only, _spelled(source.integer(0, SPELLED)))
    last = len(lengths) - 1
    # The index grows with the length, so that shrinking it shortens the string. Each end weighs half as much as all
    # lengths together, and what is next to it a quarter.
    beside = len(lengths) // 4
    weight = len(lengths) // 2 + 1
    least = weight + beside
    greatest = last + 2 * (weight + beside)
    # Behind them comes what a text is as a whole: examples often, what is read as something else seldom.
    whole = _often(examples, (greatest + 1) // 4)
    whole += _often(seasoning.whole, (greatest + 1) // 7 if ways else (greatest + 1) * 2 // 3)
    most = greatest + len(whole)

    def build(source: Choices, room: int) -> str:
        index = source.integer(0, most)
        # Where a language says what each character is, there is no need to draw them one by one.
        hint = source.text(HINT) if ways else _spelled(source.integer(0, SPELLED))
        way = source.integer(0, ways - 1) if ways else 0
        # All choices are made by now, so that what is a whole shrinks into what is made.
        if index > greatest:
            return whole[index - greatest - 1]
        place = index - least
        if place < 0:
            place = 0 if index < weight else 1
        elif place > last:
            place = last - (place <= last + beside)
        length = lengths[place]
        return language.construct(length, seasoning.text(way, hint, source) if ways and length else hint)

    return build


def _often(texts: tuple[str, ...], places: int) -> list[str]:
    """Each of the texts as often, so that together they take so many places, or one each."""
    return [text for text in texts for _ in range(max(places // len(texts), 1))]


def _spelled(number: int) -> str:
    """The hint of a number: a character for each five bits."""
    hint = ""
    while number:
        number, rank = divmod(number, 32)
        hint += chr(ord(PADDING) + rank)
    return hint
