"""Baselines: the valid instances that edges and violations are put into, location by location."""

from __future__ import annotations

import collections
import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.changed_instances import ChangedInstance
from chime_fixtures.engine.cases.cross_check import CrossCheck
from chime_fixtures.engine.cases.parts import Parts
from chime_fixtures.engine.deferral import Labelled, with_deferred_instance
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, enter_scope
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects, Strings, branch_depth
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.normal_form.sizes import can_be_constructed
from chime_fixtures.engine.schema.cross_validator import CROSS_CHECK_ENGINE, CrossCheckErrors
from chime_fixtures.engine.schema.validators import DECISIVE_ENGINE, Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.builder import fewest_names
from chime_fixtures.engine.values.choices import LimitedChoices, TooManyChoicesError
from chime_fixtures.engine.values.size_limit import SizeLimit
from chime_fixtures.engine.violation import Violation

MAX_NODE_VISITS = 24
"""Values of one node in a full instance, so that nodes with many references stay small."""

MAX_RECURSIVE_NODE_VISITS = 1
"""Values of one recursive node in a full instance, where they are optional."""

MAX_FULL_VALUES = 120
"""Values in a full instance; beyond them only required properties are added, and arrays have one item if they may."""

MAX_REQUIRED_VALUES = 4 * MAX_FULL_VALUES
"""Values in a full instance, required ones included, before all others are as shallow as possible."""

MAX_FULL_DEPTH = 100
"""Levels of a full instance; a part that must be deeper has required parts alone, which take fewer Python frames."""

MAX_CHOICES = 1000
"""Choices for a part of a baseline that is found at random; beyond them the part is smaller."""

MAX_ALL_CHOICES = 4 * MAX_CHOICES
"""Choices for all parts of a full instance that are found at random; beyond them each part is the smallest."""

MAX_RANDOM_CHARACTERS = 2**14
"""Preferred length of a full instance that is found at random, as text."""

MAX_LISTED_ITEMS = 2
"""Items of each array that are locations of a baseline, if it has no `prefixItems`."""

TYPICAL_STRINGS = ("Session{}", "2020-04-15T16:1{}:00Z", "+1206555010{}", "US", "206")
"""Strings as people write them; the number makes repeated ones distinct. A location gets the first that is valid."""

TYPICAL_NUMBER = 60


