"""Strategies of lists whose sessions are related: for consumers that sort, merge, group or count them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, parse_rfc3339, without_unknown_members
from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.strategies.choices import HypothesisChoices, independent, values_of
from chime_fixtures.sessions.relations import apply_relation, related_cases
from chime_fixtures.sessions.relations.participants import participant_number
from chime_fixtures.sessions.relations.relation import (
    CREATED,
    NUMBER,
    PARTICIPANTS,
    Parameters,
    Relation,
    RelationCase,
    Session,
)
from chime_fixtures.strategies.forms import check_form, in_form
from chime_fixtures.strategies.members import SESSION

_EMPTY, _UNRELATED, _RELATED = "empty", "unrelated", "related"
# A list shrinks to the first kind, which has no choices.
_KINDS = (_EMPTY, _UNRELATED, *[_RELATED] * 4)
_ORDERS = ("as drawn", "sorted", "reversed")

MAX_RELATIONS = 4
"""The maximum number of relations of one session to an earlier one."""

MIN_SESSIONS = 3
"""Half of the lists have at least this many sessions more than the minimum."""

OTHER_PARAMETERS_PERIOD = 4
"""One relation in this many has other parameters than a labelled case."""


@dataclass(frozen=True, slots=True)
class _DrawnRelation:
    """A relation with values.

    Attributes:
        relation: the relation.
        shared: values of the members that the earlier session must have.
        own: values of the members that the later session must have.
        parameters: the parameters of the relation.
    """

    relation: Relation
    shared: Session
    own: Session
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class _Step:
    """A session of a list and its relations to an earlier one.

    Attributes:
        session: the session, if it is not a copy of the earlier one.
        relations: the relations; empty for a session that is not related.
        back: the distance to the earlier session.
        is_copy: True for a changed copy of the earlier session.
        is_first: True if the session is inserted before the earlier one.
    """

    session: Session
    relations: tuple[_DrawnRelation, ...] = ()
    back: int = 0
    is_copy: bool = False
    is_first: bool = False


@st.composite
def proxy_session_lists(
    draw: st.DrawFn, *, min_size: int = 0, max_size: int | None = None, form: Form = "wire"
) -> list[dict[str, Any]]:
    """Lists of valid sessions, most of them related to an earlier one of the list.

    The relations are those of `enumerate_lists`, with other values. Related sessions have:

    - equal names, or names and ids that differ in case, Unicode normal form or blanks, or are equal as numbers;
    - one id, with an earlier, equal or later UpdatedTimestamp, or in two connectors;
    - compound keys that are equal when joined;
    - timestamps that are close or equal, with different offsets and numbers of digits;
    - the same participants in both orders, or in part, and numbers with and without their plus;
    - a member in one and none in the other;
    - or all members equal, or all but one.

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
    least = min_size
    if max_size is None or max_size >= min_size + MIN_SESSIONS:
        least += draw(st.sampled_from((0, MIN_SESSIONS)))
    for step in draw(independent(st.lists(_steps(contract), min_size=least, max_size=max_size))):
        _add(contract, sessions, step)
    order = draw(st.sampled_from(_ORDERS))
    if order in ("sorted", "reversed"):
        sessions.sort(key=_created, reverse=order == "reversed")
    members = contract.root.require_branch(Objects).properties
    in_order = [{name: session[name] for name in members if name in session} for session in sessions]
    if form == "boto3":
        in_order = [without_unknown_members(contract, session) for session in in_order]
    return [in_form(contract, session, form) for session in in_order]


def _add(contract: Contract, sessions: list[Session], step: _Step) -> None:
    """Add a session to a list, with those of its relations that are possible with its values."""
    # Hypothesis may draw the same object again: nothing that is drawn is changed.
    if not step.relations or not sessions:
        sessions.append(instances.copy_json(step.session))
        return
    index = len(sessions) - 1 - min(step.back, len(sessions) - 1)
    before, later = sessions[index], instances.copy_json(sessions[index] if step.is_copy else step.session)
    for each in step.relations:
        about = each.relation.members
        # What an earlier relation of the step has changed is kept.
        own = {
            name: value
            for name, value in each.own.items()
            if name in about or name not in later or later[name] == before.get(name)
        }
        related = apply_relation(contract, each.relation, each.shared | before, later | own, each.parameters)
        before, later = related or (before, later)
    sessions[index] = before
    sessions.insert(index if step.is_first else len(sessions), later)


@st.composite
def _steps(draw: st.DrawFn, contract: Contract) -> _Step:
    kind = draw(st.sampled_from(_KINDS))
    # Where the contract requires a member, no session is empty.
    has_values = kind == _UNRELATED or not contract.is_valid({})
    session: Session = draw(values_of(contract.builder)) if has_values else {}
    if kind != _RELATED:
        return _Step(session)
    return _Step(
        session=session,
        relations=tuple(draw(st.lists(_relations(contract), min_size=1, max_size=MAX_RELATIONS))),
        back=draw(st.integers(0, 3)),
        is_copy=draw(st.booleans()),
        is_first=draw(st.booleans()),
    )


@functools.lru_cache(maxsize=16)
def _cases(contract: Contract) -> st.SearchStrategy[tuple[Relation, RelationCase]]:
    return st.sampled_from(related_cases(contract))


@st.composite
def _relations(draw: st.DrawFn, contract: Contract) -> _DrawnRelation:
    # Each labelled case is as likely as any other, so that some hundred lists have most of them.
    relation, case = draw(_cases(contract))
    parameters: Parameters = draw(st.sampled_from((case.alternatives[0], *case.alternatives)))
    if relation.options and not draw(st.integers(0, OTHER_PARAMETERS_PERIOD - 1)):
        parameters = tuple(draw(st.sampled_from(options)) for options in relation.options)
    return _DrawnRelation(
        relation=relation,
        shared={name: _value(draw, contract, name) for name in relation.shared},
        own={name: _value(draw, contract, name) for name in relation.own},
        parameters=parameters,
    )


def _value(draw: st.DrawFn, contract: Contract, name: str) -> Any:
    """A valid value of a member; of Participants, two with a number each."""
    builder, choices = contract.builder, HypothesisChoices(draw)
    members = builder.root.require_branch(Objects).properties
    number = participant_number(members)
    if name == PARTICIPANTS and number is not None:
        return [{NUMBER: builder.construction(number)(choices, 1)} for _ in range(2)]
    return builder.construction(members[name])(choices, len(members))


def _created(session: Session) -> float:
    moment = parse_rfc3339(session.get(CREATED))
    return float("-inf") if moment is None else moment.timestamp()
