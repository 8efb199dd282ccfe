"""The two outside judges: jsonschema-rs decides, jsonschema is the second voice.

Their errors are put into our words here, once, so that a case that we made and a fault that somebody sent read alike.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import jsonschema_rs
from referencing.exceptions import Unresolvable

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import InvalidDocumentError, Problem, UnsupportedSchemaError
from chime_fixtures.engine.regex.patterns import matched_by_python
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.error_locations import keyword_from_schema_path, keyword_location
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.violation import Violation, describe, quote, quote_list

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

CROSS_CHECK_ENGINE = "jsonschema"

CROSS_CHECK_FAILURES = (RecursionError, ValueError, ArithmeticError, TypeError, re.error, Unresolvable)
"""Where the second voice can't say: depth, great numbers, patterns that Python can't read, references it loses."""

Errors = list[tuple[str, str]] | None
"""What an engine complains of, as (pointer, keyword) in our words; None where it cannot say."""

Kind = jsonschema_rs.ValidationErrorKind

NOT_JSON = (UnicodeEncodeError, ValueError, TypeError, OverflowError)
"""What the judge raises on a value that no JSON text has: a lone surrogate, a NaN, a Python object."""


class Validators:
    """Both judges of one contract, compiled once and only when asked.

    Args:
        documents: the schemas.
        survey: what was read of them.
    """

    def __init__(self, documents: SchemaDocument, survey: SchemaGraph) -> None:
        self._documents = documents
        self._by_place = survey.by_location
        self._roots = survey.resource_roots
        self._parts: dict[Subschema, jsonschema_rs.Draft202012Validator] = {}
        self._second_parts: dict[Subschema, Draft202012Validator] = {}
        self._first = self._compile(documents.entry_schema, is_plain=documents.is_plain)

    def _compile(self, schema: Any, *, is_plain: bool) -> jsonschema_rs.Draft202012Validator:
        options = self._documents.options
        formats: dict[str, Callable[[str], bool]] = {
            name: options.languages[name].__contains__ if name in options.languages else _anything
            for name in options.formats
        }
        try:
            return jsonschema_rs.Draft202012Validator(
                schema,
                validate_formats=True,
                formats=formats or None,
                registry=None if is_plain else self._documents.document_set.rs_registry,
                offline=True,
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, *NOT_JSON) as error:
            # A pattern that is too large for it, an identifier that is no URI, a number that is none.
            told = str(error).partition("\n")[0][:200]
            raise UnsupportedSchemaError([Problem("schema", "", f"the judge can't read it: {told}")]) from error

    @functools.cached_property
    def _second(self) -> Draft202012Validator:
        return self._second_of(self._documents.entry_schema)

    @functools.cached_property
    def _second_of(self) -> Callable[[Any], Draft202012Validator]:
        """Makes the second voice of one schema of the documents."""
        # Its formats take seconds to import, and most who judge never ask the second voice.
        from jsonschema import Draft202012Validator, FormatChecker
        from jsonschema.validators import extend

        check = _quick(Draft202012Validator.VALIDATORS["pattern"])
        validator = extend(Draft202012Validator, {"pattern": check})  # type: ignore[no-untyped-call]  # it has no types
        documents = self._documents
        checker = Draft202012Validator.FORMAT_CHECKER
        if documents.options.formats:
            checkers = {
                name: check for name, check in checker.checkers.items() if name not in documents.options.formats
            }
            checker = FormatChecker(())
            checker.checkers = {
                **checkers,
                **{
                    name: (_checks(language.__contains__), ()) for name, language in documents.options.languages.items()
                },
            }
        return functools.partial(validator, registry=documents.document_set.registry, format_checker=checker)

    def is_valid(self, instance: Any) -> bool:
        """True if jsonschema-rs accepts the instance; a value that is not JSON is not valid."""
        try:
            return self._first.is_valid(instance)
        except NOT_JSON:
            return False

    def check(self, instance: Any) -> tuple[Violation, ...]:
        """Every violation that jsonschema-rs reports, in the schema's order; empty when the instance is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        return () if self.is_valid(instance) else tuple(self.violations(instance))

    def is_part_valid(self, schema: Subschema, value: Any) -> bool:
        """Whether a value satisfies one subschema by itself."""
        judge = self._parts.get(schema)
        if judge is None:
            entry = self._documents.entry_at(schema.uri, schema.pointer)
            judge = self._parts[schema] = self._compile(entry, is_plain=False)
        return judge.is_valid(value)

    def violations(self, instance: Any) -> Iterator[Violation]:
        """What the judge complains of, in our words; several complaints of one keyword at one place are one.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        try:
            errors = list(self._first.iter_errors(instance))
        except NOT_JSON as reason:
            raise InvalidDocumentError("the instance", f"is no JSON value: {reason}") from reason
        said: set[tuple[str, str, str, str | None]] = set()
        for error in errors:
            uri, tokens = self._location(error)
            found = self._violation(instance, error, self._by_place.get(uri, {}), tokens)
            known = (uri, found.pointer, found.schema_pointer, found.variant)
            if known not in said:
                said.add(known)
                yield found

    def _violation(
        self,
        instance: Any,
        error: jsonschema_rs.ValidationError,
        by_pointer: Mapping[str, Subschema],
        tokens: list[str | int],
    ) -> Violation:
        keyword, schema_pointer = keyword_location(tokens, by_pointer)
        variant = None
        schema = by_pointer.get(schema_pointer.rpartition("/")[0])
        if keyword == "maxContains" and schema is not None:
            keyword, schema_pointer = self._counted(error, schema, schema_pointer)
        if keyword in {"required", "dependentRequired"}:
            variant = str(error.kind.as_dict()["property"])
        return Violation(
            instance=instance,
            pointer=json_pointer.join(error.instance_path),
            keyword=keyword,
            limit=_limit(error, schema, keyword, is_false=schema_pointer in by_pointer),
            schema_pointer=schema_pointer,
            variant=variant,
            because=self._reason(error),
        )

    def _reason(self, error: jsonschema_rs.ValidationError) -> str | None:
        """The errors of the subschemas, or the names of the properties that are not allowed."""
        kind = error.kind
        if isinstance(kind, Kind.AdditionalProperties | Kind.UnevaluatedProperties):
            return quote_list(kind.unexpected)
        if isinstance(kind, Kind.PropertyNames):
            return self._leaf_sentence(kind.error, subject=quote(kind.error.instance))
        if isinstance(kind, Kind.OneOfMultipleValid):
            return "more than one matches"
        if isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid):
            leaves = [errors[0] for errors in kind.context[:MAX_REASONS] if errors]
            sentences = [
                self._leaf_sentence(leaf, subject="it" if leaf.instance_path == error.instance_path else None)
                for leaf in leaves
            ]
            return "; ".join(dict.fromkeys(sentences)) or None
        return None

    def _leaf_sentence(self, leaf: jsonschema_rs.ValidationError, *, subject: str | None) -> str:
        uri, tokens = self._location(leaf)
        schema_pointer = json_pointer.join(tokens)
        schema = self._by_place.get(uri, {}).get(json_pointer.join(tokens[:-1]))
        keyword = str(tokens[-1]) if tokens else ""
        limit = schema.keywords.get(keyword, False) if schema is not None else False
        name = leaf.kind.property if isinstance(leaf.kind, Kind.Required) else None
        text = describe(keyword, leaf.instance, limit, schema_pointer=schema_pointer, variant=name, subject=subject)
        return text if subject else f"{json_pointer.display(json_pointer.join(leaf.instance_path))}: {text}"

    def _counted(self, error: jsonschema_rs.ValidationError, schema: Subschema, schema_pointer: str) -> tuple[str, str]:
        """The judge names `maxContains` wherever it stands; here it is told from too few."""
        matching = sum(
            self.is_part_valid(schema.children["contains"], item) for item in cast(list[Any], error.instance)
        )
        if matching > schema.keywords["maxContains"]:
            return "maxContains", schema_pointer
        keyword = "minContains" if "minContains" in schema.keywords else "contains"
        return keyword, schema.at(keyword)

    def _location(self, error: jsonschema_rs.ValidationError) -> tuple[str, list[str | int]]:
        """In which document and where the keyword stands; the judge may count from the resource around it."""
        uri, _, fragment = (error.absolute_keyword_location or "").partition("#")
        root = self._roots.get(uri)
        if root is None:
            uri = self._documents.uri
            return uri, self._restored(list(error.schema_path))
        document, pointer = root
        return document, [*json_pointer.split(pointer), *json_pointer.split(unquote(fragment))]

    def _restored(self, tokens: list[str | int]) -> list[str | int]:
        """The judge leaves empty names out of its paths."""
        for length in range(len(tokens), 0, -1) if self._without_empty else ():
            known = self._without_empty.get(json_pointer.join(tokens[:length]))
            if known is not None:
                return [*json_pointer.split(known), *tokens[length:]]
        return tokens

    @functools.cached_property
    def _without_empty(self) -> dict[str, str]:
        pointers = self._by_place.get(self._documents.uri, {})
        places = ((pointer, json_pointer.split(pointer)) for pointer in pointers)
        return {json_pointer.join(filter(None, tokens)): pointer for pointer, tokens in places if "" in tokens}

    def cross_check(self, instance: Any) -> Errors:
        """What jsonschema complains of, as (pointer, keyword) in our words; None where it cannot say."""
        return _said([self._second], instance)

    def cross_check_part(self, schemas: Iterable[Subschema], value: Any) -> Errors:
        """What it complains of when it is asked about some schemas of the documents alone."""
        asked = []
        for schema in schemas:
            voice = self._second_parts.get(schema)
            if voice is None:
                voice = self._second_of(self._documents.entry_at(schema.uri, schema.pointer))
                self._second_parts[schema] = voice
            asked.append(voice)
        return _said(asked, value)


def _limit(error: jsonschema_rs.ValidationError, schema: Subschema | None, keyword: str, *, is_false: bool) -> Any:
    """The keyword's value in the schema."""
    if schema is not None and keyword in schema.keywords:
        return schema.keywords[keyword]
    return False if is_false else error.kind.value


