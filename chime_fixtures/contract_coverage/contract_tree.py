"""A contract as a tree of members: their types, and their constraints, each with its edges and violations."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import Edge, Hazard
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import OBJECT, TYPES, json_type
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.regex.patterns import matched_by_ecma
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.violation import Violation

MAX_MEMBERS = 2000
"""Members of one tree; the outer ones come first."""

MAX_DEPTH = 40
"""Levels of one tree."""

MAX_NODES = 16
"""Nodes of the normal form at one location that its types are read from."""

ANY_NAME = "*"
"""The token of items, and of properties that no schema lists."""

INTEGER = "integer"

NodeKind = Literal["root", "property", "pattern", "additional", "item", "items"]
"""The whole instance; a listed property, those of a pattern, any other; an item of a prefix, the other items."""


@dataclass(frozen=True, slots=True)
class ConstraintEntry:
    """One constraint at a location, with its labelled cases.

    Attributes:
        keyword: the keyword; None for the edges that no keyword sets, as those of presence and of examples.
        limit: the keyword's value in the schema.
        edges: the edges that it sets.
        violations: the violations of it; their instances share arrays and objects, and are for reading only.
        schema_pointer: the location of the keyword in its document; None if it is unknown.
        is_conditional: True if it is in a branch of a union or of a condition, so that not every value must satisfy it.
        implied_by: the constraints that are violated with it, if it can't be violated alone.
    """

    keyword: str | None
    limit: Any = field(hash=False)
    edges: tuple[Edge, ...]
    violations: tuple[Violation, ...]
    schema_pointer: str | None = None
    is_conditional: bool = False
    implied_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ContractNode:
    """A location of a contract: the whole instance, a property, or an item.

    Attributes:
        pointer: the location, with ``*`` for items and for properties that no schema lists.
        name: the name of the property, the index of the item, or the pattern of names; ``*`` for other items and
            properties, and empty for the whole instance.
        types: the JSON types of its values, and ``integer`` for numbers without a fraction.
        is_required: True if every object that may have the property has it.
        description: the first description in its schemas, or an empty text.
        constraints: its constraints, in the schema's order.
        hazards: the hazards at the location.
        children: its properties and items.
        kind: the kind of location.
        same_as: the pointer of the location that has its children, if they are those of another one: the schema is
            recursive, or the tree is at its limit.
    """

    pointer: str
    name: str
    types: tuple[str, ...]
    is_required: bool
    description: str
    constraints: tuple[ConstraintEntry, ...]
    hazards: tuple[Hazard, ...]
    children: tuple[ContractNode, ...]
    kind: NodeKind = "property"
    same_as: str | None = None

    def walk(self) -> Iterator[ContractNode]:
        """The node and every node below it, each before its children."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


def contract_tree(contract: Contract) -> ContractNode:
    """The tree of a contract, with every edge, hazard and violation at one of its nodes."""
    root = _located(contract)
    for edge in contract.edges:
        _add_edge(root, edge)
    for hazard in contract.hazards:
        _at(root, hazard.pointer)[0].hazards.append(hazard)
    for entry in contract.catalogue:
        _add_violation(root, entry.shared)
    return root.frozen({each.constraint.schema_pointer: each.by for each in contract.catalogue.implied})


# Locations -----------------------------------------------------------------------------------------------------------


_Implied: TypeAlias = Mapping[str | None, tuple[str, ...]]
"""By schema pointer, the constraints that are violated with one that can't be violated alone."""


@dataclass(slots=True)
class _Constraint:
    """A constraint while its cases are collected."""

    keyword: str | None
    limit: Any
    schema_pointer: str | None
    is_conditional: bool = False
    edges: list[Edge] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def frozen(self, implied: _Implied) -> ConstraintEntry:
        return ConstraintEntry(
            self.keyword,
            self.limit,
            tuple(self.edges),
            tuple(self.violations),
            self.schema_pointer,
            self.is_conditional,
            None if self.violations else implied.get(self.schema_pointer),
        )


class _ChildKey(NamedTuple):
    """The identity of a property or item in the location that contains it.

    Attributes:
        kind: its kind.
        name: its name, its index or the pattern of its name.
    """

    kind: NodeKind
    name: str

    @property
    def token(self) -> str:
        """Its token in a pointer."""
        return self.name if self.kind in _NAMED else ANY_NAME


_NAMED: tuple[NodeKind, ...] = ("property", "item")


