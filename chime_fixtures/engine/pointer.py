"""JSON Pointers (RFC 6901): write, read, resolve, replace at and display the location of a value in a document.

The whole document is the empty string; every other pointer has ``/`` before each token, with ``~`` written ``~0`` and
``/`` written ``~1``. Messages show the whole document as ``(root)``, because ``/`` is the property with an empty name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ROOT = "(root)"
"""The whole document in a message."""

MAX_DISPLAYED_CHARACTERS = 200
"""The maximum length of a pointer in a message; a longer one is cut in the middle."""


def escape(token: str | int) -> str:
    """Write one property name or index as a reference token."""
    return str(token).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Read one reference token back as a property name."""
    return token.replace("~1", "/").replace("~0", "~")


def join(tokens: Iterable[str | int], *, base: str = "") -> str:
    """Write the pointer that leads from `base` through unescaped property names and indices."""
    return base + "".join([f"/{escape(token)}" for token in tokens])


def split(pointer: str) -> tuple[str, ...]:
    """Read a pointer as its unescaped tokens.

    Raises:
        ValueError: the pointer is not empty and does not begin with ``/``.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is not a JSON Pointer: it must be empty or begin with '/'")
    tokens = pointer[1:].split("/")
    return tuple(tokens) if "~" not in pointer else tuple(map(unescape, tokens))


def resolve(document: Any, pointer: str) -> Any:
    """The value at `pointer`.

    Raises:
        LookupError: the document has no value there.
        ValueError: `pointer` is not a JSON Pointer.
    """
    value = document
    for token in split(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise LookupError(f"the document has no value at {pointer!r}: {token!r} does not exist")
    return value


def with_value(document: Any, pointer: str, value: Any) -> Any:
    """A copy of the document with another value at `pointer`: an item is replaced, a property is replaced or appended.

    Only the containers along the pointer are copied; everything else is shared with the document.

    Raises:
        LookupError: the document has no container for the value, or no item at its index.
        ValueError: `pointer` is not a JSON Pointer.
    """
    return _with_value(document, split(pointer), value)


def _with_value(container: Any, tokens: tuple[str, ...], value: Any) -> Any:
    if not tokens:
        return value
    token, *rest = tokens
    if isinstance(container, dict) and (token in container or not rest):
        return {**container, token: _with_value(container.get(token), tuple(rest), value)}
    if isinstance(container, list) and _is_index(token) and int(token) < len(container):
        index = int(token)
        return [*container[:index], _with_value(container[index], tuple(rest), value), *container[index + 1 :]]
    raise LookupError(f"no value can be set at {token!r}: it does not exist")


def set_value(document: Any, pointer: str, value: Any) -> Any:
    """The document itself with another value at `pointer`; the value itself if the pointer is empty.

    Raises:
        LookupError: the document has no container for the value, or no item at its index.
        ValueError: `pointer` is not a JSON Pointer.
    """
    if not pointer:
        return value
    parent, _, token = pointer.rpartition("/")
    container = resolve(document, parent)
    if isinstance(container, dict):
        container[unescape(token)] = value
    elif isinstance(container, list) and _is_index(token) and int(token) < len(container):
        container[int(token)] = value
    else:
        raise LookupError(f"no value can be set at {token!r}: it does not exist")
    return document


def display(pointer: str) -> str:
    """A pointer as it appears in a message: printable, at most 200 characters, ``(root)`` for the whole document."""
    text = printable(pointer)
    if len(text) > MAX_DISPLAYED_CHARACTERS:
        half = MAX_DISPLAYED_CHARACTERS // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text or ROOT


def printable(text: str) -> str:
    """Text for a terminal: control characters and lone surrogates are escaped."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _is_index(token: str) -> bool:
    return token == "0" or (token.isascii() and token.isdigit() and not token.startswith("0"))
