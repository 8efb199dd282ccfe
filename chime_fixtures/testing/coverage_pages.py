"""The HTML report of contract coverage: a page for each contract that the tests of a run used."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Iterator

from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.fault_table import FaultTable
from chime_fixtures.contract_coverage.page import render_page
from chime_fixtures.engine.contract import Contract

FIRST_PAGE = "index.html"


def pickled(contracts: Iterable[Contract]) -> list[bytes]:
    """Contracts for another process, which sends bytes."""
    return [pickle.dumps(contract) for contract in contracts]


def unpickled(values: Iterable[bytes]) -> list[Contract]:
    """The contracts that a worker of the same run has pickled, each once."""
    return [pickle.loads(value) for value in dict.fromkeys(values)]  # noqa: S301  # a worker of this run wrote them


def pages(
    coverages: Iterable[Coverage], contracts: Iterable[Contract], faults: FaultTable | None
) -> Iterator[tuple[str, str | None]]:
    """The file name and the HTML of each page; None if no test of the run used the contract.

    Args:
        coverages: the coverage of each contract; the first one has the fault table, too.
        contracts: the contracts that the tests of the run used.
        faults: the fault table of the run.
    """
    known = list(contracts)
    names: dict[str, int] = {}
    for number, coverage in enumerate(coverages):
        name = FIRST_PAGE if number == 0 else _file_name(coverage.contract, names)
        contract = _contract_of(coverage, known)
        table = faults if number == 0 else None
        yield name, None if contract is None else render_page(contract, coverage=coverage, faults=table)


def _contract_of(coverage: Coverage, contracts: Iterable[Contract]) -> Contract | None:
    """The contract of the same name, among several the one that has most of the goals."""
    candidates = [contract for contract in contracts if contract.name == coverage.contract]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    keys = {goal.key for goal in coverage.goals}
    return max(candidates, key=lambda contract: sum(f"edges:{edge.id}" in keys for edge in contract.edges))


def _file_name(contract: str, names: dict[str, int]) -> str:
    """A file name for a contract, with a number if another one has it, by upper and lower case alike."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", contract).strip(".-")[:100] or "contract"
    number = names[name.lower()] = names.get(name.lower(), 0) + 1
    return f"{name}.html" if number == 1 and name.lower() != "index" else f"{name}-{number}.html"
