"""Declared locations: each property, item, branch of a union and enumeration member of a schema.

A location is reached if a value contains it: the property or item is present, the branch is satisfied, the value is the
member. Subschemas of `not`, `if` and `propertyNames` are not declared locations, and neither is a `false` schema.
"""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import key
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Branch,
    Constants,
    ExpandedBranch,
    Node,
    Objects,
    PropertyFamily,
    branch_depth,
)
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators

Part = str | int | PropertyFamily
"""A part of a branch's values: a property, an item, or a property of a family."""


class Location(NamedTuple):
    """A declared location.

    Attributes:
        schema: its subschema; for a member of an enumeration the schema that has the enumeration.
        member: the key of the member's value, in a tuple; None for a subschema.
    """

    schema: Subschema
    member: tuple[Any] | None = None

    @staticmethod
    def of_member(schema: Subschema, value: Any) -> Location:
        """The member of an enumeration that equals a value."""
        return Location(schema, (key(value),))


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared location with the keyword that declares it.

    Attributes:
        location: the location.
        schema_pointer: the pointer of the subschema or of the enumeration's member.
        keyword: the keyword.
        path: its location in an instance, with ``*`` for items and properties that no schema lists.
        parent: the schema that has the keyword.
        subkey: the name or index under the keyword.
    """

    location: Location
    schema_pointer: str
    keyword: str
    path: str
    parent: Subschema
    subkey: str | int | None


class Locations:
    """The declared locations of a schema, and those that the nodes of its normal form reach.

    Args:
        root_requirement: the requirement on the whole instance.
        root: the node of the whole instance.
        validators: the validators, for the values of enumerations.
    """

    def __init__(self, root_requirement: Requirement, root: Node, validators: Validators) -> None:
        self._schema = root_requirement.schema
        self._root = root
        self._validators = validators

    def shown(self, instance: Any, part: Subschema | None = None) -> Iterator[Location]:
        """The locations that an instance contains, by the evaluation of jsonschema-rs."""
        for schema, pointer in self._validators.satisfied(instance, part):
            yield Location(schema)
            if not schema.dialect.enumerating.isdisjoint(schema.keywords):
                yield Location.of_member(schema, json_pointer.resolve(instance, pointer))

    def is_reported(self, location: Location) -> bool:
        """True if the evaluation reports the location: jsonschema-rs does not evaluate each schema that is `true`."""
        return location.schema.value is not True and self._validators.reports_each_subschema

    def declarations(self) -> Iterator[Declaration]:
        """Every declared location once, outer locations first."""
        yield from self._declarations(None)

    def unreached(self, reached: Container[Location]) -> Iterator[Declaration]:
        """The outermost declared locations that are not among the reached ones."""
        yield from self._declarations(reached)

    def _declarations(self, reached: Container[Location] | None) -> Iterator[Declaration]:
        """The declared locations; with `reached`, the others, and only below reached ones."""
        seen = {self._schema}
        queue = [(self._schema, "")]
        for schema, path in queue:
            for declaration in _members(schema, path):
                if reached is None or declaration.location not in reached:
                    yield declaration
            for declaration, is_declared in _children(schema, path):
                child = declaration.location.schema
                if child in seen or is_forbidden(child):
                    continue
                seen.add(child)
                is_wanted = reached is None or declaration.location not in reached
                if is_declared and is_wanted:
                    yield declaration
                # One of the targets of a `$dynamicRef` may be in no dynamic scope.
                if reached is None or not is_wanted:
                    queue.append((child, declaration.path))

    @functools.cached_property
    def reached(self) -> frozenset[Location]:
        """The declared locations that a value of the nodes contains."""
        found: set[Location] = set()
        seen = {self._root}
        stack = [self._root]
        while stack:
            node = stack.pop()
            for expanded in node.expanded:
                if branch_depth(expanded.branch) is None:
                    continue
                for _, locations in self.located(node, expanded, found):
                    found.update(locations)
                for _, child in parts(expanded.branch):
                    if child not in seen:
                        seen.add(child)
                        stack.append(child)
        return frozenset(found)

    def located(
        self, node: Node, expanded: ExpandedBranch, known: Container[Location]
    ) -> Iterator[tuple[int | None, list[Location]]]:
        """The locations that a branch reaches, each with the index of its constant; known ones may be left out."""
        branch, satisfied, has_open_choices = expanded
        if not isinstance(branch, Constants):
            yield None, [Location(schema) for schema in self._applied(node, satisfied[0])]
            return
        for index, value in enumerate(branch.values):
            for schema in self._applied(node, satisfied[index if len(satisfied) > 1 else 0]):
                found = [Location(schema)]
                if not schema.dialect.enumerating.isdisjoint(schema.keywords):
                    found.append(Location.of_member(schema, value))
                if not all(each in known for each in found) and self._satisfies(schema, value):
                    yield index, found
            if has_open_choices or (isinstance(value, dict | list) and value):
                for requirement in node.requirements:
                    if requirement.must_hold and not requirement.schema.is_dynamically_scoped:
                        yield index, list(self._shown_by_constant(value, requirement.schema))

    def _shown_by_constant(self, value: Any, schema: Subschema) -> Iterator[Location]:
        """The locations that a constant contains; jsonschema-rs does not report each schema that is `true`."""
        for location in self.shown(value, schema):
            yield location
            for declaration, _ in _children(location.schema, "") if isinstance(value, dict | list) else ():
                is_single = declaration.subkey is None and not location.schema.dialect[declaration.keyword].is_in_place
                if declaration.location.schema.value is True and is_single:
                    yield declaration.location

    def _applied(self, node: Node, satisfied: frozenset[Subschema]) -> set[Subschema]:
        """The satisfied schemas, without those that only a violated one, or a condition, applies to the value."""
        applied = {each.schema for each in node.requirements if each.must_hold}
        others = satisfied - applied
        while fresh := {schema for schema in others if not applied.isdisjoint(self._appliers.get(schema, ()))}:
            applied |= fresh
            others -= fresh
        return applied

    @functools.cached_property
    def _appliers(self) -> dict[Subschema, list[Subschema]]:
        """For each schema those that apply it to the same value."""
        appliers: dict[Subschema, list[Subschema]] = {}
        seen = {self._schema}
        stack = [self._schema]
        while stack:
            schema = stack.pop()
            for declaration, _ in _children(schema, ""):
                child = declaration.location.schema
                if schema.dialect[declaration.keyword].is_in_place:
                    appliers.setdefault(child, []).append(schema)
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
        return appliers

    def _satisfies(self, schema: Subschema, value: Any) -> bool:
        """True if a constant satisfies a schema of its clause: other constraints of a clause are not applied to it."""
        if value is None or isinstance(value, bool):
            return True
        checked = schema.dialect.not_applied_to_enum
        return checked.isdisjoint(schema.keywords) or self._validators.is_part_valid(schema, value)


def is_forbidden(schema: Subschema) -> bool:
    """True for a `false` schema and one that forbids its value, and if one refers to them or has one in its `allOf`."""
    seen = {schema}
    stack = [schema]
    while stack:
        current = stack.pop()
        if current.value is False or any(current.keywords.get(name) is True for name in current.dialect.forbidding):
            return True
        following = [] if current.dynamic_refs else [target for _, target in current.references]
        following += [child for keyword in current.dialect.unconditional for _, child in current.subschemas(keyword)]
        stack += [each for each in following if each not in seen]
        seen.update(following)
    return False


def parts(branch: Branch) -> Iterator[tuple[Part, Node]]:
    """The parts that a value of a branch can have, each with its node."""
    if isinstance(branch, Arrays):
        yield from _items(branch)
    elif isinstance(branch, Objects):
        yield from _properties(branch)


def _items(branch: Arrays) -> Iterator[tuple[Part, Node]]:
    for index in range(len(branch.prefix) + 1):
        node = branch.at(index)
        if (branch.max_items is not None and index >= branch.max_items) or not node.is_satisfiable:
            return
        yield index, node


def _properties(branch: Objects) -> Iterator[tuple[Part, Node]]:
    maximum = branch.max_properties
    required = frozenset(branch.required)
    for name, node in branch.properties.items():
        present = required.union([name], branch.dependent_required.get(name, ()))
        has_room = maximum is None or len(present) <= maximum
        if has_room and all(
            other in branch.properties and branch.properties[other].is_satisfiable for other in present
        ):
            yield name, node
    for family in branch.families:
        if family.node.is_satisfiable and (maximum is None or len(required) < maximum):
            yield family, family.node


# Declarations --------------------------------------------------------------------------------------------------------


def _members(schema: Subschema, path: str) -> Iterator[Declaration]:
    """The members of the enumeration of a schema."""
    for keyword in schema.dialect.enumerating:
        for index, value in enumerate(schema.keywords.get(keyword, ())):
            pointer = json_pointer.join([keyword, index], base=schema.pointer)
            yield Declaration(Location.of_member(schema, value), pointer, keyword, path, schema, index)


def _children(schema: Subschema, path: str) -> Iterable[tuple[Declaration, bool]]:
    """The schemas that a schema applies to its value and to the parts of it; True for those that are declared."""
    for keyword, target in schema.references:
        yield Declaration(Location(target), target.pointer, keyword, path, schema, None), False
    for keyword in schema.children:
        facts = schema.dialect[keyword]
        if facts.discards_annotations or facts.never_fails or facts.is_applied_to_names:
            continue
        if facts.evaluated_by is not None and facts.evaluated_by not in schema.keywords:
            continue
        is_declared = not (facts.is_in_place and facts.is_independent)
        for subkey, child in schema.subschemas(keyword):
            inner = _inner_path(facts, subkey, path)
            yield Declaration(Location(child), child.pointer, keyword, inner, schema, subkey), is_declared


def _inner_path(facts: KeywordFacts, subkey: str | int | None, path: str) -> str:
    if facts.is_in_place:
        return path
    return json_pointer.join([subkey if facts.names_part and subkey is not None else "*"], base=path)
