"""Schemas without a value: "unsatisfiable" is proved, and else the error names the limit that ended the search."""

import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import NoValueError, NoValueFoundError, UnsatisfiableSchemaError
from tests.support.sizes import sample

# At least 12 different items are required, and not all of the 4,096 combinations that have them are tried.
CROWDED = {
    "type": "array",
    "maxItems": 2,
    "allOf": [{"anyOf": [{"contains": {"const": n}}, {"contains": {"const": -1 - n}}]} for n in range(12)],
}

# Five names of two characters cannot contain 12 letters, but there are many ways to choose them.
NAMED = {
    "type": "object",
    "maxProperties": 5,
    "propertyNames": {"maxLength": 2},
    "allOf": [{"not": {"patternProperties": {letter: False}}} for letter in "abcdefghijkl"],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "pointer", "limit"),
    sample([
        (NAMED, "", "intersections of sets of property names"),
        (CROWDED, "", "tried alternatives"),
        ({"type": "object", "properties": {"a": CROWDED}, "required": ["a"]}, "/properties/a", "tried alternatives"),
        ({"$ref": "#/$defs/deep", "$defs": {"deep": {"type": "array", "minItems": 1, "items": NAMED}}},
         "/$defs/deep/items", "intersections of sets of property names"),
    ], 2),
)  # fmt: skip
def test_a_search_that_a_limit_ended_proves_nothing(schema, pointer, limit):
    """The error names the location of the search and the limit."""
    with pytest.raises(NoValueFoundError, match=f"the search ended at the limit of [0-9]+ {limit}") as caught:
        Contract(schema)
    assert caught.value.schema_pointer == pointer


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": CROWDED, "b": False}, "required": ["b"]},
        {"allOf": [{"type": "string"}, {"type": "object", "properties": {"a": NAMED}}]},
        {"anyOf": [False, {"not": {}}], "properties": {"a": CROWDED}},
    ],
)
def test_a_limit_elsewhere_leaves_a_proof_as_it_is(schema):
    """A schema is unsatisfiable if the part that proves it was searched exhaustively."""
    with pytest.raises(UnsatisfiableSchemaError):
        Contract(schema)


def test_both_errors_have_one_base_class():
    """Both errors are caught as `NoValueError`."""
    for schema in (NAMED, False):
        with pytest.raises(NoValueError):
            Contract(schema)
