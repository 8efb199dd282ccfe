"""What the keywords ask that assert something of a value by themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from chime_fixtures.engine.dnf.alternatives import DEAD, FREE, Fact, Keyword, Ways
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Literal
from chime_fixtures.engine.regex import format_outside
from chime_fixtures.engine.regex.patterns import outside_pattern, pattern_language
from chime_fixtures.engine.schema.keywords import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.engine.schema.options import Options


def _types_of(value: Any) -> list[str]:
    """The names in `type`."""
    return [value] if isinstance(value, str) else list(value)


def _hold_type(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    names = _types_of(value)
    if kind in names:
        return FREE
    if kind == NUMBER and "integer" in names:
        return [(_integer(True),)]
    return DEAD


def _fail_type(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    names = _types_of(value)
    if kind in names:
        return DEAD
    return [(_integer(False),)] if kind == NUMBER and "integer" in names else FREE


def _integer(wanted: bool) -> Fact:
    def add(clause: Clause) -> None:
        clause.is_dead = clause.is_dead or clause.facts.integer is (not wanted)
        clause.facts.integer = wanted

    return add


def _hold_enum(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(lambda clause: clause.allow(value),)]


def _fail_enum(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(lambda clause: clause.exclude(value),)]


def _hold_const(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return _hold_enum(literal, [value], kind, options)


def _fail_const(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return _fail_enum(literal, [value], kind, options)


def _pair(kind: str, hold: Callable[[Clause, Any], Any], fail: Callable[[Clause, Any], Any]) -> Keyword:
    def holding(literal: Literal, value: Any, found: str, options: Options) -> Ways:
        return [(lambda clause: hold(clause, value),)] if found == kind else FREE

    def failing(literal: Literal, value: Any, found: str, options: Options) -> Ways:
        return [(lambda clause: fail(clause, value),)] if found == kind else DEAD

    return Keyword(holding, failing)


def _multiple(clause: Clause, value: Any) -> None:
    clause.facts.multiples = (*clause.facts.multiples, value)


def _no_multiple(clause: Clause, value: Any) -> None:
    clause.facts.not_multiples = (*clause.facts.not_multiples, value)


def _pattern(clause: Clause, value: str) -> None:
    clause.facts.languages = (*clause.facts.languages, pattern_language(value))


def _no_pattern(clause: Clause, value: str) -> None:
    clause.facts.languages = (*clause.facts.languages, outside_pattern(value))


def _at_least(clause: Clause, value: Any) -> None:
    clause.facts.at_least(int(value))


def _fewer(clause: Clause, value: Any) -> None:
    clause.is_dead = clause.is_dead or value < 1
    clause.facts.at_most(int(value) - 1)


def _at_most(clause: Clause, value: Any) -> None:
    clause.facts.at_most(min(int(value), sys.maxsize))


def _more(clause: Clause, value: Any) -> None:
    clause.facts.at_least(int(value) + 1)


def _unique(clause: Clause, value: Any) -> None:
    clause.facts.unique = clause.facts.unique or bool(value)


def _repeating(clause: Clause, value: Any) -> None:
    clause.is_dead = clause.is_dead or not value
    clause.facts.repeats = True
    clause.facts.at_least(2)


def _hold_format(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    language = options.format(value) if kind == STRING else None
    if language is None:
        return FREE
    return [(lambda clause: setattr(clause.facts, "languages", (*clause.facts.languages, language)),)]


def _fail_format(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != STRING or options.format(value) is None:
        return DEAD
    language = ~options.languages[value] if value in options.languages else format_outside(value)
    if language is None:
        return DEAD
    return [(lambda clause: setattr(clause.facts, "languages", (*clause.facts.languages, language)),)]


ASSERTING = {
    "type": Keyword(_hold_type, _fail_type),
    "enum": Keyword(_hold_enum, _fail_enum),
    "const": Keyword(_hold_const, _fail_const),
    "minimum": _pair(NUMBER, lambda c, v: c.facts.above(v, False), lambda c, v: c.facts.below(v, True)),
    "exclusiveMinimum": _pair(NUMBER, lambda c, v: c.facts.above(v, True), lambda c, v: c.facts.below(v, False)),
    "maximum": _pair(NUMBER, lambda c, v: c.facts.below(v, False), lambda c, v: c.facts.above(v, True)),
    "exclusiveMaximum": _pair(NUMBER, lambda c, v: c.facts.below(v, True), lambda c, v: c.facts.above(v, False)),
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
