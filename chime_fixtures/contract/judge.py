"""The two outside judges: jsonschema-rs decides, jsonschema is the second voice.

Their errors are put into our words here, once, so that a case that we made and a fault that somebody sent read alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract.load import Documents
from chime_fixtures.contract.records import Violation
from chime_fixtures.errors import InvalidDocumentError

Formats = Mapping[str, Callable[[Any], bool] | None]

SECOND_VOICE = "jsonschema"

_INDEXED = frozenset({"allOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})


class Judge:
    """Both judges of one contract, compiled once and only when asked."""

    def __init__(self, documents: Documents, formats: Formats) -> None:
        self._documents = documents
        self._formats = {name: check for name, check in formats.items() if check is not None}

    @functools.cached_property
    def _first(self) -> jsonschema_rs.Draft202012Validator:
        return self._compile(self._documents.entry)

    def _compile(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        documents = self._documents
        registry = None if documents.is_plain else jsonschema_rs.Registry(list(documents.by_uri.items()))
        return jsonschema_rs.Draft202012Validator(
            schema, formats=self._formats or None, validate_formats=True, registry=registry, offline=True
        )

    @functools.cached_property
    def _second(self) -> Draft202012Validator:
        formats = FormatChecker()
        for name, check in self._formats.items():
            formats.checks(name)(check)
        documents = self._documents
        return Draft202012Validator(documents.entry, registry=documents.registry(), format_checker=formats)

    @functools.cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """The judge's bare verdict; raises what jsonschema-rs raises on values that are no JSON."""
        return self._first.is_valid

    def accepts_at(self, schema: Any) -> Callable[[Any], bool]:
        """The judge's verdict by another schema that may refer into the same documents."""
        return self._compile(schema).is_valid

    def violations(self, instance: Any) -> Iterator[Violation]:
        """What the judge complains of, in our words.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        try:
            errors = list(self._first.iter_errors(instance))
        except (UnicodeEncodeError, ValueError, TypeError, OverflowError) as error:
            raise InvalidDocumentError("the instance", f"is no JSON value: {error}") from error
        for error in errors:
            yield self._violation(instance, error)

    def _violation(self, instance: Any, error: jsonschema_rs.ValidationError) -> Violation:
        path = list(error.schema_path)
        kind = error.kind
        keyword, because, variant = kind.name, None, None
        place = list(error.instance_path)
        if keyword == "propertyNames":
            path = path[: path.index("propertyNames") + 1]
            because = kind.as_dict()["error"].message
        elif keyword == "falseSchema":
            path, keyword = _holder(path)
        elif keyword in {"anyOf", "oneOf"} or path[-1:] in (["anyOf"], ["oneOf"]):
            keyword = str(path[-1])
            because = _leaves(kind.as_dict().get("context", []))
        elif path:
            keyword = str(path[-1])
            if keyword in {"required", "dependentRequired"}:
                variant = str(kind.as_dict()["property"])
        schema_pointer = json_pointer.join(path)
        return Violation(
            instance=instance,
            pointer=json_pointer.join(place),
            keyword=keyword,
            limit=self._limit(error, schema_pointer),
            schema_pointer=schema_pointer,
            variant=variant,
            because=because,
        )

    def _limit(self, error: jsonschema_rs.ValidationError, schema_pointer: str) -> Any:
        location = error.absolute_keyword_location or ""
        document = self._documents.by_uri.get(location.partition("#")[0], self._documents.by_uri[self._documents.uri])
        try:
            return json_pointer.resolve(document, schema_pointer)
        except LookupError:
            return error.kind.value

    def second_opinion(self, instance: Any) -> list[tuple[str, str]] | None:
        """What jsonschema complains of, as (pointer, keyword) in our words; None where it cannot say."""
        try:
            return [_place(error) for error in self._second.iter_errors(instance)]
        except (RecursionError, ValueError, OverflowError, ArithmeticError, TypeError):
            return None


def _holder(path: list[str | int]) -> tuple[list[str | int], str]:
    """The keyword that holds a `false` subschema, and the path that ends with it."""
    for index in range(len(path) - 1, -1, -1):
        token = path[index]
        inner = len(path) - 1 - index
        if isinstance(token, str) and (inner == 0 or (inner == 1 and token in _INDEXED | _NAMED)):
            if inner == 0 and index > 0 and path[index - 1] in _NAMED | {"$defs"}:
                continue
            return path[: index + 1], token
    return path, "false"


def _leaves(context: list[list[jsonschema_rs.ValidationError]]) -> str | None:
    leaves = [errors[0].message for errors in context if errors]
    return " and ".join(leaves[:3]) or ("more than one branch holds" if context else None)


def _place(error: ValidationError) -> tuple[str, str]:
    path = list(error.absolute_schema_path)
    place = list(error.absolute_path)
    if "propertyNames" in path and len(place) == len(list(error.absolute_path)):
        index = len(path) - 1 - path[::-1].index("propertyNames")
        if all(isinstance(token, str) for token in path[index:]) and not error.parent:
            return json_pointer.join(place), "propertyNames"
    keyword = error.validator
    if keyword is None:
        named = [token for token in path if isinstance(token, str)]
        keyword = named[-1] if named else "false"
    return json_pointer.join(place), str(keyword)
