"""Baselines for the constraints of `then` and `else`, which apply only beside certain values.

A valid instance is on one side of each `if`. Where a list of `if` and `then` stands for a union, it is in one of many
alternatives. The constraints of the others need instances of their own, which are constructed once for each `then` and
`else` at a location, and shared by all constraints below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.cases.part_applicators import APPLYING_VERDICTS
from chime_fixtures.engine.cases.surroundings import Presence, Start, Surroundings
from chime_fixtures.engine.dnf.requirements import EvaluationPath, PathStep
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.sizes import can_be_constructed
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder

Steps = tuple[PathStep, ...]


class _Conditional(NamedTuple):
    """A `then` or `else` on an evaluation path.

    Attributes:
        path: the path to its subschema.
        condition: the subschema of the `if`.
        verdict: the verdict of the condition with which it applies.
        tokens: its location.
    """

    path: EvaluationPath
    condition: Subschema
    verdict: bool
    tokens: tuple[str | int, ...]

    @property
    def pointer(self) -> str:
        """The location as a pointer."""
        return json_pointer.join(self.tokens)


class ConditionalBaselines:
    """The baselines in which a `then` or `else` applies, each constructed at the first request.

    Args:
        form: the normal form of the schema.
        validators: its validators, which decide about each `if`.
        builder: the construction of its values.
        surroundings: the baselines of locations, whatever applies there.
    """

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder, surroundings: Surroundings) -> None:
        self._form = form
        self._validators = validators
        self._builder = builder
        self._known: dict[Steps, tuple[_Conditional, ...]] = {}
        self._surroundings = surroundings
        self._started: dict[EvaluationPath, Surroundings | None] = {}

    def applies(self, path: EvaluationPath, instance: Any) -> bool:
        """True if the locations on a path are in an instance, and each `then` and `else` on it applies there."""
        for conditional in self._conditionals_on(path):
            value = instance
            try:
                for token in conditional.tokens:
                    value = value[token]
            except (LookupError, TypeError):
                # The pointer may lead to a property "0" of an object, but the path to the first item of an array.
                return False
            if self._validators.is_part_valid(conditional.condition, value) is not conditional.verdict:
                return False
        return True

    def at(self, path: EvaluationPath, pointer: str, present: Presence) -> Baseline | None:
        """A baseline with a location and some properties, in which the last `then` or `else` on a path applies.

        None if none was found, or if there is neither on the path.

        Args:
            path: a path to the location.
            pointer: the location.
            present: the properties.
        """
        conditionals = self._conditionals_on(path)
        if not conditionals:
            return None
        last = conditionals[-1]
        if last.path not in self._started:
            earlier = None if len(conditionals) == 1 else conditionals[-2].path
            self._started[last.path] = self._surroundings_of(last, earlier)
        surroundings = self._started[last.path]
        if surroundings is None:
            return None
        # A full value at the location of the conditional has most locations below it.
        surroundings.at(last.pointer, present)
        return surroundings.at(pointer, present)

    def _surroundings_of(self, conditional: _Conditional, earlier: EvaluationPath | None) -> Surroundings | None:
        start = self._start(conditional, earlier)
        return None if start is None else Surroundings(self._form, self._validators, self._builder, start)

    def _start(self, conditional: _Conditional, earlier: EvaluationPath | None) -> Start | None:
        """The innermost part around a location, and the node of its values with which the conditional applies.

        Args:
            conditional: the conditional.
            earlier: the path to the conditional before it, if there is one.
        """
        pointer = conditional.pointer
        baseline = self._surroundings.at(pointer) if earlier is None else self.at(earlier, pointer, ())
        if baseline is None:
            return None
        part = baseline.parts.smallest(pointer)
        node = self._form.violating_part(conditional.path, part.pointer, part.requirements)
        return Start(baseline, part.pointer, node) if node is not None and can_be_constructed(node) else None

    def _conditionals_on(self, path: EvaluationPath) -> tuple[_Conditional, ...]:
        """Each `then` and `else` on a path."""
        known = self._known.get(path.steps)
        if known is None:
            known = self._known[path.steps] = tuple(_conditionals(self._form.root_requirement.schema, path.steps))
        return known


def _conditionals(root: Subschema, steps: Steps) -> Iterator[_Conditional]:
    schema = root
    tokens: list[str | int] = []
    for length, step in enumerate(steps, 1):
        facts = schema.dialect[step.keyword]
        if facts.rule in APPLYING_VERDICTS and facts.evaluated_by in schema.children:
            verdict = APPLYING_VERDICTS[facts.rule]
            path = EvaluationPath(steps[:length], None)
            yield _Conditional(path, schema.children[facts.evaluated_by], verdict, tuple(tokens))
        if step.instance_token is not None:
            tokens.append(step.instance_token)
        schema = step.schema
