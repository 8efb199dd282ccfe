"""Size limits: a schema that requires large values is unsupported, and one that allows them has small values."""

import functools

import jsonschema_rs
import pytest
from hypothesis import given, settings

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import NoValueFoundError, UnsupportedSchemaError
from chime_fixtures.engine.strategies import from_schema, violations_of
from tests.support.schemas import INTEGERS_OF_64_BITS, MAY_DECLARE_UNREACHED
from tests.support.sizes import IS_NIGHTLY

DEPTH = 24 if IS_NIGHTLY else 12
"""Levels of objects of two required properties: far more values than an instance may have."""


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"minItems": 10**6}, "/minItems: minItems: is 1000000; at most 20000 is supported"),
        ({"minLength": 10**400}, "at most 2000000 is supported"),
        ({"items": {"contains": {}, "minContains": 10**6}}, "/items/minContains: minContains"),
        (
            {"type": "array", "items": {"type": "array", "minItems": 1000}, "minItems": 1000},
            "schema: requires more than 20000 values in each instance",
        ),
        ({"pattern": "^a{100000000}$"}, "is rejected by jsonschema-rs"),
        ({"$id": "http://[bad"}, "is rejected by jsonschema-rs"),
        ({"const": "\ud800"}, "is rejected by jsonschema-rs"),
        ({1: 2}, "is not JSON"),
        (
            functools.reduce(lambda inner, _: {"required": ["a"], "properties": {"a": inner}}, range(400), {}),
            "unsupported schema",
        ),
    ],
)
def test_an_unsupported_size_or_document_is_rejected(schema, message):
    """An error names the keyword whose value is too large, or what jsonschema-rs rejects."""
    with pytest.raises(UnsupportedSchemaError) as caught:
        Contract(schema)
    assert message in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        {"propertyNames": {"$ref": "#"}},
        {"propertyNames": {"$ref": "#"}, "minProperties": 1, "type": ["object", "string"], "maxLength": 2},
        {"prefixItems": [{"type": "boolean"}], "uniqueItems": True, "items": False},
        {"minimum": -(10**300), "maximum": 10**400},
        {"type": "number", "minimum": 10**400},
        {"format": "uuid", "multipleOf": 1e308},
        {"propertyNames": {"maxLength": 10**400}},
        {"contains": {"const": True, "maxProperties": 10**400}, "minContains": 2},
        {"type": "string", "oneOf": [{"minLength": 2}, {"maxLength": 10**400}]},
        {
            "$defs": {
                f"d{at}": {
                    "properties": dict.fromkeys("ab", {"$ref": f"#/$defs/d{at + 1}"} if at < DEPTH else {}),
                    "required": ["a", "b"],
                }
                for at in range(DEPTH + 1)
            },
            "$ref": "#/$defs/d0",
        },
        {"$id": "/base", "examples": [{"type": "string"}], "$ref": "#/examples/0"},
    ],
    ids=lambda schema: str(schema)[:50],
)
@MAY_DECLARE_UNREACHED
def test_schemas_found_by_mutation_are_supported(schema):
    """Each has valid values, and each of its violations has exactly one error."""
    contract = Contract(schema)
    assert all(contract.is_valid(generate(contract, seed=1, index=index)) for index in range(20))
    assert all(len(contract.check(each.instance)) == 1 for each in enumerate_violations(contract))


@pytest.mark.parametrize("keyword", ["maxItems", "maxLength", "maxProperties", "maxContains"])
def test_a_large_maximum_is_not_reached(keyword):
    """If a value may have a billion items, its values, edges and violations are still small."""
    schema = {keyword: 2**30, "contains": {"type": "null"}, "type": ["array", "string", "object"]}
    contract = Contract(schema)
    instances = [generate(contract, seed=1, index=index) for index in range(20)]
    instances += [each.instance for each in (*enumerate_edges(contract), *enumerate_violations(contract))]
    assert max(len(value) for value in instances if isinstance(value, list | str | dict)) <= 4096


@pytest.mark.slow
@pytest.mark.parametrize("bounds", INTEGERS_OF_64_BITS)
def test_integers_of_64_bits_are_supported(bounds):
    """Values, edges, violations and strategies of a range that is too large for len()."""
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", **bounds}}}
    validator = jsonschema_rs.validator_for(schema)
    contract = Contract.of(schema)
    assert all(validator.is_valid(generate(contract, seed=1, index=index)) for index in range(50))
    assert all(validator.is_valid(edge.instance) for edge in enumerate_edges(contract))
    violations = enumerate_violations(contract)
    assert {violation.keyword for violation in violations} >= bounds.keys() - {"minimum"}
    assert not any(validator.is_valid(each.instance) for each in violations if not each.contested)

    @settings(max_examples=30, deadline=None)
    @given(from_schema(schema), violations_of(schema, contested=False))
    def agrees(instance, violation):
        assert validator.is_valid(instance)
        assert not validator.is_valid(violation.instance)

    agrees()


@pytest.mark.parametrize(
    "bounds",
    [
        {"exclusiveMinimum": 1, "exclusiveMaximum": 1.0000000000000002},
        {"exclusiveMinimum": 0, "exclusiveMaximum": 5e-324},
        {"exclusiveMinimum": -1e16, "exclusiveMaximum": -9999999999999998, "not": {"type": "integer"}},
    ],
    ids=["one", "zero", "large"],
)
def test_bounds_between_which_no_float_is(bounds):
    """Numbers between adjacent floats exist, but have no Python value: none is made, and none is called impossible."""
    with pytest.raises(NoValueFoundError, match="at the limit of"):
        Contract({"type": "number", **bounds})
    contract = Contract({"type": ["number", "null"], **bounds})
    assert [generate(contract, seed=1, index=index) for index in range(5)] == [None] * 5


@pytest.mark.parametrize("bounds", [(1, 1.0000000000000004), (0, 1e-323), (-1.0000000000000002, -0.9999999999999999)])
def test_bounds_between_which_one_number_is(bounds):
    """The only float, or integer, between two exclusive bounds is found."""
    schema = {"type": "number", "exclusiveMinimum": bounds[0], "exclusiveMaximum": bounds[1]}
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(generate(schema))


@pytest.mark.parametrize("items", [{"type": "integer"}, {"type": "string", "maxLength": 9}, {"type": "number"}])
def test_long_lists_of_different_items_are_supported(items):
    """A few frequent values do not end the search for a different one."""
    schema = {"type": "array", "items": items, "uniqueItems": True, "minItems": 4000}
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(generate(schema))


def test_no_violation_of_a_large_object_has_many_invalid_names():
    """For each invalid name jsonschema-rs copies the whole object, which took gigabytes."""
    schema = {"type": "object", "minProperties": 600, "propertyNames": {"pattern": "^[a-z]{2,8}$"}}
    validator = jsonschema_rs.Draft202012Validator(schema)
    violations = enumerate_violations(schema)
    assert violations
    assert all(len(list(validator.iter_errors(violation.instance))) == 1 for violation in violations)
