"""Equivalent subschemas: copies of one subschema, as a bundler writes for each place that referred to it."""

from __future__ import annotations

import functools
import json
from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chime_fixtures.engine.schema.graph import Subschema


class EquivalentSubschemas:
    """The classes of the subschemas of one graph that are written alike; each has a representative, the first of them.

    Subschemas are alike if all their keywords except annotations are, in the same order, and if their references have
    the same targets. Their verdicts are the same then, and so is each choice that is made among their values. A
    subschema whose verdict depends on the dynamic scope is equivalent to itself alone.

    Args:
        schemas: the subschemas, read completely before the first representative is requested.
    """

    def __init__(self, schemas: Iterable[Subschema]) -> None:
        self._schemas = schemas

    def representative(self, schema: Subschema) -> Subschema:
        """The first subschema that is equivalent to one; a boolean schema represents itself."""
        return self._representatives.get(schema, schema)

    @functools.cached_property
    def _representatives(self) -> dict[Subschema, Subschema]:
        found: dict[Subschema, Subschema] = {}
        first: dict[Hashable, Subschema] = {}
        for start in self._schemas:
            # Children first, without recursion: a schema may be nested deeper than Python's stack.
            stack = [start]
            while stack:
                schema = stack[-1]
                unknown = [] if schema in found else [child for _, _, child in _parts(schema) if child not in found]
                stack.extend(unknown)
                if not unknown:
                    stack.pop()
                    if schema not in found:
                        found[schema] = first.setdefault(_key(schema, found), schema)
        return found


def _parts(schema: Subschema) -> Iterator[tuple[str, str | int | None, Subschema]]:
    """The subschemas on which the verdict of a schema depends, each with its keyword and its name or index."""
    for keyword in schema.children:
        if schema.dialect[keyword].role != "annotation":
            yield from ((keyword, subkey, child) for subkey, child in schema.subschemas(keyword))


def _key(schema: Subschema, representatives: dict[Subschema, Subschema]) -> Hashable:
    """The key of the class of a subschema: its dialect, its keywords, its parts, and the targets of its references."""
    if not isinstance(schema.value, dict):
        return schema.dialect, schema.value
    if schema.is_dynamically_scoped:
        return id(schema)
    return (
        schema.dialect,
        schema.resource if schema.anchors else None,
        json.dumps(_own_keywords(schema)),
        tuple((keyword, subkey, representatives[child]) for keyword, subkey, child in _parts(schema)),
        tuple(schema.static_refs.items()),
    )


def _own_keywords(schema: Subschema) -> list[tuple[str, Any]]:
    """The keywords that are not annotations, in their order, with their values unless these contain subschemas.

    Unknown ones are among them: an option may give them a meaning.
    """
    known = schema.dialect.keywords
    return [
        (keyword, None if keyword in schema.children else value)
        for keyword, value in schema.value.items()
        if keyword not in known or known[keyword].role != "annotation"
    ]
