"""Names of properties that no schema lists: regions of names, and properties that serve several constraints."""

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import NoValueFoundError, UnsatisfiableSchemaError
from tests.support.schemas import MAY_DECLARE_UNREACHED


def closed(*names, **keywords):
    """An object with these properties and no others."""
    return {"type": "object", "properties": {name: {} for name in names}, "additionalProperties": False, **keywords}


def matching(pattern, **keywords):
    """An object whose property names all match a pattern."""
    return {"patternProperties": {pattern: True}, "additionalProperties": False, **keywords}


def without(pattern):
    """An object with some property that matches a pattern."""
    return {"not": {"patternProperties": {pattern: False}}}


SATISFIABLE = {
    "two listed names": ({"propertyNames": {"enum": ["a", "b"]}, "minProperties": 2}, {"a": 1, "b": 1}),
    "three listed names": ({"propertyNames": {"pattern": "^[xyz]$"}, "minProperties": 3}, {"x": 1, "y": 1, "z": 1}),
    "names of one length": ({"propertyNames": {"pattern": "^[A-Z]{2}$"}, "minProperties": 2}, {"AA": 1, "AB": 1}),
    "names of a format": (
        {"propertyNames": {"format": "date"}, "minProperties": 3},
        {"2020-01-01": 1, "2020-01-02": 1, "2020-01-03": 1},
    ),
    "short names": ({"propertyNames": {"maxLength": 1}, "minProperties": 40}, {chr(n): 1 for n in range(48, 90)}),
    "a name of the other branch": ({"oneOf": [closed("next"), closed("previous")]}, {"next": 1}),
    "a name of one branch of three": (
        {"oneOf": [closed("a", "b"), closed("b", "c"), closed("a", "c")], "minProperties": 2},
        {"a": 1, "b": 1},
    ),
    "one property for two constraints": (
        {"maxProperties": 1, "allOf": [without("c"), without("d")]},
        {"cd": 1},
    ),
    "one property for three constraints": (
        {"maxProperties": 1, "allOf": [without("^k"), without("[0-9]$"), without("x")]},
        {"kx1": 1},
    ),
    "a name in an intersection": (matching("b$", **without("^a")), {"ab": 1}),
    "a name in three patterns": (
        {"minProperties": 1, "allOf": [matching("^p"), matching("q"), matching("r$")]},
        {"pqr": 1},
    ),
    "two names in an intersection": ({"minProperties": 2, "allOf": [matching("a"), matching("b")]}, {"ab": 1, "ba": 1}),
    "one long name": ({"patternProperties": {"^a{1100}$": True}, "additionalProperties": False}, {"a" * 1100: 1}),
    "many long names": (
        {"propertyNames": {"pattern": "^[ab]{1500}$"}, "minProperties": 8},
        {"a" * (1500 - size) + "b" * size: 1 for size in range(8)},
    ),
    "one listed property for a pattern": (
        {"properties": {"key": {"type": "integer"}}, "additionalProperties": False, **without("^k")},
        {"key": 1},
    ),
    "one name in a region that serves three constraints": (
        {
            "maxProperties": 1,
            "allOf": [{"patternProperties": {"^.{1,3}$": False}}, matching("x"), *map(without, "pqr")],
        },
        {"xpqr": 1},
    ),
    "names that several schemas require": (
        {
            "maxProperties": 2,
            "propertyNames": {"pattern": "^.{3}$"},
            "allOf": [{"not": {"propertyNames": {"not": {"pattern": letter}}}} for letter in "klmno"],
        },
        {"klm": 1, "no.": 1},
    ),
    "a name that one of two schemas allows": (
        {"not": {"propertyNames": {"not": {"anyOf": [{"const": "k"}, {"pattern": "^[a-z]{5}$"}]}}}, "minProperties": 3},
        {"k": 1, "abcde": 1, "x": 1},
    ),
    "a name whose value meets two constraints": (
        {
            "maxProperties": 1,
            "patternProperties": {"z": {"multipleOf": 10, "not": {"multipleOf": 20}}},
            "allOf": [matching("^7.*z$"), {"not": {"patternProperties": {"^77": {"not": {"multipleOf": 7}}}}}],
        },
        {"77z": 70},
    ),
    "numbers outside the other branches": (
        {
            "maxProperties": 1,
            "oneOf": [
                {"patternProperties": {"a": {"multipleOf": 10, "maximum": 20}}},
                {"patternProperties": {"a": {"multipleOf": 5, "maximum": 80}}},
                {"patternProperties": {"a": {"multipleOf": 5, "maximum": 60}}},
            ],
        },
        {"a": 65},
    ),
}


