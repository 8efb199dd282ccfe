"""The operations on proxy sessions."""

from __future__ import annotations

import itertools
import re

import jsonschema_rs
import pytest

from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.documents import load_document
from chime_fixtures.service import Ids

VALIDATOR = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)
PEOPLE = ["+12065550100", "+14015550101"]


def test_create(api):
    """A new session is open, has its members in the documented order, and satisfies the contract."""
    session = api.create(
        Name="Order 1042", GeoMatchLevel="AreaCode", GeoMatchParams={"Country": "US", "AreaCode": "206"}
    )
    number = session["Participants"][0]["ProxyPhoneNumber"]
    assert session == {
        "VoiceConnectorId": "abc",
        "ProxySessionId": session["ProxySessionId"],
        "Name": "Order 1042",
        "Status": "Open",
        "ExpiryMinutes": 60,
        "Capabilities": ["SMS", "Voice"],
        "CreatedTimestamp": "2026-01-01T00:00:00.000Z",
        "UpdatedTimestamp": "2026-01-01T00:00:00.000Z",
        "Participants": [
            {"PhoneNumber": "+14015550101", "ProxyPhoneNumber": number},
            {"PhoneNumber": "+12065550100", "ProxyPhoneNumber": number},
        ],
        "GeoMatchLevel": "AreaCode",
        "GeoMatchParams": {"Country": "US", "AreaCode": "206"},
    }
    assert re.fullmatch(r"\+120655501[0-9]{2}", number)
    assert VALIDATOR.is_valid(session)
    assert api("GET", f"/proxy-sessions/{session['ProxySessionId']}") == (200, {"ProxySession": session})


def test_create_without_optional_members(api):
    """Optional members that the request lacks are absent from the session."""
    assert {"Name", "NumberSelectionBehavior", "GeoMatchLevel", "GeoMatchParams", "EndedTimestamp"}.isdisjoint(
        api.create()
    )


def test_expiry(api):
    """A session is open until its minutes have passed, and closed as of that instant."""
    session = api.create(ExpiryMinutes=10)
    path = f"/proxy-sessions/{session['ProxySessionId']}"
    api.clock.advance(minutes=10, milliseconds=-1)
    assert api("GET", path) == (200, {"ProxySession": session})
    api.clock.advance(minutes=51)
    ended = {**session, "Status": "Closed", "EndedTimestamp": "2026-01-01T00:10:00.000Z"}
    assert api("GET", path) == (200, {"ProxySession": ended})
    assert api.service.sessions == (ended,)


