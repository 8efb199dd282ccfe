"""The examples of a strategy as a test gets them, the same way for each library that a benchmark compares."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st


def examples_of(strategy: st.SearchStrategy[Any], count: int, seed: int) -> list[Any]:
    """The examples of a test under `@given`, without shrinking and without a database."""
    examples: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def test(example: Any) -> None:
        examples.append(example)

    test()
    return examples