@pytest.mark.parametrize(("schema", "instance"), SATISFIABLE.values(), ids=SATISFIABLE)
@MAY_DECLARE_UNREACHED
def test_a_satisfiable_object_has_values(schema, instance):
    """The instance shows that the schema is satisfiable; both validators accept every constructed value."""
    schema = {"type": "object", **schema}
    validators = [jsonschema_rs.validator_for(schema, validate_formats=True), Draft202012Validator(schema)]
    assert all(validator.is_valid(instance) for validator in validators)
    contract = Contract(schema)
    values = [generate(contract, seed=1, index=index) for index in range(40)]
    assert all(validator.is_valid(value) for validator in validators for value in values)


@pytest.mark.parametrize(
    "schema",
    [
        {"propertyNames": {"enum": ["a", "b"]}, "minProperties": 3},
        {"propertyNames": {"pattern": "^[xy]?$"}, "minProperties": 4},
        {"maxProperties": 0, **without("c")},
        {"allOf": [matching("^a$"), without("b")]},
        {**closed("a"), "minProperties": 2},
    ],
)
def test_an_unsatisfiable_object_is_proved(schema):
    """jsonschema-rs's own schema algebra finds no value either."""
    with pytest.raises(UnsatisfiableSchemaError):
        Contract({"type": "object", **schema})


def test_names_that_match_several_patterns_occur():
    """A schema with two patterns has properties that match none, either, and both."""
    schema = {"type": "object", "patternProperties": {"^a": {"type": "integer"}, "b$": {"minimum": 0}}}
    contract = Contract(schema)
    names = {name for index in range(300) for name in generate(contract, seed=2, index=index)}
    kinds = {(name.startswith("a"), name.endswith("b")) for name in names}
    assert kinds == {(False, False), (False, True), (True, False), (True, True)}


ANY_TEXT = {"type": "object", "patternProperties": {"": {"type": "string"}}}
NARROWED = [
    {**ANY_TEXT, "additionalProperties": False},
    {**ANY_TEXT, "additionalProperties": {"maxLength": 3}, "minProperties": 1},
    {**ANY_TEXT, "$schema": "http://json-schema.org/draft-04/schema#", "additionalProperties": {"maxLength": 3}},
    {"not": {"not": {**ANY_TEXT, "additionalProperties": False}}},
    {"oneOf": [{**ANY_TEXT, "additionalProperties": False}, {"required": ["x"], "properties": {"x": {"minimum": 3}}}]},
    {"enum": [{"a": "b"}, {}, 1], **ANY_TEXT, "additionalProperties": False},
    {
        "type": "object",
        "properties": {"a": {}},
        "patternProperties": {"": {"minimum": 3}},
        "additionalProperties": False,
    },
]
NO_AGREED_VALUE = [
    {**ANY_TEXT, "additionalProperties": False, "minProperties": 1},
    {
        "items": {**ANY_TEXT, "additionalProperties": {"type": "integer"}, "required": ["k"]},
        "type": "array",
        "minItems": 1,
    },
    {"const": {"a": "b"}, **ANY_TEXT, "additionalProperties": False},
]


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("schema", NARROWED)
def test_values_satisfy_both_readings_of_an_empty_pattern(schema):
    """By jsonschema, which takes the pattern "" for none, `additionalProperties` applies to each property."""
    contract = Contract(schema)
    second = validator_for(schema, Draft202012Validator)(schema)
    values = [generate(contract, seed=5, index=index) for index in range(25)]
    values += [edge.instance for edge in enumerate_edges(contract)]
    assert [value for value in values if not (jsonschema_rs.is_valid(schema, value) and second.is_valid(value))] == []
    for violation in enumerate_violations(contract):
        assert bool(violation.contested) is second.is_valid(violation.instance)


@pytest.mark.parametrize("schema", NO_AGREED_VALUE)
def test_a_reading_without_a_value_proves_nothing(schema):
    """The error names the pattern and its replacement."""
    with pytest.raises(NoValueFoundError, match='pattern "" .*write "\\^"'):
        Contract(schema)


@MAY_DECLARE_UNREACHED
def test_an_empty_pattern_with_one_reading_is_not_narrowed():
    """Beside another pattern, or before `unevaluatedProperties`, both validators read it alike."""
    for schema in (
        {"type": "object", "patternProperties": {"": {"type": "string"}, "^a": True}, "additionalProperties": False},
        {**ANY_TEXT, "unevaluatedProperties": False},
        {**ANY_TEXT, "additionalProperties": True, "minProperties": 1},
    ):
        contract = Contract(schema)
        values = [generate(contract, seed=5, index=index) for index in range(25)]
        assert any(values)
        assert all(map(Draft202012Validator(schema).is_valid, values))
