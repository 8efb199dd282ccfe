import collections
import copy
import datetime as dt
import json
import pickle
import subprocess
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import jsonschema_rs
import phonenumbers
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.chime import data, phone_numbers, representations
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import InvalidInstanceError
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sessions.factory import ProxySessionFactory

MIN_LIFETIME = dt.timedelta(seconds=5)
SCHEMA = load_contract("ProxySession").schema


def numbers_of(session):
    return [number for participant in session["Participants"] for number in participant.values()]


def test_sessions_are_valid_and_consistent():
    """Both validators accept a thousand sessions; timestamps are in order, an end means Closed, the proxy number is shared."""
    first = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    second = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    for session in ProxySessionFactory(seed=5).batch(1000):
        assert first.is_valid(session)
        assert second.is_valid(session)
        assert session["CreatedTimestamp"] <= session["UpdatedTimestamp"]
        assert ("EndedTimestamp" in session) == (session["Status"] == "Closed")
        if "EndedTimestamp" in session:
            assert session["UpdatedTimestamp"] <= session["EndedTimestamp"]
        assert len({participant["ProxyPhoneNumber"] for participant in session["Participants"]}) == 1
        assert len({participant["PhoneNumber"] for participant in session["Participants"]}) == 2
        assert session["Participants"][0]["ProxyPhoneNumber"][2:5] == session["GeoMatchParams"]["AreaCode"]


def test_every_number_is_fictitious():
    """Every number is possible to libphonenumber and within the reserved 555-01xx lines of a listed area code."""
    areas = {
        row["country"]: set(row["area_codes"])
        for row in data.load("fictitious-ranges")["ranges"]
        if "area_codes" in row
    }
    for session in ProxySessionFactory(seed=6).batch(500):
        for number in numbers_of(session):
            assert phonenumbers.is_possible_number(phonenumbers.parse(number))
            assert number[2:5] in areas["US"]
            assert number[5:10] == "55501"


def test_a_session_is_a_function_of_seed_and_index():
    """Session k of a batch is session k of single builds; another seed yields other sessions."""
    assert ProxySessionFactory(seed=1).batch(5) == [
        built for factory in [ProxySessionFactory(seed=1)] for built in [factory.build() for _ in range(5)]
    ]
    assert ProxySessionFactory(seed=1).build() != ProxySessionFactory(seed=2).build()


@pytest.mark.slow
def test_sessions_do_not_depend_on_the_machine():
    """Another hash seed, time zone and locale yield the same bytes."""
    code = "import json; from chime_fixtures import ProxySessionFactory; print(json.dumps(ProxySessionFactory(seed=3).batch(30)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PATH": "", **setting}, capture_output=True, check=True
        ).stdout
        for setting in (
            {"PYTHONHASHSEED": "0", "TZ": "UTC"},
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        )
    }
    assert len(outputs) == 1


def test_other_members_stay_consistent_with_overrides():
    """A Closed session has an end, any other has none; an end means Closed; timestamps follow an overridden creation."""
    factory = ProxySessionFactory()
    assert "EndedTimestamp" in factory.build(Status="Closed")
    assert "EndedTimestamp" not in factory.build(Status="Open")
    ended = factory.build(CreatedTimestamp="2020-01-01T00:00:00.000Z", EndedTimestamp="2020-01-02T00:00:00.000Z")
    assert ended["Status"] == "Closed"
    assert "2020-01-01" <= ended["UpdatedTimestamp"] < "2020-01-02"
    assert (
        factory.build(GeoMatchParams={"Country": "US", "AreaCode": "206"})["Participants"][0]["ProxyPhoneNumber"][2:5]
        == "206"
    )
    assert factory.build(GeoMatchParams={"Country": "", "AreaCode": ""})["GeoMatchParams"]["AreaCode"] == ""


