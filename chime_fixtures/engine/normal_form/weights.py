"""How many parts the flattest value of a node has at least: what would be too large is refused before it is made."""

from __future__ import annotations

from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, Strings
from chime_fixtures.engine.normal_form.sizes import branch_depth
from chime_fixtures.engine.schema.limits import MAX_STRING_LENGTH, MAX_VALUES


def exceeds_size_limit(node: Node) -> bool:
    """Whether each value of a node has too many parts."""
    return _weight(node, {}) > MAX_VALUES


def _weight(node: Node, known: dict[Node, int]) -> int:
    if node.min_depth is None:
        return 0
    if node not in known:
        # Parts are flatter than what holds them, so that this comes to an end.
        flat = [
            shape for shape in node.branches if (high := branch_depth(shape)) is not None and high <= node.min_depth
        ]
        known[node] = min(_of_shape(shape, known) for shape in flat)
    return known[node]


def _of_shape(shape: Branch, known: dict[Node, int]) -> int:
    if isinstance(shape, Strings):
        return 1 + (shape.language.shortest or 0) // MAX_STRING_LENGTH
    if isinstance(shape, Arrays):
        first = shape.prefix[: shape.min_items]
        rest = shape.min_items - len(first)
        return 1 + sum(_weight(node, known) for node in first) + (rest * _weight(shape.items, known) if rest else 0)
    if isinstance(shape, Objects):
        needed = sum(_weight(shape.properties[name], known) for name in shape.required)
        return 1 + needed + max(shape.min_properties - len(shape.required), 0)
    return 1
