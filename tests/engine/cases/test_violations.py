import collections
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import transplant
from chime_fixtures.engine.cases.locations import full_instance
from chime_fixtures.engine.contract import Contract, enumerate_implied, enumerate_violations
from tests.support.schemas import session_contract

SESSION = session_contract()
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
    assert str(enumerate_implied(SESSION)[0]) == "/VoiceConnectorId: minLength 1 can't be violated alone: pattern"


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


NEAR_MISSES = {
    "one character over": ("Name.maxLength", "ProxySessionId.maxLength"),
    "an enum value in other case": ("Status.enum.upper-case", "Status.enum.lower-case", "Status.enum.underscores"),
    "an enum value padded": ("Status.enum.leading-blank", "GeoMatchLevel.enum.trailing-blank"),
    "a valid prefix": ("Status.enum.prefix", "NumberSelectionBehavior.enum.prefix"),
    "a neighbouring enum": ("Status.enum.of-GeoMatchLevel", "GeoMatchLevel.enum.of-Status"),
    "a number as digit text": ("ExpiryMinutes.type.as-text",),
    "digit text as a number": ("Participants.0.PhoneNumber.type.integer", "GeoMatchParams.AreaCode.type.integer"),
    "a boolean as an integer": ("ExpiryMinutes.type.boolean",),
    "a fraction": ("ExpiryMinutes.type.number",),
    "null": ("Name.type.null", "Participants.type.null", "Participants.1.type.null", "type.null"),
    "a value in a list of one": ("Name.type.wrapped", "GeoMatchParams.type.wrapped", "type.wrapped"),
    "one for a list": ("Capabilities.type.unwrapped", "Participants.type.unwrapped"),
    "a digit more or fewer": (
        "GeoMatchParams.AreaCode.pattern.one-more",
        "Participants.0.PhoneNumber.pattern.one-fewer",
    ),
    "a leading zero": (
        "Participants.0.PhoneNumber.pattern.leading-zero",
        "GeoMatchParams.AreaCode.pattern.leading-zero",
    ),
    "lower case": ("GeoMatchParams.Country.pattern.lower-case",),
    "a letter O for a zero": ("Participants.0.ProxyPhoneNumber.pattern.letter-o",),
    "an inner blank": ("Participants.0.PhoneNumber.pattern.inner-blank",),
    "a trailing newline": (
        "GeoMatchParams.Country.pattern.trailing-newline",
        "CreatedTimestamp.format.trailing-newline",
    ),
    "Unicode digits": ("Participants.0.PhoneNumber.pattern.unicode-digit", "CreatedTimestamp.format.arabic-year"),
    "blanks only": (
        "VoiceConnectorId.pattern.blank",
        "ProxySessionId.pattern.blank-no-break",
        "ProxySessionId.pattern.blank-byte-order-mark",
        "ProxySessionId.pattern.blanks-of-every-kind",
    ),
    "an impossible date": ("EndedTimestamp.format.impossible-day", "UpdatedTimestamp.format.hour-25"),
    "no offset": ("CreatedTimestamp.format.no-offset",),
    "a date only": ("EndedTimestamp.format.date-only",),
    "the second item": ("Capabilities.1.enum", "Participants.1.ProxyPhoneNumber.pattern.leading-zero"),
    "the last member": ("GeoMatchParams.AreaCode.pattern.one-fewer",),
    "a required member gone": ("GeoMatchParams.required.Country", "GeoMatchParams.required.AreaCode"),
}


def test_each_near_miss_has_its_record():
    """Whatever people and programs get nearly right has a record, in an otherwise full session."""
    by_id = {violation.id: violation.instance for violation in enumerate_violations(SESSION)}
    assert {kind: set(ids) - by_id.keys() for kind, ids in NEAR_MISSES.items() if set(ids) - by_id.keys()} == {}
    full = SESSION.schema["properties"].keys()
    assert all(by_id[i].keys() == full for ids in NEAR_MISSES.values() for i in ids if not i.startswith("type."))


