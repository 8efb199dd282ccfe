"""The labelled lists: each session is valid, and each list has the relation that its label names."""

import copy
import datetime as dt
import functools
import itertools
import json
import re
import unicodedata
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, unquote_plus

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures import ProxySessionFactory, enumerate_lists, load_contract
from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, load_document
from chime_fixtures.engine.contract import Contract
from chime_fixtures.sessions.list_cases import list_cases
from chime_fixtures.strategies import lists as strategies
from chime_fixtures.strategies import sessions as session_strategies
from tests.support.consumers.timestamps import instant
from tests.support.drawing import drawn
from tests.support.sizes import sample

SCHEMA = load_contract("ProxySession").schema
TEXTS = ("Name", "ProxySessionId", "VoiceConnectorId")
TIMES = ("CreatedTimestamp", "UpdatedTimestamp")


def are_valid(schema, sessions):
    """True if both validators accept each session; equal sessions are checked once."""
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = Draft202012Validator(schema, format_checker=FormatChecker())
    distinct = {json.dumps(session): session for session in sessions}.values()
    return all(first.is_valid(session) and second.is_valid(session) for session in distinct)


def test_ids_are_stable():
    """The ids are those of the golden list, in its order; none changes within a major version."""
    golden = (Path(__file__).parents[1] / "list_ids.txt").read_text(encoding="utf-8").split()
    assert [case.id for case in enumerate_lists()] == golden
    assert len({each.casefold() for each in golden}) == len(golden)
    assert all(re.fullmatch(r"list(\.[A-Za-z0-9_-]+){1,3}", each) for each in golden)


def test_a_list_has_the_attributes_of_other_cases():
    """It has a summary of one sentence, and neither keyword nor limit; its pointer is that of the whole list."""
    for case in enumerate_lists():
        assert (case.pointer, case.keyword, case.limit) == ("", None, None)
        assert re.fullmatch(r"[A-Z][^\n]*[a-z)'A-Z0-9]\.", case.summary), case.summary


def test_what_is_returned_is_the_callers():
    """A changed list does not change a later one, nor another list."""
    before = copy.deepcopy(enumerate_lists())
    for case in enumerate_lists():
        for session in case.instance:
            session.get("Participants", []).clear()
            session.clear()
        case.instance.append({})
    assert enumerate_lists() == before


@pytest.mark.slow
def test_every_session_of_every_list_is_valid():
    """Both validators accept it, its members are in the schema's order, and its telephone numbers are fictitious."""
    sessions = [session for case in enumerate_lists() for session in case.instance]
    assert are_valid(SCHEMA, sessions)
    order = list(SCHEMA["properties"])
    assert all(list(session) == sorted(session, key=order.index) for session in sessions)
    fictitious = phone_numbers.pool(phone_numbers.countries())
    people = [person for session in sessions for person in session.get("Participants", [])]
    assert all(number in fictitious for person in people for number in person.values())


def folded(text):
    return text.casefold()


def without_blanks(text):
    return re.sub(r"[\s\u200b\u00ad]", "", text)


EQUAL_AFTER = {
    "case": folded,
    "sharp-s": folded,
    "dotless-i": str.upper,
    "final-sigma": folded,
    "nfd": lambda text: unicodedata.normalize("NFC", text),
    "nfd-hangul": lambda text: unicodedata.normalize("NFC", text),
    "nfc-singleton": lambda text: unicodedata.normalize("NFC", text),
    "combining-order": lambda text: unicodedata.normalize("NFC", text),
    "nfkc-ligature": lambda text: unicodedata.normalize("NFKC", text),
    "nfkc-width": lambda text: unicodedata.normalize("NFKC", text),
    "nfkc-superscript": lambda text: unicodedata.normalize("NFKC", text),
    "accent": lambda text: unicodedata.normalize("NFD", text).encode("ascii", "ignore"),
    **dict.fromkeys(
        ("trailing-blank", "leading-blank", "line-feed", "two-blanks", "line-ends", "trailing-line-feed"),
        without_blanks,
    ),
    **dict.fromkeys(("no-break-space", "zero-width-space", "soft-hyphen", "tab"), without_blanks),
    "nul": lambda text: text.partition("\0")[0],
    **dict.fromkeys(("leading-zero", "exponent", "decimal-zero", "plus-sign", "beyond-double"), float),
    "hexadecimal": lambda text: int(text, 0),
    "percent": unquote,
    "plus-for-blank": unquote_plus,
    "file-name": lambda text: text.replace("/", "_"),
    "slug": lambda text: text.replace(" ", "-"),
    "entity": lambda text: text.replace("&amp;", "&"),
    "backslash": lambda text: text.replace("\\n", "\n"),
    "quotes": lambda text: text.strip('"'),
    "trailing-dot": lambda text: text.rstrip("."),
    "hash-code": lambda text: functools.reduce(lambda code, each: (31 * code + ord(each)) % 2**32, text, 0),
    "last-character": lambda text: text[:-1],
}
SEPARATORS = {
    "colon": ":",
    "hyphen": "-",
    "underscore": "_",
    "slash": "/",
    "bar": "|",
    "comma": ",",
    "nothing": "",
    "period": ".",
    "number-sign": "#",
    "blank": " ",
    "tab": "\t",
    "semicolon": ";",
    "two-colons": "::",
    "line-feed": "\n",
}


