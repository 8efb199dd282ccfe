"""Parquet files with typed columns from the contract."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import MissingExtraError
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.values.choices import MAX_INT64, MIN_INT64
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.ndjson import Source

ROW_GROUP_RECORDS = 65_536
_BATCH_RECORDS = 8192
# pyarrow's errors for a value that does not have its column's type; its own exceptions are subclasses of these.
_TYPE_ERRORS = (TypeError, ValueError, AttributeError, OverflowError, NotImplementedError)


class Parquet:
    """Parquet, compressed with zstd: a column for each member of the records.

    Args:
        contract: the contract of the records.
        native_timestamps: True to write timestamps in UTC with milliseconds as timestamps instead of text.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UnknownFormatError: a member has no column type.
    """

    def __init__(self, contract: Contract, *, native_timestamps: bool = False) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingExtraError("pyarrow", "parquet") from error
        self._pa, self._pq, self._contract = pa, pq, contract
        self._timestamps = _timestamps(contract) if native_timestamps else ()
        branch = contract.root.branch(Objects)
        if branch is None or not branch.properties:
            raise UnknownFormatError(f"Parquet requires named members, but {contract.name!r} has none; use ndjson")
        columns = [(name, self._type(node, f"/{name}")) for name, node in branch.properties.items()]
        self._schema = pa.schema(columns)

    def _type(self, node: Node, pointer: str) -> Any:
        pa = self._pa
        if pointer in self._timestamps:
            return pa.timestamp("ms", tz="UTC")
        branches = node.branches
        # The type of a recursive schema would be infinite.
        branch = branches[0] if len(branches) == 1 and not node.is_recursive else None
        if isinstance(branch, Strings) or _has_only(branch, str):
            return pa.string()
        if _has_only(branch, bool):
            return pa.bool_()
        if isinstance(branch, Numbers):
            return self._integer(branch, pointer) if branch.is_integer else pa.float64()
        if isinstance(branch, Arrays):
            return pa.list_(self._type(branch.items, f"{pointer}/*"))
        if isinstance(branch, Objects) and branch.properties:
            members = [(name, self._type(inner, f"{pointer}/{name}")) for name, inner in branch.properties.items()]
            return pa.struct(members)
        raise UnknownFormatError(f"{pointer} does not have exactly one column type in Parquet; use ndjson")

    def _integer(self, branch: Numbers, pointer: str) -> Any:
        # Without a bound, generated integers stay within 64 bits; an empty range is beyond them entirely.
        low = MIN_INT64 if branch.least_integer is None else branch.least_integer
        high = MAX_INT64 if branch.greatest_integer is None else branch.greatest_integer
        if MIN_INT64 <= low <= high <= MAX_INT64:
            return self._pa.int64()
        if 0 <= low <= high < 2**64:
            return self._pa.uint64()
        raise UnknownFormatError(f"{pointer} has integers beyond 64 bits, which Parquet cannot hold; use ndjson")

    def can_hold(self, instance: Any) -> bool:
        """True if an instance survives a round trip through the columns."""
        try:
            (row,) = self._table([instance]).to_pylist()
        except _TYPE_ERRORS:
            return False
        if not self._timestamps:
            return isinstance(instance, dict) and instances.key(instance) == instances.key(_without_nulls(row))
        # A column has one spelling of a timestamp, so that an invalid text may have become a valid one.
        return self._errors(_without_nulls(row, _text)) == self._errors(instance)

    def _errors(self, instance: Any) -> list[tuple[str, str]]:
        return [(violation.pointer, violation.keyword) for violation in self._contract.check(instance)]

    def _row(self, record: Any) -> Any:
        if not self._timestamps:
            return record
        names = (pointer[1:] for pointer in self._timestamps)
        return record | {name: dt.datetime.fromisoformat(record[name]) for name in names if name in record}

    def _table(self, records: list[Any]) -> Any:
        return self._pa.Table.from_pylist([self._row(record) for record in records], schema=self._schema)

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file.

        Raises:
            UnknownFormatError: a value does not have its column's type.
        """
        values = source.values(start, stop)
        with self._pq.ParquetWriter(path, self._schema, compression="zstd") as writer:
            for _ in range(start, stop, ROW_GROUP_RECORDS):
                group = list(itertools.islice(values, ROW_GROUP_RECORDS))
                batches = (group[at : at + _BATCH_RECORDS] for at in range(0, len(group), _BATCH_RECORDS))
                try:
                    tables = [self._table(batch) for batch in batches]
                except _TYPE_ERRORS as error:
                    reason = f"a record does not fit its Parquet columns: {error}; use ndjson"
                    raise UnknownFormatError(reason) from error
                writer.write_table(self._pa.concat_tables(tables), row_group_size=ROW_GROUP_RECORDS)


def _has_only(branch: Branch | None, kind: type) -> bool:
    return isinstance(branch, Constants) and all(isinstance(value, kind) for value in branch.values)


def _timestamps(contract: Contract) -> tuple[str, ...]:
    """The pointers of timestamps that are members of the record itself."""
    pointers = (
        constraint.path
        for constraint in contract.constraints
        if (constraint.keyword, constraint.value) == ("format", "date-time")
    )
    return tuple(pointer for pointer in pointers if pointer.count("/") == 1)


def _without_nulls(value: Any, read_timestamp: Callable[[dt.datetime], Any] = lambda timestamp: timestamp) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item, read_timestamp) for name, item in value.items() if item is not None}
    if isinstance(value, dt.datetime):
        return read_timestamp(value)
    return [_without_nulls(item, read_timestamp) for item in value] if isinstance(value, list) else value


def _text(timestamp: dt.datetime) -> str:
    return timestamp.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
