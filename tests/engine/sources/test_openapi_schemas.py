"""Schemas of OpenAPI 3.0 and 3.1 as they mean them, judged by openapi-schema-validator."""

import pickle
import warnings
from contextlib import nullcontext

import pytest

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    SchemaWarning,
    UnsatisfiableSchemaError,
    UnsupportedSchemaError,
)
from tests.support.openapi import judge_of, openapi_document
from tests.support.schemas import MAY_DECLARE_UNREACHED

TEXT = {"type": "string", "maxLength": 4}

SCHEMAS_3_0 = {
    "nullable": {"type": "string", "nullable": True, "maxLength": 3},
    "nullable and an enumeration without null": {"type": "string", "nullable": True, "enum": ["a", "b"]},
    "nullable and an enumeration with null": {"type": "string", "nullable": True, "enum": ["a", None]},
    "nullable without a type": {"nullable": True, "allOf": [TEXT]},
    "nullable in an alternative": {"oneOf": [{"type": "integer", "nullable": True}, {"type": "boolean"}]},
    "not nullable": {"type": "integer", "nullable": False, "minimum": 3},
    "booleans beside bounds": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 9},
    "an exclusive bound without a limit": {"type": "integer", "exclusiveMaximum": True},
    "annotations": {
        "type": "object",
        "properties": {"name": {**TEXT, "example": "Ann", "xml": {"attribute": True}, "deprecated": True}},
        "required": ["name"],
        "externalDocs": {"url": "https://example.test/"},
        "example": {"name": "too long for it"},
        "additionalProperties": False,
    },
    "a discriminator": {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    },
    "keywords beside a reference": {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"$ref": "#/components/schemas/Text", "nullable": True, "description": "A text."}},
    },
    "integer formats": {
        "type": "object",
        "required": ["small", "large"],
        "properties": {"small": {"type": "integer", "format": "int32"}, "large": {"type": "number", "format": "int64"}},
    },
    "byte": {"type": "string", "format": "byte"},
    "binary": {"type": "string", "format": "binary", "maxLength": 9},
    "double": {"type": "number", "format": "double", "maximum": 7},
    "duplicates": {"type": "object", "required": ["a", "a"], "properties": {"a": {"enum": [1, 1, 2]}}},
    "an empty list of names": {"type": "object", "required": [], "maxProperties": 2},
}
OTHERS = {
    "Text": TEXT,
    "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["cat"]}}},
    "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["Dog"]}}},
}

SCHEMAS_3_1 = {
    "a list of types": {"type": ["string", "null"], "maxLength": 3},
    "keywords beside a reference": {"$ref": "#/components/schemas/Text", "minLength": 2, "example": "abc"},
    "examples": {"type": "string", "examples": ["x"], "xml": {}, "externalDocs": {"url": "https://example.test/"}},
    "a discriminator": SCHEMAS_3_0["a discriminator"],
    "numbers as bounds": {"type": "integer", "exclusiveMinimum": 3, "format": "int32"},
    "words of JSON Schema": {
        "type": "object",
        "patternProperties": {"^x-": {"const": 1}},
        "if": {"required": ["a"]},
        "then": {"required": ["b"]},
        "propertyNames": {"maxLength": 5},
    },
    "a schema in the component": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Order/$defs/A"}},
                                  "required": ["a"], "$defs": {"A": {"type": "integer", "maximum": 5}}},
    "a cycle": {"type": "object", "required": ["name"],
                "properties": {"name": TEXT, "next": {"$ref": "#/components/schemas/Order"}}},
    "an anchor": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Order/$defs/item"},
                  "$defs": {"item": {"$anchor": "item", "type": "boolean"}}},
}  # fmt: skip

ALL = [("3.0.3", name) for name in SCHEMAS_3_0] + [("3.1.0", name) for name in SCHEMAS_3_1]


def contract_of(version, name):
    schemas = SCHEMAS_3_0 if version == "3.0.3" else SCHEMAS_3_1
    document = openapi_document({"Order": schemas[name], **OTHERS}, version)
    return document, Contract.from_openapi(document, "Order")


@pytest.mark.parametrize(("version", "name"), ALL)
def test_values_are_accepted_by_the_judge(version, name):
    """Formats included: numbers are in the range of `int32`, and `byte` is base64."""
    document, contract = contract_of(version, name)
    values = [generate(contract, seed=1, index=index) for index in range(15)]
    judge = judge_of(document)
    assert [error.message for value in values for error in judge.iter_errors(value)] == []
    assert len({repr(value) for value in values}) > 1


