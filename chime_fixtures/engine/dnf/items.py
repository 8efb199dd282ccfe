"""What the keywords ask that speak of the items of an array.

Items that `contains` asks for stand at the beginning, or behind those that `prefixItems` names.
"""

from __future__ import annotations

from collections.abc import Iterator

from chime_fixtures.engine.dnf.alternatives import DEAD, Fact, Way, Ways, of_kind, without
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.requirements import Literal
from chime_fixtures.engine.schema.keywords import ARRAY
from chime_fixtures.engine.schema.limits import MOST_PARTS


def _contains_bounds(literal: Literal) -> tuple[int, int | None]:
    """The least and the greatest number of items that may match."""
    keywords = literal.schema.keywords
    most = keywords.get("maxContains")
    return int(keywords.get("minContains", 1)), None if most is None else int(most)


def _hold_contains(literal: Literal) -> Ways:
    least, most = _contains_bounds(literal)
    if most is not None and most < least:
        return DEAD
    return list(_containing(literal, least, most is not None))


def _fail_contains(literal: Literal) -> Ways:
    return [*fail_min_contains(literal), *fail_max_contains(literal)]


def fail_min_contains(literal: Literal) -> Ways:
    """Too few items match."""
    least, _ = _contains_bounds(literal)
    if least < 1:
        return DEAD
    return [way for count in {0, least - 1} for way in _containing(literal, count, True)]


def fail_max_contains(literal: Literal) -> Ways:
    """Too many items match."""
    _, most = _contains_bounds(literal)
    return DEAD if most is None or most >= MOST_PARTS else list(_containing(literal, most + 1, False))


def _containing(literal: Literal, count: int, others_fail: bool) -> Iterator[Way]:
    child = literal.schema.children["contains"]
    matching = literal.to(child, holds=True)
    other = literal.to(child, holds=False)
    behind = len(literal.schema.parts("prefixItems"))
    for start in sorted({0, behind, 1} if count else {0}):

        def add(clause: Clause, start: int = start) -> None:
            facts = clause.facts
            if count:
                facts.items(start, start + count, matching)
                facts.at_least(start + count)
            if others_fail:
                facts.items(0, start, other)
                facts.items(start + count, None, other)
            facts.evaluate(literal, 0, frozenset(range(start, start + count)))

        yield (add,)


def _hold_prefix_items(literal: Literal) -> Ways:
    parts = [literal.to(child) for _, child in literal.schema.parts("prefixItems")]

    def add(clause: Clause) -> None:
        for index, asked in enumerate(parts):
            clause.facts.items(index, index + 1, asked)
        clause.facts.evaluate(literal, len(parts))

    return [(add,)]


def _fail_prefix_items(literal: Literal) -> Ways:
    return [
        (wrong_item(int(index or 0), literal.to(child, holds=False)),)
        for index, child in literal.schema.parts("prefixItems")
    ]


def wrong_item(index: int, asked: Literal) -> Fact:
    """There is an item at the index, and it is asked that."""

    def add(clause: Clause) -> None:
        clause.facts.items(index, index + 1, asked)
        clause.facts.at_least(index + 1)

    return add


def first_item(literal: Literal) -> int:
    """The index from which on `items` speaks."""
    return len(literal.schema.parts("prefixItems"))


def _hold_items(literal: Literal) -> Ways:
    asked = literal.to(literal.schema.children["items"])

    def add(clause: Clause) -> None:
        clause.facts.items(first_item(literal), None, asked)
        clause.facts.evaluate(literal, None)

    return [(add,)]


def _fail_items(literal: Literal) -> Ways:
    asked = literal.to(literal.schema.children["items"], holds=False)
    return [(wrong_item(index, asked),) for index in (first_item(literal), first_item(literal) + 1)]


def _hold_unevaluated_items(literal: Literal) -> Ways:
    return _unevaluated_items(literal, holds=True)


def _fail_unevaluated_items(literal: Literal) -> Ways:
    return _unevaluated_items(literal, holds=False)


def _unevaluated_items(literal: Literal, *, holds: bool) -> Ways:
    asked = literal.to(literal.schema.children["unevaluatedItems"], holds=holds)

    def add(clause: Clause) -> None:
        clause.facts.unevaluated = (*clause.facts.unevaluated, (literal.schema, asked, holds))
        if holds:
            clause.facts.evaluate(Literal(literal.schema, True, trackers=without(literal)), None)

    return [(add,)]


ITEMS = {
    "contains": of_kind(ARRAY, _hold_contains, _fail_contains),
    "prefixItems": of_kind(ARRAY, _hold_prefix_items, _fail_prefix_items),
    "items": of_kind(ARRAY, _hold_items, _fail_items),
    "unevaluatedItems": of_kind(ARRAY, _hold_unevaluated_items, _fail_unevaluated_items),
}
