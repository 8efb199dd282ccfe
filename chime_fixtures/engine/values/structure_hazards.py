"""The hazards of objects and arrays: members that the schema does not list, and items with unlike properties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine.normal_form.nodes import Objects


@dataclass(frozen=True, slots=True)
class UnknownMemberHazard:
    """The objects with a member that the schema does not list, of a certain name or value.

    Attributes:
        label: the name of the hazard, as it is part of an id.
        sentence: the property of the objects, as the predicate of a sentence.
        listed: the names that the schema lists.
        test: (name, its value, listed names) -> True if the member is hazardous.
    """

    label: str
    sentence: str
    listed: frozenset[str]
    test: Callable[[str, Any, frozenset[str]], bool]

    def matches(self, value: Any) -> bool:
        """True if a value is an object with such a member."""
        return isinstance(value, dict) and any(
            self.test(name, member, self.listed) for name, member in value.items() if name not in self.listed
        )


@dataclass(frozen=True, slots=True)
class UnlikeItemsHazard:
    """The arrays whose objects have unlike properties."""

    label: str = "unlike-items"
    sentence: str = "has objects with unlike properties"

    def matches(self, value: Any) -> bool:
        """True if a value is an array with two objects of unlike properties."""
        if not isinstance(value, list) or len(value) < 2:
            return False
        first: tuple[str, ...] | None = None
        for item in value:
            if isinstance(item, dict):
                names = tuple(item)
                if first is None:
                    first = names
                # Most have the same names in the same order.
                elif names != first and {*names} != {*first}:
                    return True
        return False


def _is_in_other_case(name: str, value: Any, listed: frozenset[str]) -> bool:
    return name.casefold() in {other.casefold() for other in listed}


def _is_of_prototype(name: str, value: Any, listed: frozenset[str]) -> bool:
    return name in _PROTOTYPE_NAMES


def _is_object(name: str, value: Any, listed: frozenset[str]) -> bool:
    return isinstance(value, dict)


def _is_syntax(name: str, value: Any, listed: frozenset[str]) -> bool:
    return not name or any(char in name for char in "./$ ")


MAX_VARIED_NAMES = 8
"""Properties of an object that are proposed in upper and lower case, or left out of the second item."""

_PROTOTYPE_NAMES = ("__proto__", "constructor")

_UNKNOWN_MEMBERS: tuple[tuple[str, str, Callable[[str, Any, frozenset[str]], bool], tuple[str, ...]], ...] = (
    ("unknown-object", "has an unknown member that is an object", _is_object, ("unknown",)),
    ("other-case", "has an unknown member whose name differs by case only from a known one", _is_in_other_case, ()),
    (
        "prototype-name",
        "has an unknown member with a name that every object of JavaScript has",
        _is_of_prototype,
        _PROTOTYPE_NAMES,
    ),
    ("syntax-in-name", "has an unknown member whose name is syntax of paths", _is_syntax, ("a.b", "a/b", "$a", "")),
)


def unknown_members(branch: Objects, value: Mapping[str, Any]) -> Iterator[tuple[UnknownMemberHazard, dict[str, Any]]]:
    """The hazards of unknown members, each with some objects that may have them: a validator decides.

    Args:
        branch: the objects.
        value: an ordinary one.
    """
    if not branch.additional.branches:
        return
    listed = frozenset(branch.properties)
    for label, sentence, test, names in _UNKNOWN_MEMBERS:
        hazard = UnknownMemberHazard(label, sentence, listed, test)
        known = list(value)[:MAX_VARIED_NAMES]
        proposed = names or tuple(other for name in known for other in (name.lower(), name.upper()))
        for name in proposed:
            members = ({"a": 1}, {}) if label == "unknown-object" else (None, "a", 1, {})
            for member in members:
                changed = {**value, name: member}
                if name not in listed and hazard.matches(changed):
                    yield hazard, changed


def unlike_items(items: list[Any]) -> Iterator[tuple[UnlikeItemsHazard, list[Any]]]:
    """Arrays of an ordinary object and of the same one without a property: a validator decides."""
    first = next((item for item in items if isinstance(item, dict) and item), {})
    for name in list(first)[-MAX_VARIED_NAMES:][::-1]:
        yield UnlikeItemsHazard(), [first, {other: item for other, item in first.items() if other != name}]
