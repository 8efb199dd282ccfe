"""The state of the service: connectors, their proxy configurations and their sessions. Not thread-safe by itself."""

from __future__ import annotations

import bisect
import datetime as dt
import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.service.clock import timestamp
from chime_fixtures.service.imitator import Shape
from chime_fixtures.service.policies import Policies

CLOSED = "Closed"


def dump(value: Any) -> bytes:
    """A JSON value as the service writes it: ASCII, no blanks."""
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass(slots=True)
class Entry:
    """One stored session.

    Attributes:
        session_id: the id under which it is found.
        session: the session; replaced, never changed in place.
        sequence: its place in the order of creation.
        start: the instant from which its minutes count.
        deadline: when it expires; None if never.
        is_checked: whether it has to fulfil the contract; a session preloaded without a check need not.
        content: the session as bytes, made when it is first asked for.
        shown: the session in the shape of the service's contract, if that is another than ours.
    """

    session_id: str
    session: dict[str, Any]
    sequence: int
    start: dt.datetime
    deadline: dt.datetime | None = None
    is_checked: bool = True
    content: bytes | None = None
    shown: Any = None

    @property
    def is_closed(self) -> bool:
        """Whether its status says so."""
        return self.session.get("Status") == CLOSED

    def show(self, shape: Shape | None) -> Any:
        """The session as the service shows it; one that was preloaded without a check is shown as it is."""
        if shape is None or not self.is_checked:
            return self.session
        if self.shown is None:
            self.shown = shape.of(self.session, self.session_id)
        return self.shown

    def as_bytes(self, shape: Shape | None) -> bytes:
        """The session as the service writes it."""
        if self.content is None:
            self.content = dump(self.show(shape))
        return self.content


@dataclass(slots=True)
class Connector:
    """A Voice Connector: its proxy configuration, if it has one, and its sessions in the order of creation."""

    connector_id: str
    proxy: dict[str, Any] | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    sticky: dict[frozenset[str], str] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    by_sequence: dict[int, Entry] = field(default_factory=dict)
    in_use: dict[str, set[str]] = field(default_factory=dict)
    deadlines: list[tuple[dt.datetime, int]] = field(default_factory=list)

    def put(self, entry: Entry) -> None:
        """Store a session, in place of one of the same id."""
        old = self.entries.get(entry.session_id)
        if old is not None:
            self.remove(old)
        self.entries[entry.session_id] = entry
        bisect.insort(self.order, entry.sequence)
        self.by_sequence[entry.sequence] = entry
        self.deleted.discard(entry.session_id)
        self._occupy(entry)

    def replace(self, entry: Entry, session: dict[str, Any], deadline: dt.datetime | None) -> None:
        """Give a stored session another content and another end."""
        self._release(entry)
        entry.session, entry.deadline, entry.content, entry.shown = session, deadline, None, None
        self._occupy(entry)

    def remove(self, entry: Entry) -> None:
        """Forget a session."""
        self._release(entry)
        del self.entries[entry.session_id], self.by_sequence[entry.sequence]
        del self.order[bisect.bisect_left(self.order, entry.sequence)]

    def close(self, entry: Entry, instant: dt.datetime, *, updated: bool = False) -> None:
        """End a session at an instant."""
        ended = timestamp(instant)
        session = {**entry.session, "Status": CLOSED, "EndedTimestamp": ended}
        if updated:
            session["UpdatedTimestamp"] = ended
        self.replace(entry, session, None)

    def expire(self, now: dt.datetime, policies: Policies) -> None:
        """End the sessions whose time is up."""
        while self.deadlines and self.deadlines[0][0] <= now:
            deadline, sequence = heapq.heappop(self.deadlines)
            entry = self.by_sequence.get(sequence)
            # A session that was prolonged, closed or deleted meanwhile has another deadline, or none.
            if entry is None or entry.deadline != deadline:
                continue
            if policies.expiry_leaves == "nothing":
                self.remove(entry)
            else:
                self.close(entry, deadline)

    def after(self, sequence: int | None, *, newest_first: bool) -> Iterator[Entry]:
        """The sessions that follow a place in the order; from the start for None."""
        if newest_first:
            end = len(self.order) if sequence is None else bisect.bisect_left(self.order, sequence)
            places = range(end - 1, -1, -1)
        else:
            start = 0 if sequence is None else bisect.bisect_right(self.order, sequence)
            places = range(start, len(self.order))
        return (self.by_sequence[self.order[place]] for place in places)

    def _occupy(self, entry: Entry) -> None:
        if entry.deadline is not None:
            heapq.heappush(self.deadlines, (entry.deadline, entry.sequence))
        if not entry.is_closed:
            for person, number in _lines(entry.session):
                self.in_use.setdefault(person, set()).add(number)

    def _release(self, entry: Entry) -> None:
        if not entry.is_closed:
            for person, number in _lines(entry.session):
                self.in_use.get(person, set()).discard(number)


def _lines(session: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Who is reached through which number; whatever is not well-formed (a preloaded breach) occupies no line."""
    participants = session.get("Participants")
    for participant in participants if isinstance(participants, list) else ():
        if isinstance(participant, dict):
            person, number = participant.get("PhoneNumber"), participant.get("ProxyPhoneNumber")
            if isinstance(person, str) and isinstance(number, str):
                yield person, number


class State:
    """All connectors, and the counter that orders the sessions."""

    def __init__(self) -> None:
        self.connectors: dict[str, Connector] = {}
        self._sequence = 0

    def clear(self) -> None:
        """Forget every connector."""
        self.connectors.clear()

    def connector(self, connector_id: str) -> Connector:
        """The connector of that id, made if nobody has spoken of it yet."""
        found = self.connectors.get(connector_id)
        if found is None:
            found = self.connectors[connector_id] = Connector(connector_id)
        return found

    def next_sequence(self) -> int:
        """The place of the next session in the order of creation."""
        self._sequence += 1
        return self._sequence
