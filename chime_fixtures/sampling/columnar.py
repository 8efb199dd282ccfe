"""Columns of records as NDJSON: a block of records at once, byte for byte the text of the values.

A structured array holds a block. Text that every record has is written once; rows of text tables are copied into the
fields between. A text that is shorter than its field, or absent, is padded with NUL, which one pass over the bytes
removes: JSON text never contains NUL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from chime_fixtures.sampling.plan import (
    PRESENT,
    ArrayPlan,
    IntegerLeaf,
    JointColumn,
    JointText,
    ObjectPlan,
    TableLeaf,
    TimestampLeaf,
    UnionPlan,
    UuidLeaf,
    ValuePlan,
)
from chime_fixtures.sampling.random_bits import COLUMN_BLOCK, RECORD_BLOCK, BitColumn, FieldColumn
from chime_fixtures.sampling.timestamps import TIMESTAMP_FIELDS, Array, TimestampColumns, high_product, text_table

MAX_RECORD_BYTES = 2**14
"""A plan whose longest record may be longer has no columns."""

MAX_BLOCK_BYTES = 3 * 2**19
"""A block is small enough for the processor's cache ..."""

MIN_BLOCK_RECORDS, MAX_BLOCK_RECORDS = RECORD_BLOCK, 2048
"""... and has enough records to hide the cost of a call."""

_HEX = text_table([b"%04x" % each for each in range(65_536)])

Mask = Any
"""An array that is True for each record in which a value is present; None if it is present in all."""

Write = Callable[[Array, int, int, Mask], None]
"""Writes the values of some records into a block: the block, start, stop, and the mask."""

_WriteMember = Callable[[Array, int, int, Mask, Array], None]


class NoColumnsError(Exception):
    """A plan that can't be written in columns: a record may be too long, an integer too large, a span too wide."""


class RowBuffer:
    """A block of records and its text; each thread needs its own.

    Args:
        rows: the records of the block.
        fields: the name of each field and its type: ``V`` and the length of its longest text.
        fixed: the text of each field that is the same in every record.
    """

    def __init__(self, rows: int, fields: Sequence[tuple[str, str]], fixed: Mapping[str, bytes]) -> None:
        layout = np.dtype(list(fields))
        # The array is a view of the bytes that are compacted, which saves a copy of each block.
        self._bytes = bytearray(rows * layout.itemsize)
        self._block = np.frombuffer(self._bytes, layout)
        for name, text in fixed.items():
            self._block[name] = np.void(text)

    def first(self, rows: int) -> Array:
        """The first records of the block, to write into."""
        return self._block[:rows]

    def text(self, rows: int) -> bytes | bytearray:
        """The text of the first records."""
        written = self._bytes if rows == len(self._block) else self._bytes[: rows * self._block.itemsize]
        return written.translate(None, b"\0")


