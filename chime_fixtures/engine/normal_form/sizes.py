"""The size of a node's smallest value, and of the search for it: limits before a value is constructed."""

from __future__ import annotations

from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, Strings, branch_depth, decisive_parts
from chime_fixtures.engine.schema.dialects import MAX_STRING_LENGTH, MAX_VALUES

MAX_EXAMINED_BRANCHES = 5000
"""Branches that are examined for a value that may be left out; in public schemas, 4000 sufficed for all but one."""


def can_be_constructed(node: Node) -> bool:
    """True if a node has a value that takes neither a long search nor much memory."""
    return not exceeds_search_limit(node) and node.min_depth is not None and not exceeds_size_limit(node)


def exceeds_search_limit(node: Node) -> bool:
    """True if more than `MAX_EXAMINED_BRANCHES` branches decide about the depth of a node.

    Branches that are known already count, so that the answer does not depend on what was generated before.
    """
    seen = {node}
    stack = [node]
    examined = 0
    while stack:
        branches = stack.pop().branches
        examined += len(branches)
        if examined > MAX_EXAMINED_BRANCHES:
            return True
        for branch in branches:
            for part in decisive_parts(branch):
                if part not in seen:
                    seen.add(part)
                    stack.append(part)
    return False


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
