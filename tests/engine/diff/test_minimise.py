"""The smallest form of a value: no step leaves the property."""

import pytest

from chime_fixtures.engine.diff.minimise import minimise

CASES = [
    ({"a": [1, {"b": "x"}], "c": None}, lambda value: True, None),
    ([5, 4, 3, 200], lambda value: isinstance(value, list) and sum(map(_number, value)) >= 9, [5, 4]),
    ("abcdefgh", lambda value: isinstance(value, str) and len(value) >= 5, "aaaaa"),
    ("xxaxx", lambda value: isinstance(value, str) and "a" in value, "a"),
    (-1000, lambda value: _number(value) <= -37, -37),
    (12.75, lambda value: isinstance(value, float) and not isinstance(value, bool), 0.0),
    ({"a": 1, "b": 2, "c": 3}, lambda value: isinstance(value, dict) and len(value) >= 2, {"b": None, "c": None}),
    ([[7] * 40] * 30, lambda value: isinstance(value, list) and len(value) > 20, [None] * 21),
]


def _number(value):
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


@pytest.mark.parametrize(("value", "keeps", "smallest"), CASES)
def test_the_smallest_form(value, keeps, smallest):
    """It has the property, and the value itself is unchanged."""
    before = repr(value)
    found = minimise(value, keeps)
    assert (found, keeps(found), repr(value)) == (smallest, True, before)
