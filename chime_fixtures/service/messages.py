"""Messages of the service, independent of any HTTP library.

`Request`, `Response` and `TransportFault` cross its boundary; `Result` and `ApiError` are the outcomes of an operation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.redaction import redact_headers, redact_target

BAD_REQUEST = "BadRequestException"
FORBIDDEN = "ForbiddenException"
NOT_FOUND = "NotFoundException"
SERVICE_FAILURE = "ServiceFailureException"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, as it was sent. Its repr, which a test runner may print, contains no secrets.

    Attributes:
        method: the HTTP method, in capitals.
        target: the raw path and query, percent-encoded as they were sent.
        headers: the header fields, as text or latin-1 bytes; their names are case-insensitive. They are not
            compared.
        body: the bytes of the body.
        transport: the name of the adapter, for the journal.
        base: the part of the URL before the target: scheme, host and, for an imitator, the prefix of the path.
    """

    method: str
    target: str
    headers: Mapping[str, str | bytes] = field(default_factory=dict, compare=False)
    body: bytes = b""
    transport: str = "direct"
    base: str = ""

    def __repr__(self) -> str:
        redacted = f"{self.method!r}, {redact_target(self.target)!r}, {redact_headers(self.headers)!r}, {self.body!r}"
        return f"Request({redacted}, {self.transport!r}, {self.base!r})"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response.

    Attributes:
        status: the HTTP status.
        headers: the header fields; ``content-length`` is larger than `body` if a fault cut the body.
        body: the bytes of the body.
        delay: the seconds that the adapter waits before it returns the response.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class TransportFault:
    """A connection failure instead of a response: the adapter raises its library's exception, or breaks the connection.

    Attributes:
        kind: ``timeout``, ``connect-timeout``, ``reset``, ``refused`` or ``hang``.
        committed: True if the service changed its state before the connection failed.
    """

    kind: str
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The success of an operation.

    Attributes:
        body: the bytes of the response.
        instance: the response as a JSON value, to be validated against the contract; None if it need not be.
        committed: True if the state may have changed.
    """

    body: bytes
    instance: Any = field(default=None, hash=False)
    committed: bool = False


class ApiError(Exception):
    """An error response of the API.

    Args:
        error: the name of a modelled exception.
        message: its message.
        violations: the constraints that the request violates.
        parameters: the request's parameters, as far as they could be parsed.
    """

    def __init__(
        self,
        error: str,
        message: str,
        violations: tuple[Violation, ...] = (),
        parameters: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(error, message)
        self.error = error
        self.message = message
        self.violations = violations
        self.parameters = parameters


def encode_json(value: Any) -> bytes:
    """Encode a JSON value as the service writes it: ASCII, without whitespace."""
    return json.dumps(value, separators=(",", ":")).encode()
