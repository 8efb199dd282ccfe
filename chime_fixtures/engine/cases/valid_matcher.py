"""The edges and hazards of a contract that a valid instance realises.

The locations of the cases form a tree, whose parts are built when an instance first reaches them. Each location has
tables of its conditions, so that a value is looked up and not compared with each of them. An item realises the cases of
the first item of its schema, and a further one those of the second item, too. A level of a recursive schema without
cases of its own has those of the outermost level.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.conditions import (
    Condition,
    EqualTo,
    ItemCount,
    Members,
    TextLength,
    UnlistedMember,
)
from chime_fixtures.engine.cases.edges import Edge
from chime_fixtures.engine.cases.hazards import Hazard
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.language_set import LanguageSet
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition, TextHazard
from chime_fixtures.engine.values.relations import Relation, RelationHazard
from chime_fixtures.engine.values.structure_hazards import UnknownMemberHazard

MAX_KNOWN_VALUES = 512
"""Strings and integers of one location whose cases are remembered."""

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
            parts: Iterable[tuple[_Location | None, Any]] = ()
            if json_type is OBJECT:
                found += location.of_object(value)
                if not location.unknown.isdisjoint(value):
                    location.reach(value)
                properties = location.properties
                parts = [(properties.get(name), member) for name, member in value.items()]
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
        # The cases of strings and integers; other numbers may equal an integer.
        self.known: dict[str | int, tuple[int, ...]] = {}

        self._constants: dict[Any, list[int]] = {}
        self._lengths: dict[int, list[int]] = {}
        self._counts: dict[int, list[int]] = {}
        self._absences: list[tuple[str, int]] = []
        self._limited: list[_Case] = []
        self._max_members = -1
        self._pairs: dict[tuple[str, str], list[tuple[int, Relation]]] = {}
        self._unlisted: list[_Case] = []
        self._listed: frozenset[str] = frozenset()
        self._predicates: list[tuple[int, Callable[[str], bool]]] = []
        self._text_hazards: list[tuple[int, TextHazard]] = []
        self._others: dict[str, list[_Case]] = {json_type: [] for json_type in instances.TYPES}
        for source in sources:
            for case in matcher.cases.get(source.pointer, ()):
                self._add(case)
        patterns = tuple(hazard.pattern for _, hazard in self._text_hazards)
        self._languages = _language_set(patterns) if patterns else None

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
            case UnlistedMember() | UnknownMemberHazard():
                listed = case.condition.listed
                self._listed = self._listed & listed if self._unlisted else listed
                self._unlisted.append(case)
            case RelationHazard(first, second):
                self._pairs.setdefault((first, second), []).append((case.position, case.condition.relation))
            case TextHazard(predicate=None):
                self._text_hazards.append((case.position, case.condition))
            case TextHazard(predicate=predicate) if predicate is not None:
                self._predicates.append((case.position, predicate))
            case _:
                self._others[case.json_type].append(case)

    # Cases -----------------------------------------------------------------------------------------------------------

    def of_scalar(self, json_type: str, value: Any) -> tuple[int, ...]:
        """The positions of the cases that a string, a number, a boolean or null realises."""
        found = self._of_text(value) if json_type is STRING else [*self._constants.get(instances.key(value), ())]
        if others := self._others[json_type]:
            found += [position for position, _, _, matches in others if matches(value)]
        positions = tuple(found)
        if type(value) is int or (type(value) is str and len(value) <= MAX_KNOWN_TEXT_LENGTH):
            if len(self.known) >= MAX_KNOWN_VALUES:
                self.known = {}
            self.known[value] = positions
        return positions

    def _of_text(self, text: str) -> list[int]:
        found = [position for position, predicate in self._predicates if predicate(text)]
        if self._languages is not None:
            found += self._hazards_of(text, self._languages)
        if (positions := self._lengths.get(len(text))) is not None:
            found += positions
        if (positions := self._constants.get(text)) is not None:
            found += positions
        return found

    def _hazards_of(self, text: str, languages: LanguageSet) -> list[int]:
        try:
            indices = languages.containing(text)
        except ValueError:
            # A lone surrogate, which jsonschema-rs accepts where no constraint is.
            return [position for position, hazard in self._text_hazards if hazard.matches(text)]
        return [self._text_hazards[index][0] for index in indices]

    def of_object(self, value: dict[str, Any]) -> list[int]:
        """The positions of the cases that an object realises."""
        found = [position for name, position in self._absences if name not in value]
        if self._unlisted and not value.keys() <= self._listed:
            found += [case.position for case in self._unlisted if case.matches(value)]
        if len(value) <= self._max_members:
            found += [case.position for case in self._limited if case.matches(value)]
        for (first, second), relations in self._pairs.items():
            if first in value and second in value:
                found += _relations_of(value[first], value[second], relations)
        found += [position for position, _, _, matches in self._others[OBJECT] if matches(value)]
        return found

    def of_array(self, value: list[Any]) -> list[int]:
        """The positions of the cases that an array realises."""
        found = [position for position, _, _, matches in self._others[ARRAY] if matches(value)]
        found += self._counts.get(len(value), ())
        return found

    # Locations below -------------------------------------------------------------------------------------------------

    def reach(self, names: Iterable[str]) -> None:
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


def _relations_of(first: Any, second: Any, relations: list[tuple[int, Relation]]) -> list[int]:
    """The positions of the relations that two values have; all compare the same parts of them."""
    read = relations[0][1].read
    one, other = read(first), read(second)
    if one is None or other is None:
        return []
    return [position for position, relation in relations if relation.test(one, other)]


@functools.lru_cache(maxsize=256)
def _language_set(patterns: tuple[str, ...]) -> LanguageSet:
    """The languages of some patterns; the locations of equal hazards share them."""
    return LanguageSet([Language.from_pattern(pattern) for pattern in patterns])


def _positional(branch: Arrays) -> int:
    """The number of first items that have a schema by their index."""
    return len(branch.prefix) if branch.ordered is None else branch.ordered
