"""What the keywords ask that speak of the members of an object."""

from __future__ import annotations

from chime_fixtures.engine.dnf.alternatives import Alternatives, Constrain, absent, for_type, other_consumers, present
from chime_fixtures.engine.dnf.clauses import Clause, PropertyNames
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import OBJECT
from chime_fixtures.engine.schema.graph import Subschema

_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")


def _hold_required(literal: Requirement) -> Alternatives:
    return [(present(*literal.schema.keywords["required"]),)]


def _fail_required(literal: Requirement) -> Alternatives:
    return [(absent(name),) for name in literal.schema.keywords["required"]]


def _hold_dependent_required(literal: Requirement) -> Alternatives:
    found = literal.schema.keywords["dependentRequired"]
    pairs = tuple((name, tuple(names)) for name, names in found.items() if names)
    return [(lambda clause: setattr(clause.constraints, "implied", (*clause.constraints.implied, *pairs)),)]


def _fail_dependent_required(literal: Requirement) -> Alternatives:
    found = literal.schema.keywords["dependentRequired"]
    return [(present(name), absent(other)) for name, names in found.items() for other in names if other != name]


def _hold_property_names(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["propertyNames"], holds=True)
    return [(lambda clause: setattr(clause.constraints, "names", (*clause.constraints.names, asked)),)]


def _fail_property_names(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["propertyNames"], holds=False)
    return [(lambda clause: setattr(clause.constraints, "bad_names", (*clause.constraints.bad_names, asked)),)]


def _hold_properties(literal: Requirement) -> Alternatives:
    parts = [(str(name), literal.to(child)) for name, child in literal.schema.parts("properties")]

    def add(clause: Clause) -> None:
        for name, asked in parts:
            clause.constraints.member(name, asked)
        clause.constraints.evaluate(literal, frozenset(name for name, _ in parts), ())

    return [(add,)]


def _fail_properties(literal: Requirement) -> Alternatives:
    return [
        (_wrong_member(str(name), literal.to(child, holds=False)),)
        for name, child in literal.schema.parts("properties")
        if child.value is not True and child.value != {}
    ]


def _wrong_member(name: str, asked: Requirement) -> Constrain:
    def add(clause: Clause) -> None:
        clause.constraints.require(name)
        clause.constraints.member(name, asked)

    return add


def _hold_pattern_properties(literal: Requirement) -> Alternatives:
    parts = tuple((str(pattern), literal.to(child)) for pattern, child in literal.schema.parts("patternProperties"))

    def add(clause: Clause) -> None:
        clause.constraints.patterns = (*clause.constraints.patterns, *parts)
        clause.constraints.evaluate(literal, frozenset(), tuple(pattern for pattern, _ in parts))

    return [(add,)]


def _fail_pattern_properties(literal: Requirement) -> Alternatives:
    return [
        (_exists(PropertyNames(str(pattern)), literal.to(child, holds=False)),)
        for pattern, child in literal.schema.parts("patternProperties")
    ]


def _exists(region: PropertyNames, asked: Requirement) -> Constrain:
    return lambda clause: setattr(clause.constraints, "exists", (*clause.constraints.exists, (region, asked)))


def outside_names(literal: Requirement) -> PropertyNames:
    """The names for which `additionalProperties` speaks."""
    children = literal.schema.children
    return PropertyNames(None, frozenset(children.get("properties", ())), tuple(children.get("patternProperties", ())))


def _hold_additional_properties(literal: Requirement) -> Alternatives:
    rule = (outside_names(literal), literal.to(literal.schema.children["additionalProperties"]))

    def add(clause: Clause) -> None:
        clause.constraints.closed = (*clause.constraints.closed, rule)
        clause.constraints.evaluate_all(literal)

    return [(add,)]


def _fail_additional_properties(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["additionalProperties"], holds=False)
    return [(_exists(outside_names(literal), asked),)]


def _hold_unevaluated_properties(literal: Requirement) -> Alternatives:
    rule = (
        PropertyNames(annotation_consumer=literal.schema),
        literal.to(literal.schema.children["unevaluatedProperties"]),
    )

    def add(clause: Clause) -> None:
        clause.constraints.closed = (*clause.constraints.closed, rule)
        clause.constraints.evaluate_all(
            Requirement(literal.schema, True, annotation_consumers=other_consumers(literal))
        )

    return [(add,)]


def _fail_unevaluated_properties(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["unevaluatedProperties"], holds=False)
    names, patterns = mentioned(literal.schema)
    return [(_exists(PropertyNames(None, names, patterns, literal.schema), asked),)]


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
        following += [target for target in (found.ref, *found.dynamic_refs.values()) if target is not None]
        stack.extend(child for child in following if child not in seen)
        seen.update(following)
    return frozenset(names), tuple(patterns)


MEMBERS = {
    "required": for_type(OBJECT, _hold_required, _fail_required),
    "dependentRequired": for_type(OBJECT, _hold_dependent_required, _fail_dependent_required),
    "propertyNames": for_type(OBJECT, _hold_property_names, _fail_property_names),
    "properties": for_type(OBJECT, _hold_properties, _fail_properties),
    "patternProperties": for_type(OBJECT, _hold_pattern_properties, _fail_pattern_properties),
    "additionalProperties": for_type(OBJECT, _hold_additional_properties, _fail_additional_properties),
    "unevaluatedProperties": for_type(OBJECT, _hold_unevaluated_properties, _fail_unevaluated_properties),
}