@functools.cache
def instances_by_id():
    return {case.id: case.instance for case in enumerate_lists()}


def by_label(member, label):
    return instances_by_id()[f"list.{member}.{label}"]


def values(member, label):
    return [session.get(member) for session in by_label(member, label)]


@pytest.mark.parametrize("label", EQUAL_AFTER)
def test_similar_texts_differ_and_are_equal_after_a_conversion(label):
    """The texts of the names and of the ids are different; the conversion that the label names makes them equal."""
    for member in ("Name", "ProxySessionId"):
        one, other = values(member, label)
        assert one != other
        assert EQUAL_AFTER[label](one) == EQUAL_AFTER[label](other)


def test_texts_have_another_order_than_usual():
    """The order of numbers, of letters without regard to case, and of UTF-16."""
    one, other = values("Name", "numeric-order")
    assert (one < other) != (int(one) < int(other))
    one, other = values("Name", "case-order")
    assert (one < other) != (one.lower() < other.lower())
    one, other = values("Name", "utf-16-order")
    assert (one < other) != (one.encode("utf-16-be") < other.encode("utf-16-be"))
    one, other = values("Name", "prefix")
    assert other.startswith(one)
    assert other != one


@pytest.mark.parametrize("label", SEPARATORS)
def test_joined_keys_collide(label):
    """The joined values are equal, in either order; the pairs are different."""
    for first, second in itertools.combinations(("VoiceConnectorId", "ProxySessionId"), 2):
        keys = [(each[first], each[second]) for each in by_label(f"{first}.{second}", f"joined-by-{label}")]
        assert keys[0] != keys[1]
        assert len({SEPARATORS[label].join(key) for key in keys}) == 1
        assert len({SEPARATORS[label].join(key[::-1]) for key in keys}) == 1


def utc(text):
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def in_time(one, other):
    return instant(one) < instant(other)


PAIRS_OF_TIMES = {
    "earlier-as-text": lambda one, other: in_time(one, other) and one > other,
    "earlier-as-text-by-fraction": lambda one, other: in_time(one, other) and one > other,
    "one-day-of-two-dates": lambda one, other: utc(one).date() == utc(other).date() and one[:10] != other[:10],
    "one-date-of-two-days": lambda one, other: utc(one).date() != utc(other).date() and one[:10] == other[:10],
    "two-local-years": lambda one, other: utc(one).year == utc(other).year and one[:4] != other[:4],
    **dict.fromkeys(
        (
            "at-once-by-zero-offset",
            "at-once-by-offset",
            "at-once-without-fraction",
            "at-once-by-digits",
            "at-once-by-minus-zero",
        ),
        lambda one, other: instant(one) == instant(other) and one != other,
    ),
    "a-day-apart-in-two-years": lambda one, other: (
        utc(one) - utc(other) == dt.timedelta(days=1) and utc(one).year != utc(other).year
    ),
    "one-local-time-of-two": lambda one, other: (
        utc(one) - utc(other) == dt.timedelta(hours=1)
        and "-11-" in one
        and utc(one).weekday() == 6
        and utc(one).day < 8
    ),
    "a-millisecond-apart": lambda one, other: instant(other) - instant(one) == Fraction(1, 10**3),
    "a-microsecond-apart": lambda one, other: instant(other) - instant(one) == Fraction(1, 10**6),
    "a-nanosecond-apart": lambda one, other: instant(other) - instant(one) == Fraction(1, 10**9),
}


@pytest.mark.parametrize("label", PAIRS_OF_TIMES)
def test_timestamps_have_the_relation_of_the_label(label):
    """Of CreatedTimestamp and of UpdatedTimestamp."""
    for member in TIMES:
        assert PAIRS_OF_TIMES[label](*values(member, label))


