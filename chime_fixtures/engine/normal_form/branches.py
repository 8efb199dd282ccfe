"""Conversion of clauses to branches, from which values are constructed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from chime_fixtures.engine.dnf.clauses import (
    ArrayConstraints,
    Clause,
    NumberConstraints,
    ObjectConstraints,
    StringConstraints,
)
from chime_fixtures.engine.dnf.limits import EXHAUSTIVE, Limits
from chime_fixtures.engine.dnf.requirements import Requirement, conjunction
from chime_fixtures.engine.instances import BOOLEAN, NULL, NUMBER, OBJECT, STRING, exact, key
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Nodes, Numbers, Objects, Strings
from chime_fixtures.engine.normal_form.property_rules import Names, PropertyRules
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.dialects import MAX_STRING_LENGTH, MAX_VALUES

MAX_PREFIX = 64
"""Items of an array that have their own node; later ones share one."""


class Branches(NamedTuple):
    """The branches of one clause, and the limits that left out others."""

    branches: list[Branch]
    limits: Limits = EXHAUSTIVE


def branches_of(clause: Clause, nodes: Nodes) -> Branches:
    """The branches of a clause: none if no value satisfies it, one for each way to name its properties."""
    if clause.json_type == OBJECT and clause.constraints.minimum <= MAX_VALUES:
        return _objects(clause.constraints, nodes)
    branch = _branch(clause, nodes)
    return Branches([] if branch is None else [branch])


def _branch(clause: Clause, nodes: Nodes) -> Branch | None:
    if clause.json_type in {NULL, BOOLEAN}:
        values = [None] if clause.json_type == NULL else [False, True]
        allowed = [value for value in values if key(value) not in clause.excluded]
        return Constants(tuple(allowed)) if allowed else None
    if clause.json_type == NUMBER:
        return _numbers(clause.constraints, list(clause.excluded.values()))
    minimum = clause.constraints.minimum
    if (minimum // MAX_STRING_LENGTH if clause.json_type == STRING else minimum) > MAX_VALUES:
        # Only a violation of a large limit requires so many values, and it could not be held in memory.
        return None
    if clause.json_type == STRING:
        return _strings(clause.constraints, list(clause.excluded.values()))
    return _arrays(clause.constraints, nodes)


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
    )
    if branch.grid is None:
        if low is None or high is None or low < high:
            return branch
        is_empty = low > high or excludes_low or excludes_high or branch.excludes(low)
        return None if is_empty else branch
    least, greatest = branch.factors
    if least is not None and greatest is not None and least > greatest:
        return None
    return branch if branch.has_allowed_factor else None


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


def _arrays(constraints: ArrayConstraints, nodes: Nodes) -> Arrays | None:
    rules = list(constraints.items)
    minimum = constraints.minimum
    size = max((stop if stop is not None else start for start, stop, _ in rules), default=0)
    for consumer, requirement, must_hold in constraints.unevaluated:
        known = constraints.evaluated.get(consumer, (0, frozenset()))
        if known is None:
            if not must_hold:
                return None
            continue
        start, single = known
        if must_hold:
            # Each unevaluated item between evaluated ones has its own rule.
            indices = [index for index in range(start, max(single, default=-1) + 1) if index not in single]
            rules += [(index, index + 1, requirement) for index in indices]
            rules.append((max(start, max(single, default=-1) + 1), None, requirement))
        else:
            index = max(start, max(single, default=-1) + 1)
            rules.append((index, index + 1, requirement))
            minimum = max(minimum, index + 1)
        size = max(size, *(stop if stop is not None else start for start, stop, _ in rules))
    if constraints.maximum is not None:
        if minimum > constraints.maximum:
            return None
        size = min(size, constraints.maximum)
    size = min(size, MAX_PREFIX)

    def at(index: int | None) -> list[Requirement]:
        """The requirements on an item; without an index, on an item after all those that have their own rule."""
        return [
            requirement
            for start, stop, requirement in rules
            if (stop is None if index is None else start <= index and (stop is None or index < stop))
        ]

    prefixed = [at(index) for index in range(size)]
    tail = at(None)
    if constraints.has_duplicates:
        while len(prefixed) < 2:
            prefixed.append(tail)
        prefixed[:2] = [prefixed[0] + prefixed[1]] * 2
    if constraints.has_duplicates and constraints.is_unique:
        return None
    while prefixed and not constraints.has_duplicates and conjunction(prefixed[-1]) == conjunction(tail):
        prefixed.pop()
    prefix = tuple(nodes.node(requirements) for requirements in prefixed)
    return Arrays(
        nodes.node(tail),
        minimum,
        constraints.maximum,
        constraints.is_unique,
        prefix,
        constraints.has_duplicates,
        ordered=None if constraints.has_duplicates or constraints.unevaluated else constraints.ordered,
    )


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
