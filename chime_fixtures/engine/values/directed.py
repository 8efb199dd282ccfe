"""Directed construction: values that contain a given location, for locations that plain draws rarely reach.

A path leads from the root through branches and their parts to the location. Along it a plain value of each branch is
constructed, and the part that the path enters is placed in it.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import math
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.locations import Location, Locations, Part, parts
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Branch,
    Constants,
    ExpandedBranch,
    Node,
    Objects,
    branch_depth,
)
from chime_fixtures.engine.values.arrays import insert_item, sizes_of
from chime_fixtures.engine.values.choices import MAX_EXTRA_DEPTH, Choices, Construct, CountedChoices
from chime_fixtures.engine.values.objects import insert_property

MIN_DRAWS = 300
"""Draws within which each location appears, besides those for each location."""

DRAWS_PER_LOCATION = 10

MIN_EXPECTED_APPEARANCES = 25
"""A location that is expected to appear less often within these draws is rare: it might not appear at all."""

_INEXACT_SHARE = 0.25
"""The assumed share of the constructed values that the validator accepts, if it has to check them."""

_OPTIONAL, _RECURSIVE, _BOUNDED, _ADDITIONAL = 0.5, 0.2, 0.02, 0.015
"""Lower bounds of the probability that a property is present: by itself, of those that may contain values of the
parent's own node, of those under `maxProperties`, and of those that no schema lists."""

_EXTRA_DEPTH_BESIDE_PATH = 2
"""Levels of the parts beside a path beyond their minimum depth."""

_UNREACHABLE_COST = 500.0
"""The cost of a step that plain draws never take: deeper than their depth budget."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path: a branch, and the part of its values that is entered."""

    branch: Objects | Arrays
    part: Part


@dataclass(frozen=True, slots=True, eq=False)
class LocationPath:
    """The path to a location.

    Attributes:
        steps: the steps from the root to the node of the location.
        branch: the branch of that node that contains the location.
        constant: the index of the constant that contains it, if the branch has constants.
    """

    steps: tuple[PathStep, ...]
    branch: Branch
    constant: int | None