@pytest.mark.parametrize(("version", "name"), [case for case in ALL if case[1] != "byte"])
def test_violations_are_rejected_at_their_keyword(version, name):
    """One location and keyword fails by the judge, and the label names a keyword of the user's own document."""
    document, contract = contract_of(version, name)
    judge = judge_of(document)
    for violation in enumerate_violations(contract):
        errors = {
            (json_pointer.join(error.absolute_path), error.validator) for error in judge.iter_errors(violation.instance)
        }
        # The judge follows a discriminator, and reports what fails in the schema that it selects.
        if violation.keyword != "oneOf" or "discriminator" not in document["components"]["schemas"]["Order"]:
            reported = violation.keyword.replace("exclusiveM", "m") if version == "3.0.3" else violation.keyword
            # A number far beyond a bound is not of the format either.
            assert errors - {(violation.pointer, "format")} == {(violation.pointer, reported)}, violation.id
        assert json_pointer.resolve(document, violation.schema_pointer) is not None


def test_byte_is_base64():
    """The judge raises an error for text that is not ASCII, so that this is checked apart."""
    _, contract = contract_of("3.0.3", "byte")
    verdicts = {text: contract.is_valid(text) for text in ("", "YQ==", "YWI=", "YWJj", "YQ", "-_-_", "a b=", "é")}
    assert [text for text, is_valid in verdicts.items() if is_valid] == ["", "YQ==", "YWI=", "YWJj"]
    assert enumerate_violations(contract, keyword="format")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "byte", "pattern": "^.{2,2}$"}, "90"),
        ({"type": "string", "format": "byte", "maxLength": 3, "minLength": 1}, "abc"),
        ({"type": "integer", "format": "int32", "minimum": 3000000000}, 3000000001),
        ({"type": "integer", "format": "int64", "maximum": -(2**64)}, -(2**65)),
    ],
)
def test_a_format_without_a_value_is_ignored(schema, value):
    """The bounds beside `byte` may be those of the octets; a warning names the location."""
    document = openapi_document({"Order": schema}, "3.1.0")
    with pytest.warns(SchemaWarning, match=f"ignores {schema['format']} at /components/schemas/Order/format"):
        contract = Contract.from_openapi(document, "Order")
    assert contract.is_valid(value)
    assert contract.is_valid(generate(contract))
    without_bounds = {keyword: schema[keyword] for keyword in ("type", "format")}
    Contract.from_openapi(openapi_document({"Order": {**without_bounds, "maxLength": 4, "minimum": 5}}), "Order")


def test_null_follows_openapi_3_0():
    """`nullable` has an effect only beside a `type`, and an enumeration must list null itself."""
    accepts_null = {name: contract_of("3.0.3", name)[1].is_valid(None) for name in SCHEMAS_3_0 if "null" in name}
    assert accepts_null == {
        "nullable": True,
        "nullable and an enumeration without null": False,
        "nullable and an enumeration with null": True,
        "nullable without a type": False,
        "nullable in an alternative": True,
        "not nullable": False,
    }


# Direction ------------------------------------------------------------------------------------------------------------

RECORD = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": TEXT,
        "secret": {"type": "string", "writeOnly": True},
        "note": {"type": "string", "readOnly": False},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("part", "hidden", "keyword"), [("request", "id", "readOnly"), ("response", "secret", "writeOnly")]
)
def test_hidden_properties_are_in_no_message_of_the_direction(part, hidden, keyword):
    """They are not required, and their presence is a violation of their own keyword."""
    document = openapi_document({"Order": RECORD})
    contract = Contract.from_openapi(document, operation="createOrder", part=part)
    judge = judge_of(document, part)
    values = [generate(contract, seed=1, index=index) for index in range(30)]
    assert all(hidden not in value and judge.is_valid(value) for value in values)
    assert {name for value in values for name in value} == RECORD["properties"].keys() - {hidden}
    violations = enumerate_violations(contract)
    assert not any(judge.is_valid(violation.instance) for violation in violations)
    (violation,) = [each for each in violations if each.pointer == f"/{hidden}"]
    assert violation.keyword == keyword
    assert violation.schema_pointer == f"/components/schemas/Order/properties/{hidden}/{keyword}"
    assert f"is {keyword.removesuffix('Only')}-only" in violation.summary
    assert {each.variant for each in violations if each.keyword == "required"} == {*RECORD["required"]} - {hidden}
    assert contract.unreached == ()


def test_a_component_by_itself_has_all_properties():
    """`part` gives it a direction."""
    document = openapi_document({"Order": RECORD})
    required = {
        part: {
            each.variant
            for each in enumerate_violations(Contract.from_openapi(document, "Order", part=part), keyword="required")
        }
        for part in (None, "request", "response")
    }
    assert required == {None: {"id", "name", "secret"}, "request": {"name", "secret"}, "response": {"id", "name"}}


