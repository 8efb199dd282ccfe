"""What an operation comes to: an outcome, or a refusal by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine.violation import Violation

BAD_REQUEST = "BadRequestException"
FORBIDDEN = "ForbiddenException"
NOT_FOUND = "NotFoundException"
SERVICE_FAILURE = "ServiceFailureException"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A success.

    Attributes:
        body: the bytes of the answer.
        instance: the answer as a JSON value, to be held against the contract; None where nothing is to be held.
        committed: whether the state may have changed.
    """

    body: bytes
    instance: Any = field(default=None, hash=False)
    committed: bool = False


class Refusal(Exception):
    """The service answers with an error.

    Args:
        error: the name of a modelled exception.
        message: its message.
        violations: what the request broke.
        request: the input all the same, where it could be read.
    """

    def __init__(
        self,
        error: str,
        message: str,
        violations: tuple[Violation, ...] = (),
        request: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(error, message)
        self.error = error
        self.message = message
        self.violations = violations
        self.request = request