class ColumnWriter:
    """Writes the records of a plan as NDJSON, a block at a time; each thread needs its own.

    Raises:
        NoColumnsError: the plan can't be written in columns.
    """

    def __init__(self, layout: ObjectPlan | UnionPlan) -> None:
        self._fields: list[tuple[str, str]] = []
        self._fixed: dict[str, bytes] = {}
        self._width = 0
        self._escaped: dict[int, Array] = {}
        self._write = self._value(layout, is_always=True)
        self._text(b"\n")
        self._rows = _block_records(self._width)
        self._buffer = RowBuffer(self._rows, self._fields, self._fixed)

    def between(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop` as NDJSON, a block at a time."""
        while start < stop:
            # Blocks begin at multiples of their size, so that no hash is computed for two of them.
            end = min(stop, (start // self._rows + 1) * self._rows)
            self._write(self._buffer.first(end - start), start, end, None)
            yield self._buffer.text(end - start)
            start = end

    def _field(self, width: int) -> str:
        self._width += width
        if self._width > MAX_RECORD_BYTES:
            raise NoColumnsError
        name = f"f{len(self._fields)}"
        self._fields.append((name, f"V{width}"))
        return name

    def _text(self, text: bytes) -> None:
        """Add a field with text that every record has."""
        self._fixed[self._field(len(text))] = text

    def _one_of(self, rows: Array) -> Callable[[Array, Any], None]:
        """Add a field for one row of a table; returns the function that writes the rows of some numbers."""
        name = self._field(rows.dtype.itemsize)

        def put(block: Array, numbers: Any) -> None:
            block[name] = rows.take(numbers)

        return put

    def _mark(self, text: bytes, is_always: bool) -> Callable[[Array, Mask], None]:
        """Add a field with a character that is present where its value is."""
        if is_always:
            self._text(text)
            return lambda block, mask: None
        name, code = self._field(1), np.uint8(ord(text))

        def put(block: Array, mask: Mask) -> None:
            block[name] = (mask.view(np.uint8) * code).view("V1")

        return put

    def _value(self, plan: ValuePlan, *, is_always: bool) -> Write:
        match plan:
            case ObjectPlan():
                return self._object(plan, is_always)
            case ArrayPlan():
                return self._array(plan, is_always)
            case UnionPlan():
                return self._union(plan)
            case TableLeaf():
                return self._table(plan)
            case IntegerLeaf():
                return self._integers(plan)
            case UuidLeaf():
                return self._uuids(plan, is_always)
            case TimestampLeaf():
                return self._timestamps(plan, is_always)
            case JointText():
                return self._joint_text(plan, is_always)

    def _object(self, plan: ObjectPlan, is_always: bool) -> Write:
        opened = self._mark(b"{", is_always)
        writes: list[_WriteMember] = []
        is_first, has_required = True, False
        for member in plan.members:
            key = orjson.dumps(member.name) + b":"
            if is_always and member.presence is None and (is_first or has_required):
                self._text(key if is_first else b"," + key)
                writes.append(_required(self._value(member.plan, is_always=True)))
            elif is_always and has_required:
                put_key = self._one_of(text_table([b"", b"," + key]))
                writes.append(_behind_required(put_key, self._value(member.plan, is_always=False), member.presence))
            else:
                put_key = self._one_of(text_table([b"", key, b"," + key]))
                writes.append(_optional(put_key, self._value(member.plan, is_always=False), member.presence))
            is_first, has_required = False, has_required or member.presence is None
        closed = self._mark(b"}", is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            # The records that have a member already, so that the next one needs a comma; unused behind a required one.
            begun = np.zeros(stop - start, np.bool_)
            for each in writes:
                each(block, start, stop, mask, begun)
            closed(block, mask)

        return write

    def _array(self, plan: ArrayPlan, is_always: bool) -> Write:
        opened = self._mark(b"[", is_always)
        min_size = len(plan.items) if plan.column is None else plan.min_size
        writes: list[tuple[int, Callable[[Array, Mask], None], Write]] = []
        for index, item in enumerate(plan.items):
            is_present = is_always and index < min_size
            comma = self._mark(b",", is_present) if index else lambda block, mask: None
            writes.append((index, comma, self._value(item, is_always=is_present)))
        closed = self._mark(b"]", is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            sizes = None if plan.column is None else plan.size(_bits(plan.column, start, stop).astype(np.uint32))
            for index, comma, item in writes:
                present = mask if sizes is None or (is_always and index < min_size) else sizes > index
                if mask is not None and present is not mask:
                    present = present & mask
                comma(block, present)
                item(block, start, stop, present)
            closed(block, mask)

        return write

    def _union(self, plan: UnionPlan) -> Write:
        writes = [self._value(each, is_always=False) for each in plan.objects]

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            chosen = plan.index(_bits(plan.column, start, stop).astype(np.uint32))
            for index, each in enumerate(writes):
                present = chosen == index
                each(block, start, stop, present if mask is None else present & mask)

        return write

    def _table(self, plan: TableLeaf) -> Write:
        try:
            rows = text_table([*(orjson.dumps(plan.rows[row]) for row in range(plan.size)), b""])
        except TypeError as error:
            raise NoColumnsError from error
        put, size, shift = self._one_of(rows), np.uint32(plan.size), np.uint32(8 * plan.column.size)
        is_direct = plan.size == 1 << shift

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            bits = _bits(plan.column, start, stop)
            numbers = bits if is_direct else bits.astype(np.uint32) * size >> shift
            put(block, numbers if mask is None else np.where(mask, numbers, plan.size))

        return write

    def _integers(self, plan: IntegerLeaf) -> Write:
        if plan.low < -(2**62) or plan.low > 2**62:
            raise NoColumnsError
        width = max(len(str(plan.low)), len(str(plan.low + plan.size - 1)))
        name = self._field(width)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            offset = _bits(plan.column, start, stop).astype(np.uint64) * np.uint64(plan.size) >> np.uint64(32)
            texts = (offset.astype(np.int64) + plan.low).astype(f"S{width}")
            block[name] = texts.view(f"V{width}")
            _clear(block, name, mask)

        return write

    def _uuids(self, plan: UuidLeaf, is_always: bool) -> Write:
        opened, name, closed = self._mark(b'"', is_always), self._field(36), self._mark(b'"', is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            block[name] = _uuid_texts(_quarters(plan.column, start, stop))
            _clear(block, name, mask)
            closed(block, mask)

        return write

    def _timestamps(self, plan: TimestampLeaf, is_always: bool) -> Write:
        if not TimestampColumns.can_write(plan.start, plan.span):
            raise NoColumnsError
        timestamps = TimestampColumns(plan.start, plan.span)
        opened = self._mark(b'"', is_always)
        name = f"t{len(self._fields)}"
        for field, width in TIMESTAMP_FIELDS:
            self._width += width
            self._fields.append((f"{name}_{field}", f"V{width}"))
        closed = self._mark(b'"', is_always)
        column, span = plan.column, plan.span

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            if isinstance(column, JointColumn):
                offsets = _bits(column, start, stop)
            else:
                offsets = high_product(_bits(column, start, stop), span)
            timestamps.write(block, name, offsets)
            if mask is not None:
                timestamps.clear(block, name, np.flatnonzero(~mask))
            closed(block, mask)

        return write

    def _joint_text(self, plan: JointText, is_always: bool) -> Write:
        opened = self._mark(b'"', is_always)
        pieces = [(self._one_of(self._escaped_rows(rows)), column, len(rows)) for rows, column in plan.pieces]
        closed = self._mark(b'"', is_always)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            opened(block, mask)
            for put, column, empty in pieces:
                numbers = _bits(column, start, stop)
                put(block, numbers if mask is None else np.where(mask, numbers, empty))
            closed(block, mask)

        return write

    def _escaped_rows(self, rows: Sequence[str]) -> Array:
        """The rows as JSON text without quotes, and an empty one; made once for a table that several leaves share."""
        key = id(rows)
        if key not in self._escaped:
            self._escaped[key] = text_table([*(orjson.dumps(row)[1:-1] for row in rows), b""])
        return self._escaped[key]


def _block_records(width: int) -> int:
    records = max(MIN_BLOCK_RECORDS, min(MAX_BLOCK_RECORDS, MAX_BLOCK_BYTES // width))
    return records - records % (COLUMN_BLOCK if records >= COLUMN_BLOCK else RECORD_BLOCK)


def _required(write_value: Write) -> _WriteMember:
    def write(block: Array, start: int, stop: int, mask: Mask, begun: Array) -> None:
        write_value(block, start, stop, None)

    return write


def _behind_required(
    put_key: Callable[[Array, Any], None], write_value: Write, presence: BitColumn | JointColumn | None
) -> _WriteMember:
    def write(block: Array, start: int, stop: int, mask: Mask, begun: Array) -> None:
        present = _present(presence, start, stop, mask)
        put_key(block, present.view(np.uint8))
        write_value(block, start, stop, present)

    return write


def _optional(
    put_key: Callable[[Array, Any], None], write_value: Write, presence: BitColumn | JointColumn | None
) -> _WriteMember:
    def write(block: Array, start: int, stop: int, mask: Mask, begun: Array) -> None:
        present = _present(presence, start, stop, mask)
        put_key(block, present * (1 + begun.astype(np.intp)))
        begun |= present
        write_value(block, start, stop, present)

    return write


def _present(presence: BitColumn | JointColumn | None, start: int, stop: int, mask: Mask) -> Array:
    if presence is None:
        return np.ones(stop - start, np.bool_) if mask is None else np.asarray(mask)
    present = _bits(presence, start, stop)
    if not isinstance(presence, JointColumn):
        present = present < PRESENT
    return present if mask is None else present & mask


def _bits(column: BitColumn | FieldColumn | JointColumn, start: int, stop: int) -> Array:
    """The bits of a column as unsigned integers, or the numbers of a joint column."""
    if isinstance(column, JointColumn):
        return np.asarray(column.draw(start, stop)[column.key])
    raw, offset, stride = _raw(column, start, stop)
    return np.ndarray((stop - start,), f"<u{column.size}", raw, offset, (stride,))


def _quarters(column: BitColumn | FieldColumn, start: int, stop: int) -> Array:
    """The 128 bits of each record as eight numbers."""
    raw, offset, stride = _raw(column, start, stop)
    return np.ndarray((stop - start, 8), ">u2", raw, offset, (stride, 2))


def _raw(column: BitColumn | FieldColumn, start: int, stop: int) -> tuple[bytes, int, int]:
    """The bits of the records, the offset of the column in them, and the bytes from one record to the next."""
    if isinstance(column, BitColumn):
        return column.raw(start, stop), 0, column.size
    return column.records.raw(start, stop), column.offset, column.records.size


def _uuid_texts(quarters: Array) -> Array:
    """UUIDs of version 4 as text, from eight numbers of 16 random bits each."""
    quarters = quarters.astype(np.uint16)
    quarters[:, 3] = quarters[:, 3] & 0x0FFF | 0x4000
    quarters[:, 4] = quarters[:, 4] & 0x0FFF | 0xA000
    digits = _HEX.take(quarters).view(np.uint8).reshape(-1, 32)
    text = np.full((len(digits), 36), ord("-"), np.uint8)
    for first, last, start in ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24)):
        text[:, start : start + last - first] = digits[:, first:last]
    return text.view("V36").ravel()


def _clear(block: Array, name: str, mask: Mask) -> None:
    if mask is not None:
        block[name][np.flatnonzero(~mask)] = np.void(block.dtype[name].itemsize)
