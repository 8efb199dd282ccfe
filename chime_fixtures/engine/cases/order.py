"""The order of violations of which a prefix contains most kinds of mistakes.

A validator that misses one check usually misses it at every location of a definition. So each kind of mistake of a
constraint comes at one of its locations first, in turn, and the most frequent mistakes of programs come before others.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable

from chime_fixtures.engine.cases.violations import CatalogueEntry

FREQUENT_MISTAKES = (
    # Values of another type.
    "as-text",
    "unwrapped",
    "integer",
    "number",
    "null",
    "boolean",
    "object",
    "array",
    "wrapped",
    # Strings that a pattern or an enumeration rejects.
    "one-more",
    "trailing-newline",
    "lower-case",
    "unicode-digit",
    "one-fewer",
    "leading-zero",
    "inner-blank",
    "letter-o",
    "hyphens",
    "empty",
    "blank",
    "trailing-blank",
    "of-",
    "prefix",
    "upper-case",
    "blank-ideographic",
    # Strings that a format rejects.
    "date-only",
    "impossible-day",
    "hour-24",
    "no-offset",
    "no-leap-day",
    "blank-for-t",
    "second-61",
    "month-13",
    "leading-blank",
    "no-leap-day-1900",
)
"""Variants of violations, the most frequent ones of each keyword first; a violation without a variant precedes them."""

_RANKS = {variant: rank for rank, variant in enumerate(FREQUENT_MISTAKES, 1)}


def by_frequency(entries: Iterable[CatalogueEntry]) -> list[CatalogueEntry]:
    """The violations in an order of which a prefix contains most kinds of mistakes.

    Args:
        entries: the violations in the schema's order, which decides between equally frequent ones.
    """
    of_constraint: dict[tuple[str, str, str], list[CatalogueEntry]] = {}
    for each in entries:
        label = each.label
        of_constraint.setdefault((label.pointer, label.keyword, label.schema_pointer), []).append(each)
    left = {key: sorted(each, key=_rank) for key, each in of_constraint.items()}
    ordered: list[CatalogueEntry] = []
    # A kind of mistake that another location of the same definition has given is left for the end.
    given: collections.defaultdict[str, set[str | None]] = collections.defaultdict(set)
    later: list[CatalogueEntry] = []
    while left:
        for key, remaining in list(left.items()):
            known = given[key[2]]
            index = next((index for index, each in enumerate(remaining) if each.label.variant not in known), None)
            if index is None:
                later += left.pop(key)
            else:
                known.add(remaining[index].label.variant)
                ordered.append(remaining.pop(index))
    return [*ordered, *sorted(later, key=_rank)]


def _rank(entry: CatalogueEntry) -> int:
    variant = entry.label.variant
    if variant is None:
        return 0
    return _RANKS.get("of-" if variant.startswith("of-") else variant, len(_RANKS) + 1)
