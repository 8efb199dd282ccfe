"""Matching: the cases that an instance realises, and the constraints that it violates."""

import collections
import copy
import enum
import functools
import pickle

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import InvalidDocumentError
from tests.support.cases_by_definition import cases_by_definition
from tests.support.schemas import INTEGERS_OF_64_BITS, MAY_DECLARE_UNREACHED, session_contract
from tests.support.sizes import IS_NIGHTLY

SESSION = session_contract()
TREE = {
    "$defs": {
        "tree": {
            "type": "object",
            "properties": {
                "left": {"$ref": "#/$defs/tree"},
                "twigs": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
                "value": {"type": "integer", "minimum": 3},
            },
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/tree",
}
LISTS = {
    "type": "object",
    "properties": {
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "string", "maxLength": 2}, {"type": "string", "maxLength": 2}],
        },
        "tail": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer", "minimum": 3}},
        "some": {"type": "array", "items": {"type": "integer"}, "contains": {"const": 7}},
        "map": {
            "type": "object",
            "patternProperties": {"^s": {"type": "string", "maxLength": 3}},
            "additionalProperties": {"type": "integer", "minimum": 3},
            "propertyNames": {"maxLength": 9},
        },
    },
}
SCHEMAS = {
    "tree": TREE,
    "lists": LISTS,
    "numbers": {
        "type": "object",
        "properties": {str(index): {"type": "integer", **each} for index, each in enumerate(INTEGERS_OF_64_BITS)},
    },
    "keywords": {
        "type": "object",
        "properties": {
            "a": {"enum": [1, None, "x"]},
            "b": {"const": {"k": [1]}},
            "c": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 0, "exclusiveMaximum": 9},
            "d": {"anyOf": [{"type": "string", "minLength": 2}, {"type": "array", "minItems": 1, "maxItems": 2}]},
            "e": {"type": "array", "uniqueItems": True, "items": {"type": "boolean"}},
            "f": {"not": {"type": "string"}},
            "g": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
            "": {"type": "string"},
            "h": False,
        },
        "required": ["a", "c"],
        "dependentRequired": {"d": ["e"]},
        "if": {"properties": {"a": {"const": 1}}},
        "then": {"properties": {"c": {"maximum": 4}}},
        "minProperties": 2,
        "maxProperties": 12,
    },
    "branches": {
        "type": "object",
        "anyOf": [
            {"properties": {"unknown": {"type": "null"}}, "required": ["unknown"]},
            {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ],
    },
    "draft 4": {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "array",
        "items": [{"type": "integer", "minimum": 3, "exclusiveMinimum": True}, {"type": "string"}],
        "additionalItems": False,
        "minItems": 1,
    },
}


@functools.cache
def tree():
    """The contract of a recursive schema."""
    return Contract(TREE)


@functools.cache
def lists():
    """The contract of lists and of properties that no schema lists."""
    return Contract(LISTS)


def cases_of(contract):
    """Every case of the finite sets."""
    yield from contract.edges
    yield from contract.hazards
    yield from contract.catalogue.violations


def not_realised(contract):
    """The ids of the cases that do not realise themselves."""
    return [case.id for case in cases_of(contract) if case.id not in contract.cases_met_by(case.instance)]


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_each_case_realises_its_own_id(schema):
    """Edges, hazards and violations of every keyword, and each violation violates its own constraint."""
    contract = Contract(schema)
    assert not_realised(contract) == []
    for violation in contract.catalogue.violations:
        violated = [
            (each.keyword, each.schema_pointer) for each in contract.constraints_violated_by(violation.instance)
        ]
        assert violated == [(violation.keyword, violation.schema_pointer)]


def test_each_case_of_the_session_realises_its_own_id():
    """An edge realises no violation, and a violation no other one but that of an earlier item."""
    assert not_realised(SESSION) == []
    others = {
        violation.id: met
        for violation in SESSION.catalogue.violations
        if (met := SESSION.cases_met_by(violation.instance)) != (violation.id,)
    }
    assert {name: [each for each in met if each != name] for name, met in others.items()} == {
        name: [name.replace(".1.", ".0.")] for name in others
    }
    violations = {violation.id for violation in SESSION.catalogue.violations}
    assert not any(violations.intersection(SESSION.cases_met_by(edge.instance)) for edge in SESSION.edges)


