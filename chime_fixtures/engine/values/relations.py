"""The hazards of two properties of one object: instants near each other, equal and swapped values, texts in other case.

Only properties of the same kind are related: two date-times, two dates or times, two numbers, two other strings.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Node, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.values.calendar_hazards import (
    MAX_KNOWN_TEXTS,
    Moment,
    calendar_format,
    parsed,
    written,
)
from chime_fixtures.engine.values.choices import Choices
from chime_fixtures.engine.values.number_hazards import is_allowed_number

RelationKind = Literal["date-time", "date", "time", "number", "text"]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of two values of one kind.

    Attributes:
        label: the name of the relation, as it is part of an id.
        sentence: the relation, as the predicate of a sentence about both.
        read: returns the part of a value that is compared; None for a value of another kind.
        test: returns True if the first of two such parts has the relation to the second.
        pairs: realistic pairs, preferred where they are allowed.
        related: returns values to which a value has the relation, the simplest first.
    """

    label: str
    sentence: str
    read: Callable[[Any], Any]
    test: Callable[[Any, Any], bool]
    pairs: tuple[tuple[Any, Any], ...]
    related: Callable[[Any], Iterator[Any]]

    def holds(self, first: Any, second: Any) -> bool:
        """True if the first value has the relation to the second."""
        one, other = self.read(first), self.read(second)
        return one is not None and other is not None and self.test(one, other)


@dataclass(frozen=True, slots=True)
class RelationHazard:
    """The objects whose properties have a relation.

    Attributes:
        first: the name of the first property.
        second: the name of the second property.
        kind: the kind of their values.
        name: the label of the relation.
    """

    first: str
    second: str
    kind: RelationKind
    name: str

    @property
    def label(self) -> str:
        """``<first>-<second>.<relation>``."""
        return f"{self.first}-{self.second}.{self.name}"

    @property
    def relation(self) -> Relation:
        """The relation."""
        return _relation(self.kind, self.name)

    def matches(self, value: Any) -> bool:
        """True if a value is an object whose properties have the relation."""
        return (
            isinstance(value, dict)
            and self.first in value
            and self.second in value
            and self.relation.holds(value[self.first], value[self.second])
        )


# Date-times -----------------------------------------------------------------------------------------------------------


class Stamp(NamedTuple):
    """A date-time as text and as an instant, which is comparable; the digits are those of its fraction."""

    text: str
    instant: tuple[int, str]
    digits: str


def _stamp(value: Any) -> Stamp | None:
    return stamp_of(value) if isinstance(value, str) else None


@functools.lru_cache(maxsize=MAX_KNOWN_TEXTS)
def stamp_of(text: str) -> Stamp | None:
    """A date-time as text and as an instant; None for another text."""
    moment = parsed(text)[1]
    return None if moment is None else Stamp(text, moment.instant, moment.digits)


def _is_equal(one: Stamp, other: Stamp) -> bool:
    return one.text.upper() == other.text.upper()


def _is_equal_instant(one: Stamp, other: Stamp) -> bool:
    return one.instant == other.instant and one.text != other.text


def _is_other_order_of_text(one: Stamp, other: Stamp) -> bool:
    return one.instant != other.instant and (one.instant < other.instant) is not (one.text < other.text)


def _whole_seconds(one: Stamp, other: Stamp) -> int:
    """The whole seconds between two date-times."""
    (early, early_fraction), (late, late_fraction) = sorted((one.instant, other.instant))
    return late - early - (late_fraction < early_fraction)


def _is_in_same_second(one: Stamp, other: Stamp) -> bool:
    is_near = abs(one.instant[0] - other.instant[0]) < 2 and one.instant != other.instant
    return is_near and len(one.digits) != len(other.digits) and _whole_seconds(one, other) == 0


def _is_far_apart(one: Stamp, other: Stamp) -> bool:
    return _whole_seconds(one, other) >= MIN_FAR_SECONDS


MIN_FAR_SECONDS = 2**63 // 10**9
"""Seconds of a duration that is more than 64 bits of nanoseconds."""


