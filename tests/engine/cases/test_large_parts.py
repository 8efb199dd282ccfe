"""Catalogues of schemas whose random values are large: baselines and constructed violations stay small."""

import collections
import itertools
import sys

import jsonschema_rs
import pytest

from chime_fixtures.engine.cases import baseline, violations
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.changed_instances import ChangedInstance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import iter_violations
from tests.support.schemas import MAY_DECLARE_UNREACHED


def wide(depth):
    """Objects with four lists of distinct objects each, on many levels."""
    if not depth:
        return {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]}
    below = {"type": "array", "uniqueItems": True, "items": wide(depth - 1)}
    return {
        "type": "object",
        "properties": {"name": {"type": "string"}, **{f"list{number}": below for number in range(4)}},
        "anyOf": [{"required": ["name"]}, {"required": ["list0"]}],
    }


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("maximum", [40, 300])
def test_baselines_and_violations_are_limited(monkeypatch, maximum):
    """With a low limit on choices instances are smaller, and each violation has its label alone."""
    monkeypatch.setattr(baseline, "MAX_CHOICES", maximum)
    monkeypatch.setattr(violations, "MAX_CONSTRUCTED_CHOICES", maximum)
    schema = {"type": "array", "uniqueItems": True, "minItems": 1, "items": wide(2)}
    contract = Contract(schema)
    judge = jsonschema_rs.Draft202012Validator(schema)
    for violation in itertools.islice(iter_violations(contract, contested=False), 25):
        assert len(str(violation.instance)) < 20_000
        (error,) = judge.iter_errors(violation.instance)
        assert "".join(f"/{token}" for token in error.instance_path) == violation.pointer


def test_unchanged_items_are_not_checked_again():
    """The cross-check visits the changed item and what contains it; the errors are those of the whole instance."""
    item = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"minimum": 2}}}}
    schema = {"type": "array", "uniqueItems": True, "items": item}
    contract = Contract(schema)
    instance = [{"a": number, "b": [number, number + 1]} for number in range(2, 40)]
    changed = Baseline(contract.validators, instance, contract.root)
    part = changed.parts.smallest("/3/b/1")
    assert part.pointer == ""
    known = list(changed.parts.accepted_values(part))
    assert len(known) == 38 * 5
    for pointer, value in (("/3/b/1", 0), ("/3/a", "x"), ("/7", {"a": 1.5}), ("/9", instance[0]), ("/1/b", None)):
        whole = contract.validators.cross_check(ChangedInstance(changed.instance, pointer, value).copy())
        assert changed.cross_check.errors(pointer, value) == whole


def test_unchanged_properties_of_each_applicator_are_known():
    """Values of `additionalProperties` and `patternProperties` are not checked again; the errors stay the same."""
    schema = {
        "type": "object",
        "minProperties": 1,
        "not": {"required": ["never"]},
        "patternProperties": {"^p": {"type": "array", "items": {"type": "integer"}}},
        "additionalProperties": {"type": "object", "additionalProperties": {"minimum": 2}},
    }
    contract = Contract(schema)
    instance = {f"p{number}": [number] for number in range(9)} | {f"o{number}": {"x": number} for number in range(2, 9)}
    changed = Baseline(contract.validators, instance, contract.root)
    part = changed.parts.smallest("/never")
    assert part.pointer == ""
    assert len(list(changed.parts.accepted_values(part))) == 2 * len(instance)
    for pointer, value in (("/p3/0", "x"), ("/p4", {}), ("/o3/x", 0), ("/o4", 5), ("/never", {}), ("/o5", {"y": 1})):
        whole = contract.validators.cross_check(ChangedInstance(changed.instance, pointer, value).copy())
        assert changed.cross_check.errors(pointer, value) == whole


def test_a_later_item_takes_one_check_for_each_verdict(monkeypatch):
    """If no violation of the first item is contested, a later item has one violation of each keyword after one check."""
    checked = collections.Counter()
    check = Baseline.check
    monkeypatch.setattr(Baseline, "check", lambda self, *args: checked.update([args[0]]) or check(self, *args))
    found = list(iter_violations({"type": "array", "items": {"type": "string", "minLength": 3, "maxLength": 4}}))
    keywords = [violation.keyword for violation in found if violation.pointer == "/1"]
    assert keywords == ["type", "minLength", "maxLength"]
    assert checked["/1"] == len(keywords) < checked["/0"]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}}},
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/n"}}, "required": ["a"]},
        {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "boolean"}}}},
    ],
)
def test_locations_of_later_distinct_items_have_small_surroundings(monkeypatch, item):
    """The items before a location of a list of distinct items differ, so that no random instance is constructed."""
    monkeypatch.setattr(Baseline, "minimal", lambda *args: pytest.fail("a random instance"))
    monkeypatch.setattr(baseline, "MAX_FULL_VALUES", 3)
    monkeypatch.setattr(violations, "MAX_FULL_VALUES", 3)
    schema = {
        "type": "object",
        "properties": {"first": {"type": "string"}, "list": {"type": "array", "uniqueItems": True, "items": item}},
        "$defs": {"n": {"type": "object", "properties": {"b": {"type": "number"}}}},
    }
    judge = jsonschema_rs.Draft202012Validator(schema)
    found = {}
    for violation in iter_violations(schema):
        (error,) = judge.iter_errors(violation.instance)
        found[violation.pointer] = "".join(f"/{token}" for token in error.instance_path)
    assert found == {pointer: pointer for pointer in found}
    assert any(pointer.startswith("/list/1/") and pointer.endswith("/b") for pointer in found)


def test_branches_of_one_definition_check_a_value_once():
    """The cross-check of nested branches with one definition takes time in proportion to the value."""
    kinds = [{"required": ["z"]}, {"not": {"required": ["z"]}}]
    node = {"type": "object", "properties": {"child": {"$ref": "#/$defs/union"}}}
    branches = [{"allOf": [{"$ref": "#/$defs/node"}, kind]} for kind in kinds]
    contract = Contract({"$ref": "#/$defs/union", "$defs": {"node": node, "union": {"oneOf": branches}}})

    def nested(depth, leaf):
        return {"child": nested(depth - 1, leaf)} if depth else leaf

    def calls(depth):
        count = itertools.count()
        before = sys.getprofile()
        sys.setprofile(lambda frame, event, argument: next(count) if event == "call" else None)
        try:
            assert contract.validators.cross_check(nested(depth, {})) == []
        finally:
            sys.setprofile(before)
        return next(count)

    calls(1)  # compiles the schema
    assert calls(8) < 3 * calls(4)
    assert contract.validators.cross_check(nested(6, {"child": 1})) == [("", "oneOf")]


@pytest.mark.parametrize(
    ("name", "mistake"), [("required", {"const": False}), ("kind", {"enum": ["a"]}), ("size", {"maximum": 60})]
)
def test_a_property_that_other_properties_depend_on_is_violated_without_them(name, mistake):
    """The type of a property is violated alone where optional properties beside it would not be allowed."""
    optional = {
        "private": {"const": True},
        name: {"type": {"required": "boolean", "kind": "string"}.get(name, "integer")},
    }
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, name: optional[name]},
        "required": ["name"],
        "if": {"properties": {name: mistake}},
        "then": {"properties": {"private": True}},
        "else": {"properties": {"private": False}},
    }
    schema["properties"]["private"] = optional["private"]
    found = list(iter_violations(schema))
    assert ("type", f"/{name}") in {(violation.keyword, violation.pointer) for violation in found}
    judge = jsonschema_rs.Draft202012Validator(schema)
    assert all(len(list(judge.iter_errors(violation.instance))) == 1 for violation in found)
