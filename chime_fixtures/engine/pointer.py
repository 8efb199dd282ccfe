"""JSON Pointer (RFC 6901): the one spelling of a place in a document.

The root is the empty string; every other pointer is ``/`` before each token, with ``~`` written ``~0`` and ``/``
written ``~1``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def escape(token: str | int) -> str:
    """Write one member name or index as a reference token."""
    return str(token).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Read one reference token back as a member name."""
    return token.replace("~1", "/").replace("~0", "~")


def join(tokens: Iterable[str | int], *, base: str = "") -> str:
    """Write the pointer that leads from `base` through raw member names and indices."""
    return base + "".join(f"/{escape(token)}" for token in tokens)


def split(pointer: str) -> tuple[str, ...]:
    """Read a pointer into its raw tokens.

    Raises:
        ValueError: it is neither empty nor begins with ``/``.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON Pointer: it must be empty or begin with '/'")
    return tuple(unescape(token) for token in pointer[1:].split("/"))


def resolve(document: Any, pointer: str) -> Any:
    """The value that stands at `pointer`.

    Raises:
        LookupError: nothing stands there.
        ValueError: it is no pointer.
    """
    value = document
    for token in split(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise LookupError(f"nothing stands at {pointer!r}: no {token!r}")
    return value


def _is_index(token: str) -> bool:
    return token == "0" or (token.isascii() and token.isdigit() and not token.startswith("0"))
