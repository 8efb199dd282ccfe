"""The clock of the service and its timestamps."""

from __future__ import annotations

import datetime as dt

import pytest

from chime_fixtures import ChimeStub
from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.service.clock import Clock, parse_timestamp


def test_clock_stands_still_until_advanced():
    """A clock stands at its instant until it is advanced."""
    clock = Clock()
    assert timestamp(clock.now()) == timestamp(clock.now()) == "2026-01-01T00:00:00.000Z"
    assert timestamp(clock.advance(days=1, hours=1, minutes=1, seconds=1, milliseconds=1)) == "2026-01-02T01:01:01.001Z"
    assert clock.http_date() == "Fri, 02 Jan 2026 01:01:01 GMT"


def test_clock_cannot_be_set_back():
    """A negative step is an error; a step of zero is not."""
    clock = Clock()
    with pytest.raises(ValueError, match="can't be set back"):
        clock.advance(minutes=-1)
    assert clock.advance() == Clock().now()


def test_instant_requires_a_time_zone():
    """An instant without a time zone is an error; one in any time zone is converted to UTC."""
    with pytest.raises(ValueError, match="with a time zone"):
        Clock(dt.datetime(2026, 1, 1))  # noqa: DTZ001  # the test is about it
    east = dt.timezone(dt.timedelta(hours=5, minutes=30))
    assert timestamp(Clock(dt.datetime(2026, 1, 1, tzinfo=east)).now()) == "2025-12-31T18:30:00.000Z"


def test_system_clock():
    """A clock that follows the system returns the current time plus what it was advanced by."""
    before = dt.datetime.now(dt.UTC)
    clock = Clock("system")
    assert before <= clock.now() <= dt.datetime.now(dt.UTC)
    assert clock.advance(hours=1) >= before + dt.timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01T00:00:00", None, 5])
def test_invalid_timestamps(text):
    """A text that is not a timestamp with a time zone is None."""
    assert parse_timestamp(text) is None


OUTSIDE = ("9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00")


@pytest.mark.parametrize("text", OUTSIDE)
def test_instants_outside_the_calendar_of_utc(text):
    """A valid timestamp without an instant in the years 1 to 9999 is None; its text and its datetime can be stored."""
    assert parse_timestamp(text) is None
    stub = ChimeStub()
    for created in (text, dt.datetime.fromisoformat(text)):
        stored = stub.add_session({"CreatedTimestamp": created, "ExpiryMinutes": 5})
        assert dt.datetime.fromisoformat(stored["CreatedTimestamp"]) == dt.datetime.fromisoformat(text)


def test_timestamp_round_trip():
    """A written timestamp is parsed to the same instant, to the millisecond."""
    instant = dt.datetime(2026, 2, 3, 4, 5, 6, 789_999, tzinfo=dt.UTC)
    assert parse_timestamp(timestamp(instant)) == instant.replace(microsecond=789_000)
