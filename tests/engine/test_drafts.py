"""Drafts 4, 6, 7 and 2019-09: each keyword as that draft means it, by the validators of the same draft."""

import pickle
from contextlib import nullcontext

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import InvalidOptionError, SchemaWarning, UnsupportedSchemaError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import (
    DRAFT_4,
    DRAFT_6,
    DRAFT_7,
    DRAFT_2019_09,
    DRAFT_2020_12,
    DRAFTS,
    draft_with,
)
from chime_fixtures.engine.schema.options import SchemaOptions
from tests.support.schemas import MAY_DECLARE_UNREACHED

TREE = {
    "$recursiveAnchor": True,
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "parts": {"items": {"$recursiveRef": "#"}, "maxItems": 2}},
}

SCHEMAS = {
    "booleans beside bounds": (
        DRAFT_4,
        {"minimum": 3, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": False},
    ),
    "id and definitions": (
        DRAFT_4,
        {
            "id": "http://example.test/order",
            "definitions": {"code": {"id": "#code", "type": "string", "pattern": "^[A-Z]{3}$"}},
            "type": "object",
            "properties": {"code": {"$ref": "#code"}, "id": {"type": "integer"}},
            "required": ["code", "id"],
        },
    ),
    "an example with an id": (
        DRAFT_4,
        {"type": "object", "properties": {"x": {"type": "integer", "default": {"id": "nowhere/"}}}, "required": ["x"]},
    ),
    "keywords beside a reference": (
        DRAFT_7,
        {
            "definitions": {"short": {"type": "string", "maxLength": 3}},
            "properties": {"a": {"$ref": "#/definitions/short", "minLength": 99, "$id": "http://other.test/"}},
            "required": ["a"],
            "type": "object",
        },
    ),
    "a list of items": (
        DRAFT_6,
        {
            "type": "array",
            "items": [{"type": "integer"}, {"enum": ["a", "b"]}],
            "additionalItems": {"type": "boolean"},
            "minItems": 3,
        },
    ),
    "no additional items": (
        DRAFT_2019_09,
        {"type": "array", "items": [{"type": "integer"}, True], "additionalItems": False, "minItems": 2},
    ),
    "additional items without a list": (
        DRAFT_7,
        {"type": "array", "items": {"type": "null"}, "additionalItems": False, "minItems": 2},
    ),
    "names and schemas in dependencies": (
        DRAFT_7,
        {
            "type": "object",
            "dependencies": {"card": ["holder", "month"], "coupon": {"required": ["shop"], "maxProperties": 3}},
            "properties": {"card": {"type": "string"}, "coupon": {"const": "X"}},
            "additionalProperties": {"type": "integer"},
        },
    ),
    "a forbidden dependency": (DRAFT_6, {"type": "object", "dependencies": {"old": False}, "maxProperties": 3}),
    "an encoding": (DRAFT_7, {"type": "string", "contentEncoding": "base64", "minLength": 4, "maxLength": 40}),
    "a media type": (DRAFT_6, {"type": "string", "contentMediaType": "application/json"}),
    "a media type in an encoding": (
        DRAFT_7,
        {"type": "string", "contentMediaType": "application/json", "contentEncoding": "base64"},
    ),
    "a recursive reference": (DRAFT_2019_09, TREE),
    "a condition": (
        DRAFT_7,
        {"type": "integer", "if": {"minimum": 5}, "then": {"multipleOf": 5}, "else": {"minimum": 2}},
    ),
    "words of newer drafts": (DRAFT_4, {"type": "integer", "x-const": 3, "minimum": 1}),
    "an integer": (DRAFT_4, {"enum": [1.0, 2, 3.5], "type": "integer"}),
    "many integers": (
        DRAFT_4,
        {"type": "array", "items": {"type": "integer"}, "minItems": 200, "maxItems": 300},
    ),
    "no integer": (DRAFT_4, {"type": "number", "multipleOf": 1, "not": {"type": "integer"}, "minimum": -5}),
    "no integer in an enumeration": (DRAFT_4, {"enum": [1.0, 2, 3.5], "not": {"type": "integer"}}),
    "distinct numbers that are not integers": (
        DRAFT_4,
        {
            "type": "array",
            "uniqueItems": True,
            "minItems": 3,
            "items": {"not": {"type": "integer"}, "type": "number", "multipleOf": 1, "minimum": 1, "maximum": 3},
        },
    ),
    "items that contains accepts": (
        DRAFT_2019_09,
        {
            "type": "array",
            "contains": {"const": 7},
            "minContains": 2,
            "items": [{"type": "integer"}],
            "unevaluatedItems": {"type": "integer"},
        },
    ),
}


def outside_validators(schema, draft):
    """Both validators of a draft, with formats."""
    second = getattr(jsonschema, draft.validator)
    first = getattr(jsonschema_rs, draft.validator)(schema, validate_formats=True)
    return first, second(schema, format_checker=second.FORMAT_CHECKER)


@pytest.mark.parametrize(("draft", "schema"), SCHEMAS.values(), ids=SCHEMAS)
@MAY_DECLARE_UNREACHED
def test_values_are_valid_by_the_draft(draft, schema):
    """Both validators accept every value and every edge."""
    contract = Contract({"$schema": draft.uri, **schema})
    instances = [generate(contract, seed=1, index=index) for index in range(40)]
    instances += [edge.instance for edge in enumerate_edges(contract)]
    for validator in outside_validators(schema, draft):
        assert [instance for instance in instances if not validator.is_valid(instance)] == []


@pytest.mark.parametrize(("draft", "schema"), SCHEMAS.values(), ids=SCHEMAS)
@MAY_DECLARE_UNREACHED
def test_violations_have_one_error_by_the_draft(draft, schema):
    """jsonschema-rs reports one error, at the label; jsonschema rejects what is not contested."""
    first, second = outside_validators(schema, draft)
    violations = enumerate_violations(Contract({"$schema": draft.uri, **schema}))
    assert violations
    for violation in violations:
        errors = {
            (tuple(error.instance_path), tuple(error.schema_path)) for error in first.iter_errors(violation.instance)
        }
        assert len(errors) == 1, violation.id
        ((_, schema_path),) = errors
        assert violation.keyword in schema_path
        assert bool(violation.contested) is second.is_valid(violation.instance)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("booleans beside bounds", {("exclusiveMinimum", "/exclusiveMinimum", 3), ("maximum", "/maximum", 9)}),
        ("no additional items", {("additionalItems", "/additionalItems", False)}),
        ("names and schemas in dependencies", {("maxProperties", "/dependencies/coupon/maxProperties", 3)}),
        ("a forbidden dependency", {("dependencies", "/dependencies/old", False)}),
        ("keywords beside a reference", {("maxLength", "/definitions/short/maxLength", 3)}),
    ],
)
def test_labels_name_the_keyword_of_the_document(name, labels):
    """The keyword, its location and its limit are those of the user's own draft."""
    draft, schema = SCHEMAS[name]
    violations = enumerate_violations(Contract({"$schema": draft.uri, **schema}))
    found = [(each.keyword, each.schema_pointer, each.limit) for each in violations]
    assert all(label in found for label in labels)
    assert all("True" not in each.summary for each in violations)


