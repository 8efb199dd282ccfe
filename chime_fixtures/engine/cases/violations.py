"""The search for every labelled violation of a schema, each of exactly one constraint.

The mutator of a keyword proposes values. Each replaces the value in an otherwise valid instance, and becomes a
violation if jsonschema-rs reports exactly that constraint. It is contested if jsonschema accepts it, and not
cross-checked if jsonschema has no verdict. If no proposal is left, a value that violates only that constraint is
constructed.

The time is in proportion to the number of violations: the validators check the smallest part of the instance that
decides (`parts`), and instances are constructed when they are requested (`CatalogueEntry`).
"""

from __future__ import annotations

import collections
import contextlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import MAX_FULL_VALUES, Baseline, plain_value
from chime_fixtures.engine.cases.changed_instances import ChangedInstance
from chime_fixtures.engine.cases.conditional_baselines import ConditionalBaselines
from chime_fixtures.engine.cases.mutators import MUTATORS, Enumerations, Mutation, mutation_context
from chime_fixtures.engine.cases.surroundings import Presence, Surroundings, child_node
from chime_fixtures.engine.cases.unique_labels import UniqueLabels
from chime_fixtures.engine.deferral import with_deferred_instance
from chime_fixtures.engine.dnf.requirements import EvaluationPath
from chime_fixtures.engine.normal_form.nodes import Node, Objects
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.sizes import can_be_constructed
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.schema.cross_validator import CROSS_CHECK_ENGINE
from chime_fixtures.engine.schema.validators import UNDECIDED, Validators
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.choices import MAX_EXTRA_DEPTH, LimitedChoices, TooManyChoicesError
from chime_fixtures.engine.violation import Constraint, Violation

MAX_CONSTRUCTED_INSTANCES = 6
"""Instances that are constructed for one constraint that no mutation violates alone; mostly the first one does."""

MAX_CONSTRUCTED_CHOICES = 5000
"""Choices for such an instance before it gets fewer levels; they take 20 ms."""

MAX_CONSTRUCTED_PROPERTIES = 500
"""Properties of an object in such an instance; jsonschema-rs copies the whole object for each name that it rejects."""

MAX_TRANSPLANTED_INSTANCES = 2
"""Constructed instances whose value at the location is also placed in the full baseline."""

MAX_UNDECIDED_INSTANCES = 3
"""Instances of one constraint for which jsonschema-rs reaches its limit of backtracking steps, 40 ms each."""


