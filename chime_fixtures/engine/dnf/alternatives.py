"""Ways to go on: what a keyword asks of a value, or what it takes to fail it.

A way is a tuple of facts to add and of literals to read next. No way at all means that it can't be; one empty way
means that nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Literal
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import Options

Fact = Callable[[Clause], Any]
Way = tuple[Fact | Literal, ...]
Ways = list[Way]
Reader = Callable[[Literal, Any, str, Options], Ways]

FREE: Ways = [()]
"""Nothing is asked."""

DEAD: Ways = []
"""There is no way."""


class Keyword(NamedTuple):
    """How one keyword is read: given the literal, what the keyword is set to, the kind of value, and the options.

    Attributes:
        hold: the ways to satisfy it.
        fail: the ways to break it.
    """

    hold: Reader
    fail: Reader


def of_kind(kind: str, hold: Callable[[Literal], Ways], fail: Callable[[Literal], Ways]) -> Keyword:
    """A keyword that speaks of one kind of value only: any other satisfies it."""
    return Keyword(
        lambda literal, value, found, options: hold(literal) if found == kind else FREE,
        lambda literal, value, found, options: fail(literal) if found == kind else DEAD,
    )


def absent(name: str) -> Fact:
    """The member is not there."""
    return lambda clause: setattr(clause.facts, "forbidden", clause.facts.forbidden | {name})


def present(*names: str) -> Fact:
    """The members are there."""
    return lambda clause: clause.facts.require(*names)


def without(literal: Literal) -> tuple[Subschema, ...]:
    """The listeners other than the schema itself."""
    return tuple(tracker for tracker in literal.trackers if tracker is not literal.schema)
