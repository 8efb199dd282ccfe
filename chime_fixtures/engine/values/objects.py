"""Construction of objects: the choice of the properties that are present, then each property's value."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

from chime_fixtures.engine.normal_form.nodes import Node, Objects, PropertyFamily
from chime_fixtures.engine.values.arrays import MAX_RECURSIVE_CHILDREN
from chime_fixtures.engine.values.choices import Choices, Construct
from chime_fixtures.engine.values.relations import RelatedProperties
from chime_fixtures.engine.values.scalars import strings
from chime_fixtures.engine.values.size_limit import MIN_MEASURED_PARTS, SizeLimit

MAX_EXTRA_PROPERTIES = 3
"""Added properties that the schema does not list."""

MAX_UNIFORM_PROPERTIES = 4
"""Up to this number of optional properties every combination of them is equally likely."""

MAX_ISOLATED_PROPERTIES = 32
"""Up to this number of optional properties each one is sometimes the only one present, or the only one absent."""

_DRAWS_PER_COMBINATION = 4
"""Draws of each combination for one draw with an additional property."""

_THRESHOLDS = (13, 10, 7, 4, 2, 1)
"""Densities of an object: the minimum choice in 0..15 by which a property is present.

Zero always means absent, so that properties disappear as their choices shrink.
"""

_PRESENT, _ABSENT = 15, 0
"""Choices with the same result at every density; fixed ones shrink as if each had been drawn."""

_MAX_TRIES_FOR_NAME = 15

Compile = Callable[[Node], Construct]
_Property = tuple[str | None, Construct, int]
"""The name of a property, None for an additional one; the construction and the minimum depth of its value."""

_Selection = Callable[[Choices], Iterator[_Property]]
"""Draws and yields the properties that are present, in their order."""


def objects(branch: Objects, construction: Compile, small_construction: Compile) -> Construct:
    """The construction of the objects of a branch.

    Args:
        branch: the branch.
        construction: returns the construction of a node's values.
        small_construction: returns the construction of a node's small values, for large objects.
    """
    construct = _independent(branch, construction, small_construction)
    relations = RelatedProperties(branch.properties)
    if not relations:
        return construct

    def construct_related(choices: Choices, depth_budget: int) -> dict[str, Any]:
        value: dict[str, Any] = construct(choices, depth_budget)
        relations.relate(value, choices)
        return value

    return construct_related


def _independent(branch: Objects, construction: Compile, small_construction: Compile) -> Construct:
    """The construction of objects whose properties have no relation."""
    additional = next(
        (family.node for family in branch.families if family.names is None and family.node.is_satisfiable), None
    )
    plain_objects = _plain_objects(branch, construction, additional)
    families = [family for family in branch.families if family.node.is_satisfiable]
    is_map = not any(node.is_satisfiable for node in branch.properties.values())
    has_bounds = branch.min_properties or branch.max_properties is not None or branch.dependent_required
    if not has_bounds and not (families and (is_map or any(family.names is not None for family in families))):
        return plain_objects
    return _constrained_objects(branch, construction, small_construction, plain_objects, families)


# The choice of optional properties -----------------------------------------------------------------------------------


def _selection(properties: Sequence[_Property], extra: _Property | None) -> _Selection:
    """The choice of some optional properties; the extra one is rare, and last.

    Each choice is drawn just before the property that it decides on, so that both shrink away together.
    """
    if len(properties) <= MAX_UNIFORM_PROPERTIES:
        return _uniform_selection(properties, extra)
    return _selection_by_density(properties, extra)


def _uniform_selection(properties: Sequence[_Property], extra: _Property | None) -> _Selection:
    combinations = 2 ** len(properties)
    last = combinations - 1 if extra is None else combinations * _DRAWS_PER_COMBINATION

    def select(choices: Choices) -> Iterator[_Property]:
        mask = choices.integer(0, last)
        for index, each in enumerate(properties):
            if mask >> index & 1 or (mask == last and extra is not None):
                yield each
        if mask == last and extra is not None:
            yield extra

    return select


def _selection_by_density(properties: Sequence[_Property], extra: _Property | None) -> _Selection:
    isolated = range(len(properties) if len(properties) <= MAX_ISOLATED_PROPERTIES else 0)
    repeats = len(isolated) * 3 // len(_THRESHOLDS) + 1
    # Each entry is a threshold, and the choices of all properties if they are fixed.
    densities: list[tuple[int, list[int] | None]] = [(each, None) for each in _THRESHOLDS for _ in range(repeats)]
    present, absent = [_PRESENT] * len(properties), [_ABSENT] * len(properties)
    lowest = _THRESHOLDS[-1]
    densities += [(lowest, present)] * repeats
    densities += [(lowest, [*present[:index], _ABSENT, *present[index + 1 :]]) for index in isolated]
    densities += [(lowest, [*absent[:index], _PRESENT, *absent[index + 1 :]]) for index in isolated]
    without_extra = len(densities)
    if extra is not None:
        densities += [(_THRESHOLDS[3], None)] * (len(densities) // 8 + 1)
    last = len(densities) - 1

    def select(choices: Choices) -> Iterator[_Property]:
        density = choices.integer(0, last)
        threshold, fixed = densities[density]
        for index, each in enumerate(properties):
            low, high = (0, 15) if fixed is None else (fixed[index], fixed[index])
            if choices.integer(low, high) >= threshold:
                yield each
        if density >= without_extra and extra is not None:
            yield extra

    return select


# Construction --------------------------------------------------------------------------------------------------------


def _plain_objects(branch: Objects, construction: Compile, additional: Node | None) -> Construct:
    """Objects of the properties that the schema lists, and rarely an additional one."""
    required = [(name, construction(branch.properties[name])) for name in branch.required]
    optional: list[_Property] = [
        (name, construction(branch.properties[name]), branch.properties[name].min_depth or 0)
        for name in branch.optional
    ]
    order = list(branch.properties)
    recursive = frozenset(name for name in branch.optional if branch.properties[name].is_recursive)
    is_ordered = not required or not optional
    extra: _Property | None = None
    if additional is not None and optional and not recursive:
        # A later version of a service may add properties to its responses.
        extra = (None, construction(additional), additional.min_depth or 0)
    select = _selection(optional, extra) if optional else None

    def construct(choices: Choices, depth_budget: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        # A comprehension would take another of Python's frames for each level of the value.
        for each, construct_required in required:
            value[each] = construct_required(choices, depth_budget - 1)
        if select is None:
            return value
        recursive_budget = MAX_RECURSIVE_CHILDREN
        for name, build, min_depth in select(choices):
            if min_depth >= depth_budget or (name in recursive and not recursive_budget):
                continue
            if name is not None:
                recursive_budget -= name in recursive
                value[name] = build(choices, depth_budget - 1)
            else:
                extra_name = choices.text(8) or "unknown"
                if extra_name not in branch.properties:
                    value[extra_name] = build(choices, max(min_depth, 1))
        return value if is_ordered else {name: value[name] for name in (*order, *value) if name in value}

    return construct


def _constrained_objects(
    branch: Objects,
    construction: Compile,
    small_construction: Compile,
    plain_objects: Construct,
    families: list[PropertyFamily],
) -> Construct:
    """Objects with additional or pattern properties, dependent properties, or bounds on the number of properties."""
    listed = {name: construction(node) for name, node in branch.properties.items() if node.is_satisfiable}
    min_depths = {name: node.min_depth or 0 for name, node in branch.properties.items()}
    extra = [
        (_names(family), construction(family.node), small_construction(family.node), family.node.min_depth or 0)
        for family in families
    ]
    is_recursive = any(family.node.is_recursive for family in families)
    max_extra = MAX_RECURSIVE_CHILDREN if is_recursive else MAX_EXTRA_PROPERTIES
    maximum = branch.max_properties

    def add_dependents(value: dict[str, Any], name: str, choices: Choices, depth_budget: int) -> None:
        for other in branch.dependent_required.get(name, ()):
            if other not in value and other in listed:
                value[other] = listed[other](choices, depth_budget - 1)

    def construct(choices: Choices, depth_budget: int) -> dict[str, Any]:
        value: dict[str, Any] = plain_objects(choices, depth_budget)
        for name in list(value):
            add_dependents(value, name, choices, depth_budget)
        if maximum is not None:
            _remove_optional(value, branch, maximum)
        limit = SizeLimit(branch.min_properties)
        candidates = [(names, build) for names, build, _, min_depth in extra if min_depth < depth_budget]
        small_candidates = [(names, build) for names, _, build, min_depth in extra if min_depth < depth_budget]
        count = choices.integer(0, max_extra) if candidates else 0
        if maximum is not None:
            count = min(count, maximum - len(value))
        for _ in range(count):
            _add_extra(value, branch, candidates, choices, depth_budget)
        if len(value) < branch.min_properties:
            for name, build in listed.items():
                if len(value) < branch.min_properties and name not in value and min_depths[name] < depth_budget:
                    value[name] = build(choices, depth_budget - 1)
                    add_dependents(value, name, choices, depth_budget)
        for _ in range(4 * (branch.min_properties - len(value))):
            if len(value) < branch.min_properties and candidates:
                following = small_candidates if limit.is_exceeded else candidates
                limit.counted(_add_extra(value, branch, following, choices, depth_budget))
        if len(value) < branch.min_properties:
            build_node = construction if branch.min_properties < MIN_MEASURED_PARTS else small_construction
            _fill(value, branch, families, build_node, choices, depth_budget)
        return value

    return construct


def insert_property(
    value: dict[str, Any],
    part: str | PropertyFamily,
    child: Any,
    branch: Objects,
    construction: Compile,
    choices: Choices,
    depth_budget: int,
) -> None:
    """Place a property in an object of a branch, with the properties that it requires; others may make room for it."""
    name = part if isinstance(part, str) else _free_name(part, value, branch, choices)
    value[name] = child
    dependents = branch.dependent_required.get(name, ())
    for other in dependents:
        if other not in value:
            value[other] = construction(branch.properties[other])(choices, depth_budget - 1)
    if branch.max_properties is not None:
        _remove_optional(value, branch, branch.max_properties, kept={name, *dependents})
    ordered = {each: value[each] for each in (*branch.properties, *value) if each in value}
    value.clear()
    value.update(ordered)


def _free_name(family: PropertyFamily, value: dict[str, Any], branch: Objects, choices: Choices) -> str:
    """A name of a family; one that the object has already if no other is found."""
    names = _names(family)
    name = names(choices)
    for _ in range(_MAX_TRIES_FOR_NAME):
        if name not in branch.properties:
            return name
        name = names(choices)
    texts = family.names.strings() if family.names is not None else map("{:d}".format, itertools.count())
    return next((text for text in texts if text not in branch.properties), name)


def _remove_optional(value: dict[str, Any], branch: Objects, maximum: int, *, kept: Container[str] = ()) -> None:
    """Remove optional properties, last ones first, until `maximum` is reached."""
    for name in reversed(list(value)):
        if len(value) <= maximum:
            return
        is_dependent = any(name in branch.dependent_required.get(other, ()) for other in value)
        if name not in branch.required and name not in kept and not is_dependent:
            del value[name]


def _fill(
    value: dict[str, Any],
    branch: Objects,
    families: list[PropertyFamily],
    construction: Compile,
    choices: Choices,
    depth_budget: int,
) -> None:
    """Add properties of the first free names until there are enough, since few names are left to be drawn by chance."""
    for family in families:
        names = family.names.strings() if family.names is not None else map("{:d}".format, itertools.count())
        for name in names if (family.node.min_depth or 0) < depth_budget else ():
            if len(value) >= branch.min_properties:
                return
            if name not in value and name not in branch.properties:
                value[name] = construction(family.node)(choices, depth_budget - 1)


def _add_extra(
    value: dict[str, Any],
    branch: Objects,
    families: list[tuple[Callable[[Choices], str], Construct]],
    choices: Choices,
    depth_budget: int,
) -> Any:
    """Add a property of one of the families, if a free name is found; return its value."""
    names, build = families[choices.integer(0, len(families) - 1)]
    name = names(choices)
    for _ in range(_MAX_TRIES_FOR_NAME):
        if name not in value and name not in branch.properties:
            break
        name = names(choices)
    if name not in value and name not in branch.properties:
        value[name] = build(choices, depth_budget - 1)
    return value.get(name)


def _names(family: PropertyFamily) -> Callable[[Choices], str]:
    if family.names is None:
        return lambda choices: choices.text(8) or "unknown"
    construct = strings(family.names)
    return lambda choices: construct(choices, 0)
