"""Shrunk examples: the smallest session that fails, or the violation alone."""

import random

import jsonschema_rs
import pytest
from hypothesis import find, settings
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.strategies import proxy_session_lists, proxy_session_violations, proxy_sessions
from tests.support.sizes import sample

pytestmark = pytest.mark.slow

SESSION = load_contract("ProxySession")
FIRST = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)
SECOND = Draft202012Validator(SESSION.schema, format_checker=FormatChecker())
SETTINGS = settings(max_examples=2000, database=None)
EMPTY_GEO = {"Country": "", "AreaCode": ""}
MOMENT = "0001-01-01T00:00:00Z"


def shrunk(strategy, predicate):
    """The example that the shrinker finds from the same start each time."""
    return find(strategy, predicate, settings=SETTINGS, random=random.Random(0))


def people(session):
    return session.get("Participants", [])


def geo(session):
    return session.get("GeoMatchParams", EMPTY_GEO)


def numbers(session, member="PhoneNumber"):
    return [each[member] for each in people(session) if member in each]


SMALLEST = {
    "anything": (lambda s: True, {}),
    "a name": (lambda s: "Name" in s, {"Name": ""}),
    "a name of half the length": (lambda s: len(s.get("Name", "")) >= 65, {"Name": "0" * 65}),
    "a connector": (lambda s: "VoiceConnectorId" in s, {"VoiceConnectorId": "0"}),
    "an id of two": (lambda s: len(s.get("ProxySessionId", "")) >= 2, {"ProxySessionId": "00"}),
    "minutes": (lambda s: "ExpiryMinutes" in s, {"ExpiryMinutes": 1}),
    "half a day and more": (lambda s: s.get("ExpiryMinutes", 0) > 720, {"ExpiryMinutes": 721}),
    "minutes beyond 32 bits": (lambda s: s.get("ExpiryMinutes", 0) > 2**31, {"ExpiryMinutes": 2**31 + 1}),
    "one with a decimal point": (lambda s: isinstance(s.get("ExpiryMinutes"), float), {"ExpiryMinutes": 1.0}),
    "closed with a name": (lambda s: s.get("Status") == "Closed" and "Name" in s, {"Name": "", "Status": "Closed"}),
    "no capability": (lambda s: s.get("Capabilities") == [], {"Capabilities": []}),
    "the second capability": (lambda s: "SMS" in s.get("Capabilities", []), {"Capabilities": ["SMS"]}),
    "a participant": (lambda s: bool(people(s)), {"Participants": [{}]}),
    "a number": (lambda s: bool(numbers(s)), {"Participants": [{"PhoneNumber": "10"}]}),
    "a number of the second": (
        lambda s: bool(numbers({"Participants": people(s)[1:]}, "ProxyPhoneNumber")),
        {"Participants": [{}, {"ProxyPhoneNumber": "10"}]},
    ),
    "a country": (lambda s: geo(s)["Country"] != "", {"GeoMatchParams": {**EMPTY_GEO, "Country": "AA"}}),
    "a level": (lambda s: s.get("GeoMatchLevel") == "AreaCode", {"GeoMatchLevel": "AreaCode"}),
    "an end": (lambda s: "EndedTimestamp" in s, {"EndedTimestamp": MOMENT}),
    "a fraction": (lambda s: "." in s.get("EndedTimestamp", ""), {"EndedTimestamp": MOMENT.replace("Z", ".0Z")}),
    "an unknown member": (lambda s: not s.keys() <= SESSION.schema["properties"].keys(), {"unknown": None}),
}


@pytest.mark.parametrize("name", sample(list(SMALLEST), 2))
def test_a_failing_consumer_shrinks_to_the_smallest_session(name):
    """A session shrinks to what makes it fail."""
    predicate, smallest = SMALLEST[name]
    assert shrunk(proxy_sessions(), predicate) == smallest


LISTS = {
    "one session": (lambda every: len(every) >= 1, [{}]),
    "three sessions": (lambda every: len(every) >= 3, [{}, {}, {}]),
    "two sessions": (lambda every: len(every) >= 2, [{}, {}]),
}


