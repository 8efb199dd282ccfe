"""The order of violations: those that have least in common come first."""

import collections

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations, iter_violations
from chime_fixtures.engine.strategies import violations_of

MOMENT = {"type": "string", "format": "date-time"}
NAME = {"type": "string", "maxLength": 9}
NUMBER = {"type": "string", "pattern": "^[1-9][0-9]{3,5}$"}
ORDER = Contract(
    {
        "type": "object",
        "properties": {
            "Created": MOMENT,
            "Paid": MOMENT,
            "Sent": MOMENT,
            "State": {"enum": ["Open", "Paid"]},
            "Buyer": NAME,
            "Seller": NAME,
            "Count": {"type": "integer", "minimum": 1},
        },
        "required": ["State", "Count"],
    }
)


def constraints(violations):
    return {(each.pointer, each.keyword, each.variant if each.keyword == "required" else None) for each in violations}


def test_a_prefix_has_each_constraint():
    """The first third has a violation of each constraint at each location, which takes the schema's order longer."""
    every = list(iter_violations(ORDER))
    first = enumerate_violations(ORDER)[: len(every) // 3]
    assert constraints(first) == constraints(every)
    assert constraints(every[: len(first)]) < constraints(every)


def test_frequent_mistakes_come_first():
    """One character too many and a line break at the end come before two lines; a selection begins with its plainest."""
    position = {each.variant: number for number, each in enumerate(enumerate_violations(NUMBER))}
    assert max(position["one-more"], position["trailing-newline"]) < position["two-lines"]
    for keyword, first in (("maxLength", None), ("type", "null"), ("enum", None)):
        assert enumerate_violations(ORDER, keyword=keyword)[0].variant == first


def test_equal_subschemas_have_different_mistakes_first():
    """Three members with one format begin with different mistakes."""
    first = [each.variant for each in enumerate_violations(ORDER) if each.keyword == "format"]
    assert len(set(first[:12])) == 12
    assert {each.pointer for each in enumerate_violations(ORDER, keyword="format")[:3]} == {
        "/Created",
        "/Paid",
        "/Sent",
    }


def test_values_of_unrelated_types_come_last():
    """An empty list for a name comes after a name in a list, and true for a name after true for a number."""
    position = {each.id: number for number, each in enumerate(enumerate_violations(ORDER))}
    for name in ("Buyer", "Seller", "Created"):
        assert position[f"{name}.type.array"] > position[f"{name}.type.wrapped"]
        assert position[f"{name}.type.boolean"] > position["Count.type.boolean"]
    assert position["Buyer.type.array"] > position["Buyer.type.null"]


def test_every_violation_is_enumerated_once():
    """The order omits and repeats none."""
    every = collections.Counter(violation.id for violation in iter_violations(ORDER))
    assert collections.Counter(violation.id for violation in enumerate_violations(ORDER)) == every
    assert max(every.values()) == 1


def drawn_ids(contract, count):
    """The ids of the violations that a test draws, in order."""
    ids = []

    @seed(0)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(violations_of(contract))
    def collect(violation):
        ids.append(violation.id)

    collect()
    return ids


@pytest.mark.slow
def test_draws_begin_with_the_first_third():
    """Draws have nearly all of the first third before they repeat one, then all others."""
    every = [violation.id for violation in enumerate_violations(ORDER)]
    third = set(every[: len(every) // 3])
    ids = drawn_ids(ORDER, 2 * len(every))
    assert set(ids) == set(every)
    early = ids[: len(third)]
    assert len(third.intersection(early)) > 0.7 * len(third)
    assert len(set(early)) > 0.9 * len(early)
