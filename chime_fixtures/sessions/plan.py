"""The plan of proxy sessions as dictionaries: bits of a record in, a session as the service would have shown it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from chime_fixtures.sessions.tables import CLOSED, NUMBERED, PERSON, STICKY, Place, Tables

MEMBERS = (
    "VoiceConnectorId",
    "ProxySessionId",
    "Name",
    "Status",
    "ExpiryMinutes",
    "Capabilities",
    "CreatedTimestamp",
    "UpdatedTimestamp",
    "EndedTimestamp",
    "Participants",
    "NumberSelectionBehavior",
    "GeoMatchLevel",
    "GeoMatchParams",
)
"""What the plan has words for, in the order in which it writes them."""

EXPIRED = 110
"""Of 256 closed sessions, those that ran out; the others were deleted, which is an update too."""

CHANGED = 72
"""Of 256 sessions, those that were updated in their life."""

LEAST = 5_000
"""Milliseconds that a session lasts at least: nobody deletes one sooner, and a call in it has its own instant."""

MIX = 0x9E3779B1
DAY, MINUTE = 86_400_000, 60_000
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02d}." for second in range(60))
_MILLISECONDS = tuple(f"{each:03d}Z" for each in range(1000))


class Days(dict[int, str]):
    """The date of each day since 1970, made when it is asked for."""

    def __missing__(self, day: int) -> str:
        text = self[day] = dt.date.fromordinal(_EPOCH_DAY + day).isoformat()
        return text


_DAYS = Days()


def stamp(instant: int) -> str:
    """Milliseconds since 1970 as the service writes an instant."""
    minute, rest = divmod(instant, MINUTE)
    day, minute = divmod(minute, 1440)
    second, rest = divmod(rest, 1000)
    return _DAYS[day] + _MINUTES[minute] + _SECONDS[second] + _MILLISECONDS[rest]


def identifier(raw: bytes) -> str:
    """A UUID of version 4, of 16 random bytes."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def life(at: int, minutes: int, is_closed: bool, lived: int, moved: int, ending: int, change: int) -> tuple[int, int]:
    """When a session was last updated, and when it ended or was looked at, as milliseconds.

    Most deleted sessions are deleted early; one that ran out was not updated by that.
    """
    whole = minutes * MINUTE
    if is_closed and ending < EXPIRED:
        length = whole
    else:
        length = ((lived * lived >> 32) * (whole - LEAST) >> 32) + LEAST
        if is_closed:
            return at + length, at + length
    return (at + (moved * length >> 32) if change < CHANGED else at), at + length


def build(tables: Tables) -> Callable[..., dict[str, Any]]:
    """What makes a session of a record's bits, in the order of `words.FIELDS`."""
    statuses, minutes_of, capabilities_of = tables.statuses, tables.minutes, tables.capabilities
    behaviors, levels, connectors = tables.behaviors, tables.levels, tables.connectors
    kinds, locales, subjects = tables.kinds, tables.locales, tables.subjects
    firsts, seconds, start, span = tables.firsts, tables.seconds, tables.start, tables.span
    people = participants(tables)

    def session(
        created: int, uid: bytes, lived: int, moved: int, pair: int, proxy: int, number: int, status: int,
        minutes: int, capabilities: int, behavior: int, level: int, connector: int, locale: int, kind: int,
        subject: int, first: int, second: int, ending: int, change: int, order: int,
    ) -> dict[str, Any]:  # fmt: skip
        state, life_minutes, stickiness = statuses[status], minutes_of[minutes], behaviors[behavior]
        at = start + (created * span >> 64)
        is_closed = state == CLOSED
        updated, ended = life(at, life_minutes, is_closed, lived, moved, ending, change)
        made = stamp(at)
        value = {
            "VoiceConnectorId": connectors[connector],
            "ProxySessionId": identifier(uid),
            "Name": "",
            "Status": state,
            "ExpiryMinutes": life_minutes,
            "Capabilities": [*capabilities_of[capabilities]],
            "CreatedTimestamp": made,
            "UpdatedTimestamp": made if updated == at else stamp(updated),
        }
        place = locales[locale]
        what = kinds[kind]
        if what == NUMBERED:
            value["Name"] = f"{subjects[place * 4 + (subject & 3)]}{number + 10000}"
        elif what == PERSON:
            value["Name"] = firsts[place * 256 + first] + seconds[place * 256 + second]
        else:
            who = firsts[place * 256 + first] + seconds[place * 256 + second]
            value["Name"] = f"{subjects[place * 4 + (subject & 3)]}{number + 10000} {who}"
        if is_closed:
            value["EndedTimestamp"] = value["UpdatedTimestamp"] if ended == updated else stamp(ended)
        value["Participants"], where = people(pair, proxy, order, stickiness == STICKY)
        value["NumberSelectionBehavior"] = stickiness
        value["GeoMatchLevel"] = levels[level]
        value["GeoMatchParams"] = {"Country": where.country, "AreaCode": where.area}
        return value

    return session


def participants(tables: Tables) -> Callable[..., tuple[list[dict[str, str]], Place]]:
    """What makes the two parties of a session, and says where their proxy number is.

    A pair of people comes again in other sessions: their own numbers stay, and so does the proxy number where it is
    sticky. Within a place the three numbers are from three thirds of it, so that they never are the same.
    """
    places, table, salt = tables.places, tables.numbers, tables.salt
    count = len(places)

    def people(pair: int, proxy: int, order: int, is_sticky: bool) -> tuple[list[dict[str, str]], Place]:
        # The square makes some pairs come often; the product scatters neighbours.
        mixed = ((pair * pair >> 18) + salt) * MIX & 0xFFFFFFFF
        here = places[(mixed >> 16) * count >> 16]
        there = here if mixed & 1 else places[(mixed >> 8 & 0xFFFF) * count >> 16]
        base, line = here.first, mixed & 0xFFFF
        third = here.count // 3
        mine = third * line >> 16
        own = table[base + third + mine]
        away = there.count // 3
        other = table[there.first + (away * (line ^ 0x5555) >> 16) + 2 * away]
        # Several lines have the same number, so what is sticky hangs on the number and not on the line.
        shown = table[base + (third - 1 - mine if is_sticky else third * proxy >> 16)]
        one = {"PhoneNumber": own, "ProxyPhoneNumber": shown}
        two = {"PhoneNumber": other, "ProxyPhoneNumber": shown}
        return ([one, two] if order & 1 else [two, one]), here

    return people