def test_update(api):
    """An update changes the capabilities, the minutes and the update's time; the minutes count from the creation."""
    session = api.create(ExpiryMinutes=10)
    path = f"/proxy-sessions/{session['ProxySessionId']}"
    api.clock.advance(minutes=5)
    updated = {
        **session,
        "Capabilities": ["SMS"],
        "ExpiryMinutes": 30,
        "UpdatedTimestamp": "2026-01-01T00:05:00.000Z",
    }
    assert api("POST", path, {"Capabilities": ["SMS"], "ExpiryMinutes": 30}) == (201, {"ProxySession": updated})
    api.clock.advance(minutes=24)
    assert api("GET", path)[1]["ProxySession"]["Status"] == "Open"
    api.clock.advance(minutes=1)
    assert api("GET", path)[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T00:30:00.000Z"


def test_update_without_minutes(api):
    """An update without minutes does not change the expiry."""
    path = f"/proxy-sessions/{api.create(ExpiryMinutes=10)['ProxySessionId']}"
    assert api("POST", path, {"Capabilities": []})[1]["ProxySession"]["ExpiryMinutes"] == 10
    api.clock.advance(minutes=10)
    assert api("GET", path)[1]["ProxySession"]["Status"] == "Closed"


def test_missing_session(api):
    """Get, update and delete of a session that does not exist on the connector are 404s that name it."""
    session = api.create()
    for connector, session_id in (("abc", "nobody"), ("other", session["ProxySessionId"])):
        path = f"/voice-connectors/{connector}/proxy-sessions/{session_id}"
        message = f"proxy session {session_id} does not exist on Voice Connector {connector}"
        for method, body in (("GET", None), ("POST", {"Capabilities": []}), ("DELETE", None)):
            assert api(method, path, body) == (404, {"Code": "NotFound", "Message": message})


def test_pages(api):
    """Pages of every size contain each session once, in the order of creation; only the last one has no token."""
    made = [api.create(Name=str(n)) for n in range(7)]
    for size in range(1, 9):
        listed, token, lengths = [], None, []
        while True:
            status, page = api("GET", f"/proxy-sessions?max-results={size}" + (f"&next-token={token}" if token else ""))
            assert status == 200
            listed += page["ProxySessions"]
            lengths.append(len(page["ProxySessions"]))
            token = page.get("NextToken")
            if token is None:
                break
        assert listed == made
        assert lengths == [size] * (7 // size) + [7 % size] * bool(7 % size)


def test_deletions_between_pages(api):
    """Deleting sessions between two pages skips no other session."""
    for deleted in itertools.chain.from_iterable(itertools.combinations(range(4), n) for n in range(5)):
        for session in api.service.sessions:
            api("DELETE", f"/proxy-sessions/{session['ProxySessionId']}")
        made = [api.create()["ProxySessionId"] for _ in range(6)]
        token = api("GET", "/proxy-sessions?max-results=2")[1]["NextToken"]
        for index in deleted:
            api("DELETE", f"/proxy-sessions/{made[index]}")
        rest = api("GET", f"/proxy-sessions?next-token={token}")[1]["ProxySessions"]
        assert [each["ProxySessionId"] for each in rest] == [
            name for index, name in enumerate(made) if index >= 2 and index not in deleted
        ]


def test_filter_by_status(api):
    """A status filters every page of a listing; a status that no session has returns an empty listing."""
    for minutes in (5, 50, 5, 50, 5):
        api.create(ExpiryMinutes=minutes)
    api.clock.advance(minutes=5)
    page = api("GET", "/proxy-sessions?status=Closed&max-results=2")[1]
    rest = api("GET", f"/proxy-sessions?status=Closed&max-results=2&next-token={page['NextToken']}")[1]
    assert [each["Status"] for each in page["ProxySessions"] + rest["ProxySessions"]] == ["Closed"] * 3
    assert "NextToken" not in rest
    assert api("GET", "/proxy-sessions?status=InProgress") == (200, {"ProxySessions": []})


def test_token_of_another_listing(api):
    """A token of another filter or connector, and a modified one, are refused."""
    for _ in range(3):
        api.create()
    token = api("GET", "/proxy-sessions?max-results=1")[1]["NextToken"]
    other = f"/voice-connectors/other/proxy-sessions?next-token={token}"
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    for path in (
        other,
        f"/proxy-sessions?status=Open&next-token={token}",
        *(f"/proxy-sessions?next-token={t}" for t in (flipped, "x", "%C3%A9")),
    ):
        status, response = api("GET", path)
        assert (status, response["Code"]) == (400, "BadRequest")


def test_sticky_number(api):
    """The same participants get their previous number if it is free; with AvoidSticky they get another one."""

    def number(session):
        return session["Participants"][0]["ProxyPhoneNumber"]

    first = api.create()
    second = api.create()
    assert number(second) != number(first)
    api.clock.advance(minutes=61)
    again = api.create(ParticipantPhoneNumbers=PEOPLE[::-1], NumberSelectionBehavior="PreferSticky")
    assert number(again) == number(second)
    api.clock.advance(minutes=61)
    assert number(api.create(NumberSelectionBehavior="AvoidSticky")) != number(again)


def test_sessions_that_share_a_participant(api):
    """Open sessions that share a participant have different proxy numbers."""
    numbers = set()
    for n in range(150):
        session = api.create(
            ParticipantPhoneNumbers=["+12065550100", f"+1401555{n:04d}"],
            GeoMatchParams={"Country": "", "AreaCode": ""},
        )
        numbers.add(session["Participants"][0]["ProxyPhoneNumber"])
    assert len(numbers) == 150


def test_no_number_left(api):
    """If every number of an area code is in use, the response is the 500 that consumers handle."""
    place = {"GeoMatchLevel": "AreaCode", "GeoMatchParams": {"Country": "US", "AreaCode": "206"}}
    numbers = {api.create(**place)["Participants"][0]["ProxyPhoneNumber"] for _ in range(100)}
    assert numbers == {f"+12065550{line}" for line in range(100, 200)}
    status, code, message = api.create_error(**place)
    assert (status, code) == (500, "ServiceFailure")
    assert "unable to allocate" in message
    api.clock.advance(minutes=60)
    assert api.create(**place)["Participants"][0]["ProxyPhoneNumber"] in numbers


@pytest.mark.parametrize(
    ("parameters", "prefix"),
    [
        ({}, "+1"),
        ({"GeoMatchLevel": "AreaCode"}, "+1206555"),
        ({"GeoMatchLevel": "Country"}, "+1"),
        ({"GeoMatchLevel": "Country", "ParticipantPhoneNumbers": ["+442079460000", "+12065550100"]}, "+44"),
        ({"GeoMatchLevel": "Country", "ParticipantPhoneNumbers": ["353209100000", "+12065550100"]}, "+353"),
        ({"GeoMatchParams": {"Country": "CA", "AreaCode": "604"}}, "+1604555"),
        ({"GeoMatchLevel": "Country", "GeoMatchParams": {"Country": "CA", "AreaCode": "206"}}, "+1"),
        ({"GeoMatchLevel": "AreaCode", "GeoMatchParams": {"Country": "US", "AreaCode": ""}}, "+1206555"),
        ({"GeoMatchParams": {"Country": "NO", "AreaCode": ""}}, "+476805"),
    ],
)
def test_number_of_the_requested_place(api, parameters, prefix):
    """The number is a fictitious one of the requested place, or of the first participant's."""
    number = api.create(**parameters)["Participants"][0]["ProxyPhoneNumber"]
    assert number.startswith(prefix)
    assert number in phone_numbers.pool(phone_numbers.countries())


@pytest.mark.parametrize(
    "parameters",
    [
        {"GeoMatchParams": {"Country": "DK", "AreaCode": ""}},
        {"GeoMatchParams": {"Country": "US", "AreaCode": "000"}},
        {"GeoMatchLevel": "Country", "ParticipantPhoneNumbers": ["+4512345678", "+12065550100"]},
    ],
)
def test_place_without_numbers(api, parameters):
    """A place without fictitious numbers has no number left."""
    assert api.create_error(**parameters)[:2] == (500, "ServiceFailure")


def test_minutes_beyond_the_calendar(api_with):
    """Without a maximum, minutes that exceed the calendar never end."""
    api = api_with(max_minutes=None)
    session = api.create(ExpiryMinutes=10**30)
    api.clock.advance(days=10**6)
    assert api.service.sessions == (session,)


def test_generated_id_is_unused(api):
    """A generated id differs from those of preloaded sessions."""
    taken = Ids(0).session_id()
    api.service.add_session({"VoiceConnectorId": "abc", "ProxySessionId": taken, "Name": "preloaded"})
    assert api.create()["ProxySessionId"] != taken
    assert api("GET", f"/proxy-sessions/{taken}")[1]["ProxySession"]["Name"] == "preloaded"


def test_avoid_sticky_with_one_number_left(api):
    """With AvoidSticky, the previous number is chosen if it is the only free one."""
    place = {"GeoMatchParams": {"Country": "US", "AreaCode": "206"}, "NumberSelectionBehavior": "AvoidSticky"}
    first = api.create(**place, ExpiryMinutes=5)["Participants"][0]["ProxyPhoneNumber"]
    for n in range(99):
        api.create(**place, ParticipantPhoneNumbers=["+12065550100", f"+1402555{n:04d}"])
    api.clock.advance(minutes=5)
    assert api.create(**place)["Participants"][0]["ProxyPhoneNumber"] == first


def test_malformed_participants(api):
    """A preloaded session with malformed participants does not affect other sessions."""
    for index, participants in enumerate((None, 5, [None, {"PhoneNumber": 5}, {"PhoneNumber": "+12065550100"}])):
        broken = {"VoiceConnectorId": "abc", "ProxySessionId": f"s-{index}", "Participants": participants}
        api.service.add_session(broken, check=False)
    assert len(api.create()["Participants"]) == 2


def test_malformed_ids(api):
    """A preloaded session whose ids are not text is stored unchanged, under generated ids."""
    broken = {"VoiceConnectorId": 5, "ProxySessionId": [], "Status": "Open"}
    assert api.service.add_session(broken, check=False) == broken
    assert api.service.sessions == (broken,)
