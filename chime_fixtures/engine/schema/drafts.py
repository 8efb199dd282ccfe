"""The published dialects: drafts 2020-12, 2019-09, 7, 6 and 4, each by what it changes of the next newer one.

Those of OpenAPI are in `openapi_dialects`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.engine.schema.dialects import (
    DEFINITIONS,
    MAX_STRING_LENGTH,
    MAX_VALUES,
    Dialect,
    KeywordFacts,
    Nesting,
)


def _assertion(name: str, json_type: str | None = None, *, is_exact: bool = True, **facts: Any) -> KeywordFacts:
    return KeywordFacts(name=name, json_type=json_type, is_exact=is_exact, **facts)


def _applicator(name: str, nesting: Nesting, json_type: str | None = None, **facts: Any) -> KeywordFacts:
    return KeywordFacts(name=name, role="applicator", nesting=nesting, json_type=json_type, **facts)


def _in_place(name: str, nesting: Nesting, json_type: str | None = None, **facts: Any) -> KeywordFacts:
    return _applicator(name, nesting, json_type, is_in_place=True, is_independent=False, **facts)


class _Draft(Dialect):
    """A published dialect, pickled by its URI, so that it stays one object."""

    def __reduce__(self) -> tuple[Any, ...]:
        return draft_with, (self.uri,)


def _revised(
    dialect: Dialect,
    uri: str,
    name: str,
    validator: str,
    *,
    without: Iterable[str] = (),
    keywords: Iterable[KeywordFacts] = (),
    **facts: Any,
) -> _Draft:
    """An older dialect: another one without some keywords, and with others, which replace those of the same name."""
    kept = {key: value for key, value in dialect.keywords.items() if key not in set(without)}
    kept |= {each.name: each for each in keywords}
    return _Draft(uri, name, validator, kept.values(), **facts)


DRAFT_2020_12 = _Draft(
    "https://json-schema.org/draft/2020-12/schema",
    "draft 2020-12",
    "Draft202012Validator",
    [
        _assertion("type", is_applied_to_enum=True),
        _assertion("enum", is_independent=False, is_applied_to_enum=True, lists_values=True),
        _assertion("const", is_independent=False, is_applied_to_enum=True),
        _assertion("minimum", NUMBER),
        _assertion("maximum", NUMBER),
        _assertion("exclusiveMinimum", NUMBER),
        _assertion("exclusiveMaximum", NUMBER),
        _assertion("multipleOf", NUMBER, is_exact=False),
        _assertion("minLength", STRING, maximum=MAX_VALUES * MAX_STRING_LENGTH),
        _assertion("maxLength", STRING),
        _assertion("pattern", STRING),
        _assertion("format", STRING),
        _assertion("minItems", ARRAY, maximum=MAX_VALUES),
        _assertion("maxItems", ARRAY),
        _assertion("uniqueItems", ARRAY, is_exact=False, is_independent=False, compares_items=True),
        _assertion("minContains", ARRAY, is_exact=False, is_independent=False, maximum=MAX_VALUES,
                   evaluated_by="contains", cross_check_alias="contains"),
        _assertion("maxContains", ARRAY, is_exact=False, is_independent=False, evaluated_by="contains"),
        _assertion("required", OBJECT, names_property=True),
        _assertion("minProperties", OBJECT, is_exact=False, maximum=MAX_VALUES),
        _assertion("maxProperties", OBJECT, is_exact=False),
        _assertion("dependentRequired", OBJECT, is_exact=False, names_property=True),
        _applicator("allOf", "array", is_in_place=True),
        _in_place("anyOf", "array", is_reported_whole=True),
        _in_place("oneOf", "array", is_reported_whole=True),
        _in_place("not", "schema", is_reported_whole=True, discards_annotations=True),
        _in_place("if", "schema", never_fails=True),
        _in_place("then", "schema", evaluated_by="if"),
        _in_place("else", "schema", evaluated_by="if"),
        _in_place("dependentSchemas", "object", OBJECT, is_applied_by_presence=True),
        # jsonschema-rs asserts it in every draft, jsonschema up to draft 7.
        _in_place("dependencies", "object", OBJECT, names_property=True, is_reported_at_times=True),
        _applicator("items", "schema", ARRAY, is_exact=True, depends_on=("prefixItems",)),
        _applicator("prefixItems", "array", ARRAY, names_part=True),
        _applicator("contains", "schema", ARRAY, is_reported_whole=True, is_independent=False, evaluates_items=True),
        _applicator("unevaluatedItems", "schema", ARRAY, is_reported_whole=True, is_independent=False,
                    consumes_annotations=True),
        _applicator("properties", "object", OBJECT, is_exact=True, names_part=True),
        _applicator("patternProperties", "object", OBJECT),
        _applicator("additionalProperties", "schema", OBJECT, is_exact=True, is_reported_at_times=True,
                    depends_on=("properties", "patternProperties")),
        _applicator("propertyNames", "schema", OBJECT, is_applied_to_names=True),
        _applicator("unevaluatedProperties", "schema", OBJECT, is_reported_whole=True, is_independent=False,
                    consumes_annotations=True),
        KeywordFacts(name="$ref", role="reference", is_in_place=True, is_exact=True),
        KeywordFacts(name="$dynamicRef", role="reference", is_in_place=True),
        *(
            KeywordFacts(name=name, role="annotation")
            for name in (
                *("$schema", "$id", "$anchor", "$dynamicAnchor", "$comment", "$defs", "$vocabulary", "definitions"),
                *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
                *("contentEncoding", "contentMediaType", "contentSchema"),
                # OpenAPI 3.1 adds these.
                *("discriminator", "xml", "externalDocs", "example"),
            )
        ),
    ],
    replacements={
        "additionalItems": "write prefixItems and items",
        "nullable": 'write "null" into the list of types',
        "$recursiveRef": "write $dynamicRef",
        "$recursiveAnchor": "write $dynamicAnchor",
        "id": "write $id",
        "divisibleBy": "write multipleOf",
        "extends": "write allOf",
        "disallow": "write not",
    },
)  # fmt: skip
"""Draft 2020-12, with the annotations of OpenAPI 3.1."""

_ITEMS = _applicator("items", "schema or array", ARRAY, behaviour="items (schema or array)", names_part=True)
_ADDITIONAL_ITEMS = _applicator("additionalItems", "schema", ARRAY, is_reported_at_times=True, depends_on=("items",))

DRAFT_2019_09 = _revised(
    DRAFT_2020_12,
    "https://json-schema.org/draft/2019-09/schema",
    "draft 2019-09",
    "Draft201909Validator",
    without=["prefixItems", "$dynamicRef", "$dynamicAnchor"],
    keywords=[
        _ITEMS,
        _ADDITIONAL_ITEMS,
        _applicator("contains", "schema", ARRAY, is_reported_whole=True, is_independent=False),
        KeywordFacts(name="$recursiveRef", role="reference", is_in_place=True),
        KeywordFacts(name="$recursiveAnchor", role="annotation"),
    ],
    replacements={
        "prefixItems": "write a list of items, or $schema for draft 2020-12",
        "$dynamicRef": "write $recursiveRef, or $schema for draft 2020-12",
    },
)
"""Draft 2019-09."""

DRAFT_7 = _revised(
    DRAFT_2019_09,
    "http://json-schema.org/draft-07/schema#",
    "draft 7",
    "Draft7Validator",
    without=[
        *("$recursiveRef", "$recursiveAnchor", "$anchor", "$defs", "$vocabulary", "deprecated", "contentSchema"),
        *("minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties"),
        *("dependentRequired", "dependentSchemas"),
    ],
    keywords=[
        # Asserted by jsonschema-rs only.
        _assertion("contentEncoding", STRING),
        _assertion("contentMediaType", STRING, depends_on=("contentEncoding",)),
        # Asserted by both validators, so that each has the same verdict on a part that its schemas apply to.
        _in_place(
            "dependencies",
            "object",
            OBJECT,
            names_property=True,
            is_reported_at_times=True,
            is_applied_by_presence=True,
        ),
    ],
    replacements={
        "dependentRequired": "write dependencies, or $schema for a newer draft",
        "dependentSchemas": "write dependencies, or $schema for a newer draft",
    },
    ref_is_alone=True,
)
"""Draft 7."""

DRAFT_6 = _revised(
    DRAFT_7,
    "http://json-schema.org/draft-06/schema#",
    "draft 6",
    "Draft6Validator",
    without=["if", "then", "else", "readOnly", "writeOnly", "$comment"],
    replacements=DRAFT_7.replacements,
    ref_is_alone=True,
)
"""Draft 6."""

DRAFT_4 = _revised(
    DRAFT_6,
    "http://json-schema.org/draft-04/schema#",
    "draft 4",
    "Draft4Validator",
    without=["const", "contains", "propertyNames", "contentEncoding", "contentMediaType", "examples", "$id"],
    keywords=[
        _assertion("type", is_applied_to_enum=True, behaviour="type (1.0 is not an integer)"),
        _assertion("minimum", NUMBER, behaviour="minimum (beside a boolean)"),
        _assertion("maximum", NUMBER, behaviour="maximum (beside a boolean)"),
        _assertion("exclusiveMinimum", NUMBER, behaviour="exclusiveMinimum (boolean)", limit_keyword="minimum",
                   cross_check_alias="minimum"),
        _assertion("exclusiveMaximum", NUMBER, behaviour="exclusiveMaximum (boolean)", limit_keyword="maximum",
                   cross_check_alias="maximum"),
        KeywordFacts(name="id", role="annotation"),
    ],
    replacements={
        "const": "write an enum of one value, or $schema for a newer draft",
        "divisibleBy": "write multipleOf",
    },
    id_keyword="id",
    ref_is_alone=True,
)  # fmt: skip
"""Draft 4."""

DRAFTS = (DRAFT_2020_12, DRAFT_2019_09, DRAFT_7, DRAFT_6, DRAFT_4)
"""The published dialects, the newest first."""

_BY_URI = {draft.uri.rstrip("#"): draft for draft in DRAFTS} | {"http://json-schema.org/schema": DRAFT_2020_12}


def draft_with(uri: str) -> Dialect | None:
    """The published dialect with a value of `$schema`, with or without the empty fragment; None if there is none."""
    return _BY_URI.get(uri.rstrip("#"))


def old_forms(document: Any) -> dict[str, Dialect]:
    """The forms in a document that only older drafts assert, each with the newest of these drafts."""
    found: dict[str, Dialect] = {}
    stack = [document]
    while stack:
        schema = stack.pop()
        if isinstance(schema, list):
            stack.extend(schema)
        if not isinstance(schema, dict):
            continue
        declared = draft_with(str(schema.get("$schema"))) if schema is not document else None
        if declared is not None and declared is not DRAFT_2020_12:
            # jsonschema reads the subschema by this draft, jsonschema-rs only the document.
            found[f"$schema of {declared.name} in a subschema"] = declared
        for keyword, value in schema.items():
            form = _OLD_FORMS.get(keyword)
            if form is not None and form.is_old(value, schema):
                found[form.description] = form.newest
            if keyword in _SCHEMAS_BY_NAME:
                stack.extend(value.values() if isinstance(value, dict) else ())
            elif keyword in _NESTED:
                stack.append(value)
    return found


class _OldForm(NamedTuple):
    """A form of a keyword: its description, the newest draft that asserts it, and (value, schema) -> True for it."""

    description: str
    newest: Dialect
    is_old: Callable[[Any, dict[str, Any]], bool]


_OLD_FORMS = {
    "dependencies": _OldForm("dependencies", DRAFT_7, lambda value, schema: isinstance(value, dict)),
    "items": _OldForm("a list of items", DRAFT_2019_09, lambda value, schema: isinstance(value, list)),
    "additionalItems": _OldForm(
        "additionalItems", DRAFT_2019_09, lambda value, schema: isinstance(schema.get("items"), list)
    ),
    "id": _OldForm(
        "definitions with id", DRAFT_4, lambda value, schema: isinstance(value, str) and "definitions" in schema
    ),
    **{
        keyword: _OldForm(f"a boolean {keyword}", DRAFT_4, lambda value, schema: isinstance(value, bool))
        for keyword in ("exclusiveMinimum", "exclusiveMaximum")
    },
}
_NESTED = frozenset().union(*(draft.nested for draft in DRAFTS))
_SCHEMAS_BY_NAME = DEFINITIONS | {
    name for draft in DRAFTS for name, facts in draft.nested.items() if facts.nesting == "object"
}
