"""Schemas of OpenAPI documents: components by name, bodies of requests and responses by operation."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    InvalidOptionError,
    Problem,
    SchemaNotFoundError,
    UnknownNameError,
    UnsupportedSchemaError,
    list_names,
)
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.schema.openapi_dialects import OPENAPI_3_0, OPENAPI_3_1, Direction, openapi_dialect
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.sources.openapi_schemas import FORMATS, Location, reference_target, translate

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods of a path item, each with an operation."""

_COMPONENTS = ("components", "schemas")
_VERSION = re.compile(r"^3\.([0-9]+)(\.|$)")


class UnknownOperationError(UnknownNameError):
    """An OpenAPI document does not have an operation."""

    _noun = "operation"


@dataclass(frozen=True, slots=True)
class Body:
    """The schema of a request or response.

    Attributes:
        operation: the name of the operation: its `operationId`, or its method and path.
        part: the message.
        status: the key of the response, as ``"201"``, ``"2XX"`` or ``"default"``; None for a request.
        media_type: the media type.
        location: the document and the pointer of the schema.
    """

    operation: str
    part: Direction
    status: str | None
    media_type: str
    location: Location

    @property
    def name(self) -> str:
        """Its name in messages: ``createOrder 201 response``."""
        return " ".join(filter(None, [self.operation, self.status, self.part]))


def is_openapi(document: Any) -> bool:
    """True if a document is one of OpenAPI, or of Swagger 2.0, which was its name before, and not itself a schema."""
    is_named = isinstance(document, dict) and ("openapi" in document or "swagger" in document)
    return is_named and DRAFT_2020_12.supported.isdisjoint(document)


