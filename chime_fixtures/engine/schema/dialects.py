"""JSON Schema dialects: one record of facts for each keyword, and the size limits of supported schemas.

The behaviour of each keyword is in one dispatch table for each layer: `dnf.expand.RULES` (satisfy and violate),
`normal_form.targets.STEPS` and `SUBKEYS` (paths to violations), `cases.mutators.MUTATORS` (mutate).
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING

MAX_VALUES = 20_000
"""The maximum number of values in the smallest instance; a long string counts as several values."""

MAX_STRING_LENGTH = 100
"""The number of characters of a string that count as one value."""

MAX_COUNT = 4096
"""The largest `maxItems` or `maxProperties` that values reach, and that violations exceed."""

Role = Literal["assertion", "applicator", "reference", "annotation"]
Nesting = Literal["schema", "array", "object"]
Check = Callable[[Any, Any, Callable[[Any, Any], bool]], bool]
"""(value of the keyword, instance, (subschema, instance) -> True if valid) -> True if the keyword is satisfied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordFacts:
    """Facts of one keyword.

    Attributes:
        name: the keyword.
        role: its role by the specification.
        nesting: the form in which its value contains subschemas: one schema, an array of them, or an object; None if it
            contains none.
        is_in_place: True if its subschemas apply to the same instance location.
        json_type: the only JSON type that it applies to; None for every type.
        is_reported_whole: True if a validator reports the applicator itself, not the keyword below it that failed.
        never_fails: True for an applicator that only selects others (`if`).
        evaluated_by: the keyword of the same schema that evaluates this one (`then` by `if`).
        is_independent: True if each part of a value satisfies it regardless of the other parts.
        is_applied_by_presence: True if the presence of a property, by name, decides which of its subschemas apply.
        is_exact: True if constructed values satisfy it, so that a validator need not check them.
        is_applied_to_enum: True if it is applied to the values of an enumeration while they are collected.
        discards_annotations: True if what its subschemas evaluate does not count as evaluated (`not`).
        consumes_annotations: True if it depends on what adjacent keywords evaluate (`unevaluated...`).
        names_property: True if a validator's error names the property that is missing.
        cross_check_alias: the keyword under which jsonschema may report the same failure.
        maximum: the largest supported value.
        check: the verdict of a custom keyword, which both validators are given.
    """

    name: str
    role: Role = "assertion"
    nesting: Nesting | None = None
    is_in_place: bool = False
    json_type: str | None = None
    is_reported_whole: bool = False
    never_fails: bool = False
    evaluated_by: str | None = None
    is_independent: bool = True
    is_applied_by_presence: bool = False
    is_exact: bool = False
    is_applied_to_enum: bool = False
    discards_annotations: bool = False
    consumes_annotations: bool = False
    names_property: bool = False
    cross_check_alias: str | None = None
    maximum: int | None = None
    check: Check | None = None

    @property
    def can_be_violated(self) -> bool:
        """True if a violation can have this keyword as its label."""
        return self.role == "assertion" or self.is_reported_whole or self.name == "additionalProperties"