COUNT = 400 if IS_NIGHTLY else 15


def test_the_tables_agree_with_the_definitions():
    """A valid session realises exactly the edges and hazards that match one of its values."""
    cases = [*SESSION.edges, *SESSION.hazards]
    instances = [generate(SESSION, seed=7, index=index) for index in range(COUNT)]
    for instance in [*instances, *(case.instance for case in cases[::5])]:
        assert list(SESSION.cases_met_by(instance)) == cases_by_definition(SESSION, instance)


MEMBERS = {
    "calendar": {
        **{name: {"type": "string", "format": "date-time"} for name in ("begin", "end", "other")},
        **{name: {"type": "string", "format": "date"} for name in ("day", "next")},
        "time": {"type": "string", "format": "time"},
        "mixed": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "maxLength": 9}]},
    },
    "texts and numbers": {
        **{name: {"type": "string", "maxLength": 30} for name in ("a", "b")},
        "c": {"type": ["integer", "string", "null"]},
        "d": {"type": "number", "minimum": -5},
        "e": {"type": "array", "items": {"type": "object", "properties": {"f": {"type": "integer"}}}},
        "g": {"enum": ["x", 1, True, None]},
    },
}


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS)
def test_the_tables_of_other_schemas(members):
    """The same holds for other formats and types, of which one location may have several."""
    contract = Contract({"type": "object", "properties": members})
    instances = [generate(contract, seed=1, index=index) for index in range(COUNT)]
    for instance in [*instances, *(case.instance for case in (*contract.edges, *contract.hazards)[::7])]:
        assert list(contract.cases_met_by(instance)) == cases_by_definition(contract, instance)


@pytest.mark.parametrize(
    ("instance", "ids"),
    [
        ({"Participants": [{}, {}, {"PhoneNumber": 5}]}, ["0.PhoneNumber.type.integer"]),
        ({"Participants": [None]}, ["0.type.null"]),
        ({"Participants": [{}, {}, None]}, ["0.type.null", "1.type.null"]),
        ({"Participants": [{}, 5]}, ["0.type.integer"]),
    ],
)
def test_any_item_realises_the_cases_of_the_first_one(instance, ids):
    """A further item realises those of the second one, too."""
    assert list(SESSION.cases_met_by(instance)) == [f"Participants.{each}" for each in ids]


@pytest.mark.parametrize(
    ("instance", "ids"),
    [
        ({"pair": ["xxx", ""]}, {"pair.0.maxLength"}),
        ({"pair": ["", "xxx"]}, {"pair.1.maxLength"}),
        ({"tail": ["", 3, 2]}, {"tail.1.minimum", "tail.2.minimum"}),
        ({"some": [7, 7, None]}, {"some.1.type.null"}),
        ({"map": {"sea": "four"}}, {"map.snknown.maxLength"}),
        ({"map": {"depth": 2}}, {"map.unknown.minimum"}),
        ({"map": {"tenletters": 5}}, {"map.maxLength"}),
    ],
)
def test_items_and_properties_by_their_schemas(instance, ids):
    """An item by its index realises its own cases alone; a property realises those of its pattern."""
    assert set(lists().cases_met_by(instance)) == ids


def test_items_of_a_valid_list():
    """An item by its index has its own edges; the item that `contains` requires may be at any index."""
    contract = lists()
    met = contract.cases_met_by({"pair": ["", "xx"], "tail": ["", 9, 3], "some": [1, 7]})
    assert {"pair.0.shortest", "pair.1.longest", "some.0.constant-0"} <= set(met)
    assert {"pair.0.longest", "pair.1.shortest"}.isdisjoint(met)


@pytest.mark.parametrize(
    ("instance", "ids", "paths"),
    [
        ({"value": 2}, ["value.minimum"], ["/value"]),
        ({"left": {"left": {"left": {"value": 2}}}}, ["value.minimum"], ["/value"]),
        ({"twigs": [{}, {"twigs": [{"value": None}]}]}, ["value.type.null"], ["/value"]),
        ({"left": {"left": {"left": {"other": 1}}}}, ["additionalProperties"], ["/left", ""]),
    ],
)
def test_a_deep_level_of_a_recursive_schema(instance, ids, paths):
    """A level without cases of its own has those of the outermost level."""
    contract = tree()
    met = contract.cases_met_by(instance)
    assert [each for each in met if each in ids] == ids
    assert next(each.path for each in contract.constraints_violated_by(instance)) in paths


