"""The normal form that every other room reads: a node is a choice of shapes, each for one JSON type."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from chime_fixtures.engine.dnf.requirements import Conjunction
from chime_fixtures.engine.instances import STRING, TYPES, exact
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.graph import Subschema

Bound = int | float


@dataclass(frozen=True, slots=True)
class Assertion:
    """One keyword of one of the schemas that a node was made of."""

    keyword: str
    value: Any
    schema_pointer: str


@dataclass(frozen=True, slots=True)
class Constants:
    """Exactly these values: null, the booleans, an enumeration."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers between two bounds; None is no bound.

    Attributes:
        is_integer: whether they have no fraction.
        is_fraction: whether they must have one.
        step: what they are multiples of, where they are.
        not_steps: what they must not be multiples of.
        excluded: numbers that are not allowed.
    """

    is_integer: bool
    low: Bound | None = None
    high: Bound | None = None
    excludes_low: bool = False
    excludes_high: bool = False
    is_fraction: bool = False
    step: Fraction | None = None
    not_steps: tuple[Bound, ...] = ()
    excluded: frozenset[Bound] = frozenset()

    @property
    def least_integer(self) -> int | None:
        """The least integer within the bounds."""
        if self.low is None:
            return None
        bound = Fraction(self.low)
        return bound.__floor__() + 1 if self.excludes_low else bound.__ceil__()

    @property
    def greatest_integer(self) -> int | None:
        """The greatest integer within the bounds."""
        if self.high is None:
            return None
        bound = Fraction(self.high)
        return bound.__ceil__() - 1 if self.excludes_high else bound.__floor__()

    def admits(self, value: Bound) -> bool:
        """Whether a number is within the bounds."""
        above = self.low is None or (value > self.low if self.excludes_low else value >= self.low)
        below = self.high is None or (value < self.high if self.excludes_high else value <= self.high)
        return above and below

    @property
    def factors(self) -> tuple[int | None, int | None]:
        """What the step is multiplied with at least and at most, to stay within the bounds."""
        assert self.step is not None
        least = greatest = None
        if self.low is not None:
            low = exact(self.low)
            least = math.ceil(low / self.step)
            least += self.excludes_low and least * self.step == low
        if self.high is not None:
            high = exact(self.high)
            greatest = math.floor(high / self.step)
            greatest -= self.excludes_high and greatest * self.step == high
        return least, greatest

    @property
    def is_plain(self) -> bool:
        """Whether nothing but bounds is asked."""
        return self.step is None and not (self.not_steps or self.excluded or self.is_fraction)


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings of a language: patterns, formats and lengths in one.

    Attributes:
        language: what may be drawn, length included.
        is_free: whether only lengths are asked, so that any text of the right length will do.
    """

    language: Language
    is_free: bool
    min_length: int
    max_length: int | None


@dataclass(frozen=True, slots=True)
class Arrays:
    """Arrays by their number of items and what each must be.

    Attributes:
        items: what each item behind the first ones must be.
        prefix: what the first items must be, each its own.
        has_duplicates: whether the second item equals the first.
    """

    items: Node
    min_items: int = 0
    max_items: int | None = None
    is_unique: bool = False
    prefix: tuple[Node, ...] = ()
    has_duplicates: bool = False

    def at(self, index: int) -> Node:
        """What the item at an index must be."""
        return self.prefix[index] if index < len(self.prefix) else self.items


@dataclass(frozen=True, slots=True)
class PropertyFamily:
    """Members whose names are not listed one by one: their names, and what they must be; None for any other name."""

    names: Language | None
    node: Node


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects by their members.

    Attributes:
        properties: what each member that the schema names must be.
        required: the members that are always there.
        additional: what a member that nobody names must be.
        families: members by the language of their names; `additional` is among them unless it can't be.
        dependent_required: members that are there when another is.
        min_properties: how many members there are at least.
        max_properties: how many members there are at most.
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
        """The named members that may be absent and can be present."""
        required = frozenset(self.required)
        return tuple(name for name, node in self.properties.items() if name not in required and node.is_satisfiable)


Branch = Constants | Numbers | Strings | Arrays | Objects
B = TypeVar("B", Constants, Numbers, Strings, Arrays, Objects)


