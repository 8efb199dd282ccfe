"""Both validators report each kind of failure in the same form, that of a label."""

import pytest

from tests.support.conformance.cases import Case
from tests.support.conformance.reported_errors import DIALECT
from tests.support.conformance.validators import Validators

STRING = {"type": "string"}
REMOTE = "http://localhost:1234/there.json"

TABLE = [
    ("required", {"required": ["a", "b"]}, {"a": 1}, [("", "required", "#/required", "b")]),
    ("required twice", {"required": ["a", "b"]}, {}, [("", "required", "#/required", "a"), ("", "required", "#/required", "b")]),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("", "dependentRequired", "#/dependentRequired", "b")]),
    ("a false member", {"properties": {"a": {"properties": {"b": False}}}}, {"a": {"b": 1}}, [("/a/b", "properties", "#/properties/a/properties/b")]),
    ("a false pattern", {"patternProperties": {"^a": False}}, {"ab": 1}, [("/ab", "patternProperties", "#/patternProperties/^a")]),
    ("closed", {"additionalProperties": False}, {"a": 1, "b": 2}, [("", "additionalProperties", "#/additionalProperties")]),
    ("another member", {"additionalProperties": STRING}, {"a": 1}, [("/a", "type", "#/additionalProperties/type")]),
    ("false items", {"prefixItems": [True], "items": False}, [1, 2, 3], [("/1", "items", "#/items"), ("/2", "items", "#/items")]),
    ("a false item", {"prefixItems": [False]}, [1], [("/0", "prefixItems", "#/prefixItems/0")]),
    ("an item", {"items": STRING}, ["a", 1], [("/1", "type", "#/items/type")]),
    ("false names", {"propertyNames": False}, {"a": 1, "b": 2}, [("", "propertyNames", "#/propertyNames")]),
    ("names", {"propertyNames": {"allOf": [{"maxLength": 1}, {"pattern": "b"}]}}, {"aa": 1}, [("", "maxLength", "#/propertyNames/allOf/0/maxLength"), ("", "pattern", "#/propertyNames/allOf/1/pattern")]),
    ("names by reference", {"propertyNames": {"$ref": "#/$defs/b"}, "$defs": {"b": {"maxLength": 1}}}, {"aa": 1}, [("", "maxLength", "#/$defs/b/maxLength")]),
    ("false names by reference", {"properties": {"a": {"propertyNames": {"$ref": "#/$defs/b"}}}, "$defs": {"b": False}}, {"a": {"b": 1}}, [("/a", "propertyNames", "#/$defs/b")]),
    ("names of any kind", {"propertyNames": {"anyOf": [{"maxLength": 1}, {"pattern": "b"}]}}, {"aa": 1}, [("", "anyOf", "#/propertyNames/anyOf")]),
    ("unevaluated members", {"unevaluatedProperties": False}, {"a": 1, "b": 2}, [("", "unevaluatedProperties", "#/unevaluatedProperties")]),
    ("unevaluated member", {"unevaluatedProperties": STRING}, {"a": 1}, [("", "unevaluatedProperties", "#/unevaluatedProperties")]),
    ("unevaluated items", {"unevaluatedItems": False}, [1, 2], [("", "unevaluatedItems", "#/unevaluatedItems")]),
    ("contains", {"contains": STRING}, [1], [("", "contains", "#/contains")]),
    ("contains, none of many", {"contains": STRING, "maxContains": 1}, [1, 2], [("", "contains", "#/contains")]),
    ("contains, none of two", {"contains": STRING, "minContains": 2}, [1], [("", "minContains", "#/minContains")]),
    ("contains, one of two", {"contains": STRING, "minContains": 2}, ["a"], [("", "minContains", "#/minContains")]),
    ("contains, too many", {"contains": STRING, "maxContains": 1}, ["a", "b"], [("", "maxContains", "#/maxContains")]),
    ("then", {"if": STRING, "then": {"maxLength": 1}}, "aa", [("", "maxLength", "#/then/maxLength")]),
    ("false else", {"if": STRING, "else": False}, 1, [("", "else", "#/else")]),
    ("dependentSchemas", {"dependentSchemas": {"a": {"minProperties": 2}}}, {"a": 1}, [("", "minProperties", "#/dependentSchemas/a/minProperties")]),
    ("false dependentSchemas", {"dependentSchemas": {"a": False}}, {"a": 1}, [("", "dependentSchemas", "#/dependentSchemas/a")]),
    ("allOf", {"allOf": [STRING]}, 1, [("", "type", "#/allOf/0/type")]),
    ("false allOf", {"allOf": [False]}, 1, [("", "allOf", "#/allOf/0")]),
    ("anyOf", {"anyOf": [STRING, {"minimum": 3}]}, 1, [("", "anyOf", "#/anyOf")]),
    ("oneOf", {"oneOf": [True, True]}, 1, [("", "oneOf", "#/oneOf")]),
    ("not", {"not": STRING}, "a", [("", "not", "#/not")]),
    ("$ref", {"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": STRING}}, {"a": 1}, [("/a", "type", "#/$defs/b/type")]),
    ("false $ref", {"$ref": "#/$defs/b", "$defs": {"b": False}}, 1, [("", "false schema", "#/$defs/b")]),
    ("false member by reference", {"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": False}}, {"a": 1}, [("/a", "properties", "#/$defs/b")]),
    ("false item by dynamic reference", {"items": {"$dynamicRef": "#/$defs/b"}, "$defs": {"b": False}}, [1], [("/0", "items", "#/$defs/b")]),
    ("false allOf by two references", {"allOf": [{"$ref": "#/$defs/c"}], "$defs": {"b": False, "c": {"$dynamicRef": "#/$defs/b"}}}, 1, [("", "allOf", "#/$defs/b")]),
    ("one location by two paths", {"allOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/b"}], "$defs": {"b": STRING}}, 1, [("", "type", "#/$defs/b/type")]),
    ("another document", {"items": {"$ref": f"{REMOTE}#/$defs/b"}}, [1], [("/0", "type", f"{REMOTE}#/$defs/b/type")]),
    ("within an $id", {"properties": {"a": {"$id": "http://x/a", "$ref": "#b", "$defs": {"c": {"$anchor": "b", **STRING}}}}}, {"a": 1}, [("/a", "type", "#/properties/a/$defs/c/type")]),
    ("$dynamicRef", {"$schema": DIALECT, "$dynamicRef": "#b", "$defs": {"c": {"$dynamicAnchor": "b", **STRING}}}, 1, [("", "type", "#/$defs/c/type")]),
    ("members called like keywords", {"properties": {"properties": {"properties": {"propertyNames": STRING}}}}, {"properties": {"propertyNames": 1}}, [("/properties/propertyNames", "type", "#/properties/properties/properties/propertyNames/type")]),
    ("false", False, 1, [("", "false schema", "#")]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "instance", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_both_validators_report_the_same_error(schema, instance, expected):
    """Each failure has the same pointer, keyword and location for both validators."""
    validators = Validators(Case("", "", "", schema, (), {REMOTE: {"$defs": {"b": STRING}}}))
    reported = [
        sorted((each.pointer, each.keyword, each.location, *([each.member] if each.member else [])) for each in errors)
        for errors in validators.errors(instance)
    ]
    assert reported == [expected, expected]


def test_a_validator_without_verdict_returns_none():
    """If one validator can't compile a pattern, there is no error common to both."""
    validators = Validators(Case("", "", "", {"pattern": "^\\p{Lu}$"}, (), {}))
    assert validators.verdicts("a") == (False, None)
    assert validators.common_error("a") is None
