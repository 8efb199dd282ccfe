"""CSV files (RFC 4180) with a header row. A nested value is a column named by its path: ``Participants.0.PhoneNumber``.

Cells are text without a type. CSV can hold a record if reading its cells with the types of the contract yields it
again. An empty cell is an absent member, unless the member is a required string.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.sampling.compression import open_compressed
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import ArrayPlan, ObjectPlan, RecordPlan, TableLeaf, ValuePlan


class Csv:
    """CSV, for records whose plan has the same columns in each record.

    Args:
        contract: the contract of the records.
        plan: the plan of the records, which determines the columns.
        compression: ``gz``, ``zst``, or empty for none.

    Raises:
        UnknownFormatError: the columns of the records differ, or a member may have values of several types.
    """

    def __init__(self, contract: Contract, plan: RecordPlan, compression: str = "") -> None:
        columns = list(_columns(plan.layout, "")) if plan.layout is not None and plan.is_exact else None
        if columns is None:
            reason = f"CSV requires the same columns in each record, but those of {contract.name!r} differ; use ndjson"
            raise UnknownFormatError(reason)
        self._columns, self._contract, self._compression = columns, contract, compression
        self._cell_readers = [(column.split("."), _cell_reader(contract, column)) for column in columns]

    def can_hold(self, instance: Any) -> bool:
        """True if an instance survives a round trip through its cells."""
        cells = flatten(instance)
        if not isinstance(instance, dict) or not cells.keys() <= set(self._columns):
            return False
        return instances.equal(self.read([cells.get(column, "") for column in self._columns]), instance)

    def read(self, cells: Sequence[str]) -> Any:
        """The record of a row, with the types of the contract."""
        nested: dict[str, Any] = {}
        for (path, read_cell), cell in zip(self._cell_readers, cells, strict=True):
            if cell:
                _insert(nested, path, read_cell(cell))
        return _typed(nested, self._contract.root)

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file."""
        with (
            open_compressed(path, self._compression) as stream,
            io.TextIOWrapper(stream, "utf-8", newline="") as text,
        ):
            table = csv.DictWriter(text, self._columns)
            table.writeheader()
            table.writerows(map(flatten, source.values(start, stop)))


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
    members: Iterator[tuple[str, ValuePlan]]
    match plan:
        case ObjectPlan():
            if dotted := next((member.name for member in plan.members if "." in member.name), None):
                raise UnknownFormatError(f"CSV does not support the dot in the member name {dotted!r}; use ndjson")
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


def _insert(nested: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        nested = nested.setdefault(name, {})
    nested[path[-1]] = value


def _typed(value: Any, node: Node | None) -> Any:
    """Nested cells with the arrays of the contract, and with its required members that have no cell."""
    if not isinstance(value, dict) or node is None:
        return value
    arrays, objects = node.branch(Arrays), node.branch(Objects)
    if arrays is not None and objects is None:
        size = max([arrays.min_items, *(int(name) + 1 for name in value if name.isdecimal())])
        return [_typed(value.get(str(index), _empty(arrays.at(index))), arrays.at(index)) for index in range(size)]
    members = {name: _typed(member, _child(node, name)) for name, member in value.items()}
    for name in objects.required if objects is not None else ():
        child = node.require_branch(Objects).properties[name]
        if name not in members and (empty := _empty(child)) is not None:
            members[name] = _typed(empty, child)
    return members


def _empty(node: Node) -> Any:
    """The value of a required member without a cell; None if no value has only empty cells."""
    kinds = {type(branch) for branch in node.branches}
    return "" if kinds == {Strings} else {} if kinds in ({Objects}, {Arrays}) else None


def _child(node: Node | None, name: str) -> Node | None:
    for branch in node.branches if node is not None else ():
        if isinstance(branch, Objects) and name in branch.properties:
            return branch.properties[name]
        if isinstance(branch, Arrays) and name.isdecimal():
            return branch.at(int(name))
    return None


def _cell_reader(contract: Contract, column: str) -> Callable[[str], Any]:
    """The function that reads the cells of a column."""
    node: Node | None = contract.root
    for name in column.split("."):
        node = _child(node, name)
    if node is None:
        return str
    kinds = {kind for branch in node.branches for kind in _kinds(branch)}
    if dict in kinds or (str in kinds and len(kinds) > 1):
        raise UnknownFormatError(f"CSV does not support values of several types in the column {column!r}; use ndjson")
    return str if kinds == {str} else _read_json


def _kinds(branch: Branch) -> Iterator[type]:
    """The types of a branch's values that cells distinguish: `str`, `dict` for containers, `object` for any other."""
    if isinstance(branch, Constants):
        yield from (
            str if isinstance(value, str) else dict if isinstance(value, dict | list) else object
            for value in branch.values
        )
    elif isinstance(branch, Strings):
        yield str
    else:
        yield dict if isinstance(branch, Objects | Arrays) else object


def _read_json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell
