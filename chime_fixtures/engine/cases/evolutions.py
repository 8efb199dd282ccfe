"""Evolutions: properties and constants that a later version of a contract may add to its instances."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects
from chime_fixtures.engine.schema.validators import Validators

NEW_PROPERTIES: Mapping[str, Any] = {
    "RecordingEnabled": False,
    "DisplayName": "Tomorrow",
    "DeletedTimestamp": None,
    "Labels": {"Tier": "Gold"},
    "History": ["Opened", {"Revision": 2}],
}
"""Properties that are added to objects: one of each JSON type except number, two of them with nested values."""

NEW_CONSTANTS = ("Suspended", "Regional", "Video")
"""Values that are added to enumerations with strings."""

MAX_EVOLUTIONS = 1000
"""Evolutions of one contract: in mutually recursive schemas their number grows exponentially with the depth."""


@dataclass(frozen=True, slots=True)
class Evolution:
    """One addition to an instance: a property of an object, or a constant of an enumeration.

    Attributes:
        path: the location of the object or of the enumerated value, as property names with ``*`` for items.
        name: the name of the new property; None for a constant.
        value: the value of the new property, or the constant.
    """

    path: tuple[str, ...]
    name: str | None
    value: Any = field(hash=False)

    @property
    def id(self) -> str:
        """The path of the new property, or the path with the new constant: unique within a contract."""
        return json_pointer.join([*self.path, str(self.value) if self.name is None else self.name])

    def change(self, value: Any) -> Any:
        """A copy of the value at the path with the new property, or the new constant instead of it.

        Raises:
            TypeError: a property is added to a value that is not an object.
        """
        new = instances.copy_json(self.value)
        return new if self.name is None else {**value, self.name: new}


def enumerate_evolutions(root: Node) -> tuple[Evolution, ...]:
    """The evolutions of the instances of a node, those of the outer locations first: at most `MAX_EVOLUTIONS`."""
    return tuple(itertools.islice(_evolutions(root), MAX_EVOLUTIONS))


def _evolutions(root: Node) -> Iterator[Evolution]:
    """The evolutions of each node, breadth first; a recursive node is not entered below itself."""
    queue: collections.deque[tuple[Node, tuple[str, ...], tuple[Node, ...]]] = collections.deque([(root, (), ())])
    while queue:
        node, path, ancestors = queue.popleft()
        if node in ancestors or not node.is_satisfiable:
            continue
        objects, arrays = node.branch(Objects), node.branch(Arrays)
        known = _enumerated_values(node)
        if any(isinstance(value, str) for value in known):
            yield from (Evolution(path, None, constant) for constant in NEW_CONSTANTS if constant not in known)
        if objects is not None:
            # An object without listed properties is a map, in which no property is new.
            if objects.properties and objects.additional.is_satisfiable:
                unlisted = ((name, value) for name, value in NEW_PROPERTIES.items() if name not in objects.properties)
                yield from (Evolution(path, name, value) for name, value in unlisted)
            queue.extend((child, (*path, name), (*ancestors, node)) for name, child in objects.properties.items())
        if arrays is not None:
            queue.append((arrays.items, (*path, "*"), (*ancestors, node)))


def _enumerated_values(node: Node) -> tuple[Any, ...]:
    """The only values of a node with an `enum`; empty if the node has other branches or no `enum`."""
    if node.assertion("enum") is None or not all(isinstance(branch, Constants) for branch in node.branches):
        return ()
    return tuple(value for branch in node.branches if isinstance(branch, Constants) for value in branch.values)


def apply_change(
    node: Node,
    value: Any,
    path: tuple[str, ...],
    change: Callable[[Any], Any],
    *,
    make: Callable[[Node], Any],
    pick: Callable[[int], int],
) -> Any:
    """A copy of a value that is changed at a path; missing values along the path are added.

    Args:
        node: the node of the value.
        value: the value.
        path: property names, with ``*`` for an item.
        change: returns the new value at the path from the old one.
        make: constructs a value of a node.
        pick: chooses an index below a number of items.
    """
    if not path:
        return change(value)
    token, rest = path[0], path[1:]
    if token == "*":
        child = node.require_branch(Arrays).items
        items = list(value) or [make(child)]
        index = pick(len(items))
        items[index] = apply_change(child, items[index], rest, change, make=make, pick=pick)
        return items
    child = node.require_branch(Objects).properties[token]
    old = value[token] if token in value else make(child)
    return {**value, token: apply_change(child, old, rest, change, make=make, pick=pick)}


def unknown_parts(root: Node, instance: Any) -> tuple[str, ...]:
    """The properties and constants of an instance that its contract does not list.

    A property is its pointer, ``/Labels``; a constant is its pointer and value, ``/Status is 'Gone'``.
    """
    return tuple(_unknown_parts(root, instance, ()))


def _unknown_parts(node: Node, value: Any, tokens: tuple[str, ...]) -> Iterator[str]:
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    known = _enumerated_values(node)
    if known and value not in known:
        yield f"{json_pointer.join(tokens)} is {value!r}"
    elif isinstance(value, dict) and objects is not None and objects.properties:
        for name, member in value.items():
            if name in objects.properties:
                yield from _unknown_parts(objects.properties[name], member, (*tokens, name))
            else:
                yield json_pointer.join([*tokens, name])
    elif isinstance(value, list) and arrays is not None:
        for index, item in enumerate(value):
            yield from _unknown_parts(arrays.at(index), item, (*tokens, str(index)))


def evolve(evolutions: Iterable[Evolution], validators: Validators, instance: Any) -> Any:
    """The instance with the first evolution of each kind and location: a new constant, a new property.

    An evolution that violates more than an enumeration is left out.
    """
    first: dict[tuple[tuple[str, ...], str | None], Evolution] = {}
    for evolution in evolutions:
        first.setdefault((evolution.path, evolution.name), evolution)
    for evolution in first.values():
        try:
            evolved = _change_everywhere(instance, evolution.path, evolution.change)
        except TypeError:
            # The value at the path is not an object.
            continue
        if all(violation.keyword == "enum" for violation in validators.check(evolved)):
            instance = evolved
    return instance


def _change_everywhere(value: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    token, rest = path[0], path[1:]
    if token == "*" and isinstance(value, list):
        return [_change_everywhere(item, rest, change) for item in value]
    if isinstance(value, dict) and token in value:
        return {**value, token: _change_everywhere(value[token], rest, change)}
    return value
