"""Edges: labelled valid instances at the boundary of one constraint.

These are the bounds of numbers, lengths and sizes, each constant and example, and each optional property present,
absent and alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline, plain_value
from chime_fixtures.engine.cases.conditions import (
    Condition,
    DuplicateItems,
    EqualTo,
    ItemCount,
    Members,
    TextLength,
    UnlistedMember,
)
from chime_fixtures.engine.cases.mutators import MAX_VARIED_LENGTH
from chime_fixtures.engine.deferral import DeferredInstance
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Assertion,
    Branch,
    Constants,
    ExpandedBranch,
    Node,
    Objects,
    Strings,
)
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.size_limit import MAX_CHARACTERS
from chime_fixtures.engine.violation import quote, safe_id

MAX_EDGES = 1000
"""Edges of one schema; those of the outer locations come first."""

MAX_EDGE_LENGTH = 2**17
"""Characters of the longest string that is the edge of a maximum length."""

MAX_ITEM_CHARACTERS = 2**12
"""Characters of an item of an edge as text; instead of a larger one there is a small one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(DeferredInstance):
    """A valid instance at the boundary of one constraint.

    Attributes:
        instance: the whole JSON document.
        pointer: the location of the value at the boundary.
        label: the name of the boundary.
        keyword: the keyword that sets the boundary; None if no keyword of the schema does, as for an example.
        limit: the keyword's value in the schema.
        summary: one line, ``<pointer>: <sentence> [<keyword>]``:
            ``/Name: 128 characters is the maximum length [maxLength]``.
        condition: the values that are at the same boundary.
    """

    instance: Any = field(hash=False)
    pointer: str
    label: str
    keyword: str | None = None
    limit: Any = field(default=None, hash=False)
    summary: str
    condition: Condition = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """``<property>[.<index>].<label>``: safe as a file name and as a test id."""
        return safe_id([*json_pointer.split(self.pointer), self.label])

    def matches(self, value: Any) -> bool:
        """True if a value at `pointer` is at the same boundary."""
        return self.condition.matches(value)


class _Boundary(NamedTuple):
    """The value of an edge at its location, with the keywords that may set the boundary.

    Attributes:
        condition: the values that are at the same boundary.
        bounds: keywords whose value is a number: the one with the value `bound` sets the boundary.
        bound: that number; None for the tightest of these keywords.
        others: the keywords that set it if none of `bounds` does, by preference.
    """

    label: str
    value: Any
    condition: Condition
    sentence: str
    bounds: tuple[str, ...] = ()
    bound: int | None = None
    others: tuple[str, ...] = ()


def enumerate_edges(validators: Validators, builder: Builder) -> tuple[Edge, ...]:
    """Every labelled edge of a schema, in the schema's order; no validator rejects any of them.

    Args:
        validators: the validators of the schema.
        builder: the construction of its values.
    """
    baseline = Baseline.full(validators, builder)
    edges: dict[str, Edge] = {}
    for pointer, node in baseline.nodes.items():
        for boundary, assertion in _boundaries(node, json_pointer.resolve(baseline.instance, pointer), builder):
            keyword = None if assertion is None else assertion.keyword
            summary = f"{json_pointer.display(pointer)}: {boundary.sentence}" + (f" [{keyword}]" if keyword else "")
            limit = None if assertion is None else assertion.value
            edge = Edge(
                instance=None,
                pointer=pointer,
                label=boundary.label,
                keyword=keyword,
                limit=limit,
                summary=summary,
                condition=boundary.condition,
            )
            key = edge.id.casefold()
            if key not in edges and baseline.is_accepted(pointer, boundary.value):
                edges[key] = baseline.put_into(edge, pointer, boundary.value)
                if len(edges) >= MAX_EDGES:
                    return tuple(edges.values())
    return tuple(edges.values())


