"""The construction of arrays: a number of items first, then each item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Node
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.values.choices import Choices, Construct

FREE_ITEMS = 6
"""How many items a list has at most when the schema sets no limit."""

_FEW_ITEMS = (0, 0, 1, 1, 1, 2, 2, 2, 2)
"""How many items a list has beyond those that are asked, as often as each comes; of more each comes once."""

FEW = 2
"""How many parts a value has at most, beyond those that are asked, that may hold others of its own kind."""


MANY = 64
"""So many items, or more, are as flat as they can be, so that the whole stays small."""


def array(shape: Arrays, of: Callable[[Node], Construct]) -> Construct:
    """The construction of the arrays of a shape."""
    most = shape.max_items
    for index, node in enumerate(shape.prefix):
        if not node.is_satisfiable:
            most = index if most is None else min(most, index)
            break
    else:
        if not shape.items.is_satisfiable:
            most = len(shape.prefix) if most is None else min(most, len(shape.prefix))
    first = [(of(node), node.min_depth or 0) for node in shape.prefix[:most]]
    item = of(shape.items) if shape.items.is_satisfiable else None
    height = shape.items.min_depth or 0
    tallest = max([height, *(above for _, above in first)])
    least = shape.min_items
    # What may hold itself again has few parts, so that the whole stays small.
    free = FEW if item is not None and shape.items.is_recursive else FREE_ITEMS
    is_near = most is not None and most <= MAX_COUNT and free != FEW
    limit = most if most is not None and is_near else max(least, len(shape.prefix)) + free
    limit = limit if most is None else min(limit, most)
    spread = min(limit, max(least, len(shape.prefix)) + free)
    is_unique, repeats = shape.is_unique, shape.has_duplicates
    sizes = _sizes(least, spread, limit)
    last = len(sizes) - 1

    def build(source: Choices, room: int) -> list[Any]:
        size = sizes[source.integer(0, last)] if last and tallest < room else least
        if not is_unique:
            made = [of_item(source, room - 1) for of_item, _ in first[:size]]
            if item is not None:
                space = room - 1 if size < MANY else min(room - 1, height)
                made.extend(item(source, space) for _ in range(size - len(made)))
            if repeats:
                made[1] = made[0]
            return made
        return _distinct(source, room - 1, [of_item for of_item, _ in first[:size]], item, size)

    return build


def _sizes(least: int, spread: int, limit: int) -> list[int]:
    """How many items there can be, ascending: few most often, then as many as are allowed."""
    if spread == least:
        return [least]
    sizes = [least + offset for offset in (*_FEW_ITEMS, *range(3, spread - least + 1)) if least + offset <= spread]
    return [*sizes, limit] if limit > spread else sizes


def _distinct(source: Choices, room: int, first: list[Construct], item: Construct | None, size: int) -> list[Any]:
    made: list[Any] = []
    keys: set[Any] = set()
    for index in range(size):
        of_item = first[index] if index < len(first) else item
        if of_item is None:
            break
        for _ in range(12):
            value = of_item(source, room)
            key = instances.key(value)
            if key not in keys:
                keys.add(key)
                made.append(value)
                break
        else:
            break
    return made
