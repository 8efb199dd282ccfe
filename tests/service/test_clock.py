"""The time of the service."""

from __future__ import annotations

import datetime as dt

import pytest

from chime_fixtures.service.clock import Clock, parse_timestamp, timestamp


def test_it_stands_still():
    """A clock stands where it was set, and moves by what it is told."""
    clock = Clock()
    assert timestamp(clock.now()) == timestamp(clock.now()) == "2026-01-01T00:00:00.000Z"
    assert timestamp(clock.advance(days=1, hours=1, minutes=1, seconds=1, milliseconds=1)) == "2026-01-02T01:01:01.001Z"
    assert clock.http_date() == "Fri, 02 Jan 2026 01:01:01 GMT"


def test_it_never_goes_back():
    """A clock does not run backwards."""
    clock = Clock()
    with pytest.raises(ValueError, match="only moves on"):
        clock.advance(minutes=-1)
    assert clock.advance() == Clock().now()


def test_it_needs_a_zone():
    """An instant without a zone is no instant; one in another zone is."""
    with pytest.raises(ValueError, match="with a zone"):
        Clock(dt.datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point
    east = dt.timezone(dt.timedelta(hours=5, minutes=30))
    assert timestamp(Clock(dt.datetime(2026, 1, 1, tzinfo=east)).now()) == "2025-12-31T18:30:00.000Z"


def test_it_follows_the_system():
    """A clock that follows the system is not before the instant at which it was asked."""
    before = dt.datetime.now(dt.UTC)
    clock = Clock("system")
    assert before <= clock.now() <= dt.datetime.now(dt.UTC)
    assert clock.advance(hours=1) >= before + dt.timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01T00:00:00", None, 5])
def test_what_is_no_timestamp(text):
    """What is no timestamp, or has no zone, is None."""
    assert parse_timestamp(text) is None


def test_a_timestamp_is_read_back():
    """A timestamp that was written is read back to the millisecond."""
    instant = dt.datetime(2026, 2, 3, 4, 5, 6, 789_999, tzinfo=dt.UTC)
    assert parse_timestamp(timestamp(instant)) == instant.replace(microsecond=789_000)
