"""Unreached locations: what a schema declares and no value of its normal form contains, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.limits import Limit
from chime_fixtures.engine.instances import ARRAY, OBJECT
from chime_fixtures.engine.normal_form.locations import Declaration, Locations, parts
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, children, limiting_node
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.violation import quote

MAX_ASSERTIONS = 4
"""Assertions that a reason quotes."""


@dataclass(frozen=True, slots=True)
class UnreachedLocation:
    """A declared location that no value contains: a property, an item, a branch or a member of an enumeration.

    The locations below it are not listed.

    Attributes:
        schema_pointer: the pointer of its subschema, or of the member of the enumeration.
        path: its location in an instance, with ``*`` for items and properties that no schema lists.
        reason: the reason, as a sentence without a subject.
        is_proved: True if no valid value contains it; False if none was found.
    """

    schema_pointer: str
    path: str
    reason: str
    is_proved: bool

    def __str__(self) -> str:
        return f"{json_pointer.display(self.schema_pointer)} {self.reason}"


def unreached_locations(locations: Locations, root: Node) -> tuple[UnreachedLocation, ...]:
    """The outermost declared locations that no branch of the nodes reaches."""
    declarations = list(locations.unreached(locations.reached))
    if not declarations:
        return ()
    limits = _limits(root)
    holders = _holders(root, {each.parent for each in declarations})
    return tuple(
        UnreachedLocation(
            declaration.schema_pointer,
            declaration.path,
            f"is in no value that was found before the search ended at the limit of {min(limits)}"
            if limits
            else _reason(declaration, holders.get(declaration.parent, [])),
            not limits,
        )
        for declaration in declarations
    )


def _nodes(root: Node) -> Iterator[Node]:
    """The nodes whose values are parts of values of a root."""
    seen = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        for child in (child for branch in node.branches for _, child in parts(branch)):
            if child not in seen:
                seen.add(child)
                stack.append(child)


def _limits(root: Node) -> set[Limit]:
    """The limits that left out branches, so that a location might be in a value that was not found."""
    limits: set[Limit] = set()
    for node in _nodes(root):
        limits |= node.limits
        for child in (child for branch in node.branches for child in children(branch) if not child.is_satisfiable):
            limited = limiting_node(child)
            limits |= limited.limits if limited is not None else frozenset()
    return limits


def _holders(root: Node, schemas: set[Subschema]) -> dict[Subschema, list[Branch]]:
    """The branches whose values satisfy each schema."""
    holders: dict[Subschema, list[Branch]] = {}
    for node in _nodes(root):
        for branch, satisfied, _ in node.expanded:
            for schema in schemas.intersection(satisfied[0].union(*satisfied)):
                holders.setdefault(schema, []).append(branch)
    return holders


def _reason(declaration: Declaration, branches: list[Branch]) -> str:
    schema = declaration.parent
    facts = schema.dialect[declaration.keyword]
    if facts.lists_values:
        return "is excluded by the other schemas and keywords that apply to the same value"
    if facts.is_in_place:
        return "is not satisfied by any value that the other schemas at this location allow"
    kind: type[Branch] = Objects if facts.json_type == OBJECT else Arrays
    holders = [branch for branch in branches if isinstance(branch, kind)]
    if not holders:
        return f"applies to {'objects' if kind is Objects else 'arrays'}, but no value at this location is one"
    return next(_reasons(declaration, holders), "is not satisfied by any value that the other schemas here allow")


def _reasons(declaration: Declaration, branches: list[Branch]) -> Iterator[str]:
    """The reasons why a part is in no value of some branches, the most specific ones first."""
    for branch in branches:
        if isinstance(branch, Objects) and declaration.subkey in branch.properties:
            node = branch.properties[str(declaration.subkey)]
            if not node.is_satisfiable:
                yield _contradiction(node)
    counts = [branch.max_items for branch in branches if isinstance(branch, Arrays)]
    counts += [branch.max_properties for branch in branches if isinstance(branch, Objects)]
    bounds = [count for count in counts if count is not None]
    if len(bounds) == len(branches):
        noun = "items" if declaration.parent.dialect[declaration.keyword].json_type == ARRAY else "properties"
        yield f"is beyond the maximum number of {noun}, which is {max(bounds)}"


def _contradiction(node: Node) -> str:
    """The assertions that exclude each other at a node without a value."""
    assertions = [f"{each.keyword} {quote(each.value)}" for each in node.assertions]
    if len(assertions) > MAX_ASSERTIONS:
        assertions = [*assertions[:MAX_ASSERTIONS], "..."]
    if not assertions:
        return "has no value"
    return f"has no value; these exclude each other: {', '.join(assertions)}"
