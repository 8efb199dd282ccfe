"""The members of an object that have a relation: most pairs are unrelated or equal, and a look at both decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from chime_fixtures.engine.values.calendar_hazards import is_date_time
from chime_fixtures.engine.values.relations import MIN_FAR_SECONDS, RELATIONS, RelationKind, stamp_of

P = TypeVar("P")
Pairs = Sequence[tuple[str, str, P]]
"""The names of two members, and what a caller knows of them."""

Labels = tuple[str, ...]

Related = list[tuple[P, Labels]]
"""Pairs whose values are related, with the labels of their relations."""


def _related_date_times(value: Mapping[str, Any], pairs: Pairs[P]) -> Related[P]:
    related: Related[P] = []
    for first, second, pair in pairs:
        one, other = value[first], value[second]
        if one == other:
            labels: Labels = _EQUAL if is_date_time(one) else ()
        elif (
            one < other
            # Of one century and one notation in UTC, the later one is greater as text, except after a leap second.
            and len(one) == len(other) >= _UTC_LENGTH
            and one[0] == other[0]
            and one[1] == other[1]
            and one[10] == other[10] == "T"
            and one[-1] == other[-1] == "Z"
            and one[17] < "6"
        ):
            continue
        else:
            labels = _labels_of_date_times(one, other)
        if labels:
            related.append((pair, labels))
    return related


def _labels_of_date_times(first: str, second: str) -> Labels:
    one, other = stamp_of(first), stamp_of(second)
    if one is None or other is None:
        return ()
    seconds = other.instant[0] - one.instant[0]
    if not 1 < abs(seconds) < MIN_FAR_SECONDS:
        return tuple([relation.label for relation in RELATIONS["date-time"] if relation.test(one, other)])
    is_earlier, is_less = seconds > 0, first < second
    if is_earlier is is_less:
        return () if is_earlier else _REVERSED
    return _OTHER_ORDER if is_earlier else _REVERSED_IN_OTHER_ORDER


_EQUAL = ("equal",)
_REVERSED = ("reversed",)
_OTHER_ORDER = ("other-order-of-text",)
_REVERSED_IN_OTHER_ORDER = (*_OTHER_ORDER, *_REVERSED)
_UTC_LENGTH = len("2026-03-04T12:00:00Z")


def _related_texts(value: Mapping[str, Any], pairs: Pairs[P]) -> Related[P]:
    related: Related[P] = []
    for first, second, pair in pairs:
        one, other = value[first], value[second]
        # By each relation the second one begins like the first one in some case. In ASCII it is not shorter.
        if (len(one) <= len(other) or not other.isascii()) and other.casefold().startswith(one.casefold()):
            related.append((pair, _labels("text", one, other)))
    return related


def _related_others(kind: RelationKind) -> Callable[[Mapping[str, Any], Pairs[P]], Related[P]]:
    def related_members(value: Mapping[str, Any], pairs: Pairs[P]) -> Related[P]:
        return [(pair, _labels(kind, value[first], value[second])) for first, second, pair in pairs]

    return related_members


def _labels(kind: RelationKind, first: Any, second: Any) -> Labels:
    return tuple([relation.label for relation in RELATIONS[kind] if relation.holds(first, second)])


RELATED_MEMBERS: Mapping[RelationKind, Callable[[Mapping[str, Any], Pairs[Any]], Related[Any]]] = {
    "date-time": _related_date_times,
    "date": _related_others("date"),
    "time": _related_others("time"),
    "number": _related_others("number"),
    "text": _related_texts,
}
"""The pairs of members of an object whose values are related, by the kind of their values.

The values have one of the types of `RELATED_TYPES`."""

RELATED_TYPES: Mapping[RelationKind, tuple[type, ...]] = {
    "date-time": (str,),
    "date": (str,),
    "time": (str,),
    "number": (int, float),
    "text": (str,),
}
"""The types of the values that have relations, by the kind; a boolean has none."""