SNAPSHOTS = {
    "stale-snapshot": lambda one, other: in_time(other, one) and one > other,
    "newer-snapshot": lambda one, other: in_time(one, other) and one < other,
    "snapshots-at-once": lambda one, other: one == other,
    "stale-snapshot-by-offset": lambda one, other: in_time(other, one) and one < other,
    "newer-snapshot-by-offset": lambda one, other: in_time(one, other) and one > other,
    "newer-snapshot-by-fraction": lambda one, other: in_time(one, other) and one > other,
    "stale-snapshot-by-fraction": lambda one, other: in_time(other, one) and one < other,
    "snapshots-at-once-by-offset": lambda one, other: instant(one) == instant(other) and one != other,
    "newer-snapshot-by-millisecond": in_time,
    "newer-snapshot-by-microsecond": in_time,
    "stale-snapshot-by-nanosecond": lambda one, other: in_time(other, one),
}


@pytest.mark.parametrize("label", SNAPSHOTS)
def test_snapshots_differ_in_status_and_time(label):
    """All other members are equal, and the two times have the order of the label."""
    one, other = by_label("UpdatedTimestamp", label)
    assert one["Status"] != other["Status"]
    assert one | {"Status": "", "UpdatedTimestamp": ""} == other | {"Status": "", "UpdatedTimestamp": ""}
    assert SNAPSHOTS[label](one["UpdatedTimestamp"], other["UpdatedTimestamp"])


def test_intervals_touch_overlap_or_are_apart():
    """The end of one session and the creation of the next one, with the same participants."""
    expected = {"touching": 0, "touching-by-offset": 0, "overlapping": -1, "apart": 1}
    for label, milliseconds in expected.items():
        one, other = by_label("EndedTimestamp", label)
        gap = instant(other["CreatedTimestamp"]) - instant(one["EndedTimestamp"])
        assert gap == Fraction(milliseconds, 1000)
        assert one["Participants"] == other["Participants"]
    one, other = by_label("EndedTimestamp", "contained")
    moments = [one["CreatedTimestamp"], other["CreatedTimestamp"], other["EndedTimestamp"], one["EndedTimestamp"]]
    assert moments == sorted(moments, key=instant)


def test_participants_are_arranged_by_the_label():
    """In either order, and with and without a plus."""

    def numbers(label):
        return [[person.get("PhoneNumber") for person in people] for people in values("Participants", label)]

    one, other = numbers("reversed")
    assert one == other[::-1] != other
    one, other = numbers("toggled-plus")
    assert [number.removeprefix("+") for number in one] == [number.removeprefix("+") for number in other]
    assert set(one).isdisjoint(other)
    one, other = numbers("one-in-common")
    assert len({*one} & {*other}) == 1
    one, other = values("Participants", "toggled-plus-of-proxy-numbers")
    assert {f"+{each['ProxyPhoneNumber']}" for each in other} == {each["ProxyPhoneNumber"] for each in one}
    one, other = numbers("one-twice")
    assert len(set(other)) == 1


def test_whole_lists_have_the_size_and_order_of_the_label():
    """Empty, one, a page, one more; ascending and descending; duplicates that are apart."""
    by_id = instances_by_id()
    page = load_document(SERVICE_DOCUMENT)["components"]["schemas"]["ResultMax"]["maximum"]
    sizes = {"empty": 0, "one": 1, "a-whole-page": page, "more-than-a-page": page + 1}
    assert {label: len(by_id[f"list.{label}"]) for label in sizes} == sizes
    ascending = [instant(session["CreatedTimestamp"]) for session in by_id["list.CreatedTimestamp.ascending"]]
    assert ascending == sorted(ascending)
    assert by_id["list.CreatedTimestamp.descending"] == by_id["list.CreatedTimestamp.ascending"][::-1]
    first, between, last = by_id["list.equal-apart"]
    assert first == last != between
    for member in ("Name", "VoiceConnectorId", "Status"):
        first, between, last = values(member, "equal-apart")
        assert first == last != between


def test_absent_and_different_members():
    """The member of the label is absent from one or from all sessions, or is the only difference."""
    for member in SCHEMA["properties"]:
        without, having = by_label(member, "absent")
        assert (member in without, member in having) == (False, True)
        assert all(member not in session for session in by_label(member, "in-none"))
        one, other = by_label(member, "equal-but-this")
        assert [name for name in one if one[name] != other.get(name)] == [member]
        assert one.keys() == other.keys()
        one, other = by_label(member, "equal-but-absent")
        assert one == other | {member: one[member]} != other


def test_a_snapshot_lacks_its_time():
    """The older or the newer snapshot of a session has no UpdatedTimestamp, and another Status."""
    one, other = by_label("UpdatedTimestamp", "snapshot-without-time")
    assert by_label("UpdatedTimestamp", "snapshot-after-one-without-time") == [other, one]
    assert one["Status"] != other["Status"]
    assert one == other | {"Status": one["Status"], "UpdatedTimestamp": one["UpdatedTimestamp"]}


