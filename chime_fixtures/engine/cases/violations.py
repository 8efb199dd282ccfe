"""The finite catalogue of every way to break a contract, one constraint at a time.

For each constraint its breaker proposes values; each is put into a full, otherwise valid instance; and only those stay
of which the judge says that they break exactly that constraint and nothing else. What the second voice accepts is
contested.
"""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.ground import Neighbours, ground_of
from chime_fixtures.engine.cases.locations import put
from chime_fixtures.engine.cases.mutators import MUTATORS
from chime_fixtures.engine.dnf.requirements import EvaluationPath
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.sizes import exceeds_size_limit
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.schema.validators import CROSS_CHECK_ENGINE, Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.builder import MAX_EXTRA_DEPTH
from chime_fixtures.engine.violation import Constraint, Violation


@dataclass(frozen=True, slots=True)
class Implied:
    """A constraint that can't be violated alone, and the constraints that are violated with it."""

    constraint: Constraint
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.constraint} can't be violated alone: {', '.join(self.by) or 'nothing violates it'}"


def transplant(validators: Validators, violation: Violation, around: Any) -> Violation:
    """The same fault in another, valid instance, where it still is the only one; else in its own.

    It shares nothing with the violation: the code under test may change what it is given.
    """
    try:
        instance = _transplant(violation, around)
    except LookupError:
        instance = None
    if instance is None or not _is_only(validators, violation, instance):
        instance = instances.copy_json(violation.instance)
    return replace(violation, instance=instance)


def _transplant(violation: Violation, around: Any) -> Any:
    """The instance `around` with the value at the first step of the fault's way taken over."""
    tokens = json_pointer.split(violation.pointer)
    if not tokens or not isinstance(around, dict):
        raise LookupError(violation.pointer)
    return {**around, tokens[0]: instances.copy_json(violation.instance[tokens[0]])}


def _is_only(validators: Validators, violation: Violation, instance: Any) -> bool:
    found = validators.check(instance)
    return len(found) == 1 and _label(found[0]) == _label(violation)


