"""The engine on the 438 schemas of the official suite, draft 2020-12, as one table.

It guards the promise that any schema of that draft is supported, or rejected by name, and that two independent
validators confirm every value and every label. Beside each figure are the required one and that of the best peer on the
same schemas (schemathesis 4.32 and hypothesis-jsonschema on an old Hypothesis, measured in November 2026).

Run it with ``python benchmarks/engine.py [--values N] [--draws N] [--details] [FILE[:NUMBER] ...]``; the names choose
files of the suite, as in ``allOf`` or ``optional/format/date:0``. Times are CPU seconds.

With ``--growth`` it measures the catalogue of schemas of each shape at two sizes instead: milliseconds a violation and
an edge, which stay the same, and the memory of a violation.
"""

from __future__ import annotations

import argparse
import collections
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import iter_violations
from tests.support.conformance.cases import Case, cases
from tests.support.conformance.harness import CRASHED, SUPPORTED, TIMED_OUT, UNSATISFIABLE, UNSUPPORTED, Outcome, run
from tests.support.large_schemas import SHAPES

MAX_CPU_SECONDS = 0.3
"""The limit for compiling a schema with 30 draws, and for all its violations, in 95 % of the cases."""


def chosen(names: Sequence[str]) -> list[Case]:
    """The cases of those names, or of those files, or all."""
    return [case for case in cases() if not names or case.name in names or case.file in names]


def p95(figures: Iterable[float]) -> float:
    """The 95th percentile."""
    every = sorted(figures)
    return statistics.quantiles(every, n=20, method="inclusive")[-1] if len(every) > 1 else sum(every)


def table(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str, str]]:
    """The rows: name, our figure, the required one, the best peer's."""
    statuses = collections.Counter(outcome.status for outcome in outcomes)
    supported = [outcome for outcome in outcomes if outcome.status == SUPPORTED]
    wrong = sum(outcome.is_wrong for outcome in outcomes)
    answered = statuses[SUPPORTED] + statuses[UNSATISFIABLE] - wrong
    drawn = sum(outcome.drawn for outcome in supported)
    refused = sum(len(outcome.rejected_values) for outcome in supported)
    violations = sum(outcome.violations for outcome in supported)
    mislabelled = sum(len(outcome.mislabelled) for outcome in supported)
    breakable = sum(len(outcome.breakable) for outcome in supported)
    missed = sum(len(outcome.missed) for outcome in supported)
    all_breakable = sum(len(outcome.breakable) for outcome in outcomes)
    draws = p95(outcome.seconds["compile"] + outcome.seconds["draws"] for outcome in supported)
    return [
        ("schemas", str(len(outcomes)), "438", ""),
        ("supported or unsatisfiable", f"{answered} ({statuses[UNSATISFIABLE] - wrong})", ">= 400", "405"),
        ("rejected by name", str(statuses[UNSUPPORTED]), "the rest", "33"),
        ("crashed", str(statuses[CRASHED]), "0", "0"),
        ("timed out", str(statuses[TIMED_OUT]), "0", ""),
        ("wrongly called unsatisfiable", str(wrong), "0", ""),
        ("values, draws and edges", str(drawn), "", ""),
        ("  rejected by a validator", str(refused), "0", ""),
        ("  schemas with one", str(sum(bool(outcome.rejected_values) for outcome in supported)), "0", "6"),
        ("violations, uncontested", str(violations), "", ""),
        ("  labels confirmed by both validators", share(violations - mislabelled, violations), "100 %", "64 %"),
        ("  with another schema pointer", str(sum(len(outcome.misplaced) for outcome in supported)), "0", ""),
        ("assertions that are violable alone", str(all_breakable), "", ""),
        ("  recall, supported schemas", share(breakable - missed, breakable), ">= 95 %", "54 to 68 %"),
        ("  schemas without a violation", str(sum(outcome.lacks_violations for outcome in outcomes)), "0", "107"),
        ("files opened, connections", str(sum(len(outcome.effects) for outcome in outcomes)), "0", "22 schemas"),
        ("seconds, compile and draws, p95", f"{draws:.3f}", f"<= {MAX_CPU_SECONDS}", "0.87"),
        (
            "seconds, violations, p95",
            f"{p95(outcome.seconds['violations'] for outcome in supported):.3f}",
            f"<= {MAX_CPU_SECONDS}",
            "",
        ),
        ("seconds, edges, p95", f"{p95(outcome.seconds['edges'] for outcome in supported):.3f}", "", ""),
    ]


