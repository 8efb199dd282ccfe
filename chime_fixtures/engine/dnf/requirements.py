"""What a value at one place is asked: schemas that hold, schemas that fail, and schemas that break at one keyword."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from chime_fixtures.engine.schema.graph import Subschema


class PathStep(NamedTuple):
    """One step of a way through a schema: an applicator, the schema under it, and how far it goes down an instance.

    Attributes:
        keyword: the applicator or reference.
        subkey: the name or index under it, where it has one.
        schema: where the step leads.
        instance_token: the member or item of the instance that is entered; None when the same value is judged.
    """

    keyword: str
    subkey: str | int | None
    schema: Subschema
    instance_token: str | int | None


@dataclass(frozen=True, slots=True)
class EvaluationPath:
    """The way from a schema to a keyword below it.

    Attributes:
        steps: what leads to the schema that has the keyword.
        keyword: the keyword; None for the place alone, with nothing broken there.
        subkey: which part of it: a name of `required`, a pair of names of `dependentRequired`.
    """

    steps: tuple[PathStep, ...]
    keyword: str | None
    subkey: Any = None

    @property
    def rest(self) -> EvaluationPath:
        """The way after the first step."""
        return EvaluationPath(self.steps[1:], self.keyword, self.subkey)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One schema with what is asked of it.

    Attributes:
        schema: the schema.
        must_hold: whether a value has to satisfy it; with a route, it has to but for what stands at the route's end.
        dynamic_scope: for each dynamic anchor the first resource with it that was entered on the way.
        path: the way to the keyword that is to fail, and alone.
        annotation_consumers: the schemas whose `unevaluated...` keywords listen to what this one evaluates.
    """

    schema: Subschema
    must_hold: bool
    dynamic_scope: tuple[tuple[str, str], ...] = ()
    path: EvaluationPath | None = None
    annotation_consumers: tuple[Subschema, ...] = ()

    def to(self, schema: Subschema, *, holds: bool | None = None, in_place: bool = False) -> Requirement:
        """What this literal asks of a schema next to it or below it."""
        scope = enter_scope(self.dynamic_scope, schema) if schema.anchors else self.dynamic_scope
        asked = self.must_hold if holds is None else holds
        return Requirement(
            schema, asked, scope, None, self.annotation_consumers if in_place and asked and self.must_hold else ()
        )

    def descend(self, step: PathStep) -> Requirement:
        """What this literal, which has a route, asks of the schema after the first step."""
        assert self.path is not None
        found = self.to(step.schema, in_place=step.instance_token is None)
        return Requirement(found.schema, True, found.dynamic_scope, self.path.rest, found.annotation_consumers)

    @property
    def without_consumers(self) -> Requirement:
        """The same demand on the same schema, without listeners."""
        return Requirement(self.schema, self.must_hold, self.dynamic_scope, self.path)

    def __hash__(self) -> int:
        return hash((id(self.schema), self.must_hold, self.dynamic_scope, self.path))


def enter_scope(scope: tuple[tuple[str, str], ...], schema: Subschema) -> tuple[tuple[str, str], ...]:
    """The scope after a schema was entered: what was met first stays."""
    known = {name for name, _ in scope}
    fresh = tuple((name, schema.resource) for name in schema.anchors if name not in known)
    return tuple(sorted((*scope, *fresh))) if fresh else scope


UNSATISFIABLE = Requirement(Subschema(False, "", "", None, ""), True)
"""What no value satisfies."""

Conjunction = tuple[Requirement, ...]
"""Everything that is asked of one value."""


def conjunction(literals: list[Requirement]) -> Conjunction:
    """The goal of these literals: each once, without listeners; what is to break in one way need not hold besides."""
    plain = dict.fromkeys(literal.without_consumers for literal in literals)
    broken = {literal.schema for literal in plain if literal.path is not None and literal.path.keyword is not None}
    if not broken:
        return tuple(plain)
    return tuple(literal for literal in plain if literal.path is not None or literal.schema not in broken)
