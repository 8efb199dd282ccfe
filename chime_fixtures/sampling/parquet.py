"""Parquet: typed columns from the contract, or one column of JSON text."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chime_fixtures.chime.representations import date_times
from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError, UnknownFormatError
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Numbers, Objects, Strings
from chime_fixtures.engine.values.choices import MAX_INT64, MIN_INT64
from chime_fixtures.sampling.folder import encode
from chime_fixtures.sampling.json_text import parse
from chime_fixtures.sampling.ndjson import Source

GROUP = 65_536
_TEXT = "json"
# What pyarrow raises for a value that is none of its column's type; its own exceptions are kinds of these.
_MISFITS = (TypeError, ValueError, AttributeError, OverflowError, NotImplementedError)
_RAW = {b"chime_fixtures": b"raw"}
_AT_ONCE = 8192


class Parquet:
    """Writes Parquet, compressed with zstd.

    Args:
        contract: whose members become columns.
        raw: one column ``json`` of JSON text instead, which holds any record.
        native: timestamps as timestamps in UTC with milliseconds, instead of text.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UnknownFormatError: a member has no column type.
    """

    def __init__(self, contract: Contract, *, raw: bool = False, native: bool = False) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingExtraError("pyarrow", "parquet") from error
        self._pa, self._pq, self._raw, self._contract = pa, pq, raw, contract
        self._instants = _instants(contract) if native and not raw else ()
        if raw:
            self._schema = pa.schema([pa.field(_TEXT, pa.string(), nullable=False)], metadata=_RAW)
            return
        shape = contract.root.branch(Objects)
        if shape is None or not shape.properties:
            raise UnknownFormatError(f"{contract.name!r} has no members to make columns of; --raw writes JSON text")
        self._schema = pa.schema([(name, self._type(node, f"/{name}")) for name, node in shape.properties.items()])

    def _type(self, node: Node, pointer: str) -> Any:
        pa = self._pa
        if pointer in self._instants:
            return pa.timestamp("ms", tz="UTC")
        shapes = node.branches
        # The type of what holds itself would have no end.
        found = shapes[0] if len(shapes) == 1 and not node.is_recursive else None
        if isinstance(found, Strings) or (
            isinstance(found, Constants) and all(isinstance(v, str) for v in found.values)
        ):
            return pa.string()
        if isinstance(found, Constants) and all(isinstance(value, bool) for value in found.values):
            return pa.bool_()
        if isinstance(found, Numbers):
            return self._integer(found, pointer) if found.is_integer else pa.float64()
        if isinstance(found, Arrays):
            return pa.list_(self._type(found.items, f"{pointer}/*"))
        if isinstance(found, Objects) and found.properties:
            return pa.struct(
                [(name, self._type(inner, f"{pointer}/{name}")) for name, inner in found.properties.items()]
            )
        raise UnknownFormatError(f"{pointer} has no one type of column; --raw writes JSON text")

    def _integer(self, shape: Numbers, pointer: str) -> Any:
        # On a side without a bound records stay within 64 bits; a range that is empty then is all beyond.
        low = MIN_INT64 if shape.least_integer is None else shape.least_integer
        high = MAX_INT64 if shape.greatest_integer is None else shape.greatest_integer
        if MIN_INT64 <= low <= high <= MAX_INT64:
            return self._pa.int64()
        if 0 <= low <= high < 2**64:
            return self._pa.uint64()
        raise UnknownFormatError(f"{pointer} has integers beyond 64 bits; --raw writes JSON text")

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in."""
        if self._raw:
            return True
        try:
            (back,) = self._table([instance]).to_pylist()
        except _MISFITS:
            return False
        if not self._instants:
            return isinstance(instance, dict) and instances.key(self._row(instance)) == instances.key(
                _without_nulls(back)
            )
        # A timestamp comes back in one spelling of many, so that a wrong one may have become a right one.
        return self._broken(_without_nulls(back, _text)) == self._broken(instance)

    def _broken(self, instance: Any) -> list[tuple[str, str]]:
        return [(found.pointer, found.keyword) for found in self._contract.check(instance)]

    def _row(self, record: Any) -> Any:
        if self._raw:
            return {_TEXT: encode(record)[:-1].decode()}
        if not self._instants:
            return record
        return record | {
            name: dt.datetime.fromisoformat(record[name])
            for name in (each[1:] for each in self._instants)
            if name in record
        }

    def _table(self, records: list[Any]) -> Any:
        return self._pa.Table.from_pylist([self._row(record) for record in records], schema=self._schema)

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file.

        Raises:
            UnknownFormatError: a value is none of its column's type.
        """
        values = source.values(start, stop)
        with self._pq.ParquetWriter(path, self._schema, compression="zstd") as writer:
            for _ in range(start, stop, GROUP):
                group = list(itertools.islice(values, GROUP))
                try:
                    tables = [self._table(group[at : at + _AT_ONCE]) for at in range(0, len(group), _AT_ONCE)]
                except _MISFITS as error:
                    raise UnknownFormatError(f"a record does not fit its columns: {error}; use --raw") from error
                writer.write_table(self._pa.concat_tables(tables), row_group_size=GROUP)


def rows(path: Path, source: str) -> Iterator[Any]:
    """The records of a Parquet file, as `Parquet` writes them; an error in place of one that is no JSON.

    A null is a member that is not there, and a timestamp the text that JSON has for it.

    Raises:
        MissingExtraError: pyarrow is not installed.
        InvalidDocumentError: it is no Parquet, or has a column of a type that JSON has not.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            is_raw = (schema.metadata or {}).items() >= _RAW.items()
            for field in schema:
                _refuse(field.type, field.name, source)
            records = (row for batch in file.iter_batches(_AT_ONCE) for row in batch.to_pylist())
            for number, row in enumerate(records, 1):
                yield _parsed(row[_TEXT], f"{source}:{number}") if is_raw else _without_nulls(row, _text)
    except pa.ArrowException as error:
        raise InvalidDocumentError(source, f"is no Parquet that can be read: {error}") from error


def _parsed(text: str, source: str) -> Any:
    try:
        return parse(text.encode(), source)
    except InvalidDocumentError as error:
        return error


def _refuse(kind: Any, name: str, source: str) -> None:
    """Name a column that holds what JSON has no type for."""
    from pyarrow import types

    inner = [kind.field(index) for index in range(kind.num_fields)]
    if types.is_struct(kind) or types.is_list(kind) or types.is_large_list(kind):
        for field in inner:
            _refuse(field.type, f"{name}.{field.name}" if types.is_struct(kind) else name, source)
        return
    tests = (types.is_string, types.is_large_string, types.is_boolean, types.is_integer, types.is_float64)
    if not (any(test(kind) for test in tests) or (types.is_timestamp(kind) and kind.tz) or types.is_null(kind)):
        raise InvalidDocumentError(source, f"has a column {name} of {kind}, which JSON has not; write it with --raw")


def _instants(contract: Contract) -> tuple[str, ...]:
    """The members of the record itself that are timestamps."""
    return tuple(path for path in date_times(contract) if path.count("/") == 1)


def _without_nulls(value: Any, instant: Callable[[dt.datetime], Any] = lambda instant: instant) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item, instant) for name, item in value.items() if item is not None}
    if isinstance(value, dt.datetime):
        return instant(value)
    return [_without_nulls(item, instant) for item in value] if isinstance(value, list) else value


def _text(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
