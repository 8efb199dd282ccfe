"""Constraints that two schemas have in common, found without a search: both apply an equal keyword at a location."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.diff.units import Unit, applied, units_at
from chime_fixtures.engine.instances import key
from chime_fixtures.engine.schema.graph import Subschema

MAX_PAIRS = 20_000
"""Pairs of a location's schemas that are compared; the constraints of the others are searched."""


class Equality:
    """The equality of subschemas of two schemas, by what they assert.

    Args:
        left: the first schema.
        right: the other one.
    """

    def __init__(self, left: Side, right: Side) -> None:
        self._left = left
        self._right = right
        self._known: dict[tuple[Subschema, Subschema], bool] = {}

    def are_equal(self, left: Subschema, right: Subschema) -> bool:
        """True if two subschemas have equal keywords, with equal subschemas and targets of references."""
        pairs = [(left, right)]
        assumed: set[tuple[Subschema, Subschema]] = set()
        while pairs:
            pair = pairs.pop()
            if pair in assumed or self._known.get(pair):
                continue
            assumed.add(pair)
            following = None if self._known.get(pair) is False else self._following(*pair)
            if following is None:
                self._known[left, right] = False
                return False
            pairs += following
        self._known.update(dict.fromkeys(assumed, True))
        return True

    def _following(self, left: Subschema, right: Subschema) -> list[tuple[Subschema, Subschema]] | None:
        """The pairs that must be equal, too; None if the two are not equal."""
        if isinstance(left.value, bool) or isinstance(right.value, bool):
            return [] if left.value is right.value else None
        if left.dynamic_refs or right.dynamic_refs:
            return None
        keywords = _asserting(left)
        if keywords != _asserting(right):
            return None
        found: list[tuple[Subschema, Subschema]] = []
        for keyword in keywords:
            pairs = self.pairs_of(left, right, keyword)
            if pairs is None:
                return None
            found += pairs
        return found

    def pairs_of(self, left: Subschema, right: Subschema, keyword: str) -> list[tuple[Subschema, Subschema]] | None:
        """The pairs of subschemas by which one keyword of two schemas is equal; None if it is not."""
        if left.dialect[keyword].rule != right.dialect[keyword].rule:
            return None
        if keyword in left.static_refs or keyword in right.static_refs:
            return [(left.static_refs[keyword], right.static_refs[keyword])]
        ours, theirs = (dict(schema.subschemas(keyword)) for schema in (left, right))
        if ours.keys() != theirs.keys():
            return None
        if not ours or len(ours) < _size(left.keywords[keyword]):
            if not _same_json(left.keywords[keyword], right.keywords[keyword]):
                return None
            if keyword == "format" and not self._same_format(left.keywords[keyword]):
                return None
        return [(ours[name], theirs[name]) for name in ours]

    def has_equal(self, left: Subschema, right: Subschema, keyword: str) -> bool:
        """True if one keyword of two schemas is equal, with those that it depends on."""
        if keyword not in left.keywords or keyword not in right.keywords:
            return False
        pairs = self.pairs_of(left, right, keyword)
        return pairs is not None and all(self.are_equal(*pair) for pair in pairs)

    def _same_format(self, name: str) -> bool:
        left, right = self._left.document.options, self._right.document.options
        return (name in left.formats, left.formats.get(name)) == (name in right.formats, right.formats.get(name))


