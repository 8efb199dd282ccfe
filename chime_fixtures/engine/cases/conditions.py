"""Conditions of edges: the values that are at the same boundary of a constraint as the value of an edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import instances


@dataclass(frozen=True, slots=True)
class EqualTo:
    """Values that equal a value as JSON."""

    value: Any = field(hash=False)

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        # Python's own comparison is fast, but true equals 1.
        return bool(value == self.value) and instances.equal(value, self.value)


@dataclass(frozen=True, slots=True)
class TextLength:
    """Strings of a length.

    Attributes:
        length: the number of characters.
        has_astral: True for strings that have a character of four bytes in UTF-8.
    """

    length: int
    has_astral: bool = False

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        return (
            isinstance(value, str)
            and len(value) == self.length
            and not (self.has_astral and (value.isascii() or max(value) <= "\uffff"))
        )


@dataclass(frozen=True, slots=True)
class ItemCount:
    """Arrays of a number of items.

    Attributes:
        count: the number.
        or_more: True for arrays that have more items, too.
    """

    count: int
    or_more: bool = False

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        return isinstance(value, list) and (len(value) == self.count or (self.or_more and len(value) > self.count))


@dataclass(frozen=True, slots=True)
class DuplicateItems:
    """Arrays that have two equal items."""

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        if not isinstance(value, list) or len(value) < 2:
            return False
        if len(value) == 2 and value[0] != value[1]:
            return False
        return len(set(map(instances.key, value))) < len(value)


@dataclass(frozen=True, slots=True)
class Members:
    """Objects by the names of their properties.

    Attributes:
        present: the properties that they have.
        absent: the properties that they lack.
        allowed: the only properties that they may have; None for any.
    """

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        return (
            isinstance(value, dict)
            and value.keys() >= self.present
            and self.absent.isdisjoint(value)
            and (self.allowed is None or value.keys() <= self.allowed)
        )


@dataclass(frozen=True, slots=True)
class UnlistedMember:
    """Objects that have a property which the schema does not list.

    Attributes:
        listed: the properties that it lists.
    """

    listed: frozenset[str]

    def matches(self, value: Any) -> bool:
        """True if the value meets the condition."""
        return isinstance(value, dict) and not value.keys() <= self.listed


Condition = EqualTo | TextLength | ItemCount | DuplicateItems | Members | UnlistedMember
