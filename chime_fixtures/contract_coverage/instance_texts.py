"""Instances of cases as short JSON texts: each as its difference from a base that many cases share."""

from __future__ import annotations

import json
from typing import Any

from chime_fixtures.engine import pointer as json_pointer

MAX_STRING_CHARACTERS = 400
"""Characters of a string; a longer one is cut in the middle."""

MAX_ITEMS = 60
"""Items of an array and members of an object; further ones are left out."""

MAX_BASES = 8
"""Bases of one page."""

MIN_BASE_CHARACTERS = 200
"""Characters of a text that is worth a base."""


class InstanceTexts:
    """The texts of instances.

    Attributes:
        bases: the text of each base.
        characters: the characters of all texts.
    """

    def __init__(self) -> None:
        self.bases: list[str] = []
        self.characters = 0
        self._instances: list[Any] = []

    def add(self, instance: Any) -> dict[str, Any]:
        """The text of an instance.

        Returns:
            `json`: the text of a value; with a `base`, the value `at` that pointer of the base, which may be a further
            member of an object. `removed` is the pointer of the only member of the base that the instance does not
            have. A base alone is the instance itself. `cut` is true if a part of the value was left out.
        """
        value, is_cut = shortened(instance)
        found: dict[str, Any] = {"cut": True} if is_cut else {}
        for number, base in enumerate(self._instances):
            tokens = difference(base, value)
            if tokens is None:
                return {**found, "base": number}
            removed = _removed(base, value, tokens)
            if removed is not None:
                return {**found, "base": number, "removed": json_pointer.join(removed)}
            tokens = _appended(base, value, tokens)
            if tokens:
                at = json_pointer.join(tokens)
                return {**found, "base": number, "at": at, "json": self._text(json_pointer.resolve(value, at))}
        text = self._text(value)
        if len(text) >= MIN_BASE_CHARACTERS and len(self.bases) < MAX_BASES:
            self.bases.append(text)
            self._instances.append(value)
            return {**found, "base": len(self.bases) - 1}
        return {**found, "json": text}

    def _text(self, value: Any) -> str:
        text = json_text(value)
        self.characters += len(text)
        return text


def _removed(base: Any, value: Any, tokens: tuple[str, ...]) -> tuple[str, ...] | None:
    """The location of the only member of an object of the base that the value does not have, if that is all."""
    old, new = _inner(base, tokens), _inner(value, tokens)
    if not isinstance(old, dict) or not isinstance(new, dict) or len(old) != len(new) + 1:
        return None
    name = next((name for name in old if name not in new), None)
    rest = {other: member for other, member in old.items() if other != name}
    return (*tokens, str(name)) if difference(rest, new) is None else None


def _appended(base: Any, value: Any, tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The location of the last member of an object if that is the only difference; else the same location."""
    old, new = _inner(base, tokens), _inner(value, tokens)
    if not isinstance(old, dict) or not isinstance(new, dict) or len(new) != len(old) + 1:
        return tokens
    *names, last = new
    return (*tokens, last) if difference(old, {name: new[name] for name in names}) is None else tokens


def _inner(value: Any, tokens: tuple[str, ...]) -> Any:
    for token in tokens:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def difference(base: Any, value: Any) -> tuple[str, ...] | None:
    """The tokens of the innermost location that contains all differences of a value; None if there are none.

    Numbers that are equal and written differently, as 1 and 1.0, are different.
    """
    if base is value:
        return None
    if type(base) is not type(value):
        return ()
    if isinstance(value, dict):
        if list(base) != list(value):
            return ()
        parts = [(name, base[name], value[name]) for name in value]
    elif isinstance(value, list):
        if len(base) != len(value):
            return ()
        parts = [(str(index), *pair) for index, pair in enumerate(zip(base, value, strict=True))]
    else:
        return None if base == value else ()
    found = [(name, inner) for name, old, new in parts if (inner := difference(old, new)) is not None]
    if not found:
        return None
    return (found[0][0], *found[0][1]) if len(found) == 1 else ()


def shortened(value: Any) -> tuple[Any, bool]:
    """A value without the middle of long strings and the end of long arrays and objects; True if a part is left out."""
    if isinstance(value, str):
        if len(value) <= MAX_STRING_CHARACTERS:
            return value, False
        half = MAX_STRING_CHARACTERS // 2
        return f"{value[:half]}… ({len(value) - 2 * half} characters left out) …{value[-half:]}", True
    if isinstance(value, list):
        parts = [shortened(item) for item in value[:MAX_ITEMS]]
        if len(value) <= MAX_ITEMS and not any(is_cut for _, is_cut in parts):
            return value, False
        return [item for item, _ in parts], True
    if isinstance(value, dict):
        members = {name: shortened(value[name]) for name in list(value)[:MAX_ITEMS]}
        if len(value) <= MAX_ITEMS and not any(is_cut for _, is_cut in members.values()):
            return value, False
        return {name: member for name, (member, _) in members.items()}, True
    return value, False


def json_text(value: Any) -> str:
    """A value as JSON in which characters that are not printable are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
