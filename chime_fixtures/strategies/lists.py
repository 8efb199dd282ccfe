"""Strategies of lists whose sessions are related: for consumers that sort, merge, group or count them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, parse_rfc3339, parsed_as_boto3
from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.strategies.choices import HypothesisChoices, independent
from chime_fixtures.strategies.forms import check_form
from chime_fixtures.strategies.members import SESSION
from chime_fixtures.strategies.sessions import proxy_sessions

Session = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of one session to an earlier one.

    Attributes:
        draw_values: draws the values that the relation requires, independent of the two sessions.
        relate: returns the later session. Its arguments are the earlier one, to which it may add members, the later one
            without the relation, and the drawn values.
    """

    draw_values: Callable[[st.DrawFn], Any]
    relate: Callable[[Session, Session, Any], Session]


_MICROSECOND = dt.timedelta(microseconds=1)
_DELAYS = tuple(dt.timedelta(milliseconds=ms) for ms in (1, 1_000, 60_000, 3_600_000, 86_400_000))
_SMALL_DIFFERENCES = (
    dt.timedelta(),
    _MICROSECOND,
    -_MICROSECOND,
    *_DELAYS[:3],
    *(-delay for delay in _DELAYS[:3]),
)
_OFFSETS_MINUTES = (0, 60, -60, 330, -210, 765, 840, -720)


def rfc3339(moment: dt.datetime, *, offset: int, digits: int) -> str:
    """A timestamp of RFC 3339 at an offset in minutes, with some digits of the fraction of a second.

    Raises:
        OverflowError: the local time is outside the calendar.
    """
    local = moment.astimezone(dt.timezone(dt.timedelta(minutes=offset)))
    fraction = f".{local.microsecond * 1000:09d}"[: digits + 1] if digits else ""
    hours, minutes = divmod(abs(offset), 60)
    zone = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}" if offset else "Z"
    return local.replace(microsecond=0, tzinfo=None).isoformat() + fraction + zone


def _moved(text: str, move: tuple[dt.timedelta, int, int]) -> str:
    """The timestamp moved by a difference, in another notation; unchanged if it would be outside the calendar."""
    difference, offset, digits = move
    moment = parse_rfc3339(text)
    try:
        return text if moment is None else rfc3339(moment + difference, offset=offset, digits=digits)
    except OverflowError:
        return text


def _members(*names: str) -> Callable[[st.DrawFn], tuple[Any, ...]]:
    """Draws a valid value for each of some members."""

    def draw_values(draw: st.DrawFn) -> tuple[Any, ...]:
        builder = load_contract(SESSION).builder
        members = builder.root.require_branch(Objects).properties
        return tuple(builder.construction(members[name])(HypothesisChoices(draw), len(members)) for name in names)

    return draw_values


def _members_and_move(
    *names: str, differences: tuple[dt.timedelta, ...], digits: tuple[int, ...]
) -> Callable[[st.DrawFn], Any]:
    """Draws a valid value for each of some members, and a difference in time, an offset and a number of digits."""

    def draw_values(draw: st.DrawFn) -> Any:
        move = (
            draw(st.sampled_from(differences)),
            draw(st.sampled_from(_OFFSETS_MINUTES)),
            draw(st.sampled_from(digits)),
        )
        return (*_members(*names)(draw), move)

    return draw_values


def _pair(draw: st.DrawFn) -> list[dict[str, str]]:
    """Two participants with a number each."""
    builder = load_contract(SESSION).builder
    participants: Node = builder.root.require_branch(Objects).properties["Participants"].require_branch(Arrays).items
    number = builder.construction(participants.require_branch(Objects).properties["PhoneNumber"])
    return [{"PhoneNumber": number(HypothesisChoices(draw), 1)} for _ in range(2)]


def _equal_name(before: Session, session: Session, values: Any) -> Session:
    name, session_id = values
    return session | {"ProxySessionId": session_id, "Name": before.setdefault("Name", name)}


def _swapped_case(before: Session, session: Session, values: Any) -> Session:
    session_id = before.setdefault("ProxySessionId", values[0])
    # Other letters than ASCII may change their length with their case.
    swapped = "".join(each.swapcase() if each.isascii() else each for each in session_id)
    return session | {"ProxySessionId": swapped}


def _later(before: Session, session: Session, values: Any) -> Session:
    updated, session_id, status, move = values
    before.setdefault("ProxySessionId", session_id)
    before.setdefault("UpdatedTimestamp", updated)
    changed = {"Status": status, "UpdatedTimestamp": _moved(before["UpdatedTimestamp"], move)}
    return instances.copy_json(before) | changed


def _near_in_time(before: Session, session: Session, values: Any) -> Session:
    created, move = values
    return session | {"CreatedTimestamp": _moved(before.setdefault("CreatedTimestamp", created), move)}


def _completed_pair(before: Session, pair: Any) -> list[dict[str, str]]:
    """The first two participants of the earlier session, which gets a pair if it has none with numbers."""
    participants = before.get("Participants", ())
    if len(participants) < 2 or any("PhoneNumber" not in each for each in participants[:2]):
        before["Participants"] = instances.copy_json(pair)
    return instances.copy_json(before["Participants"][:2])


