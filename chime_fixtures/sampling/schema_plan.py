"""The plan of any schema: objects of named members, unions of such objects, and short lists, down to their leaves.

UUIDs, timestamps and integers in a range are made from their random bits; every other leaf is a table of values that
the engine constructs row by row. The bits of a location depend on its path, so that a new member leaves the values of
the others unchanged.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.engine.normal_form.nodes import (
    Arrays,
    Branch,
    Constants,
    Node,
    Objects,
    Strings,
)
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.arrays import MAX_EXTRA_ITEMS
from chime_fixtures.engine.values.choices import MAX_EXTRA_DEPTH
from chime_fixtures.sampling.plan import (
    ArrayPlan,
    IntegerLeaf,
    Member,
    ObjectPlan,
    RecordPlan,
    TableLeaf,
    TimestampLeaf,
    UnionPlan,
    UuidLeaf,
    ValuePlan,
)
from chime_fixtures.sampling.random_bits import PLAN_VERSION, RECORD_BLOCK, BitColumn

DEFAULT_SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""The earliest timestamp by default: a constant, as records must not depend on the clock."""

DEFAULT_PERIOD = dt.timedelta(days=365)
MAX_LEAVES = 256
"""The records of a schema with more leaves are constructed one by one."""

MAX_ARRAY_ITEMS = 8
MAX_UNION_OBJECTS = 8
MAX_SHORT_LENGTH = 64
"""Texts up to this length, and numbers, have the larger table."""

TABLE_ROWS, TABLE_ROWS_OF_LARGE_VALUES = 4096, 512
MAX_INTEGERS = 2**32
"""A wider range of integers is a table: 32 bits choose an integer."""

DEFAULT_MAX_INTEGER = 2**31 - 1
MAX_INVALID_SHARE = 1 / 8
"""If a larger share of a plan's records is invalid, records are constructed one by one."""

MIN_SINCE = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
MAX_UNTIL = dt.datetime(9999, 12, 1, tzinfo=dt.UTC)
_UNIX_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CHUNK_RECORDS = 1024


