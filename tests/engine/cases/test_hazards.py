"""Hazards, judged by both validators."""

import copy
import pickle
import re
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import hazards
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.hazards import MAX_HAZARDS
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.formats import valid_format_strings
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS, calendar_format
from chime_fixtures.engine.values.number_hazards import NUMBER_HAZARDS
from chime_fixtures.engine.values.relations import RELATIONS
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS
from tests.support.schemas import session_contract

IDS = Path(__file__).parents[2]


def by_id(schema):
    """The hazardous value of each hazard."""
    hazards = enumerate_hazards({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    return {each.id: json_pointer.resolve(each.instance, each.pointer) for each in hazards}


def check(contract):
    """Each hazard is valid for both validators, is of its class, and has an id of its own."""
    first = jsonschema_rs.validator_for(contract.schema, validate_formats=True)
    second = Draft202012Validator(contract.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    hazards = contract.hazards
    assert [
        each.id for each in hazards if not first.is_valid(each.instance) or not second.is_valid(each.instance)
    ] == []
    assert [each.id for each in hazards if not each.matches(json_pointer.resolve(each.instance, each.pointer))] == []
    assert len({each.id.casefold() for each in hazards}) == len(hazards) <= MAX_HAZARDS
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", each.id) for each in hazards)
    assert all(each.summary.startswith(json_pointer.display(each.pointer) + ": ") for each in hazards)


def test_every_hazard_is_valid_realises_itself_and_has_a_unique_id():
    """Both validators accept each hazard; its value is of its class; ids are unique without regard to case."""
    check(session_contract())
    hazards = session_contract().hazards
    assert pickle.loads(pickle.dumps(hazards)) == copy.deepcopy(hazards) == hazards


def test_ids_are_stable():
    """The ids of the session's edges and hazards are those of the golden lists, in their order."""
    contract = session_contract()
    assert [edge.id for edge in enumerate_edges(contract)] == (IDS / "edge_ids.txt").read_text().split()
    assert [hazard.id for hazard in enumerate_hazards(contract)] == (IDS / "hazard_ids.txt").read_text().split()


def test_the_first_hundred_hazards_are_of_every_member():
    """A prefix has the most fruitful hazards of each member, and relations of timestamps."""
    first = [each.id for each in session_contract().hazards[:100]]
    members = session_contract().schema["properties"].keys() - {"Status", "Capabilities"}
    members -= {"NumberSelectionBehavior", "GeoMatchLevel"}
    assert {each.split(".")[0] for each in first} == {*members, "hazard"}
    assert "hazard.CreatedTimestamp-UpdatedTimestamp.same-second" in first
    for label in ("formula", "comma", "quote", "line-feed", "slash", "markup", "astral"):
        assert f"Name.hazard.{label}" in first


def test_a_hazard_of_strings_has_one_definition():
    """The templates, and strings that are constructed from the pattern, are of the class that `matches` describes."""
    formats = [valid_format_strings(name) for name in ("date-time", "date", "time")]
    wrong = []
    for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS):
        texts = list(hazard.templates)
        for allowed in formats if hazard in CALENDAR_HAZARDS else [Language.all_strings()]:
            language = hazard.language & allowed
            lengths = language.lengths((language.shortest or 0) + 2)
            texts += [language.construct(length, "Session1") for length in lengths]
        others = [] if hazard.predicate else ["Order 1", "2026-01-15T09:31:07.25Z", ""]
        wrong += [(hazard.label, text) for text in texts if not hazard.matches(text)]
        wrong += [(hazard.label, text) for text in others if hazard.matches(text) is not (text in hazard.language)]
        wrong += [(hazard.label, 5)] if hazard.matches(5) else []
    assert wrong == []


def test_hazards_are_of_the_type_that_they_are_defined_for():
    """No hazard matches a value of another type, and a boolean is not a number."""
    assert [each.label for each in NUMBER_HAZARDS if each.matches(True) or each.matches("1")] == []
    assert [each.label for each in NUMBER_HAZARDS if not each.matches(each.start)] == []
    every = [each for relations in RELATIONS.values() for each in relations]
    assert [each.label for each in every if each.holds(None, True) or each.holds("x", 1)] == []
    assert [each.label for each in every if not all(each.holds(*pair) for pair in each.pairs)] == []


def test_hazards_keep_to_the_constraints():
    """A pattern, a length, a format, an enumeration and bounds leave out what they exclude, and construct the rest."""
    schema = {
        "properties": {
            "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9,]{6}$"},
            "short": {"type": "string", "maxLength": 1},
            "kind": {"enum": ["=1", "a,b"]},
            "byte": {"type": "integer", "minimum": 0, "maximum": 255},
            "step": {"type": "integer", "multipleOf": 7, "minimum": 1},
            "ratio": {"type": "number", "minimum": 5, "exclusiveMaximum": 6},
            "day": {"type": "string", "format": "date"},
            "time": {"type": "string", "format": "time"},
            "utc": {"type": "string", "format": "date-time", "pattern": "Z$"},
        },
        "additionalProperties": False,
    }
    check(Contract(schema))
    values = by_id(schema)
    assert "," in values["code.hazard.comma"]
    assert "code.hazard.upper-case" not in values  # each value is in upper case
    assert "code.hazard.slash" not in values
    assert {len(value) for each, value in values.items() if each.startswith("short.")} <= {0, 1}
    assert [each for each in values if each.startswith("kind.")] == []
    assert {each for each in values if each.startswith("byte.")} == {
        f"byte.hazard.{label}" for label in ("zero", "whole-float", "negative-zero", "one-hundred")
    }
    assert values["step.hazard.beyond-int32"] == -(-(2**31) // 7) * 7
    assert 5 < values["ratio.hazard.long-fraction"] < 6
    assert values["day.hazard.leap-day"] == "2024-02-29"
    assert values["time.hazard.last-instant-of-day"].startswith("23:59:59")
    assert {each for each in values if "offset" in each and each.startswith("utc.")} == set()
    assert [each for each in values if "other-case" in each and each.startswith("hazard.other")] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": -(10**400)},
        {"type": "number", "minimum": 10**399, "maximum": 10**400},
        {"type": "number", "maximum": -(10**400)},
        {"type": "integer", "minimum": -(2**1030), "multipleOf": 7},
    ],
)
def test_bounds_beyond_a_double(schema):
    """Numbers near a bound that a double does not represent are left out where they would be doubles."""
    check(Contract(schema))


