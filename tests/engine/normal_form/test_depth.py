"""Deep values: the only ones that are left, or the only ones that exist."""

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate


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
