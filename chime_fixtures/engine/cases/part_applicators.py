"""Applicators of properties and items: which subschemas each applies to one part of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chime_fixtures.engine.dnf.items import first_item, has_list
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators

PartApplicator = Callable[[Subschema, Any, str, Validators], "Iterable[Subschema] | None"]
"""(schema, container, name or index, validators) -> the subschemas applied to that part; None if it is unknown."""


def _properties(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    child = schema.children["properties"].get(token) if isinstance(value, dict) else None
    return () if child is None else (child,)


def _pattern_properties(
    schema: Subschema, value: Any, token: str, validators: Validators
) -> Iterable[Subschema] | None:
    children = schema.children["patternProperties"] if isinstance(value, dict) else {}
    verdicts = [(validators.matches(pattern, token), child) for pattern, child in children.items()]
    if any(verdict is None for verdict, _ in verdicts):
        return None
    return [child for verdict, child in verdicts if verdict]


def _additional_properties(
    schema: Subschema, value: Any, token: str, validators: Validators
) -> Iterable[Subschema] | None:
    if not isinstance(value, dict):
        return ()
    for keyword in ("properties", "patternProperties"):
        if keyword in schema.children:
            children = PART_APPLICATORS[keyword](schema, value, token, validators)
            if children is None or any(True for _ in children):
                return None if children is None else ()
    return (schema.children["additionalProperties"],)


def _prefix_items(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    return schema.children["prefixItems"][int(token) :][:1] if isinstance(value, list) else ()


def _items(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    return (schema.children["items"],) if _is_behind_list(schema, value, token) else ()


def _schema_or_array(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    if not has_list(schema):
        return _items(schema, value, token, validators)
    return schema.children["items"][int(token) :][:1] if isinstance(value, list) else ()


def _additional_items(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    is_applied = has_list(schema) and _is_behind_list(schema, value, token)
    return (schema.children["additionalItems"],) if is_applied else ()


def _is_behind_list(schema: Subschema, value: Any, token: str) -> bool:
    return isinstance(value, list) and int(token) >= first_item(schema)


def _none(schema: Subschema, value: Any, token: str, validators: Validators) -> Iterable[Subschema]:
    return ()


PART_APPLICATORS: dict[str, PartApplicator] = {
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "prefixItems": _prefix_items,
    "items": _items,
    "items (schema or array)": _schema_or_array,
    "additionalItems": _additional_items,
    "propertyNames": _none,
}
"""The subschemas that each independent applicator applies to one property or item."""

APPLYING_VERDICTS: dict[str, bool] = {"then": True, "else": False}
"""The verdict of the keyword that evaluates it (`if`) with which each conditional applicator applies its subschema."""
