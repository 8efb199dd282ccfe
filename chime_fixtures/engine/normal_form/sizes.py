"""How deep the flattest value of each node is: a least fixed point, so that recursion ends."""

from __future__ import annotations

from collections.abc import Iterator

from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, children


def measure(start: Node) -> None:
    """Give a node, and all that it reaches, its height."""
    # What was reached last is often what the rest stands on.
    reachable = list(_reach(start))[::-1]
    has_changed = True
    while has_changed:
        has_changed = False
        for node in reachable:
            found = min(
                (height for shape in node.branches if (height := branch_depth(shape)) is not None), default=None
            )
            if found is not None and (node.found is None or found < node.found):
                node.found = found
                has_changed = True
    for node in reachable:
        node.is_measured = True


def _reach(start: Node) -> Iterator[Node]:
    """The nodes that have not been measured, and are needed to do so."""
    seen = {start}
    stack = [start]
    while stack:
        node = stack.pop()
        yield node
        for shape in node.branches:
            for child in children(shape):
                if child not in seen and not child.is_measured:
                    seen.add(child)
                    stack.append(child)


def branch_depth(shape: Branch) -> int | None:
    """How many levels the flattest value of a shape has below it, by what is known of its parts."""
    if isinstance(shape, Arrays):
        return _array_height(shape)
    return _object_height(shape) if isinstance(shape, Objects) else 0


def _array_height(shape: Arrays) -> int | None:
    needed = [shape.at(index).found for index in range(min(shape.min_items, len(shape.prefix) + 1))]
    if shape.is_unique and not shape.prefix and shape.min_items > 1:
        kinds = shape.items.branches
        values = sum(len(kind.values) for kind in kinds if isinstance(kind, Constants))
        if all(isinstance(kind, Constants) for kind in kinds) and values < shape.min_items:
            return None
    return _above(needed)


def _object_height(shape: Objects) -> int | None:
    needed = [shape.properties[name].found for name in shape.required]
    missing = shape.min_properties - len(needed)
    if missing > 0:
        spare = [node.found for name, node in shape.properties.items() if name not in shape.required]
        endless: list[int | None] = []
        for family in shape.families:
            has_no_end = family.names is None or family.names.longest is None
            (endless if has_no_end else spare).append(family.node.found)
        live = sorted(height for height in spare if height is not None)
        rest = min((height for height in endless if height is not None), default=None)
        if rest is not None:
            # From there on one family has all that is missing.
            live = [*(height for height in live if height < rest), rest]
        elif len(live) < missing:
            return None
        needed.extend(live[:missing])
    return _above(needed)


def _above(needed: list[int | None]) -> int | None:
    """One more than the greatest; None where one is missing."""
    heights = [height for height in needed if height is not None]
    if len(heights) < len(needed):
        return None
    return max(heights, default=-1) + 1
