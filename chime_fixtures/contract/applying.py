"""What the applicators ask: the keywords that hand a value, or a part of it, on to other schemas."""

from __future__ import annotations

from typing import Any

from chime_fixtures.contract.asserting import DEAD, FAIL, FREE, HOLD, Fact, Reader, Ways, absent, outside_names, present
from chime_fixtures.contract.facts import Clause, Region
from chime_fixtures.contract.goals import Literal
from chime_fixtures.contract.keywords import ARRAY, OBJECT
from chime_fixtures.contract.options import Options
from chime_fixtures.contract.survey import Subschema


def targets(literal: Literal) -> list[Subschema]:
    """What a schema refers to, with regard to the resources that were entered."""
    schema = literal.schema
    found = [schema.target] if schema.target is not None else []
    if schema.dynamic:
        name = str(schema.keywords["$dynamicRef"]).rpartition("#")[2]
        first = dict(literal.scope).get(name)
        found.append(schema.dynamic[first if first in schema.dynamic else None])
    return found


# Members -------------------------------------------------------------------------------------------------------------


def _hold_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    parts = [(str(name), literal.to(child)) for name, child in literal.schema.parts("properties")]

    def add(clause: Clause) -> None:
        for name, asked in parts:
            clause.facts.member(name, asked)
        clause.facts.evaluate(literal, frozenset(name for name, _ in parts), ())

    return [(add,)]


def _fail_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    return [
        (_wrong_member(str(name), literal.to(child, holds=False)),)
        for name, child in literal.schema.parts("properties")
        if child.value is not True and child.value != {}
    ]


def _wrong_member(name: str, asked: Literal) -> Fact:
    def add(clause: Clause) -> None:
        clause.facts.require(name)
        clause.facts.member(name, asked)

    return add


def _hold_pattern_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    parts = tuple((str(pattern), literal.to(child)) for pattern, child in literal.schema.parts("patternProperties"))

    def add(clause: Clause) -> None:
        clause.facts.patterns = (*clause.facts.patterns, *parts)
        clause.facts.evaluate(literal, frozenset(), tuple(pattern for pattern, _ in parts))

    return [(add,)]


def _fail_pattern_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    return [
        (_exists(Region(str(pattern)), literal.to(child, holds=False)),)
        for pattern, child in literal.schema.parts("patternProperties")
    ]


def _exists(region: Region, asked: Literal) -> Fact:
    return lambda clause: setattr(clause.facts, "exists", (*clause.facts.exists, (region, asked)))


def _hold_additional_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    rule = (outside_names(literal), literal.to(literal.schema.children["additionalProperties"]))

    def add(clause: Clause) -> None:
        clause.facts.closed = (*clause.facts.closed, rule)
        clause.facts.evaluate_all(literal)

    return [(add,)]


def _fail_additional_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    asked = literal.to(literal.schema.children["additionalProperties"], holds=False)
    return [(_exists(outside_names(literal), asked),)]


def _hold_unevaluated_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    rule = (Region(tracker=literal.schema), literal.to(literal.schema.children["unevaluatedProperties"]))

    def add(clause: Clause) -> None:
        clause.facts.closed = (*clause.facts.closed, rule)
        clause.facts.evaluate_all(Literal(literal.schema, True, trackers=without(literal)))

    return [(add,)]


def without(literal: Literal) -> tuple[Subschema, ...]:
    """The listeners other than the schema itself."""
    return tuple(tracker for tracker in literal.trackers if tracker is not literal.schema)


def _fail_unevaluated_properties(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    asked = literal.to(literal.schema.children["unevaluatedProperties"], holds=False)
    names, patterns = mentioned(literal.schema)
    return [(_exists(Region(None, names, patterns, literal.schema), asked),)]


def mentioned(schema: Subschema) -> tuple[frozenset[str], tuple[str, ...]]:
    """Each name and pattern of members that a schema, or one that judges the same value, speaks of."""
    names: set[str] = set()
    patterns: dict[str, None] = {}
    seen = {schema}
    stack = [schema]
    while stack:
        found = stack.pop()
        names.update(str(name) for name, _ in found.parts("properties"))
        patterns.update((str(name), None) for name, _ in found.parts("patternProperties"))
        following = [child for word in _IN_PLACE for _, child in found.parts(word)]
        following += [target for target in (found.target, *found.dynamic.values()) if target is not None]
        stack.extend(child for child in following if child not in seen)
        seen.update(following)
    return frozenset(names), tuple(patterns)


_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")


# Items ---------------------------------------------------------------------------------------------------------------


def _hold_prefix_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return FREE
    parts = [literal.to(child) for _, child in literal.schema.parts("prefixItems")]

    def add(clause: Clause) -> None:
        for index, asked in enumerate(parts):
            clause.facts.items(index, index + 1, asked)
        clause.facts.evaluate(literal, len(parts))

    return [(add,)]


def _fail_prefix_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return DEAD
    return [
        (wrong_item(int(index or 0), literal.to(child, holds=False)),)
        for index, child in literal.schema.parts("prefixItems")
    ]


def wrong_item(index: int, asked: Literal) -> Fact:
    """There is an item at the index, and it is asked that."""

    def add(clause: Clause) -> None:
        clause.facts.items(index, index + 1, asked)
        clause.facts.at_least(index + 1)

    return add


def first_item(literal: Literal) -> int:
    """The index from which on `items` speaks."""
    return len(literal.schema.parts("prefixItems"))


def _hold_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return FREE
    asked = literal.to(literal.schema.children["items"])

    def add(clause: Clause) -> None:
        clause.facts.items(first_item(literal), None, asked)
        clause.facts.evaluate(literal, None)

    return [(add,)]


def _fail_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return DEAD
    asked = literal.to(literal.schema.children["items"], holds=False)
    return [(wrong_item(index, asked),) for index in (first_item(literal), first_item(literal) + 1)]


def _hold_unevaluated_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return _unevaluated_items(literal, kind, True)


def _fail_unevaluated_items(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return _unevaluated_items(literal, kind, False)


def _unevaluated_items(literal: Literal, kind: str, holds: bool) -> Ways:
    if kind != ARRAY:
        return FREE if holds else DEAD
    asked = literal.to(literal.schema.children["unevaluatedItems"], holds=holds)

    def add(clause: Clause) -> None:
        clause.facts.unevaluated = (*clause.facts.unevaluated, (literal.schema, asked, holds))
        if holds:
            clause.facts.evaluate(Literal(literal.schema, True, trackers=without(literal)), None)

    return [(add,)]


# The same value ------------------------------------------------------------------------------------------------------


def _children(literal: Literal, keyword: str, *, holds: bool = True) -> list[Literal]:
    return [literal.to(child, holds=holds, in_place=True) for _, child in literal.schema.parts(keyword)]


def _hold_all_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [tuple(_children(literal, "allOf"))]


def _fail_all_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(child,) for child in _children(literal, "allOf", holds=False)]


def _hold_any_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(child,) for child in _children(literal, "anyOf")]


