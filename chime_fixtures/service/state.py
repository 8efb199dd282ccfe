"""The state of the service: connectors, their proxy configurations and their sessions. It is not thread-safe itself."""

from __future__ import annotations

import bisect
import datetime as dt
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.service.context import Context
from chime_fixtures.service.imitator import Imitator
from chime_fixtures.service.messages import NOT_FOUND, ApiError, encode_json
from chime_fixtures.service.policies import Policies

CLOSED = "Closed"


@dataclass(slots=True)
class StoredSession:
    """One stored session.

    Attributes:
        session_id: the id under which it is stored.
        session: the session; replaced, never modified in place.
        sequence: its number in the order of creation.
        start: the instant from which its minutes count.
        deadline: the instant at which it expires; None if it never does.
        is_checked: True if it satisfies the contract; False if it was preloaded without a check.
        body: the session as the service writes it, cached.
        converted: the session as the imitator's contract requires it, cached.
    """

    session_id: str
    session: dict[str, Any]
    sequence: int
    start: dt.datetime
    deadline: dt.datetime | None = None
    is_checked: bool = True
    body: bytes | None = None
    converted: Any = None

    @property
    def is_closed(self) -> bool:
        """True if the session's status is ``Closed``."""
        return self.session.get("Status") == CLOSED

    def as_value(self, imitator: Imitator | None) -> Any:
        """Return the session as clients see it; one that was preloaded without a check is not converted."""
        if imitator is None or not self.is_checked:
            return self.session
        if self.converted is None:
            self.converted = imitator.convert(self.session, self.session_id)
        return self.converted

    def as_bytes(self, imitator: Imitator | None) -> bytes:
        """Return the session as the service writes it."""
        if self.body is None:
            self.body = encode_json(self.as_value(imitator))
        return self.body


@dataclass(slots=True)
class Connector:
    """A Voice Connector: its proxy configuration, if it has one, and its sessions in the order of creation.

    Attributes:
        connector_id: its id.
        proxy: its proxy configuration, in the form of a response.
        sessions: the stored sessions, by id.
        deleted: the ids of deleted sessions.
        last_numbers: the proxy number that a set of participants had last.
        order: the sequence numbers of the sessions, sorted.
        by_sequence: the stored sessions, by sequence number.
        numbers_in_use: the proxy numbers of each participant's open sessions.
        deadlines: a heap of deadlines, with sequence numbers; it may contain outdated ones.
    """

    connector_id: str
    proxy: dict[str, Any] | None = None
    sessions: dict[str, StoredSession] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    last_numbers: dict[frozenset[str], str] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    by_sequence: dict[int, StoredSession] = field(default_factory=dict)
    numbers_in_use: dict[str, set[str]] = field(default_factory=dict)
    deadlines: list[tuple[dt.datetime, int]] = field(default_factory=list)

    def put(self, stored: StoredSession) -> None:
        """Store a session, in place of one with the same id."""
        previous = self.sessions.get(stored.session_id)
        if previous is not None:
            self.remove(previous)
        self.sessions[stored.session_id] = stored
        bisect.insort(self.order, stored.sequence)
        self.by_sequence[stored.sequence] = stored
        self.deleted.discard(stored.session_id)
        self._index(stored)

    def replace(self, stored: StoredSession, session: dict[str, Any], deadline: dt.datetime | None) -> None:
        """Replace the content and the deadline of a stored session."""
        self._unindex(stored)
        stored.session, stored.deadline, stored.body, stored.converted = session, deadline, None, None
        self._index(stored)

    def remove(self, stored: StoredSession) -> None:
        """Remove a stored session."""
        self._unindex(stored)
        del self.sessions[stored.session_id], self.by_sequence[stored.sequence]
        del self.order[bisect.bisect_left(self.order, stored.sequence)]

    def close(self, stored: StoredSession, instant: dt.datetime, *, updated: bool = False) -> None:
        """Close a session as of an instant, which is also the time of its update if `updated`."""
        ended = timestamp(instant)
        session = {**stored.session, "Status": CLOSED, "EndedTimestamp": ended}
        if updated:
            session["UpdatedTimestamp"] = ended
        self.replace(stored, session, None)

    def expire(self, now: dt.datetime, policies: Policies) -> None:
        """Close or remove the sessions whose deadline has passed."""
        while self.deadlines and self.deadlines[0][0] <= now:
            deadline, sequence = heapq.heappop(self.deadlines)
            stored = self.by_sequence.get(sequence)
            # A session that was extended, closed or deleted since then has another deadline, or none.
            if stored is None or stored.deadline != deadline:
                continue
            if policies.expiry_leaves == "nothing":
                self.remove(stored)
            else:
                self.close(stored, deadline)

    def after(self, sequence: int | None, *, newest_first: bool) -> Iterator[StoredSession]:
        """Yield the sessions that follow a sequence number in the order of the listing; all of them for None."""
        if newest_first:
            end = len(self.order) if sequence is None else bisect.bisect_left(self.order, sequence)
            indices = range(end - 1, -1, -1)
        else:
            start = 0 if sequence is None else bisect.bisect_right(self.order, sequence)
            indices = range(start, len(self.order))
        return (self.by_sequence[self.order[index]] for index in indices)

    def _index(self, stored: StoredSession) -> None:
        if stored.deadline is not None:
            heapq.heappush(self.deadlines, (stored.deadline, stored.sequence))
        if not stored.is_closed:
            for participant, number in _proxy_numbers(stored.session):
                self.numbers_in_use.setdefault(participant, set()).add(number)

    def _unindex(self, stored: StoredSession) -> None:
        if not stored.is_closed:
            for participant, number in _proxy_numbers(stored.session):
                self.numbers_in_use.get(participant, set()).discard(number)


