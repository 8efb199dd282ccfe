"""The edges and hazards of a contract that a valid instance realises.

The locations of the cases form a tree, whose parts are built when an instance first reaches them. Each location has
tables of its conditions, so that a value is looked up and not compared with each of them. An item realises the cases of
the first item of its schema, and a further one those of the second item, too. A level of a recursive schema without
cases of its own has those of the outermost level.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.conditions import (
    Condition,
    DuplicateItems,
    EqualTo,
    ItemCount,
    Members,
    TextLength,
    UnlistedMember,
)
from chime_fixtures.engine.cases.edges import Edge
from chime_fixtures.engine.cases.hazards import Hazard
from chime_fixtures.engine.cases.scalar_matchers import NumberMatcher, TextMatcher
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition, NumberHazard, TextHazard
from chime_fixtures.engine.values.relations import KNOWN_RELATIONS, RelationHazard
from chime_fixtures.engine.values.structure_hazards import UnknownMemberHazard, UnlikeItemsHazard

MAX_KNOWN_VALUES = 512
"""Strings and integers of one location whose cases are remembered."""

MAX_KNOWN_TEXT_LENGTH = 16
"""Characters of a string whose cases are remembered; longer ones, as identifiers and times, seldom come again."""

MAX_KNOWN_OBJECTS = 512
"""Sets of names, in their order, of the objects of one location whose cases are remembered."""

MAX_KNOWN_MEMBERS = 64
"""Members of an object whose names are remembered."""

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
            parts: Iterable[tuple[_Location | None, Any]] = ()
            if json_type is OBJECT:
                members = location.known_members.get(tuple(value)) or location.members(value)
                found += members.positions
                if members.is_variable:
                    found += location.of_object(value, members)
                parts = zip(members.locations, value.values(), strict=True)
            elif json_type is ARRAY:
                found += location.of_array(value)
                parts = zip(location.item_locations(len(value)), value, strict=True)
            elif json_type is not None:
                found += location.of_scalar(json_type, value)
            else:
                stack.append((location, _CONVERSIONS[instances.json_type(value)](value)))
            for inner, part in parts:
                if inner is None:
                    continue
                # Most parts are strings and integers, and many of them were seen before.
                python_type = type(part)
                if python_type is str or python_type is int:
                    known = inner.known.get(part)
                    found += inner.of_scalar(_JSON_TYPES[python_type], part) if known is None else known
                else:
                    stack.append((inner, part))
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


class _Pair(NamedTuple):
    """Two members of an object that may have relations.

    Attributes:
        known: returns the labels of the relations of two values, or None if they are not known so far.
        read: returns the part of a value that relations compare; None for a value without relations.
        relations: by label the position of each relation, and its predicate on two such parts.
    """

    first: str
    second: str
    known: Callable[[Any, Any], tuple[str, ...] | None]
    read: Callable[[Any], Any]
    relations: dict[str, tuple[int, Callable[[Any, Any], bool]]]


class _Members(NamedTuple):
    """The facts that the names of the members of an object decide.

    Attributes:
        positions: the cases that the names alone decide.
        locations: the location of each member; None if it has no cases.
        pairs: the members that may have relations.
        unlisted: the cases of members that the schema does not list.
        is_variable: True if objects with these names differ in their cases.
    """

    positions: list[int]
    locations: list[_Location | None]
    pairs: list[_Pair]
    unlisted: list[_Case]
    is_variable: bool


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
        # The facts of objects by their names.
        self.known_members: dict[tuple[str, ...], _Members] = {}
        # The cases of strings and integers; other numbers may equal an integer.
        self.known: dict[str | int, tuple[int, ...]] = {}

        self._constants: dict[Any, list[int]] = {}
        self._counts: dict[int, list[int]] = {}
        self._counted: list[_Case] = []
        self._min_counted = sys.maxsize
        self._of_several: list[_Case] = []
        self._absences: list[tuple[str, int]] = []
        self._limited: list[_Case] = []
        self._max_members = -1
        self._complete: list[_Case] = []
        self._unlisted: list[_Case] = []
        self._listed: frozenset[str] = frozenset()
        self._others: dict[str, list[_Case]] = {json_type: [] for json_type in instances.TYPES}
        lengths: dict[int, list[tuple[int, Callable[[str], bool] | None]]] = {}
        texts: list[tuple[int, TextHazard]] = []
        numbers: list[tuple[int, NumberHazard]] = []
        pairs: dict[tuple[str, str], _Pair] = {}
        for source in sources:
            for case in matcher.cases.get(source.pointer, ()):
                match case.condition:
                    case TextLength(length, has_astral):
                        lengths.setdefault(length, []).append((case.position, case.matches if has_astral else None))
                    case TextHazard():
                        texts.append((case.position, case.condition))
                    case NumberHazard():
                        numbers.append((case.position, case.condition))
                    case RelationHazard(first, second, kind):
                        relation = case.condition.relation
                        pair = pairs.setdefault(
                            (first, second), _Pair(first, second, KNOWN_RELATIONS[kind], relation.read, {})
                        )
                        pair.relations[relation.label] = (case.position, relation.test)
                    case _:
                        self._add(case)
        self._pairs = [*pairs.values()]
        self._text = TextMatcher(texts, lengths)
        self._number = NumberMatcher(numbers)

    def _add(self, case: _Case) -> None:
        match case.condition:
            case EqualTo(value) if case.json_type not in {ARRAY, OBJECT}:
                self._constants.setdefault(instances.key(value), []).append(case.position)
            case ItemCount(count, or_more=False):
                self._counts.setdefault(count, []).append(case.position)
            case ItemCount(count):
                self._counted.append(case)
                self._min_counted = min(self._min_counted, count)
            case DuplicateItems() | UnlikeItemsHazard():
                self._of_several.append(case)
            case Members(present, absent, None) if not present and len(absent) == 1:
                self._absences += [(name, case.position) for name in absent]
            case Members(_, _, allowed) if allowed is not None:
                self._limited.append(case)
                self._max_members = max(self._max_members, len(allowed))
            case Members():
                self._complete.append(case)
            case UnlistedMember() | UnknownMemberHazard():
                listed = case.condition.listed
                self._listed = self._listed & listed if self._unlisted else listed
                self._unlisted.append(case)
            case _:
                self._others[case.json_type].append(case)

    # Cases -----------------------------------------------------------------------------------------------------------

    def of_scalar(self, json_type: str, value: Any) -> list[int]:
        """The positions of the cases that a string, a number, a boolean or null realises."""
        if json_type is STRING:
            found = self._text.positions(value)
        elif json_type is NUMBER:
            found = self._number.positions(value)
        else:
            found = []
        if self._constants:
            key = value if json_type is STRING else instances.key(value)
            if (positions := self._constants.get(key)) is not None:
                found += positions
        if others := self._others[json_type]:
            found += [position for position, _, _, matches in others if matches(value)]
        if type(value) is int or (type(value) is str and len(value) <= MAX_KNOWN_TEXT_LENGTH):
            if len(self.known) >= MAX_KNOWN_VALUES:
                self.known = {}
            self.known[value] = tuple(found)
        return found

    def members(self, value: dict[str, Any]) -> _Members:
        """The facts that the names of the members of an object decide."""
        found = self._members_of(value)
        if len(value) <= MAX_KNOWN_MEMBERS:
            if len(self.known_members) >= MAX_KNOWN_OBJECTS:
                self.known_members = {}
            self.known_members[tuple(value)] = found
        return found

    def _members_of(self, value: dict[str, Any]) -> _Members:
        positions = [position for name, position in self._absences if name not in value]
        positions += [case.position for case in self._complete if case.matches(value)]
        if len(value) <= self._max_members:
            positions += [case.position for case in self._limited if case.matches(value)]
        if not self.unknown.isdisjoint(value):
            self._reach(value)
        pairs = [pair for pair in self._pairs if pair.first in value and pair.second in value]
        unlisted = self._unlisted if self._unlisted and not value.keys() <= self._listed else []
        is_variable = bool(pairs or unlisted or self._others[OBJECT])
        return _Members(positions, [*map(self.properties.get, value)], pairs, unlisted, is_variable)

    def of_object(self, value: dict[str, Any], members: _Members) -> list[int]:
        """The positions of the cases that an object realises, except for those that the names of its members decide."""
        found = []
        for first, second, known, read, relations in members.pairs:
            one, other = value[first], value[second]
            labels = known(one, other)
            if labels is None:
                one, other = read(one), read(other)
                if one is not None and other is not None:
                    found += [position for position, test in relations.values() if test(one, other)]
            elif labels:
                found += [relations[label][0] for label in labels if label in relations]
        for case in (*members.unlisted, *self._others[OBJECT]):
            if case.matches(value):
                found.append(case.position)
        return found

    def of_array(self, value: list[Any]) -> list[int]:
        """The positions of the cases that an array realises."""
        found = [*self._counts.get(len(value), ())]
        if len(value) >= self._min_counted:
            found += [case.position for case in self._counted if case.matches(value)]
        if len(value) > 1:
            found += [case.position for case in self._of_several if case.matches(value)]
        if others := self._others[ARRAY]:
            found += [case.position for case in others if case.matches(value)]
        return found

    # Locations below -------------------------------------------------------------------------------------------------

    def _reach(self, names: Iterable[str]) -> None:
        """Build the locations of those properties that are reached for the first time."""
        for name in self.unknown.intersection(names):
            parts = [
                (json_pointer.join([name], base=source.pointer), branch.properties[name])
                for source in self._sources
                if (branch := source.node.branch(Objects)) is not None and name in branch.properties
            ]
            self.properties[name] = self._matcher.location(parts)
            self.unknown.discard(name)

    def item_locations(self, count: int) -> Iterable[_Location | None]:
        """The location of each item of an array of a length."""
        first = self.items or self._first_items()
        return first[:count] if count <= len(first) else [*first, *itertools.repeat(first[-1], count - len(first))]

    def _first_items(self) -> list[_Location | None]:
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