class DirectedConstruction:
    """The paths to the declared locations of a schema, and the construction of values along them.

    Args:
        root: the node of the whole instance.
        locations: returns the declared locations; None for none.
        construction: returns the construction of a node's values.
        branch_construction: returns the construction of a branch's values.
        is_exact: True if every constructed value is valid.
        max_choices: the choices of a value, after which the parts beside its path are the smallest; None for no limit.
    """

    def __init__(
        self,
        root: Node,
        locations: Callable[[], Locations] | None,
        construction: Callable[[Node], Construct],
        branch_construction: Callable[[Branch], Construct],
        is_exact: bool,
        max_choices: int | None,
    ) -> None:
        self._root = root
        self._locations = locations
        self._construction = construction
        self._branch_construction = branch_construction
        self._compiled: dict[int, Construct] = {}
        self._is_exact = is_exact
        self._max_choices = max_choices

    def path_of(self, number: int) -> LocationPath:
        """The path whose turn it is: subschemas and members of enumerations take turns, however many these are."""
        paths = self.rare[number % len(self.rare)]
        return paths[number // len(self.rare) % len(paths)]

    @functools.cached_property
    def rare(self) -> tuple[tuple[LocationPath, ...], ...]:
        """The paths to the locations that plain draws rarely reach, in the order of the schema.

        Those to subschemas come first, those to members of enumerations second; none of both is empty.
        """
        if self._locations is None:
            return ()
        declared = [declaration.location for declaration in self._locations().declarations()]
        draws = MIN_DRAWS + DRAWS_PER_LOCATION * len(declared)
        max_cost = math.log(draws / MIN_EXPECTED_APPEARANCES) - (0 if self._is_exact else -math.log(_INEXACT_SHARE))
        found = ((location, self.paths[location]) for location in declared if location in self.paths)
        rare = [(location, path) for location, (cost, path) in found if cost > max_cost]
        subschemas = dict.fromkeys(path for location, path in rare if location.member is None)
        members = dict.fromkeys(path for location, path in rare if location.member is not None)
        return tuple(tuple(paths) for paths in (subschemas, members) if paths)

    @functools.cached_property
    def paths(self) -> dict[Location, tuple[float, LocationPath]]:
        """The path to each location that plain draws reach with the greatest probability, with its negative logarithm.

        These are the shortest paths of the node graph, by Dijkstra's algorithm.
        """
        assert self._locations is not None
        found: dict[Location, tuple[float, LocationPath]] = {}
        done: set[Node] = set()
        tie_breaker = itertools.count()
        queue: list[tuple[float, int, Node, tuple[PathStep, ...]]] = [(0.0, next(tie_breaker), self._root, ())]
        while queue:
            cost, _, node, steps = heapq.heappop(queue)
            if node in done:
                continue
            done.add(node)
            budget = (self._root.min_depth or 0) + MAX_EXTRA_DEPTH - len(steps)
            for branch_cost, (branch, _, _) in _branches(node, budget):
                for part, child in parts(branch):
                    if child not in done:
                        assert isinstance(branch, Objects | Arrays)
                        total = cost + branch_cost - _log_probability(branch, part, child, budget)
                        heapq.heappush(queue, (total, next(tie_breaker), child, (*steps, PathStep(branch, part))))
            for location, (inner_cost, path) in self._located(node, steps, budget, found).items():
                if location not in found or cost + inner_cost < found[location][0]:
                    found[location] = cost + inner_cost, path
        return found

    def _located(
        self, node: Node, steps: tuple[PathStep, ...], depth_budget: int, known: Container[Location]
    ) -> dict[Location, tuple[float, LocationPath]]:
        """The locations of one node, each with the cost and the path of it there: several branches may reach it."""
        assert self._locations is not None
        declared = self._locations()
        located: dict[Location, tuple[float, LocationPath]] = {}
        for branch_cost, expanded in _branches(node, depth_budget):
            branch = expanded.branch
            path = LocationPath(steps, branch, None)
            for constant, locations in declared.located(node, expanded, known):
                cost = branch_cost
                if isinstance(branch, Constants):
                    cost += math.log(len(branch.values))
                    path = LocationPath(steps, branch, constant)
                for location in locations:
                    known_cost, known_path = located.get(location, (math.inf, path))
                    located[location] = _joint_cost(cost, known_cost), path if cost < known_cost else known_path
        return located

    def construct(self, path: LocationPath, choices: Choices) -> Any:
        """A value that contains the location at the end of a path."""
        if self._max_choices is not None:
            choices = CountedChoices(choices, self._max_choices)
        # The parts beside the path are shallow, so that a long path leads to a small value.
        wholes = []
        for step in path.steps:
            depth_budget = _depth(step.branch) + _EXTRA_DEPTH_BESIDE_PATH
            wholes.append((step, self._compile(step.branch)(choices, depth_budget), depth_budget))
        if path.constant is not None:
            assert isinstance(path.branch, Constants)
            value = instances.copy_json(path.branch.values[path.constant])
        else:
            value = self._compile(path.branch)(choices, _depth(path.branch) + _EXTRA_DEPTH_BESIDE_PATH)
        for step, whole, budget in reversed(wholes):
            if isinstance(step.branch, Arrays):
                assert isinstance(step.part, int)
                insert_item(whole, step.part, value, step.branch, self._construction, choices, budget)
            else:
                assert not isinstance(step.part, int)
                insert_property(whole, step.part, value, step.branch, self._construction, choices, budget)
            value = whole
        return value

    def _compile(self, branch: Branch) -> Construct:
        known = self._compiled.get(id(branch))
        if known is None:
            known = self._compiled[id(branch)] = self._branch_construction(branch)
        return known


def _joint_cost(left: float, right: float) -> float:
    """The cost of an event that happens in either of two ways."""
    least = min(left, right)
    return least if least >= _UNREACHABLE_COST else -math.log(math.exp(-left) + math.exp(-right))


def _depth(branch: Branch) -> int:
    """The depth of the shallowest value of a branch that has values."""
    depth = branch_depth(branch)
    assert depth is not None
    return depth


# Probabilities of plain draws ----------------------------------------------------------------------------------------


def _branches(node: Node, depth_budget: int) -> Iterator[tuple[float, ExpandedBranch]]:
    """The branches of a node that have values, each with the negative logarithm of its probability."""
    depths = [(branch_depth(each.branch), each) for each in node.expanded]
    candidates = sum(depth is not None and depth <= depth_budget for depth, _ in depths)
    cost = math.log(candidates or 1)
    for depth, expanded in depths:
        if depth is not None:
            yield cost if depth <= depth_budget else cost + _UNREACHABLE_COST, expanded


def _log_probability(branch: Objects | Arrays, part: Part, child: Node, depth_budget: int) -> float:
    """The logarithm of a lower bound of the probability that a plain value of a branch has a part."""
    if isinstance(branch, Arrays):
        assert isinstance(part, int)
        probability = _item_probability(branch, part, depth_budget)
    elif part in branch.required:
        return 0.0
    elif (child.min_depth or 0) >= depth_budget:
        probability = 0.0
    elif isinstance(part, str):
        probability = _RECURSIVE if child.is_recursive else _OPTIONAL
        probability *= 1.0 if branch.max_properties is None else _BOUNDED
    else:
        probability = _additional_probability(branch)
    return math.log(probability) if probability else -_UNREACHABLE_COST


def _item_probability(branch: Arrays, index: int, depth_budget: int) -> float:
    sizes = sizes_of(branch)
    deepest = max((node.min_depth or 0 for node in (*branch.prefix, branch.items)), default=0)
    if deepest >= depth_budget:
        sizes = [branch.min_items]
    share = sum(size > index for size in sizes) / len(sizes)
    return share / 2 if branch.is_unique and index else share


def _additional_probability(branch: Objects) -> float:
    families = [family for family in branch.families if family.node.is_satisfiable]
    optional = branch.optional
    is_map = not any(node.is_satisfiable for node in branch.properties.values())
    if is_map or any(family.names is not None for family in families):
        return 0.5 / len(families) * (1.0 if branch.max_properties is None else _BOUNDED)
    if not optional or any(branch.properties[name].is_recursive for name in optional):
        return 0.0
    return _ADDITIONAL
