"""Parquet files with typed columns from the contract."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, MissingExtraError
from chime_fixtures.engine.values.choices import MAX_INT64, MIN_INT64
from chime_fixtures.sampling.column_types import ColumnType, column_types, described
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import ArrayPlan, ObjectPlan, RecordPlan, TableLeaf, UnionPlan, ValuePlan
from chime_fixtures.sampling.records import Records

ROW_GROUP_RECORDS = 65_536
_BATCH_RECORDS = 8192
# pyarrow's errors for a value that does not have its column's type; its own exceptions are subclasses of these.
_TYPE_ERRORS = (TypeError, ValueError, AttributeError, OverflowError, NotImplementedError)


class Parquet:
    """Parquet, compressed with zstd: a column for each member of the records that the contract names.

    A null is a member that is null or absent. An integer that a double does not have becomes the nearest double in a
    column of numbers.

    Args:
        contract: the contract of the records.
        plan: the plan of the records.
        native_timestamps: True to write timestamps in UTC with milliseconds as timestamps instead of text.
        label_column: the name of a last column for the ids of violations.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UnknownFormatError: a member has no column type.
        InvalidOptionError: the label column has the name of a member.
    """

    def __init__(
        self, contract: Contract, plan: RecordPlan, *, native_timestamps: bool = False, label_column: str | None = None
    ) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingExtraError("pyarrow", "parquet") from error
        self._pa, self._pq, self._contract = pa, pq, contract
        self._timestamps = _timestamps(contract) if native_timestamps else frozenset()
        self._timestamp_names = [json_pointer.split(pointer)[0] for pointer in sorted(self._timestamps)]
        self._record = column_types(contract)
        fields = self._fields(self._record, "")
        if label_column in self._record.members:
            raise InvalidOptionError(f"label_column {label_column!r} is a member of the records; choose another name")
        self._schema = pa.schema(fields)
        self._label_column = label_column
        self._is_fitted = not plan.is_exact or plan.layout is None or _is_fitted(plan.layout, self._record)

    def _fields(self, column: ColumnType, pointer: str) -> list[tuple[str, Any]]:
        return [
            (name, self._type(member, pointer + json_pointer.join([name]))) for name, member in column.members.items()
        ]

    def _type(self, column: ColumnType, pointer: str) -> Any:
        pa, kinds = self._pa, column.kinds - {"null"}
        # The type of a recursive schema would be infinite.
        if column.is_recursive:
            raise UnknownFormatError(f"{pointer} is recursive, which Parquet does not support; use ndjson")
        if not kinds:
            return pa.null()
        if kinds == {"integer"}:
            return self._integer(column, pointer)
        if kinds <= {"integer", "number"}:
            return pa.float64()
        if len(kinds) > 1:
            reason = f"{pointer} has values of several types ({described(kinds)}), but a Parquet column has one"
            raise UnknownFormatError(f"{reason}; use ndjson")
        if kinds == {"array"}:
            return pa.list_(self._type(column.items, f"{pointer}/*"))
        if kinds == {"object"}:
            if not column.members:
                raise UnknownFormatError(f"{pointer} has no named members, which Parquet requires; use ndjson")
            return pa.struct(self._fields(column, pointer))
        if kinds == {"string"}:
            return pa.timestamp("ms", tz="UTC") if pointer in self._timestamps else pa.string()
        return pa.bool_()

    def _integer(self, column: ColumnType, pointer: str) -> Any:
        # Without a bound, generated integers stay within 64 bits; an empty range is beyond them entirely.
        low = MIN_INT64 if column.low is None else column.low
        high = MAX_INT64 if column.high is None else column.high
        if MIN_INT64 <= low <= high <= MAX_INT64:
            return self._pa.int64()
        if 0 <= low <= high < 2**64:
            return self._pa.uint64()
        raise UnknownFormatError(f"{pointer} has integers beyond 64 bits, which Parquet cannot hold; use ndjson")

    def can_hold(self, instance: Any) -> bool:
        """True if an instance survives a round trip through the columns, or has the same violations after it."""
        if not isinstance(instance, dict):
            return False
        try:
            (row,) = self._table([instance]).to_pylist()
        except _TYPE_ERRORS:
            return False
        held = _without_nulls(row, self._record)
        # A column has one spelling of a timestamp, so that an invalid text may have become a valid one.
        is_same = not self._timestamps and instances.equal(held, instance)
        return is_same or self._errors(held) == self._errors(instance)

    def _errors(self, instance: Any) -> list[tuple[str, str]]:
        return [(violation.pointer, violation.keyword) for violation in self._contract.check(instance)]

    def records(self, records: Records, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`, with the members that have columns."""
        return records.fitted(start, stop, self._fit) if self._is_fitted else records.between(start, stop)

    def _fit(self, record: Any) -> Any:
        fitted = self._record.fitted(record)
        return fitted if self._contract.is_valid(_without_nulls(fitted, self._record)) else None

    def _row(self, record: Any) -> Any:
        if not self._timestamps:
            return record
        texts = {name: record[name] for name in self._timestamp_names if record.get(name) is not None}
        return record | {name: dt.datetime.fromisoformat(text) for name, text in texts.items()}

    def _table(self, records: list[Any]) -> Any:
        rows = [self._row(record) for record in records]
        try:
            return self._pa.Table.from_pylist(rows, schema=self._schema)
        except _TYPE_ERRORS:
            # pyarrow does not round large integers to doubles.
            rows = [self._row(self._record.fitted(record)) for record in records]
            return self._pa.Table.from_pylist(rows, schema=self._schema)

    def _labelled(self, table: Any, labels: list[str | None]) -> Any:
        column = self._pa.array(labels, self._pa.string())
        return table.append_column(self._label_column, column)

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file.

        Raises:
            UnknownFormatError: a value does not have its column's type.
        """
        values, schema = source.values(start, stop), self._schema
        if self._label_column is not None:
            schema = schema.append(self._pa.field(self._label_column, self._pa.string()))
        with self._pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for first in range(start, stop, ROW_GROUP_RECORDS):
                group = list(itertools.islice(values, ROW_GROUP_RECORDS))
                batches = (group[at : at + _BATCH_RECORDS] for at in range(0, len(group), _BATCH_RECORDS))
                try:
                    table = self._pa.concat_tables([self._table(batch) for batch in batches])
                except _TYPE_ERRORS as error:
                    reason = f"a record does not fit its Parquet columns: {error}; use ndjson"
                    raise UnknownFormatError(reason) from error
                if self._label_column is not None:
                    ids = source.fault_ids(first, first + len(group))
                    table = self._labelled(table, [ids.get(number) for number in range(first, first + len(group))])
                writer.write_table(table, row_group_size=ROW_GROUP_RECORDS)


def _is_fitted(plan: ValuePlan, column: ColumnType) -> bool:
    """True if the values of a plan may have to be changed for their columns."""
    match plan:
        case ObjectPlan():
            return any(_is_fitted(member.plan, column.members[member.name]) for member in plan.members)
        case ArrayPlan():
            return any(_is_fitted(item, column.item(index)) for index, item in enumerate(plan.items))
        case UnionPlan():
            return any(_is_fitted(each, column) for each in plan.objects)
        case TableLeaf(rows=tuple()):
            return False
        case _:
            return column.is_changed_by_fitting


def _timestamps(contract: Contract) -> frozenset[str]:
    """The pointers of timestamps that are members of the record itself."""
    pointers = (
        constraint.path
        for constraint in contract.constraints
        if (constraint.keyword, constraint.value) == ("format", "date-time")
    )
    return frozenset(pointer for pointer in pointers if pointer.count("/") == 1)


def _without_nulls(value: Any, column: ColumnType) -> Any:
    """A value of columns as JSON: a null is absent, unless the member is required and may be null."""
    if isinstance(value, dict):
        return {
            name: _without_nulls(member, column.members[name])
            for name, member in value.items()
            if member is not None or (name in column.required and "null" in column.members[name].kinds)
        }
    if isinstance(value, list):
        items = column.items
        return [_without_nulls(item, items) for item in value]
    return _text(value) if isinstance(value, dt.datetime) else value


def _text(timestamp: dt.datetime) -> str:
    return timestamp.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
