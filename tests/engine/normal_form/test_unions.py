"""Unions: each branch of `oneOf`, `anyOf` and conditions has a value, wherever its discriminator is."""

import functools

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.dnf.propagation import Propagation
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Objects
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample


def variant(value, **keywords):
    """An object whose discriminator stands after a property that all variants share."""
    return {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {"id": {"type": "string"}, "kind": value},
        **keywords,
    }


def constant_variants(count, keyword="oneOf"):
    return {keyword: [variant({"const": f"v{number}"}) for number in range(count)]}


def nested(number):
    return {
        "required": ["id", "meta"],
        "properties": {
            "id": {"type": "string"},
            "meta": {"type": "object", "required": ["name"], "properties": {"name": {"const": number}}},
        },
    }


def condition(number):
    return {
        "if": {"properties": {"kind": {"const": number}}},
        "then": {"required": [f"x{number}"], "properties": {f"x{number}": {"type": "integer"}}},
    }


def chain(count):
    """Conditions, each in the `else` of the one before it."""
    return functools.reduce(lambda rest, number: {**condition(number), "else": rest}, range(count), {"required": ["z"]})


UNIONS = {
    "4 constants": (constant_variants(4), 4),
    "60 constants": (constant_variants(60), 60),
    "enumerations": ({"oneOf": [variant({"enum": [number, -1 - number]}) for number in range(12)]}, 12),
    "anyOf": (constant_variants(60, "anyOf"), 60),
    "booleans": ({"oneOf": [variant({"const": True}), variant({"const": False}), variant({"type": "null"})]}, 3),
    "integers": ({"oneOf": [variant({"const": number}, additionalProperties=False) for number in range(50)]}, 50),
    "nested": ({"type": "object", "oneOf": [nested(number) for number in range(50)]}, 50),
    "presence": ({"type": "object", "oneOf": [{"required": [f"r{number}"]} for number in range(20)]}, 20),
    "optional discriminators": (
        {
            "type": "object",
            "oneOf": [
                {"properties": {"id": {"type": "string"}, "kind": {"const": number}}, "required": ["id"]}
                for number in range(6)
            ],
        },
        6,
    ),
    "required beside the union": (
        {
            "type": "object",
            "required": ["kind"],
            "oneOf": [{"properties": {"id": {}, "kind": {"const": number}}} for number in range(50)],
        },
        50,
    ),
    "conditions": (
        {**variant({"enum": list(range(12))}), "allOf": [condition(number) for number in range(12)]},
        12,
    ),
    "a chain of conditions": ({**variant({"enum": list(range(12))}), **chain(12)}, 12),
    "types": ({"oneOf": [{"type": name} for name in ("null", "boolean", "number", "string", "array", "object")]}, 7),
    "ranges": ({"oneOf": [variant({"minimum": 10 * n, "maximum": 10 * n + 5}) for n in range(8)]}, 8),
}


def referred(schema):
    """The same union; each branch is a reference to a schema with `allOf`."""
    definitions = {f"b{index}": {"allOf": [branch]} for index, branch in enumerate(schema["oneOf"])}
    return {"$defs": definitions, "oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions]}


UNIONS["references"] = (referred(constant_variants(20)), 20)


def count_of_branches(node):
    return sum(len(branch.values) if isinstance(branch, Constants) else 1 for branch in node.branches)


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(UNIONS), 8))
@MAY_DECLARE_UNREACHED
def test_each_branch_has_values(name):
    """A union has each of its branches as the root, as an optional member, and as the items of a list."""
    schema, branches = UNIONS[name]
    definitions = schema.get("$defs", {})
    union = {keyword: value for keyword, value in schema.items() if keyword != "$defs"}
    root = Contract(schema)
    member = Contract({"$defs": definitions, "type": "object", "properties": {"member": union}})
    items = Contract({"$defs": definitions, "type": "array", "items": union})
    nodes = [
        root.root,
        member.root.require_branch(Objects).properties["member"],
        items.root.require_branch(Arrays).items,
    ]
    assert [count_of_branches(node) for node in nodes] == [branches] * 3
    assert all(branch.min_depth is not None for branch in nodes)
    assert all(node.limits == frozenset() for node in nodes)
    values = [generate(root, seed=1, index=index) for index in range(20)]
    assert [value for value in values if not jsonschema_rs.is_valid(schema, value)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"const": number} for number in range(500)]},
        {"anyOf": [{"enum": [number, -number]} for number in range(500)]},
        {"oneOf": [{"const": {"kind": str(number)}} for number in range(500)]},
    ],
)
def test_each_constant_of_a_large_union_is_a_value(schema):
    """Each branch of a large union of constants is reached."""
    (constants,) = Contract(schema).root.branches
    assert len(constants.values) >= 500


def test_branches_of_two_unions_are_combined_in_turns():
    """Each branch of both unions is reached, though only some of the 3600 combinations are made."""
    first = constant_variants(60)
    second = {"oneOf": [{"required": ["mode"], "properties": {"mode": {"const": number}}} for number in range(60)]}
    contract = Contract({"allOf": [first, second]})
    objects = [branch for branch in contract.root.branches if isinstance(branch, Objects)]
    for name in ("kind", "mode"):
        nodes = {objects_.properties[name] for objects_ in objects}
        assert len(nodes) == 60
    (limit,) = contract.root.limits
    assert str(limit) == "120 alternatives"


@pytest.mark.slow
@pytest.mark.parametrize("variants", [constant_variants, lambda n: referred(constant_variants(n))])
def test_the_work_is_proportional_to_the_number_of_branches(monkeypatch, variants):
    """The other branches are not expanded for each branch if a discriminator excludes them."""
    calls = []
    expand = Propagation._expand
    monkeypatch.setattr(Propagation, "_expand", lambda *args: (calls.append(1), expand(*args)))
    counts = []
    for size in (50, 100):
        calls.clear()
        Contract(variants(size))
        counts.append(len(calls))
    assert counts[1] < 2.2 * counts[0]
