"""Where a part of an instance can be judged by itself: what is around it has no say in it, nor it in what is around.

An engine that takes milliseconds for a whole document is then asked about the part alone, with the same verdict.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from chime_fixtures.engine.dnf.applicators import spoken, targets
from chime_fixtures.engine.dnf.requirements import Goal, Literal, entered
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import DRIVEN, REFERENCES

_CLOSED = frozenset(
    {
        *("enum", "const", "uniqueItems", "contains", "minContains", "maxContains"),
        *("anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords that look at several parts of a value at once, or at one in more than one way."""


def is_open(goal: Goal) -> bool:
    """Whether each part of a value is judged by itself."""
    return _is_plain(goal) and all(_CLOSED.isdisjoint(literal.schema.keywords) for literal in spoken(goal))


def speakers(goal: Goal, scoped: AbstractSet[Subschema]) -> tuple[Subschema, ...] | None:
    """The schemas of a goal as they can be asked about a value alone; None where one can't.

    Args:
        goal: what is asked of the value.
        scoped: the schemas whose verdict depends on the way that leads to them.
    """
    if not _is_plain(goal):
        return None
    asked = [_referred(literal) for literal in goal]
    for literal in asked:
        schema = literal.schema
        is_entered = literal.scope == entered((), schema) and schema.resource == schema.uri
        if schema.value is False or (schema in scoped and not is_entered):
            return None
    return tuple(dict.fromkeys(literal.schema for literal in asked if literal.schema.value is not True))


def _is_plain(goal: Goal) -> bool:
    """Whether all of it has to hold; a route to a place where nothing is broken asks no more of the judges."""
    return all(literal.holds and (literal.route is None or literal.route.keyword is None) for literal in goal)


def _referred(literal: Literal) -> Literal:
    """What a schema refers to that does nothing else."""
    while len(said := literal.schema.keywords.keys() & DRIVEN) == 1 and said <= set(REFERENCES):
        literal = literal.to(targets(literal)[0])
    return literal
