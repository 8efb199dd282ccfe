"""Strategies of proxy sessions: valid ones, violations, and evolved ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, parsed_as_boto3
from chime_fixtures.engine.cases.evolutions import apply_change, unknown_parts
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.engine.normal_form.nodes import Node, Objects
from chime_fixtures.engine.strategies.choices import HypothesisChoices, values_of
from chime_fixtures.engine.strategies.schemas import listed_properties
from chime_fixtures.engine.violation import Violation
from chime_fixtures.strategies.forms import check_form, noted_instance, violation_in_form

SESSION = "ProxySession"

MAX_CHANGES = 4
"""The maximum number of unknown members and enum values in one evolved session."""


@st.composite
def proxy_sessions(
    draw: st.DrawFn, /, *, required: Collection[str] = (), form: Form = "wire", **overrides: Any
) -> dict[str, Any]:
    """Valid sessions, as the service may return them: any member may be absent.

    Args:
        required: members that are always present.
        form: ``"wire"`` for timestamps as text; ``"boto3"`` for datetimes with a time zone and no unknown member, as
            boto3 returns them.
        overrides: a value or a strategy for a member, which is then always present.

    Raises (when a value is drawn):
        InvalidArgument: the contract has no such member, or the form is unknown.
    """
    check_form(form)
    contract = load_contract(SESSION)
    session = _draw_session(draw, contract, required, overrides)
    return session if form == "wire" else parsed_as_boto3(contract, session)


def _draw_session(
    draw: st.DrawFn, contract: Contract, required: Collection[str], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    builder = contract.builder
    members = builder.root.require_branch(Objects).properties
    if isinstance(required, str) or not isinstance(required, Collection):
        raise InvalidArgument(f"required must be a list of members such as ['Name'], not {required!r}")
    for argument, names in (("required", required), ("overrides", overrides)):
        for name in names:
            if name not in members:
                raise InvalidArgument(
                    f"{argument}: {contract.name} has no member {name!r}{did_you_mean(name, members)}"
                )
    session: dict[str, Any] = draw(values_of(builder))
    choices = HypothesisChoices(draw)
    for name in required:
        if name not in session and name not in overrides:
            session[name] = builder.construction(members[name])(choices, len(members))
    for name, given in overrides.items():
        session[name] = draw(given) if isinstance(given, st.SearchStrategy) else given
    if not required and not overrides:
        return session
    return {**listed_properties(contract, session), **session}


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
    return violation_in_form(draw, contract, form, pointer=pointer, keyword=keyword, contested=contested)


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
        violation_in_form(draw, contract, form, pointer=pointer, keyword=keyword, contested=contested)
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
    return session if form == "wire" else parsed_as_boto3(contract, session)
