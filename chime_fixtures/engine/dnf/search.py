"""Search for the clauses of a conjunction: its disjunctive normal form for one JSON type.

The alternatives of a choice are tried in turns, so that each one has its share of the limit.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from chime_fixtures.engine.dnf.clauses import Alternative, Clause
from chime_fixtures.engine.dnf.limits import EXHAUSTIVE, Limit, Limits
from chime_fixtures.engine.dnf.propagation import Propagation, State
from chime_fixtures.engine.dnf.requirements import Conjunction
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions

MAX_CLAUSES = 48
"""Clauses of one conjunction and one JSON type, unless its unions have more alternatives than that."""

MAX_TRIED_ALTERNATIVES = 1000
"""Alternatives that are tried for one conjunction and one JSON type, unless its unions have more than that."""


T = TypeVar("T")

Convert = Callable[[Clause], T | None]
"""Converts a clause to branches; None if no value satisfies it, so that it does not count."""


class Expansion(NamedTuple, Generic[T]):
    """The converted clauses of one conjunction for one JSON type.

    Attributes:
        clauses: the clauses, in the schema's order.
        limits: the limits that left out others.
    """

    clauses: list[T]
    limits: Limits


class ClauseSearch:
    """The search for the clauses of the conjunctions of one schema.

    Args:
        options: the options for reading the schema.
    """

    def __init__(self, options: SchemaOptions) -> None:
        self._propagation = Propagation(options)

    def expand(self, requirements: Conjunction, json_type: str, convert: Convert[T]) -> Expansion[T]:
        """The converted clauses of a conjunction for one JSON type."""
        clause = Clause.of(json_type)
        clause.is_expanded = any(each.path is not None or each.schema.is_dynamically_scoped for each in requirements)
        state = self._propagation.apply(clause, requirements, [])
        if state is None:
            return Expansion([], EXHAUSTIVE)
        if not state.choices:
            converted = convert(state.clause)
            return Expansion([] if converted is None else [converted], EXHAUSTIVE)
        return _Turns(self._propagation, state, convert).expansion()

    def known(self, requirements: Conjunction, json_type: str) -> State | None:
        """What a conjunction has in any case, by propagation alone; None if no value is found to meet it."""
        return self._propagation.state_of(requirements, json_type)


class _Branching:
    """One choice of a clause, and the alternatives of it that are not exhausted.

    Attributes:
        pending: each alternative with its number; in its place the choice that follows when it has been applied.
    """

    __slots__ = ("clause", "pending", "rest", "size")

    def __init__(self, state: State, share: float) -> None:
        # The choice with the fewest alternatives first, so that it is not repeated for each combination of the others.
        choice = min(state.choices, key=lambda each: len(each.alternatives))
        self.clause = state.clause
        self.rest = [each for each in state.choices if each is not choice]
        self.pending: collections.deque[tuple[int, Alternative | _Branching]] = collections.deque(choice.alternatives)
        self.size = 1 + max(number for number, _ in choice.alternatives)
        # Siblings begin with different alternatives, so that a few clauses of each have them all.
        self.pending.rotate(-int(share * len(choice.alternatives)))


class _Turns(Generic[T]):
    """The alternatives of one conjunction, tried in turns."""

    def __init__(self, propagation: Propagation, state: State, convert: Convert[T]) -> None:
        self._propagation = propagation
        self._convert = convert
        self._width = 0
        self._unions: set[tuple[Subschema, int]] = set()
        self._tried = 0
        self._found: list[tuple[tuple[int, ...], T]] = []
        self._root = self._branching(state, 0)

    def expansion(self) -> Expansion[T]:
        """The converted clauses, and the limit that left out others."""
        limit = self._reached_limit()
        while self._root.pending and limit is None:
            self._take_turn()
            limit = self._reached_limit()
        self._found.sort(key=lambda each: each[0])
        limits = frozenset([limit]) if self._root.pending and limit is not None else EXHAUSTIVE
        return Expansion([converted for _, converted in self._found], limits)

    def _reached_limit(self) -> Limit | None:
        max_clauses = max(MAX_CLAUSES, self._width)
        max_tried = max(MAX_TRIED_ALTERNATIVES, 4 * self._width)
        if len(self._found) >= max_clauses:
            return Limit(max_clauses, "alternatives")
        return Limit(max_tried, "tried alternatives") if self._tried >= max_tried else None

    def _take_turn(self) -> None:
        """Apply the next alternative of each choice, until a clause is complete or has no value."""
        path: list[int] = []
        branchings = [self._root]
        while True:
            branching = branchings[-1]
            number, following = branching.pending.popleft()
            path.append(number)
            if not isinstance(following, _Branching):
                self._tried += 1
                state = self._propagation.apply(branching.clause.copy(), following, branching.rest)
                if state is None:
                    break
                if not state.choices:
                    converted = self._convert(state.clause)
                    if converted is not None:
                        self._found.append((tuple(path), converted))
                    break
                following = self._branching(state, number / branching.size)
            branching.pending.append((number, following))
            branchings.append(following)
        # A choice without pending alternatives is the last of the one above it, since its turn has just come.
        while len(branchings) > 1 and not branchings.pop().pending:
            branchings[-1].pending.pop()

    def _branching(self, state: State, share: float) -> _Branching:
        for choice in state.choices:
            if choice.union is not None and choice.union not in self._unions:
                self._unions.add(choice.union)
                self._width += len(choice.alternatives)
        return _Branching(state, share)
