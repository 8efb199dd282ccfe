"""Expansion of one requirement: the choices that its keywords leave, for one JSON type."""

from __future__ import annotations

import functools
from dataclasses import replace

from chime_fixtures.engine.dnf.applicators import APPLICATORS
from chime_fixtures.engine.dnf.assertions import ASSERTIONS
from chime_fixtures.engine.dnf.clauses import (
    IMPOSSIBLE,
    NO_CONSTRAINT,
    Alternative,
    Alternatives,
    KeywordRules,
    Present,
    make_unsatisfiable,
)
from chime_fixtures.engine.dnf.items import ITEMS, item_at
from chime_fixtures.engine.dnf.properties import PROPERTIES
from chime_fixtures.engine.dnf.requirements import PathStep, Requirement
from chime_fixtures.engine.instances import ARRAY, OBJECT
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.options import SchemaOptions

RULES: dict[str, KeywordRules] = {**ASSERTIONS, **APPLICATORS, **ITEMS, **PROPERTIES}
"""The dispatch table of this layer: how each keyword is satisfied and violated."""


@functools.cache
def rules_of(dialect: Dialect, json_type: str) -> dict[str, KeywordRules]:
    """The rules of the keywords of a dialect that apply to a JSON type."""
    return {
        name: RULES[facts.rule]
        for name, facts in dialect.keywords.items()
        if facts.role != "annotation" and facts.json_type in {None, json_type}
    }


class Expander:
    """The expansion of requirements for one JSON type.

    Args:
        json_type: the JSON type of the instance.
        options: the options for reading the schema.
    """

    def __init__(self, json_type: str, options: SchemaOptions) -> None:
        self._json_type = json_type
        self._options = options
        self._known: dict[Requirement, list[Alternatives]] = {}

    def choices(self, requirement: Requirement) -> list[Alternatives]:
        """The choices of a requirement, one for each keyword; a keyword that leaves no choice has one alternative."""
        if requirement.path is not None:
            return self._choices(requirement)
        known = self._known.get(requirement)
        if known is None:
            known = self._known[requirement] = self._choices(requirement)
        return known

    def _choices(self, requirement: Requirement) -> list[Alternatives]:
        schema = requirement.schema
        if isinstance(schema.value, bool):
            return [NO_CONSTRAINT if self._is_met(requirement, schema.value) else IMPOSSIBLE]
        if requirement.must_hold and not schema.dialect.consuming.isdisjoint(schema.keywords):
            requirement = replace(requirement, annotation_consumers=(*requirement.annotation_consumers, schema))
        if requirement.path is not None:
            return self._violating(requirement)
        if requirement.must_hold:
            return self._satisfying(requirement)
        violating: Alternatives = []
        rules = rules_of(schema.dialect, self._json_type)
        for keyword, value in schema.keywords.items():
            if keyword in rules:
                violating.extend(rules[keyword].violate(requirement, value, self._json_type, self._options))
        # An alternative without constraints makes the others redundant.
        return [NO_CONSTRAINT] if any(not alternative for alternative in violating) else [violating]

    @staticmethod
    def _is_met(requirement: Requirement, value: bool) -> bool:
        """True if a boolean schema meets the requirement."""
        if requirement.path is not None and requirement.path.keyword is not None:
            return not value and not requirement.path.steps
        return value is requirement.must_hold

    def _satisfying(self, requirement: Requirement, *, excluded: str | None = None) -> list[Alternatives]:
        """The choices that satisfy each keyword of a schema, except the excluded one."""
        schema = requirement.schema
        rules = rules_of(schema.dialect, self._json_type)
        choices = []
        for keyword, value in schema.keywords.items():
            if keyword in rules and keyword != excluded:
                alternatives = rules[keyword].satisfy(requirement, value, self._json_type, self._options)
                if alternatives is not NO_CONSTRAINT:
                    choices.append(alternatives)
        return choices

    # Violations at the end of an evaluation path --------------------------------------------------------------------

    def _violating(self, requirement: Requirement) -> list[Alternatives]:
        schema, path = requirement.schema, requirement.path
        assert path is not None
        step = path.steps[0] if path.steps else None
        target = step.keyword if step is not None else path.keyword
        facts = schema.dialect.keywords.get(str(target))
        evaluating = facts.evaluated_by or target if facts is not None else target
        choices = self._satisfying(requirement, excluded=evaluating)
        if step is not None:
            choices.append([self._descending(requirement, step)])
            choices.extend(self._satisfying_except(requirement, step))
        elif path.keyword is not None:
            choices.append(self._violating_at(requirement, path.keyword))
        return choices

    def _descending(self, requirement: Requirement, step: PathStep) -> Alternative:
        """The alternative in which the part that the path enters is present, and meets the rest of the path."""
        after = requirement.descend(step)
        token = step.instance_token
        if requirement.schema.dialect[step.keyword].is_applied_to_names:
            # `satisfy_except` requires the name.
            return ()
        if token is None:
            return (after,)
        if isinstance(token, int):
            return (item_at(token, after),) if self._json_type == ARRAY else (make_unsatisfiable,)
        if self._json_type != OBJECT:
            return (make_unsatisfiable,)
        return (Present((token,), after),)

    def _satisfying_except(self, requirement: Requirement, step: PathStep) -> list[Alternatives]:
        """The choices that satisfy the rest of the applicator that a step goes through."""
        keyword = step.keyword
        rules = rules_of(requirement.schema.dialect, self._json_type).get(keyword)
        if rules is None:
            rule = RULES[requirement.schema.dialect[keyword].rule]
            return [NO_CONSTRAINT if rule.satisfy_except is None else IMPOSSIBLE]
        if rules.satisfy_except is not None:
            return rules.satisfy_except(requirement, step)
        return [rules.satisfy(requirement, requirement.schema.keywords[keyword], self._json_type, self._options)]

    def _violating_at(self, requirement: Requirement, keyword: str) -> Alternatives:
        assert requirement.path is not None
        rules = rules_of(requirement.schema.dialect, self._json_type).get(keyword)
        if rules is None:
            return IMPOSSIBLE
        if rules.violate_at is not None:
            return rules.violate_at(requirement, requirement.path.subkey)
        value = requirement.schema.keywords.get(keyword)
        return rules.violate(requirement, value, self._json_type, self._options)
