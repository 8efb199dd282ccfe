"""What the applicators ask that hand the same value on to other schemas; and the table of all keywords."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chime_fixtures.engine.dnf.alternatives import NO_CONSTRAINT, Alternatives, Keyword, absent, for_type, present
from chime_fixtures.engine.dnf.assertions import ASSERTING
from chime_fixtures.engine.dnf.items import ITEMS
from chime_fixtures.engine.dnf.properties import MEMBERS
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement
from chime_fixtures.engine.instances import OBJECT
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions


def targets(literal: Requirement) -> list[Subschema]:
    """What a schema refers to, with regard to the resources that were entered."""
    schema = literal.schema
    found = [schema.ref] if schema.ref is not None else []
    if schema.dynamic_refs:
        name = str(schema.keywords["$dynamicRef"]).rpartition("#")[2]
        first = dict(literal.dynamic_scope).get(name)
        found.append(schema.dynamic_refs[first if first in schema.dynamic_refs else None])
    return found


def in_place_requirements(goal: Conjunction) -> Iterator[Requirement]:
    """What is asked of the value of a goal without a choice: its schemas, what they refer to, and their `allOf`."""
    seen: set[Subschema] = set()
    stack = [literal for literal in reversed(goal) if literal.must_hold]
    while stack:
        literal = stack.pop()
        if literal.schema in seen:
            continue
        seen.add(literal.schema)
        yield literal
        following = [literal.to(target) for target in targets(literal)]
        following += [literal.to(child) for _, child in literal.schema.parts("allOf")]
        stack.extend(reversed(following))


def _children(literal: Requirement, keyword: str, *, holds: bool = True) -> list[Requirement]:
    return [literal.to(child, holds=holds, in_place=True) for _, child in literal.schema.parts(keyword)]


def _hold_all_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [tuple(_children(literal, "allOf"))]


def _fail_all_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [(child,) for child in _children(literal, "allOf", holds=False)]


def _hold_any_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [(child,) for child in _children(literal, "anyOf")]


def _fail_any_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [tuple(_children(literal, "anyOf", holds=False))]


def _hold_one_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    chosen, others = _children(literal, "oneOf"), _children(literal, "oneOf", holds=False)
    return [(child, *(other for other in others if other.schema is not child.schema)) for child in chosen]


def _fail_one_of(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    chosen = _children(literal, "oneOf")
    pairs: Alternatives = [(left, right) for place, left in enumerate(chosen) for right in chosen[place + 1 :]]
    return [tuple(_children(literal, "oneOf", holds=False)), *pairs]


def _hold_not(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [tuple(_children(literal, "not", holds=False))]


def _fail_not(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [tuple(_children(literal, "not"))]


def _hold_if(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    (met,), (unmet,) = _children(literal, "if"), _children(literal, "if", holds=False)
    children = literal.schema.children
    if not literal.annotation_consumers and "then" not in children and "else" not in children:
        return NO_CONSTRAINT
    return [(met, *_children(literal, "then")), (unmet, *_children(literal, "else"))]


def _fail_if(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    (met,), (unmet,) = _children(literal, "if"), _children(literal, "if", holds=False)
    ways: Alternatives = [(met, wrong) for wrong in _children(literal, "then", holds=False)]
    return [*ways, *((unmet, wrong) for wrong in _children(literal, "else", holds=False))]


def _hold_dependent_schemas(literal: Requirement) -> Alternatives:
    ways: Alternatives = NO_CONSTRAINT
    for name, child in literal.schema.parts("dependentSchemas"):
        asked = literal.to(child, in_place=True)
        choices: Alternatives = [(absent(str(name)),), (present(str(name)), asked)]
        ways = [(*way, *choice) for way in ways for choice in choices][:_MANY]
    return ways


_MANY = 64
"""So many ways at most are followed for the combinations of one `dependentSchemas`."""


def _fail_dependent_schemas(literal: Requirement) -> Alternatives:
    return [
        (present(str(name)), literal.to(child, holds=False)) for name, child in literal.schema.parts("dependentSchemas")
    ]


def _hold_reference(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [tuple(literal.to(target, in_place=True) for target in targets(literal))]


def _fail_reference(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [(literal.to(target, holds=False),) for target in targets(literal)]


KEYWORDS: dict[str, Keyword] = {
    **ASSERTING,
    **MEMBERS,
    **ITEMS,
    "allOf": Keyword(_hold_all_of, _fail_all_of),
    "anyOf": Keyword(_hold_any_of, _fail_any_of),
    "oneOf": Keyword(_hold_one_of, _fail_one_of),
    "not": Keyword(_hold_not, _fail_not),
    "if": Keyword(_hold_if, _fail_if),
    "dependentSchemas": for_type(OBJECT, _hold_dependent_schemas, _fail_dependent_schemas),
    "$ref": Keyword(_hold_reference, _fail_reference),
    "$dynamicRef": Keyword(_hold_reference, _fail_reference),
}
"""Every keyword that the engine drives."""
