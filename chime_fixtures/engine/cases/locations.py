"""The locations of instances, each with tables of its cases: a value is looked up, not compared with each case."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

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
from chime_fixtures.engine.cases.number_matchers import NumberMatcher
from chime_fixtures.engine.cases.text_matchers import MAX_KNOWN_TEXT_LENGTH, TextCases, text_lookup
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects, Strings
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition, NumberHazard, TextHazard
from chime_fixtures.engine.values.related_members import RELATED_MEMBERS, RELATED_TYPES, Labels, Pairs, Related
from chime_fixtures.engine.values.relations import RelationHazard, RelationKind
from chime_fixtures.engine.values.structure_hazards import UnknownMemberHazard, UnlikeItemsHazard

MAX_KNOWN_INTEGERS = 512
"""Integers of one location whose cases are remembered."""

MAX_KNOWN_ARRAYS = 512
"""Arrays of short strings of one location whose cases are remembered."""

MAX_KNOWN_ITEMS = 8
"""Items of such an array, and properties of an object of short strings."""

MAX_KNOWN_OBJECTS = 512
"""Sets of names, in their order, and objects of short strings of one location that are remembered."""

MAX_KNOWN_RELATIONS = 64
"""Sets of relations of two members whose positions are remembered."""

JSON_TYPES = {str: STRING, dict: OBJECT, list: ARRAY, int: NUMBER, float: NUMBER, bool: BOOLEAN, type(None): NULL}


class Case(NamedTuple):
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


class Source(NamedTuple):
    """A location of the baseline, for which a location of instances stands."""

    pointer: str
    node: Node


class _Pair:
    """Two members of an object that may have relations.

    Attributes:
        relations: the position of each relation by its label.
        has_texts: True if both are always strings, False if not, None if this was not required so far.
        by_labels: the positions of several relations by their labels, which are remembered.
    """

    def __init__(self, kind: RelationKind) -> None:
        self.kind = kind
        self.relations: dict[str, int] = {}
        self.has_texts: bool | None = None
        self.by_labels = BoundedMemo(self._positions, MAX_KNOWN_RELATIONS)

    def _positions(self, labels: Labels) -> list[int]:
        return [self.relations[label] for label in labels if label in self.relations]


_ByLabels = Mapping[Labels, Sequence[int]]
_Relations = tuple[Callable[[Mapping[str, Any], Pairs[_ByLabels]], Related[_ByLabels]], Pairs[_ByLabels]]


class _Plan(NamedTuple):
    """The facts that the names of the members of an object decide.

    Attributes:
        positions: the cases that the names alone decide.
        locations: the location of each member; None if it has no cases.
        relations: the pairs of members that may have relations, and the function that returns those which have.
        others: the cases that the values decide, too.
    """

    positions: list[int]
    locations: list[Location | None]
    relations: list[_Relations]
    others: list[Case]


def _checked(kind: RelationKind) -> Callable[[Mapping[str, Any], Pairs[_ByLabels]], Related[_ByLabels]]:
    """The function that returns the related members of which each has a type that may have relations."""
    types, related_members = RELATED_TYPES[kind], RELATED_MEMBERS[kind]

    def related(value: Mapping[str, Any], pairs: Pairs[_ByLabels]) -> Related[_ByLabels]:
        fitting = [each for each in pairs if isinstance(value[each[0]], types) and isinstance(value[each[1]], types)]
        return related_members(value, fitting)

    return related


class _ShortObjects:
    """The positions of the cases of objects whose members are short strings, by these: such objects come again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], list[int]] = {}

    def get(self, value: dict[str, Any]) -> list[int] | None:
        """The positions of the cases of an object and its members; None if they are not remembered."""
        try:
            return self._known.get((*value, *value.values()))
        except TypeError:
            # A member is an array or an object.
            return None

    def remember(self, value: dict[str, Any], positions: list[int]) -> None:
        """Remember the positions of an object if its members are short strings."""
        if all(type(each) is str and len(each) <= MAX_KNOWN_TEXT_LENGTH for each in value.values()):
            if len(self._known) >= MAX_KNOWN_OBJECTS:
                self._known.clear()
            self._known[(*value, *value.values())] = positions


class LocationTree(Protocol):
    """The locations of the cases of a contract.

    Attributes:
        cases: the cases of each location of the baseline.
        indices: the indices of the items with cases, by the pointer of each location that has cases there or below.
    """

    cases: dict[str, list[Case]]
    indices: dict[str, list[int]]

    def location(self, parts: Iterable[tuple[str, Node]]) -> Location | None:
        """The location of some parts of the baseline, the same object each time; None if they have no cases."""
        ...