def test_a_location_of_the_calendar_is_recognised_by_its_language():
    """A format or a pattern of RFC 3339 has the hazards of the calendar; another string has the others."""
    date_time = Language.from_pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
    assert calendar_format(date_time) == "date-time"
    assert calendar_format(Language.from_pattern("^20[0-9]{2}-0[1-9]-[12][0-9]$")) == "date"
    assert calendar_format(Language.from_pattern("^2[0-9]*")) is None
    assert calendar_format(Language.all_strings()) is None


def test_relations_of_two_properties():
    """Two properties of one kind have relations: numbers in both orders, texts that differ by case; unlike ones none."""
    schema = {
        "properties": {
            "a": {"type": "integer", "minimum": 1},
            "b": {"type": "integer", "maximum": 9},
            "x": {"type": "string", "pattern": "^[a-z]+$"},
            "y": {"type": "string", "pattern": "^[A-Za-z]+$"},
            "from": {"type": "string", "format": "date"},
            "to": {"type": "string", "format": "date"},
        }
    }
    check(Contract(schema))
    values = by_id(schema)
    pairs = {each.removeprefix("hazard."): value for each, value in values.items() if each.startswith("hazard.")}
    assert pairs["a-b.equal"]["a"] == pairs["a-b.equal"]["b"]
    assert pairs["a-b.decreasing"]["a"] > pairs["a-b.decreasing"]["b"]
    assert pairs["x-y.other-case"]["x"] == pairs["x-y.other-case"]["y"].lower() != pairs["x-y.other-case"]["y"]
    assert pairs["from-to.reversed"]["from"] > pairs["from-to.reversed"]["to"]
    assert not [each for each in pairs if each.startswith(("a-x", "b-x", "y-from"))]


@pytest.mark.parametrize("kind", [{"type": "string"}, {"type": "integer"}])
def test_relations_beside_values_of_other_types(kind):
    """The typical value of a property of several types has another type than the values of a relation."""
    either = {"anyOf": [kind, {"type": "array", "items": {"type": "boolean"}}]}
    check(Contract({"type": "object", "properties": {"a": either, "b": either}}))


def test_unknown_members_and_unlike_items():
    """Members that a schema does not list, if it allows them; items of which one lacks an optional property."""
    item = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a"]}
    values = by_id({"type": "array", "items": item})
    assert values["hazard.unlike-items"] == [{"a": 60, "b": 60}, {"a": 60}]
    assert values["0.hazard.unknown-object"]["unknown"] == {"a": 1}
    assert values["0.hazard.prototype-name"].keys() == {"a", "b", "__proto__"}
    assert values["0.hazard.other-case"].keys() == {"a", "b", "A"}
    closed = by_id({"type": "array", "items": {**item, "additionalProperties": False}})
    assert [each for each in closed if "unknown" in each or "prototype" in each] == []


def test_the_number_of_hazards_is_limited_and_the_first_ones_are_of_every_location():
    """A schema of many members has at most 1000 hazards, and each member has its first one."""
    names = [f"m{number}" for number in range(300)]
    hazards = enumerate_hazards({"properties": {name: {"type": "integer"} for name in names}})
    assert len(hazards) == MAX_HAZARDS
    assert {each.pointer for each in hazards} >= {f"/{name}" for name in names[:100]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [{"type": "string", "format": "date-time"}, {"type": "integer"}, {"type": "string"}])
def test_the_work_grows_with_the_locations(kind, monkeypatch):
    """Four times the members take at most five times the checks by validators and the related pairs."""
    counts = []
    for size in (20, 80):
        checks = []
        with monkeypatch.context() as patch:
            patch.setattr(hazards, "MAX_HAZARDS", 10**6)
            patch.setattr(Baseline, "is_accepted", lambda self, pointer, value, checks=checks: checks.append(value))
            _ = Contract({"properties": {f"m{number}": kind for number in range(size)}}).hazards
        counts.append(len(checks))
    assert 2 * counts[0] < counts[1] <= 5 * counts[0]