def milliseconds(instant: dt.datetime) -> int:
    """Milliseconds since 1970."""
    return (instant - _UNIX_EPOCH) // dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Options of a plan. They can be compared and pickled, so that every worker makes the same plan.

    Attributes:
        since: the earliest timestamp.
        until: the exclusive upper bound of all timestamps.

    Raises:
        InvalidOptionError: `since` is not before `until`, a datetime has no time zone, or is too close to the year 1 or
            9999.
    """

    since: dt.datetime = DEFAULT_SINCE
    until: dt.datetime = DEFAULT_SINCE + DEFAULT_PERIOD

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise InvalidOptionError("since and until require a time zone; use datetime.UTC")
        if not self.since < self.until <= MAX_UNTIL:
            raise InvalidOptionError(
                f"since ({self.since}) must be before until ({self.until}), and until at most {MAX_UNTIL:%Y-%m-%d}"
            )
        if self.since < MIN_SINCE:
            raise InvalidOptionError(f"since ({self.since}) is before the year 1 in UTC; use a later one")

    def plan(self, contract: Contract, seed: int, builder: Builder | None = None) -> RecordPlan:
        """The plan of a contract's records, or of those that a builder constructs."""
        return schema_plan(contract, seed, since=self.since, until=self.until, builder=builder)

    def as_dict(self) -> dict[str, Any]:
        """The options as JSON, for a manifest."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    def versions(self) -> dict[str, str]:
        """The versions that the records depend on, for a manifest."""
        return {"plan": PLAN_VERSION, "generator": f"chime-fixtures {metadata.version('chime-fixtures')}"}


@dataclass(frozen=True, eq=False)
class SchemaPlan:
    """A plan that was read from a schema; a record may be invalid unless `is_exact` is True."""

    layout: ObjectPlan | UnionPlan
    is_exact: bool

    def between(self, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""
        for first in range(start, stop, _CHUNK_RECORDS):
            yield from self.layout.values(first, min(stop, first + _CHUNK_RECORDS))


@dataclass(frozen=True, eq=False)
class ConstructedPlan:
    """Records that the engine constructs one by one."""

    builder: Builder
    seed: int
    is_exact: bool = True
    layout: None = None

    def between(self, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""
        return (self.builder.build_seeded(self.seed, index) for index in range(start, stop))


def schema_plan(
    contract: Contract,
    seed: int,
    *,
    since: dt.datetime = DEFAULT_SINCE,
    until: dt.datetime = DEFAULT_SINCE + DEFAULT_PERIOD,
    builder: Builder | None = None,
) -> RecordPlan:
    """The plan of a contract's records, read from its schema.

    Records are constructed one by one if they are not objects of named members, have too many leaves, or if the plan
    yields too many invalid records.

    Args:
        contract: the contract of the records.
        seed: the same seed yields the same records.
        since: the earliest timestamp.
        until: the exclusive upper bound of all timestamps.
        builder: the construction of the records; that of the contract's values by default.
    """
    builder = builder or contract.builder
    try:
        layout = _SchemaReader(builder, seed, milliseconds(since), milliseconds(until)).plan(builder.root, "", "")
    except _TooManyLeavesError:
        layout = None
    if not isinstance(layout, ObjectPlan | UnionPlan):
        return ConstructedPlan(builder, seed)
    if not contract.normal_form.is_exact:
        invalid = sum(not contract.is_valid(value) for value in layout.values(0, RECORD_BLOCK))
        if invalid > MAX_INVALID_SHARE * RECORD_BLOCK:
            return ConstructedPlan(builder, seed)
    return SchemaPlan(layout, contract.normal_form.is_exact)


class _TooManyLeavesError(Exception):
    pass


class _ConstructedRows(dict[int, Any]):
    """The rows of a table, each a function of the seed, the path and the row number."""

    def __init__(self, builder: Builder, node: Node, name: str) -> None:
        super().__init__()
        self._build = builder.construction(node)
        self._depth_budget = (node.min_depth or 0) + MAX_EXTRA_DEPTH
        self._name = name

    def __missing__(self, row: int) -> Any:
        choices = RandomChoices(random.Random(f"{self._name} {row}"))
        value = self[row] = self._build(choices, self._depth_budget)
        return value


class _SchemaReader:
    def __init__(self, builder: Builder, seed: int, start: int, stop: int) -> None:
        self._seed = seed
        self._builder = builder
        self._start = start
        self._span = stop - start
        self._tables: dict[str, _ConstructedRows] = {}
        self._leaves_left = MAX_LEAVES

    def plan(self, node: Node, path: str, shared_path: str) -> ValuePlan:
        """The plan of a node at a path; `shared_path` is the same for all items of a list, which share a table."""
        branches = node.satisfiable_branches
        branch = branches[0] if len(branches) == 1 and not node.is_recursive else None
        if isinstance(branch, Objects) and _has_independent_members(branch):
            return self._object(branch, path, shared_path)
        objects = [each for each in branches if isinstance(each, Objects) and _has_independent_members(each)]
        if 1 < len(branches) == len(objects) <= MAX_UNION_OBJECTS and not node.is_recursive:
            plans = [
                self._object(each, f"{path}|{index}", f"{shared_path}|{index}") for index, each in enumerate(objects)
            ]
            return UnionPlan(tuple(plans), self._column(f"{path}|", 2))
        if isinstance(branch, Arrays) and (size := _max_size(branch)) <= MAX_ARRAY_ITEMS:
            items = tuple(self.plan(branch.items, f"{path}/{index}", f"{shared_path}/*") for index in range(size))
            return ArrayPlan(branch.min_items, items, self._column(f"{path}/#", 2))
        return self._leaf(node, branch, path, shared_path)

    def _object(self, branch: Objects, path: str, shared_path: str) -> ObjectPlan:
        names = [name for name, member in branch.properties.items() if member.is_satisfiable]
        return ObjectPlan(tuple(self._member(branch, name, path, shared_path) for name in names))

    def _member(self, branch: Objects, name: str, path: str, shared_path: str) -> Member:
        token = name.replace("~", "~0").replace("/", "~1")
        presence = None if name in branch.required else self._column(f"{path}/{token}?", 2)
        plan = self.plan(branch.properties[name], f"{path}/{token}", f"{shared_path}/{token}")
        return Member(name, plan, presence)

    def _column(self, path: str, size: int) -> BitColumn:
        return BitColumn(self._seed, path, size)

    def _leaf(self, node: Node, branch: Branch | None, path: str, shared_path: str) -> ValuePlan:
        self._leaves_left -= 1
        if self._leaves_left < 0:
            raise _TooManyLeavesError
        keywords = {assertion.keyword: assertion.value for assertion in node.assertions}
        if isinstance(branch, Strings) and keywords.keys() <= {"type", "format"}:
            if keywords.get("format") == "uuid":
                return UuidLeaf(self._column(path, 16))
            if keywords.get("format") == "date-time":
                return TimestampLeaf(self._start, self._span, self._column(path, 8))
        if isinstance(branch, Numbers) and branch.is_integer and branch.is_plain:
            low, high = _integer_bounds(branch)
            if high - low < MAX_INTEGERS:
                return IntegerLeaf(low, high - low + 1, self._column(path, 4))
        if isinstance(branch, Constants) and len(branch.values) <= TABLE_ROWS:
            return TableLeaf(len(branch.values), tuple(branch.values), self._column(path, 2))
        rows = self._tables.setdefault(
            shared_path, _ConstructedRows(self._builder, node, f"{self._seed}:{shared_path}")
        )
        is_small = isinstance(branch, Numbers) or (
            isinstance(branch, Strings) and branch.max_length is not None and branch.max_length <= MAX_SHORT_LENGTH
        )
        return TableLeaf(TABLE_ROWS if is_small else TABLE_ROWS_OF_LARGE_VALUES, rows, self._column(path, 2))


def _integer_bounds(branch: Numbers) -> tuple[int, int]:
    """The minimum and the maximum; a missing minimum is 0 if possible, any other missing bound is 31 bits away."""
    low, high = branch.least_integer, branch.greatest_integer
    if low is None:
        low = 0 if high is None or high > 0 else high - DEFAULT_MAX_INTEGER
    return low, low + DEFAULT_MAX_INTEGER if high is None else high


def _has_independent_members(branch: Objects) -> bool:
    """True if objects of the named members are valid with any of the optional ones present or absent."""
    satisfiable = sum(node.is_satisfiable for node in branch.properties.values())
    is_unbounded = branch.max_properties is None or branch.max_properties >= satisfiable
    is_optional = branch.min_properties <= len(branch.required) and not branch.dependent_required
    return satisfiable > 0 and is_unbounded and is_optional


def _max_size(branch: Arrays) -> int:
    """The maximum number of items; more than `MAX_ARRAY_ITEMS` if the items are not independent."""
    is_bound = branch.is_unique or branch.has_duplicates or branch.prefix
    if is_bound or (branch.min_items and not branch.items.is_satisfiable):
        return MAX_ARRAY_ITEMS + 1
    if not branch.items.is_satisfiable:
        return 0
    maximum = branch.min_items + MAX_EXTRA_ITEMS
    return maximum if branch.max_items is None else min(branch.max_items, maximum)
