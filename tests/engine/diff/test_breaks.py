"""Each difference between two schemas is one change with its verdict, and each break has its smallest witness."""

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.diff import diff
from tests.support.schema_changes import smaller_values

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def in_object(name, schema, **facts):
    return {"type": "object", "properties": {name: schema}, **facts}


NODE = {"$ref": "#/$defs/node"}


def chain(**facts):
    node = {"type": "object", "properties": {"value": {"type": "integer", **facts}, "next": NODE}}
    return {**NODE, "$defs": {"node": node}}


BREAKS = [
    # old, new, location, keyword, witness
    (STRING, {**STRING, "maxLength": 3}, "", "maxLength", "aaaa"),
    (STRING, {**STRING, "minLength": 3}, "", "minLength", ""),
    (STRING, {**STRING, "pattern": "^b"}, "", "pattern", ""),
    (STRING, {**STRING, "enum": ["b", ""]}, "", "enum", "a"),
    (STRING, {**STRING, "format": "date"}, "", "format", ""),
    (STRING, INTEGER, "", "type", ""),
    (INTEGER, {**INTEGER, "maximum": 150}, "", "maximum", 151),
    (INTEGER, {**INTEGER, "exclusiveMinimum": -7}, "", "exclusiveMinimum", -7),
    ({"type": "number"}, {"type": "number", "multipleOf": 2}, "", "multipleOf", 1),
    (in_object("Name", STRING), in_object("Name", STRING, required=["Name"]), "", "required", {}),
    (in_object("Name", STRING), in_object("Name", INTEGER), "/Name", "type", {"Name": ""}),
    ({"type": "object"}, in_object("Name", False), "/Name", "properties", {"Name": None}),
    (in_object("Name", STRING), in_object("Name", STRING, maxProperties=1), "", "maxProperties", None),
    ({"items": STRING}, {"items": {**STRING, "maxLength": 1}}, "/0", "maxLength", ["aa"]),
    ({"type": "array"}, {"type": "array", "maxItems": 2}, "", "maxItems", [None, None, None]),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, "", "uniqueItems", None),
    ({"type": "array"}, {"type": "array", "contains": STRING}, "", "contains", []),
    ({"anyOf": [STRING, INTEGER]}, {"anyOf": [INTEGER, {"type": "null"}]}, "", "anyOf", ""),
    (True, {"not": STRING}, "", "not", ""),
    (chain(), chain(minimum=5), "/value", "minimum", {"value": 0}),
    (
        in_object("a", STRING),
        in_object("a", STRING, **{"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        "",
        "required",
        {"a": ""},
    ),
    (in_object("a", STRING), in_object("a", STRING, propertyNames={"maxLength": 1}), "", "maxLength", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "pointer", "keyword", "witness"), BREAKS, ids=[str(case[3]) for case in BREAKS])
def test_a_new_constraint_breaks_requests(old, new, pointer, keyword, witness):
    """The change has the location and the keyword of the new schema, and no other one is breaking."""
    (change,) = diff(old, new, direction="request").breaking
    assert (change.pointer, change.keyword) == (pointer, keyword)
    assert witness is None or change.witness.instance == witness
    accepts, rejects = (Contract(each) for each in (old, new))
    smaller = list(smaller_values(change.witness.instance))
    assert [each for each in smaller if accepts.is_valid(each) and not rejects.is_valid(each)] == []


@pytest.mark.parametrize(("old", "new"), [case[:2] for case in BREAKS[:6]], ids=[case[3] for case in BREAKS[:6]])
def test_a_removed_constraint_breaks_responses(old, new):
    """The direction of a response exchanges the two schemas, and nothing else."""
    found = [(each.keyword, each.witness) for each in diff(old, new, direction="request").breaking]
    assert [(each.keyword, each.witness) for each in diff(new, old, direction="response").breaking] == found


COMPATIBLE = [
    ({**STRING, "maxLength": 3}, {**STRING, "maxLength": 4}),
    ({**STRING, "pattern": "^b{2}$"}, {**STRING, "minLength": 2}),
    ({"enum": ["a", 1]}, {"type": ["string", "integer"]}),
    ({"anyOf": [STRING, INTEGER]}, {"type": ["string", "integer"]}),
    ({"format": "date", **STRING}, {**STRING, "maxLength": 10}),
    ({"format": "email", **STRING}, {"format": "email"}),
    (in_object("a", STRING, required=["a"]), {"minProperties": 1}),
    (in_object("a", STRING, additionalProperties=False), {"maxProperties": 1}),
    (chain(minimum=5), chain(minimum=4)),
    ({"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 3, "exclusiveMaximum": True}, {"exclusiveMaximum": 3}),
    ({"not": {}}, STRING),
    (False, STRING),
    ({"allOf": [STRING, {"minLength": 2}]}, {**STRING, "minLength": 1}),
    ({"prefixItems": [STRING], "items": False}, {"maxItems": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), COMPATIBLE, ids=str)
def test_a_weaker_constraint_is_proved_to_be_compatible(old, new):
    """An exhaustive search for a value that is rejected is the proof."""
    assert diff(old, new, direction="request").verdict == "compatible"


def test_each_break_is_found_with_its_own_witness():
    """Several changes of one schema are several breaks, each at its own location."""
    old = {
        "type": "object",
        "required": ["Name"],
        "properties": {"Name": {**STRING, "maxLength": 8}, "Age": INTEGER, "Tags": {"type": "array", "items": STRING}},
    }
    new = {
        "type": "object",
        "required": ["Name", "Age"],
        "properties": {
            "Name": {**STRING, "maxLength": 6},
            "Age": {**INTEGER, "maximum": 150},
            "Tags": {"type": "array", "items": {"enum": ["b"]}},
        },
        "additionalProperties": False,
    }
    found = diff(old, new)
    breaks = [(each.direction, each.pointer, each.keyword, each.witness.instance) for each in found.breaking]
    assert breaks == [
        ("request", "", "required", {"Name": ""}),
        ("request", "", "additionalProperties", {"Name": "", "unknown": None}),
        ("request", "/Name", "maxLength", {"Name": "aaaaaaa"}),
        ("request", "/Age", "maximum", {"Age": 151, "Name": ""}),
        ("request", "/Tags/0", "enum", {"Tags": [""], "Name": ""}),
    ]
    assert found.verdict == "breaking"


def test_equal_schemas_are_not_searched(monkeypatch):
    """Equality is decided by the schemas, also if references spell it differently and one is recursive."""
    monkeypatch.setattr("chime_fixtures.engine.diff.comparison.search", None)
    found = diff(
        chain(minimum=1), {"$defs": {"n": chain(minimum=1)["$defs"]["node"], "node": {"$ref": "#/$defs/n"}}, **NODE}
    )
    assert (found.verdict, found.changes) == ("compatible", ())
