"""Arrays of different items, of which there are only a few."""

import itertools
import json

import jsonschema_rs
import pytest
from hypothesis import Phase, find, settings

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.strategies import from_schema

CARDS = [f"{rank}{suit}" for rank in "23456789TJQKA" for suit in "CDHS"]
PAIR = {
    "type": "object",
    "properties": {"a": {"type": "boolean"}, "b": {"enum": [1, 2]}},
    "required": ["a"],
    "additionalProperties": False,
}
LISTS = {
    "ranking": ({"items": {"enum": ["a", "b", "c", "d"]}}, 4, 24),
    "types": ({"items": {"type": ["boolean", "null"]}}, 3, 6),
    "union": ({"items": {"anyOf": [{"type": "boolean"}, {"const": 7}, {"type": "integer", "enum": [7, 8]}]}}, 4, 24),
    "range": ({"items": {"type": "integer", "minimum": -1, "exclusiveMaximum": 2, "not": {"const": 0}}}, 2, 2),
    "multiples": ({"items": {"type": "number", "multipleOf": 0.5, "minimum": 0, "maximum": 1}}, 3, 6),
    "strings": ({"items": {"type": "string", "pattern": "^[ab]$|^$"}}, 3, 6),
    "objects": ({"items": PAIR}, 6, 720),
    "arrays": ({"items": {"type": "array", "items": {"type": "boolean"}, "maxItems": 1}}, 3, 6),
    "prefix": ({"prefixItems": [{"enum": [1, 2]}, {"enum": [2, 3]}, {"enum": [1, 3]}], "items": False}, 3, 2),
    "prefix and items": ({"prefixItems": [{"enum": [1, 2]}], "items": {"enum": [1, 2, 3]}}, 3, 4),
    "wide prefix": ({"prefixItems": [{"type": "integer", "minimum": 0, "maximum": 1}, {"const": 1}]}, 2, 1),
    "contains": ({"items": {"enum": ["a", "b", "c"]}, "contains": {"const": "c"}}, 3, 6),
    "part": ({"items": {"enum": ["a", "b", "c"]}, "maxItems": 2}, 2, 6),
}


@pytest.mark.slow
@pytest.mark.parametrize(("keywords", "size", "orders"), LISTS.values(), ids=LISTS)
def test_every_order_occurs(keywords, size, orders):
    """Lists of different items are valid, and in a few hundred of them each order occurs, about equally often."""
    schema = {"type": "array", "uniqueItems": True, "minItems": size, **keywords}
    contract, validator = Contract(schema), jsonschema_rs.Draft202012Validator(schema)
    count = max(10 * orders, 60)
    values = [generate(contract, seed=1, index=index) for index in range(count)]
    assert all(validator.is_valid(value) for value in values)
    tallies = {}
    for value in values:
        if len(value) == size:
            key = json.dumps(value)
            tallies[key] = tallies.get(key, 0) + 1
    assert len(tallies) >= orders - orders // 50
    assert max(tallies.values()) < 4 * count / orders


@pytest.mark.parametrize(
    ("items", "size"),
    [
        ({"enum": CARDS}, 52),
        ({"type": "integer", "minimum": 1, "maximum": 1000}, 995),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 7, "maxItems": 7}, 128),
        (
            {"type": "object", "properties": {"n": {"enum": CARDS}}, "required": ["n"], "additionalProperties": False},
            50,
        ),
    ],
    ids=["deck", "range", "arrays", "objects"],
)
def test_a_long_list_takes_one_choice_for_each_item(items, size):
    """Each item is drawn once, whatever was drawn before; twenty lists have twenty orders."""
    contract = Contract({"type": "array", "items": items, "uniqueItems": True, "minItems": size})
    calls = []

    class CountedChoices:
        def integer(self, low, high):
            calls.append((low, high))
            return (len(calls) * 7919) % (high - low + 1) + low

    value = contract.builder.build(CountedChoices())
    assert size <= len(value) <= len(calls) <= len(value) + 2
    assert len({json.dumps(generate(contract, seed=seed)) for seed in range(20)}) == 20


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"enum": CARDS[:6]}, "minItems": 6},
        {"prefixItems": [{"enum": CARDS[:2]}], "items": {"enum": CARDS[:6]}, "minItems": 6},
        {"items": {"type": "integer", "minimum": 0, "maximum": 5}, "minItems": 6},
    ],
    ids=["enum", "prefix", "range"],
)
def test_lists_shrink_to_the_schemas_order(schema):
    """Without a condition the minimal example has the order of the schema."""
    minimal = find(
        from_schema({"type": "array", "uniqueItems": True, **schema}),
        lambda value: True,
        settings=settings(database=None, phases=[Phase.generate, Phase.shrink]),
    )
    assert minimal in (CARDS[:6], list(range(6)))


def test_drawn_items_are_the_callers():
    """Changing an item of an enumeration changes no later list."""
    schema = {"type": "array", "items": {"enum": [{"a": [1]}, [2]]}, "uniqueItems": True, "minItems": 2}
    contract = Contract(schema)
    first = generate(contract)
    expected = json.dumps(first)
    for item in first:
        item.clear()
    assert json.dumps(generate(contract)) == expected
    assert schema["items"]["enum"] == [{"a": [1]}, [2]]


def test_a_matching_item_is_required_as_well():
    """Lists with `uniqueItems` and `contains` are valid, also if they must hold every value."""
    for size, keywords in itertools.product((1, 5, 6), ({}, {"minContains": 2, "maxContains": 2}, {"minContains": 0})):
        schema = {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 5},
            "uniqueItems": True,
            "minItems": size,
            "contains": {"minimum": 4},
            **keywords,
        }
        contract, validator = Contract(schema), jsonschema_rs.Draft202012Validator(schema)
        values = [generate(contract, index=index) for index in range(20)]
        assert all(validator.is_valid(value) for value in values)
        assert len({json.dumps(value) for value in values}) > 5


def test_long_lists_of_different_items_are_not_cross_checked():
    """A list of more than 128 items, since jsonschema compares each item with each other."""
    items = {"type": "array", "items": {"type": ["integer", "string"]}, "uniqueItems": True}
    violations = enumerate_violations({**items, "minItems": 300}, keyword="uniqueItems")
    assert {violation.cross_checked for violation in violations} == {False}
    violations = enumerate_violations({**items, "minItems": 100}, keyword="uniqueItems")
    assert {violation.cross_checked for violation in violations} == {True}
