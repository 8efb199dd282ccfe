"""Schemas with patterns on which a backtracking engine takes exponential time."""

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions
from tests.support.sizes import sample

WORDS = "|".join(f"word{number}x{number * 7919 % 1000}" for number in range(500))
NAMES = {"^(a|aa)+$": {"type": "integer"}}
SUPPORTED = {
    "alternatives": {"type": "string", "pattern": "^(a|aa)+$", "minLength": 40},
    "nested": {"type": "string", "pattern": "^((a+)+)+$", "minLength": 40},
    "words": {"type": "string", "pattern": r"^(\w+\s?)*$", "minLength": 60},
    "white-space": {"type": "string", "pattern": r"\s*\s*\s*x", "minLength": 300},
    "counts": {"type": "string", "pattern": "^(a{1,50}){1,50}$"},
    "optional": {"type": "string", "pattern": "^(a?){40}a{40}$"},
    "columns": {"type": "string", "pattern": "^(.*,){20}x$"},
    "enumeration": {"type": "string", "pattern": f"^({WORDS})$"},
    "password": {"type": "string", "pattern": r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^A-Za-z0-9]).{8,64}$"},
    "look-ahead": {"type": "string", "pattern": "^(?!.*--)(([a-z]+)-?)+$", "minLength": 40},
    "last look-ahead": {"type": "string", "pattern": "^(a|aa)+(?!a)$", "minLength": 40},
    "excluded": {"type": "string", "not": {"pattern": "^(a|aa)+$"}, "minLength": 40},
    "URL": {
        "type": "string",
        "pattern": r"^https?:\/\/(www\.)?[-a-zA-Z0-9@:%._\+~#=]{1,256}\.[a-zA-Z0-9()]{1,6}\b([-a-zA-Z0-9@:%_\+.~#?&/=]*)$",
    },
    "names": {"type": "object", "patternProperties": NAMES, "additionalProperties": False, "minProperties": 1},
    "unevaluated": {"type": "object", "patternProperties": NAMES, "unevaluatedProperties": False},
    "property names": {"type": "object", "propertyNames": {"pattern": "^(b+|c){12,}$"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(SUPPORTED), 8))
def test_values_and_cases_are_right(name):
    """jsonschema-rs accepts values and edges; each violation has one error, which jsonschema confirms if it was called."""
    schema = SUPPORTED[name]
    contract = Contract(schema)
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert all(validator.is_valid(generate(contract, seed=1, index=index)) for index in range(20))
    assert all(validator.is_valid(edge.instance) for edge in enumerate_edges(contract))
    violations = enumerate_violations(contract)
    assert violations
    assert all(len(list(validator.iter_errors(violation.instance))) == 1 for violation in violations)
    cross_check = Draft202012Validator(schema)
    assert all(
        bool(violation.contested) == cross_check.is_valid(violation.instance)
        for violation in violations
        if violation.cross_checked
    )


CROSS_CHECKED_IN_PART = ["alternatives", "nested", "words", "optional", "last look-ahead", "names"]


@pytest.mark.parametrize("name", CROSS_CHECKED_IN_PART)
def test_only_what_re_may_match_is_cross_checked(name):
    """A number in place of the string is cross-checked, a long string is not; neither is contested for that."""
    violations = enumerate_violations(SUPPORTED[name])
    assert {violation.cross_checked for violation in violations} == {True, False}
    assert not any(violation.contested for violation in violations if not violation.cross_checked)


def test_other_locations_are_cross_checked():
    """A location beside a pattern that `re` can't match is cross-checked by its own subschema."""
    schema = {
        "type": "object",
        "properties": {"a": SUPPORTED["nested"], "b": {"type": "string", "pattern": "^[a-z]+$"}},
        "required": ["a", "b"],
    }
    violations = enumerate_violations(schema, pointer="/b")
    assert all(violation.cross_checked for violation in violations)
    assert [violation.value for violation in violations if violation.contested]


def test_a_reported_violation_is_not_cross_checked():
    """The report of jsonschema-rs on an instance says nothing of jsonschema."""
    violations = Contract(SUPPORTED["nested"]).check("b")
    assert [violation.cross_checked for violation in violations] == [False, False]


DECLARATIONS = [
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"$ref": "#"}}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"$ref": "#"}}},
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.test/node",
        "properties": {"a": {"$ref": "https://example.test/node"}},
    },
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$dynamicAnchor": "node",
        "properties": {"a": {"$dynamicRef": "#node"}},
    },
]


@pytest.mark.parametrize("schema", DECLARATIONS)
def test_a_reference_to_a_schema_that_declares_its_draft_keeps_the_limit(schema):
    """Jsonschema is not called for such a text behind the reference either, where its own class would backtrack."""
    contract = Contract({**schema, "pattern": "^(a+)+$"})
    text = "a" * 28 + "!"
    assert contract.validators.cross_check({"a": text}) is None
    assert contract.validators.cross_check({"a": {"a": text}}) is None
    assert contract.validators.cross_check({"a": {"a": "!"}}) == [("/a/a", "pattern")]


def test_a_custom_format_is_matched_by_the_validators_themselves():
    """Each by its own engine: `$` before a line feed is contested; where `re` may backtrack, it is not called."""
    options = SchemaOptions(formats={"word": "^(a|aa)+$"})
    short = Contract(SchemaDocument({"type": "string", "format": "word"}, options=options))
    assert (short.is_valid("aaa"), short.is_valid("aaa\n"), short.contested("aaa\n")) == (True, False, ("jsonschema",))
    assert short.contested("a" * 60 + "\n") == ()
    assert all(violation.cross_checked for violation in enumerate_violations(short) if violation.keyword == "type")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a|b)*a(a|b){20}$", "its automaton is too large; lower its counts or simplify it"),
        ("^(.{1,500}){1,500}$", "is rejected by jsonschema-rs; lower its counts"),
        ("{a}/{b}", r"engines parse '{' differently; write \{"),
        (r"\<a\>", r"engines parse '\<' differently; write <"),
        (r"\b{start}a", r"engines parse '\b{start}' differently; write \b\{start\}"),
        (r"[\z]", r"engines parse '\z' differently; write z"),
        ("(" * 3000 + "a" + ")" * 3000, "is nested too deeply"),
    ],
    ids=lambda value: value[:30],
)
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_an_unsupported_pattern_is_rejected_in_one_line(keyword, pattern, reason):
    """The error names the location, the pattern and the remedy."""
    value = pattern if keyword == "pattern" else {pattern: True}
    with pytest.raises(UnsupportedSchemaError) as caught:
        Contract({"properties": {"a": {keyword: value}}})
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"unsupported schema: /properties/a/{keyword}")
    assert reason in line
