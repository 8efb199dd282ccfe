"""Construction of arrays: the number of items first, then each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chime_fixtures.engine.normal_form.nodes import Arrays, Node
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.values.choices import Choices, Construct
from chime_fixtures.engine.values.distinct_items import DistinctItems

MAX_EXTRA_ITEMS = 6
"""Items beyond the minimum if the schema sets no maximum."""

MAX_RECURSIVE_CHILDREN = 2
"""Children beyond the minimum that may contain values of the parent's own node, so that values stay small."""

MIN_SHALLOW_ITEMS = 64
"""Arrays with this many items or more have items that are as shallow as possible, so that they stay small."""

_EXTRA_ITEMS = (0, 0, 1, 1, 1, 2, 2, 2, 2)
"""Numbers of items beyond the minimum, each repeated by its weight; larger numbers have weight 1."""


def arrays(branch: Arrays, construction: Callable[[Node], Construct]) -> Construct:
    """The construction of the arrays of a branch; `construction` returns that of a node."""
    maximum = branch.max_items
    for index, node in enumerate(branch.prefix):
        if not node.is_satisfiable:
            maximum = index if maximum is None else min(maximum, index)
            break
    else:
        if not branch.items.is_satisfiable:
            maximum = len(branch.prefix) if maximum is None else min(maximum, len(branch.prefix))
    prefix = [(construction(node), node.min_depth or 0) for node in branch.prefix[:maximum]]
    item = construction(branch.items) if branch.items.is_satisfiable else None
    item_depth = branch.items.min_depth or 0
    max_child_depth = max([item_depth, *(depth for _, depth in prefix)])
    minimum = branch.min_items
    max_extra = MAX_RECURSIVE_CHILDREN if item is not None and branch.items.is_recursive else MAX_EXTRA_ITEMS
    reaches_maximum = maximum is not None and maximum <= MAX_COUNT and max_extra != MAX_RECURSIVE_CHILDREN
    limit = maximum if maximum is not None and reaches_maximum else max(minimum, len(branch.prefix)) + max_extra
    limit = limit if maximum is None else min(limit, maximum)
    spread = min(limit, max(minimum, len(branch.prefix)) + max_extra)
    is_unique, has_duplicates = branch.is_unique, branch.has_duplicates
    items = branch.items if branch.items.is_satisfiable else None
    distinct = DistinctItems(branch.prefix[:maximum], items, construction, limit)
    sizes = _sizes(minimum, spread, limit)
    last = len(sizes) - 1

    def construct(choices: Choices, depth_budget: int) -> list[Any]:
        size = sizes[choices.integer(0, last)] if last and max_child_depth < depth_budget else minimum
        if not is_unique:
            value = [build(choices, depth_budget - 1) for build, _ in prefix[:size]]
            if item is not None:
                item_budget = depth_budget - 1 if size < MIN_SHALLOW_ITEMS else min(depth_budget - 1, item_depth)
                value.extend(item(choices, item_budget) for _ in range(size - len(value)))
            if has_duplicates:
                value[1] = value[0]
            return value
        return distinct.construct(choices, depth_budget - 1, size)

    ordered = len(prefix) if branch.ordered is None else branch.ordered
    return _with_moved_items(construct, range(ordered, len(prefix))) if ordered < len(prefix) else construct


def _with_moved_items(build: Construct, indices: Iterable[int]) -> Construct:
    """The arrays in which each of the items at some indices is exchanged with a later one, or stays."""

    def construct(choices: Choices, depth_budget: int) -> list[Any]:
        value: list[Any] = build(choices, depth_budget)
        for index in indices:
            if index < len(value) - 1:
                other = index + choices.integer(0, len(value) - 1 - index)
                value[index], value[other] = value[other], value[index]
        return value

    return construct


def _sizes(minimum: int, spread: int, limit: int) -> list[int]:
    """The possible numbers of items, ascending, small ones several times; the limit comes last."""
    if spread == minimum:
        return [minimum]
    extras = (*_EXTRA_ITEMS, *range(3, spread - minimum + 1))
    sizes = [minimum + extra for extra in extras if minimum + extra <= spread]
    return [*sizes, limit] if limit > spread else sizes
