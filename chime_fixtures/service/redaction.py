"""What must not be kept or shown of what was sent: secrets, and control characters that could drive a terminal."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

MASK = "***"

_SECRET_NAME = re.compile("authorization|cookie|token|secret|password|credential|signature|api-?key")
_SECRET_QUERY = re.compile(
    r"(?i)([?&](?:x-amz-(?:signature|credential|security-token)|access[-_]?token|api[-_]?key|password|secret|signature)=)"
    r"[^&#]*"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def masked_headers(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    """The header fields as they may be kept: lower-case names, text, and no secret."""
    kept = {}
    for name, value in headers.items():
        lower, is_secret = _known(name)
        if is_secret:
            kept[lower] = MASK
        else:
            kept[lower] = value if isinstance(value, str) else value.decode("latin-1")
    return kept


def masked_target(target: str) -> str:
    """The target, or a whole URL, as it may be kept: without the secrets of a presigned one."""
    return _SECRET_QUERY.sub(rf"\1{MASK}", target) if "?" in target else target


def printable(text: str) -> str:
    """The text with its control characters escaped, so that quoted input can't drive a terminal or a log."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@functools.lru_cache(maxsize=1024)
def _known(name: str) -> tuple[str, bool]:
    lower = name.lower()
    return lower, _SECRET_NAME.search(lower) is not None