class OpenAPIDocument:
    """An OpenAPI document, with the documents that its references may reach.

    Args:
        by_uri: the documents by URI.
        uri: the URI of the OpenAPI document.
        source: the file that contains it; None if there is none.

    Attributes:
        document: the OpenAPI document, as it is written.
        by_uri: the documents by URI.
        dialect: the dialect of its schemas.

    Raises:
        InvalidDocumentError: the version or the dialect is not supported, or a part is not what OpenAPI says.
    """

    def __init__(self, by_uri: Mapping[str, Any], uri: str, source: str | None = None) -> None:
        self.by_uri = by_uri
        self._uri = uri
        self._source = source or ""
        self.document: Mapping[str, Any] = by_uri[uri]
        self.dialect = self._base_dialect()

    def _base_dialect(self) -> Dialect:
        if "swagger" in self.document:
            remedy = "convert it to OpenAPI 3, as swagger2openapi does"
            raise self._error(f"is a document of Swagger 2.0; OpenAPI 3.0 and 3.1 are supported; {remedy}")
        version = self.document["openapi"]
        match = _VERSION.match(version) if isinstance(version, str) else None
        if match is None:
            raise self._error(f"has the OpenAPI version {version!r}; 3.0 and 3.1 are supported; write it as a text")
        if match[1] == "0":
            return OPENAPI_3_0
        uri = self.document.get("jsonSchemaDialect", OPENAPI_3_1.uri)
        dialect = openapi_dialect(uri, None) if isinstance(uri, str) else None
        if dialect is None:
            raise self._error(f"has the jsonSchemaDialect {uri!r}; use the one of OpenAPI 3.1 or of a published draft")
        return dialect

    def _error(self, reason: str) -> InvalidDocumentError:
        return InvalidDocumentError(self._source or "the document", reason)

    # Names -----------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def components(self) -> tuple[str, ...]:
        """The names of the schemas among the components."""
        return tuple(_mapping(_mapping(self.document.get("components")).get("schemas")))

    @functools.cached_property
    def operations(self) -> Mapping[str, Mapping[str, Location]]:
        """The location of each operation by its `operationId` and by its method and path, the first of each name."""
        by_id: dict[str, Location] = {}
        by_path: dict[str, Location] = {}
        for member in ("paths", "webhooks"):
            for path, item in _mapping(self.document.get(member)).items():
                uri, pointer = self.resolved(item, json_pointer.join([member, path]), self._uri)
                methods = _mapping(self.value(uri, pointer))
                for method in METHODS:
                    if method not in methods:
                        continue
                    location = (uri, json_pointer.join([method], base=pointer))
                    by_path.setdefault(f"{method.upper()} {path}", location)
                    identifier = _mapping(methods[method]).get("operationId")
                    if isinstance(identifier, str):
                        by_id.setdefault(identifier, location)
        return {"by_id": by_id, "by_path": by_path}

    def component(self, name: str) -> Location:
        """The location of a component.

        Raises:
            SchemaNotFoundError: the document does not have it.
        """
        if name not in self.components:
            raise SchemaNotFoundError(name, self.components)
        return self._uri, json_pointer.join([*_COMPONENTS, name])

    def bodies(self, operation: str) -> Iterator[Body]:
        """The bodies of an operation: those of the request, then those of each response.

        Raises:
            UnknownOperationError: the document does not have the operation.
        """
        by_id, by_path = self.operations["by_id"], self.operations["by_path"]
        method, _, path = operation.partition(" ")
        location = by_id.get(operation) or by_path.get(f"{method.upper()} {path}")
        if location is None:
            raise UnknownOperationError(operation, [*by_id, *by_path])
        uri, pointer = location
        members = _mapping(self.value(uri, pointer))
        if "requestBody" in members:
            yield from self._bodies(operation, "request", None, members["requestBody"], uri, f"{pointer}/requestBody")
        for status, response in _mapping(members.get("responses")).items():
            at = json_pointer.join(["responses", status], base=pointer)
            yield from self._bodies(operation, "response", str(status), response, uri, at)

    def _bodies(
        self, operation: str, part: Direction, status: str | None, message: Any, uri: str, pointer: str
    ) -> Iterator[Body]:
        uri, pointer = self.resolved(message, pointer, uri)
        for media_type, value in _mapping(_mapping(self.value(uri, pointer)).get("content")).items():
            if "schema" in _mapping(value):
                at = json_pointer.join(["content", media_type, "schema"], base=pointer)
                yield Body(operation, part, status, media_type, (uri, at))

    def body(self, operation: str, part: str | None, status: int | str | None, media_type: str | None) -> Body:
        """One body of an operation.

        Args:
            operation: its `operationId`, or its method and path, as ``"POST /orders"``.
            part: ``"request"`` or ``"response"``; None for the response if there is a status, else the request.
            status: the status of the response; None for the first of 2xx, else the default response.
            media_type: the media type; None for JSON, else the first one.

        Raises:
            UnknownOperationError: the document does not have the operation.
            InvalidOptionError: the part is unknown, or the operation does not have that body.
        """
        part = part or ("request" if status is None else "response")
        if part not in {"request", "response"}:
            raise InvalidOptionError(f"part must be request or response, not {part!r}")
        found = [body for body in self.bodies(operation) if body.part == part]
        if part == "response":
            found = _with_status(found, status, operation)
        if not found:
            kept = list(dict.fromkeys(body.name for body in self.bodies(operation)))
            has = f"; use {list_names(kept)}" if kept else ""
            wanted = part if status is None else f"{part} of status {status}"
            raise InvalidOptionError(f"the operation {operation!r} has no {wanted} with a schema{has}")
        if media_type is None:
            return min(found, key=lambda body: _media_type_rank(body.media_type))
        body = next((each for each in found if each.media_type == media_type), None)
        if body is None:
            known = list_names(each.media_type for each in found)
            raise InvalidOptionError(f"media_type must be {known} for {found[0].name!r}, not {media_type!r}")
        return body

    def find(
        self,
        component: str | None,
        operation: str | None,
        part: Direction | None,
        status: int | str | None,
        media_type: str | None,
    ) -> tuple[str, Location, Direction | None]:
        """The name, location and direction of a component, or of a body of an operation.

        Raises:
            SchemaNotFoundError: the document does not have the component.
            UnknownOperationError: the document does not have the operation.
            InvalidOptionError: the operation does not have that body, or not exactly one of both is named.
        """
        if component is not None and operation is None and status is None and media_type is None:
            return component, self.component(component), part
        if operation is not None and component is None:
            body = self.body(operation, part, status, media_type)
            return body.name, body.location, body.part
        if component is None and status is None and media_type is None:
            raise self._error(self._explain_names())
        raise InvalidOptionError(
            "from_openapi requires a component or an operation, not both; status and media_type require an operation"
        )

    # Schemas ---------------------------------------------------------------------------------------------------------

    def schema_document(
        self, location: Location, direction: Direction | None, options: SchemaOptions
    ) -> SchemaDocument:
        """The documents of one contract: the schema at a location, with those that it refers to."""
        dialect = openapi_dialect(self.dialect.uri, direction)
        assert dialect is not None
        options = options.with_dialect(dialect, formats=FORMATS)
        try:
            translation = translate(self.by_uri, location, dialect, direction, options.formats)
        except RecursionError:
            raise UnsupportedSchemaError([Problem("schema", location[1], "is nested too deeply; flatten it")]) from None
        uri, pointer = location
        others = {each: document for each, document in translation.documents.items() if each != uri and document}
        return SchemaDocument(
            translation.documents[uri],
            pointer=pointer,
            others=others,
            uri=uri,
            options=options,
            left_out=translation.left_out,
            remarks=translation.remarks,
        )

    def at(self, pointer: str, options: SchemaOptions) -> SchemaDocument:
        """The schema at a pointer, in the direction of the request or response that contains it.

        Raises:
            InvalidDocumentError: the pointer leads to the whole document, or to a part that is not a schema.
            SchemaNotFoundError: the document has nothing at the pointer.
        """
        tokens = json_pointer.split(pointer) if pointer.startswith("/") else (pointer,) if pointer else ()
        known = [json_pointer.join([*_COMPONENTS, name]) for name in self.components]
        try:
            json_pointer.resolve(self.document, pointer)
        except (LookupError, ValueError) as error:
            named = [f"{self._source}#{each}" for each in known]
            raise SchemaNotFoundError(f"{self._source}#{pointer}", named) from error
        if not _leads_to_schema(tokens):
            raise self._error(self._explain_names(pointer))
        return self.schema_document((self._uri, pointer), _direction(tokens), options)

    def _explain_names(self, pointer: str = "") -> str:
        first = self.components[0] if self.components else "NAME"
        example = f"{self._source}#{json_pointer.join([*_COMPONENTS, first])}"
        if not self._source:
            example = f"Contract.from_openapi(document, {first!r})"
        operations = [*self.operations["by_id"]] or [*self.operations["by_path"]]
        named = {"schemas": self.components, "operations": operations}
        found = "; ".join(f"{kind}: {list_names(names)}" for kind, names in named.items() if names)
        subject = f"is not a schema at {pointer}" if pointer else "is an OpenAPI document, not a schema"
        return f"{subject}; name a schema, as {example}; {found}"

    # Documents -------------------------------------------------------------------------------------------------------

    def value(self, uri: str, pointer: str) -> Any:
        """The part of a document at a location."""
        return json_pointer.resolve(self.by_uri[uri], pointer)

    def resolved(self, value: Any, pointer: str, uri: str) -> Location:
        """The location of a part, or of the one that it refers to."""
        seen = set()
        while isinstance(reference := _mapping(value).get("$ref"), str) and (uri, pointer) not in seen:
            seen.add((uri, pointer))
            target = reference_target(self.by_uri, reference, uri)
            if target is None:
                break
            uri, pointer = target
            value = self.value(uri, pointer)
        return uri, pointer


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _leads_to_schema(tokens: tuple[str, ...]) -> bool:
    """True if a location is a schema, or is in one or in an extension; a part of a schema is not distinguished."""
    is_component = len(tokens) > len(_COMPONENTS) and tokens[: len(_COMPONENTS)] == _COMPONENTS
    return is_component or "schema" in tokens or any(token.startswith("x-") for token in tokens)


def _direction(tokens: tuple[str, ...]) -> Direction | None:
    """The direction of the request or response that contains a location."""
    above = tokens[: tokens.index("schema")] if "schema" in tokens else ()
    if "requestBody" in above or "requestBodies" in above:
        return "request"
    return "response" if "responses" in above else None


def _with_status(bodies: list[Body], status: int | str | None, operation: str) -> list[Body]:
    """The responses of a status, of its range, or the default ones; without a status those of the first of 2xx."""
    statuses = list(dict.fromkeys(str(body.status) for body in bodies))
    if status is None:
        wanted = [*sorted(each for each in statuses if each[:1] == "2"), "default"]
    else:
        wanted = [str(status), f"{str(status)[:1]}XX", "default"]
    for each in wanted:
        found = [body for body in bodies if str(body.status).upper() == each.upper()]
        if found:
            return found
    return []


def _media_type_rank(media_type: str) -> int:
    """JSON first, then what may be JSON."""
    name = media_type.partition(";")[0].strip().lower()
    if name == "application/json":
        return 0
    if name.endswith("+json"):
        return 1
    return 2 if name in {"application/*", "*/*"} else 3
