"""Shapes of strings of ASCII: those with few characters beside letters and digits have few shapes."""

from __future__ import annotations

import string

Shape = tuple[int, bytes]
"""A number for the kinds of the first and last character, the length and the case; and the signs, in their order."""

GROUPS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
"""The characters that shapes do not distinguish."""

MAX_SHAPE_LENGTH = 16
"""Characters up to which shapes have a length; all longer strings have one in common."""

MAX_SHAPE_SIGNS = 8
"""Characters beside letters and digits of a string that has a shape."""

_PLAIN = "".join(GROUPS).encode()
_KINDS = {chr(code): next((kind for kind, group in enumerate(GROUPS) if chr(code) in group), 3) for code in range(128)}
_FIRST = {char: kind << 7 for char, kind in _KINDS.items()}
_LAST = {char: kind << 9 for char, kind in _KINDS.items()}
_LENGTHS = {length: length << 2 for length in range(1, MAX_SHAPE_LENGTH + 1)}


def kind(character: str) -> int | None:
    """The number of the group of a character; None for another one."""
    return next((number for number, group in enumerate(GROUPS) if character in group), None)


def shape(text: str) -> Shape | None:
    """The shape of a string; None if it has none: it is empty, not of ASCII, or has many signs."""
    if not text or not text.isascii():
        return None
    encoded = text.encode()
    signs = b"" if encoded.isalnum() else encoded.translate(None, _PLAIN)
    if len(signs) > MAX_SHAPE_SIGNS:
        return None
    number = _FIRST[text[0]] + _LAST[text[-1]] + _LENGTHS.get(len(text), 0)
    if encoded.islower():
        number += 1
    elif encoded.isupper():
        number += 2
    return number, signs