ORDERED = [
    {"EndedTimestamp": "2020-01-01T00:00:00Z"},
    {"UpdatedTimestamp": "2020-01-01T00:00:00Z"},
    {"Status": "Closed", "UpdatedTimestamp": "2030-01-01T00:00:00Z"},
    {"UpdatedTimestamp": "2030-01-01T02:00:00.000001+02:00"},
    {"EndedTimestamp": "1970-01-01T00:00:00Z", "ExpiryMinutes": 1},
    {"CreatedTimestamp": "2020-01-01T00:00:00.0009Z"},
    {"CreatedTimestamp": "2016-12-31T23:59:60Z", "Status": "Closed"},
    {"CreatedTimestamp": "2020-01-01T00:00:00Z", "EndedTimestamp": "2020-01-01T00:00:01Z"},
    {"CreatedTimestamp": "2020-01-01T00:00:00Z", "UpdatedTimestamp": "2021-01-01T00:00:00Z", "Status": "Closed"},
    {"UpdatedTimestamp": "2020-01-01T00:00:00Z", "EndedTimestamp": "2021-01-01T00:00:00Z"},
    {"CreatedTimestamp": "9999-12-31T23:59:59.5Z", "Status": "Closed"},
    {"CreatedTimestamp": "9999-12-31T23:59:59-14:00", "Status": "Closed"},
    {"EndedTimestamp": "0001-01-01T00:00:00+14:00"},
]


@pytest.mark.parametrize("overrides", ORDERED, ids=str)
def test_overridden_timestamps_move_the_others(overrides):
    """Overridden timestamps stay, an overridden end means Closed, and creation, update and end are in order."""
    for session in ProxySessionFactory(seed=1).batch(200, **overrides):
        assert overrides.items() <= session.items()
        names = ["CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp"]
        instants = [representations.parse_rfc3339(session[name]) for name in names if name in session]
        assert instants == sorted(instants)
        assert ("EndedTimestamp" in session) == (session["Status"] == "Closed")
        if "EndedTimestamp" in overrides:
            assert session["Status"] == "Closed"


@pytest.mark.parametrize(
    ("country", "area", "reserved"),
    [
        ("CA", "416", ("CA", "416")),
        ("US", "206", ("US", "206")),
        ("CA", "206", ("CA", "")),
        ("GB", "123", ("GB", "")),
        ("JP", "", ("US", "")),
    ],
)
def test_numbers_follow_an_overridden_area(country, area, reserved):
    """They are from the area if it has fictitious numbers, else from the country, else from the United States."""
    pool = phone_numbers.pool(reserved[:1], reserved[1])
    geo = {"Country": country, "AreaCode": area}
    for session in ProxySessionFactory(seed=1).batch(100, GeoMatchParams=geo, GeoMatchLevel="AreaCode"):
        assert session["GeoMatchParams"] == geo
        assert all(number in pool for number in numbers_of(session))
        assert len(set(numbers_of(session))) == 3