class CommonConstraints:
    """The constraints of one schema that another one implies, since it has the same at each location.

    Args:
        given: the schema that a value satisfies.
        required: the schema whose constraints are examined.

    Attributes:
        missing: the constraints that are not found in the given schema, in the order of the locations.
        is_complete: False if there are too many locations.
    """

    def __init__(self, given: Side, required: Side) -> None:
        self._equality = Equality(given, required)
        self.missing: dict[Unit, None] = {}
        self.is_complete = True
        self._seen: set[tuple[frozenset[Subschema], Subschema]] = set()
        self._stack: list[tuple[tuple[Subschema, ...], Subschema]] = [((given.graph.root,), required.graph.root)]
        if self._equality.are_equal(given.graph.root, required.graph.root):
            return
        while self._stack:
            if len(self._seen) > MAX_PAIRS:
                self.is_complete = False
                return
            self._visit(*self._stack.pop())

    def _visit(self, given: tuple[Subschema, ...], required: Subschema) -> None:
        closure = _conjoined(given)
        place = (frozenset(closure), required)
        if place in self._seen:
            return
        self._seen.add(place)
        if any(each is required or self._equality.are_equal(each, required) for each in closure):
            return
        for unit in units_at(required):
            if not any(self._has(each, unit) for each in closure):
                self.missing[unit] = None
        for edge in applied(required):
            facts = required.dialect[edge.keyword]
            if facts.role == "reference" or (facts.is_in_place and facts.is_independent):
                self._stack.append((given, edge.child))
                continue
            parts = (each for each in closure if self._applies_where(each, required, edge.keyword))
            children = [dict(each.subschemas(edge.keyword)).get(edge.subkey) for each in parts]
            self._stack.append((tuple(child for child in children if child is not None), edge.child))

    def _has(self, given: Subschema, unit: Unit) -> bool:
        """True if a schema has a constraint that is equal to one of another schema, or stronger."""
        schema, keyword = unit.schema, unit.keyword
        if given.value is False:
            return True
        if isinstance(given.value, bool) or keyword not in given.keywords:
            return False
        if given.dialect[keyword].rule != schema.dialect[keyword].rule:
            return False
        if unit.subkey is not None:
            value = given.keywords[keyword]
            if isinstance(unit.subkey, tuple):
                name, other = unit.subkey
                return isinstance(value.get(name), list) and other in value[name]
            return unit.subkey in value
        group = {name for name in schema.keywords if _depends(schema, keyword, name)}
        return (
            {name for name in given.keywords if _depends(given, keyword, name)} == group
            and all(self._equality.has_equal(given, schema, name) for name in group)
            and self._applies_where(given, schema, keyword)
        )

    def _applies_where(self, given: Subschema, required: Subschema, keyword: str) -> bool:
        """True if a keyword of the given schema applies to each part that the same keyword of the other applies to."""
        if keyword not in given.keywords or keyword not in given.dialect.keywords:
            return False
        facts, others = given.dialect[keyword], required.dialect[keyword]
        # `items` has another rule in older drafts, and the same meaning if it is not an array: there are no indices.
        is_same_rule = facts.rule == others.rule or (facts.json_type == others.json_type and not facts.is_in_place)
        if not is_same_rule:
            return False
        if others.evaluated_by is not None:
            return self._equality.has_equal(given, required, others.evaluated_by)
        for other in facts.depends_on:
            if other in given.children:
                excluded = _parts(given, other)
                if excluded is None or not excluded <= (_parts(required, other) or set()):
                    return False
            elif given.keywords.get(other) != required.keywords.get(other) and other not in required.children:
                return False
        return True


def _parts(schema: Subschema, keyword: str) -> set[str | int | None] | None:
    """The names or indices of the parts that an applicator applies to; None if they are not listed."""
    parts = {subkey for subkey, _ in schema.subschemas(keyword)}
    return None if None in parts else parts


def _depends(schema: Subschema, keyword: str, other: str) -> bool:
    """True if a keyword is another one, or its verdict depends on the value of that one."""
    facts, others = schema.dialect[keyword], schema.dialect[other]
    if facts.consumes_annotations and others.role != "annotation":
        return others.role != "assertion" or others.evaluated_by is not None
    first = facts.evaluated_by or facts.limit_keyword or keyword
    return first in {other, others.evaluated_by, others.limit_keyword}


def _conjoined(schemas: Iterable[Subschema]) -> list[Subschema]:
    """Some schemas, and those that they apply to the same value whatever it is."""
    found: dict[Subschema, None] = {}
    stack = [*schemas]
    while stack:
        schema = stack.pop()
        if schema in found:
            continue
        found[schema] = None
        stack.extend(schema.static_refs.values())
        stack.extend(child for keyword in schema.dialect.unconditional for _, child in schema.subschemas(keyword))
    return list(found)


def _asserting(schema: Subschema) -> set[str]:
    return {keyword for keyword in schema.keywords if schema.dialect[keyword].role != "annotation"}


def _size(value: Any) -> int:
    return len(value) if isinstance(value, dict | list) else 1


def _same_json(left: Any, right: Any) -> bool:
    return bool(key(left) == key(right))
