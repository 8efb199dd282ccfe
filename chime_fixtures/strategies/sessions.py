"""Strategies of proxy sessions: valid ones, violations, and evolved ones."""

from __future__ import annotations

from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, without_unknown_members
from chime_fixtures.engine.cases.evolutions import apply_change, unknown_parts
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.strategies.choices import HypothesisChoices, values_of
from chime_fixtures.engine.strategies.schemas import listed_properties
from chime_fixtures.engine.violation import Violation
from chime_fixtures.strategies.forms import check_form, in_form, noted_instance, violation_in_form
from chime_fixtures.strategies.members import (
    SESSION,
    Required,
    check_names,
    check_session,
    contract_requiring,
    drawn_overrides,
)
from chime_fixtures.strategies.realistic import plain_session

MAX_CHANGES = 4
"""The maximum number of unknown members and enum values in one evolved session."""


@st.composite
def proxy_sessions(
    draw: st.DrawFn, /, *, required: Required = (), form: Form = "wire", check: bool = True, **overrides: Any
) -> dict[str, Any]:
    """Valid sessions, as the published model allows them: any member may be absent, and values reach every limit.

    For a consumer that assumes what the service always sent, use `realistic_proxy_sessions`.

    Args:
        required: members that are always present: names, and JSON Pointers with ``*`` for each item of a list, as
            ``["Status", "/Participants/*/PhoneNumber"]``. A pointer also requires the members above it; a list may be
            empty, unless an index names an item. ``"all"`` for every member, those of participants and of
            GeoMatchParams included.
        form: ``"wire"`` for timestamps as text; ``"boto3"`` for datetimes with a time zone and no unknown member, as
            boto3 returns them.
        check: True to raise an error for an override that violates the contract.
        overrides: a value or a strategy for a member, which is then always present; a timestamp may be a datetime with
            a time zone.

    Raises (when a value is drawn):
        InvalidArgument: the contract has no such member, an override violates the contract, or the form is unknown.
    """
    check_form(form)
    contract = load_contract(SESSION)
    if check:
        check_names(contract, overrides)
    requiring = contract_requiring(contract, required)
    session: dict[str, Any] = draw(values_of(requiring.builder))
    values = drawn_overrides(draw, contract, overrides)
    if check and overrides:
        check_session(requiring, {**session, **values})
    if form == "boto3":
        session = without_unknown_members(contract, session)
    if required or overrides:
        session = {**listed_properties(contract, {**session, **values}), **session, **values}
    handed_out: dict[str, Any] = in_form(contract, session, form)
    return handed_out


@st.composite
def proxy_session_violations(
    draw: st.DrawFn,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Violation:
    """Labelled sessions that violate exactly one constraint.

    Args:
        pointer: only violations at this location.
        keyword: only violations of this keyword.
        contested: include violations on which validators disagree.
        form: ``"boto3"`` for datetimes instead of all timestamps but an invalid one.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that location and keyword, or the form is unknown.
    """
    contract = load_contract(SESSION)
    return violation_in_form(
        draw, contract, form, pointer=pointer, keyword=keyword, contested=contested, plain=plain_session
    )


@st.composite
def invalid_proxy_sessions(
    draw: st.DrawFn,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Any:
    """Sessions that violate exactly one constraint, which Hypothesis prints when a test fails.

    The options are those of `proxy_session_violations`.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that location and keyword, or the form is unknown.
    """
    contract = load_contract(SESSION)
    return noted_instance(
        violation_in_form(
            draw, contract, form, pointer=pointer, keyword=keyword, contested=contested, plain=plain_session
        )
    )


@st.composite
def evolved_proxy_sessions(draw: st.DrawFn, *, form: Form = "wire") -> dict[str, Any]:
    """Sessions that may be valid tomorrow, with unknown members or enum values, which a tolerant reader accepts.

    Unknown members are scalars, objects, lists or null, in the session, its participants and its GeoMatchParams; every
    enumeration may have an unknown value. Hypothesis prints the unknown parts when a test fails, and shrinks to one.

    Args:
        form: ``"wire"`` for timestamps as text; ``"boto3"`` for datetimes with a time zone, and with unknown enum
            values only: botocore drops the members that its model does not have.

    Raises (when a value is drawn):
        InvalidArgument: the form is unknown.
    """
    check_form(form)
    contract = load_contract(SESSION)
    builder, choices = contract.builder, HypothesisChoices(draw)
    evolutions = [each for each in contract.evolutions if form == "wire" or each.name is None]

    def make(node: Node) -> Any:
        return builder.construction(node)(choices, (node.min_depth or 0) + 1)

    def pick(count: int) -> int:
        return choices.integer(0, count - 1)

    session = draw(values_of(builder))
    if form == "boto3":
        session = listed_properties(contract, session)
    for each in draw(st.lists(st.sampled_from(evolutions), min_size=1, max_size=MAX_CHANGES)):
        session = apply_change(contract.root, session, each.path, each.change, make=make, pick=pick)
    session = {**listed_properties(contract, session), **session}
    note(f"unknown: {', '.join(unknown_parts(contract.root, session))}")
    named = session if form == "wire" else without_unknown_members(contract, session)
    handed_out: dict[str, Any] = in_form(contract, named, form)
    return handed_out
