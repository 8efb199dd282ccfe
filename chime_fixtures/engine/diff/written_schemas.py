"""Equality of schemas as they are written, before they are read: the equal ones of a large document are skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.sources.openapi_schemas import Location, reference_target

_DESCRIPTIVE = frozenset({"description", "title", "summary", "x-source"})
"""The members that assert nothing if their value is a text; a property may have the same name."""


class WrittenEquality:
    """The equality of locations of two sets of documents; each pair of references is compared once.

    Args:
        left: the first documents by URI.
        right: the other ones.
    """

    def __init__(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
        self._left = left
        self._right = right
        self._equal: set[tuple[Location, Location]] = set()
        self._different: set[tuple[Location, Location]] = set()

    def are_equal(self, left: Location, right: Location) -> bool:
        """True if the values at two locations are equal, with the targets of their references."""
        assumed: set[tuple[Location, Location]] = set()
        pairs = [(left, right)]
        while pairs:
            pair = pairs.pop()
            if pair in assumed or pair in self._equal:
                continue
            assumed.add(pair)
            found = None if pair in self._different else self._following(*pair)
            if found is None:
                self._different |= {pair, (left, right)}
                return False
            pairs += found
        self._equal |= assumed
        return True

    def _following(self, left: Location, right: Location) -> list[tuple[Location, Location]] | None:
        """The references in two values, in pairs; None if the values are not equal."""
        found: list[tuple[Location, Location]] = []
        stack = [(_value(self._left, left), _value(self._right, right))]
        while stack:
            ours, theirs = stack.pop()
            if isinstance(ours, dict) and isinstance(theirs, dict):
                ours, theirs = _asserting(ours), _asserting(theirs)
                if ours.keys() != theirs.keys():
                    return None
                references = ours.get("$ref"), theirs.get("$ref")
                if all(isinstance(each, str) for each in references):
                    first = reference_target(self._left, str(references[0]), left[0])
                    second = reference_target(self._right, str(references[1]), right[0])
                    if first is None or second is None:
                        return None
                    found.append((first, second))
                    stack.extend((ours[name], theirs[name]) for name in ours if name != "$ref")
                else:
                    stack.extend((ours[name], theirs[name]) for name in ours)
            elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
                stack.extend(zip(ours, theirs, strict=True))
            elif type(ours) is not type(theirs) or ours != theirs or isinstance(ours, dict | list):
                return None
        return found


def _value(documents: Mapping[str, Any], location: Location) -> Any:
    return json_pointer.resolve(documents[location[0]], location[1])


def _asserting(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if not (name in _DESCRIPTIVE and isinstance(item, str))}
