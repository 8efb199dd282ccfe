"""Valid records of any contract: record *i* is a pure function of the contract, its plan, the seed and *i*."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.sampling.plan import RecordPlan
from chime_fixtures.sampling.schema_plan import schema_plan


class Records:
    """Valid records of a contract.

    Args:
        contract: the contract that every record satisfies.
        plan: the plan of the records; read from the schema by default. A record of an inexact plan is validated,
            and constructed by the engine if it is invalid.
        seed: the same seed yields the same records.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the contract.
        NoValueFoundError: no value was found before a limit ended the search.
    """

    def __init__(self, contract: Contract, plan: RecordPlan | None = None, *, seed: int = 0) -> None:
        self.contract = contract
        self.seed = seed
        self.plan = schema_plan(contract, seed) if plan is None else plan

    def constructed(self, index: int) -> Any:
        """A record that the engine constructs, without a plan."""
        return generate(self.contract, seed=self.seed, index=index)

    def at(self, index: int) -> Any:
        """Record number `index`."""
        return next(self.between(index, index + 1))

    def between(self, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""
        records = self.plan.between(start, stop)
        return records if self.plan.is_exact else self._validated(records, start)

    def _validated(self, records: Iterator[Any], start: int) -> Iterator[Any]:
        is_valid = self.contract.is_valid
        for index, record in enumerate(records, start):
            yield record if is_valid(record) else self.constructed(index)
