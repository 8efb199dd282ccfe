import json

import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import DRAFT_4, DRAFT_7, DRAFT_2020_12

BASE = "http://example.test/base.json"


@pytest.mark.parametrize("draft", [DRAFT_2020_12, DRAFT_7, DRAFT_4], ids=repr)
@pytest.mark.parametrize(
    "unreached",
    [
        {"$ref": "license"},
        {"$ref": "http://example.test/other.json#/definitions/a"},
        {"properties": {"a": {"items": {"$ref": "license"}}}},
        {"$ref": "#/definitions/missing"},
        {"contentSchema": {"$ref": "license"}},
        {"anyOf": [{"$ref": "license"}, {"$ref": "http://json-schema.org/draft-07/schema#"}]},
    ],
    ids=json.dumps,
)
def test_a_missing_target_of_an_unreached_reference_is_not_an_error(draft, unreached):
    """A definition that nothing refers to may lead to documents that were not given."""
    definitions = {"path": {"type": "string", "minLength": 1, "maxLength": 3}, "license": unreached}
    schema = {"$schema": draft.uri, "properties": {"a": {"$ref": "#/definitions/path"}}, "definitions": definitions}
    contract = Contract(schema)
    assert contract.is_valid({"a": "b"})
    assert not contract.is_valid({"a": ""})
    assert {"minLength", "maxLength"} <= {violation.keyword for violation in enumerate_violations(contract)}
    # A part of a document that has such a definition.
    others = {BASE: {"$schema": draft.uri, "definitions": definitions}}
    other = Contract(SchemaDocument({"$schema": draft.uri, "$ref": f"{BASE}#/definitions/path"}, others=others))
    assert 1 <= len(generate(other)) <= 3
    assert not other.is_valid("")


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/definitions/missing", "this document has nothing at '#/definitions/missing'; define it, or correct"),
        ("#nope", "this document has nothing at '#nope'; define it"),
        (f"{BASE}#/x", f"{BASE} has nothing at '#/x'; define it"),
        ("http://[", "'http://[' is not a URI reference; correct it"),
        ("other.json", "is not in the given documents, and nothing is fetched; pass its file as resources="),
        ("http://example.test/other.json#/a", "is not in the given documents, and nothing is fetched"),
    ],
)
def test_an_unresolved_reference_names_its_remedy(reference, reason):
    """The error says that a document was not given, or that a given one has nothing at the location."""
    schema = {"properties": {"a": {"$ref": reference}}, "definitions": {"b": {"$ref": "unreached"}}}
    with pytest.raises(UnsupportedSchemaError) as caught:
        Contract(SchemaDocument(schema, others={BASE: {}}))
    assert [problem.schema_pointer for problem in caught.value.problems] == ["/properties/a/$ref"]
    assert reason in str(caught.value)


@pytest.mark.parametrize("draft", [DRAFT_2020_12, DRAFT_7, DRAFT_4], ids=repr)
def test_a_reference_that_is_not_a_uri_is_resolved(draft):
    """Generators of schemas write type names into references, as `#/definitions/List<Item>`."""
    schema = {
        "$schema": draft.uri,
        "type": "object",
        "properties": {"items": {"$ref": "#/definitions/List<Item|null>"}, "enum": {"$ref": "#/definitions/a b{c}"}},
        "required": ["items", "enum"],
        "definitions": {
            "List<Item|null>": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "a b{c}": {"enum": [{"$ref": "<a>"}]},
        },
    }
    contract = Contract(schema)
    assert contract.schema is schema
    value = generate(contract)
    assert (type(value["items"][0]), value["enum"]) == (int, {"$ref": "<a>"})
    violations = {(each.pointer, each.keyword, each.schema_pointer) for each in enumerate_violations(contract)}
    assert ("/items", "minItems", "/definitions/List<Item|null>/minItems") in violations
    assert ("/items/0", "type", "/definitions/List<Item|null>/items/type") in violations
    assert ("/enum", "enum", "/definitions/a b{c}/enum") in violations
    assert not any(each.contested for each in enumerate_violations(contract))


@pytest.mark.parametrize("keyword", ["$id", "$ref"])
def test_an_identifier_that_is_not_a_uri_is_named(keyword):
    """If the meta-schema of a draft requires a URI reference, the error has the location and the format."""
    with pytest.raises(UnsupportedSchemaError) as caught:
        Contract({"$schema": DRAFT_7.uri, "definitions": {"a": {keyword: "http://["}}})
    assert str(caught.value).endswith(f'{keyword}: "http://[" is not of the format uri-reference; correct it')


@pytest.mark.parametrize(
    ("schema", "location"),
    [
        ({"$ref": "other.json", "properties": {"a": "#/x"}}, "/properties/a"),
        ({"items": 7, "not": {"$ref": "http://example.test/b"}}, "/items"),
        (
            {"$schema": DRAFT_4.uri, "definitions": {"a": [1]}, "properties": {"x": {"$ref": "b.json"}}},
            "/definitions/a",
        ),
    ],
)
def test_a_malformed_subschema_beside_a_missing_target_is_named(schema, location):
    """The error names the subschema that is not an object, not the reference."""
    with pytest.raises(UnsupportedSchemaError, match=f"schema: {location}: .* does not satisfy the meta-schema"):
        Contract(schema)
