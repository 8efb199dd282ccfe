"""The location and resource of each schema of the documents, and the possible targets of dynamic anchors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any
from urllib.parse import quote, urljoin

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.dialects import DEFINITIONS, Dialect, KeywordFacts
from chime_fixtures.engine.schema.drafts import draft_with

_SCHEMA, _NAMES, _DATA = "schema", "names", "data"
"""The roles of a part of a document: a schema, an object of schemas by name, or data, as in `enum`."""

_DATA_KEYWORDS = frozenset({"enum", "const", "default", "examples", "example"})
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_URI_CHARACTERS = "%:/?#[]@!$&'()*+,;="
_SCALARS = {str, int, float, bool, NoneType}


def resolve_uri(base: str, reference: str) -> str:
    """A reference resolved against a base URI, without its fragment; the base if the reference is not a URI."""
    try:
        return urljoin(base, reference).partition("#")[0]
    except ValueError:
        return base


def encoded_uri(reference: str) -> str:
    """A reference with the characters that no URI has percent-encoded."""
    return quote(reference, safe=_URI_CHARACTERS)


def _role_below(role: str, key: str, facts: KeywordFacts | None) -> str:
    """The role of the value of a key. That of an unknown keyword may contain schemas, as `components` of OpenAPI."""
    if role is not _SCHEMA:
        return _SCHEMA if role is _NAMES else _DATA
    if key in _DATA_KEYWORDS:
        return _DATA
    return _NAMES if key in DEFINITIONS or (facts is not None and facts.nesting == "object") else _SCHEMA


class Resources:
    """The resources of the documents: each `$id` inside a document begins one.

    Args:
        by_uri: the documents.
        default: the dialect of a document without `$schema`.

    Attributes:
        roots: the document and the location where each resource begins, by URI.
        references: the URIs that all references in the documents resolve to, without fragments.
        leaving: the document and the location of each schema with a reference to another resource, by the URI of that.
        not_encoded: the locations of the schemas with a reference that is not a URI, as `#/$defs/List<Item>`, by
            document.
        not_json: every value or key that no JSON text has, as (URI of the document, pointer, value).
    """

    def __init__(self, by_uri: Mapping[str, Any], default: Dialect) -> None:
        self._default = default
        self._dialects: dict[str, Dialect] = {}
        self.roots: dict[str, tuple[str, str]] = {}
        self.references: set[str] = set()
        self.leaving: dict[str, list[tuple[str, str]]] = {}
        self.not_encoded: dict[str, list[str]] = {}
        self.not_json: list[tuple[str, str, Any]] = []
        self._locations: dict[int, tuple[str, str, str]] = {}
        self._anchors: dict[str, dict[str, Any]] = {}
        for uri, document in by_uri.items():
            self.add(uri, document)

    def add(self, uri: str, document: Any) -> None:
        """Add one more document."""
        self.roots[uri] = (uri, "")
        self._dialects[uri] = self._dialect(document, self._default)
        stack = [(document, "", uri, _SCHEMA)]
        while stack:
            value, pointer, resource, role = stack.pop()
            if isinstance(value, dict):
                if role is _SCHEMA:
                    resource = self._add_schema(value, uri, pointer, resource)
                self._locations.setdefault(id(value), (uri, pointer, resource))
                nested = self._dialects[resource].nested
                for key, item in value.items():
                    inner = _role_below(role, key, nested.get(key))
                    stack.append((item, json_pointer.join([key], base=pointer), resource, inner))
                self.not_json.extend((uri, pointer, key) for key in value if type(key) is not str)
            elif isinstance(value, list | tuple):
                stack.extend(
                    (item, json_pointer.join([index], base=pointer), resource, role) for index, item in enumerate(value)
                )
            elif type(value) not in _SCALARS or (type(value) is float and not math.isfinite(value)):
                self.not_json.append((uri, pointer, value))

    def _add_schema(self, schema: dict[str, Any], uri: str, pointer: str, resource: str) -> str:
        """Add the identifier, the dynamic anchor and the references of a schema; returns its resource."""
        dialect = self._dialects[resource]
        if pointer:
            dialect = self._dialect(schema, dialect)
            identifier = dialect.keywords_of(schema).get(dialect.id_keyword)
            # Up to draft 7 a fragment alone is the name of an anchor.
            if isinstance(identifier, str) and not identifier.startswith("#"):
                resource = self.resolve(resource, identifier)
                self.roots.setdefault(resource, (uri, pointer))
                self._dialects.setdefault(resource, dialect)
        name = schema.get("$dynamicAnchor", "" if schema.get("$recursiveAnchor") is True else None)
        if isinstance(name, str):
            self._anchors.setdefault(name, {}).setdefault(resource, schema)
        for keyword in REFERENCES:
            if isinstance(schema.get(keyword), str):
                target = self.resolve(resource, schema[keyword])
                self.references.add(target)
                if target != resource:
                    self.leaving.setdefault(target, []).append((uri, pointer))
                if encoded_uri(schema[keyword]) != schema[keyword]:
                    self.not_encoded.setdefault(uri, []).append(pointer)
        return resource

    @staticmethod
    def _dialect(schema: Any, enclosing: Dialect) -> Dialect:
        """The dialect of `$schema`; that of the enclosing schema if there is none, or if it is unknown."""
        uri = schema.get("$schema") if isinstance(schema, dict) else None
        if not isinstance(uri, str) or uri.rstrip("#") == enclosing.uri.rstrip("#"):
            return enclosing
        return draft_with(uri) or enclosing

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

    def dialect_of(self, resource: str) -> Dialect:
        """The dialect of a resource."""
        return self._dialects.get(resource, self._default)

    def dynamic_anchor(self, resource: str, name: str) -> Any:
        """The schema with a dynamic anchor of that name in a resource, or None."""
        return self._anchors.get(name, {}).get(resource)

    def anchors(self, name: str) -> Iterator[tuple[str, Any]]:
        """Each resource that has a dynamic anchor of that name, with the schema that has it."""
        yield from self._anchors.get(name, {}).items()

    def anchor_names(self, resource: str) -> tuple[str, ...]:
        """The dynamic anchors of a resource."""
        return tuple(name for name, resources in self._anchors.items() if resource in resources)
