"""Propagation: constraints without a choice are applied, and choices that the clause decides are dropped.

An alternative that the clause contradicts is dropped; a choice of which one alternative is left is applied; a choice of
which one alternative is implied is satisfied. Discriminators are decided here, before anything is multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chime_fixtures.engine.dnf.clauses import (
    Absent,
    Alternative,
    Alternatives,
    Clause,
    Conjoined,
    Deferred,
    Item,
    Present,
)
from chime_fixtures.engine.dnf.discriminators import Discriminators, Values
from chime_fixtures.engine.dnf.expand import Expander
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, conjunction, without_violated
from chime_fixtures.engine.instances import BOOLEAN, NULL, NUMBER, OBJECT, TYPES, key
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions

MAX_DEPTH = 3
"""Levels of properties and of nested choices that are looked at to find a contradiction."""

MAX_CHECKED_ALTERNATIVES = 16
"""Alternatives of a nested choice that are looked at to find a contradiction."""

MAX_CHECKED_VALUES = 16
"""Values of an enumeration that are compared with the constraints of another clause to find a contradiction."""


class Choice(NamedTuple):
    """The alternatives of one keyword that are not yet contradicted.

    Attributes:
        alternatives: each with its number in the schema's order.
        union: the schema and the number of the choice in it, if values of each alternative are expected.
    """

    alternatives: tuple[tuple[int, Alternative], ...]
    union: tuple[Subschema, int] | None = None


class State(NamedTuple):
    """A clause and the choices that are still open."""

    clause: Clause
    choices: list[Choice]


@dataclass(slots=True)
class _Pending:
    """The requirements, choices and the like that are not part of the clause yet."""

    requirements: list[Requirement]
    deferred: list[Deferred]
    choices: list[Choice]


class Propagation:
    """The propagation of requirements; what is known of a requirement is computed once.

    Args:
        options: the options for reading the schema.
    """

    def __init__(self, options: SchemaOptions) -> None:
        self._expanders = {json_type: Expander(json_type, options) for json_type in TYPES}
        self._states: dict[tuple[Conjunction, str, int], State | None] = {}
        self._refuted: dict[tuple[Conjunction, int], bool] = {}
        self._values: dict[Conjunction, Values | None] = {}
        self._discriminators: dict[tuple[Subschema, tuple[tuple[str, str], ...], str], Discriminators] = {}

    def apply(
        self, clause: Clause, alternative: Alternative, choices: list[Choice], depth: int = MAX_DEPTH
    ) -> State | None:
        """Add an alternative to a clause, and all that follows from it; None if no value is left."""
        pending = _Pending([], [], list(choices))
        self._add(clause, alternative, pending)
        while True:
            while pending.requirements:
                self._expand(clause, pending.requirements.pop(), pending)
                if clause.is_unsatisfiable:
                    return None
            if clause.is_unsatisfiable:
                return None
            if clause.is_finite and not any(choice.union for choice in pending.choices):
                # A validator decides which of finitely many values satisfy the rest.
                clause.has_open_choices = clause.has_open_choices or bool(pending.choices or pending.deferred)
                return State(clause, [])
            if pending.deferred:
                for alternatives in pending.deferred.pop(0).choices(clause, self._compatible_variants):
                    self._choose(clause, alternatives, None, pending)
                continue
            if not pending.choices or depth < 1:
                return State(clause, pending.choices)
            before = len(pending.choices)
            if not self._decide(clause, pending, depth):
                return None
            if len(pending.choices) >= before and not (pending.requirements or pending.deferred):
                return State(clause, pending.choices)

    def _expand(self, clause: Clause, requirement: Requirement, pending: _Pending) -> None:
        if requirement in clause.processed:
            return
        if clause.processed and clause.excludes(requirement):
            clause.is_unsatisfiable = True
            return
        clause.add_processed(requirement)
        is_union = requirement.must_hold and requirement.path is None
        for number, alternatives in enumerate(self._expanders[clause.json_type].choices(requirement)):
            self._choose(clause, alternatives, (requirement.schema, number) if is_union else None, pending)

    def _choose(
        self, clause: Clause, alternatives: Alternatives, union: tuple[Subschema, int] | None, pending: _Pending
    ) -> None:
        if len(alternatives) == 1:
            self._add(clause, alternatives[0], pending)
        else:
            clause.is_unsatisfiable = clause.is_unsatisfiable or not alternatives
            pending.choices.append(Choice(tuple(enumerate(alternatives)), union))

    def _add(self, clause: Clause, alternative: Alternative, pending: _Pending) -> None:
        for item in alternative:
            if isinstance(item, Requirement):
                pending.requirements.append(item)
            elif isinstance(item, Deferred):
                pending.deferred.append(item)
            elif isinstance(item, Conjoined):
                for alternatives in item.choices:
                    self._choose(clause, alternatives, None, pending)
            else:
                item(clause)

    def _decide(self, clause: Clause, pending: _Pending, depth: int) -> bool:
        """Drop the choices that are decided, and apply them; False if one has no alternative left."""
        if self._is_contradictory(clause, depth):
            return False
        choices, pending.choices = pending.choices, []
        for choice in choices:
            alternatives = choice.alternatives
            if choice.union is None and any(self._is_implied(clause, each, depth) for _, each in alternatives):
                continue
            possible = tuple(
                (number, alternative)
                for number, alternative in alternatives
                if not self._contradicts(clause, alternative, depth)
            )
            if not possible:
                return False
            if len(possible) == 1:
                self._add(clause, possible[0][1], pending)
                if clause.is_unsatisfiable:
                    return False
            else:
                pending.choices.append(Choice(possible, choice.union))
        return True

    # Contradictions --------------------------------------------------------------------------------------------------

    def _contradicts(self, clause: Clause, alternative: Alternative, depth: int) -> bool:
        """True if a clause and an alternative are found to have no value in common."""
        return any(self._item_contradicts(clause, item, depth) for item in alternative)

    def _item_contradicts(self, clause: Clause, item: Item, depth: int) -> bool:
        if isinstance(item, Absent):
            return item.name in clause.constraints.required
        if isinstance(item, Present):
            constraints = clause.constraints
            if not constraints.forbidden.isdisjoint(item.names):
                return True
            known = constraints.properties.get(item.names[-1])
            if known is None or item.requirement is None:
                return False
            return self._exclude_each_other(known, (item.requirement,), depth - 1)
        if not isinstance(item, Requirement):
            return False
        if clause.excludes(item):
            return True
        state = self.state_of((item.without_consumers,), clause.json_type, depth - 1)
        if state is None or self._are_disjoint(clause, state.clause, depth - 1):
            return True
        return depth > 1 and any(
            all(self._contradicts(clause, alternative, depth - 1) for _, alternative in choice.alternatives)
            for choice in state.choices
            if len(choice.alternatives) <= MAX_CHECKED_ALTERNATIVES
        )

    def _is_implied(self, clause: Clause, alternative: Alternative, depth: int) -> bool:
        """True if every value of a clause is found to satisfy an alternative."""
        return all(self._item_is_implied(clause, item, depth) for item in alternative)

    def _item_is_implied(self, clause: Clause, item: Item, depth: int) -> bool:
        if isinstance(item, Absent):
            return item.name in clause.constraints.forbidden
        if isinstance(item, Present):
            constraints = clause.constraints
            if any(name not in constraints.required for name in item.names):
                return False
            if item.requirement is None:
                return True
            known = constraints.properties.get(item.names[-1], ())
            complement = item.requirement.complement
            return complement is not None and bool(known) and self._exclude_each_other(known, (complement,), depth - 1)
        return isinstance(item, Requirement) and item in clause.processed

    def _are_disjoint(self, left: Clause, right: Clause, depth: int) -> bool:
        """True if two clauses of one type are found to have no value in common."""
        for one, other in ((left, right), (right, left)):
            if one.allowed is None:
                continue
            allowed = one.allowed.keys() - one.excluded.keys()
            if allowed <= other.excluded.keys() or (other.allowed is not None and allowed.isdisjoint(other.allowed)):
                return True
            if len(allowed) <= MAX_CHECKED_VALUES and not any(other.may_contain(one.allowed[each]) for each in allowed):
                return True
        one, other = left.constraints, right.constraints
        if left.json_type == NUMBER:
            return _is_empty_range(one.low, other.high) or _is_empty_range(other.low, one.high)
        if left.json_type in {NULL, BOOLEAN}:
            return False
        if _exceeds(one.minimum, other.maximum) or _exceeds(other.minimum, one.maximum):
            return True
        if left.json_type != OBJECT:
            return False
        if not (one.forbidden.isdisjoint(other.required) and other.forbidden.isdisjoint(one.required)):
            return True
        if depth < 0:
            return False
        few, many = (one, other) if len(one.properties) < len(other.properties) else (other, one)
        return any(
            (name in one.required or name in other.required)
            and self._exclude_each_other(one.properties[name], other.properties[name], depth)
            for name in few.properties
            if name in many.properties
        )

    def _is_contradictory(self, clause: Clause, depth: int) -> bool:
        """True if no value is found to satisfy a clause."""
        if clause.allowed is not None:
            return all(key(value) in clause.excluded for value in clause.allowed_values)
        constraints = clause.constraints
        if clause.json_type in {NULL, BOOLEAN}:
            return len(clause.excluded) == (1 if clause.json_type == NULL else 2)
        if clause.json_type == NUMBER:
            return _is_empty_range(constraints.low, constraints.high)
        if _exceeds(constraints.minimum, constraints.maximum):
            return True
        if clause.json_type != OBJECT:
            return False
        if _exceeds(len(constraints.required), constraints.maximum):
            return True
        return depth > 0 and any(
            self._is_refuted(constraints.properties[name], depth - 1)
            for name in constraints.required
            if name in constraints.properties
        )

    def _exclude_each_other(self, left: Conjunction, right: Conjunction, depth: int) -> bool:
        """True if no value is found to meet both conjunctions, of any type."""
        if depth < 0:
            return False
        left, right = without_violated(left, right), without_violated(right, left)
        for json_type in TYPES:
            one, other = self.state_of(left, json_type, depth), self.state_of(right, json_type, depth)
            if one is not None and other is not None and not self._are_disjoint(one.clause, other.clause, depth - 1):
                return False
        return True

    def _is_refuted(self, requirements: Conjunction, depth: int) -> bool:
        """True if no value is found to meet a conjunction, of any type."""
        if depth < 0:
            return False
        known = self._refuted.get((requirements, depth))
        if known is None:
            known = all(self.state_of(requirements, json_type, depth) is None for json_type in TYPES)
            self._refuted[requirements, depth] = known
        return known

    def state_of(self, requirements: Conjunction, json_type: str, depth: int = MAX_DEPTH) -> State | None:
        """The constraints of a conjunction without a choice; None if no value is found to meet them."""
        place = requirements, json_type, max(depth, 0)
        known = self._states.get(place, _UNKNOWN)
        if known is not _UNKNOWN:
            return known
        state = self.apply(Clause.of(json_type), conjunction(requirements), [], depth)
        is_empty = state is not None and self._is_contradictory(state.clause, depth)
        self._states[place] = None if is_empty else state
        return self._states[place]

    # Discriminators --------------------------------------------------------------------------------------------------

    def _compatible_variants(self, requirement: Requirement, clause: Clause) -> list[int]:
        place = requirement.schema, requirement.dynamic_scope, clause.json_type
        known = self._discriminators.get(place)
        if known is None:
            variants = [requirement.to(child, must_hold=True) for _, child in requirement.schema.subschemas("oneOf")]
            states = [self.state_of((variant,), clause.json_type, 0) for variant in variants]
            clauses = [None if state is None else state.clause for state in states]
            known = Discriminators(clauses, self._finite_values, self._object_clause)
            self._discriminators[place] = known
        return known.compatible(clause)

    def _finite_values(self, requirements: Conjunction) -> Values | None:
        """The keys of the values that meet a conjunction; None if they are not found to be finite."""
        if requirements not in self._values:
            self._values[requirements] = self._collect_values(requirements)
        return self._values[requirements]

    def _collect_values(self, requirements: Conjunction) -> Values | None:
        values: set[object] = set()
        for json_type in TYPES:
            state = self.state_of(requirements, json_type, 0)
            if state is None:
                continue
            clause = state.clause
            allowed = _CONSTANTS.get(json_type) if clause.allowed is None else clause.allowed.keys()
            if allowed is None:
                return None
            values.update(allowed - clause.excluded.keys())
        return frozenset(values)

    def _object_clause(self, requirements: Conjunction, alone: bool) -> Clause | None:
        """The constraints on objects that meet a conjunction; with `alone` None if values of other types do, too."""
        if alone and any(self.state_of(requirements, each, 0) is not None for each in TYPES if each != OBJECT):
            return None
        state = self.state_of(requirements, OBJECT, 0)
        return None if state is None else state.clause


_UNKNOWN = State(Clause.of(NULL), [])
"""The state of a conjunction that is not computed yet."""

_CONSTANTS = {NULL: {key(None)}, BOOLEAN: {key(False), key(True)}}


def _is_empty_range(low: tuple[float, bool] | None, high: tuple[float, bool] | None) -> bool:
    if low is None or high is None:
        return False
    return low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))


def _exceeds(minimum: int, maximum: int | None) -> bool:
    return maximum is not None and minimum > maximum
