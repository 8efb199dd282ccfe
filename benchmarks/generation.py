"""How quickly valid sessions are drawn, and how much of the contract they reach, beside what users have today.

It guards two promises: `proxy_sessions()` draws at least 1.2 times as many examples a CPU second as a strategy written
and tuned by hand, and still comes to both ends of every length in at least 5 % of the values, and to all edges that
can be reached (a leap second can't: the second judge rejects it). The makers take turns in one process; rates and
ratios are medians of the rounds, edges and lengths are counted over all of them. The 41 edges are those of the first
comparison of peers, in `session_edges.py`.

The peers want a jsonschema-rs of their own, so give them a virtual environment:

    python -m venv .venv-peers && .venv-peers/bin/pip install . polyfactory schemathesis
    .venv-peers/bin/python benchmarks/generation.py [--count N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

import jsonschema_rs
from session_edges import EDGES, LENGTHS, texts
from session_peers import Sample, peers

from chime_fixtures.chime.contracts import load_contract

LEAST_RATIO = 1.2
LEAST_SHARE = 0.05
TUNED = "by hand, tuned"


def measure(makers: dict[str, Sample], count: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[Any]]]:
    """The examples a CPU second in each round, and all sessions, of each maker."""
    rates: dict[str, list[float]] = {name: [] for name in makers}
    sessions: dict[str, list[Any]] = {name: [] for name in makers}
    for seed in range(rounds + 1):
        for name, sample in makers.items():
            begun = time.process_time()
            made = sample(count if seed else 50, seed)
            if seed:  # the first round is a warm-up
                rates[name].append(len(made) / (time.process_time() - begun))
                sessions[name] += made
    return rates, sessions


def print_speed(rates: dict[str, list[float]], sessions: dict[str, list[Any]], schema: Any) -> None:
    """Rates, ratios to the tuned strategy, valid shares and edges."""
    is_valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    print(f"{'':20}{'a CPU second':>14}{'ratio':>8}{'valid':>9}{'edges of 41':>13}")
    for name, made in sessions.items():
        ratio = statistics.median(ours / tuned for ours, tuned in zip(rates[name], rates[TUNED], strict=True))
        valid = sum(map(is_valid, made)) / len(made)
        reached = sum(any(map(edge, made)) for edge in EDGES.values())
        print(f"{name:20}{statistics.median(rates[name]):14.0f}{ratio:8.2f}{valid:9.2%}{reached:13}")


def print_lengths(sessions: dict[str, list[Any]]) -> None:
    """The share of values at the least and the greatest length, of each string with a range."""
    print(f"\n{'at the least and greatest length':34}" + "".join(f"{kind:>20}" for kind in LENGTHS))
    for name, made in sessions.items():
        cells = [" and ".join(f"{share:.1%}" for share in ends(kind, made)) for kind in LENGTHS]
        print(f"{name:34}" + "".join(f"{cell:>20}" for cell in cells))


def ends(kind: str, sessions: Sequence[Any]) -> tuple[float, float]:
    """Which share of the strings of a kind is as short and as long as can be."""
    lengths = [len(text) for session in sessions for text in texts(session, kind)]
    least, greatest = LENGTHS[kind]
    return lengths.count(least) / len(lengths), lengths.count(greatest) / len(lengths)


def print_verdict(rates: dict[str, list[float]], sessions: dict[str, list[Any]]) -> None:
    """What is promised of the first maker, and whether it holds."""
    name, made = next(iter(sessions.items()))
    ratio = statistics.median(ours / tuned for ours, tuned in zip(rates[name], rates[TUNED], strict=True))
    rarest = min(share for kind in LENGTHS for share in ends(kind, made))
    print(f"\n{name}: {ratio:.2f} of {LEAST_RATIO} times  {'ok' if ratio >= LEAST_RATIO else 'TOO SLOW'}")
    print(f"the rarest end: {rarest:.1%} of {LEAST_SHARE:.0%}  {'ok' if rarest >= LEAST_SHARE else 'TOO RARE'}")
    for label, edge in EDGES.items():
        if not any(map(edge, made)):
            others = [other for other, found in sessions.items() if any(map(edge, found))]
            print(f"never reached: {label} (reached by {', '.join(others) or 'no one'})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="examples of each maker in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    schema = load_contract("ProxySession").schema
    rates, sessions = measure(dict(peers(schema)), options.count, options.rounds)
    print_speed(rates, sessions, schema)
    print_lengths(sessions)
    print_verdict(rates, sessions)


if __name__ == "__main__":
    main()
