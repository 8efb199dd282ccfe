"""What a schema names in `default` and `examples`: drawn now and then where both judges accept it."""

import jsonschema_rs
from hypothesis import find, settings
from jsonschema import Draft202012Validator

from chime_fixtures.engine.contract import Contract, enumerate_edges, enumerate_violations, generate
from chime_fixtures.engine.strategies import from_schema

SCHEMA = {
    "type": "object",
    "required": ["name", "mail", "at", "tags", "old"],
    "properties": {
        "name": {"$ref": "#/$defs/Name", "default": "Grace"},
        "mail": {"type": "string", "format": "email", "example": '"a b"@example.com'},
        "at": {"type": "string", "format": "date-time", "examples": ["2016-12-31T23:59:60Z", "soon"]},
        "tags": {"type": "array", "items": {"type": "string"}, "examples": [["a", "b"], "a", [1]]},
        "old": {"anyOf": [{"type": "integer", "examples": [99, 1.5]}, {"type": "null"}], "default": None},
    },
    "examples": [{"name": "Bob"}],
    "$defs": {"Name": {"type": "string", "minLength": 3, "examples": ["Ada", "x", 5]}},
}
HINTS = {
    "name": (("default", "Grace"), ("example-0", "Ada")),
    "mail": (("example-0", '"a b"@example.com'),),
    "at": (),
    "tags": (("example-0", ["a", "b"]),),
    "old": (("example-0", 99),),
}


def test_what_is_not_valid_or_not_certain_is_passed_over():
    """Wrong values, leap seconds on which engines differ, and what is drawn anyway are no hints."""
    contract = Contract(SCHEMA)
    examples, root = contract.form.examples, contract.root
    assert examples(root) == ()
    assert {name: examples(node) for name, node in root.branches[0].properties.items()} == HINTS


def test_they_are_among_the_values():
    """Of some records each hint comes in some, both judges accept every record, and no record holds a hint itself."""
    values = [generate(SCHEMA, seed=1, index=index) for index in range(200)]
    first, second = (kind(SCHEMA) for kind in (jsonschema_rs.Draft202012Validator, Draft202012Validator))
    assert all(first.is_valid(value) and second.is_valid(value) for value in values)
    for name, hints in HINTS.items():
        assert all(any(value[name] == hint for value in values) for _, hint in hints), name
    tags = [value["tags"] for value in values if value["tags"] == ["a", "b"]]
    assert tags[0] is not tags[1]


def test_strategies_draw_them_and_shrink_past_them():
    """A hint is found by looking for it; where any value will do, what is left is none of them."""
    drawn = from_schema(SCHEMA["$defs"]["Name"] | {"default": "Grace"})
    many = settings(database=None, max_examples=500)
    assert find(drawn, lambda value: value == "Grace", settings=many) == "Grace"
    assert find(drawn, bool, settings=many) not in {"Grace", "Ada"}


def test_edges_have_them_and_violations_stand_among_them():
    """Each hint is an edge, and what is not broken in a violation is what the schema names."""
    told = {edge.id: edge.instance for edge in enumerate_edges(SCHEMA)}
    assert {name: told["name.example-0"][name] for name in ("name", "mail")} == {
        "name": "Ada",
        "mail": HINTS["mail"][0][1],
    }
    missing = next(each for each in enumerate_violations(SCHEMA) if each.id == "required.mail")
    assert missing.instance["name"] == "Grace"
