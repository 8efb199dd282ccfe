"""Violations, each with a valid instance as its context: first every violation once, then any of them.

At first, most violations are placed in one full instance whose choices are fixed, so that Hypothesis reaches every
violation once before it repeats one; the others are placed in an instance that is drawn. Both are the same sequence of
choices, so a violation that fails a test in the full instance shrinks to ever smaller contexts.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.engine.cases import CatalogueEntry
from chime_fixtures.engine.cases.baseline import full_instance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.strategies.choices import FixedChoices, HypothesisChoices, independent
from chime_fixtures.engine.values import Choices, RandomChoices

VIOLATIONS_PER_DRAWN_CONTEXT = 40
"""Violations in the full instance for each one in a drawn instance, until the former are exhausted."""

FULL_INSTANCE_CANDIDATES = 100
"""Random instances, of which the one with the most listed and the fewest other properties is the full instance."""


def violations_in_context(
    contract: Contract, violations: tuple[CatalogueEntry, ...]
) -> st.SearchStrategy[tuple[CatalogueEntry, Any]]:
    """One of the violations, and a valid instance of the contract."""
    return independent(_violations_in_context(contract, violations))


@st.composite
def _violations_in_context(
    draw: st.DrawFn, contract: Contract, violations: tuple[CatalogueEntry, ...]
) -> tuple[CatalogueEntry, Any]:
    # First a choice of the violation whose every value is fixed; then each further choice as if it had been drawn.
    drawn_contexts = len(violations) // VIOLATIONS_PER_DRAWN_CONTEXT + 1
    fixed_index = draw(st.integers(0, drawn_contexts + len(violations) - 1)) - drawn_contexts
    if fixed_index < 0:
        choices: Choices = HypothesisChoices(draw)
        index = choices.integer(0, len(violations) - 1)
    else:
        choices = FixedChoices(draw, _random_choices(_seed_of_full_instance(contract)))
        index = draw(st.integers(fixed_index, fixed_index))
    return violations[index], contract.builder.build(choices)


def _random_choices(seed: int) -> RandomChoices:
    return RandomChoices(random.Random(seed))


@functools.lru_cache(maxsize=256)
def _seed_of_full_instance(contract: Contract) -> int:
    builder = contract.builder
    listed = set(_paths(full_instance(builder), ""))
    candidates = {
        seed: list(_paths(builder.build(_random_choices(seed)), "")) for seed in range(FULL_INSTANCE_CANDIDATES)
    }
    return max(candidates, key=lambda seed: (len(listed.intersection(candidates[seed])), -len(candidates[seed])))


def _paths(value: Any, path: str) -> Iterator[str]:
    """The path of each value in a value, with * for the items of a list."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from _paths(each, f"{path}/{name if isinstance(name, str) else '*'}")
