"""CSV by RFC 4180, with a head: a member within a member is named by the way to it, as ``Participants.0.PhoneNumber``.

Cells have no types. Read back, they get those of the contract, and an empty cell is no member, unless the member is a
text that has to be there.
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
from chime_fixtures.engine.errors import InvalidDocumentError, UnknownFormatError
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.sampling.compression import packed
from chime_fixtures.sampling.folder import encode
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import ArrayPlan, ObjectPlan, RecordPlan, TableLeaf, ValuePlan

_Head = list[tuple[list[str], Callable[[str], Any]]]


class Csv:
    """Writes CSV, for contracts whose records have a plan with the same columns in each record.

    Raises:
        UnknownFormatError: the contract has no such plan, or a member that may hold anything.
    """

    def __init__(self, contract: Contract, plan: RecordPlan, packing: str = "") -> None:
        found = _columns(plan)
        if found is None:
            text = f"CSV needs the same columns in each record, which {contract.name!r} has not; use ndjson"
            raise UnknownFormatError(text)
        self._columns, self._contract = found, contract
        self._head = _typed_head(contract, found)
        self._packing = packing

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in: cells have no types, and an empty one is none."""
        cells = flat(instance)
        if not isinstance(instance, dict) or not cells.keys() <= set(self._columns):
            return False
        back = _value(self._head, [cells.get(column, "") for column in self._columns], self._contract)
        return instances.equal(back, instance)

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream, io.TextIOWrapper(stream, "utf-8", newline="") as text:
            table = csv.DictWriter(text, self._columns)
            table.writeheader()
            table.writerows(map(flat, source.values(start, stop)))


def flat(value: Any, way: str = "") -> dict[str, str]:
    """The leaves of a value by the way to each: texts as they are, any other as JSON."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = {str(index): item for index, item in enumerate(value)}.items()
    else:
        return {way: value if isinstance(value, str) else encode(value)[:-1].decode()}
    return {key: leaf for name, item in inner for key, leaf in flat(item, f"{way}.{name}" if way else name).items()}


def _columns(plan: RecordPlan) -> list[str] | None:
    """The columns of every record; None if the plan does not say them."""
    return list(_paths(plan.layout, "")) if plan.layout is not None and plan.is_exact else None


def _paths(plan: ValuePlan, way: str) -> Iterator[str]:
    inner: Iterator[tuple[str, ValuePlan]]
    match plan:
        case ObjectPlan():
            if dotted := next((member.name for member in plan.members if "." in member.name), None):
                raise UnknownFormatError(f"CSV has no column for the member {dotted!r}, for its dot; use ndjson")
            inner = ((member.name, member.plan) for member in plan.members)
        case ArrayPlan():
            inner = ((str(number), each) for number, each in enumerate(plan.items))
        case TableLeaf(rows=tuple() as values) if all(isinstance(value, list) for value in values):
            yield from dict.fromkeys(column for value in values for column in flat(value, way))
            return
        case _:
            yield way
            return
    for step, each in inner:
        yield from _paths(each, f"{way}.{step}" if way else step)


def rows(text: io.TextIOBase, source: str, contract: Contract) -> Iterator[Any]:
    """The records of a CSV file; in place of a row with too few or too many cells, an error.

    Raises:
        InvalidDocumentError: it is no CSV, or has a column that the contract can't give a type.
    """
    table = csv.reader(text, strict=True)
    try:
        head = _typed_head(contract, next(table, []))
        for number, cells in enumerate(table, 1):
            if len(cells) != len(head):
                reason = f"has {len(cells)} cells, and the head has {len(head)}"
                yield InvalidDocumentError(f"{source}:{number}", reason)
            else:
                yield _value(head, cells, contract)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidDocumentError(source, f"is no CSV in UTF-8: {error}") from error
    except UnknownFormatError as error:
        raise InvalidDocumentError(source, f"cannot be read: {error}") from error


def _typed_head(contract: Contract, columns: Sequence[str]) -> _Head:
    return [(column.split("."), _typed(contract, column)) for column in columns]


def _value(head: _Head, cells: Sequence[str], contract: Contract) -> Any:
    nested: dict[str, Any] = {}
    for (steps, typed), cell in zip(head, cells, strict=True):
        if cell:
            _put(nested, steps, typed(cell))
    return _shaped(nested, contract.root)


def _put(nested: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        nested = nested.setdefault(step, {})
    nested[steps[-1]] = value


def _shaped(value: Any, node: Node | None) -> Any:
    """Nested cells as the contract has them: lists, and what has to be there though no cell says so."""
    if not isinstance(value, dict) or node is None:
        return value
    items, members = node.branch(Arrays), node.branch(Objects)
    if items is not None and members is None:
        size = max([items.min_items, *(int(step) + 1 for step in value if step.isdecimal())])
        return [_shaped(value.get(str(index), _empty(items.at(index))), items.at(index)) for index in range(size)]
    found = {name: _shaped(inner, _step(node, name)) for name, inner in value.items()}
    for name in members.required if members is not None else ():
        if name not in found and (empty := _empty(node.require_branch(Objects).properties[name])) is not None:
            found[name] = _shaped(empty, node.require_branch(Objects).properties[name])
    return found


def _empty(node: Node) -> Any:
    """What an absent cell means where something has to be there; None for nothing at all."""
    kinds = {type(shape) for shape in node.branches}
    return "" if kinds == {Strings} else {} if kinds in ({Objects}, {Arrays}) else None


def _step(node: Node | None, step: str) -> Node | None:
    for shape in node.branches if node is not None else ():
        if isinstance(shape, Objects) and step in shape.properties:
            return shape.properties[step]
        if isinstance(shape, Arrays) and step.isdecimal():
            return shape.at(int(step))
    return None


def _typed(contract: Contract, column: str) -> Callable[[str], Any]:
    """What reads a column's cells; a column that the contract does not name holds texts."""
    node: Node | None = contract.root
    for step in column.split("."):
        node = _step(node, step)
    if node is None:
        return str
    kinds = {kind for shape in node.branches for kind in _kinds(shape)}
    if dict in kinds or (str in kinds and len(kinds) > 1):
        raise UnknownFormatError(f"the column {column!r} may hold values of several types; use ndjson")
    return str if kinds == {str} else _read


def _kinds(shape: Branch) -> Iterator[type]:
    if isinstance(shape, Constants):
        yield from (
            str if isinstance(value, str) else dict if isinstance(value, dict | list) else object
            for value in shape.values
        )
    elif isinstance(shape, Strings):
        yield str
    else:
        yield dict if isinstance(shape, Objects | Arrays) else object


def _read(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell
