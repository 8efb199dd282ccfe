"""The cross-check: jsonschema, with custom keywords and formats, and without what might take too long.

jsonschema is not called where Python's `re` might backtrack for too many steps, and where its own time is quadratic.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from referencing.exceptions import Unresolvable

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.regex.backtracking import may_backtrack
from chime_fixtures.engine.schema.accepted_values import Accepted, AcceptedValues
from chime_fixtures.engine.schema.dialects import Check, Dialect
from chime_fixtures.engine.schema.documents import SchemaDocument, without_declaration
from chime_fixtures.engine.schema.error_locations import keyword_from_schema_path
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.jsonschema_import import import_jsonschema
from chime_fixtures.engine.schema.rejections import is_panic

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

CROSS_CHECK_ENGINE = "jsonschema"

CROSS_CHECK_FAILURES = (RecursionError, ValueError, ArithmeticError, TypeError, AttributeError, re.error, Unresolvable)
"""Raised by jsonschema without a verdict: depth, large numbers, patterns that `re` rejects, unresolved references, and
references through items with a property `id`."""

CrossCheckErrors = list[tuple[str, str]] | None
"""The errors of jsonschema, as (instance pointer, keyword); None if it has no verdict."""

MAX_UNIQUE_ITEMS = 128
"""Items of a list that jsonschema compares with each other, which takes 30 ms."""

MAX_IRI_LENGTH = 256
"""Characters of an IRI that jsonschema parses, which takes 0.3 s."""

MAX_REMEMBERED_VALUES = 10_000
"""Values without parts whose errors are remembered; they take 2 MB."""

_IRI_FORMATS = ("iri", "iri-reference")


class CrossValidator:
    """jsonschema for the schemas of one document; compiled on first use.

    Args:
        document: the schema.
        graph: its resolved graph.
    """

    def __init__(self, document: SchemaDocument, graph: SchemaGraph) -> None:
        self._document = document
        self._dialect = document.dialect
        self._graph = graph
        self._constructors: dict[Dialect, Callable[[Any], Draft202012Validator]] = {}
        self._name_patterns = {pattern for keyword, pattern in graph.patterns if keyword == "patternProperties"}
        self._parts: dict[Subschema, Draft202012Validator] = {}
        self._accepted = Accepted()
        self._matches: dict[tuple[str, str], bool | None] = {}
        self._errors_of_plain: dict[tuple[tuple[Subschema, ...], Hashable], CrossCheckErrors] = {}

    def errors(self, instance: Any) -> CrossCheckErrors:
        """The errors of an instance; None if there is no verdict."""
        return self._errors([self._whole], instance)

    def errors_by_parts(
        self, schemas: Iterable[Subschema], value: Any, accepted: AcceptedValues, *, is_constant: bool = False
    ) -> CrossCheckErrors:
        """The errors of a value by some subschemas alone, but not those of accepted values; None for no verdict.

        Those of a value without parts, or in a list of its own, are remembered: equivalent subschemas at many locations
        get the same values. So are the parts of a value that never changes: other ones share them.
        """
        plain = _plain_key(value)
        if plain is None:
            return self._errors_by_parts(schemas, value, accepted, is_constant=is_constant)
        key = tuple(schema.representative for schema in schemas), plain
        known = self._errors_of_plain
        if key not in known:
            if len(known) >= MAX_REMEMBERED_VALUES:
                # Another thread may read the old ones.
                known = self._errors_of_plain = {}
            known[key] = self._errors_by_parts(schemas, value, accepted)
        return known[key]

    def _errors_by_parts(
        self, schemas: Iterable[Subschema], value: Any, accepted: AcceptedValues, *, is_constant: bool = False
    ) -> CrossCheckErrors:
        validators = []
        for schema in schemas:
            validator = self._parts.get(schema)
            if validator is None:
                # jsonschema looks up a reference anew for each value.
                entry = (
                    schema.value
                    if schema.is_self_contained
                    else self._document.entry_at(schema.uri, schema.pointer, schema.dialect)
                )
                validator = self._parts[schema] = self._compile(entry, schema.dialect)
            validators.append(validator)
        with self._accepted.set(accepted):
            return self._errors(validators, value, is_constant=is_constant)

    def matches(self, pattern: str, name: str) -> bool | None:
        """True if the pattern is found in a property name; None if there is no verdict."""
        if (pattern, name) not in self._matches:
            errors = self._errors([self._compile({"pattern": pattern}, self._dialect)], name)
            self._matches[pattern, name] = None if errors is None else not errors
        return self._matches[pattern, name]

    def disagrees(self, instance: Any, *, is_valid: bool) -> bool:
        """True if the verdict on an instance is another one, or an error is raised; False if it might take too long."""
        try:
            errors = self._reported([self._whole], instance)
        except LimitError:
            return False
        except CROSS_CHECK_FAILURES:
            return True
        return is_valid is bool(errors)

    def _errors(
        self, validators: list[Draft202012Validator], value: Any, *, is_constant: bool = False
    ) -> CrossCheckErrors:
        try:
            return self._reported(validators, value, is_constant=is_constant)
        except (LimitError, *CROSS_CHECK_FAILURES):
            return None

    def _reported(
        self, validators: list[Draft202012Validator], value: Any, *, is_constant: bool = False
    ) -> list[tuple[str, str]]:
        try:
            with self._accepted.remember(is_constant=is_constant):
                errors = {
                    (
                        json_pointer.join(error.absolute_path),
                        keyword_from_schema_path(error.absolute_schema_path, str(error.validator), self._dialect),
                    ): None
                    for validator in validators
                    for error in validator.iter_errors(value)
                }
        except BaseException as error:
            if is_panic(error):
                # The map of jsonschema's registry has none of Python's frames left.
                raise RecursionError from error
            raise
        return list(errors)

    @functools.cached_property
    def _static_targets(self) -> dict[int, Subschema]:
        """The targets of references that have one in every resource and dynamic scope, by the schema as written.

        Of equivalent targets it is the first.
        """
        found: dict[int, dict[Any, Subschema]] = {}
        for schema in self._graph.schemas:
            scope = schema if schema.is_dynamically_scoped else None
            found.setdefault(id(schema.value), {})[schema.uri, schema.resource, scope] = schema
        return {
            key: schema.static_refs["$ref"].representative
            for key, schemas in found.items()
            for schema in schemas.values()
            if len(schemas) == 1 and "$ref" in schema.static_refs and not schema.is_dynamically_scoped
        }

    @functools.cached_property
    def _whole(self) -> Draft202012Validator:
        return self._compile(self._document.entry_schema, self._dialect)

    def _compile(self, schema: Any, dialect: Dialect) -> Draft202012Validator:
        """The validator of a schema of the documents."""
        constructor = self._constructors.get(dialect)
        if constructor is None:
            constructor = self._constructors[dialect] = self._constructor(dialect)
        return constructor(without_declaration(schema))

    def _constructor(self, dialect: Dialect) -> Callable[[Any], Draft202012Validator]:
        # Many runs never need the cross-check.
        jsonschema = import_jsonschema()
        from jsonschema import FormatChecker
        from jsonschema.validators import extend

        published: type[Draft202012Validator] = getattr(jsonschema, dialect.validator)
        rules = {name: _custom_rule(check) for name, check in dialect.checks.items()}
        rules |= with_limited_backtracking(published, self._name_patterns)
        rules["properties"] = self._accepted.without_known(published.VALIDATORS["properties"])
        rules["additionalProperties"] = self._accepted.without_known_additional(rules["additionalProperties"])
        rules["patternProperties"] = self._accepted.without_known_matching(rules["patternProperties"])
        list_keyword = "prefixItems" if "prefixItems" in published.VALIDATORS else None
        rules["items"] = self._accepted.without_known_items(published.VALIDATORS["items"], list_keyword)
        rules["$ref"] = self._accepted.once(
            published.VALIDATORS["$ref"], lambda schema: self._static_targets.get(id(schema))
        )
        rules["uniqueItems"] = _with_limited_size(published.VALIDATORS["uniqueItems"])
        validator = extend(published, rules)  # type: ignore[no-untyped-call]  # it has no types
        options = self._document.options
        known = published.FORMAT_CHECKER.checkers
        checker = FormatChecker(())
        checker.checkers = {
            **{name: check for name, check in known.items() if name not in options.formats},
            **{
                name: _with_limited_length(*known[name])
                for name in _IRI_FORMATS
                if name in known.keys() - options.formats
            },
            **{name: (_format_search(pattern), ()) for name, pattern in options.formats.items() if pattern is not None},
        }
        registry = self._document.document_set.registry_without_declarations(dialect)
        return functools.partial(validator, registry=registry, format_checker=checker)


def _plain_key(value: Any) -> Hashable:
    """A key that equal values of one Python type have; None for a value with parts, but for a list of a plain one."""
    if not isinstance(value, dict | list):
        return type(value), value
    if not value:
        return type(value), None
    if len(value) > 1 or isinstance(value, dict) or isinstance(value[0], dict | list):
        return None
    return list, type(value[0]), value[0]


class LimitError(Exception):
    """jsonschema might take too long for an instance, so that it is not called."""


_SEARCHED_PATTERNS: dict[str, Callable[[Any, Any, Iterable[str]], Iterable[str]]] = {
    "pattern": lambda value, schema, name_patterns: [value],
    "patternProperties": lambda value, schema, name_patterns: value,
    "additionalProperties": lambda value, schema, name_patterns: schema.get("patternProperties", ()),
    "unevaluatedProperties": lambda value, schema, name_patterns: name_patterns,
}
"""The keywords for which jsonschema searches the string, or each name of the object, for patterns, and the patterns:
(value of the keyword, schema, patterns of `patternProperties` in all schemas) -> patterns."""


def with_limited_backtracking(
    published: type[Draft202012Validator], name_patterns: Iterable[str]
) -> dict[str, Callable[..., Any]]:
    """The keywords of jsonschema that search for patterns; they raise `LimitError` where `re` might backtrack too much.

    Args:
        published: the class of jsonschema.
        name_patterns: the patterns of `patternProperties` in all schemas.
    """

    def limited(keyword: str) -> Callable[..., Any]:
        searched_patterns = _SEARCHED_PATTERNS[keyword]
        check = published.VALIDATORS[keyword]
        json_type = instances.STRING if keyword == "pattern" else instances.OBJECT

        def rule(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            if instances.json_type(instance) == json_type:
                texts = [instance] if json_type == instances.STRING else instance
                _limit_backtracking(searched_patterns(value, schema, name_patterns), texts)
            return check(validator, value, instance, schema) or iter(())

        return rule

    return {keyword: limited(keyword) for keyword in _SEARCHED_PATTERNS.keys() & published.VALIDATORS}


def _limit_backtracking(patterns: Iterable[str], texts: Iterable[str]) -> None:
    """Raise an error if a search of one of the texts for one of the patterns might backtrack too much.

    Raises:
        LimitError: it might.
    """
    if any(may_backtrack(pattern, text) for pattern, text in itertools.product(patterns, texts)):
        raise LimitError


def _with_limited_size(check: Callable[..., Any]) -> Callable[..., Any]:
    """The keyword `uniqueItems` of jsonschema, which takes quadratic time."""

    def rule(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if value and isinstance(instance, list) and len(instance) > MAX_UNIQUE_ITEMS:
            raise LimitError
        return check(validator, value, instance, schema) or iter(())

    return rule


def _with_limited_length(check: Callable[[object], bool], raises: Any) -> tuple[Callable[[object], bool], Any]:
    """The check of a format by jsonschema, which takes a millisecond for each character."""

    def limited(value: object) -> bool:
        if isinstance(value, str) and len(value) > MAX_IRI_LENGTH:
            raise LimitError
        return check(value)

    return limited, raises


def _custom_rule(check: Check) -> Callable[..., Iterator[ValidationError]]:
    """A custom keyword as a function for jsonschema."""

    def rule(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        from jsonschema.exceptions import ValidationError

        if not check(value, instance, lambda inner, part: bool(validator.evolve(schema=inner).is_valid(part))):
            yield ValidationError("the custom keyword is violated")

    return rule


def _format_search(pattern: str) -> Callable[[object], bool]:
    """The check of a custom format by its pattern, for jsonschema."""

    def check(value: object) -> bool:
        if not isinstance(value, str):
            return True
        _limit_backtracking([pattern], [value])
        return re.search(pattern, value) is not None

    return check
