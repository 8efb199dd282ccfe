"""JSON Schema dialects: one record of facts for each keyword, and the size limits of supported schemas.

`drafts` has the published dialects. The behaviour of each keyword is in one dispatch table for each layer:
`dnf.expand.RULES` (satisfy and violate), `normal_form.targets.STEPS` and `SUBKEYS` (paths to violations),
`cases.mutators.MUTATORS` (mutate).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MAX_VALUES = 20_000
"""The maximum number of values in the smallest instance; a long string counts as several values."""

MAX_STRING_LENGTH = 100
"""The number of characters of a string that count as one value."""

MAX_COUNT = 4096
"""The largest `maxItems` or `maxProperties` that values reach, and that violations exceed."""

DEFINITIONS = frozenset({"$defs", "definitions"})
"""The annotations that contain schemas by name, which references reach."""

Role = Literal["assertion", "applicator", "reference", "annotation"]
Nesting = Literal["schema", "array", "schema or array", "object"]
Check = Callable[[Any, Any, Callable[[Any, Any], bool]], bool]
"""(value of the keyword, instance, (subschema, instance) -> True if valid) -> True if the keyword is satisfied."""


RESPELLED = "pattern"
"""The keyword of which an annotation may have another spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordFacts:
    """Facts of one keyword.

    Attributes:
        name: the keyword.
        role: its role by the specification.
        nesting: the form in which its value contains subschemas: one schema, an array of them, or an object, whose
            values may be arrays of names instead; None if it contains none.
        is_in_place: True if its subschemas apply to the same instance location.
        is_applied_to_names: True if its subschemas apply to the property names of an object, where errors are reported.
        json_type: the only JSON type that it applies to; None for every type.
        is_reported_whole: True if a validator reports the applicator itself, not the keyword below it that failed.
        is_reported_at_times: True if a validator reports the applicator itself for some of its values, as for false in
            `additionalProperties`.
        never_fails: True for an applicator that only selects others (`if`).
        evaluated_by: the keyword of the same schema that evaluates this one (`then` by `if`).
        is_independent: True if each part of a value satisfies it regardless of the other parts.
        compares_items: True if it depends only on which items of an array are equal to each other.
        is_applied_by_presence: True if the presence of a property, by name, decides which of its subschemas apply.
        is_exact: True if constructed values satisfy it, so that a validator need not check them.
        is_applied_to_enum: True if it is applied to the values of an enumeration while they are collected.
        discards_annotations: True if what its subschemas evaluate does not count as evaluated (`not`).
        consumes_annotations: True if it depends on what adjacent keywords evaluate (`unevaluated...`).
        names_property: True if a validator's error names the property that is missing.
        names_part: True if the name or index under it is that of the part of the instance that it applies to.
        lists_values: True if its value lists the allowed values (`enum`).
        cross_check_alias: the keyword under which jsonschema may report the same failure.
        maximum: the largest supported value.
        behaviour: its entry in the dispatch tables, if it differs from the keyword of this name in draft 2020-12.
        limit_keyword: the keyword of the same schema whose value it limits by (`minimum`, if `exclusiveMinimum` is a
            boolean).
        evaluates_items: True if the items that its subschema accepts count as evaluated.
        forbids: True for an assertion that no value satisfies if the keyword is true.
        check: the verdict of a custom keyword, which both validators are given.
        depends_on: the adjacent keywords on which its verdict depends, as the names of `properties`.
    """

    name: str
    role: Role = "assertion"
    nesting: Nesting | None = None
    is_in_place: bool = False
    is_applied_to_names: bool = False
    json_type: str | None = None
    is_reported_whole: bool = False
    never_fails: bool = False
    evaluated_by: str | None = None
    is_independent: bool = True
    compares_items: bool = False
    is_applied_by_presence: bool = False
    is_exact: bool = False
    is_applied_to_enum: bool = False
    discards_annotations: bool = False
    consumes_annotations: bool = False
    names_property: bool = False
    names_part: bool = False
    lists_values: bool = False
    cross_check_alias: str | None = None
    is_reported_at_times: bool = False
    maximum: int | None = None
    behaviour: str | None = None
    limit_keyword: str | None = None
    evaluates_items: bool = False
    forbids: bool = False
    check: Check | None = None
    depends_on: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The name of its entry in the dispatch tables."""
        return self.behaviour or self.name

    @property
    def may_be_respelled(self) -> bool:
        """True if its verdict may be another one by other spellings of patterns (`SchemaOptions.spellings`)."""
        return self.name == RESPELLED or self.nesting is not None

    @property
    def can_be_violated(self) -> bool:
        """True if a violation can have this keyword as its label."""
        return self.role == "assertion" or self.is_reported_whole or self.is_reported_at_times


class Dialect:
    """A JSON Schema dialect: its keywords, each with its facts.

    Args:
        uri: the value of `$schema`.
        name: its name in messages.
        validator: the name of its class in jsonschema-rs and in jsonschema.
        keywords: the facts of each keyword; applicators in place in the order in which they are followed.
        replacements: keywords of other dialects, each with the remedy.
        id_keyword: the keyword that begins a resource.
        ref_is_alone: True if the keywords beside `$ref` are ignored.
        validator_uri: the value of `$schema` by which validators read it; by default `uri`.
    """

    def __init__(
        self,
        uri: str,
        name: str,
        validator: str,
        keywords: Iterable[KeywordFacts],
        *,
        replacements: Mapping[str, str] | None = None,
        id_keyword: str = "$id",
        ref_is_alone: bool = False,
        validator_uri: str | None = None,
    ) -> None:
        self.uri = uri
        self.validator_uri = validator_uri or uri
        self.name = name
        self.validator = validator
        self.keywords = {facts.name: facts for facts in keywords}
        self.replacements = dict(replacements or {})
        self.id_keyword = id_keyword
        self.ref_is_alone = ref_is_alone

    def extended(self, *keywords: KeywordFacts) -> Dialect:
        """The same dialect with further keywords."""
        return Dialect(
            self.uri,
            self.name,
            self.validator,
            (*self.keywords.values(), *keywords),
            replacements=self.replacements,
            id_keyword=self.id_keyword,
            ref_is_alone=self.ref_is_alone,
            validator_uri=self.validator_uri,
        )

    def keywords_of(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The keywords of a schema that mean something in the dialect, with their values."""
        if self.ref_is_alone and "$ref" in schema:
            return {"$ref": schema["$ref"]}
        if schema.keys() <= self.keywords.keys():
            return schema
        return {keyword: value for keyword, value in schema.items() if keyword in self.keywords}

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
    def references(self) -> tuple[str, ...]:
        """The keywords that refer to a schema."""
        return tuple(name for name, facts in self.keywords.items() if facts.role == "reference")

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
    def limiting(self) -> Mapping[str, str]:
        """For each keyword whose value limits another keyword, that keyword."""
        return {facts.limit_keyword: name for name, facts in self.keywords.items() if facts.limit_keyword is not None}

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
    def comparing(self) -> frozenset[str]:
        """The keywords that depend only on which items of an array are equal to each other."""
        return self.names(lambda facts: facts.compares_items)

    @functools.cached_property
    def applied_by_presence(self) -> frozenset[str]:
        """The keywords whose subschemas apply to a value in place if it has the property of their name."""
        return self.names(lambda facts: facts.is_applied_by_presence)

    @functools.cached_property
    def consuming(self) -> frozenset[str]:
        """The keywords that depend on what adjacent keywords evaluate."""
        return self.names(lambda facts: facts.consumes_annotations)

    @functools.cached_property
    def enumerating(self) -> frozenset[str]:
        """The keywords that list the allowed values."""
        return self.names(lambda facts: facts.lists_values)

    @functools.cached_property
    def forbidding(self) -> frozenset[str]:
        """The keywords that no value satisfies if they are true."""
        return self.names(lambda facts: facts.forbids)

    @functools.cached_property
    def checks(self) -> Mapping[str, Check]:
        """The verdicts of custom keywords."""
        return {name: facts.check for name, facts in self.keywords.items() if facts.check is not None}

    def names(self, condition: Callable[[KeywordFacts], bool]) -> frozenset[str]:
        """The keywords whose facts meet a condition."""
        return frozenset(name for name, facts in self.keywords.items() if condition(facts))

    def explain_unknown(self, keyword: str) -> str:
        """The reason why a keyword is unknown, and the remedy."""
        if keyword in self.replacements:
            return f"is a keyword of another dialect; {self.replacements[keyword]}"
        return f"is not a keyword of {self.name}; {self.explain_ignoring(keyword)}"

    @staticmethod
    def explain_ignoring(keyword: str) -> str:
        """The option that ignores a keyword, as a remedy."""
        return f"to ignore this keyword, pass annotations=[{keyword!r}] or --annotation {keyword}"

    def __repr__(self) -> str:
        return f"<dialect {self.name}>"


MIN_MISSPELT_LENGTH = 5
"""The shortest keyword that is looked at for a mistake: most pairs of shorter words are near each other."""

MAX_EDITS = 2


def misspelt_keyword(keyword: str, dialect: Dialect) -> str | None:
    """The assertion or applicator that an unknown keyword is probably meant to be; None if there is none."""
    if len(keyword) < MIN_MISSPELT_LENGTH or not keyword[0].isalpha():
        return None
    nearest = min(
        (name for name in dialect.supported if abs(len(name) - len(keyword)) <= MAX_EDITS),
        key=lambda name: (_edits(keyword, name), name),
        default=None,
    )
    if nearest is None:
        return None
    return nearest if nearest.casefold() == keyword.casefold() or _edits(keyword, nearest) <= MAX_EDITS else None


def _edits(first: str, second: str) -> int:
    """The Levenshtein distance: characters to insert, delete or replace."""
    row = list(range(len(second) + 1))
    for index, char in enumerate(first, 1):
        previous, row[0] = row[0], index
        for position, other in enumerate(second, 1):
            previous, row[position] = (
                row[position],
                min(row[position] + 1, row[position - 1] + 1, previous + (char != other)),
            )
    return row[-1]
