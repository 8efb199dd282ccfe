"""Violations, each with a valid instance as its context: first every violation once, then any of them.

Those that have least in common are drawn before the others.

Half of the contexts are plain: full instances in which nothing but the violation is odd, so that a validator that is
stricter than the schema rejects them for the violation alone. The others are instances as `values.Builder` draws them.

At first, the choices of most contexts are fixed, so that Hypothesis reaches every violation once before it repeats one.
All kinds of contexts begin with the same choices, so that a violation that fails a test shrinks to ever smaller ones.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases import CatalogueEntry
from chime_fixtures.engine.cases.baseline import full_instance
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.strategies.choices import FixedChoices, HypothesisChoices, draw_fixed_integer, independent
from chime_fixtures.engine.values import Choices, RandomChoices

MAX_FIRST_VIOLATIONS = 256
"""Violations that are drawn first, at most a third of all: those that have least in common."""

FIRST_PARTS = 31
"""Parts of the violations that are drawn first; all others are one further part. Each part is equally frequent."""

VIOLATIONS_PER_DRAWN_CONTEXT = 40
"""Violations in a context of fixed choices for each one in a drawn context, until the former are exhausted."""

FULL_INSTANCE_CANDIDATES = 100
"""Random instances, of which the one with the most listed and the fewest other properties is the full instance."""

MAX_PLAIN_NUMBER = 2**16 - 1
"""The maximum number of a plain instance."""

# The kinds of contexts, as a choice of sixteen: the first two are where the others shrink to.
_KINDS = 16
_DRAWN, _PARTLY_PLAIN, _PLAIN = 0, 1, 2
_LAST_PLAIN = _PLAIN + _KINDS // 2 - 1

PlainInstance = Callable[[Contract, int], Any]
"""Returns plain, full instance number *i* of a contract, which the caller may change."""


@dataclass(frozen=True, slots=True)
class Context:
    """A valid instance that a violation is placed in.

    Attributes:
        instance: the instance, which the caller may change.
        is_plain: True if it is a plain one.
    """

    instance: Any
    is_plain: bool


def plain_instance(contract: Contract, number: int) -> Any:
    """A full instance with typical values; the same one for each number."""
    return instances.copy_json(_full_instance(contract))


@functools.lru_cache(maxsize=256)
def _full_instance(contract: Contract) -> Any:
    return full_instance(contract.builder)


def violations_in_context(
    contract: Contract, violations: tuple[CatalogueEntry, ...], plain: PlainInstance
) -> st.SearchStrategy[tuple[CatalogueEntry, Context]]:
    """One of the violations, and a valid instance of the contract."""
    return independent(_violations_in_context(contract, violations, plain))


@st.composite
def _violations_in_context(
    draw: st.DrawFn, contract: Contract, violations: tuple[CatalogueEntry, ...], plain: PlainInstance
) -> tuple[CatalogueEntry, Context]:
    # First a choice of the violation whose every value is fixed; then each further choice as if it had been drawn.
    fixed_index = draw(_fixed_indices(len(violations)))
    if fixed_index < 0:
        choices: Choices = HypothesisChoices(draw)
        kind = choices.integer(0, _KINDS - 1)
        index = choices.integer(0, len(violations) - 1)
    else:
        choices = FixedChoices(draw, _random_choices(_seed_of_full_instance(contract)))
        kind = draw(_fixed(_PLAIN if fixed_index % 2 else _DRAWN))
        index = draw_fixed_integer(draw, 0, len(violations) - 1, fixed_index)
    if kind == _PARTLY_PLAIN:
        context = _partly_plain(draw, contract, plain)
    elif _PLAIN <= kind <= _LAST_PLAIN:
        number = draw(_fixed(index % MAX_PLAIN_NUMBER) if fixed_index >= 0 else st.integers(0, MAX_PLAIN_NUMBER))
        context = _plain(draw, contract, plain, number)
    else:
        context = Context(contract.builder.build(choices), is_plain=False)
    return violations[index], context


@st.composite
def _fixed_indices(draw: st.DrawFn, count: int) -> int:
    """The index of a violation whose context has fixed choices; a negative number for a drawn context.

    Hypothesis exhausts a part of few violations sooner than one of many. All is one span, which shrinks to zeros.
    """
    first = min(-(-count // 3), MAX_FIRST_VIOLATIONS)
    parts = min(first, FIRST_PARTS)
    part = draw(st.integers(0, parts))
    if part:
        start, end = first * (part - 1) // parts, first * part // parts
        return start + draw(st.integers(0, end - start - 1))
    drawn_contexts = count // VIOLATIONS_PER_DRAWN_CONTEXT + 1
    index = draw(st.integers(0, drawn_contexts + count - first - 1)) - drawn_contexts
    return index + first if index >= 0 else index


def _plain(draw: st.DrawFn, contract: Contract, plain: PlainInstance, number: int) -> Context:
    instance = plain(contract, number)
    for _ in _removable(contract, instance):
        draw(_fixed(1))
    return Context(instance, is_plain=True)


def _partly_plain(draw: st.DrawFn, contract: Contract, plain: PlainInstance) -> Context:
    """The same choices as for a plain context, but each property may be absent."""
    instance = plain(contract, draw(st.integers(0, MAX_PLAIN_NUMBER)))
    absent = [name for name in _removable(contract, instance) if not draw(st.integers(0, 1))]
    for name in absent:
        instance.pop(name, None)
    return Context(instance, is_plain=True)


def _removable(contract: Contract, instance: Any) -> tuple[str, ...]:
    """The optional properties that the schema lists, whether the instance has them or not."""
    branch = contract.root.branch(Objects) if isinstance(instance, Mapping) else None
    return () if branch is None else branch.optional


@functools.cache
def _fixed(value: int) -> st.SearchStrategy[int]:
    """One possible value, which Hypothesis records as a choice."""
    return st.integers(value, value)


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