class Baseline:
    """A valid instance that is changed at one location at a time.

    Args:
        validators: the validators of the schema.
        instance: an instance that jsonschema-rs accepts.
        root: the node of the instance.
        nodes: the node of each location that cases change; by default, of each location that the schema lists.
        requirements: the requirements on the instance; by default, those of the node.
        decide: returns the errors that jsonschema reports for the instance; by default, it checks the whole instance.
        source: the instance as a change of another one.

    Attributes:
        source: the instance as a change of another one, which takes little memory if many baselines share that.
        nodes: the node of each location, by pointer.
        parts: the parts of the instance that decide about its changes.
        cross_check: the errors that jsonschema reports for a changed instance.
    """

    def __init__(
        self,
        validators: Validators,
        instance: Any,
        root: Node,
        *,
        nodes: Mapping[str, Node] | None = None,
        requirements: Conjunction | None = None,
        decide: Callable[[], CrossCheckErrors] | None = None,
        source: ChangedInstance | None = None,
    ) -> None:
        self.instance = instance
        self.source = source or ChangedInstance(instance, "", instance)
        self.nodes = dict(locations(root, instance)) if nodes is None else nodes
        self.parts = Parts(validators, root.requirements if requirements is None else requirements, instance)
        self.cross_check = CrossCheck(validators, self.parts, instance, decide)
        self._root = root
        self._validators = validators

    @classmethod
    def full(cls, validators: Validators, builder: Builder) -> Baseline:
        """A baseline with every optional property that the schema lists."""
        return cls(validators, full_instance(builder), builder.root)

    @classmethod
    def minimal(cls, validators: Validators, root: Node, builder: Builder) -> Baseline | None:
        """A baseline for a node, at most one level deeper than necessary; None if the node has no value."""
        if not can_be_constructed(root):
            return None
        return cls(validators, _limited_value(builder, root, (root.min_depth or 0) + 1), root)

    def replaced(self, pointer: str, value: Any, nodes: Mapping[str, Node]) -> Baseline | None:
        """A baseline with another value at a location; None if jsonschema-rs rejects it."""
        if self.check(pointer, value):
            return None
        return Baseline(
            self._validators,
            json_pointer.with_value(self.instance, pointer, value),
            self._root,
            nodes=nodes,
            decide=lambda: self.cross_check.errors(pointer, value, is_constant=True),
            source=self.source.changed(pointer, value) or ChangedInstance(self.instance, pointer, value),
        )

    def node(self, pointer: str) -> Node:
        """The node of a location, listed or not, by the first branch of each type."""
        return self.nodes.get(pointer) or _node_at(self._root, pointer)

    def check(self, pointer: str, value: Any) -> tuple[Violation, ...]:
        """The violations that jsonschema-rs reports with another value at a location, with pointers into the instance.

        Their own instance is the part that was checked.
        """
        part = self.parts.deciding(pointer, value)
        changed = self.parts.changed(part, pointer, value)
        if not part.pointer:
            return tuple(self._validators.violations(changed))
        return self._validators.check_part(part.schemas, changed, base=part.pointer)

    def is_accepted(self, pointer: str, value: Any) -> bool:
        """True if no validator rejects the instance with another value at a location, by any spelling of patterns."""
        return (
            not self.check(pointer, value)
            and not self.cross_check.errors(pointer, value)
            and False not in self.other_verdicts(pointer, value).values()
        )

    def other_verdicts(self, pointer: str, value: Any) -> Mapping[str, bool | None]:
        """The verdict of each validator with another value at a location, by other spellings of patterns.

        It is None for no verdict; empty if no pattern that decides about the value has another spelling.
        """
        part = self.parts.deciding(pointer, value)
        validators = self._validators.respelled
        if validators is None or not self._validators.is_respelled(part.schemas):
            return {}
        changed = self.parts.changed(part, pointer, value)
        if isinstance(changed, dict | list):
            assert self._respelled is not None
            is_accepted = not self._respelled.check(pointer, value)
            errors = self._respelled.cross_check.errors(pointer, value)
        else:
            schemas = [validators.schema_at(each.uri, each.pointer) for each in part.schemas]
            is_accepted = all(validators.is_part_valid(schema, changed) for schema in schemas)
            errors = validators.cross_check_part(schemas, changed)
        return {DECISIVE_ENGINE: is_accepted, CROSS_CHECK_ENGINE: None if errors is None else not errors}

    @functools.cached_property
    def _respelled(self) -> Baseline | None:
        validators = self._validators.respelled
        if validators is None:
            return None
        requirement = Requirement(validators.root, True, enter_scope((), validators.root))
        return Baseline(validators, self.instance, self._root, nodes=self.nodes, requirements=(requirement,))

    def put_into(self, case: Labelled, pointer: str, value: Any) -> Labelled:
        """A case whose instance, made when it is first read, is this one with another value at a location."""
        return with_deferred_instance(case, ChangedInstance(self.instance, pointer, value).copy)


def full_instance(builder: Builder) -> Any:
    """A valid instance with every optional property that the schema lists and two items in each array.

    If these exclude each other, it is one of eight random instances: the longest of at most `MAX_RANDOM_CHARACTERS`. If
    all are longer, it is the shortest, or an instance with required parts alone.
    """
    instance = full_value(builder, builder.root)
    if builder.is_valid(instance):
        return instance
    instances_found = [builder.build(_choices(seed)) for seed in range(8)]
    fitting = [each for each in instances_found if instances.size(each) <= MAX_RANDOM_CHARACTERS]
    if fitting:
        return max(fitting, key=instances.size)
    has_smallest, smallest = builder.smallest_valid
    return min([*instances_found, *([smallest] if has_smallest else [])], key=instances.size)