def share(part: int, whole: int) -> str:
    """A part of a whole, in per cent."""
    return f"{100 * part / whole:.2f} % ({part} of {whole})" if whole else "none"


def details(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """A line for each deviation."""
    for outcome in outcomes:
        name = outcome.case.name
        if outcome.status in {CRASHED, TIMED_OUT, UNSUPPORTED} or outcome.is_wrong:
            yield f"{name} {outcome.status}: {' '.join(outcome.reason.split())}"
        for source, value in outcome.rejected_values:
            yield f"{name} rejected: {source}: {value!r}"
        for label, instance, errors in outcome.mislabelled:
            yield f"{name} mislabelled: {label}: {instance!r}: {errors}"
        for label, location in outcome.misplaced:
            yield f"{name} misplaced: {label}: {location}"
        if outcome.lacks_violations:
            yield f"{name} without violation: {sorted(outcome.breakable)}"
        elif outcome.status == SUPPORTED:
            yield from (f"{name} missed: {place}" for place in sorted(outcome.missed))
        yield from (f"{name} effect: {effect}" for effect in outcome.effects)
        yield from (
            f"{name} slow: {phase}: {took:.2f} s" for phase, took in outcome.seconds.items() if took > MAX_CPU_SECONDS
        )


def growth() -> None:
    """Print the cost of a violation and an edge of each shape, at a size and at twice that size."""
    columns = "{:20}{:>6}{:>12}{:>8}{:>9}{:>7}{:>7}{:>9}{:>10}"
    print(columns.format("shape", "size", "violations", "s", "ms each", "ratio", "edges", "ms each", "KiB each"))
    for name, (shape, half) in SHAPES.items():
        before: float | None = None
        for size in (half, 2 * half):
            contract = Contract(shape(size))
            seconds, count = timed(lambda contract=contract: sum(1 for _ in iter_violations(contract)))
            edge_seconds, edges = timed(lambda contract=contract: len(contract.edges))
            tracemalloc.start()
            collections.deque(iter_violations(Contract(shape(size))), maxlen=1)
            kibibytes = tracemalloc.get_traced_memory()[1] / 1024
            tracemalloc.stop()
            each = 1000 * seconds / count
            figures = (f"{seconds:.2f}", f"{each:.3f}", "" if before is None else f"{each / before:.2f}", edges)
            memory = f"{kibibytes / count:.2f}"
            print(columns.format(name, size, count, *figures, f"{1000 * edge_seconds / edges:.3f}", memory), flush=True)
            before = each


def timed(count: Callable[[], int]) -> tuple[float, int]:
    """The CPU seconds of a count, and the count."""
    started = time.process_time()
    number = count()
    return time.process_time() - started, number


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="FILE[:NUMBER]")
    parser.add_argument("--values", type=int, default=30, help="values by generate, a schema")
    parser.add_argument("--draws", type=int, default=30, help="values by Hypothesis, a schema")
    parser.add_argument("--details", action="store_true", help="list each deviation")
    parser.add_argument("--growth", action="store_true", help="measure the catalogue as schemas grow")
    options = parser.parse_args()
    if options.growth:
        growth()
        return
    # The imports of the first run are not counted.
    run(Case("warm-up", "", "", {"type": "object", "required": ["a"]}, (), {}), values=1, draws=1)
    started = time.perf_counter()
    outcomes = [run(case, values=options.values, draws=options.draws) for case in chosen(options.names)]
    if options.details:
        print("\n".join(details(outcomes)), end="\n\n")
    print(f"{'':44}{'ours':28}{'required':12}best peer")
    for row in table(outcomes):
        print("{:44}{:28}{:12}{}".format(*row).rstrip())
    print(f"\nin {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
