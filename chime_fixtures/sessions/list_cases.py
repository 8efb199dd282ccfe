"""Labelled lists of proxy sessions: for programs that sort, merge, group, count, join or page through them."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import max_page_size
from chime_fixtures.chime.representations import parse_rfc3339
from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.values import RandomChoices
from chime_fixtures.engine.violation import safe_id
from chime_fixtures.sessions.factory import ProxySessionFactory
from chime_fixtures.sessions.relations import apply_relation, relations_of
from chime_fixtures.sessions.relations.members import constants_of
from chime_fixtures.sessions.relations.relation import (
    CONNECTOR,
    CREATED,
    Parameters,
    Relation,
    RelationCase,
    Session,
)

_SESSION = "ProxySession"

MAX_TRIED_SESSIONS = 8
"""Sessions of which two are tried for one relation, if the values of the first ones can't be related."""

_SORTED_SESSIONS = 5
"""An odd number, so that batches of two leave one session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCase:
    """A labelled list of valid proxy sessions.

    Attributes:
        id: ``list[.<member>].<label>``: safe as a file name and as a test id.
        instance: the list of sessions.
        summary: one sentence about the list.
        pointer: the empty pointer, for the whole list.
        keyword: None: no keyword of the schema is concerned.
        limit: None, for the same reason.
    """

    id: str
    instance: list[dict[str, Any]] = field(hash=False)
    summary: str
    pointer: str = ""
    keyword: str | None = None
    limit: Any = field(default=None, hash=False)


def enumerate_lists() -> tuple[ListCase, ...]:
    """Every labelled list of proxy sessions, the most fruitful first; the same ones each time.

    Each session of a list is valid. `proxy_session_lists` draws the same relations with other values.
    """
    return tuple(
        replace(each, instance=instances.copy_json(each.instance)) for each in list_cases(load_contract(_SESSION))
    )


@functools.lru_cache(maxsize=16)
def list_cases(contract: Contract) -> tuple[ListCase, ...]:
    """The labelled lists of a contract of sessions, without those that it does not allow."""
    return tuple(_ListCases(contract).cases())


def _in_turn(groups: list[list[ListCase]]) -> list[ListCase]:
    """The first case of each group, then the second of each: every prefix has cases of many groups."""
    return [case for turn in itertools.zip_longest(*groups) for case in turn if case is not None]


class _ListCases:
    """The construction of the lists of one contract, from its realistic sessions."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._sessions: list[Session] = ProxySessionFactory(contract=contract).batch(max_page_size() + 1)
        self._members = contract.root.require_branch(Objects)
        self._verdicts: dict[str, bool] = {}

    def cases(self) -> list[ListCase]:
        """Every list that the contract allows, the most fruitful first."""
        groups = [list(self._whole_lists())]
        related = relations_of(self._contract).values()
        groups += [_in_turn([list(self._related_lists(each)) for each in relations]) for relations in related]
        cases = dict[str, ListCase]()
        for case in _in_turn(groups):
            cases.setdefault(case.id.casefold(), case)
        return list(cases.values())

    def _whole_lists(self) -> Iterator[ListCase]:
        sessions, page_size = self._sessions, len(self._sessions) - 1
        yield _list_case((), "empty", "An empty list.", [])
        yield _list_case((), "one", "A list of one session.", sessions[:1])
        required = {name: value for name, value in sessions[0].items() if name in self._members.required}
        if self._is_valid(required):
            summary = "Two sessions with the required members only."
            yield _list_case((), "required-members-only", summary, [required, required])
        yield _list_case((), "more-than-a-page", "One session more than the greatest page has.", sessions)
        if all(CREATED in session for session in sessions):
            ascending = sorted(sessions[:_SORTED_SESSIONS], key=_created)
            for label, ordered in (("descending", ascending[::-1]), ("ascending", ascending)):
                yield _list_case((CREATED,), label, f"Sessions in {label} order of {CREATED}.", ordered)
        for name, node in self._members.properties.items():
            each = [session | {name: value} for session, value in zip(sessions, constants_of(node), strict=False)]
            if len(each) == len(constants_of(node)) > 0 and all(map(self._is_valid, each)):
                yield _list_case((name,), "each-value", f"A session with each value of {name}.", each)
        yield _list_case((), "a-whole-page", "As many sessions as the greatest page has.", sessions[:page_size])
        for name in self._members.optional:
            alone = {member: value for member, value in sessions[0].items() if member != name}
            if self._is_valid(alone):
                yield _list_case((name,), "in-none", f"A list of one session, without {name}.", [alone])

    def _related_lists(self, relation: Relation) -> Iterator[ListCase]:
        for case in relation.cases:
            found = self._related(relation, case)
            if found is not None:
                yield _list_case(relation.members, case.label, case.summary, map(self._in_order, found))

    def _related(self, relation: Relation, case: RelationCase) -> list[Session] | None:
        """The sessions of a case; None if the relation is impossible with all its parameters and the tried sessions."""
        first, *others = self._sessions[:MAX_TRIED_SESSIONS]
        for parameters, other in itertools.product(case.alternatives, others):
            related = self._apply(relation, parameters, first, other)
            if related is None:
                continue
            before, spare = related[0], self._sessions[MAX_TRIED_SESSIONS:]
            further = [self._apply(relation, parameters, before, each) for each in spare[: case.later_sessions - 1]]
            between = [each for each in spare if _differs(before, each, relation.members)][: int(case.is_apart)]
            if None in further or len(between) < case.is_apart:
                continue
            found = [before, *between, related[1], *(each[1] for each in further if each is not None)]
            return found[::-1] if case.is_reversed else found
        return None

    def _apply(
        self, relation: Relation, parameters: Parameters, before: Session, session: Session
    ) -> tuple[Session, Session] | None:
        """The two related sessions, in one connector unless the relation is about two."""
        before = before | {name: self._value_of(name) for name in relation.shared if name not in before}
        one_connector = [CONNECTOR] if CONNECTOR in before and CONNECTOR not in relation.own else []
        session = (
            session
            | {name: self._value_of(name) for name in relation.own if name not in session}
            | {name: before[name] for name in one_connector}
        )
        related = apply_relation(self._contract, relation, before, session, parameters)
        return related if related is not None and all(map(self._is_valid, related)) else None

    def _value_of(self, name: str) -> Any:
        """A valid value of a member: that of a realistic session, if one has it."""
        for session in self._sessions:
            if name in session:
                return session[name]
        node = self._members.properties[name]
        return self._contract.builder.construction(node)(RandomChoices(random.Random(0)), (node.min_depth or 0) + 1)

    def _is_valid(self, session: Session) -> bool:
        """True if both validators accept a session."""
        key = repr(session)
        if key not in self._verdicts:
            self._verdicts[key] = self._contract.is_valid(session) and not self._contract.contested(session)
        return self._verdicts[key]

    def _in_order(self, session: Session) -> Session:
        """The session with its members in the order of the schema."""
        names = {**dict.fromkeys(self._members.properties), **dict.fromkeys(session)}
        return {name: session[name] for name in names if name in session}


def _differs(before: Session, session: Session, members: tuple[str, ...]) -> bool:
    return all(before.get(name) != session.get(name) for name in members)


def _created(session: Session) -> float:
    moment = parse_rfc3339(session[CREATED])
    return float("-inf") if moment is None else moment.timestamp()


def _list_case(members: tuple[str, ...], label: str, summary: str, sessions: Iterable[Session]) -> ListCase:
    copies = [instances.copy_json(session) for session in sessions]
    return ListCase(id=safe_id(["list", *members, label]), instance=copies, summary=summary)
