"""Random schemas of few names, numbers and patterns, so that their keywords often exclude each other."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "ab")
PATTERNS = ("a", "^b", "b$", "^.{2}$", "^[ab]*$")
CONSTANTS = (None, True, 0, 1, 2.5, "a", "ab", "", [], [1], {}, {"a": 1})
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
FORMATS = ("date", "ipv4", "uuid", "email")

MAX_DEPTH = 3


def random_schema(seed: int) -> dict[str, Any]:
    """The schema of a seed; every keyword of draft 2020-12 that asserts occurs in some."""
    rng = random.Random(f"schema {seed}")
    schema = _RandomSchema(rng).schema(rng.randint(1, MAX_DEPTH))
    if not isinstance(schema, dict):
        return {"not": {}} if schema is False else {}
    return {**schema, "$defs": {"one": _RandomSchema(rng, has_references=False).schema(1)}}


class _RandomSchema:
    def __init__(self, rng: random.Random, *, has_references: bool = True) -> None:
        self._rng = rng
        # A definition that refers to itself without descending into the instance is unsupported.
        self._keywords = {keyword for keyword in _VALUES if has_references or keyword != "$ref"}

    def schema(self, depth: int) -> Any:
        if self._rng.random() < 0.06:
            return self._rng.choice([True, False, {}])
        groups = list(_SHALLOW if depth == 0 else _SHALLOW + _DEEP)
        made: dict[str, Any] = {}
        for group in self._rng.sample(groups, self._rng.choice([1, 1, 2, 2, 3])):
            for keyword in self._rng.sample(group, min(len(group), self._rng.choice([1, 1, 2, 3]))):
                if keyword in self._keywords:
                    made[keyword] = _VALUES[keyword](self, depth - 1)
        return made

    def choice(self, values: tuple[Any, ...]) -> Any:
        return self._rng.choice(values)

    def sample(self, values: tuple[Any, ...], maximum: int) -> list[Any]:
        return self._rng.sample(values, self._rng.randint(1, maximum))

    def schemas(self, depth: int, maximum: int = 3) -> list[Any]:
        return [self.schema(depth) for _ in range(self._rng.randint(1, maximum))]

    def by(self, keys: tuple[str, ...], depth: int) -> dict[str, Any]:
        return {key: self.schema(depth) for key in self.sample(keys, 2)}


Value = Callable[[_RandomSchema, int], Any]
"""(source of random schemas, depth below the keyword) -> the value of a keyword."""


def _bound(source: _RandomSchema, _: int) -> Any:
    return source.choice((-1, 0, 1, 2, 3, 2.5))


def _size(source: _RandomSchema, _: int) -> Any:
    return source.choice((0, 1, 2, 3))


def _schema(source: _RandomSchema, depth: int) -> Any:
    return source.schema(max(depth, 0))


def _schemas(source: _RandomSchema, depth: int) -> Any:
    return source.schemas(max(depth, 0))


_VALUES: dict[str, Value] = {
    "type": lambda source, _: source.choice((*TYPES, ["string", "null"], ["array", "object"], ["integer", "string"])),
    "enum": lambda source, _: source.sample(CONSTANTS, 4),
    "const": lambda source, _: source.choice(CONSTANTS),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _bound),
    "multipleOf": lambda source, _: source.choice((1, 2, 3, 0.5)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _size),
    **dict.fromkeys(("minContains", "maxContains"), _size),
    "pattern": lambda source, _: source.choice(PATTERNS),
    "format": lambda source, _: source.choice(FORMATS),
    "uniqueItems": lambda *_: True,
    "required": lambda source, _: source.sample(NAMES, 2),
    "dependentRequired": lambda source, _: {source.choice(NAMES): source.sample(NAMES, 1)},
    "propertyNames": lambda source, _: source.schema(0),
    **dict.fromkeys(("properties", "dependentSchemas"), lambda source, depth: source.by(NAMES, max(depth, 0))),
    "patternProperties": lambda source, depth: source.by(PATTERNS, max(depth, 0)),
    **dict.fromkeys(("items", "contains", "not", "if", "then", "else", "additionalProperties"), _schema),
    **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), _schema),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    "$ref": lambda *_: "#/$defs/one",
}

_SHALLOW = (
    ("type",),
    ("enum", "const"),
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    ("minLength", "maxLength", "pattern", "format"),
)
_DEEP = (
    ("allOf", "anyOf", "oneOf", "not", "$ref"),
    ("if", "then", "else"),
    ("items", "prefixItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
    ("minItems", "maxItems", "uniqueItems"),
    ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
    ("required", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
)
