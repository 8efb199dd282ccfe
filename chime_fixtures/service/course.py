"""What happens to one request, gathered on its way through the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.faults import FaultSpec
from chime_fixtures.service.journal import attempt_of
from chime_fixtures.service.messages import Fault, Request, Response
from chime_fixtures.service.redaction import masked_headers, masked_target


@dataclass(slots=True)
class Course:
    """The parts of a `Call` that are known only when it is over."""

    operation: Operation | None = None
    request: dict[str, Any] | None = None
    error: str | None = None
    message: str | None = None
    violations: tuple[Violation, ...] = ()
    fault: FaultSpec | None = None
    committed: bool = False

    def row(self, request: Request, path: str, answer: Response | Fault | None) -> tuple[Any, ...]:
        """The values of a `Call`, from its second field on."""
        headers = masked_headers(request.headers)
        response = answer if isinstance(answer, Response) else None
        return (
            self.operation.name if self.operation else None,
            request.method,
            path,
            self.request,
            response.status if response else None,
            self.error,
            self.message,
            self.violations,
            self.fault.text if self.fault else None,
            self.committed,
            attempt_of(headers),
            request.transport,
            masked_target(request.target),
            headers,
            response.body if response else b"",
        )
