"""Nodes of the normal form: the value at one location as a choice of branches, each for one JSON type."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from chime_fixtures.engine.dnf.limits import EXHAUSTIVE, MAX_DEPTH_LEVELS, TOO_DEEP, Limits
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, in_place_requirements
from chime_fixtures.engine.instances import STRING, TYPES
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.graph import Subschema


@dataclass(frozen=True, slots=True)
class Assertion:
    """One keyword of a schema that applies to a location, with its value there."""

    keyword: str
    value: Any
    schema_pointer: str


@dataclass(frozen=True, slots=True)
class Constants:
    """Exactly these values: null, booleans, an enumeration."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings of a language: patterns, formats and lengths in one.

    Attributes:
        language: the strings, lengths included.
        is_plain: True if lengths are the only constraints, so that any string of an allowed length is valid.
    """

    language: Language
    is_plain: bool
    min_length: int
    max_length: int | None


@dataclass(frozen=True, slots=True)
class Arrays:
    """Arrays by their number of items and the node of each item.

    Attributes:
        items: the node of each item behind the prefix.
        prefix: the nodes of the first items.
        has_duplicates: True if the second item equals the first.
        ordered: the number of first items that must be in the order of their nodes; None if all must be.
    """

    items: Node
    min_items: int = 0
    max_items: int | None = None
    is_unique: bool = False
    prefix: tuple[Node, ...] = ()
    has_duplicates: bool = False
    ordered: int | None = None

    def at(self, index: int) -> Node:
        """The node of the item at an index."""
        return self.prefix[index] if index < len(self.prefix) else self.items


@dataclass(frozen=True, slots=True)
class PropertyFamily:
    """Properties by the language of their names, None for any name that is not in another family."""

    names: Language | None
    node: Node


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects by their properties.

    Attributes:
        properties: the node of each property that the schema lists.
        required: the properties that are always present.
        additional: the node of a property that no schema lists.
        families: properties by the language of their names; `additional` is among them unless it is unsatisfiable.
        dependent_required: properties that are present if another is.
    """

    properties: Mapping[str, Node]
    required: tuple[str, ...]
    additional: Node
    families: tuple[PropertyFamily, ...] = ()
    dependent_required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_properties: int = 0
    max_properties: int | None = None

    @property
    def optional(self) -> tuple[str, ...]:
        """The listed properties that may be absent and can be present."""
        required = frozenset(self.required)
        return tuple(name for name, node in self.properties.items() if name not in required and node.is_satisfiable)


Branch = Constants | Numbers | Strings | Arrays | Objects
B = TypeVar("B", Constants, Numbers, Strings, Arrays, Objects)


def children(branch: Branch) -> Iterable[Node]:
    """The nodes of the parts of a branch."""
    if isinstance(branch, Arrays):
        return (*branch.prefix, branch.items)
    if isinstance(branch, Objects):
        return (*branch.properties.values(), *(family.node for family in branch.families), branch.additional)
    return ()


class ExpandedBranch(NamedTuple):
    """A branch, and the schemas that its values satisfy: one set for all values, or one for each constant.

    Attributes:
        branch: the branch.
        satisfied: the schemas.
        has_open_choices: True if constants may satisfy further ones: a validator decides.
    """

    branch: Branch
    satisfied: tuple[frozenset[Subschema], ...]
    has_open_choices: bool = False


class ExpandedNode(NamedTuple):
    """The branches of a node, and the limits that left out others."""

    branches: tuple[ExpandedBranch, ...]
    limits: Limits


Expand = Callable[[Conjunction, Iterable[str]], ExpandedNode]
"""(requirements, JSON types) -> the branches of the values that meet them, simplest type first."""


