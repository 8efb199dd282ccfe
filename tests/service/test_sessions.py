"""The life of a session."""

from __future__ import annotations

import itertools
import re

import jsonschema_rs
import pytest

from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.documents import load_document
from chime_fixtures.service import Ids

JUDGE = jsonschema_rs.validator_for(load_document("proxy_session.schema.json"), validate_formats=True)
PEOPLE = ["+12065550100", "+14015550101"]


def test_a_new_session(ask):
    """A new session is open, has its members in their published order, and fulfils the contract."""
    session = ask.create(
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
    assert JUDGE.is_valid(session)
    assert ask("GET", f"/proxy-sessions/{session['ProxySessionId']}") == (200, {"ProxySession": session})


def test_what_was_not_sent_is_absent(ask):
    """A member that the request leaves out is not made up."""
    assert {"Name", "NumberSelectionBehavior", "GeoMatchLevel", "GeoMatchParams", "EndedTimestamp"}.isdisjoint(
        ask.create()
    )


def test_expiry(ask):
    """A session is open until its minutes are over, and then closed as of that very instant."""
    session = ask.create(ExpiryMinutes=10)
    path = f"/proxy-sessions/{session['ProxySessionId']}"
    ask.clock.advance(minutes=10, milliseconds=-1)
    assert ask("GET", path) == (200, {"ProxySession": session})
    ask.clock.advance(minutes=51)
    ended = {**session, "Status": "Closed", "EndedTimestamp": "2026-01-01T00:10:00.000Z"}
    assert ask("GET", path) == (200, {"ProxySession": ended})
    assert ask.service.sessions == (ended,)


def test_an_update(ask):
    """An update changes capabilities, minutes and the time of the update; the minutes still count from the creation."""
    session = ask.create(ExpiryMinutes=10)
    path = f"/proxy-sessions/{session['ProxySessionId']}"
    ask.clock.advance(minutes=5)
    updated = {
        **session,
        "Capabilities": ["SMS"],
        "ExpiryMinutes": 30,
        "UpdatedTimestamp": "2026-01-01T00:05:00.000Z",
    }
    assert ask("POST", path, {"Capabilities": ["SMS"], "ExpiryMinutes": 30}) == (201, {"ProxySession": updated})
    ask.clock.advance(minutes=24)
    assert ask("GET", path)[1]["ProxySession"]["Status"] == "Open"
    ask.clock.advance(minutes=1)
    assert ask("GET", path)[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T00:30:00.000Z"


def test_an_update_without_minutes_keeps_them(ask):
    """An update that names no minutes leaves the expiry alone."""
    path = f"/proxy-sessions/{ask.create(ExpiryMinutes=10)['ProxySessionId']}"
    assert ask("POST", path, {"Capabilities": []})[1]["ProxySession"]["ExpiryMinutes"] == 10
    ask.clock.advance(minutes=10)
    assert ask("GET", path)[1]["ProxySession"]["Status"] == "Closed"


def test_what_is_not_there(ask):
    """Reading, changing and deleting a session that is not there, or is another connector's, are 404s that name it."""
    session = ask.create()
    for connector, session_id in (("abc", "nobody"), ("other", session["ProxySessionId"])):
        path = f"/voice-connectors/{connector}/proxy-sessions/{session_id}"
        message = f"proxy session {session_id} does not exist on Voice Connector {connector}"
        for method, body in (("GET", None), ("POST", {"Capabilities": []}), ("DELETE", None)):
            assert ask(method, path, body) == (404, {"Code": "NotFound", "Message": message})


def test_pages(ask):
    """Pages of every size give every session once, in the order of creation, and only the last has no token."""
    made = [ask.create(Name=str(n)) for n in range(7)]
    for size in range(1, 9):
        found, token, lengths = [], None, []
        while True:
            status, page = ask("GET", f"/proxy-sessions?max-results={size}" + (f"&next-token={token}" if token else ""))
            assert status == 200
            found += page["ProxySessions"]
            lengths.append(len(page["ProxySessions"]))
            token = page.get("NextToken")
            if token is None:
                break
        assert found == made
        assert lengths == [size] * (7 // size) + [7 % size] * bool(7 % size)


def test_deletions_between_pages(ask):
    """A session deleted between two pages hides no other: not the last one of a page, not the next one, not a page of them."""
    for gone in itertools.chain.from_iterable(itertools.combinations(range(4), n) for n in range(5)):
        for session in ask.service.sessions:
            ask("DELETE", f"/proxy-sessions/{session['ProxySessionId']}")
        made = [ask.create()["ProxySessionId"] for _ in range(6)]
        token = ask("GET", "/proxy-sessions?max-results=2")[1]["NextToken"]
        for index in gone:
            ask("DELETE", f"/proxy-sessions/{made[index]}")
        rest = ask("GET", f"/proxy-sessions?next-token={token}")[1]["ProxySessions"]
        assert [each["ProxySessionId"] for each in rest] == [
            name for index, name in enumerate(made) if index >= 2 and index not in gone
        ]


def test_a_filter(ask):
    """A status filters the list, pages included; statuses that none has give an empty list."""
    for minutes in (5, 50, 5, 50, 5):
        ask.create(ExpiryMinutes=minutes)
    ask.clock.advance(minutes=5)
    page = ask("GET", "/proxy-sessions?status=Closed&max-results=2")[1]
    rest = ask("GET", f"/proxy-sessions?status=Closed&max-results=2&next-token={page['NextToken']}")[1]
    assert [each["Status"] for each in page["ProxySessions"] + rest["ProxySessions"]] == ["Closed"] * 3
    assert "NextToken" not in rest
    assert ask("GET", "/proxy-sessions?status=InProgress") == (200, {"ProxySessions": []})


def test_a_token_is_bound(ask):
    """A token of another filter or connector, or one that was tampered with, is refused."""
    for _ in range(3):
        ask.create()
    token = ask("GET", "/proxy-sessions?max-results=1")[1]["NextToken"]
    other = f"/voice-connectors/other/proxy-sessions?next-token={token}"
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    for path in (
        other,
        f"/proxy-sessions?status=Open&next-token={token}",
        *(f"/proxy-sessions?next-token={t}" for t in (flipped, "x", "%C3%A9")),
    ):
        status, answer = ask("GET", path)
        assert (status, answer["Code"]) == (400, "BadRequest")


def test_the_same_people_keep_their_number(ask):
    """Participants who talk again get the number they had, once it is free; AvoidSticky gives them another."""

    def number(session):
        return session["Participants"][0]["ProxyPhoneNumber"]

    first = ask.create()
    at_once = ask.create()
    assert number(at_once) != number(first)
    ask.clock.advance(minutes=61)
    again = ask.create(ParticipantPhoneNumbers=PEOPLE[::-1], NumberSelectionBehavior="PreferSticky")
    assert number(again) == number(at_once)
    ask.clock.advance(minutes=61)
    assert number(ask.create(NumberSelectionBehavior="AvoidSticky")) != number(again)


def test_one_party_in_common_gets_another_number(ask):
    """Two open sessions that share a participant never share a number, or nobody could tell whom he calls."""
    taken = set()
    for n in range(150):
        session = ask.create(
            ParticipantPhoneNumbers=["+12065550100", f"+1401555{n:04d}"],
            GeoMatchParams={"Country": "", "AreaCode": ""},
        )
        taken.add(session["Participants"][0]["ProxyPhoneNumber"])
    assert len(taken) == 150


def test_an_area_is_used_up(ask):
    """When every number of an area code is taken, the answer is the 500 that consumers fall back on."""
    place = {"GeoMatchLevel": "AreaCode", "GeoMatchParams": {"Country": "US", "AreaCode": "206"}}
    given = {ask.create(**place)["Participants"][0]["ProxyPhoneNumber"] for _ in range(100)}
    assert given == {f"+12065550{line}" for line in range(100, 200)}
    status, code, message = ask.refused(**place)
    assert (status, code) == (500, "ServiceFailure")
    assert "unable to allocate" in message
    ask.clock.advance(minutes=60)
    assert ask.create(**place)["Participants"][0]["ProxyPhoneNumber"] in given


@pytest.mark.parametrize(
    ("wish", "prefix"),
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
def test_a_number_from_the_place_wanted(ask, wish, prefix):
    """A number comes from the place that the request names, or the first participant has, and it is fictitious."""
    number = ask.create(**wish)["Participants"][0]["ProxyPhoneNumber"]
    assert number.startswith(prefix)
    assert number in phone_numbers.pool(phone_numbers.countries())


@pytest.mark.parametrize(
    "wish",
    [
        {"GeoMatchParams": {"Country": "DK", "AreaCode": ""}},
        {"GeoMatchParams": {"Country": "US", "AreaCode": "000"}},
        {"GeoMatchLevel": "Country", "ParticipantPhoneNumbers": ["+4512345678", "+12065550100"]},
    ],
)
def test_a_place_without_numbers(ask, wish):
    """A place that has no fictitious numbers has none left."""
    assert ask.refused(**wish)[:2] == (500, "ServiceFailure")


def test_an_enormous_life(asked):
    """With the limit switched off, minutes beyond the end of the calendar never end."""
    ask = asked(longest_minutes=None)
    session = ask.create(ExpiryMinutes=10**30)
    ask.clock.advance(days=10**6)
    assert ask.service.sessions == (session,)


def test_an_id_that_is_taken_is_not_given_again(ask):
    """A preloaded session keeps its id, even if the service would have given that one next."""
    taken = Ids(0).session_id()
    ask.service.add_session({"VoiceConnectorId": "abc", "ProxySessionId": taken, "Name": "preloaded"})
    assert ask.create()["ProxySessionId"] != taken
    assert ask("GET", f"/proxy-sessions/{taken}")[1]["ProxySession"]["Name"] == "preloaded"


def test_avoiding_the_only_number(ask):
    """If the number that a pair had before is the only one left, they get it again, whatever they would rather have."""
    place = {"GeoMatchParams": {"Country": "US", "AreaCode": "206"}, "NumberSelectionBehavior": "AvoidSticky"}
    first = ask.create(**place, ExpiryMinutes=5)["Participants"][0]["ProxyPhoneNumber"]
    for n in range(99):
        ask.create(**place, ParticipantPhoneNumbers=["+12065550100", f"+1402555{n:04d}"])
    ask.clock.advance(minutes=5)
    assert ask.create(**place)["Participants"][0]["ProxyPhoneNumber"] == first


def test_broken_participants_occupy_no_number(ask):
    """A preloaded session whose participants are no participants harms no other."""
    for index, people in enumerate((None, 5, [None, {"PhoneNumber": 5}, {"PhoneNumber": "+12065550100"}])):
        broken = {"VoiceConnectorId": "abc", "ProxySessionId": f"s-{index}", "Participants": people}
        ask.service.add_session(broken, check=False)
    assert len(ask.create()["Participants"]) == 2


def test_broken_ids_are_filed_under_others(ask):
    """A preloaded session whose ids are no text is kept as it is, under ids that the service gives."""
    broken = {"VoiceConnectorId": 5, "ProxySessionId": [], "Status": "Open"}
    assert ask.service.add_session(broken, check=False) == broken
    assert ask.service.sessions == (broken,)
