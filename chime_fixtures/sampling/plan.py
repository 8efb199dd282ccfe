"""The plan of any schema: what its records are made of, each part chosen by random words of its own.

Objects of named members, a choice of such, and short lists are taken apart. Any other place is a leaf: UUIDs, instants
and integers of a range come from the words themselves; all else is drawn by the engine, row by row, and words choose
the row. The words of a part depend on the way to it, so that a new member leaves the others what they were.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Numbers, Objects, Strings
from chime_fixtures.engine.normal_form.sizes import branch_depth
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.arrays import FREE_ITEMS
from chime_fixtures.engine.values.builder import DEPTH
from chime_fixtures.sampling import random_bits
from chime_fixtures.sessions import plan as sessions
from chime_fixtures.sessions.options import SessionOptions, milliseconds

PRESENT = 3 * 2**14
"""Of 65,536 records, those in which an optional member is there."""

MOST_LEAVES = 256
"""A schema with more places is built record by record."""

_MOST_SLOTS, _MOST_KINDS = 8, 8
_ROWS, _FEW_ROWS, _SHORT = 4096, 512, 64
_WIDE, _USUAL = 2**32, 2**31 - 1
_ABSENT = object()


@dataclass(frozen=True, eq=False)
class Table:
    """A leaf whose values are drawn once: row after row, when each is first asked for."""

    rows: int
    known: dict[int, Any] = field(repr=False)
    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        known, rows = self.known, self.rows
        drawn = [known[word * rows >> 16] for word in self.column.numbers(start, stop)]
        # Records may be changed by those who get them.
        return [instances.copy_json(each) for each in drawn]


@dataclass(frozen=True, eq=False)
class Integers:
    """A leaf of integers, each of a range as likely."""

    low: int
    size: int
    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        low, size = self.low, self.size
        return [low + (word * size >> 32) for word in self.column.numbers(start, stop)]


@dataclass(frozen=True, eq=False)
class Uuids:
    """A leaf of UUIDs of version 4."""

    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        raw = self.column.raw(start, stop)
        return [sessions.identifier(raw[at : at + 16]) for at in range(0, len(raw), 16)]


@dataclass(frozen=True, eq=False)
class Instants:
    """A leaf of instants in UTC, with milliseconds."""

    start: int
    span: int
    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        return [sessions.stamp(self.start + (word * self.span >> 64)) for word in self.column.numbers(start, stop)]


@dataclass(frozen=True, eq=False)
class Fields:
    """An object: each member's name, its part, and the words that say whether it is there; None where it always is."""

    members: tuple[tuple[str, Part, random_bits.Column | None], ...]

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        names = [name for name, _, _ in self.members]
        columns = [self._column(part, presence, start, stop) for _, part, presence in self.members]
        if all(presence is None for _, _, presence in self.members):
            return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not _ABSENT}
            for row in zip(*columns, strict=True)
        ]

    @staticmethod
    def _column(part: Part, presence: random_bits.Column | None, start: int, stop: int) -> list[Any]:
        values = part.values(start, stop)
        if presence is None:
            return values
        there = presence.numbers(start, stop)
        return [value if word < PRESENT else _ABSENT for value, word in zip(values, there, strict=True)]


@dataclass(frozen=True, eq=False)
class Items:
    """A list: a part for each item there may be, and the words that say how many there are."""

    least: int
    slots: tuple[Part, ...]
    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        sizes = [self.size(word) for word in self.column.numbers(start, stop)]
        columns = [slot.values(start, stop) for slot in self.slots]
        rows: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter([()] * len(sizes))
        return [list(row[:size]) for row, size in zip(rows, sizes, strict=True)]

    def size(self, word: Any) -> Any:
        """How many items there are, by a word or an array of them."""
        return self.least + (word * (len(self.slots) - self.least + 1) >> 16)


@dataclass(frozen=True, eq=False)
class Choice:
    """A place with several kinds of objects, and the words that choose one."""

    kinds: tuple[Fields, ...]
    column: random_bits.Column

    def values(self, start: int, stop: int) -> list[Any]:
        """The values of the records from `start` up to `stop`."""
        columns = [kind.values(start, stop) for kind in self.kinds]
        chosen = [self.number(word) for word in self.column.numbers(start, stop)]
        return [row[number] for number, row in zip(chosen, zip(*columns, strict=True), strict=True)]

    def number(self, word: Any) -> Any:
        """Which kind it is, by a word or an array of them."""
        return word * len(self.kinds) >> 16


Part = Table | Integers | Uuids | Instants | Fields | Items | Choice
Outline = Fields | Choice


class _Rows(dict[int, Any]):
    """The rows of a table, each a function of the seed, the place and its number."""

    def __init__(self, builder: Builder, node: Node, name: str) -> None:
        super().__init__()
        self._build = builder.of(node)
        self._room = (node.min_depth or 0) + DEPTH
        self._name = name

    def __missing__(self, row: int) -> Any:
        value = self[row] = self._build(RandomChoices(random.Random(f"{self._name} {row}")), self._room)
        return value


