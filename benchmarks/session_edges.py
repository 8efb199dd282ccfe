"""The 41 edges of a valid session that `generation.py` counts, each as a predicate of a session."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

Session = dict[str, Any]
IDENTIFIERS = ("VoiceConnectorId", "ProxySessionId")
STAMPS = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")
CHOICES = {
    "Status": ("Open", "InProgress", "Closed"),
    "Capabilities": ("Voice", "SMS"),
    "NumberSelectionBehavior": ("PreferSticky", "AvoidSticky"),
    "GeoMatchLevel": ("Country", "AreaCode"),
}
MEMBERS = {*IDENTIFIERS, *STAMPS, *CHOICES, "Name", "ExpiryMinutes", "Participants", "GeoMatchParams"}


def phones(session: Session) -> list[str]:
    """The telephone numbers of all participants."""
    return [number for participant in session.get("Participants", ()) for number in participant.values()]


def texts(session: Session, kind: str) -> list[str]:
    """The strings of a kind: a member, `phone`, `stamp`, `Country` or `AreaCode`."""
    if kind == "phone":
        return [number for number in phones(session) if isinstance(number, str)]
    if kind == "stamp":
        return [session[name] for name in STAMPS if name in session]
    holder = session.get("GeoMatchParams", {}) if kind in {"Country", "AreaCode"} else session
    return [holder[kind]] if kind in holder else []


def _any(kind: str, test: Callable[[str], Any]) -> Callable[[Session], bool]:
    return lambda session: any(map(test, texts(session, kind)))


def _number(test: Callable[[Any], bool]) -> Callable[[Session], bool]:
    return lambda session: "ExpiryMinutes" in session and test(session["ExpiryMinutes"])


def _list(name: str, test: Callable[[list[Any]], bool]) -> Callable[[Session], bool]:
    return lambda session: name in session and test(session[name])


def _has(name: str, choice: str) -> Callable[[Session], bool]:
    def test(session: Session) -> bool:
        found: Collection[str] = session.get(name, ())
        return found == choice if isinstance(found, str) else choice in found

    return test


def _is_astral(text: str) -> bool:
    return any(ord(char) > 0xFFFF for char in text)


def _length(length: int) -> Callable[[str], bool]:
    return lambda text: len(text) == length


def _matches(pattern: str) -> Callable[[str], Any]:
    return re.compile(pattern).search


def _edges() -> Iterator[tuple[str, Callable[[Session], bool]]]:
    yield "no member", lambda session: session == {}
    yield "all 13 members", lambda session: session.keys() >= MEMBERS
    yield "an unknown member", lambda session: not session.keys() <= MEMBERS
    for length in (0, 127, 128):
        yield f"Name of {length}", _any("Name", _length(length))
    yield "Name with an astral character", _any("Name", _is_astral)
    yield "Name of 128, one of them astral", _any("Name", lambda text: len(text) == 128 and _is_astral(text))
    for name in IDENTIFIERS:
        for length in (1, 128):
            yield f"{name} of {length}", _any(name, _length(length))
    yield "ExpiryMinutes 1", _number(lambda number: number == 1)
    yield "ExpiryMinutes 2", _number(lambda number: number == 2)
    yield "ExpiryMinutes beyond 32 bits", _number(lambda number: number > 2**31)
    yield "ExpiryMinutes beyond 64 bits", _number(lambda number: number > 2**63)
    yield "ExpiryMinutes as 1.0", _number(lambda number: isinstance(number, float))
    yield "no capability", _list("Capabilities", lambda found: not found)
    yield "a duplicate capability", _list("Capabilities", lambda found: len(found) > len(set(found)))
    yield "no participant", _list("Participants", lambda found: not found)
    yield "an empty participant", _list("Participants", lambda found: {} in found)
    yield "the shortest number", _any("phone", _matches("^[1-9][0-9]$"))
    yield "the longest number", _any("phone", _matches(r"^\+[1-9][0-9]{14}$"))
    yield "Country ''", _any("Country", _length(0))
    yield "AreaCode ''", _any("AreaCode", _length(0))
    yield "both ''", lambda session: session.get("GeoMatchParams") == {"Country": "", "AreaCode": ""}
    yield "a time in UTC", _any("stamp", _matches("[Zz]$"))
    yield "a time with an offset", _any("stamp", _matches("[+-](?!00:00)[0-9]{2}:[0-9]{2}$"))
    yield "a fraction of a second", _any("stamp", _matches(r":[0-9]{2}\.[0-9]"))
    yield "a leap second", _any("stamp", _matches(":60"))
    yield "29 February", _any("stamp", _matches("-02-29"))
    yield "the year 0001 or 9999", _any("stamp", _matches("^(0001|9999)-"))
    for name, choices in CHOICES.items():
        for choice in choices:
            yield f"{name} {choice}", _has(name, choice)


EDGES = dict(_edges())

LENGTHS = {"VoiceConnectorId": (1, 128), "ProxySessionId": (1, 128), "Name": (0, 128), "phone": (2, 16)}
"""The strings that have a range of lengths, with the minimum and the maximum."""
