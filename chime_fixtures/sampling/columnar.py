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
    PRESENCE_THRESHOLD,
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
"""A plan whose longest record may be longer is not written in columns."""

MAX_BLOCK_BYTES = 3 * 2**19
"""A larger block does not fit into the processor's cache."""

MIN_BLOCK_RECORDS, MAX_BLOCK_RECORDS = RECORD_BLOCK, 2048
"""The limits of a block: with fewer records, the overhead of each call of numpy dominates."""

_HEX = text_table([b"%04x" % each for each in range(65_536)])

Mask = Any
"""An array that is True for each record in which a value is present; None if it is present in all."""

Write = Callable[[Array, int, int, Mask], None]
"""Writes the values of some records into a block: the block, start, stop, and the mask."""

_WriteMember = Callable[[Array, int, int, Mask, Array], None]


class NoColumnsError(Exception):
    """The plan can't be written in columns: a record may be too long, an integer too large, or a span too wide."""


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
        self._write = self._value(layout, is_required=True)
        self._fixed_field(b"\n")
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

    def _fixed_field(self, text: bytes) -> None:
        """Add a field with text that every record has."""
        self._fixed[self._field(len(text))] = text

    def _table_field(self, rows: Array) -> Callable[[Array, Any], None]:
        """Add a field for one row of a table; returns the function that writes the rows with given numbers."""
        name = self._field(rows.dtype.itemsize)

        def write_rows(block: Array, numbers: Any) -> None:
            block[name] = rows.take(numbers)

        return write_rows

    def _delimiter(self, text: bytes, is_required: bool) -> Callable[[Array, Mask], None]:
        """Add a field with one character of punctuation, for the records that have the value."""
        if is_required:
            self._fixed_field(text)
            return lambda block, mask: None
        name, code = self._field(1), np.uint8(ord(text))

        def write_delimiter(block: Array, mask: Mask) -> None:
            block[name] = (mask.view(np.uint8) * code).view("V1")

        return write_delimiter

    def _value(self, plan: ValuePlan, *, is_required: bool) -> Write:
        match plan:
            case ObjectPlan():
                return self._object(plan, is_required)
            case ArrayPlan():
                return self._array(plan, is_required)
            case UnionPlan():
                return self._union(plan)
            case TableLeaf():
                return self._table(plan)
            case IntegerLeaf():
                return self._integers(plan)
            case UuidLeaf():
                return self._uuids(plan, is_required)
            case TimestampLeaf():
                return self._timestamps(plan, is_required)
            case JointText():
                return self._joint_text(plan, is_required)

    def _object(self, plan: ObjectPlan, is_required: bool) -> Write:
        write_open = self._delimiter(b"{", is_required)
        writes: list[_WriteMember] = []
        is_first, has_required = True, False
        for member in plan.members:
            key = orjson.dumps(member.name) + b":"
            if is_required and member.presence is None and (is_first or has_required):
                self._fixed_field(key if is_first else b"," + key)
                writes.append(_required(self._value(member.plan, is_required=True)))
            elif is_required and has_required:
                write_key = self._table_field(text_table([b"", b"," + key]))
                writes.append(
                    _optional_after_required(write_key, self._value(member.plan, is_required=False), member.presence)
                )
            else:
                write_key = self._table_field(text_table([b"", key, b"," + key]))
                writes.append(_optional(write_key, self._value(member.plan, is_required=False), member.presence))
            is_first, has_required = False, has_required or member.presence is None
        write_close = self._delimiter(b"}", is_required)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            write_open(block, mask)
            # The records that already have a member, so that the next one needs a comma; unused after a required one.
            has_member = np.zeros(stop - start, np.bool_)
            for each in writes:
                each(block, start, stop, mask, has_member)
            write_close(block, mask)

        return write

    def _array(self, plan: ArrayPlan, is_required: bool) -> Write:
        write_open = self._delimiter(b"[", is_required)
        min_size = len(plan.items) if plan.column is None else plan.min_size
        writes: list[tuple[int, Callable[[Array, Mask], None], Write]] = []
        for index, item in enumerate(plan.items):
            is_present = is_required and index < min_size
            comma = self._delimiter(b",", is_present) if index else lambda block, mask: None
            writes.append((index, comma, self._value(item, is_required=is_present)))
        write_close = self._delimiter(b"]", is_required)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            write_open(block, mask)
            sizes = None if plan.column is None else plan.size(_bits(plan.column, start, stop).astype(np.uint32))
            for index, comma, item in writes:
                present = mask if sizes is None or (is_required and index < min_size) else sizes > index
                if mask is not None and present is not mask:
                    present = present & mask
                comma(block, present)
                item(block, start, stop, present)
            write_close(block, mask)

        return write

    def _union(self, plan: UnionPlan) -> Write:
        writes = [self._value(each, is_required=False) for each in plan.objects]

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
        write_rows, size, shift = self._table_field(rows), np.uint32(plan.size), np.uint32(8 * plan.column.size)
        is_row_number = plan.size == 1 << shift

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            bits = _bits(plan.column, start, stop)
            numbers = bits if is_row_number else bits.astype(np.uint32) * size >> shift
            write_rows(block, numbers if mask is None else np.where(mask, numbers, plan.size))

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

    def _uuids(self, plan: UuidLeaf, is_required: bool) -> Write:
        write_open, name = self._delimiter(b'"', is_required), self._field(36)
        write_close = self._delimiter(b'"', is_required)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            write_open(block, mask)
            block[name] = _uuid_texts(_uuid_words(plan.column, start, stop))
            _clear(block, name, mask)
            write_close(block, mask)

        return write

    def _timestamps(self, plan: TimestampLeaf, is_required: bool) -> Write:
        if not TimestampColumns.can_write(plan.start, plan.span):
            raise NoColumnsError
        timestamps = TimestampColumns(plan.start, plan.span)
        write_open = self._delimiter(b'"', is_required)
        name = f"t{len(self._fields)}"
        for field, width in TIMESTAMP_FIELDS:
            self._width += width
            self._fields.append((f"{name}_{field}", f"V{width}"))
        write_close = self._delimiter(b'"', is_required)
        column, span = plan.column, plan.span

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            write_open(block, mask)
            if isinstance(column, JointColumn):
                offsets = _bits(column, start, stop)
            else:
                offsets = high_product(_bits(column, start, stop), span)
            timestamps.write(block, name, offsets)
            if mask is not None:
                timestamps.clear(block, name, np.flatnonzero(~mask))
            write_close(block, mask)

        return write

    def _joint_text(self, plan: JointText, is_required: bool) -> Write:
        write_open = self._delimiter(b'"', is_required)
        pieces = [(self._table_field(self._escaped_rows(rows)), column, len(rows)) for rows, column in plan.pieces]
        write_close = self._delimiter(b'"', is_required)

        def write(block: Array, start: int, stop: int, mask: Mask) -> None:
            write_open(block, mask)
            for write_rows, column, empty in pieces:
                numbers = _bits(column, start, stop)
                write_rows(block, numbers if mask is None else np.where(mask, numbers, empty))
            write_close(block, mask)

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
    def write(block: Array, start: int, stop: int, mask: Mask, has_member: Array) -> None:
        write_value(block, start, stop, None)

    return write


