"""Signatures of invalid values: the facts by which the violations of one constraint differ.

An invalid instance realises a violation if it violates the same constraint with a value of the same signature. A
signature has a kind, such as the JSON type or the size of the value, and details that tell violations of one kind
apart, such as a combining character in a string that is too long.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases.text_mistakes import length_details
from chime_fixtures.engine.schema.dialects import KeywordFacts
from chime_fixtures.engine.schema.error_locations import Failure


class Signature(NamedTuple):
    """The facts by which the violations of one constraint differ.

    Attributes:
        kind: the JSON type, the size or number, or the name of the missing property; None if the keyword has no kinds.
        detail: the form of the value, or the value itself.
    """

    kind: Hashable
    detail: Hashable


def signature(facts: KeywordFacts | None, failure: Failure) -> Signature:
    """The signature of a value that violates a keyword.

    Args:
        facts: the facts of the keyword; None for a `false` schema.
        failure: the error of jsonschema-rs.
    """
    if failure.missing is not None:
        return Signature(failure.missing, None)
    sign = _by_value if facts is None else SIGNATURES.get(facts.rule, _by_value)
    return sign(failure.subject)


def _by_value(value: Any) -> Signature:
    return Signature(None, instances.key(value))


def _by_type(value: Any) -> Signature:
    """The JSON type and the form: the kind of number, and empty, single and longer arrays."""
    json_type = instances.json_type(value)
    detail: Hashable = None
    if json_type == instances.NUMBER:
        detail = (isinstance(value, float), instances.is_integer(value))
    elif json_type == instances.STRING:
        # The array or object as a string, or a string of the array.
        detail = value.startswith(("[", "{"))
    elif json_type == instances.ARRAY:
        detail = min(len(value), 2)
    elif json_type == instances.OBJECT:
        detail = bool(value)
    return Signature(json_type, detail)


def _by_length(text: str) -> Signature:
    return Signature(len(text), length_details(text))


def _by_size(value: Any) -> Signature:
    return Signature(len(value), None)


def _by_number(value: Any) -> Signature:
    return Signature(value, None)


SIGNATURES: Mapping[str, Callable[[Any], Signature]] = {
    "type": _by_type,
    "type (and range)": _by_type,
    "type (1.0 is not an integer)": _by_type,
    "type (1.0 is not an integer) (and range)": _by_type,
    "minimum": _by_number,
    "exclusiveMinimum": _by_number,
    "minimum (beside a boolean)": _by_number,
    "exclusiveMinimum (boolean)": _by_number,
    "maximum": _by_number,
    "exclusiveMaximum": _by_number,
    "maximum (beside a boolean)": _by_number,
    "exclusiveMaximum (boolean)": _by_number,
    "minLength": _by_length,
    "maxLength": _by_length,
    "minItems": _by_size,
    "maxItems": _by_size,
    "minProperties": _by_size,
    "maxProperties": _by_size,
}
"""The signature of each keyword whose violations have kinds; of the others the signature is the value."""
