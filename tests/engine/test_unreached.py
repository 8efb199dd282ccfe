"""Nothing is left out in silence: each declared location is in the values, or `Contract.unreached` names it."""

import contextlib
import copy
import pickle
import random
import warnings

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import (
    NoValueFoundError,
    SchemaWarning,
    UnsatisfiableSchemaError,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.strategies import from_schema
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.values.directed import DRAWS_PER_LOCATION, MIN_DRAWS
from tests.support.locations import Locations
from tests.support.random_schemas import random_schema
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import IS_NIGHTLY


def nest(levels, leaf=None):
    """Objects in objects, each with two optional properties."""
    schema = {"type": "integer"} if leaf is None else leaf
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema, "b": {"type": "string"}}}
    return schema


def reached_within_the_bound(schema, *, draws_per_location=DRAWS_PER_LOCATION):
    """The declared locations that values lack, by the evaluation of jsonschema-rs."""
    locations = Locations(schema)
    contract = Contract(schema)
    missing = set(locations.declared)
    for index in range(MIN_DRAWS + draws_per_location * len(locations.declared)):
        missing -= locations.reached(generate(contract, index=index))
        if not missing:
            break
    return missing


REACHABLE = {
    "objects in objects": nest(9),
    "arrays of objects of arrays": {
        "type": "array",
        "items": {
            "properties": {
                "x": {"items": {"prefixItems": [True, nest(2)], "items": {"type": "array", "items": nest(2)}}}
            },
        },
    },
    "below anyOf, oneOf and if": {
        "type": "object",
        "properties": {"kind": {"enum": ["p", "q"]}},
        "if": {"properties": {"kind": {"const": "p"}}, "required": ["kind"]},
        "then": {"properties": {"deep": {"anyOf": [{"type": "null"}, nest(5)]}}},
        "else": {"properties": {"other": {"oneOf": [{"type": "string"}, nest(5, {"type": "boolean"})]}}},
    },
    "patterns and other properties": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}},
        "patternProperties": {"^x-": nest(5)},
        "additionalProperties": {"type": "array", "items": nest(3)},
    },
    "dependentSchemas and unevaluatedProperties": {
        "type": "object",
        "dependentSchemas": {"card": {"required": ["address"], "properties": {"address": nest(5)}}},
        "unevaluatedProperties": {"type": "object", "properties": {"note": nest(4)}},
    },
    "contains and unevaluatedItems": {
        "type": "array",
        "prefixItems": [{"type": "string"}],
        "contains": nest(5),
        "unevaluatedItems": {"type": "array", "contains": {"type": "null"}, "minContains": 0},
    },
    "a recursive definition": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {
                    "left": {"$ref": "#/$defs/tree"},
                    "right": {"$ref": "#/$defs/tree"},
                    "value": {"oneOf": [{"type": "integer"}, nest(6, {"enum": ["u", "v", "w"]})]},
                },
            }
        },
    },
    "at most two of eight properties": {
        "type": "object",
        "required": ["a"],
        "maxProperties": 2,
        "properties": {name: nest(2) for name in "abcdefgh"},
    },
    "an additional property beside required ones": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "additionalProperties": {"enum": ["x", "y"]},
    },
    "a union of 300 constants": {
        "type": "object",
        "properties": {"a": {"oneOf": [{"const": at} for at in range(300)]}},
    },
    "a union of 80 objects below others": nest(
        3,
        {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["id", "type"],
                    "properties": {
                        "id": {"type": "integer"},
                        "type": {"const": f"t{at}"},
                        f"p{at}": {"type": "string"},
                    },
                }
                for at in range(80)
            ]
        },
    ),
    "null, and equal constants": {"properties": {"a": {"enum": [None, 0, False, ""]}, "b": {"enum": [None, [None]]}}},
    "parts of constants": {
        "enum": [{"a": 1, "b": [2]}, [{"a": "x"}], "y"],
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": True,
        "items": {"properties": {"a": {"type": "string"}}},
    },
    "distinct items": {"type": "array", "uniqueItems": True, "minItems": 2, "items": {"enum": [[1], {"k": 1}, "s", 4]}},
    "a long enumeration beside a deep property": {
        "type": "object",
        "properties": {"code": {"enum": [f"c{number}" for number in range(150)]}, "deep": nest(6)},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("schema", REACHABLE.values(), ids=REACHABLE)
def test_each_location_is_in_the_values(schema):
    """Each declared location appears within 300 values, and ten for each location; nothing is unreached."""
    assert reached_within_the_bound(schema) == set()
    assert Contract(schema).unreached == ()


def test_deep_properties_appear_within_the_bound_of_the_subschemas_alone():
    """Subschemas and members of enumerations take turns, so that a long enumeration does not delay the others."""
    schema = REACHABLE["a long enumeration beside a deep property"]
    missing = reached_within_the_bound(schema, draws_per_location=0)
    assert [pointer for pointer in missing if "/enum/" not in pointer] == []


def test_recursive_values_stay_small():
    """A value with a deep location has few others: recursion ends."""
    contract = Contract(REACHABLE["a recursive definition"])
    assert max(len(str(generate(contract, index=index))) for index in range(400)) < 10_000


def test_shallow_schemas_have_plain_values():
    """A schema whose locations are frequent has the same values with and without directed construction."""
    contract = Contract(
        {"type": "object", "properties": {"a": {"enum": [1, 2]}, "b": {"type": "array", "items": True}}}
    )
    assert contract.builder.directed.rare == ()


@pytest.mark.parametrize(
    "schema",
    [
        nest(6),
        pytest.param(REACHABLE["below anyOf, oneOf and if"], marks=pytest.mark.slow),
        pytest.param(REACHABLE["a recursive definition"], marks=pytest.mark.slow),
    ],
)
def test_strategies_reach_each_location(schema):
    """Hypothesis draws each declared location within a few hundred examples."""
    locations = Locations(schema)
    missing = set(locations.declared)

    def is_last(value):
        missing.difference_update(locations.reached(value))
        return not missing

    generation = settings(
        max_examples=400,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with contextlib.suppress(NoSuchExample):
        find(from_schema(schema), is_last, settings=generation, random=random.Random(0))
    assert missing == set()


# Unreached locations -------------------------------------------------------------------------------------------------

UNREACHED = {
    "a property without a value": (
        {"properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}}},
        ("/properties/a", "/a", 'has no value; these exclude each other: type "integer", minimum 5, maximum 4'),
    ),
    "a branch that another one contains": (
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        ("/oneOf/0", "", "is not satisfied by any value that the other schemas at this location allow"),
    ),
    "a member of another type": (
        {"type": "array", "items": {"type": "string", "enum": ["a", 1]}},
        ("/items/enum/1", "/*", "is excluded by the other schemas and keywords that apply to the same value"),
    ),
    "an item beyond the maximum": (
        {"type": "array", "maxItems": 1, "prefixItems": [True, {"type": "null"}]},
        ("/prefixItems/1", "/1", "is beyond the maximum number of items, which is 1"),
    ),
    "a property beyond the maximum": (
        {"type": "object", "maxProperties": 1, "required": ["a"], "properties": {"a": True, "b": nest(2)}},
        ("/properties/b", "/b", "is beyond the maximum number of properties, which is 1"),
    ),
    "a property of a string": (
        {"type": "string", "properties": {"a": nest(2)}},
        ("/properties/a", "/a", "applies to objects, but no value at this location is one"),
    ),
    "a condition that always holds": (
        {"if": {"type": ["integer", "string"]}, "then": {"minimum": 3}, "else": {"type": "null"}, "type": "integer"},
        ("/else", "", "is not satisfied by any value that the other schemas at this location allow"),
    ),
    "multiples that are excluded": (
        {"type": "number", "anyOf": [{"multipleOf": 10}, {"multipleOf": 3}], "not": {"multipleOf": 5}},
        ("/anyOf/0", "", "is not satisfied by any value that the other schemas at this location allow"),
    ),
}


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize(("schema", "location"), UNREACHED.values(), ids=UNREACHED)
def test_an_unreached_location_is_named_with_its_reason(schema, location):
    """Only the outermost unreached location is listed, with its pointer, its path and the reason; it is proved."""
    (unreached,) = Contract(schema).unreached
    assert (unreached.schema_pointer, unreached.path, unreached.reason) == location
    assert unreached.is_proved
    assert str(unreached) == f"{unreached.schema_pointer} {unreached.reason}"
    assert reached_within_the_bound(schema) == Locations(schema).below([unreached.schema_pointer])


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": False}, "additionalProperties": False},
        {"type": "array", "items": False},
        {"not": {"properties": {"a": {"enum": [1]}}}, "type": "object"},
        {"propertyNames": {"enum": ["a", "b"]}},
    ],
)
def test_forbidden_and_negated_schemas_are_not_declared(schema):
    """A false schema, and schemas below `not` and `propertyNames`, declare no location."""
    assert Contract(schema).unreached == ()


def test_a_location_that_the_validator_always_rejects_is_not_found():
    """A location whose constructed values are all invalid is listed with the number of tries, and not as proved."""
    contract = Contract({"type": "object", "properties": {"a": {"type": "integer"}, "b": nest(2)}})
    builder = Builder(contract.root, lambda value: "a" not in value, locations=lambda: contract.normal_form.locations)
    (unreached,) = builder.unreached_locations()
    assert (unreached.schema_pointer, unreached.is_proved) == ("/properties/a", False)
    assert unreached.reason == "is in no value that was found; 25 were constructed for it, and none is valid"


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize(
    "part", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 10 if IS_NIGHTLY else 3))]
)
def test_random_schemas_leave_out_nothing_in_silence(part):
    """Each location of a random schema is reached or named, and what is called proved is in no value."""
    for seed in range(part * 40, part * 40 + 40):
        schema = random_schema(seed)
        with contextlib.suppress(UnsatisfiableSchemaError, NoValueFoundError, UnsupportedSchemaError):
            unreached = Contract(schema).unreached
            named = {each.schema_pointer for each in unreached}
            locations = Locations(schema)
            missing = reached_within_the_bound(schema)
            assert (seed, missing - named - locations.below(named)) == (seed, set())
            proved = {each.schema_pointer for each in unreached if each.is_proved}
            assert (seed, proved & (locations.declared - missing)) == (seed, set())