def _label(violation: Violation) -> tuple[str, str, str]:
    return violation.pointer, violation.keyword, violation.schema_pointer


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every violation of a schema, in the schema's order, and the constraints that can't be violated alone."""

    violations: tuple[Violation, ...]
    implied: tuple[Implied, ...]


WITNESSES = 12
"""How many instances at most are made for a constraint that no slip of a breaker breaks alone."""


def catalogue(form: NormalForm, validators: Validators, builder: Builder) -> Catalogue:
    """Every labelled violation of a schema; the same ones each time.

    Args:
        form: the normal form of the schema.
        validators: its validators, which decide about each violation.
        builder: the construction of its values.
    """
    return _Search(form, validators, builder).run()


class _Search:
    """The search through everything that can be violated."""

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder) -> None:
        self._form = form
        self._validators = validators
        self._values = builder
        self._full = Baseline.full(validators, builder)
        self._minimal: dict[EvaluationPath, Baseline | None] = {}
        # One builder for all that is constructed, since most nodes below a violating root are the same each time.
        self._builder = Builder(form.root, examples=form.examples)
        self._others: dict[str, dict[str, None]] = {}
        self._enums = _enums(form)

    def run(self) -> Catalogue:
        found: dict[str, Violation] = {}
        broken: set[str] = set()
        told: dict[tuple[str, str, Any], str] = {}
        for breach in self._form.violation_targets:
            violations = self._violations(breach)
            if (
                told.setdefault((breach.path, breach.schema_pointer, breach.evaluation_path.subkey), breach.pointer)
                != breach.pointer
            ):
                violations = _first_ones(violations)
            for violation in violations:
                _file(violation, found)
                broken.add(violation.schema_pointer)
        implied = [
            Implied(constraint, tuple(self._others.get(constraint.schema_pointer, ())))
            for constraint in {item.schema_pointer: item for item in reversed(self._form.constraints)}.values()
            if constraint.schema_pointer not in broken
        ]
        return Catalogue(tuple(found.values()), tuple(reversed(implied)))

    def _violations(self, breach: ViolationTarget) -> Iterator[Violation]:
        """What breaks it alone: the slips of its breaker, or else an instance constructed to do so."""
        is_found = False
        variants: set[str | None] = set()
        values: list[Any] = []
        base = self._base(breach)
        for variant, value, instance in self._slips(breach, base) if base is not None else ():
            # A slip that was told already, or comes to the same value as another, tells nothing.
            if variant in variants or any(instances.equal(value, other) for other in values):
                continue
            violation = self._judged(breach, instance(), variant, base)
            if violation is not None:
                variants.add(variant)
                values.append(value)
                is_found = is_found or not violation.contested
                yield violation
        if is_found:
            return
        for instance in self._constructed(breach):
            violation = self._judged(breach, instance, None, None)
            if violation is not None:
                yield violation
                return

    def _base(self, breach: ViolationTarget) -> Baseline | None:
        """What slips are put into: the full instance, or else a flat one that has the place."""
        if breach.pointer in self._full.places:
            return self._full
        if breach.location_path not in self._minimal:
            root = self._form.violating(breach.location_path)
            self._minimal[breach.location_path] = Baseline.minimal(self._validators, root, self._builder)
        return self._minimal[breach.location_path]

    def _slips(self, breach: ViolationTarget, base: Baseline) -> Iterator[tuple[str | None, Any, Callable[[], Any]]]:
        """The variant of a slip, its value, and what makes the instance in which it stands."""
        breaker = MUTATORS.get(breach.keyword)
        if breaker is None or breach.evaluation_path.keyword == "false":
            return
        try:
            value = json_pointer.resolve(base.instance, breach.pointer)
        except LookupError:
            return
        ground = ground_of(base.node(breach.pointer), breach, value, self._values, self._enums)
        if ground is not None:
            for variant, proposal in breaker(ground):
                yield variant, proposal, functools.partial(put, base.instance, breach.pointer, proposal)

    def _constructed(self, breach: ViolationTarget) -> Iterator[Any]:
        root = self._form.violating(breach.evaluation_path)
        if root.min_depth is None or exceeds_size_limit(root):
            return
        build = self._builder.of(root)
        for seed in range(WITNESSES):
            instance = build(RandomChoices(random.Random(seed)), root.min_depth + MAX_EXTRA_DEPTH)
            if seed < 2 and breach.pointer in self._full.places:
                # In an otherwise full instance the fault stands out best.
                with contextlib.suppress(LookupError):
                    yield put(self._full.instance, breach.pointer, json_pointer.resolve(instance, breach.pointer))
            yield instance

    def _judged(
        self, breach: ViolationTarget, instance: Any, variant: str | None, base: Baseline | None
    ) -> Violation | None:
        complaints = self._validators.check(instance)
        own = [found for found in complaints if found.schema_pointer == breach.schema_pointer]
        if len(complaints) != 1 or not own or own[0].pointer != breach.pointer:
            if own:
                self._others.setdefault(breach.schema_pointer, {}).update(
                    (found.keyword, None) for found in complaints if found not in own
                )
            return None
        if base is None:
            opinion = self._validators.cross_check(instance)
        else:
            opinion = base.cross_check(instance, base.places.get(breach.pointer))
        voices = () if opinion else (CROSS_CHECK_ENGINE,)
        if opinion and not _agrees(opinion, breach):
            return None
        part = own[0].variant if variant is None else variant
        return replace(own[0], keyword=breach.keyword, limit=breach.value, variant=part, contested=voices)


def _enums(form: NormalForm) -> Neighbours:
    """The enumerations of a contract, in its order, each with the name of the first member that has it."""
    found: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for breach in form.violation_targets:
        names = [token for token in json_pointer.split(breach.path) if token != "*"]
        if breach.keyword == "enum" and names:
            found.setdefault(repr(breach.value), (names[-1], tuple(breach.value)))
    return tuple(found.values())


def _first_ones(violations: Iterator[Violation]) -> Iterator[Violation]:
    """Of a later item, which the same check judges: the first that is certain, and the first that is contested."""
    told: set[bool] = set()
    for violation in violations:
        if bool(violation.contested) not in told:
            told.add(bool(violation.contested))
            yield violation


def _file(violation: Violation, found: dict[str, Violation]) -> None:
    """Put a violation under its id; where another has that id already, it is numbered."""
    numbered = violation
    for number in range(2, 1000):
        known = found.setdefault(numbered.id.casefold(), numbered)
        if known is numbered or (_label(known), known.variant) == (_label(violation), violation.variant):
            return
        numbered = replace(violation, variant=f"{violation.variant or ''}-{number}".strip("-"))


def _agrees(opinion: list[tuple[str, str]], breach: ViolationTarget) -> bool:
    """Whether the second voice complains of the same thing; where a `false` schema stands, it can't say."""
    if breach.evaluation_path.keyword == "false":
        return len(opinion) == 1
    return [(place, _COUNTING.get(word, word)) for place, word in opinion] == [
        (breach.pointer, _COUNTING.get(breach.keyword, breach.keyword))
    ]


_COUNTING = {"minContains": "contains"}
"""Both say that too few items match; which of them is said depends on how many do."""
