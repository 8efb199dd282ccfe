"""Constraints of a schema, violations of them, and the sentence that describes each violation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.deferral import DeferredInstance

MAX_QUOTED_CHARACTERS = 60
"""The maximum length of a value in a message; a longer one is cut in the middle."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One assertion of a schema.

    Attributes:
        path: the locations in an instance that it applies to: a JSON Pointer in which ``*`` is any item or any property
            without a schema of its own.
        keyword: the keyword that asserts.
        value: the keyword's value.
        schema_pointer: the location of the keyword in its document, as a JSON Pointer.
    """

    path: str
    keyword: str
    value: Any = field(hash=False)
    schema_pointer: str

    def __str__(self) -> str:
        return f"{json_pointer.display(self.path)}: {self.keyword} {quote(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation(DeferredInstance):
    """An instance that violates one constraint: generated on purpose, or reported by a validator.

    Attributes:
        instance: the whole JSON document.
        pointer: the location in it that a validator reports: the object for `required`, `additionalProperties` and
            other keywords about properties, the array for `contains`, `minItems` and other keywords about items, else
            the value.
        keyword: the keyword that failed.
        limit: the keyword's value in the schema.
        schema_pointer: the location of the keyword in its document.
        variant: the kind of mistake; for `required` and `dependentRequired` the name of the missing property.
        because: the errors below `anyOf` and `oneOf`, the names of the properties that are not allowed, or the sentence
            about a property name that `propertyNames` rejects; None for other violations.
        contested: the validators that accept the instance although jsonschema-rs rejects it, by the schema or by
            another spelling of its patterns (`SchemaOptions.spellings`).
        cross_checked: True if jsonschema has a verdict on the instance; False for a violation that is reported, not
            generated, and if jsonschema might take too long, as Python's `re` does for some patterns.
    """

    instance: Any = field(hash=False)
    pointer: str
    keyword: str
    limit: Any = field(hash=False)
    schema_pointer: str
    variant: str | None = None
    because: str | None = None
    contested: tuple[str, ...] = ()
    cross_checked: bool = False

    @property
    def value(self) -> Any:
        """The value at `pointer`."""
        return json_pointer.resolve(self.instance, self.pointer)

    @property
    def id(self) -> str:
        """``<property>[.<index>].<keyword>[.<variant>]``: safe as a file name and as a test id."""
        return safe_id([*json_pointer.split(self.pointer), self.keyword, *([self.variant] if self.variant else [])])

    @property
    def summary(self) -> str:
        """One line, ``<pointer>: <sentence> [<keyword>]``: ``/Name: 5 is not of type "string" [type]``."""
        sentence = describe(
            self.keyword, self.value, self.limit, schema_pointer=self.schema_pointer, variant=self.variant
        )
        if self.because:
            # The reason of any other keyword is about a property name that violates it, and is a whole sentence.
            sentence = f"{sentence}: {self.because}" if self.keyword in _KEYWORDS_WITH_REASON else self.because
        return f"{json_pointer.display(self.pointer)}: {sentence} [{self.keyword}]"

    def as_dict(self) -> dict[str, Any]:
        """A JSON object with the names of the "basic" output of JSON Schema 2020-12, plus those of the label."""
        return {
            "id": self.id,
            "valid": False,
            "instanceLocation": self.pointer,
            "keywordLocation": self.schema_pointer,
            "keyword": self.keyword,
            "limit": self.limit,
            "variant": self.variant,
            "contested": list(self.contested),
            "crossChecked": self.cross_checked,
            "error": self.summary,
        }

    def __str__(self) -> str:
        return self.summary


def describe(
    keyword: str,
    value: Any,
    limit: Any,
    *,
    schema_pointer: str = "",
    variant: str | None = None,
    subject: str | None = None,
) -> str:
    """The sentence for a violation: the value, the rule and its limit, without pointer and keyword.

    Args:
        keyword: the keyword that failed; one without an entry in the table gets a generic sentence.
        value: the value that fails.
        limit: the keyword's value in the schema.
        schema_pointer: the location of the keyword; for `dependentSchemas` it ends with the name of the property.
        variant: for `required` and `dependentRequired` the name of the missing property.
        subject: the subject of the sentence instead of the quoted value.
    """
    failure = _Failure(keyword, value, limit, schema_pointer, variant, subject)
    if limit is False and keyword not in _SENTENCES:
        return f"{failure.quoted} is not allowed: the subschema is false"
    return _SENTENCES.get(keyword, _custom)(failure)


def quote(value: Any, *, maximum: int = MAX_QUOTED_CHARACTERS) -> str:
    """A value as ASCII JSON, cut in the middle if it is longer than `maximum` characters."""
    text = json.dumps(value, default=repr)
    return text if len(text) <= maximum else f"{text[: maximum - 20]}…{text[-10:]}"


def quote_list(values: Iterable[Any], *, last: str = ", ") -> str:
    """Values as ASCII JSON, `last` before the last one; after 60 characters only the number of values follows."""
    quoted = [quote(value) for value in values]
    length = 0
    for index, text in enumerate(quoted):
        length += len(text) + 2
        if index and length > MAX_QUOTED_CHARACTERS:
            return f"{', '.join(quoted[:index])}, … ({len(quoted)} values)"
    return last.join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))


@dataclass(frozen=True, slots=True)
class _Failure:
    keyword: str
    value: Any
    limit: Any
    schema_pointer: str
    variant: str | None
    subject: str | None

    @property
    def quoted(self) -> str:
        return self.subject or quote(self.value)

    @property
    def bound(self) -> str:
        return quote(self.limit)

    @property
    def sized(self) -> str:
        """The value with its size in parentheses."""
        units = {str: ("character", "characters"), list: ("item", "items"), dict: ("property", "properties")}
        for json_type, (singular, plural) in units.items():
            if isinstance(self.value, json_type) and self.subject is None:
                size = len(self.value)
                return f"{self.quoted} ({size} {singular if size == 1 else plural})"
        return self.quoted

    @property
    def missing(self) -> str:
        """The name of the missing property, without the number that makes the variant's id unique."""
        names = self.limit.values() if isinstance(self.limit, Mapping) else [self.limit]
        known = {str(name) for each in names if isinstance(each, list) for name in each}
        name = self.variant or ""
        return name if name in known or (name.rpartition("-")[0] not in known) else name.rpartition("-")[0]