class Node:
    """The value at one location: all schemas that apply to it, combined.

    Args:
        requirements: the requirements on the value.
        expand: returns the branches; called once, on first use, since recursive schemas lead back to their own node.

    Attributes:
        known_depth: the depth of the shallowest value found so far.
        is_measured: True if that depth is final.
        is_too_deep: True if its values have more than `MAX_DEPTH_LEVELS`, so that it counts as having none.
    """

    def __init__(self, requirements: Conjunction, expand: Expand) -> None:
        self.requirements = requirements
        self._expand = expand
        self.known_depth: int | None = None
        self.is_measured = False
        self.is_too_deep = False

    @functools.cached_property
    def _expansion(self) -> ExpandedNode:
        return self._expand(self.requirements, TYPES)

    @property
    def expanded(self) -> tuple[ExpandedBranch, ...]:
        """The branches, each with the schemas that its values satisfy."""
        return self._expansion.branches

    @property
    def limits(self) -> Limits:
        """The limits that left out branches; none if the branches are all that exist."""
        return self._expansion.limits | ({TOO_DEEP} if self.is_too_deep else EXHAUSTIVE)

    @functools.cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The branches, simplest type first; required parts of a branch may have no value."""
        return tuple(each.branch for each in self.expanded)

    @functools.cached_property
    def strings(self) -> ExpandedNode:
        """The branches of its strings alone: to expand the others may lead from `propertyNames` back to its object."""
        return self._expand(self.requirements, (STRING,))

    def of_type(self, json_type: str) -> Node:
        """The node of the values of one JSON type alone."""
        return Node(self.requirements, lambda requirements, types: self._expand(requirements, (json_type,)))

    @property
    def min_depth(self) -> int | None:
        """The number of levels below the root of the shallowest value; None if no value exists."""
        if not self.is_measured:
            _measure(self)
        return self.known_depth

    @property
    def is_satisfiable(self) -> bool:
        """True if a value exists."""
        return self.min_depth is not None

    @functools.cached_property
    def is_recursive(self) -> bool:
        """True if a value of the node can contain another value of the same node."""
        seen: set[Node] = set()
        stack = [child for branch in self.branches for child in children(branch)]
        while stack:
            node = stack.pop()
            if node is self:
                return True
            if node not in seen:
                seen.add(node)
                stack.extend(child for branch in node.branches for child in children(branch))
        return False

    @functools.cached_property
    def assertions(self) -> tuple[Assertion, ...]:
        """Every keyword that applies to the value in any case and can fail, in the schema's order."""
        return tuple(
            Assertion(keyword, value, requirement.schema.at(keyword))
            for requirement in in_place_requirements(self.requirements)
            for keyword, value in requirement.schema.keywords.items()
            if keyword in requirement.schema.dialect.labels or value is False
        )

    @functools.cached_property
    def satisfiable_branches(self) -> tuple[Branch, ...]:
        """The branches whose parts have values, too."""
        return tuple(branch for branch in self.branches if branch_depth(branch) is not None)

    @functools.cached_property
    def shallowest_branch(self) -> Branch | None:
        """The first branch that has a value of the least depth; None if no branch has one."""
        depth = self.min_depth
        return next((branch for branch in self.satisfiable_branches if branch_depth(branch) == depth), None)

    def branch(self, kind: type[B]) -> B | None:
        """The first branch of one kind that has a value, or None."""
        return next((branch for branch in self.satisfiable_branches if isinstance(branch, kind)), None)

    def require_branch(self, kind: type[B]) -> B:
        """The first branch of one kind that has a value.

        Raises:
            LookupError: there is none.
        """
        branch = self.branch(kind)
        if branch is None:
            raise LookupError(f"the node has no branch of {kind.__name__}")
        return branch

    def assertion(self, keyword: str) -> Assertion | None:
        """The first assertion of a keyword."""
        return next((item for item in self.assertions if item.keyword == keyword), None)


def limiting_node(start: Node) -> Node | None:
    """A node because of which it is not proved that the start has no value: a limit ended its search.

    None if it is proved.
    """
    blocking = _blocking(start)
    unproved = {node: node for node in blocking if node.limits}
    has_changed = True
    while has_changed:
        has_changed = False
        for node, branches in blocking.items():
            for parts in branches if node not in unproved else ():
                # One part without a value proves that the branch has none.
                if all(part in unproved for part in parts):
                    unproved[node] = unproved[parts[0]]
                    has_changed = True
                    break
    return unproved.get(start)


def _blocking(start: Node) -> dict[Node, list[list[Node]]]:
    """The nodes because of which the start has no value: for each branch the required parts without a value."""
    found: dict[Node, list[list[Node]]] = {}
    stack = [start]
    while stack:
        node = stack.pop()
        if node in found:
            continue
        found[node] = []
        for branch in node.branches:
            parts = [part for part in decisive_parts(branch) if part.min_depth is None]
            if parts:
                found[node].append(parts)
            else:
                # Too few different parts: each of them may have more values or names.
                found[node].extend([part] for part in children(branch))
                parts = list(children(branch))
            stack.extend(parts)
    return found


