"""The evaluation of a valid instance by jsonschema-rs: the subschemas that were applied to its parts with success."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from chime_fixtures.engine.schema.graph import Subschema


class EvaluationReader:
    """Reads the units of an evaluation in the list format of JSON Schema's output.

    Args:
        uri: the entry document.
        roots: the document and the location where each resource begins, by URI.
        by_location: every subschema, by its document and its location there.
    """

    def __init__(
        self,
        uri: str,
        roots: Mapping[str, tuple[str, str]],
        by_location: Mapping[str, Mapping[str, Subschema]],
    ) -> None:
        self._uri = uri
        self._roots = roots
        self._by_location = by_location

    @functools.cached_property
    def is_complete(self) -> bool:
        """False if evaluations may lack subschemas.

        jsonschema-rs reports none of `additionalItems`, and none of `contains` if it need not match.
        """
        schemas = (schema for by_pointer in self._by_location.values() for schema in by_pointer.values())
        return not any(
            "additionalItems" in each.children
            or ("contains" in each.children and each.keywords.get("minContains") == 0)
            for each in schemas
        )

    def satisfied(self, units: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Subschema, str]]:
        """The subschemas that were applied with success, each with the pointer of the value.

        Those below `not`, `if` and `propertyNames` are left out.
        """
        evaluated: set[tuple[str, str]] = set()
        skipped: list[str] = []
        for unit in units:
            path, location = unit["evaluationPath"], unit["instanceLocation"]
            evaluated.add((path, location))
            if not unit["valid"] or path.startswith(tuple(skipped)):
                continue
            document, pointer = self._location(unit["schemaLocation"])
            schema = self._by_location.get(document, {}).get(pointer)
            # A reference may lead to the same pointer as an applicator.
            is_reference = path.rpartition("/")[2] != pointer.rpartition("/")[2]
            parent, keyword = (None, "") if is_reference else self._applicator(document, pointer)
            facts = None if parent is None else parent.dialect[keyword]
            if facts is not None and (facts.discards_annotations or facts.never_fails or facts.is_applied_to_names):
                skipped.append(f"{path}/")
                continue
            # One unit is the keyword itself, at the location of the whole; the others are its subschema, at the parts.
            is_single = parent is not None and isinstance(parent.children[keyword], Subschema)
            is_keyword = is_single and facts is not None and not facts.is_in_place
            is_part = bool(location) and (path, location.rpartition("/")[0]) in evaluated
            if schema is not None and (is_part or not is_keyword):
                yield schema, location

    def _location(self, location: str) -> tuple[str, str]:
        """The document and the pointer of a schema location, which may be an absolute URI."""
        if not location or location.startswith("/"):
            return self._uri, location
        uri, _, fragment = location.partition("#")
        document, base = self._roots.get(uri, (self._uri, ""))
        return document, base + unquote(fragment)

    def _applicator(self, document: str, pointer: str) -> tuple[Subschema | None, str]:
        """The schema and the keyword of the applicator at a pointer; None if the pointer leads to something else."""
        parent, _, keyword = pointer.rpartition("/")
        schema = self._by_location.get(document, {}).get(parent)
        return (schema, keyword) if schema is not None and keyword in schema.children else (None, "")
