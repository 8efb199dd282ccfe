"""The valid instances that violations are drawn in."""

import jsonschema_rs
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.strategies import proxy_session_violations, violations_of
from tests.support.drawing import drawn

SCHEMA = load_contract("ProxySession").schema
NUMBER = {"pattern": r"^\+[1-9][0-9]{10}$"}
PEOPLE = {
    "minItems": 2,
    "uniqueItems": True,
    "items": {
        "required": ["PhoneNumber", "ProxyPhoneNumber"],
        "properties": {"PhoneNumber": NUMBER, "ProxyPhoneNumber": NUMBER},
        "additionalProperties": False,
    },
}
STAMP = {"pattern": r"^20[0-9]{2}-.*Z$"}
STRICTER = jsonschema_rs.Draft202012Validator(
    {
        "$ref": SCHEMA["$id"],
        "required": [name for name in SCHEMA["properties"] if name != "EndedTimestamp"],
        "propertyNames": {"enum": list(SCHEMA["properties"])},
        "properties": {
            "Participants": PEOPLE,
            "Capabilities": {"minItems": 1, "uniqueItems": True},
            **dict.fromkeys(("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp"), STAMP),
        },
    },
    registry=jsonschema_rs.Registry([(SCHEMA["$id"], SCHEMA)]),
    validate_formats=True,
)
"""Requires what the service always sent, which the published model does not."""


def is_rejected_for_the_violation_alone(violation):
    errors = [
        "".join(f"/{token}" for token in error.instance_path) for error in STRICTER.iter_errors(violation.instance)
    ]
    return bool(errors) and all(f"{each}/".startswith(f"{violation.pointer}/") for each in errors)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"pointer": "/Participants/0/PhoneNumber"}], ids=str)
def test_half_of_the_violations_are_all_that_a_stricter_validator_rejects(options):
    """In a realistic, full session nothing but the violation is odd; the others are in sessions of any kind."""
    violations = drawn(proxy_session_violations(**options), 80)
    share = sum(map(is_rejected_for_the_violation_alone, violations)) / len(violations)
    assert 0.35 < share < 0.75
    realistic = [each.instance for each in violations if is_rejected_for_the_violation_alone(each)]
    assert len({repr(each.get("CreatedTimestamp")) for each in realistic if isinstance(each, dict)}) > 10


def test_a_typical_instance_of_any_schema_surrounds_half_of_the_violations():
    """The contexts of a custom schema are full instances with typical values, or any instances."""
    names = [f"member{number}" for number in range(20)]
    schema = {"type": "object", "properties": {name: {"type": "string", "minLength": 1} for name in names}}
    violations = drawn(violations_of(schema, keyword="minLength"), 20)
    others = [[value for name, value in each.instance.items() if f"/{name}" != each.pointer] for each in violations]
    typical = [each for each in others if len(each) == 19 and all(value.startswith("Session") for value in each)]
    assert 8 <= len(typical) <= 12
    assert len({each.pointer for each in violations}) >= 18
