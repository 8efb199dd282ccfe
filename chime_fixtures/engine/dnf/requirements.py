"""Requirements on the value at one location: schemas to satisfy, to violate, or to violate at exactly one keyword."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.schema.graph import DYNAMIC_REFERENCES, Subschema


class PathStep(NamedTuple):
    """One step of an evaluation path: an applicator, the subschema under it, and the step into the instance.

    Attributes:
        keyword: the applicator or reference.
        subkey: the name or index under it, if it has one.
        schema: the subschema that the step leads to.
        instance_token: the property or item of the instance that is entered; None if the same value is evaluated.
    """

    keyword: str
    subkey: str | int | None
    schema: Subschema
    instance_token: str | int | None


@dataclass(frozen=True, slots=True)
class EvaluationPath:
    """The path from a schema to a keyword below it.

    Attributes:
        steps: the steps to the schema that has the keyword.
        keyword: the keyword to violate; None for the location alone, with nothing violated there.
        subkey: the part of the keyword: a name of `required`, a pair of names of `dependentRequired`.
    """

    steps: tuple[PathStep, ...]
    keyword: str | None
    subkey: Any = None

    @property
    def to_name(self) -> EvaluationPath | None:
        """The part of the path that leads to the schema of a property name; None if there is none."""
        for length, step in enumerate(self.steps, 1):
            facts = step.schema.dialect.keywords.get(step.keyword)
            if facts is not None and facts.is_applied_to_names:
                return EvaluationPath(self.steps[:length], None)
        return None

    @property
    def rest(self) -> EvaluationPath:
        """The path after the first step."""
        return EvaluationPath(self.steps[1:], self.keyword, self.subkey)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One schema that a value must satisfy, or must violate.

    Attributes:
        schema: the schema.
        must_hold: True if a value must satisfy the schema; with a path, all of it except the keyword at its end.
        dynamic_scope: for each dynamic anchor the first resource with it that was entered on the path.
        path: the path to the only keyword that a value must violate.
        annotation_consumers: the schemas whose `unevaluated...` keywords depend on what this one evaluates.
    """

    schema: Subschema
    must_hold: bool
    dynamic_scope: tuple[tuple[str, str], ...] = ()
    path: EvaluationPath | None = None
    annotation_consumers: tuple[Subschema, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Conjunctions of many requirements are looked up again and again.
        object.__setattr__(self, "_hash", hash((id(self.schema), self.must_hold, self.dynamic_scope, self.path)))

    def to(self, schema: Subschema, *, must_hold: bool | None = None, in_place: bool = False) -> Requirement:
        """The requirement for a schema that this one refers to or contains.

        To violate copies of a schema is one requirement; each that is satisfied has its own locations.
        """
        holds = self.must_hold if must_hold is None else must_hold
        schema = schema if holds else schema.representative
        scope = enter_scope(self.dynamic_scope, schema) if schema.anchors else self.dynamic_scope
        consumers = self.annotation_consumers if in_place and holds and self.must_hold else ()
        return Requirement(schema, holds, scope, None, consumers)

    def descend(self, step: PathStep) -> Requirement:
        """The requirement for the schema after the first step of the path."""
        assert self.path is not None
        after = self.to(step.schema, in_place=step.instance_token is None)
        return Requirement(after.schema, True, after.dynamic_scope, self.path.rest, after.annotation_consumers)

    @property
    def without_consumers(self) -> Requirement:
        """The same requirement without annotation consumers."""
        return Requirement(self.schema, self.must_hold, self.dynamic_scope, self.path)

    @property
    def complement(self) -> Requirement | None:
        """The requirement that is met exactly if this one is not; None for an evaluation path."""
        if self.path is not None:
            return None
        schema = self.schema.representative if self.must_hold else self.schema
        return Requirement(schema, not self.must_hold, self.dynamic_scope)

    @property
    def representative(self) -> Requirement:
        """The same requirement on the representative of its schema, which has the same verdicts."""
        schema = self.schema.representative
        return self if schema is self.schema else Requirement(schema, self.must_hold, self.dynamic_scope, self.path)

    @property
    def other_consumers(self) -> tuple[Subschema, ...]:
        """The annotation consumers other than the schema itself."""
        return tuple(consumer for consumer in self.annotation_consumers if consumer is not self.schema)

    @property
    def targets(self) -> list[Subschema]:
        """The targets of the schema's references in the dynamic scope."""
        schema = self.schema
        if not schema.static_refs and not schema.dynamic_refs:
            return []
        return [target for keyword in schema.dialect.references for target in self.targets_of(keyword)]

    def targets_of(self, keyword: str) -> list[Subschema]:
        """The target of one reference in the dynamic scope; empty if the schema does not have the keyword."""
        schema = self.schema
        if keyword in schema.static_refs:
            return [schema.static_refs[keyword]]
        if not schema.dynamic_refs or keyword not in DYNAMIC_REFERENCES or keyword not in schema.keywords:
            return []
        first = dict(self.dynamic_scope).get(schema.dynamic_anchor)
        return [schema.dynamic_refs[first if first in schema.dynamic_refs else None]]

    def __hash__(self) -> int:
        return self._hash


def enter_scope(scope: tuple[tuple[str, str], ...], schema: Subschema) -> tuple[tuple[str, str], ...]:
    """The dynamic scope after a schema is entered: the outermost resource of each anchor stays."""
    if not schema.anchors:
        return scope
    known = {name for name, _ in scope}
    fresh = tuple((name, schema.resource) for name in schema.anchors if name not in known)
    return tuple(sorted((*scope, *fresh))) if fresh else scope


UNSATISFIABLE = Requirement(Subschema(False, "", "", "", DRAFT_2020_12), True)
"""A requirement that no value meets."""

Conjunction = tuple[Requirement, ...]
"""All requirements on one value."""


def conjunction(requirements: Iterable[Requirement]) -> Conjunction:
    """The conjunction of distinct requirements, without their annotation consumers.

    If a schema is to be violated at one keyword, a requirement that all of it holds is left out.
    """
    plain = tuple(dict.fromkeys(requirement.without_consumers for requirement in requirements))
    return without_violated(plain, plain)


def without_violated(requirements: Conjunction, others: Conjunction) -> Conjunction:
    """Requirements, without those that all of a schema holds that is to be violated at one keyword by the others."""
    violated = {each.schema for each in others if each.path is not None and each.path.keyword is not None}
    if not violated:
        return requirements
    return tuple(each for each in requirements if each.path is not None or each.schema not in violated)


def requirement_at(root: Requirement, path: EvaluationPath, pointer: str) -> Requirement:
    """The requirement after the steps of a path that lead to a location of the instance."""
    requirement, location = Requirement(root.schema, True, root.dynamic_scope, path), ""
    while location != pointer and requirement.path is not None:
        step = requirement.path.steps[0]
        requirement = requirement.descend(step)
        if step.instance_token is not None:
            location = json_pointer.join([step.instance_token], base=location)
    return requirement


def in_place_requirements(requirements: Conjunction) -> Iterator[Requirement]:
    """The requirements that hold without a choice: the schemas, the schemas that they refer to, and their `allOf`."""
    seen: set[Subschema] = set()
    stack = [requirement for requirement in reversed(requirements) if requirement.must_hold]
    while stack:
        requirement = stack.pop()
        schema = requirement.schema
        if schema in seen:
            continue
        seen.add(schema)
        yield requirement
        following = [requirement.to(target) for target in requirement.targets]
        for keyword in schema.dialect.unconditional:
            following += [requirement.to(child) for _, child in schema.subschemas(keyword)]
        stack.extend(reversed(following))
