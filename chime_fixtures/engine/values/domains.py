"""The values of a node that has only a few: enumerations, booleans, small ranges, and arrays and objects of these."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.values.scalars import number_from_fraction

MAX_NESTED_LEVELS = 16
"""Levels of arrays and objects whose values are listed."""

MAX_COMBINATIONS = 20_000
"""Combinations of the values of items or properties that are listed, and numbers of a range."""


def few_values(node: Node, maximum: int) -> list[Any] | None:
    """Every value of a node, each once, in the order of its branches; None if there are or may be more than `maximum`.

    Args:
        node: the node.
        maximum: the largest number of values.
    """
    return _values(node, maximum, ())


def _values(node: Node, maximum: int, ancestors: tuple[Node, ...]) -> list[Any] | None:
    if node in ancestors or len(ancestors) > MAX_NESTED_LEVELS:
        return None
    found: dict[Any, Any] = {}
    for branch in node.branches:
        values = _branch_values(branch, maximum, (*ancestors, node))
        if values is None:
            return None
        for value in values:
            found.setdefault(instances.key(value), value)
            if len(found) > maximum:
                return None
    return list(found.values())


def _branch_values(branch: Branch, maximum: int, ancestors: tuple[Node, ...]) -> Iterator[Any] | None:
    """The values of a branch, possibly more than `maximum`; None if they can't be listed."""
    match branch:
        case Constants(values):
            return iter(values)
        case Numbers():
            return _numbers(branch)
        case Strings(language):
            return language.strings() if language.count(maximum + 1) <= maximum else None
        case Arrays():
            return _arrays(branch, ancestors)
        case Objects():
            return _objects(branch, ancestors)


def _numbers(branch: Numbers) -> Iterator[Any] | None:
    if branch.step is None:
        low, high, step = branch.least_integer, branch.greatest_integer, Fraction(1)
    else:
        (low, high), step = branch.factors, branch.step
    if low is None or high is None or branch.is_fraction or not (branch.is_integer or branch.step):
        return None
    if high - low >= MAX_COMBINATIONS:
        return None
    excluded_steps = [instances.exact(each) for each in branch.not_steps]
    multiples = (factor * step for factor in range(low, high + 1))
    return (
        float(multiple) if branch.is_float else number_from_fraction(multiple)
        for multiple in multiples
        if number_from_fraction(multiple) not in branch.excluded
        and all(multiple % each for each in excluded_steps)
        and branch.is_multiple(number_from_fraction(multiple))
        and not (branch.is_integer and multiple.denominator > 1)
    )


def _arrays(branch: Arrays, ancestors: tuple[Node, ...]) -> Iterator[Any] | None:
    longest = branch.max_items
    if not branch.items.is_satisfiable:
        longest = len(branch.prefix) if longest is None else min(longest, len(branch.prefix))
    if longest is None or longest > MAX_COMBINATIONS or branch.has_duplicates:
        return None
    items: list[list[Any]] = []
    combinations = 1
    for index in range(longest):
        values = _values(branch.at(index), MAX_COMBINATIONS, ancestors)
        if values is None:
            return None
        items.append(values)
        combinations *= max(len(values), 1)
        if combinations > MAX_COMBINATIONS:
            return None
    lists = (
        list(values) for size in range(branch.min_items, longest + 1) for values in itertools.product(*items[:size])
    )
    return (value for value in lists if not branch.is_unique or len(set(map(instances.key, value))) == len(value))


def _objects(branch: Objects, ancestors: tuple[Node, ...]) -> Iterator[Any] | None:
    if branch.dependent_required or any(family.node.is_satisfiable for family in branch.families):
        return None
    members: list[list[tuple[str, Any] | None]] = []
    combinations = 1
    for name, node in branch.properties.items():
        values = _values(node, MAX_COMBINATIONS, ancestors) if node.is_satisfiable else []
        if values is None:
            return None
        members.append([*([] if name in branch.required else [None]), *((name, value) for value in values)])
        combinations *= max(len(members[-1]), 1)
        if combinations > MAX_COMBINATIONS:
            return None
    objects = (dict(filter(None, combination)) for combination in itertools.product(*members))
    return (value for value in objects if _has_allowed_size(branch, value))


def _has_allowed_size(branch: Objects, value: Mapping[str, Any]) -> bool:
    size = len(value)
    return branch.min_properties <= size and (branch.max_properties is None or size <= branch.max_properties)
