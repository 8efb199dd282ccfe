"""The construction of objects: which members are there first, then each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chime_fixtures.engine.normal_form.nodes import Node, Objects, PropertyFamily
from chime_fixtures.engine.values.arrays import FEW
from chime_fixtures.engine.values.choices import Choices, Construct
from chime_fixtures.engine.values.presence import presence
from chime_fixtures.engine.values.scalars import strings

FREE_MEMBERS = 3
"""How many members at most are added that no schema names."""

Of = Callable[[Node], Construct]
_Part = tuple[str | None, Construct, int]
"""The name of a member, or None for one that no schema names; its construction; its height."""


def members(shape: Objects, of: Of) -> Construct:
    """The construction of the objects of a shape."""
    unknown = next(
        (family.node for family in shape.families if family.names is None and family.node.is_satisfiable), None
    )
    declared = _declared(shape, of, unknown)
    families = [family for family in shape.families if family.node.is_satisfiable]
    is_map = not any(node.is_satisfiable for node in shape.properties.values())
    bounds = shape.min_properties or shape.max_properties is not None or shape.dependent_required
    if not bounds and not (families and (is_map or any(family.names is not None for family in families))):
        return declared
    return _general(shape, of, declared, families)


def _declared(shape: Objects, of: Of, unknown: Node | None) -> Construct:
    """The members that the schema names, and now and then one that it does not."""
    required = [(name, of(shape.properties[name])) for name in shape.required]
    optional: list[_Part] = [
        (name, of(shape.properties[name]), shape.properties[name].min_depth or 0) for name in shape.optional
    ]
    order = list(shape.properties)
    recursive = frozenset(name for name in shape.optional if shape.properties[name].is_recursive)
    is_ordered = not required or not optional
    # What answers may grow.
    extra = (None, of(unknown), unknown.min_depth or 0) if unknown is not None and optional and not recursive else None
    chosen = presence(optional, extra) if optional else None

    def build(source: Choices, room: int) -> dict[str, Any]:
        value = {name: made(source, room - 1) for name, made in required}
        if chosen is None:
            return value
        spare = FEW
        for name, made, height in chosen(source):
            if height >= room or (name in recursive and not spare):
                continue
            if name is not None:
                spare -= name in recursive
                value[name] = made(source, room - 1)
            else:
                unknown_name = source.text(8) or "unknown"
                if unknown_name not in shape.properties:
                    value[unknown_name] = made(source, 1)
        return value if is_ordered else {name: value[name] for name in (*order, *value) if name in value}

    return build


def _general(shape: Objects, of: Of, declared: Construct, families: list[PropertyFamily]) -> Construct:
    """With members that no schema names, members that bring others, and bounds on how many there are."""
    named = {name: of(node) for name, node in shape.properties.items() if node.is_satisfiable}
    heights = {name: node.min_depth or 0 for name, node in shape.properties.items()}
    extra = [(_names(family), of(family.node), family.node.min_depth or 0) for family in families]
    free = FEW if any(family.node.is_recursive for family in families) else FREE_MEMBERS
    most = shape.max_properties

    def bring(value: dict[str, Any], name: str, source: Choices, room: int) -> None:
        for other in shape.dependent_required.get(name, ()):
            if other not in value and other in named:
                value[other] = named[other](source, room - 1)

    def build(source: Choices, room: int) -> dict[str, Any]:
        value: dict[str, Any] = declared(source, room)
        for name in list(value):
            bring(value, name, source, room)
        if most is not None:
            _drop(value, shape, most)
        fitting = [(names, made) for names, made, height in extra if height < room]
        wanted = source.integer(0, free) if fitting else 0
        if most is not None:
            wanted = min(wanted, most - len(value))
        for _ in range(wanted):
            _add(value, shape, fitting, source, room)
        if len(value) < shape.min_properties:
            for name, made in named.items():
                if len(value) < shape.min_properties and name not in value and heights[name] < room:
                    value[name] = made(source, room - 1)
                    bring(value, name, source, room)
        for _ in range(4 * (shape.min_properties - len(value))):
            if len(value) < shape.min_properties and fitting:
                _add(value, shape, fitting, source, room)
        return value

    return build


def _drop(value: dict[str, Any], shape: Objects, most: int) -> None:
    """Take optional members away, the last ones first, until there are few enough."""
    for name in reversed(list(value)):
        if len(value) <= most:
            return
        is_brought = any(name in shape.dependent_required.get(other, ()) for other in value)
        if name not in shape.required and not is_brought:
            del value[name]


def _add(
    value: dict[str, Any],
    shape: Objects,
    families: list[tuple[Callable[[Choices], str], Construct]],
    source: Choices,
    room: int,
) -> None:
    names, made = families[source.integer(0, len(families) - 1)]
    name = names(source)
    for number in range(2, 32):
        if name not in value and name not in shape.properties:
            break
        name = names(source) if number % 2 else name
    if name not in value and name not in shape.properties:
        value[name] = made(source, room - 1)


def _names(family: PropertyFamily) -> Callable[[Choices], str]:
    if family.names is None:
        return lambda source: source.text(8) or "unknown"
    made = strings(family.names)
    return lambda source: made(source, 0)
