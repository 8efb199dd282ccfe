"""Coverage of one contract: the goals that the tests of a run met, and the tests that met each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from chime_fixtures.contract_coverage.goals import DIMENSIONS, Dimension, Goal

Column = Literal["handed_out", "received"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The goals of a contract, with the tests that met each.

    Attributes:
        contract: the name of the contract.
        goals: every goal.
        handed_out: the ids of the tests that a fixture or strategy gave an instance that meets the goal, by its key.
        received: the ids of the tests in which a client and the stub exchanged what meets the goal, by its key.
    """

    contract: str
    goals: tuple[Goal, ...]
    handed_out: Mapping[str, tuple[str, ...]]
    received: Mapping[str, tuple[str, ...]]

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

    def as_dict(self) -> dict[str, Any]:
        """The coverage as a JSON object, for `from_dict`."""
        return {
            "contract": self.contract,
            "goals": [asdict(goal) for goal in self.goals],
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