def _fail_any_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [tuple(_children(literal, "anyOf", holds=False))]


def _hold_one_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    chosen, others = _children(literal, "oneOf"), _children(literal, "oneOf", holds=False)
    return [(child, *(other for other in others if other.schema is not child.schema)) for child in chosen]


def _fail_one_of(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    chosen = _children(literal, "oneOf")
    pairs: Ways = [(left, right) for place, left in enumerate(chosen) for right in chosen[place + 1 :]]
    return [tuple(_children(literal, "oneOf", holds=False)), *pairs]


def _hold_not(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [tuple(_children(literal, "not", holds=False))]


def _fail_not(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [tuple(_children(literal, "not"))]


def _hold_if(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    (met,), (unmet,) = _children(literal, "if"), _children(literal, "if", holds=False)
    children = literal.schema.children
    if not literal.trackers and "then" not in children and "else" not in children:
        return FREE
    return [(met, *_children(literal, "then")), (unmet, *_children(literal, "else"))]


def _fail_if(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    (met,), (unmet,) = _children(literal, "if"), _children(literal, "if", holds=False)
    ways: Ways = [(met, wrong) for wrong in _children(literal, "then", holds=False)]
    return [*ways, *((unmet, wrong) for wrong in _children(literal, "else", holds=False))]


def _hold_dependent_schemas(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    ways: Ways = FREE
    for name, child in literal.schema.parts("dependentSchemas"):
        asked = literal.to(child, in_place=True)
        choices: Ways = [(absent(str(name)),), (present(str(name)), asked)]
        ways = [(*way, *choice) for way in ways for choice in choices][:_MANY]
    return ways


_MANY = 64
"""So many ways at most are followed for the combinations of one `dependentSchemas`."""


def _fail_dependent_schemas(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    return [
        (present(str(name)), literal.to(child, holds=False)) for name, child in literal.schema.parts("dependentSchemas")
    ]


def _hold_reference(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [tuple(literal.to(target, in_place=True) for target in targets(literal))]


def _fail_reference(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(literal.to(target, holds=False),) for target in targets(literal)]


HOLDING: dict[str, Reader] = {
    **HOLD,
    "properties": _hold_properties,
    "patternProperties": _hold_pattern_properties,
    "additionalProperties": _hold_additional_properties,
    "unevaluatedProperties": _hold_unevaluated_properties,
    "prefixItems": _hold_prefix_items,
    "items": _hold_items,
    "unevaluatedItems": _hold_unevaluated_items,
    "allOf": _hold_all_of,
    "anyOf": _hold_any_of,
    "oneOf": _hold_one_of,
    "not": _hold_not,
    "if": _hold_if,
    "dependentSchemas": _hold_dependent_schemas,
    "$ref": _hold_reference,
    "$dynamicRef": _hold_reference,
}

FAILING: dict[str, Reader] = {
    **FAIL,
    "properties": _fail_properties,
    "patternProperties": _fail_pattern_properties,
    "additionalProperties": _fail_additional_properties,
    "unevaluatedProperties": _fail_unevaluated_properties,
    "prefixItems": _fail_prefix_items,
    "items": _fail_items,
    "unevaluatedItems": _fail_unevaluated_items,
    "allOf": _fail_all_of,
    "anyOf": _fail_any_of,
    "oneOf": _fail_one_of,
    "not": _fail_not,
    "if": _fail_if,
    "dependentSchemas": _fail_dependent_schemas,
    "$ref": _fail_reference,
    "$dynamicRef": _fail_reference,
}
