"""The finite catalogue of every way to break a contract, one constraint at a time.

For each constraint its breaker proposes values; each is put into a full, otherwise valid instance; and only those stay
of which the judge says that they break exactly that constraint and nothing else. What the second voice accepts is
contested.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract import Constraint, Contract, Violation
from chime_fixtures.contract.judge import SECOND_VOICE
from chime_fixtures.contract.nodes import Assertion
from chime_fixtures.values import builder_of
from chime_fixtures.violations.breakers import BREAKERS, Ground
from chime_fixtures.violations.places import Place, places, put


@dataclass(frozen=True, slots=True)
class Implied:
    """A constraint that can't be broken alone, and the constraints that break with it."""

    constraint: Constraint
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.constraint} can't be broken alone: {', '.join(self.by) or 'nothing breaks it'}"


def enumerate_violations(
    schema: Contract | dict[str, Any] | bool,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
) -> tuple[Violation, ...]:
    """Every labelled violation of a schema, in the schema's order; the same ones each time.

    Args:
        schema: a contract, or a JSON Schema of draft 2020-12.
        pointer: only those that are reported at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.

    Raises:
        UnsupportedSchemaError: the schema asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value satisfies it.
    """
    return tuple(
        violation
        for violation in _catalogue(Contract.of(schema)).violations
        if (pointer is None or violation.pointer == pointer)
        and (keyword is None or violation.keyword == keyword)
        and (contested or not violation.contested)
    )


def enumerate_implied(schema: Contract | dict[str, Any] | bool) -> tuple[Implied, ...]:
    """The constraints that can't be broken alone, each with those that break with it."""
    return _catalogue(Contract.of(schema)).implied


def with_fault_in(contract: Contract, violation: Violation, around: Any) -> Violation:
    """The same fault in another, valid instance, where it still is the only one; else the violation as it is."""
    try:
        instance = _transplant(violation, around)
    except LookupError:
        return violation
    return replace(violation, instance=instance) if _is_only(contract, violation, instance) else violation


def _transplant(violation: Violation, around: Any) -> Any:
    """The instance `around` with the value at the first step of the fault's way taken over."""
    tokens = json_pointer.split(violation.pointer)
    if not tokens or not isinstance(around, dict):
        raise LookupError(violation.pointer)
    return {**around, tokens[0]: violation.instance[tokens[0]]}


def _is_only(contract: Contract, violation: Violation, instance: Any) -> bool:
    found = contract.check(instance)
    return len(found) == 1 and _label(found[0]) == _label(violation)


def _label(violation: Violation) -> tuple[str, str, str]:
    return violation.pointer, violation.keyword, violation.schema_pointer


@dataclass(frozen=True, slots=True)
class _Catalogue:
    violations: tuple[Violation, ...]
    implied: tuple[Implied, ...]


@lru_cache(maxsize=64)
def _catalogue(contract: Contract) -> _Catalogue:
    instance, every = places(contract)
    builder = builder_of(contract)
    found: dict[str, Violation] = {}
    broken: set[str] = set()
    others: dict[str, dict[str, None]] = {}
    by_pointer = {item.schema_pointer: item for item in reversed(contract.constraints)}
    for place in every:
        value = json_pointer.resolve(instance, place.pointer)
        for assertion in place.node.assertions:
            for variant, proposal in BREAKERS[assertion.keyword](Ground(place.node, assertion, value, builder)):
                violation = _judged(contract, put(instance, place.pointer, proposal), place, assertion, variant, others)
                if violation is not None and violation.id.casefold() not in found:
                    found[violation.id.casefold()] = violation
                    broken.add(assertion.schema_pointer)
    implied = [
        Implied(constraint, tuple(others.get(pointer, ())))
        for pointer, constraint in by_pointer.items()
        if pointer not in broken
    ]
    return _Catalogue(tuple(found.values()), tuple(reversed(implied)))


def _judged(
    contract: Contract,
    instance: Any,
    place: Place,
    assertion: Assertion,
    variant: str | None,
    others: dict[str, dict[str, None]],
) -> Violation | None:
    complaints = contract.check(instance)
    own = [found for found in complaints if found.schema_pointer == assertion.schema_pointer]
    if len(complaints) != 1 or not own:
        if own:
            others.setdefault(assertion.schema_pointer, {}).update(
                (found.keyword, None) for found in complaints if found not in own
            )
        return None
    opinion = contract.judge.second_opinion(instance)
    if opinion == [(own[0].pointer, own[0].keyword)]:
        voices: tuple[str, ...] = ()
    elif opinion:
        return None
    else:
        voices = (SECOND_VOICE,)
    return replace(own[0], variant=variant, contested=voices)