READ_ONLY = {"type": "integer", "readOnly": True}
COMPOSED = {
    "behind a reference": {"required": ["id", "name"], "properties": {"id": {"$ref": "#/components/schemas/Id"}, "name": TEXT}},
    "in allOf": {"required": ["id", "name"], "properties": {"id": {"allOf": [{"$ref": "#/components/schemas/Id"}]}, "name": TEXT}},
    "required beside a base": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "name"]}]},
    "required by the schema around": {
        "required": ["id", "name"], "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"name": TEXT}}]
    },
}  # fmt: skip


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("name", COMPOSED)
def test_a_property_is_hidden_by_each_schema_that_applies_to_it(name, version):
    """Also by one behind a reference or in `allOf`, and `required` may stand beside the schema that declares it."""
    base = {"type": "object", "properties": {"id": READ_ONLY}}
    document = openapi_document({"Order": {"type": "object", **COMPOSED[name]}, "Id": READ_ONLY, "Base": base}, version)
    request = Contract.from_openapi(document, operation="createOrder")
    values = [generate(request, seed=1, index=index) for index in range(20)]
    assert all("name" in value and "id" not in value for value in values)
    response = Contract.from_openapi(document, operation="createOrder", part="response")
    assert {"id", "name"} <= generate(response).keys()
    assert judge_of(document, "response").is_valid(generate(response))


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize(
    ("keyword", "value", "names"),
    [
        ("oneOf", [{"required": ["id"]}, {"required": ["name"]}], {"name"}),
        ("anyOf", [{"required": ["id"], "maxProperties": 5}, {"required": ["name"]}], {"name"}),
        ("not", {"required": ["id"]}, set()),
    ],
)
def test_a_hidden_property_satisfies_no_alternative(keyword, value, names):
    """Only the names that the schema itself requires are left out, not those by which alternatives are told apart."""
    order = {"type": "object", "properties": {"id": READ_ONLY, "name": TEXT}, keyword: value}
    document = openapi_document({"Order": order})
    contract = Contract.from_openapi(document, operation="createOrder")
    values = [generate(contract, seed=1, index=index) for index in range(20)]
    assert all(names <= value.keys() and "id" not in value for value in values)
    assert all(map(judge_of(document, "request").is_valid, values))


def test_keywords_beside_a_reference_hide_only_in_3_1():
    """OpenAPI 3.0 ignores them."""
    order = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"$ref": "#/components/schemas/Text", "readOnly": True}},
    }
    found = {}
    for version in ("3.0.3", "3.1.0"):
        document = openapi_document({"Order": order, "Text": TEXT}, version)
        found[version] = "id" in generate(Contract.from_openapi(document, operation="createOrder"))
    assert found == {"3.0.3": True, "3.1.0": False}


def test_a_schema_without_a_value_in_one_direction():
    """A list that requires an item that is never sent has no value in a request."""
    order = {"type": "array", "minItems": 1, "items": READ_ONLY}
    with pytest.raises(UnsatisfiableSchemaError, match="minItems 1"):
        Contract.from_openapi(openapi_document({"Order": order}), operation="createOrder")


X = {"$anchor": "x", "type": "integer", "maximum": 5}


@pytest.mark.parametrize(
    "schemas",
    [
        {"Order": {"$ref": "#x"}, "Other": X},
        {"Order": {"$id": "https://example.test/a", "$ref": "#x", "$defs": {"b": X}}, "Other": {"$anchor": "x"}},
        {"Order": {"$id": "https://example.test/a", "$ref": "#/$defs/b", "$defs": {"b": X}}},
        {"Order": {"$ref": "https://example.test/other#x"}, "Other": {"$id": "https://example.test/other", **X}},
        {"Order": {"$id": "https://example.test/a", "$ref": "b"}, "Other": {"$id": "https://example.test/b", **X}},
    ],
)
def test_references_by_identifiers(schemas):
    """`$id` begins a resource, and `$anchor` names a schema in it; labels have the pointer in the document."""
    document = openapi_document(schemas, "3.1.0")
    contract = Contract.from_openapi(document, "Order")
    assert [contract.is_valid(value) for value in (5, 6, "x")] == [True, False, False]
    pointers = {violation.schema_pointer for violation in enumerate_violations(contract)}
    assert all(json_pointer.resolve(document, pointer) in {"integer", 5} for pointer in pointers)