class Location:
    """A location of instances: tables of the cases there, and the locations below it."""

    def __init__(self, tree: LocationTree, sources: list[Source]) -> None:
        self._tree = tree
        self._sources = sources
        # The locations below are built when they are first reached.
        objects = [branch for each in sources if (branch := each.node.branch(Objects)) is not None]
        self.unknown = {name for branch in objects for name in branch.properties}
        self.properties: dict[str, Location | None] = {}
        self.items: list[Location | None] = []
        # The facts of objects by their names, and the cases of integers; other numbers may equal one.
        self.plans = BoundedMemo(self._plan, MAX_KNOWN_OBJECTS)
        self.short_objects = _ShortObjects() if objects and all(map(_has_short_members, objects)) else None
        self.integers = BoundedMemo(self._of_integer, MAX_KNOWN_INTEGERS)
        self._by_count = BoundedMemo(self._of_count, MAX_KNOWN_ARRAYS)
        self._known_arrays: dict[tuple[str, ...], list[int]] = {}

        self._constants: dict[Any, list[int]] = {}
        self._counted: list[tuple[int, ItemCount]] = []
        self._of_several: list[Case] = []
        self._absences: list[tuple[str, int]] = []
        self._limited: list[Case] = []
        self._max_members = -1
        self._complete: list[Case] = []
        self._unlisted: list[Case] = []
        self._listed: frozenset[str] = frozenset()
        self._others: dict[str, list[Case]] = {json_type: [] for json_type in instances.TYPES}
        texts = TextCases()
        numbers: list[tuple[int, NumberHazard]] = []
        self._pairs: dict[tuple[str, str], _Pair] = {}
        for source in sources:
            for case in tree.cases.get(source.pointer, ()):
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
        self.of_text = text_lookup(texts)
        self._number = NumberMatcher(numbers)

    def _add(self, case: Case) -> None:
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

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        value = dict.fromkeys(names)
        positions = [position for name, position in self._absences if name not in value]
        positions += [case.position for case in self._complete if case.matches(value)]
        if len(value) <= self._max_members:
            positions += [case.position for case in self._limited if case.matches(value)]
        if not self.unknown.isdisjoint(value):
            self._reach(value)
        others = [*self._others[OBJECT]]
        if not value.keys() <= self._listed:
            others += self._unlisted
        return _Plan(positions, [*map(self.properties.get, value)], self._relations(value), others)

    def _relations(self, names: Container[str]) -> list[_Relations]:
        pairs: dict[tuple[RelationKind, bool], list[tuple[str, str, _ByLabels]]] = {}
        for (first, second), pair in self._pairs.items():
            if first in names and second in names:
                if pair.has_texts is None:
                    pair.has_texts = self._has_texts(first) and self._has_texts(second)
                pairs.setdefault((pair.kind, pair.has_texts), []).append((first, second, pair.by_labels))
        return [
            (RELATED_MEMBERS[kind] if has_texts else _checked(kind), group)
            for (kind, has_texts), group in pairs.items()
        ]

    def _has_texts(self, name: str) -> bool:
        """True if a property is a string whenever the instance is valid."""
        nodes = [
            branch.properties.get(name) if isinstance(branch, Objects) else None
            for source in self._sources
            for branch in source.node.branches
        ]
        return all(node is not None and all(isinstance(each, Strings) for each in node.branches) for node in nodes)

    def of_texts(self, value: list[Any]) -> list[int] | None:
        """The positions of the cases that an array of strings and its items realise; None for another or a long one."""
        if not value or len(value) > MAX_KNOWN_ITEMS or type(value[0]) is not str:
            return None
        try:
            known = self._known_arrays.get((*value,))
        except TypeError:
            # An item is an array or an object.
            return None
        if known is None and all(type(item) is str and len(item) <= MAX_KNOWN_TEXT_LENGTH for item in value):
            known = self.of_array(value)
            for inner, item in zip(self.item_locations(len(value)), value, strict=True):
                known += () if inner is None else inner.of_text(item)
            if len(self._known_arrays) >= MAX_KNOWN_ARRAYS:
                self._known_arrays = {}
            known = self._known_arrays[(*value,)] = [*{*known}]
        return known

    def _of_count(self, count: int) -> tuple[list[int], list[Case]]:
        """The cases that the number of items decides, and those that the items decide, too."""
        positions = [
            position
            for position, condition in self._counted
            if count == condition.count or (condition.or_more and count > condition.count)
        ]
        return positions, [*(self._of_several if count > 1 else ()), *self._others[ARRAY]]

    def of_array(self, value: list[Any]) -> list[int]:
        """The positions of the cases that an array realises."""
        positions, others = self._by_count[len(value)]
        found = positions.copy()
        for case in others:
            if case.matches(value):
                found.append(case.position)
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
            self.properties[name] = self._tree.location(parts)
            self.unknown.discard(name)

    def item_locations(self, count: int) -> Iterable[Location | None]:
        """The location of each item of an array of a length."""
        first = self.items or self._first_items()
        return first[:count] if count <= len(first) else [*first, *itertools.repeat(first[-1], count - len(first))]

    def _first_items(self) -> list[Location | None]:
        """The locations of the first items, of which the last one stands for all further items."""
        arrays = [(each, branch) for each in self._sources if (branch := each.node.branch(Arrays)) is not None]
        indices = self._tree.indices
        last = max((max([_positional(branch), *indices[source.pointer]]) for source, branch in arrays), default=0)
        self.items = [
            self._tree.location(
                (f"{source.pointer}/{listed}", branch.at(listed))
                for source, branch in arrays
                for listed in _listed(indices[source.pointer], _positional(branch), index)
            )
            for index in range(last + 1)
        ]
        return self.items


def _has_short_members(branch: Objects) -> bool:
    """True if the listed properties are strings that are short enough to be remembered."""
    return 0 < len(branch.properties) <= MAX_KNOWN_ITEMS and all(
        isinstance(each, Strings) and (each.language.longest or math.inf) <= MAX_KNOWN_TEXT_LENGTH
        for node in branch.properties.values()
        for each in node.branches
    )


def _listed(indices: list[int], positional: int, index: int) -> list[int]:
    """The indices with cases for which an index stands: itself, or those of the first items of its schema."""
    return [each for each in indices if positional <= each <= index] or [index]


def _positional(branch: Arrays) -> int:
    """The number of first items that have a schema by their index."""
    return len(branch.prefix) if branch.ordered is None else branch.ordered
