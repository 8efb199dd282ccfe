"""Goals of contract coverage: the cases, outcomes and requests that a test suite can meet."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import operations
from chime_fixtures.contract_coverage import hints
from chime_fixtures.contract_coverage.outcomes import outcome_names
from chime_fixtures.contract_coverage.sent_requests import goal_id, least_arguments, request_goals
from chime_fixtures.engine.cases import Edge, Hazard
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
        pointer: the location in an instance, or in the arguments of a request; None for an outcome.
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


def goals_of(contract: Contract, *, is_served: bool | None = None, with_hints: bool = True) -> tuple[Goal, ...]:
    """Every goal of a contract, by dimension.

    Args:
        contract: the contract.
        is_served: True if the stub serves its instances as sessions, so that outcomes and requests are goals; by
            default True for the contract of Chime's session alone.
        with_hints: False to leave the hints empty, which is faster.
    """
    if is_served is None:
        is_served = contract is load_contract("ProxySession")
    return _goals_of(contract, is_served=is_served, with_hints=with_hints)


@functools.lru_cache(maxsize=16)
def _goals_of(contract: Contract, *, is_served: bool, with_hints: bool) -> tuple[Goal, ...]:
    goals = [
        *(_outcomes(with_hints=with_hints) if is_served else ()),
        *_cases(contract, "edges", contract.edges, is_served=is_served, with_hints=with_hints),
        *_cases(contract, "hazards", contract.hazards, is_served=is_served, with_hints=with_hints),
        *_violations(contract, is_served=is_served, with_hints=with_hints),
        *(_requests(with_hints=with_hints) if is_served else ()),
    ]
    return tuple({goal.key: goal for goal in goals}.values())


def _cases(
    contract: Contract, dimension: Dimension, cases: Iterable[Edge | Hazard], *, is_served: bool, with_hints: bool
) -> Iterator[Goal]:
    for each in cases:
        hint = ""
        if with_hints:
            hint = hints.session_hint(contract, each.id, each.instance) if is_served else hints.case_hint(each.id)
        yield Goal(dimension, each.id, each.pointer, each.keyword, hint=hint)


def _violations(contract: Contract, *, is_served: bool, with_hints: bool) -> Iterator[Goal]:
    hint_of = hints.violation_hint if is_served else hints.case_hint
    for entry in contract.catalogue:
        label = entry.label
        yield Goal("violations", label.id, label.pointer, label.keyword, hint=hint_of(label.id) if with_hints else "")


def _outcomes(*, with_hints: bool) -> Iterator[Goal]:
    for operation in operations():
        for name in outcome_names(operation):
            hint = ""
            if with_hints:
                hint = hints.outcome_hint(operation, name, request_goals(operation)[0].arguments)
            yield Goal("outcomes", f"{operation.name}.{name}", operation=operation.name, hint=hint)


def _requests(*, with_hints: bool) -> Iterator[Goal]:
    for operation in operations():
        for each in request_goals(operation):
            hint = hints.request_hint(operation, least_arguments(operation, each)) if with_hints else ""
            identifier = goal_id(operation.name, each.name)
            yield Goal("requests", identifier, each.pointer, each.keyword, operation.name, hint)