@pytest.mark.parametrize("name", sample(list(LISTS), 1))
def test_a_list_shrinks_to_the_fewest_and_smallest_sessions(name):
    """Sessions that need not be related shrink to empty ones, as many as necessary."""
    predicate, smallest = LISTS[name]
    assert shrunk(proxy_session_lists(), predicate) == smallest


def at(pointer, keyword):
    return {"pointer": pointer, "keyword": keyword}


def anything(violation):
    return True


def beside(member):
    return lambda violation: member in violation.instance


VIOLATIONS = {
    "anything": ({}, anything, None),
    "a contested one": (at("/GeoMatchParams/Country", "pattern"), lambda v: v.contested, {"GeoMatchParams"}),
    "one that is not contested": (
        {"pointer": "/Name", "contested": False},
        lambda v: v.keyword == "maxLength",
        {"Name"},
    ),
    "a text for a number": ({"keyword": "type"}, lambda v: v.pointer == "/ExpiryMinutes", {"ExpiryMinutes"}),
    "no minutes": (at("/ExpiryMinutes", "minimum"), lambda v: v.value == 0, {"ExpiryMinutes"}),
    "a name too long": (at("/Name", "maxLength"), lambda v: v.value.isascii(), {"Name"}),
    "a name that is null": (at("/Name", "type"), lambda v: v.value is None, {"Name"}),
    "an id of rare white space": (at("/ProxySessionId", "pattern"), lambda v: "\ufeff" in v.value, {"ProxySessionId"}),
    "a status of another case": (at("/Status", "enum"), lambda v: v.variant == "lower-case", {"Status"}),
    "one for a list": (at("/Capabilities", "type"), lambda v: v.variant == "unwrapped", {"Capabilities"}),
    "an impossible day": (at("/EndedTimestamp", "format"), lambda v: "02-30" in v.value, {"EndedTimestamp"}),
    "a letter in a number": (at("/Participants/0/PhoneNumber", "pattern"), lambda v: "O" in v.value, {"Participants"}),
    "a second number": (at("/Participants/1/ProxyPhoneNumber", "pattern"), lambda v: v.contested, {"Participants"}),
    "no country": ({"keyword": "required"}, lambda v: v.variant == "Country", {"GeoMatchParams"}),
    "the last member": (at("/GeoMatchParams/AreaCode", "pattern"), lambda v: "O" in v.value, {"GeoMatchParams"}),
    "a level beside a name": ({"pointer": "/GeoMatchLevel"}, beside("Name"), {"Name", "GeoMatchLevel"}),
    "a capability beside an id": (
        at("/Capabilities/1", "enum"),
        beside("ProxySessionId"),
        {"ProxySessionId", "Capabilities"},
    ),
    "a null beside a status": (at("/Participants/1", "type"), beside("Status"), {"Status", "Participants"}),
    "an end beside minutes": ({"keyword": "format"}, beside("ExpiryMinutes"), {"ExpiryMinutes", "CreatedTimestamp"}),
    "a status beside people": (
        {"pointer": "/Status"},
        lambda v: len(v.instance.get("Participants", [])) == 2,
        {"Status", "Participants"},
    ),
}


@pytest.mark.parametrize("name", sample(list(VIOLATIONS), 2))
def test_a_violation_stays_the_only_one_while_it_shrinks(name):
    """Each example has one error, at its label; the shrunk one has it and what the test needs."""
    options, predicate, members = VIOLATIONS[name]

    def fails(violation):
        errors = FIRST.iter_errors(violation.instance)
        reported = [(json_pointer.join(error.instance_path), str(error.schema_path[-1])) for error in errors]
        assert reported == [(violation.pointer, violation.keyword)]
        return predicate(violation)

    found = shrunk(proxy_session_violations(**options), fails)
    cross_check = [
        (json_pointer.join(each.absolute_path), each.validator) for each in SECOND.iter_errors(found.instance)
    ]
    # A contested violation may be accepted by another spelling of a pattern only.
    assert cross_check == [(found.pointer, found.keyword)] or (found.contested and cross_check == [])
    assert members is None or found.instance.keys() == members
