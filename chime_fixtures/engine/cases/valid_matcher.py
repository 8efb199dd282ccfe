"""The edges and hazards of a contract that a valid instance realises.

The locations of the cases form a tree, whose parts are built when an instance first reaches them. Each location has
tables of its conditions, so that a value is looked up and not compared with each of them. An item realises the cases of
the first item of its schema, and a further one those of the second item, too. A level of a recursive schema without
cases of its own has those of the outermost level.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.conditions import Condition
from chime_fixtures.engine.cases.edges import Edge
from chime_fixtures.engine.cases.hazards import Hazard
from chime_fixtures.engine.cases.locations import JSON_TYPES, Case, Location, Source
from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition

_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    STRING: str.__str__,
    OBJECT: dict,
    ARRAY: list,
    NUMBER: lambda number: int(number) if isinstance(number, int) else float(number),
}
"""The plain value of a value whose type is a subclass, as a member of an enumeration of Python."""


_Entry = tuple[Location, Any, list[int]]
"""A location, its value, and the list for the cases that are found there."""


class ValidMatcher:
    """The edges and hazards that a valid instance realises; threads may share it.

    Args:
        root: the node of the whole instance.
        edges: the edges of the schema.
        hazards: its hazards.

    Attributes:
        cases: the cases of each location of the baseline.
        indices: the indices of the items with cases, by the pointer of each location that has cases there or below.
    """

    def __init__(self, root: Node, edges: Sequence[Edge], hazards: Sequence[Hazard]) -> None:
        self._ids = [*(edge.id for edge in edges), *(hazard.id for hazard in hazards)]
        self.cases: dict[str, list[Case]] = {}
        for position, edge in enumerate(edges):
            self._add(position, edge, edge.condition)
        for position, hazard in enumerate(hazards, len(edges)):
            self._add(position, hazard, hazard.definition)
        self.indices = _indices(self.cases)
        self._outermost: dict[Node, str] = {}
        for pointer, node in _nodes(root, self.indices):
            self._outermost.setdefault(node, pointer)
        self._has_levels = False
        self._lock = threading.RLock()
        self._locations: dict[tuple[str, ...], Location] = {}
        self._root = Location(self, [Source("", root)])

    def _add(self, position: int, case: Edge | Hazard, condition: Condition | HazardDefinition) -> None:
        json_type = instances.json_type(json_pointer.resolve(case.instance, case.pointer))
        self.cases.setdefault(case.pointer, []).append(Case(position, json_type, condition, condition.matches))

    def ids(self, instance: Any) -> tuple[str, ...]:
        """The ids of the cases that a valid instance realises, in the order of the sets."""
        found: list[int] = []
        # A case may be found several times in items of arrays and in levels of a recursive schema.
        repeated: list[int] = []
        queue: list[_Entry] = [(self._root, instance, found)]
        for location, value, into in queue:
            python_type = type(value)
            if python_type is dict:
                _match_object(location, value, into, queue)
            elif python_type is list:
                _match_array(location, value, into, queue, repeated)
            elif (json_type := JSON_TYPES.get(python_type)) is not None:
                into.extend(location.of_scalar(json_type, value))
            else:
                queue.append((location, _CONVERSIONS[instances.json_type(value)](value), into))
        if self._has_levels:
            found = [*{*found, *repeated}]
        else:
            found += {*repeated}
        found.sort()
        return operator.itemgetter(*found, found[0])(self._ids)[:-1] if found else ()

    def location(self, parts: Iterable[tuple[str, Node]]) -> Location | None:
        """The location of some parts of the baseline, the same object each time; None if they have no cases."""
        sources = [source for pointer, node in parts if (source := self._source(pointer, node)) is not None]
        if not sources:
            return None
        key = tuple(source.pointer for source in sources)
        with self._lock:
            location = self._locations.get(key)
            if location is None:
                location = self._locations[key] = Location(self, sources)
            return location

    def _source(self, pointer: str, node: Node) -> Source | None:
        """A part itself, or the outermost one of its node if a recursive schema has it at a deeper level."""
        if pointer in self.indices:
            return Source(pointer, node)
        outermost = self._outermost.get(node)
        if outermost is None or not node.is_recursive:
            return None
        self._has_levels = True
        return Source(outermost, node)


def _match_object(location: Location, value: dict[str, Any], found: list[int], queue: list[_Entry]) -> None:
    """Add the cases of an object and of its strings and integers to a list, and its other members to a queue."""
    short = location.short_objects
    if short is not None and (known := short.get(value)) is not None:
        found += known
        return
    start = len(found)
    positions, locations, relations, others = location.plans[tuple(value)]
    found += positions
    _match_children(locations, value.values(), found, queue)
    for related_members, pairs in relations:
        for by_labels, labels in related_members(value, pairs):
            found += by_labels[labels]
    for case in others:
        if case.matches(value):
            found.append(case.position)
    if short is not None:
        short.remember(value, found[start:])


def _match_array(
    location: Location, value: list[Any], found: list[int], queue: list[_Entry], repeated: list[int]
) -> None:
    """Add the cases of an array and of its strings and integers to a list, and its other items to a queue."""
    if value and type(value[0]) is str and (known := location.of_texts(value)) is not None:
        found += known
        return
    found += location.of_array(value)
    if len(value) > 1:
        found = repeated
    _match_children(location.item_locations(len(value)), value, found, queue)


def _match_children(
    locations: Iterable[Location | None], values: Iterable[Any], found: list[int], queue: list[_Entry]
) -> None:
    """Add the cases of strings and integers to a list, and other values to a queue, each with its location."""
    for location, value in zip(locations, values, strict=True):
        if location is not None:
            python_type = type(value)
            if python_type is str:
                found += location.of_text(value)
            elif python_type is int:
                found += location.integers[value]
            else:
                queue.append((location, value, found))


def _indices(pointers: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for pointer in pointers:
        inner, is_known = pointer, pointer in found
        found.setdefault(pointer, set())
        while inner and not is_known:
            outer, _, token = inner.rpartition("/")
            is_known = outer in found
            indices = found.setdefault(outer, set())
            if token.isdecimal():
                indices.add(int(token))
            inner = outer
    return {pointer: sorted(indices) for pointer, indices in found.items()}


def _nodes(root: Node, pointers: Iterable[str]) -> Iterator[tuple[str, Node]]:
    """The node of each location, outer ones first."""
    nodes = {"": root}
    yield "", root
    for pointer in sorted(filter(None, pointers), key=lambda pointer: pointer.count("/")):
        outer, _, token = pointer.rpartition("/")
        name = json_pointer.unescape(token)
        objects, arrays = nodes[outer].branch(Objects), nodes[outer].branch(Arrays)
        if objects is not None and name in objects.properties:
            nodes[pointer] = objects.properties[name]
        elif arrays is not None:
            nodes[pointer] = arrays.at(int(token))
        yield pointer, nodes[pointer]
