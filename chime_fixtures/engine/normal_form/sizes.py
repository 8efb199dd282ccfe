"""The size of a node's smallest value, by which a schema is rejected before too large a value is constructed."""

from __future__ import annotations

from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, Strings, branch_depth
from chime_fixtures.engine.schema.dialects import MAX_STRING_LENGTH, MAX_VALUES


def exceeds_size_limit(node: Node) -> bool:
    """True if each value of a node contains more than `MAX_VALUES` values."""
    return _size(node) > MAX_VALUES


def _size(start: Node) -> int:
    # The parts of the shallowest branches are shallower than the node, so that each size depends on known ones.
    branches: dict[Node, list[Branch]] = {}
    stack = [start] if start.min_depth is not None else []
    while stack:
        node = stack.pop()
        if node not in branches:
            depth = node.min_depth
            branches[node] = [branch for branch in node.branches if branch_depth(branch) == depth]
            stack.extend(part for branch in branches[node] for part in _required_parts(branch))
    known: dict[Node, int] = {}
    for node in sorted(branches, key=lambda each: each.min_depth or 0):
        known[node] = min(_branch_size(branch, known) for branch in branches[node])
    return known.get(start, 0)


def _required_parts(branch: Branch) -> list[Node]:
    if isinstance(branch, Arrays):
        return [branch.at(index) for index in range(min(branch.min_items, len(branch.prefix) + 1))]
    return [branch.properties[name] for name in branch.required] if isinstance(branch, Objects) else []


def _branch_size(branch: Branch, known: dict[Node, int]) -> int:
    if isinstance(branch, Strings):
        return 1 + (branch.language.shortest or 0) // MAX_STRING_LENGTH
    if isinstance(branch, Arrays):
        prefix = branch.prefix[: branch.min_items]
        rest = branch.min_items - len(prefix)
        return 1 + sum(known[node] for node in prefix) + (rest * known[branch.items] if rest else 0)
    if isinstance(branch, Objects):
        required = sum(known[branch.properties[name]] for name in branch.required)
        return 1 + required + max(branch.min_properties - len(branch.required), 0)
    return 1
