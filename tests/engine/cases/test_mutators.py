import random

import pytest

from chime_fixtures.engine.cases.mutators import MUTATORS, mutation_context
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.values import RandomChoices


def mutations(schema, keyword, value=None):
    """The (variant, value) pairs that the mutator of a keyword proposes at the root of a schema."""
    contract = Contract(schema)
    target = next(
        each for each in contract.normal_form.violation_targets if each.keyword == keyword and not each.pointer
    )
    value = contract.builder.build(RandomChoices(random.Random(0))) if value is None else value
    context = mutation_context(contract.root, target, value, contract.builder)
    return None if context is None else list(MUTATORS[keyword](context))


@pytest.mark.parametrize(
    ("schema", "keyword", "value", "expected"),
    [
        ({"type": "integer", "minimum": 3}, "minimum", 5, [(None, 2), ("far", 3 - 2**32), ("negated", -3)]),
        ({"type": "integer", "multipleOf": 4}, "multipleOf", 8, [(None, 10.0), ("one-more", 9), ("hundredth", 8.04)]),
        (
            # A double and a number beyond all doubles have no sum.
            {"type": "number", "multipleOf": 10**400, "examples": [0.0]},
            "multipleOf",
            0.0,
            [(None, 5 * 10**399), ("one-more", 1), ("hundredth", 10**398)],
        ),
        ({"type": "array", "minItems": 2}, "minItems", [1, 2], [(None, [1]), ("empty", [])]),
        ({"type": "array", "uniqueItems": True}, "uniqueItems", [1, 2], [(None, [1, 1]), ("at-the-end", [1, 2, 1])]),
        ({"type": "object", "required": ["a"]}, "required", {"a": 1, "b": 2}, [("a", {"b": 2})]),
        (
            {"type": "object", "minProperties": 2.0},
            "minProperties",
            {"a": 1, "b": 2},
            [(None, {"a": 1}), ("empty", {})],
        ),
        ({"type": "array", "contains": {"const": 1}}, "contains", [1], []),
    ],
)
def test_mutations_of_a_valid_value(schema, keyword, value, expected):
    """Mutators propose the values next to the limit first; those of constructed violations propose nothing."""
    assert mutations(schema, keyword, value) == expected


def test_a_value_of_another_type_is_replaced():
    """A keyword of strings mutates a string, also if the baseline has another type; without strings it has no context."""
    assert ("trailing-newline", "x\n") in mutations({"pattern": "^x$"}, "pattern", 5)
    assert mutations({"type": "integer", "pattern": "^x$"}, "pattern", 5) is None