def plain_value(builder: Builder, node: Node, *, number: int = 1) -> Any:
    """An unremarkable value without properties or items: one of the schema's examples, else a typical number or string.

    Args:
        builder: the construction of values.
        node: the node of the value.
        number: makes strings distinct.
    """
    examples = builder.examples(node)
    if examples:
        return instances.copy_json(examples[0][1])
    strings = node.branch(Strings)
    first = node.branches[0]
    if isinstance(first, Numbers) and first.is_plain and first.admits(TYPICAL_NUMBER):
        return TYPICAL_NUMBER
    if strings is not None:
        candidates = (text.format((number - 1) % 9 + 1) for text in TYPICAL_STRINGS)
        typical = next((text for text in candidates if text in strings.language), None)
        if typical is not None:
            return typical
        language = strings.language
        lengths = language.lengths(max(language.shortest or 0, 8) + 32)
        preferred = [length for length in lengths if length >= 8] or lengths[-1:]
        return language.construct(preferred[0], "Session1 12:00:00Z")
    return builder.construction(node)(_choices(0), node.min_depth or 0)


def _choices(seed: int) -> RandomChoices:
    return RandomChoices(random.Random(seed))


def full_value(builder: Builder, node: Node) -> Any:
    """A value of a node with every optional property that the schema lists, as far as the limits allow."""
    return _FullValue(builder).construct(node, ())


def _limited_value(builder: Builder, node: Node, depth_budget: int) -> Any:
    """A value of a node; if it is large, one with required parts alone."""
    return _FullValue(builder).limited(node, depth_budget)


