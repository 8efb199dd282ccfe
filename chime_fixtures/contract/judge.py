"""The two outside judges: jsonschema-rs decides, jsonschema is the second voice.

Their errors are put into our words here, once, so that a case that we made and a fault that somebody sent read alike.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract.keywords import ASSERTIONS, CHILD_MAP, CHILD_SINGLE
from chime_fixtures.contract.load import Documents
from chime_fixtures.contract.records import Violation
from chime_fixtures.errors import InvalidDocumentError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SECOND_VOICE = "jsonschema"

# A `false` subschema has no keyword of its own: the applicator that holds it is reported.
_REPORTED = ASSERTIONS | {*CHILD_SINGLE, *CHILD_MAP}


class Judge:
    """Both judges of one contract, compiled once and only when asked."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    @functools.cached_property
    def _first(self) -> jsonschema_rs.Draft202012Validator:
        documents = self._documents
        registry = None if documents.is_plain else jsonschema_rs.Registry(list(documents.by_uri.items()))
        return jsonschema_rs.Draft202012Validator(
            documents.entry, validate_formats=True, registry=registry, offline=True
        )

    @functools.cached_property
    def _second(self) -> Draft202012Validator:
        # Its formats take seconds to import, and most who judge never ask the second voice.
        from jsonschema import Draft202012Validator, FormatChecker

        documents = self._documents
        return Draft202012Validator(documents.entry, registry=documents.registry(), format_checker=FormatChecker())

    @functools.cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """The judge's bare verdict; raises what jsonschema-rs raises on values that are no JSON."""
        return self._first.is_valid

    def violations(self, instance: Any) -> Iterator[Violation]:
        """What the judge complains of, in our words.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        try:
            errors = list(self._first.iter_errors(instance))
        except (UnicodeEncodeError, ValueError, TypeError, OverflowError) as reason:
            raise InvalidDocumentError("the instance", f"is no JSON value: {reason}") from reason
        for error in errors:
            yield self._violation(instance, error)

    def _violation(self, instance: Any, error: jsonschema_rs.ValidationError) -> Violation:
        path = list(error.schema_path)
        schema_pointer = json_pointer.join(path)
        keyword = str(next((token for token in reversed(path) if token in _REPORTED), "false"))
        return Violation(
            instance=instance,
            pointer=json_pointer.join(error.instance_path),
            keyword=keyword,
            limit=self._limit(error, schema_pointer),
            schema_pointer=schema_pointer,
            variant=str(error.kind.as_dict()["property"]) if keyword == "required" else None,
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
        except (RecursionError, ValueError, OverflowError, ArithmeticError, TypeError, re.error):
            return None


def _place(error: ValidationError) -> tuple[str, str]:
    keyword = next((token for token in reversed(error.absolute_schema_path) if token in _REPORTED), "false")
    return json_pointer.join(error.absolute_path), str(keyword)