@dataclass(frozen=True, slots=True)
class Implied:
    """A constraint that can't be violated alone, and the constraints that are violated with it."""

    constraint: Constraint
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.constraint} can't be violated alone: {', '.join(self.by) or 'no violation was found'}"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A violation whose instance is constructed on request, since a catalogue may be long and instances large.

    Attributes:
        label: the violation, with None as its instance.
        baseline: a valid instance, which entries share.
        changed: the location of the change, at the violation or above it.
        value: the value at that location instead of the valid one.
        is_rejected: True if jsonschema, too, rejects the instance by the schema as it is written.
    """

    label: Violation
    baseline: ChangedInstance
    changed: str
    value: Any
    is_rejected: bool

    @property
    def shared(self) -> Violation:
        """The violation for reading only: its instance shares arrays and objects with the catalogue."""
        return replace(self.label, instance=self._instance().shared)

    def copy(self) -> Violation:
        """The violation with an instance that belongs to the caller, and is constructed when it is first read."""
        return with_deferred_instance(self.label, lambda: self._instance().copy())

    def _instance(self) -> ChangedInstance:
        changed = self.baseline.changed(self.changed, self.value)
        return changed or ChangedInstance(self.baseline.shared, self.changed, self.value)


@dataclass(frozen=True, slots=True)
class _Change:
    """A value that replaces the one at a location of a baseline."""

    baseline: Baseline
    pointer: str
    value: Any


class Search:
    """The search for violations of every target of a schema.

    Args:
        form: the normal form of the schema.
        validators: its validators, which decide about each violation.
        builder: the construction of its values.
    """

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder) -> None:
        self._form = form
        self._validators = validators
        self._builder = builder
        self._full = Baseline.full(validators, builder)
        self._surroundings = Surroundings(form, validators, builder)
        self._minimal: dict[EvaluationPath, Baseline | None] = {}
        # One builder for all constructed violations: most nodes below their roots are the same.
        self._violation_builder = Builder(form.root, examples=form.examples)
        self._violated: set[str] = set()
        self._violated_together: dict[str, dict[str, None]] = {}
        self._undecided: collections.Counter[str] = collections.Counter()
        self._conditional = ConditionalBaselines(form, validators, self._violation_builder, self._surroundings)
        self._enumerations = Enumerations(_enumerations(form))

    def entries(self) -> Iterator[CatalogueEntry]:
        """Every violation, in the schema's order; the same ones each time."""
        labels = UniqueLabels()
        first_pointers: dict[tuple[str, str, Any], str] = {}
        verdicts: dict[tuple[str, str, Any], set[bool]] = {}
        for target in self._form.violation_targets:
            key = (target.path, target.schema_pointer, target.evaluation_path.subkey)
            is_first = first_pointers.setdefault(key, target.pointer) == target.pointer
            known = verdicts.setdefault(key, set())
            found = self._entries(target, constructs=is_first or bool(known))
            for entry in found if is_first else _first_of_each_verdict(found, frozenset(known)):
                known.add(entry.is_rejected)
                self._violated.add(entry.label.schema_pointer)
                label = labels.add(entry.label)
                if label is not None:
                    yield entry if label is entry.label else replace(entry, label=label)

    @property
    def implied(self) -> tuple[Implied, ...]:
        """The constraints that no entry violates, once all entries have been found."""
        implied = [
            Implied(constraint, tuple(self._violated_together.get(constraint.schema_pointer, ())))
            for constraint in {item.schema_pointer: item for item in reversed(self._form.constraints)}.values()
            if constraint.schema_pointer not in self._violated
        ]
        return tuple(reversed(implied))

    def _entries(self, target: ViolationTarget, *, constructs: bool) -> Iterator[CatalogueEntry]:
        """Violations of the target alone: by mutation, and by construction if no mutation is uncontested.

        If other constraints always fail with the target, the mutations are tried again without optional properties,
        whose constraints may depend on the valid value.

        Args:
            target: the target.
            constructs: False if none could be constructed for the same constraint on an earlier item.
        """
        baseline = self._baseline(target)
        verdicts: set[bool] = set()
        yield from self._recorded(self._mutated(target, baseline) if baseline is not None else (), verdicts)
        if True in verdicts or not constructs:
            return
        if not verdicts and target.schema_pointer in self._violated_together:
            smaller = self._surroundings.least_at(target.pointer, _presence(target))
            if smaller is not None and smaller is not baseline:
                yield from self._recorded(self._mutated(target, smaller), verdicts)
        if True in verdicts:
            return
        for change in self._constructed(target, baseline):
            constructed = self._entry(target, change, None)
            if constructed is not None:
                yield constructed
                return

    @staticmethod
    def _recorded(entries: Iterable[CatalogueEntry], verdicts: set[bool]) -> Iterator[CatalogueEntry]:
        """The same entries; of each, True is added to the verdicts if all validators reject it, else False."""
        for entry in entries:
            verdicts.add(not entry.label.contested)
            yield entry

    def _baseline(self, target: ViolationTarget) -> Baseline | None:
        """The full instance if the target applies there, else a smaller instance in which it does."""
        present = _presence(target)
        path = target.evaluation_path
        baseline = self._with_location(target, present)
        if baseline is not None and self._conditional.applies(path, baseline.instance):
            return baseline
        baseline = self._conditional.at(path, target.pointer, present)
        if baseline is not None:
            return baseline
        if target.location_path not in self._minimal:
            root = self._form.violating(target.location_path)
            self._minimal[target.location_path] = Baseline.minimal(self._validators, root, self._violation_builder)
        return self._minimal[target.location_path]

    def _with_location(self, target: ViolationTarget, present: Presence) -> Baseline | None:
        """The full instance if it has the location and these properties, else a smaller one that has."""
        is_full = target.pointer in self._full.nodes and _has(self._full, present)
        if is_full and not self._takes_long(target):
            return self._full
        return self._surroundings.at(target.pointer, present) or (self._full if is_full else None)

    def _takes_long(self, target: ViolationTarget) -> bool:
        """True if the full instance is large, and only a large part of it decides about the target."""
        return (
            len(self._full.nodes) > MAX_FULL_VALUES
            and self._full.parts.smallest(target.pointer).pointer != target.pointer
        )

    def _mutated(self, target: ViolationTarget, baseline: Baseline) -> Iterator[CatalogueEntry]:
        """One violation for each variant and value that the mutator proposes and the validators confirm."""
        variants: set[str | None] = set()
        values: list[Any] = []
        keys: set[Any] = set()
        for variant, value in self._mutations(target, baseline):
            if variant in variants:
                continue
            # The only proposal of a large object has no key.
            keys.update(map(instances.key, values))
            values.clear()
            if keys and instances.key(value) in keys:
                continue
            entry = self._entry(target, _Change(baseline, target.pointer, value), variant)
            if self._undecided[target.schema_pointer] >= MAX_UNDECIDED_INSTANCES:
                return
            if entry is not None:
                variants.add(variant)
                values.append(value)
                yield entry

    def _mutations(self, target: ViolationTarget, baseline: Baseline) -> Iterator[Mutation]:
        if target.facts is None:
            return
        try:
            value = json_pointer.resolve(baseline.instance, target.pointer)
        except LookupError:
            return
        path_to_name = target.evaluation_path.to_name
        if path_to_name is not None:
            yield from self._name_mutations(target, path_to_name, baseline, value)
            return
        node = baseline.node(target.pointer)
        context = mutation_context(node, target, value, self._builder, self._enumerations)
        if context is not None:
            yield from MUTATORS[target.facts.rule](context)

    def _name_mutations(
        self, target: ViolationTarget, path: EvaluationPath, baseline: Baseline, value: Any
    ) -> Iterator[Mutation]:
        """Objects with one more property, whose name is a mutation of a valid name."""
        objects = baseline.node(target.pointer).branch(Objects)
        if objects is None or not isinstance(value, dict):
            return
        requirement = self._form.root_requirement
        for step in path.steps:
            requirement = requirement.to(step.schema)
        names = self._form.node([requirement])
        if not names.is_satisfiable:
            return
        valid = next(iter(value), None) or plain_value(self._builder, names)
        context = mutation_context(names, target, valid, self._builder, self._enumerations)
        if context is None or target.facts is None:
            return
        for variant, name in MUTATORS[target.facts.rule](context):
            if isinstance(name, str) and name not in value:
                node = child_node(objects, name)
                member = None if node is None or not node.is_satisfiable else plain_value(self._builder, node)
                yield variant, {**value, name: member}

    def _constructed(self, target: ViolationTarget, baseline: Baseline | None) -> Iterator[_Change]:
        """Values that are constructed to violate the target alone."""
        part = None if baseline is None else baseline.parts.unconditional(target.pointer)
        if baseline is not None and part is not None and part.pointer:
            node = self._form.violating_part(target.evaluation_path, part.pointer, part.requirements)
            if node is not None:
                # A value that does not violate the target alone in its part does not in any instance.
                yield from self._constructions(target, node, baseline, part.pointer)
                return
        yield from self._constructions(target, self._form.violating(target.evaluation_path), self._full, "")

    def _constructions(
        self, target: ViolationTarget, node: Node, baseline: Baseline, pointer: str
    ) -> Iterator[_Change]:
        """Values of a node for a location of a baseline, the one at the target's location first."""
        if not can_be_constructed(node):
            return
        for seed, value in enumerate(self._constructed_values(node, node.min_depth or 0)):
            if self._undecided[target.schema_pointer] >= MAX_UNDECIDED_INSTANCES:
                return
            if _max_properties(value) > MAX_CONSTRUCTED_PROPERTIES:
                return
            if seed < MAX_TRANSPLANTED_INSTANCES and target.pointer in baseline.nodes:
                with contextlib.suppress(LookupError):
                    inner = json_pointer.resolve(value, target.pointer[len(pointer) :])
                    yield _Change(baseline, target.pointer, inner)
            yield _Change(baseline, pointer, value)

    def _constructed_values(self, node: Node, min_depth: int) -> Iterator[Any]:
        """Values of a node; if they are large, with as few levels as possible, at last with required parts alone."""
        build = self._violation_builder.construction(node)
        for extra_depth in (MAX_EXTRA_DEPTH, 0):
            try:
                for seed in range(MAX_CONSTRUCTED_INSTANCES):
                    choices = LimitedChoices(random.Random(seed), MAX_CONSTRUCTED_CHOICES)
                    yield build(choices, min_depth + extra_depth)
            except TooManyChoicesError:
                continue
            return
        yield self._violation_builder.smallest(node, RandomChoices(random.Random(0)))

    def _entry(self, target: ViolationTarget, change: _Change, variant: str | None) -> CatalogueEntry | None:
        """The labelled violation, if jsonschema-rs reports the target alone, and jsonschema nothing else; or None."""
        baseline = change.baseline
        reported = baseline.check(change.pointer, change.value)
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
        errors = baseline.cross_check.errors(change.pointer, change.value)
        if errors and not _confirms(errors, target):
            return None
        accepting = dict.fromkeys([CROSS_CHECK_ENGINE] if errors == [] else [])
        if target.facts is not None and target.facts.may_be_respelled:
            others = baseline.other_verdicts(change.pointer, change.value)
            accepting |= dict.fromkeys(name for name, is_accepted in others.items() if is_accepted)
        label = replace(
            own[0],
            instance=None,
            # Equal strings, of which a large catalogue would otherwise have a copy in each label.
            pointer=target.pointer,
            keyword=target.keyword,
            limit=target.value,
            schema_pointer=target.schema_pointer,
            variant=own[0].variant if variant is None else variant,
            contested=tuple(accepting),
            cross_checked=errors is not None,
        )
        return CatalogueEntry(label, baseline.source, change.pointer, change.value, is_rejected=errors != [])


