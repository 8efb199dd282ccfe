"""Schemas of any size, each of one shape: for the work and time of the catalogue as they grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Shape = Callable[[int], dict[str, Any]]


def _names(count: int) -> list[str]:
    return [f"m{number}" for number in range(count)]


def members(count: int) -> dict[str, Any]:
    """Optional strings."""
    return {"type": "object", "properties": {name: {"type": "string", "maxLength": 8} for name in _names(count)}}


def required_members(count: int) -> dict[str, Any]:
    """Required strings, and nothing else."""
    return {**members(count), "required": _names(count), "additionalProperties": False}


def constrained_members(count: int) -> dict[str, Any]:
    """Strings with several constraints, one of which implies another, by reference."""
    text = {"type": "string", "minLength": 2, "maxLength": 12, "pattern": "^[a-z]{3,}$"}
    properties = {name: {"$ref": f"#/$defs/{name}"} for name in _names(count)}
    return {"type": "object", "properties": properties, "$defs": {name: dict(text) for name in _names(count)}}


def enumerations(count: int) -> dict[str, Any]:
    """Members with an enumeration each."""
    return {"type": "object", "properties": {name: {"enum": [name, f"{name} too"]} for name in _names(count)}}


def nested_members(count: int) -> dict[str, Any]:
    """About as many strings, in optional objects of the same size."""
    size = max(round(count**0.5), 1)
    return {"type": "object", "properties": {f"g{number}": members(size) for number in range(size)}}


def beside_a_pattern(count: int) -> dict[str, Any]:
    """Members beside one pattern of `patternProperties`."""
    return {**members(count), "patternProperties": {"^x-": {"type": "integer"}}}


def constrained_names(count: int) -> dict[str, Any]:
    """Members with `propertyNames`."""
    return {**members(count), "propertyNames": {"maxLength": 12, "pattern": "^[a-z0-9]+$"}}


def definitions(count: int) -> dict[str, Any]:
    """Members that are objects of definitions."""
    part = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    properties = {name: {"$ref": f"#/$defs/{name}"} for name in _names(count)}
    return {"type": "object", "properties": properties, "$defs": {name: dict(part) for name in _names(count)}}


def prefix_items(count: int) -> dict[str, Any]:
    """An array with a schema for each item."""
    return {"type": "array", "prefixItems": [{"type": "string", "maxLength": 5} for _ in range(count)]}


def dependent_members(count: int) -> dict[str, Any]:
    """Members that a `dependentSchemas` constrains as well."""
    constrained = {"properties": {name: {"minLength": 1} for name in _names(count)}}
    return {**members(count), "dependentSchemas": {"m0": constrained}}


def deep(count: int) -> dict[str, Any]:
    """A nest of objects."""
    schema: dict[str, Any] = {"type": "string", "maxLength": 3}
    for _ in range(count):
        schema = {"type": "object", "properties": {"a": schema, "b": {"type": "integer"}}}
    return schema


def mutual(count: int) -> dict[str, Any]:
    """Definitions that all refer to each other."""
    names = _names(count)
    properties = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    return {"$ref": "#/$defs/m0", "$defs": {name: {"type": "object", "properties": dict(properties)} for name in names}}


def branches(count: int) -> dict[str, Any]:
    """A member with that many branches of a `oneOf`, and further members."""
    union = [
        {"type": "object", "required": ["kind"], "properties": {"kind": {"const": name}, "x": {"type": "integer"}}}
        for name in _names(count)
    ]
    return {"type": "object", "properties": {"union": {"oneOf": union}, **members(8)["properties"]}}


SHAPES: dict[str, tuple[Shape, int]] = {
    "members": (members, 1000),
    "required members": (required_members, 1000),
    "constrained members": (constrained_members, 1000),
    "enumerations": (enumerations, 1000),
    "nested members": (nested_members, 400),
    "beside a pattern": (beside_a_pattern, 1000),
    "constrained names": (constrained_names, 1000),
    "definitions": (definitions, 1000),
    "prefix items": (prefix_items, 500),
    "dependent members": (dependent_members, 1000),
    "deep": (deep, 20),
    "mutual": (mutual, 3),
    "branches": (branches, 150),
}
"""Each shape, and half of the size at which it is measured."""