class Nodes(Protocol):
    """The nodes of one schema."""

    def node(self, requirements: Iterable[Requirement]) -> Node:
        """The node of the values that meet these requirements."""

    def is_refuted(self, requirements: Conjunction) -> bool:
        """True if these requirements are found to exclude each other, without the expansion of their node."""


def _measure(start: Node) -> None:
    """Set the depths of a node and of all nodes that it reaches, as a least fixed point, so that recursion ends."""
    # The depth of a node depends on those that were reached after it.
    reachable = list(_unmeasured(start))[::-1]
    has_changed = True
    while has_changed:
        has_changed = False
        for node in reachable:
            depths = (depth for branch in node.branches if (depth := _known_branch_depth(branch)) is not None)
            depth = min(depths, default=None)
            if depth is not None and (node.known_depth is None or depth < node.known_depth):
                node.known_depth = depth
                has_changed = True
    for node in reachable:
        node.is_measured = True
        if node.known_depth is None:
            node.is_too_deep = any((_depth_of_parts(branch) or 0) > MAX_DEPTH_LEVELS for branch in node.branches)


def _unmeasured(start: Node) -> Iterator[Node]:
    """The nodes that the depth of a node depends on, and that have not been measured."""
    seen = {start}
    stack = [start]
    while stack:
        node = stack.pop()
        yield node
        for branch in node.branches:
            for child in decisive_parts(branch):
                if child not in seen and not child.is_measured:
                    seen.add(child)
                    stack.append(child)


def decisive_parts(branch: Branch) -> Iterable[Node]:
    """The nodes of the parts that the depth of a branch depends on: optional parts are measured on first use."""
    if isinstance(branch, Arrays):
        return [branch.at(index) for index in range(min(branch.min_items, len(branch.prefix) + 1))]
    if isinstance(branch, Objects) and branch.min_properties <= len(branch.required):
        return [branch.properties[name] for name in branch.required]
    return children(branch)


def branch_depth(branch: Branch) -> int | None:
    """The number of levels below the root of the shallowest value of a branch; None if no value exists."""
    for node in decisive_parts(branch):
        if not node.is_measured:
            _measure(node)
    return _known_branch_depth(branch)


def _known_branch_depth(branch: Branch) -> int | None:
    """The same number, as far as the depths of the parts are known; None if it is above the maximum."""
    depth = _depth_of_parts(branch)
    return None if depth is None or depth > MAX_DEPTH_LEVELS else depth


def _depth_of_parts(branch: Branch) -> int | None:
    if isinstance(branch, Arrays):
        return _array_depth(branch)
    return _object_depth(branch) if isinstance(branch, Objects) else 0


def _array_depth(branch: Arrays) -> int | None:
    needed = [branch.at(index).known_depth for index in range(min(branch.min_items, len(branch.prefix) + 1))]
    if branch.is_unique and not branch.prefix and branch.min_items > 1:
        kinds = branch.items.branches
        values = sum(len(kind.values) for kind in kinds if isinstance(kind, Constants))
        if all(isinstance(kind, Constants) for kind in kinds) and values < branch.min_items:
            return None
    return _depth_above(needed)


def _object_depth(branch: Objects) -> int | None:
    needed = [branch.properties[name].known_depth for name in branch.required]
    missing = branch.min_properties - len(needed)
    if missing > 0:
        single = [node.known_depth for name, node in branch.properties.items() if name not in branch.required]
        unlimited: list[int | None] = []
        for family in branch.families:
            names = missing if family.names is None else family.names.count(missing)
            if names >= missing:
                unlimited.append(family.node.known_depth)
            else:
                single.extend([family.node.known_depth] * names)
        depths = sorted(depth for depth in single if depth is not None)
        least = min((depth for depth in unlimited if depth is not None), default=None)
        if least is not None:
            # One family has any number of properties of that depth.
            depths = [*(depth for depth in depths if depth < least), least]
        elif len(depths) < missing:
            return None
        needed.extend(depths[:missing])
    return _depth_above(needed)


def _depth_above(parts: list[int | None]) -> int | None:
    """The depth of a value with parts of these depths; None if a part has no value."""
    depths = [depth for depth in parts if depth is not None]
    if len(depths) < len(parts):
        return None
    return max(depths, default=-1) + 1
