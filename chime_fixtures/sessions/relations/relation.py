"""A relation between two sessions of a list, and its enumerated cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Session = dict[str, Any]
Parameters = tuple[Any, ...]
Relate = Callable[..., tuple[Session, Session] | None]

CONNECTOR, ID, NAME, STATUS, PARTICIPANTS = "VoiceConnectorId", "ProxySessionId", "Name", "Status", "Participants"
CREATED, UPDATED, ENDED, EXPIRY_MINUTES = "CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp", "ExpiryMinutes"
CAPABILITIES, NUMBER, PROXY_NUMBER = "Capabilities", "PhoneNumber", "ProxyPhoneNumber"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelationCase:
    """The parameters of one enumerated list.

    Attributes:
        label: the last part of the list's id.
        summary: one sentence about the list.
        alternatives: the parameters; the first ones that the contract allows are used.
        is_reversed: True if the later session comes first.
        is_apart: True if an unrelated session is between the two.
        later_sessions: the number of sessions that have the relation to the first one.
        weight: the frequency of the case among the drawn ones.
    """

    label: str
    summary: str
    alternatives: tuple[Parameters, ...] = ((),)
    is_reversed: bool = False
    is_apart: bool = False
    later_sessions: int = 1
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relation:
    """A relation of one session to an earlier one.

    Attributes:
        members: the members that the relation is about, which begin the ids of its lists.
        shared: the members that the earlier session must have.
        own: the members that the later session must have, with values of its own.
        options: the possible values of each parameter; the first is the simplest.
        relate: returns the earlier and the later session. Its arguments are the two, which it may change, and the
            parameters. It returns None if these two sessions can't be related.
        cases: the enumerated lists, the most fruitful first.
    """

    members: tuple[str, ...]
    shared: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    options: tuple[tuple[Any, ...], ...] = ()
    relate: Relate
    cases: tuple[RelationCase, ...]
