"""JSON values as JSON Schema sees them: six types, 1 equal to 1.0, true not equal to 1."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar, cast

from chime_fixtures.engine.schema.keywords import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING

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
    """Whether a number is an integer by 2020-12: without a fraction, however it is written."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def key(value: Any) -> Any:
    """A hashable stand-in: two values have the same one exactly when they are equal as JSON."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list | tuple):
        return ("array", *map(key, value))
    if isinstance(value, dict):
        return ("object", frozenset((name, key(item)) for name, item in value.items()))
    return value


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal as JSON."""
    return bool(key(left) == key(right))


def copy_json(value: T) -> T:
    """A copy that shares nothing with the value that can be changed; much quicker than one of any Python object."""
    if isinstance(value, dict):
        return cast("T", {name: copy_json(part) for name, part in value.items()})
    return cast("T", [copy_json(item) for item in value]) if isinstance(value, list) else value


def exact(number: float) -> Fraction:
    """The number that a JSON text meant: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))
