"""An outline as columns: a block of NDJSON at once, byte for byte what its values would give.

What a record is without (an optional member, its name and its comma) is a field of nothing but NUL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import orjson

from chime_fixtures.sampling import timestamps
from chime_fixtures.sampling.frame import Frame
from chime_fixtures.sampling.plan import (
    PRESENT,
    Choice,
    Fields,
    Instants,
    Integers,
    Items,
    Outline,
    Part,
    Table,
    Uuids,
)
from chime_fixtures.sampling.random_bits import Column
from chime_fixtures.sampling.timestamps import Array, Calendar, table
from chime_fixtures.sessions.columns import uuids

_MOST_WIDTH = 2**14
"""A record of which the longest parts would be longer is not worth a block."""

_MOST_BYTES = 2**20
_LEAST_ROWS, _MOST_ROWS = 64, 2048

Mask = Any
"""For each record whether the part is there; None where it always is."""

Write = Callable[[Array, int, int, Mask], None]
_Member = Callable[[Array, int, int, Mask, Array], None]


class UnfitError(Exception):
    """An outline without columns."""


class Grid:
    """Writes the records of an outline as NDJSON, a block at a time; each thread needs one of its own.

    Raises:
        UnfitError: a value is too long, or no number that the encoder knows.
    """

    def __init__(self, outline: Outline) -> None:
        self._fields: list[tuple[str, str]] = []
        self._fixed: dict[str, bytes] = {}
        self._width = 0
        self._write = self._part(outline, is_always=True)
        self._text(b"\n")
        self._rows = max(_LEAST_ROWS, min(_MOST_ROWS, _MOST_BYTES // self._width))
        self._frame = Frame(self._rows, self._fields, self._fixed)

    def between(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop`, as lines, a block at a time."""
        for first in range(start, stop, self._rows):
            last = min(stop, first + self._rows)
            self._write(self._frame.first(last - first), first, last, None)
            yield self._frame.text(last - first)

    def _field(self, width: int) -> str:
        self._width += width
        if self._width > _MOST_WIDTH:
            raise UnfitError
        name = f"f{len(self._fields)}"
        self._fields.append((name, f"V{width}"))
        return name

    def _text(self, text: bytes) -> None:
        """Text that every record has."""
        self._fixed[self._field(len(text))] = text

    def _one_of(self, *texts: bytes) -> Callable[[Array, Any], None]:
        """What puts one of some texts into a field of its own, by its number."""
        rows = table(texts)
        name = self._field(rows.dtype.itemsize)

        def put(block: Array, which: Any) -> None:
            block[name] = rows.take(which)

        return put

    def _mark(self, text: bytes, is_always: bool) -> Callable[[Array, Mask], None]:
        """Text that is there where its part is."""
        if not is_always:
            return self._one_of(b"", text)
        self._text(text)
        return lambda block, mask: None

    def _part(self, part: Part, *, is_always: bool) -> Write:
        match part:
            case Fields():
                return self._members(part, is_always)
            case Items():
                return self._items(part, is_always)
            case Choice():
                return self._choice(part)
            case Table():
                return self._table(part)
            case Integers():
                return self._integers(part)
            case Uuids():
                return self._uuids(part, is_always)
            case Instants():
                return self._instants(part, is_always)

    def _members(self, part: Fields, is_always: bool) -> Write:
        opened = self._mark(b"{", is_always)
        writes: list[_Member] = []
        is_first, has_sure = True, False
        for name, inner, presence in part.members:
            key = orjson.dumps(name) + b":"
            if is_always and presence is None and (is_first or has_sure):
                self._text(key if is_first else b"," + key)
                writes.append(_sure(self._part(inner, is_always=True)))
            else:
                named = self._one_of(b"", key, b"," + key)
                writes.append(_optional(named, self._part(inner, is_always=False), presence))
            is_first, has_sure = False, has_sure or presence is None
        closed = self._mark(b"}", is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            # Which records have a member by now, so that the next one needs a comma.
            begun = np.zeros(stop - start, np.bool_)
            for each in writes:
                each(block, start, stop, mask, begun)
            closed(block, mask)

        return write

    def _items(self, part: Items, is_always: bool) -> Write:
        opened = self._mark(b"[", is_always)
        slots: list[tuple[int, Callable[[Array, Mask], None], Write]] = []
        for slot, inner in enumerate(part.slots):
            is_sure = is_always and slot < part.least
            comma = self._mark(b",", is_sure) if slot else lambda block, mask: None
            slots.append((slot, comma, self._part(inner, is_always=is_sure)))
        closed = self._mark(b"]", is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            sizes = part.size(_words(part.column, start, stop).astype(np.uint32))
            for slot, comma, inner in slots:
                there = None if is_always and slot < part.least else sizes > slot
                there = there if mask is None or there is None else there & mask
                comma(block, there)
                inner(block, start, stop, there)
            closed(block, mask)

        return write

    def _choice(self, part: Choice) -> Write:
        kinds = [self._part(kind, is_always=False) for kind in part.kinds]

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            chosen = part.number(_words(part.column, start, stop).astype(np.uint32))
            for number, kind in enumerate(kinds):
                there = chosen == number
                kind(block, start, stop, there if mask is None else there & mask)

        return write

    def _table(self, part: Table) -> Write:
        try:
            texts = [orjson.dumps(part.known[row]) for row in range(part.rows)]
        except TypeError as error:
            raise UnfitError from error
        put = self._one_of(*texts, b"")

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            rows = _words(part.column, start, stop).astype(np.uint32) * np.uint32(part.rows) >> np.uint32(16)
            put(block, rows if mask is None else np.where(mask, rows, part.rows))

        return write

    def _integers(self, part: Integers) -> Write:
        if part.low < -(2**62) or part.low > 2**62:
            raise UnfitError
        width = max(len(str(part.low)), len(str(part.low + part.size - 1)))
        name = self._field(width)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            offset = _words(part.column, start, stop).astype(np.uint64) * np.uint64(part.size) >> np.uint64(32)
            texts = (offset.astype(np.int64) + part.low).astype(f"S{width}")
            block[name] = texts.view(f"V{width}")
            _leave_out(block, name, mask)

        return write

    def _uuids(self, part: Uuids, is_always: bool) -> Write:
        opened, name, closed = self._mark(b'"', is_always), self._field(36), self._mark(b'"', is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            block[name] = uuids(np.frombuffer(part.column.raw(start, stop), ">u2").reshape(-1, 8))
            _leave_out(block, name, mask)
            closed(block, mask)

        return write

    def _instants(self, part: Instants, is_always: bool) -> Write:
        if not timestamps.fits(part.start, part.span):
            raise UnfitError
        dates = Calendar(part.start, part.span)
        opened = self._mark(b'"', is_always)
        name = f"t{len(self._fields)}"
        for field, width in timestamps.PARTS:
            self._width += width
            self._fields.append((f"{name}_{field}", f"V{width}"))
        closed = self._mark(b'"', is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            dates.write(block, name, dates.drawn(_words(part.column, start, stop)))
            if mask is not None:
                timestamps.blank(block, name, np.flatnonzero(~mask))
            closed(block, mask)

        return write


def _sure(inner: Write) -> _Member:
    def write(block: Array, start: int, stop: int, mask: Mask, begun: Array) -> None:
        begun[:] = True
        inner(block, start, stop, None)

    return write


def _optional(named: Callable[[Array, Any], None], inner: Write, presence: Column | None) -> _Member:
    def write(block: Array, start: int, stop: int, mask: Mask, begun: Array) -> None:
        there = np.ones(len(begun), np.bool_) if mask is None else mask
        if presence is not None:
            there = there & (_words(presence, start, stop) < PRESENT)
        named(block, there * (1 + begun.astype(np.intp)))
        begun |= there
        inner(block, start, stop, there)

    return write


def _words(column: Column, start: int, stop: int) -> Array:
    return np.frombuffer(column.raw(start, stop), f"<u{column.size}")


def _leave_out(block: Array, name: str, mask: Mask) -> None:
    if mask is not None:
        block[name][np.flatnonzero(~mask)] = np.void(block.dtype[name].itemsize)
