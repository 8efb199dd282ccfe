import collections
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import place, transplant
from chime_fixtures.engine.cases.baseline import full_instance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_implied, enumerate_violations, iter_violations
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


def errors_of(schema, violation):
    """The errors of jsonschema-rs and of jsonschema for a violation, as (pointer, keyword) pairs."""
    decisive = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    cross_check = Draft202012Validator(schema, format_checker=FormatChecker())
    instance = violation.instance
    return (
        [
            (json_pointer.join(error.instance_path), str(error.schema_path[-1]))
            for error in decisive.iter_errors(instance)
        ],
        [(json_pointer.join(error.absolute_path), error.validator) for error in cross_check.iter_errors(instance)],
    )


@pytest.mark.parametrize("schema", [SESSION.schema, *OTHERS.values()], ids=["session", *OTHERS])
def test_each_violation_violates_exactly_its_label(schema):
    """Both validators report one error, at its pointer and keyword; if it is contested, only jsonschema-rs does."""
    catalogue = enumerate_violations(schema)
    assert catalogue
    for violation in catalogue:
        decisive, cross_check = errors_of(schema, violation)
        expected = [(violation.pointer, violation.keyword)]
        assert (violation.id, decisive) == (violation.id, expected)
        assert (violation.id, cross_check) == (violation.id, [] if violation.contested else expected)


def test_every_constraint_is_violated_or_implied():
    """Each constraint of the session is violated alone, or names the keywords that imply it."""
    violated = {violation.schema_pointer for violation in enumerate_violations(SESSION, contested=False)}
    implied = {item.constraint.schema_pointer: item.by for item in enumerate_implied(SESSION)}
    assert {item.schema_pointer for item in SESSION.constraints} == violated | implied.keys()
    assert violated & implied.keys() == set()
    assert implied == {"/$defs/NonEmptyString128/minLength": ("pattern",)}
    assert str(enumerate_implied(SESSION)[0]) == "/VoiceConnectorId: minLength 1 can't be violated alone: pattern"


def test_ids_are_unique_and_safe_as_file_names():
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
    "a value of another enum": ("Status.enum.of-GeoMatchLevel", "GeoMatchLevel.enum.of-Status"),
    "a number as digit text": ("ExpiryMinutes.type.as-text",),
    "digit text as a number": ("Participants.0.PhoneNumber.type.integer", "GeoMatchParams.AreaCode.type.integer"),
    "a boolean as an integer": ("ExpiryMinutes.type.boolean",),
    "a fraction": ("ExpiryMinutes.type.number",),
    "null": ("Name.type.null", "Participants.type.null", "Participants.1.type.null", "type.null"),
    "a value in a list of one": ("Name.type.wrapped", "GeoMatchParams.type.wrapped", "type.wrapped"),
    "an item instead of its array": ("Capabilities.type.unwrapped", "Participants.type.unwrapped"),
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
    "a missing required member": ("GeoMatchParams.required.Country", "GeoMatchParams.required.AreaCode"),
}


def test_each_near_miss_is_a_violation():
    """Values that people and programs get nearly right are violations, each in an otherwise full session."""
    by_id = {violation.id: violation.instance for violation in enumerate_violations(SESSION)}
    assert {kind: set(ids) - by_id.keys() for kind, ids in NEAR_MISSES.items() if set(ids) - by_id.keys()} == {}
    full = SESSION.schema["properties"].keys()
    assert all(by_id[i].keys() == full for ids in NEAR_MISSES.values() for i in ids if not i.startswith("type."))


def test_near_misses_have_the_values_that_consumers_accept():
    """Digits become the equal integer, a value of another enumeration is one of it, a number has one digit more or less."""
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


def test_a_later_item_has_one_violation_of_each_verdict():
    """All items have one node, so each keyword of a later item has its first uncontested and first contested violation."""
    later = [each for each in enumerate_violations(SESSION) if "/1" in each.pointer]
    kinds = [(each.pointer, each.schema_pointer, bool(each.contested)) for each in later]
    assert len(kinds) == len(set(kinds))
    assert {each.pointer for each in later} >= {"/Capabilities/1", "/Participants/1", "/Participants/1/PhoneNumber"}


def test_ids_are_stable():
    """The ids of the session's violations are those of the golden list; none changes within a major version."""
    golden = (Path(__file__).parents[2] / "violation_ids.txt").read_text().split()
    assert [violation.id for violation in iter_violations(SESSION)] == golden


def test_full_instances_of_large_schemas_are_small():
    """Unions, maps with a minimum size and long arrays of recursive objects have small full instances."""
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