def _optional_after_required(
    write_key: Callable[[Array, Any], None], write_value: Write, presence: BitColumn | JointColumn | None
) -> _WriteMember:
    def write(block: Array, start: int, stop: int, mask: Mask, has_member: Array) -> None:
        present = _present(presence, start, stop, mask)
        write_key(block, present.view(np.uint8))
        write_value(block, start, stop, present)

    return write


def _optional(
    write_key: Callable[[Array, Any], None], write_value: Write, presence: BitColumn | JointColumn | None
) -> _WriteMember:
    def write(block: Array, start: int, stop: int, mask: Mask, has_member: Array) -> None:
        present = _present(presence, start, stop, mask)
        write_key(block, present * (1 + has_member.astype(np.intp)))
        has_member |= present
        write_value(block, start, stop, present)

    return write


def _present(presence: BitColumn | JointColumn | None, start: int, stop: int, mask: Mask) -> Array:
    if presence is None:
        return np.ones(stop - start, np.bool_) if mask is None else np.asarray(mask)
    present = _bits(presence, start, stop)
    if not isinstance(presence, JointColumn):
        present = present < PRESENCE_THRESHOLD
    return present if mask is None else present & mask


def _bits(column: BitColumn | FieldColumn | JointColumn, start: int, stop: int) -> Array:
    """The bits of a column as unsigned integers, or the numbers of a joint column."""
    if isinstance(column, JointColumn):
        return np.asarray(column.draw(start, stop)[column.key])
    raw, offset, stride = _raw(column, start, stop)
    return np.ndarray((stop - start,), f"<u{column.size}", raw, offset, (stride,))


def _uuid_words(column: BitColumn | FieldColumn, start: int, stop: int) -> Array:
    """The 128 bits of each record as eight numbers."""
    raw, offset, stride = _raw(column, start, stop)
    return np.ndarray((stop - start, 8), ">u2", raw, offset, (stride, 2))


def _raw(column: BitColumn | FieldColumn, start: int, stop: int) -> tuple[bytes, int, int]:
    """The bits of the records, the offset of the column in them, and the bytes from one record to the next."""
    if isinstance(column, BitColumn):
        return column.raw(start, stop), 0, column.size
    return column.records.raw(start, stop), column.offset, column.records.size


def _uuid_texts(words: Array) -> Array:
    """UUIDs of version 4 as text, from eight numbers of 16 random bits each."""
    words = words.astype(np.uint16)
    words[:, 3] = words[:, 3] & 0x0FFF | 0x4000
    words[:, 4] = words[:, 4] & 0x0FFF | 0xA000
    digits = _HEX.take(words).view(np.uint8).reshape(-1, 32)
    text = np.full((len(digits), 36), ord("-"), np.uint8)
    for first, last, start in ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24)):
        text[:, start : start + last - first] = digits[:, first:last]
    return text.view("V36").ravel()


def _clear(block: Array, name: str, mask: Mask) -> None:
    if mask is not None:
        block[name][np.flatnonzero(~mask)] = np.void(block.dtype[name].itemsize)
