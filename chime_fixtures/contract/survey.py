"""Read a schema once: every reachable subschema becomes a node with its references resolved, or a refusal.

All refusals are gathered before the first one is raised, so that an author sees the whole list at once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract import keywords
from chime_fixtures.contract.load import DIALECT, Documents
from chime_fixtures.errors import Problem, UnsupportedSchemaError
from chime_fixtures.languages import Language, PatternError, format_language


class Subschema:
    """One schema in a document, with its subschemas and references resolved.

    Attributes:
        value: the schema as written: an object or a boolean.
        pointer: where it stands in its document.
        uri: the document it stands in.
        children: subschemas by keyword; for keywords that hold lists or maps, by keyword and index or name.
        target: what `$ref` leads to.
    """

    __slots__ = ("children", "keywords", "pointer", "resolver", "target", "uri", "value")

    def __init__(self, value: Any, pointer: str, uri: str, resolver: Any) -> None:
        self.value = value
        self.pointer = pointer
        self.uri = uri
        self.resolver = resolver
        self.children: dict[str, Any] = {}
        self.keywords: dict[str, Any] = value if isinstance(value, dict) else {}
        self.target: Subschema | None = None

    def at(self, keyword: str) -> str:
        """The pointer of one of its keywords."""
        return json_pointer.join([keyword], base=self.pointer)

    def __repr__(self) -> str:
        return f"<subschema {self.uri}#{self.pointer}>"


class Survey:
    """The walk over everything that the entry of the documents reaches.

    Attributes:
        root: the subschema at the entry.

    Raises:
        UnsupportedSchemaError: with every problem found.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._seen: dict[int, Subschema] = {}
        self._open: list[Subschema] = []
        self._places = {uri: dict(_places(document)) for uri, document in documents.by_uri.items()}
        self.problems: list[Problem] = []
        registry = documents.registry()
        self._check_dialect(documents.schema, documents.pointer)
        if self.problems:
            raise UnsupportedSchemaError(self.problems)
        resolver = registry.resolver(documents.uri)
        self.root = self._node(documents.schema, documents.pointer, documents.uri, resolver)
        while self._open:
            self._read(self._open.pop())
        self._refuse_loops()
        if self.problems:
            raise UnsupportedSchemaError(sorted(self.problems, key=lambda problem: problem.schema_pointer))

    # Documents ---------------------------------------------------------------------------------------------------

    def _check_dialect(self, schema: Any, pointer: str) -> None:
        if not isinstance(schema, dict | bool):
            self._refuse("a schema", pointer, f"must be an object or a boolean, not {type(schema).__name__}")
            return
        dialect = schema.get("$schema", DIALECT) if isinstance(schema, dict) else DIALECT
        if str(dialect).rstrip("#") != DIALECT:
            self._refuse("$schema", pointer + "/$schema", f"only {DIALECT} is driven, not {dialect}")
            return
        try:
            _metaschema().validate(schema)
        except jsonschema_rs.ValidationError as error:
            place = json_pointer.join(error.instance_path, base=pointer)
            keyword = place.rpartition("/")[2] or "schema"
            self._refuse(keyword, place, f"is not valid by the metaschema of draft 2020-12: {error.message[:200]}")

    def _node(self, value: Any, pointer: str, uri: str, resolver: Any) -> Subschema:
        known = self._seen.get(id(value)) if isinstance(value, dict) else None
        if known is not None:
            return known
        node = Subschema(value, pointer, uri, resolver)
        if isinstance(value, dict):
            self._seen[id(value)] = node
            self._open.append(node)
        return node

    # One schema --------------------------------------------------------------------------------------------------

    def _read(self, node: Subschema) -> None:
        value = node.value
        if "$id" in value and node.pointer:
            node.resolver = node.resolver.in_subresource(DRAFT202012.create_resource(value))
        self._refuse_unknown(node)
        for keyword in keywords.CHILD_SINGLE:
            if keyword in value:
                node.children[keyword] = self._child(node, value[keyword], keyword)
        for keyword in keywords.CHILD_MAP:
            if keyword in value:
                node.children[keyword] = {
                    name: self._child(node, item, keyword, name) for name, item in value[keyword].items()
                }
        if "$ref" in value:
            node.target = self._follow(node, "$ref")
        self._read_languages(node)

    def _child(self, node: Subschema, value: Any, *tokens: str | int) -> Subschema:
        place = json_pointer.join(tokens, base=node.pointer)
        return self._node(value, place, node.uri, node.resolver)

    def _refuse(self, keyword: str, pointer: str, remedy: str) -> None:
        self.problems.append(Problem(keyword, pointer, remedy))

    def _refuse_unknown(self, node: Subschema) -> None:
        for keyword in node.value:
            known = keyword in keywords.DRIVEN or keywords.is_passed_over(keyword)
            if not known:
                self._refuse(keyword, node.at(keyword), keywords.remedy(keyword))

    def _read_languages(self, node: Subschema) -> None:
        pattern = node.value.get("pattern")
        if pattern is not None:
            try:
                Language.from_pattern(pattern, dialect="every")
            except PatternError as error:
                self._refuse("pattern", node.at("pattern"), f"{pattern!r} can't be driven: {error.reason}")
        name = node.value.get("format")
        if name is not None and format_language(name) is None:
            self._refuse("format", node.at("format"), f"{name!r} is not driven by this release")

    # References --------------------------------------------------------------------------------------------------

    def _follow(self, node: Subschema, keyword: str) -> Subschema | None:
        reference = node.value[keyword]
        try:
            resolved = node.resolver.lookup(reference)
        except (Unresolvable, LookupError, ValueError):
            self._refuse(
                keyword, node.at(keyword), f"{reference!r} leads nowhere in the documents given; nothing is fetched"
            )
            return None
        before = len(self.problems)
        known = self._seen.get(id(resolved.contents)) if isinstance(resolved.contents, dict) else None
        if known is not None:
            return known
        self._check_dialect(resolved.contents, node.at(keyword))
        if len(self.problems) > before:
            return None
        uri, pointer = self._place_of(resolved.contents, reference)
        return self._node(resolved.contents, pointer, uri, resolved.resolver)

    def _place_of(self, contents: Any, reference: str) -> tuple[str, str]:
        if isinstance(contents, dict):
            for uri, places in self._places.items():
                if id(contents) in places:
                    return uri, places[id(contents)]
        return self._documents.uri, reference.rpartition("#")[2]

    def _refuse_loops(self) -> None:
        """A reference that comes back to itself without going a level down judges nothing."""
        for start in self._seen.values():
            met = {start}
            node = start.target
            while node is not None and node not in met:
                met.add(node)
                node = node.target
            if node is start:
                self._refuse("$ref", start.at("$ref"), "comes back to itself without going a level down")


@functools.cache
def _metaschema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": DIALECT}, offline=True)


def _places(document: Any, pointer: str = "") -> Iterator[tuple[int, str]]:
    stack = [(document, pointer)]
    while stack:
        value, place = stack.pop()
        if isinstance(value, dict):
            yield id(value), place
            stack.extend((item, json_pointer.join([name], base=place)) for name, item in value.items())
        elif isinstance(value, list):
            stack.extend((item, json_pointer.join([index], base=place)) for index, item in enumerate(value))
