"""Random bits of records: a pure function of the seed and the record's number, the same for every back end.

An extendable hash (SHAKE128) yields the bits of a block of records. Each leaf has bits of its own, so that a new leaf
leaves the values of the others unchanged.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from collections.abc import Iterator, Sequence
from typing import Any

PLAN_VERSION = "1"
"""Part of every hash and every manifest: another version means other records."""

RECORD_BLOCK = 64
"""Records that share one hash in `RecordBits`."""

COLUMN_BLOCK = 256
"""Records that share one hash in `BitColumn`."""

_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class BitColumn:
    """The random bits of one location in the records of any schema.

    Args:
        seed: the same seed yields the same bits.
        path: the location; the bits of one path do not depend on any other path.
        size: bytes for each record: 2, 4 or 8 for a number, 16 for a UUID.
    """

    def __init__(self, seed: int, path: str, size: int) -> None:
        self._base = hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} {size} {path}\0".encode())
        self.size = size

    def raw(self, start: int, stop: int) -> bytes:
        """The bits of the records from `start` up to `stop`, lowest byte first."""
        return _slice_of_blocks(self._base, COLUMN_BLOCK, self.size, start, stop)

    def numbers(self, start: int, stop: int) -> tuple[int, ...]:
        """The same bits as unsigned integers."""
        return struct.unpack(f"<{stop - start}{_FORMATS[self.size]}", self.raw(start, stop))


class RecordBits:
    """The random bits of whole records, in named fields: for leaves that are drawn together.

    Args:
        seed: the same seed yields the same bits.
        fields: the name of each field and its format for `struct`, lowest byte first.
        size: bytes for each record; those after the last field are unused.
    """

    def __init__(self, seed: int, fields: Sequence[tuple[str, str]], size: int) -> None:
        layout = "<" + "".join(format_ for _, format_ in fields)
        self._struct = struct.Struct(f"{layout}{size - struct.calcsize(layout)}x")
        self._base = hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} ".encode())
        self._names = [name for name, _ in fields]
        sizes = [struct.calcsize(f"<{format_}") for _, format_ in fields]
        offsets = itertools.accumulate(sizes, initial=0)
        self._offsets_and_sizes = dict(zip(self._names, zip(offsets, sizes, strict=False), strict=True))
        self._last: tuple[tuple[int, int], bytes] = (0, 0), b""
        self.size = size

    def raw(self, start: int, stop: int) -> bytes:
        """The bits of the records from `start` up to `stop`; the last slice is kept, as each column reads it."""
        bounds, raw = self._last
        if bounds != (start, stop):
            raw = _slice_of_blocks(self._base, RECORD_BLOCK, self.size, start, stop)
            self._last = (start, stop), raw
        return raw

    def rows(self, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        """The fields of each record from `start` up to `stop`, a hash at a time."""
        while start < stop:
            end = min(stop, (start // RECORD_BLOCK + 1) * RECORD_BLOCK)
            yield from self._struct.iter_unpack(_slice_of_blocks(self._base, RECORD_BLOCK, self.size, start, end))
            start = end

    def row(self, index: int) -> dict[str, Any]:
        """The fields of one record by their names."""
        return dict(zip(self._names, next(self.rows(index, index + 1)), strict=True))

    def column(self, name: str) -> FieldColumn:
        """The bits of one field."""
        return FieldColumn(self, *self._offsets_and_sizes[name])


class FieldColumn:
    """The random bits of one field of `RecordBits`.

    Attributes:
        records: the bits of whole records.
        offset: bytes before the field in each record.
        size: bytes of the field.
    """

    def __init__(self, records: RecordBits, offset: int, size: int) -> None:
        self.records = records
        self.offset = offset
        self.size = size

    def raw(self, start: int, stop: int) -> bytes:
        """The bits of the records from `start` up to `stop`, lowest byte first."""
        raw = self.records.raw(start, stop)
        return b"".join([raw[at : at + self.size] for at in range(self.offset, len(raw), self.records.size)])

    def numbers(self, start: int, stop: int) -> tuple[int, ...]:
        """The same bits as unsigned integers."""
        return struct.unpack(f"<{stop - start}{_FORMATS[self.size]}", self.raw(start, stop))


def seeded_bytes(seed: int, purpose: str, size: int) -> bytes:
    """Random bytes that all records of a seed share."""
    return hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} {purpose}".encode()).digest(size)


def _slice_of_blocks(base: Any, block: int, size: int, start: int, stop: int) -> bytes:
    first = start // block
    blocks = []
    for number in range(first, -(-stop // block)):
        state = base.copy()
        state.update(number.to_bytes(16, "little"))
        blocks.append(state.digest(block * size))
    raw = b"".join(blocks)
    if len(raw) == (stop - start) * size:
        return raw
    return raw[(start - first * block) * size : (stop - first * block) * size]
