"""The resolved schema graph: every reachable subschema, with its references, or the list of all problems.

All problems are collected before the first error is raised, so that an author sees the whole list at once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
from referencing.exceptions import Unresolvable

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import Problem, UnsupportedSchemaError
from chime_fixtures.engine.regex import PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all
from chime_fixtures.engine.schema.dialects import Dialect, misspelt_keyword
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import DRAFTS, draft_with
from chime_fixtures.engine.schema.equivalence import EquivalentSubschemas
from chime_fixtures.engine.violation import quote

DYNAMIC_REFERENCES = frozenset({"$dynamicRef", "$recursiveRef"})
"""The references whose target may depend on the path that leads to them."""


class Subschema:
    """One schema in a document, with its subschemas and references resolved.

    Attributes:
        value: the schema as written: an object or a boolean.
        pointer: its location in its document.
        uri: the document that contains it.
        dialect: the dialect by which its keywords are read.
        children: subschemas by keyword; for keywords that contain arrays or objects, by keyword and index or name.
        keywords: its keywords with their values, without those that mean nothing in the dialect.
        static_refs: the targets of `$ref`, and of other references without a dynamic target, by keyword.
        resource: the URI of the innermost enclosing schema that has one.
        anchors: the dynamic anchors of that resource, if references depend on them.
        dynamic_refs: the targets of `$dynamicRef` or `$recursiveRef`, by the resource that was entered first; None for
            no such resource.
        dynamic_anchor: the name of their anchor; empty for `$recursiveAnchor`.
        is_dynamically_scoped: True if its verdict depends on the path that leads to it: a `$dynamicRef` is below.
        equivalents: the classes of equivalent subschemas; None for a schema outside a graph.
    """

    __slots__ = (
        "anchors",
        "children",
        "dialect",
        "dynamic_anchor",
        "dynamic_refs",
        "equivalents",
        "is_dynamically_scoped",
        "keywords",
        "pointer",
        "resource",
        "static_refs",
        "uri",
        "value",
    )

    def __init__(self, value: Any, pointer: str, uri: str, resource: str, dialect: Dialect) -> None:
        self.value = value
        self.pointer = pointer
        self.uri = uri
        self.dialect = dialect
        self.children: dict[str, Any] = {}
        self.keywords: dict[str, Any] = dialect.keywords_of(value) if isinstance(value, dict) else {}
        self.static_refs: dict[str, Subschema] = {}
        self.dynamic_anchor = ""
        self.resource = resource
        self.anchors: tuple[str, ...] = ()
        self.dynamic_refs: dict[str | None, Subschema] = {}
        self.is_dynamically_scoped = False
        self.equivalents: EquivalentSubschemas | None = None

    @property
    def representative(self) -> Subschema:
        """The first subschema of the graph that is written alike, and so has the same verdicts."""
        return self if self.equivalents is None else self.equivalents.representative(self)

    def at(self, keyword: str) -> str:
        """The pointer of one of its keywords."""
        return json_pointer.join([keyword], base=self.pointer)

    def subschemas(self, keyword: str) -> list[tuple[str | int | None, Subschema]]:
        """The subschemas of one applicator, each with its name or index if it has one."""
        children = self.children.get(keyword)
        if isinstance(children, dict):
            return list(children.items())
        if isinstance(children, list):
            return list(enumerate(children))
        return [] if children is None else [(None, children)]

    @property
    def references(self) -> Iterator[tuple[str, Subschema]]:
        """Every schema that it may refer to, with the keyword that does."""
        yield from self.static_refs.items()
        keyword = "$recursiveRef" if "$recursiveRef" in self.keywords else "$dynamicRef"
        yield from ((keyword, schema) for schema in self.dynamic_refs.values())

    @property
    def in_place(self) -> Iterator[tuple[str, Subschema]]:
        """Every schema that it applies to the same instance location, with the keyword that does."""
        yield from self.references
        for keyword in self.dialect.in_place:
            for _, child in self.subschemas(keyword):
                yield keyword, child

    @property
    def successors(self) -> Iterator[Subschema]:
        """Every schema that it contains or refers to."""
        for keyword in self.children:
            yield from (child for _, child in self.subschemas(keyword))
        yield from (schema for _, schema in self.references)

    @property
    def is_self_contained(self) -> bool:
        """True if neither the schema nor a schema in it refers to another one, or is one by an identifier."""
        stack = [self]
        while stack:
            schema = stack.pop()
            is_identified = schema.resource != self.resource or schema.dialect.id_keyword in schema.keywords
            if schema.static_refs or schema.dynamic_refs or is_identified:
                return False
            stack.extend(child for keyword in schema.children for _, child in schema.subschemas(keyword))
        return True

    def __repr__(self) -> str:
        return f"<subschema {self.uri}#{self.pointer}>"


class SchemaGraph:
    """Every subschema that the entry of a document reaches.

    Attributes:
        root: the subschema at the entry.
        by_location: every subschema that was reached, by its document and its location there.
        ignored: unknown keywords and formats, each with its first location.

    Raises:
        UnsupportedSchemaError: with every problem found.
    """

    def __init__(self, document: SchemaDocument) -> None:
        self._document = document
        self._by_id: dict[int, Subschema] = {}
        self._equivalents = EquivalentSubschemas(self._by_id.values())
        self._unread: list[Subschema] = []
        self._resources = document.document_set.resources
        self._options = document.options
        self.ignored: dict[str, str] = {}
        self._resolvers: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self.by_location: dict[str, dict[str, Subschema]] = {}
        self._check_json()
        self._check_dialect(document.schema, document.pointer)
        if self.problems:
            raise UnsupportedSchemaError(self.problems)
        self.root = self._subschema(document.schema, document.pointer, document.uri, document.uri)
        while self._unread:
            self._read(self._unread.pop())
        self._report_cycles()
        if self.problems:
            raise UnsupportedSchemaError(sorted(self.problems, key=lambda problem: problem.schema_pointer))
        self._mark_dynamically_scoped()

    @property
    def resource_roots(self) -> Mapping[str, tuple[str, str]]:
        """The document and the location where each resource begins, by URI."""
        return self._resources.roots

    @property
    def schemas(self) -> Iterable[Subschema]:
        """Every object schema that was reached."""
        return self._by_id.values()

    @property
    def patterns(self) -> Iterator[tuple[str, str]]:
        """The keyword and the text of each pattern."""
        return ((keyword, pattern) for schema in self.schemas for keyword, _, pattern in _patterns(schema))

    # Documents ---------------------------------------------------------------------------------------------------

    def _check_json(self) -> None:
        """Report each value of the documents that is not JSON: NaN, a `Decimal`, bytes, an enum member, a key."""
        for uri, pointer, value in self._resources.not_json:
            keyword = json_pointer.split(pointer)[-1] if pointer else "schema"
            location = pointer if uri == self._document.uri else f"{uri}#{pointer}"
            kind = type(value).__name__
            self._report(keyword, location, f"contains {value!r}, which is not JSON ({kind}); write a JSON value")

    def _check_dialect(self, schema: Any, pointer: str) -> None:
        if not isinstance(schema, dict | bool):
            self._report("schema", pointer, f"must be an object or a boolean, not {type(schema).__name__}")
            return
        dialect = self._dialect_of(schema, self._document.dialect)
        declared = schema.get("$schema") if isinstance(schema, dict) else None
        is_chosen = self._document.options.dialect is not None
        if declared is not None and not is_chosen and draft_with(str(declared)) is None:
            names = ", ".join(draft.name for draft in DRAFTS)
            reason = f"is {declared}, an unknown dialect; pass dialect= or --dialect with one of {names}"
            self._report("$schema", pointer + "/$schema", reason)
            return
        try:
            _metaschema(dialect).validate(schema)
        except jsonschema_rs.ValidationError as error:
            location = json_pointer.join(error.instance_path, base=pointer)
            keyword = location.rpartition("/")[2] or "schema"
            message = f"does not satisfy the meta-schema of {dialect.name}: {error.message[:200]}"
            self._report(keyword, location, message)
        except (ValueError, TypeError, OverflowError) as error:
            self._report("schema", pointer, f"is not JSON: {error}")

    def _dialect_of(self, schema: Any, default: Dialect) -> Dialect:
        """The dialect of the resource that a schema belongs to."""
        resource = self._resources.resource_of(schema, "") if isinstance(schema, dict) else ""
        return self._resources.dialect_of(resource) if resource else default

    def _subschema(self, value: Any, pointer: str, uri: str, resource: str) -> Subschema:
        known = self._by_id.get(id(value)) if isinstance(value, dict) else None
        if known is not None:
            return known
        if isinstance(value, dict):
            resource = self._resources.resource_of(value, resource)
        schema = Subschema(value, pointer, uri, resource, self._resources.dialect_of(resource))
        schema.anchors = self._resources.anchor_names(resource)
        schema.equivalents = self._equivalents
        self.by_location.setdefault(uri, {}).setdefault(pointer, schema)
        if isinstance(value, dict):
            self._by_id[id(value)] = schema
            self._unread.append(schema)
        return schema

    # One schema --------------------------------------------------------------------------------------------------

    def _read(self, schema: Subschema) -> None:
        dialect, keywords = schema.dialect, schema.keywords
        self._report_unsupported(schema)
        for keyword, facts in dialect.nested.items():
            if keyword not in keywords:
                continue
            value = keywords[keyword]
            if isinstance(value, list):
                schema.children[keyword] = [
                    self._child(schema, item, keyword, index) for index, item in enumerate(value)
                ]
            elif facts.nesting == "object":
                # In `dependencies` a list of names may stand in the place of a schema.
                schema.children[keyword] = {
                    name: self._child(schema, item, keyword, name)
                    for name, item in value.items()
                    if not isinstance(item, list)
                }
            else:
                schema.children[keyword] = self._child(schema, value, keyword)
        for keyword in dialect.references:
            if keyword in keywords:
                self._resolve(schema, keyword)
        self._report_unsupported_strings(schema)

    def _child(self, schema: Subschema, value: Any, *tokens: str | int) -> Subschema:
        location = json_pointer.join(tokens, base=schema.pointer)
        return self._subschema(value, location, schema.uri, schema.resource)

    def _report(self, keyword: str, pointer: str, remedy: str) -> None:
        self.problems.append(Problem(keyword, pointer, remedy))

    def _report_unsupported(self, schema: Subschema) -> None:
        dialect = schema.dialect
        for keyword, value in schema.keywords.items():
            maximum = dialect[keyword].maximum
            if maximum is not None and value > maximum:
                message = f"is {value}; at most {maximum} is supported; lower it"
                self._report(keyword, schema.at(keyword), message)
        if len(schema.keywords) < len(schema.value) and not (dialect.ref_is_alone and "$ref" in schema.keywords):
            self._report_unknown(schema, schema.value)
        if (schema.uri, schema.pointer) in self._document.left_out:
            self._report_unknown(schema, self._document.left_out[schema.uri, schema.pointer])

    def _report_unknown(self, schema: Subschema, keywords: Mapping[str, Any]) -> None:
        """Collect unknown keywords, which are annotations; report those that are probably misspelt."""
        for keyword, value in keywords.items():
            if keyword in schema.dialect.keywords or keyword in self._options.annotations or keyword.startswith("x-"):
                continue
            meant = misspelt_keyword(keyword, schema.dialect)
            is_legal = meant is not None and _metaschema(schema.dialect).is_valid({meant: value})
            if meant is not None and is_legal:
                guess = f"did you mean {meant!r}? Otherwise, {schema.dialect.explain_ignoring(keyword)}"
                self._report(keyword, schema.at(keyword), f"is not a keyword of {schema.dialect.name}; {guess}")
            elif self._options.strict:
                self._report(keyword, schema.at(keyword), schema.dialect.explain_unknown(keyword))
            else:
                self.ignored.setdefault(f"keyword {keyword}", schema.at(keyword))

    def _report_unsupported_strings(self, schema: Subschema) -> None:
        """Report unsupported patterns and formats."""
        others = ((name, schema.at(name), text) for name, text in self._document.options.other_spellings(schema.value))
        for keyword, location, pattern in (*_patterns(schema), *others):
            try:
                matched_by_all(pattern)
            except PatternError as error:
                self._report(keyword, location, f"{quote(pattern)} is not supported: {error.reason}")
        name = schema.keywords.get("format")
        if name is None or self._options.supports_format(name):
            return
        if self._options.strict:
            self._report("format", schema.at("format"), self._options.explain_unknown_format(name))
        else:
            self.ignored.setdefault(f"format {name}", schema.at("format"))

    # References --------------------------------------------------------------------------------------------------

    def _resolve(self, schema: Subschema, keyword: str) -> None:
        """Resolve a reference: its target, or each possible one if it leads to a dynamic anchor."""
        reference = schema.keywords[keyword]
        if keyword in DYNAMIC_REFERENCES:
            base, _, name = reference.partition("#")
            resource = self._resources.resolve(schema.resource, base)
            if self._resources.dynamic_anchor(resource, name) is not None:
                self._resolve_dynamic(schema, resource, name)
                return
        target = self._target(schema, keyword, reference)
        if target is not None:
            schema.static_refs[keyword] = target

    def _resolver(self, resource: str) -> Any:
        if resource not in self._resolvers:
            self._resolvers[resource] = self._document.document_set.registry.resolver(resource)
        return self._resolvers[resource]

    def _target(self, schema: Subschema, keyword: str, reference: str) -> Subschema | None:
        try:
            resolved = self._resolver(schema.resource).lookup(reference)
        except (Unresolvable, LookupError, ValueError):
            self._report(keyword, schema.at(keyword), self._explain_unresolved(schema, reference))
            return None
        before = len(self.problems)
        known = self._by_id.get(id(resolved.contents)) if isinstance(resolved.contents, dict) else None
        if known is not None:
            return known
        uri, pointer = self._location_of(resolved.contents, reference)
        self._check_dialect(resolved.contents, pointer if uri == self._document.uri else f"{uri}#{pointer}")
        if len(self.problems) > before:
            return None
        return self._subschema(resolved.contents, pointer, uri, uri)

    def _explain_unresolved(self, schema: Subschema, reference: str) -> str:
        resource, _, fragment = reference.partition("#")
        try:
            urlsplit(reference)
        except ValueError:
            return f"{reference!r} is not a URI reference; correct it"
        document = self._resources.resolve(schema.resource, resource)
        if document in self._resources.roots:
            where = "this document" if document == schema.resource else document
            return f"{reference!r}: {where} has nothing at {'#' + fragment!r}; define it, or correct the reference"
        return (
            f"{reference!r} is not in the given documents, and nothing is fetched; "
            f"pass its file as resources=[...] or --resource"
        )

    def _resolve_dynamic(self, schema: Subschema, resource: str, name: str) -> None:
        schema.dynamic_anchor = name
        for other, contents in self._resources.anchors(name):
            uri, pointer = self._location_of(contents, "")
            target = self._subschema(contents, pointer, uri, other)
            schema.dynamic_refs[other] = target
            if other == resource:
                schema.dynamic_refs[None] = target

    def _location_of(self, contents: Any, reference: str) -> tuple[str, str]:
        known = self._resources.location_of(contents) if isinstance(contents, dict) else None
        return known or (self._document.uri, reference.rpartition("#")[2])

    def _report_cycles(self) -> None:
        """Report references that lead back to their own schema without descending into the instance."""
        done: set[Subschema] = set()
        for start in self._by_id.values():
            stack = [(start, start.in_place)] if start not in done else []
            path = {start}
            while stack:
                schema, following = stack[-1]
                for keyword, target in following:
                    if target in path:
                        message = "is a reference cycle that never descends into the instance"
                        self._report(keyword, schema.at(keyword), message)
                    elif target not in done:
                        path.add(target)
                        stack.append((target, target.in_place))
                        break
                else:
                    stack.pop()
                    path.discard(schema)
                    done.add(schema)

    @functools.cached_property
    def respelled(self) -> AbstractSet[Subschema]:
        """The schemas with another spelling of a pattern, and those that lead to one."""
        other_spellings = self._document.options.other_spellings
        return self._leading_to({schema for schema in self.schemas if other_spellings(schema.value)})

    def _mark_dynamically_scoped(self) -> None:
        """Mark the schemas with a `$dynamicRef` somewhere below them."""
        for schema in self._leading_to({schema for schema in self.schemas if schema.dynamic_refs}):
            schema.is_dynamically_scoped = True

    def _leading_to(self, schemas: AbstractSet[Subschema]) -> AbstractSet[Subschema]:
        """Some schemas, and those that contain or refer to one, directly or not."""
        marked = set(schemas)
        fresh = set(marked)
        while fresh:
            fresh = {
                schema for schema in self.schemas if schema not in marked and not fresh.isdisjoint(schema.successors)
            }
            marked |= fresh
        return marked


def _patterns(schema: Subschema) -> Iterator[tuple[str, str, str]]:
    """The keyword, the location and the text of each pattern."""
    if "pattern" in schema.keywords:
        yield "pattern", schema.at("pattern"), schema.keywords["pattern"]
    for name in schema.keywords.get("patternProperties", ()):
        yield "patternProperties", json_pointer.join([name], base=schema.at("patternProperties")), name


@functools.cache
def _metaschema(dialect: Dialect) -> Any:
    # Patterns and references are checked later: the reason is more exact, and a reference may be no URI.
    return getattr(jsonschema_rs, dialect.validator)(
        {"$ref": dialect.validator_uri}, offline=True, validate_formats=False
    )