def _max_properties(value: Any) -> int:
    """The number of properties of the largest object in a value."""
    if isinstance(value, list):
        return max(map(_max_properties, value), default=0)
    return max([len(value), *map(_max_properties, value.values())]) if isinstance(value, dict) else 0


def _has(baseline: Baseline, present: Presence) -> bool:
    """True if the instance of a baseline has these properties."""
    try:
        holders = [(json_pointer.resolve(baseline.instance, location), name) for location, name in present]
    except LookupError:
        return False
    return all(isinstance(holder, dict) and name in holder for holder, name in holders)


def _presence(target: ViolationTarget) -> Presence:
    """The properties whose presence applies the schemas on the path to a target."""
    present: list[tuple[str, str]] = []
    tokens: list[str | int] = []
    for step in target.evaluation_path.steps:
        facts = step.schema.dialect.keywords.get(step.keyword)
        if facts is not None and facts.is_applied_by_presence:
            present.append((json_pointer.join(tokens), str(step.subkey)))
        if step.instance_token is not None:
            tokens.append(step.instance_token)
    return tuple(present)


def _enumerations(form: NormalForm) -> Iterator[tuple[str, Sequence[Any]]]:
    """The enumerations of a schema, in its order, each after the name of the property that has it."""
    for target in form.violation_targets:
        names = [token for token in json_pointer.split(target.path) if token != "*"]
        if target.keyword == "enum" and names:
            yield names[-1], target.value


def _first_of_each_verdict(entries: Iterator[CatalogueEntry], known: frozenset[bool]) -> Iterator[CatalogueEntry]:
    """The first violation of each verdict of jsonschema: enough for an item with the node of an earlier item.

    Args:
        entries: the violations of the item, found when they are requested.
        known: the verdicts on the violations of earlier items; no others are looked for once one is uncontested.
    """
    seen: set[bool] = set()
    for entry in entries:
        if entry.is_rejected not in seen:
            seen.add(entry.is_rejected)
            yield entry
        if True in seen and known <= seen:
            return


def _confirms(errors: list[tuple[str, str]], target: ViolationTarget) -> bool:
    """True if jsonschema reports only the target; of a `false` subschema it reports no keyword."""
    if len(errors) != 1 or target.facts is None:
        return len(errors) == 1
    pointer, keyword = errors[0]
    # For `minContains` it reports `contains` if no item matches.
    return pointer == target.pointer and keyword in {target.keyword, target.facts.cross_check_alias}
