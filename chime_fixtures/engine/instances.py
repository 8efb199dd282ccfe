"""JSON Schema's data model of instances: six types, 1 equal to 1.0, true not equal to 1."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, TypeVar, cast

NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT = "null", "boolean", "number", "string", "array", "object"
TYPES = (NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT)
"""The JSON types, simplest first; an `integer` is a number without a fraction."""

_SCALARS = frozenset({str, int, float, bool, type(None)})
"""The Python types of values that have no parts."""

T = TypeVar("T")


def json_type(value: Any) -> str:
    """The JSON type of a value; integers are numbers."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, str):
        return STRING
    return ARRAY if isinstance(value, list | tuple) else OBJECT


def is_integer(value: Any) -> bool:
    """True if a number is an integer by draft 2020-12: its fraction is zero, so 1.0 is one."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


MAX_EXACT_FLOAT = 2**53
"""Up to here a float represents every integer."""


def is_written(value: float, is_float: bool) -> bool:
    """True if a number equal to this one can be written with a fraction, as 1.0, or else without one."""
    return isinstance(value, float) or abs(value) <= MAX_EXACT_FLOAT if is_float else is_integer(value)


def key(value: Any) -> Any:
    """A hashable key: two values have the same key exactly if they are equal as JSON."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list | tuple):
        return ("array", *map(key, value))
    if isinstance(value, dict):
        return ("object", frozenset((name, key(item)) for name, item in value.items()))
    return value


def equal(left: Any, right: Any) -> bool:
    """True if two values are equal as JSON."""
    return bool(key(left) == key(right))


def may_be_equal(left: Any, right: Any) -> bool:
    """False if no validator takes two values for equal: some compare numbers as doubles."""
    if json_type(left) != json_type(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(may_be_equal, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(may_be_equal(item, right[name]) for name, item in left.items())
    if isinstance(left, int | float):
        return _as_double(left) == _as_double(right)
    return bool(left == right)


def _as_double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def copy_json(value: T) -> T:
    """A deep copy of a JSON value; much faster than `copy.deepcopy`."""
    if isinstance(value, dict):
        if _SCALARS.issuperset(map(type, value.values())):
            return cast("T", dict(value))
        copied = {name: item if type(item) in _SCALARS else copy_json(item) for name, item in value.items()}
        return cast("T", copied)
    if isinstance(value, list):
        if _SCALARS.issuperset(map(type, value)):
            return cast("T", list(value))
        return cast("T", [copy_json(item) for item in value])
    return value


def size(value: Any) -> int:
    """The approximate number of characters of a JSON value as text."""
    return len(repr(value))


def exact(number: float) -> Fraction:
    """The exact decimal value of a JSON number: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))