class _TooMany(Exception):
    pass


def read(contract: Contract, seed: int, wishes: SessionOptions) -> Outline | None:
    """The outline of a contract's records; None where they are no objects of named members, or have too many places."""
    try:
        part = _Reader(contract, seed, wishes).part(contract.root, "", "")
    except _TooMany:
        return None
    return part if isinstance(part, Outline) else None


class _Reader:
    def __init__(self, contract: Contract, seed: int, wishes: SessionOptions) -> None:
        self._seed = seed
        self._builder = contract.builder
        self._start = milliseconds(wishes.since)
        self._span = milliseconds(wishes.until) - self._start
        self._tables: dict[str, _Rows] = {}
        self._left = MOST_LEAVES

    def part(self, node: Node, way: str, path: str) -> Part:
        """The part of a node: `way` leads to it, and `path` has * for the items of a list."""
        live = [shape for shape in node.branches if branch_depth(shape) is not None]
        shape = live[0] if len(live) == 1 and not node.is_recursive else None
        if isinstance(shape, Objects) and _is_plain(shape):
            return self._fields(shape, way, path)
        kinds = [each for each in live if isinstance(each, Objects) and _is_plain(each)]
        if 1 < len(live) == len(kinds) <= _MOST_KINDS and not node.is_recursive:
            made = [self._fields(kind, f"{way}|{number}", f"{path}|{number}") for number, kind in enumerate(kinds)]
            return Choice(tuple(made), self._column(f"{way}|", 2))
        if isinstance(shape, Arrays) and (most := _most(shape)) <= _MOST_SLOTS:
            slots = tuple(self.part(shape.items, f"{way}/{slot}", f"{path}/*") for slot in range(most))
            return Items(shape.min_items, slots, self._column(f"{way}/#", 2))
        return self._leaf(node, shape, way, path)

    def _fields(self, shape: Objects, way: str, path: str) -> Fields:
        names = [name for name, member in shape.properties.items() if member.is_satisfiable]
        return Fields(tuple(self._member(shape, name, way, path) for name in names))

    def _member(self, shape: Objects, name: str, way: str, path: str) -> tuple[str, Part, random_bits.Column | None]:
        step = name.replace("~", "~0").replace("/", "~1")
        presence = None if name in shape.required else self._column(f"{way}/{step}?", 2)
        return name, self.part(shape.properties[name], f"{way}/{step}", f"{path}/{step}"), presence

    def _column(self, way: str, size: int) -> random_bits.Column:
        return random_bits.Column(self._seed, way, size)

    def _leaf(self, node: Node, shape: Branch | None, way: str, path: str) -> Part:
        self._left -= 1
        if self._left < 0:
            raise _TooMany
        asked = {each.keyword: each.value for each in node.assertions}
        if isinstance(shape, Strings) and asked.keys() <= {"type", "format"}:
            if asked.get("format") == "uuid":
                return Uuids(self._column(way, 16))
            if asked.get("format") == "date-time":
                return Instants(self._start, self._span, self._column(way, 8))
        if isinstance(shape, Numbers) and shape.is_integer and shape.is_plain:
            low, high = _bounds(shape)
            if high - low < _WIDE:
                return Integers(low, high - low + 1, self._column(way, 4))
        if isinstance(shape, Constants) and len(shape.values) <= _ROWS:
            return Table(len(shape.values), dict(enumerate(shape.values)), self._column(way, 2))
        known = self._tables.setdefault(path, _Rows(self._builder, node, f"{self._seed}:{path}"))
        is_short = isinstance(shape, Strings) and shape.max_length is not None and shape.max_length <= _SHORT
        return Table(_ROWS if is_short or isinstance(shape, Numbers) else _FEW_ROWS, known, self._column(way, 2))


def _bounds(shape: Numbers) -> tuple[int, int]:
    """The least and the greatest integer; where there is none, as many as 31 bits count, from zero on if need be."""
    low, high = shape.least_integer, shape.greatest_integer
    if low is None:
        low = 0 if high is None or high > 0 else high - _USUAL
    return low, low + _USUAL if high is None else high


def _is_plain(shape: Objects) -> bool:
    """Whether its named members alone, any of the optional ones present or absent, make a value."""
    live = sum(node.is_satisfiable for node in shape.properties.values())
    has_room = shape.max_properties is None or shape.max_properties >= live
    return live > 0 and has_room and shape.min_properties <= len(shape.required) and not shape.dependent_required


def _most(shape: Arrays) -> int:
    """The items there are at most; more than there are slots for where the list can't be taken apart."""
    if shape.is_unique or shape.has_duplicates or shape.prefix or (shape.min_items and not shape.items.is_satisfiable):
        return _MOST_SLOTS + 1
    if not shape.items.is_satisfiable:
        return 0
    free = shape.min_items + FREE_ITEMS
    return free if shape.max_items is None else min(shape.max_items, free)
