"""What the keywords ask that assert something of a value by themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from chime_fixtures.engine.dnf.alternatives import IMPOSSIBLE, NO_CONSTRAINT, Alternatives, Constrain, Keyword
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.engine.regex import invalid_format_strings
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_none
from chime_fixtures.engine.schema.options import SchemaOptions


def _types_of(value: Any) -> list[str]:
    """The names in `type`."""
    return [value] if isinstance(value, str) else list(value)


def _hold_type(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    names = _types_of(value)
    if kind in names:
        return NO_CONSTRAINT
    if kind == NUMBER and "integer" in names:
        return [(_integer(True),)]
    return IMPOSSIBLE


def _fail_type(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    names = _types_of(value)
    if kind in names:
        return IMPOSSIBLE
    return [(_integer(False),)] if kind == NUMBER and "integer" in names else NO_CONSTRAINT


def _integer(wanted: bool) -> Constrain:
    def add(clause: Clause) -> None:
        clause.is_unsatisfiable = clause.is_unsatisfiable or clause.constraints.integer is (not wanted)
        clause.constraints.integer = wanted

    return add


def _hold_enum(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [(lambda clause: clause.allow(value),)]


def _fail_enum(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return [(lambda clause: clause.exclude(value),)]


def _hold_const(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return _hold_enum(literal, [value], kind, options)


def _fail_const(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    return _fail_enum(literal, [value], kind, options)


def _pair(kind: str, hold: Callable[[Clause, Any], Any], fail: Callable[[Clause, Any], Any]) -> Keyword:
    def holding(literal: Requirement, value: Any, found: str, options: SchemaOptions) -> Alternatives:
        return [(lambda clause: hold(clause, value),)] if found == kind else NO_CONSTRAINT

    def failing(literal: Requirement, value: Any, found: str, options: SchemaOptions) -> Alternatives:
        return [(lambda clause: fail(clause, value),)] if found == kind else IMPOSSIBLE

    return Keyword(holding, failing)


def _multiple(clause: Clause, value: Any) -> None:
    clause.constraints.multiples = (*clause.constraints.multiples, value)


def _no_multiple(clause: Clause, value: Any) -> None:
    clause.constraints.not_multiples = (*clause.constraints.not_multiples, value)


def _pattern(clause: Clause, value: str) -> None:
    clause.constraints.languages = (*clause.constraints.languages, matched_by_all(value))


def _no_pattern(clause: Clause, value: str) -> None:
    clause.constraints.languages = (*clause.constraints.languages, matched_by_none(value))


def _at_least(clause: Clause, value: Any) -> None:
    clause.constraints.at_least(int(value))


def _fewer(clause: Clause, value: Any) -> None:
    clause.is_unsatisfiable = clause.is_unsatisfiable or value < 1
    clause.constraints.at_most(int(value) - 1)


def _at_most(clause: Clause, value: Any) -> None:
    clause.constraints.at_most(min(int(value), sys.maxsize))


def _more(clause: Clause, value: Any) -> None:
    clause.constraints.at_least(int(value) + 1)


def _unique(clause: Clause, value: Any) -> None:
    clause.constraints.unique = clause.constraints.unique or bool(value)


def _repeating(clause: Clause, value: Any) -> None:
    clause.is_unsatisfiable = clause.is_unsatisfiable or not value
    clause.constraints.repeats = True
    clause.constraints.at_least(2)


def _hold_format(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    language = options.format(value) if kind == STRING else None
    if language is None:
        return NO_CONSTRAINT
    return [(lambda clause: setattr(clause.constraints, "languages", (*clause.constraints.languages, language)),)]


def _fail_format(literal: Requirement, value: Any, kind: str, options: SchemaOptions) -> Alternatives:
    if kind != STRING or options.format(value) is None:
        return IMPOSSIBLE
    language = options.languages[value].complement() if value in options.languages else invalid_format_strings(value)
    if language is None:
        return IMPOSSIBLE
    return [(lambda clause: setattr(clause.constraints, "languages", (*clause.constraints.languages, language)),)]


ASSERTING = {
    "type": Keyword(_hold_type, _fail_type),
    "enum": Keyword(_hold_enum, _fail_enum),
    "const": Keyword(_hold_const, _fail_const),
    "minimum": _pair(NUMBER, lambda c, v: c.constraints.above(v, False), lambda c, v: c.constraints.below(v, True)),
    "exclusiveMinimum": _pair(
        NUMBER, lambda c, v: c.constraints.above(v, True), lambda c, v: c.constraints.below(v, False)
    ),
    "maximum": _pair(NUMBER, lambda c, v: c.constraints.below(v, False), lambda c, v: c.constraints.above(v, True)),
    "exclusiveMaximum": _pair(
        NUMBER, lambda c, v: c.constraints.below(v, True), lambda c, v: c.constraints.above(v, False)
    ),
    "multipleOf": _pair(NUMBER, _multiple, _no_multiple),
    "minLength": _pair(STRING, _at_least, _fewer),
    "maxLength": _pair(STRING, _at_most, _more),
    "pattern": _pair(STRING, _pattern, _no_pattern),
    "format": Keyword(_hold_format, _fail_format),
    "minItems": _pair(ARRAY, _at_least, _fewer),
    "maxItems": _pair(ARRAY, _at_most, _more),
    "uniqueItems": _pair(ARRAY, _unique, _repeating),
    "minProperties": _pair(OBJECT, _at_least, _fewer),
    "maxProperties": _pair(OBJECT, _at_most, _more),
}
