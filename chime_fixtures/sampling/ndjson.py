"""Records as NDJSON: through columns where numpy is installed and the records have them, else one by one."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import orjson

from chime_fixtures.sampling.folder import encode
from chime_fixtures.sampling.records import Records

Lines = Callable[[int, int], Iterator[bytes | bytearray]]
_AT_ONCE = 1024
_LEAST = 2048


class Source(Protocol):
    """Where a file's records come from: slices of them, as chunks of NDJSON or as values."""

    def lines(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop`, as chunks of NDJSON."""

    def values(self, start: int, stop: int) -> Iterator[Any]:
        """The same records as values."""


def writer(records: Records, *, count: int | None = None, fast: bool | None = None) -> Lines:
    """What gives the records between two numbers as chunks of NDJSON; the bytes are the same in each way.

    Args:
        records: where they come from.
        count: how many will be wanted; few are not worth the columns.
        fast: whether to use columns; by default, where it is possible and worth it.
    """
    worth = count is None or count >= _LEAST
    found = None
    if fast is not False and (fast or worth) and importlib.util.find_spec("numpy") is not None:
        found = _columns(records)
    return found or (lambda start, stop: _one_by_one(records, start, stop))


def _columns(records: Records) -> Lines | None:
    from chime_fixtures.sampling import columnar
    from chime_fixtures.sessions import columns

    if records.is_plain:
        assert records.tables is not None
        return columns.Columns(records.tables, records.seed).between if columns.fits(records.tables) else None
    if records.outline is None:
        return None
    try:
        found = columnar.Grid(records.outline)
    except columnar.UnfitError:
        return None
    return _judged(records, found.between) if records.is_judged else found.between


def _judged(records: Records, written: Lines) -> Lines:
    """The same lines, with a record that is built in place of each that the judge refuses."""

    def between(start: int, stop: int) -> Iterator[bytes]:
        is_valid, index = records.contract.is_valid, start
        for chunk in written(start, stop):
            rows: list[bytes | bytearray] = list(chunk.split(b"\n"))
            for place, row in enumerate(rows[:-1]):
                if not is_valid(orjson.loads(row)):
                    rows[place] = encode(records.built(index + place))[:-1]
            index += len(rows) - 1
            yield b"\n".join(rows)

    return between


def _one_by_one(records: Records, start: int, stop: int) -> Iterator[bytes]:
    for first in range(start, stop, _AT_ONCE):
        yield b"".join([encode(record) for record in records.between(first, min(stop, first + _AT_ONCE))])
