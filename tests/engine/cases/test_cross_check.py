from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from chime_fixtures.engine.cases import surroundings
from chime_fixtures.engine.cases.baseline import Baseline, full_value
from chime_fixtures.engine.cases.changed_instances import ChangedInstance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.schema.cross_validator import CrossValidator
from tests.support.schemas import MAY_DECLARE_UNREACHED

NAME = {"type": "string", "minLength": 1}
NAMES = {"type": "array", "items": NAME}
IS_A = {"properties": {"kind": {"const": "a"}}}
KINDS = {"kind": {"enum": ["a", "b"]}}
SCHEMAS = {
    "nested": {"properties": {"a": {"properties": {"b": NAMES}}, "c": {"$ref": "#/$defs/n"}}, "$defs": {"n": NAME}},
    "enum around": {"properties": {"a": {"properties": {"b": NAME}, "enum": [{"b": "x"}, {"b": 1}]}}},
    "unique items": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2},
    "unique names": {"type": "array", "items": NAME, "uniqueItems": True},
    "unevaluated": {"properties": {"a": {"allOf": [{"properties": {"b": NAME}}], "unevaluatedProperties": False}}},
    "dependent": {"properties": {"a": NAME, "b": NAME}, "dependentRequired": {"a": ["b"]}},
    "dependent schemas": {
        "properties": {"a": NAME, "b": NAME, "c": NAME},
        "dependentSchemas": {
            "a": {"properties": {"b": {"maxLength": 3}}},
            "z": {"properties": {"c": {"maxLength": 1}}},
        },
    },
    "dependencies": {
        "dependencies": {"a": {"properties": {"b": NAME}}},
        "properties": {"a": NAME, "b": {"maxLength": 3}},
    },
    "older dependencies": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"a": NAME, "b": {"maxLength": 3}},
        "dependencies": {"a": {"properties": {"b": NAME}}, "b": ["a"]},
    },
    "older items": {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "items": [NAME, {"type": "integer"}],
        "additionalItems": {"type": "boolean"},
        "minItems": 3,
    },
    "patterns": {
        "properties": {"ab": NAME, "x": NAME},
        "patternProperties": {"^a": {"maxLength": 4}, "b$": {"pattern": "^[a-z]"}},
        "additionalProperties": {"type": "integer"},
    },
    "prefix": {"type": "array", "prefixItems": [NAME, {"type": "integer"}, NAMES], "items": {"type": "boolean"}},
    "condition": {"properties": {"a": NAME, "b": NAME}, "if": {"required": ["a"]}, "then": {"minProperties": 1}},
    "condition beside": {
        "properties": {**KINDS, "x": {"type": "string"}, "y": {"properties": {"z": NAME}}},
        "allOf": [
            {"if": IS_A, "then": {"properties": {"x": NAME}}, "else": {"properties": {"y": {"required": ["z"]}}}}
        ],
    },
    "condition of the part": {
        "properties": {**KINDS, "x": NAME},
        "if": {"properties": {"x": {"maxLength": 2}}},
        "then": {"properties": {"x": {"pattern": "y"}, "kind": {"const": "b"}}},
    },
    "nested conditions": {
        "properties": {**KINDS, "x": {"properties": {"y": {"type": "string"}}}},
        "if": IS_A,
        "then": {
            "properties": {"x": {"properties": {"y": {"maxLength": 3}}}},
            "if": {"properties": {"x": {"properties": {"y": {"const": "yy"}}}}},
            "then": {"required": ["z"]},
        },
        "else": {"anyOf": [IS_A, {"$ref": "#/$defs/n"}]},
        "$defs": {"n": {"properties": {"x": {"required": ["y"]}}}},
    },
    "older condition": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {**KINDS, "x": NAMES},
        "if": {"properties": {"kind": {"pattern": "a"}}, "required": ["kind"]},
        "then": {"properties": {"x": {"items": {"maxLength": 4}}, "y": False}},
        "else": {"properties": {"x": {"uniqueItems": True}}},
    },
    "unevaluated by condition": {
        "properties": {**KINDS},
        "if": IS_A,
        "then": {"properties": {"kind": True, "x": {"properties": {"y": NAME}}}, "unevaluatedProperties": False},
    },
    "without condition": {"properties": {"x": NAME}, "then": {"properties": {"x": False}}},
    "others beside": {
        "properties": {"a": {"properties": {"b": NAME}}, "d": NAMES},
        "anyOf": [{"required": ["a"]}, {"properties": {"d": {"minItems": 1}}}],
        "oneOf": [{"required": ["a", "d"]}, {"properties": {"c": False}, "required": ["c"]}],
        "not": {"properties": {"d": {"maxItems": 0}}, "required": ["d"]},
    },
    "names": {"properties": {"a": NAME, "b": NAMES}, "propertyNames": {"maxLength": 1}, "minProperties": 1},
    "all of": {
        "allOf": [{"properties": {"a": NAME}}, {"$ref": "#/$defs/n"}],
        "$defs": {"n": {"properties": {"a": {"maxLength": 5}}}},
    },
    "any of": {"properties": {"a": {"anyOf": [{"properties": {"b": NAME}}, {"required": ["c"]}]}, "d": NAMES}},
    "recursive": {"properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}, "required": ["n"]},
    "dynamic": {
        "$dynamicAnchor": "node",
        "properties": {"n": {"type": "integer"}, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    },
}
VALUES = (None, "x", "", -1, 1.5, [], [1, 1], {}, {"a": 1}, {"b": {"c": ""}})


@pytest.mark.parametrize("name", SCHEMAS)
@MAY_DECLARE_UNREACHED
def test_a_part_has_the_errors_of_the_whole(name):
    """A part has the errors of the whole instance by either validator, for any value at any location."""
    contract = Contract(SCHEMAS[name])
    baseline = Baseline.full(contract.validators, contract.builder)
    for pointer in baseline.nodes:
        for value in VALUES:
            changed = ChangedInstance(baseline.instance, pointer, value).copy()
            errors = baseline.cross_check.errors(pointer, value)
            assert sorted(errors) == sorted(contract.validators.cross_check(changed)), (pointer, value)
            reported = [replace(each, instance=changed) for each in baseline.check(pointer, value)]
            assert sorted(map(repr, reported)) == sorted(map(repr, contract.check(changed))), (pointer, value)


@pytest.mark.parametrize(
    ("name", "instance", "pointer", "checked"),
    [
        ("nested", {"a": {"b": ["y"]}}, "/a/b/0", "x"),
        ("nested", {"c": "y"}, "/c", "x"),
        ("nested", {"a": {"b": [], "unlisted": 1}}, "/a/unlisted", "x"),
        ("enum around", {"a": {"b": "x"}}, "/a/b", {"b": "x"}),
        ("unique items", [1, 2], "/0", "x"),
        ("unique names", ["y", "x"], "/0", ["x", "x"]),
        ("unique names", ["y", "z"], "/0", "x"),
        ("unevaluated", {"a": {"b": "y"}}, "/a/b", {"b": "x"}),
        ("any of", {"a": {"b": "y"}}, "/a/b", {"b": "x"}),
        ("any of", {"d": ["y"]}, "/d/0", "x"),
        ("recursive", {"n": 1, "child": {"n": 1}}, "/child/n", "x"),
        ("condition beside", {"kind": "a", "x": "y", "y": {"z": "y"}}, "/y/z", "x"),
        ("condition beside", {"kind": "b", "x": "y", "y": {"z": "y"}}, "/y/z", "x"),
        ("condition beside", {"kind": "b", "x": "y"}, "/kind", {"kind": "x", "x": "y"}),
        ("condition of the part", {"kind": "b", "x": "yy"}, "/x", {"kind": "b", "x": "x"}),
        ("older condition", {"kind": "a", "x": ["y"]}, "/x/0", "x"),
        ("older condition", {"kind": "b", "x": ["x", "y"]}, "/x/1", ["x", "x"]),
        ("unevaluated by condition", {"kind": "a", "x": {"y": "y"}}, "/x/y", {"kind": "a", "x": {"y": "x"}}),
        ("without condition", {"x": "y"}, "/x", "x"),
        ("others beside", {"a": {"b": "y"}, "d": ["y"]}, "/a/b", "x"),
        ("others beside", {"a": {"b": "y"}, "d": ["y"]}, "/d/0", {"a": {"b": "y"}, "d": ["x"]}),
        ("dynamic", {"children": [{"n": 1}]}, "/children/0/n", "x"),
    ],
)
def test_the_smallest_independent_part_is_checked(monkeypatch, name, instance, pointer, checked):
    """A part ends at a value with a keyword whose verdict may depend on the part and on other properties or items."""
    contract = Contract(SCHEMAS[name])
    baseline = Baseline(contract.validators, instance, contract.root)
    calls = []
    baseline.parts.smallest(pointer)
    monkeypatch.setattr(
        contract.validators, "cross_check_part", lambda _, value, *_args, **_kw: calls.append(value) or []
    )
    baseline.cross_check.errors(pointer, "x")
    assert calls == [checked]


@pytest.mark.parametrize("is_unique", [True, False])
@pytest.mark.parametrize("pointer", ["/0", "/1/a", "/0/b", "/0/b/1", "/0/b/1/c", "/2/b/0", "/3/added"])
def test_an_item_is_checked_alone_if_it_stays_distinct(is_unique, pointer):
    """Below lists of distinct items a part has the errors of the whole, also for values that other items have."""
    inner = {"type": "array", "uniqueItems": is_unique, "items": {"properties": {"c": {"type": "integer"}}}}
    item = {"properties": {"a": {"type": "integer"}, "b": inner}, "maxProperties": 3}
    contract = Contract({"type": "array", "items": item, "uniqueItems": is_unique})
    instance = [
        {"a": 1, "b": [{"c": 1}, {"c": 2}]},
        {"a": 2, "b": [{"c": 1}, {"c": 2}]},
        {"a": 1, "b": [{"c": 2}, {"c": 1}]},
        {"b": [], "added": 2**53},
        {"b": []},
        {"b": [], "added": "x"},
    ]
    baseline = Baseline(contract.validators, instance, contract.root)
    parts = [instance, *instance, {"c": 1}, {"c": 1.0}, {"c": True}, 1, 2, 1.0, True, "x", 2**53 + 1, 2.0**53, 10**400]
    for value in [*parts, *(each["b"] for each in instance), [{"c": 1}, {"c": 2.0}]]:
        changed = ChangedInstance(baseline.instance, pointer, value).copy()
        whole = contract.validators.cross_check(changed)
        assert sorted(baseline.cross_check.errors(pointer, value)) == sorted(whole), value
        reported = [replace(each, instance=changed) for each in baseline.check(pointer, value)]
        assert sorted(map(repr, reported)) == sorted(map(repr, contract.check(changed))), value


def test_a_contested_baseline_is_checked_as_a_whole():
    """If jsonschema rejects the baseline, the verdict on the whole instance counts."""
    contract = Contract({"properties": {"a": NAME, "b": NAME}})
    baseline = Baseline(contract.validators, {"a": "", "b": "x"}, contract.root)
    assert baseline.cross_check.errors("/b", 1) == [("/a", "minLength"), ("/b", "type")]


@pytest.mark.slow
def test_violations_of_the_meta_schema_have_the_verdict_of_the_whole():
    """A violation of the meta-schema, which has dynamic references, is contested exactly if jsonschema accepts it."""
    contract = Contract({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    for violation in enumerate_violations(contract)[::16]:
        errors = contract.validators.cross_check(violation.instance)
        assert (errors in ([], None)) is bool(violation.contested), violation.id


def test_a_constant_value_is_checked_once_by_a_definition(monkeypatch):
    """A definition that several members refer to is applied once to a value that they share and that never changes."""
    checked = []
    monkeypatch.setitem(
        Draft202012Validator.VALIDATORS, "minProperties", lambda _, *arguments: checked.append(arguments[1]) or ()
    )
    part = {"type": "object", "minProperties": 1}
    copies = {"copy": dict(part), "other": {**part, "description": "a copy"}}
    members = {f"m{number}": {"$ref": f"#/$defs/{'copy' if number % 2 else 'other'}"} for number in range(20)}
    contract = Contract({"type": "object", "properties": members, "$defs": copies})
    schemas = contract.validators.schema_at(contract.document.uri, "").children["properties"].values()
    value = {"x": 1}
    for is_constant, count in ((True, 1), (False, 21), (True, 21)):
        for schema in schemas:
            assert contract.validators.cross_check_part([schema], value, is_constant=is_constant) == []
        assert len(checked) == count
    assert contract.validators.cross_check_part([*schemas], {"x": 1}, is_constant=True) == []
    assert len(checked) == 22


def test_a_full_value_is_constructed_once_for_one_definition(monkeypatch):
    """Members with a definition that is larger than a full instance share the valid value of its last member."""
    constructed = []
    monkeypatch.setattr(
        surroundings, "full_value", lambda builder, node: constructed.append(node) or full_value(builder, node)
    )
    inner = {"type": "object", "properties": {"x": {"type": "integer"}}}
    part = {"type": "object", "properties": {**{f"p{number}": {"const": 1} for number in range(130)}, "inner": inner}}
    members = {f"m{number}": {"$ref": "#/$defs/part"} for number in range(3)}
    contract = Contract({"type": "object", "properties": members, "$defs": {"part": part}})
    pointers = {entry.label.pointer for entry in contract.catalogue}
    assert {f"/m{number}/inner/x" for number in range(3)} <= pointers
    assert len(constructed) == len(set(constructed)) > 0


def test_a_value_without_parts_is_checked_once_by_equivalent_subschemas(monkeypatch):
    """Copies of a subschema, which differ by annotations, have one verdict; values of other types have their own."""
    copies = {f"p{number}": {"enum": [1, "a"], "description": str(number)} for number in range(50)}
    contract = Contract({"properties": {**copies, "other": {"enum": [True]}}})
    baseline = Baseline.full(contract.validators, contract.builder)
    cross_validator = CrossValidator._errors_by_parts
    checked = []
    monkeypatch.setattr(
        CrossValidator,
        "_errors_by_parts",
        lambda self, schemas, value, *others, **options: (
            checked.append(value) or cross_validator(self, schemas, value, *others, **options)
        ),
    )
    for value, is_accepted in (
        (1, True),
        (True, False),
        (1.0, True),
        ("1", False),
        ([], False),
        ({}, False),
        ([1], False),
        ([True], False),
    ):
        for name in copies:
            errors = baseline.cross_check.errors(f"/{name}", value)
            assert errors == ([] if is_accepted else [(f"/{name}", "enum")])
    assert list(map(repr, checked)) == ["1", "True", "1.0", "'1'", "[]", "{}", "[1]", "[True]"]
    assert baseline.cross_check.errors("/other", 1) == [("/other", "enum")]
    assert baseline.cross_check.errors("/other", True) == []
