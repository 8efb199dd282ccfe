"""What one session can be to another: each relation with what is drawn for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import instant
from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.strategies.choices import HypothesisChoices
from chime_fixtures.strategies.sessions import SESSION

Session = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """One way in which sessions belong together.

    Attributes:
        parts: draws what it takes, whatever the two sessions are.
        relate: takes the session before, which may be given what it lacks, what the new one has of its own accord, and
            the parts; gives the new one.
    """

    parts: Callable[[st.DrawFn], Any]
    relate: Callable[[Session, Session, Any], Session]


_MOMENT = dt.timedelta(microseconds=1)
_LATER = tuple(dt.timedelta(milliseconds=ms) for ms in (1, 1_000, 60_000, 3_600_000, 86_400_000))
_NEAR = (dt.timedelta(), _MOMENT, -_MOMENT, *_LATER[:3], *(-step for step in _LATER[:3]))
_OFFSETS = (0, 60, -60, 330, -210, 765, 840, -720)


def written(moment: dt.datetime, *, offset: int, digits: int) -> str:
    """An instant as RFC 3339 writes it, at an offset of so many minutes, with so many digits of a second's fraction.

    Raises:
        OverflowError: the calendar ends before that.
    """
    local = moment.astimezone(dt.timezone(dt.timedelta(minutes=offset)))
    fraction = f".{local.microsecond * 1000:09d}"[: digits + 1] if digits else ""
    hours, minutes = divmod(abs(offset), 60)
    zone = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}" if offset else "Z"
    return local.replace(microsecond=0, tzinfo=None).isoformat() + fraction + zone


def _moved(text: str, parts: tuple[dt.timedelta, int, int]) -> str:
    """The text of an instant some time away from another; that one, where the calendar ends."""
    step, offset, digits = parts
    moment = instant(text)
    try:
        return text if moment is None else written(moment + step, offset=offset, digits=digits)
    except OverflowError:
        return text


def _member(*names: str) -> Callable[[st.DrawFn], tuple[Any, ...]]:
    """Draws a valid value for each of some members."""

    def parts(draw: st.DrawFn) -> tuple[Any, ...]:
        builder = load_contract(SESSION).builder
        members = builder.root.require_branch(Objects).properties
        return tuple(builder.of(members[name])(HypothesisChoices(draw), len(members)) for name in names)

    return parts


def _with_moves(
    name: str, steps: tuple[dt.timedelta, ...], digits: tuple[int, ...], *others: str
) -> Callable[[st.DrawFn], Any]:
    def parts(draw: st.DrawFn) -> Any:
        move = draw(st.sampled_from(steps)), draw(st.sampled_from(_OFFSETS)), draw(st.sampled_from(digits))
        return (*_member(name, *others)(draw), move)

    return parts


def _pair(draw: st.DrawFn) -> list[dict[str, str]]:
    """Two participants with a number each."""
    builder = load_contract(SESSION).builder
    people: Node = builder.root.require_branch(Objects).properties["Participants"].require_branch(Arrays).items
    number = builder.of(people.require_branch(Objects).properties["PhoneNumber"])
    return [{"PhoneNumber": number(HypothesisChoices(draw), 1)} for _ in range(2)]


def _namesake(before: Session, session: Session, parts: Any) -> Session:
    name, identity = parts
    return session | {"ProxySessionId": identity, "Name": before.setdefault("Name", name)}


def _other_case(before: Session, session: Session, parts: Any) -> Session:
    identity = before.setdefault("ProxySessionId", parts[0])
    # Letters beyond ASCII may change their number with their case.
    return session | {"ProxySessionId": "".join(each.swapcase() if each.isascii() else each for each in identity)}


def _later(before: Session, session: Session, parts: Any) -> Session:
    updated, identity, status, move = parts
    before.setdefault("ProxySessionId", identity)
    before.setdefault("UpdatedTimestamp", updated)
    changed = {"Status": status, "UpdatedTimestamp": _moved(before["UpdatedTimestamp"], move)}
    return instances.copy_json(before) | changed


def _near(before: Session, session: Session, parts: Any) -> Session:
    created, move = parts
    return session | {"CreatedTimestamp": _moved(before.setdefault("CreatedTimestamp", created), move)}


def _paired(before: Session, pair: Any) -> list[dict[str, str]]:
    people = before.get("Participants", ())
    if len(people) < 2 or any("PhoneNumber" not in person for person in people[:2]):
        before["Participants"] = instances.copy_json(pair)
    return instances.copy_json(before["Participants"][:2])


def _swapped(before: Session, session: Session, parts: Any) -> Session:
    return session | {"Participants": _paired(before, parts)[::-1]}


def _plus(before: Session, session: Session, parts: Any) -> Session:
    people = _paired(before, parts)
    for person in people:
        number = person["PhoneNumber"]
        person["PhoneNumber"] = number[1:] if number.startswith("+") else f"+{number}"
    return session | {"Participants": people}


def _without_status(before: Session, session: Session, parts: Any) -> Session:
    before.setdefault("Status", parts[0])
    return {name: value for name, value in session.items() if name != "Status"}


def _elsewhere(before: Session, session: Session, parts: Any) -> Session:
    here, there, identity = parts
    shared = {"ProxySessionId": before.setdefault("ProxySessionId", identity)}
    before.setdefault("VoiceConnectorId", here)
    return session | shared | {"VoiceConnectorId": there}


def _equal(before: Session, session: Session, parts: Any) -> Session:
    return instances.copy_json(before)


RELATIONS: dict[str, Relation] = {
    "namesake": Relation(_member("Name", "ProxySessionId"), _namesake),
    "other case": Relation(_member("ProxySessionId"), _other_case),
    # In whole milliseconds, so that cutting digits never makes it earlier.
    "later": Relation(_with_moves("UpdatedTimestamp", _LATER, (3, 6, 9), "ProxySessionId", "Status"), _later),
    "near": Relation(_with_moves("CreatedTimestamp", _NEAR, (0, 1, 3, 6, 7, 9)), _near),
    "swapped": Relation(_pair, _swapped),
    "plus": Relation(_pair, _plus),
    "without status": Relation(_member("Status"), _without_status),
    "elsewhere": Relation(_member("VoiceConnectorId", "VoiceConnectorId", "ProxySessionId"), _elsewhere),
    "equal": Relation(lambda draw: None, _equal),
}
"""Every relation, by its name."""
