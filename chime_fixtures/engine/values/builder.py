"""Construction of any node's values, compiled once for each node."""

from __future__ import annotations

import contextlib
import functools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

from chime_fixtures.engine import instances
from chime_fixtures.engine.errors import NoValueFoundError
from chime_fixtures.engine.normal_form.locations import Location, Locations
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Branch,
    Constants,
    Node,
    Objects,
    Strings,
    branch_depth,
    children,
)
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.normal_form.unreached import UnreachedLocation
from chime_fixtures.engine.values.arrays import arrays
from chime_fixtures.engine.values.choices import (
    MAX_EXTRA_DEPTH,
    Choices,
    Construct,
    CountedChoices,
    LimitedChoices,
    RandomChoices,
    TooManyChoicesError,
)
from chime_fixtures.engine.values.directed import DirectedConstruction, LocationPath
from chime_fixtures.engine.values.objects import objects
from chime_fixtures.engine.values.scalars import constants, numbers, strings

DIRECTED_PERIOD = 2
"""One value in this many contains a location that plain draws rarely reach, if the schema has any."""

MAX_TRIES_FOR_LOCATION = 25
"""Constructions of a value for one location before it is reported as unreached."""

_MAX_TRIES = 5
"""Constructions of one value before a value that is known to be valid replaces it."""

_MAX_TRIES_FOR_FALLBACK = 300

_MIN_DEEP_TRY = 250
"""The first of these tries with a depth that grows by one level each."""

MAX_FALLBACK_CHOICES = 50_000
"""Choices for one of these values, which take 0.2 s; deep values of a branching schema are exponentially large."""

MAX_ALL_FALLBACK_CHOICES = 300_000
"""Choices for all of these values, which take some seconds."""

MAX_LARGE_FALLBACKS = 3
"""Values that took more choices, before the tries end."""

MIN_COUNTED_DEPTH = 12
"""Levels of the shallowest value from which on the choices of each value are counted: parts beside the deepest one may
have as many levels, so that the number of parts is exponential."""

MAX_COUNTED_CHOICES = 500
"""Choices of such a value before the rest of it has required parts alone."""

MAX_SMALL_CHOICES = 64
"""Choices of a small value before the rest of it has required parts alone."""

MAX_EXTRA_CHARACTERS = 8
"""Characters of a string of a small value beyond its minimum length."""

_VALUES_PER_EXAMPLE = 8
"""One value in this many is a `default` or one of the `examples`, if the schema has any."""


