"""Violations of a catalogue, each with a valid instance to put it in: all of them, one after the other, then anything.

Most come in a full instance whose choices are settled, so that Hypothesis comes to each violation once before it comes
to any again. The others are drawn. Both are the same choices: a violation that fails a test in the full instance
shrinks on in ever smaller ones.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.engine.cases.locations import full_instance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.strategies.choices import FixedChoices, HypothesisChoices, independent
from chime_fixtures.engine.values import Choices, RandomChoices
from chime_fixtures.engine.violation import Violation

_SETTLED = 40
"""At first so many violations come in the full instance for one that is drawn; then ever fewer are left of them."""

_TRIES = 100
"""The full instance is the one of so many that has the most members that the schema names, and the fewest others."""


def with_surroundings(contract: Contract, catalogue: tuple[Violation, ...]) -> st.SearchStrategy[tuple[Violation, Any]]:
    """A violation, and a valid instance."""
    return independent(_with_surroundings(contract, catalogue))


@st.composite
def _with_surroundings(draw: st.DrawFn, contract: Contract, catalogue: tuple[Violation, ...]) -> tuple[Violation, Any]:
    # One choice of which each settled violation is a value, and then each choice again as if it had been free.
    free = len(catalogue) // _SETTLED + 1
    place = draw(st.integers(0, free + len(catalogue) - 1)) - free
    if place < 0:
        source: Choices = HypothesisChoices(draw)
        index = source.integer(0, len(catalogue) - 1)
    else:
        source = FixedChoices(draw, _source(_fullest(contract)))
        index = draw(st.integers(place, place))
    return catalogue[index], contract.builder.build(source)


def _source(seed: int) -> RandomChoices:
    return RandomChoices(random.Random(seed))


@functools.lru_cache(maxsize=256)
def _fullest(contract: Contract) -> int:
    """The seed of the full instance."""
    builder = contract.builder
    named = set(_paths(full_instance(builder), ""))
    made = {seed: list(_paths(builder.build(_source(seed)), "")) for seed in range(_TRIES)}
    return max(made, key=lambda seed: (len(named.intersection(made[seed])), -len(made[seed])))


def _paths(value: Any, path: str) -> Iterator[str]:
    """The path of each part of a value, the same for all items of a list."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _paths(part, f"{path}/{name if isinstance(name, str) else '*'}")
