"""The comparison of two contracts, constraint by constraint."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chime_fixtures.engine.diff.equality import CommonConstraints
from chime_fixtures.engine.diff.minimise import minimise
from chime_fixtures.engine.diff.projection import Projection
from chime_fixtures.engine.diff.records import ConstraintChange, ContractDiff, Direction
from chime_fixtures.engine.diff.search import Found, search
from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.diff.units import Unit, target_of, units_of
from chime_fixtures.engine.errors import EngineError
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.violation import Violation

Candidates = Callable[[Side, Side], Iterable[Any]]
"""(accepting side, rejecting side) -> values that may be accepted by the one and rejected by the other."""


def compare(
    old: Side,
    new: Side,
    directions: Iterable[Direction],
    *,
    candidates: Candidates = lambda accepting, rejecting: (),
    is_closed: bool = False,
) -> ContractDiff:
    """The differences between two schemas.

    Args:
        old: the old schema.
        new: the new schema.
        directions: the directions to compare.
        candidates: returns values to try if a search ends without a result.
        is_closed: True if a sender sends no property that its schema does not name.
    """
    changes: list[ConstraintChange] = []
    unchanged = 0
    kept = tuple(directions)
    for direction in kept:
        accepting, rejecting = (old, new) if direction == "request" else (new, old)
        sending = accepting.closed() if is_closed else accepting
        comparison = _Comparison(sending, rejecting, direction, candidates)
        found = list(comparison.changes())
        changes += found
        unchanged += comparison.unchanged
    return ContractDiff(old.name, new.name, kept, tuple(changes), unchanged)


class _Comparison:
    """The constraints of one schema that may reject values of another one."""

    def __init__(self, accepting: Side, rejecting: Side, direction: Direction, candidates: Candidates) -> None:
        self._accepting = accepting
        self._rejecting = rejecting
        self._direction = direction
        self._tried: list[Any] = []
        self._untried = iter(candidates(accepting, rejecting))
        self._broken: list[Side] = []
        self.unchanged = 0

    def changes(self) -> Iterator[ConstraintChange]:
        """The changed constraints, in the order of their schema."""
        units = units_of(self._rejecting)
        common = CommonConstraints(self._accepting, self._rejecting)
        # A constraint below very many steps is not among the targets.
        units |= {unit: target_of(unit) for unit in common.missing if unit not in units}
        differing = [unit for unit in units if unit in common.missing or not common.is_complete]
        self.unchanged = len(units) - len(differing)
        if not differing:
            return
        whole: Found | None = None
        if len(differing) > 1 or not (projection := Projection(self._rejecting)).is_supported:
            whole = search(self._accepting, self._rejecting)
        if whole is not None and whole.is_proved:
            yield from (self._change(units[unit], "compatible") for unit in differing)
            return
        projection = Projection(self._rejecting)
        reported: set[tuple[str, str, str | None]] = set()
        for unit in differing:
            change = self._examined(unit, units[unit], projection, whole)
            label = (change.pointer, change.keyword, change.variant)
            if change.verdict != "breaking" or not (label in reported or self._is_repeated(change, projection, unit)):
                reported.add(label)
                yield change

    def _is_repeated(self, change: ConstraintChange, projection: Projection, unit: Unit) -> bool:
        """True if each value that violates a constraint violates one that was reported: both are one change."""
        if change.witness is None or not projection.is_supported:
            return False
        value = change.witness.instance
        reduced = projection.reduced(unit)
        others = [other for other in self._broken if not other.validators.is_valid(value)]
        if others and search(self._accepting, reduced, others=others).is_proved:
            return True
        self._broken.append(reduced)
        return False

    def _examined(
        self, unit: Unit, target: ViolationTarget, projection: Projection, whole: Found | None
    ) -> ConstraintChange:
        """The change of one constraint: the schema that is reduced to it is searched."""
        if not projection.is_supported:
            return self._attributed(target, whole)
        try:
            reduced = projection.reduced(unit)
        except EngineError as error:
            return self._change(target, "not proved", reason=str(error))
        found = self._found(target, reduced)
        if not found.has_witness and not found.is_proved:
            found = dataclasses.replace(self._tried_candidates(reduced), limit=found.limit)
        if found.has_witness and self._violates(found.witness, target):
            return self._breaking(target, found.witness, reduced)
        if found.has_witness:
            return self._attributed(target, found)
        return self._change(target, "compatible" if found.is_proved else "not proved", reason=found.limit)

    def _found(self, target: ViolationTarget, reduced: Side) -> Found:
        """The result of the search; a property that is not allowed is one that the other schema names, if it can be."""
        if target.facts is not None and target.facts.depends_on:
            named = search(self._accepting.closed(), reduced)
            if named.has_witness:
                return named
        return search(self._accepting, reduced)

    def _violates(self, value: Any, target: ViolationTarget) -> bool:
        """True if a value that the reduced schema rejects violates the constraint, not another keyword beside it."""
        facts = target.facts
        if facts is None or not facts.consumes_annotations:
            return True
        return any(_is_of(violation, target) for violation in self._rejecting.validators.violations(value))

    def _breaking(self, target: ViolationTarget, witness: Any, reduced: Side) -> ConstraintChange:
        accepts, is_reduced_valid = self._accepting.validators.is_valid, reduced.validators.is_valid

        def is_witness(value: Any) -> bool:
            return (
                accepts(value)
                and not is_reduced_valid(value)
                and self._violates(value, target)
                and self._accepting.accepts(value)
                and reduced.rejects(value)
                and self._rejecting.rejects(value)
            )

        smallest = minimise(witness, is_witness)
        violation = _violation(self._rejecting, smallest, target)
        return self._change(target, "breaking", witness=violation)

    def _attributed(self, target: ViolationTarget, found: Found | None) -> ConstraintChange:
        """The change of one constraint whose reduced schema has others, too: it is searched among known values."""

        def is_witness(value: Any) -> bool:
            is_difference = self._accepting.validators.is_valid(value) and not self._rejecting.validators.is_valid(
                value
            )
            return (
                is_difference
                and any(_is_of(violation, target) for violation in self._rejecting.validators.violations(value))
                and self._accepting.accepts(value)
                and self._rejecting.rejects(value)
            )

        witnesses = [] if found is None or not found.has_witness else [found.witness]
        for value in (*witnesses, *self._values):
            if is_witness(value):
                violation = _violation(self._rejecting, minimise(value, is_witness), target)
                return self._change(target, "breaking", witness=violation)
        limit = None if found is None else found.limit
        return self._change(target, "not proved", reason=limit or "no value was found that violates this keyword")

    def _tried_candidates(self, reduced: Side) -> Found:
        for value in self._values:
            is_difference = self._accepting.validators.is_valid(value) and not reduced.validators.is_valid(value)
            if is_difference and all(
                [self._accepting.accepts(value), reduced.rejects(value), self._rejecting.rejects(value)]
            ):
                return Found(witness=value, has_witness=True)
        return Found()

    @property
    def _values(self) -> Iterator[Any]:
        """The candidates, each made once, when it is needed."""
        yield from self._tried
        for value in self._untried:
            self._tried.append(value)
            yield value

    def _change(self, target: ViolationTarget, verdict: Any, **facts: Any) -> ConstraintChange:
        witness = facts.get("witness")
        return ConstraintChange(
            direction=self._direction,
            verdict=verdict,
            pointer=target.path if witness is None else witness.pointer,
            keyword=target.keyword,
            limit=target.value,
            schema_pointer=target.schema_pointer,
            variant=_variant(target),
            path=target.path,
            document=self._rejecting.document,
            **facts,
        )


def _variant(target: ViolationTarget) -> str | None:
    subkey = target.evaluation_path.subkey
    return str(subkey[-1]) if isinstance(subkey, tuple) else None if subkey is None else str(subkey)


def _is_of(violation: Violation, target: ViolationTarget) -> bool:
    """True if a violation that is reported is one of a target."""
    is_same = violation.schema_pointer == target.schema_pointer or violation.keyword == target.keyword
    variant = _variant(target)
    return is_same and (variant is None or violation.variant in {None, variant})


def _violation(rejecting: Side, witness: Any, target: ViolationTarget) -> Violation:
    """The violation of a target among those of a witness; the first one if validators report it elsewhere."""
    reported = list(rejecting.validators.violations(witness))
    exact = [each for each in reported if each.schema_pointer == target.schema_pointer and _is_of(each, target)]
    near = [each for each in reported if _is_of(each, target)]
    found = (exact or near or reported)[0]
    return dataclasses.replace(found, cross_checked=rejecting.validators.cross_check(witness) is not None)
