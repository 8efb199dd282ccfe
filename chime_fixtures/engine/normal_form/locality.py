"""Parts of a value that are evaluated independently of their surroundings.

The cross-check of a whole document takes milliseconds; that of such a part alone has the same verdict.
"""

from __future__ import annotations

from chime_fixtures.engine.dnf.requirements import Conjunction, Requirement, enter_scope, in_place_requirements
from chime_fixtures.engine.schema.graph import Subschema


def parts_are_independent(requirements: Conjunction) -> bool:
    """True if each part of a value meets the requirements regardless of the other parts."""
    return _hold_as_a_whole(requirements) and all(
        each.schema.dialect.dependent.isdisjoint(each.schema.keywords) for each in in_place_requirements(requirements)
    )


def local_schemas(requirements: Conjunction) -> tuple[Subschema, ...] | None:
    """The schemas by which a value alone can be validated as it is at its location; None if it can't be."""
    if not _hold_as_a_whole(requirements):
        return None
    resolved = [_resolved(requirement) for requirement in requirements]
    for requirement in resolved:
        schema = requirement.schema
        is_entered = requirement.dynamic_scope == enter_scope((), schema) and schema.resource == schema.uri
        if schema.value is False or (schema.is_dynamically_scoped and not is_entered):
            return None
    return tuple(dict.fromkeys(each.schema for each in resolved if each.schema.value is not True))


def _hold_as_a_whole(requirements: Conjunction) -> bool:
    """True if no keyword is to be violated."""
    return all(each.must_hold and (each.path is None or each.path.keyword is None) for each in requirements)


def _resolved(requirement: Requirement) -> Requirement:
    """The requirement by the target of a schema that is a reference and nothing else."""
    while True:
        dialect = requirement.schema.dialect
        keywords = requirement.schema.keywords.keys() & dialect.supported
        if len(keywords) != 1 or dialect[next(iter(keywords))].role != "reference":
            return requirement
        requirement = requirement.to(requirement.targets[0])
