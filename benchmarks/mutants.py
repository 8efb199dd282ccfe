"""Mutants of documents in the reader of `validate`, and mutants of schemas in the engine.

It guards the promise that no input causes a traceback or a hang: documents are read, or rejected with an error of our
own; schemas are supported or rejected, and the values and violations of a supported one are what their labels say. The
mutants are those of the tests, in larger numbers; each is a function of the seed and its number, so that it can be
repeated.

Run it with ``python benchmarks/mutants.py [--documents N] [--schemas N] [--seed N]``. What fails is printed, and then
the exit code is 1.
"""

from __future__ import annotations

import argparse
import collections
import functools
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from chime_fixtures.chime.contracts import load_contract
from tests.support.document_mutants import check_document, check_schema, documents, schemas

BATCH_SIZE = 1000
"""The number of mutants of one seed."""


def run(name: str, count: int, seed: int, mutants: Callable, check: Callable) -> int:
    """Check a number of mutants; returns the number of failures."""
    started, slowest, results, failed = time.perf_counter(), 0.0, collections.Counter(), 0
    for batch in range(-(-count // BATCH_SIZE)):
        source = mutants(random.Random(f"{seed}:{batch}"))
        for number, mutant in zip(range(min(BATCH_SIZE, count - batch * BATCH_SIZE)), source, strict=False):
            start = time.perf_counter()
            try:
                results[check(mutant)] += 1
            except Exception:  # noqa: BLE001  # any exception is a finding
                failed += 1
                print(
                    f"{name} {batch * BATCH_SIZE + number} of seed {seed}:",
                    shown(mutant),
                    traceback.format_exc(),
                    sep="\n",
                )
            slowest = max(slowest, time.perf_counter() - start)
    kinds = ", ".join(f"{kind}: {number}" for kind, number in results.most_common() if kind)
    took = time.perf_counter() - started
    print(f"{count} {name} in {took:.0f} s, the slowest {slowest:.2f} s; {failed} failed {kinds and f'({kinds})'}")
    return failed


def shown(mutant: object) -> str:
    """A mutant as it can be pasted."""
    return (repr(mutant) if isinstance(mutant, bytes) else json.dumps(mutant))[:2000]


def main() -> int:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--schemas", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    contract = load_contract("ProxySession")
    failed = run(
        "documents", options.documents, options.seed, documents, functools.partial(check_document, contract=contract)
    )
    failed += run("schemas", options.schemas, options.seed, schemas, check_schema)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