def test_what_one_validator_asserts_is_contested():
    """`dependencies` in draft 2020-12 and `contentEncoding` in draft 7: values satisfy both validators."""
    newer = Contract({"$schema": DRAFT_2020_12.uri, "type": "object", "dependencies": {"a": ["b"]}})
    encoded = Contract({"$schema": DRAFT_7.uri, "type": "string", "contentEncoding": "base64"})
    for contract, keyword in ((newer, "dependencies"), (encoded, "contentEncoding")):
        violations = enumerate_violations(contract, keyword=keyword)
        assert violations
        assert {violation.contested for violation in violations} == {("jsonschema",)}


@pytest.mark.parametrize(
    ("schema", "draft"),
    [
        ({"type": "string"}, DRAFT_2020_12),
        ({"items": {"prefixItems": [{}]}}, DRAFT_2020_12),
        ({"properties": {"items": {"type": "array"}, "id": {"type": "string"}}, "definitions": {}}, DRAFT_2020_12),
        ({"enum": [{"items": []}]}, DRAFT_2020_12),
        ({"enum": [{"$schema": DRAFT_4.uri}]}, DRAFT_2020_12),
        ({"properties": {"a": {"$schema": DRAFT_2020_12.uri}}}, DRAFT_2020_12),
        ({"definitions": {"a": {"$schema": DRAFT_4.uri, "type": "integer"}}}, DRAFT_4),
        ({"properties": {"a": {"anyOf": [{"$schema": "http://json-schema.org/draft-07/schema"}]}}}, DRAFT_7),
        ({"properties": {"a": {"items": [{}]}}}, DRAFT_2019_09),
        ({"items": [{}], "additionalItems": False}, DRAFT_2019_09),
        ({"allOf": [{"dependencies": {"a": ["b"]}}], "items": [{}]}, DRAFT_7),
        ({"minimum": 1, "exclusiveMinimum": True}, DRAFT_4),
        ({"id": "http://example.test/", "definitions": {"a": {}}}, DRAFT_4),
        ({"$schema": "http://json-schema.org/schema#"}, DRAFT_2020_12),
        ({"$schema": "http://json-schema.org/draft-06/schema"}, DRAFT_6),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema", "dependencies": {}}, DRAFT_2019_09),
    ],
)
def test_the_draft_is_found(schema, draft):
    """`$schema` decides; without it draft 2020-12, or the newest one in which the old forms mean something."""
    assert SchemaDocument(schema).dialect is draft
    is_read_as_old = draft is not DRAFT_2020_12 and "$schema" not in schema
    with pytest.warns(SchemaWarning, match=f"is read as {draft.name} because") if is_read_as_old else nullcontext():
        assert Contract(schema).document.dialect is draft


