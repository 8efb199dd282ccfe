"""The meaning of contract coverage: the rank correlation of a suite's coverage and the mistakes that it finds.

Each suite has 48 examples; each example is a test of its own, for every consumer of `tests/support/consumers` that
reads single sessions. A suite finds a mistake if a faulty version fails on one of its examples. The recipe of a
suite is drawn from its number: how many of its examples are realistic, random, edges, hazards and violations, and the
members that its edges, hazards and violations are about. The coverage of a suite is that of a run with ``--chime-cov``
in which all correct versions are tested::

    python benchmarks/coverage.py [suites]
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from chime_fixtures import ProxySessionFactory, load_contract
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.goals import Dimension
from chime_fixtures.contract_coverage.recorder import Recorder
from tests.support.consumers.collection import CONSUMERS
from tests.support.consumers.consumer import Consumer, fails

DEFAULT_SUITES = 40
EXAMPLES = 48
SESSION = load_contract("ProxySession")
READERS = [consumer for consumer in CONSUMERS if consumer.input_kind != "lists"]
VIOLATIONS = SESSION.catalogue.violations
SOURCES = ("realistic", "random", "edges", "hazards", "violations")


def suite(number: int) -> list[Any]:
    """The examples of a suite."""
    chance = random.Random(number)
    # Most weight is on one or two sources.
    weights = [chance.expovariate(1) ** 2 for _ in SOURCES]
    names = [
        each.split("/")[1] for each in dict.fromkeys(goal.pointer for goal in SESSION.edges) if each.count("/") == 1
    ]
    members = set(chance.sample(names, chance.randint(1, len(names))))

    def about(cases: Sequence[Any]) -> list[Any]:
        return [
            each.instance for each in cases if each.pointer.split("/")[1:2] and each.pointer.split("/")[1] in members
        ]

    factory = ProxySessionFactory(seed=number)
    pools = {
        "edges": about(SESSION.edges),
        "hazards": about(SESSION.hazards),
        "violations": about(VIOLATIONS),
    }
    examples: list[Any] = []
    for source in chance.choices(SOURCES, weights, k=EXAMPLES):
        if source == "realistic":
            examples.append(factory.build())
        elif source == "random":
            examples.append(SESSION.builder.build_seeded(number, len(examples)))
        else:
            # A member may have no hazards.
            examples.append(chance.choice(pools[source] or pools["edges"]))
    return examples


def coverage_of(examples: Sequence[Any]) -> Coverage:
    """The coverage of tests that are handed the examples."""
    recorder = Recorder(SESSION)
    for index, example in enumerate(examples):
        recorder.observe_instance(SESSION, example)
        recorder.end_test(f"test_{index}", has_passed=True)
    (coverage,) = recorder.coverages(with_hints=False)
    return coverage


def found_by(examples: Sequence[Any]) -> dict[str, int]:
    """The number of mistakes that a suite finds, by the kind of example that shows them."""
    by_kind: dict[str, list[Any]] = {"valid": [], "invalid": []}
    for example in examples:
        by_kind["valid" if SESSION.is_valid(example) else "invalid"].append(example)
    return {
        kind: sum(_is_found(each, examples) for each in READERS if each.input_kind == kind)
        for kind, examples in by_kind.items()
    }


def _is_found(consumer: Consumer, examples: Sequence[Any]) -> bool:
    return any(fails(consumer.check, consumer.faulty, each) for each in examples)


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value; equal values have the mean of their ranks."""
    ordered = sorted(values)
    return [ordered.index(each) + (ordered.count(each) - 1) / 2 for each in values]


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's rank correlation."""
    return statistics.correlation(ranks(first), ranks(second))


def main() -> None:
    """Print each suite, and the correlations."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_SUITES
    suites = [suite(number) for number in range(count)]
    coverages = [coverage_of(examples) for examples in suites]
    found = [found_by(examples) for examples in suites]
    cases: list[Dimension] = ["edges", "hazards", "violations"]
    scores: dict[str, list[float]] = {each: [one.percentage(None, each) for one in coverages] for each in cases}
    scores["edges and violations"] = [_share(each, ["edges", "violations"]) for each in coverages]
    scores["edges, hazards and violations"] = [_share(each, cases) for each in coverages]
    by_constraint = [each.by_constraint() for each in coverages]
    scores["the same by constraint"] = [_share(each, cases) for each in by_constraint]
    print(f"{count} suites of {EXAMPLES} examples, {len(READERS)} mistakes")
    print("suite  edges  hazards  violations  found (valid, invalid)")
    for number, one in enumerate(coverages):
        row = "  ".join(f"{one.percentage(None, each):5.1f}%" for each in cases)
        print(f"{number:5}  {row}  {found[number]['valid']:5} {found[number]['invalid']:5}")
    totals = [sum(each.values()) for each in found]
    for name, values in scores.items():
        print(f"rank correlation of mistakes found and {name}: {rank_correlation(values, totals):.2f}")
    of_invalid = [each["invalid"] for each in found]
    correlation = rank_correlation(scores["violations"], of_invalid)
    print(f"rank correlation of mistakes found by invalid examples and violations: {correlation:.2f}")


def _share(coverage: Coverage, dimensions: Sequence[Dimension]) -> float:
    goals = [goal for goal in coverage.goals if goal.dimension in dimensions]
    return 100 * sum(map(coverage.is_met, goals)) / len(goals)


if __name__ == "__main__":
    main()
