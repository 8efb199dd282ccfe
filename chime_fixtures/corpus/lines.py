"""Records as NDJSON: through columns where numpy is installed and the records have them, else one by one."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from chime_fixtures.corpus.records import Records

Lines = Callable[[int, int], Iterator[bytes]]
_AT_ONCE = 1024
_LEAST = 2048


def line(value: Any) -> bytes:
    """One JSON value on a line of its own, also where it holds an integer beyond 64 bits."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def writer(records: Records, *, count: int | None = None, fast: bool | None = None) -> Lines:
    """What gives the records between two numbers as chunks of NDJSON; the bytes are the same in each way.

    Args:
        records: where they come from.
        count: how many will be wanted; few are not worth the columns.
        fast: whether to use columns; by default, where it is possible and worth it.
    """
    worth = count is None or count >= _LEAST
    if fast is not False and records.is_plain and (fast or worth) and importlib.util.find_spec("numpy") is not None:
        from chime_fixtures.corpus import columns

        assert records.tables is not None
        if columns.fits(records.tables):
            return columns.Columns(records.tables, records.seed).between
    return lambda start, stop: _one_by_one(records, start, stop)


def _one_by_one(records: Records, start: int, stop: int) -> Iterator[bytes]:
    for first in range(start, stop, _AT_ONCE):
        yield b"".join([line(record) for record in records.between(first, min(stop, first + _AT_ONCE))])
