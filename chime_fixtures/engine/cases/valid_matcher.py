"""The edges and hazards of a contract that a valid instance realises.

The locations of the cases form a tree, whose parts are built when an instance first reaches them. Each location has
tables of its conditions, so that a value is looked up and not compared with each of them. An item realises the cases of
the first item of its schema, and a further one those of the second item, too. A level of a recursive schema without
cases of its own has those of the outermost level.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.conditions import Condition, EqualTo, ItemCount, Members, TextLength
from chime_fixtures.engine.cases.edges import Edge
from chime_fixtures.engine.cases.hazards import Hazard
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition

MAX_KNOWN_TEXTS = 512
"""Strings of one location whose cases are remembered."""

MAX_KNOWN_TEXT_LENGTH = 128
"""Characters of a string whose cases are remembered."""

_JSON_TYPES = {str: STRING, dict: OBJECT, list: ARRAY, int: NUMBER, float: NUMBER, bool: BOOLEAN, type(None): NULL}

_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    STRING: str.__str__,
    OBJECT: dict,
    ARRAY: list,
    NUMBER: lambda number: int(number) if isinstance(number, int) else float(number),
}
"""The plain value of a value whose type is a subclass, as a member of an enumeration of Python."""


class _Case(NamedTuple):
    """A case, by its position in the sets.

    Attributes:
        json_type: the JSON type of the values that realise it.
        condition: the values that realise it.
        matches: returns True for one of them.
    """

    position: int
    json_type: str
    condition: Condition | HazardDefinition
    matches: Callable[[Any], bool]


class _Source(NamedTuple):
    """A location of the baseline, for which a location of instances stands."""

    pointer: str
    node: Node


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
        self.cases: dict[str, list[_Case]] = {}
        for position, edge in enumerate(edges):
            self._add(position, edge, edge.condition)
        for position, hazard in enumerate(hazards, len(edges)):
            self._add(position, hazard, hazard.definition)
        self.indices = _indices(self.cases)
        self._outermost: dict[Node, str] = {}
        for pointer, node in _nodes(root, self.indices):
            self._outermost.setdefault(node, pointer)
        self._lock = threading.RLock()
        self._locations: dict[tuple[str, ...], _Location] = {}
        self._root = _Location(self, [_Source("", root)])

    def _add(self, position: int, case: Edge | Hazard, condition: Condition | HazardDefinition) -> None:
        json_type = instances.json_type(json_pointer.resolve(case.instance, case.pointer))
        self.cases.setdefault(case.pointer, []).append(_Case(position, json_type, condition, condition.matches))

    def ids(self, instance: Any) -> tuple[str, ...]:
        """The ids of the cases that a valid instance realises, in the order of the sets."""
        found: list[int] = []
        stack: list[tuple[_Location, Any]] = [(self._root, instance)]
        while stack:
            location, value = stack.pop()
            json_type = _JSON_TYPES.get(type(value))
            if json_type is STRING:
                known = location.texts.get(value)
                found += location.of_text(value) if known is None else known
            elif json_type is OBJECT:
                found += location.of_object(value)
                properties = location.properties
                for name, member in value.items():
                    inner = properties.get(name)
                    if inner is None and name in location.unknown:
                        inner = location.property(name)
                    if inner is not None:
                        stack.append((inner, member))
            elif json_type is ARRAY:
                found += location.of_array(value)
                items = location.items or location.first_items()
                last = len(items) - 1
                for index, item in enumerate(value):
                    inner = items[index] if index < last else items[last]
                    if inner is not None:
                        stack.append((inner, item))
            elif json_type is not None:
                found += location.of_scalar(json_type, value)
            else:
                stack.append((location, _CONVERSIONS[instances.json_type(value)](value)))
        ids = self._ids
        return tuple([ids[position] for position in sorted(set(found))])

    def location(self, parts: Iterable[tuple[str, Node]]) -> _Location | None:
        """The location of some parts of the baseline, the same object each time; None if they have no cases."""
        sources = [source for pointer, node in parts if (source := self._source(pointer, node)) is not None]
        if not sources:
            return None
        key = tuple(source.pointer for source in sources)
        with self._lock:
            location = self._locations.get(key)
            if location is None:
                location = self._locations[key] = _Location(self, sources)
            return location

    def _source(self, pointer: str, node: Node) -> _Source | None:
        """A part itself, or the outermost one of its node if a recursive schema has it at a deeper level."""
        if pointer in self.indices:
            return _Source(pointer, node)
        outermost = self._outermost.get(node)
        return None if outermost is None or not node.is_recursive else _Source(outermost, node)


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


class _Location:
    """A location of instances: tables of the cases there, and the locations below it."""

    def __init__(self, matcher: ValidMatcher, sources: list[_Source]) -> None:
        self._matcher = matcher
        self._sources = sources
        # The locations below are built when they are first reached.
        objects = [branch for each in sources if (branch := each.node.branch(Objects)) is not None]
        self.unknown = {name for branch in objects for name in branch.properties}
        self.properties: dict[str, _Location | None] = {}
        self.items: list[_Location | None] = []
        self.texts: dict[str, list[int]] = {}

        self._constants: dict[Any, list[int]] = {}
        self._lengths: dict[int, list[int]] = {}
        self._counts: dict[int, list[int]] = {}
        self._absences: list[tuple[str, int]] = []
        self._limited: list[_Case] = []
        self._max_members = -1
        self._others: dict[str, list[_Case]] = {json_type: [] for json_type in instances.TYPES}
        for source in sources:
            for case in matcher.cases.get(source.pointer, ()):
                self._add(case)

    def _add(self, case: _Case) -> None:
        match case.condition:
            case EqualTo(value) if case.json_type not in {ARRAY, OBJECT}:
                self._constants.setdefault(instances.key(value), []).append(case.position)
            case TextLength(length, has_astral=False):
                self._lengths.setdefault(length, []).append(case.position)
            case ItemCount(count, or_more=False):
                self._counts.setdefault(count, []).append(case.position)
            case Members(present, absent, None) if not present and len(absent) == 1:
                self._absences += [(name, case.position) for name in absent]
            case Members(_, _, allowed) if allowed is not None:
                self._limited.append(case)
                self._max_members = max(self._max_members, len(allowed))
            case _:
                self._others[case.json_type].append(case)

    # Cases -----------------------------------------------------------------------------------------------------------

    def of_text(self, text: str) -> list[int]:
        """The positions of the cases that a string realises."""
        found = [position for position, _, _, matches in self._others[STRING] if matches(text)]
        found += self._lengths.get(len(text), ())
        found += self._constants.get(text, ())
        if len(text) <= MAX_KNOWN_TEXT_LENGTH:
            if len(self.texts) >= MAX_KNOWN_TEXTS:
                self.texts = {}
            self.texts[text] = found
        return found

    def of_object(self, value: dict[str, Any]) -> list[int]:
        """The positions of the cases that an object realises."""
        found = [position for name, position in self._absences if name not in value]
        if len(value) <= self._max_members:
            found += [case.position for case in self._limited if case.matches(value)]
        found += [position for position, _, _, matches in self._others[OBJECT] if matches(value)]
        return found

    def of_array(self, value: list[Any]) -> list[int]:
        """The positions of the cases that an array realises."""
        found = [position for position, _, _, matches in self._others[ARRAY] if matches(value)]
        found += self._counts.get(len(value), ())
        return found

    def of_scalar(self, json_type: str, value: float | bool | None) -> list[int]:
        """The positions of the cases that a number, a boolean or null realises."""
        found = [position for position, _, _, matches in self._others[json_type] if matches(value)]
        found += self._constants.get(instances.key(value), ())
        return found

    # Locations below -------------------------------------------------------------------------------------------------

    def property(self, name: str) -> _Location | None:
        """The location of a property that the schema lists; None if it has no cases."""
        parts = [
            (json_pointer.join([name], base=source.pointer), branch.properties[name])
            for source in self._sources
            if (branch := source.node.branch(Objects)) is not None and name in branch.properties
        ]
        location = self.properties[name] = self._matcher.location(parts)
        self.unknown.discard(name)
        return location

    def first_items(self) -> list[_Location | None]:
        """The locations of the first items, of which the last one stands for all further items."""
        arrays = [(each, branch) for each in self._sources if (branch := each.node.branch(Arrays)) is not None]
        indices = self._matcher.indices
        last = max((max([_positional(branch), *indices[source.pointer]]) for source, branch in arrays), default=0)
        self.items = [
            self._matcher.location(
                (f"{source.pointer}/{listed}", branch.at(listed))
                for source, branch in arrays
                for listed in _listed(indices[source.pointer], _positional(branch), index)
            )
            for index in range(last + 1)
        ]
        return self.items


def _listed(indices: list[int], positional: int, index: int) -> list[int]:
    """The indices with cases for which an index stands: itself, or those of the first items of its schema."""
    return [each for each in indices if positional <= each <= index] or [index]


def _positional(branch: Arrays) -> int:
    """The number of first items that have a schema by their index."""
    return len(branch.prefix) if branch.ordered is None else branch.ordered
