"""The sentence of each violation."""

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.violation import Constraint, Violation, describe

SENTENCES = [
    ({"type": "string"}, 5, '5 is not of type "string" [type]'),
    ({"type": ["string", "null", "integer"]}, 1.5, '1.5 is not of type "string", "null" or "integer" [type]'),
    ({"enum": ["a", "b", 3]}, "c", '"c" is not one of "a", "b", 3 [enum]'),
    ({"enum": []}, "c", '"c" is not allowed, since the enumeration is empty [enum]'),
    ({"enum": ["a"]}, "c", '"c" is not equal to "a" [enum]'),
    (
        {"enum": [f"value-{number}" for number in range(40)]},
        0,
        '0 is not one of "value-0", "value-1", "value-2", "value-3", "value-4", … (40 values) [enum]',
    ),
    ({"const": {"a": 1}}, [], '[] is not equal to {"a": 1} [const]'),
    ({"minimum": 1}, 0, "0 is less than the minimum of 1 [minimum]"),
    ({"maximum": 1}, 2, "2 is greater than the maximum of 1 [maximum]"),
    ({"exclusiveMinimum": 1}, 1, "1 is not greater than the exclusive minimum 1 [exclusiveMinimum]"),
    ({"exclusiveMaximum": 1}, 1, "1 is not less than the exclusive maximum 1 [exclusiveMaximum]"),
    ({"multipleOf": 0.5}, 0.25, "0.25 is not a multiple of 0.5 [multipleOf]"),
    ({"minLength": 2}, "é", '"\\u00e9" (1 character) is shorter than the minimum of 2 [minLength]'),
    (
        {"maxLength": 128},
        "x" * 129,
        f'"{"x" * 39}…{"x" * 9}" (129 characters) is longer than the maximum of 128 [maxLength]',
    ),
    ({"pattern": "^a$"}, "b\n", '"b\\n" does not match the pattern "^a$" [pattern]'),
    ({"format": "date"}, "x", '"x" does not match the format "date" [format]'),
    ({"minItems": 1}, [], "[] (0 items) has fewer items than the minimum of 1 [minItems]"),
    ({"maxItems": 0}, [1], "[1] (1 item) has more items than the maximum of 0 [maxItems]"),
    ({"uniqueItems": True}, [1, 1], "[1, 1] has duplicate items [uniqueItems]"),
    ({"contains": {"const": 1}}, [2], '[2] has no item that matches {"const": 1} [contains]'),
    (
        {"contains": {"const": 1}, "minContains": 2},
        [1],
        "[1] has fewer matching items than the minimum of 2 [minContains]",
    ),
    (
        {"contains": {"const": 1}, "maxContains": 1},
        [1, 1],
        "[1, 1] has more matching items than the maximum of 1 [maxContains]",
    ),
    ({"required": ["a"]}, {}, '"a" is required [required]'),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, '"b" is required because "a" is present [dependentRequired]'),
    ({"minProperties": 1}, {}, "{} (0 properties) has fewer properties than the minimum of 1 [minProperties]"),
    (
        {"maxProperties": 0},
        {"a": 1},
        '{"a": 1} (1 property) has more properties than the maximum of 0 [maxProperties]',
    ),
    (
        {"propertyNames": {"maxLength": 1}},
        {"ab": 1},
        'the property name "ab" is longer than the maximum of 1 [maxLength]',
    ),
    ({"propertyNames": False}, {"a": 1}, '{"a": 1} has a property name that is not allowed [propertyNames]'),
    (
        {"properties": {"a": True}, "additionalProperties": False},
        {"b": 1},
        '{"b": 1} has a property that is not allowed: "b" [additionalProperties]',
    ),
    (
        {"unevaluatedProperties": False},
        {"b": 1},
        '{"b": 1} has an unevaluated property that is not allowed: "b" [unevaluatedProperties]',
    ),
    (
        {"unevaluatedItems": {"type": "string"}},
        [1],
        '[1] has an unevaluated item that does not match {"type": "string"} [unevaluatedItems]',
    ),
    (
        {"dependentSchemas": {"a": False}},
        {"a": 1},
        '{"a": 1} is not allowed to have the property "a" [dependentSchemas]',
    ),
    ({"if": True, "then": False, "else": True, "type": "null"}, 1, "1 is not allowed: the subschema is false [then]"),
    ({"not": {"type": "string"}}, "a", '"a" must not match {"type": "string"} [not]'),
    (
        {"anyOf": [{"type": "string"}, {"properties": {"a": {"minimum": 9}}}, {"required": ["b"]}, {"const": 1}]},
        {"a": 1},
        '{"a": 1} does not match any of the 4 subschemas: it is not of type "string"; '
        '/a: 1 is less than the minimum of 9; "b" is required [anyOf]',
    ),
    (
        {"oneOf": [{"type": "integer"}, {"minimum": 0}]},
        1,
        "1 does not match exactly one of the 2 subschemas: more than one matches [oneOf]",
    ),
    (
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
        1,
        '1 does not match exactly one of the 2 subschemas: it is not of type "string"; '
        'it is not of type "null" [oneOf]',
    ),
]


