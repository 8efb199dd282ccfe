"""The finite catalogue of labelled valid instances: each bound and constant, each member present, absent and alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.ground import LONG
from chime_fixtures.engine.cases.locations import plain, put
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Numbers, Objects, Strings
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One valid instance at an edge of the contract.

    Attributes:
        instance: the whole JSON document.
        pointer: the place that is at its edge.
        label: which edge it is.
    """

    instance: Any = field(hash=False)
    pointer: str
    label: str

    @property
    def id(self) -> str:
        """``<member>[.<index>].<label>``: safe as a file name and as a test id."""
        return ".".join([*json_pointer.split(self.pointer), self.label])


LONGEST = 2**17
"""Of texts that may be very long, one edge has the most characters if they are no more than these."""

MOST = 1000
"""So many edges at most are made of one schema; those of the outer places come first."""


def enumerate_edges(validators: Validators, builder: Builder) -> tuple[Edge, ...]:
    """Every labelled edge of a schema, in the schema's order.

    Args:
        validators: the validators of the schema, which both accept each edge.
        builder: the construction of its values.
    """
    base = Baseline.full(validators, builder)
    found: dict[str, Edge] = {}
    for place in base.places.values():
        value = json_pointer.resolve(base.instance, place.pointer)
        for label, edge_value in _of(place.node, value, builder):
            edge = Edge(instance=put(base.instance, place.pointer, edge_value), pointer=place.pointer, label=label)
            if (
                edge.id.casefold() not in found
                and validators.is_valid(edge.instance)
                and base.cross_check(edge.instance, place) == []
            ):
                found[edge.id.casefold()] = edge
                if len(found) >= MOST:
                    return tuple(found.values())
    return tuple(found.values())


def _of(node: Node, value: Any, builder: Builder) -> Iterator[tuple[str, Any]]:
    for shape in node.branches:
        match shape:
            case Constants(values):
                yield from ((f"constant-{index}", constant) for index, constant in enumerate(values))
            case Numbers():
                yield from _numbers(shape)
            case Strings():
                yield from _strings(shape)
            case Arrays():
                yield from _arrays(shape, builder)
            case Objects() if isinstance(value, dict):
                yield from _objects(shape, value)
    yield from builder.examples(node)


def _numbers(shape: Numbers) -> Iterator[tuple[str, Any]]:
    low, high = shape.least_integer, shape.greatest_integer
    candidates = {
        "least": low,
        "least-plus-1": None if low is None else low + 1,
        "greatest-minus-1": None if high is None else high - 1,
        "greatest": high,
        "int32": 2**31 - 1,
        "beyond-int32": 2**31,
        "beyond-double": 2**53 + 1,
    }
    yield from ((label, number) for label, number in candidates.items() if number is not None and shape.admits(number))


def _strings(shape: Strings) -> Iterator[tuple[str, Any]]:
    language = shape.language
    shortest, longest = language.shortest or 0, language.longest
    yield "shortest", language.construct(shortest)
    if longest is None or longest > LONGEST:
        return
    yield "longest", language.construct(longest, "Session1")
    if longest > LONG:
        return
    if language.has_length(longest - 1):
        yield "longest-minus-1", language.construct(longest - 1, "Session1")
    astral = language.construct(longest, "\U0001f600" * 4)
    if any(ord(char) > 0xFFFF for char in astral):
        yield "longest-astral", astral


def _arrays(shape: Arrays, builder: Builder) -> Iterator[tuple[str, Any]]:
    if shape.items.min_depth is None:
        if not shape.min_items:
            yield "fewest-items", []
        return
    item = plain(builder, shape.items)
    if not shape.is_unique or shape.min_items < 2:
        yield "fewest-items", [item] * shape.min_items
    yield "one-item", [item]
    if not shape.is_unique:
        yield "repeated-items", [item, item]
        most = shape.max_items if shape.max_items is not None else shape.min_items + 16
        if most <= max(MAX_COUNT, shape.min_items):
            yield "most-items", [item] * most


def _objects(shape: Objects, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    needed = {name: item for name, item in value.items() if name in shape.required}
    yield "all-members", value
    yield "required-members-only", needed
    for name in shape.optional:
        if name in value:
            yield f"without-{name}", {other: item for other, item in value.items() if other != name}
            yield f"only-{name}", {other: value[other] for other in value if other in needed or other == name}
    if shape.additional.branches:
        yield "unknown-member", {**value, "unknown": None}
