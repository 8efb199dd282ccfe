"""Values in schemas: those that are not JSON, and those that `type` excludes."""

import decimal
import enum

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import UnsatisfiableSchemaError, UnsupportedSchemaError
from tests.support.schemas import MAY_DECLARE_UNREACHED


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"enum": [1, float("nan")]}, r"/enum/1: 1: contains nan, which is not JSON \(float\)"),
        ({"const": float("-inf")}, r"/const: const: contains -inf, which is not JSON"),
        ({"properties": {"a": {"minimum": decimal.Decimal(1)}}}, r"/properties/a/minimum: minimum: contains Decimal"),
        ({"default": b"x"}, r"/default: default: contains b'x', which is not JSON \(bytes\)"),
        ({"enum": [Colour.RED]}, r"/enum/0: 0: contains <Colour.RED: 'red'>, which is not JSON \(Colour\)"),
        ({"properties": {1: {}}}, r"/properties: properties: contains 1, which is not JSON \(int\)"),
        ({"examples": [{"a": {"b"}}]}, r"/examples/0/a: a: contains \{'b'\}, which is not JSON \(set\)"),
    ],
)
def test_a_schema_with_a_value_that_is_not_json_is_unsupported(schema, message):
    """The error names the location, the value and its Python type."""
    with pytest.raises(UnsupportedSchemaError, match=message):
        Contract(schema)


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"type": "integer", "enum": [1, 2.5]}, {1}),
        ({"type": ["integer", "string"], "enum": [1.5, "a", 3.0]}, {"a", 3.0}),
        ({"allOf": [{"type": "integer"}, {"enum": [0.25, 7, 8.5]}]}, {7}),
        ({"enum": [1, 2.5], "not": {"type": "integer"}}, {2.5}),
    ],
)
@MAY_DECLARE_UNREACHED
def test_type_integer_excludes_listed_fractions(schema, values):
    """Every listed value of the type is constructed, and no other."""
    contract = Contract(schema)
    assert {generate(contract, seed=1, index=index) for index in range(60)} == values


@pytest.mark.parametrize("schema", [{"type": "integer", "const": 2.5}, {"type": "integer", "enum": [0.5, -0.5]}])
def test_an_integer_constant_with_a_fraction_is_unsatisfiable(schema):
    """No value is constructed from the constant."""
    with pytest.raises(UnsatisfiableSchemaError):
        Contract(schema)


_COUNTS = tuple(zip("abcdef", (7, 11, 13, 17, 19, 23), strict=True))


@pytest.mark.parametrize(
    "schema",
    [
        {"format": "email", "allOf": [{"pattern": f"^(?:{letter}|.{{{size}}})*$"} for letter, size in _COUNTS]},
        {"allOf": [{"pattern": f"^(?:{letter}|.{{{size}}})*$"} for letter, size in _COUNTS]},
        pytest.param(
            {
                "not": {"anyOf": [{"pattern": f"^(?:{letter}|.{{{size}}})*$"} for letter, size in _COUNTS]},
                "minLength": 1,
            },
            marks=pytest.mark.slow,
        ),
    ],
)
def test_patterns_that_are_too_large_together_are_unsupported(schema):
    """Patterns and formats that are supported separately raise an error of the contract, and no other."""
    with pytest.raises(UnsupportedSchemaError, match="be combined with the other patterns"):
        Contract({"type": "object", "properties": {"Mail": {"type": "string", **schema}}})


def additional(items):
    return {"type": "object", "properties": {"id": {}}, "additionalProperties": items}


@pytest.mark.parametrize(
    "schema",
    [
        additional(
            {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [{"type": "object", "required": [name]} for name in "xy"]},
            }
        ),
        additional(
            {
                "oneOf": [
                    {"type": "array", "minItems": 1, "items": {"type": "array", "minItems": 1}},
                    {"const": {"a": {"b": 1}}},
                ]
            }
        ),
        additional(
            {"anyOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "minItems": 2}}}]}
        ),
        {
            **additional(
                {"type": "object", "minProperties": 1, "additionalProperties": {"type": "array", "minItems": 2}}
            ),
            "patternProperties": {"^x": {"type": "array", "minItems": 1, "contains": {"required": ["y"]}}},
        },
    ],
)
def test_additional_properties_may_be_deep(schema):
    """A rare additional property is as deep as its schema requires."""
    validator = jsonschema_rs.validator_for(schema)
    contract = Contract(schema)
    values = [generate(contract, seed=0, index=index) for index in range(200)]
    assert all(validator.is_valid(value) for value in values)
    assert any(set(value) - {"id"} for value in values)


@pytest.mark.parametrize("length", [150, pytest.param(400, marks=pytest.mark.slow)])
def test_a_chain_of_definitions_may_be_longer_than_the_stack(length):
    """Each definition is an object whose property refers to the next one."""
    definitions = {
        f"d{index}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/d{index + 1}"}}}
        for index in range(length)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{length}": {"type": "integer"}}}
    contract = Contract(schema)
    assert all(isinstance(generate(contract, seed=1, index=index), dict) for index in range(20))
    assert enumerate_violations(contract, keyword="type")
