"""The location and resource of each schema of the documents, and the possible targets of dynamic anchors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any
from urllib.parse import urljoin

from chime_fixtures.engine import pointer as json_pointer

_SCALARS = {str, int, float, bool, NoneType}


def resolve_uri(base: str, reference: str) -> str:
    """A reference resolved against a base URI, without its fragment; the base if the reference is not a URI."""
    try:
        return urljoin(base, reference).partition("#")[0]
    except ValueError:
        return base


class Resources:
    """The resources of the documents: each `$id` inside a document begins one.

    Args:
        by_uri: the documents.

    Attributes:
        roots: the document and the location where each resource begins, by URI.
        references: the values of all references in the documents.
        not_json: every value or key that no JSON text has, as (URI of the document, pointer, value).
    """

    def __init__(self, by_uri: Mapping[str, Any]) -> None:
        self.roots: dict[str, tuple[str, str]] = {}
        self.references: set[str] = set()
        self.not_json: list[tuple[str, str, Any]] = []
        self._locations: dict[int, tuple[str, str, str]] = {}
        self._anchors: dict[str, dict[str, Any]] = {}
        for uri, document in by_uri.items():
            self.add(uri, document)

    def add(self, uri: str, document: Any) -> None:
        """Add one more document."""
        self.roots[uri] = (uri, "")
        stack = [(document, "", uri)]
        while stack:
            value, pointer, resource = stack.pop()
            if isinstance(value, dict):
                identifier = value.get("$id")
                if isinstance(identifier, str) and pointer:
                    resource = self.resolve(resource, identifier)
                    self.roots.setdefault(resource, (uri, pointer))
                self._locations.setdefault(id(value), (uri, pointer, resource))
                name = value.get("$dynamicAnchor")
                if isinstance(name, str):
                    self._anchors.setdefault(name, {}).setdefault(resource, value)
                for keyword in ("$ref", "$dynamicRef"):
                    if isinstance(value.get(keyword), str):
                        self.references.add(value[keyword])
                stack.extend((item, json_pointer.join([key], base=pointer), resource) for key, item in value.items())
                self.not_json.extend((uri, pointer, key) for key in value if type(key) is not str)
            elif isinstance(value, list | tuple):
                stack.extend(
                    (item, json_pointer.join([index], base=pointer), resource) for index, item in enumerate(value)
                )
            elif type(value) not in _SCALARS or (type(value) is float and not math.isfinite(value)):
                self.not_json.append((uri, pointer, value))

    @staticmethod
    def resolve(base: str, reference: str) -> str:
        """A reference resolved against a base URI, without its fragment; the base for an empty reference."""
        return resolve_uri(base, reference) if reference else base

    def location_of(self, contents: dict[str, Any]) -> tuple[str, str] | None:
        """The URI of the document that contains a schema, and the location there."""
        known = self._locations.get(id(contents))
        return known and known[:2]

    def resource_of(self, contents: dict[str, Any], default: str) -> str:
        """The URI of the resource that a schema belongs to."""
        known = self._locations.get(id(contents))
        return known[2] if known else default

    def dynamic_anchor(self, resource: str, name: str) -> Any:
        """The schema with a dynamic anchor of that name in a resource, or None."""
        return self._anchors.get(name, {}).get(resource)

    def anchors(self, name: str) -> Iterator[tuple[str, Any]]:
        """Each resource that has a dynamic anchor of that name, with the schema that has it."""
        yield from self._anchors.get(name, {}).items()

    def anchor_names(self, resource: str) -> tuple[str, ...]:
        """The dynamic anchors of a resource."""
        return tuple(name for name, resources in self._anchors.items() if resource in resources)