def _boundaries(node: Node, value: Any, builder: Builder) -> Iterator[tuple[_Boundary, Assertion | None]]:
    """Each edge of a node, whose value in the baseline is `value`, with the assertion that sets its boundary."""
    for expanded in node.expanded:
        assertions = [*node.assertions, *_assertions_of(expanded)]
        for boundary in _branch_boundaries(expanded.branch, value, builder):
            yield boundary, _deciding(boundary, assertions)
    for label, example in builder.examples(node):
        noun = "the default" if label == "default" else "an example of the schema"
        yield _Boundary(label, example, EqualTo(example), f"{quote(example)} is {noun}"), None


def _assertions_of(expanded: ExpandedBranch) -> list[Assertion]:
    """The assertions of the schemas that all values of a branch satisfy, in a fixed order."""
    schemas = frozenset.intersection(*expanded.satisfied) if expanded.satisfied else frozenset()
    return [
        Assertion(keyword, value, schema.at(keyword))
        for schema in sorted(schemas, key=lambda each: (each.uri, each.pointer))
        for keyword, value in schema.keywords.items()
        if keyword in schema.dialect.labels
    ]


def _deciding(boundary: _Boundary, assertions: list[Assertion]) -> Assertion | None:
    """The assertion that sets a boundary."""
    bounds = [each for each in assertions if each.keyword in boundary.bounds and not isinstance(each.value, bool)]
    if boundary.bound is not None:
        bounds = [each for each in bounds if each.value == boundary.bound]
    elif bounds:
        is_minimum = boundary.bounds == _LOWER_BOUNDS
        tightest = (max if is_minimum else min)(each.value for each in bounds)
        # Of equal ones the exclusive bound is tighter.
        bounds = sorted((each for each in bounds if each.value == tightest), key=lambda each: each.keyword)
    found = (each for keyword in boundary.others for each in assertions if each.keyword == keyword)
    return next(iter(bounds), None) or next(found, None)


def _branch_boundaries(branch: Branch, value: Any, builder: Builder) -> Iterator[_Boundary]:
    match branch:
        case Constants(values):
            for index, constant in enumerate(values):
                sentence = f"{quote(constant)} is one of the allowed values"
                yield _Boundary(
                    f"constant-{index}", constant, EqualTo(constant), sentence, others=("const", "enum", "type")
                )
        case Numbers():
            yield from _number_edges(branch)
        case Strings():
            yield from _string_edges(branch)
        case Arrays():
            yield from _array_edges(branch, builder)
        case Objects() if isinstance(value, dict):
            yield from _object_edges(branch, value)


_LOWER_BOUNDS = ("minimum", "exclusiveMinimum")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum")


def _number_edges(branch: Numbers) -> Iterator[_Boundary]:
    low, high = branch.least_integer, branch.greatest_integer
    for label, number, sentence, bounds in (
        ("least", low, "is the least integer allowed", _LOWER_BOUNDS),
        ("least-plus-1", None if low is None else low + 1, "is one more than the least integer allowed", _LOWER_BOUNDS),
        (
            "greatest-minus-1",
            None if high is None else high - 1,
            "is one less than the greatest integer allowed",
            _UPPER_BOUNDS,
        ),
        ("greatest", high, "is the greatest integer allowed", _UPPER_BOUNDS),
    ):
        if number is not None and branch.admits(number):
            yield _Boundary(label, number, EqualTo(number), f"{number} {sentence}", bounds)


_OTHER_LENGTHS = ("pattern", "format")
"""The keywords that may bound a length, if no length does."""


