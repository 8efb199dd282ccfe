"""Edges: labelled valid instances at the boundary of one constraint.

These are the bounds of numbers, lengths and sizes, each constant and example, and each optional property present,
absent and alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline, plain_value
from chime_fixtures.engine.cases.mutators import MAX_VARIED_LENGTH
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.violation import safe_id

MAX_EDGES = 1000
"""Edges of one schema; those of the outer locations come first."""

MAX_EDGE_LENGTH = 2**17
"""Characters of the longest string that is the edge of a maximum length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A valid instance at the boundary of one constraint.

    Attributes:
        instance: the whole JSON document.
        pointer: the location of the value at the boundary.
        label: the name of the boundary.
    """

    instance: Any = field(hash=False)
    pointer: str
    label: str

    @property
    def id(self) -> str:
        """``<property>[.<index>].<label>``: safe as a file name and as a test id."""
        return safe_id([*json_pointer.split(self.pointer), self.label])


def enumerate_edges(validators: Validators, builder: Builder) -> tuple[Edge, ...]:
    """Every labelled edge of a schema, in the schema's order; no validator rejects any of them.

    Args:
        validators: the validators of the schema.
        builder: the construction of its values.
    """
    baseline = Baseline.full(validators, builder)
    edges: dict[str, Edge] = {}
    for pointer, node in baseline.nodes.items():
        for label, value in _edge_values(node, json_pointer.resolve(baseline.instance, pointer), builder):
            edge = Edge(instance=None, pointer=pointer, label=label)
            key = edge.id.casefold()
            if (
                key not in edges
                and not baseline.check(pointer, value)
                and not baseline.cross_check.errors(pointer, value)
                and False not in baseline.other_verdicts(pointer, value).values()
            ):
                edges[key] = replace(edge, instance=baseline.with_value(pointer, value))
                if len(edges) >= MAX_EDGES:
                    return tuple(edges.values())
    return tuple(edges.values())


def _edge_values(node: Node, value: Any, builder: Builder) -> Iterator[tuple[str, Any]]:
    """The label and value of each edge of a node, whose value in the baseline is `value`."""
    for branch in node.branches:
        match branch:
            case Constants(values):
                yield from ((f"constant-{index}", constant) for index, constant in enumerate(values))
            case Numbers():
                yield from _number_edges(branch)
            case Strings():
                yield from _string_edges(branch)
            case Arrays():
                yield from _array_edges(branch, builder)
            case Objects() if isinstance(value, dict):
                yield from _object_edges(branch, value)
    yield from builder.examples(node)


def _number_edges(branch: Numbers) -> Iterator[tuple[str, Any]]:
    low, high = branch.least_integer, branch.greatest_integer
    candidates = {
        "least": low,
        "least-plus-1": None if low is None else low + 1,
        "greatest-minus-1": None if high is None else high - 1,
        "greatest": high,
        "int32": 2**31 - 1,
        "beyond-int32": 2**31,
        "beyond-double": 2**53 + 1,
    }
    yield from ((label, number) for label, number in candidates.items() if number is not None and branch.admits(number))


def _string_edges(branch: Strings) -> Iterator[tuple[str, Any]]:
    language = branch.language
    shortest, longest = language.shortest or 0, language.longest
    yield "shortest", language.construct(shortest)
    if longest is None or longest > MAX_EDGE_LENGTH:
        return
    yield "longest", language.construct(longest, "Session1")
    if longest > MAX_VARIED_LENGTH:
        return
    if language.has_length(longest - 1):
        yield "longest-minus-1", language.construct(longest - 1, "Session1")
    astral = language.construct(longest, "\U0001f600" * 4)
    if any(ord(char) > 0xFFFF for char in astral):
        yield "longest-astral", astral


def _array_edges(branch: Arrays, builder: Builder) -> Iterator[tuple[str, Any]]:
    if branch.items.min_depth is None:
        if not branch.min_items:
            yield "fewest-items", []
        return
    item = plain_value(builder, branch.items)
    if not branch.is_unique or branch.min_items < 2:
        yield "fewest-items", [item] * branch.min_items
    yield "one-item", [item]
    if not branch.is_unique:
        yield "repeated-items", [item, item]
        maximum = branch.max_items if branch.max_items is not None else branch.min_items + 16
        if maximum <= max(MAX_COUNT, branch.min_items):
            yield "most-items", [item] * maximum


def _object_edges(branch: Objects, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    required = {name: member for name, member in value.items() if name in branch.required}
    yield "all-members", value
    yield "required-members-only", required
    for name in branch.optional:
        if name in value:
            yield f"without-{name}", {other: member for other, member in value.items() if other != name}
            yield f"only-{name}", {other: value[other] for other in value if other in required or other == name}
    if branch.additional.branches:
        yield "unknown-member", {**value, "unknown": None}
