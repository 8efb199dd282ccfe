"""What the keywords ask that speak of the members of an object."""

from __future__ import annotations

from chime_fixtures.engine.dnf.alternatives import Fact, Ways, absent, of_kind, present, without
from chime_fixtures.engine.dnf.clauses import Clause, Region
from chime_fixtures.engine.dnf.requirements import Literal
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import OBJECT

_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")


def _hold_required(literal: Literal) -> Ways:
    return [(present(*literal.schema.keywords["required"]),)]


def _fail_required(literal: Literal) -> Ways:
    return [(absent(name),) for name in literal.schema.keywords["required"]]


def _hold_dependent_required(literal: Literal) -> Ways:
    found = literal.schema.keywords["dependentRequired"]
    pairs = tuple((name, tuple(names)) for name, names in found.items() if names)
    return [(lambda clause: setattr(clause.facts, "implied", (*clause.facts.implied, *pairs)),)]


def _fail_dependent_required(literal: Literal) -> Ways:
    found = literal.schema.keywords["dependentRequired"]
    return [(present(name), absent(other)) for name, names in found.items() for other in names if other != name]


def _hold_property_names(literal: Literal) -> Ways:
    asked = literal.to(literal.schema.children["propertyNames"], holds=True)
    return [(lambda clause: setattr(clause.facts, "names", (*clause.facts.names, asked)),)]


def _fail_property_names(literal: Literal) -> Ways:
    asked = literal.to(literal.schema.children["propertyNames"], holds=False)
    return [(lambda clause: setattr(clause.facts, "bad_names", (*clause.facts.bad_names, asked)),)]


def _hold_properties(literal: Literal) -> Ways:
    parts = [(str(name), literal.to(child)) for name, child in literal.schema.parts("properties")]

    def add(clause: Clause) -> None:
        for name, asked in parts:
            clause.facts.member(name, asked)
        clause.facts.evaluate(literal, frozenset(name for name, _ in parts), ())

    return [(add,)]


def _fail_properties(literal: Literal) -> Ways:
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


def _hold_pattern_properties(literal: Literal) -> Ways:
    parts = tuple((str(pattern), literal.to(child)) for pattern, child in literal.schema.parts("patternProperties"))

    def add(clause: Clause) -> None:
        clause.facts.patterns = (*clause.facts.patterns, *parts)
        clause.facts.evaluate(literal, frozenset(), tuple(pattern for pattern, _ in parts))

    return [(add,)]


def _fail_pattern_properties(literal: Literal) -> Ways:
    return [
        (_exists(Region(str(pattern)), literal.to(child, holds=False)),)
        for pattern, child in literal.schema.parts("patternProperties")
    ]


def _exists(region: Region, asked: Literal) -> Fact:
    return lambda clause: setattr(clause.facts, "exists", (*clause.facts.exists, (region, asked)))


def outside_names(literal: Literal) -> Region:
    """The names for which `additionalProperties` speaks."""
    children = literal.schema.children
    return Region(None, frozenset(children.get("properties", ())), tuple(children.get("patternProperties", ())))


def _hold_additional_properties(literal: Literal) -> Ways:
    rule = (outside_names(literal), literal.to(literal.schema.children["additionalProperties"]))

    def add(clause: Clause) -> None:
        clause.facts.closed = (*clause.facts.closed, rule)
        clause.facts.evaluate_all(literal)

    return [(add,)]


def _fail_additional_properties(literal: Literal) -> Ways:
    asked = literal.to(literal.schema.children["additionalProperties"], holds=False)
    return [(_exists(outside_names(literal), asked),)]


def _hold_unevaluated_properties(literal: Literal) -> Ways:
    rule = (Region(tracker=literal.schema), literal.to(literal.schema.children["unevaluatedProperties"]))

    def add(clause: Clause) -> None:
        clause.facts.closed = (*clause.facts.closed, rule)
        clause.facts.evaluate_all(Literal(literal.schema, True, trackers=without(literal)))

    return [(add,)]


def _fail_unevaluated_properties(literal: Literal) -> Ways:
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


MEMBERS = {
    "required": of_kind(OBJECT, _hold_required, _fail_required),
    "dependentRequired": of_kind(OBJECT, _hold_dependent_required, _fail_dependent_required),
    "propertyNames": of_kind(OBJECT, _hold_property_names, _fail_property_names),
    "properties": of_kind(OBJECT, _hold_properties, _fail_properties),
    "patternProperties": of_kind(OBJECT, _hold_pattern_properties, _fail_pattern_properties),
    "additionalProperties": of_kind(OBJECT, _hold_additional_properties, _fail_additional_properties),
    "unevaluatedProperties": of_kind(OBJECT, _hold_unevaluated_properties, _fail_unevaluated_properties),
}