# Warnings ------------------------------------------------------------------------------------------------------------

UNION = {"title": "Order", "oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}]}


@pytest.mark.parametrize("use", [generate, enumerate_violations, lambda contract: contract.unreached])
def test_the_first_use_warns_once(use):
    """The first value, violation or list of unreached locations warns; later ones do not."""
    contract = Contract(UNION)
    with pytest.warns(SchemaWarning, match=r"^Order: /oneOf/0 is not satisfied by any value") as record:
        use(contract)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate(contract)
        enumerate_violations(contract)
        generate(copy.deepcopy(contract))
        generate(pickle.loads(pickle.dumps(contract)))
    assert len(record) == 1


def test_verdicts_do_not_warn():
    """A contract that is made, and judges instances, warns of nothing."""
    assert Contract(UNION).is_valid("a")


def test_a_warning_is_one_line():
    """A warning names three locations, and the number of the others."""
    schema = {"properties": {"a": {"type": "integer", "enum": [1, *"bcdefgh"]}}}
    with pytest.warns(SchemaWarning) as record:
        generate(schema)
    (message,) = [str(each.message) for each in record]
    assert message.endswith("; and 4 more, in Contract.unreached")
    assert "\n" not in message


# Older drafts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("uri", ["http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#"])
def test_locations_of_older_drafts_are_reached(uri):
    """A list of items, additional items and dependencies are locations as in the newest draft."""
    schema = {
        "$schema": uri,
        "type": "array",
        "items": [{"type": "string"}, nest(3)],
        "additionalItems": {"type": "object", "dependencies": {"a": {"type": "object", "properties": {"b": nest(2)}}}},
    }
    contract = Contract(schema)
    assert contract.unreached == ()
    values = [generate(contract, index=index) for index in range(MIN_DRAWS + 10 * 11)]
    assert any(deep(value[1:2], 0, "a", "a", "a") for value in values)
    assert any(deep(value[2:], 0, "b", "a", "a") and "a" in value[2] for value in values)


def deep(value, *path):
    """True if a value has a path of properties and items."""
    with contextlib.suppress(LookupError):
        for token in path:
            value = value[token]
        return True
    return False
