"""Parsers of time: consumers that read the timestamps of one valid session."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from tests.support.consumers.consumer import Consumer, equals
from tests.support.consumers.timestamps import instant, instants


def by_regex(session):
    return instants(session)


def read_stamps(read):
    def parse(session):
        return {member: read(text) for member, text in session.items() if member.endswith("Timestamp")}

    return parse


def exact(moment):
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Fraction(delta // timedelta(microseconds=1), 10**6)


def micro(text):
    return Fraction(instant(text) * 10**6 // 1, 10**6)


def strptime_whole(text):
    return exact(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z"))


def strptime_fraction(text):
    return exact(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z"))


def without_offset(text):
    return exact(datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)) + instant(text) % 1


def fraction_as_millis(text):
    digits = re.search(r"\.([0-9]+)", text)
    return instant(text) // 1 + Fraction(int(digits[1]) if digits else 0, 1000)


def epoch_int32(text):
    return (
        int.from_bytes(int(instant(text) // 1).to_bytes(4, "big", signed=True), "big", signed=True) + instant(text) % 1
    )


def lifetime(session):
    moments = instants(session)
    if moments.keys() >= {"CreatedTimestamp", "EndedTimestamp"}:
        return moments["EndedTimestamp"] - moments["CreatedTimestamp"]
    return None


def lifetime_naive(session):
    if session.keys() >= {"CreatedTimestamp", "EndedTimestamp"}:
        begun, ended = (datetime.fromisoformat(session[m].rstrip("Z")) for m in ("CreatedTimestamp", "EndedTimestamp"))
        return Fraction((ended - begun) // timedelta(microseconds=1), 10**6)
    return None


def micro_lifetime(consumer, session):
    found, wanted = consumer(session), lifetime(session)
    assert (found is None) == (wanted is None)
    assert found is None or abs(found - wanted) < Fraction(1, 10**5)


def kept_until(session):
    year, month, day = map(int, session.get("CreatedTimestamp", "2026-01-01")[:10].split("-"))
    return f"{year + 1:04}-03-01" if (month, day) == (2, 29) else f"{year + 1:04}-{month:02}-{day:02}"


def kept_until_same_day(session):
    day = date.fromisoformat(session.get("CreatedTimestamp", "2026-01-01")[:10])
    return day.replace(year=day.year + 1).isoformat() if day.year < 9999 else kept_until(session)


TIMESTAMPS = equals(instants)
MICROS = equals(read_stamps(micro))
CONSUMERS = (
    Consumer("no fraction expected", "valid", MICROS, read_stamps(micro), read_stamps(strptime_whole)),
    Consumer("fraction expected", "valid", MICROS, read_stamps(micro), read_stamps(strptime_fraction)),
    Consumer("offset dropped", "valid", TIMESTAMPS, by_regex, read_stamps(without_offset)),
    Consumer("fraction taken for milliseconds", "valid", TIMESTAMPS, by_regex, read_stamps(fraction_as_millis)),
    Consumer("seconds in 32 bits", "valid", TIMESTAMPS, by_regex, read_stamps(epoch_int32)),
    Consumer("naive beside aware", "valid", micro_lifetime, lifetime, lifetime_naive),
    Consumer("a year after a leap day", "valid", equals(kept_until), kept_until, kept_until_same_day),
)
