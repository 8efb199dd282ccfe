"""Overrides of a session's members, which the other members follow; and the earlier states of a closed session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chime_fixtures.chime import phone_numbers, representations
from chime_fixtures.engine import instances
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sampling.plan import RecordPlan, timestamp_text
from chime_fixtures.sessions.plan import MEMBERS, SessionPlan, lifetime, participants_builder
from chime_fixtures.sessions.tables import CLOSED, PREFER_STICKY, SessionTables, areas_of

LIFECYCLE_MEMBERS = ("Status", "UpdatedTimestamp", "EndedTimestamp")
"""The members that change during the life of a session."""

_TIMESTAMPS = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")
_TIMED_MEMBERS = {*_TIMESTAMPS, "Status", "ExpiryMinutes"}
_UNIX_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_MIN_INSTANT = (dt.datetime.min.replace(tzinfo=dt.UTC) - _UNIX_EPOCH) // _MICROSECOND
_MAX_INSTANT = (dt.datetime.max.replace(tzinfo=dt.UTC) - _UNIX_EPOCH) // _MICROSECOND
_MAX_MINUTES = 366 * 24 * 60
_DEFAULT_MINUTES = 60


def microseconds(text: Any) -> int | None:
    """A timestamp in microseconds since 1970; None if it is not a timestamp."""
    parsed = representations.parse_rfc3339(text)
    return (parsed - _UNIX_EPOCH) // _MICROSECOND if parsed is not None else None


def wire_text(name: str, moment: dt.datetime) -> str:
    """The text of a datetime that overrides a member.

    Raises:
        InvalidOptionError: it has no time zone.
    """
    if moment.utcoffset() is None:
        raise InvalidOptionError(f"{name} ({moment.isoformat()}) requires a time zone; use datetime.UTC")
    return _text((moment - _UNIX_EPOCH) // _MICROSECOND, {})


def apply(plan: RecordPlan, index: int, session: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Record number `index` of a plan with its overrides, which are copied: the caller may use them again."""
    followed = session
    if isinstance(plan, SessionPlan):
        followed = following(plan.tables, plan.bits.row(index), session, overrides)
    return in_order(followed | instances.copy_json(overrides))


def following(
    tables: SessionTables, bits: Mapping[str, Any], session: dict[str, Any], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """The session with the members that follow its overrides, without the overrides.

    Other timestamps stay in order, an EndedTimestamp makes the session Closed, and telephone numbers follow the area.

    Args:
        tables: the tables of the session.
        bits: the bits of the session, by the names of `BIT_FIELDS`.
        session: the session, which is not changed.
        overrides: the overridden members.
    """
    result = dict(session)
    if not overrides.keys().isdisjoint(_TIMED_MEMBERS):
        result |= _timed_members(result, overrides, bits)
    if not overrides.keys().isdisjoint(("GeoMatchParams", "NumberSelectionBehavior")):
        area_tables = _in_area(tables, overrides.get("GeoMatchParams"))
        result["Participants"] = _participants(area_tables, {**result, **overrides}, bits)
    if {**result, **overrides}.get("Status") != CLOSED:
        result.pop("EndedTimestamp", None)
    return result


def in_order(result: dict[str, Any]) -> dict[str, Any]:
    """The session with its members in the service's order, and others last."""
    others = [name for name in result if name not in MEMBERS]
    return {name: result[name] for name in (*(name for name in MEMBERS if name in result), *others)}


def _timed_members(session: dict[str, Any], overrides: Mapping[str, Any], bits: Mapping[str, Any]) -> dict[str, Any]:
    """The status, and timestamps in order around the overridden ones, which stay unchanged in any order."""
    status = CLOSED if overrides.get("EndedTimestamp") is not None else session.get("Status")
    minutes = overrides.get("ExpiryMinutes", session.get("ExpiryMinutes"))
    usable = minutes if isinstance(minutes, int) and 0 < minutes < _MAX_MINUTES else _DEFAULT_MINUTES
    is_closed = overrides.get("Status", status) == CLOSED
    life = lifetime(0, usable, is_closed, bits["lived"], bits["moved"], bits["ending"], bits["change"])
    change, length = (1000 * each for each in life)
    names = [name for name in _TIMESTAMPS if name in overrides]
    given = {name: parsed for name in names if (parsed := microseconds(overrides[name])) is not None}
    created, updated, ended = map(given.get, _TIMESTAMPS)
    if created is None:
        created = microseconds(session.get("CreatedTimestamp")) or 0
        if ended is not None:
            created = ended - length
        elif updated is not None:
            created = updated - change
        created = min([created, *given.values()])
    if updated is None:
        updated = created + change if ended is None else max(created, min(created + change, ended))
    if ended is None:
        ended = max(created + length, updated)
    texts = {moment: overrides[name] for name, moment in given.items()}
    members = {"Status": status, "UpdatedTimestamp": _text(updated, texts), "EndedTimestamp": _text(ended, texts)}
    # Without an overridden timestamp, CreatedTimestamp keeps its text. It is not added if the contract lacks it.
    if given and "CreatedTimestamp" in session:
        members["CreatedTimestamp"] = _text(created, texts)
    return members


def _text(moment: int, texts: dict[int, str]) -> str:
    """The text of an instant, in the given notation or else the service's; at most the limits of a datetime."""
    if moment > _MAX_INSTANT:
        moment = max([_MAX_INSTANT, *texts])
    elif moment < _MIN_INSTANT:
        moment = min([_MIN_INSTANT, *texts])
    if moment in texts:
        return texts[moment]
    whole, rest = divmod(moment, 1000)
    text = timestamp_text(whole)
    return f"{text[:-1]}{rest:03d}Z" if rest else text


def _participants(tables: SessionTables, session: dict[str, Any], bits: Mapping[str, Any]) -> list[dict[str, str]]:
    is_sticky = session.get("NumberSelectionBehavior") == PREFER_STICKY
    return participants_builder(tables)(bits["pair"], bits["proxy"], bits["order"], is_sticky)[0]


def _in_area(tables: SessionTables, geo: Any) -> SessionTables:
    """The tables with the areas that match GeoMatchParams: those of the area code, else of the country, else all."""
    country, area_code = (geo.get("Country"), geo.get("AreaCode")) if isinstance(geo, dict) else (None, None)
    if country not in phone_numbers.countries():
        return tables
    areas, numbers = areas_of((country,))
    return replace(tables, areas=tuple(each for each in areas if each.area_code == area_code) or areas, numbers=numbers)


def snapshots(closed: dict[str, Any]) -> list[dict[str, Any]]:
    """Independent copies of a closed session: as it was at its creation, during a call, and at its end.

    Raises:
        InvalidOptionError: its creation is too close to the year 9999.
    """
    text = closed.get("CreatedTimestamp")
    created, ended = microseconds(text), microseconds(closed.get("EndedTimestamp"))
    called = (created + ended) // 2000 * 1000 if created is not None and ended is not None else None
    if created is None or ended is None or called is None or not created < called < ended:
        raise InvalidOptionError(f"CreatedTimestamp ({text!r}) is too close to the year 9999; use an earlier one")
    without_end = {name: value for name, value in closed.items() if name != "EndedTimestamp"}
    states = [
        {**without_end, "Status": "Open", "UpdatedTimestamp": text},
        {**without_end, "Status": "InProgress", "UpdatedTimestamp": _text(called, {})},
        {**closed, "UpdatedTimestamp": closed["EndedTimestamp"]},
    ]
    return instances.copy_json(states)
