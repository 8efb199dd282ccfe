"""The seeded bugs of `tests/support/consumers` that each source of data detects, and its false alarms.

It guards one promise: our strategies detect every faulty version within 500 examples, for two seeds of three, and no
correct version fails. All sources are treated alike: lists are lists of their valid examples, API clients talk to our
stub with its faults, and an invalid example is used only if the contract rejects it. polyfactory has no invalid ones.

The peers require another version of jsonschema-rs, so they need a virtual environment; without them only our own
strategies are measured:

    python -m venv .venv-peers && .venv-peers/bin/pip install '.[boto3]' polyfactory schemathesis
    .venv-peers/bin/python benchmarks/consumers.py [--examples N] [--source NAME]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The checkout, not what is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from hypothesis import HealthCheck
from hypothesis import strategies as st

from chime_fixtures.chime.contracts import load_contract
from tests.support.consumers.collection import CONSUMERS, FAMILIES
from tests.support.consumers.consumer import Consumer
from tests.support.consumers.detection import MAX_EXAMPLES, SEEDS, detect, false_alarms
from tests.support.consumers.sources import DataSource, own_strategies

SESSION = load_contract("ProxySession")
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()), st.just({}))
"""Values that a hand-written strategy puts in place of a member."""


def is_invalid(value: Any) -> bool:
    """True if it is a JSON value that the contract rejects."""
    return not isinstance(value, bytes) and not SESSION.is_valid(value)


def source_of(valid: st.SearchStrategy[Any], invalid: st.SearchStrategy[Any] | None) -> DataSource:
    """The source of a peer, which has no strategy of lists."""
    broken = None if invalid is None else invalid.filter(is_invalid)
    return DataSource(valid=valid, invalid=broken, lists=st.lists(valid, max_size=6))


def with_junk(session: dict[str, Any], name: str, junk: Any) -> Any:
    """A session with one member replaced."""
    return {**session, name: junk}


def peers() -> Iterator[tuple[str, DataSource]]:
    """The sources of the peers, if they are installed."""
    import session_peers
    from schemathesis import GenerationMode

    negative = session_peers.schemathesis(SESSION.schema, generation_mode=GenerationMode.NEGATIVE)
    yield "schemathesis", source_of(session_peers.schemathesis(SESSION.schema), negative)
    sample = session_peers.polyfactory()
    yield "polyfactory", source_of(st.integers(0, 2**63).map(lambda seed: sample(1, seed)[0]), None)
    by_hand = session_peers.by_hand(tuned=True)
    members = st.sampled_from(sorted(SESSION.schema["properties"]))
    yield "by hand", source_of(by_hand, st.builds(with_junk, by_hand, members, JUNK))


def sources() -> Iterator[tuple[str, DataSource]]:
    """Every source by its name, ours first."""
    yield "ours", own_strategies()
    try:
        yield from peers()
    except ImportError as missing:
        print(f"the peers are not measured: {missing}")


def measure(source: DataSource, examples: int) -> tuple[set[str], set[str]]:
    """The consumers whose faulty version is detected, and those whose correct version fails."""
    times, alarms = Counter[str](), set[str]()
    for input_kind in ("valid", "invalid", "lists"):
        strategy = getattr(source, input_kind)
        if strategy is None:
            continue
        consumers = [consumer for consumer in CONSUMERS if consumer.input_kind == input_kind]
        quick = [consumer for consumer in consumers if consumer not in FAMILIES["clients"]]
        few = min(examples, 200)
        alarms |= false_alarms(strategy, quick, seed=len(SEEDS), examples=few, suppress=HealthCheck).keys()
        for seed in SEEDS:
            detections = detect(strategy, consumers, seed=seed, examples=examples, suppress=HealthCheck)
            times.update(detections.examples_needed.keys())
            alarms |= detections.false_alarms.keys()
    return {name for name, number in times.items() if number > len(SEEDS) // 2}, alarms


def row(title: str, consumers: tuple[Consumer, ...], found: set[str], alarms: set[str]) -> str:
    """One line of the table."""
    names = {consumer.name for consumer in consumers}
    return f"{title:30}{len(names & found):8}{len(names - found):8}{len(names & alarms):14}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=MAX_EXAMPLES, help="examples of each kind of input and seed")
    parser.add_argument("--source", help="measure this source only")
    options = parser.parse_args()
    print(f"{'':30}{'found':>8}{'missed':>8}{'false alarms':>14}", flush=True)
    for name, source in sources():
        if options.source not in (None, name):
            continue
        found, alarms = measure(source, options.examples)
        for family, consumers in FAMILIES.items():
            print(row(f"{name}, {family}", consumers, found, alarms))
        print(row(f"{name}, all", CONSUMERS, found, alarms))
        for what, names in (("missed", {consumer.name for consumer in CONSUMERS} - found), ("false alarms", alarms)):
            print(f"  {what}: {', '.join(sorted(names)) or 'none'}", flush=True)


if __name__ == "__main__":
    main()
