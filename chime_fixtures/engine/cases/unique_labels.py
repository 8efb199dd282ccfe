"""Unique ids for the violations of one schema."""

from __future__ import annotations

from dataclasses import replace

from chime_fixtures.engine.violation import Violation

MAX_VIOLATIONS_PER_ID = 1000
"""Violations with the same label; the ids of the second and later ones are numbered."""


class UniqueLabels:
    """The labels of violations, each with an id that no earlier one has; ids that differ by case only are equal."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._counts: dict[str, int] = {}
        self._known: set[tuple[tuple[str, str, str], str | None]] = set()

    def add(self, label: Violation) -> Violation | None:
        """The label, with a number in its variant if an earlier one has its id.

        None for a variant of a constraint at a location that is known, and beyond `MAX_VIOLATIONS_PER_ID`.
        """
        key = constraint_of(label), label.variant
        if key in self._known:
            return None
        self._known.add(key)
        plain_id = label.id.casefold()
        numbered, label_id = label, plain_id
        while label_id in self._ids:
            number = self._counts[plain_id] = self._counts.get(plain_id, 1) + 1
            if number >= MAX_VIOLATIONS_PER_ID:
                return None
            numbered = replace(label, variant=f"{label.variant or ''}-{number}".strip("-"))
            label_id = numbered.id.casefold()
        self._ids.add(label_id)
        return numbered


def constraint_of(violation: Violation) -> tuple[str, str, str]:
    """The location, the keyword and its location: equal for two violations of one constraint at one location."""
    return violation.pointer, violation.keyword, violation.schema_pointer