def children(shape: Branch) -> Iterable[Node]:
    """The nodes of the parts of a shape."""
    if isinstance(shape, Arrays):
        return (*shape.prefix, shape.items)
    if isinstance(shape, Objects):
        return (*shape.properties.values(), *(family.node for family in shape.families), shape.additional)
    return ()


class Maker(Protocol):
    """What a node knows of itself is worked out by its maker, once and when it is asked."""

    def shapes(self, goal: Conjunction, node: Node, kinds: Iterable[str] = TYPES) -> Iterable[Branch]:
        """Everything that a value of a goal can be, by kinds; the node hears whether that is all."""

    def assertions(self, goal: Conjunction) -> Iterable[Assertion]:
        """Every keyword that speaks of a value of a goal."""

    def local_schemas(self, goal: Conjunction) -> tuple[Subschema, ...] | None:
        """The schemas that judge a value of a goal alone."""

    def parts_are_independent(self, goal: Conjunction) -> bool:
        """Whether the parts of a value of a goal are judged each by itself."""

    def hints(self, goal: Conjunction, node: Node) -> Iterable[tuple[str, Any]]:
        """Values that a schema of a goal names without asking for them."""

    def measure(self, node: Node) -> None:
        """Give the node its height."""


class Node:
    """What a value at one place must be: all the schemas that speak of it, read together.

    Attributes:
        assertions: every keyword that speaks of the value here, in the schema's order.
        local_schemas: the schemas that judge a value here as they do where it stands; None where they can't be asked alone.
        parts_are_independent: whether each part of a value here is judged by itself, whatever the other parts are.
        examples: valid values that the schema names without asking for them, each with a label.
        min_depth: how many levels the flattest value has below it; None when there is no value at all.
        found: the height as far as it is known while it is measured.
        is_complete: whether the shapes are all there are; else their number was bounded.
    """

    def __init__(self, goal: Conjunction, maker: Maker) -> None:
        self._goal = goal
        self._maker = maker
        self.is_measured = False
        self.is_complete = True
        self.found: int | None = None

    @property
    def min_depth(self) -> int | None:
        """How many levels the flattest value has below it; None when there is no value at all."""
        if not self.is_measured:
            self._maker.measure(self)
        return self.found

    @property
    def is_satisfiable(self) -> bool:
        """Whether there is a value."""
        return self.min_depth is not None

    @functools.cached_property
    def is_recursive(self) -> bool:
        """Whether a value of the node can hold another value of the same node."""
        seen: set[Node] = set()
        stack = [child for shape in self.branches for child in children(shape)]
        while stack:
            found = stack.pop()
            if found is self:
                return True
            if found not in seen:
                seen.add(found)
                stack.extend(child for shape in found.branches for child in children(shape))
        return False

    @functools.cached_property
    def assertions(self) -> tuple[Assertion, ...]:
        """Every keyword that speaks of the value here, in the schema's order."""
        return tuple(self._maker.assertions(self._goal))

    @functools.cached_property
    def examples(self) -> tuple[tuple[str, Any], ...]:
        """Valid values that the schema names without asking for them, each with a label."""
        return tuple(self._maker.hints(self._goal, self))

    @functools.cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The shapes, simplest type first; those that no value can have are left out."""
        return tuple(self._maker.shapes(self._goal, self))

    @functools.cached_property
    def string_branches(self) -> tuple[Branch, ...]:
        """The shapes of its strings, found without the others: what is asked of a name may lead back to its object."""
        return tuple(self._maker.shapes(self._goal, self, (STRING,)))

    @functools.cached_property
    def local_schemas(self) -> tuple[Subschema, ...] | None:
        """The schemas that judge a value here as they do where it stands; None where they can't be asked alone."""
        return self._maker.local_schemas(self._goal)

    @functools.cached_property
    def parts_are_independent(self) -> bool:
        """Whether each part of a value here is judged by itself, whatever the other parts are."""
        return self._maker.parts_are_independent(self._goal)

    def branch(self, kind: type[B]) -> B | None:
        """The first branch of one kind, or None."""
        return next((branch for branch in self.branches if isinstance(branch, kind)), None)

    def require_branch(self, kind: type[B]) -> B:
        """The first branch of one kind.

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
