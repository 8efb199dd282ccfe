"""Coverage of one contract: the goals that the tests of a run met, and the tests that met each."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from chime_fixtures.contract_coverage.goals import DIMENSIONS, Dimension, Goal
from chime_fixtures.contract_coverage.hints import SESSION_OPERATIONS
from chime_fixtures.engine import pointer as json_pointer

Column = Literal["handed_out", "received"]

MAX_TESTS_PER_GOAL = 20
"""The number of tests that are named for each goal and column: the first ones by their ids."""

_CASES: frozenset[Dimension] = frozenset({"edges", "hazards", "violations"})
_GOAL_MEMBERS = tuple(each.name for each in dataclasses.fields(Goal))
_Tests = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The goals of a contract, with the tests that met each.

    Attributes:
        contract: the name of the contract.
        goals: every goal.
        handed_out: the ids of the tests that a fixture or strategy gave an instance that meets the goal, by its key; at
            most 20 for each.
        received: the ids of the tests in which a client and the stub exchanged what meets the goal, by its key; at most
            20 for each.
    """

    contract: str
    goals: tuple[Goal, ...]
    handed_out: _Tests
    received: _Tests

    def met(self, column: Column | None = None, dimension: Dimension | None = None) -> tuple[Goal, ...]:
        """The goals that were met, in one column or in any, of one dimension or of all."""
        return tuple(goal for goal in self._of(dimension) if self.is_met(goal, column))

    def missing(self, dimension: Dimension | None = None) -> tuple[Goal, ...]:
        """The goals that were met in no column, of one dimension or of all."""
        return tuple(goal for goal in self._of(dimension) if not self.is_met(goal))

    def is_met(self, goal: Goal, column: Column | None = None) -> bool:
        """True if a test met the goal, in one column or in any."""
        return (column != "received" and goal.key in self.handed_out) or (
            column != "handed_out" and goal.key in self.received
        )

    def percentage(self, column: Column | None = None, dimension: Dimension | None = None) -> float:
        """The part of the goals that were met, from 0 to 100; 100 if there are none."""
        goals = self._of(dimension)
        return 100 * len(self.met(column, dimension)) / len(goals) if goals else 100.0

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions that have goals."""
        return tuple(each for each in DIMENSIONS if self._of(each))

    def _of(self, dimension: Dimension | None) -> tuple[Goal, ...]:
        return self.goals if dimension is None else tuple(each for each in self.goals if each.dimension == dimension)

    def without(self, patterns: Iterable[str]) -> Coverage:
        """The coverage without the goals whose id, or key, a pattern of `fnmatch` matches."""
        matches = [re.compile(fnmatch.translate(pattern)).match for pattern in patterns]
        goals = tuple(goal for goal in self.goals if not any(match(goal.id) or match(goal.key) for match in matches))
        return dataclasses.replace(self, goals=goals)

    def with_used_operations(self) -> Coverage:
        """The coverage with canned responses of an operation that the tests called, in the hints of sessions."""
        used = [each for each in SESSION_OPERATIONS if any(f"requests:{each}" == key for key in self.received)]
        if not used or used[0] == SESSION_OPERATIONS[0]:
            return self
        default, operation = (f'chime_stub.answer("{each}", ' for each in (SESSION_OPERATIONS[0], used[0]))
        goals = (
            dataclasses.replace(goal, hint=goal.hint.replace(default, operation, 1)) if goal.hint else goal
            for goal in self.goals
        )
        return dataclasses.replace(self, goals=tuple(goals))

    def by_constraint(self) -> Coverage:
        """The coverage with one goal for all edges, hazards, violations or requests of a pointer and keyword.

        It is met if one of them is; its hint is that of the first one that is not met.
        """
        groups: dict[str, list[Goal]] = {}
        for goal in self.goals:
            constraint = goal if goal.dimension == "outcomes" else _constraint_of(goal)
            groups.setdefault(constraint.key, [constraint]).append(goal)
        return Coverage(
            contract=self.contract,
            goals=tuple(constraint for constraint, *_ in groups.values()),
            handed_out=_joined(groups, self.handed_out),
            received=_joined(groups, self.received),
        )

    def as_dict(self) -> dict[str, Any]:
        """The coverage as a JSON object, for `from_dict`."""
        return {
            "contract": self.contract,
            "goals": [{name: getattr(goal, name) for name in _GOAL_MEMBERS} for goal in self.goals],
            "handed_out": {key: list(tests) for key, tests in self.handed_out.items()},
            "received": {key: list(tests) for key, tests in self.received.items()},
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """The coverage that `as_dict` returned."""
        return cls(
            contract=value["contract"],
            goals=tuple(Goal(**goal) for goal in value["goals"]),
            handed_out={key: tuple(tests) for key, tests in value["handed_out"].items()},
            received={key: tuple(tests) for key, tests in value["received"].items()},
        )


def merged(coverages: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The coverages, those of one contract in one: of other runs or other processes.

    Contracts are the same if they have the same name and the same edges, hazards and violations.
    """
    groups: dict[tuple[str, frozenset[str]], Coverage] = {}
    for each in coverages:
        identity = each.contract, frozenset(goal.key for goal in each.goals if goal.dimension in _CASES)
        known = groups.get(identity)
        groups[identity] = each if known is None else _merged(known, each)
    return tuple(groups.values())


def _merged(first: Coverage, second: Coverage) -> Coverage:
    # Only a contract that the stub served has outcomes and requests; hints are empty if no report shows them.
    goals = max((first.goals, second.goals), key=lambda each: (len(each), any(goal.hint for goal in each)))
    return Coverage(
        first.contract,
        goals,
        {
            key: _tests_of([key], first.handed_out, second.handed_out)
            for key in {**first.handed_out, **second.handed_out}
        },
        {key: _tests_of([key], first.received, second.received) for key in {**first.received, **second.received}},
    )


def _constraint_of(goal: Goal) -> Goal:
    """The goal of all cases of a pointer and keyword, with the hint of the first one."""
    location = f"{goal.operation}{goal.pointer}" if goal.operation else json_pointer.display(goal.pointer or "")
    return dataclasses.replace(goal, id=f"{location} [{goal.keyword}]" if goal.keyword else location)


def _joined(groups: Mapping[str, Iterable[Goal]], tests: _Tests) -> _Tests:
    joined = {key: _tests_of([goal.key for goal in goals], tests) for key, goals in groups.items()}
    return {key: found for key, found in joined.items() if found}


def _tests_of(keys: Iterable[str], *columns: _Tests) -> tuple[str, ...]:
    found = {test for key in keys for tests in columns for test in tests.get(key, ())}
    return tuple(sorted(found)[:MAX_TESTS_PER_GOAL])