@dataclass(eq=False)
class _Location:
    """A location while the tree is built.

    Attributes:
        pointer: its pointer.
        key: its kind and name.
        applied: the schemas that apply to it, each with True if they apply in any case.
        nodes: its nodes in the normal form.
        is_required: True if the property is required.
        outer: the location that contains it.
        same_as: the location that has its children.
    """

    pointer: str
    key: _ChildKey
    applied: dict[Requirement, bool]
    nodes: list[Node]
    is_required: bool
    outer: _Location | None
    same_as: _Location | None = None
    children: dict[_ChildKey, _Location] = field(default_factory=dict)
    constraints: dict[str | tuple[str, str] | None, _Constraint] = field(default_factory=dict)
    hazards: list[Hazard] = field(default_factory=list)

    @functools.cached_property
    def declaring(self) -> frozenset[Subschema]:
        """The schemas that declare its properties and items."""
        return frozenset(each.schema for each in self.applied if any(True for _ in _declared(each.schema)))

    def frozen(self, implied: _Implied) -> ContractNode:
        """The node, with those below it."""
        return ContractNode(
            self.pointer,
            self.key.name,
            _types(self.nodes),
            self.is_required,
            _description(self.applied),
            tuple(each.frozen(implied) for each in self.constraints.values()),
            tuple(self.hazards),
            tuple(child.frozen(implied) for child in self.children.values()),
            self.key.kind,
            None if self.same_as is None else self.same_as.pointer,
        )


def _located(contract: Contract) -> _Location:
    """The locations of a contract with their constraints, outer ones first."""
    violable = {constraint.schema_pointer for constraint in contract.constraints}
    applied = _applied({contract.normal_form.root_requirement: True})
    root = _Location("", _ChildKey("root", ""), applied, [contract.root], False, None)
    known: dict[frozenset[Subschema], _Location] = {}
    queue = [root]
    for location in queue:
        _declare(location, violable)
        children = _children(location)
        if not children:
            continue
        location.same_as = _ancestor(location)
        if location.same_as is None and len(queue) + len(children) > MAX_MEMBERS:
            location.same_as = known.get(location.declaring)
            continue
        if location.same_as is not None or location.pointer.count("/") >= MAX_DEPTH:
            continue
        known.setdefault(location.declaring, location)
        location.children = children
        queue.extend(children.values())
    return root


def _ancestor(location: _Location) -> _Location | None:
    """The location above this one whose parts the same schemas declare; None if there is none."""
    outer = location.outer
    while outer is not None and outer.declaring != location.declaring:
        outer = outer.outer
    return outer


def _applied(requirements: Mapping[Requirement, bool]) -> dict[Requirement, bool]:
    """The schemas that requirements apply to a value in place; True for those that apply in any case."""
    applied = dict(requirements)
    queue = list(applied)
    for requirement in queue:
        schema, is_certain = requirement.schema, applied[requirement]
        following = [(target, is_certain) for target in requirement.targets]
        for keyword in schema.dialect.in_place:
            facts = schema.dialect[keyword]
            is_evaluated = facts.evaluated_by is None or facts.evaluated_by in schema.keywords
            if is_evaluated and not facts.discards_annotations and not facts.never_fails:
                is_always = is_certain and keyword in schema.dialect.unconditional
                following += [(child, is_always) for _, child in schema.subschemas(keyword)]
        for target, is_always in following:
            after = requirement.to(target)
            if after not in applied:
                applied[after] = is_always
                queue.append(after)
            elif is_always and not applied[after]:
                applied[after] = True
                queue.append(after)
    return applied


def _declare(location: _Location, violable: set[str]) -> None:
    """Add the constraints that the schemas of a location have."""
    for requirement, is_certain in location.applied.items():
        schema = requirement.schema
        for keyword, value in schema.keywords.items():
            pointer = schema.at(keyword)
            if pointer in violable or (not is_certain and keyword in schema.dialect.labels):
                location.constraints.setdefault(pointer, _Constraint(keyword, value, pointer, not is_certain))


def _children(location: _Location) -> dict[_ChildKey, _Location]:
    """The properties and items that the schemas of a location declare."""
    found: dict[_ChildKey, dict[Requirement, bool]] = {}
    for requirement, is_certain in location.applied.items():
        for key, child, is_independent in _declared(requirement.schema):
            applied = found.setdefault(key, {})
            after = requirement.to(child)
            applied[after] = applied.get(after, False) or (is_certain and is_independent)
    return {key: _child(location, key, applied) for key, applied in found.items()}


def _declared(schema: Subschema) -> Iterator[tuple[_ChildKey, Subschema, bool]]:
    """The properties and items that one schema declares; True for those that it applies to in any case."""
    for keyword in schema.children:
        facts = schema.dialect[keyword]
        if facts.is_in_place or facts.is_applied_to_names or facts.role == "annotation":
            continue
        for subkey, child in schema.subschemas(keyword):
            if not isinstance(child.value, bool) or (child.value and facts.names_part):
                yield _child_key(facts, subkey), child, facts.is_independent


