"""Every place of a full, valid instance that a schema speaks of: where edges and violations are put."""

from __future__ import annotations

import collections
import operator
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.normal_form.locality import local_schemas, parts_are_independent
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Numbers, Objects, Strings
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.values import Builder, RandomChoices


@dataclass(frozen=True, slots=True)
class LocalScope:
    """A place whose value can be judged alone, with what judges it."""

    pointer: str
    speakers: tuple[Subschema, ...]


@dataclass(frozen=True, slots=True)
class InstanceLocation:
    """One place of an instance.

    Attributes:
        node: what the value there must be.
        path: its path, with `*` for items.
        pointer: its pointer in the full instance.
        seat: the innermost place around it, or itself, that can be judged alone; None for the whole instance.
    """

    node: Node
    path: str
    pointer: str
    seat: LocalScope | None


def full_instance(builder: Builder) -> Any:
    """A valid instance with every member present that may be."""
    instance = _full(builder, builder.root, (), collections.Counter())
    if not builder.is_valid(instance):
        sized = [(len(repr(value)), value) for seed in range(8) for value in [builder.build(_source(seed))]]
        fitting = [pair for pair in sized if pair[0] <= LARGE] or [min(sized, key=operator.itemgetter(0))]
        instance = max(fitting, key=operator.itemgetter(0))[1]
    return instance


def instance_locations(root: Node, instance: Any) -> Iterator[InstanceLocation]:
    """Every place of an instance that the schema of a node speaks of; a recursive one is entered once."""
    return _places(root, "", "", instance, (), None, is_open=True)


def _source(seed: int) -> RandomChoices:
    return RandomChoices(random.Random(seed))


def node_at(root: Node, pointer: str) -> Node:
    """What the value at a place must be, as far as the first shape of each kind says."""
    node = root
    for token in json_pointer.split(pointer):
        objects, arrays = node.branch(Objects), node.branch(Arrays)
        if objects is not None and token in objects.properties:
            node = objects.properties[token]
        elif arrays is not None and token.isdigit():
            node = arrays.at(int(token))
        elif objects is not None:
            node = objects.additional
    return node


LARGE = 2**14
"""So long at most is the text of a full instance that is found by chance, where it can be."""

OFTEN = 24
"""So many times at most one node is entered, so that what refers to each other often stays small."""

MAX_FULL_VALUES = 120
"""So many parts at most a full instance has, beyond those that are required."""

TOO_MANY = 4 * MAX_FULL_VALUES
"""And so many with those that are required, which may double level by level: what comes then is flat."""

SELDOM = 1
"""And so many times one that leads back to itself."""


def _full(builder: Builder, node: Node, above: tuple[Node, ...], met: collections.Counter[Node]) -> Any:
    """A plain value with every member present that may be, and two items in each list that may have them."""
    met[node] += 1
    if met.total() > TOO_MANY or node in above:
        # What comes back to itself, as it has to in a linked list, is flat there: else it would be as deep as it may.
        return builder.of(node)(_source(0), node.min_depth or 0)
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    if objects is not None:
        return _full_object(builder, node, objects, (*above, node), met)
    if arrays is not None:
        size = max(arrays.min_items, 2 if arrays.max_items is None else min(2, arrays.max_items))
        if arrays.prefix or (arrays.items.min_depth is not None and arrays.items not in above and arrays.is_unique):
            return builder.of(node)(RandomChoices(random.Random(0)), (node.min_depth or 0) + 1)
        if arrays.items.min_depth is None or (arrays.items in above and not arrays.min_items):
            return []
        if not arrays.is_unique:
            return [_full(builder, arrays.items, (*above, node), met) for _ in range(size)]
        return builder.of(node)(RandomChoices(random.Random(0)), (node.min_depth or 0) + 1)
    return plain(builder, node, nth=met[node])


def _full_object(
    builder: Builder, node: Node, shape: Objects, above: tuple[Node, ...], met: collections.Counter[Node]
) -> dict[str, Any]:
    value: dict[str, Any] = {}
    spare = len(shape.properties) if shape.max_properties is None else shape.max_properties - len(shape.required)
    for name, child in shape.properties.items():
        if child.min_depth is None:
            continue
        if name not in shape.required:
            is_often = met[child] >= (SELDOM if child.is_recursive else OFTEN)
            if spare < 1 or child in above or is_often or met.total() >= MAX_FULL_VALUES:
                continue
            spare -= 1
        value[name] = _full(builder, child, above, met)
    if len(value) < shape.min_properties:
        # Names that no schema lists have to be made up.
        value = {**builder.of_branch(shape)(_source(0), node.min_depth or 0), **value}
    return value


ORDINARY = ("Session{}", "2020-04-15T16:1{}:00Z", "+1206555010{}", "US", "206")
"""Texts as people write them, numbered so that two differ: the first that a place allows stands there."""

USUAL = 60
"""And a number, where it may stand."""


def plain(builder: Builder, node: Node, *, nth: int = 1) -> Any:
    """An unremarkable value of a node without parts: what the schema names, or a constant, a usual number or text."""
    examples = builder.examples(node)
    if examples:
        return instances.copy_json(examples[0][1])
    strings = node.branch(Strings)
    first = node.branches[0]
    if isinstance(first, Numbers) and first.is_plain and first.admits(USUAL):
        return USUAL
    if strings is not None:
        texts = (text.format((nth - 1) % 9 + 1) for text in ORDINARY)
        ordinary = next((text for text in texts if text in strings.language), None)
        if ordinary is not None:
            return ordinary
        language = strings.language
        lengths = language.lengths(max(language.shortest or 0, 8) + 32)
        wanted = [length for length in lengths if length >= 8] or lengths[-1:]
        return language.construct(wanted[0], "Session1 12:00:00Z")
    return builder.of(node)(RandomChoices(random.Random(0)), node.min_depth or 0)


def _places(
    node: Node, path: str, pointer: str, value: Any, above: tuple[Node, ...], seat: LocalScope | None, *, is_open: bool
) -> Iterator[InstanceLocation]:
    """The places of a value; `is_open` says whether all around it are judged part by part."""
    schemas = local_schemas(node.requirements) if is_open else None
    if schemas is not None:
        seat = LocalScope(pointer, schemas)
    yield InstanceLocation(node, path, pointer, seat)
    if node in above:
        return
    is_open = is_open and parts_are_independent(node.requirements)
    inner = (*above, node)
    if isinstance(value, dict) and (objects := node.branch(Objects)) is not None:
        for name, child in objects.properties.items():
            if name in value and child.min_depth is not None:
                step = json_pointer.join([name])
                yield from _places(child, path + step, pointer + step, value[name], inner, seat, is_open=is_open)
    elif isinstance(value, list) and (arrays := node.branch(Arrays)) is not None:
        for index in range(min(len(value), 2)):
            child, place = arrays.at(index), f"{pointer}/{index}"
            yield from _places(child, path + "/*", place, value[index], inner, seat, is_open=is_open)


def put(instance: Any, pointer: str, value: Any) -> Any:
    """A copy of the instance with the value at the pointer."""
    tokens = json_pointer.split(pointer)
    if not tokens:
        return value
    changed = instances.copy_json(instance)
    parent = json_pointer.resolve(changed, json_pointer.join(tokens[:-1]))
    parent[int(tokens[-1]) if isinstance(parent, list) else tokens[-1]] = value
    return changed
