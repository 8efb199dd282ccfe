"""The operations of the API, read from the OpenAPI document."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, load_document
from chime_fixtures.chime.errors import UnknownOperationError, is_kit_error
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.schema.documents import SchemaDocument

__tracebackhide__ = is_kit_error

_METHODS = ("get", "put", "post", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query.

    Attributes:
        name: its name on the wire, as ``max-results``.
        location: ``path`` or ``query``.
        required: True if a request must have it.
        pointer: the JSON Pointer of its schema in the OpenAPI document.
    """

    name: str
    location: str
    required: bool
    pointer: str

    @property
    def argument(self) -> str:
        """The name of the member in AWS's models, as ``MaxResults``."""
        return "".join(part[:1].upper() + part[1:] for part in self.name.split("-"))

    @property
    def contract(self) -> Contract:
        """The contract of its value."""
        return load_contract(self.pointer)


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """A modelled error: the exception's name, its HTTP status, and the ``Code`` of its body."""

    name: str
    status: int
    code: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation.

    Attributes:
        name: its name in AWS's models.
        method: the HTTP method, in capitals.
        path: the template, with parameters in braces.
        success_status: the HTTP status of a success.
        parameters: the parameters in the path and the query.
        has_request: True if it has a request body.
        has_response: True if it has a response body.
        errors: its modelled errors.
    """

    name: str
    method: str
    path: str
    success_status: int
    parameters: tuple[Parameter, ...]
    has_request: bool
    has_response: bool
    errors: tuple[ErrorShape, ...]

    @property
    def request(self) -> Contract | None:
        """The contract of the request body; None without one."""
        return load_contract(f"{self.name}.request") if self.has_request else None

    @property
    def response(self) -> Contract | None:
        """The contract of the response body; None without one."""
        return load_contract(f"{self.name}.response") if self.has_response else None

    @property
    def arguments(self) -> Contract:
        """The contract of the arguments of a client's method: path, query and body in one object, by AWS's names."""
        return _arguments(self)


@functools.cache
def operations() -> tuple[Operation, ...]:
    """Every operation, in the order of the OpenAPI document."""
    document = load_document(SERVICE_DOCUMENT)
    return tuple(
        _operation(document, path, method, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if method in _METHODS
    )


def operation_named(name: str) -> Operation:
    """The operation with a name.

    Raises:
        UnknownOperationError: unknown name; the message has the nearest name.
    """
    by_name = {operation.name: operation for operation in operations()}
    if name not in by_name:
        raise UnknownOperationError(name, by_name)
    return by_name[name]


@functools.cache
def max_page_size() -> int:
    """The maximum of MaxResults: the most sessions on a page of ListProxySessions."""
    parameters = {parameter.name: parameter for parameter in operation_named("ListProxySessions").parameters}
    maximum = parameters["max-results"].contract.root.require_branch(Numbers).high
    assert maximum is not None
    return int(maximum)


def _operation(document: Mapping[str, Any], path: str, method: str, described: Mapping[str, Any]) -> Operation:
    responses = {status: _resolved(document, response) for status, response in described["responses"].items()}
    success = next(status for status in responses if status.startswith("2"))
    base = json_pointer.join(["paths", path, method, "parameters"])
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        success_status=int(success),
        parameters=tuple(
            Parameter(item["name"], item["in"], item["required"], f"{base}/{index}/schema")
            for index, item in enumerate(described["parameters"])
        ),
        has_request="requestBody" in described,
        has_response="content" in responses[success],
        errors=tuple(
            ErrorShape(error["name"], int(status), error["code"])
            for status, response in responses.items()
            for error in response.get("x-errors", ())
        ),
    )


@functools.cache
def _arguments(operation: Operation) -> Contract:
    document = operation.parameters[0].contract.document
    pointers = {parameter.argument: parameter.pointer for parameter in operation.parameters}
    required = [parameter.argument for parameter in operation.parameters if parameter.required]
    if operation.request is not None:
        body = operation.request
        pointers |= {
            name: body.document.pointer + json_pointer.join(["properties", name]) for name in body.schema["properties"]
        }
        required += body.schema.get("required", [])
    schema = {
        "type": "object",
        "properties": {
            name: {"$ref": document.entry_at(document.uri, pointer, document.dialect)["$ref"]}
            for name, pointer in pointers.items()
        },
        "required": required,
    }
    return Contract(
        SchemaDocument(schema, others=document.by_uri, options=document.options), name=f"{operation.name}.arguments"
    )


def _resolved(document: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """A description, after following a reference into the same document."""
    if "$ref" not in described:
        return described
    shared: Mapping[str, Any] = json_pointer.resolve(document, described["$ref"].removeprefix("#"))
    return shared
