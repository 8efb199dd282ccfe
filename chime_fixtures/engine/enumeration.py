"""The finite sets of a contract: its edges, its hazards, its violations and the constraints that others imply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from chime_fixtures.engine.cases import Edge, Hazard, Implied
from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.deferral import with_new_instance
from chime_fixtures.engine.errors import UnknownConstraintError
from chime_fixtures.engine.observers import case_observers
from chime_fixtures.engine.schema.options import SchemaArguments
from chime_fixtures.engine.violation import Violation


def enumerate_edges(schema: Schema, **options: Unpack[SchemaArguments]) -> tuple[Edge, ...]:
    """Every labelled edge of a schema, at most 1000, in the schema's order; the same ones each time.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        options: the options of `Contract.of`.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = Contract.of(schema, **options)
    edges = tuple(map(with_new_instance, contract.edges))
    case_observers.report(contract, edges)
    return edges


def enumerate_hazards(schema: Schema, **options: Unpack[SchemaArguments]) -> tuple[Hazard, ...]:
    """Every labelled hazard of a schema, at most 1000; the same ones each time.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        options: the options of `Contract.of`.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = Contract.of(schema, **options)
    hazards = tuple(map(with_new_instance, contract.hazards))
    case_observers.report(contract, hazards)
    return hazards


def enumerate_violations(
    schema: Schema,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    **options: Unpack[SchemaArguments],
) -> tuple[Violation, ...]:
    """Every labelled violation of a schema; the same ones in the same order each time.

    The first ones have as little in common as possible, and frequent mistakes come before others, so that a prefix
    detects most faulty programs. The first one of a selection is the plainest.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        pointer: only the violations that a validator reports at this location.
        keyword: only the violations of this keyword.
        contested: include the violations on which validators disagree.
        options: the options of `Contract.of`.

    Raises:
        UnknownConstraintError: the keyword is neither one of the dialect nor one of the schema's constraints, or the
            schema declares no such location.
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = Contract.of(schema, **options)
    entries = contract.catalogue.in_order_of_coverage(pointer=pointer, keyword=keyword, contested=contested)
    if not entries:
        _require_constraint(contract, pointer, keyword)
    violations = tuple(entry.copy() for entry in entries)
    case_observers.report(contract, violations)
    return violations


def iter_violations(
    schema: Schema,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    **options: Unpack[SchemaArguments],
) -> Iterator[Violation]:
    """The labelled violations of a schema one by one, in the schema's order.

    Each is found when it is requested, and its instance is constructed then; a misspelt name is an error at the end.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        pointer: only the violations that a validator reports at this location.
        keyword: only the violations of this keyword.
        contested: include the violations on which validators disagree.
        options: the options of `Contract.of`.

    Raises:
        UnknownConstraintError: the keyword is neither one of the dialect nor one of the schema's constraints, or the
            schema declares no such location.
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = Contract.of(schema, **options)
    is_found = False
    for entry in contract.catalogue.select(pointer=pointer, keyword=keyword, contested=contested):
        is_found = True
        violation = entry.copy()
        case_observers.report(contract, [violation])
        yield violation
    if not is_found:
        _require_constraint(contract, pointer, keyword)


def _require_constraint(contract: Contract, pointer: str | None, keyword: str | None) -> None:
    """Raise if a contract can't have a violation at the pointer or of the keyword, as both may be misspelt."""
    labels = [entry.label for entry in contract.catalogue]
    implied = [each.constraint for each in contract.catalogue.implied]
    keywords = {each.keyword for each in labels} | {each.keyword for each in implied}
    if keyword is not None and keyword not in keywords | contract.document.dialect.labels:
        raise UnknownConstraintError("keyword", keyword, keywords)
    pointers = {each.pointer for each in labels} | {each.path for each in implied}
    if pointer is not None and pointer not in pointers:
        declared = {declaration.path for declaration in contract.normal_form.locations.declarations()}
        if pointer not in declared:
            raise UnknownConstraintError("pointer", pointer, pointers - {""})


def enumerate_implied(schema: Schema) -> tuple[Implied, ...]:
    """The constraints that can't be violated alone, each with those that are violated with it."""
    return Contract.of(schema).catalogue.implied
