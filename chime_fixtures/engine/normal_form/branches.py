"""From clauses to shapes: what is known of a value becomes something that values can be constructed from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from chime_fixtures.engine.dnf.clauses import (
    ArrayConstraints,
    Clause,
    NumberConstraints,
    ObjectConstraints,
    StringConstraints,
)
from chime_fixtures.engine.dnf.requirements import Requirement, conjunction
from chime_fixtures.engine.instances import ARRAY, BOOLEAN, NULL, NUMBER, STRING, exact, key
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Constants, Node, Numbers, Objects, Strings
from chime_fixtures.engine.normal_form.property_rules import PropertyRules
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.limits import MAX_STRING_LENGTH, MAX_VALUES

MOST_PREFIX = 64
"""So many items at most have a rule of their own."""

NodeOf = Callable[[Iterable[Requirement]], Node]


def branch_of(clause: Clause, node_of: NodeOf) -> Branch | None:
    """The shape of a clause; None where no value can have it."""
    if clause.json_type in {NULL, BOOLEAN}:
        values = [None] if clause.json_type == NULL else [False, True]
        left = [value for value in values if key(value) not in clause.excluded]
        return Constants(tuple(left)) if left else None
    if clause.json_type == NUMBER:
        return _numbers(clause.constraints, list(clause.excluded.values()))
    if (
        clause.constraints.shortest // MAX_STRING_LENGTH if clause.json_type == STRING else clause.constraints.least
    ) > MAX_VALUES:
        # Only what breaks a great limit has so many: it could not be held.
        return None
    if clause.json_type == STRING:
        return _strings(clause.constraints, list(clause.excluded.values()))
    return _arrays(clause.constraints, node_of) if clause.json_type == ARRAY else _objects(clause.constraints, node_of)


def _numbers(facts: NumberConstraints, excluded: list[Any]) -> Numbers | None:
    low, excludes_low = facts.low or (None, False)
    high, excludes_high = facts.high or (None, False)
    step: Fraction | None = None
    for multiple in facts.multiples:
        other = exact(multiple)
        step = other if step is None else _common(step, other)
    if facts.integer and step is not None:
        step = _common(step, Fraction(1))
    is_integer = bool(facts.integer)
    if facts.integer is False and step is not None and step.denominator == 1:
        return None
    if is_integer and any(exact(multiple).numerator == 1 for multiple in facts.not_multiples):
        return None
    shape = Numbers(
        is_integer,
        low,
        high,
        excludes_low,
        excludes_high,
        facts.integer is False,
        step,
        facts.not_multiples,
        frozenset(excluded),
    )
    if low is None or high is None:
        return shape
    if is_integer and step is None:
        least, greatest = shape.least_integer, shape.greatest_integer
    elif step is not None:
        least, greatest = shape.factors
    else:
        empty = low > high or (low == high and (excludes_low or excludes_high or low in shape.excluded))
        return None if empty else shape
    assert least is not None
    assert greatest is not None
    # There is none within the bounds, or none but those that are left out. A range of 64 bits has no len().
    is_left_out = greatest - least < len(excluded) and all(
        number * (step or 1) in shape.excluded for number in range(least, greatest + 1)
    )
    return None if is_left_out else shape


def _common(left: Fraction, right: Fraction) -> Fraction:
    """The least number that is a multiple of both."""
    return Fraction(math.lcm(left.numerator, right.numerator), math.gcd(left.denominator, right.denominator))


def _strings(facts: StringConstraints, excluded: list[Any]) -> Strings | None:
    if facts.longest is not None and facts.shortest > facts.longest:
        return None
    languages = list(dict.fromkeys(facts.languages))
    if not languages and not excluded:
        return Strings(_free(facts.shortest, facts.longest), True, facts.shortest, facts.longest)
    language = languages[0] if languages else Language.all_strings()
    for other in languages[1:]:
        language &= other
    if excluded:
        language -= Language.finite(excluded)
    language = language.between(facts.shortest, facts.longest)
    return None if language.is_empty else Strings(language, False, facts.shortest, facts.longest)


def _free(shortest: int, longest: int | None) -> Language:
    return _ANYTHING.between(shortest, longest)


_ANYTHING = Language.all_strings()


def _arrays(facts: ArrayConstraints, node_of: NodeOf) -> Arrays | None:
    rules = list(facts.rules)
    least = facts.least
    size = max((stop if stop is not None else start for start, stop, _ in rules), default=0)
    for tracker, asked, holds in facts.unevaluated:
        known = facts.evaluated.get(tracker, (0, frozenset()))
        if known is None:
            if not holds:
                return None
            continue
        start, single = known
        if holds:
            # Between items that are evaluated one by one, those that are not have a rule each.
            places = [index for index in range(start, max(single, default=-1) + 1) if index not in single]
            rules += [(index, index + 1, asked) for index in places]
            rules.append((max(start, max(single, default=-1) + 1), None, asked))
        else:
            index = max(start, max(single, default=-1) + 1)
            rules.append((index, index + 1, asked))
            least = max(least, index + 1)
        size = max(size, *(stop if stop is not None else start for start, stop, _ in rules))
    if facts.most is not None:
        if least > facts.most:
            return None
        size = min(size, facts.most)
    size = min(size, MOST_PREFIX)

    def at(index: int | None) -> list[Requirement]:
        """What an item must be; without an index, one behind all that are spoken of."""
        return [
            literal
            for start, stop, literal in rules
            if (stop is None if index is None else start <= index and (stop is None or index < stop))
        ]

    asked_of = [at(index) for index in range(size)]
    tail = at(None)
    if facts.repeats:
        while len(asked_of) < 2:
            asked_of.append(tail)
        asked_of[:2] = [asked_of[0] + asked_of[1]] * 2
    if facts.repeats and facts.unique:
        return None
    while asked_of and not facts.repeats and conjunction(asked_of[-1]) == conjunction(tail):
        asked_of.pop()
    prefix = tuple(node_of(asked) for asked in asked_of)
    return Arrays(node_of(tail), least, facts.most, facts.unique, prefix, facts.repeats)


def _objects(facts: ObjectConstraints, node_of: NodeOf) -> Objects | None:
    members = PropertyRules(facts, node_of)
    if not facts.forbidden.isdisjoint(facts.required) or members.is_impossible:
        return None
    required = list(facts.required)
    implied = {name: tuple(others) for name, others in _joined(facts.implied)}
    for name in required:
        required.extend(other for other in implied.get(name, ()) if other not in required)
    required.extend(members.demanded)
    required = list(dict.fromkeys(required))
    if not facts.forbidden.isdisjoint(required) or (facts.most is not None and len(required) > facts.most):
        return None
    if facts.most is not None and facts.least > facts.most:
        return None
    names = dict.fromkeys([*facts.named, *required, *(other for others in implied.values() for other in others)])
    table = {name: members.node(name) for name in names if name not in facts.forbidden}
    gone = set(facts.forbidden)
    # What brings a member that can't be there can't be there itself.
    while brought := [name for name, others in implied.items() if name not in gone and not gone.isdisjoint(others)]:
        gone.update(brought)
        if not gone.isdisjoint(required):
            return None
    implied = {name: others for name, others in implied.items() if name not in gone}
    table = {name: node for name, node in table.items() if name not in gone}
    families = tuple(members.families(frozenset(gone | table.keys())))
    return Objects(table, tuple(required), members.rest, families, implied, facts.least, facts.most)


def _joined(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each member brings, by name, with what that brings in turn."""
    direct: dict[str, dict[str, None]] = {}
    for name, others in pairs:
        direct.setdefault(name, {}).update(dict.fromkeys(others))
    for name, brought in direct.items():
        found = dict.fromkeys(brought)
        open_names = list(found)
        while open_names:
            for other in direct.get(open_names.pop(), ()):
                if other not in found:
                    found[other] = None
                    open_names.append(other)
        yield name, tuple(other for other in found if other != name)
