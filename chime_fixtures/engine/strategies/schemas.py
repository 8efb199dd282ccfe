"""Any driven schema as strategies: what satisfies it, and what breaks exactly one of its constraints."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.representations import FORMS, Form, violation_as_boto3
from chime_fixtures.engine.cases import transplant
from chime_fixtures.engine.contract import Contract, enumerate_violations
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.strategies.choices import built
from chime_fixtures.engine.strategies.contexts import with_surroundings
from chime_fixtures.engine.violation import Violation

Schema = Contract | dict[str, Any] | bool


def from_schema(schema: Schema) -> st.SearchStrategy[Any]:
    """Instances that satisfy a JSON Schema of draft 2020-12.

    Raises (when a value is drawn):
        UnsupportedSchemaError: the schema asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value satisfies it.
    """
    contract = _once(schema)

    # A composite shows itself as the call that made it, and is asked for nothing before a value is drawn.
    @st.composite
    def from_schema(draw: st.DrawFn, schema: Schema) -> Any:
        return draw(built(contract().builder))

    return from_schema(schema)


def violations_of(
    schema: Schema, *, pointer: str | None = None, keyword: str | None = None, contested: bool = True
) -> st.SearchStrategy[Violation]:
    """Records of instances that break exactly one constraint of a schema, and say which.

    Args:
        schema: a contract, or a JSON Schema of draft 2020-12.
        pointer: only those at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that place and keyword.
    """
    contract = _once(schema)

    @st.composite
    def violations_of(
        draw: st.DrawFn,
        schema: Schema,
        *,
        pointer: str | None = None,
        keyword: str | None = None,
        contested: bool = True,
    ) -> Violation:
        return broken(draw, contract(), pointer, keyword, contested=contested)

    return violations_of(schema, pointer=pointer, keyword=keyword, contested=contested)


def _once(schema: Schema) -> Callable[[], Contract]:
    """The contract of a schema, made when it is first asked for."""
    return functools.cache(lambda: Contract.of(schema))


def broken(
    draw: st.DrawFn,
    contract: Contract,
    pointer: str | None,
    keyword: str | None,
    *,
    contested: bool,
    form: Form = "wire",
    may_grow: bool = True,
) -> Violation:
    """A violation of the catalogue in an instance drawn around it: the fault stays while all else shrinks away."""
    check_form(form)
    faults = _faults(contract, pointer, keyword, contested)
    if faults is None:
        asked = f"pointer={pointer!r} and keyword={keyword!r}" + ("" if contested else " and contested=False")
        raise InvalidArgument(f"no violation of {contract.name} has {asked}")
    violation, around = draw(faults)
    if not may_grow:
        around = named_members(contract, around)
    found = transplant(contract.validators, violation, around)
    return found if form == "wire" else violation_as_boto3(contract, found)


@functools.lru_cache(maxsize=256)
def _faults(
    contract: Contract, pointer: str | None, keyword: str | None, contested: bool
) -> st.SearchStrategy[tuple[Violation, Any]] | None:
    """What is drawn of the catalogue, made once; None where it has nothing of that place and keyword."""
    catalogue = enumerate_violations(contract, pointer=pointer, keyword=keyword, contested=contested)
    return with_surroundings(contract, catalogue) if catalogue else None


def named_members(contract: Contract, value: dict[str, Any]) -> dict[str, Any]:
    """The members that the contract names, in its order: an answer may have others, what a client sends has none."""
    return {name: value[name] for name in contract.root.require_branch(Objects).properties if name in value}


def check_form(form: object) -> None:
    """Refuse a form that is none.

    Raises:
        InvalidArgument: it is none; the message has those that there are.
    """
    if form not in FORMS:
        raise InvalidArgument(f"form={form!r} is none of {', '.join(map(repr, FORMS))}")


def noted(violation: Violation) -> Any:
    """The instance of a violation, whose label is shown when a test fails."""
    note(f"{violation.id}: {violation.summary}")
    return violation.instance
