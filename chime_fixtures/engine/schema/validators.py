"""The two outside validators: jsonschema-rs decides, jsonschema is the cross-check.

Their errors become violations here, so that a generated case and an error in a user's data have the same form.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn, TypeVar, cast
from urllib.parse import unquote

import jsonschema_rs

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import InvalidDocumentError, UnsupportedSchemaError
from chime_fixtures.engine.schema.accepted_values import AcceptedValues
from chime_fixtures.engine.schema.cross_validator import CrossCheckErrors, CrossValidator
from chime_fixtures.engine.schema.dialects import Check, Dialect
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.error_locations import (
    FALSE,
    Failure,
    instance_pointer,
    keyword_from_schema_path,
    keyword_location,
)
from chime_fixtures.engine.schema.evaluation import EvaluationReader
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.name_errors import NameErrors, PropertyNameError
from chime_fixtures.engine.schema.rejections import NOT_JSON, REJECTIONS, rejected_pattern, rejection
from chime_fixtures.engine.violation import Violation, describe, quote, quote_list

RsValidator = (
    jsonschema_rs.Draft4Validator
    | jsonschema_rs.Draft6Validator
    | jsonschema_rs.Draft7Validator
    | jsonschema_rs.Draft201909Validator
    | jsonschema_rs.Draft202012Validator
)
"""A compiled validator of jsonschema-rs."""

Error = jsonschema_rs.ValidationError | PropertyNameError
"""An error that becomes a violation."""

AnyError = TypeVar("AnyError", bound=Error)

DECISIVE_ENGINE = "jsonschema-rs"

MAX_COMPILED_PARTS = 1000
"""Subschemas that jsonschema-rs keeps compiled with all that they refer to, which takes 40 KB and 0.2 ms for each."""

ErrorKind = jsonschema_rs.ValidationErrorKind


class FailedKeyword(NamedTuple):
    """A keyword that failed, at its location in the documents.

    Attributes:
        uri: the document.
        keyword: the keyword.
        schema_pointer: its location; for a `false` schema that of the schema.
        schema: the schema that has the keyword, if it is known.
        is_false: True for a `false` schema.
    """

    uri: str
    keyword: str
    schema_pointer: str
    schema: Subschema | None
    is_false: bool


class Validators:
    """Both validators of one contract; jsonschema-rs is compiled immediately, jsonschema on first use.

    Args:
        document: the schema.
        graph: its resolved graph.

    Attributes:
        decide: the bare verdict of jsonschema-rs, which raises one of `NOT_JSON` for a value that is not JSON.

    Raises:
        UnsupportedSchemaError: jsonschema-rs rejects the schema.
    """

    def __init__(self, document: SchemaDocument, graph: SchemaGraph) -> None:
        self._document = document
        self._dialect = document.dialect
        self._graph = graph
        self._by_location = graph.by_location
        self._roots = graph.resource_roots
        self._cross_validator = CrossValidator(document, graph)
        self._parts: dict[Subschema, RsValidator] = {}
        self._failed: dict[tuple[Any, ...], FailedKeyword] = {}
        self._decisive = self._compile(document.entry_schema, self._dialect, is_plain=document.is_plain)
        self._name_errors = NameErrors(document, graph, self._compile, self._location)
        self.decide: Callable[[Any], bool] = self._decisive.is_valid

    def __reduce__(self) -> NoReturn:
        raise TypeError("Validators can't be copied or pickled; copy or pickle its Contract")

    def _compile(
        self, schema: Any, dialect: Dialect, *, is_plain: bool, keywords: Mapping[str, Any] = MappingProxyType({})
    ) -> RsValidator:
        formats: dict[str, Callable[[str], bool]] = {
            name: _accept_any if pattern is None else _matches_pattern(name, pattern)
            for name, pattern in self._document.options.formats.items()
        }
        # Releases before 0.42 have no custom keywords, and need none for the drafts.
        known = {**_custom_keywords(dialect), **keywords}
        custom: dict[str, Any] = {"keywords": known} if known else {}
        validator: type[RsValidator] = getattr(jsonschema_rs, dialect.validator)
        try:
            return validator(
                schema,
                validate_formats=True,
                formats=formats or None,
                registry=None if is_plain else self._document.document_set.rs_registry,
                offline=True,
                **custom,
            )
        except BaseException as error:
            problem = rejection(error)
            if problem is None:
                raise
            raise UnsupportedSchemaError([problem]) from error

    def is_valid(self, instance: Any) -> bool:
        """True if jsonschema-rs accepts the instance; a value that is not JSON is not valid."""
        try:
            return self.decide(instance)
        except NOT_JSON:
            return False

    def check(self, instance: Any) -> tuple[Violation, ...]:
        """Every violation that jsonschema-rs reports, in the schema's order; empty when the instance is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        return () if self.is_valid(instance) else tuple(self.violations(instance))

    def is_part_valid(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema-rs accepts a value by one subschema alone."""
        return self._part(schema).is_valid(value)

    def check_part(self, schemas: Iterable[Subschema], value: Any, *, base: str) -> tuple[Violation, ...]:
        """Every violation that jsonschema-rs reports by some subschemas alone, for the value at the pointer `base`."""
        errors = [error for schema in schemas for error in self._part(schema).iter_errors(value)]
        return tuple(self._distinct(value, errors, base))

    def _part(self, schema: Subschema) -> RsValidator:
        known = self._parts
        if schema not in known:
            if len(known) >= MAX_COMPILED_PARTS:
                known = self._parts = {}  # another thread may read the old ones
            entry = self._document.entry_at(schema.uri, schema.pointer, schema.dialect)
            known[schema] = self._compile(entry, schema.dialect, is_plain=False)
        return known[schema]

    def matches(self, pattern: str, name: str) -> bool | None:
        """True if both validators find a pattern in a property name, False if neither does, else None."""
        decisive = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(name)
        return decisive if self._cross_validator.matches(pattern, name) is decisive else None

    def satisfied(self, instance: Any, part: Subschema | None = None) -> Iterator[tuple[Subschema, str]]:
        """The subschemas that jsonschema-rs applied with success, each with the pointer of the value.

        Those below `not`, `if` and `propertyNames` are left out. An invalid instance has none.

        Args:
            instance: the instance.
            part: a subschema to evaluate instead of the whole schema.
        """
        evaluation = (self._decisive if part is None else self._part(part)).evaluate(instance)
        if evaluation.valid:
            units = evaluation.list()["details"]
            # The first unit is the reference to a schema in the documents.
            refers = part is not None or not self._document.is_plain
            yield from self._evaluation_reader.satisfied(units[1:] if refers else units)

    @functools.cached_property
    def _evaluation_reader(self) -> EvaluationReader:
        return EvaluationReader(self._document.uri, self._roots, self._by_location)

    @property
    def reports_each_subschema(self) -> bool:
        """False if `satisfied` may lack subschemas."""
        return self._evaluation_reader.is_complete

    def violations(self, instance: Any) -> Iterator[Violation]:
        """The violations that jsonschema-rs reports; several errors of one keyword at one location are one.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        errors = _errors(lambda: self._name_errors.errors(instance) or self._decisive.iter_errors(instance))
        yield from self._distinct(instance, errors)

    def failures(self, instance: Any) -> Iterator[Failure]:
        """The errors of jsonschema-rs in short, for an instance that may be one of very many.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        for error in _errors(lambda: self._decisive.iter_errors(instance)):
            leaf = _leaf(error)
            failed = self._keyword(leaf)
            keyword, schema_pointer, missing = self._label(error, failed)
            kind = error.kind
            subject: Any = leaf.instance
            if isinstance(kind, ErrorKind.AdditionalProperties | ErrorKind.UnevaluatedProperties):
                subject = tuple(sorted(kind.unexpected))
            # The first step of an entry of a registry is its reference to the schema.
            path = leaf.evaluation_path if self._document.is_plain else leaf.evaluation_path[1:]
            yield Failure(
                (*map(str, path[:-1]), keyword) if path[-1:] == [failed.keyword] else tuple(map(str, path)),
                tuple(error.instance_path),
                keyword,
                failed.uri,
                schema_pointer,
                missing,
                subject,
            )

    def _distinct(self, instance: Any, errors: Iterable[Error], base: str = "") -> Iterator[Violation]:
        """The violations of an instance that has these errors, each once; `base` is the pointer of the instance."""
        seen: set[tuple[str, str, str, str | None]] = set()
        for error in errors:
            keyword = self._keyword(_leaf(error))
            violation = self._violation(instance, error, keyword, base)
            label = (keyword.uri, violation.pointer, violation.schema_pointer, violation.variant)
            if label not in seen:
                seen.add(label)
                yield violation

    def _keyword(self, error: jsonschema_rs.ValidationError) -> FailedKeyword:
        """The keyword that failed; computed once for each location that jsonschema-rs reports."""
        path = (error.absolute_keyword_location, *error.schema_path)
        known = self._failed.get(path)
        if known is None:
            uri, tokens = self._location(error)
            by_pointer = self._by_location.get(uri, {})
            keyword, schema_pointer = keyword_location(tokens, by_pointer)
            schema = by_pointer.get(schema_pointer.rpartition("/")[0])
            is_false = schema_pointer in by_pointer
            known = self._failed[path] = FailedKeyword(uri, keyword, schema_pointer, schema, is_false)
        return known

    def _violation(self, instance: Any, error: Error, failed: FailedKeyword, base: str) -> Violation:
        schema = failed.schema
        keyword, schema_pointer, variant = self._label(error, failed)
        return Violation(
            instance=instance,
            pointer=base + instance_pointer(instance, tuple(error.instance_path), error.instance),
            keyword=keyword,
            limit=_limit(error, schema, keyword, is_false=failed.is_false),
            schema_pointer=schema_pointer,
            variant=variant,
            because=self._reason(error, base),
        )

    def _label(self, error: Error, failed: FailedKeyword) -> tuple[str, str, str | None]:
        """The keyword of a violation, its location, and the name of the missing property."""
        keyword, schema_pointer, schema = failed.keyword, failed.schema_pointer, failed.schema
        if keyword == FALSE:
            # Its location may be a definition; several applicators may hold it by reference.
            keyword = keyword_from_schema_path(_path(error), FALSE, self._dialect)
        if keyword == "maxContains" and schema is not None:
            keyword, schema_pointer = self._contains_keyword(error, schema, schema_pointer)
        dialect = self._dialect if schema is None else schema.dialect
        facts = dialect.keywords.get(keyword)
        # `dependencies` may have failed at a `false` schema, which names no property.
        names_property = facts is not None and facts.names_property
        return keyword, schema_pointer, error.kind.as_dict().get("property") if names_property else None

    def _reason(self, error: Error, base: str) -> str | None:
        """The errors of the subschemas, or the names of the properties that are not allowed."""
        if _is_undecided(error):
            return UNDECIDED
        kind = error.kind
        if isinstance(kind, ErrorKind.AdditionalProperties | ErrorKind.UnevaluatedProperties):
            return quote_list(kind.unexpected)
        if isinstance(kind, ErrorKind.PropertyNames):
            return self._name_sentence(kind.error, base)
        if isinstance(kind, ErrorKind.OneOfMultipleValid):
            return "more than one matches"
        if isinstance(kind, ErrorKind.AnyOf | ErrorKind.OneOfNotValid):
            leaves = [errors[0] for errors in kind.context[:MAX_REASONS] if errors]
            sentences = [self._branch_sentence(leaf, base, error) for leaf in leaves]
            return "; ".join(dict.fromkeys(sentences)) or None
        return None

    def _branch_sentence(self, leaf: jsonschema_rs.ValidationError, base: str, error: Error) -> str:
        if isinstance(leaf.kind, ErrorKind.PropertyNames):
            return self._name_sentence(leaf.kind.error, base)
        return self._leaf_sentence(leaf, base, subject="it" if leaf.instance_path == error.instance_path else None)

    def _name_sentence(self, leaf: jsonschema_rs.ValidationError, base: str) -> str:
        return self._leaf_sentence(leaf, base, subject=f"the property name {quote(leaf.instance)}")

    def _leaf_sentence(self, leaf: jsonschema_rs.ValidationError, base: str, *, subject: str | None) -> str:
        uri, tokens = self._location(leaf)
        schema_pointer = json_pointer.join(tokens)
        schema = self._by_location.get(uri, {}).get(json_pointer.join(tokens[:-1]))
        keyword = str(tokens[-1]) if tokens else ""
        limit = schema.keywords.get(keyword, False) if schema is not None else False
        name = leaf.kind.property if isinstance(leaf.kind, ErrorKind.Required) else None
        text = describe(keyword, leaf.instance, limit, schema_pointer=schema_pointer, variant=name, subject=subject)
        return text if subject else f"{json_pointer.display(json_pointer.join(leaf.instance_path, base=base))}: {text}"

    def _contains_keyword(self, error: Error, schema: Subschema, schema_pointer: str) -> tuple[str, str]:
        """`maxContains`, or the keyword that requires more matches: jsonschema-rs reports `maxContains` for both."""
        matching = sum(
            self.is_part_valid(schema.children["contains"], item) for item in cast(list[Any], error.instance)
        )
        if matching > schema.keywords["maxContains"]:
            return "maxContains", schema_pointer
        keyword = "minContains" if "minContains" in schema.keywords else "contains"
        return keyword, schema.at(keyword)

    def _location(self, error: jsonschema_rs.ValidationError) -> tuple[str, list[str | int]]:
        """The document and location of the keyword; jsonschema-rs may count from the enclosing resource."""
        uri, _, fragment = (error.absolute_keyword_location or "").partition("#")
        root = self._roots.get(uri)
        if root is None:
            uri = self._document.uri
            return uri, self._with_empty_names(list(error.schema_path))
        document, pointer = root
        return document, [*json_pointer.split(pointer), *json_pointer.split(unquote(fragment))]

    def _with_empty_names(self, tokens: list[str | int]) -> list[str | int]:
        """The tokens with the empty names that jsonschema-rs leaves out of its paths."""
        by_pointer = self._by_location.get(self._document.uri, {})
        for length in range(len(tokens), 0, -1) if self._pointers_by_shortened else ():
            pointer = json_pointer.join(tokens[:length])
            known = pointer if pointer in by_pointer else self._pointers_by_shortened.get(pointer)
            if known is not None:
                return [*json_pointer.split(known), *tokens[length:]]
        return tokens

    @functools.cached_property
    def _pointers_by_shortened(self) -> dict[str, str]:
        pointers = self._by_location.get(self._document.uri, {})
        split = ((pointer, json_pointer.split(pointer)) for pointer in pointers)
        return {json_pointer.join(filter(None, tokens)): pointer for pointer, tokens in split if "" in tokens}

    def cross_check(self, instance: Any) -> CrossCheckErrors:
        """The errors of jsonschema; None if it has no verdict."""
        return self._cross_validator.errors(instance)

    def cross_check_part(
        self,
        schemas: Iterable[Subschema],
        value: Any,
        accepted: AcceptedValues = MappingProxyType({}),
        *,
        is_constant: bool = False,
    ) -> CrossCheckErrors:
        """The errors of jsonschema by some subschemas alone; None if it has no verdict.

        Args:
            schemas: the subschemas.
            value: the value.
            accepted: properties of the value that jsonschema accepts, and does not check again.
            is_constant: True if the value never changes, so that its parts are not checked again in another one.
        """
        return self._cross_validator.errors_by_parts(schemas, value, accepted, is_constant=is_constant)

    def is_contested(self, instance: Any) -> bool:
        """True if jsonschema and jsonschema-rs have different verdicts, or jsonschema raises an error.

        False if jsonschema might take too long, so that it is not called.
        """
        is_valid = self.is_valid(instance)
        if self._cross_validator.disagrees(instance, is_valid=is_valid):
            return True
        return self.respelled is not None and (
            self.respelled.is_valid(instance) is not is_valid or self.respelled.is_contested(instance)
        )

    @functools.cached_property
    def _has_empty_patterns(self) -> bool:
        return ("patternProperties", "") in self._graph.patterns

    def has_contested_names(self, schema: Subschema, value: Any) -> bool:
        """True if jsonschema rejects a value by one subschema, and the schema has a pattern that it takes for none."""
        return self._has_empty_patterns and bool(self.cross_check_part([schema], value))

    # Other spellings of patterns --------------------------------------------------------------------------------------

    @functools.cached_property
    def respelled(self) -> Validators | None:
        """The validators of the same schema with the other spelling of each pattern; None if it has none."""
        if not self._graph.respelled:
            return None
        schemas = {id(schema.value) for schema in self._graph.schemas}
        document = self._document.respelled(lambda value: id(value) in schemas)
        return Validators(document, SchemaGraph(document))

    def is_respelled(self, schemas: Iterable[Subschema]) -> bool:
        """True if one of the schemas leads to a pattern with another spelling."""
        return not self._graph.respelled.isdisjoint(schemas)

    def accepts_respelled(self, schema: Subschema, value: Any) -> bool:
        """True if no validator rejects a value by one subschema with other spellings."""
        other = self.respelled
        if other is None or not self.is_respelled([schema]):
            return True
        twin = other.schema_at(schema.uri, schema.pointer)
        return other.is_part_valid(twin, value) and not other.cross_check_part([twin], value)

    def schema_at(self, uri: str, pointer: str) -> Subschema:
        """The subschema at a location of a document."""
        return self._by_location[uri][pointer]

    @property
    def root(self) -> Subschema:
        """The schema."""
        return self._graph.root


def _errors(validate: Callable[[], Iterator[AnyError]]) -> Iterator[AnyError]:
    try:
        return validate()
    except NOT_JSON as reason:
        raise InvalidDocumentError("the instance", f"is not a JSON value: {reason}") from reason


def _limit(error: Error, schema: Subschema | None, keyword: str, *, is_false: bool) -> Any:
    """The keyword's value in the schema."""
    if schema is not None and keyword in schema.keywords:
        return schema.keywords[schema.dialect[keyword].limit_keyword or keyword]
    return False if is_false else error.kind.value


UNDECIDED = "jsonschema-rs reached its limit of backtracking steps"
"""The reason of a violation whose pattern was not matched to the end."""


def _leaf(error: Error) -> jsonschema_rs.ValidationError:
    """The error of a property name, if it is one: it has the location of the keyword that failed."""
    kind = error.kind
    return kind.error if isinstance(kind, ErrorKind.PropertyNames) else cast(jsonschema_rs.ValidationError, error)


def _path(error: Error) -> list[str | int]:
    """The keywords that lead to the one that failed."""
    return error.path if isinstance(error, PropertyNameError) else _leaf(error).evaluation_path


def _is_undecided(error: Error) -> bool:
    kind = error.kind
    if isinstance(kind, ErrorKind.PropertyNames):
        return _is_undecided(kind.error)
    if isinstance(kind, ErrorKind.AnyOf | ErrorKind.OneOfNotValid):
        return any(_is_undecided(leaf) for errors in kind.context for leaf in errors)
    return isinstance(kind, ErrorKind.BacktrackLimitExceeded)


MAX_REASONS = 3
"""Errors of the subschemas of `anyOf` and `oneOf` in one message."""


def _custom_keywords(dialect: Dialect) -> dict[str, Any]:
    """The custom keywords of a dialect as classes for jsonschema-rs."""
    validator: type[RsValidator] = getattr(jsonschema_rs, dialect.validator)

    def is_valid(schema: Any, instance: Any) -> bool:
        return validator(schema, validate_formats=True).is_valid(instance)

    def keyword(check: Check) -> type:
        class CustomKeyword:
            def __init__(self, parent_schema: Any, value: Any, schema_path: Any) -> None:  # noqa: ARG002  # its protocol
                self._value = value

            def validate(self, instance: Any) -> None:
                if not check(self._value, instance, is_valid):
                    raise ValueError("the custom keyword is violated")

        return CustomKeyword

    return {name: keyword(check) for name, check in dialect.checks.items()}


def _accept_any(value: str) -> bool:
    return True


@functools.lru_cache(maxsize=256)
def _matches_pattern(name: str, pattern: str) -> Callable[[str], bool]:
    """The check of a custom format by its pattern, for jsonschema-rs."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except REJECTIONS as error:
        raise UnsupportedSchemaError([rejected_pattern("format", name, pattern)]) from error
