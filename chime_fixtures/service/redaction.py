"""Redaction of what is stored and printed: secrets, and control characters that a terminal or log would interpret."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

REDACTED = "***"

_SECRET_NAME = re.compile("(?i)authorization|cookie|token|secret|password|credential|signature|api-?key")
_SECRET_QUERY = re.compile(
    r"(?i)([?&](?:x-amz-(?:signature|credential|security-token)|access[-_]?token|api[-_]?key|password|secret|signature)=)"
    r"[^&#]*"
)
_DATE_OR_NUMBER = re.compile(
    r"([0-9]{4}-(?:0[0-9]|1[0-2])-[0-3][0-9](?![0-9])(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?)"
    r"|\+?\(?\d(?:[ ().\-/]{0,2}\d){6,}"
)
_PLACEHOLDER = re.compile(
    r"(?i)[\W_]*(?:[a-z0-9]+[\W_]+){0,4}"
    r"(?:redacted|filtered|masked|scrubbed|anonymi[sz]ed|saniti[sz]ed|obfuscated|hidden|removed|placeholder)"
    r"(?:[\W_]+[a-z0-9]+){0,4}[\W_]*|\+?[0-9]*[*x#\u2022]{3,}[0-9]*"
)
_MAX_PLACEHOLDER_CHARACTERS = 64
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def redact_headers(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    """Return the header fields with lower-case names and text values, each secret replaced by `REDACTED`."""
    redacted = {}
    for name, value in headers.items():
        lower, is_secret = _classify(name)
        if is_secret:
            redacted[lower] = REDACTED
        else:
            redacted[lower] = value if isinstance(value, str) else value.decode("latin-1")
    return redacted


def redact_target(target: str) -> str:
    """Return a request target or URL with each secret of its query (presigned requests have some) replaced."""
    return _SECRET_QUERY.sub(rf"\1{REDACTED}", target) if "?" in target else target


def printable(text: str) -> str:
    """Return the text with its control characters escaped, so that quoted input is safe in a terminal or log."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def redact_telephone_numbers(text: str) -> str:
    """Return the text with each number of seven digits and more replaced by `REDACTED`; dates are kept."""
    return _DATE_OR_NUMBER.sub(lambda match: match[1] or REDACTED, text)


def is_secret_member(name: str) -> bool:
    """True if a member of that name contains a secret: a token, a password."""
    return _SECRET_NAME.search(name) is not None


def is_placeholder(value: object) -> bool:
    """True if a value is a text that a filter wrote in place of another: ``REDACTED``, ``<filtered>``, ``+1******``."""
    return (
        isinstance(value, str)
        and len(value) <= _MAX_PLACEHOLDER_CHARACTERS
        and _PLACEHOLDER.fullmatch(value) is not None
    )


@functools.lru_cache(maxsize=1024)
def _classify(name: str) -> tuple[str, bool]:
    """The lower-case name of a header field, and True if its value is a secret."""
    lower = name.lower()
    return lower, _SECRET_NAME.search(lower) is not None