def _moved(
    seconds: int = 0, offsets: tuple[int | None, ...] = (None,), digits: tuple[str | None, ...] = (None,)
) -> Callable[[Any], Iterator[Any]]:
    """The date-times that are later by some seconds, with some offsets and fractions; None keeps those of the value."""

    def related(value: Any) -> Iterator[Any]:
        moment = parsed(value)[1] if isinstance(value, str) else None
        if moment is None:
            return
        for offset, fraction in itertools.product(offsets, digits):
            text = written(
                Moment(
                    moment.second + seconds,
                    moment.offset if offset is None else offset,
                    moment.digits if fraction is None else fraction,
                )
            )
            if text is not None and text != value:
                yield text

    return related


def _none(value: Any) -> Iterator[Any]:
    return iter(())


_NOON = "2026-03-04T12:00:00"
_DATE_TIMES = (
    Relation(
        "same-second",
        "are within one second, with fractions of unlike length",
        _stamp,
        _is_in_same_second,
        ((f"{_NOON}Z", f"{_NOON}.5Z"), (f"{_NOON}.5Z", f"{_NOON}.25Z")),
        _moved(digits=("5", "25", "000001", "")),
    ),
    Relation(
        "other-order-of-text",
        "are in another order as text",
        _stamp,
        _is_other_order_of_text,
        ((f"{_NOON}+02:00", "2026-03-04T11:00:00Z"),),
        _moved(3600, offsets=(-720, -120, 0)),
    ),
    Relation(
        "equal-instants",
        "are the same instant in unlike notation",
        _stamp,
        _is_equal_instant,
        ((f"{_NOON}Z", "2026-03-04T14:00:00+02:00"), (f"{_NOON}Z", f"{_NOON}.000Z")),
        _moved(offsets=(120, -480, 330, 0)),
    ),
    Relation(
        "reversed",
        "are in reverse order",
        _stamp,
        lambda one, other: one.instant > other.instant,
        ((f"{_NOON}Z", "2026-03-04T11:00:00Z"),),
        _moved(-3600),
    ),
    Relation("equal", "are equal", _stamp, _is_equal, ((f"{_NOON}Z",) * 2,), lambda v: iter([v])),
    Relation(
        "far-apart",
        "are 292 years or more apart, beyond 64 bits of nanoseconds",
        _stamp,
        _is_far_apart,
        (("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")),
        _none,
    ),
)


# Dates and times, numbers, other strings ------------------------------------------------------------------------------


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _same(value: Any) -> Iterator[Any]:
    yield value


# A property may have values of other types, too.


def _greater_by(step: int) -> Callable[[Any], Iterator[Any]]:
    return lambda value: iter([value + step] if isinstance(value, int | float) else [])