# Unknown keywords and versions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "schema", "value"),
    [
        ("3.0.3", {"type": "object", "patternProperties": {"^a": {"type": "integer"}}}, {"a": "text"}),
        ("3.0.3", {"const": 3}, 4),
        ("3.0.3", {"if": {"type": "integer"}, "then": {"minimum": 3}}, 1),
        ("3.0.3", {"type": "object", "dependencies": {"a": ["b"]}}, {"a": 1}),
        ("3.0.3", {"type": "object", "id": "orders", "properties": {"id": TEXT}}, {"id": "a"}),
        ("3.0.3", {"type": "array", "additionalItems": False}, [1]),
        ("3.1.0", {"type": "string", "nullable": True}, "x"),
        ("3.1.0", {"type": "object", "$recursiveAnchor": True}, {}),
        ("3.1.0", {"type": "array", "additionalItems": False}, [1]),
    ],
)  # fmt: skip
def test_keywords_that_the_version_lacks_are_unknown(version, schema, value):
    """A warning names them with their location, no validator asserts them, and `strict` refuses them."""
    document = openapi_document({"Order": schema}, version)
    unknown = next(name for name in schema if name not in {"type", "properties"})
    with pytest.warns(
        SchemaWarning,
        match=rf"unknown in OpenAPI {version[:3]}: keyword {unknown.replace('$', '.')} at /components/schemas/Order/",
    ):
        contract = Contract.from_openapi(document, "Order")
    assert contract.is_valid(value)
    assert contract.contested(value) == ()
    assert judge_of(document).is_valid(value)
    with pytest.raises(UnsupportedSchemaError, match="is not a keyword of OpenAPI|is a keyword of another dialect"):
        Contract.from_openapi(document, "Order", strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Contract.from_openapi(document, "Order", annotations=[name for name in schema if name != "type"])


def test_boolean_bounds_in_3_1_are_those_of_3_0():
    """Many documents were converted by their version alone; a warning names the first location."""
    schema = {"type": "number", "minimum": 3, "exclusiveMinimum": True, "maximum": 4, "exclusiveMaximum": False}
    with pytest.warns(
        SchemaWarning,
        match="reads a boolean exclusiveMinimum at /components/schemas/Order/exclusiveMinimum as OpenAPI 3.0",
    ):
        contract = Contract.from_openapi(openapi_document({"Order": schema}, "3.1.0"), "Order")
    assert [contract.is_valid(value) for value in (3, 3.5, 4, 5)] == [False, True, True, False]
    labels = {(each.keyword, each.limit) for each in enumerate_violations(contract)}
    assert labels >= {("exclusiveMinimum", 3), ("maximum", 4)}


@pytest.mark.parametrize(
    ("dialect", "accepts"),
    [
        ("https://spec.openapis.org/oas/3.1/dialect/base", True),
        ("https://json-schema.org/draft/2020-12/schema", True),
        ("http://json-schema.org/draft-07/schema#", False),
        ("http://json-schema.org/draft-04/schema", False),
    ],
)
def test_the_dialect_of_a_document_is_honoured(dialect, accepts):
    """`dependencies` of draft 7 is asserted by both validators, and `dependentRequired` of 2020-12 is unknown there."""
    schema = {
        "type": "object",
        "required": ["a"],
        "dependentRequired": {"a": ["b"]},
        "properties": {"i": {"type": "integer", "format": "int32"}},
    }
    document = openapi_document({"Order": schema}, "3.1.0", jsonSchemaDialect=dialect)
    with nullcontext() if accepts else pytest.warns(SchemaWarning, match="dependentRequired"):
        contract = Contract.from_openapi(document, "Order")
    assert contract.is_valid({"a": 1}) is not accepts


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"swagger": "2.0"}, "is a document of Swagger 2.0; OpenAPI 3.0 and 3.1 are supported; convert it to OpenAPI 3"),
        ({"openapi": 3.0}, "has the OpenAPI version 3.0; 3.0 and 3.1 are supported; write it as a text"),
        ({"openapi": "4.0.0"}, "has the OpenAPI version '4.0.0'"),
        ({"openapi": "3.1.0", "jsonSchemaDialect": "https://example.test/"}, "has the jsonSchemaDialect 'https://example.test/'"),
        ({"info": {}}, "is not an OpenAPI document: it has no member openapi"),
    ],
)  # fmt: skip
def test_other_documents_are_refused(document, reason):
    """One line with the remedy."""
    with pytest.raises(InvalidDocumentError, match=reason) as caught:
        Contract.from_openapi(document, "Order")
    assert "\n" not in str(caught.value)


def test_contracts_are_pickled():
    """With their dialect, direction and warnings."""
    contract = Contract.from_openapi(openapi_document({"Order": RECORD}), operation="createOrder")
    copied = pickle.loads(pickle.dumps(contract))
    assert copied.document.dialect is contract.document.dialect
    assert generate(copied) == generate(contract)
    assert copied.name == "createOrder request"