def _required(failure: _Failure) -> str:
    return f"{quote(failure.missing)} is required" if failure.variant else f"{failure.quoted} lacks a required property"


def _dependent_required(failure: _Failure) -> str:
    name, present = failure.missing, failure.value if isinstance(failure.value, dict) else {}
    for owner, names in failure.limit.items() if isinstance(failure.limit, Mapping) else ():
        if owner in present and name in names and name not in present:
            return f"{quote(name)} is required because {quote(owner)} is present"
    return f"{quote(name)} is required by a property that is present"


def _dependent_schema(failure: _Failure) -> str:
    name = json_pointer.unescape(failure.schema_pointer.rpartition("/")[2])
    return f"{failure.quoted} is not allowed to have the property {quote(name)}"


def _type(failure: _Failure) -> str:
    types = failure.limit if isinstance(failure.limit, list) else [failure.limit]
    return f"{failure.quoted} is not of type {quote_list(types, last=' or ')}"


def _enum(failure: _Failure) -> str:
    values = failure.limit if isinstance(failure.limit, list) else [failure.limit]
    if not values:
        return f"{failure.quoted} is not allowed, since the enumeration is empty"
    return f"{failure.quoted} is not one of {quote_list(values)}" if len(values) > 1 else _const(failure, values[0])


def _const(failure: _Failure, constant: Any) -> str:
    return f"{failure.quoted} is not equal to {quote(constant)}"


def _subschemas(failure: _Failure) -> str:
    count = len(failure.limit) if isinstance(failure.limit, list) else 0
    return f"the {count} subschemas" if count != 1 else "the 1 subschema"


def _unexpected(noun: str) -> Callable[[_Failure], str]:
    def sentence(failure: _Failure) -> str:
        rule = "is not allowed" if failure.limit is False else f"does not match {failure.bound}"
        return f"{failure.quoted} has {noun} that {rule}"

    return sentence


def _custom(failure: _Failure) -> str:
    return f"{failure.quoted} does not satisfy {failure.keyword}: {failure.bound}"


_SENTENCES: dict[str, Callable[[_Failure], str]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda failure: _const(failure, failure.limit),
    "minimum": lambda failure: f"{failure.quoted} is less than the minimum of {failure.bound}",
    "maximum": lambda failure: f"{failure.quoted} is greater than the maximum of {failure.bound}",
    "exclusiveMinimum": lambda failure: f"{failure.quoted} is not greater than the exclusive minimum {failure.bound}",
    "exclusiveMaximum": lambda failure: f"{failure.quoted} is not less than the exclusive maximum {failure.bound}",
    "multipleOf": lambda failure: f"{failure.quoted} is not a multiple of {failure.bound}",
    "minLength": lambda failure: f"{failure.sized} is shorter than the minimum of {failure.bound}",
    "maxLength": lambda failure: f"{failure.sized} is longer than the maximum of {failure.bound}",
    "pattern": lambda failure: f"{failure.quoted} does not match the pattern {failure.bound}",
    "format": lambda failure: f"{failure.quoted} does not match the format {failure.bound}",
    "minItems": lambda failure: f"{failure.sized} has fewer items than the minimum of {failure.bound}",
    "maxItems": lambda failure: f"{failure.sized} has more items than the maximum of {failure.bound}",
    "uniqueItems": lambda failure: f"{failure.quoted} has duplicate items",
    "contains": lambda failure: f"{failure.quoted} has no item that matches {failure.bound}",
    "minContains": lambda failure: f"{failure.quoted} has fewer matching items than the minimum of {failure.bound}",
    "maxContains": lambda failure: f"{failure.quoted} has more matching items than the maximum of {failure.bound}",
    "required": _required,
    "dependentRequired": _dependent_required,
    "minProperties": lambda failure: f"{failure.sized} has fewer properties than the minimum of {failure.bound}",
    "maxProperties": lambda failure: f"{failure.sized} has more properties than the maximum of {failure.bound}",
    "propertyNames": _unexpected("a property name"),
    "additionalProperties": _unexpected("a property"),
    "unevaluatedProperties": _unexpected("an unevaluated property"),
    "unevaluatedItems": _unexpected("an unevaluated item"),
    "dependentSchemas": _dependent_schema,
    "anyOf": lambda failure: f"{failure.quoted} does not match any of {_subschemas(failure)}",
    "oneOf": lambda failure: f"{failure.quoted} does not match exactly one of {_subschemas(failure)}",
    "not": lambda failure: f"{failure.quoted} must not match {failure.bound}",
    "readOnly": lambda failure: f"{failure.quoted} is not allowed: the value is read-only, and this is a request",
    "writeOnly": lambda failure: f"{failure.quoted} is not allowed: the value is write-only, and this is a response",
}
"""The sentence of each keyword; a keyword of a custom vocabulary has a generic one."""


_KEYWORDS_WITH_REASON = frozenset({"anyOf", "oneOf", "additionalProperties", "unevaluatedProperties"})


_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def safe_id(parts: Iterable[str]) -> str:
    """Parts joined with periods, each without characters that file names or test ids can't have."""
    return ".".join(_UNSAFE.sub("-", part) or "-" for part in parts)
