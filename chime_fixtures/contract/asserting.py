"""What each keyword asks of a value, and what it takes to fail it: for one kind of value, as ways to go on.

A way is a tuple of facts to add and of literals to read next. No way at all means that it can't be; one empty way
means that nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chime_fixtures.contract.facts import Clause, Region
from chime_fixtures.contract.goals import Literal
from chime_fixtures.contract.keywords import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.contract.options import Options
from chime_fixtures.contract.patterns import outside_pattern, pattern_language
from chime_fixtures.languages import format_outside

Fact = Callable[[Clause], Any]
Way = tuple[Fact | Literal, ...]
Ways = list[Way]
Reader = Callable[[Literal, Any, str, Options], Ways]

FREE: Ways = [()]
"""Nothing is asked."""

DEAD: Ways = []
"""There is no way."""


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


# A pair of facts for the keywords that speak of one kind only: what holds, and what fails.


def _pair(kind: str, hold: Callable[[Clause, Any], Any], fail: Callable[[Clause, Any], Any]) -> tuple[Reader, Reader]:
    def holding(literal: Literal, value: Any, found: str, options: Options) -> Ways:
        return [(lambda clause: hold(clause, value),)] if found == kind else FREE

    def failing(literal: Literal, value: Any, found: str, options: Options) -> Ways:
        return [(lambda clause: fail(clause, value),)] if found == kind else DEAD

    return holding, failing


def _multiple(clause: Clause, value: Any) -> None:
    clause.facts.multiples = (*clause.facts.multiples, value)


def _no_multiple(clause: Clause, value: Any) -> None:
    clause.facts.not_multiples = (*clause.facts.not_multiples, value)


def _pattern(clause: Clause, value: str) -> None:
    clause.facts.languages = (*clause.facts.languages, pattern_language(value))


def _no_pattern(clause: Clause, value: str) -> None:
    clause.facts.languages = (*clause.facts.languages, outside_pattern(value))


def _shorter(clause: Clause, value: Any) -> None:
    clause.is_dead = clause.is_dead or value < 1
    clause.facts.at_most(int(value) - 1)


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


def _hold_required(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(lambda clause: clause.facts.require(*value),)] if kind == OBJECT else FREE


def _fail_required(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    return [(absent(name),) for name in value] if kind == OBJECT else DEAD


def absent(name: str) -> Fact:
    """The member is not there."""
    return lambda clause: setattr(clause.facts, "forbidden", clause.facts.forbidden | {name})


def present(*names: str) -> Fact:
    """The members are there."""
    return lambda clause: clause.facts.require(*names)


def _hold_dependent_required(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    pairs = tuple((name, tuple(names)) for name, names in value.items() if names)
    if kind != OBJECT or not pairs:
        return FREE
    return [(lambda clause: setattr(clause.facts, "implied", (*clause.facts.implied, *pairs)),)]


def _fail_dependent_required(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    return [(present(name), absent(other)) for name, names in value.items() for other in names if other != name]


def _hold_property_names(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return FREE
    asked = literal.to(literal.schema.children["propertyNames"], holds=True)
    return [(lambda clause: setattr(clause.facts, "names", (*clause.facts.names, asked)),)]


def _fail_property_names(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != OBJECT:
        return DEAD
    asked = literal.to(literal.schema.children["propertyNames"], holds=False)
    return [(lambda clause: setattr(clause.facts, "bad_names", (*clause.facts.bad_names, asked)),)]


# Contains: the items that match stand at the beginning, or behind those that prefixItems names.


def contains_bounds(literal: Literal) -> tuple[int, int | None]:
    """The least and the greatest number of items that may match."""
    keywords = literal.schema.keywords
    most = keywords.get("maxContains")
    return int(keywords.get("minContains", 1)), None if most is None else int(most)


def _hold_contains(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return FREE
    least, most = contains_bounds(literal)
    if most is not None and most < least:
        return DEAD
    return list(_containing(literal, least, most is not None))


def _fail_contains(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    if kind != ARRAY:
        return DEAD
    return [*fail_min_contains(literal, value, kind, options), *fail_max_contains(literal, value, kind, options)]


def fail_min_contains(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    """Too few items match."""
    least, _ = contains_bounds(literal)
    if kind != ARRAY or least < 1:
        return DEAD
    return [way for count in {0, least - 1} for way in _containing(literal, count, True)]


def fail_max_contains(literal: Literal, value: Any, kind: str, options: Options) -> Ways:
    """Too many items match."""
    _, most = contains_bounds(literal)
    return DEAD if kind != ARRAY or most is None else list(_containing(literal, most + 1, False))


def _containing(literal: Literal, count: int, others_fail: bool) -> Iterator[Way]:
    child = literal.schema.children["contains"]
    matching = literal.to(child, holds=True)
    other = literal.to(child, holds=False)
    behind = len(literal.schema.parts("prefixItems"))
    for start in sorted({0, behind, 1} if count else {0}):

        def add(clause: Clause, start: int = start) -> None:
            facts = clause.facts
            if count:
                facts.items(start, start + count, matching)
                facts.at_least(start + count)
            if others_fail:
                facts.items(0, start, other)
                facts.items(start + count, None, other)
            facts.evaluate(literal, 0, frozenset(range(start, start + count)))

        yield (add,)


def outside_names(literal: Literal) -> Region:
    """The names for which `additionalProperties` speaks."""
    children = literal.schema.children
    return Region(None, frozenset(children.get("properties", ())), tuple(children.get("patternProperties", ())))


_minimum = _pair(NUMBER, lambda c, v: c.facts.above(v, False), lambda c, v: c.facts.below(v, True))
_exclusive_minimum = _pair(NUMBER, lambda c, v: c.facts.above(v, True), lambda c, v: c.facts.below(v, False))
_maximum = _pair(NUMBER, lambda c, v: c.facts.below(v, False), lambda c, v: c.facts.above(v, True))
_exclusive_maximum = _pair(NUMBER, lambda c, v: c.facts.below(v, True), lambda c, v: c.facts.above(v, False))
_multiple_of = _pair(NUMBER, _multiple, _no_multiple)
_min_length = _pair(STRING, lambda c, v: c.facts.at_least(int(v)), _shorter)
_max_length = _pair(STRING, lambda c, v: c.facts.at_most(int(v)), lambda c, v: c.facts.at_least(int(v) + 1))
_pattern_pair = _pair(STRING, _pattern, _no_pattern)
_min_items = _pair(ARRAY, lambda c, v: c.facts.at_least(int(v)), _shorter)
_max_items = _pair(ARRAY, lambda c, v: c.facts.at_most(int(v)), lambda c, v: c.facts.at_least(int(v) + 1))
_unique_items = _pair(ARRAY, _unique, _repeating)
_min_properties = _pair(OBJECT, lambda c, v: c.facts.at_least(int(v)), _shorter)
_max_properties = _pair(OBJECT, lambda c, v: c.facts.at_most(int(v)), lambda c, v: c.facts.at_least(int(v) + 1))

HOLD: dict[str, Reader] = {
    "type": _hold_type,
    "enum": _hold_enum,
    "const": _hold_const,
    "minimum": _minimum[0],
    "exclusiveMinimum": _exclusive_minimum[0],
    "maximum": _maximum[0],
    "exclusiveMaximum": _exclusive_maximum[0],
    "multipleOf": _multiple_of[0],
    "minLength": _min_length[0],
    "maxLength": _max_length[0],
    "pattern": _pattern_pair[0],
    "format": _hold_format,
    "minItems": _min_items[0],
    "maxItems": _max_items[0],
    "uniqueItems": _unique_items[0],
    "contains": _hold_contains,
    "required": _hold_required,
    "minProperties": _min_properties[0],
    "maxProperties": _max_properties[0],
    "dependentRequired": _hold_dependent_required,
    "propertyNames": _hold_property_names,
}

FAIL: dict[str, Reader] = {
    "type": _fail_type,
    "enum": _fail_enum,
    "const": _fail_const,
    "minimum": _minimum[1],
    "exclusiveMinimum": _exclusive_minimum[1],
    "maximum": _maximum[1],
    "exclusiveMaximum": _exclusive_maximum[1],
    "multipleOf": _multiple_of[1],
    "minLength": _min_length[1],
    "maxLength": _max_length[1],
    "pattern": _pattern_pair[1],
    "format": _fail_format,
    "minItems": _min_items[1],
    "maxItems": _max_items[1],
    "uniqueItems": _unique_items[1],
    "contains": _fail_contains,
    "required": _fail_required,
    "minProperties": _min_properties[1],
    "maxProperties": _max_properties[1],
    "dependentRequired": _fail_dependent_required,
    "propertyNames": _fail_property_names,
}
