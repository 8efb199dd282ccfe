"""Microseconds in which the ids of the cases that a session realises are found.

Drawn sessions are those of `proxy_sessions()`, realistic ones those of `ProxySessionFactory`, violations those of the
catalogue, and drawn invalid sessions those of `invalid_proxy_sessions()`. Each session is matched once for the figure,
which is the median over rounds of CPU time per session, beside that of the verdict alone. Sessions of their own precede
them, since the automata of strings are compiled after the first 2,048 strings of a kind.

Run it with ``python benchmarks/matching.py [SESSIONS]``; 2,000 of each by default.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from chime_fixtures import ProxySessionFactory, invalid_proxy_sessions, proxy_sessions
from chime_fixtures.chime.contracts import load_contract
from examples import examples_of

ROUNDS = 7
FIRST_SESSIONS = 1500


def microseconds(function: Callable[[Any], object], values: Sequence[Any]) -> float:
    """CPU time of a call."""
    begun = time.process_time()
    for value in values:
        function(value)
    return (time.process_time() - begun) / len(values) * 1e6


def main() -> None:
    """Measure each set."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    contract = load_contract("ProxySession")
    factory = ProxySessionFactory(seed=1)
    # Each round has sessions of its own, so that no string is remembered from an earlier one.
    valid = {
        "drawn": examples_of(proxy_sessions(), count, seed=1),
        "realistic": [factory.build() for _ in range(count)],
        "edges": [edge.instance for edge in contract.edges],
        "hazards": [hazard.instance for hazard in contract.hazards],
    }
    invalid = {
        "violations": [violation.instance for violation in contract.catalogue.violations],
        "drawn invalid": examples_of(invalid_proxy_sessions(), count, seed=1),
    }
    for instances in (valid["realistic"], invalid["violations"]):
        begun = time.process_time()
        contract.cases_met_by(instances[0])
        print(f"compiled in {1000 * (time.process_time() - begun):.0f} ms")
    # The automata of text hazards are compiled after a number of texts.
    for session in factory.batch(count):
        contract.cases_met_by(session)
    for session in [*(factory.build() for _ in range(FIRST_SESSIONS)), *examples_of(proxy_sessions(), 500, seed=2)]:
        contract.cases_met_by(session)
    functions = {"verdict": contract.is_valid, "cases": contract.cases_met_by}
    for name, instances in {**valid, **invalid}.items():
        share = max(1, len(instances) // ROUNDS)
        rounds = [instances[index * share : (index + 1) * share] for index in range(ROUNDS)]
        figures = {
            each: statistics.median(microseconds(function, part) for part in rounds if part)
            for each, function in functions.items()
        }
        ids = statistics.median(len(contract.cases_met_by(each)) for each in instances)
        print(
            f"{name:14} {len(instances):5} sessions   verdict {figures['verdict']:5.1f} us   "
            f"cases {figures['cases']:5.1f} us   {ids:.0f} ids"
        )


if __name__ == "__main__":
    main()
