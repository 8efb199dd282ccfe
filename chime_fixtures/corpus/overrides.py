"""A session in which something was given, with the rest in step; and a closed one as it was before."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chime_fixtures.corpus import sessions, tables
from chime_fixtures.corpus.records import Records
from chime_fixtures.corpus.tables import CLOSED

LIVING = ("Status", "UpdatedTimestamp", "EndedTimestamp")
"""The members that change while a session lives."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MOMENT = dt.timedelta(milliseconds=1)
_LONGEST = 366 * 24 * 60


def instant(text: Any) -> dt.datetime | None:
    """A timestamp as a datetime in UTC; None for what is none."""
    try:
        found = dt.datetime.fromisoformat(text)
        return found.astimezone(dt.UTC) if found.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        return None


def apply(records: Records, index: int, session: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """The session with what is overridden: an end says that it is over, instants follow the creation, numbers a place.

    Members that the contract does not name come last.
    """
    drawn = dict(session)
    if records.tables is not None:
        bits = records.bits(index)
        if not overrides.keys().isdisjoint(("Status", "CreatedTimestamp", "EndedTimestamp", "ExpiryMinutes")):
            drawn |= _times(drawn, overrides, bits)
        if not overrides.keys().isdisjoint(("GeoMatchParams", "NumberSelectionBehavior")):
            drawn["Participants"] = _people(records.tables, {**drawn, **overrides}, bits)
        if {**drawn, **overrides}.get("Status") != CLOSED:
            drawn.pop("EndedTimestamp", None)
    drawn |= overrides
    extra = [name for name in drawn if name not in sessions.MEMBERS]
    return {name: drawn[name] for name in (*(n for n in sessions.MEMBERS if n in drawn), *extra)}


def _times(session: dict[str, Any], overrides: dict[str, Any], bits: dict[str, Any]) -> dict[str, Any]:
    # An end that was asked for says that the session is over.
    state = CLOSED if overrides.get("EndedTimestamp") is not None else session.get("Status")
    created = instant(overrides.get("CreatedTimestamp")) or instant(session.get("CreatedTimestamp"))
    minutes = overrides.get("ExpiryMinutes", session.get("ExpiryMinutes"))
    usual = minutes if isinstance(minutes, int) and 0 < minutes < _LONGEST else 60
    at = (created - _EPOCH) // _MOMENT if created is not None else 0
    is_closed = overrides.get("Status", state) == CLOSED
    updated, ended = sessions.life(at, usual, is_closed, bits["lived"], bits["moved"], bits["ending"], bits["change"])
    return {"Status": state, "UpdatedTimestamp": _stamp(updated), "EndedTimestamp": _stamp(ended)}


def _stamp(moment: int) -> str:
    """An instant as text, at the end of the calendar the last one."""
    last = (dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC) - _EPOCH) // _MOMENT
    return sessions.stamp(min(moment, last))


def _people(found: tables.Tables, session: dict[str, Any], bits: dict[str, Any]) -> list[dict[str, str]]:
    geo = session.get("GeoMatchParams")
    asked = (geo.get("Country"), geo.get("AreaCode")) if isinstance(geo, dict) else None
    place = next((each for each in found.places if (each.country, each.area) == asked), None)
    is_sticky = session.get("NumberSelectionBehavior") == tables.STICKY
    return sessions.participants(found)(bits["pair"], bits["proxy"], bits["order"], is_sticky, place)[0]


def snapshots(closed: dict[str, Any]) -> list[dict[str, Any]]:
    """A closed session as it was when it was opened, while a call was under way, and at its end."""
    created, ended = instant(closed["CreatedTimestamp"]), instant(closed["EndedTimestamp"])
    assert created is not None
    assert ended is not None
    called = _stamp((created + (ended - created) / 2 - _EPOCH) // _MOMENT)
    alive = {name: value for name, value in closed.items() if name != "EndedTimestamp"}
    return [
        {**alive, "Status": "Open", "UpdatedTimestamp": closed["CreatedTimestamp"]},
        {**alive, "Status": "InProgress", "UpdatedTimestamp": called},
        {**closed, "UpdatedTimestamp": closed["EndedTimestamp"]},
    ]
