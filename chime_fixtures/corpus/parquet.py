"""Parquet: typed columns from the contract, or one column of JSON text."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from chime_fixtures.contract import Contract
from chime_fixtures.contract.nodes import Arrays, Constants, Node, Numbers, Objects, Strings
from chime_fixtures.errors import MissingExtraError, UnknownFormatError

if TYPE_CHECKING:
    from chime_fixtures.corpus.parts import Corpus

GROUP = 65_536
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
        self._pa, self._pq, self._raw = pa, pq, raw
        self._instants = _instants(contract) if native and not raw else ()
        if raw:
            self._schema = pa.schema([pa.field("json", pa.string(), nullable=False)])
            return
        shape = contract.root.shape(Objects)
        if shape is None or not shape.members:
            raise UnknownFormatError(f"{contract.name!r} has no members to make columns of; --raw writes JSON text")
        self._schema = pa.schema([(name, self._type(node, f"/{name}")) for name, node in shape.members.items()])

    def _type(self, node: Node, pointer: str) -> Any:
        pa = self._pa
        if pointer in self._instants:
            return pa.timestamp("ms", tz="UTC")
        shapes = node.shapes
        found = shapes[0] if len(shapes) == 1 else None
        if isinstance(found, Strings) or (
            isinstance(found, Constants) and all(isinstance(v, str) for v in found.values)
        ):
            return pa.string()
        if isinstance(found, Constants) and all(isinstance(value, bool) for value in found.values):
            return pa.bool_()
        if isinstance(found, Numbers):
            return pa.int64() if found.is_integer else pa.float64()
        if isinstance(found, Arrays):
            return pa.list_(self._type(found.items, f"{pointer}/*"))
        if isinstance(found, Objects) and found.members:
            return pa.struct([(name, self._type(inner, f"{pointer}/{name}")) for name, inner in found.members.items()])
        raise UnknownFormatError(f"{pointer} has no one type of column; --raw writes JSON text")

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in."""
        if self._raw:
            return True
        try:
            (back,) = self._table([instance]).to_pylist()
        except (self._pa.ArrowException, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return bool(self._row(instance) == _without_nulls(back)) and isinstance(instance, dict)

    def _row(self, record: Any) -> Any:
        if self._raw:
            return {"json": orjson.dumps(record).decode()}
        if not self._instants:
            return record
        return record | {
            name: dt.datetime.fromisoformat(record[name])
            for name in (each[1:] for each in self._instants)
            if name in record
        }

    def _table(self, records: list[Any]) -> Any:
        return self._pa.Table.from_pylist([self._row(record) for record in records], schema=self._schema)

    def write(self, path: Path, corpus: Corpus, start: int, stop: int) -> None:
        """Write records to a file."""
        values = corpus.values(start, stop)
        with self._pq.ParquetWriter(path, self._schema, compression="zstd") as writer:
            for _ in range(start, stop, GROUP):
                group = list(itertools.islice(values, GROUP))
                tables = [self._table(group[at : at + _AT_ONCE]) for at in range(0, len(group), _AT_ONCE)]
                writer.write_table(self._pa.concat_tables(tables), row_group_size=GROUP)


def _instants(contract: Contract) -> tuple[str, ...]:
    """The members of the record itself that are timestamps."""
    return tuple(
        each.path
        for each in contract.constraints
        if (each.keyword, each.value) == ("format", "date-time") and each.path.count("/") == 1
    )


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
