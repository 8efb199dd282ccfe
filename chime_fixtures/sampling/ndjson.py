"""Records as NDJSON: in columns if numpy is installed and the plan has a layout, else one by one."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import orjson

from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.records import Records

Lines = Callable[[int, int], Iterator[bytes | bytearray]]
"""Returns the records from a start up to a stop as chunks of NDJSON."""

MIN_COLUMNAR_COUNT = 2048
"""With fewer records, the column writer costs more than it saves."""

_CHUNK_RECORDS = 1024


class Source(Protocol):
    """The source of a file's records: slices of them, as chunks of NDJSON or as values."""

    def lines(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop`, as chunks of NDJSON."""

    def values(self, start: int, stop: int) -> Iterator[Any]:
        """The same records as values, as the file format can hold them."""

    def fault_ids(self, start: int, stop: int) -> Mapping[int, str]:
        """The id of the fault of each invalid or malformed record, by the number of the record."""


def writer(records: Records, *, count: int | None = None, fast: bool | None = None) -> Lines:
    """The function that writes slices of the records as NDJSON; the bytes do not depend on `count` and `fast`.

    Args:
        records: the records to write.
        count: the number of records that will be written.
        fast: True to write in columns if possible, False to write one by one; by default, columns for many records.
    """
    is_columnar = count is None or count >= MIN_COLUMNAR_COUNT if fast is None else fast
    columns = None
    if is_columnar and importlib.util.find_spec("numpy") is not None:
        columns = _columns(records)
    return columns or (lambda start, stop: _one_by_one(records, start, stop))


def _columns(records: Records) -> Lines | None:
    from chime_fixtures.sampling import columnar

    layout = records.plan.layout
    if layout is None:
        return None
    try:
        between = columnar.ColumnWriter(layout).between
    except columnar.NoColumnsError:
        return None
    return between if records.plan.is_exact else _validated(records, between)


def _validated(records: Records, lines: Lines) -> Lines:
    """The same lines, with each invalid record replaced by one that the engine constructs."""

    def between(start: int, stop: int) -> Iterator[bytes]:
        is_valid, index = records.contract.is_valid, start
        for chunk in lines(start, stop):
            rows: list[bytes | bytearray] = list(chunk.split(b"\n"))
            for offset, row in enumerate(rows[:-1]):
                if not is_valid(orjson.loads(row)):
                    rows[offset] = encode(records.constructed(index + offset))[:-1]
            index += len(rows) - 1
            yield b"\n".join(rows)

    return between


def _one_by_one(records: Records, start: int, stop: int) -> Iterator[bytes]:
    for first in range(start, stop, _CHUNK_RECORDS):
        yield b"".join([encode(record) for record in records.between(first, min(stop, first + _CHUNK_RECORDS))])
