"""Numbers: multiples, excluded multiples and bounds together, decided exactly."""

import jsonschema
import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import NoValueFoundError, UnsatisfiableSchemaError


def outside(*multiples):
    """Numbers that are multiples of none of these."""
    return {"not": {"anyOf": [{"multipleOf": multiple} for multiple in multiples]}}


@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({"type": "integer", "minimum": 2, "maximum": 30, **outside(2, 3, 5, 7, 11, 13, 17, 19)}, 29),
        ({"type": "number", "multipleOf": 4, "minimum": 1, "maximum": 50, **outside(8, 12, 20)}, 28),
        ({"type": "number", "multipleOf": 1.5, "minimum": 0, "maximum": 20, "not": {"type": "integer"}}, 4.5),
        ({"type": "integer", "minimum": 5000, "maximum": 9000, "not": {"enum": list(range(5000, 8999))}}, 8999),
        ({"type": "number", "multipleOf": 0.1, **outside(0.3, 0.2), "minimum": 0.1, "maximum": 0.15}, 0.1),
        ({"type": "integer", "multipleOf": 6, "exclusiveMinimum": 6, "maximum": 30, **outside(12, 18)}, 30),
        ({"type": "number", "minimum": 7, "maximum": 7, **outside(2)}, 7),
    ],
)
def test_rare_numbers_are_found(schema, number):
    """The number shows that the schema is satisfiable; jsonschema-rs accepts every constructed value."""
    assert jsonschema_rs.is_valid(schema, number)
    contract = Contract(schema)
    values = [generate(contract, seed=1, index=index) for index in range(40)]
    assert [value for value in values if not jsonschema_rs.is_valid(schema, value)] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "multipleOf": 22, **outside(11)},
        {"type": "integer", **outside(1)},
        {"type": "integer", "minimum": 2, "maximum": 4, **outside(2, 3)},
        {"type": "number", "multipleOf": 1.5, "minimum": 2, "maximum": 4, "not": {"type": "integer"}},
        {"type": "number", "multipleOf": 7, "minimum": 1, "maximum": 20, "not": {"enum": [7, 14]}},
        {"type": "number", "minimum": 10, "maximum": 10, **outside(4, 5)},
        {"type": "integer", "minimum": 24, "maximum": 28, **outside(2, 3, 5)},
    ],
)
def test_an_empty_set_of_numbers_is_proved(schema):
    """A schema that no number satisfies is unsatisfiable, also within other schemas."""
    for whole in (schema, {"type": "array", "minItems": 1, "items": {"anyOf": [schema, False]}}):
        with pytest.raises(UnsatisfiableSchemaError):
            Contract(whole)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "multipleOf": 1e-05, "minimum": 0, "maximum": 10000},
        {"type": "integer", "multipleOf": 1e-05, "minimum": 0},
        {"type": "number", "multipleOf": 1e-05},
        {"type": "number", "multipleOf": 0.1, "minimum": 10000, "maximum": 100000},
        {"type": "number", "allOf": [{"multipleOf": 0.07}, {"multipleOf": 0.002}], "minimum": 0},
        {
            "items": {"multipleOf": 0.0001, "minimum": 9, "maximum": 10, "type": "number"},
            "minItems": 3,
            "uniqueItems": True,
        },
    ],
)
def test_a_multiple_has_no_remainder_as_a_quotient_of_floats(schema):
    """The second validator divides floats, so that 10000 is not a multiple of 1e-05 to it."""
    contract = Contract(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for index in range(200):
        assert validator.is_valid(generate(contract, seed=5, index=index))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "multipleOf": 2.5, "minimum": 2},
        {"type": "number", "multipleOf": 0.75, "minimum": 2**51, "maximum": 2**55},
        {"type": "number", "multipleOf": 3.5, "maximum": -1e16},
        {"type": "number", **outside(6.5)},
        {"type": "number", **outside(2, 6.5, 5, 7, 11, 37)},
        {"type": "number", "multipleOf": 2.125, **outside(6.5, 4)},
        {"type": "integer", "minimum": 5, **outside(2.5, 3)},
    ],
)
def test_large_multiples_are_multiples_of_floats_too(schema):
    """Beyond 2**53 the nearest float may not be a multiple, and a division of floats has no remainder."""
    contract = Contract(schema)
    validators = jsonschema_rs.Draft202012Validator(schema), jsonschema.Draft202012Validator(schema)
    values = [generate(contract, seed=5, index=index) for index in range(200)]
    assert [value for value in values if not all(validator.is_valid(value) for validator in validators)] == []


BEYOND = 10**399
"""An integer that no float is near."""


@pytest.mark.parametrize(
    "schema",
    [
        {"multipleOf": 0.5, "minimum": BEYOND},
        {"multipleOf": 2.5, "exclusiveMinimum": BEYOND},
        {"multipleOf": 0.1, "exclusiveMaximum": -BEYOND},
        {"multipleOf": 7.5, "minimum": 0, "maximum": BEYOND},
        {"multipleOf": 0.5, "minimum": -BEYOND, "maximum": BEYOND, "not": {"type": "integer"}},
        {"multipleOf": 2.5, "minimum": BEYOND, "maximum": BEYOND + 7, "not": {"const": BEYOND}},
        {"minimum": BEYOND, "not": {"multipleOf": 2}},
        {"multipleOf": BEYOND},
    ],
)
def test_numbers_beyond_the_floats_are_integers(schema):
    """A bound that no float reaches leaves the multiples that are integers; jsonschema-rs accepts every value."""
    schema = {"type": "number", **schema}
    contract = Contract(schema)
    values = [generate(contract, seed=1, index=index) for index in range(20)]
    instances = [case.instance for case in (*contract.edges, *contract.hazards)]
    assert [value for value in (*values, *instances) if not jsonschema_rs.is_valid(schema, value)] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": BEYOND, "not": {"type": "integer"}},
        {"multipleOf": 0.5, "maximum": -BEYOND, "not": {"type": "integer"}},
        {"exclusiveMinimum": BEYOND, "exclusiveMaximum": BEYOND + 1},
        {"multipleOf": 2.5, "exclusiveMinimum": BEYOND, "exclusiveMaximum": BEYOND + 5},
    ],
)
def test_a_fraction_beyond_the_floats_is_not_found(schema):
    """Such a number exists, though no value of Python is it: that is not a proof."""
    with pytest.raises(NoValueFoundError, match="bits of a number"):
        Contract({"type": "number", **schema})
