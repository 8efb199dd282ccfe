"""Where a part of an instance can be judged by itself: what is around it has no say in it, nor it in what is around.

An engine that takes milliseconds for a whole document is then asked about the part alone, with the same verdict.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from chime_fixtures.engine.dnf.applicators import in_place_requirements, targets
from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, enter_scope
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import REFERENCES, SUPPORTED

_CLOSED = frozenset(
    {
        *("enum", "const", "uniqueItems", "contains", "minContains", "maxContains"),
        *("anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords that look at several parts of a value at once, or at one in more than one way."""


def parts_are_independent(goal: Conjunction) -> bool:
    """Whether each part of a value is judged by itself."""
    return _is_plain(goal) and all(
        _CLOSED.isdisjoint(literal.schema.keywords) for literal in in_place_requirements(goal)
    )


def local_schemas(goal: Conjunction, scoped: AbstractSet[Subschema]) -> tuple[Subschema, ...] | None:
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
        is_entered = literal.dynamic_scope == enter_scope((), schema) and schema.resource == schema.uri
        if schema.value is False or (schema in scoped and not is_entered):
            return None
    return tuple(dict.fromkeys(literal.schema for literal in asked if literal.schema.value is not True))


def _is_plain(goal: Conjunction) -> bool:
    """Whether all of it has to hold; a route to a place where nothing is broken asks no more of the judges."""
    return all(literal.must_hold and (literal.path is None or literal.path.keyword is None) for literal in goal)


def _referred(literal: Requirement) -> Requirement:
    """What a schema refers to that does nothing else."""
    while len(said := literal.schema.keywords.keys() & SUPPORTED) == 1 and said <= set(REFERENCES):
        literal = literal.to(targets(literal)[0])
    return literal
