"""What would be too large is refused by name, and what may be large is not made so."""

import pytest

from chime_fixtures.contract import Contract
from chime_fixtures.edges import enumerate_edges
from chime_fixtures.errors import UnsupportedSchemaError
from chime_fixtures.values import generate
from chime_fixtures.violations import enumerate_violations


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"minItems": 10**6}, "/minItems: minItems: asks for more than"),
        ({"minLength": 10**400}, "/minLength: minLength: asks for more than"),
        ({"items": {"contains": {}, "minContains": 10**6}}, "/items/minContains: minContains"),
        (
            {"type": "array", "items": {"type": "array", "minItems": 1000}, "minItems": 1000},
            "schema: asks for more than 20000 parts in each value",
        ),
        ({"pattern": "^a{100000000}$"}, "the judge can't read it"),
        ({"$id": "http://[bad"}, "the judge can't read it"),
        ({"const": "\ud800"}, "the judge can't read it"),
        ({"$defs": {"a": {"contentSchema": {"$ref": "http://x.invalid/y"}}}}, "the judge can't read it"),
    ],
)
def test_what_is_too_large_or_unreadable_is_refused(schema, said):
    """A refusal says which keyword asks for too much, or what the judge can't read."""
    with pytest.raises(UnsupportedSchemaError) as refusal:
        Contract(schema)
    assert said in str(refusal.value)


@pytest.mark.parametrize("keyword", ["maxItems", "maxLength", "maxProperties", "maxContains"])
def test_a_great_limit_is_not_reached(keyword):
    """Where a value may have a billion parts, all that is made of the schema is small."""
    schema = {keyword: 2**30, "contains": {"type": "null"}, "type": ["array", "string", "object"]}
    made = [generate(schema, seed=1, index=index) for index in range(20)]
    made += [each.instance for each in (*enumerate_edges(schema), *enumerate_violations(schema))]
    assert max(len(value) for value in made if isinstance(value, list | str | dict)) <= 4096
