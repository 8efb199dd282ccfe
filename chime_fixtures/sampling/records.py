"""Valid records of any contract: record *i* is a pure function of the contract, its plan, the seed and *i*."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.plan import RecordPlan
from chime_fixtures.sampling.schema_plan import schema_plan

MAX_ATTEMPTS = 100
"""Records that are constructed until a table can hold one."""


class Records:
    """Valid records of a contract.

    Args:
        contract: the contract that every record satisfies.
        plan: the plan of the records; read from the schema by default. A record of an inexact plan is validated,
            and constructed by the engine if it is invalid.
        seed: the same seed yields the same records.
        builder: the construction of records without a plan; that of the contract's values by default.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the contract.
        NoValueFoundError: no value was found before a limit ended the search.
    """

    def __init__(
        self, contract: Contract, plan: RecordPlan | None = None, *, seed: int = 0, builder: Builder | None = None
    ) -> None:
        self.contract = contract
        self.seed = seed
        self._builder = builder
        self.plan = schema_plan(contract, seed) if plan is None else plan

    def constructed(self, index: int, attempt: int = 0) -> Any:
        """A record that the engine constructs, without a plan; each attempt is another one."""
        builder = self._builder or self.contract.builder
        if not attempt:
            return builder.build_seeded(self.seed, index)
        choices = RandomChoices(random.Random(f"{self.seed}:{index}:{attempt}"))
        return builder.build_numbered(choices, index + attempt)

    def fitted(self, start: int, stop: int, fit: Callable[[Any], Any]) -> Iterator[Any]:
        """The records from `start` up to `stop`, as a table can hold them.

        Args:
            start: the number of the first record.
            stop: the number after the last one.
            fit: returns a record as the table holds it, or None if that is not a valid one; another is constructed.

        Raises:
            UnknownFormatError: the table holds no record of several.
        """
        for index, record in enumerate(self.between(start, stop), start):
            held = fit(record)
            for attempt in range(1, MAX_ATTEMPTS):
                if held is not None:
                    break
                held = fit(self.constructed(index, attempt))
            if held is None:
                reason = f"record {index} has only values that the columns of {self.contract.name!r} cannot hold"
                raise UnknownFormatError(f"{reason}; use ndjson")
            yield held

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
