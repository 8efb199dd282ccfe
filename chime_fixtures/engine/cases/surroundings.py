"""Surroundings: small baselines for the locations that the full instance of a schema lacks.

Each has the required properties and the path to its location. What is required is constructed once, and shared.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import MAX_CHOICES, Baseline, full_value, locations, plain_value
from chime_fixtures.engine.cases.parts import applied_if_present
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, branch_depth
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.choices import LimitedChoices, TooManyChoicesError

Presence = tuple[tuple[str, str], ...]
"""Properties that are present, each by the location of its object and its name."""

MAX_BASELINES = 200
"""Baselines before the earlier ones are forgotten, and constructed again if they are required."""

MAX_CANDIDATES = 8
"""Values that jsonschema-rs may reject before a location has no small baseline."""


@dataclass(frozen=True, slots=True)
class Start:
    """The location that the construction of baselines starts from.

    Attributes:
        baseline: a baseline that has the location.
        pointer: the location.
        node: the node of its values.
    """

    baseline: Baseline
    pointer: str
    node: Node


class Surroundings:
    """The baselines of locations by pointer, each constructed when it is requested.

    Args:
        form: the normal form of the schema.
        validators: its validators.
        builder: the construction of its values.
        start: the location at and below which baselines are constructed; by default, the whole instance.
    """

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder, start: Start | None = None) -> None:
        self._form = form
        self._validators = validators
        self._builder = builder
        self._start = start
        self._start_pointer, self._start_node = ("", builder.root) if start is None else (start.pointer, start.node)
        self._baselines: dict[tuple[str, Presence], Baseline | None] = {}
        self._first: dict[tuple[str, Presence], str] = {}
        self._holders: dict[tuple[str, Presence], Baseline] = {}
        self._count = 0
        self._containers: dict[tuple[str, Presence], Baseline | None] = {}
        self._least: dict[Node, Any] = {}
        self._full: dict[Node, Any] = {}
        self._required: dict[int, tuple[Branch, Any]] = {}
        self._started: dict[int, Baseline] = {}
        self._complete: dict[Node, dict[str, Any]] = {}

    def at(self, pointer: str, present: Presence = ()) -> Baseline | None:
        """A baseline with a location and these properties; None if none was found.

        Below the location it has every optional property that the schema lists, as far as the limits allow.
        """
        # The baseline of a location that another one has is that one, also after it was forgotten.
        key = self._first.get((pointer, present), pointer), present
        if key not in self._baselines:
            baseline = self._baselines[key] = self._construct(*key, is_full=True)
            for location in (key[0], *(() if baseline is None else baseline.nodes)):
                self._first.setdefault((location, present), key[0])
        return self._baselines[key]

    def least_at(self, pointer: str, present: Presence) -> Baseline | None:
        """A baseline with a location, these properties and no optional property below the location."""
        key = pointer, present
        if key not in self._containers:
            self._containers[key] = self._construct(pointer, present, is_full=False)
        return self._containers[key]

    def _construct(self, pointer: str, present: Presence, *, is_full: bool) -> Baseline | None:
        if len(pointer) <= len(self._start_pointer):
            return self._construct_start(present, is_full=is_full)
        parent_pointer, _, last = pointer.rpartition("/")
        parent, token = self.least_at(parent_pointer, present), json_pointer.unescape(last)
        node = None if parent is None else parent.nodes.get(parent_pointer)
        if parent is None or node is None:
            return None
        names = _names(present, parent_pointer)
        for container, nodes in itertools.islice(
            self._containers_of(node, names, token, pointer, present, is_full=is_full), MAX_CANDIDATES
        ):
            found = self._with_property(parent, present, pointer, container, nodes)
            found = found or parent.replaced(parent_pointer, container, nodes)
            if found is not None:
                self._holders.setdefault((parent_pointer, present), found)
                self._count += 1
                if self._count % MAX_BASELINES == 0:
                    self._forget()
                return found
        return None

    def _construct_start(self, present: Presence, *, is_full: bool) -> Baseline | None:
        """The baseline with the first of a few values at the start that jsonschema-rs does not reject."""
        values = self._values(self._start_node, self._start_pointer, present, is_full=is_full)
        for value in itertools.islice(values, MAX_CANDIDATES):
            found = self._started.get(id(value)) or self._started_with(value)
            if found is not None:
                self._started[id(value)] = found
                return found
        return None

    def _started_with(self, value: Any) -> Baseline | None:
        """The baseline with a value at the start; None if jsonschema-rs rejects it."""
        pointer, node = self._start_pointer, self._start_node
        if self._start is not None:
            return self._start.baseline.replaced(pointer, value, dict(locations(node, value, pointer)))
        return Baseline(self._validators, value, node) if self._validators.is_valid(value) else None

    def _forget(self) -> None:
        """Forget the baselines, which have the errors of their parts; those of a location are required in a row."""
        self._baselines = {key: each for key, each in self._baselines.items() if each is None}
        self._containers = {key: each for key, each in self._containers.items() if each is None}
        self._holders = {}

    def _with_property(
        self, parent: Baseline, present: Presence, pointer: str, container: Any, nodes: Mapping[str, Node]
    ) -> Baseline | None:
        """The baseline with a container around a location, found by a change of an earlier one with the same names.

        Of an object with many properties only those are checked that change: the one at the location, and the one at
        that of the earlier baseline. None if others change, too, or a value is rejected.
        """
        location, _, last = pointer.rpartition("/")
        token = json_pointer.unescape(last)
        earlier = self._holders.get((location, present), parent)
        changed = _changed_names(json_pointer.resolve(earlier.instance, location), container)
        if changed is None or token not in container or len(changed - {token}) > 1:
            return None
        for name in changed - {token}:
            restored = earlier.replaced(json_pointer.join([name], base=location), container[name], {})
            if restored is None:
                return None
            earlier = self._holders[location, present] = restored
        return earlier.replaced(pointer, container[token], nodes)

    def _containers_of(
        self, node: Node, names: tuple[str, ...], token: str, pointer: str, present: Presence, *, is_full: bool
    ) -> Iterator[tuple[Any, dict[str, Node]]]:
        """Values of a node with a property or item, and the nodes of the locations at and below that."""
        parent_pointer = pointer.rpartition("/")[0]
        for branch in node.satisfiable_branches:
            child = child_node(branch, token)
            if child is None or not child.is_satisfiable:
                continue
            for value in self._values(child, pointer, present, is_full=is_full):
                container = self._with_child(branch, names, token, value)
                if container is not None:
                    yield container, dict(locations(child, value, pointer))
        complete = self._complete_object(node)
        if token in complete:
            yield (
                complete,
                {
                    location: child
                    for name, listed in self._listed(node).items()
                    if name in complete
                    for location, child in locations(
                        listed, complete[name], json_pointer.join([name], base=parent_pointer)
                    )
                },
            )

    def _values(self, node: Node, pointer: str, present: Presence, *, is_full: bool) -> Iterator[Any]:
        """Values of a node with the properties that must be present at its location, and below it."""
        names = _names(present, pointer)
        inner = [location for location, _ in present if location.startswith(f"{pointer}/")]
        if not names and not inner and is_full:
            if node not in self._full:
                self._full[node] = full_value(self._builder, node)
            yield self._full[node]
        if not names:
            yield self._least_value(node)
            return
        for branch in node.satisfiable_branches:
            container = self._with_child(branch, names, None, None)
            if container is not None:
                yield container
        yield self._complete_object(node)

    def _with_child(self, branch: Branch, names: tuple[str, ...], token: str | None, value: Any) -> Any:
        """The least object or array of a branch with these properties, and a value at a property or item; or None."""
        required = self._required_part(branch)
        if isinstance(branch, Arrays):
            if names or token is None:
                return None
            items, index = list(required), int(token)
            if not all(branch.at(number).is_satisfiable for number in range(len(items), index)):
                return None
            for number in range(len(items), index):
                others = [value, *items] if branch.is_unique else []
                items.append(self._least_value_beside(branch.at(number), others))
            return [*items[:index], value, *items[index + 1 :]]
        if not isinstance(branch, Objects):
            return None
        children = {name: child_node(branch, name) for name in names}
        children |= {name: branch.properties.get(name) for name in branch.dependent_required.get(token or "", ())}
        if not all(child is not None and child.is_satisfiable for child in children.values()):
            return None
        added = {name: self._least_value(child) for name, child in children.items() if child is not None}
        return {**required, **added} if token is None else {**required, **added, token: value}

    def _required_part(self, branch: Branch) -> Any:
        """The properties or items that a branch requires."""
        known = self._required.get(id(branch))
        if known is None:
            known = self._required[id(branch)] = branch, self._construct_required(branch)
        return known[1]

    def _construct_required(self, branch: Branch) -> Any:
        if isinstance(branch, Objects) and len(branch.required) >= branch.min_properties:
            # A comprehension, here and below, would take another of Python's frames for each level.
            properties = {}
            for name in branch.required:
                properties[name] = self._least_value(branch.properties[name])
            return properties
        if isinstance(branch, Arrays) and not branch.is_unique:
            items = []
            for index in range(branch.min_items):
                items.append(self._least_value(branch.at(index)))  # noqa: PERF401  # a frame less a level
            return items
        return self._builder.branch_construction(branch)(RandomChoices(random.Random(0)), branch_depth(branch) or 0)

    def _least_value(self, node: Node) -> Any:
        """A value of a node that is as shallow as possible, without optional properties."""
        if node not in self._least:
            branch = node.shallowest_branch
            if isinstance(branch, Objects | Arrays):
                self._least[node] = self._required_part(branch)
            else:
                self._least[node] = plain_value(self._builder, node)
        return self._least[node]

    def _least_value_beside(self, node: Node, others: Sequence[Any]) -> Any:
        """A value of a node as shallow as possible that differs from others, if one of a few values does."""
        value = self._least_value(node)
        for seed in range(MAX_CANDIDATES):
            if not any(instances.equal(value, other) for other in others):
                break
            choices = LimitedChoices(random.Random(seed), MAX_CHOICES)
            with contextlib.suppress(TooManyChoicesError):
                value = self._builder.construction(node)(choices, (node.min_depth or 0) + 1)
        return value

    def _complete_object(self, node: Node) -> dict[str, Any]:
        """An object with each property that any schema lists, which a choice among the branches may never have."""
        if node not in self._complete:
            listed = self._listed(node)
            self._complete[node] = {
                name: self._least_value(child) for name, child in listed.items() if child.is_satisfiable
            }
        return self._complete[node]

    def _listed(self, node: Node) -> dict[str, Node]:
        requirements: dict[str, list[Requirement]] = {}
        for requirement in applied_if_present(node.requirements):
            for name, child in requirement.schema.subschemas("properties"):
                requirements.setdefault(str(name), []).append(requirement.to(child))
        return {name: self._form.node(each) for name, each in requirements.items()}


def _names(present: Presence, pointer: str) -> tuple[str, ...]:
    return tuple(name for location, name in present if location == pointer)


def _changed_names(before: Any, after: Any) -> set[str] | None:
    """The names of the properties with another value; None unless both are objects with the same names in one order."""
    if not isinstance(before, dict) or not isinstance(after, dict) or list(before) != list(after):
        return None
    return {name for name, value in after.items() if value is not before[name]}


def child_node(branch: Branch, token: str) -> Node | None:
    """The node of a property or item of the values of a branch."""
    if isinstance(branch, Objects):
        if token in branch.properties:
            return branch.properties[token]
        named = ((family.names, family.node) for family in branch.families if family.names is not None)
        return next((node for names, node in named if token in names), branch.additional)
    return branch.at(int(token)) if isinstance(branch, Arrays) and token.isdigit() else None
