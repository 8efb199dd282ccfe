"""Column types: the JSON types of the values at each location of the records, by which CSV and Parquet have columns."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.instances import json_type
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.values.arrays import MAX_EXTRA_ITEMS
from chime_fixtures.sampling.errors import UnknownFormatError

MAX_LOCATIONS = 20_000
"""Locations of a contract whose records have columns."""

MAX_EXACT_INTEGER = 2**53
"""The greatest integer up to which a double has every integer."""

CONTAINERS = frozenset({"array", "object"})
_CELLS_WITHOUT_NULL = CONTAINERS | {"string"}


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The types of the values at one location, all branches of the contract together.

    Attributes:
        kinds: the names of their JSON types: ``integer`` for numbers without a fraction, ``number`` for any others.
        low: the least integer; None if there is no bound.
        high: the greatest integer; None if there is no bound.
        prefix: the types of the first items of arrays.
        rest: the type of the items behind them; None if there are none.
        min_items: the least number of items.
        max_items: the greatest number of items that have columns: a few more than the least one, if there is no bound.
        members: the types of the members that the contract names.
        required: the members that every object has.
        is_constant: True if some values are constants, which a missing cell is not.
        is_recursive: True if a value contains another value of the same type.
    """

    kinds: frozenset[str] = frozenset()
    low: int | None = None
    high: int | None = None
    prefix: tuple[ColumnType, ...] = ()
    rest: ColumnType | None = None
    min_items: int = 0
    max_items: int = 0
    members: Mapping[str, ColumnType] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_constant: bool = False
    is_recursive: bool = False

    def item(self, index: int) -> ColumnType:
        """The type of the item at an index."""
        if index < len(self.prefix):
            return self.prefix[index]
        return _NO_VALUES if self.rest is None else self.rest

    @property
    def items(self) -> ColumnType:
        """The type of all items together."""
        return joined([*self.prefix, *(() if self.rest is None else (self.rest,))])

    @property
    def is_double(self) -> bool:
        """True if a number may have a fraction."""
        return "number" in self.kinds

    def fitted(self, value: Any, *, as_cells: bool = False) -> Any:
        """A value without the members that the contract does not name; the same object if nothing changes.

        An integer that a double does not have becomes the nearest double where numbers may have a fraction.

        Args:
            value: a valid value.
            as_cells: True to cut arrays to the items that have columns, and to leave out a null without a cell.
        """
        if isinstance(value, dict):
            members = {
                name: self.members[name].fitted(member, as_cells=as_cells)
                for name, member in value.items()
                if name in self.members and not (as_cells and member is None and self.members[name].has_no_null_cell)
            }
            is_same = len(members) == len(value) and all(members[name] is value[name] for name in members)
            return value if is_same else members
        if isinstance(value, list):
            size = min(len(value), self.max_items) if as_cells else len(value)
            items = [self.item(index).fitted(value[index], as_cells=as_cells) for index in range(size)]
            is_same = size == len(value) and all(new is old for new, old in zip(items, value, strict=True))
            return value if is_same else items
        if self.is_double and type(value) is int and abs(value) > MAX_EXACT_INTEGER:
            return _nearest_double(value)
        return value

    @property
    def has_no_null_cell(self) -> bool:
        """True if a null is an empty cell: text and containers cannot be told apart from the cell ``null``."""
        return "null" in self.kinds and not _CELLS_WITHOUT_NULL.isdisjoint(self.kinds)

    @property
    def is_changed_by_fitting(self) -> bool:
        """True if `fitted` may change a value."""
        bounds = (self.low, self.high)
        return (
            not CONTAINERS.isdisjoint(self.kinds - {"array"})
            or (self.is_double and any(bound is None or abs(bound) > MAX_EXACT_INTEGER for bound in bounds))
            or ("array" in self.kinds and self.items.is_changed_by_fitting)
        )


_NO_VALUES = ColumnType()


def column_types(contract: Contract) -> ColumnType:
    """The column type of a contract's records.

    Raises:
        UnknownFormatError: the records are not objects, or have no named members or too many locations.
    """
    record = _Reader().type_of(contract.root, frozenset())
    if record.kinds != {"object"}:
        reason = f"columns require objects, but {contract.name!r} has values of {described(record.kinds)}"
        raise UnknownFormatError(f'{reason}; set "type": "object", or use ndjson')
    if not record.members:
        raise UnknownFormatError(f"columns require named members, but {contract.name!r} has none; use ndjson")
    return record


def described(kinds: Iterable[str]) -> str:
    """The names of JSON types for a message."""
    return ", ".join(sorted(kinds))


def joined(types: Iterable[ColumnType]) -> ColumnType:
    """The type of the values of several types."""
    return functools.reduce(_join, types, _NO_VALUES)