def test_a_deep_level_of_a_dynamic_reference():
    """A reference that depends on the dynamic scope leads to one schema here, so that its levels are equal, too."""
    level = {"properties": {"next": {"$dynamicRef": "#level"}, "value": {"type": "integer"}}}
    contract = Contract({"$dynamicAnchor": "level", "type": "object", **level})
    deep = {"next": {"next": {"next": {"next": {"value": None}}}}}
    assert contract.cases_met_by(deep) == ("value.type.null",)
    assert [each.path for each in contract.constraints_violated_by(deep)] == ["/value"]


def test_a_valid_deep_level_of_a_recursive_schema():
    """The same holds for edges, however deep the instance is."""
    contract = tree()
    deep = {"value": 3}
    for _ in range(60):
        deep = {"left": deep}
    met = contract.cases_met_by(deep)
    assert {"only-left", "without-value"} <= set(met)
    assert any(each.endswith("value.least") for each in met)


@pytest.mark.parametrize(
    ("keyword", "limit", "value", "ids"),
    [
        ("type", "string", 7.5, ["type.integer"]),
        ("type", "integer", "any", ["type.as-text"]),
        ("type", "string", ["x"], ["type.wrapped"]),
        ("type", "string", [1, 2], ["type.array"]),
        ("type", "string", {"a": 1}, ["type.object"]),
        ("type", "array", '["x"]', ["type.as-text"]),
        ("maxLength", 4, "xxxxx", ["maxLength"]),
        ("maxLength", 4, "xxxx ", ["maxLength.trailing-blank"]),
        ("maxLength", 4, "xxe\u0301x", ["maxLength.combining"]),
        ("maxLength", 4, "x" * 10, ["maxLength.twice"]),
        ("maxLength", 4, "xxxxxx", []),
        ("minimum", 3, 2, ["minimum"]),
        ("minimum", 3, 2.0, ["minimum"]),
        ("minimum", 3, 1, []),
        ("maxItems", 2, [1, 2, 3], ["maxItems"]),
        ("maxItems", 2, [1, 2, 3, 4], []),
        ("minProperties", 2, {"a": 1}, ["minProperties"]),
        ("enum", ["Open", "Closed"], "OPEN", ["enum.upper-case"]),
        ("enum", ["Open", "Closed"], "Ajar", ["enum"]),
        ("multipleOf", 5, 7, ["multipleOf"]),
        ("pattern", "^[a-z]{3}$", "abcd", []),
        ("pattern", "^[a-z]{3}$", "", ["pattern.empty"]),
        ("required", ["a", "b"], {"a": 1}, ["required.b"]),
        ("required", ["a", "b"], {}, ["required.a", "required.b"]),
        ("uniqueItems", True, [5, 6, 5], ["uniqueItems"]),
        ("not", {"const": 5}, 5, ["not"]),
    ],
)
def test_signatures(keyword, limit, value, ids):
    """The facts by which the violations of one keyword differ: JSON type and form, size, number, name, value."""
    schema = {keyword: limit} if keyword in {"type", "enum", "not"} else {"type": TYPES[keyword], keyword: limit}
    assert list(Contract(schema).cases_met_by(value)) == ids


TYPES = {
    "maxLength": "string",
    "pattern": "string",
    "minimum": "number",
    "multipleOf": "number",
    "maxItems": "array",
    "uniqueItems": "array",
    "minProperties": "object",
    "required": "object",
}


def test_unexpected_properties():
    """The name in another case has its own id; any other name realises the general one."""
    contract = Contract({"type": "object", "properties": {"Name": {"type": "string"}}, "additionalProperties": False})
    assert contract.cases_met_by({"nAME": ""}) == ("additionalProperties.other-case",)
    assert contract.cases_met_by({"Name": "", "more": 1}) == ("additionalProperties",)


