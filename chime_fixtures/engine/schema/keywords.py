"""The vocabulary of draft 2020-12, as tables: what asserts, what is passed over, what is refused and why."""

from __future__ import annotations

import difflib

CHILD_SINGLE = (
    *("not", "if", "then", "else", "items", "contains", "unevaluatedItems"),
    *("additionalProperties", "propertyNames", "unevaluatedProperties"),
)
"""Keywords that hold one schema."""

CHILD_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords that hold a list of schemas."""

CHILD_MAP = ("properties", "patternProperties", "dependentSchemas")
"""Keywords that hold schemas by name."""

REFERENCES = ("$ref", "$dynamicRef")

STAND_FOR_THEMSELVES = frozenset(
    {"not", "anyOf", "oneOf", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
)
"""Applicators that a validator reports as a whole: what fails below them is only the reason."""

ASSERTIONS = frozenset(
    {
        *("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "required"),
        *("minProperties", "maxProperties", "dependentRequired", "minContains", "maxContains"),
    }
)
"""Each keyword that asserts by itself."""

ANNOTATIONS = frozenset(
    {
        *("$schema", "$id", "$anchor", "$dynamicAnchor", "$comment", "$defs", "$vocabulary", "definitions"),
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("contentEncoding", "contentMediaType", "contentSchema"),
        *("discriminator", "xml", "externalDocs", "example"),
    }
)
"""What says nothing about validity: the core's own, the annotations, and those that OpenAPI 3.1 adds."""

SUPPORTED = frozenset({*ASSERTIONS, *CHILD_SINGLE, *CHILD_LIST, *CHILD_MAP, *REFERENCES})
"""What the engine drives; every other keyword is refused by name."""

_OLD = {
    "additionalItems": "write prefixItems and items",
    "dependencies": "write dependentRequired or dependentSchemas",
    "nullable": 'write "null" into the list of types',
    "$recursiveRef": "write $dynamicRef",
    "$recursiveAnchor": "write $dynamicAnchor",
    "id": "write $id",
    "divisibleBy": "write multipleOf",
    "extends": "write allOf",
    "disallow": "write not",
}


def is_annotation(keyword: str) -> bool:
    """Whether the keyword is a known annotation, or an extension by its name."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def remedy(keyword: str) -> str:
    """What to do about a keyword that is not driven."""
    if keyword in _OLD:
        return f"belongs to another dialect; {_OLD[keyword]}"
    near = difflib.get_close_matches(keyword, sorted(SUPPORTED | ANNOTATIONS), n=1, cutoff=0.75)
    if near:
        return f"is not a keyword of draft 2020-12; did you mean {near[0]!r}?"
    return f"is not a keyword of draft 2020-12; if it asserts nothing, say annotations=[{keyword!r}], or --annotation"