# Edited contracts.


def edited(**properties):
    """The schema with other properties; None removes one."""
    schema = copy.deepcopy(SCHEMA)
    for name, subschema in properties.items():
        if subschema is None:
            del schema["properties"][name]
        else:
            schema["properties"][name] = subschema
    return schema


EDITED = {
    "narrow texts": (
        edited(
            Name={"type": "string", "pattern": "^[a-z]{1,9}$"},
            ProxySessionId={"type": "string", "format": "uuid"},
            VoiceConnectorId={"type": "string", "pattern": "^[a-z0-9]{21,22}$"},
            UpdatedTimestamp={"enum": ["now", "then"]},
        ),
        {
            "list.Name.prefix",
            "list.ProxySessionId.equal-but-this",
            "list.VoiceConnectorId.last-character",
            "list.UpdatedTimestamp.equal-but-this",
        },
        {
            "list.Name.case",
            "list.Name.absent-and-none",
            "list.ProxySessionId.numeric-order",
            "list.VoiceConnectorId.case",
            "list.VoiceConnectorId.ProxySessionId.joined-by-colon",
            "list.UpdatedTimestamp.stale-snapshot",
        },
    ),
    "short names and no ids": (
        edited(Name={"type": "string", "maxLength": 4}, ProxySessionId=None),
        {"list.Name.case", "list.Name.last-character"},
        {"list.ProxySessionId.case", "list.UpdatedTimestamp.stale-snapshot"},
    ),
    "all required": (
        {
            **edited(
                ExpiryMinutes={"type": "integer", "minimum": 1, "maximum": 720},
                Participants={"type": "array", "items": {"type": "object"}},
                Status={"enum": ["on", "off"]},
            ),
            "required": list(SCHEMA["properties"]),
        },
        {
            "list.Name.case",
            "list.required-members-only",
            "list.ExpiryMinutes.order-as-text",
            "list.Participants.equal-but-this",
            "list.Status.both-off",
            "list.Status.each-value",
        },
        {
            "list.Name.absent",
            "list.Name.in-none",
            "list.Name.absent-and-empty",
            "list.ExpiryMinutes.sum-beyond-double",
            "list.Participants.reversed",
            "list.Status.both-Closed",
        },
    ),
    "closed": (
        {
            "type": "object",
            "properties": {"ProxySessionId": {"type": "string", "minLength": 1}, "Status": {"enum": ["Open"]}},
            "required": ["ProxySessionId"],
            "additionalProperties": False,
        },
        {"list.equal", "list.ProxySessionId.case", "list.Status.absent"},
        {"list.Status.equal-but-this", "list.ProxySessionId.absent"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(EDITED), 1))
def test_the_lists_follow_an_edited_schema(name, monkeypatch):
    """Every enumerated and every drawn session is valid by it; a relation that it does not allow is left out."""
    schema, present, absent = EDITED[name]
    contract = Contract(schema, name="ProxySession")
    cases = list_cases(contract)
    ids = {case.id for case in cases}
    assert present <= ids
    assert not absent & ids
    assert are_valid(schema, [session for case in cases for session in case.instance])
    for module in (strategies, session_strategies):
        monkeypatch.setattr(module, "load_contract", lambda name: contract)
    assert are_valid(schema, itertools.chain.from_iterable(drawn(strategies.proxy_session_lists(), 30)))


OBJECT = {
    "type": "object",
    "properties": {"Name": {"type": "string"}, "Age": {"type": "integer"}},
    "required": ["Name"],
}
OTHER = {"type": "object", "properties": {"Code": {"const": 1}}, "required": ["Code"], "not": {"required": ["Name"]}}


@pytest.mark.parametrize(
    "schema",
    [
        {**OBJECT, "type": ["object", "null"]},
        {"oneOf": [{"type": "array"}, OBJECT]},
        {"anyOf": [OBJECT, OTHER, {"type": "string"}]},
        {"properties": {"Name": {"type": "string"}}, "minProperties": 1},
        {"type": ["object", "null"], "properties": {"parent": {"$ref": "#"}, "Name": {"enum": ["a", "b"]}}},
    ],
    ids=["null", "array", "two-objects", "untyped", "recursive"],
)
def test_the_sessions_of_a_contract_of_several_types_are_its_objects(schema):
    """Other values are valid by the contract, but not sessions."""
    contract = Contract(schema)
    sessions = ProxySessionFactory(contract=contract, seed=3).batch(20)
    lists = [case.instance for case in list_cases(contract)]
    sessions += itertools.chain.from_iterable(lists)
    assert {type(session) for session in sessions} == {dict}
    assert are_valid(schema, sessions)
    assert [] in lists
