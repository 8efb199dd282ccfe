"""Proxy sessions, valid and broken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, parsed_as_boto3
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.strategies.choices import HypothesisChoices, built
from chime_fixtures.engine.strategies.schemas import broken, check_form, named_members, noted
from chime_fixtures.engine.violation import Violation

SESSION = "ProxySession"


@st.composite
def proxy_sessions(
    draw: st.DrawFn, /, *, required: Collection[str] = (), form: Form = "wire", **overrides: Any
) -> dict[str, Any]:
    """Valid sessions, as the service may answer them: any member may be absent.

    Args:
        required: members that are always present.
        form: ``"wire"`` for timestamps as text; ``"boto3"`` for datetimes with a zone and no unknown member, as boto3
            hands them out.
        overrides: a value or a strategy for a member, which is then always present.

    Raises (when a value is drawn):
        InvalidArgument: the contract names no such member, or there is no such form.
    """
    check_form(form)
    contract = load_contract(SESSION)
    session = drawn_with(draw, contract, required, overrides, may_grow=True)
    return session if form == "wire" else parsed_as_boto3(contract, session)


def drawn_with(
    draw: st.DrawFn,
    contract: Contract,
    required: Collection[str],
    overrides: Mapping[str, Any],
    *,
    may_grow: bool = False,
) -> dict[str, Any]:
    """A valid object of a contract with the members that are required, and those that are given.

    Members that the contract does not name stay only where it `may_grow`: an answer may, what a client sends does not.
    """
    builder = contract.builder
    members = builder.root.require_branch(Objects).properties
    if isinstance(required, str) or not isinstance(required, Collection):
        raise InvalidArgument(f"required={required!r} is no list of members, as ['Name']")
    for argument, names in (("required", required), ("overrides", overrides)):
        for name in names:
            if name not in members:
                raise InvalidArgument(
                    f"{argument}: a {contract.name} has no member {name!r}; it has {', '.join(members)}"
                )
    value: dict[str, Any] = draw(built(builder))
    source = HypothesisChoices(draw)
    for name in required:
        if name not in value and name not in overrides:
            value[name] = builder.of(members[name])(source, len(members))
    for name, given in overrides.items():
        value[name] = draw(given) if isinstance(given, st.SearchStrategy) else given
    if may_grow and not required and not overrides:
        return value
    ordered = named_members(contract, value)
    return {**ordered, **value} if may_grow else ordered


@st.composite
def proxy_session_violations(
    draw: st.DrawFn,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Violation:
    """Records of sessions that break exactly one constraint, and say which.

    Args:
        pointer: only those at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.
        form: ``"boto3"`` for datetimes in the place of each timestamp but a broken one.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword, or there is no such form.
    """
    return broken(draw, load_contract(SESSION), pointer, keyword, contested=contested, form=form)


@st.composite
def invalid_proxy_sessions(
    draw: st.DrawFn,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Any:
    """Sessions that break exactly one constraint; which one is noted, and shown when a test fails.

    The options are those of `proxy_session_violations`.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword, or there is no such form.
    """
    return noted(broken(draw, load_contract(SESSION), pointer, keyword, contested=contested, form=form))
