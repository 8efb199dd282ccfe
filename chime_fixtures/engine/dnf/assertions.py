"""Assertions: the constraints that satisfy and that violate each of them."""

from __future__ import annotations

import base64
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
    schema_rules,
)
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import NUMBER
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_none
from chime_fixtures.engine.schema.options import SchemaOptions


def _types(value: Any) -> list[str]:
    """The names in `type`."""
    return [value] if isinstance(value, str) else list(value)


def _type_rules(whole: tuple[Constrain, ...], other: Constrain) -> KeywordRules:
    """Rules of `type`.

    Args:
        whole: the constraints of a number that is an integer.
        other: the constraint of one that is not.
    """

    def satisfy(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        names = _types(value)
        if json_type in names:
            return NO_CONSTRAINT
        return [whole] if json_type == NUMBER and "integer" in names else IMPOSSIBLE

    def violate(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        names = _types(value)
        if json_type in names:
            return IMPOSSIBLE
        return [(other,)] if json_type == NUMBER and "integer" in names else NO_CONSTRAINT

    return KeywordRules(satisfy, violate)


def _with_range(rules: KeywordRules) -> KeywordRules:
    """`type`, and for numbers the range of the format beside it, which validators do not assert."""

    def satisfy(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        alternatives = rules.satisfy(requirement, value, json_type, options)
        name = requirement.schema.keywords.get("format")
        if json_type != NUMBER or name not in INTEGER_RANGES or name in options.formats:
            return alternatives
        low, high = INTEGER_RANGES[name]

        def constrain(clause: Clause) -> None:
            clause.constraints.above(low, False)
            clause.constraints.below(high, False)

        return [(*alternative, constrain) for alternative in alternatives]

    return rules._replace(satisfy=satisfy)


def _require_integer(required: bool) -> Constrain:
    def constrain(clause: Clause) -> None:
        clause.is_unsatisfiable = clause.is_unsatisfiable or clause.constraints.integer is (not required)
        clause.constraints.integer = required

    return constrain


def _satisfy_hidden(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return IMPOSSIBLE if value is True else NO_CONSTRAINT


def _violate_hidden(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return NO_CONSTRAINT if value is True else IMPOSSIBLE


def _require_float(required: bool) -> Constrain:
    def constrain(clause: Clause) -> None:
        clause.is_unsatisfiable = clause.is_unsatisfiable or clause.constraints.is_float is (not required)
        clause.constraints.is_float = required

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


def _satisfy_pattern(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    patterns = [value, *(spelling for _, spelling in options.other_spellings(requirement.schema.value))]

    def satisfy(clause: Clause) -> None:
        for pattern in patterns:
            _require_match(clause, pattern)

    return [(satisfy,)]


def _violate_pattern(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
    return [(lambda clause: _exclude_match(clause, value),)]


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
    language = options.not_in_format(value)
    if language is None:
        return IMPOSSIBLE
    return [(lambda clause: setattr(clause.constraints, "languages", (*clause.constraints.languages, language)),)]


def _boolean_bound(keyword: str, limit_keyword: str) -> tuple[KeywordRules, KeywordRules]:
    """The rules of `minimum` or `maximum` beside a boolean, and of that boolean (draft 4).

    If the boolean is true, it is the one that fails, and the other leaves no choice.
    """
    inclusive, exclusive = BOUNDS[limit_keyword], BOUNDS[keyword]

    def is_exclusive(requirement: Requirement) -> bool:
        return requirement.schema.keywords.get(keyword) is True

    def satisfy_limit(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        if is_exclusive(requirement):
            return NO_CONSTRAINT
        return inclusive.satisfy(requirement, value, json_type, options)

    def violate_limit(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        return IMPOSSIBLE if is_exclusive(requirement) else inclusive.violate(requirement, value, json_type, options)

    def satisfy(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        limit = requirement.schema.keywords.get(limit_keyword)
        if value is not True or limit is None:
            return NO_CONSTRAINT
        return exclusive.satisfy(requirement, limit, json_type, options)

    def violate(requirement: Requirement, value: Any, json_type: str, options: SchemaOptions) -> Alternatives:
        limit = requirement.schema.keywords.get(limit_keyword)
        if value is not True or limit is None:
            return IMPOSSIBLE
        return exclusive.violate(requirement, limit, json_type, options)

    return KeywordRules(satisfy_limit, violate_limit), KeywordRules(satisfy, violate)


def _content_rules(languages: Callable[[Requirement], tuple[Language, Language] | None]) -> KeywordRules:
    """The rules of a keyword that strings of one language satisfy, and strings of the other violate."""

    def rule(index: int) -> Callable[[Requirement], Alternatives]:
        def alternatives(requirement: Requirement) -> Alternatives:
            pair = languages(requirement)
            if pair is None:
                return IMPOSSIBLE if index else NO_CONSTRAINT
            return [(lambda clause: _require_language(clause, pair[index]),)]

        return alternatives

    return schema_rules(rule(0), rule(1))


def _require_language(clause: Clause, language: Language) -> None:
    clause.constraints.languages = (*clause.constraints.languages, language)


def _encoded(requirement: Requirement) -> tuple[Language, Language] | None:
    """The strings that are in the encoding of `contentEncoding`, and some that are not; None if it is not checked."""
    is_base64 = requirement.schema.keywords.get("contentEncoding") == "base64"
    return (matched_by_all(BASE64), matched_by_none(BASE64)) if is_base64 else None


def _json_texts(requirement: Requirement) -> tuple[Language, Language] | None:
    """Some strings that are JSON text, and some that are not, both in the encoding; None if it is not checked."""
    keywords = requirement.schema.keywords
    if keywords.get("contentMediaType") != "application/json":
        return None
    if keywords.get("contentEncoding") == "base64":
        pair = [Language.finite([base64.b64encode(text).decode() for text in texts]) for texts in (_JSON, _NOT_JSON)]
        return pair[0], pair[1]
    return matched_by_all(JSON_TEXT), matched_by_all(NOT_JSON_TEXT)


BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"
"""Base64 (RFC 4648) with its padding."""

JSON_TEXT = r'^(?:null|true|false|0|-?[1-9][0-9]{0,8}|"[A-Za-z0-9 ]*"|\[\]|\{\})$'
"""Some JSON texts: `contentMediaType` is satisfied by others, too."""

NOT_JSON_TEXT = "^[A-Za-z]{5,}$"
_JSON = [b"null", b"true", b"false", b"0", b"-17", b'"text"', b"[]", b"[1, 2]", b"{}", b'{"a": 1}']
_NOT_JSON = [b"{", b"[1,]", b"text", b"'a'", b"01"]

INTEGER_RANGES = {f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (32, 64)}
"""The least and the greatest number of each integer format of OpenAPI."""

BOUNDS = {
    "minimum": _rules(lambda c, v: c.constraints.above(v, False), lambda c, v: c.constraints.below(v, True)),
    "exclusiveMinimum": _rules(lambda c, v: c.constraints.above(v, True), lambda c, v: c.constraints.below(v, False)),
    "maximum": _rules(lambda c, v: c.constraints.below(v, False), lambda c, v: c.constraints.above(v, True)),
    "exclusiveMaximum": _rules(lambda c, v: c.constraints.below(v, True), lambda c, v: c.constraints.above(v, False)),
}
_MINIMUM, _EXCLUSIVE_MINIMUM = _boolean_bound("exclusiveMinimum", "minimum")
_MAXIMUM, _EXCLUSIVE_MAXIMUM = _boolean_bound("exclusiveMaximum", "maximum")

_TYPE = _type_rules((_require_integer(True),), _require_integer(False))
_STRICT_TYPE = _type_rules((_require_integer(True), _require_float(False)), _require_float(True))
"""`type` where 1.0 is not an integer."""

ASSERTIONS = {
    "type": _TYPE,
    "type (and range)": _with_range(_TYPE),
    "type (1.0 is not an integer)": _STRICT_TYPE,
    "type (1.0 is not an integer) (and range)": _with_range(_STRICT_TYPE),
    "enum": KeywordRules(_satisfy_enum, _violate_enum),
    "const": KeywordRules(_satisfy_const, _violate_const),
    **BOUNDS,
    "minimum (beside a boolean)": _MINIMUM,
    "exclusiveMinimum (boolean)": _EXCLUSIVE_MINIMUM,
    "maximum (beside a boolean)": _MAXIMUM,
    "exclusiveMaximum (boolean)": _EXCLUSIVE_MAXIMUM,
    "multipleOf": _rules(_require_multiple, _exclude_multiple),
    "minLength": _rules(_require_at_least, _require_less_than),
    "maxLength": _rules(_require_at_most, _require_more_than),
    "pattern": KeywordRules(_satisfy_pattern, _violate_pattern),
    "format": KeywordRules(_satisfy_format, _violate_format),
    "contentEncoding": _content_rules(_encoded),
    "contentMediaType": _content_rules(_json_texts),
    "minItems": _rules(_require_at_least, _require_less_than),
    "maxItems": _rules(_require_at_most, _require_more_than),
    "uniqueItems": _rules(_require_unique_items, _require_duplicate_items),
    "minProperties": _rules(_require_at_least, _require_less_than),
    "maxProperties": _rules(_require_at_most, _require_more_than),
    "hidden": KeywordRules(_satisfy_hidden, _violate_hidden),
}
