"""The constraints of a schema one by one: a keyword of one subschema, at every location that it applies to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.dnf.requirements import EvaluationPath
from chime_fixtures.engine.normal_form.targets import STEPS, ViolationTarget, subkeys_of, violation_targets
from chime_fixtures.engine.schema.error_locations import FALSE
from chime_fixtures.engine.schema.graph import Subschema


@dataclass(frozen=True, slots=True)
class Unit:
    """One constraint: a keyword of a subschema, or the name in it that is required; a `false` schema.

    Attributes:
        schema: the subschema.
        keyword: the keyword; `FALSE` for a `false` schema.
        subkey: the part of the keyword, as a required name; None for the whole keyword.
    """

    schema: Subschema
    keyword: str
    subkey: Any = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A subschema that another one applies, to the same value or to a part of it.

    Attributes:
        keyword: the applicator or reference.
        subkey: the name or index under it, if it has one.
        child: the subschema.
    """

    keyword: str
    subkey: str | int | None
    child: Subschema


def applied(schema: Subschema) -> Iterator[Edge]:
    """The subschemas that a schema applies where a validator reports their errors, and not its own."""
    for keyword in schema.keywords:
        facts = schema.dialect[keyword]
        if STEPS.get(facts.rule) is None or (facts.evaluated_by or keyword) not in schema.keywords:
            continue
        if facts.role == "reference":
            yield from (Edge(keyword, None, target) for name, target in schema.references if name == keyword)
            continue
        is_leaf = bool([*subkeys_of(schema, keyword, schema.keywords[keyword])])
        for subkey, child in schema.subschemas(keyword):
            if not (is_leaf and child.value is False):
                yield Edge(keyword, subkey, child)


def units_at(schema: Subschema) -> Iterator[Unit]:
    """The constraints that a subschema has itself."""
    if schema.value is False:
        yield Unit(schema, FALSE)
        return
    for keyword, value in schema.keywords.items():
        yield from (Unit(schema, keyword, subkey) for subkey in subkeys_of(schema, keyword, value))


def units_of(side: Side) -> dict[Unit, ViolationTarget]:
    """Every constraint of a schema, in its order, each with the first target that it is violated at."""
    found: dict[Unit, ViolationTarget] = {}
    for target in violation_targets(side.requirement(must_hold=True)):
        steps = target.evaluation_path.steps
        schema = steps[-1].schema if steps else side.graph.root
        unit = Unit(schema, target.evaluation_path.keyword or "", target.evaluation_path.subkey)
        found.setdefault(unit, target)
    return found


def target_of(unit: Unit) -> ViolationTarget:
    """The target of a constraint whose locations are unknown."""
    schema, keyword = unit.schema, unit.keyword
    facts = schema.dialect.keywords.get(keyword)
    path = EvaluationPath((), keyword, unit.subkey)
    pointer = schema.pointer if facts is None else schema.at(keyword)
    return ViolationTarget(path, "", "", keyword, schema.keywords.get(keyword, False), pointer, facts)
