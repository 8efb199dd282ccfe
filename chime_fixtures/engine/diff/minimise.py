"""The smallest form of a value that keeps a property: no single step makes it smaller and keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.instances import MAX_EXACT_FLOAT

SIMPLE_VALUES: tuple[Any, ...] = (None, False, 0, "", [], {})
"""Values that replace a whole part, the simplest one first."""

MAX_STEPS = 5000
"""Values that are tried in all."""

MAX_VARIED_LENGTH = 40
"""Characters of a string that are replaced one by one."""

_PLAINEST = "a0-"
_PLAIN = _PLAINEST + "".join(chr(code) for code in range(33, 127) if chr(code) not in _PLAINEST)
"""Characters, the plainest ones first; all are tried in a string of one."""

_SMALL_NUMBERS = 20


def minimise(value: Any, keeps: Callable[[Any], bool]) -> Any:
    """A value for which `keeps` is still true, and is false for each value that one step leads to.

    The steps: a part becomes a simpler value; a member or an item is dropped; a string loses characters; a number moves
    towards 0.

    Args:
        value: a JSON value for which `keeps` is true.
        keeps: the property.
    """
    tried: set[str] = set()
    has_changed = True
    while has_changed:
        has_changed = False
        for smaller in _smaller_values(value):
            text = json.dumps(smaller)
            if text in tried:
                continue
            if len(tried) >= MAX_STEPS:
                return value
            tried.add(text)
            if keeps(smaller):
                value, has_changed = smaller, True
                break
    return value


def _smaller_values(value: Any) -> Iterator[Any]:
    """The values that one step leads to, the smallest ones first."""
    for step in (_smaller_parts, _with_plainer_characters):
        for path, part in _parts(value, ()):
            for smaller in step(part):
                yield json_pointer.with_value(value, json_pointer.join(path), smaller) if path else smaller


def _parts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """A value and its parts, outer ones first."""
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _parts(member, (*path, name))
    elif isinstance(value, list):
        for index in _starts_of_runs(value):
            yield from _parts(value[index], (*path, index))


def _smaller_parts(value: Any) -> Iterator[Any]:
    size = _size(value)
    yield from (simple for simple in SIMPLE_VALUES if _size(simple) < size)
    if isinstance(value, dict):
        yield from ({name: value[name] for name in value if name != dropped} for dropped in value)
    elif isinstance(value, list):
        yield from _with_equal_items(value, SIMPLE_VALUES)
        yield from (value[:length] for length in _shorter_lengths(len(value)))
        yield from ([*value[:index], *value[index + 1 :]] for index in _starts_of_runs(value))
        yield from _with_equal_items(value, [min(value, key=_size)] if value else [])
    elif isinstance(value, str):
        yield from ["a" * len(value)] if value.strip("a") else []
        yield from (value[:length] for length in _shorter_lengths(len(value)))
        yield from (value[:index] + value[index + 1 :] for index in _starts_of_runs(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _nearer_numbers(value)


def _with_plainer_characters(value: Any) -> Iterator[str]:
    """A string with one character replaced by a plainer one, so that a witness does not depend on chance."""
    if not isinstance(value, str) or len(value) > MAX_VARIED_LENGTH:
        return
    characters = _PLAIN if len(value) == 1 else _PLAINEST
    for index, character in enumerate(value):
        for plainer in characters.partition(character)[0]:
            yield value[:index] + plainer + value[index + 1 :]


def _with_equal_items(value: list[Any], items: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of the same length of one value alone, which is simpler than another item."""
    size = max(map(_size, value), default=(0, 0))
    yield from ([item] * len(value) for item in items if _size(item) < size)


def _shorter_lengths(length: int) -> Iterator[int]:
    """Half of a length, three quarters of it, and so on."""
    cut = length // 2
    while cut:
        yield length - cut
        cut //= 2


def _starts_of_runs(value: str | list[Any]) -> Iterator[int]:
    """The indices of the characters or items that differ from the one before: to drop any of a run is the same."""
    return (index for index in range(len(value)) if not index or value[index] != value[index - 1])


def _nearer_numbers(value: float) -> Iterator[float]:
    """Numbers of the same sign that are nearer to 0, and 0; a float may become an equal integer."""
    sign = -1 if value < 0 else 1
    yield from (sign * number for number in range(_SMALL_NUMBERS) if number < abs(value))
    if isinstance(value, int):
        yield from (sign * smaller for smaller in _shorter_lengths(abs(value)))
        return
    if abs(value) < MAX_EXACT_FLOAT:
        yield int(value)
    yield from (float(sign * number) for number in range(_SMALL_NUMBERS) if number < abs(value))
    yield from (float(sign * smaller) for smaller in _shorter_lengths(int(abs(value))))
    rounded = (round(value, digits) for digits in range(1, 10))
    yield from (each for each in rounded if abs(each) < abs(value))
    yield value / 2


def _size(value: Any) -> tuple[int, Fraction | int]:
    """A measure by which a simple value is smaller than another part that it may replace."""
    if value is None or isinstance(value, bool):
        return 0, (None, False, True).index(value)
    if isinstance(value, int | float):
        return 1, Fraction(abs(value))
    return (3, len(json.dumps(value))) if value else (2, 0)