class _FullValue:
    """The construction of one full value, with what its limits count.

    Args:
        builder: the construction of values.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._visits: collections.Counter[Node] = collections.Counter()
        self._choices_left = MAX_ALL_CHOICES
        self._size = SizeLimit(MAX_FULL_VALUES)

    def construct(self, node: Node, ancestors: tuple[Node, ...]) -> Any:
        """A full value of a node, whose ancestors are the nodes around it."""
        self._visits[node] += 1
        if self._size.is_exceeded:
            return self._builder.small_construction(node)(_choices(self._visits[node]), node.min_depth or 0)
        is_deep = len(ancestors) + (node.min_depth or 0) > MAX_FULL_DEPTH
        if self._is_large or is_deep or node in ancestors:
            # A value that must contain another of its node, as in a linked list, would otherwise be as deep as allowed.
            return self._size.counted(self.limited(node, node.min_depth or 0))
        objects, arrays = node.branch(Objects), node.branch(Arrays)
        if objects is not None:
            return self._object(objects, (*ancestors, node))
        if arrays is not None:
            return self._array(node, arrays, ancestors)
        return self._size.counted(plain_value(self._builder, node, number=self._visits[node]))

    @property
    def _is_large(self) -> bool:
        return self._visits.total() > MAX_REQUIRED_VALUES

    @property
    def _is_full(self) -> bool:
        return self._visits.total() >= MAX_FULL_VALUES

    def limited(self, node: Node, depth_budget: int) -> Any:
        """A value of a node; if it takes many choices, one with required parts alone."""
        try:
            return self._random(node, depth_budget)
        except TooManyChoicesError:
            return self._builder.smallest(node, _choices(0))

    def _random(self, node: Node, depth_budget: int) -> Any:
        """A value of a node, the same one each time, if few choices suffice."""
        allowed = min(MAX_CHOICES, self._choices_left)
        choices = LimitedChoices(random.Random(0), allowed)
        try:
            return self._builder.construction(node)(choices, depth_budget)
        finally:
            self._choices_left -= allowed - max(choices.left, 0)

    def _array(self, node: Node, branch: Arrays, ancestors: tuple[Node, ...]) -> Any:
        builder = self._builder
        is_cycle = branch.items in ancestors
        inner = (*ancestors, node)
        if branch.prefix and not branch.is_unique:
            return self._tuple(branch, inner)
        if not branch.prefix and (not branch.items.is_satisfiable or (is_cycle and not branch.min_items)):
            return []
        if branch.ordered is not None and branch.ordered < len(branch.prefix) and branch_depth(branch) is not None:
            # The locations of the instance have the nodes of the branch.
            build = builder.branch_construction(replace(branch, ordered=None))
            return build(_choices(0), (node.min_depth or 0) + 1)
        if branch.is_unique:
            try:
                return self._random(node, (node.min_depth or 0) + 1)
            except TooManyChoicesError:
                if branch.min_items > 1 or is_cycle or branch.max_items == 0 or not branch.at(0).is_satisfiable:
                    return builder.smallest(node, _choices(0))
                return [self.construct(branch.at(0), inner)]
        value: list[Any] = []
        size = 2 if branch.max_items is None else min(2, branch.max_items)
        while len(value) < branch.min_items or (len(value) < size and not (value and self._is_full)):
            value.append(self.construct(branch.items, inner))
        return value

    def _tuple(self, branch: Arrays, ancestors: tuple[Node, ...]) -> Any:
        """The first items that have a value, and as many further ones as are required."""
        listed = len(branch.prefix)
        size = max(branch.min_items, listed if branch.max_items is None else min(listed, branch.max_items))
        children = itertools.takewhile(lambda child: child.is_satisfiable, map(branch.at, range(size)))
        return [self.construct(child, ancestors) for child in children]

    def _object(self, branch: Objects, ancestors: tuple[Node, ...]) -> dict[str, Any]:
        value: dict[str, Any] = {}
        visits, maximum = self._visits, branch.max_properties
        capacity = len(branch.properties) if maximum is None else maximum - len(branch.required)
        for name, child in branch.properties.items():
            if not child.is_satisfiable:
                continue
            if name not in branch.required:
                max_visits = MAX_RECURSIVE_NODE_VISITS if child.is_recursive else MAX_NODE_VISITS
                is_frequent = visits[child] >= max_visits
                if capacity < 1 or child in ancestors or is_frequent or self._is_full:
                    continue
                capacity -= 1
            value[name] = self.construct(child, ancestors)
        for name in fewest_names(branch) if len(value) < branch.min_properties else ():
            if name not in value and len(value) < branch.min_properties:
                value[name] = self.construct(branch.properties[name], ancestors)
        if len(value) < branch.min_properties:
            # The other names are not listed in the schema.
            construct = self._builder.branch_construction(branch)
            value = {**construct(_choices(0), branch_depth(branch) or 0), **value}
        return value


def locations(node: Node, value: Any, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """Each location of a value that the schema lists, with its node; a recursive node is entered once."""
    return _locations(node, pointer, value, ())


def _locations(node: Node, pointer: str, value: Any, ancestors: tuple[Node, ...]) -> Iterator[tuple[str, Node]]:
    yield pointer, node
    if node in ancestors:
        return
    ancestors = (*ancestors, node)
    if isinstance(value, dict) and (objects := node.branch(Objects)) is not None:
        for name, child in objects.properties.items():
            if name in value and child.is_satisfiable:
                yield from _locations(child, json_pointer.join([name], base=pointer), value[name], ancestors)
    elif isinstance(value, list) and (arrays := node.branch(Arrays)) is not None:
        for index, item in enumerate(value[: max(MAX_LISTED_ITEMS, len(arrays.prefix))]):
            yield from _locations(arrays.at(index), f"{pointer}/{index}", item, ancestors)


def _node_at(root: Node, pointer: str) -> Node:
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