class Builder:
    """The construction of one contract's values; every node is compiled once, on first use.

    Args:
        root: the node of the whole instance.
        is_valid: the validator, for schemas whose keywords interact so that construction alone does not guarantee
            valid values.
        examples: for each node its labelled `default` and `examples`.
        locations: returns the declared locations, for the directed construction of those that plain draws rarely reach.
        is_small: True to construct small values only, as items of large arrays.
    """

    def __init__(
        self,
        root: Node,
        is_valid: Callable[[Any], bool] | None = None,
        examples: Callable[[Node], tuple[tuple[str, Any], ...]] = lambda node: (),
        locations: Callable[[], Locations] | None = None,
        *,
        is_small: bool = False,
    ) -> None:
        self.root = root
        self.examples = examples
        self._validator = is_valid
        self._pointer = root.requirements[0].schema.pointer
        self._locations = locations
        self._is_small = is_small
        self._compiled: dict[Node, Construct] = {}
        self._pending: dict[Node, Construct] = {}
        self._lock = threading.RLock()
        self._directed: DirectedConstruction | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Builder can't be copied or pickled; copy or pickle its Contract")

    def build(self, choices: Choices) -> Any:
        """One valid value.

        Raises:
            NoValueFoundError: the validator rejects every constructed value.
        """
        assert self.root.min_depth is not None
        depth_budget = self.root.min_depth + MAX_EXTRA_DEPTH
        if self._validator is None:
            return self.construction(self.root)(choices, depth_budget)
        for _ in range(_MAX_TRIES):
            value = self.construction(self.root)(choices, depth_budget)
            if self._validator(value):
                return value
        return instances.copy_json(self._fallback)

    def build_seeded(self, seed: int, index: int) -> Any:
        """The valid value of an index and a seed."""
        return self.build_numbered(RandomChoices(random.Random(f"{seed}:{index}")), index)

    def build_numbered(self, choices: Choices, index: int) -> Any:
        """The valid value of an index: every second one contains a location that plain draws rarely reach, in turn."""
        if not self._has_rare_locations or not index % DIRECTED_PERIOD:
            return self.build(choices)
        return self.build_directed(choices, self.directed.path_of(index // DIRECTED_PERIOD))

    def build_directed(self, choices: Choices, path: LocationPath) -> Any:
        """A valid value that contains the location at the end of a path; any valid value if none is found."""
        for _ in range(_MAX_TRIES):
            value = self.directed.construct(path, choices)
            if self.is_valid(value):
                return value
        return self.build(choices)

    @functools.cached_property
    def _has_rare_locations(self) -> bool:
        return bool(self.directed.rare)

    @property
    def directed(self) -> DirectedConstruction:
        """The construction of values that contain a given location."""
        if self._directed is None:
            with self._lock:
                self._directed = self._directed or DirectedConstruction(
                    self.root,
                    self._locations,
                    self.construction,
                    self.branch_construction,
                    is_exact=self._validator is None,
                    max_choices=MAX_COUNTED_CHOICES if self._is_deep else None,
                )
        return self._directed

    def unreached_locations(self) -> tuple[UnreachedLocation, ...]:
        """The locations that the nodes reach, but none of the values that were constructed for them.

        Constructed values need no check if construction guarantees valid ones.
        """
        if self._validator is None or self._locations is None:
            return ()
        locations = self._locations()
        paths = self.directed.paths
        shown: set[Location] = set()
        for number, (location, (_, path)) in enumerate(paths.items()):
            for seed in range(MAX_TRIES_FOR_LOCATION if location not in shown else 0):
                value = self.directed.construct(path, RandomChoices(random.Random(f"{number}:{seed}")))
                if self._validator(value):
                    shown.update(locations.shown(value))
                    shown.update([] if locations.is_reported(location) else [location])
                if location in shown:
                    break
        missing = (each for each in locations.unreached(shown) if each.location in paths)
        reason = f"is in no value that was found; {MAX_TRIES_FOR_LOCATION} were constructed for it, and none is valid"
        return tuple(UnreachedLocation(each.schema_pointer, each.path, reason, is_proved=False) for each in missing)

    @functools.cached_property
    def _fallback(self) -> Any:
        """A value that the validator accepts."""
        try:
            return self._found_value()
        except NoValueFoundError:
            found, value = self.smallest_valid
            if found:
                return value
            raise

    def _found_value(self) -> Any:
        assert self._validator is not None
        assert self.root.min_depth is not None
        too_large, total = 0, 0
        for seed in range(_MAX_TRIES_FOR_FALLBACK):
            # At last values that are much deeper: it is possible that all shallow ones are excluded.
            extra_depth = seed % (MAX_EXTRA_DEPTH + 1) if seed < _MIN_DEEP_TRY else seed - _MIN_DEEP_TRY
            depth_budget = self.root.min_depth + extra_depth
            choices = LimitedChoices(random.Random(seed), MAX_FALLBACK_CHOICES)
            try:
                value = self.construction(self.root)(choices, depth_budget)
            except TooManyChoicesError:
                too_large += 1
                if too_large >= MAX_LARGE_FALLBACKS:
                    raise NoValueFoundError(self._pointer, f"{MAX_FALLBACK_CHOICES} choices for a value") from None
                continue
            if self._validator(value):
                return value
            total += MAX_FALLBACK_CHOICES - choices.left
            if total > MAX_ALL_FALLBACK_CHOICES:
                raise NoValueFoundError(self._pointer, f"{MAX_ALL_FALLBACK_CHOICES} choices for values")
        limit = f"{_MAX_TRIES_FOR_FALLBACK} constructed values, each of which jsonschema-rs rejects"
        raise NoValueFoundError(self._pointer, limit)

    def require_value(self) -> None:
        """Construct a valid value.

        Raises:
            NoValueFoundError: the validator rejects every constructed value.
        """
        if self._validator is None:
            return
        # The smallest values have required parts alone, so that the optional ones are not expanded yet.
        found, _ = self.smallest_valid
        if not found:
            _ = self._fallback

    @functools.cached_property
    def smallest_valid(self) -> tuple[bool, Any]:
        """True and a value with required parts alone that the validator accepts, if one is found."""
        choices = LimitedChoices(random.Random(0), MAX_FALLBACK_CHOICES)
        with contextlib.suppress(TooManyChoicesError):
            for _ in range(_MAX_TRIES):
                value = self.smallest(self.root, choices)
                if self.is_valid(value):
                    return True, value
        return False, None

    def smallest(self, node: Node, choices: Choices) -> Any:
        """A value with required parts alone, as far as they suffice."""
        branch = node.shallowest_branch
        assert branch is not None, "the node has no value"
        match branch:
            case Arrays(is_unique=is_unique, has_duplicates=False) if branch.min_items <= 1 or not is_unique:
                return [self.smallest(branch.at(index), choices) for index in range(branch.min_items)]
            case Objects() if len(names := fewest_names(branch)) >= branch.min_properties:
                return {name: self.smallest(branch.properties[name], choices) for name in names}
            case _:
                return self.branch_construction(branch)(choices, branch_depth(branch) or 0)

    def small_construction(self, node: Node) -> Construct:
        """The construction of one node's values with short strings, few items and few parts in all."""

        def construct(choices: Choices, depth_budget: int) -> Any:
            # Compiled when an array is large, which few are.
            return self._small.construction(node)(choices, depth_budget)

        return construct

    @functools.cached_property
    def _small(self) -> Builder:
        return self if self._is_small else Builder(self.root, is_small=True)

    def is_valid(self, value: Any) -> bool:
        """True if a value constructed by this builder is valid."""
        return self._validator is None or self._validator(value)

    def construction(self, node: Node) -> Construct:
        """The construction of one node's values."""
        construct = self._compiled.get(node)
        if construct is None:
            with self._lock:
                construct = self._compiled.get(node) or self._pending.get(node) or self._compile_all(node)
        return construct

    def _compile_all(self, start: Node) -> Construct:
        """Compile a node and those below it; published together, so that no other thread calls a placeholder."""
        is_outermost = not self._pending
        # Children first, without recursion: a chain of definitions may be longer than Python's stack.
        for node in self._uncompiled(start):
            self._pending[node] = self._compile(node)
        construct = self._pending[start]
        if is_outermost:
            self._compiled.update(self._pending)
            self._pending.clear()
        return construct

    def _uncompiled(self, start: Node) -> Iterator[Node]:
        """The nodes below a node that are not compiled, children first."""
        stack = [(start, iter(self._defer(start)))]
        while stack:
            node, following = stack[-1]
            for child in following:
                if child not in self._compiled and child not in self._pending:
                    stack.append((child, iter(self._defer(child))))
                    break
            else:
                stack.pop()
                yield node

    def _defer(self, node: Node) -> list[Node]:
        """Register a placeholder for the node's construction, which cycles call; return its satisfiable children."""

        def deferred(choices: Choices, depth_budget: int) -> Any:
            return self._compiled[node](choices, depth_budget)

        self._pending[node] = deferred
        branches = node.satisfiable_branches
        return [child for branch in branches for child in children(branch) if child.is_satisfiable]

    def _compile(self, node: Node) -> Construct:
        construct = self._compile_branches(node)
        if self._is_small:
            return self._with_limited_size(construct, node, MAX_SMALL_CHOICES)
        return self._with_limited_size(construct, node, MAX_COUNTED_CHOICES) if self._is_deep else construct

    @property
    def _is_deep(self) -> bool:
        return (self.root.min_depth or 0) >= MIN_COUNTED_DEPTH

    def _with_limited_size(self, build: Construct, node: Node, max_choices: int) -> Construct:
        """The construction that completes a value with the smallest parts once it took many choices."""

        def construct(choices: Choices, depth_budget: int) -> Any:
            if not isinstance(choices, CountedChoices):
                choices = CountedChoices(choices, max_choices)
            elif choices.are_exhausted:
                return self.smallest(node, choices)
            return build(choices, depth_budget)

        return construct

    def _compile_branches(self, node: Node) -> Construct:
        branches = [(depth, branch) for branch in node.branches if (depth := branch_depth(branch)) is not None]
        if len(branches) == 1 and isinstance(branches[0][1], Strings) and not self._is_small:
            # The choice of a string's length includes its examples, without a further choice.
            examples = tuple(value for _, value in self.examples(node) if isinstance(value, str))
            return strings(branches[0][1].language, examples)
        constructs = [(depth, self.branch_construction(branch)) for depth, branch in branches]
        if len(constructs) == 1:
            return self._with_examples(constructs[0][1], node)

        every = [build for _, build in constructs]
        max_depth = max((depth for depth, _ in constructs), default=0)

        def construct(choices: Choices, depth_budget: int) -> Any:
            candidates = every
            if depth_budget < max_depth:
                candidates = [build for depth, build in constructs if depth <= depth_budget]
            return candidates[choices.integer(0, len(candidates) - 1)](choices, depth_budget)

        return self._with_examples(construct, node)

    def _with_examples(self, build: Construct, node: Node) -> Construct:
        """The construction with the node's examples among its values, if it has any."""
        values = [value for _, value in self.examples(node)]
        if not values:
            return build
        last = len(values) - 1

        def construct(choices: Choices, depth_budget: int) -> Any:
            # An example replaces a constructed value and takes one more choice, so that Hypothesis shrinks it away.
            value = build(choices, depth_budget)
            if choices.integer(0, _VALUES_PER_EXAMPLE - 1) < _VALUES_PER_EXAMPLE - 1:
                return value
            return instances.copy_json(values[choices.integer(0, last) if last else 0])

        return construct

    def branch_construction(self, branch: Branch) -> Construct:
        """The construction of one branch's values."""
        match _reduced(branch) if self._is_small else branch:
            case Constants(values):
                return constants(values)
            case Numbers() as reduced:
                return numbers(reduced)
            case Strings(language):
                return strings(language)
            case Arrays() as reduced:
                return arrays(reduced, self.construction, self.small_construction)
            case Objects() as reduced:
                return objects(reduced, self.construction, self.small_construction)


def _reduced(branch: Branch) -> Branch:
    """The branch, without long strings and arrays of many items."""
    match branch:
        case Strings(language):
            return replace(branch, language=language.between(0, (language.shortest or 0) + MAX_EXTRA_CHARACTERS))
        case Arrays(min_items=minimum, max_items=maximum):
            size = max(minimum, 1)
            return replace(branch, max_items=size if maximum is None else min(size, maximum))
        case _:
            return branch


def fewest_names(branch: Objects) -> list[str]:
    """The required properties of an object, and as many others as it must have, the shallowest first."""
    others = [
        (node.min_depth, name)
        for name, node in branch.properties.items()
        if name not in branch.required and name not in branch.dependent_required and node.min_depth is not None
    ]
    return [*branch.required, *(name for _, name in sorted(others))][: max(branch.min_properties, len(branch.required))]
