"""The plan of records: a tree of objects and lists, in which random bits choose the values of the leaves.

Each leaf yields its values record by record (`values`) and can be written as a column of NDJSON (`columnar`). Most
leaves are independent of each other. The members of a joint leaf are drawn together: names in pieces, timestamps in
order, telephone numbers with their area.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from chime_fixtures.engine import instances
from chime_fixtures.sampling.random_bits import BitColumn, FieldColumn

PRESENCE_THRESHOLD = 3 * 2**14
"""An optional member is present in the records whose 16 bits are below it: three of four."""

DAY_MS, MINUTE_MS = 86_400_000, 60_000
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02d}." for second in range(60))
_MILLISECONDS = tuple(f"{each:03d}Z" for each in range(1000))
_ABSENT = object()


class RecordPlan(Protocol):
    """The rule by which record *i* of a contract is derived, as a pure function of *i*."""

    @property
    def is_exact(self) -> bool:
        """True if every record satisfies the contract; otherwise `Records` validates each."""

    @property
    def layout(self) -> ObjectPlan | UnionPlan | None:
        """The same records as a tree for the column writer; None if they are made one by one."""

    def between(self, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""


@dataclass(frozen=True, eq=False)
class JointColumn:
    """The numbers of one leaf of several that are drawn together.

    Attributes:
        draw: returns an array for each leaf, by its key, for the records from a start up to a stop.
        key: the key of this leaf.
    """

    draw: Callable[[int, int], Mapping[str, Any]]
    key: str

    def numbers(self, start: int, stop: int) -> Sequence[int]:
        """The numbers of the records from `start` up to `stop`."""
        numbers: list[int] = self.draw(start, stop)[self.key].tolist()
        return numbers


@dataclass(frozen=True, eq=False)
class TableLeaf:
    """A leaf whose values are the rows of a table.

    Attributes:
        size: the number of rows.
        rows: the values by row number: a tuple, or a mapping that makes a row when it is first used.
        column: the bits that choose a row.
    """

    size: int
    rows: tuple[Any, ...] | Mapping[int, Any] = field(repr=False)
    column: BitColumn | FieldColumn

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        rows, size, shift = self.rows, self.size, 8 * self.column.size
        chosen = [rows[bits * size >> shift] for bits in self.column.numbers(start, stop)]
        # The caller may change a record.
        return [instances.copy_json(each) for each in chosen]


@dataclass(frozen=True, eq=False)
class IntegerLeaf:
    """A leaf of integers, all equally likely: `size` integers from `low` on."""

    low: int
    size: int
    column: BitColumn

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        low, size = self.low, self.size
        return [low + (bits * size >> 32) for bits in self.column.numbers(start, stop)]


@dataclass(frozen=True, eq=False)
class UuidLeaf:
    """A leaf of UUIDs of version 4."""

    column: BitColumn | FieldColumn

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        raw = self.column.raw(start, stop)
        return [uuid_text(raw[at : at + 16]) for at in range(0, len(raw), 16)]


@dataclass(frozen=True, eq=False)
class TimestampLeaf:
    """A leaf of timestamps in UTC: within `span` milliseconds from `start`, which is milliseconds since 1970.

    The numbers of a joint column are milliseconds from `start`, up to two days beyond the span.
    """

    start: int
    span: int
    column: BitColumn | JointColumn

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        numbers = self.column.numbers(start, stop)
        if isinstance(self.column, JointColumn):
            return [timestamp_text(self.start + offset) for offset in numbers]
        return [timestamp_text(self.start + (bits * self.span >> 64)) for bits in numbers]


@dataclass(frozen=True, eq=False)
class JointText:
    """A leaf of texts, each the concatenation of rows of tables; the row after a table's last one is empty."""

    pieces: tuple[tuple[Sequence[str], JointColumn], ...]

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        columns = [
            [rows[number] if number < len(rows) else "" for number in column.numbers(start, stop)]
            for rows, column in self.pieces
        ]
        return ["".join(pieces) for pieces in zip(*columns, strict=True)]


class Member(NamedTuple):
    """A member of an object.

    Attributes:
        name: its name.
        plan: the plan of its values.
        presence: bits below `PRESENCE_THRESHOLD`, or non-zero numbers of a joint column, for the records that have it;
            None if all have it.
    """

    name: str
    plan: ValuePlan
    presence: BitColumn | JointColumn | None = None


@dataclass(frozen=True, eq=False)
class ObjectPlan:
    """An object of named members."""

    members: tuple[Member, ...]

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        names = [member.name for member in self.members]
        columns = [self._column(member, start, stop) for member in self.members]
        if all(member.presence is None for member in self.members):
            return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not _ABSENT}
            for row in zip(*columns, strict=True)
        ]

    @staticmethod
    def _column(member: Member, start: int, stop: int) -> list[Any]:
        values = member.plan.values(start, stop)
        if member.presence is None:
            return values
        numbers = member.presence.numbers(start, stop)
        presence = (
            numbers if isinstance(member.presence, JointColumn) else [bits < PRESENCE_THRESHOLD for bits in numbers]
        )
        return [value if is_present else _ABSENT for value, is_present in zip(values, presence, strict=True)]


@dataclass(frozen=True, eq=False)
class ArrayPlan:
    """A list of at least `min_size` items: a plan for each item, and the bits that choose their number."""

    min_size: int
    items: tuple[ValuePlan, ...]
    column: BitColumn | None

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        columns = [item.values(start, stop) for item in self.items]
        rows: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter([()] * (stop - start))
        if self.column is None:
            return [list(row) for row in rows]
        sizes = map(self.size, self.column.numbers(start, stop))
        return [list(row[:size]) for row, size in zip(rows, sizes, strict=True)]

    def size(self, bits: Any) -> Any:
        """The number of items for 16 bits, or for an array of them."""
        return self.min_size + (bits * (len(self.items) - self.min_size + 1) >> 16)


@dataclass(frozen=True, eq=False)
class UnionPlan:
    """One of several objects, and the bits that choose it."""

    objects: tuple[ObjectPlan, ...]
    column: BitColumn

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        columns = [each.values(start, stop) for each in self.objects]
        chosen = map(self.index, self.column.numbers(start, stop))
        return [row[index] for index, row in zip(chosen, zip(*columns, strict=True), strict=True)]

    def index(self, bits: Any) -> Any:
        """The number of the object for 16 bits, or for an array of them."""
        return bits * len(self.objects) >> 16


ValuePlan = TableLeaf | IntegerLeaf | UuidLeaf | TimestampLeaf | JointText | ObjectPlan | ArrayPlan | UnionPlan
"""The plan of the values at one location of the records."""


class _Days(dict[int, str]):
    """The date of each day since 1970, made when it is first used."""

    def __missing__(self, day: int) -> str:
        text = self[day] = dt.date.fromordinal(_EPOCH_DAY + day).isoformat()
        return text


_days = _Days()


def timestamp_text(instant: int) -> str:
    """Milliseconds since 1970 as a timestamp of RFC 3339 in UTC, with milliseconds."""
    minute, rest = divmod(instant, MINUTE_MS)
    day, minute = divmod(minute, 1440)
    second, rest = divmod(rest, 1000)
    return _days[day] + _MINUTES[minute] + _SECONDS[second] + _MILLISECONDS[rest]


def uuid_text(raw: bytes) -> str:
    """A UUID of version 4 from 16 random bytes."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
