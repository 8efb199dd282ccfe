"""Goals of contract coverage: the cases, outcomes and requests that a test suite can meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from chime_fixtures.engine.contract import Contract

Dimension = Literal["outcomes", "edges", "hazards", "violations", "requests"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing that a test suite can meet.

    Attributes:
        dimension: the dimension of coverage that it belongs to.
        id: its id, unique in its dimension: that of the edge, hazard or violation; of an outcome or request
            ``<operation>.<name>``.
        pointer: the location in an instance; None for an outcome.
        keyword: the keyword of the schema that it is about; None if there is none.
        operation: the operation of an outcome or request; None for the others.
        hint: a line of Python for a test that meets it.
    """

    dimension: Dimension
    id: str
    pointer: str | None = None
    keyword: str | None = None
    operation: str | None = None
    hint: str = ""

    @property
    def key(self) -> str:
        """``<dimension>:<id>``, unique in a contract."""
        return f"{self.dimension}:{self.id}"


def goals_of(contract: Contract) -> tuple[Goal, ...]:
    """Every goal of a contract, by dimension."""
    edges = [Goal("edges", each.id, each.pointer, each.keyword) for each in contract.edges]
    hazards = [Goal("hazards", each.id, each.pointer) for each in contract.hazards]
    labels = [entry.label for entry in contract.catalogue]
    violations = [Goal("violations", each.id, each.pointer, each.keyword) for each in labels]
    return (*edges, *hazards, *violations)
