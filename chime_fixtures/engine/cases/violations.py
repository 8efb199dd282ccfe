"""The catalogue: every labelled violation of a schema, each of exactly one constraint.

The mutator of a keyword proposes values. Each is put into a full, otherwise valid instance, and becomes a violation if
jsonschema-rs reports exactly that constraint. It is contested if jsonschema accepts it, and not cross-checked if
jsonschema has no verdict. If no proposal is left, an instance that violates only that constraint is constructed.
"""

from __future__ import annotations

import collections
import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.mutators import MUTATORS, Enumerations, Mutation, mutation_context
from chime_fixtures.engine.dnf.requirements import EvaluationPath
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.sizes import exceeds_size_limit
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.schema.cross_validator import CROSS_CHECK_ENGINE
from chime_fixtures.engine.schema.validators import UNDECIDED, Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.builder import MAX_EXTRA_DEPTH
from chime_fixtures.engine.violation import Constraint, Violation

MAX_CONSTRUCTED_INSTANCES = 12
"""Instances that are constructed for one constraint that no mutation violates alone."""

MAX_TRANSPLANTED_INSTANCES = 2
"""Constructed instances whose value at the location is also placed in the full baseline."""

MAX_UNDECIDED_INSTANCES = 3
"""Instances of one constraint for which jsonschema-rs reaches its limit of backtracking steps, 40 ms each."""

MAX_VIOLATIONS_PER_ID = 1000
"""Violations with the same label; the ids of the second and later ones are numbered."""


@dataclass(frozen=True, slots=True)
class Implied:
    """A constraint that can't be violated alone, and the constraints that are violated with it."""

    constraint: Constraint
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.constraint} can't be violated alone: {', '.join(self.by) or 'no violation was found'}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every violation of a schema, in the schema's order, and the constraints that can't be violated alone."""

    violations: tuple[Violation, ...]
    implied: tuple[Implied, ...]


def catalogue(form: NormalForm, validators: Validators, builder: Builder) -> Catalogue:
    """Every labelled violation of a schema; the same ones each time.

    Args:
        form: the normal form of the schema.
        validators: its validators, which decide about each violation.
        builder: the construction of its values.
    """
    return _Search(form, validators, builder).run()


def transplant(validators: Validators, violation: Violation, context: Any) -> Violation:
    """The same violation in another valid instance, if it is the only one there; else in a copy of its own instance.

    The result shares nothing with the violation, so that callers may change it.
    """
    try:
        instance = _transplanted(violation, context)
    except LookupError:
        instance = None
    if instance is None or not _is_only_violation(validators, violation, instance):
        instance = instances.copy_json(violation.instance)
    return replace(violation, instance=instance)


def _transplanted(violation: Violation, context: Any) -> Any:
    """The instance `context` with the whole property of the root that contains the violation."""
    tokens = json_pointer.split(violation.pointer)
    if not tokens or not isinstance(context, dict):
        raise LookupError(violation.pointer)
    return {**context, tokens[0]: instances.copy_json(violation.instance[tokens[0]])}


def _is_only_violation(validators: Validators, violation: Violation, instance: Any) -> bool:
    reported = validators.check(instance)
    return len(reported) == 1 and _constraint_of(reported[0]) == _constraint_of(violation)


def _constraint_of(violation: Violation) -> tuple[str, str, str]:
    return violation.pointer, violation.keyword, violation.schema_pointer


