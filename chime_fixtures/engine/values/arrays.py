"""Construction of arrays: the number of items first, then each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Node
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.values.choices import Choices, Construct
from chime_fixtures.engine.values.distinct_items import DistinctItems
from chime_fixtures.engine.values.size_limit import MIN_MEASURED_PARTS, SizeLimit

MAX_EXTRA_ITEMS = 6
"""Items beyond the minimum if the schema sets no maximum."""

MAX_RECURSIVE_CHILDREN = 2
"""Children beyond the minimum that may contain values of the parent's own node, so that values stay small."""

MIN_SHALLOW_ITEMS = 64
"""Arrays with this many items or more have items that are as shallow as possible, so that they stay small."""

_EXTRA_ITEMS = (0, 0, 1, 1, 1, 2, 2, 2, 2)
"""Numbers of items beyond the minimum, each repeated by its weight; larger numbers have weight 1."""


def arrays(
    branch: Arrays, construction: Callable[[Node], Construct], small_construction: Callable[[Node], Construct]
) -> Construct:
    """The construction of the arrays of a branch.

    Args:
        branch: the branch.
        construction: returns the construction of a node's values.
        small_construction: returns the construction of a node's small values, for large arrays.
    """
    maximum = _greatest_size(branch)
    prefix = [construction(node) for node in branch.prefix[:maximum]]
    small_prefix = [small_construction(node) for node in branch.prefix[:maximum]]
    item = construction(branch.items) if branch.items.is_satisfiable else None
    small_item = small_construction(branch.items)
    item_depth = branch.items.min_depth or 0
    max_child_depth = max([item_depth, *(node.min_depth or 0 for node in branch.prefix[:maximum])])
    minimum = branch.min_items
    is_unique, has_duplicates = branch.is_unique, branch.has_duplicates
    sizes = sizes_of(branch)
    items = branch.items if branch.items.is_satisfiable else None
    distinct = DistinctItems(branch.prefix[:maximum], items, construction, small_construction, sizes[-1])
    last = len(sizes) - 1

    def measured(choices: Choices, depth_budget: int, size: int, item_budget: int) -> list[Any]:
        limit = SizeLimit(size)
        value = [
            limit.counted((small if limit.is_exceeded else build)(choices, depth_budget - 1))
            for build, small in zip(prefix[:size], small_prefix, strict=False)
        ]
        while item is not None and len(value) < size:
            value.append(limit.counted((small_item if limit.is_exceeded else item)(choices, item_budget)))
        return value

    def construct(choices: Choices, depth_budget: int) -> list[Any]:
        size = sizes[choices.integer(0, last)] if last and max_child_depth < depth_budget else minimum
        if not is_unique:
            item_budget = depth_budget - 1 if size < MIN_SHALLOW_ITEMS else min(depth_budget - 1, item_depth)
            if size >= MIN_MEASURED_PARTS:
                value = measured(choices, depth_budget, size, item_budget)
            else:
                value = []
                # A comprehension would take another of Python's frames for each level of the value.
                for build in prefix[:size]:
                    value.append(build(choices, depth_budget - 1))
                while item is not None and len(value) < size:
                    value.append(item(choices, item_budget))
            if has_duplicates:
                value[1] = instances.copy_json(value[0])
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


def insert_item(
    value: list[Any],
    index: int,
    item: Any,
    branch: Arrays,
    construction: Callable[[Node], Construct],
    choices: Choices,
    depth_budget: int,
) -> None:
    """Place an item at an index of an array of a branch; items before it are constructed if they are missing."""
    if branch.is_unique:
        # The item may be there already, but for its index.
        item_key = instances.key(item)
        value[:] = [each for each in value if instances.key(each) != item_key]
    while len(value) < index:
        value.append(construction(branch.at(len(value)))(choices, depth_budget - 1))
    value[index : index + 1] = [item]
    if branch.has_duplicates:
        value[1:2] = [value[0]] if index else [item]


def _greatest_size(branch: Arrays) -> int | None:
    """The maximum number of items; items end before the first one that has no value."""
    nodes = (*branch.prefix, branch.items)
    size = next((index for index, node in enumerate(nodes) if not node.is_satisfiable), None)
    return min((each for each in (size, branch.max_items) if each is not None), default=None)


def sizes_of(branch: Arrays) -> list[int]:
    """The possible numbers of items of a branch, each as often as it is chosen."""
    minimum, maximum = branch.min_items, _greatest_size(branch)
    is_recursive = branch.items.is_satisfiable and branch.items.is_recursive
    max_extra = MAX_RECURSIVE_CHILDREN if is_recursive else MAX_EXTRA_ITEMS
    reaches_maximum = maximum is not None and maximum <= MAX_COUNT and not is_recursive
    limit = maximum if maximum is not None and reaches_maximum else max(minimum, len(branch.prefix)) + max_extra
    limit = limit if maximum is None else min(limit, maximum)
    return _sizes(minimum, min(limit, max(minimum, len(branch.prefix)) + max_extra), limit)


def _sizes(minimum: int, spread: int, limit: int) -> list[int]:
    """The possible numbers of items, ascending, small ones several times; the limit comes last."""
    if spread == minimum:
        return [minimum]
    extras = (*_EXTRA_ITEMS, *range(3, spread - minimum + 1))
    sizes = [minimum + extra for extra in extras if minimum + extra <= spread]
    return [*sizes, limit] if limit > spread else sizes
