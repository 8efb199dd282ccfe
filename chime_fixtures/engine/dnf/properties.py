"""Keywords of objects: constraints on the properties by their names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chime_fixtures.engine.dnf.clauses import (
    Absent,
    Alternatives,
    Clause,
    Constrain,
    Present,
    PropertyNames,
    schema_rules,
)
from chime_fixtures.engine.dnf.requirements import PathStep, Requirement
from chime_fixtures.engine.schema.graph import Subschema


def _satisfy_required(requirement: Requirement) -> Alternatives:
    return [(Present(tuple(requirement.schema.keywords["required"])),)]


def _violate_required(requirement: Requirement) -> Alternatives:
    return [(Absent(name),) for name in requirement.schema.keywords["required"]]


def _violate_required_at(requirement: Requirement, missing: Any) -> Alternatives:
    others = (name for name in requirement.schema.keywords["required"] if name != missing)
    return [(Absent(str(missing)), Present(tuple(others)))]


def _dependent_names(requirement: Requirement, keyword: str) -> dict[str, list[str]]:
    """The names that each property requires; `dependencies` may contain schemas, too."""
    dependencies = requirement.schema.keywords[keyword]
    return {name: names for name, names in dependencies.items() if isinstance(names, list)}


def satisfy_dependent_required(requirement: Requirement, keyword: str = "dependentRequired") -> Alternatives:
    """The names that each property requires are present, or that property is absent."""
    dependencies = _dependent_names(requirement, keyword)
    pairs = tuple((name, tuple(names)) for name, names in dependencies.items() if names)

    def constrain(clause: Clause) -> None:
        clause.constraints.dependent_required = (*clause.constraints.dependent_required, *pairs)

    return [(constrain,)]


def violate_dependent_required(requirement: Requirement, keyword: str = "dependentRequired") -> Alternatives:
    """A property is present without one of the names that it requires."""
    return [
        (Present((name,)), Absent(other))
        for name, others in _dependent_names(requirement, keyword).items()
        for other in others
        if other != name
    ]


def violate_dependent_required_at(requirement: Requirement, pair: Any) -> Alternatives:
    """A property is present without one name, and with the others that it requires."""
    assert requirement.path is not None
    keyword = str(requirement.path.keyword)
    if pair is None:
        return violate_dependent_required(requirement, keyword)
    name, missing = pair
    others = _dependent_names(requirement, keyword).get(name, ())
    return [(Present((name, *(other for other in others if other != missing))), Absent(missing))]


def _satisfy_property_names(requirement: Requirement) -> Alternatives:
    names = requirement.to(requirement.schema.children["propertyNames"], must_hold=True)

    def constrain(clause: Clause) -> None:
        clause.constraints.property_names = (*clause.constraints.property_names, names)

    return [(constrain,)]


def _violate_property_names(requirement: Requirement) -> Alternatives:
    return [(_some_name(requirement.to(requirement.schema.children["propertyNames"], must_hold=False)),)]


def _satisfy_property_names_except(requirement: Requirement, step: PathStep) -> list[Alternatives]:
    return [[(_some_name(requirement.descend(step)),)]]


def _some_name(requirement: Requirement) -> Constrain:
    def constrain(clause: Clause) -> None:
        clause.constraints.invalid_names = (*clause.constraints.invalid_names, requirement)

    return constrain


def _satisfy_properties(requirement: Requirement) -> Alternatives:
    properties = [(str(name), requirement.to(child)) for name, child in requirement.schema.subschemas("properties")]

    def constrain(clause: Clause) -> None:
        for name, value in properties:
            clause.constraints.constrain_property(name, value)
        clause.constraints.evaluate(requirement, frozenset(name for name, _ in properties), ())

    return [(constrain,)]


def _violate_properties(requirement: Requirement) -> Alternatives:
    return [
        (Present((str(name),), requirement.to(child, must_hold=False)),)
        for name, child in requirement.schema.subschemas("properties")
        if child.value is not True and child.value != {}
    ]


def _satisfy_pattern_properties(requirement: Requirement) -> Alternatives:
    properties = tuple(
        (str(pattern), requirement.to(child)) for pattern, child in requirement.schema.subschemas("patternProperties")
    )

    def constrain(clause: Clause) -> None:
        clause.constraints.pattern_properties = (*clause.constraints.pattern_properties, *properties)
        clause.constraints.evaluate(requirement, frozenset(), tuple(pattern for pattern, _ in properties))

    return [(constrain,)]


def _violate_pattern_properties(requirement: Requirement) -> Alternatives:
    return [
        (_some_property(PropertyNames(str(pattern)), requirement.to(child, must_hold=False)),)
        for pattern, child in requirement.schema.subschemas("patternProperties")
    ]


def _some_property(names: PropertyNames, requirement: Requirement) -> Constrain:
    def constrain(clause: Clause) -> None:
        clause.constraints.some_property = (*clause.constraints.some_property, (names, requirement))

    return constrain


def _additional_names(requirement: Requirement) -> PropertyNames:
    """The names that `additionalProperties` applies to."""
    children = requirement.schema.children
    return PropertyNames(None, frozenset(children.get("properties", ())), tuple(children.get("patternProperties", ())))


def _satisfy_additional_properties(requirement: Requirement) -> Alternatives:
    names = _additional_names(requirement)
    schema = requirement.schema.children["additionalProperties"]
    if names.patterns == ("",) and schema.value is not True and schema.value != {}:
        # jsonschema takes this pattern for none: what both validators accept satisfies `additionalProperties`, too.
        names = replace(names, patterns=(), is_contested=True)
    rule = (names, requirement.to(schema))

    def constrain(clause: Clause) -> None:
        clause.constraints.additional = (*clause.constraints.additional, rule)
        clause.constraints.evaluate_all(requirement.annotation_consumers)

    return [(constrain,)]


def _violate_additional_properties(requirement: Requirement) -> Alternatives:
    violated = requirement.to(requirement.schema.children["additionalProperties"], must_hold=False)
    return [(_some_property(_additional_names(requirement), violated),)]


def _satisfy_unevaluated_properties(requirement: Requirement) -> Alternatives:
    names = PropertyNames(annotation_consumer=requirement.schema)
    rule = (names, requirement.to(requirement.schema.children["unevaluatedProperties"]))

    def constrain(clause: Clause) -> None:
        clause.constraints.additional = (*clause.constraints.additional, rule)
        clause.constraints.evaluate_all(requirement.other_consumers)

    return [(constrain,)]


def _violate_unevaluated_properties(requirement: Requirement) -> Alternatives:
    schema = requirement.schema
    violated = requirement.to(schema.children["unevaluatedProperties"], must_hold=False)
    names, patterns = _listed_names(schema)
    return [(_some_property(PropertyNames(None, names, patterns, schema), violated),)]


def _listed_names(schema: Subschema) -> tuple[frozenset[str], tuple[str, ...]]:
    """The property names and patterns in a schema, and in the schemas that it applies to the same value."""
    names: set[str] = set()
    patterns: dict[str, None] = {}
    seen = {schema}
    stack = [schema]
    while stack:
        current = stack.pop()
        names.update(str(name) for name, _ in current.subschemas("properties"))
        patterns.update((str(name), None) for name, _ in current.subschemas("patternProperties"))
        following = [child for keyword in current.dialect.annotating for _, child in current.subschemas(keyword)]
        following += [target for _, target in current.references]
        stack.extend(child for child in following if child not in seen)
        seen.update(following)
    return frozenset(names), tuple(patterns)


PROPERTIES = {
    "required": schema_rules(_satisfy_required, _violate_required, violate_at=_violate_required_at),
    "dependentRequired": schema_rules(
        satisfy_dependent_required, violate_dependent_required, violate_at=violate_dependent_required_at
    ),
    "propertyNames": schema_rules(
        _satisfy_property_names, _violate_property_names, satisfy_except=_satisfy_property_names_except
    ),
    "properties": schema_rules(_satisfy_properties, _violate_properties),
    "patternProperties": schema_rules(_satisfy_pattern_properties, _violate_pattern_properties),
    "additionalProperties": schema_rules(_satisfy_additional_properties, _violate_additional_properties),
    "unevaluatedProperties": schema_rules(_satisfy_unevaluated_properties, _violate_unevaluated_properties),
}
