"""Lists of sessions that have to do with one another, as a consumer that sorts, merges, groups or counts them meets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, instant, parsed_as_boto3
from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.strategies.choices import independent
from chime_fixtures.engine.strategies.schemas import check_form
from chime_fixtures.strategies.relations import RELATIONS, Session
from chime_fixtures.strategies.sessions import SESSION, proxy_sessions

_BARE = "bare"
_FRESH = "fresh"
# Every third session or so has nothing to do with another. What takes no choice comes first: a list shrinks to it.
_KINDS = (_BARE, *[_FRESH] * (len(RELATIONS) // 2), *RELATIONS)
_ARRANGED = ("as drawn", "sorted", "reversed")


@st.composite
def proxy_session_lists(
    draw: st.DrawFn, *, min_size: int = 0, max_size: int | None = None, form: Form = "wire"
) -> list[dict[str, Any]]:
    """Valid sessions in a list, most of them related to one before.

    They have equal names; ids that differ in case only; one id with a later UpdatedTimestamp, or in two connectors;
    instants that are near or equal, written with other offsets and fractions; one pair of participants in both orders;
    one number with and without its plus; a status and none; or they are equal. The list is as it was drawn, sorted by
    CreatedTimestamp, or reversed.

    Args:
        min_size: how many sessions there are at least.
        max_size: how many there are at most.
        form: ``"wire"`` for timestamps as text, ``"boto3"`` for datetimes with a zone.

    Raises (when a value is drawn):
        InvalidArgument: the sizes exclude each other, or there is no such form.
    """
    check_form(form)
    contract = load_contract(SESSION)
    sessions: list[Session] = []
    for kind, back, is_copy, parts in draw(independent(st.lists(_steps(), min_size=min_size, max_size=max_size))):
        if kind not in RELATIONS or not sessions:
            # What was drawn may be drawn again: it is copied before a relation changes it.
            sessions.append(instances.copy_json(parts) if kind == _FRESH else {})
            continue
        before = sessions[-1 - min(back, len(sessions) - 1)]
        sessions.append(RELATIONS[kind].relate(before, instances.copy_json(before) if is_copy else {}, parts))
    arranged = draw(st.sampled_from(_ARRANGED))
    if arranged in ("sorted", "reversed"):
        sessions.sort(key=_created, reverse=arranged == "reversed")
    members = contract.builder.root.require_branch(Objects).properties
    in_order = [{name: session[name] for name in members if name in session} for session in sessions]
    return in_order if form == "wire" else [parsed_as_boto3(contract, session) for session in in_order]


@st.composite
def _steps(draw: st.DrawFn) -> tuple[str, int, bool, Any]:
    """One session: what it is to which one before, whether the rest is equal or absent, and what that takes."""
    kind = draw(st.sampled_from(_KINDS))
    if kind == _BARE:
        return kind, 0, False, {}
    if kind == _FRESH:
        return kind, 0, False, draw(proxy_sessions())
    return kind, draw(st.integers(0, 3)), draw(st.booleans()), RELATIONS[kind].parts(draw)


def _created(session: Session) -> float:
    moment = instant(session.get("CreatedTimestamp"))
    return float("-inf") if moment is None else moment.timestamp()
