import json

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    SchemaNotFoundError,
    UnsatisfiableSchemaError,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.violation import Constraint
from tests.support.schemas import session_contract


def test_constraints_have_a_path_and_a_schema_pointer():
    """The constraints of a small schema, in its order, through a reference and into the items of an array."""
    contract = Contract(
        {
            "type": "object",
            "properties": {"tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 3}},
            "required": ["tags"],
            "$defs": {"tag": {"type": "string", "minLength": 1}},
        }
    )
    assert contract.constraints == (
        Constraint("", "type", "object", "/type"),
        Constraint("", "required", ["tags"], "/required"),
        Constraint("/tags", "type", "array", "/properties/tags/type"),
        Constraint("/tags", "maxItems", 3, "/properties/tags/maxItems"),
        Constraint("/tags/*", "type", "string", "/$defs/tag/type"),
        Constraint("/tags/*", "minLength", 1, "/$defs/tag/minLength"),
    )


def test_a_reported_violation_has_a_summary():
    """`Contract.check` describes a violation by pointer, value, limit and keyword."""
    found = session_contract().check({"Name": "x" * 129, "GeoMatchParams": {"Country": "US"}})
    assert [(each.id, each.summary) for each in found] == [
        (
            "Name.maxLength",
            f'/Name: "{"x" * 39}…{"x" * 9}" (129 characters) is longer than the maximum of 128 [maxLength]',
        ),
        ("GeoMatchParams.required.AreaCode", '/GeoMatchParams: "AreaCode" is required [required]'),
    ]
    assert found[0].as_dict()["keywordLocation"] == "/$defs/String128/maxLength"
    assert found[0].value == "x" * 129
    assert str(found[1]) == found[1].summary


def test_a_false_subschema_is_reported_by_its_applicator():
    """`additionalProperties: false` is reported at the object, under its own name."""
    (found,) = Contract({"properties": {"a": {}}, "additionalProperties": False}).check({"b": 1})
    assert (found.pointer, found.keyword, found.schema_pointer) == ("", "additionalProperties", "/additionalProperties")


@pytest.mark.parametrize("value", ["\ud800", object(), {1: 2}], ids=["surrogate", "object", "key"])
def test_a_value_that_json_cannot_express_is_invalid(value):
    """It is never valid, and checking it raises an error that says what it is."""
    contract = Contract({"type": "string"})
    assert not contract.is_valid(value)
    with pytest.raises(InvalidDocumentError, match="JSON value"):
        contract.check(value)


def test_not_a_number_is_a_number_of_the_wrong_type():
    """NaN, which JSON lacks, is reported like any other number where a string is required."""
    contract = Contract({"type": "string"})
    assert not contract.is_valid(float("nan"))
    assert [violation.keyword for violation in contract.check(float("nan"))] == ["type"]


@pytest.mark.parametrize(
    ("instance", "validators"),
    [
        ({"Participants": [{"PhoneNumber": "+12065550100\n"}]}, ("jsonschema",)),
        ({"GeoMatchParams": {"Country": "\n", "AreaCode": ""}}, ("jsonschema",)),
        ({"CreatedTimestamp": "2016-12-31T23:59:60Z"}, ("jsonschema",)),
        ({"ProxySessionId": "\ufeff"}, ()),
        ({"ProxySessionId": "\x1c"}, ()),
        ({"Name": "a\nb"}, ()),
    ],
)
def test_contested_names_the_validator_that_disagrees(instance, validators):
    """Validators disagree on some instances, and agree on those for which the schema has explicit character classes."""
    assert session_contract().contested(instance) == validators


PHONE = {"pattern": r"^\+?[1-9]\d{1,14}$"}
ID = {"pattern": r".*\S.*"}
NAME = {"pattern": r"^$|^[a-zA-Z0-9 ]{0,30}$"}
TIME = {"format": "date-time"}


@pytest.mark.parametrize(
    ("schema", "value", "verdict", "cross_check"),
    [
        (PHONE, "+12065550100\n", False, True),
        (PHONE, "+12065550100\r\n", False, False),
        (PHONE, "+1\u0662\u0660\u0666", False, True),
        (ID, "\ufeff", False, True),
        (ID, "\x1c", True, False),
        (ID, "\x85", True, False),
        (ID, "\xa0", False, False),
        (ID, "\u3000", False, False),
        (ID, "\x0b", False, False),
        (NAME, "\n", False, True),
        ({"maxLength": 128}, "\U0001f600" * 128, True, True),
        (TIME, "2016-12-31t23:59:59z", True, True),
        (TIME, "2016-12-31T23:59:60Z", True, False),
        (TIME, "2016-04-15T16:10:60Z", False, False),
        (TIME, "2016-04-15T24:00:00Z", False, False),
        (TIME, "2016-02-30T16:10:00Z", False, False),
        (TIME, "2016-04-15 16:10:00Z", False, False),
        (TIME, "2016-04-15T16:10:00+0000", False, False),
        (TIME, "2016-04-15T16:10:00+00", False, False),
        (TIME, "2016-04-15", False, False),
        (TIME, "0000-04-15T16:10:00Z", True, False),
        (TIME, "2020-W16-3", False, False),
        (TIME, "2016-04-15T16:10:00Z\n", False, True),
        (TIME, "2016-04-15T16:10:00.0123456789012Z", True, True),
        ({"type": "integer"}, 1.0, True, True),
        ({"type": "integer"}, 2147483648, True, True),
        ({"type": "string"}, None, False, False),
    ],
)
def test_validators_disagree_where_it_is_known(schema, value, verdict, cross_check):
    """The table of known differences: the verdict of jsonschema-rs, and that of jsonschema."""
    contract = Contract(schema)
    assert contract.is_valid(value) is verdict
    assert contract.contested(value) == (() if verdict is cross_check else ("jsonschema",))


def test_a_text_on_which_re_would_backtrack_for_years_is_not_cross_checked():
    """Such a text is not contested; a shorter one is cross-checked."""
    contract = Contract({"pattern": "^(a+)+$"})
    assert contract.contested("a" * 60 + "!") == contract.contested("a" * 60 + "\n") == ()
    assert contract.contested("aaa\n") == ("jsonschema",)


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "$schema"),
        ({"$schema": DRAFT_2020_12.uri, "exclusiveMinimum": True}, "exclusiveMinimum"),
        ({"$schema": DRAFT_2020_12.uri, "items": [{}]}, "items"),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 3}, "exclusiveMinimum"),
        ({"$ref": "https://example.test/schema.json"}, "$ref"),
        ({"$ref": "#/$defs/nope"}, "$ref"),
        ({"$ref": "#"}, "$ref"),
        ({"$defs": {"a": {"type": "strin"}}, "$ref": "#/$defs/a"}, "type"),
        ({"minLenght": 2}, "minLenght"),
        ({"allOf": [{"$ref": "#"}]}, "$ref"),
        ({"$ref": "#/properties/a/enum", "properties": {"a": {"enum": [1]}}}, "schema"),
    ],
)
def test_an_unsupported_schema_is_rejected_by_keyword(schema, keyword):
    """An unknown dialect, an invalid schema, an unresolvable reference or a misspelt keyword is an error that names it."""
    with pytest.raises(UnsupportedSchemaError) as caught:
        Contract(schema)
    assert keyword in [problem.keyword for problem in caught.value.problems]


