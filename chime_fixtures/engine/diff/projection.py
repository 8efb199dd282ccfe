"""A schema reduced to one of its constraints: the conjunction of all reduced schemas is the schema itself."""

from __future__ import annotations

from typing import Any

from chime_fixtures.engine.diff.sides import Side
from chime_fixtures.engine.diff.units import Edge, Unit, applied
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.error_locations import FALSE
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.options import SchemaOptions

_URI = "https://reduced.invalid/"
_DEFINITIONS = "definitions"


class Projection:
    """The reduction of a schema to one of its constraints.

    Args:
        side: the schema.

    Attributes:
        is_supported: True if it can be reduced: its subschemas have one dialect and no dynamic scope.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._edges: dict[Subschema, list[Edge]] = {}
        self._appliers: dict[Subschema, set[Subschema]] = {}
        self._read()
        has_one_dialect = len({schema.dialect for schema in side.graph.schemas}) <= 1
        self.is_supported = has_one_dialect and not side.is_dynamically_scoped

    def _read(self) -> None:
        stack = [self._side.graph.root]
        while stack:
            schema = stack.pop()
            if schema in self._edges:
                continue
            self._edges[schema] = list(applied(schema))
            for edge in self._edges[schema]:
                self._appliers.setdefault(edge.child, set()).add(schema)
                stack.append(edge.child)

    def reduced(self, unit: Unit) -> Side:
        """The schema with one constraint alone, at each location that it applies to."""
        leading = self._leading_to(unit.schema)
        numbers = {schema: str(number) for number, schema in enumerate(leading)}
        definitions = {numbers[schema]: self._reduced(schema, unit, numbers) for schema in leading}
        root = self._side.graph.root
        document = {"allOf": [_reference(numbers[root])], _DEFINITIONS: definitions}
        options = self._side.document.options
        options = SchemaOptions(
            formats=options.formats,
            spellings=options.spellings,
            dialect=root.dialect,
            annotations=[_DEFINITIONS],
        )
        others = self._side.document.by_uri if _refers_to_originals(definitions) else {}
        return Side(SchemaDocument(document, uri=_URI, others=others, options=options), self._side.name)

    def _leading_to(self, target: Subschema) -> list[Subschema]:
        """The schemas that apply a schema, directly or not, and the schema itself."""
        found = {target: None}
        stack = [target]
        while stack:
            for applier in self._appliers.get(stack.pop(), ()):
                if applier not in found:
                    found[applier] = None
                    stack.append(applier)
        return list(found)

    def _reduced(self, schema: Subschema, unit: Unit, numbers: dict[Subschema, str]) -> dict[str, Any]:
        """One of these schemas, with the applicators that lead to the constraint, and the constraint itself."""
        reduced: dict[str, Any] = {}
        in_place: list[Any] = []
        for edge in self._edges[schema]:
            if edge.child not in numbers:
                continue
            facts = schema.dialect[edge.keyword]
            reference = _reference(numbers[edge.child])
            if facts.role == "reference" or (facts.is_in_place and facts.is_independent):
                in_place.append(reference)
                continue
            if edge.keyword not in reduced:
                reduced[edge.keyword] = _without_constraints(schema, edge.keyword)
            if edge.subkey is None:
                reduced[edge.keyword] = reference
            else:
                reduced[edge.keyword][edge.subkey] = reference
            if facts.evaluated_by is not None:
                reduced[facts.evaluated_by] = _as_it_is(schema, facts.evaluated_by)
        if schema is unit.schema:
            reduced |= _constraint(unit)
        for keyword in [*reduced]:
            for other in schema.dialect[keyword].depends_on if keyword in schema.dialect.keywords else ():
                if other in schema.keywords:
                    reduced.setdefault(other, _without_constraints(schema, other))
        return {**reduced, "allOf": in_place} if in_place else reduced


def _refers_to_originals(value: Any) -> bool:
    """True if a reference in a value leads to another document."""
    if isinstance(value, list):
        return any(map(_refers_to_originals, value))
    if not isinstance(value, dict):
        return False
    reference = value.get("$ref")
    is_outer = isinstance(reference, str) and not reference.startswith("#")
    return is_outer or any(map(_refers_to_originals, value.values()))


def _constraint(unit: Unit) -> dict[str, Any]:
    """The keyword of a constraint, with those that it limits or is evaluated by."""
    schema = unit.schema
    if unit.keyword == FALSE:
        return {"not": {}}
    if isinstance(unit.subkey, tuple):
        name, other = unit.subkey
        return {unit.keyword: {name: [other]}}
    if unit.subkey is not None:
        return {unit.keyword: [unit.subkey]}
    facts = schema.dialect[unit.keyword]
    if facts.consumes_annotations:
        # It depends on what all applicators beside it evaluate, and those may fail themselves.
        evaluating = (name for name in schema.keywords if schema.dialect[name].role != "annotation")
        kept = [
            name for name in evaluating if schema.dialect[name].role != "assertion" or schema.dialect[name].evaluated_by
        ]
        return {name: _as_it_is(schema, name) for name in kept}
    first = facts.evaluated_by or facts.limit_keyword or unit.keyword
    group = [name for name in schema.keywords if first in _leaders(schema, name)]
    return {name: _as_it_is(schema, name) for name in group}


def _leaders(schema: Subschema, keyword: str) -> set[str | None]:
    facts = schema.dialect[keyword]
    return {keyword, facts.evaluated_by, facts.limit_keyword}


def _as_it_is(schema: Subschema, keyword: str) -> Any:
    """The value of a keyword; its subschemas are references to their own locations."""
    children = schema.children.get(keyword)
    if keyword in schema.static_refs:
        return _uri_of(schema.static_refs[keyword])
    if children is None:
        return schema.keywords[keyword]
    if isinstance(children, list):
        return [_original(child) for child in children]
    if isinstance(children, dict):
        return {**schema.keywords[keyword], **{name: _original(child) for name, child in children.items()}}
    return _original(children)


def _without_constraints(schema: Subschema, keyword: str) -> Any:
    """The value of a keyword, with subschemas that accept everything."""
    children = schema.children.get(keyword)
    if isinstance(children, list):
        return [{} for _ in children]
    if isinstance(children, dict):
        return {name: {} for name in children}
    return {} if children is not None else schema.keywords[keyword]


def _original(child: Subschema) -> Any:
    return child.value if isinstance(child.value, bool) else {"$ref": _uri_of(child)}


def _uri_of(schema: Subschema) -> str:
    """The reference to a subschema at its own location."""
    uri: str = SchemaDocument.entry_at(schema.uri, schema.pointer, schema.dialect)["$ref"]
    return uri


def _reference(number: str) -> dict[str, str]:
    return {"$ref": f"#/{_DEFINITIONS}/{number}"}
