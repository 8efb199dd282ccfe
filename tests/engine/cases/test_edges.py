import re

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine.enumeration import enumerate_edges
from tests.support.schemas import session_contract


def test_every_edge_is_valid_and_has_a_unique_id():
    """Both validators accept each edge; ids are unique without regard to case, and safe as file names."""
    schema = session_contract().schema
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = Draft202012Validator(schema, format_checker=FormatChecker())
    edges = enumerate_edges(schema)
    assert [edge.id for edge in edges if not first.is_valid(edge.instance) or not second.is_valid(edge.instance)] == []
    assert len({edge.id.casefold() for edge in edges}) == len(edges)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", edge.id) for edge in edges)


def test_the_edges_of_the_session():
    """Both ends of each length and range, each constant, each property absent and alone."""
    by_id = {edge.id: edge.instance for edge in enumerate_edges(session_contract())}
    assert by_id["required-members-only"] == {}
    assert len(by_id["all-members"]) == 13
    assert (by_id["Name.shortest"]["Name"], len(by_id["Name.longest"]["Name"])) == ("", 128)
    astral = by_id["Name.longest-astral"]["Name"]
    assert (len(astral), len(astral.encode("utf-16-le"))) == (128, 512)
    assert [len(by_id[f"ProxySessionId.{end}"]["ProxySessionId"]) for end in ("shortest", "longest")] == [1, 128]
    assert [by_id[f"ExpiryMinutes.{end}"]["ExpiryMinutes"] for end in ("least", "least-plus-1")] == [1, 2]
    assert [by_id[f"Status.constant-{index}"]["Status"] for index in range(3)] == ["Open", "InProgress", "Closed"]
    assert list(by_id["only-Status"]) == ["Status"]
    assert "Status" not in by_id["without-Status"]
    assert by_id["Participants.fewest-items"]["Participants"] == []
    assert len(by_id["Participants.0.PhoneNumber.longest"]["Participants"][0]["PhoneNumber"]) == 16


def test_both_ends_of_each_limit_are_edges():
    """A range, the sizes of an array, and an array that is always empty have their edges."""
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 2, "maximum": 9},
            "l": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            "u": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2},
            "e": {"type": "array", "items": False},
        },
    }
    by_id = {edge.id: edge.instance for edge in enumerate_edges(schema)}
    assert [by_id[f"n.{end}"]["n"] for end in ("least", "least-plus-1", "greatest-minus-1", "greatest")] == [2, 3, 8, 9]
    assert [len(by_id[f"l.{end}"]["l"]) for end in ("fewest-items", "most-items")] == [1, 3]
    assert by_id["e.fewest-items"]["e"] == []


def test_an_edge_names_the_keyword_that_sets_its_boundary():
    """The summary, the keyword and its value: the tightest one, also of an alternative; none for an example."""
    schema = {
        "anyOf": [
            {"type": "integer", "minimum": 3, "exclusiveMinimum": 3, "allOf": [{"minimum": 1}]},
            {"type": "string", "pattern": "^a{3,5}$", "maxLength": 9, "minLength": 3, "examples": ["aaaa"]},
            {"type": "boolean"},
            {"type": "array", "maxItems": 2},
        ]
    }
    by_id = {edge.id: (edge.keyword, edge.limit) for edge in enumerate_edges(schema)}
    assert {each: by_id[each] for each in ("least", "least-plus-1", "shortest", "longest", "constant-0")} == {
        "least": ("exclusiveMinimum", 3),
        "least-plus-1": ("exclusiveMinimum", 3),
        "shortest": ("minLength", 3),
        "longest": ("pattern", "^a{3,5}$"),
        "constant-0": ("type", "boolean"),
    }
    assert [by_id[each] for each in ("fewest-items", "one-item", "most-items")] == [
        (None, None),
        (None, None),
        ("maxItems", 2),
    ]
    edges = {edge.id: edge for edge in enumerate_edges(session_contract())}
    name, example = edges["Name.longest"], edges["Name.example-0"]
    assert (name.keyword, name.limit) == ("maxLength", 128)
    assert name.summary == "/Name: 128 characters is the maximum length [maxLength]"
    assert (example.keyword, example.limit) == (None, None)
    assert example.summary == '/Name: "Order 4711" is an example of the schema'