def test_real_slips_have_the_values_that_consumers_take():
    """Digit text becomes the equal number, a neighbour's value is one; what is misread is misread by one step."""
    by_id = {violation.id: violation for violation in enumerate_violations(SESSION)}
    full = by_id["ExpiryMinutes.type.as-text"].instance
    assert by_id["GeoMatchParams.AreaCode.type.integer"].value == int(full["GeoMatchParams"]["AreaCode"])
    number = by_id["Participants.0.PhoneNumber.type.integer"].value
    assert f"+{number}" == full["Participants"][0]["PhoneNumber"]
    assert by_id["Status.enum.of-GeoMatchLevel"].value in SESSION.schema["$defs"]["GeoMatchLevel"]["enum"]
    assert by_id["GeoMatchLevel.enum.of-Status"].value in SESSION.schema["$defs"]["ProxySessionStatus"]["enum"]
    assert by_id["Status.enum.underscores"].value == "IN_PROGRESS"
    assert re.fullmatch(r"\+[1-9][0-9]{15}", by_id["Participants.0.PhoneNumber.pattern.one-more"].value)
    assert re.fullmatch(r"[1-9]", by_id["Participants.0.PhoneNumber.pattern.one-fewer"].value)
    assert by_id["CreatedTimestamp.format.no-offset"].value == "2020-04-15T16:10:00"
    assert by_id["VoiceConnectorId.pattern.blank-no-break"].value == "\u00a0"
    assert by_id["VoiceConnectorId.pattern.blanks-of-every-kind"].value.strip() == "\ufeff"
    assert by_id["ExpiryMinutes.type.boolean"].value is True
    assert json.loads(by_id["GeoMatchParams.type.as-text"].value) == full["GeoMatchParams"]


def test_a_later_item_repeats_no_slip():
    """The same check judges each item: of a later one each keyword has its first certain and its first contested fault."""
    later = [each for each in enumerate_violations(SESSION) if "/1" in each.pointer]
    kinds = [(each.pointer, each.schema_pointer, bool(each.contested)) for each in later]
    assert len(kinds) == len(set(kinds))
    assert {each.pointer for each in later} >= {"/Capabilities/1", "/Participants/1", "/Participants/1/PhoneNumber"}


def test_ids_stay_what_they_are():
    """The ids of the session's violations are those of the golden list: within a major version none may change."""
    golden = (Path(__file__).parents[2] / "violation_ids.txt").read_text().split()
    assert [violation.id for violation in enumerate_violations(SESSION)] == golden


def test_a_part_is_judged_as_it_is_in_the_whole():
    """What the second voice says of the place that was changed is what it says of the whole instance."""
    contract = Contract({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    for violation in enumerate_violations(contract)[::16]:
        opinion = contract.validators.cross_check(violation.instance)
        assert (opinion in ([], None)) is bool(violation.contested), violation.id


def test_what_is_large_stays_cheap():
    """The full instance of unions, maps that may not be empty, and long lists of what is recursive is small."""
    union = {"type": "object", "properties": {"a": {}, "b": {}}, "minProperties": 1, "maxProperties": 1}
    schema = {
        "type": "object",
        "properties": {
            "union": union,
            "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
            "long": {
                "type": "array",
                "items": {"type": "object", "properties": {"more": {"$ref": "#"}}},
                "minItems": 500,
            },
        },
    }
    full = full_instance(Contract(schema).builder)
    assert (list(full["union"]), len(full["map"]) >= 2, len(full["long"])) == (["a"], True, 500)
    assert max(len(str(violation.instance)) for violation in enumerate_violations(schema)) < 20_000


def test_what_must_come_back_to_itself_stays_flat():
    """In a linked list, whose next member is required, faults stand near the root, where every reader sees them."""
    following = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/n"}]}
    node = {"type": "object", "properties": {"v": {"type": "integer"}, "next": following}, "required": ["v", "next"]}
    schema = {"$defs": {"n": node}, "$ref": "#/$defs/n"}
    violations = enumerate_violations(schema)
    assert {"type.wrapped", "required.v", "v.type.null", "next.anyOf"} <= {each.id for each in violations}
    assert not any(each.contested for each in violations)
    assert max(json.dumps(each.instance).count("{") for each in violations) <= 3
    assert all(judged(schema, each)[0] for each in violations)


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
    moved = transplant(SESSION.validators, violation, {"Status": "Open"})
    assert moved.instance == {"Status": "Open", "Name": violation.value}
    assert SESSION.check(moved.instance)[0].id == "Name.maxLength"
    root = enumerate_violations(SESSION, pointer="", keyword="type")[0]
    assert transplant(SESSION.validators, root, {"Status": "Open"}) == root


def test_a_fault_that_does_not_fit_stays_where_it_was():
    """Where the other session would have a second error, the record comes back as it was, with an instance of its own."""
    violation = enumerate_violations(SESSION, pointer="/Name", keyword="maxLength")[0]
    found = transplant(SESSION.validators, violation, {"Status": "Gone"})
    assert found == violation
    assert found.instance is not violation.instance


def test_the_catalogue_is_the_same_each_time():
    """Two readings of the same schema give the same records in the same order."""
    first = enumerate_violations(Contract(OTHERS["numbers"]))
    assert [each.as_dict() for each in first] == [
        each.as_dict() for each in enumerate_violations(Contract(OTHERS["numbers"]))
    ]
