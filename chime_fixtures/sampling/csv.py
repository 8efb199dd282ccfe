"""CSV files (RFC 4180) with a header row. A nested value is a column named by its path: ``Participants.0.PhoneNumber``.

Cells are text without a type. CSV can hold a record if reading its cells with the types of the contract yields it
again. An empty cell is an absent member, unless the member is required: then it is null if it may be, or empty text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sampling.column_types import CONTAINERS, ColumnType, column_types, described
from chime_fixtures.sampling.compression import open_compressed
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import ArrayPlan, ObjectPlan, RecordPlan, TableLeaf, ValuePlan
from chime_fixtures.sampling.records import Records

MAX_COLUMNS = 4096


class Csv:
    """CSV, with a column for each scalar of the records that the contract names.

    Args:
        contract: the contract of the records.
        plan: the plan of the records; if each of its records is valid, it determines the columns.
        compression: ``gz``, ``zst``, or empty for none.
        label_column: the name of a last column for the ids of violations.

    Raises:
        UnknownFormatError: a member has values of several types, or no limit on its parts.
        InvalidOptionError: the label column has the name of another column.
    """

    def __init__(
        self, contract: Contract, plan: RecordPlan, compression: str = "", *, label_column: str | None = None
    ) -> None:
        self._contract, self._compression, self._label_column = contract, compression, label_column
        self._record = column_types(contract)
        cells = dict(_cells(self._record, ""))
        if len(cells) > MAX_COLUMNS:
            reason = f"CSV supports at most {MAX_COLUMNS} columns, but {contract.name!r} has {len(cells)}"
            raise UnknownFormatError(f"{reason}; use ndjson")
        columns = list(_columns(plan.layout, "")) if isinstance(plan.layout, ObjectPlan) and plan.is_exact else None
        # A list that is drawn as a whole has no columns in the plan.
        self._is_fitted = columns is None or not cells.keys() >= set(columns) or _has_nullable(self._record)
        self._columns = list(cells) if columns is None or self._is_fitted else columns
        if label_column in self._columns:
            raise InvalidOptionError(f"label_column {label_column!r} is a column of the records; choose another name")
        self._cell_readers = [(column.split("."), _cell_reader(cells[column])) for column in self._columns]

    def can_hold(self, instance: Any) -> bool:
        """True if an instance survives a round trip through its cells."""
        cells = flatten(instance)
        if not isinstance(instance, dict) or not cells.keys() <= set(self._columns):
            return False
        return instances.equal(self._held(cells), instance)

    def read(self, cells: Sequence[str]) -> Any:
        """The record of a row, with the types of the contract."""
        nested: dict[str, Any] = {}
        for (path, read_cell), cell in zip(self._cell_readers, cells, strict=False):
            if cell:
                _insert(nested, path, read_cell(cell))
        return _typed(nested, self._record)

    def _held(self, cells: Mapping[str, str]) -> Any:
        return self.read([cells.get(column, "") for column in self._columns])

    def records(self, records: Records, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`, with the members and items that have columns."""
        return records.fitted(start, stop, self._fit) if self._is_fitted else records.between(start, stop)

    def _fit(self, record: Any) -> Any:
        fitted = self._record.fitted(record, as_cells=True)
        return fitted if self._contract.is_valid(self._held(flatten(fitted))) else None

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file."""
        label_columns = [] if self._label_column is None else [self._label_column]
        with (
            open_compressed(path, self._compression) as stream,
            io.TextIOWrapper(stream, "utf-8", newline="") as text,
        ):
            table = csv.DictWriter(text, [*self._columns, *label_columns])
            table.writeheader()
            table.writerows(self._rows(source, start, stop))

    def _rows(self, source: Source, start: int, stop: int) -> Iterator[dict[str, str]]:
        rows = map(flatten, source.values(start, stop))
        if self._label_column is None:
            yield from rows
            return
        ids: Mapping[int, str] = {}
        for number, row in enumerate(rows, start):
            if (number - start) % _LABEL_RECORDS == 0:
                ids = source.fault_ids(number, min(stop, number + _LABEL_RECORDS))
            yield {**row, self._label_column: ids.get(number, "")}


_LABEL_RECORDS = 10_000
"""Records whose labels are computed together."""


def flatten(value: Any, path: str = "") -> dict[str, str]:
    """The leaves of a value by their path: strings unchanged, all others as JSON."""
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = {str(index): item for index, item in enumerate(value)}.items()
    else:
        return {path: value if isinstance(value, str) else encode(value)[:-1].decode()}
    return {
        key: leaf
        for name, member in members
        for key, leaf in flatten(member, f"{path}.{name}" if path else name).items()
    }


def _columns(plan: ValuePlan, path: str) -> Iterator[str]:
    """The columns of a plan, in its order."""
    members: Iterator[tuple[str, ValuePlan]]
    match plan:
        case ObjectPlan():
            members = ((member.name, member.plan) for member in plan.members)
        case ArrayPlan():
            members = ((str(index), item) for index, item in enumerate(plan.items))
        case TableLeaf(rows=tuple() as values) if all(isinstance(value, list) for value in values):
            yield from dict.fromkeys(column for value in values for column in flatten(value, path))
            return
        case _:
            yield path
            return
    for name, member in members:
        yield from _columns(member, f"{path}.{name}" if path else name)


def _cells(column: ColumnType, path: str, *, is_item: bool = False) -> Iterator[tuple[str, ColumnType]]:
    """The name and the type of each column of cells, in the contract's order.

    Raises:
        UnknownFormatError: the values do not have the same columns in each record.
    """
    parts: Iterator[tuple[str, ColumnType]]
    if column.is_recursive:
        raise UnknownFormatError(f"CSV does not support the recursive column {path!r}; use ndjson")
    kinds = column.kinds - {"null"} if column.has_no_null_cell and not is_item else column.kinds
    if len(kinds) > 1 and not CONTAINERS.union({"string"}).isdisjoint(kinds):
        reason = f"CSV does not support values of several types ({described(column.kinds)}) in the column {path!r}"
        raise UnknownFormatError(f"{reason}; use ndjson")
    if kinds == {"object"}:
        if not column.members:
            raise UnknownFormatError(f"CSV requires named members, but the object {path!r} has none; use ndjson")
        if dotted := next((name for name in column.members if "." in name), None):
            raise UnknownFormatError(f"CSV does not support the dot in the member name {dotted!r}; use ndjson")
        parts = iter(column.members.items())
    elif kinds == {"array"}:
        if column.max_items > MAX_COLUMNS:
            raise UnknownFormatError(f"CSV supports at most {MAX_COLUMNS} columns, but {path!r} has more; use ndjson")
        parts = ((str(index), column.item(index)) for index in range(column.max_items))
    else:
        yield path, column
        return
    for name, part in parts:
        yield from _cells(part, f"{path}.{name}" if path else name, is_item=kinds == {"array"})


def _has_nullable(column: ColumnType) -> bool:
    """True if a member may be a null that has no cell."""
    parts = (*column.members.values(), *column.prefix, *(() if column.rest is None else (column.rest,)))
    return any(part.has_no_null_cell or _has_nullable(part) for part in parts)


def _insert(nested: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        nested = nested.setdefault(name, {})
    nested[path[-1]] = value


def _typed(value: Any, column: ColumnType) -> Any:
    """Nested cells with the arrays of the contract, and with its required members that have no cell."""
    if not isinstance(value, dict):
        return value
    if "array" in column.kinds:
        size = max([column.min_items, *(int(index) + 1 for index in value)])
        items = ((value.get(str(index)), column.item(index)) for index in range(size))
        return [_typed(_empty(item) if cell is None else cell, item) for cell, item in items]
    members = {name: _typed(member, column.members[name]) for name, member in value.items()}
    for name in column.required - members.keys():
        child = column.members[name]
        if child.has_no_null_cell:
            members[name] = None
        elif (empty := _empty(child)) is not None:
            members[name] = _typed(empty, child)
    return members


def _empty(column: ColumnType) -> Any:
    """The value of a required member without a cell; None if no value has only empty cells."""
    return (
        ""
        if column.kinds == {"string"} and not column.is_constant
        else {}
        if column.kinds in ({"object"}, {"array"})
        else None
    )


def _cell_reader(column: ColumnType) -> Callable[[str], Any]:
    """The function that reads the cells of a column."""
    return str if "string" in column.kinds else _read_json


def _read_json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell
