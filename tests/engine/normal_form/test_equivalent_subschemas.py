"""Copies of a subschema: the work is that of one, and each copy has its own locations."""

import copy

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import UnsatisfiableSchemaError
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.values.directed import DRAWS_PER_LOCATION, MIN_DRAWS
from tests.support.locations import Locations
from tests.support.schemas import MAY_DECLARE_UNREACHED

SURFACE = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "oneOf": [{"enum": ["roof"]}, {"enum": ["wall"]}, {"pattern": "^[+]"}]},
        "values": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
        "lod": {"type": "string", "pattern": "^[0-9]$"},
    },
    "required": ["kind"],
}


def city(count, extension, surfaces):
    """A union of objects, each with copies of the same lists of surfaces, and with an open set of other objects."""
    building = {"geometry": {"type": "array", "items": {"oneOf": surfaces}}}
    variants = [
        {
            "title": f"building {number}",
            "required": ["type"],
            "properties": {"type": {"enum": [f"B{number}"]}, **building},
        }
        for number in range(count)
    ]
    others = {"required": ["type"], "properties": {"type": extension}}
    return copy.deepcopy({"type": "object", "oneOf": [*variants, others]})


def typed(name):
    return {**SURFACE, "properties": {"type": {"const": name}, **SURFACE["properties"]}, "required": ["kind", "type"]}


OVERLAPPING = {"type": "string", "pattern": "[0-9]"}
DISJOINT = {"type": "string", "pattern": "^[+][A-Z]"}
UNIONS = {
    "copies, an overlapping discriminator": lambda count: city(count, OVERLAPPING, [SURFACE]),
    "copies in a union, an overlapping discriminator": lambda count: city(count, OVERLAPPING, [typed("a"), typed("b")]),
    "other variants by pattern": lambda count: city(
        count, DISJOINT, [typed(f"{name}{count}") for name in ("solid", "line")]
    ),
    "other variants by length": lambda count: city(count, {"type": "string", "minLength": 9}, [typed("a"), typed("b")]),
    "other variants by number": lambda count: city(count, {"type": "number"}, [typed("a"), {"type": "null"}]),
}


@pytest.fixture
def count_of_expansions(monkeypatch):
    """The number of nodes that are expanded to find the reached locations of a schema."""
    calls = []
    expand = NormalForm._expand
    monkeypatch.setattr(NormalForm, "_expand", lambda *args: (calls.append(args[1]), expand(*args))[1])

    def count(schema):
        calls.clear()
        form = Contract(schema).normal_form
        assert form.locations.reached
        return len(calls)

    return count


@pytest.mark.parametrize("schema", UNIONS.values(), ids=UNIONS)
def test_expansions_are_proportional_to_the_number_of_copies(schema, count_of_expansions):
    """Twice as many variants take twice as many expansions, though each variant has its own copy of the same parts."""
    few, many = (count_of_expansions(schema(count)) for count in (4, 8))
    assert many < 2.5 * few


@pytest.mark.slow
@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("schema", UNIONS.values(), ids=UNIONS)
def test_each_copy_has_its_own_locations(schema):
    """Values are valid, and the locations of each copy appear within the bound or are named as unreached."""
    union = schema(3)
    locations = Locations(union)
    missing = set(locations.declared)
    validators = jsonschema_rs.Draft202012Validator(union), jsonschema.Draft202012Validator(union)
    contract = Contract(union)
    named = {each.schema_pointer for each in contract.unreached}
    for index in range(MIN_DRAWS + DRAWS_PER_LOCATION * len(locations.declared)):
        value = generate(contract, index=index)
        assert all(validator.is_valid(value) for validator in validators)
        missing -= locations.reached(value)
        if not missing:
            break
    assert {pointer for pointer in missing if not any(pointer.startswith(each) for each in named)} == set()


COPY = {"type": "object", "title": "A", "required": ["a"], "properties": {"a": {"minimum": 3}}}


@pytest.mark.parametrize(
    "violated",
    [
        copy.deepcopy(COPY),
        {**COPY, "title": "B", "description": "an annotation, which no verdict depends on"},
        {**COPY, "properties": {"a": {"minimum": 3, "$comment": "another annotation"}}},
    ],
)
def test_a_schema_and_the_violation_of_its_copy_exclude_each_other(violated):
    """The contradiction is found, whichever of the two schemas comes first."""
    for schemas in ([COPY, {"not": violated}], [{"not": COPY}, violated]):
        with pytest.raises(UnsatisfiableSchemaError):
            Contract({"allOf": schemas})


@pytest.mark.parametrize(
    ("schema", "other"),
    [
        (COPY, {**COPY, "properties": {"a": {"minimum": 4}}}),
        ({"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}),
        ({"$ref": "urn:a"}, {"$ref": "urn:b"}),
        ({"items": {"type": "integer"}}, {"items": {"type": "number"}}),
        ({"enum": [1]}, {"enum": [True]}),
    ],
)
@MAY_DECLARE_UNREACHED
def test_other_subschemas_are_not_taken_for_copies(schema, other):
    """One schema and the violation of another have values in common, though they look alike."""
    definitions = {
        "a": {"type": "integer"},
        "b": {"type": "string"},
        "c": {"$id": "urn:a", "$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}},
        "d": {"$id": "urn:b", "$ref": "#/$defs/x", "$defs": {"x": {"type": "string"}}},
    }
    whole = {"$defs": definitions, "anyOf": [{"allOf": [schema, {"not": other}]}, {"allOf": [other, {"not": schema}]}]}
    contract = Contract(whole)
    values = [generate(contract, index=index) for index in range(20)]
    assert all(jsonschema_rs.is_valid(whole, value) for value in values)
