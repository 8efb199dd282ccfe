"""Keywords of arrays: constraints on the items by their index.

The items that match `contains` are placed when the array's branches are made, in `normal_form/item_rules.py`. They may
be moved to any index if no other item has one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from chime_fixtures.engine.dnf.clauses import (
    EVALUATED_BY_ANOTHER,
    IMPOSSIBLE,
    NO_CONSTRAINT,
    Alternative,
    Alternatives,
    Clause,
    Constrain,
    SomeItems,
    schema_rules,
)
from chime_fixtures.engine.dnf.requirements import Requirement
from chime_fixtures.engine.schema.dialects import MAX_VALUES
from chime_fixtures.engine.schema.graph import Subschema

MAX_COUNTS = 8
"""Numbers of matching items that are tried for one `contains`."""


def _contains_bounds(requirement: Requirement) -> tuple[int, int | None]:
    """The minimum and maximum number of items that may match."""
    keywords = requirement.schema.keywords
    maximum = keywords.get("maxContains")
    return int(keywords.get("minContains", 1)), None if maximum is None else int(maximum)


def _satisfy_contains(requirement: Requirement) -> Alternatives:
    minimum, maximum = _contains_bounds(requirement)
    # An item that need not match may match.
    counts = range(minimum, max(minimum, 1) + 1 if maximum is None else maximum + 1)
    choices = [counts] if minimum else [counts[:1], counts[1:]]
    return [_matching(requirement, each, others_fail=maximum is not None) for each in choices if each]


def _violate_contains(requirement: Requirement) -> Alternatives:
    return [*_too_few(requirement), *_too_many(requirement)]


def _violate_contains_alone(requirement: Requirement, subkey: object) -> Alternatives:
    return _too_few(requirement) if "maxContains" in requirement.schema.keywords else _violate_contains(requirement)


def _too_few(requirement: Requirement, subkey: object = None) -> Alternatives:
    """The alternatives in which too few items match."""
    minimum, _ = _contains_bounds(requirement)
    if minimum < 1:
        return IMPOSSIBLE
    none = _matching(requirement, [0], others_fail=True)
    return [none, _matching(requirement, range(minimum - 1, 0, -1), others_fail=True)] if minimum > 1 else [none]


def _too_many(requirement: Requirement, subkey: object = None) -> Alternatives:
    """The alternatives in which too many items match."""
    _, maximum = _contains_bounds(requirement)
    if maximum is None or maximum >= MAX_VALUES:
        return IMPOSSIBLE
    return [_matching(requirement, [maximum + 1])]


def _matching(requirement: Requirement, counts: Sequence[int], *, others_fail: bool = False) -> Alternative:
    """The alternative in which one of these numbers of items matches."""
    child = requirement.schema.children["contains"]
    other = requirement.to(child, must_hold=False) if others_fail else None
    tried = tuple(counts[:MAX_COUNTS])
    starts = (0,) if tried == (0,) else tuple(sorted({0, first_item(requirement.schema), 1}))
    matching = requirement.to(child, must_hold=True)
    is_complete = len(tried) == len(counts)
    consumers = requirement.annotation_consumers if requirement.schema.dialect["contains"].evaluates_items else ()
    return (SomeItems(matching, tried, is_complete, other, starts=starts, consumers=consumers),)


def _satisfy_prefix_items(requirement: Requirement, keyword: str = "prefixItems") -> Alternatives:
    items = [requirement.to(child) for _, child in requirement.schema.subschemas(keyword)]

    def constrain(clause: Clause) -> None:
        for index, item in enumerate(items):
            clause.constraints.constrain_items(index, index + 1, item)
        clause.constraints.evaluate(requirement.annotation_consumers, len(items))

    return [(constrain,)]


def _violate_prefix_items(requirement: Requirement, keyword: str = "prefixItems") -> Alternatives:
    return [
        (item_at(int(index or 0), requirement.to(child, must_hold=False)),)
        for index, child in requirement.schema.subschemas(keyword)
    ]


def item_at(index: int, requirement: Requirement) -> Constrain:
    """Require an item at the index that meets a requirement."""

    def constrain(clause: Clause) -> None:
        clause.constraints.constrain_items(index, index + 1, requirement)
        clause.constraints.at_least(index + 1)

    return constrain


def first_item(schema: Subschema) -> int:
    """The index of the first item after those that a list of schemas applies to."""
    lists = (schema.children.get(keyword) for keyword in ("prefixItems", "items"))
    return max((len(each) for each in lists if isinstance(each, list)), default=0)


def has_list(schema: Subschema) -> bool:
    """True if `items` is a list of schemas, as up to draft 2019-09."""
    return isinstance(schema.children.get("items"), list)


def _satisfy_items(requirement: Requirement, keyword: str = "items") -> Alternatives:
    items = requirement.to(requirement.schema.children[keyword])

    def constrain(clause: Clause) -> None:
        clause.constraints.constrain_items(first_item(requirement.schema), None, items)
        clause.constraints.evaluate(requirement.annotation_consumers, None)

    return [(constrain,)]


def _violate_items(requirement: Requirement, keyword: str = "items") -> Alternatives:
    violated = requirement.to(requirement.schema.children[keyword], must_hold=False)
    first = first_item(requirement.schema)
    return [(SomeItems(violated, first=first, starts=(first, first + 1)),)]


def _satisfy_schema_or_array(requirement: Requirement) -> Alternatives:
    satisfy = _satisfy_prefix_items if has_list(requirement.schema) else _satisfy_items
    return satisfy(requirement, "items")


def _violate_schema_or_array(requirement: Requirement) -> Alternatives:
    violate = _violate_prefix_items if has_list(requirement.schema) else _violate_items
    return violate(requirement, "items")


def _satisfy_additional_items(requirement: Requirement) -> Alternatives:
    return _satisfy_items(requirement, "additionalItems") if has_list(requirement.schema) else NO_CONSTRAINT


def _violate_additional_items(requirement: Requirement) -> Alternatives:
    return _violate_items(requirement, "additionalItems") if has_list(requirement.schema) else IMPOSSIBLE


def _satisfy_unevaluated_items(requirement: Requirement) -> Alternatives:
    return _unevaluated_items(requirement, must_hold=True)


def _violate_unevaluated_items(requirement: Requirement) -> Alternatives:
    return _unevaluated_items(requirement, must_hold=False)


def _unevaluated_items(requirement: Requirement, *, must_hold: bool) -> Alternatives:
    schema = requirement.schema
    items = requirement.to(schema.children["unevaluatedItems"], must_hold=must_hold)

    def constrain(clause: Clause) -> None:
        clause.constraints.unevaluated = (*clause.constraints.unevaluated, (schema, items, must_hold))
        if must_hold:
            clause.constraints.evaluate(requirement.other_consumers, None)

    return [(constrain,)]


ITEMS = {
    "contains": schema_rules(_satisfy_contains, _violate_contains, violate_at=_violate_contains_alone),
    "minContains": EVALUATED_BY_ANOTHER._replace(violate_at=_too_few),
    "maxContains": EVALUATED_BY_ANOTHER._replace(violate_at=_too_many),
    "prefixItems": schema_rules(_satisfy_prefix_items, _violate_prefix_items),
    "items": schema_rules(_satisfy_items, _violate_items),
    "items (schema or array)": schema_rules(_satisfy_schema_or_array, _violate_schema_or_array),
    "additionalItems": schema_rules(_satisfy_additional_items, _violate_additional_items),
    "unevaluatedItems": schema_rules(_satisfy_unevaluated_items, _violate_unevaluated_items),
}
