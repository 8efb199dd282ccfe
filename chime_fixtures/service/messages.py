"""What goes in and out of the service: three records, no HTTP library's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chime_fixtures.service.redaction import masked_headers, masked_target


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stood on the wire. Its repr, which a test runner may show, has no secrets.

    Attributes:
        method: the HTTP method, in capitals.
        target: the raw path and query, percent-encoded as they were sent.
        headers: the header fields, as text or latin-1 bytes; names are compared without regard to case. Requests that
            differ in nothing else are equal.
        body: the bytes of the body.
        transport: the adapter that brought it; the journal keeps it.
        base: what stood before the target in the URL: scheme, host and, at an imitator's, the first part of the path.
    """

    method: str
    target: str
    headers: Mapping[str, str | bytes] = field(default_factory=dict, compare=False)
    body: bytes = b""
    transport: str = "direct"
    base: str = ""

    def __repr__(self) -> str:
        told = f"{self.method!r}, {masked_target(self.target)!r}, {masked_headers(self.headers)!r}, {self.body!r}"
        return f"Request({told}, {self.transport!r}, {self.base!r})"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that reaches the client.

    Attributes:
        status: the HTTP status.
        headers: the header fields; ``content-length`` may promise more than `body` holds, when a fault cut it.
        body: the bytes of the body.
        delay: seconds that the adapter waits before it hands the answer over.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer: the adapter raises what its library raises for it, or does the real thing to the connection.

    Attributes:
        kind: ``timeout``, ``connect-timeout``, ``reset``, ``refused`` or ``hang``.
        committed: whether the service had done its work before the connection failed.
    """

    kind: str
    committed: bool = False
