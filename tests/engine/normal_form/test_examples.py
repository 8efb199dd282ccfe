"""Values of `default` and `examples`: drawn sometimes, if both validators accept them."""

import jsonschema_rs
import pytest
from hypothesis import find, settings
from jsonschema import Draft202012Validator

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
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
EXAMPLES = {
    "name": (("default", "Grace"), ("example-0", "Ada")),
    "mail": (("example-0", '"a b"@example.com'),),
    "at": (),
    "tags": (("example-0", ["a", "b"]),),
    "old": (("example-0", 99),),
}


def test_invalid_and_contested_examples_are_ignored():
    """Invalid examples, contested ones such as leap seconds, and constants that are drawn anyway are ignored."""
    contract = Contract(SCHEMA)
    examples, root = contract.normal_form.examples, contract.root
    assert examples(root) == ()
    assert {name: examples(node) for name, node in root.branches[0].properties.items()} == EXAMPLES


@pytest.mark.slow
def test_examples_are_among_the_values():
    """Each example occurs, both validators accept every value, and each occurrence is a copy."""
    contract = Contract(SCHEMA)
    values = [generate(contract, seed=1, index=index) for index in range(200)]
    first, second = (kind(SCHEMA) for kind in (jsonschema_rs.Draft202012Validator, Draft202012Validator))
    assert all(first.is_valid(value) and second.is_valid(value) for value in values)
    for name, examples in EXAMPLES.items():
        assert all(any(value[name] == example for value in values) for _, example in examples), name
    tags = [value["tags"] for value in values if value["tags"] == ["a", "b"]]
    assert tags[0] is not tags[1]


@pytest.mark.slow
def test_strategies_draw_examples_and_do_not_shrink_to_them():
    """An example is drawn if the test requires it; otherwise the shrunk value is not one."""
    drawn = from_schema(SCHEMA["$defs"]["Name"] | {"default": "Grace"})
    many = settings(database=None, max_examples=500)
    assert find(drawn, lambda value: value == "Grace", settings=many) == "Grace"
    assert find(drawn, bool, settings=many) not in {"Grace", "Ada"}


def test_examples_are_edges_and_part_of_violations():
    """Each example is an edge, and the valid properties of a violation are examples."""
    by_id = {edge.id: edge.instance for edge in enumerate_edges(SCHEMA)}
    assert {name: by_id["name.example-0"][name] for name in ("name", "mail")} == {
        "name": "Ada",
        "mail": EXAMPLES["mail"][0][1],
    }
    missing = next(each for each in enumerate_violations(SCHEMA) if each.id == "required.mail")
    assert missing.instance["name"] == "Grace"