def test_several_violations():
    """Every constraint that an instance violates has its id, in the order of the catalogue."""
    session = {"Name": None, "ExpiryMinutes": 0, "GeoMatchParams": {"Country": "us"}}
    assert SESSION.cases_met_by(session) == (
        "Name.type.null",
        "ExpiryMinutes.minimum",
        "GeoMatchParams.required.AreaCode",
        "GeoMatchParams.Country.pattern.lower-case",
    )
    violated = SESSION.constraints_violated_by(session)
    assert {(each.path, each.keyword) for each in violated} == {
        ("/Name", "type"),
        ("/ExpiryMinutes", "minimum"),
        ("/GeoMatchParams", "required"),
        ("/GeoMatchParams/Country", "pattern"),
    }
    assert set(violated) <= set(SESSION.constraints)


def test_a_constraint_without_a_case_of_its_own():
    """The constraints of a violation that realises no case are known, those of a valid instance are none."""
    assert SESSION.cases_met_by({"ExpiryMinutes": -77}) == ()
    assert [str(each) for each in SESSION.constraints_violated_by({"ExpiryMinutes": -77})] == [
        "/ExpiryMinutes: minimum 1"
    ]
    assert SESSION.constraints_violated_by({}) == ()


def test_members():
    """Properties that are absent, present alone, all present, and not listed."""
    schema = {"type": "object", "properties": {name: {"type": "integer"} for name in "abc"}, "required": ["a"]}
    contract = Contract(schema)

    def labels(instance):
        return [each for each in contract.cases_met_by(instance) if "." not in each]

    assert labels({"a": 5}) == ["required-members-only", "without-b", "without-c"]
    assert labels({"a": 5, "c": 5}) == ["without-b", "only-c"]
    assert labels({"a": 5, "b": 5, "c": 5}) == ["all-members"]
    assert labels({"a": 5, "b": 5, "x": 5}) == ["without-c", "unknown-member"]


def test_an_instance_is_not_modified():
    """Neither a valid nor an invalid one, however often it is matched; the ids are the same each time."""
    for case in [*SESSION.edges[::10], *SESSION.catalogue.violations[::40]]:
        instance = copy.deepcopy(case.instance)
        assert SESSION.cases_met_by(instance) == SESSION.cases_met_by(instance)
        assert instance == case.instance


def test_a_copy_of_a_contract():
    """The matcher of a pickled contract is compiled anew."""
    contract = Contract({"type": "string", "maxLength": 3})
    instances = ["", "xxx", "xxxx", None]
    met = [contract.cases_met_by(each) for each in instances]
    assert [pickle.loads(pickle.dumps(contract)).cases_met_by(each) for each in instances] == met
    assert met == [
        ("shortest",),
        ("longest", "hazard.repeated-start", "hazard.lower-case"),
        ("maxLength",),
        ("type.null",),
    ]


@pytest.mark.parametrize("value", ["\ud800", object(), {1: 2}])
def test_a_value_that_is_not_json(value):
    """The error is that of `Contract.check`."""
    with pytest.raises(InvalidDocumentError):
        SESSION.check([value])
    with pytest.raises(InvalidDocumentError):
        SESSION.cases_met_by([value])
    with pytest.raises(InvalidDocumentError):
        SESSION.constraints_violated_by([value])


def test_values_of_subclasses():
    """Python's enumerations and ordered dictionaries are matched like the values that they stand for."""

    class Status(enum.StrEnum):
        OPEN = "Open"

    plain = {"Status": "Open", "ExpiryMinutes": 1}
    other = collections.OrderedDict(Status=Status.OPEN, ExpiryMinutes=1)
    if not jsonschema_rs.Draft202012Validator(SESSION.schema).is_valid(other):
        pytest.skip("this jsonschema-rs reads plain values alone")
    assert SESSION.cases_met_by(other) == SESSION.cases_met_by(plain)


def test_many_distinct_strings_take_bounded_memory():
    """Remembered strings are dropped; the ids stay the same."""
    contract = Contract({"type": "string", "maxLength": 4})
    for number in range(2000):
        assert contract.cases_met_by(f"{number:04}")[0] == "longest"
