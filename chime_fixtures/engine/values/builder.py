"""The construction of any node's values, compiled once for each node."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.errors import Problem, UnsupportedSchemaError
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Branch,
    Constants,
    Node,
    Numbers,
    Objects,
    Strings,
    branch_depth,
)
from chime_fixtures.engine.values.arrays import array
from chime_fixtures.engine.values.choices import Choices, Construct, RandomChoices
from chime_fixtures.engine.values.objects import members
from chime_fixtures.engine.values.scalars import constants, numbers, strings

DEPTH = 4
"""How many levels a value may have beyond those that the schema asks for."""

TRIES = 5
"""How often a value is made anew that the judge refuses, before one that is known to be valid takes its place."""


SELDOM = 7
"""One in so many values, and one more, is a `default` or one of the `examples`, where there are any."""


class Builder:
    """The construction of one contract's values: every node is compiled once, on first use.

    Args:
        root: the node of the whole instance.
        accepts: the judge, for schemas in which keywords meet that construction alone does not settle.

    Attributes:
        made: how many values the judge was asked about.
        refused: how many of them it refused.
    """

    def __init__(
        self,
        root: Node,
        accepts: Callable[[Any], bool] | None = None,
        examples: Callable[[Node], tuple[tuple[str, Any], ...]] = lambda node: (),
    ) -> None:
        self.root = root
        self.examples = examples
        self.made = 0
        self.refused = 0
        self._accepts = accepts
        self._compiled: dict[Node, Construct] = {}

    def build(self, source: Choices) -> Any:
        """One valid value.

        Raises:
            UnsupportedSchemaError: the judge refuses everything that is made.
        """
        assert self.root.min_depth is not None
        room = self.root.min_depth + DEPTH
        if self._accepts is None:
            return self.of(self.root)(source, room)
        for _ in range(TRIES):
            value = self.of(self.root)(source, room)
            self.made += 1
            if self._accepts(value):
                return value
            self.refused += 1
        return instances.copy_json(self._witness)

    @functools.cached_property
    def _witness(self) -> Any:
        """A value that the judge accepts."""
        assert self._accepts is not None
        assert self.root.min_depth is not None
        for seed in range(300):
            value = self.of(self.root)(RandomChoices(random.Random(seed)), self.root.min_depth + seed % (DEPTH + 1))
            if self._accepts(value):
                return value
        raise UnsupportedSchemaError([Problem("schema", "", "no value was found: the judge refuses all that is made")])

    def is_valid(self, value: Any) -> bool:
        """True if a value constructed by this builder is valid."""
        return self._accepts is None or self._accepts(value)

    def of(self, node: Node) -> Construct:
        """The construction of one node's values: takes a source, and how many levels there is room for."""
        known = self._compiled.get(node)
        if known is None:
            # Recursive schemas come back to this node before it is compiled: they look it up when they draw.
            def later(source: Choices, room: int) -> Any:
                return self._compiled[node](source, room)

            self._compiled[node] = later
            known = self._compiled[node] = self._compile(node)
        return known

    def _compile(self, node: Node) -> Construct:
        live = [(height, shape) for shape in node.branches if (height := branch_depth(shape)) is not None]
        if len(live) == 1 and isinstance(live[0][1], Strings):
            # They have a place for examples, which costs no choice.
            return strings(
                live[0][1].language, tuple(value for _, value in self.examples(node) if isinstance(value, str))
            )
        builds = [(height, self.of_shape(shape)) for height, shape in live]
        if len(builds) == 1:
            return self._with_examples(builds[0][1], node)

        def build(source: Choices, room: int) -> Any:
            fitting = [made for height, made in builds if height <= room]
            return fitting[source.integer(0, len(fitting) - 1)](source, room)

        return self._with_examples(build, node)

    def of_shape(self, shape: Branch) -> Construct:
        """The construction of one shape's values."""
        match shape:
            case Constants(values):
                return constants(values)
            case Numbers():
                return numbers(shape)
            case Strings(language):
                return strings(language)
            case Arrays():
                return array(shape, self.of)
            case Objects():
                return members(shape, self.of)

    def _with_examples(self, made: Construct, node: Node) -> Construct:
        """The construction with the values that the schema names among what it makes, where it names any."""
        values = [value for _, value in self.examples(node)]
        if not values:
            return made
        last = len(values) - 1

        def build(source: Choices, room: int) -> Any:
            # An example replaces a made value and takes one choice more, so that Hypothesis shrinks to a made value.
            value = made(source, room)
            if source.integer(0, SELDOM) < SELDOM:
                return value
            return instances.copy_json(values[source.integer(0, last) if last else 0])

        return build
