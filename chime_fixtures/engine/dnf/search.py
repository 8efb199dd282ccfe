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
"""Alternatives that are tried to find the first clause of a conjunction, unless its unions have more than that."""

MAX_FRUITLESS_ALTERNATIVES = 32
"""Alternatives that are tried to find one more clause, for each alternative of a union that has none yet."""

MAX_EXAMINED_ALTERNATIVES = 100_000
"""Alternatives of open choices that are examined, since each tried one may decide others; in public schemas, a union of
a hundred closed objects that is to be violated exceeds it."""


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
        """The clause of a conjunction before any choice, by propagation; None if no value is found to meet it."""
        return self._propagation.state_of(requirements, json_type)


class _Branching:
    """One choice of a clause, and the alternatives of it that are not exhausted.

    Attributes:
        pending: each alternative with its number; in its place the choice that follows when it has been applied.
        covered: the same for alternatives that have a clause already; their turn comes after all others.
    """

    __slots__ = ("clause", "covered", "pending", "rest", "size", "union")

    def __init__(self, state: State, share: float) -> None:
        # The choice with the fewest alternatives first, so that it is not repeated for each combination of the others.
        choice = min(state.choices, key=lambda each: len(each.alternatives))
        self.clause = state.clause
        self.union = choice.union
        self.rest = [each for each in state.choices if each is not choice]
        self.pending: collections.deque[tuple[int, Alternative | _Branching]] = collections.deque(choice.alternatives)
        self.covered: collections.deque[tuple[int, Alternative | _Branching]] = collections.deque()
        self.size = 1 + max(number for number, _ in choice.alternatives)
        # Siblings begin with different alternatives, so that a few clauses of each have them all.
        self.pending.rotate(-int(share * len(choice.alternatives)))

    @property
    def is_open(self) -> bool:
        """True if an alternative is not exhausted."""
        return bool(self.pending or self.covered)


class _Taken(NamedTuple):
    """One alternative on the way to a clause; `is_covered` if it had one before."""

    branching: _Branching
    number: int
    is_covered: bool


class _Turns(Generic[T]):
    """The alternatives of one conjunction, tried in turns."""

    def __init__(self, propagation: Propagation, state: State, convert: Convert[T]) -> None:
        self._propagation = propagation
        self._convert = convert
        self._width = 0
        self._uncovered: dict[tuple[Subschema, int], set[int]] = {}
        self._tried = 0
        self._tried_before = 0
        self._examined = 0
        self._found: list[tuple[tuple[int, ...], T]] = []
        self._root = self._branching(state, 0)

    def expansion(self) -> Expansion[T]:
        """The converted clauses, and the limit that left out others."""
        limit = self._reached_limit()
        while self._root.is_open and limit is None:
            self._take_turn()
            limit = self._reached_limit()
        self._found.sort(key=lambda each: each[0])
        limits = frozenset([limit]) if self._root.is_open and limit is not None else EXHAUSTIVE
        return Expansion([converted for _, converted in self._found], limits)

    def _reached_limit(self) -> Limit | None:
        max_clauses = max(MAX_CLAUSES, self._width)
        if len(self._found) >= max_clauses:
            return Limit(max_clauses, "alternatives")
        if self._examined >= MAX_EXAMINED_ALTERNATIVES:
            return Limit(MAX_EXAMINED_ALTERNATIVES, "examined alternatives")
        max_tried = max(MAX_TRIED_ALTERNATIVES, 4 * self._width)
        if self._found:
            uncovered = sum(map(len, self._uncovered.values()))
            max_tried = min(max_tried, MAX_FRUITLESS_ALTERNATIVES * (1 + uncovered))
        is_fruitless = self._tried - self._tried_before >= max_tried
        return Limit(max_tried, "tried alternatives") if is_fruitless else None

    def _take_turn(self) -> None:
        """Apply the next alternative of each choice, until a clause is complete or has no value."""
        taken: list[_Taken] = []
        branching = self._root
        followed: list[_Branching] = []
        found = len(self._found)
        while True:
            is_covered = not branching.pending
            number, following = (branching.covered if is_covered else branching.pending).popleft()
            taken.append(_Taken(branching, number, is_covered))
            if not isinstance(following, _Branching):
                next_branching = self._apply(branching, following, taken)
                if next_branching is None:
                    break
                following = next_branching
            followed.append(following)
            branching = following
        for (above, number, is_covered), below in zip(
            reversed(taken[: len(followed)]), reversed(followed), strict=True
        ):
            if below.is_open:
                (above.covered if is_covered or len(self._found) > found else above.pending).append((number, below))

    def _apply(self, branching: _Branching, alternative: Alternative, taken: list[_Taken]) -> _Branching | None:
        """Apply an alternative; returns the choice that follows, or None if the clause is complete or has no value."""
        self._tried += 1
        self._examined += sum(len(choice.alternatives) for choice in branching.rest)
        state = self._propagation.apply(branching.clause.copy(), alternative, branching.rest)
        if state is None:
            return None
        if state.choices:
            return self._branching(state, taken[-1].number / branching.size)
        converted = self._convert(state.clause)
        if converted is not None:
            self._found.append((tuple(each.number for each in taken), converted))
            self._tried_before = self._tried
            for above, number, _ in taken:
                if above.union is not None:
                    self._uncovered[above.union].discard(number)
        return None

    def _branching(self, state: State, share: float) -> _Branching:
        for choice in state.choices:
            if choice.union is not None and choice.union not in self._uncovered:
                self._uncovered[choice.union] = {number for number, _ in choice.alternatives}
                self._width += len(choice.alternatives)
        return _Branching(state, share)
