"""Assertions: the constraints that satisfy and that violate each of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from chime_fixtures.engine.dnf.clauses import (
    IMPOSSIBLE,
    NO_CONSTRAINT,
    Alternatives,
    Clause,
    Constrain,
    KeywordRules,
)
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import NUMBER
from chime_fixtures.engine.regex import invalid_format_strings
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_none
from chime_fixtures.engine.schema.options import SchemaOptions


def _types(value: Any) -> list[str]:
    """The names in `type`."""
    return [value] if isinstance(value, str) else list(value)


def _satisfy_type(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    names = _types(value)
    if json_type in names:
        return NO_CONSTRAINT
    if json_type == NUMBER and "integer" in names:
        return [(_require_integer(True),)]
    return IMPOSSIBLE


def _violate_type(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    names = _types(value)
    if json_type in names:
        return IMPOSSIBLE
    return [(_require_integer(False),)] if json_type == NUMBER and "integer" in names else NO_CONSTRAINT


def _require_integer(required: bool) -> Constrain:
    def constrain(clause: Clause) -> None:
        clause.is_unsatisfiable = clause.is_unsatisfiable or clause.constraints.integer is (not required)
        clause.constraints.integer = required

    return constrain


def _satisfy_enum(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return [(lambda clause: clause.allow(value),)]


def _violate_enum(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return [(lambda clause: clause.exclude(value),)]


def _satisfy_const(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return _satisfy_enum(requirement, [value], json_type, options)


def _violate_const(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return _violate_enum(requirement, [value], json_type, options)


def _rules(satisfy: Callable[[Clause, Any], Any], violate: Callable[[Clause, Any], Any]) -> KeywordRules:
    """The rules of a keyword with one alternative each: (clause, value of the keyword) adds the constraint."""
    return KeywordRules(
        lambda requirement, value, json_type, options: [(lambda clause: satisfy(clause, value),)],
        lambda requirement, value, json_type, options: [(lambda clause: violate(clause, value),)],
    )


def _require_multiple(clause: Clause, value: Any) -> None:
    clause.constraints.multiples = (*clause.constraints.multiples, value)


def _exclude_multiple(clause: Clause, value: Any) -> None:
    clause.constraints.not_multiples = (*clause.constraints.not_multiples, value)


def _require_match(clause: Clause, value: str) -> None:
    clause.constraints.languages = (*clause.constraints.languages, matched_by_all(value))


def _exclude_match(clause: Clause, value: str) -> None:
    clause.constraints.languages = (*clause.constraints.languages, matched_by_none(value))


def _require_at_least(clause: Clause, value: Any) -> None:
    clause.constraints.at_least(int(value))


def _require_less_than(clause: Clause, value: Any) -> None:
    clause.is_unsatisfiable = clause.is_unsatisfiable or value < 1
    clause.constraints.at_most(int(value) - 1)


def _require_at_most(clause: Clause, value: Any) -> None:
    clause.constraints.at_most(min(int(value), sys.maxsize))


def _require_more_than(clause: Clause, value: Any) -> None:
    clause.constraints.at_least(int(value) + 1)


def _require_unique_items(clause: Clause, value: Any) -> None:
    clause.constraints.is_unique = clause.constraints.is_unique or bool(value)


def _require_duplicate_items(clause: Clause, value: Any) -> None:
    clause.is_unsatisfiable = clause.is_unsatisfiable or not value
    clause.constraints.has_duplicates = True
    clause.constraints.at_least(2)


def _satisfy_format(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    language = options.format(value)
    if language is None:
        return NO_CONSTRAINT
    return [(lambda clause: setattr(clause.constraints, "languages", (*clause.constraints.languages, language)),)]


def _violate_format(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    if options.format(value) is None:
        return IMPOSSIBLE
    pattern = options.formats.get(value)
    language = invalid_format_strings(value) if pattern is None else matched_by_none(pattern)
    if language is None:
        return IMPOSSIBLE
    return [(lambda clause: setattr(clause.constraints, "languages", (*clause.constraints.languages, language)),)]


ASSERTIONS = {
    "type": KeywordRules(_satisfy_type, _violate_type),
    "enum": KeywordRules(_satisfy_enum, _violate_enum),
    "const": KeywordRules(_satisfy_const, _violate_const),
    "minimum": _rules(lambda c, v: c.constraints.above(v, False), lambda c, v: c.constraints.below(v, True)),
    "exclusiveMinimum": _rules(lambda c, v: c.constraints.above(v, True), lambda c, v: c.constraints.below(v, False)),
    "maximum": _rules(lambda c, v: c.constraints.below(v, False), lambda c, v: c.constraints.above(v, True)),
    "exclusiveMaximum": _rules(lambda c, v: c.constraints.below(v, True), lambda c, v: c.constraints.above(v, False)),
    "multipleOf": _rules(_require_multiple, _exclude_multiple),
    "minLength": _rules(_require_at_least, _require_less_than),
    "maxLength": _rules(_require_at_most, _require_more_than),
    "pattern": _rules(_require_match, _exclude_match),
    "format": KeywordRules(_satisfy_format, _violate_format),
    "minItems": _rules(_require_at_least, _require_less_than),
    "maxItems": _rules(_require_at_most, _require_more_than),
    "uniqueItems": _rules(_require_unique_items, _require_duplicate_items),
    "minProperties": _rules(_require_at_least, _require_less_than),
    "maxProperties": _rules(_require_at_most, _require_more_than),
}