class _Search:
    """The search for violations of every target of a schema."""

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder) -> None:
        self._form = form
        self._validators = validators
        self._builder = builder
        self._full = Baseline.full(validators, builder)
        self._minimal: dict[EvaluationPath, Baseline | None] = {}
        # One builder for all constructed violations: most nodes below their roots are the same.
        self._violation_builder = Builder(form.root, examples=form.examples)
        self._violated_together: dict[str, dict[str, None]] = {}
        self._undecided: collections.Counter[str] = collections.Counter()
        self._enumerations = _enumerations(form)

    def run(self) -> Catalogue:
        catalogued: dict[str, Violation] = {}
        violated: set[str] = set()
        first_pointers: dict[tuple[str, str, Any], str] = {}
        for target in self._form.violation_targets:
            violations = self._violations(target)
            key = (target.path, target.schema_pointer, target.evaluation_path.subkey)
            if first_pointers.setdefault(key, target.pointer) != target.pointer:
                violations = _first_of_each_verdict(violations)
            for violation in violations:
                _add_unique(violation, catalogued)
                violated.add(violation.schema_pointer)
        implied = [
            Implied(constraint, tuple(self._violated_together.get(constraint.schema_pointer, ())))
            for constraint in {item.schema_pointer: item for item in reversed(self._form.constraints)}.values()
            if constraint.schema_pointer not in violated
        ]
        return Catalogue(tuple(catalogued.values()), tuple(reversed(implied)))

    def _violations(self, target: ViolationTarget) -> Iterator[Violation]:
        """Violations of the target alone: by mutation, and by construction if no mutation is uncontested."""
        baseline = self._baseline(target)
        is_uncontested = False
        for violation in self._mutated(target, baseline) if baseline is not None else ():
            is_uncontested = is_uncontested or not violation.contested
            yield violation
        if is_uncontested:
            return
        for instance in self._constructed(target):
            constructed = self._violation(target, instance, None, None)
            if constructed is not None:
                yield constructed
                return

    def _baseline(self, target: ViolationTarget) -> Baseline | None:
        """The full instance if it contains the location, else a minimal instance that does."""
        if target.pointer in self._full.nodes:
            return self._full
        if target.location_path not in self._minimal:
            root = self._form.violating(target.location_path)
            self._minimal[target.location_path] = Baseline.minimal(self._validators, root, self._violation_builder)
        return self._minimal[target.location_path]

    def _mutated(self, target: ViolationTarget, baseline: Baseline) -> Iterator[Violation]:
        """One violation for each variant and value that the mutator proposes and the validators confirm."""
        variants: set[str | None] = set()
        values: list[Any] = []
        for variant, value in self._mutations(target, baseline):
            if variant in variants or any(instances.equal(value, other) for other in values):
                continue
            instance = baseline.with_value(target.pointer, value)
            violation = self._violation(target, instance, variant, baseline)
            if self._undecided[target.schema_pointer] >= MAX_UNDECIDED_INSTANCES:
                return
            if violation is not None:
                variants.add(variant)
                values.append(value)
                yield violation

    def _mutations(self, target: ViolationTarget, baseline: Baseline) -> Iterator[Mutation]:
        if target.facts is None:
            return
        try:
            value = json_pointer.resolve(baseline.instance, target.pointer)
        except LookupError:
            return
        node = baseline.node(target.pointer)
        context = mutation_context(node, target, value, self._builder, self._enumerations)
        if context is not None:
            yield from MUTATORS[target.facts.rule](context)

    def _constructed(self, target: ViolationTarget) -> Iterator[Any]:
        """Instances that are constructed to violate the target alone, the one in the full baseline first."""
        root = self._form.violating(target.evaluation_path)
        if root.min_depth is None or exceeds_size_limit(root):
            return
        build = self._violation_builder.construction(root)
        for seed in range(MAX_CONSTRUCTED_INSTANCES):
            if self._undecided[target.schema_pointer] >= MAX_UNDECIDED_INSTANCES:
                return
            instance = build(RandomChoices(random.Random(seed)), root.min_depth + MAX_EXTRA_DEPTH)
            if seed < MAX_TRANSPLANTED_INSTANCES and target.pointer in self._full.nodes:
                with contextlib.suppress(LookupError):
                    yield self._full.with_value(target.pointer, json_pointer.resolve(instance, target.pointer))
            yield instance

    def _violation(
        self, target: ViolationTarget, instance: Any, variant: str | None, baseline: Baseline | None
    ) -> Violation | None:
        """The labelled violation, if jsonschema-rs reports the target alone, and jsonschema nothing else; or None."""
        reported = self._validators.check(instance)
        own = [violation for violation in reported if violation.schema_pointer == target.schema_pointer]
        if len(reported) != 1 or not own or own[0].pointer != target.pointer:
            if own:
                self._violated_together.setdefault(target.schema_pointer, {}).update(
                    (violation.keyword, None) for violation in reported if violation not in own
                )
            return None
        if own[0].because == UNDECIDED:
            self._undecided[target.schema_pointer] += 1
            return None
        if baseline is None:
            errors = self._validators.cross_check(instance)
        else:
            errors = baseline.cross_check.errors(instance, target.pointer)
        if errors and not _confirms(errors, target):
            return None
        return replace(
            own[0],
            keyword=target.keyword,
            limit=target.value,
            variant=own[0].variant if variant is None else variant,
            contested=(CROSS_CHECK_ENGINE,) if errors == [] else (),
            cross_checked=errors is not None,
        )


def _enumerations(form: NormalForm) -> Enumerations:
    """The enumerations of a schema, in its order, each with the name of the first property that has it."""
    enumerations: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for target in form.violation_targets:
        names = [token for token in json_pointer.split(target.path) if token != "*"]
        if target.keyword == "enum" and names:
            enumerations.setdefault(repr(target.value), (names[-1], tuple(target.value)))
    return tuple(enumerations.values())


def _first_of_each_verdict(violations: Iterator[Violation]) -> Iterator[Violation]:
    """The first uncontested and the first contested violation: enough for an item with the node of an earlier item."""
    seen: set[bool] = set()
    for violation in violations:
        if bool(violation.contested) not in seen:
            seen.add(bool(violation.contested))
            yield violation


def _add_unique(violation: Violation, catalogued: dict[str, Violation]) -> None:
    """Add a violation under its id, with a number if another violation has that id; a duplicate is not added."""
    numbered = violation
    for number in range(2, MAX_VIOLATIONS_PER_ID):
        known = catalogued.setdefault(numbered.id.casefold(), numbered)
        is_duplicate = _constraint_of(known) == _constraint_of(violation) and known.variant == violation.variant
        if known is numbered or is_duplicate:
            return
        numbered = replace(violation, variant=f"{violation.variant or ''}-{number}".strip("-"))


def _confirms(errors: list[tuple[str, str]], target: ViolationTarget) -> bool:
    """True if jsonschema reports only the target; of a `false` subschema it reports no keyword."""
    if len(errors) != 1 or target.facts is None:
        return len(errors) == 1
    pointer, keyword = errors[0]
    # For `minContains` it reports `contains` if no item matches.
    return pointer == target.pointer and keyword in {target.keyword, target.facts.cross_check_alias}
