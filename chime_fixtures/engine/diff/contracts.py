"""The differences between two contracts, which are given as any source of the engine."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, Unpack

from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.diff.comparison import compare
from chime_fixtures.engine.diff.records import ContractDiff, Direction
from chime_fixtures.engine.diff.service_comparison import compare_services
from chime_fixtures.engine.diff.services import Service, aws_service, is_aws_model, openapi_service
from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.errors import EngineError, InvalidDocumentError, InvalidOptionError, SchemaWarning
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaArguments, SchemaOptions
from chime_fixtures.engine.sources.aws_models import schema_from_service_model
from chime_fixtures.engine.sources.files import read_document, read_openapi, split_fragment
from chime_fixtures.engine.sources.named import named_document
from chime_fixtures.engine.sources.openapi import is_openapi

DIRECTIONS: dict[str, tuple[Direction, ...]] = {
    "request": ("request",),
    "response": ("response",),
    "both": ("request", "response"),
}

Source: TypeAlias = "Schema | SchemaDocument | Service | Mapping[str, Any]"
"""A schema as for `Contract.of`, or a whole OpenAPI document or AWS service model: its file, or the document."""

MAX_CANDIDATES = 100
"""Generated values, and violations, that are tried if a search ends without a result."""

MAX_SCHEMAS_WITH_CASES = 300
"""Subschemas of a schema whose edges and hazards are tried, too: to enumerate those of a larger one takes minutes."""


def diff(
    old: Source,
    new: Source,
    *,
    direction: Literal["request", "response", "both"] = "both",
    declared_only: bool = False,
    **options: Unpack[SchemaArguments],
) -> ContractDiff:
    """The differences between two contracts, constraint by constraint, each break with a small witness.

    A request is compatible if the new contract accepts each value that the old one accepts, a response if the old
    contract accepts each value that the new one accepts. Two OpenAPI documents, or two AWS service models, are compared
    operation by operation, each message in its own direction.

    Args:
        old: a contract, a JSON Schema, a file or a model, as for `Contract.of`; or an OpenAPI document or an AWS
            service model (botocore's ``service-2.json``): the file, or the document.
        new: the same; the two may be of different drafts.
        direction: the direction to compare, or ``"both"``.
        declared_only: True if a sender sends no property that its contract does not name. Always true for the messages
            of services.
        options: the options of `Contract.of`, for both.

    Raises:
        InvalidOptionError: the direction is unknown, or only one of the two describes a service.
        InvalidDocumentError: a file can't be read, or a module has no such model.
        SchemaNotFoundError: a document has nothing at the pointer.
        UnsupportedSchemaError: a schema uses what the engine does not support.
    """
    if direction not in DIRECTIONS:
        raise InvalidOptionError(f"direction must be request, response or both, not {direction!r}")
    first, second = (_read(each, **options) for each in (old, new))
    if isinstance(first, Service) and isinstance(second, Service):
        if first.rejects_unknown_members is not second.rejects_unknown_members:
            remedy = "name a shape and a schema, as FILE#/POINTER"
            raise InvalidOptionError(f"an AWS model has no parameters and statuses as OpenAPI has; {remedy}")
        return compare_services(first, second, DIRECTIONS[direction], candidates=candidates)
    if isinstance(first, Service) or isinstance(second, Service):
        which = "old" if isinstance(first, Service) else "new"
        raise InvalidOptionError(
            f"only the {which} contract describes operations; name a schema in it, as FILE#/POINTER"
        )
    sides = Side(first, "old"), Side(second, "new")
    return compare(*sides, DIRECTIONS[direction], candidates=candidates, is_closed=declared_only)


def read_source(
    name: str,
    *,
    folder: Path | None = None,
    resources: Sequence[str | PathLike[str]] = (),
    **options: Unpack[SchemaArguments],
) -> SchemaDocument | Service:
    """The schema of a file or model, or the service that a file describes, by its name.

    Args:
        name: ``FILE[#/POINTER]`` or ``package.module:Model``.
        folder: the folder to which files are relative.
        resources: further files that the references of a file may reach.
        options: the options of `Contract.of`.

    Raises:
        InvalidDocumentError: a file can't be read, or a module has no such model.
        SchemaNotFoundError: the document has nothing at the pointer.
        UnsupportedSchemaError: the schema uses what the engine does not support.
    """
    base = folder or Path()
    path, pointer = split_fragment(str(base / name))
    if Path(path).is_file():
        document = _read_file(path)
        if is_aws_model(document):
            return _aws_source(document, pointer)
        if is_openapi(document) and not pointer:
            reading = _openapi_options(**options)
            inner = read_openapi(path, resources=[base / each for each in resources], options=reading)
            return openapi_service(inner, reading)
    return named_document(name, folder=folder, resources=resources, **options)


def _read(source: Source, **options: Unpack[SchemaArguments]) -> SchemaDocument | Service:
    if isinstance(source, SchemaDocument | Service):
        return source
    if isinstance(source, str | PathLike):
        return read_source(str(source), **options)
    if isinstance(source, Mapping):
        if is_aws_model(source):
            return aws_service(source)
        if is_openapi(source):
            reading = _openapi_options(**options)
            return openapi_service(read_openapi(source, resources=(), options=reading), reading)
    if isinstance(source, dict | bool):
        return SchemaDocument(source, options=SchemaOptions(**options))
    return Contract.of(source, **options).document  # type: ignore[arg-type]  # another mapping is an error there


def _openapi_options(**options: Unpack[SchemaArguments]) -> SchemaOptions:
    """The options without the dialect, which the document names."""
    options.pop("dialect", None)
    return SchemaOptions(**options)


def _read_file(path: str) -> Any:
    """The document in a file, which may be compressed as botocore's models are; None for a file of another kind."""
    if not path.endswith(".gz"):
        return read_document(path)
    try:
        with gzip.open(path) as stream:
            return json.load(stream)
    except (OSError, ValueError, EOFError) as error:
        raise InvalidDocumentError(path, f"is not compressed JSON: {error}") from error


def _aws_source(model: Mapping[str, Any], pointer: str) -> SchemaDocument | Service:
    if not pointer:
        return aws_service(model)
    return SchemaDocument(schema_from_service_model(model, pointer.removeprefix("/shapes/")))


def candidates(accepting: Side, rejecting: Side) -> Iterator[Any]:
    """Values near the boundary between two schemas: values, edges and hazards of one, violations of the other."""
    is_small = sum(1 for _ in accepting.graph.schemas) <= MAX_SCHEMAS_WITH_CASES
    with warnings.catch_warnings(), contextlib.suppress(EngineError):
        warnings.simplefilter("ignore", SchemaWarning)
        contract = Contract(accepting.document)
        yield from (contract.builder.build_seeded(0, index) for index in range(MAX_CANDIDATES))
        yield from (edge.instance for edge in (contract.edges if is_small else ()))
        yield from (hazard.instance for hazard in (contract.hazards if is_small else ()))
    with warnings.catch_warnings(), contextlib.suppress(EngineError):
        warnings.simplefilter("ignore", SchemaWarning)
        contract = Contract(rejecting.document)
        violations = itertools.islice(contract.catalogue, MAX_CANDIDATES)
        yield from (entry.copy().instance for entry in violations)
