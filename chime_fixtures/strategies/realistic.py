"""The strategy of realistic sessions: the factory's sessions, as choices that Hypothesis makes and shrinks."""

from __future__ import annotations

import datetime as dt
import functools
import struct
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import Form
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.engine.strategies.choices import independent, values_of
from chime_fixtures.engine.strategies.contexts import plain_instance
from chime_fixtures.sessions import overrides as overriding
from chime_fixtures.sessions.options import SessionOptions
from chime_fixtures.sessions.plan import BIT_FIELDS, SessionPlan
from chime_fixtures.strategies.forms import check_form, in_form
from chime_fixtures.strategies.members import SESSION, check_names, check_session, drawn_overrides

_SEED = 0
"""The seed of the tables of connectors and of pairs of participants; all else is drawn."""

_FIELDS = [
    (format_, st.binary(min_size=size, max_size=size))
    for _, format_ in BIT_FIELDS
    for size in [struct.calcsize(format_)]
]


@st.composite
def realistic_proxy_sessions(
    draw: st.DrawFn,
    /,
    *,
    locale: str | Sequence[str] | None = None,
    states: str | Sequence[str] = (),
    since: dt.date | None = None,
    until: dt.date | None = None,
    connector: str | Sequence[str] = (),
    form: Form = "wire",
    check: bool = True,
    **overrides: Any,
) -> dict[str, Any]:
    """Sessions as the service always sent them: each member present, with the values of `ProxySessionFactory`.

    Names are those of people and orders, timestamps are in order, only a Closed session has an EndedTimestamp, and two
    participants have fictitious telephone numbers. A session shrinks to a plain one: an open session of the first
    instant, named "Order 10000".

    Args:
        locale: the locale of names and telephone numbers, as in Faker, or several; by default names from all over the
            world, and numbers of the United States.
        states: the values of Status; all by default.
        since: the lower bound of CreatedTimestamp: a datetime with a time zone, or a date, which begins in UTC.
        until: the exclusive upper bound of CreatedTimestamp; by default a year later.
        connector: the Voice Connector of all sessions, or several.
        form: ``"wire"`` for timestamps as text, ``"boto3"`` for datetimes with a time zone.
        check: True to raise an error for an override that violates the contract.
        overrides: a value or a strategy for a member; the other members follow it as in the factory, and a timestamp
            may be a datetime with a time zone.

    Raises (when a value is drawn):
        InvalidArgument: an option is invalid, the contract has no such member, an override violates the contract, or
            the form is unknown.
    """
    check_form(form)
    contract = load_contract(SESSION)
    if check:
        check_names(contract, overrides)
    try:
        options = SessionOptions.of(locale=locale, states=states, since=since, until=until, connector=connector)
        plan = _plan(contract, options)
    except InvalidOptionError as error:
        raise InvalidArgument(str(error)) from error
    values = drawn_overrides(draw, contract, overrides)
    if plan is None:
        session: dict[str, Any] = draw(values_of(contract.builder)) | values
    else:
        session = _drawn_session(draw, contract, plan, values)
    if check and overrides:
        check_session(contract, session)
    handed_out: dict[str, Any] = in_form(contract, session, form)
    return handed_out


def plain_session(contract: Contract, number: int) -> dict[str, Any]:
    """Realistic session number *i*, in which violations are placed; number 0 is the one that others shrink to."""
    plan = _plan(contract, _DEFAULT_OPTIONS)
    if plan is None:
        session: dict[str, Any] = plain_instance(contract, number)
        return session
    bits = tuple(plan.bits.row(number).values()) if number else _LEAST_BITS
    return plan.session(bits, lambda: plain_instance(contract, number))


def _drawn_session(draw: st.DrawFn, contract: Contract, plan: SessionPlan, overrides: dict[str, Any]) -> dict[str, Any]:
    bits = draw(_independent_bits)
    session = plan.session(bits, lambda: draw(values_of(contract.builder)))
    if not overrides:
        return session
    named = {name: each for (name, _), each in zip(BIT_FIELDS, bits, strict=True)}
    return overriding.in_order(overriding.following(plan.tables, named, session, overrides) | overrides)


@st.composite
def _bits(draw: st.DrawFn) -> tuple[Any, ...]:
    """The bits of a session, highest byte first: a session is the plainer, the less its bits are."""
    return tuple(each for format_, strategy in _FIELDS for each in struct.unpack(f">{format_}", draw(strategy)))


_LEAST_BITS = tuple(
    each for format_, _ in _FIELDS for each in struct.unpack(f">{format_}", bytes(struct.calcsize(format_)))
)
_independent_bits = independent(_bits())


_DEFAULT_OPTIONS = SessionOptions.of()


@functools.lru_cache(maxsize=16)
def _plan(contract: Contract, options: SessionOptions) -> SessionPlan | None:
    """The plan of realistic sessions; None if an edited contract allows no realistic ones."""
    plan = options.plan(contract, _SEED)
    return plan if isinstance(plan, SessionPlan) else None