@pytest.mark.parametrize(("schema", "instance", "sentence"), SENTENCES)
def test_the_sentence_of_each_keyword(schema, instance, sentence):
    """A summary is the pointer, a sentence with the value and the limit, and the keyword."""
    keyword = sentence.rpartition("[")[2].rstrip("]")
    nested = {"properties": {"a b": schema}}
    summaries = [each.summary for each in Contract(nested).check({"a b": instance}) if each.keyword == keyword]
    inner = sentence.replace("/a: ", "/a b/a: ")
    assert summaries == [f"/a b: {inner}"]


def test_each_assertion_has_a_sentence():
    """A generic sentence is left to the keywords of custom vocabularies."""
    tested = {sentence.rpartition("[")[2].rstrip("]") for _, _, sentence in SENTENCES}
    assert tested >= DRAFT_2020_12.names(lambda facts: facts.role == "assertion")


def test_the_sentence_of_a_custom_keyword():
    """A keyword without an entry gets the value, its name and its limit."""
    violation = Violation(
        instance={"Code": "978"}, pointer="/Code", keyword="isbn", limit=True, schema_pointer="/properties/Code/isbn"
    )
    assert violation.summary == '/Code: "978" does not satisfy isbn: true [isbn]'


def test_a_summary_is_one_line_for_hostile_names():
    """A property name with control characters is escaped, and the whole document has a name."""
    contract = Contract({"additionalProperties": {"type": "string"}, "maxProperties": 1})
    assert [each.summary for each in contract.check({"a\n\x1b": 1, "b": ""})] == [
        '(root): {"a\\n\\u001b": 1, "b": ""} (2 properties) has more properties than the maximum of 1 [maxProperties]',
        '/a\\n\\x1b: 1 is not of type "string" [type]',
    ]


@pytest.mark.parametrize(
    ("instance", "pointers"),
    [
        ({"": {"a": 1}}, ["//a"]),
        ({"": 1}, ["/"]),
        ({"": {"": {"": 1}}}, ["///"]),
        ({"b": [{"": {"a": 1}}]}, ["/b/0//a"]),
        ({"a": 1, "": {"a": 2}}, ["//a", "/a"]),
    ],
)
def test_a_property_with_an_empty_name_has_a_location(instance, pointers):
    """jsonschema-rs leaves empty names out of its paths; the pointer of a violation has them."""
    schema = {"type": ["object", "array", "string"], "additionalProperties": {"$ref": "#"}, "items": {"$ref": "#"}}
    violations = Contract(schema).check(instance)
    assert sorted(each.pointer for each in violations) == sorted(pointers)
    assert all(isinstance(each.value, int) for each in violations)


def test_a_required_name_that_looks_numbered():
    """A variant that was numbered to keep ids unique still names the property of the schema."""
    assert describe("required", {}, ["b", "B"], variant="B-2") == '"B" is required'
    assert describe("required", {}, ["b-2"], variant="b-2") == '"b-2" is required'


def test_a_constraint_as_text():
    """The text of a constraint begins like the summary of a violation."""
    assert str(Constraint("/Name", "maxLength", 128, "/x")) == "/Name: maxLength 128"


@pytest.mark.parametrize(
    ("instance", "pointer"),
    [
        ({"": [1], "a": {"": "x"}}, "/a/"),
        ({"": {"": ["x"]}, "a": {"": 1}}, "//"),
        ([{"": {"a": "x"}, "a": [1]}], "/0//a"),
    ],
)
def test_locations_below_empty_names(instance, pointer):
    """jsonschema-rs leaves empty names out of a path; a list on another possible path is no obstacle."""
    schema = {"type": "integer"}
    for token in reversed(pointer[1:].split("/")):
        schema = {"prefixItems": [schema]} if token == "0" else {"properties": {token: schema}}
    found = Contract(schema).check(instance)
    assert [violation.pointer for violation in found] == [pointer]


def test_the_keyword_beside_a_property_with_an_empty_name():
    """The schema of an empty name does not take the place of its neighbours in the location of a keyword."""
    schema = {"$defs": {"d": {"properties": {"": {"type": "null"}, "a": {"type": "null"}}}}, "$ref": "#/$defs/d"}
    found = Contract(schema).check({"": 1, "a": 1})
    assert [each.schema_pointer for each in found] == ["/$defs/d/properties//type", "/$defs/d/properties/a/type"]


@pytest.mark.parametrize("step", [10**400, 2**53 + 2, 1e300])
def test_a_large_step_is_violated(step):
    """A multiple of a number beyond a double has violations that both validators reject."""
    violations = enumerate_violations({"type": "number", "multipleOf": step})
    assert "multipleOf" in {violation.keyword for violation in violations}