class _Reader:
    def __init__(self) -> None:
        self._locations_left = MAX_LOCATIONS

    def type_of(self, node: Node, ancestors: frozenset[Node]) -> ColumnType:
        self._locations_left -= 1
        if self._locations_left < 0:
            raise UnknownFormatError(f"columns support at most {MAX_LOCATIONS} locations of a contract; use ndjson")
        if node in ancestors:
            return ColumnType(is_recursive=True)
        branches = node.satisfiable_branches
        # Values of several types have no columns, so that those of their parts do not matter.
        kinds = frozenset(kind for branch in branches for kind in _kinds(branch)) - {"null"}
        if not CONTAINERS.isdisjoint(kinds) and len(kinds) > 1:
            return ColumnType(frozenset(kind for branch in branches for kind in _kinds(branch)))
        return joined(self._type_of_branch(branch, ancestors | {node}) for branch in branches)

    def _type_of_branch(self, branch: Branch, ancestors: frozenset[Node]) -> ColumnType:
        match branch:
            case Constants():
                return replace(joined(map(_type_of_value, branch.values)), is_constant=True)
            case Strings():
                return ColumnType(frozenset({"string"}))
            case Numbers():
                return ColumnType(frozenset(_kinds(branch)), branch.least_integer, branch.greatest_integer)
            case Arrays():
                maximum = branch.min_items + MAX_EXTRA_ITEMS
                if branch.max_items is not None:
                    maximum = min(maximum, branch.max_items)
                has_rest = branch.items.is_satisfiable and maximum > len(branch.prefix)
                return ColumnType(
                    frozenset({"array"}),
                    prefix=tuple(self.type_of(node, ancestors) for node in branch.prefix[:maximum]),
                    rest=self.type_of(branch.items, ancestors) if has_rest else None,
                    min_items=branch.min_items,
                    max_items=maximum if has_rest else min(maximum, len(branch.prefix)),
                )
            case Objects():
                members = {
                    name: self.type_of(node, ancestors)
                    for name, node in branch.properties.items()
                    if node.is_satisfiable
                }
                return ColumnType(frozenset({"object"}), members=members, required=frozenset(branch.required))


def _kinds(branch: Branch) -> Iterable[str]:
    match branch:
        case Constants():
            return {json_type(value) if not isinstance(value, float) else "number" for value in branch.values}
        case Strings():
            return {"string"}
        case Numbers():
            return {"integer" if branch.is_integer else "number"}
        case Arrays():
            return {"array"}
        case Objects():
            return {"object"}


def _type_of_value(value: Any) -> ColumnType:
    match value:
        case bool() | None | str():
            return ColumnType(frozenset({json_type(value)}))
        case int():
            return ColumnType(frozenset({"integer"}), value, value)
        case list():
            prefix = tuple(map(_type_of_value, value))
            return ColumnType(frozenset({"array"}), prefix=prefix, min_items=len(value), max_items=len(value))
        case dict():
            members = {name: _type_of_value(member) for name, member in value.items()}
            return ColumnType(frozenset({"object"}), members=members, required=frozenset(value))
        case _:
            bound = int(value)
            return ColumnType(frozenset({"number"}), bound, bound)


def _join(one: ColumnType, other: ColumnType) -> ColumnType:
    if not one.kinds and not one.is_recursive:
        return other
    low, high = _bounds(one, other)
    # The parts of a type without arrays or objects do not limit those of the other.
    arrays = [each for each in (one, other) if "array" in each.kinds]
    objects = [each for each in (one, other) if "object" in each.kinds]
    prefix = range(max((len(each.prefix) for each in arrays), default=0))
    rests = [each.rest for each in arrays if each.rest is not None]
    names = dict.fromkeys(name for each in objects for name in each.members)
    return ColumnType(
        one.kinds | other.kinds,
        low,
        high,
        prefix=tuple(joined(each.item(index) for each in arrays) for index in prefix),
        rest=joined(rests) if rests else None,
        min_items=min((each.min_items for each in arrays), default=0),
        max_items=max((each.max_items for each in arrays), default=0),
        members={name: joined(each.members[name] for each in objects if name in each.members) for name in names},
        required=frozenset.intersection(*(each.required for each in objects)) if objects else frozenset(),
        is_constant=one.is_constant or other.is_constant,
        is_recursive=one.is_recursive or other.is_recursive,
    )


def _bounds(one: ColumnType, other: ColumnType) -> tuple[int | None, int | None]:
    """The least and the greatest integer of two types; None for no bound."""
    numeric = [each for each in (one, other) if not {"integer", "number"}.isdisjoint(each.kinds)]
    lows = [each.low for each in numeric if each.low is not None]
    highs = [each.high for each in numeric if each.high is not None]
    low = min(lows) if lows and len(lows) == len(numeric) else None
    return low, max(highs) if highs and len(highs) == len(numeric) else None


def _nearest_double(value: int) -> Any:
    try:
        return float(value)
    except OverflowError:
        return value