MAX_REASONS = 3
"""Errors of the subschemas of `anyOf` and `oneOf` that a message names."""


_MAY_BE_SLOW = re.compile(r"\)[*+{]|[*+].*[*+].*[*+]")
"""A repeated group, or several repetitions: there Python's `re` may try for longer than anybody waits."""


def _quick(check: Callable[..., Any]) -> Callable[..., Any]:
    """The keyword `pattern` as Python's `re` reads it, by an automaton where `re` might never come back."""

    def pattern(validator: Any, value: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        from jsonschema.exceptions import ValidationError

        if not _MAY_BE_SLOW.search(value):
            yield from check(validator, value, instance, schema) or ()
        elif isinstance(instance, str) and instance not in matched_by_python(value):
            yield ValidationError(f"{instance!r} does not match {value!r}")

    return pattern


def _anything(value: str) -> bool:
    return True


def _checks(contains: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or contains(value)


def _said(voices: list[Draft202012Validator], value: Any) -> Errors:
    try:
        return list(dict.fromkeys(place for voice in voices for place in _places(voice.iter_errors(value))))
    except CROSS_CHECK_FAILURES:
        return None


def _places(errors: Iterable[ValidationError]) -> Iterator[tuple[str, str]]:
    for error in errors:
        keyword = keyword_from_schema_path(error.absolute_schema_path, str(error.validator))
        yield json_pointer.join(error.absolute_path), keyword
