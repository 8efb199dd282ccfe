"""Errors of property names: an object with very many names is copied once, and has the same violations."""

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.schema import name_errors

SCHEMAS = {
    "assertions": {"propertyNames": {"maxLength": 3, "pattern": "^[a-z]*$"}, "required": ["q"], "maxProperties": 2},
    "a chain of references": {
        "propertyNames": {"$ref": "#/$defs/outer"},
        "$defs": {"outer": {"$ref": "#/$defs/inner"}, "inner": {"enum": ["a", "bb"]}},
    },
    "a reference to false": {"propertyNames": {"$ref": "#/$defs/never"}, "$defs": {"never": False}},
    "applicators": {"propertyNames": {"anyOf": [{"maxLength": 1}, {"pattern": "^z"}], "not": {"pattern": "e"}}},
    "below not": {"not": {"propertyNames": {"pattern": "e|^$"}}},
    "below if": {"if": {"propertyNames": {"minLength": 1}}, "then": {"propertyNames": {"minLength": 2}}},
    "at several levels": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "propertyNames": {"maxLength": 4},
                "additionalProperties": {"type": ["object", "array", "integer"], "$ref": "#/$defs/tree"},
            }
        },
    },
    "another resource": {
        "$id": "https://example.com/outer.json",
        "properties": {"name1": {"$id": "inner.json", "propertyNames": {"$ref": "#/$defs/short"}, "$defs": {}}},
        "propertyNames": {"pattern": "^n"},
    },
    "an escaped location": {
        "properties": {"name1": {"$ref": "#/$defs/a~1b%20c"}},
        "$defs": {"a/b c": {"propertyNames": {"maxLength": 1}}},
    },
    "draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "propertyNames": {"allOf": [{"maxLength": 3}, False]},
    },
    "a dynamic reference": {"$dynamicAnchor": "here", "propertyNames": {"$dynamicRef": "#here"}, "maxLength": 3},
    "false": {"propertyNames": False},
}
SCHEMAS["another resource"]["properties"]["name1"]["$defs"]["short"] = {"maxLength": 1}
INSTANCES = [
    {"name0": 1, "name1": {"aa": 1, "k": 2}, "z": 3, "": {"b": 1}},
    {"name1": [{"longer": 1}, {"k": 2}], "a": {}, "bb": {"alsolong": {"UP": 2}}},
    {"e": 1},
    {},
    ["name"],
]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_the_violations_are_those_of_jsonschema_rs(monkeypatch, schema):
    """Each name is reported as by jsonschema-rs, with its label and its reason."""
    contract = Contract(schema)
    expected = [contract.check(instance) for instance in INSTANCES]
    assert any(expected)
    monkeypatch.setattr(name_errors, "MAX_COPIED_NAMES", -1)
    for instance, violations in zip(INSTANCES, expected, strict=True):
        found = contract.check(instance)
        assert sorted(map(repr, found)) == sorted(map(repr, violations))


def test_the_errors_of_many_names_share_one_object():
    """The object of 2,000 names is copied once, not into each of 2,000 errors."""
    contract = Contract({"type": "object", "propertyNames": {"maxLength": 3}, "required": ["a"]})
    instance = {f"name{number}": number for number in range(2000)}
    errors = list(contract.validators._name_errors.errors(instance))
    assert len(errors) == 2001
    assert len({id(error.instance) for error in errors if isinstance(error, name_errors.PropertyNameError)}) == 1
    assert {violation.keyword for violation in contract.check(instance)} == {"maxLength", "required"}
    assert contract.validators._name_errors.errors({"name": 1}) is None


def test_a_reason_names_the_property_name():
    """A branch that a property name fails says so, instead of calling the object too long."""
    contract = Contract({"anyOf": [{"type": "string"}, {"propertyNames": {"maxLength": 3}}]})
    (violation,) = contract.check({"name": 1})
    assert 'the property name "name" is longer than the maximum of 3' in violation.summary