def test_a_recursive_required_property_has_shallow_violations():
    """The violations of a linked list, whose next node is required, are near the root."""
    following = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/n"}]}
    node = {"type": "object", "properties": {"v": {"type": "integer"}, "next": following}, "required": ["v", "next"]}
    schema = {"$defs": {"n": node}, "$ref": "#/$defs/n"}
    violations = enumerate_violations(schema)
    assert {"type.wrapped", "required.v", "v.type.null", "next.anyOf"} <= {each.id for each in violations}
    assert not any(each.contested for each in violations)
    assert max(json.dumps(each.instance).count("{") for each in violations) <= 3
    assert all(errors_of(schema, each)[0] for each in violations)


def test_violations_are_selected():
    """Options select violations by pointer, by keyword, and without contested ones."""
    names = enumerate_violations(SESSION, pointer="/Name")
    assert {violation.pointer for violation in names} == {"/Name"}
    lengths = enumerate_violations(SESSION, keyword="maxLength")
    assert {violation.keyword for violation in lengths} == {"maxLength"}
    contested = [violation for violation in enumerate_violations(SESSION) if violation.contested]
    assert "Participants.0.PhoneNumber.pattern.trailing-newline" in [violation.id for violation in contested]
    assert not any(violation.contested for violation in enumerate_violations(SESSION, contested=False))


def test_a_violation_is_transplanted_into_another_session():
    """The violated property is put into a valid session of the caller, where it is the only violation."""
    violation = enumerate_violations(SESSION, pointer="/Name", keyword="maxLength")[0]
    transplanted = transplant(SESSION.validators, violation, {"Status": "Open"})
    assert transplanted.instance == {"Status": "Open", "Name": violation.value}
    assert SESSION.check(transplanted.instance)[0].id == "Name.maxLength"
    root = enumerate_violations(SESSION, pointer="", keyword="type")[0]
    assert transplant(SESSION.validators, root, {"Status": "Open"}) == root


def test_a_violation_that_cannot_be_transplanted_keeps_its_instance():
    """If the other session has a second error, the result is the same violation in a copy of its own instance."""
    violation = enumerate_violations(SESSION, pointer="/Name", keyword="maxLength")[0]
    transplanted = transplant(SESSION.validators, violation, {"Status": "Gone"})
    assert transplanted == violation
    assert transplanted.instance is not violation.instance


def test_a_violation_is_placed_at_its_own_location():
    """All other values of the instance stay, also beside the violation; without that location it is transplanted."""
    (violation,) = enumerate_violations(SESSION, pointer="/Participants/1/PhoneNumber", keyword="pattern")[:1]
    others = [{"PhoneNumber": "+12065550188"}, {"ProxyPhoneNumber": "+12065550199"}]
    placed = place(SESSION.validators, violation, {"Participants": others, "Status": "Open"})
    changed = [others[0], {**others[1], "PhoneNumber": violation.value}]
    assert placed.instance == {"Participants": changed, "Status": "Open"}
    assert SESSION.check(placed.instance)[0].id == violation.id.rpartition(".")[0]
    for context in ({"Status": "Open"}, {"Status": "Open", "Participants": []}):
        moved = place(SESSION.validators, violation, context)
        assert moved.instance == {"Status": "Open", "Participants": violation.instance["Participants"]}
    assert place(SESSION.validators, violation, {"Status": "Gone", "Participants": others}) == violation


def test_the_catalogue_is_deterministic():
    """Two contracts of the same schema have the same violations in the same order."""
    first = enumerate_violations(Contract(OTHERS["numbers"]))
    assert [each.as_dict() for each in first] == [
        each.as_dict() for each in enumerate_violations(Contract(OTHERS["numbers"]))
    ]


def containers(value):
    """The identity of each array and object of a value."""
    if isinstance(value, list | dict):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


ANNOTATED = {
    "type": "object",
    "properties": {
        "a": {"type": "object", "default": {"x": [1]}},
        "b": {"type": "array", "examples": [[1, [2]], [{}]]},
        "c": {"const": {"k": [{}]}},
    },
}


@pytest.mark.parametrize(
    "schema", [SESSION.schema, {"enum": [{"a": [1]}, [2]]}, ANNOTATED], ids=["session", "constants", "annotations"]
)
def test_cases_share_no_arrays_and_objects(schema):
    """Changing one violation or edge changes no other, and not the schema."""
    contract = Contract(schema)
    instances = [case.instance for case in (*contract.catalogue.violations, *contract.edges)]
    found = [each for value in [*instances, contract.schema] for each in containers(value)]
    assert len(found) == len(set(found))
