"""What the keywords ask that speak of the items of an array.

Items that `contains` asks for stand at the beginning, or behind those that `prefixItems` names.
"""

from __future__ import annotations

from collections.abc import Iterator

from chime_fixtures.engine.dnf.alternatives import (
    IMPOSSIBLE,
    Alternative,
    Alternatives,
    Constrain,
    for_type,
    other_consumers,
)
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.instances import ARRAY
from chime_fixtures.engine.schema.limits import MAX_VALUES


def _contains_bounds(literal: Requirement) -> tuple[int, int | None]:
    """The least and the greatest number of items that may match."""
    keywords = literal.schema.keywords
    most = keywords.get("maxContains")
    return int(keywords.get("minContains", 1)), None if most is None else int(most)


def _hold_contains(literal: Requirement) -> Alternatives:
    least, most = _contains_bounds(literal)
    if most is not None and most < least:
        return IMPOSSIBLE
    return list(_containing(literal, least, most is not None))


def _fail_contains(literal: Requirement) -> Alternatives:
    return [*fail_min_contains(literal), *fail_max_contains(literal)]


def fail_min_contains(literal: Requirement) -> Alternatives:
    """Too few items match."""
    least, _ = _contains_bounds(literal)
    if least < 1:
        return IMPOSSIBLE
    return [way for count in {0, least - 1} for way in _containing(literal, count, True)]


def fail_max_contains(literal: Requirement) -> Alternatives:
    """Too many items match."""
    _, most = _contains_bounds(literal)
    return IMPOSSIBLE if most is None or most >= MAX_VALUES else list(_containing(literal, most + 1, False))


def _containing(literal: Requirement, count: int, others_fail: bool) -> Iterator[Alternative]:
    child = literal.schema.children["contains"]
    matching = literal.to(child, holds=True)
    other = literal.to(child, holds=False)
    behind = len(literal.schema.parts("prefixItems"))
    for start in sorted({0, behind, 1} if count else {0}):

        def add(clause: Clause, start: int = start) -> None:
            facts = clause.constraints
            if count:
                facts.items(start, start + count, matching)
                facts.at_least(start + count)
            if others_fail:
                facts.items(0, start, other)
                facts.items(start + count, None, other)
            facts.evaluate(literal, 0, frozenset(range(start, start + count)))

        yield (add,)


def _hold_prefix_items(literal: Requirement) -> Alternatives:
    parts = [literal.to(child) for _, child in literal.schema.parts("prefixItems")]

    def add(clause: Clause) -> None:
        for index, asked in enumerate(parts):
            clause.constraints.items(index, index + 1, asked)
        clause.constraints.evaluate(literal, len(parts))

    return [(add,)]


def _fail_prefix_items(literal: Requirement) -> Alternatives:
    return [
        (wrong_item(int(index or 0), literal.to(child, holds=False)),)
        for index, child in literal.schema.parts("prefixItems")
    ]


def wrong_item(index: int, asked: Requirement) -> Constrain:
    """There is an item at the index, and it is asked that."""

    def add(clause: Clause) -> None:
        clause.constraints.items(index, index + 1, asked)
        clause.constraints.at_least(index + 1)

    return add


def first_item(literal: Requirement) -> int:
    """The index from which on `items` speaks."""
    return len(literal.schema.parts("prefixItems"))


def _hold_items(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["items"])

    def add(clause: Clause) -> None:
        clause.constraints.items(first_item(literal), None, asked)
        clause.constraints.evaluate(literal, None)

    return [(add,)]


def _fail_items(literal: Requirement) -> Alternatives:
    asked = literal.to(literal.schema.children["items"], holds=False)
    return [(wrong_item(index, asked),) for index in (first_item(literal), first_item(literal) + 1)]


def _hold_unevaluated_items(literal: Requirement) -> Alternatives:
    return _unevaluated_items(literal, holds=True)


def _fail_unevaluated_items(literal: Requirement) -> Alternatives:
    return _unevaluated_items(literal, holds=False)


def _unevaluated_items(literal: Requirement, *, holds: bool) -> Alternatives:
    asked = literal.to(literal.schema.children["unevaluatedItems"], holds=holds)

    def add(clause: Clause) -> None:
        clause.constraints.unevaluated = (*clause.constraints.unevaluated, (literal.schema, asked, holds))
        if holds:
            clause.constraints.evaluate(
                Requirement(literal.schema, True, annotation_consumers=other_consumers(literal)), None
            )

    return [(add,)]


ITEMS = {
    "contains": for_type(ARRAY, _hold_contains, _fail_contains),
    "prefixItems": for_type(ARRAY, _hold_prefix_items, _fail_prefix_items),
    "items": for_type(ARRAY, _hold_items, _fail_items),
    "unevaluatedItems": for_type(ARRAY, _hold_unevaluated_items, _fail_unevaluated_items),
}
