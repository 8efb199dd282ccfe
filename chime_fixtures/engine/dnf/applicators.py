"""In-place applicators and references: they apply other schemas to the same value."""

from __future__ import annotations

from chime_fixtures.engine.dnf.clauses import (
    EVALUATED_BY_ANOTHER,
    NO_CONSTRAINT,
    Absent,
    Alternatives,
    Clause,
    Conjoined,
    Deferred,
    KeywordRules,
    Present,
    Variants,
    schema_rules,
)
from chime_fixtures.engine.dnf.properties import (
    satisfy_dependent_required,
    violate_dependent_required,
    violate_dependent_required_at,
)
from chime_fixtures.engine.dnf.requirements import PathStep, Requirement


def _subschemas(requirement: Requirement, keyword: str, *, must_hold: bool = True) -> list[Requirement]:
    return [
        requirement.to(child, must_hold=must_hold, in_place=True) for _, child in requirement.schema.subschemas(keyword)
    ]


def _satisfy_all_of(requirement: Requirement) -> Alternatives:
    return [tuple(_subschemas(requirement, "allOf"))]


def _violate_all_of(requirement: Requirement) -> Alternatives:
    return [(child,) for child in _subschemas(requirement, "allOf", must_hold=False)]


def _satisfy_all_of_except(requirement: Requirement, step: PathStep) -> list[Alternatives]:
    return [
        [(requirement.to(child, in_place=True),)]
        for index, child in requirement.schema.subschemas("allOf")
        if index != step.subkey
    ]


def _satisfy_any_of(requirement: Requirement) -> Alternatives:
    return [(child,) for child in _subschemas(requirement, "anyOf")]


def _violate_any_of(requirement: Requirement) -> Alternatives:
    return [tuple(_subschemas(requirement, "anyOf", must_hold=False))]


def _satisfy_one_of(requirement: Requirement) -> Alternatives:
    satisfied = _subschemas(requirement, "oneOf")
    violated = _subschemas(requirement, "oneOf", must_hold=False)

    def others(index: int) -> Deferred:
        def choices(clause: Clause, variants: Variants) -> list[Alternatives]:
            """Violate each other subschema, except those that a discriminator excludes anyway."""
            compatible = variants(requirement, clause)
            return [[(violated[other],)] for other in compatible if other != index]

        return Deferred(choices)

    return [(child, others(index)) for index, child in enumerate(satisfied)]


def _violate_one_of(requirement: Requirement) -> Alternatives:
    satisfied = _subschemas(requirement, "oneOf", must_hold=True)

    def second(index: int) -> Deferred:
        def choices(clause: Clause, variants: Variants) -> list[Alternatives]:
            """Satisfy a later subschema, too."""
            return [[(satisfied[other],) for other in variants(requirement, clause) if other > index]]

        return Deferred(choices)

    pairs: Alternatives = [(child, second(index)) for index, child in enumerate(satisfied[:-1])]
    return [tuple(_subschemas(requirement, "oneOf", must_hold=False)), *pairs]


def _satisfy_not(requirement: Requirement) -> Alternatives:
    return [tuple(_subschemas(requirement, "not", must_hold=False))]


def _violate_not(requirement: Requirement) -> Alternatives:
    return [tuple(_subschemas(requirement, "not"))]


def _condition(requirement: Requirement) -> tuple[Requirement, Requirement]:
    """The requirements that the condition of `if` is met, and that it is not."""
    (met,), (unmet,) = _subschemas(requirement, "if"), _subschemas(requirement, "if", must_hold=False)
    return met, unmet


def _satisfy_if(requirement: Requirement) -> Alternatives:
    children = requirement.schema.children
    if not requirement.annotation_consumers and "then" not in children and "else" not in children:
        return NO_CONSTRAINT
    met, unmet = _condition(requirement)
    return [(met, *_subschemas(requirement, "then")), (unmet, *_subschemas(requirement, "else"))]


