import json
import subprocess
import sys

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from tests.support.schemas import session_contract

SCHEMAS = {
    "session": session_contract().schema,
    "anything": True,
    "types": {"type": ["null", "boolean", "integer", "number", "string", "array", "object"]},
    "numbers": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "narrow": {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2},
    "negative": {"type": "integer", "maximum": -5},
    "between": {"type": "integer", "minimum": -3, "exclusiveMaximum": 4},
    "unique": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    "long": {"type": "array", "items": {"type": "null"}, "maxItems": 40, "minItems": 1},
    "none": {"type": "array", "items": False},
    "closed": {
        "type": "object",
        "properties": {"a": {"type": "null"}},
        "additionalProperties": False,
        "required": ["a"],
    },
    "rest": {"required": ["b"], "additionalProperties": {"type": "integer", "minimum": 1}, "type": "object"},
    "tree": {
        "type": "object",
        "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["value"],
    },
    "list": {
        "$ref": "#/$defs/l",
        "$defs": {"l": {"type": ["object", "null"], "required": ["n"], "properties": {"n": {"$ref": "#/$defs/l"}}}},
    },
    "mixed": {"type": "object", "properties": {"b": {"const": 1}, "a": {"type": "boolean"}}, "required": ["a"]},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_both_validators_accept_the_values(name):
    """jsonschema-rs and jsonschema accept the first 200 values of a seed, whatever the schema."""
    schema = SCHEMAS[name]
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = Draft202012Validator(schema, format_checker=FormatChecker())
    contract = Contract(schema)
    values = [generate(contract, seed=7, index=index) for index in range(200)]
    assert all(map(first.is_valid, values))
    assert all(map(second.is_valid, values))


def test_values_are_reproducible():
    """Another index returns another value; the same schema, seed and index return the same value."""
    contract = session_contract()
    values = [generate(contract, seed=1, index=index) for index in range(50)]
    assert values == [generate(contract, seed=1, index=index) for index in range(50)]
    assert len({json.dumps(value) for value in values}) > 40


@pytest.mark.slow
def test_values_do_not_depend_on_the_hash_seed():
    """Two processes with different hash seeds print the same bytes."""
    code = "import json; from chime_fixtures.engine.contract import generate; "
    code += "from tests.support.schemas import session_contract; "
    code += "print(json.dumps([generate(session_contract(), seed=3, index=i) for i in range(20)]))"
    outputs = {
        subprocess.run(  # the interpreter under test
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PATH": ""}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "keywords",
    [
        {"items": {"type": "integer"}, "contains": {"const": 7}, "maxContains": 1},
        {"contains": {"type": "string"}, "minContains": 2, "minItems": 4},
        {"contains": {"type": "null"}, "allOf": [{"contains": {"type": "boolean"}}], "minItems": 3},
        {"prefixItems": [{"const": "first"}], "contains": {"const": 7}, "minItems": 3},
        {"contains": {"const": 7}, "unevaluatedItems": {"type": "string"}, "minItems": 3},
    ],
    ids=["maximum", "minimum", "two", "prefix", "unevaluated"],
)
def test_a_matching_item_is_at_any_index(keywords):
    """Lists are valid wherever the items that `contains` requires are; only the items of `prefixItems` do not move."""
    schema = {"type": "array", "maxItems": 6, **keywords}
    contract, validator = Contract(schema), jsonschema_rs.Draft202012Validator(schema)
    matches = jsonschema_rs.Draft202012Validator(keywords["contains"])
    values = [generate(contract, seed=1, index=index) for index in range(100)]
    assert all(validator.is_valid(value) for value in values)
    indices = {index for value in values for index, item in enumerate(value) if matches.is_valid(item)}
    assert len(indices) >= (2 if keywords.keys() & {"prefixItems", "unevaluatedItems"} else 4)
    assert all(len(contract.check(each.instance)) == 1 for each in enumerate_violations(contract))


def containers(value):
    """The identity of each array and object of a value."""
    if isinstance(value, list | dict):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"const": {"a": [1]}}, "minItems": 2},
        {
            "type": "object",
            "properties": {"a": {"type": "array", "default": [[1]], "examples": [[{}]]}},
            "required": ["a"],
        },
        {"type": "object", "minProperties": 1, "additionalProperties": {"enum": [[1], {"b": {}}]}},
        {"anyOf": [{"enum": [[["x"]]]}, {"type": "object", "examples": [{"c": [{"d": 1}]}]}]},
        {
            "type": "array",
            "not": {"uniqueItems": True},
            "items": {"type": "array", "items": {"const": [2]}, "minItems": 1},
        },
    ],
)
def test_a_value_belongs_to_the_caller(schema):
    """Emptying each array and object of the values changes neither the schema nor later values."""
    contract, before = Contract(schema), json.dumps(schema)
    expected = [json.dumps(generate(Contract(schema), seed=4, index=index)) for index in range(40)]

    def empty(value):
        if isinstance(value, list | dict):
            for each in list(value.values() if isinstance(value, dict) else value):
                empty(each)
            value.clear()

    for index in range(40):
        value = generate(contract, seed=4, index=index)
        found = list(containers(value))
        assert len(found) == len(set(found))
        empty(value)
    assert [json.dumps(generate(contract, seed=4, index=index)) for index in range(40)] == expected
    assert json.dumps(schema) == before
