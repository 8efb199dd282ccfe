"""Conversion of clauses to branches, from which values are constructed."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from chime_fixtures.engine.dnf.clauses import (
    Clause,
    NumberConstraints,
    ObjectConstraints,
    StringConstraints,
)
from chime_fixtures.engine.dnf.limits import EXHAUSTIVE, Limit, Limits
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, STRING, exact, key
from chime_fixtures.engine.normal_form.item_rules import ItemRules
from chime_fixtures.engine.normal_form.nodes import Branch, Constants, Nodes, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.normal_form.property_rules import Names, PropertyRules
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.dialects import MAX_STRING_LENGTH, MAX_VALUES


class Branches(NamedTuple):
    """The branches of one clause, and the limits that left out others."""

    branches: list[Branch]
    limits: Limits = EXHAUSTIVE


def branches_of(clause: Clause, nodes: Nodes) -> Branches:
    """The branches of a clause: none if no value satisfies it, one for each way to name its properties."""
    constraints = clause.constraints
    if clause.json_type in {NULL, BOOLEAN}:
        values = [None] if clause.json_type == NULL else [False, True]
        allowed = tuple(value for value in values if key(value) not in clause.excluded)
        return _single(Constants(allowed) if allowed else None)
    if clause.json_type == NUMBER:
        numbers = _numbers(constraints, list(clause.excluded.values()))
        represented = numbers and _represented(numbers)
        if numbers is not None and represented is None:
            return Branches([], frozenset([Limit(sys.float_info.mant_dig, "bits of a number")]))
        return _single(represented)
    minimum = constraints.minimum // MAX_STRING_LENGTH if clause.json_type == STRING else constraints.minimum
    if minimum > MAX_VALUES:
        # Only a violation of a large limit requires so many values, and it could not be held in memory.
        return Branches([], frozenset([Limit(MAX_VALUES, "values")]))
    if clause.json_type == STRING:
        return _single(_strings(constraints, list(clause.excluded.values())))
    if clause.json_type == ARRAY:
        rules = ItemRules(constraints, nodes)
        return Branches(list(rules.branches()), frozenset(rules.limits))
    return _objects(constraints, nodes)


def _single(branch: Branch | None) -> Branches:
    return Branches([] if branch is None else [branch])


def _numbers(constraints: NumberConstraints, excluded: list[Any]) -> Numbers | None:
    low, excludes_low = constraints.low or (None, False)
    high, excludes_high = constraints.high or (None, False)
    step: Fraction | None = None
    for multiple in constraints.multiples:
        other = exact(multiple)
        step = other if step is None else _least_common_multiple(step, other)
    if constraints.integer and step is not None:
        step = _least_common_multiple(step, Fraction(1))
    is_integer = bool(constraints.integer)
    branch = Numbers(
        is_integer,
        low,
        high,
        excludes_low,
        excludes_high,
        constraints.integer is False,
        step,
        constraints.not_multiples,
        frozenset(excluded),
        constraints.is_float,
        tuple(multiple for multiple in constraints.multiples if isinstance(multiple, float)),
    )
    if branch.is_float and not branch.has_float:
        return None
    if branch.grid is None:
        if low is None or high is None or low < high:
            return branch
        is_empty = low > high or excludes_low or excludes_high or branch.excludes(low)
        return None if is_empty else branch
    return branch if branch.has_allowed_factor else None


def _represented(branch: Numbers) -> Numbers | None:
    """The numbers of a branch that an integer or a finite float represents; None if there is none."""
    if branch.is_beyond_floats:
        if branch.is_fraction:
            return None
        if branch.step is not None:
            branch = replace(branch, step=_least_common_multiple(branch.step, Fraction(1)))
    has_value = branch.has_float if branch.grid is None else branch.has_allowed_factor
    return branch if has_value else None


def _least_common_multiple(left: Fraction, right: Fraction) -> Fraction:
    return Fraction(math.lcm(left.numerator, right.numerator), math.gcd(left.denominator, right.denominator))


def _strings(constraints: StringConstraints, excluded: list[Any]) -> Strings | None:
    if constraints.maximum is not None and constraints.minimum > constraints.maximum:
        return None
    languages = list(dict.fromkeys(constraints.languages))
    if not languages and not excluded:
        return Strings(
            _all_strings_between(constraints.minimum, constraints.maximum),
            True,
            constraints.minimum,
            constraints.maximum,
        )
    language = languages[0] if languages else Language.all_strings()
    for other in languages[1:]:
        language &= other
    if excluded:
        language -= Language.finite(excluded)
    language = language.between(constraints.minimum, constraints.maximum)
    return None if language.is_empty else Strings(language, False, constraints.minimum, constraints.maximum)


def _all_strings_between(shortest: int, longest: int | None) -> Language:
    return _ALL_STRINGS.between(shortest, longest)


_ALL_STRINGS = Language.all_strings()


def _objects(constraints: ObjectConstraints, nodes: Nodes) -> Branches:
    if not constraints.forbidden.isdisjoint(constraints.required):
        return Branches([])
    rules = PropertyRules(constraints, nodes)
    found = (_object(constraints, rules, names) for names in rules.assignments())
    branches: list[Branch] = [branch for branch in found if branch is not None]
    return Branches(branches, frozenset(rules.limits))


def _object(constraints: ObjectConstraints, rules: PropertyRules, some: Names) -> Objects | None:
    required = list(constraints.required)
    dependent = {name: tuple(others) for name, others in _transitive_dependencies(constraints.dependent_required)}
    for name in required:
        required.extend(other for other in dependent.get(name, ()) if other not in required)
    required.extend(some)
    required = list(dict.fromkeys(required))
    if not constraints.forbidden.isdisjoint(required):
        return None
    if constraints.maximum is not None and max(len(required), constraints.minimum) > constraints.maximum:
        return None
    names = dict.fromkeys(
        [*constraints.properties, *required, *(other for others in dependent.values() for other in others)]
    )
    names |= dict.fromkeys(rules.listed_names())
    properties = {name: rules.node(name, some) for name in names if name not in constraints.forbidden}
    absent = set(constraints.forbidden)
    # A property that requires an absent one is absent itself.
    while requiring := [
        name for name, others in dependent.items() if name not in absent and not absent.isdisjoint(others)
    ]:
        absent.update(requiring)
        if not absent.isdisjoint(required):
            return None
    dependent = {name: others for name, others in dependent.items() if name not in absent}
    properties = {name: node for name, node in properties.items() if name not in absent}
    families = tuple(rules.families(frozenset(absent | properties.keys())))
    return Objects(
        properties, tuple(required), rules.additional, families, dependent, constraints.minimum, constraints.maximum
    )


def _transitive_dependencies(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The properties that each property requires, by name, directly or through others."""
    direct: dict[str, dict[str, None]] = {}
    for name, others in pairs:
        direct.setdefault(name, {}).update(dict.fromkeys(others))
    for name, requiring in direct.items():
        reached = dict.fromkeys(requiring)
        stack = list(reached)
        while stack:
            for other in direct.get(stack.pop(), ()):
                if other not in reached:
                    reached[other] = None
                    stack.append(other)
        yield name, tuple(other for other in reached if other != name)
