"""What an instance may have tomorrow: members and constants that its contract does not know yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects
from chime_fixtures.engine.schema.validators import Validators

MEMBERS: Mapping[str, Any] = {
    "RecordingEnabled": False,
    "DisplayName": "Tomorrow",
    "DeletedTimestamp": None,
    "Labels": {"Tier": "Gold"},
    "History": ["Opened", {"Revision": 2}],
}
"""Members of tomorrow: one of each JSON type, and what a reader finds inside."""

CONSTANTS = ("Suspended", "Regional", "Video")
"""And words that an enumeration may be given."""


@dataclass(frozen=True, slots=True)
class Evolution:
    """One thing that an instance may have tomorrow.

    Attributes:
        path: where, with ``*`` for items: the object that has a new member, or the value that is a new constant.
        name: the new member; None for a constant.
        value: what it is.
    """

    path: tuple[str, ...]
    name: str | None
    value: Any = field(hash=False)

    @property
    def id(self) -> str:
        """The place of what is new, and for a constant itself: unique among those of one contract."""
        return json_pointer.join([*self.path, str(self.value) if self.name is None else self.name])

    def change(self, value: Any) -> Any:
        """What stands at the path, with what is new."""
        new = instances.copy_json(self.value)
        return new if self.name is None else {**value, self.name: new}


def enumerate_evolutions(root: Node) -> tuple[Evolution, ...]:
    """Every evolution of the instances of a node, those of the outer locations first."""
    return tuple(sorted(_of(root, (), ()), key=lambda evolution: len(evolution.path)))


def _of(node: Node, path: tuple[str, ...], above: tuple[Node, ...]) -> Iterator[Evolution]:
    if node in above or not node.is_satisfiable:
        return
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    known = _enumerated(node)
    if any(isinstance(value, str) for value in known):
        yield from (Evolution(path, None, word) for word in CONSTANTS if word not in known)
    if objects is not None:
        # Where no member has a name, none is new.
        if objects.properties and objects.additional.is_satisfiable:
            new = ((name, value) for name, value in MEMBERS.items() if name not in objects.properties)
            yield from (Evolution(path, name, value) for name, value in new)
        for name, child in objects.properties.items():
            yield from _of(child, (*path, name), (*above, node))
    if arrays is not None:
        yield from _of(arrays.items, (*path, "*"), (*above, node))


def _enumerated(node: Node) -> tuple[Any, ...]:
    """What alone may stand there, where an enumeration says so."""
    if node.assertion("enum") is None or not all(isinstance(shape, Constants) for shape in node.branches):
        return ()
    return tuple(value for shape in node.branches if isinstance(shape, Constants) for value in shape.values)


def apply_change(
    node: Node,
    value: Any,
    path: tuple[str, ...],
    change: Callable[[Any], Any],
    *,
    make: Callable[[Node], Any],
    pick: Callable[[int], int],
) -> Any:
    """A copy of a value that is changed at a path; what is absent on the way there is made.

    Args:
        node: what the value must be.
        value: the value.
        path: the way, with ``*`` for an item.
        change: makes the new part from the old one.
        make: makes a value of a node.
        pick: chooses one of so many items.
    """
    if not path:
        return change(value)
    head, rest = path[0], path[1:]
    if head == "*":
        inner = node.require_branch(Arrays).items
        items = list(value) or [make(inner)]
        index = pick(len(items))
        items[index] = apply_change(inner, items[index], rest, change, make=make, pick=pick)
        return items
    inner = node.require_branch(Objects).properties[head]
    part = value[head] if head in value else make(inner)
    return {**value, head: apply_change(inner, part, rest, change, make=make, pick=pick)}


def unknown_parts(root: Node, instance: Any) -> tuple[str, ...]:
    """What the contract does not know of an instance: the place of each member, and of each constant with it."""
    return tuple(_new(root, instance, ()))


def _new(node: Node, value: Any, at: tuple[str, ...]) -> Iterator[str]:
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    known = _enumerated(node)
    if known and value not in known:
        yield f"{json_pointer.join(at)} is {value!r}"
    elif isinstance(value, dict) and objects is not None and objects.properties:
        for name, part in value.items():
            if name in objects.properties:
                yield from _new(objects.properties[name], part, (*at, name))
            else:
                yield json_pointer.join([*at, name])
    elif isinstance(value, list) and arrays is not None:
        for index, item in enumerate(value):
            yield from _new(arrays.at(index), item, (*at, str(index)))


def evolve(evolutions: Iterable[Evolution], validators: Validators, instance: Any) -> Any:
    """The instance with the first evolution of each kind and location: a new constant, a new member.

    An evolution that violates more than an enumeration is left out.
    """
    firsts: dict[tuple[tuple[str, ...], str | None], Evolution] = {}
    for evolution in evolutions:
        firsts.setdefault((evolution.path, evolution.name), evolution)
    for evolution in firsts.values():
        try:
            grown = _everywhere(instance, evolution.path, evolution.change)
        except TypeError:
            # A place may have a value of another kind, which nothing is added to.
            continue
        if all(complaint.keyword == "enum" for complaint in validators.check(grown)):
            instance = grown
    return instance


def _everywhere(value: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    head, rest = path[0], path[1:]
    if head == "*" and isinstance(value, list):
        return [_everywhere(item, rest, change) for item in value]
    if isinstance(value, dict) and head in value:
        return {**value, head: _everywhere(value[head], rest, change)}
    return value
