import collections
import re

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract import Contract
from chime_fixtures.violations import enumerate_implied, enumerate_violations, with_fault_in

SESSION = Contract.load("ProxySession")
OTHERS = {
    "numbers": {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "minimum": 1, "maximum": 9},
            "b": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5},
            "c": {"const": "x"},
            "d": {"type": "string", "minLength": 3},
            "e": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3, "uniqueItems": True},
            "f": {"enum": [1, None]},
            "g": {"type": "integer", "maximum": -2},
        },
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    "recursive": {
        "type": "object",
        "properties": {
            "child": {"$ref": "#"},
            "list": {"type": "array", "items": {"$ref": "#"}},
            "n": {"type": "integer"},
        },
        "required": ["n"],
    },
    "list": {"type": "array", "items": {"type": "string", "maxLength": 2}, "minItems": 1},
    "scalar": {"type": "integer", "minimum": 3},
}


def judged(schema, violation):
    """What jsonschema-rs and jsonschema say of a violation: (pointer, keyword) of each error."""
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = Draft202012Validator(schema, format_checker=FormatChecker())
    said = [
        (json_pointer.join(error.instance_path), str(error.schema_path[-1]))
        for error in first.iter_errors(violation.instance)
    ]
    heard = [
        (json_pointer.join(error.absolute_path), error.validator) for error in second.iter_errors(violation.instance)
    ]
    return said, heard


@pytest.mark.parametrize("schema", [SESSION.schema, *OTHERS.values()], ids=["session", *OTHERS])
def test_each_violation_breaks_exactly_what_it_names(schema):
    """One error, at the pointer and keyword named, by both judges; by the first alone where it is contested."""
    catalogue = enumerate_violations(schema)
    assert catalogue
    for violation in catalogue:
        said, heard = judged(schema, violation)
        named = [(violation.pointer, violation.keyword)]
        assert (violation.id, said) == (violation.id, named)
        assert (violation.id, heard) == (violation.id, [] if violation.contested else named)


def test_every_constraint_is_broken_or_says_what_implies_it():
    """No constraint of the session is left out: 35 are broken alone, and the rest name their reason."""
    broken = {violation.schema_pointer for violation in enumerate_violations(SESSION, contested=False)}
    implied = {item.constraint.schema_pointer: item.by for item in enumerate_implied(SESSION)}
    assert {item.schema_pointer for item in SESSION.constraints} == broken | implied.keys()
    assert broken & implied.keys() == set()
    assert implied == {
        "/$defs/NonEmptyString128/minLength": ("pattern",),
        "/$defs/ProxySessionStatus/type": ("enum",),
        "/$defs/Capability/type": ("enum",),
        "/$defs/NumberSelectionBehavior/type": ("enum",),
        "/$defs/GeoMatchLevel/type": ("enum",),
    }
    assert str(enumerate_implied(SESSION)[0]) == "/VoiceConnectorId minLength 1 can't be broken alone: pattern"


def test_ids_are_unique_safe_and_say_what_is_broken():
    """Ids are unique without regard to case, safe as file names, and end in the keyword or the variant."""
    catalogue = enumerate_violations(SESSION)
    assert max(collections.Counter(violation.id.casefold() for violation in catalogue).values()) == 1
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", violation.id) for violation in catalogue)
    ids = {violation.id for violation in catalogue}
    assert {
        "Name.maxLength",
        "GeoMatchParams.required.Country",
        "Participants.1.PhoneNumber.pattern.trailing-newline",
        "Status.enum.lower-case",
        "ExpiryMinutes.minimum",
        "ExpiryMinutes.type.as-text",
        "CreatedTimestamp.format.impossible-day",
        "type.array",
    } <= ids


def test_real_slips_are_in_the_catalogue():
    """The near misses that tools seldom make: 16 digits, a leading zero, other digits, half a date, a number as text."""
    by_id = {violation.id: violation.value for violation in enumerate_violations(SESSION)}
    values = [value for value in by_id.values() if isinstance(value, str)]
    assert any(re.fullmatch(r"\+?[1-9][0-9]{15}", value) for value in values)
    assert any(re.fullmatch(r"0[0-9]{3,}", value) for value in values)
    assert any(re.fullmatch(r"\+?[1-9]", value) for value in values)
    assert any(value.isdigit() and not value.isascii() for value in values)
    assert by_id["GeoMatchParams.Country.pattern.lower-case"].islower()
    assert by_id["CreatedTimestamp.format.no-offset"] == "2020-04-15T16:10:00"
    assert by_id["VoiceConnectorId.pattern.blank-no-break"] == "\u00a0"
    assert by_id["ExpiryMinutes.type.boolean"] is True


def test_the_catalogue_can_be_narrowed():
    """By place, by keyword, and to what no engine contests."""
    names = enumerate_violations(SESSION, pointer="/Name")
    assert {violation.pointer for violation in names} == {"/Name"}
    lengths = enumerate_violations(SESSION, keyword="maxLength")
    assert {violation.keyword for violation in lengths} == {"maxLength"}
    contested = [violation for violation in enumerate_violations(SESSION) if violation.contested]
    assert "Participants.0.PhoneNumber.pattern.trailing-newline" in [violation.id for violation in contested]
    assert not any(violation.contested for violation in enumerate_violations(SESSION, contested=False))


def test_a_fault_moves_into_another_session():
    """The fault of a record is put into a session of the caller's, where it stays the only one."""
    violation = enumerate_violations(SESSION, pointer="/Name", keyword="maxLength")[0]
    moved = with_fault_in(SESSION, violation, {"Status": "Open"})
    assert moved.instance == {"Status": "Open", "Name": violation.value}
    assert SESSION.check(moved.instance)[0].id == "Name.maxLength"
    root = enumerate_violations(SESSION, pointer="", keyword="type")[0]
    assert with_fault_in(SESSION, root, {"Status": "Open"}) is root


def test_a_fault_that_does_not_fit_stays_where_it_was():
    """Where the other session would have a second error, the record comes back as it was."""
    violation = enumerate_violations(SESSION, pointer="/Name", keyword="maxLength")[0]
    assert with_fault_in(SESSION, violation, {"Status": "Gone"}) is violation


def test_the_catalogue_is_the_same_each_time():
    """Two readings of the same schema give the same records in the same order."""
    first = enumerate_violations(Contract(OTHERS["numbers"]))
    assert [each.as_dict() for each in first] == [
        each.as_dict() for each in enumerate_violations(Contract(OTHERS["numbers"]))
    ]
