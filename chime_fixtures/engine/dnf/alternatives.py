"""Ways to go on: what a keyword asks of a value, or what it takes to fail it.

A way is a tuple of facts to add and of literals to read next. No way at all means that it can't be; one empty way
means that nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions

Constrain = Callable[[Clause], Any]
Alternative = tuple[Constrain | Requirement, ...]
Alternatives = list[Alternative]
Rule = Callable[[Requirement, Any, str, SchemaOptions], Alternatives]

NO_CONSTRAINT: Alternatives = [()]
"""Nothing is asked."""

IMPOSSIBLE: Alternatives = []
"""There is no way."""


class Keyword(NamedTuple):
    """How one keyword is read: given the literal, what the keyword is set to, the kind of value, and the options.

    Attributes:
        satisfy: the ways to satisfy it.
        violate: the ways to break it.
    """

    satisfy: Rule
    violate: Rule


def for_type(
    kind: str, hold: Callable[[Requirement], Alternatives], fail: Callable[[Requirement], Alternatives]
) -> Keyword:
    """A keyword that speaks of one kind of value only: any other satisfies it."""
    return Keyword(
        lambda literal, value, found, options: hold(literal) if found == kind else NO_CONSTRAINT,
        lambda literal, value, found, options: fail(literal) if found == kind else IMPOSSIBLE,
    )


def absent(name: str) -> Constrain:
    """The member is not there."""
    return lambda clause: setattr(clause.constraints, "forbidden", clause.constraints.forbidden | {name})


def present(*names: str) -> Constrain:
    """The members are there."""
    return lambda clause: clause.constraints.require(*names)


def other_consumers(literal: Requirement) -> tuple[Subschema, ...]:
    """The listeners other than the schema itself."""
    return tuple(tracker for tracker in literal.annotation_consumers if tracker is not literal.schema)