def test_a_datetime_overrides_a_timestamp():
    """A session in boto3's form overrides another one, in any time zone; without one it is an error and uses no session."""
    factory = ProxySessionFactory(seed=1, form="boto3", states="Closed")
    session = factory.build()
    assert factory.build(**session) == session
    tokyo = dt.datetime(2020, 1, 1, 9, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    assert factory.build(EndedTimestamp=tokyo)["EndedTimestamp"] == tokyo
    wire = ProxySessionFactory(seed=1)
    with pytest.raises(InvalidOptionError, match=r"CreatedTimestamp \(2020-01-01T00:00:00\) requires a time zone"):
        wire.build(CreatedTimestamp=tokyo.replace(tzinfo=None, hour=0, microsecond=0))
    assert wire.build() == ProxySessionFactory(seed=1).build()
    early = wire.build(CreatedTimestamp=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert early["CreatedTimestamp"] == "2020-01-01T00:00:00.000Z"


def test_a_creation_that_the_schema_lacks_is_not_added():
    """Other timestamps can be overridden although the schema has no CreatedTimestamp, or one in another format."""
    changed = json.loads(json.dumps(SCHEMA))
    del changed["properties"]["CreatedTimestamp"]
    without = ProxySessionFactory(seed=1, contract=changed)
    assert "CreatedTimestamp" not in without.build(EndedTimestamp="2020-01-01T00:00:00Z")
    changed["properties"]["CreatedTimestamp"] = {"type": "string", "pattern": "^[0-9]{4}$"}
    changed["required"] = ["CreatedTimestamp"]
    assert len(ProxySessionFactory(seed=1, contract=changed).build(Status="Closed")["CreatedTimestamp"]) == 4


def test_contradictory_overrides_stay_as_they_are():
    """A caller may override an open session with an end, or with an end before its creation."""
    factory = ProxySessionFactory(seed=1)
    wanted = {"Status": "Open", "EndedTimestamp": "2020-01-01T00:00:00Z"}
    assert wanted.items() <= factory.build(**wanted).items()
    wanted = {"CreatedTimestamp": "2021-01-01T00:00:00Z", "EndedTimestamp": "2020-01-01T00:00:00Z"}
    assert wanted.items() <= factory.build(**wanted).items()


def test_an_override_that_breaks_the_contract_is_an_error():
    """The message names the member, the keyword, the value and the remedy; the remedy works."""
    factory = ProxySessionFactory()
    with pytest.raises(InvalidInstanceError, match=r'/Status: "Paused" is not one of .*; pass check=False'):
        factory.build(Status="Paused")
    with pytest.raises(TypeError, match="no member 'Nmae'; did you mean 'Name'"):
        factory.build(Nmae="x")
    assert factory.build(Status="Paused", Extra=1, CreatedTimestamp="x", check=False)["Extra"] == 1
    assert (
        factory.build(GeoMatchParams="x", CreatedTimestamp="2020-01-01T00:00:00", check=False)["GeoMatchParams"] == "x"
    )


def test_an_invalid_session_breaks_one_constraint():
    """Each violation is a realistic session that breaks exactly the constraint of its label."""
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    factory = ProxySessionFactory(seed=4)
    for _ in range(200):
        violation = factory.build_violation()
        (error,) = validator.iter_errors(violation.instance)
        assert str(error.schema_path[-1]) == violation.keyword
    assert len(factory.build_invalid(pointer="/Name", keyword="maxLength")["Name"]) > 128
    with pytest.raises(LookupError, match="no violation has pointer='/Nope'"):
        factory.build_invalid(pointer="/Nope")


def test_a_member_that_the_plan_lacks_is_constructed():
    """A member that a changed schema requires is constructed from the schema."""
    changed = json.loads(json.dumps(SCHEMA))
    changed["properties"]["Fare"] = {"type": "integer", "minimum": 3}
    changed["required"] = ["Fare"]
    factory = ProxySessionFactory(contract=Contract(changed))
    assert factory.build()["Fare"] >= 3
    assert factory.build(Status="Closed")["Fare"] >= 3


def test_options_apply_to_every_session():
    """Locale, states, time range, connector and form apply to every session; numbers are from the locale's country."""
    since, until = dt.datetime(2030, 3, 1, tzinfo=dt.UTC), dt.datetime(2030, 3, 2, tzinfo=dt.UTC)
    factory = ProxySessionFactory(
        locale=["de_DE", "sv_SE"], states=["Open", "Closed"], since=since, until=until, connector="abc", form="boto3"
    )
    sessions = factory.batch(300)
    assert {session["Status"] for session in sessions} == {"Open", "Closed"}
    assert {session["VoiceConnectorId"] for session in sessions} == {"abc"}
    assert all(since <= session["CreatedTimestamp"] < until for session in sessions)
    assert {number[:3] for session in sessions for number in numbers_of(session)} == {"+49", "+46"}
    assert {session["GeoMatchParams"]["Country"] for session in sessions} == {"DE", "SE"}


def test_a_day_begins_in_utc():
    """A date means the instant at which it begins in UTC."""
    since = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    assert ProxySessionFactory(since=since.date()).batch(3) == ProxySessionFactory(since=since).batch(3)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"locale": "en_UK"}, "no names for the locale 'en_UK'; did you mean 'en_US'"),
        ({"states": "Paused"}, "no state 'Paused'"),
        ({"form": "xml"}, "form must be 'wire' or 'boto3', not 'xml'"),
        ({"since": dt.datetime.fromisoformat("2026-01-01")}, "require a time zone"),
        (
            {"since": dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "until": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
            "must be before",
        ),
        ({"since": "2025-01-01"}, "since must be a date, or a datetime with a time zone, not '2025-01-01'"),
        ({"until": 2025}, "until must be a date"),
        ({"until": dt.datetime.fromisoformat("2027-01-01")}, "require a time zone"),
        (
            {"since": dt.date(9999, 11, 30)},
            r"since \(9999-11-30\) is too close to the year 9999; pass until too",
        ),
        ({"until": dt.date(1, 1, 1)}, r"until \(0001-01-01\) is too close to the year 1; pass since too"),
        ({"connector": ""}, "VoiceConnectorId"),
        ({"connector": ["abc", "x" * 300]}, "/VoiceConnectorId: .* is longer than"),
    ],
)
def test_invalid_options_are_errors(options, reason):
    """The message names the option and its value."""
    with pytest.raises(InvalidOptionError, match=reason):
        ProxySessionFactory(**options)


