"""Relations of two properties in random objects."""

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, find, settings
from jsonschema import Draft202012Validator

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.strategies import from_schema
from chime_fixtures.engine.values.relations import RELATIONS

SCHEMA = {
    "type": "object",
    "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time", "pattern": "Z$"},
        "least": {"type": "integer", "multipleOf": 3, "minimum": 3, "maximum": 3000},
        "most": {"type": "number", "exclusiveMinimum": 2.5, "not": {"const": 6}},
    },
    "required": ["from", "to", "least", "most"],
    "additionalProperties": False,
}
CONTEXT = settings(
    max_examples=3000,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def test_random_objects_have_each_relation_and_are_valid():
    """Among 600 objects is each relation of date-times and of numbers; both validators accept all of them."""
    contract = Contract(SCHEMA)
    values = [generate(contract, index=index) for index in range(600)]
    first = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    second = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [value for value in values if not first.is_valid(value) or not second.is_valid(value)] == []
    missing = [
        (kind, relation.label)
        for kind, one, other in (("date-time", "from", "to"), ("number", "least", "most"))
        for relation in RELATIONS[kind]
        if not any(relation.holds(value[one], value[other]) for value in values)
    ]
    assert missing == []


@pytest.mark.slow
def test_a_relation_shrinks_to_plain_values():
    """The minimal object with two instants in one second has plain dates and no other property."""
    (same_second,) = (each for each in RELATIONS["date-time"] if each.label == "same-second")
    optional = {key: value for key, value in SCHEMA.items() if key != "required"}

    def is_near(value):
        return "from" in value and "to" in value and same_second.holds(value["from"], value["to"])

    found = find(from_schema(optional), is_near, settings=CONTEXT)
    assert found.keys() == {"from", "to"}
    assert len(found["from"]) + len(found["to"]) <= 45
