"""Items that must be present wherever they are: each schema has a value at the only indexes that are left."""

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import UnsatisfiableSchemaError


def containing(*values):
    """Arrays that contain each of these values."""
    return [{"contains": {"const": value}} for value in values]


def without_items(schema):
    """Arrays in which some item violates a schema."""
    return {"not": {"items": schema}}


SATISFIABLE = {
    "three different items": ({"maxItems": 3, "allOf": containing(1, 2, 3)}, [1, 2, 3]),
    "six different items": ({"maxItems": 6, "allOf": containing(*"abcdef")}, list("abcdef")),
    "behind a prefix": (
        {"prefixItems": [{"const": 1}, {"const": 2}, {"const": 3}], "allOf": containing(None, True)},
        [1, 2, 3, None, True],
    ),
    "between items of a prefix": (
        {"prefixItems": [{"const": 1}, {"const": 2}, {}, {"const": 4}], "items": False, "minItems": 4,
         "allOf": containing(9)},
        [1, 2, 9, 4],
    ),
    "not adjacent": (
        {"prefixItems": [{}, {"type": "string"}, {}], "items": {"type": "string"},
         "contains": {"type": "integer"}, "minContains": 2},
        [1, "a", 2],
    ),
    "as many as match anyway": (
        {"prefixItems": [{"const": 1}, {"const": 2}, {"const": 3}], "minItems": 3, "contains": {"type": "integer"},
         "minContains": 1, "maxContains": 4},
        [1, 2, 3],
    ),
    "one item for two constraints": (
        {"maxItems": 1, "allOf": [{"contains": {"minimum": 5}}, {"contains": {"type": "integer"}}]},
        [5],
    ),
    "an item that violates a schema": (
        {"prefixItems": [{"type": "string"}, {"type": "string"}, {"type": "string"}],
         "items": {"type": "integer"}, **without_items({"type": ["string", "boolean"]})},
        ["a", "b", "c", 4],
    ),
    "two items that violate two schemas": (
        {"maxItems": 2, "allOf": [without_items({"type": "string"}), without_items({"type": "integer"}),
                                  {"items": {"type": ["string", "integer"]}}]},
        [1, "a"],
    ),
    "all items are evaluated": (
        {"contains": {"type": "integer"}, "minItems": 3, "unevaluatedItems": False},
        [1, 2, 3],
    ),
    "too few of many": ({"prefixItems": [{"const": 1}, {"const": 1}], "minItems": 2,
                         "not": {"contains": {"const": 1}, "minContains": 4}}, [1, 1]),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "instance"), SATISFIABLE.values(), ids=SATISFIABLE)
def test_a_satisfiable_array_has_values(schema, instance):
    """The instance shows that the schema is satisfiable; both validators accept every constructed value."""
    schema = {"type": "array", **schema}
    validators = [jsonschema_rs.validator_for(schema), Draft202012Validator(schema)]
    assert all(validator.is_valid(instance) for validator in validators)
    contract = Contract(schema)
    values = [generate(contract, seed=1, index=index) for index in range(30)]
    assert all(validator.is_valid(value) for validator in validators for value in values)


@pytest.mark.parametrize(
    "schema",
    [
        {"maxItems": 2, "allOf": containing(1, 2, 3)},
        {"prefixItems": [{"const": 1}, {"const": 2}], "items": False, "contains": {"const": 3}},
        {"items": {"type": "string"}, "contains": {"type": "integer"}},
        {"prefixItems": [{"const": 1}, {"const": 2}], "items": False, **without_items({"type": "integer"})},
        {"prefixItems": [{"const": 1}] * 3, "minItems": 3, "contains": {"const": 1}, "maxContains": 2},
    ],
)
def test_an_unsatisfiable_array_is_proved(schema):
    """All places of the items are tried."""
    with pytest.raises(UnsatisfiableSchemaError):
        Contract({"type": "array", **schema})
