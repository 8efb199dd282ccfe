"""What a value at one place is asked: schemas that hold, schemas that fail, and schemas that break at one keyword."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from chime_fixtures.engine.schema.graph import Subschema


class Step(NamedTuple):
    """One step of a way through a schema: an applicator, the schema under it, and how far it goes down an instance.

    Attributes:
        keyword: the applicator or reference.
        part: the name or index under it, where it has one.
        schema: where the step leads.
        token: the member or item of the instance that is entered; None when the same value is judged.
    """

    keyword: str
    part: str | int | None
    schema: Subschema
    token: str | int | None


@dataclass(frozen=True, slots=True)
class Route:
    """The way from a schema to a keyword below it.

    Attributes:
        steps: what leads to the schema that has the keyword.
        keyword: the keyword; None for the place alone, with nothing broken there.
        part: which part of it: a name of `required`, a pair of names of `dependentRequired`.
    """

    steps: tuple[Step, ...]
    keyword: str | None
    part: Any = None

    @property
    def tail(self) -> Route:
        """The way after the first step."""
        return Route(self.steps[1:], self.keyword, self.part)


@dataclass(frozen=True, slots=True)
class Literal:
    """One schema with what is asked of it.

    Attributes:
        schema: the schema.
        holds: whether a value has to satisfy it; with a route, it has to but for what stands at the route's end.
        scope: for each dynamic anchor the first resource with it that was entered on the way.
        route: the way to the keyword that is to fail, and alone.
        trackers: the schemas whose `unevaluated...` keywords listen to what this one evaluates.
    """

    schema: Subschema
    holds: bool
    scope: tuple[tuple[str, str], ...] = ()
    route: Route | None = None
    trackers: tuple[Subschema, ...] = ()

    def to(self, schema: Subschema, *, holds: bool | None = None, in_place: bool = False) -> Literal:
        """What this literal asks of a schema next to it or below it."""
        scope = entered(self.scope, schema) if schema.anchors else self.scope
        asked = self.holds if holds is None else holds
        return Literal(schema, asked, scope, None, self.trackers if in_place and asked and self.holds else ())

    def along(self, step: Step) -> Literal:
        """What this literal, which has a route, asks of the schema after the first step."""
        assert self.route is not None
        found = self.to(step.schema, in_place=step.token is None)
        return Literal(found.schema, True, found.scope, self.route.tail, found.trackers)

    @property
    def plain(self) -> Literal:
        """The same demand on the same schema, without listeners."""
        return Literal(self.schema, self.holds, self.scope, self.route)

    def __hash__(self) -> int:
        return hash((id(self.schema), self.holds, self.scope, self.route))


def entered(scope: tuple[tuple[str, str], ...], schema: Subschema) -> tuple[tuple[str, str], ...]:
    """The scope after a schema was entered: what was met first stays."""
    known = {name for name, _ in scope}
    fresh = tuple((name, schema.resource) for name in schema.anchors if name not in known)
    return tuple(sorted((*scope, *fresh))) if fresh else scope


NEVER = Literal(Subschema(False, "", "", None, ""), True)
"""What no value satisfies."""

Goal = tuple[Literal, ...]
"""Everything that is asked of one value."""


def merged(literals: list[Literal]) -> Goal:
    """The goal of these literals: each once, without listeners; what is to break in one way need not hold besides."""
    plain = dict.fromkeys(literal.plain for literal in literals)
    broken = {literal.schema for literal in plain if literal.route is not None and literal.route.keyword is not None}
    if not broken:
        return tuple(plain)
    return tuple(literal for literal in plain if literal.route is not None or literal.schema not in broken)
