"""The order of violations in which a prefix detects most faulty programs: the least alike first.

A program has a mistake at one location, in one subschema, or of one kind everywhere. So each violation has several
features, from its constraint to its value, and the next one is that whose features the earlier ones have least.
Frequent mistakes come before others; values that nearly every program rejects, such as an empty list for a name, last.

The order depends on the violations alone. Only the first `MAX_ORDERED` are compared with all others, so that the time
is in proportion to their number.
"""

from __future__ import annotations

import heapq
import itertools
import unicodedata
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.violations import CatalogueEntry
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NUMBER, OBJECT

FREQUENT_MISTAKES = frozenset(
    {
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
    }
)
"""Variants of violations that programs miss most often, beside those without a variant."""

ARRAY_FOR_CONSTANT = "other-array"
"""A frequent mistake although its value is of an unrelated type: a list can't be looked up in a set of constants."""

MAX_ORDERED = 500
"""Violations at the beginning that have as little in common as possible; the others are in the order given."""

MAX_COUNTED_REPETITIONS = 8
"""Repetitions of a feature, each of which lessens its weight by a third; further ones do not change it."""

RARE_PENALTY = 1
"""The weight that a mistake loses because it is not frequent."""

UNRELATED_PENALTY = 10
"""The weight that a value of an unrelated JSON type loses: more than any violation has."""

MAX_COMPARED_CHARACTERS = 64
"""Characters at the beginning of a string that tell it from another one."""

Feature = tuple[Hashable, float]
"""Something that two violations may have in common, and its weight."""

_DECAY = 2 / 3
_OTHER_ENUMERATION = "of-"

_RELATED_TYPES = {BOOLEAN: NUMBER, OBJECT: ARRAY}
"""JSON types that languages represent alike, as true for 1 and an object for a list."""


def by_coverage(entries: Sequence[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    """The violations in the order in which a prefix detects most faulty programs; equal ones as they were."""
    values = [_values(entry) for entry in entries]
    features = [tuple(_features(entry, *each)) for entry, each in zip(entries, values, strict=True)]
    penalties = [_penalty(entry, *each) for entry, each in zip(entries, values, strict=True)]
    first = dict.fromkeys(itertools.islice(_least_alike(features, penalties), MAX_ORDERED))
    others = (index for index in range(len(entries)) if index not in first)
    return tuple(entries[index] for index in itertools.chain(first, others))


def _least_alike(features: Sequence[Sequence[Feature]], penalties: Sequence[float]) -> Iterator[int]:
    """The index of each item: always the one whose features have the greatest weight that is left."""
    counts: dict[Hashable, int] = {}

    def rank(index: int) -> tuple[float, int]:
        weight = sum(each * _DECAY ** counts.get(feature, 0) for feature, each in features[index])
        return penalties[index] - weight, index

    queue = [rank(index) for index in range(len(features))]
    heapq.heapify(queue)
    while queue:
        # Weights only decrease: an item is next if it is still the first with its present weight.
        index = queue[0][-1]
        current = rank(index)
        if current != queue[0]:
            heapq.heapreplace(queue, current)
            continue
        heapq.heappop(queue)
        yield index
        for feature, _ in features[index]:
            counts[feature] = min(counts.get(feature, 0) + 1, MAX_COUNTED_REPETITIONS)


def _values(entry: CatalogueEntry) -> tuple[Any, Any]:
    """The value that fails, and the valid one that it replaces; the former itself if there is none."""
    pointer = entry.label.pointer
    value = json_pointer.resolve(entry.value, pointer[len(entry.changed) :])
    try:
        return value, entry.baseline.at(pointer)
    except LookupError:
        return value, value


def _features(entry: CatalogueEntry, value: Any, valid: Any) -> Iterator[Feature]:
    label = entry.label
    # At one location, at every location of one subschema, and in the whole schema.
    yield ("constraint", label.pointer, label.keyword), 1
    yield ("variant", label.schema_pointer, label.variant), 1
    yield ("kind", label.schema_pointer, _kind(value, valid)), 1
    yield ("mistake", label.keyword, label.variant), 0.5
    yield ("limit", label.keyword, _summary(label.limit), label.variant), 0.5
    yield ("value", _summary(value)), 0.5


def _kind(value: Any, valid: Any) -> Hashable:
    """Equal for values that a program treats alike at one location."""
    if isinstance(value, str):
        length = len(valid) if isinstance(valid, str) else 0
        return _shape(value), (len(value) > length) - (len(value) < length)
    if isinstance(value, dict) and isinstance(valid, dict):
        return frozenset(value.keys() ^ valid.keys())
    json_type = instances.json_type(value)
    if json_type == NUMBER:
        return json_type, isinstance(value, float)
    return ARRAY if json_type == OBJECT else json_type


def _shape(text: str) -> str:
    """The character classes of a text, each run once: ``9-9`` for 2026-11."""
    return "".join(each for each, _ in itertools.groupby(map(_character_class, text[:MAX_COMPARED_CHARACTERS])))


def _character_class(character: str) -> str:
    if not character.isascii():
        return unicodedata.category(character)
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "a" if character.islower() else "A"
    return character


def _summary(value: Any) -> Hashable:
    """Equal for equal scalars, for objects of one size, and for arrays of one size with one first item."""
    if isinstance(value, str):
        return value[:MAX_COMPARED_CHARACTERS], len(value)
    if isinstance(value, dict):
        return OBJECT, len(value)
    if isinstance(value, list | tuple):
        is_flat = bool(value) and not isinstance(value[0], list | tuple | dict)
        return ARRAY, len(value), _summary(value[0]) if is_flat else None
    return instances.json_type(value), value


def _penalty(entry: CatalogueEntry, value: Any, valid: Any) -> float:
    variant = entry.label.variant
    # The variant of a violation of an object may be the name of a property.
    is_frequent = (
        variant is None
        or variant == ARRAY_FOR_CONSTANT
        or variant in FREQUENT_MISTAKES
        or variant.startswith(_OTHER_ENUMERATION)
        or (isinstance(value, dict) and isinstance(valid, dict))
    )
    is_unrelated = variant != ARRAY_FOR_CONSTANT and _is_unrelated(value, valid)
    return (0 if is_frequent else RARE_PENALTY) + (UNRELATED_PENALTY if is_unrelated else 0)


def _is_unrelated(value: Any, valid: Any) -> bool:
    """True for a plain value of another JSON type than the valid one: true, 1, an empty array or object."""
    types = [instances.json_type(each) for each in (value, valid)]
    is_other = len({_RELATED_TYPES.get(each, each) for each in types}) > 1
    return is_other and (not value if isinstance(value, list | tuple | dict) else value in (True, 1))
