"""Deep values: the only ones that are left, or the only ones that exist."""

import itertools

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.dnf.limits import MAX_DEPTH_LEVELS
from chime_fixtures.engine.enumeration import enumerate_edges, iter_violations
from chime_fixtures.engine.errors import NoValueFoundError
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample


def nested(levels):
    return {"next": nested(levels - 1)} if levels else {}


def cycle(size):
    """Objects in objects, whose depth is one less than a multiple of a size."""
    levels = {
        f"level{index}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/$defs/level{(index + 1) % size}"}},
            "required": ["next"] if index < size - 1 else [],
            "additionalProperties": False,
        }
        for index in range(size)
    }
    return {"$ref": "#/$defs/level0", "$defs": levels}


@pytest.mark.parametrize(("size", "excluded", "deepest"), [(7, [6], 13), (9, [8, 17], 26), (12, [11], 23)])
def test_a_much_deeper_value_is_found(size, excluded, deepest):
    """If all shallow values are excluded, a deeper one is found."""
    schema = {**cycle(size), "not": {"enum": [nested(levels) for levels in excluded]}, "maxProperties": 5}
    assert jsonschema_rs.is_valid(schema, nested(deepest))
    assert jsonschema_rs.is_valid(schema, generate(Contract(schema)))


def test_a_chain_of_definitions_may_be_long():
    """The size of a deep value is computed without recursion."""
    chain = {
        f"d{index}": {"type": "array", "prefixItems": [{"$ref": f"#/$defs/d{index + 1}"}], "minItems": 1}
        for index in range(150)
    }
    contract = Contract({"$ref": "#/$defs/d0", "$defs": {**chain, "d150": {"type": "null"}}})
    assert contract.root.min_depth == 150


def chain(kind, length):
    """Definitions that each require the next one."""
    levels = {}
    for index in range(length):
        following = {"$ref": f"#/$defs/d{index + 1}"}
        array = {"type": "array", "items": following, "minItems": 1}
        levels[f"d{index}"] = {
            "lists": array,
            "tuples": {"type": "array", "prefixItems": [{"type": "integer"}, following], "minItems": 2},
            "objects": {"type": "object", "properties": {"next": following, "x": {}}, "required": ["next"]},
            "unions": {"anyOf": [array, {"type": "object", "properties": {"n": following}, "required": ["n"]}]},
        }[kind]
    return {"$ref": "#/$defs/d0", "$defs": {**levels, f"d{length}": {"type": "integer"}}}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tuples", *sample(["lists", "objects", "unions"], 1)])
def test_a_value_has_as_many_levels_as_its_schema_requires(kind):
    """Values, edges and violations of the deepest supported schema are constructed within Python's stack."""
    schema = chain(kind, MAX_DEPTH_LEVELS)
    contract, validator = Contract(schema), jsonschema_rs.Draft202012Validator(schema)
    assert all(validator.is_valid(generate(contract, seed=2, index=index)) for index in range(3))
    if kind == "tuples":
        assert all(validator.is_valid(edge.instance) for edge in itertools.islice(enumerate_edges(contract), 5))
        violations = list(itertools.islice(iter_violations(contract), 10))
        assert [len(list(validator.iter_errors(each.instance))) for each in violations] == [1] * 10


@pytest.mark.parametrize("kind", ["lists", "tuples", "objects"])
def test_more_levels_are_not_searched(kind):
    """The error names the number of levels; nothing is said to be unsatisfiable."""
    with pytest.raises(NoValueFoundError, match=f"limit of {MAX_DEPTH_LEVELS} levels of arrays and objects"):
        Contract(chain(kind, MAX_DEPTH_LEVELS + 1))


@MAY_DECLARE_UNREACHED
def test_an_optional_part_with_more_levels_is_unreached():
    """The values lack it, and the reason is not a proof."""
    deep = chain("objects", MAX_DEPTH_LEVELS + 1)
    properties = {"a": {"$ref": "#/$defs/d0"}, "b": {"type": "null"}}
    contract = Contract({"type": "object", "properties": properties, "$defs": deep["$defs"], "maxProperties": 2})
    assert {tuple(generate(contract, seed=1, index=index)) for index in range(20)}.isdisjoint({("a",), ("a", "b")})
    assert [(each.schema_pointer, each.is_proved) for each in contract.unreached] == [("/properties/a", False)]