def test_the_shares_are_realistic():
    """Most sessions are closed, few have a call in progress; names are in several scripts; pairs return with their numbers."""
    sessions = ProxySessionFactory(seed=1).batch(4000)
    share = collections.Counter(session["Status"] for session in sessions)
    assert share["Closed"] > share["Open"] > 2 * share["InProgress"] > 0
    scripts = {unicodedata.name(char).split()[0] for session in sessions for char in session["Name"] if char.isalpha()}
    assert {"LATIN", "CJK", "ARABIC", "GREEK", "CYRILLIC", "HANGUL", "DEVANAGARI", "HEBREW", "THAI"} <= scripts
    proxies = collections.defaultdict(list)
    for session in sessions:
        if session["NumberSelectionBehavior"] == "PreferSticky":
            pair = frozenset(each["PhoneNumber"] for each in session["Participants"])
            proxies[pair].append(session["Participants"][0]["ProxyPhoneNumber"])
    returned = [seen for seen in proxies.values() if len(seen) > 1]
    assert len(returned) > 100
    assert all(len(set(seen)) == 1 for seen in returned)


def test_a_lifecycle_has_three_states():
    """Open, in progress, closed: the same session each time, each valid and updated later than the one before."""
    for life in (ProxySessionFactory(seed=2).lifecycle() for _ in range(20)):
        assert [snapshot["Status"] for snapshot in life] == ["Open", "InProgress", "Closed"]
        assert len({(each["ProxySessionId"], each["CreatedTimestamp"], each["Name"]) for each in life}) == 1
        instants = [each["UpdatedTimestamp"] for each in life]
        assert instants == sorted(set(instants))
        assert ["EndedTimestamp" in each for each in life] == [False, False, True]
        assert all(map(load_contract("ProxySession").is_valid, life))
    with pytest.raises(TypeError, match="Status changes during the life of a session"):
        ProxySessionFactory().lifecycle(Status="Open")


@pytest.mark.slow
def test_a_session_lives_for_a_few_seconds_at_least():
    """The three states of a life always have three timestamps; close to the year 9999 they are an error."""
    factory = ProxySessionFactory(seed=3, states="Closed", form="boto3")
    assert min(each["EndedTimestamp"] - each["CreatedTimestamp"] for each in factory.batch(12_000)) >= MIN_LIFETIME
    factory = ProxySessionFactory(seed=3)
    late = factory.lifecycle(CreatedTimestamp="9999-12-31T23:59:59Z", ExpiryMinutes=1)
    assert len({representations.parse_rfc3339(each["UpdatedTimestamp"]) for each in late}) == 3
    for full in ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00"):
        with pytest.raises(
            InvalidOptionError, match=r"CreatedTimestamp \('9999.* is too close to the year 9999; use an earlier one"
        ):
            factory.lifecycle(CreatedTimestamp=full)
    assert factory.build() == ProxySessionFactory(seed=3).batch(2)[1]


