"""Services that are compared: the operations of an OpenAPI document or of an AWS service model, with their messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.diff.records import Direction
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.sources.aws_models import schema_from_service_model
from chime_fixtures.engine.sources.openapi import OpenAPIDocument
from chime_fixtures.engine.sources.openapi_schemas import Location

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: a parameter, or a body of one media type.

    Attributes:
        name: its name in messages, as ``query limit`` or ``application/json``.
        is_required: True if each message has it.
        documents: the documents of its schema by URI.
        location: the URI and the pointer of its schema; None if it has none.
        read: returns the schema.
    """

    name: str
    is_required: bool
    documents: Mapping[str, Any]
    location: Location | None
    read: Callable[[], SchemaDocument]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: its name in messages.
        address: its method and path.
        parameters: its parameters by location and name; those of the path by their position.
        bodies: the bodies of a request by media type.
        responses: the bodies of the responses by media type, by status; of an AWS operation by error, and by the empty
            name for the only other one.
        ignores_unknown_statuses: True if clients have one exception for each status that they do not know.
    """

    name: str
    address: str
    parameters: Mapping[str, Part] = field(default_factory=dict)
    bodies: Mapping[str, Part] = field(default_factory=dict)
    responses: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    ignores_unknown_statuses: bool = False

    @property
    def template(self) -> str:
        """Its method and path without the names of the parameters."""
        return _TEMPLATE.sub("{}", self.address)


@dataclass(frozen=True, slots=True)
class Service:
    """The operations of one document.

    Attributes:
        operations: the operations by what identifies them in both documents: method and path, or the name.
        dialect: the name of the dialect of their schemas.
        rejects_unknown_members: True if a request has no member that its schema does not name, as in boto3.
    """

    operations: Mapping[str, Operation]
    dialect: str
    rejects_unknown_members: bool = False


# OpenAPI --------------------------------------------------------------------------------------------------------------


def openapi_service(document: OpenAPIDocument, options: SchemaOptions) -> Service:
    """The operations of an OpenAPI document."""
    by_id = {location: name for name, location in document.operations["by_id"].items()}
    operations = {}
    for address, location in document.operations["by_path"].items():
        reader = _OperationReader(document, options, address, location)
        operations[_TEMPLATE.sub("{}", address)] = reader.operation(by_id.get(location, address))
    return Service(operations, document.dialect.name)


class _OperationReader:
    """The reader of one operation of an OpenAPI document."""

    def __init__(self, document: OpenAPIDocument, options: SchemaOptions, address: str, location: Location) -> None:
        self._document = document
        self._options = options
        self._address = address
        self._location = location

    def operation(self, name: str) -> Operation:
        """The operation with its messages."""
        uri, pointer = self._location
        members = _mapping(self._document.value(uri, pointer))
        bodies: Mapping[str, Part] = {}
        if "requestBody" in members:
            bodies = self._bodies(members["requestBody"], uri, f"{pointer}/requestBody", "request")
        responses = {}
        for status, response in _mapping(members.get("responses")).items():
            at = json_pointer.join(["responses", status], base=pointer)
            responses[str(status).upper()] = self._bodies(response, uri, at, "response")
        return Operation(name, self._address, dict(self._parameters(members)), bodies, responses)

    def _bodies(self, message: Any, uri: str, pointer: str, direction: Direction) -> dict[str, Part]:
        uri, pointer = self._document.resolved(message, pointer, uri)
        value = _mapping(self._document.value(uri, pointer))
        is_required = bool(value.get("required")) or direction == "response"
        bodies = {}
        for media_type, content in _mapping(value.get("content")).items():
            at = json_pointer.join(["content", media_type], base=pointer)
            bodies[media_type] = self._part(media_type, content, uri, at, direction, is_required=is_required)
        return bodies

    def _parameters(self, members: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
        uri, pointer = self._location
        path_item = pointer.rpartition("/")[0]
        above = _mapping(self._document.value(uri, path_item))
        positions = {name: index for index, name in enumerate(_TEMPLATE.findall(self._address))}
        for owner, base in ((above, path_item), (members, pointer)):
            for index, given in enumerate(owner.get("parameters") or ()):
                at = self._document.resolved(given, json_pointer.join(["parameters", index], base=base), uri)
                parameter = _mapping(self._document.value(*at))
                place, name = str(parameter.get("in")), str(parameter.get("name"))
                label = f"{place} {positions[name]}" if place == "path" and name in positions else f"{place} {name}"
                content = next(iter(_mapping(parameter.get("content")).items()), None)
                inner = at[1] if content is None else json_pointer.join(["content", content[0]], base=at[1])
                value = parameter if content is None else content[1]
                is_required = bool(parameter.get("required"))
                yield label, self._part(f"{place} {name}", value, at[0], inner, "request", is_required=is_required)

    def _part(self, name: str, value: Any, uri: str, pointer: str, direction: Direction, *, is_required: bool) -> Part:
        has_schema = "schema" in _mapping(value)
        location = (uri, f"{pointer}/schema") if has_schema else None

        def read() -> SchemaDocument:
            assert location is not None
            return self._document.schema_document(location, direction, self._options)

        return Part(name, is_required, self._document.by_uri, location, read)


# AWS ------------------------------------------------------------------------------------------------------------------


def is_aws_model(document: Any) -> bool:
    """True if a document is a service model in botocore's form."""
    return isinstance(document, dict) and {"metadata", "shapes"} <= document.keys()


def aws_service(model: Mapping[str, Any]) -> Service:
    """The operations of an AWS service model.

    Raises:
        InvalidDocumentError: the model has no operations.
    """
    operations = model.get("operations")
    if not isinstance(operations, dict):
        raise InvalidDocumentError("the service model", "has no operations; name a shape, as FILE#/shapes/NAME")
    return Service(
        {name: _aws_operation(model, name, operation) for name, operation in operations.items()}, "AWS", True
    )


def _aws_operation(model: Mapping[str, Any], name: str, operation: Mapping[str, Any]) -> Operation:
    http = _mapping(operation.get("http"))
    inputs = {"input": _aws_part(model, operation["input"]["shape"])} if "input" in operation else {}
    outputs = {"output": _aws_part(model, operation["output"]["shape"])} if "output" in operation else {}
    errors: dict[str, dict[str, Part]] = {error["shape"]: {} for error in operation.get("errors", ())}
    address = f"{http.get('method', 'POST')} {http.get('requestUri', '/')}"
    return Operation(name, address, {}, inputs, {"": outputs, **errors}, ignores_unknown_statuses=True)


def _aws_part(model: Mapping[str, Any], shape: str) -> Part:
    schema = schema_from_service_model(model, shape)
    return Part(shape, True, {"": schema}, ("", ""), lambda: SchemaDocument(schema))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
