"""Strategies of any supported schema: values that satisfy it, and violations of exactly one of its constraints.

Like all strategies of Hypothesis they may be used by several threads and copied, but not pickled: create them anew in
another process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Unpack

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.engine.cases import CatalogueEntry, place, transplant
from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.schema.options import SchemaArguments
from chime_fixtures.engine.strategies.choices import values_of
from chime_fixtures.engine.strategies.contexts import (
    Context,
    PlainInstance,
    plain_instance,
    violations_in_context,
)
from chime_fixtures.engine.violation import Violation


def from_schema(schema: Schema, **options: Unpack[SchemaArguments]) -> st.SearchStrategy[Any]:
    """Instances that satisfy a schema.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        options: the options of `Contract.of`.

    Raises (when a value is drawn):
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = _cached_contract(schema, options)

    # The repr of a composite is the call that made it, and it runs nothing before a value is drawn.
    @st.composite
    def from_schema(draw: st.DrawFn, /, schema: Schema, **options: Any) -> Any:
        value = draw(values_of(contract().builder))
        if instance_observers.registered:
            instance_observers.report(contract(), value)
        return value

    return from_schema(schema, **options)


def violations_of(
    schema: Schema,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    **options: Unpack[SchemaArguments],
) -> st.SearchStrategy[Violation]:
    """Labelled instances that violate exactly one constraint of a schema.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        pointer: only violations at this location.
        keyword: only violations of this keyword.
        contested: include violations on which validators disagree.
        options: the options of `Contract.of`.

    Raises (when a value is drawn):
        InvalidArgument: no violation has that location and keyword.
    """
    contract = _cached_contract(schema, options)

    @st.composite
    def violations_of(
        draw: st.DrawFn,
        /,
        schema: Schema,
        *,
        pointer: str | None = None,
        keyword: str | None = None,
        contested: bool = True,
        **options: Any,
    ) -> Violation:
        violation = draw_violation(draw, contract(), pointer=pointer, keyword=keyword, contested=contested)
        if instance_observers.registered:
            instance_observers.report(contract(), violation.instance)
        return violation

    return violations_of(schema, pointer=pointer, keyword=keyword, contested=contested, **options)


def _cached_contract(schema: Schema, options: SchemaArguments) -> Callable[[], Contract]:
    """A function that returns the contract of a schema, created at the first call."""
    return functools.cache(lambda: Contract.of(schema, **options))


def draw_violation(
    draw: st.DrawFn,
    contract: Contract,
    *,
    pointer: str | None,
    keyword: str | None,
    contested: bool,
    allow_unknown: bool = True,
    plain: PlainInstance = plain_instance,
) -> Violation:
    """A violation in an instance that is drawn around it: the violation stays while the instance shrinks.

    Half of the instances are plain.

    Args:
        draw: Hypothesis' function.
        contract: the contract that is violated.
        pointer: only violations at this location.
        keyword: only violations of this keyword.
        contested: include violations on which validators disagree.
        allow_unknown: False for an instance without properties that the contract does not list.
        plain: returns plain instances of the contract.

    Raises:
        InvalidArgument: no violation has that location and keyword.
    """
    strategy = _violations(contract, pointer, keyword, contested, plain)
    if strategy is None:
        options = f"pointer={pointer!r} and keyword={keyword!r}" + ("" if contested else " and contested=False")
        raise InvalidArgument(f"no violation of {contract.name} has {options}")
    violation, context = draw(strategy)
    instance = context.instance if allow_unknown else listed_properties(contract, context.instance)
    put = place if context.is_plain else transplant
    return put(contract.validators, violation.shared, instance)


@functools.lru_cache(maxsize=256)
def _violations(
    contract: Contract, pointer: str | None, keyword: str | None, contested: bool, plain: PlainInstance
) -> st.SearchStrategy[tuple[CatalogueEntry, Context]] | None:
    violations = contract.catalogue.in_order_of_coverage(pointer=pointer, keyword=keyword, contested=contested)
    return violations_in_context(contract, violations, plain) if violations else None


def listed_properties(contract: Contract, value: dict[str, Any]) -> dict[str, Any]:
    """The properties of an object that the contract lists, in the contract's order."""
    return {name: value[name] for name in contract.root.require_branch(Objects).properties if name in value}
