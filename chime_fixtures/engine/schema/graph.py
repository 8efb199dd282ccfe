"""Read a schema once: every reachable subschema becomes a node with its references resolved, or a refusal.

All refusals are gathered before the first one is raised, so that an author sees the whole list at once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import Problem, UnsupportedSchemaError
from chime_fixtures.engine.regex import PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all
from chime_fixtures.engine.schema.documents import DIALECT, SchemaDocument
from chime_fixtures.engine.schema.keywords import CHILD_LIST, CHILD_MAP, CHILD_SINGLE, SUPPORTED, is_annotation, remedy
from chime_fixtures.engine.schema.limits import MAX_STRING_LENGTH, MAX_VALUES


class Subschema:
    """One schema in a document, with its subschemas and references resolved.

    Attributes:
        value: the schema as written: an object or a boolean.
        pointer: where it stands in its document.
        uri: the document it stands in.
        children: subschemas by keyword; for keywords that hold lists or maps, by keyword and index or name.
        ref: what `$ref` leads to.
        resource: the URI of the innermost schema around it that has one.
        anchors: the dynamic anchors of that resource, where references depend on them.
        dynamic_refs: what `$dynamicRef` leads to: by the resource that was entered first, and None for no such resource.
    """

    __slots__ = (
        "anchors",
        "children",
        "dynamic_refs",
        "keywords",
        "pointer",
        "ref",
        "resolver",
        "resource",
        "uri",
        "value",
    )

    def __init__(self, value: Any, pointer: str, uri: str, resolver: Any, resource: str) -> None:
        self.value = value
        self.pointer = pointer
        self.uri = uri
        self.resolver = resolver
        self.children: dict[str, Any] = {}
        self.keywords: dict[str, Any] = value if isinstance(value, dict) else {}
        self.ref: Subschema | None = None
        self.resource = resource
        self.anchors: tuple[str, ...] = ()
        self.dynamic_refs: dict[str | None, Subschema] = {}

    def at(self, keyword: str) -> str:
        """The pointer of one of its keywords."""
        return json_pointer.join([keyword], base=self.pointer)

    def parts(self, keyword: str) -> list[tuple[str | int | None, Subschema]]:
        """The subschemas of one applicator, each with its name or index where it has one."""
        found = self.children.get(keyword)
        if isinstance(found, dict):
            return list(found.items())
        if isinstance(found, list):
            return list(enumerate(found))
        return [] if found is None else [(None, found)]

    @property
    def successors(self) -> Iterator[Subschema]:
        """Every schema that it holds or refers to."""
        for keyword in self.children:
            yield from (child for _, child in self.parts(keyword))
        yield from self.dynamic_refs.values()
        if self.ref is not None:
            yield self.ref

    def __repr__(self) -> str:
        return f"<subschema {self.uri}#{self.pointer}>"


class SchemaGraph:
    """The walk over everything that the entry of the documents reaches.

    Attributes:
        root: the subschema at the entry.
        by_location: every subschema that was reached, by its document and its place there.

    Raises:
        UnsupportedSchemaError: with every problem found.
    """

    def __init__(self, documents: SchemaDocument) -> None:
        self._documents = documents
        self._seen: dict[int, Subschema] = {}
        self._open: list[Subschema] = []
        self._resources = documents.document_set.resources
        self.problems: list[Problem] = []
        self.by_location: dict[str, dict[str, Subschema]] = {}
        self._check_dialect(documents.schema, documents.pointer)
        if self.problems:
            raise UnsupportedSchemaError(self.problems)
        resolver = documents.document_set.registry.resolver(documents.uri)
        self.root = self._node(documents.schema, documents.pointer, documents.uri, resolver, documents.uri)
        while self._open:
            self._read(self._open.pop())
        self._refuse_loops()
        if self.problems:
            raise UnsupportedSchemaError(sorted(self.problems, key=lambda problem: problem.schema_pointer))

    @property
    def resource_roots(self) -> Mapping[str, tuple[str, str]]:
        """In which document and where each resource begins, by URI."""
        return self._resources.roots

    @property
    def schemas(self) -> Iterable[Subschema]:
        """Every object schema that was reached."""
        return self._seen.values()

    @functools.cached_property
    def dynamically_scoped(self) -> frozenset[Subschema]:
        """The schemas whose verdict depends on the way that leads to them: a `$dynamicRef` is somewhere below."""
        found = {schema for schema in self.schemas if schema.dynamic_refs}
        fresh = set(found)
        while fresh:
            fresh = {
                schema for schema in self.schemas if schema not in found and not fresh.isdisjoint(schema.successors)
            }
            found |= fresh
        return frozenset(found)

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
        except (ValueError, TypeError, OverflowError) as error:
            self._refuse("schema", pointer, f"is no JSON: {error}")

    def _node(self, value: Any, pointer: str, uri: str, resolver: Any, resource: str) -> Subschema:
        known = self._seen.get(id(value)) if isinstance(value, dict) else None
        if known is not None:
            return known
        if isinstance(value, dict):
            resource = self._resources.resource_of(value, resource)
        node = Subschema(value, pointer, uri, resolver, resource)
        node.anchors = self._resources.anchor_names(resource)
        self.by_location.setdefault(uri, {}).setdefault(pointer, node)
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
        for keyword in CHILD_SINGLE:
            if keyword in value:
                node.children[keyword] = self._child(node, value[keyword], keyword)
        for keyword in CHILD_LIST:
            if keyword in value:
                node.children[keyword] = [
                    self._child(node, item, keyword, index) for index, item in enumerate(value[keyword])
                ]
        for keyword in CHILD_MAP:
            if keyword in value:
                node.children[keyword] = {
                    name: self._child(node, item, keyword, name) for name, item in value[keyword].items()
                }
        if "$ref" in value:
            node.ref = self._follow(node, "$ref")
        if "$dynamicRef" in value:
            self._follow_dynamic(node)
        self._read_languages(node)

    def _child(self, node: Subschema, value: Any, *tokens: str | int) -> Subschema:
        place = json_pointer.join(tokens, base=node.pointer)
        return self._node(value, place, node.uri, node.resolver, node.resource)

    def _refuse(self, keyword: str, pointer: str, remedy: str) -> None:
        self.problems.append(Problem(keyword, pointer, remedy))

    def _refuse_unknown(self, node: Subschema) -> None:
        for keyword in node.value:
            passed = is_annotation(keyword) or keyword in self._documents.options.annotations
            if keyword not in SUPPORTED and not passed:
                self._refuse(keyword, node.at(keyword), remedy(keyword))
        for keyword, most in _MOST.items():
            if node.value.get(keyword, 0) > most:
                self._refuse(keyword, node.at(keyword), f"asks for more than {most}; so many are not made")

    def _read_languages(self, node: Subschema) -> None:
        patterns = [("pattern", node.at("pattern"), node.value["pattern"])] if "pattern" in node.value else []
        patterns.extend(
            ("patternProperties", json_pointer.join([name], base=node.at("patternProperties")), name)
            for name in node.value.get("patternProperties", ())
        )
        for keyword, place, pattern in patterns:
            try:
                matched_by_all(pattern)
            except PatternError as error:
                self._refuse(keyword, place, f"{pattern!r} can't be driven: {error.reason}")
        name = node.value.get("format")
        if name is not None and not self._documents.options.supports_format(name):
            self._refuse("format", node.at("format"), self._documents.options.remedy(name))

    # References --------------------------------------------------------------------------------------------------

    def _follow(self, node: Subschema, keyword: str) -> Subschema | None:
        reference = node.value[keyword]
        try:
            resolved = node.resolver.lookup(reference)
        except (Unresolvable, LookupError, ValueError):
            self._refuse(
                keyword,
                node.at(keyword),
                f"{reference!r} leads nowhere in the documents given; nothing is "
                f"fetched: name the file in resources=[...], or --resource",
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
        return self._node(resolved.contents, pointer, uri, resolved.resolver, uri)

    def _follow_dynamic(self, node: Subschema) -> None:
        """Each place that a `$dynamicRef` may lead to; without a dynamic anchor it is a `$ref`."""
        base, _, name = node.value["$dynamicRef"].partition("#")
        resource = self._resources.join(node.resource, base)
        if self._resources.dynamic_anchor(resource, name) is None:
            node.ref = self._follow(node, "$dynamicRef")
            return
        for place, contents in self._resources.anchors(name):
            uri, pointer = self._place_of(contents, "")
            resolver = self._documents.document_set.registry.resolver(place)
            found = self._node(contents, pointer, uri, resolver, place)
            node.dynamic_refs[place] = found
            if place == resource:
                node.dynamic_refs[None] = found

    def _place_of(self, contents: Any, reference: str) -> tuple[str, str]:
        known = self._resources.location_of(contents) if isinstance(contents, dict) else None
        return known or (self._documents.uri, reference.rpartition("#")[2])

    def _refuse_loops(self) -> None:
        """A schema that comes back to itself without going a level down judges nothing."""
        done: set[Subschema] = set()
        for start in self._seen.values():
            stack = [(start, iter(in_place(start)))] if start not in done else []
            way = {start}
            while stack:
                node, following = stack[-1]
                for keyword, target in following:
                    if target in way:
                        self._refuse(keyword, node.at(keyword), "comes back to itself without going a level down")
                    elif target not in done:
                        way.add(target)
                        stack.append((target, iter(in_place(target))))
                        break
                else:
                    stack.pop()
                    way.discard(node)
                    done.add(node)


_MOST = {
    **dict.fromkeys(("minItems", "minContains", "minProperties"), MAX_VALUES),
    "minLength": MAX_VALUES * MAX_STRING_LENGTH,
}
"""What the keywords that ask for a least number may be set to."""


def in_place(node: Subschema) -> Iterator[tuple[str, Subschema]]:
    """The subschemas that judge the same value."""
    if node.ref is not None:
        yield "$ref" if "$ref" in node.keywords else "$dynamicRef", node.ref
    for target in node.dynamic_refs.values():
        yield "$dynamicRef", target
    for keyword in ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"):
        for _, child in node.parts(keyword):
            yield keyword, child


@functools.cache
def _metaschema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": DIALECT}, offline=True)
