"""The speed of valid sessions, and the share of edges that they reach, compared with other libraries.

It guards two promises: `proxy_sessions()` draws at least 1.2 times as many examples a CPU second as a strategy written
and tuned by hand; and it reaches both ends of every length in at least 5 % of the values, and all edges that can be
reached (a leap second can't: jsonschema rejects it). The libraries take turns in one process; rates and ratios are
medians of the rounds, edges and lengths are counted over all rounds. The 41 edges are in `session_edges.py`.

The other libraries need another jsonschema-rs, so install them into a virtual environment:

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

# The checkout, not the installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

import jsonschema_rs
from session_edges import EDGES, LENGTHS, texts
from session_peers import Sample, peers

from chime_fixtures.chime.contracts import load_contract

MIN_RATIO = 1.2
MIN_SHARE = 0.05
TUNED = "by hand, tuned"


def measure(makers: dict[str, Sample], count: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[Any]]]:
    """The examples a CPU second in each round, and all sessions, of each library."""
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
    """Print rates, ratios to the tuned strategy, shares of valid sessions, and edges."""
    is_valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    print(f"{'':20}{'a CPU second':>14}{'ratio':>8}{'valid':>9}{'edges of 41':>13}")
    for name, made in sessions.items():
        ratio = statistics.median(ours / tuned for ours, tuned in zip(rates[name], rates[TUNED], strict=True))
        valid = sum(map(is_valid, made)) / len(made)
        reached = sum(any(map(edge, made)) for edge in EDGES.values())
        print(f"{name:20}{statistics.median(rates[name]):14.0f}{ratio:8.2f}{valid:9.2%}{reached:13}")


def print_lengths(sessions: dict[str, list[Any]]) -> None:
    """Print the share of values at the minimum and the maximum length of each string."""
    print(f"\n{'at the minimum and maximum length':34}" + "".join(f"{kind:>20}" for kind in LENGTHS))
    for name, made in sessions.items():
        cells = [" and ".join(f"{share:.1%}" for share in ends(kind, made)) for kind in LENGTHS]
        print(f"{name:34}" + "".join(f"{cell:>20}" for cell in cells))


def ends(kind: str, sessions: Sequence[Any]) -> tuple[float, float]:
    """The shares of the strings of a kind with the minimum and with the maximum length."""
    lengths = [len(text) for session in sessions for text in texts(session, kind)]
    minimum, maximum = LENGTHS[kind]
    return lengths.count(minimum) / len(lengths), lengths.count(maximum) / len(lengths)


def print_verdict(rates: dict[str, list[float]], sessions: dict[str, list[Any]]) -> None:
    """Print if the first library keeps the promises."""
    name, made = next(iter(sessions.items()))
    ratio = statistics.median(ours / tuned for ours, tuned in zip(rates[name], rates[TUNED], strict=True))
    rarest = min(share for kind in LENGTHS for share in ends(kind, made))
    print(f"\n{name}: {ratio:.2f} of {MIN_RATIO} times  {'ok' if ratio >= MIN_RATIO else 'TOO SLOW'}")
    print(f"the rarest length: {rarest:.1%} of {MIN_SHARE:.0%}  {'ok' if rarest >= MIN_SHARE else 'TOO RARE'}")
    for label, edge in EDGES.items():
        if not any(map(edge, made)):
            others = [other for other, found in sessions.items() if any(map(edge, found))]
            print(f"never reached: {label} (reached by {', '.join(others) or 'none'})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="examples of each library in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    schema = load_contract("ProxySession").schema
    rates, sessions = measure(dict(peers(schema)), options.count, options.rounds)
    print_speed(rates, sessions, schema)
    print_lengths(sessions)
    print_verdict(rates, sessions)


if __name__ == "__main__":
    main()
