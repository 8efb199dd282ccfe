"""The edges and hazards of a contract that a valid instance realises.

The locations of the cases form a tree, whose parts are built when an instance first reaches them. Each location has
tables of its conditions, so that a value is looked up and not compared with each of them. An item realises the cases of
the first item of its schema, and a further one those of the second item, too. A level of a recursive schema without
cases of its own has those of the outermost level.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.bounded_memo import BoundedMemo
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
from chime_fixtures.engine.cases.number_matchers import NumberMatcher
from chime_fixtures.engine.cases.text_matchers import MAX_KNOWN_TEXT_LENGTH, TextCases, TextMatcher
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition, NumberHazard, TextHazard
from chime_fixtures.engine.values.relations import RELATED_MEMBERS, Labels, Pairs, Related, RelationHazard, RelationKind
from chime_fixtures.engine.values.structure_hazards import UnknownMemberHazard, UnlikeItemsHazard

MAX_KNOWN_INTEGERS = 512
"""Integers of one location whose cases are remembered."""

MAX_KNOWN_ARRAYS = 512
"""Arrays of short strings of one location whose cases are remembered."""

MAX_KNOWN_ITEMS = 8
"""Items of such an array."""

MAX_KNOWN_OBJECTS = 512
"""Sets of names, in their order, of the objects of one location whose cases are remembered."""

MAX_KNOWN_RELATIONS = 64
"""Sets of relations of two members whose positions are remembered."""

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

    def ids(self, instance: Any) -> tuple[str, ...]:  # noqa: PLR0912  # a call for each value would double the time
        """The ids of the cases that a valid instance realises, in the order of the sets."""
        found: list[int] = []
        queue: list[tuple[_Location, Any]] = [(self._root, instance)]
        for location, value in queue:
            python_type = type(value)
            parts: Iterable[tuple[_Location | None, Any]] = ()
            if python_type is dict:
                positions, locations, relations, others = location.members[tuple(value)]
                found += positions
                for related_members, pairs in relations:
                    for by_labels, labels in related_members(value, pairs):
                        found += by_labels[labels]
                for case in others:
                    if case.matches(value):
                        found.append(case.position)
                parts = zip(locations, value.values())  # noqa: B905  # of equal length; the check takes time
            elif python_type is list:
                if (known_positions := location.of_texts(value)) is not None:
                    found += known_positions
                else:
                    found += location.of_array(value)
                    parts = zip(location.item_locations(len(value)), value)  # noqa: B905  # of equal length
            elif (json_type := _JSON_TYPES.get(python_type)) is not None:
                found += location.of_scalar(json_type, value)
            else:
                queue.append((location, _CONVERSIONS[instances.json_type(value)](value)))
            for inner, part in parts:
                if inner is not None:
                    # Most parts are strings and integers.
                    python_type = type(part)
                    if python_type is str:
                        found += inner.known_texts.get(part) or inner.of_text(part)
                    elif python_type is int:
                        found += inner.integers[part]
                    else:
                        queue.append((inner, part))
        ordered = sorted({*found})
        return itemgetter(*ordered)(self._ids) if len(ordered) > 1 else tuple([self._ids[each] for each in ordered])

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


class _Pair:
    """Two members of an object that may have relations.

    Attributes:
        relations: the position of each relation by its label.
        by_labels: the positions of several relations by their labels, which are remembered.
    """

    def __init__(self, kind: RelationKind) -> None:
        self.kind = kind
        self.relations: dict[str, int] = {}
        self.by_labels = BoundedMemo(self._positions, MAX_KNOWN_RELATIONS)

    def _positions(self, labels: Labels) -> list[int]:
        return [self.relations[label] for label in labels if label in self.relations]


_ByLabels = Mapping[Labels, Sequence[int]]
_Relations = tuple[Callable[[Mapping[str, Any], Pairs[_ByLabels]], Related[_ByLabels]], Pairs[_ByLabels]]


class _Members(NamedTuple):
    """The facts that the names of the members of an object decide.

    Attributes:
        positions: the cases that the names alone decide.
        locations: the location of each member; None if it has no cases.
        relations: the pairs of members that may have relations, and the function that returns those which have.
        others: the cases that the values decide, too.
    """

    positions: list[int]
    locations: list[_Location | None]
    relations: list[_Relations]
    others: list[_Case]


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
        # The facts of objects by their names, and the cases of integers; other numbers may equal one.
        self.members = BoundedMemo(self._members_of, MAX_KNOWN_OBJECTS)
        self.integers = BoundedMemo(self._of_integer, MAX_KNOWN_INTEGERS)
        self._by_count = BoundedMemo(self._of_count, MAX_KNOWN_ARRAYS)
        self._known_texts: dict[tuple[str, ...], list[int]] = {}

        self._constants: dict[Any, list[int]] = {}
        self._counted: list[tuple[int, ItemCount]] = []
        self._of_several: list[_Case] = []
        self._absences: list[tuple[str, int]] = []
        self._limited: list[_Case] = []
        self._max_members = -1
        self._complete: list[_Case] = []
        self._unlisted: list[_Case] = []
        self._listed: frozenset[str] = frozenset()
        self._others: dict[str, list[_Case]] = {json_type: [] for json_type in instances.TYPES}
        texts = TextCases()
        numbers: list[tuple[int, NumberHazard]] = []
        self._pairs: dict[tuple[str, str], _Pair] = {}
        for source in sources:
            for case in matcher.cases.get(source.pointer, ()):
                match case.condition:
                    case TextLength(length, has_astral):
                        condition = case.matches if has_astral else None
                        texts.lengths.setdefault(length, []).append((case.position, condition))
                    case TextHazard():
                        texts.hazards.append((case.position, case.condition))
                    case NumberHazard():
                        numbers.append((case.position, case.condition))
                    case RelationHazard(first, second):
                        pair = self._pairs.setdefault((first, second), _Pair(case.condition.kind))
                        pair.relations[case.condition.name] = case.position
                    case _:
                        self._add(case)
        texts.constants.update(self._constants)
        texts.others.extend((case.position, case.matches) for case in self._others[STRING])
        text_matcher = TextMatcher(texts)
        self.known_texts, self.of_text = text_matcher.known, text_matcher.positions
        self._number = NumberMatcher(numbers)

    def _add(self, case: _Case) -> None:
        match case.condition:
            case EqualTo(value) if case.json_type not in {ARRAY, OBJECT}:
                self._constants.setdefault(instances.key(value), []).append(case.position)
            case ItemCount():
                self._counted.append((case.position, case.condition))
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

    def of_scalar(self, json_type: str, value: Any) -> Sequence[int]:
        """The positions of the cases that a string, a number, a boolean or null realises."""
        if json_type is STRING:
            return self.of_text(value)
        found = self._number.positions(value) if json_type is NUMBER else []
        if self._constants and (positions := self._constants.get(instances.key(value))) is not None:
            found += positions
        if others := self._others[json_type]:
            found += [position for position, _, _, matches in others if matches(value)]
        return found

    def _of_integer(self, value: int) -> Sequence[int]:
        return self.of_scalar(NUMBER, value)

    def _members_of(self, names: tuple[str, ...]) -> _Members:
        value = dict.fromkeys(names)
        positions = [position for name, position in self._absences if name not in value]
        positions += [case.position for case in self._complete if case.matches(value)]
        if len(value) <= self._max_members:
            positions += [case.position for case in self._limited if case.matches(value)]
        if not self.unknown.isdisjoint(value):
            self._reach(value)
        pairs: dict[RelationKind, list[tuple[str, str, _ByLabels]]] = {}
        for (first, second), pair in self._pairs.items():
            if first in value and second in value:
                pairs.setdefault(pair.kind, []).append((first, second, pair.by_labels))
        relations: list[_Relations] = [(RELATED_MEMBERS[kind], group) for kind, group in pairs.items()]
        unlisted = self._unlisted if self._unlisted and not value.keys() <= self._listed else []
        return _Members(positions, [*map(self.properties.get, value)], relations, [*unlisted, *self._others[OBJECT]])

    def of_texts(self, value: list[Any]) -> Sequence[int] | None:
        """The positions of the cases that an array of strings and its items realise; None for another or a long one."""
        if not value or len(value) > MAX_KNOWN_ITEMS or type(value[0]) is not str:
            return None
        try:
            known = self._known_texts.get((*value,))
        except TypeError:
            # An item is an array or an object.
            return None
        if known is None and all(type(item) is str and len(item) <= MAX_KNOWN_TEXT_LENGTH for item in value):
            known = self.of_array(value)
            for inner, item in zip(self.item_locations(len(value)), value, strict=True):
                known += () if inner is None else inner.of_text(item)
            if len(self._known_texts) >= MAX_KNOWN_ARRAYS:
                self._known_texts = {}
            self._known_texts[(*value,)] = known
        return known

    def _of_count(self, count: int) -> list[int]:
        """The cases that the number of items decides."""
        return [
            position
            for position, condition in self._counted
            if count == condition.count or (condition.or_more and count > condition.count)
        ]

    def of_array(self, value: list[Any]) -> list[int]:
        """The positions of the cases that an array realises."""
        found = self._by_count[len(value)].copy()
        for case in self._of_several:
            if case.matches(value):
                found.append(case.position)
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
