"""The hunt: what is drawn is put before every version, and who finds what is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.support.consumers.case import Case, blames

EXAMPLES = 500
SEEDS = (0, 1, 2)


@dataclass(slots=True)
class Bag:
    """What a hunt came home with: the examples that each find took, and the right versions that were blamed."""

    found: dict[str, int] = field(default_factory=dict)
    false_alarms: dict[str, Any] = field(default_factory=dict)


class _AllFound(Exception):
    pass


def _each(
    strategy: st.SearchStrategy[Any], seed: int, examples: int, suppress: Iterable[HealthCheck]
) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """Calls a function with each example of a strategy, as a test would, and remembers nothing."""
    chosen = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(suppress),
    )
    return lambda look: seeded(seed)(chosen(given(strategy)(look)))


def hunt(
    strategy: st.SearchStrategy[Any],
    cases: Iterable[Case],
    *,
    seed: int,
    examples: int = EXAMPLES,
    suppress: Iterable[HealthCheck] = (),
) -> Bag:
    """Draw until every wrong version is found; a find on which the right version fails too is a false alarm."""
    bag, left, seen = Bag(), {case.name: case for case in cases}, 0

    @_each(strategy, seed, examples, suppress)
    def look(drawn: Any) -> None:
        nonlocal seen
        seen += 1
        for case in [case for case in left.values() if blames(case.law, case.wrong, drawn)]:
            if blames(case.law, case.right, drawn):
                bag.false_alarms.setdefault(case.name, drawn)
            else:
                bag.found[case.name] = seen
                del left[case.name]
        if not left:
            raise _AllFound

    try:
        look()
    except _AllFound:
        pass
    return bag


def blamed(
    strategy: st.SearchStrategy[Any],
    cases: Iterable[Case],
    *,
    seed: int,
    examples: int,
    suppress: Iterable[HealthCheck] = (),
) -> dict[str, Any]:
    """The right versions that break their law, each with the example on which it does."""
    every, found = tuple(cases), dict[str, Any]()

    @_each(strategy, seed, examples, suppress)
    def look(drawn: Any) -> None:
        for case in every:
            if case.name not in found and blames(case.law, case.right, drawn):
                found[case.name] = drawn

    look()
    return found
