"""Errors that jsonschema-rs raises for a schema or a value that it rejects."""

from __future__ import annotations

import jsonschema_rs

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import Problem, first_line
from chime_fixtures.engine.violation import quote

_ErrorKind = jsonschema_rs.ValidationErrorKind

NOT_JSON = (UnicodeEncodeError, ValueError, TypeError, OverflowError)
"""Raised by jsonschema-rs for a value that no JSON text has: a lone surrogate, a NaN, a Python object."""

REJECTIONS = (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, *NOT_JSON)
"""Raised by jsonschema-rs for a schema: a pattern that is too large for it, an identifier that is not a URI."""


def is_panic(error: BaseException) -> bool:
    """True for a panic of a library in Rust: it is not an `Exception`, and its type can't be imported."""
    return type(error).__name__ == "PanicException"


def rejection(error: BaseException) -> Problem | None:
    """The part of a schema that jsonschema-rs rejects, and the reason; None for an error that is not a rejection."""
    if not isinstance(error, REJECTIONS) and not is_panic(error):
        return None
    if isinstance(error, jsonschema_rs.ValidationError) and isinstance(error.kind, _ErrorKind.Format):
        # The schema is its instance here, and a pattern has the format `regex`.
        *parents, last = error.instance_path
        keyword = str(parents[-1] if parents[-1:] == ["patternProperties"] else last)
        location, value = json_pointer.join(error.instance_path), str(error.instance)
        if error.kind.format == "regex":
            return rejected_pattern(keyword, location, value)
        return Problem(keyword, location, f"{quote(value)} is not of the format {error.kind.format}; correct it")
    return Problem("schema", "", f"is rejected by jsonschema-rs: {first_line(error)[:200]}")


def rejected_pattern(keyword: str, schema_pointer: str, pattern: str) -> Problem:
    """The problem of a pattern that is too large for jsonschema-rs."""
    reason = f"{quote(pattern)} is rejected by jsonschema-rs; lower its counts"
    return Problem(keyword, schema_pointer, reason)
