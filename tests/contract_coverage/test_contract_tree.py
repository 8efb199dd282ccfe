"""The tree of a contract: its members, and the place of every case."""

import json

import pytest

from chime_fixtures import Contract
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.contract_coverage import contract_tree as module
from chime_fixtures.contract_coverage.contract_tree import contract_tree

TEXT = {"type": "string", "maxLength": 3}
SCHEMAS = {
    "any": True,
    "recursive": {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "inner": {"$ref": "#"}},
        "required": ["n"],
    },
    "mutual": {
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}},
            "b": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}, "n": {"minimum": 1}}},
        },
    },
    "dynamic": {
        "$id": "https://x.test/a",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"items": {"type": "array", "maxItems": 2, "items": {"$dynamicRef": "#node"}}},
    },
    "union": {
        "oneOf": [
            {"type": "object", "properties": {"k": {"const": "a"}, "x": {"type": "integer"}}, "required": ["k", "x"]},
            {"type": "object", "properties": {"k": {"const": "b"}, "y": TEXT}, "required": ["k"]},
        ]
    },
    "condition": {
        "type": "object",
        "properties": {"c": {"enum": ["US", "FR"]}, "z": {"type": "string"}},
        "if": {"properties": {"c": {"const": "US"}}, "required": ["c"]},
        "then": {"properties": {"z": {"pattern": "^[0-9]{5}$"}}},
        "else": {"required": ["z"]},
    },
    "prefix": {"type": "array", "prefixItems": [{"type": "boolean"}, {"maximum": 5}], "items": {"type": "null"}},
    "draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "array",
        "items": [{"type": "boolean"}],
        "additionalItems": {"type": "null"},
    },
    "contains": {"type": "array", "contains": {"type": "integer"}, "maxItems": 4, "uniqueItems": True},
    "patterns": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "boolean"}, "^n": {"type": "integer"}},
        "additionalProperties": False,
        "propertyNames": {"maxLength": 10},
        "minProperties": 1,
    },
    "other": {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}},
    "names": {"type": "object", "properties": {"a/b": TEXT, "~": {"type": "null"}, "": TEXT, "*": {"const": 1}}},
    "not": {"not": {"type": "string"}},
    "nested": {"type": "array", "items": {"type": "array", "items": {"enum": [1, 2]}}},
}


def contracts():
    """The custom contracts, and one of each direction of an operation."""
    yield from (pytest.param(lambda schema=schema: Contract(schema), id=name) for name, schema in SCHEMAS.items())
    names = ("CreateProxySession.request", "ListProxySessions.response")
    yield from (pytest.param(lambda name=name: load_contract(name), id=name, marks=pytest.mark.slow) for name in names)


@pytest.mark.filterwarnings("ignore::chime_fixtures.SchemaWarning")
@pytest.mark.parametrize("make", list(contracts()))
def test_every_case_has_one_place(make):
    """Each edge, hazard and violation is at one node, on the path of its pointer, below a constraint of its keyword."""
    contract = make()
    root = contract_tree(contract)
    nodes = list(root.walk())
    entries = [entry for node in nodes for entry in node.constraints]
    assert sorted(each.id for entry in entries for each in entry.edges) == sorted(each.id for each in contract.edges)
    assert sorted(each.id for node in nodes for each in node.hazards) == sorted(each.id for each in contract.hazards)
    violations = [each for entry in entries for each in entry.violations]
    assert sorted(each.id for each in violations) == sorted(entry.label.id for entry in contract.catalogue)
    for entry in entries:
        assert {each.keyword for each in (*entry.edges, *entry.violations)} <= {entry.keyword}
        assert all(not contract.is_valid(each.instance) for each in entry.violations)
    pointers = {node.pointer for node in nodes}
    assert all(node.same_as is None or (node.same_as in pointers and not node.children) for node in nodes)


def shape(node):
    """The members of a node that a reader sees first."""
    required = "!" if node.is_required else ""
    inner = f" = {node.same_as or '(root)'}" if node.same_as is not None else [shape(child) for child in node.children]
    return f"{node.kind} {node.name}{required}: {'|'.join(node.types)}", inner


def test_members():
    """A union has the members of all its alternatives; a recursive schema is entered once."""
    assert shape(contract_tree(Contract(SCHEMAS["union"]))) == (
        "root : object",
        [("property k!: string", []), ("property x: integer", []), ("property y: string", [])],
    )
    assert shape(contract_tree(Contract(SCHEMAS["recursive"]))) == (
        "root : object",
        [("property n!: integer", []), ("property inner: object", " = (root)")],
    )
    assert shape(contract_tree(Contract(SCHEMAS["prefix"]))) == (
        "root : array",
        [("items *: null", []), ("item 0: boolean", []), ("item 1: null|boolean|number|string|array|object", [])],
    )
    assert shape(contract_tree(Contract(SCHEMAS["draft 7"]))) == (
        "root : array",
        [("item 0: boolean", []), ("items *: null", [])],
    )


def test_constraints():
    """A constraint in a branch of a union is conditional; one that can't be violated alone names what implies it."""
    schema = {"type": "string", "minLength": 1, "pattern": "^[a-z]{2}$", "anyOf": [{"maxLength": 2}, {"maxLength": 5}]}
    (node,) = contract_tree(Contract(schema)).walk()
    found = {(entry.keyword, json.dumps(entry.limit)): entry for entry in node.constraints}
    assert found["minLength", "1"].implied_by == ("pattern",)
    assert [entry.is_conditional for entry in node.constraints if entry.keyword == "maxLength"] == [True, True]
    assert not found["pattern", '"^[a-z]{2}$"'].is_conditional
    assert found["pattern", '"^[a-z]{2}$"'].schema_pointer == "/pattern"


def test_a_large_tree_is_cut(monkeypatch):
    """Beyond the limit a member names the one that has its children."""
    monkeypatch.setattr(module, "MAX_MEMBERS", 6)
    part = {"type": "object", "properties": {"x": {"type": "null"}, "y": {"type": "null"}}}
    schema = {"properties": {name: {"$ref": "#/$defs/part"} for name in "abc"}, "$defs": {"part": part}}
    nodes = {node.pointer: node for node in contract_tree(Contract(schema)).walk()}
    assert [*nodes] == ["", "/a", "/a/x", "/a/y", "/b", "/c"]
    assert (nodes["/b"].same_as, nodes["/c"].same_as) == ("/a", "/a")