class Dialect:
    """A JSON Schema dialect: its keywords, each with its facts.

    Args:
        uri: the value of `$schema`.
        name: its name in messages.
        keywords: the facts of each keyword; applicators in place in the order in which they are followed.
        replacements: keywords of other dialects, each with the remedy.
    """

    def __init__(
        self, uri: str, name: str, keywords: Iterable[KeywordFacts], replacements: Mapping[str, str] | None = None
    ) -> None:
        self.uri = uri
        self.name = name
        self.keywords = {facts.name: facts for facts in keywords}
        self.replacements = dict(replacements or {})

    def extended(self, *keywords: KeywordFacts) -> Dialect:
        """The same dialect with further keywords."""
        return Dialect(self.uri, self.name, (*self.keywords.values(), *keywords), self.replacements)

    def __getitem__(self, keyword: str) -> KeywordFacts:
        return self.keywords[keyword]

    @functools.cached_property
    def supported(self) -> frozenset[str]:
        """The keywords that are not annotations."""
        return self.names(lambda facts: facts.role != "annotation")

    @functools.cached_property
    def nested(self) -> Mapping[str, KeywordFacts]:
        """The keywords whose value contains subschemas."""
        return {name: facts for name, facts in self.keywords.items() if facts.nesting is not None}

    @functools.cached_property
    def in_place(self) -> tuple[str, ...]:
        """The keywords whose subschemas apply to the same instance location, in the order in which they are read."""
        return tuple(name for name, facts in self.nested.items() if facts.is_in_place)

    @functools.cached_property
    def unconditional(self) -> tuple[str, ...]:
        """The keywords whose subschemas all apply to the same instance location, whatever the value is."""
        return tuple(name for name in self.in_place if self.keywords[name].is_independent)

    @functools.cached_property
    def annotating(self) -> tuple[str, ...]:
        """The keywords whose subschemas apply to the same instance location and may evaluate its parts."""
        return tuple(name for name in self.in_place if not self.keywords[name].discards_annotations)

    @functools.cached_property
    def labels(self) -> frozenset[str]:
        """The keywords that a validator reports themselves: assertions, and applicators that are reported whole."""
        return self.names(lambda facts: facts.role == "assertion" or facts.is_reported_whole)

    @functools.cached_property
    def inexact(self) -> frozenset[str]:
        """The keywords whose values a validator has to check."""
        return self.names(lambda facts: facts.role != "annotation" and not facts.is_exact)

    @functools.cached_property
    def not_applied_to_enum(self) -> frozenset[str]:
        """The keywords that are not applied to the values of an enumeration while they are collected."""
        return self.names(lambda facts: facts.role != "annotation" and not facts.is_applied_to_enum)

    @functools.cached_property
    def dependent(self) -> frozenset[str]:
        """The keywords that relate several parts of a value, or apply several schemas to one part."""
        return self.names(lambda facts: not facts.is_independent)

    @functools.cached_property
    def applied_by_presence(self) -> frozenset[str]:
        """The keywords whose subschemas apply to a value in place if it has the property of their name."""
        return self.names(lambda facts: facts.is_applied_by_presence)

    @functools.cached_property
    def consuming(self) -> frozenset[str]:
        """The keywords that depend on what adjacent keywords evaluate."""
        return self.names(lambda facts: facts.consumes_annotations)

    @functools.cached_property
    def checks(self) -> Mapping[str, Check]:
        """The verdicts of custom keywords."""
        return {name: facts.check for name, facts in self.keywords.items() if facts.check is not None}

    def names(self, condition: Callable[[KeywordFacts], bool]) -> frozenset[str]:
        """The keywords whose facts meet a condition."""
        return frozenset(name for name, facts in self.keywords.items() if condition(facts))

    def is_annotation(self, keyword: str) -> bool:
        """True if the keyword is a known annotation, or an extension by its name."""
        facts = self.keywords.get(keyword)
        return keyword.startswith("x-") if facts is None else facts.role == "annotation"

    def explain_unsupported(self, keyword: str) -> str:
        """The reason why a keyword is unsupported, and the remedy."""
        if keyword in self.replacements:
            return f"is a keyword of another dialect; {self.replacements[keyword]}"
        near = difflib.get_close_matches(keyword, sorted(self.keywords), n=1, cutoff=0.75)
        if near:
            return f"is not a keyword of {self.name}; did you mean {near[0]!r}?"
        return (
            f"is not a keyword of {self.name}; to ignore this keyword, pass annotations=[{keyword!r}] "
            f"or --annotation {keyword}"
        )

    def __reduce__(self) -> str | tuple[Any, ...]:
        # The published dialect is pickled by its name, so that it stays one object.
        return "DRAFT_2020_12" if self is DRAFT_2020_12 else super().__reduce__()

    def __repr__(self) -> str:
        return f"<dialect {self.name}>"


def _assertion(name: str, json_type: str | None = None, *, is_exact: bool = True, **facts: Any) -> KeywordFacts:
    return KeywordFacts(name=name, json_type=json_type, is_exact=is_exact, **facts)


def _applicator(name: str, nesting: Nesting, json_type: str | None = None, **facts: Any) -> KeywordFacts:
    return KeywordFacts(name=name, role="applicator", nesting=nesting, json_type=json_type, **facts)


def _in_place(name: str, nesting: Nesting, json_type: str | None = None, **facts: Any) -> KeywordFacts:
    return _applicator(name, nesting, json_type, is_in_place=True, is_independent=False, **facts)


DRAFT_2020_12 = Dialect(
    "https://json-schema.org/draft/2020-12/schema",
    "draft 2020-12",
    [
        _assertion("type", is_applied_to_enum=True),
        _assertion("enum", is_independent=False, is_applied_to_enum=True),
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
        _assertion("uniqueItems", ARRAY, is_exact=False, is_independent=False),
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
        _applicator("items", "schema", ARRAY, is_exact=True),
        _applicator("prefixItems", "array", ARRAY),
        _applicator("contains", "schema", ARRAY, is_reported_whole=True, is_independent=False),
        _applicator("unevaluatedItems", "schema", ARRAY, is_reported_whole=True, is_independent=False,
                    consumes_annotations=True),
        _applicator("properties", "object", OBJECT, is_exact=True),
        _applicator("patternProperties", "object", OBJECT),
        _applicator("additionalProperties", "schema", OBJECT, is_exact=True),
        _applicator("propertyNames", "schema", OBJECT, is_reported_whole=True),
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
    {
        "additionalItems": "write prefixItems and items",
        "dependencies": "write dependentRequired or dependentSchemas",
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
