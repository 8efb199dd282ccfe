"""The nodes of the items of an array: by index, and the places of the items that must be present wherever they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chime_fixtures.engine.dnf.clauses import ArrayConstraints, SomeItems
from chime_fixtures.engine.dnf.limits import Limit
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, conjunction
from chime_fixtures.engine.normal_form.nodes import Arrays, Nodes

MAX_PREFIX = 2**12
"""Items of an array that have their own node; later ones share one."""

MAX_REFUTED_ITEMS = 64
"""Items of an array whose node is examined before a placement is chosen."""

MAX_USUAL_PLACEMENTS = 48
"""Placements of items at their preferred indexes."""

MAX_FOUND_PLACEMENTS = 4
"""Placements of items at other indexes, if those at the preferred ones have no value."""

MAX_TRIED_PLACES = 2000
"""Indexes that are tried for the items of one array."""

MAX_PLACED_ITEMS = 16
"""Items that are placed one by one; more of them have adjacent indexes."""

Rule = tuple[int, int | None, Requirement]
"""The requirement on the items from a first index up to another one, or to the end."""


class _Placed(NamedTuple):
    """Some items with their indexes; None if they are all items of the array."""

    items: SomeItems
    indexes: tuple[int, ...] | None

    @property
    def size(self) -> int:
        """The number of items that the array must have."""
        if self.indexes is None:
            return self.items.first + min(self.items.counts)
        return max(self.indexes, default=-1) + 1

    @property
    def rules(self) -> Iterator[Rule]:
        """The requirements on the placed items and on the others."""
        items, indexes = self.items, self.indexes
        if indexes is None:
            yield items.first, None, items.requirement
            return
        for index in indexes:
            yield index, index + 1, items.requirement
        if items.other is not None:
            yield from ((index, index + 1, items.other) for index in range(self.size) if index not in indexes)
            yield self.size, None, items.other


_Placement = tuple[_Placed, ...]


class ItemRules:
    """The items of one clause.

    Attributes:
        limits: the limits that left out placements of items.
    """

    def __init__(self, constraints: ArrayConstraints, nodes: Nodes) -> None:
        self._constraints = constraints
        self._nodes = nodes
        self._tried = 0
        self.limits: set[Limit] = set()

    def branches(self) -> Iterator[Arrays]:
        """The branches of the arrays: one for each placement of the items that must be present."""
        if self._constraints.has_duplicates and self._constraints.is_unique:
            return
        for placement in self._placements():
            branch = self._branch(placement)
            if branch is not None:
                yield branch

    # Placements ------------------------------------------------------------------------------------------------------

    def _placements(self) -> Iterator[_Placement]:
        some = self._constraints.some_items
        if not some:
            yield ()
            return
        found = [placement for placement in self._usual_placements() if not self._is_refuted(placement)]
        if not found:
            found = list(itertools.islice(self._other_placements(), MAX_FOUND_PLACEMENTS))
        if not all(each.is_complete for each in some):
            self.limits.add(Limit(sum(len(each.counts) for each in some), "numbers of items"))
        yield from found

    def _usual_placements(self) -> Iterator[_Placement]:
        """The placements of the preferred number of items at adjacent preferred indexes."""
        choices = [
            [_Placed(each, tuple(range(start, start + each.counts[0]))) for start in each.starts]
            for each in self._constraints.some_items
        ]
        return itertools.islice(itertools.product(*choices), MAX_USUAL_PLACEMENTS)

    def _other_placements(self) -> Iterator[_Placement]:
        """All placements that are not refuted, those with all items of an array among them."""
        some = self._constraints.some_items
        for counts in itertools.product(*(each.counts for each in some)):
            if sum(counts) <= MAX_PLACED_ITEMS:
                for places in self._place(list(zip(some, counts, strict=True)), ()):
                    if not self._is_refuted(places):
                        yield places
            else:
                self.limits.add(Limit(MAX_PLACED_ITEMS, "items at any index"))
        whole = [[_Placed(each, None)] if each.other is None else [] for each in some]
        yield from (placement for placement in itertools.product(*whole) if not self._is_refuted(placement))

    def _place(self, some: list[tuple[SomeItems, int]], placed: _Placement) -> Iterator[_Placement]:
        """The placements of some items with their numbers, beside those that are placed."""
        if not some:
            yield placed
            return
        (items, count), rest = some[0], some[1:]
        # Behind all rules and placed items one index is like another.
        size = max([_size(self._constraints.items), *(each.size for each in placed)])
        for indexes in itertools.combinations(range(items.first, max(size, items.first) + count), count):
            self._tried += 1
            if self._tried > MAX_TRIED_PLACES:
                self.limits.add(Limit(MAX_TRIED_PLACES, "indexes of items"))
                return
            each = _Placed(items, indexes)
            if not any(self._nodes.is_refuted(self._known((*placed, each), index)) for index in indexes):
                yield from self._place(rest, (*placed, each))

    def _known(self, placed: _Placement, index: int) -> Conjunction:
        """The requirements on an item in any case, while other items are not placed yet."""
        placed_there = [each.items.requirement for each in placed if each.indexes is not None and index in each.indexes]
        return (*_at(self._constraints.items, index), *placed_there)

    def _is_refuted(self, placement: _Placement) -> bool:
        """True if an item that must be present is found to have no value."""
        constraints = self._resolved(placement)
        if constraints is None:
            return True
        # All items behind the rules have the same requirements.
        examined = min(constraints.minimum, MAX_REFUTED_ITEMS, _size(constraints.items) + 1)
        return any(self._nodes.is_refuted(tuple(_at(constraints.items, index))) for index in range(examined))

    def _resolved(self, placement: _Placement) -> ArrayConstraints | None:
        """The constraints with each placed item among those by index; None if they exclude each other."""
        constraints = self._constraints.copy()
        for items, indexes in placement:
            if indexes is None:
                constraints.evaluate(items.consumers, None)
            else:
                constraints.evaluate(items.consumers, 0, frozenset(indexes))
        rules = [*constraints.items, *(rule for each in placement for rule in each.rules)]
        constraints.minimum = max([constraints.minimum, *(each.size for each in placement)])
        for consumer, requirement, must_hold in constraints.unevaluated:
            known = constraints.evaluated.get(consumer, (0, frozenset()))
            if known is None:
                if not must_hold:
                    return None
                continue
            start, single = known
            following = max(start, max(single, default=-1) + 1)
            if must_hold:
                # Each unevaluated item between evaluated ones has its own rule.
                between = [index for index in range(start, following) if index not in single]
                rules += [(index, index + 1, requirement) for index in between]
                rules.append((following, None, requirement))
            else:
                self.limits.add(Limit(1, "way to leave an item unevaluated"))
                rules.append((following, following + 1, requirement))
                constraints.minimum = max(constraints.minimum, following + 1)
        constraints.items = tuple(rules)
        is_too_large = constraints.maximum is not None and constraints.minimum > constraints.maximum
        return None if is_too_large else constraints

    # Branches --------------------------------------------------------------------------------------------------------

    def _branch(self, placement: _Placement) -> Arrays | None:
        constraints = self._resolved(placement)
        if constraints is None:
            return None
        size = min(_size(constraints.items), MAX_PREFIX)
        if constraints.maximum is not None:
            size = min(size, constraints.maximum)
        prefixed = _by_index(constraints.items, size)
        tail = _at(constraints.items, None)
        if constraints.has_duplicates:
            self.limits.add(Limit(1, "pair of equal items"))
            while len(prefixed) < 2:
                prefixed.append(tail)
            prefixed[:2] = [prefixed[0] + prefixed[1]] * 2
        while prefixed and not constraints.has_duplicates and conjunction(prefixed[-1]) == conjunction(tail):
            prefixed.pop()
        prefix = tuple(map(self._nodes.node, prefixed))
        items = self._nodes.node(tail)
        return Arrays(
            items,
            constraints.minimum,
            constraints.maximum,
            constraints.is_unique,
            prefix,
            constraints.has_duplicates,
            ordered=None if constraints.has_duplicates or constraints.unevaluated else constraints.ordered,
        )


def _by_index(rules: Iterable[Rule], size: int) -> list[list[Requirement]]:
    """The requirements on each of the first items."""
    found: list[list[Requirement]] = [[] for _ in range(size)]
    for start, stop, requirement in rules:
        for index in range(start, size if stop is None else min(stop, size)):
            found[index].append(requirement)
    return found


def _at(rules: Iterable[Rule], index: int | None) -> list[Requirement]:
    """The requirements on an item; without an index, on an item after all those that have their own rule."""
    return [
        requirement
        for start, stop, requirement in rules
        if (stop is None if index is None else start <= index and (stop is None or index < stop))
    ]


def _size(rules: Iterable[Rule]) -> int:
    """The index from which all items have the same rules."""
    return max((stop if stop is not None else start for start, stop, _ in rules), default=0)
