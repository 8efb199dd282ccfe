"""Requests as boto3 sends them, and responses as an AWS SDK reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

from chime_fixtures.chime.error_names import error_name
from chime_fixtures.chime.operations import Operation
from chime_fixtures.service.messages import Request, Response

Send: TypeAlias = Callable[[Request], Response]
"""Sends a request and returns the response. Raises OSError if there is none."""

NOT_JSON = object()
"""The body of a response that is not JSON."""

_UNRESERVED = "-._~"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of an operation with its response.

    Attributes:
        operation: the operation.
        arguments: the arguments of the client's method; for a request that is wrong on purpose, those that it has.
        is_sendable: True if boto3 could send the request.
        request: the request.
        response: the response.
    """

    operation: Operation
    arguments: Mapping[str, Any]
    is_sendable: bool
    request: Request
    response: Response
    _parsed: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def is_success(self) -> bool:
        """True for a status of 200 to 299."""
        return 200 <= self.response.status < 300

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of the response, by their names in lower case."""
        return {name.lower(): value for name, value in self.response.headers.items()}

    @property
    def body(self) -> Any:
        """The JSON value of the response's body; `NOT_JSON` if it is none."""
        if "body" not in self._parsed:
            try:
                self._parsed["body"] = json.loads(self.response.body)
            except (ValueError, RecursionError):
                self._parsed["body"] = NOT_JSON
        return self._parsed["body"]

    def member(self, name: str) -> Any:
        """The member of the response's body; None if it is absent."""
        return self.body.get(name) if isinstance(self.body, dict) else None

    @property
    def error(self) -> str:
        """The name of the error by which botocore chooses the exception; empty without one."""
        return error_name(self.headers.get("x-amzn-errortype"), self.body)

    @property
    def outcome(self) -> str:
        """The status, with the name of the error."""
        return str(self.status) if self.is_success or not self.error else f"{self.status} {self.error}"


def target_of(operation: Operation, arguments: Mapping[str, Any], extra_query: str = "") -> str:
    """Return the path and query of a request, encoded as by botocore.

    Args:
        operation: the operation.
        arguments: the arguments of the client's method.
        extra_query: further query parameters, encoded.
    """
    path, pairs = operation.path, []
    parameters = {parameter.argument: parameter for parameter in operation.parameters}
    # The query has the order of the arguments, as with botocore.
    for name, value in arguments.items():
        if name not in parameters:
            continue
        text = quote(str(value), safe=_UNRESERVED)
        if parameters[name].location == "path":
            path = path.replace(f"{{{parameters[name].name}}}", text)
        else:
            pairs.append(f"{parameters[name].name}={text}")
    query = "&".join([*pairs, *([extra_query] if extra_query else [])])
    return f"{path}?{query}" if query else path


def body_of(operation: Operation, arguments: Mapping[str, Any]) -> bytes:
    """Return the body of a request, written as by botocore; empty if the operation has none."""
    if not operation.has_request:
        return b""
    parameters = {parameter.argument for parameter in operation.parameters}
    return json.dumps({name: value for name, value in arguments.items() if name not in parameters}).encode()


def request_of(operation: Operation, target: str, body: bytes, headers: Mapping[str, str], base: str) -> Request:
    """Return a request with the header fields that an SDK sends."""
    fields = {**headers, "accept": "application/json"}
    if operation.has_request:
        fields["content-type"] = "application/json"
    if operation.method != "GET":
        fields["content-length"] = str(len(body))
    return Request(operation.method, target, fields, body, "conformance", base)