def test_annotations_and_extensions_are_ignored():
    """Keywords that assert nothing are ignored: annotations of the specification and of OpenAPI, and names with `x-`."""
    contract = Contract({"title": "T", "x-source": 1, "example": 1, "deprecated": True, "type": "null"})
    assert (contract.name, contract.is_valid(None), contract.is_valid(1)) == ("T", True, False)


@pytest.mark.parametrize(
    ("schema", "conflict"),
    [
        ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength 3, maxLength 2"),
        ({"type": "string", "pattern": "^a$", "minLength": 2}, "minLength 2"),
        ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "minimum 1.2, maximum 1.8"),
        ({"type": "array", "minItems": 2, "maxItems": 1}, "minItems 2, maxItems 1"),
        ({"enum": ["a"], "type": "integer"}, 'enum ["a"], type "integer"'),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, "at /a"),
        ({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}, "instance would be infinite"),
        (False, "the schema at (root): the schema is false"),
    ],
)
def test_an_unsatisfiable_schema_names_the_conflict(schema, conflict):
    """The error of an unsatisfiable schema names the constraints that exclude each other."""
    with pytest.raises(UnsatisfiableSchemaError) as caught:
        Contract(schema)
    assert conflict in str(caught.value)


def test_enumerations_are_intersected_with_other_constraints():
    """Only the values that satisfy all other constraints are left; they are compared as JSON, not as Python."""
    contract = Contract({"enum": [1, True, "1", 7, None], "const": 1.0, "type": "integer", "maximum": 5})
    assert [shape.values for shape in contract.root.branches] == [(1,)]
    listed = Contract({"enum": [[1], [1, 1], {"a": 1}, {}, "ab", "abc", 2.5]})
    assert len(listed.root.branches) == 4
    narrowed = Contract(
        {
            "enum": [[1], [1, 1], ["a"], {"a": 1}, {}, "ab", "abc"],
            "uniqueItems": True,
            "items": {"type": "integer"},
            "required": ["a"],
            "maxLength": 2,
        }
    )
    assert [shape.values for shape in narrowed.root.branches] == [("ab",), ([1],), ({"a": 1},)]


