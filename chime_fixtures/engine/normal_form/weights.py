"""How many parts the flattest value of a node has at least: what would be too large is refused before it is made."""

from __future__ import annotations

from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects, Shape, Strings
from chime_fixtures.engine.normal_form.sizes import shape_height
from chime_fixtures.engine.schema.limits import LETTERS, MOST_PARTS


def is_heavy(node: Node) -> bool:
    """Whether each value of a node has too many parts."""
    return _weight(node, {}) > MOST_PARTS


def _weight(node: Node, known: dict[Node, int]) -> int:
    if node.height is None:
        return 0
    if node not in known:
        # Parts are flatter than what holds them, so that this comes to an end.
        flat = [shape for shape in node.shapes if (high := shape_height(shape)) is not None and high <= node.height]
        known[node] = min(_of_shape(shape, known) for shape in flat)
    return known[node]


def _of_shape(shape: Shape, known: dict[Node, int]) -> int:
    if isinstance(shape, Strings):
        return 1 + (shape.language.shortest or 0) // LETTERS
    if isinstance(shape, Arrays):
        first = shape.prefix[: shape.least]
        rest = shape.least - len(first)
        return 1 + sum(_weight(node, known) for node in first) + (rest * _weight(shape.items, known) if rest else 0)
    if isinstance(shape, Objects):
        needed = sum(_weight(shape.members[name], known) for name in shape.required)
        return 1 + needed + max(shape.least - len(shape.required), 0)
    return 1
