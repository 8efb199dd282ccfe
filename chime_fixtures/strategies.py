"""The contract as Hypothesis strategies: valid sessions, broken ones, and the same for any driven schema.

Values are constructed by `values.Builder` from choices that Hypothesis makes: nothing is filtered, all of it shrinks.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.contract import Contract, Violation
from chime_fixtures.contract.nodes import Objects
from chime_fixtures.values import Builder, builder_of
from chime_fixtures.violations import enumerate_violations, with_fault_in

_SESSION = "ProxySession"
_integers = functools.cache(st.integers)
_texts = functools.cache(lambda most: st.text(st.characters(exclude_categories=["Cs"]), max_size=most))


class _DrawSource:
    """Choices made by Hypothesis."""

    __slots__ = ("_draw",)

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return self._draw(_integers(low, high))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        return self._draw(_integers(low, high))

    def fraction(self, low: float | None, high: float | None) -> float:
        return self._draw(st.floats(low, high, allow_nan=False, allow_infinity=False))

    def text(self, most: int) -> str:
        return self._draw(_texts(most)) if most else ""


@st.composite
def _built(draw: st.DrawFn, builder: Builder) -> Any:
    return builder.build(_DrawSource(draw))


def from_schema(schema: Contract | dict[str, Any] | bool) -> st.SearchStrategy[Any]:
    """Instances that satisfy a JSON Schema of draft 2020-12.

    Raises (when a value is drawn):
        UnsupportedSchemaError: the schema asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value satisfies it.
    """
    return st.deferred(lambda: _built(builder_of(Contract.of(schema))))


def violations_of(
    schema: Contract | dict[str, Any] | bool, *, pointer: str | None = None, keyword: str | None = None
) -> st.SearchStrategy[Violation]:
    """Records of instances that break exactly one constraint of a schema, and say which.

    Args:
        schema: a contract, or a JSON Schema of draft 2020-12.
        pointer: only those at this place.
        keyword: only those of this keyword.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword.
    """
    return st.deferred(lambda: _violations(Contract.of(schema), pointer, keyword))


def _violations(contract: Contract, pointer: str | None, keyword: str | None) -> st.SearchStrategy[Violation]:
    catalogue = enumerate_violations(contract, pointer=pointer, keyword=keyword)
    if not catalogue:
        raise InvalidArgument(f"no violation of {contract.name} has pointer={pointer!r} and keyword={keyword!r}")
    return _surrounded(contract, catalogue)


@st.composite
def _surrounded(draw: st.DrawFn, contract: Contract, catalogue: tuple[Violation, ...]) -> Violation:
    """A violation of the catalogue in a session drawn around it: the fault stays while all else shrinks away."""
    violation = draw(st.sampled_from(catalogue))
    around = draw(_built(builder_of(contract)))
    return with_fault_in(contract, violation, around)


def proxy_sessions(*, required: Collection[str] = (), **overrides: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Valid sessions, as the service may answer them: any member may be absent.

    Args:
        required: members that are always present.
        overrides: a value or a strategy for a member, which is then always present.

    Raises (when a value is drawn):
        InvalidArgument: the contract names no such member.
    """
    return st.deferred(lambda: _sessions(tuple(required), overrides))


def _sessions(required: tuple[str, ...], overrides: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    contract = Contract.load(_SESSION)
    members = contract.root.shape(Objects).members
    for argument, names in (("required", required), ("overrides", overrides)):
        for name in names:
            if name not in members:
                raise InvalidArgument(f"{argument}: a {_SESSION} has no member {name!r}; it has {', '.join(members)}")
    return _overridden(builder_of(contract), required, overrides)


@st.composite
def _overridden(
    draw: st.DrawFn, builder: Builder, required: tuple[str, ...], overrides: dict[str, Any]
) -> dict[str, Any]:
    source = _DrawSource(draw)
    session: dict[str, Any] = builder.build(source)
    members = builder.root.shape(Objects).members
    for name in required:
        if name not in session and name not in overrides:
            session[name] = builder.of(members[name])(source, len(members))
    for name, value in overrides.items():
        session[name] = draw(value) if isinstance(value, st.SearchStrategy) else value
    return {name: session[name] for name in members if name in session}


def proxy_session_violations(*, pointer: str | None = None, keyword: str | None = None) -> st.SearchStrategy[Violation]:
    """Records of sessions that break exactly one constraint, and say which.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword.
    """
    return st.deferred(lambda: _violations(Contract.load(_SESSION), pointer, keyword))


def invalid_proxy_sessions(*, pointer: str | None = None, keyword: str | None = None) -> st.SearchStrategy[Any]:
    """Sessions that break exactly one constraint; which one is noted, and shown when a test fails.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword.
    """
    return proxy_session_violations(pointer=pointer, keyword=keyword).map(_noted)


def _noted(violation: Violation) -> Any:
    note(f"{violation.id}: {violation.summary}")
    return violation.instance