def _child_key(facts: KeywordFacts, subkey: str | int | None) -> _ChildKey:
    if isinstance(subkey, int):
        return _ChildKey("item", str(subkey))
    if facts.names_part and subkey is not None:
        return _ChildKey("property", subkey)
    if facts.json_type == OBJECT:
        return _ChildKey("additional", ANY_NAME) if subkey is None else _ChildKey("pattern", subkey)
    return _ChildKey("items", ANY_NAME)


def _child(location: _Location, key: _ChildKey, requirements: Mapping[Requirement, bool]) -> _Location:
    pointer = json_pointer.join([key.token], base=location.pointer)
    schemas = {each.schema for each in requirements}
    branches = [branch for node in location.nodes for branch in node.branches]
    nodes = dict.fromkeys(node for branch in branches for node in _child_nodes(branch, key, schemas))
    objects = [branch for branch in branches if isinstance(branch, Objects)]
    is_required = key.kind == "property" and bool(objects) and all(key.name in branch.required for branch in objects)
    return _Location(pointer, key, _applied(requirements), list(nodes)[:MAX_NODES], is_required, location)


def _child_nodes(branch: Branch, key: _ChildKey, schemas: set[Subschema]) -> Iterable[Node]:
    """The nodes of a part in one branch of the value that contains it."""
    if isinstance(branch, Arrays):
        return (branch.items,) if key.kind == "items" else (branch.at(int(key.name)),) if key.kind == "item" else ()
    if not isinstance(branch, Objects):
        return ()
    if key.kind == "property":
        return (branch.properties[key.name],) if key.name in branch.properties else ()
    if key.kind == "additional":
        return (branch.additional,)
    families = (family.node for family in branch.families)
    return (node for node in families if any(each.schema in schemas for each in node.requirements))


def _types(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The JSON types of the values of nodes, simplest first."""
    found = {name for node in nodes for branch in node.branches for name in _branch_types(branch)}
    return tuple(name for name in (*TYPES[:2], INTEGER, *TYPES[2:]) if name in found)


def _branch_types(branch: Branch) -> Iterable[str]:
    if isinstance(branch, Constants):
        return map(json_type, branch.values)
    if isinstance(branch, Numbers):
        return (INTEGER if branch.is_integer else TYPES[2],)
    if isinstance(branch, Strings):
        return (TYPES[3],)
    return (TYPES[4] if isinstance(branch, Arrays) else TYPES[5],)


def _description(applied: Mapping[Requirement, bool]) -> str:
    values = (each.schema.value.get("description") for each in applied if isinstance(each.schema.value, dict))
    return next((value for value in values if isinstance(value, str)), "")


# Cases ---------------------------------------------------------------------------------------------------------------


def _at(root: _Location, pointer: str) -> list[_Location]:
    """The locations at a pointer, the most precise one first; the deepest one on its path if there is none."""
    found = [root]
    for token in json_pointer.split(pointer):
        following = [child for location in found for child in _inner(location, token)]
        if not following:
            break
        found = following
    return found


def _inner(location: _Location, token: str) -> list[_Location]:
    """The parts that a token may lead to, listed ones before others."""
    children = (location.same_as or location).children
    named = [child for kind in _NAMED if (child := children.get(_ChildKey(kind, token))) is not None]
    return named or [child for key, child in children.items() if _is_among(token, key)]


def _is_among(token: str, key: _ChildKey) -> bool:
    """True if a token may be that of an item or property that no schema lists."""
    if key.kind == "pattern":
        return token in matched_by_ecma(key.name)
    return key.kind == "additional" or (key.kind == "items" and token.isdecimal())


def _add_edge(root: _Location, edge: Edge) -> None:
    found = _at(root, edge.pointer)
    for location in found:
        for constraint in location.constraints.values():
            if edge.keyword == constraint.keyword and instances.equal(edge.limit, constraint.limit):
                constraint.edges.append(edge)
                return
    key = None if edge.keyword is None else (edge.keyword, repr(edge.limit))
    constraint = found[0].constraints.setdefault(key, _Constraint(edge.keyword, edge.limit, None))
    constraint.edges.append(edge)


def _add_violation(root: _Location, violation: Violation) -> None:
    found = _at(root, violation.pointer)
    location = next((each for each in found if violation.schema_pointer in each.constraints), found[0])
    constraint = location.constraints.get(violation.schema_pointer)
    if constraint is None or constraint.keyword != violation.keyword:
        # The keyword is reported for another one: the applicator of a `false` schema.
        constraint = location.constraints.setdefault(
            (violation.keyword, violation.schema_pointer),
            _Constraint(violation.keyword, violation.limit, violation.schema_pointer),
        )
    constraint.violations.append(violation)
