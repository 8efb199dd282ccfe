"""The size of a node's smallest value, by which a schema is rejected before too large a value is constructed."""

from __future__ import annotations

from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, Strings, branch_depth
from chime_fixtures.engine.schema.dialects import MAX_STRING_LENGTH, MAX_VALUES


def exceeds_size_limit(node: Node) -> bool:
    """True if each value of a node contains more than `MAX_VALUES` values."""
    return _size(node, {}) > MAX_VALUES


def _size(node: Node, known: dict[Node, int]) -> int:
    if node.min_depth is None:
        return 0
    if node not in known:
        # The parts of the shallowest branches are shallower than the node, so that the recursion ends.
        shallowest = [
            branch
            for branch in node.branches
            if (depth := branch_depth(branch)) is not None and depth <= node.min_depth
        ]
        known[node] = min(_branch_size(branch, known) for branch in shallowest)
    return known[node]


def _branch_size(branch: Branch, known: dict[Node, int]) -> int:
    if isinstance(branch, Strings):
        return 1 + (branch.language.shortest or 0) // MAX_STRING_LENGTH
    if isinstance(branch, Arrays):
        prefix = branch.prefix[: branch.min_items]
        rest = branch.min_items - len(prefix)
        return 1 + sum(_size(node, known) for node in prefix) + (rest * _size(branch.items, known) if rest else 0)
    if isinstance(branch, Objects):
        required = sum(_size(branch.properties[name], known) for name in branch.required)
        return 1 + required + max(branch.min_properties - len(branch.required), 0)
    return 1
