"""jsonschema-rs's algebra of schemas is an oracle: it may not contradict the engine on whether a schema has a value.

A contradiction is settled by a witness, a value that both validators accept. The algebra answers "unknown" at times, which
contradicts nothing.
"""

import json

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import EngineError, UnsatisfiableSchemaError
from tests.support.random_schemas import random_schema
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import IS_NIGHTLY

HAS_ALGEBRA = hasattr(jsonschema_rs, "canonicalize")
SATISFIABLE, UNSATISFIABLE, UNKNOWN = "yes", "no", "unknown"

pytestmark = [
    pytest.mark.skipif(not HAS_ALGEBRA, reason="the algebra came with jsonschema-rs 0.50"),
    MAY_DECLARE_UNREACHED,
]


def by_algebra(schema):
    """The answer of jsonschema-rs: yes, no or unknown."""
    canonical = jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012, validate_formats=True)
    return canonical.satisfiability().value


def by_engine(schema):
    """The answer of the engine, and a value that proves it."""
    try:
        return SATISFIABLE, generate(Contract(schema), index=1)
    except UnsatisfiableSchemaError:
        return UNSATISFIABLE, None
    except EngineError:
        return UNKNOWN, None


def accepted(schema, value):
    """True if both validators accept a value, formats on."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(
        value
    ) and jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value)


def contradictions(schemas):
    """The schemas on which engine and algebra differ, or whose value a validator rejects."""
    for schema in schemas:
        answer, value = by_engine(schema)
        if answer == SATISFIABLE and not accepted(schema, value):
            yield "rejected", json.dumps(schema), value
        elif {answer, by_algebra(schema)} == {SATISFIABLE, UNSATISFIABLE}:
            yield answer, json.dumps(schema), value


COUNT = 6000 if IS_NIGHTLY else 100


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_the_algebra_does_not_contradict_the_engine_on_random_schemas(part):
    """Every keyword occurs, and every third schema excludes all values of some type."""
    schemas = [random_schema(seed) for seed in range(part, 4 * COUNT, 4)]
    assert list(contradictions(schemas)) == []
    assert {by_algebra(schema) for schema in schemas} >= {SATISFIABLE, UNSATISFIABLE}


def word(*, forbidden=(), **facts):
    return {"type": "object", **facts, "properties": dict.fromkeys(forbidden, False)}


SATISFIABLE_SCHEMAS = [
    word(propertyNames={"enum": ["a", "b"]}, minProperties=2),
    word(propertyNames={"pattern": "^[A-Z]$"}, minProperties=20, forbidden="ABCDEF"),
    word(propertyNames={"format": "ipv4"}, minProperties=3),
    word(minProperties=1, maxProperties=1, patternProperties={"a": {"minimum": 5}, "b": {"maximum": 5}}),
    word(maxProperties=1, allOf=[{"not": {"patternProperties": {letter: False}}} for letter in "xyz"]),
    word(minProperties=2, patternProperties={"^x": True, "y$": True}, additionalProperties=False, forbidden=["x", "y"]),
    {"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}, {"multipleOf": 7}], "type": "integer", "minimum": 100},
    {"oneOf": [{"type": "array", "items": {"type": each}} for each in ("null", "boolean", "string")]},
    {"type": "array", "contains": {"const": 1}, "maxContains": 1, "minItems": 3, "items": {"enum": [1, 2]}},
    {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": [None, True, "a"]}},
    {"allOf": [{"anyOf": [{"const": first}, {"const": second}]} for first, second in ("ab", "bc", "bd")]},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"minProperties": 2}, "type": "object",
     "unevaluatedProperties": {"type": "null"}},
    {"$ref": "#/$defs/list", "$defs": {"list": {"type": "object", "required": ["value"], "properties": {
        "value": {"type": "integer"}, "next": {"$ref": "#/$defs/list"}}}}},
    {"not": {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": ["null", "object", "array", "number"]}]}},
    {"type": "string", "format": "date", "not": {"pattern": "^[0-9]{4}-0"}, "pattern": "-3"},
]  # fmt: skip

UNSATISFIABLE_SCHEMAS = [
    word(propertyNames={"enum": ["a", "b"]}, minProperties=3),
    word(propertyNames={"pattern": "^[A-C]$"}, minProperties=4),
    word(required=["a"], patternProperties={"a": {"type": "null"}}, additionalProperties={"type": "null"}, forbidden=["a"]),
    word(maxProperties=1, required=["a", "b"]),
    word(minProperties=1, patternProperties={"^": False}),
    {"type": "integer", "minimum": 1, "maximum": 2, "not": {"enum": [1, 2]}},
    {"type": "integer", "multipleOf": 6, "minimum": 1, "exclusiveMaximum": 6},
    {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "boolean"}},
    {"type": "array", "contains": {"type": "null"}, "items": {"type": "string"}},
    {"type": "string", "minLength": 3, "pattern": "^.{2}$"},
    {"$ref": "#/$defs/list", "$defs": {"list": {"type": "object", "required": ["next"], "properties": {
        "next": {"$ref": "#/$defs/list"}}}}},
    {"oneOf": [{"type": "null"}, {"const": None}]},
    {"allOf": [{"type": "string"}, {"if": {"type": "string"}, "then": {"minLength": 2}}], "maxLength": 1},
]  # fmt: skip


@pytest.mark.parametrize("schema", SATISFIABLE_SCHEMAS, ids=json.dumps)
def test_a_satisfiable_schema_has_a_value(schema):
    """The engine has a value that both validators accept, and the algebra does not deny it."""
    assert by_algebra(schema) != UNSATISFIABLE
    answer, value = by_engine(schema)
    assert answer == SATISFIABLE
    assert accepted(schema, value)


@pytest.mark.parametrize("schema", UNSATISFIABLE_SCHEMAS, ids=json.dumps)
def test_an_unsatisfiable_schema_has_none(schema):
    """The engine says so, and the algebra does not deny it."""
    assert by_engine(schema) == (UNSATISFIABLE, None)
    assert by_algebra(schema) != SATISFIABLE
