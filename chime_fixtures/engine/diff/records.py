"""The results of a comparison of two contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.violation import Violation, quote

Direction = Literal["request", "response"]
"""The message that contains the values: a request, which the new contract must accept, or a response, which the old
contract must accept."""

Verdict = Literal["compatible", "breaking", "not proved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintChange:
    """One constraint that may reject values of the other contract.

    Attributes:
        direction: in a request, the constraint is one of the new contract; in a response, one of the old contract.
        verdict: ``"breaking"`` if it rejects a value of the other contract, ``"compatible"`` if that is impossible,
            which is proved; ``"not proved"`` if neither was found.
        pointer: the location in an instance: that of the witness; without one a pattern with ``*`` for items and for
            properties that no schema lists.
        keyword: the keyword.
        limit: its value.
        schema_pointer: its location in its document.
        variant: for `required` and `dependentRequired` the name of the property.
        witness: a value that the other contract accepts, with the violation; None unless the verdict is breaking. It
            is the smallest one of its kind: no single step makes it smaller.
        reason: the limit of the search, if nothing is proved.
        message: the operation and the part of its message, if services are compared, as ``createOrder 201 response``.
        path: the locations in an instance that it applies to, with ``*`` for items and for properties that no schema
            lists.
        document: the schema that has the constraint.
    """

    direction: Direction
    verdict: Verdict
    pointer: str
    keyword: str
    limit: Any = field(hash=False)
    schema_pointer: str
    variant: str | None = None
    witness: Violation | None = None
    reason: str | None = None
    message: str = ""
    path: str = field(default="", repr=False, compare=False)
    document: SchemaDocument | None = field(default=None, repr=False, compare=False)

    @property
    def summary(self) -> str:
        """One line without the verdict: the message, the location, the sentence about the witness, and the keyword."""
        start = f"{self.message}: " if self.message else ""
        if self.witness is not None:
            return start + self.witness.summary
        name = f" ({self.variant})" if self.variant else ""
        reason = f": {self.reason}" if self.reason else ""
        return f"{start}{json_pointer.display(self.pointer)}: {self.keyword} {quote(self.limit)}{name}{reason}"

    def as_dict(self) -> dict[str, Any]:
        """A JSON object."""
        witness = self.witness
        return {
            "direction": self.direction,
            "verdict": self.verdict,
            **({"message": self.message} if self.message else {}),
            "instanceLocation": self.pointer,
            "keyword": self.keyword,
            "limit": self.limit,
            "keywordLocation": self.schema_pointer,
            "variant": self.variant,
            **({} if witness is None else {"witness": witness.instance, "error": witness.summary}),
            **({} if self.reason is None else {"reason": self.reason}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChange:
    """One operation, or one part of its messages, that only one of two services has, or that became required.

    Attributes:
        direction: the direction of the message; that of an operation is the request.
        verdict: ``"breaking"`` if a message of the one service is not one of the other; ``"not proved"`` if that
            depends on what a service does with a part that it does not know.
        message: the operation, and the part.
        reason: the rest of the sentence.
        witness: None, as there is no value.
    """

    direction: Direction
    verdict: Verdict
    message: str
    reason: str
    witness: None = None

    @property
    def summary(self) -> str:
        """One line without the verdict."""
        return f"{self.message}: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "direction": self.direction,
            "verdict": self.verdict,
            "message": self.message,
            "error": self.summary,
        }


Change = ConstraintChange | MessageChange
"""A difference between two contracts."""


@dataclass(frozen=True, slots=True)
class ContractDiff:
    """The differences between two contracts, or between the messages of two services.

    Attributes:
        old: the name of the old contract.
        new: the name of the new contract.
        directions: the compared directions.
        changes: the constraints that differ, in the order of their schemas; those of requests first.
        unchanged: the number of the constraints that both contracts have, in both directions together.
    """

    old: str
    new: str
    directions: tuple[Direction, ...]
    changes: tuple[Change, ...]
    unchanged: int = 0

    def of(self, verdict: Verdict) -> tuple[Change, ...]:
        """The changes with one verdict."""
        return tuple(change for change in self.changes if change.verdict == verdict)

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that break, each constraint with a witness."""
        return self.of("breaking")

    @property
    def verdict(self) -> Verdict:
        """``"breaking"`` if one change is; else ``"not proved"`` if one is; else ``"compatible"``."""
        found = {change.verdict for change in self.changes}
        order: tuple[Verdict, ...] = ("breaking", "not proved")
        return next((verdict for verdict in order if verdict in found), "compatible")

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def as_dict(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "old": self.old,
            "new": self.new,
            "directions": list(self.directions),
            "verdict": self.verdict,
            "unchanged": self.unchanged,
            "changes": [change.as_dict() for change in self.changes],
        }
