"""Detection of faulty consumers: each example of a strategy is given to every version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.support.consumers.consumer import Consumer, fails

MAX_EXAMPLES = 500
SEEDS = (0, 1, 2)


@dataclass(slots=True)
class Detections:
    """The result of one run.

    Attributes:
        examples_needed: the number of the example that detected a faulty version, by the name of the consumer.
        false_alarms: the examples on which a correct version fails too, by the name of the consumer.
    """

    examples_needed: dict[str, int] = field(default_factory=dict)
    false_alarms: dict[str, Any] = field(default_factory=dict)


class _AllDetected(Exception):
    pass


def _for_each_example(
    strategy: st.SearchStrategy[Any], seed: int, examples: int, suppress: Iterable[HealthCheck]
) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """A decorator that calls a function with each example of a strategy, as a test would be, without a database."""
    chosen = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(suppress),
    )
    return lambda function: seeded(seed)(chosen(given(strategy)(function)))


def detect(
    strategy: st.SearchStrategy[Any],
    consumers: Iterable[Consumer],
    *,
    seed: int,
    examples: int = MAX_EXAMPLES,
    suppress: Iterable[HealthCheck] = (),
) -> Detections:
    """Draw examples until every faulty version has failed; if the correct one fails too, it is a false alarm."""
    detections, left, drawn = Detections(), {consumer.name: consumer for consumer in consumers}, 0

    @_for_each_example(strategy, seed, examples, suppress)
    def try_all(example: Any) -> None:
        nonlocal drawn
        drawn += 1
        for consumer in [each for each in left.values() if fails(each.check, each.faulty, example)]:
            if fails(consumer.check, consumer.correct, example):
                detections.false_alarms.setdefault(consumer.name, example)
            else:
                detections.examples_needed[consumer.name] = drawn
                del left[consumer.name]
        if not left:
            raise _AllDetected

    try:
        try_all()
    except _AllDetected:
        pass
    return detections


def false_alarms(
    strategy: st.SearchStrategy[Any],
    consumers: Iterable[Consumer],
    *,
    seed: int,
    examples: int,
    suppress: Iterable[HealthCheck] = (),
) -> dict[str, Any]:
    """The consumers whose correct version fails its check, each with the first such example."""
    every, alarms = tuple(consumers), dict[str, Any]()

    @_for_each_example(strategy, seed, examples, suppress)
    def try_all(example: Any) -> None:
        for consumer in every:
            if consumer.name not in alarms and fails(consumer.check, consumer.correct, example):
                alarms[consumer.name] = example

    try_all()
    return alarms