def _swapped_participants(before: Session, session: Session, values: Any) -> Session:
    return session | {"Participants": _completed_pair(before, values)[::-1]}


def _toggled_plus(before: Session, session: Session, values: Any) -> Session:
    participants = _completed_pair(before, values)
    for each in participants:
        number = each["PhoneNumber"]
        each["PhoneNumber"] = number[1:] if number.startswith("+") else f"+{number}"
    return session | {"Participants": participants}


def _without_status(before: Session, session: Session, values: Any) -> Session:
    before.setdefault("Status", values[0])
    return {name: value for name, value in session.items() if name != "Status"}


def _other_connector(before: Session, session: Session, values: Any) -> Session:
    connector, other_connector, session_id = values
    shared = {"ProxySessionId": before.setdefault("ProxySessionId", session_id)}
    before.setdefault("VoiceConnectorId", connector)
    return session | shared | {"VoiceConnectorId": other_connector}


def _equal(before: Session, session: Session, values: Any) -> Session:
    return instances.copy_json(before)


RELATIONS: dict[str, Relation] = {
    "equal name": Relation(_members("Name", "ProxySessionId"), _equal_name),
    "swapped case": Relation(_members("ProxySessionId"), _swapped_case),
    # In whole milliseconds, so that fewer digits never make it earlier.
    "later": Relation(
        _members_and_move("UpdatedTimestamp", "ProxySessionId", "Status", differences=_DELAYS, digits=(3, 6, 9)),
        _later,
    ),
    "near in time": Relation(
        _members_and_move("CreatedTimestamp", differences=_SMALL_DIFFERENCES, digits=(0, 1, 3, 6, 7, 9)),
        _near_in_time,
    ),
    "swapped participants": Relation(_pair, _swapped_participants),
    "toggled plus": Relation(_pair, _toggled_plus),
    "without status": Relation(_members("Status"), _without_status),
    "other connector": Relation(_members("VoiceConnectorId", "VoiceConnectorId", "ProxySessionId"), _other_connector),
    "equal": Relation(lambda draw: None, _equal),
}
"""The relations by name."""

_EMPTY = "empty"
_UNRELATED = "unrelated"
# About every third session is not related to another one. A list shrinks to the first kind, which has no choices.
_KINDS = (_EMPTY, *[_UNRELATED] * (len(RELATIONS) // 2), *RELATIONS)
_ORDERS = ("as drawn", "sorted", "reversed")


@st.composite
def proxy_session_lists(
    draw: st.DrawFn, *, min_size: int = 0, max_size: int | None = None, form: Form = "wire"
) -> list[dict[str, Any]]:
    """Lists of valid sessions, most of them related to an earlier one of the list.

    Related sessions have:

    - equal names;
    - ids that differ in case only;
    - one id, with a later UpdatedTimestamp or in two connectors;
    - timestamps that are close or equal, with different offsets and numbers of digits;
    - the same participants in both orders;
    - the same number with and without its plus;
    - a status in one and none in the other;
    - or all members equal.

    The list is as drawn, or sorted by CreatedTimestamp in ascending or descending order.

    Args:
        min_size: the minimum number of sessions.
        max_size: the maximum number of sessions.
        form: ``"wire"`` for timestamps as text, ``"boto3"`` for datetimes with a time zone.

    Raises (when a value is drawn):
        InvalidArgument: the sizes are invalid, or the form is unknown.
    """
    check_form(form)
    contract = load_contract(SESSION)
    sessions: list[Session] = []
    for kind, back, is_copy, values in draw(independent(st.lists(_steps(), min_size=min_size, max_size=max_size))):
        if kind not in RELATIONS or not sessions:
            # Hypothesis may draw the same object again: it is copied before a relation changes it.
            sessions.append(instances.copy_json(values) if kind == _UNRELATED else {})
            continue
        before = sessions[-1 - min(back, len(sessions) - 1)]
        sessions.append(RELATIONS[kind].relate(before, instances.copy_json(before) if is_copy else {}, values))
    order = draw(st.sampled_from(_ORDERS))
    if order in ("sorted", "reversed"):
        sessions.sort(key=_created, reverse=order == "reversed")
    members = contract.root.require_branch(Objects).properties
    in_order = [{name: session[name] for name in members if name in session} for session in sessions]
    return in_order if form == "wire" else [parsed_as_boto3(contract, session) for session in in_order]


@st.composite
def _steps(draw: st.DrawFn) -> tuple[str, int, bool, Any]:
    """A session of a list: its kind, the distance to the related session, True for a copy of it, and drawn values."""
    kind = draw(st.sampled_from(_KINDS))
    if kind == _EMPTY:
        return kind, 0, False, {}
    if kind == _UNRELATED:
        return kind, 0, False, draw(proxy_sessions())
    return kind, draw(st.integers(0, 3)), draw(st.booleans()), RELATIONS[kind].draw_values(draw)


def _created(session: Session) -> float:
    moment = parse_rfc3339(session.get("CreatedTimestamp"))
    return float("-inf") if moment is None else moment.timestamp()