def _string_edges(branch: Strings) -> Iterator[_Boundary]:
    language = branch.language
    shortest, longest = language.shortest or 0, language.longest
    sentence = f"{_count(shortest, 'character')} is the minimum length"
    condition = TextLength(shortest)
    limits: tuple[tuple[str, ...], int, tuple[str, ...]] = (("minLength",), shortest, _OTHER_LENGTHS)
    yield _Boundary("shortest", language.construct(shortest), condition, sentence, *limits)
    if longest is None or longest > MAX_EDGE_LENGTH:
        return
    limits = (("maxLength",), longest, _OTHER_LENGTHS)
    sentence = f"{_count(longest, 'character')} is the maximum length"
    yield _Boundary("longest", language.construct(longest, "Session1"), TextLength(longest), sentence, *limits)
    if longest > MAX_VARIED_LENGTH:
        return
    if language.has_length(longest - 1):
        text = language.construct(longest - 1, "Session1")
        shorter = f"{_count(longest - 1, 'character')} is one less than the maximum length"
        yield _Boundary("longest-minus-1", text, TextLength(longest - 1), shorter, *limits)
    astral = language.construct(longest, "\U0001f600" * 4)
    if any(ord(char) > 0xFFFF for char in astral):
        sentence = f"{sentence}, with characters of four bytes in UTF-8"
        yield _Boundary("longest-astral", astral, TextLength(longest, has_astral=True), sentence, *limits)


def _array_edges(branch: Arrays, builder: Builder) -> Iterator[_Boundary]:
    fewest = f"{_count(branch.min_items, 'item')} is the minimum"
    if branch.items.min_depth is None:
        if not branch.min_items:
            yield _Boundary("fewest-items", [], ItemCount(0), fewest, ("minItems",), 0)
        return
    item = plain_value(builder, branch.items)
    if not branch.is_unique or branch.min_items < 2:
        items = _repeated(item, branch.min_items, branch, builder)
        fewest_count = ItemCount(branch.min_items)
        yield _Boundary("fewest-items", items, fewest_count, fewest, ("minItems", "minContains"), branch.min_items)
    one, two = (_repeated(item, size, branch, builder) for size in (1, 2))
    yield _Boundary("one-item", one, ItemCount(1), "the array has 1 item")
    if not branch.is_unique:
        yield _Boundary("repeated-items", two, DuplicateItems(), "the array has 2 equal items")
        maximum = branch.max_items if branch.max_items is not None else branch.min_items + 16
        if maximum <= max(MAX_COUNT, branch.min_items):
            is_limit = branch.max_items is not None
            most = f"{_count(maximum, 'item')} is the maximum" if is_limit else f"the array has {maximum} items"
            most_count = ItemCount(maximum, or_more=not is_limit)
            items = _repeated(item, maximum, branch, builder)
            yield _Boundary("most-items", items, most_count, most, ("maxItems",), maximum)


def _repeated(item: Any, size: int, branch: Arrays, builder: Builder) -> list[Any]:
    """An array that repeats one item; a small item if this one, or the array, is large."""
    characters = instances.size(item)
    if characters > MAX_ITEM_CHARACTERS or size * characters > MAX_CHARACTERS:
        item = builder.small_construction(branch.items)(RandomChoices(random.Random(0)), branch.items.min_depth or 0)
    return [item] * size


def _object_edges(branch: Objects, value: dict[str, Any]) -> Iterator[_Boundary]:
    required = {name: member for name, member in value.items() if name in branch.required}
    names, needed = frozenset(branch.properties), frozenset(required)
    yield _Boundary("all-members", value, Members(present=names & value.keys()), "each listed property is present")
    sentence = "only required properties are present" if branch.required else "no property is present"
    yield _Boundary("required-members-only", required, Members(allowed=needed), sentence, others=("required",))
    for name in branch.optional:
        if name in value:
            without = {other: member for other, member in value.items() if other != name}
            yield _Boundary(f"without-{name}", without, Members(absent=frozenset([name])), f"{quote(name)} is absent")
            only = {other: value[other] for other in value if other in required or other == name}
            sentence = f"{quote(name)} is the only optional property that is present"
            yield _Boundary(f"only-{name}", only, Members(present=frozenset([name]), allowed=needed | {name}), sentence)
    if branch.additional.branches:
        unlisted = next(name for name in map("unknown{}".format, ("", *range(2, len(names) + 3))) if name not in names)
        unknown = {**value, unlisted: None}
        sentence = "a property that the schema does not list is present"
        yield _Boundary("unknown-member", unknown, UnlistedMember(names), sentence, others=("additionalProperties",))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
