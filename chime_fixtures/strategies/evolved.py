"""Sessions of tomorrow, which a reader that is tolerant survives."""

from __future__ import annotations

from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form, parsed_as_boto3
from chime_fixtures.engine.cases.evolutions import apply_change, unknown_parts
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.strategies.choices import HypothesisChoices, built
from chime_fixtures.engine.strategies.schemas import check_form, named_members
from chime_fixtures.strategies.sessions import SESSION

_MOST = 4
"""So many things at most are new at once."""


@st.composite
def evolved_proxy_sessions(draw: st.DrawFn, *, form: Form = "wire") -> dict[str, Any]:
    """Sessions of tomorrow: otherwise valid, with members or constants that the contract does not know yet.

    New members are scalars, objects, lists or null, in the session, its participants and its place; new constants stand
    in each enumeration. What is new is noted, and shown when a test fails: one thing alone once the session is shrunk.

    Args:
        form: ``"wire"`` for timestamps as text; ``"boto3"`` for datetimes with a zone, and with new constants alone:
            botocore drops the members that its model does not know.

    Raises (when a value is drawn):
        InvalidArgument: there is no such form.
    """
    check_form(form)
    contract = load_contract(SESSION)
    builder, source = contract.builder, HypothesisChoices(draw)
    evolutions = [each for each in contract.evolutions if form == "wire" or each.name is None]

    def make(node: Node) -> Any:
        return builder.of(node)(source, (node.min_depth or 0) + 1)

    def pick(count: int) -> int:
        return source.integer(0, count - 1)

    session = draw(built(builder))
    if form == "boto3":
        session = named_members(contract, session)
    for each in draw(st.lists(st.sampled_from(evolutions), min_size=1, max_size=_MOST)):
        session = apply_change(contract.root, session, each.path, each.change, make=make, pick=pick)
    session = {**named_members(contract, session), **session}
    note(f"new: {', '.join(unknown_parts(contract.root, session))}")
    return session if form == "wire" else parsed_as_boto3(contract, session)
