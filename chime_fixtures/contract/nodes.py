"""The normal form that every other room reads: a node is a choice of shapes, one for each JSON type it allows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chime_fixtures.languages import Language

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
    """Numbers between two bounds; None is no bound."""

    is_integer: bool
    low: Bound | None = None
    high: Bound | None = None
    excludes_low: bool = False
    excludes_high: bool = False

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


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings of a language: patterns, formats and lengths in one; None for any string of the lengths.

    Attributes:
        language: what may be drawn, length included.
        is_free: whether only lengths are asked, so that any text of the right length will do.
    """

    language: Language
    is_free: bool
    shortest: int
    longest: int | None


@dataclass(frozen=True, slots=True)
class Arrays:
    """Arrays by their number of items and what each must be."""

    items: Node
    least: int = 0
    most: int | None = None
    is_unique: bool = False


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects by their members; `rest` is what a member that is not named must be."""

    members: Mapping[str, Node]
    required: tuple[str, ...]
    rest: Node

    @property
    def optional(self) -> tuple[str, ...]:
        """The named members that may be absent and can be present."""
        return tuple(name for name, node in self.members.items() if name not in self.required and node.shapes)


Shape = Constants | Numbers | Strings | Arrays | Objects


class Node:
    """What a value at one place must be: all the schemas that speak of it, read together.

    Attributes:
        assertions: every keyword that speaks of the value here, in the schema's order.
        height: how many levels the flattest value has below it; None when there is no value at all.
    """

    def __init__(self, assertions: tuple[Assertion, ...], resolve: Callable[[], tuple[Shape, ...]]) -> None:
        self.assertions = assertions
        self._resolve = resolve
        self.height: int | None = None

    @functools.cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """One shape for each JSON type, simplest type first; those that no value can have are left out."""
        return self._resolve()

    def shape(self, kind: type[Any]) -> Any:
        """The shape of one kind, or None."""
        return next((shape for shape in self.shapes if isinstance(shape, kind)), None)

    def assertion(self, keyword: str) -> Assertion | None:
        """The first assertion of a keyword."""
        return next((item for item in self.assertions if item.keyword == keyword), None)
