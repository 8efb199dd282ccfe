"""Cross-check of instances that differ from a valid one at a single location, on the smallest part that suffices.

jsonschema takes milliseconds for a whole instance. A part that the schema constrains independently of its surroundings
gets the same verdict alone, in a fraction of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, enter_scope, in_place_requirements
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.schema.cross_validator import CrossCheckErrors
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators


@dataclass(frozen=True, slots=True)
class _Part:
    """A location of the instance, and the subschemas that decide about its value alone."""

    pointer: str
    schemas: tuple[Subschema, ...]


class CrossCheck:
    """The errors that jsonschema reports for changes of one valid instance.

    Args:
        validators: the validators of the schema.
        root: the node of the instance.
        instance: an instance that jsonschema-rs accepts.
    """

    def __init__(self, validators: Validators, root: Node, instance: Any) -> None:
        self._validators = validators
        self._root = root
        self._instance = instance
        self._parts: dict[str, _Part | None] = {}

    def errors(self, changed: Any, pointer: str) -> CrossCheckErrors:
        """The errors for an instance that differs from the valid one only at `pointer`, or below it.

        They are (pointer, keyword) pairs, with pointers into the whole instance; None if jsonschema can't decide.
        """
        if pointer not in self._parts:
            self._parts[pointer] = self._smallest_part(pointer)
        part = self._parts[pointer]
        if part is None or self._is_rejected:
            return self._validators.cross_check(changed)
        errors = self._validators.cross_check_part(part.schemas, json_pointer.resolve(changed, part.pointer))
        return errors and [(part.pointer + location, keyword) for location, keyword in errors]

    @functools.cached_property
    def _is_rejected(self) -> bool:
        """True if jsonschema rejects the valid instance, so that not every error comes from the change."""
        return bool(self._validators.cross_check(self._instance))

    def _smallest_part(self, pointer: str) -> _Part | None:
        """The innermost part that contains the location and can be checked alone; None for the whole instance."""
        part = None
        for location, node in _nodes_along(self._root, self._instance, pointer):
            schemas = _local_schemas(node.requirements)
            if schemas is not None:
                part = _Part(location, schemas)
            if not _parts_are_independent(node.requirements):
                break
        return part


def _nodes_along(node: Node, value: Any, pointer: str) -> Iterator[tuple[str, Node]]:
    """Each location from the root to the pointer with its node, as far as the schema lists the properties."""
    location = ""
    yield location, node
    for token in json_pointer.split(pointer):
        child = None
        if isinstance(value, dict) and (objects := node.branch(Objects)) is not None and token in value:
            child, value = objects.properties.get(token), value[token]
        elif isinstance(value, list) and (arrays := node.branch(Arrays)) is not None and int(token) < len(value):
            child, value = arrays.at(int(token)), value[int(token)]
        if child is None or not child.is_satisfiable:
            return
        node, location = child, json_pointer.join([token], base=location)
        yield location, node


def _parts_are_independent(requirements: Conjunction) -> bool:
    """True if each part of a value meets the requirements regardless of the other parts."""
    return _violate_nothing(requirements) and all(
        each.schema.dialect.dependent.isdisjoint(each.schema.keywords) for each in in_place_requirements(requirements)
    )


def _local_schemas(requirements: Conjunction) -> tuple[Subschema, ...] | None:
    """The schemas that give a value alone the verdict that it has at its location; None if no schemas do."""
    if not _violate_nothing(requirements):
        return None
    resolved = [_without_plain_references(requirement) for requirement in requirements]
    for requirement in resolved:
        schema = requirement.schema
        is_entered = requirement.dynamic_scope == enter_scope((), schema) and schema.resource == schema.uri
        if schema.value is False or (schema.is_dynamically_scoped and not is_entered):
            return None
    return tuple(dict.fromkeys(each.schema for each in resolved if each.schema.value is not True))


def _violate_nothing(requirements: Conjunction) -> bool:
    """True if the requirements violate no keyword."""
    return all(each.must_hold and (each.path is None or each.path.keyword is None) for each in requirements)


def _without_plain_references(requirement: Requirement) -> Requirement:
    """The requirement, with a schema that contains only a reference replaced by its target."""
    while True:
        dialect = requirement.schema.dialect
        keywords = requirement.schema.keywords.keys() & dialect.supported
        if len(keywords) != 1 or dialect[next(iter(keywords))].role != "reference":
            return requirement
        requirement = requirement.to(requirement.targets[0])
