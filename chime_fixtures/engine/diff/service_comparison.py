"""The comparison of two services, operation by operation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from chime_fixtures.engine.diff.comparison import Candidates, compare
from chime_fixtures.engine.diff.records import Change, ConstraintChange, ContractDiff, Direction, MessageChange, Verdict
from chime_fixtures.engine.diff.services import Operation, Part, Service
from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.diff.written_schemas import WrittenEquality
from chime_fixtures.engine.errors import EngineError, UnsupportedSchemaError, first_line


def compare_services(
    old: Service, new: Service, directions: Iterable[Direction], *, candidates: Candidates
) -> ContractDiff:
    """The differences between two services: operations, parameters, bodies and statuses, and their constraints.

    Args:
        old: the old service.
        new: the new service.
        directions: the directions to compare.
        candidates: returns values to try if a search ends without a result.
    """
    comparison = _ServiceComparison(old, new, tuple(directions), candidates)
    changes = tuple(comparison.changes())
    return ContractDiff("old", "new", comparison.directions, changes, comparison.unchanged)


class _ServiceComparison:
    """The messages of two services in some directions."""

    def __init__(self, old: Service, new: Service, directions: tuple[Direction, ...], candidates: Candidates) -> None:
        self._old = old
        self._new = new
        self.directions = directions
        self._candidates = candidates
        self._equalities: dict[tuple[int, int], WrittenEquality] = {}
        self.unchanged = 0

    def changes(self) -> Iterator[Change]:
        """The changes of each operation, in the order of the old service; added operations follow."""
        for key, old in self._old.operations.items():
            new = self._new.operations.get(key)
            if new is not None:
                yield from self._operation(old, new)
            elif "request" in self.directions:
                yield _change("request", "breaking", old.name, "the operation was removed")
        for key, new in self._new.operations.items():
            if key not in self._old.operations and "request" in self.directions:
                yield _change("request", "compatible", new.name, "the operation was added")

    def _operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        if "request" in self.directions:
            yield from self._request(old, new)
        if "response" in self.directions:
            yield from self._responses(old, new)

    def _request(self, old: Operation, new: Operation) -> Iterator[Change]:
        if old.template != new.template:
            yield _change("request", "breaking", new.name, f"{old.address} became {new.address}")
        yield from self._parameters(old, new)
        yield from self._bodies(old, new)

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Change]:
        for key, part in new.parameters.items():
            before = old.parameters.get(key)
            message = f"{new.name} parameter {part.name}"
            if before is None:
                verdict: Verdict = "breaking" if part.is_required else "compatible"
                yield _change("request", verdict, message, f"{_kind(part)} parameter was added")
                continue
            if part.is_required and not before.is_required:
                yield _change("request", "breaking", message, "the parameter became required")
            yield from self._schemas(before, part, "request", message)
        for key, part in old.parameters.items():
            if key not in new.parameters:
                reason = "the parameter was removed; the service may reject or ignore it"
                yield _change("request", "not proved", f"{old.name} parameter {part.name}", reason)

    def _bodies(self, old: Operation, new: Operation) -> Iterator[Change]:
        message = f"{new.name} request"
        was_required = bool(old.bodies) and all(part.is_required for part in old.bodies.values())
        is_required = bool(new.bodies) and all(part.is_required for part in new.bodies.values())
        if is_required and not was_required and not self._accepts_empty(new):
            yield _change("request", "breaking", message, "the body became required")
        if old.bodies and not new.bodies:
            yield _change("request", "not proved", message, "the body was removed; the service may reject or ignore it")
            return
        yield from self._media_types(old.bodies, new.bodies, "request", message, removed="breaking", added="compatible")

    def _accepts_empty(self, operation: Operation) -> bool:
        """True if a request without members is one of the operation: AWS models have no optional input."""
        if not operation.ignores_unknown_statuses:
            return False
        return all(Side(part.read()).validators.is_valid({}) for part in operation.bodies.values())

    def _responses(self, old: Operation, new: Operation) -> Iterator[Change]:
        for status, bodies in new.responses.items():
            message = " ".join(filter(None, [new.name, status, "response"]))
            known = next((each for each in _covering(status) if each in old.responses), None)
            if known is None:
                reason = "the status was added"
                verdict: Verdict = "breaking"
                if new.ignores_unknown_statuses:
                    verdict, reason = "compatible", "the error was added; clients have an exception for unknown ones"
                yield _change("response", verdict, message, reason)
            elif old.responses[known] and not bodies:
                yield _change("response", "breaking", message, "the body was removed")
            elif old.responses[known]:
                before = old.responses[known]
                yield from self._media_types(
                    before, bodies, "response", message, removed="compatible", added="breaking"
                )
            elif bodies:
                yield _change("response", "compatible", message, "a body was added")
        for status in old.responses:
            if not any(each in new.responses for each in _covering(status)):
                yield _change("response", "compatible", f"{old.name} {status} response", "the status was removed")

    def _media_types(
        self,
        old: Mapping[str, Part],
        new: Mapping[str, Part],
        direction: Direction,
        message: str,
        *,
        removed: Verdict,
        added: Verdict,
    ) -> Iterator[Change]:
        are_shapes = len(old) == len(new) == 1 and self._old.dialect == self._new.dialect == "AWS"
        for media_type, part in old.items():
            if are_shapes:
                yield from self._schemas(part, next(iter(new.values())), direction, message)
            elif media_type in new:
                label = message if len(new) == 1 else f"{message} {media_type}"
                yield from self._schemas(part, new[media_type], direction, label)
            else:
                yield _change(direction, removed, message, f"the media type {media_type} was removed")
        for media_type in new:
            if not are_shapes and media_type not in old and old:
                yield _change(direction, added, message, f"the media type {media_type} was added")

    def _schemas(self, old: Part, new: Part, direction: Direction, message: str) -> Iterator[Change]:
        """The changes of the constraints of one part; equal schemas are not read."""
        if old.location is None and new.location is None:
            return
        if old.location is None or new.location is None:
            is_narrower = (new if direction == "request" else old).location is not None
            verdict: Verdict = "not proved" if is_narrower else "compatible"
            yield _change(direction, verdict, message, "only one of both has a schema")
            return
        if self._are_equal(old, new):
            self.unchanged += 1
            return
        try:
            before, after = Side(old.read()), Side(new.read())
            if direction == "request" and self._new.rejects_unknown_members:
                after = after.closed()
            found = compare(before, after, [direction], candidates=self._candidates, is_closed=True)
        except EngineError as error:
            yield _change(direction, "not proved", message, _explain(error))
            return
        self.unchanged += found.unchanged
        for change in found.changes:
            assert isinstance(change, ConstraintChange)
            yield dataclasses.replace(change, message=message)

    def _are_equal(self, old: Part, new: Part) -> bool:
        if self._old.dialect != self._new.dialect or old.location is None or new.location is None:
            return False
        place = id(old.documents), id(new.documents)
        if place not in self._equalities:
            self._equalities[place] = WrittenEquality(old.documents, new.documents)
        return self._equalities[place].are_equal(old.location, new.location)


def _change(direction: Direction, verdict: Verdict, message: str, reason: str) -> MessageChange:
    return MessageChange(direction=direction, verdict=verdict, message=message, reason=reason)


def _explain(error: EngineError) -> str:
    """An error in one line; of several problems the first one."""
    if isinstance(error, UnsupportedSchemaError) and len(error.problems) > 1:
        return f"unsupported schema: {error.problems[0]}; and {len(error.problems) - 1} more"
    return first_line(error)


def _kind(part: Part) -> str:
    return "a required" if part.is_required else "an optional"


def _covering(status: str) -> tuple[str, ...]:
    """The keys of responses by which a status is described: itself, its range, the default one."""
    return status, f"{status[:1]}XX", "DEFAULT"
