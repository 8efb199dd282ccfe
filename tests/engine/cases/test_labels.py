"""Labels below `propertyNames`, of `contains` and its siblings, and of `false` subschemas, judged by both validators."""

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from tests.support.conformance.cases import Case
from tests.support.conformance.validators import Validators

EVEN = {"type": "integer", "multipleOf": 2}
SCHEMAS = {
    "names by pattern and length": (
        {"type": "object", "propertyNames": {"pattern": "^[a-z]*$", "minLength": 2, "maxLength": 6}},
        {
            ("", "pattern", "/propertyNames/pattern"),
            ("", "minLength", "/propertyNames/minLength"),
            ("", "maxLength", "/propertyNames/maxLength"),
        },
    ),
    "names by reference": (
        {"properties": {"a": {"propertyNames": {"$ref": "#/$defs/name"}}}, "$defs": {"name": {"enum": ["x", "y"]}}},
        {("/a", "enum", "/$defs/name/enum")},
    ),
    "names of items": (
        {"type": "array", "items": {"propertyNames": {"allOf": [{"format": "date"}, {"not": {"pattern": "^19"}}]}}},
        {("/0", "format", "/items/propertyNames/allOf/0/format"), ("/0", "not", "/items/propertyNames/allOf/1/not")},
    ),
    "names by alternatives": (
        {"propertyNames": {"anyOf": [{"maxLength": 2}, {"pattern": "^x-"}]}, "additionalProperties": {"minimum": 1}},
        {("", "anyOf", "/propertyNames/anyOf")},
    ),
    "no names": (
        {"properties": {"a": {"type": "object", "propertyNames": {"$ref": "#/$defs/no"}}}, "$defs": {"no": False}},
        {("/a", "propertyNames", "/$defs/no")},
    ),
    "too few and too many": (
        {"type": "array", "contains": EVEN, "minContains": 2, "maxContains": 3},
        {("", "minContains", "/minContains"), ("", "maxContains", "/maxContains")},
    ),
    "one to two": (
        {"properties": {"a": {"type": "array", "maxContains": 2, "contains": EVEN, "items": {"type": "integer"}}}},
        {("/a", "contains", "/properties/a/contains"), ("/a", "maxContains", "/properties/a/maxContains")},
    ),
    "at most one": (
        {"type": "array", "contains": {"const": 1}, "minContains": 0, "maxContains": 1},
        {("", "maxContains", "/maxContains")},
    ),
    "a false member by reference": (
        {"properties": {"a": {"$ref": "#/$defs/no"}, "b": {"type": "integer"}}, "$defs": {"no": False}},
        {("/a", "properties", "/$defs/no")},
    ),
    "a false item by dynamic reference": (
        {"type": "array", "items": {"$dynamicRef": "#/$defs/no"}, "$defs": {"no": False}},
        {("/0", "items", "/$defs/no")},
    ),
    "a false pattern by two references": (
        {
            "type": "object",
            "patternProperties": {"^x": {"$dynamicRef": "#/$defs/also"}},
            "$defs": {"also": {"$ref": "#/$defs/no"}, "no": False},
        },
        {("/xnknown", "patternProperties", "/$defs/no")},
    ),
    "a false part beside a constraint": (
        {"properties": {"a": {"maxLength": 3, "allOf": [{"type": "string"}]}, "b": {"maxLength": 2, "$ref": "#/$defs/no"}}, "$defs": {"no": False}},
        {("/b", "properties", "/$defs/no")},
    ),
    "a false subschema of allOf": (
        {"dependentSchemas": {"a": {"allOf": [{"$ref": "#/$defs/no"}]}}, "$defs": {"no": False}},
        {("", "allOf", "/$defs/no")},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), SCHEMAS.values(), ids=SCHEMAS)
def test_labels_are_those_of_both_validators(schema, expected):
    """Each violation has one error by both validators, at its label, and `check` reports that label for its instance."""
    contract = Contract(schema)
    validators = Validators(Case("", "", "", schema, (), {}))
    labels = set()
    for violation in enumerate_violations(contract, contested=False):
        label = (violation.pointer, violation.keyword, violation.schema_pointer)
        labels.add(label)
        error = validators.common_error(violation.instance)
        assert error is not None, (violation.id, validators.errors(violation.instance))
        assert (error.pointer, error.keyword, error.location.partition("#")[2]) == label
        (reported,) = contract.check(violation.instance)
        assert (reported.pointer, reported.keyword, reported.schema_pointer) == label
    assert expected <= labels


def test_a_name_is_mutated_in_an_otherwise_valid_object():
    """A violation below `propertyNames` has the other properties, one invalid name, and a sentence about that name."""
    schema = {
        "type": "object",
        "properties": {"total": {"type": "integer"}},
        "propertyNames": {"maxLength": 5},
        "additionalProperties": {"type": "boolean"},
    }
    (violation,) = (each for each in enumerate_violations(schema) if each.id == "maxLength")
    assert violation.instance == {"total": 60, "totalt": True}
    assert violation.summary == '(root): the property name "totalt" is longer than the maximum of 5 [maxLength]'


def test_ids_of_edges_are_safe_as_file_names():
    """An edge's id has the form of a violation's, whatever the names of the properties are."""
    schema = {"type": "object", "properties": {"a/b c": {"type": "integer", "minimum": 1}, "": {"enum": [1]}, "ü.": {}}}
    ids = {edge.id for edge in enumerate_edges(schema)}
    assert {"a-b-c.least", "-.constant-0", "without-a-b-c", "only--"} <= ids
    assert all(set(each) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") for each in ids)
