"""The seeded bugs of `tests/support/consumers` that each source of data finds, and the correct versions it reports.

It guards one promise: ours finds every one, within 500 examples in two seeds of three, and blames no right version.
All makers are treated alike and kindly: lists are lists of what they draw, API clients talk to our stub, with its
faults, and what they call invalid is handed on only if the contract does refuse it. polyfactory makes nothing invalid.

The peers want a jsonschema-rs of their own, so give them a virtual environment; without them only ours is hunted with:

    python -m venv .venv-peers && .venv-peers/bin/pip install '.[boto3]' polyfactory schemathesis
    .venv-peers/bin/python benchmarks/consumers.py [--examples N] [--maker NAME]
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
from tests.support.consumers.case import Case
from tests.support.consumers.collection import CASES, FAMILIES
from tests.support.consumers.feeds import Feeds, ours
from tests.support.consumers.hunt import EXAMPLES, SEEDS, blamed, hunt

SESSION = load_contract("ProxySession")
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()), st.just({}))
"""What one puts in the place of a member by hand."""


def is_invalid(value: Any) -> bool:
    """Whether it is a JSON value that the contract refuses."""
    return not isinstance(value, bytes) and not SESSION.is_valid(value)


def feeds_of(valid: st.SearchStrategy[Any], invalid: st.SearchStrategy[Any] | None) -> Feeds:
    """The feeds of a maker that has no lists of its own."""
    broken = None if invalid is None else invalid.filter(is_invalid)
    return Feeds(valid=valid, invalid=broken, lists=st.lists(valid, max_size=6))


def with_junk(session: dict[str, Any], name: str, junk: Any) -> Any:
    """A session with a member that is something else."""
    return {**session, name: junk}


def peers() -> Iterator[tuple[str, Feeds]]:
    """The others, if they are installed."""
    import session_peers
    from schemathesis import GenerationMode

    negative = session_peers.schemathesis(SESSION.schema, generation_mode=GenerationMode.NEGATIVE)
    yield "schemathesis", feeds_of(session_peers.schemathesis(SESSION.schema), negative)
    sample = session_peers.polyfactory()
    yield "polyfactory", feeds_of(st.integers(0, 2**63).map(lambda seed: sample(1, seed)[0]), None)
    by_hand = session_peers.by_hand(tuned=True)
    members = st.sampled_from(sorted(SESSION.schema["properties"]))
    yield "by hand", feeds_of(by_hand, st.builds(with_junk, by_hand, members, JUNK))


def makers() -> Iterator[tuple[str, Feeds]]:
    """Every maker by its name, ours first."""
    yield "ours", ours()
    try:
        yield from peers()
    except ImportError as missing:
        print(f"the peers are passed over: {missing}")


def judged(feeds: Feeds, examples: int) -> tuple[set[str], set[str]]:
    """The cases that a maker finds, and those whose right version it blames."""
    times, alarms = Counter[str](), set[str]()
    for feed in ("valid", "invalid", "lists"):
        strategy = getattr(feeds, feed)
        if strategy is None:
            continue
        cases = [case for case in CASES if case.feed == feed]
        quick = [case for case in cases if case not in FAMILIES["clients"]]
        alarms |= blamed(strategy, quick, seed=len(SEEDS), examples=min(examples, 200), suppress=HealthCheck).keys()
        for seed in SEEDS:
            bag = hunt(strategy, cases, seed=seed, examples=examples, suppress=HealthCheck)
            times.update(bag.found.keys())
            alarms |= bag.false_alarms.keys()
    return {name for name, number in times.items() if number > len(SEEDS) // 2}, alarms


def row(title: str, cases: tuple[Case, ...], found: set[str], alarms: set[str]) -> str:
    """One line of the table."""
    names = {case.name for case in cases}
    return f"{title:30}{len(names & found):8}{len(names - found):8}{len(names & alarms):14}"


def main() -> None:
    """Hunt and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="examples of each feed and seed")
    parser.add_argument("--maker", help="this one only")
    options = parser.parse_args()
    print(f"{'':30}{'found':>8}{'missed':>8}{'false alarms':>14}", flush=True)
    for name, feeds in makers():
        if options.maker not in (None, name):
            continue
        found, alarms = judged(feeds, options.examples)
        for family, cases in FAMILIES.items():
            print(row(f"{name}, {family}", cases, found, alarms))
        print(row(f"{name}, all", CASES, found, alarms))
        for what, names in (("missed", {case.name for case in CASES} - found), ("false alarms", alarms)):
            print(f"  {what}: {', '.join(sorted(names)) or 'none'}", flush=True)


if __name__ == "__main__":
    main()
