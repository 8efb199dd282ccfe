"""The engine on the official suites of drafts 4, 6, 7 and 2019-09, as one table; `engine.py` is that of 2020-12.

It guards the promise that each keyword means what it means in the schema's own draft: jsonschema-rs and jsonschema,
each set to that draft, judge every value, edge and violation.

    python benchmarks/drafts.py [--values N] [--details]
"""

from __future__ import annotations

import argparse
import collections
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from chime_fixtures.engine.errors import SchemaWarning
from tests.support.conformance.cases import cases
from tests.support.conformance.harness import SUPPORTED, UNSATISFIABLE, UNSUPPORTED
from tests.support.conformance.older_drafts import OLDER_DRAFTS, DraftOutcome, outcome_by_draft


def row(outcomes: Sequence[DraftOutcome]) -> dict[str, str]:
    """The figures of one draft."""
    statuses = collections.Counter(outcome.status for outcome in outcomes)
    supported = [outcome for outcome in outcomes if outcome.status == SUPPORTED]
    violable = sum(len(outcome.violable) for outcome in supported)
    violated = sum(len(outcome.violable & outcome.violated) for outcome in supported)
    violations = sum(outcome.violations for outcome in supported)
    mislabelled = sum(len(outcome.mislabelled) for outcome in supported)
    return {
        "schemas": str(len(outcomes)),
        "supported": str(statuses[SUPPORTED]),
        "unsatisfiable (wrongly)": f"{statuses[UNSATISFIABLE]} ({sum(outcome.is_wrong for outcome in outcomes)})",
        "rejected by name": str(statuses[UNSUPPORTED]),
        "values and edges": str(sum(outcome.values for outcome in supported)),
        "  rejected by a validator": str(sum(len(outcome.rejected_values) for outcome in supported)),
        "violations": str(violations),
        "  labels confirmed": f"{100 * (violations - mislabelled) / violations:.2f} %",
        "recall": f"{100 * violated / violable:.2f} % of {violable}",
        "CPU seconds": f"{sum(outcome.seconds for outcome in supported):.1f}",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, default=30, help="values by generate, a schema")
    parser.add_argument("--details", action="store_true", help="list each deviation")
    options = parser.parse_args()
    warnings.simplefilter("ignore", SchemaWarning)
    rows = {}
    for draft in OLDER_DRAFTS:
        outcomes = [outcome_by_draft(case, values=options.values) for case in cases(draft)]
        rows[draft] = row(outcomes)
        if options.details:
            for outcome in outcomes:
                for deviation in (outcome.reason, *outcome.rejected_values, *outcome.mislabelled):
                    if deviation:
                        print(f"{draft} {outcome.case.name}: {deviation}")
    print(f"{'':28}" + "".join(f"{draft:>18}" for draft in rows))
    for name in next(iter(rows.values())):
        print(f"{name:28}" + "".join(f"{figures[name]:>18}" for figures in rows.values()))


if __name__ == "__main__":
    main()