def test_a_contract_is_read_from_a_pointer_into_a_file(tmp_path):
    """A pointer selects a schema in a file; references resolve only to the given files."""
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"$defs": {"id": {"type": "string", "maxLength": 3}}}))
    first = tmp_path / "api.json"
    first.write_text(
        json.dumps({"components": {"schemas": {"Order": {"properties": {"id": {"$ref": "other.json#/$defs/id"}}}}}})
    )
    contract = Contract.from_file(first, pointer="/components/schemas/Order", resources=[other])
    assert [each.id for each in contract.check({"id": "long"})] == ["id.maxLength"]
    with pytest.raises(UnsupportedSchemaError, match="nothing is fetched"):
        Contract.from_file(first, pointer="/components/schemas/Order")
    with pytest.raises(SchemaNotFoundError):
        Contract.from_file(first, pointer="/components/schemas/Nope")


@pytest.mark.parametrize(("content", "reason"), [(b"{", "is not valid JSON"), (None, "cannot be read")])
def test_an_unreadable_schema_file_is_an_error_with_its_name(tmp_path, content, reason):
    """A missing or malformed file is one error with its path."""
    path = tmp_path / "schema.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidDocumentError, match=reason) as caught:
        Contract.from_file(path)
    assert str(path) in str(caught.value)


def test_an_embedded_resource_is_found_by_its_id():
    """A reference by `$id` resolves to a resource that is embedded in the document."""
    contract = Contract(
        {
            "$id": "https://example.test/root",
            "properties": {"a": {"$ref": "item"}},
            "$defs": {"item": {"$id": "item", "type": "integer", "$defs": {"inner": {"$anchor": "x", "type": "null"}}}},
        }
    )
    assert [(each.pointer, each.keyword) for each in contract.check({"a": "x"})] == [("/a", "type")]
    assert repr(contract) == f"Contract({contract.schema!r})"


def test_a_cross_check_without_verdict_is_contested():
    """An instance that is too deep for jsonschema is contested; no exception is raised."""
    contract = Contract({"properties": {"a": {"$ref": "#"}}, "type": "object"})
    deep: dict = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert contract.contested(deep) == ("jsonschema",)


def test_a_panic_of_the_registry_of_jsonschema_is_an_error_without_a_verdict(monkeypatch):
    """In a deep instance the frames may end in the map of the registry, whose panic is not an Exception."""
    panic = type("PanicException", (BaseException,), {})

    def fail(*_):
        raise panic("__eq__ failed!")

    contract = Contract({"type": "object", "properties": {"a": {"$ref": "#"}}})
    monkeypatch.setattr("referencing._core.Resolver.lookup", fail)
    assert contract.contested({"a": {}}) == ("jsonschema",)
    assert contract.validators.cross_check({"a": {}}) is None