def test_the_draft_may_be_chosen():
    """A name or URI, for documents without `$schema` and with an unknown one."""
    for name, draft in {"draft 7": DRAFT_7, "4": DRAFT_4, "draft-06": DRAFT_6, "2019-09": DRAFT_2019_09}.items():
        assert SchemaOptions(dialect=name).dialect is draft
    options = SchemaOptions(dialect=DRAFT_7.uri)
    assert Contract(SchemaDocument({"items": [{}]}, options=options)).document.dialect is DRAFT_7
    own = {"$schema": "https://example.test/own", "dependencies": {"a": ["b"]}, "type": "object"}
    assert Contract(SchemaDocument(own, options=options)).document.dialect is DRAFT_7
    with pytest.raises(UnsupportedSchemaError, match=r"https://example.test/own, an unknown dialect; pass dialect="):
        Contract(own)
    with pytest.raises(InvalidOptionError, match="dialect must be auto, 2020-12, 2019-09, 7, 6, 4"):
        SchemaOptions(dialect="draft 3")


def test_documents_of_other_drafts_are_referred_to():
    """Each document is read by its own draft."""
    others = {
        "http://example.test/four": {
            "$schema": DRAFT_4.uri,
            "id": "http://example.test/four",
            "type": "number",
            "minimum": 3,
            "exclusiveMinimum": True,
        },
        "http://example.test/seven": {"$schema": DRAFT_7.uri, "type": "array", "items": [{"const": 1}], "minItems": 1},
    }
    schema = {
        "$schema": DRAFT_2020_12.uri,
        "type": "object",
        "required": ["size", "pair"],
        "properties": {"size": {"$ref": "http://example.test/four"}, "pair": {"$ref": "http://example.test/seven"}},
    }
    contract = Contract(SchemaDocument(schema, others=others))
    values = [generate(contract, seed=1, index=index) for index in range(30)]
    assert all(value["size"] > 3 and value["pair"][0] == 1 for value in values)
    keywords = {violation.schema_pointer: violation.keyword for violation in enumerate_violations(contract)}
    assert keywords["/exclusiveMinimum"] == "exclusiveMinimum"
    assert keywords["/items/0/const"] == "const"


@pytest.mark.parametrize("draft", DRAFTS, ids=repr)
def test_meta_schemas_are_known(draft):
    """A reference to the meta-schema of any draft resolves; schemas that it makes satisfy it by its own validators."""
    contract = Contract({"$schema": draft.uri, "$ref": draft.uri})
    validator = getattr(jsonschema_rs, draft.validator)({"$ref": draft.uri}, offline=True)
    values = [generate(contract, seed=1, index=index) for index in range(5)]
    assert all(validator.is_valid(value) for value in values)
    assert not contract.is_valid({"type": "strin"})


def test_drafts_are_pickled_by_their_uri():
    """A published dialect stays one object."""
    assert all(pickle.loads(pickle.dumps(draft)) is draft for draft in DRAFTS)
    assert draft_with("http://json-schema.org/draft-07/schema") is DRAFT_7
    assert draft_with("http://json-schema.org/draft-03/schema#") is None


def test_integers_of_draft_4_are_constructed():
    """No value is rejected because one of many integers is written as 1.0; a violation has it."""
    properties = {f"n{number}": {"type": "integer"} for number in range(60)}
    contract = Contract({"$schema": DRAFT_4.uri, "type": "object", "properties": properties, "required": [*properties]})
    values = {str(generate(contract, index=index)) for index in range(20)}
    assert len(values) == 20
    assert contract.normal_form.is_exact
    variants = {violation.variant: violation for violation in enumerate_violations(contract, pointer="/n0")}
    assert isinstance(variants["zero-fraction"].instance["n0"], float)
    assert variants["zero-fraction"].contested == ()


@pytest.mark.slow
@pytest.mark.parametrize("draft", [DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09], ids=lambda draft: draft.name)
@pytest.mark.parametrize("keyword", ["id", "$id"])
def test_a_property_named_as_an_identifier_is_a_property(draft, keyword):
    """References through items resolve, whatever the names of their properties are; both validators are used."""
    properties = {
        keyword: {"type": "integer"},
        "when": {"type": "object", "properties": {"day": {"type": "string", "maxLength": 3}}, "required": ["day"]},
        "others": {"type": "array", "items": {"$ref": "#/items/properties/when"}},
    }
    schema = {
        "type": "array",
        "items": {"type": "object", "properties": properties, "required": ["when"]},
        "minItems": 1,
    }
    contract = Contract({"$schema": draft.uri, **schema})
    violations = {violation.id: violation for violation in enumerate_violations(contract)}
    assert [violation.id for violation in violations.values() if not violation.cross_checked] == []
    assert {"0.when.day.maxLength", "0.others.0.required.day"} <= violations.keys()
    assert enumerate_edges(contract)
