"""The differences between two contracts, which are given as any source of the engine."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Iterator
from os import PathLike
from typing import Any, Literal, Unpack

from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.diff.comparison import compare
from chime_fixtures.engine.diff.records import ContractDiff, Direction
from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.errors import EngineError, InvalidOptionError, SchemaWarning
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaArguments, SchemaOptions
from chime_fixtures.engine.sources.named import named_document

DIRECTIONS: dict[str, tuple[Direction, ...]] = {
    "request": ("request",),
    "response": ("response",),
    "both": ("request", "response"),
}


def diff(
    old: Schema | SchemaDocument,
    new: Schema | SchemaDocument,
    *,
    direction: Literal["request", "response", "both"] = "both",
    **options: Unpack[SchemaArguments],
) -> ContractDiff:
    """The differences between two contracts, constraint by constraint, each break with a small witness.

    A request is compatible if the new contract accepts each value that the old one accepts, a response if the old
    contract accepts each value that the new one accepts.

    Args:
        old: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        new: the same; the two may be of different drafts.
        direction: the direction to compare, or ``"both"``.
        options: the options of `Contract.of`, for both.

    Raises:
        InvalidOptionError: the direction is unknown.
        InvalidDocumentError: a file can't be read, or a module has no such model.
        UnsupportedSchemaError: a schema uses what the engine does not support.
    """
    if direction not in DIRECTIONS:
        raise InvalidOptionError(f"direction must be request, response or both, not {direction!r}")
    sides = [Side(document_of(each, **options), name) for each, name in ((old, "old"), (new, "new"))]
    return compare(sides[0], sides[1], DIRECTIONS[direction], candidates=candidates)


def document_of(schema: Schema | SchemaDocument, **options: Unpack[SchemaArguments]) -> SchemaDocument:
    """The document of a schema, which need not have a value."""
    if isinstance(schema, SchemaDocument):
        return schema
    if isinstance(schema, str | PathLike):
        return named_document(str(schema), **options)
    if isinstance(schema, dict | bool):
        return SchemaDocument(schema, options=SchemaOptions(**options))
    return Contract.of(schema, **options).document


MAX_CANDIDATES = 400
"""Values of each kind that are tried."""


def candidates(accepting: Side, rejecting: Side) -> Iterator[Any]:
    """Values near the boundary between two schemas: edges, hazards and values of one, violations of the other."""
    with warnings.catch_warnings(), contextlib.suppress(EngineError):
        warnings.simplefilter("ignore", SchemaWarning)
        contract = Contract(rejecting.document)
        violations = itertools.islice(contract.catalogue, MAX_CANDIDATES)
        yield from (entry.copy().instance for entry in violations)
    with warnings.catch_warnings(), contextlib.suppress(EngineError):
        warnings.simplefilter("ignore", SchemaWarning)
        contract = Contract(accepting.document)
        yield from (edge.instance for edge in contract.edges)
        yield from (hazard.instance for hazard in contract.hazards)
        yield from (contract.builder.build_seeded(0, index) for index in range(MAX_CANDIDATES))
