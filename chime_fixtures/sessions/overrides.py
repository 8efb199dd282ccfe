"""A session in which something was given, with the rest in step; and a closed one as it was before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from chime_fixtures.chime import phone_numbers, representations
from chime_fixtures.engine import instances
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions import plan, tables
from chime_fixtures.sessions.tables import CLOSED

LIVING = ("Status", "UpdatedTimestamp", "EndedTimestamp")
"""The members that change while a session lives."""

_INSTANTS = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")
_TIMED = {*_INSTANTS, "Status", "ExpiryMinutes"}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND
_LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND
_LONGEST = 366 * 24 * 60


def instant(text: Any) -> int | None:
    """A timestamp as microseconds since 1970; None for what is none."""
    found = representations.instant(text)
    return (found - _EPOCH) // _MICROSECOND if found is not None else None


def worded(name: str, moment: dt.datetime) -> str:
    """An instant that was given for a member, as the wire carries it.

    Raises:
        InvalidOptionError: it has no zone.
    """
    if moment.utcoffset() is None:
        raise InvalidOptionError(f"{name} {moment.isoformat()} needs a time zone: use datetime.UTC")
    return _text((moment - _EPOCH) // _MICROSECOND, {})


def apply(records: Records, index: int, session: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """The session with what is overridden: an end says that it is over, instants stay in order, numbers follow a place.

    Members that the contract does not name come last. What is overridden is copied, as it may come again.
    """
    drawn = dict(session)
    if records.tables is not None:
        bits = records.bits(index)
        if not overrides.keys().isdisjoint(_TIMED):
            drawn |= _times(drawn, overrides, bits)
        if not overrides.keys().isdisjoint(("GeoMatchParams", "NumberSelectionBehavior")):
            drawn["Participants"] = _people(
                _around(records.tables, overrides.get("GeoMatchParams")), {**drawn, **overrides}, bits
            )
        if {**drawn, **overrides}.get("Status") != CLOSED:
            drawn.pop("EndedTimestamp", None)
    drawn |= instances.copy_json(overrides)
    extra = [name for name in drawn if name not in plan.MEMBERS]
    return {name: drawn[name] for name in (*(n for n in plan.MEMBERS if n in drawn), *extra)}


def _times(session: dict[str, Any], overrides: dict[str, Any], bits: dict[str, Any]) -> dict[str, Any]:
    """The state, and the instants of a life through those that were given; these stay, in whatever order they are."""
    # An end that was asked for says that the session is over.
    state = CLOSED if overrides.get("EndedTimestamp") is not None else session.get("Status")
    minutes = overrides.get("ExpiryMinutes", session.get("ExpiryMinutes"))
    usual = minutes if isinstance(minutes, int) and 0 < minutes < _LONGEST else 60
    is_closed = overrides.get("Status", state) == CLOSED
    life = plan.life(0, usual, is_closed, bits["lived"], bits["moved"], bits["ending"], bits["change"])
    change, length = (1000 * each for each in life)
    named = [name for name in _INSTANTS if name in overrides]
    given = {name: found for name in named if (found := instant(overrides[name])) is not None}
    created, updated, ended = map(given.get, _INSTANTS)
    if created is None:
        created = instant(session.get("CreatedTimestamp")) or 0
        if ended is not None:
            created = ended - length
        elif updated is not None:
            created = updated - change
        created = min([created, *given.values()])
    if updated is None:
        updated = created + change if ended is None else max(created, min(created + change, ended))
    if ended is None:
        ended = max(created + length, updated)
    known = {moment: overrides[name] for name, moment in given.items()}
    words = {"Status": state, "UpdatedTimestamp": _text(updated, known), "EndedTimestamp": _text(ended, known)}
    # A creation that did not move stays as it is written, and one that the contract does not name is not added.
    if given and "CreatedTimestamp" in session:
        words["CreatedTimestamp"] = _text(created, known)
    return words


def _text(moment: int, known: dict[int, str]) -> str:
    """An instant as it was given, or as the service writes it; beyond the calendar the last one that has a text."""
    if moment > _LAST:
        moment = max([_LAST, *known])
    elif moment < _FIRST:
        moment = min([_FIRST, *known])
    if moment in known:
        return known[moment]
    whole, rest = divmod(moment, 1000)
    text = plan.stamp(whole)
    return f"{text[:-1]}{rest:03d}Z" if rest else text


def _people(found: tables.Tables, session: dict[str, Any], bits: dict[str, Any]) -> list[dict[str, str]]:
    is_sticky = session.get("NumberSelectionBehavior") == tables.STICKY
    return plan.participants(found)(bits["pair"], bits["proxy"], bits["order"], is_sticky)[0]


def _around(found: tables.Tables, geo: Any) -> tables.Tables:
    """The tables with only the places that are asked for: an area, else its country, else all that there were."""
    country, area = (geo.get("Country"), geo.get("AreaCode")) if isinstance(geo, dict) else (None, None)
    if country not in phone_numbers.countries():
        return found
    places, listed = tables.numbered((country,))
    return replace(found, places=tuple(each for each in places if each.area == area) or places, numbers=listed)


def snapshots(closed: dict[str, Any]) -> list[dict[str, Any]]:
    """A closed session as it was when it was opened, while a call was under way, and at its end; they share nothing.

    Raises:
        InvalidOptionError: it was created so late that the calendar has no room for what follows.
    """
    made = closed.get("CreatedTimestamp")
    created, ended = instant(made), instant(closed.get("EndedTimestamp"))
    called = (created + ended) // 2000 * 1000 if created is not None and ended is not None else None
    if created is None or ended is None or called is None or not created < called < ended:
        raise InvalidOptionError(f"a life has no room after the CreatedTimestamp {made!r}: give an earlier one")
    alive = {name: value for name, value in closed.items() if name != "EndedTimestamp"}
    lived = [
        {**alive, "Status": "Open", "UpdatedTimestamp": made},
        {**alive, "Status": "InProgress", "UpdatedTimestamp": _text(called, {})},
        {**closed, "UpdatedTimestamp": closed["EndedTimestamp"]},
    ]
    return instances.copy_json(lived)