def test_sessions_share_no_value():
    """Neither the states of a life nor the sessions of a batch share a list with each other, or with the caller."""
    factory = ProxySessionFactory(seed=2)
    opened, called, closed = factory.lifecycle()
    mine = ["SMS"]
    one, two = factory.batch(2, Capabilities=mine)
    body = factory.build_request(Capabilities=mine)
    opened["Participants"][0].clear()
    opened["Capabilities"].clear()
    mine.append("Voice")
    assert called["Participants"] == closed["Participants"] != opened["Participants"]
    assert called["Capabilities"] == closed["Capabilities"] != []
    assert one["Capabilities"] == two["Capabilities"] == body["Capabilities"] == ["SMS"]
    assert one["Capabilities"] is not two["Capabilities"]


def test_an_error_uses_no_session():
    """After an error of build_request or build_error, the next session is the one that it would have been."""
    factory = ProxySessionFactory(seed=1)
    with pytest.raises(InvalidInstanceError):
        factory.build_request(Capabilities="SMS")
    with pytest.raises(LookupError):
        factory.build_error(code="Nope")
    assert factory.build() == ProxySessionFactory(seed=1).build()


def test_requests_and_errors_satisfy_their_contracts():
    """Every body satisfies the contract of its operation; unknown operations and codes are errors."""
    factory = ProxySessionFactory(seed=3)
    for operation in ("CreateProxySession", "UpdateProxySession", "PutVoiceConnectorProxy"):
        for _ in range(50):
            assert load_contract(f"{operation}.request").is_valid(factory.build_request(operation))
    assert any("Name" in factory.build_request() for _ in range(10))
    assert factory.build_request(Capabilities=["SMS"])["Capabilities"] == ["SMS"]
    with pytest.raises(InvalidInstanceError):
        factory.build_request(Capabilities="SMS")
    with pytest.raises(ValueError, match="GetProxySession has no request body"):
        factory.build_request("GetProxySession")
    for _ in range(20):
        assert load_contract("ErrorResponse").is_valid(factory.build_error())
    assert factory.build_error(code="NotFound")["Code"] == "NotFound"
    with pytest.raises(LookupError, match="has no error 'Nope'"):
        factory.build_error(code="Nope")


def test_session_i_is_record_i():
    """An invalid override uses no number: the sequence continues as if it had not been passed."""
    factory = ProxySessionFactory(seed=1)
    factory.build()
    with pytest.raises(InvalidInstanceError):
        factory.build(Status="Paused")
    assert factory.build() == ProxySessionFactory(seed=1).batch(2)[1]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda factory: pickle.loads(pickle.dumps(factory))])
def test_a_copy_continues_where_its_original_is(duplicate):
    """A copied or pickled factory, as of a spawned worker, builds the sessions that the original builds next."""
    factory = ProxySessionFactory(seed=4, states="Open", form="boto3")
    factory.batch(5)
    other = duplicate(factory)
    assert other.batch(40, Name="same") == factory.batch(40, Name="same")


CALLS = {
    "build": lambda factory: [factory.build()],
    "batch with overrides": lambda factory: factory.batch(3, Status="Open"),
    "lifecycle": lambda factory: factory.lifecycle()[:1],
    "violation": lambda factory: [factory.build_violation(pointer="/Name").instance],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_threads_may_share_a_factory(call):
    """Together they get each session of the seed once, as one thread does."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        shared, alone, barrier = ProxySessionFactory(seed=3), ProxySessionFactory(seed=3), threading.Barrier(8)

        def use(_):
            barrier.wait()
            return [json.dumps(session) for _ in range(5) for session in call(shared)]

        with ThreadPoolExecutor(8) as pool:
            found = [session for sessions in pool.map(use, range(8)) for session in sessions]
    finally:
        sys.setswitchinterval(interval)
    assert sorted(found) == sorted(json.dumps(session) for _ in range(40) for session in call(alone))
