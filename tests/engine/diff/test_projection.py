"""A schema is the conjunction of its reductions to one constraint each, as jsonschema-rs judges them."""

import json
import warnings

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.diff.projection import Projection
from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.diff.units import units_of
from chime_fixtures.engine.errors import EngineError
from chime_fixtures.engine.schema.documents import SchemaDocument
from tests.support.random_schemas import random_schema
from tests.support.schema_changes import smaller_values
from tests.support.sizes import IS_NIGHTLY

DRAFT_4 = {"$schema": "http://json-schema.org/draft-04/schema#"}
SHARED = {"type": "array", "items": {"$ref": "#/definitions/a"}}
SCHEMAS = [
    {"properties": {"a": {"maxLength": 1}}, "patternProperties": {"^b": {"type": "null"}}, "additionalProperties": False},
    {"properties": {"a": {"maxLength": 1}}, "additionalProperties": {"type": "integer", "minimum": 2}},
    {"prefixItems": [{"minimum": 1}, True, {"maximum": 3}], "items": {"type": "string", "pattern": "a"}},
    {"prefixItems": [{"minimum": 1}], "items": False},
    {**DRAFT_4, "items": [{"minimum": 1, "exclusiveMinimum": True}], "additionalItems": False},
    {**DRAFT_4, "items": [{}, {"maximum": 1}], "additionalItems": {"enum": [1, "a"]}},
    {**DRAFT_4, "definitions": {"a": {"type": "object", "properties": {"next": SHARED, "a": {"maxLength": 1}}}}, **SHARED},
    {"contains": {"type": "null"}, "minContains": 0, "maxContains": 2},
    {"contains": {"type": "null"}, "minContains": 2},
    {"if": {"required": ["a"]}, "then": {"minProperties": 2, "required": ["b"]}, "else": {"maxProperties": 1}},
    {"dependentSchemas": {"a": {"required": ["b"]}}, "dependentRequired": {"b": ["a", "c"]}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": {"required": ["b"]}, "b": ["c", "a"]}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "contentEncoding": "base64", "contentMediaType": "application/json"},
    {"propertyNames": {"maxLength": 1, "pattern": "a"}},
    {"anyOf": [{"$ref": "#/$defs/one"}, {"type": "null"}], "$defs": {"one": {"minLength": 2}}, "allOf": [{"$ref": "#/$defs/one"}]},
    {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False, "minProperties": 1},
    {"$id": "https://example.com/", "properties": {"a": {"$ref": "inner"}}, "$defs": {"i": {"$id": "inner", "minimum": 2, "not": {"const": 3}}}},
    {"not": {"required": ["a"]}, "oneOf": [{"maxProperties": 1}, {"required": ["b"]}]},
]  # fmt: skip


def values_of(schema, count):
    """Valid values, violations, and values that are smaller."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            contract = Contract(schema)
            found = [contract.builder.build_seeded(0, index) for index in range(count)]
            found += [each.instance for each in list(contract.catalogue.violations)[: 3 * count]]
    except EngineError:
        found = []
    found += [1, "a", "abc", None, [], {}, [None, None], {"a": 1}, {"b": None, "c": 2}]
    return [*found, *(smaller for value in found for smaller in list(smaller_values(value))[:3])]


def differences(schema, count=20):
    """The values on which a schema and its reductions differ."""
    try:
        side = Side(SchemaDocument(schema))
    except EngineError:
        return []
    projection = Projection(side)
    reduced = [projection.reduced(unit) for unit in units_of(side)] if projection.is_supported else [side]
    return [
        json.dumps(value)
        for value in values_of(schema, count)
        if side.validators.is_valid(value) is not all(each.validators.is_valid(value) for each in reduced)
    ]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_a_schema_is_the_conjunction_of_its_constraints(schema):
    """Each keyword is one constraint, with those that it depends on."""
    assert differences(schema) == []


@pytest.mark.slow
def test_a_random_schema_is_the_conjunction_of_its_constraints():
    """Every keyword occurs."""
    seeds = range(3000 if IS_NIGHTLY else 50)
    found = {seed: differences(random_schema(seed), 4) for seed in seeds}
    assert {seed: values for seed, values in found.items() if values} == {}
