"""Construction of arrays with different items, also of items that have only a few values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.values.choices import Choices, Construct
from chime_fixtures.engine.values.domains import few_values
from chime_fixtures.engine.values.size_limit import SizeLimit

MAX_VALUES_PER_ITEM = 2
"""Items with at most this many values for each item of the longest array are drawn from the values that are left."""

MAX_MATCHED_ITEMS = 200
"""Items for which different values are reserved while those before them are drawn."""

_MAX_TRIES_FOR_DISTINCT_ITEM = 200
"""Tries for an item that differs from those before it; a third of all integers are one of a few frequent ones."""

Slot = dict[Any, Any] | None
"""The few values of an item by their keys; None if it has many."""


class DistinctItems:
    """The construction of arrays of different items.

    An item with many values is drawn until it differs from those before it. An item with only a few is drawn from those
    that are left, so that an array may contain all of them, in any order.

    Args:
        prefix: the nodes of the first items.
        items: the node of the items after these; None if there can't be any.
        construction: returns the construction of a node.
        small_construction: returns the construction of a node's small values, for large arrays.
        maximum: the maximum number of items.
    """

    def __init__(
        self,
        prefix: tuple[Node, ...],
        items: Node | None,
        construction: Callable[[Node], Construct],
        small_construction: Callable[[Node], Construct],
        maximum: int,
    ) -> None:
        self._nodes = prefix if items is None else (*prefix, items)
        self._prefix_size = len(prefix)
        self._builds = [construction(node) for node in self._nodes]
        self._small_builds = [small_construction(node) for node in self._nodes]
        self._maximum = maximum

    @functools.cached_property
    def _slots(self) -> list[Slot]:
        values = (few_values(node, self._maximum * MAX_VALUES_PER_ITEM) for node in self._nodes)
        return [None if each is None else {instances.key(value): value for value in each} for each in values]

    def construct(self, choices: Choices, depth_budget: int, size: int) -> list[Any]:
        """At most `size` different items; fewer if no further different item is found."""
        prefix_size = min(self._prefix_size, size)
        has_rest = len(self._nodes) > self._prefix_size
        rest = self._slots[-1] if has_rest else None
        matching = _Matching(self._slots[:prefix_size], rest, size - prefix_size)
        value: list[Any] = []
        for index in range(matching.size):
            if not self._draw(choices, depth_budget, index, self._slots[index], matching, value, self._builds):
                break
        if len(value) < prefix_size or not has_rest:
            return value
        if rest is not None:
            left = [each for key, each in rest.items() if key not in matching.taken]
            return [*value, *_sample(choices, left, size - prefix_size)]
        limit = SizeLimit(size)
        while len(value) < size:
            builds = self._small_builds if limit.is_exceeded else self._builds
            if self._draw(choices, depth_budget, self._prefix_size, None, matching, value, builds):
                limit.counted(value[-1])
            elif limit.is_exceeded:
                # There may not be enough small items that differ.
                limit.lift()
            else:
                break
        return value

    def _draw(
        self,
        choices: Choices,
        depth_budget: int,
        index: int,
        slot: Slot,
        matching: _Matching,
        value: list[Any],
        builds: Sequence[Construct],
    ) -> bool:
        """Append an item that differs from those before it and leaves a value for each after it; True if one exists."""
        left = None if slot is None else [key for key in slot if key not in matching.taken]
        for _ in range(_MAX_TRIES_FOR_DISTINCT_ITEM if left is None else len(left)):
            if slot is None or left is None:
                candidate = builds[index](choices, depth_budget)
                key = instances.key(candidate)
            else:
                key = left.pop(choices.integer(0, len(left) - 1))
                candidate = instances.copy_json(slot[key])
            if matching.take(index, key):
                value.append(candidate)
                return True
        return False


def _sample(choices: Choices, values: list[Any], count: int) -> Iterator[Any]:
    """At most `count` of the values without replacement; the list contains the others."""
    for _ in range(min(count, len(values))):
        yield instances.copy_json(values.pop(choices.integer(0, len(values) - 1)))


class _Matching:
    """An assignment of different values to the items that have only a few (Kuhn's algorithm).

    Args:
        prefix: the values of the first items.
        rest: the values of each item after these.
        count: the number of these items.

    Attributes:
        size: the number of items of the prefix that can have different values.
        taken: the keys of the values that have been drawn.
    """

    def __init__(self, prefix: list[Slot], rest: Slot, count: int) -> None:
        total = len(prefix) + count
        # An item with as many values as there are items always has one that is left.
        is_rest_tight = rest is not None and len(rest) < total <= MAX_MATCHED_ITEMS
        self._slots = [*prefix, *([rest] * count if is_rest_tight else [])]
        self._owners: dict[Any, int] = {}
        self._keys: dict[int, Any] = {}
        self.taken: set[Any] = set()
        self.size = len(prefix)
        for index, slot in enumerate(self._slots if prefix else ()):
            if slot is not None and len(slot) < total and not self._assign(index, set()):
                self.size = min(self.size, index)
                break

    def _assign(self, index: int, seen: set[Any]) -> bool:
        """Assign a value to an item, if necessary with other values for other items; True if that is possible."""
        for key in self._slots[index] or ():
            if key not in self.taken and key not in seen:
                seen.add(key)
                owner = self._owners.get(key)
                if owner is None or self._assign(owner, seen):
                    self._owners[key] = index
                    self._keys[index] = key
                    return True
        return False

    def take(self, index: int, key: Any) -> bool:
        """Draw the value of an item; False if it is taken, or a later item would have no value."""
        if key in self.taken:
            return False
        previous = self._keys.pop(index, None)
        if previous is not None:
            del self._owners[previous]
        owner = self._owners.pop(key, None)
        self.taken.add(key)
        if owner is None or self._assign(owner, set()):
            return True
        self.taken.remove(key)
        self._owners[key] = owner
        if previous is not None:
            self._owners[previous] = index
            self._keys[index] = previous
        return False