def _violate_if(requirement: Requirement) -> Alternatives:
    met, unmet = _condition(requirement)
    alternatives: Alternatives = [(met, violated) for violated in _subschemas(requirement, "then", must_hold=False)]
    return [*alternatives, *((unmet, violated) for violated in _subschemas(requirement, "else", must_hold=False))]


def _satisfy_condition(requirement: Requirement, step: PathStep) -> list[Alternatives]:
    met, unmet = _condition(requirement)
    return [[(met if step.keyword == "then" else unmet,)]]


def _satisfy_dependent_schemas(requirement: Requirement) -> Alternatives:
    return [(Conjoined(tuple(_dependent_schemas(requirement, "dependentSchemas"))),)]


def _dependent_schemas(
    requirement: Requirement, keyword: str, *, excluded: str | int | None = None
) -> list[Alternatives]:
    """For each property with a dependent schema: it is absent, or present with the schema satisfied."""
    return [
        [(Absent(str(name)),), (Present((str(name),)), requirement.to(child, in_place=True))]
        for name, child in requirement.schema.subschemas(keyword)
        if name != excluded
    ]


def _violate_dependent_schemas(requirement: Requirement, keyword: str = "dependentSchemas") -> Alternatives:
    return [
        (Present((str(name),)), requirement.to(child, must_hold=False))
        for name, child in requirement.schema.subschemas(keyword)
    ]


def _satisfy_dependent_schemas_except(requirement: Requirement, step: PathStep) -> list[Alternatives]:
    others = _dependent_schemas(requirement, step.keyword, excluded=step.subkey)
    return [[(Present((str(step.subkey),)),)], *others]


def _satisfy_dependencies(requirement: Requirement) -> Alternatives:
    schemas = _dependent_schemas(requirement, "dependencies")
    return [(Conjoined((satisfy_dependent_required(requirement, "dependencies"), *schemas)),)]


def _violate_dependencies(requirement: Requirement) -> Alternatives:
    names = violate_dependent_required(requirement, "dependencies")
    return [*names, *_violate_dependent_schemas(requirement, "dependencies")]


def _satisfy_dependencies_except(requirement: Requirement, step: PathStep) -> list[Alternatives]:
    names = satisfy_dependent_required(requirement, "dependencies")
    return [names, *_satisfy_dependent_schemas_except(requirement, step)]


def _satisfy_reference(requirement: Requirement, keyword: str) -> Alternatives:
    return [tuple(requirement.to(target, in_place=True) for target in requirement.targets_of(keyword))]


def _violate_reference(requirement: Requirement, keyword: str) -> Alternatives:
    return [(requirement.to(target, must_hold=False),) for target in requirement.targets_of(keyword)]


def _reference(keyword: str) -> KeywordRules:
    """The rules of a reference."""
    return schema_rules(
        lambda requirement: _satisfy_reference(requirement, keyword),
        lambda requirement: _violate_reference(requirement, keyword),
        satisfy_except=lambda requirement, step: [],
    )


_THEN = EVALUATED_BY_ANOTHER._replace(satisfy_except=_satisfy_condition)

APPLICATORS = {
    "allOf": schema_rules(_satisfy_all_of, _violate_all_of, satisfy_except=_satisfy_all_of_except),
    "anyOf": schema_rules(_satisfy_any_of, _violate_any_of),
    "oneOf": schema_rules(_satisfy_one_of, _violate_one_of),
    "not": schema_rules(_satisfy_not, _violate_not),
    "if": schema_rules(_satisfy_if, _violate_if),
    "then": _THEN,
    "else": _THEN,
    "dependentSchemas": schema_rules(
        _satisfy_dependent_schemas, _violate_dependent_schemas, satisfy_except=_satisfy_dependent_schemas_except
    ),
    "dependencies": schema_rules(
        _satisfy_dependencies,
        _violate_dependencies,
        satisfy_except=_satisfy_dependencies_except,
        violate_at=violate_dependent_required_at,
    ),
    "$ref": _reference("$ref"),
    "$dynamicRef": _reference("$dynamicRef"),
    "$recursiveRef": _reference("$recursiveRef"),
}