class State:
    """All connectors, and the counter of sessions.

    Args:
        context: the clock, and the policies for unknown connectors and expired sessions.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._connectors: dict[str, Connector] = {}
        self._sequence = 0

    def clear(self) -> None:
        """Remove every connector."""
        self._connectors.clear()

    def ensure_connector(self, connector_id: str) -> Connector:
        """Return the connector of an id, created if it does not exist; its sessions may be past their deadlines."""
        connector = self._connectors.get(connector_id)
        if connector is None:
            connector = self._connectors[connector_id] = Connector(connector_id)
        return connector

    def find_connector(self, connector_id: str) -> Connector:
        """Return the connector of an id as it is now.

        Raises:
            ApiError: the connector was not added, and the policy is that only added ones exist.
        """
        if self._context.policies.unknown_connectors == "not-found" and connector_id not in self._connectors:
            raise ApiError(NOT_FOUND, f"Voice Connector {connector_id} does not exist")
        connector = self.ensure_connector(connector_id)
        connector.expire(self._context.clock.now(), self._context.policies)
        return connector

    def connectors(self) -> list[Connector]:
        """Return every connector as it is now."""
        connectors = list(self._connectors.values())
        for connector in connectors:
            connector.expire(self._context.clock.now(), self._context.policies)
        return connectors

    def next_sequence(self) -> int:
        """Return the sequence number of the next session."""
        self._sequence += 1
        return self._sequence


def deadline_of(start: dt.datetime, minutes: Any) -> dt.datetime | None:
    """Return the end of a session; None if `minutes` is not a number or the end is beyond the calendar."""
    if not isinstance(minutes, (int, float)):
        return None
    try:
        return start + dt.timedelta(minutes=minutes)
    except (OverflowError, ValueError):
        return None


def _proxy_numbers(session: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each participant's telephone number with its proxy number; a preloaded session may have malformed ones."""
    participants = session.get("Participants")
    for participant in participants if isinstance(participants, list) else ():
        if isinstance(participant, dict):
            number, proxy_number = participant.get("PhoneNumber"), participant.get("ProxyPhoneNumber")
            if isinstance(number, str) and isinstance(proxy_number, str):
                yield number, proxy_number