def _in_other_case(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (value.upper(), value.lower(), value.swapcase())


def _longer(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield value + "0"


_DATES = (
    Relation("equal", "are equal", _text, operator.eq, (), _same),
    Relation(
        "reversed",
        "are in reverse order",
        _text,
        operator.gt,
        (("2026-03-04", "2026-03-03"), ("12:00:00Z", "11:00:00Z")),
        _none,
    ),
)
_NUMBERS = (
    Relation("equal", "are equal", _number, operator.eq, (), _same),
    Relation(
        "decreasing",
        "are in decreasing order",
        _number,
        operator.gt,
        ((2, 1), (61, 60), (1, 0)),
        _greater_by(-1),
    ),
    Relation(
        "increasing",
        "are in increasing order",
        _number,
        operator.lt,
        ((1, 2), (60, 61), (0, 1)),
        _greater_by(1),
    ),
)
_TEXTS = (
    Relation("equal", "are equal", _text, operator.eq, (), _same),
    Relation(
        "other-case",
        "differ by case only",
        _text,
        lambda first, second: first != second and first.casefold() == second.casefold(),
        (("Order", "ORDER"), ("a", "A")),
        _in_other_case,
    ),
    Relation(
        "prefix",
        "begin alike, and the second is longer",
        _text,
        lambda first, second: first != second and bool(first) and second.startswith(first),
        (("1", "10"), ("a", "ab")),
        _longer,
    ),
)
RELATIONS: Mapping[RelationKind, tuple[Relation, ...]] = {
    "date-time": _DATE_TIMES,
    "date": _DATES,
    "time": _DATES,
    "number": _NUMBERS,
    "text": _TEXTS,
}
"""The relations of two values of each kind, the most fruitful ones first."""


@functools.cache
def _relation(kind: RelationKind, label: str) -> Relation:
    return next(each for each in RELATIONS[kind] if each.label == label)


# The properties of an object ------------------------------------------------------------------------------------------


def related_pairs(properties: Mapping[str, Node]) -> Iterator[tuple[RelationKind, str, str]]:
    """The pairs of properties of one kind: neighbours, and each with the first one."""
    groups: dict[RelationKind, list[str]] = {}
    for name, node in properties.items():
        kind = relation_kind(node)
        if kind is not None:
            groups.setdefault(kind, []).append(name)
    for kind, names in groups.items():
        for first, second in itertools.pairwise(names):
            yield kind, first, second
            if first != names[0]:
                yield kind, names[0], second


def relation_kind(node: Node) -> RelationKind | None:
    """The kind of a node's values; None if they have no relations."""
    strings = node.branch(Strings)
    if strings is not None:
        return calendar_format(strings.language) or "text"
    return None if node.branch(Numbers) is None else "number"


def related_values(
    relation: Relation, first: Node, second: Node, plain_values: tuple[Any, ...]
) -> Iterator[tuple[Any, Any]]:
    """Pairs of values that have a relation and that the nodes allow.

    Args:
        relation: the relation.
        first: the node of the first value.
        second: the node of the second value.
        plain_values: ordinary values of the two nodes.
    """
    pairs = itertools.chain(
        relation.pairs, ((plain, other) for plain in plain_values for other in relation.related(plain))
    )
    for one, other in pairs:
        if is_allowed(first, one) and is_allowed(second, other) and relation.holds(one, other):
            yield one, other
    common = _common_language(first, second)
    if common is not None:
        text = common.construct(common.shortest or 0)
        yield from ((text, other) for other in relation.related(text) if relation.holds(text, other))


def _common_language(first: Node, second: Node) -> Language | None:
    one, other = first.branch(Strings), second.branch(Strings)
    if one is None or other is None:
        return None
    try:
        common = one.language & other.language
    except PatternError:
        return None
    return None if common.is_empty else common


def is_allowed(node: Node, value: Any) -> bool:
    """True if a node allows a string or a number."""
    if isinstance(value, str):
        return any(isinstance(branch, Strings) and value in branch.language for branch in node.branches)
    if instances.json_type(value) != instances.NUMBER:
        return False
    return any(isinstance(branch, Numbers) and is_allowed_number(branch, value) for branch in node.branches)


# Draws ----------------------------------------------------------------------------------------------------------------

_PLAIN_THIRDS = 2
"""Thirds of the objects whose properties are drawn independently."""


class RelatedProperties:
    """The relations that random objects of a branch sometimes have: those of dates, times and numbers.

    Args:
        properties: the node of each property.
    """

    def __init__(self, properties: Mapping[str, Node]) -> None:
        self._nodes = properties
        self._pairs = [
            (first, second, relation)
            for kind, first, second in related_pairs(properties)
            for relation in (RELATIONS[kind] if kind != "text" else ())
        ]

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def relate(self, value: dict[str, Any], choices: Choices) -> None:
        """Replace a property of an object so that it has a relation to another one; in most objects none."""
        present = [each for each in self._pairs if each[0] in value and each[1] in value]
        if not present:
            return
        # The plain ones come first, so that the relation shrinks away.
        number = choices.integer(0, len(present) * 3 - 1) - len(present) * _PLAIN_THIRDS
        if number < 0:
            return
        first, second, relation = present[number]
        for one, other in itertools.chain(
            ((value[first], each) for each in relation.related(value[first])), relation.pairs
        ):
            if is_allowed(self._nodes[first], one) and is_allowed(self._nodes[second], other):
                value[first], value[second] = one, other
                return
