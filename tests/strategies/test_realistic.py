"""Realistic sessions as a strategy."""

import datetime as dt
import random

import jsonschema_rs
import pytest
from hypothesis import find, settings
from hypothesis import strategies as st

from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SESSION_DOCUMENT, load_document
from chime_fixtures.engine.contract import Contract
from chime_fixtures.strategies import realistic, realistic_proxy_sessions
from tests.support.drawing import drawn
from tests.support.sizes import ONLY_NIGHTLY

SESSION = load_contract("ProxySession")
IS_VALID = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True).is_valid
MEMBERS = list(SESSION.schema["properties"])
PLAIN = {"Name": "Order 10000", "Status": "Open", "ExpiryMinutes": 60, "CreatedTimestamp": "2026-01-01T00:00:00.000Z"}


def shrunk(strategy, predicate):
    return find(strategy, predicate, settings=settings(database=None, max_examples=500), random=random.Random(0))


@pytest.mark.slow
def test_sessions_are_as_the_service_sent_them():
    """Valid, with every member in order but the end of an open one, consistent timestamps and fictitious numbers."""
    fictitious = {number for country in phone_numbers.countries() for number in phone_numbers.pool((country,))}
    sessions = drawn(realistic_proxy_sessions(), 150)
    assert all(map(IS_VALID, sessions))
    for session in sessions:
        is_closed = session["Status"] == "Closed"
        assert list(session) == [name for name in MEMBERS if is_closed or name != "EndedTimestamp"]
        moments = [session[name] for name in MEMBERS if name.endswith("Timestamp") and name in session]
        assert moments == sorted(moments)
        first, second = session["Participants"]
        assert first["ProxyPhoneNumber"] == second["ProxyPhoneNumber"]
        assert {*first.values(), *second.values()} <= fictitious
    # Only plain sessions are equal.
    assert len({session["ProxySessionId"] for session in sessions}) > 130
    assert len({session["CreatedTimestamp"][:7] for session in sessions}) == 12
    assert {session["Status"] for session in sessions} == {"Open", "InProgress", "Closed"}
    assert any(not session["Name"].isascii() for session in sessions)


@ONLY_NIGHTLY
@pytest.mark.slow
def test_a_session_shrinks_to_a_plain_one():
    """All that a failure does not need is plain, and what it needs is the least."""
    plain = shrunk(realistic_proxy_sessions(), lambda session: True)
    assert plain.items() >= PLAIN.items()
    closed = shrunk(realistic_proxy_sessions(), lambda session: "EndedTimestamp" in session)
    assert closed == {**plain, "Status": "Closed", "EndedTimestamp": "2026-01-01T01:00:00.000Z"}
    longer = shrunk(realistic_proxy_sessions(), lambda session: len(session["Name"]) > len(PLAIN["Name"]))
    assert {name for name in plain if plain[name] != longer[name]} == {"Name"}


def test_options_and_overrides_are_those_of_the_factory():
    """The other members follow an override; options choose the locale, the states, the span and the connector."""
    connector = "abcdef1ghij2klmno3pqr4"
    since = dt.date(2024, 2, 29)
    strategy = realistic_proxy_sessions(
        locale=["ja_JP"], states="Closed", since=since, until=dt.date(2024, 3, 1), connector=connector
    )
    for session in drawn(strategy, 20):
        assert session["Status"] == "Closed"
        assert session["CreatedTimestamp"].startswith("2024-02-29")
        assert session["VoiceConnectorId"] == connector
    area = {"Country": "US", "AreaCode": "206"}
    for session in drawn(realistic_proxy_sessions(GeoMatchParams=area, EndedTimestamp="2020-01-01T00:00:00Z"), 20):
        assert session["Status"] == "Closed"
        assert session["CreatedTimestamp"] <= session["UpdatedTimestamp"] <= session["EndedTimestamp"]
        assert all(number.startswith("+1206") for each in session["Participants"] for number in each.values())
    for session in drawn(realistic_proxy_sessions(Status=st.sampled_from(["Open", "InProgress"])), 20):
        assert "EndedTimestamp" not in session


def test_boto3s_form_has_datetimes():
    """Each timestamp is a datetime with a time zone."""
    for session in drawn(realistic_proxy_sessions(form="boto3"), 20):
        moments = [each for name, each in session.items() if name.endswith("Timestamp")]
        assert all(moment.utcoffset() == dt.timedelta() for moment in moments)


def test_sessions_follow_an_edited_schema(monkeypatch):
    """A member whose realistic values are invalid is constructed; without realistic sessions, all are."""
    schema = load_document(SESSION_DOCUMENT)
    name = {"Name": {"type": "string", "maxLength": 4}, "Tenant": {"const": "t"}}
    edits = {
        "adapted": {"properties": {**schema["properties"], **name}, "required": ["Tenant", "Name"]},
        "impossible": {"maxProperties": 2},
    }
    for edit in edits.values():
        contract = Contract({**schema, **edit})
        monkeypatch.setattr(realistic, "load_contract", lambda _, contract=contract: contract)
        sessions = drawn(realistic_proxy_sessions(), 20)
        assert all(map(jsonschema_rs.Draft202012Validator({**schema, **edit}).is_valid, sessions))
