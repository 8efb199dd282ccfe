"""A closed set of schema documents: references reach only the given documents; nothing is fetched."""

from __future__ import annotations

import copy
import difflib
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import quote

import jsonschema_rs
from jsonschema_specifications import REGISTRY
from referencing import Registry, Specification
from referencing.exceptions import NoSuchResource, Unresolvable, Unretrievable
from referencing.jsonschema import Schema, SchemaRegistry, specification_with

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import SchemaNotFoundError
from chime_fixtures.engine.instances import copy_json
from chime_fixtures.engine.schema.dialects import RESPELLED, Dialect
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12, DRAFTS, draft_with, old_forms
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.resources import REFERENCES, Resources, encoded_uri, resolve_uri

DEFAULT_URI = "https://schema.invalid/"
"""The URI of a schema without an `$id`, and the base of a relative one."""

_METASCHEMAS = {uri: REGISTRY[uri].contents for uri in REGISTRY}
_METASCHEMA_PREFIXES = ("http://json-schema.org/draft", "https://json-schema.org/draft")


class DocumentSet:
    """Schema documents by URI, shared by every contract whose schema is in one of them.

    Args:
        by_uri: the documents.
        options: the options for reading them.
        first: the URI of the document that decides which dialect the others without `$schema` have.

    Attributes:
        by_uri: every document that a reference may reach; the meta-schemas of all drafts are among them if one of the
            others refers to one.
        options: the options for reading them.
        dialect: the dialect of a document without `$schema`.
        old_forms: the forms of keywords in the first document for which an older dialect was chosen.
        resources: their resources.
    """

    def __init__(self, by_uri: Mapping[str, Any], options: SchemaOptions, first: str) -> None:
        self._aliases = _aliases(by_uri)
        self.by_uri = {uri: by_uri[self._aliases.get(uri, uri)] for uri in by_uri}
        self.options = options
        self.dialect, self.old_forms = default_dialect(self.by_uri[first], options)
        self.resources = Resources(self.by_uri, self.dialect)
        if any(uri.startswith(_METASCHEMA_PREFIXES) for uri in self.resources.references - set(self.resources.roots)):
            for uri, document in _METASCHEMAS.items():
                if self.by_uri.setdefault(uri, document) is document:
                    self.resources.add(uri, document)

    @functools.cached_property
    def registry(self) -> SchemaRegistry:
        """The documents for `referencing`; any other URI is an error."""
        return self._registry(self.by_uri)

    def registry_without_declarations(self, dialect: Dialect) -> SchemaRegistry:
        """The documents for an extended validator of jsonschema, those of its dialect without `$schema`.

        At a reference to a schema with `$schema` jsonschema takes its own class of that dialect instead.
        """
        return self._registry(
            {
                uri: without_declaration(document) if self.resources.dialect_of(uri) is dialect else document
                for uri, document in self.by_uri.items()
            }
        )

    def _registry(self, documents: Mapping[str, Any]) -> SchemaRegistry:
        closed: SchemaRegistry = Registry(retrieve=_not_found)  # type: ignore[call-arg]  # attrs renames the field
        return closed.with_resources(
            [
                (uri, _specification(self.resources.dialect_of(uri).validator_uri).create_resource(document))
                for uri, document in documents.items()
            ]
        )

    @functools.cached_property
    def rs_registry(self) -> jsonschema_rs.Registry:
        """The documents for jsonschema-rs; it also resolves unreached references, so that missing ones are empty.

        Each document has one URI. Of a document with two, jsonschema-rs panics at random at a dynamic anchor.
        """
        missing: list[tuple[str, Any]] = [(uri, {}) for uri in self.missing]
        documents = [(uri, self._declaring(uri)) for uri in self.by_uri if uri not in self._aliases]
        return jsonschema_rs.Registry([*missing, *documents])

    @functools.cached_property
    def missing(self) -> list[str]:
        """The URIs that references resolve to, and that no document has."""
        return sorted(uri for uri in self.resources.references - self.resources.roots.keys() if not self._has(uri))

    def _has(self, uri: str) -> bool:
        try:
            self.registry.get_or_retrieve(uri)
        except (Unretrievable, Unresolvable, LookupError, ValueError):
            return False
        except (AttributeError, TypeError):
            # A subschema is not an object: the metaschema rejects it, with its location.
            return True
        return True

    def _declaring(self, uri: str) -> Any:
        """A document for jsonschema-rs: with the `$schema` of its dialect, and with references to URIs that it has."""
        given, dialect = self.by_uri[uri], self.resources.dialect_of(uri)
        document = given
        to_aliases = (each for alias in self._aliases for each in self.resources.leaving.get(alias, ()))
        pointers = {*self.resources.not_encoded.get(uri, ()), *(pointer for each, pointer in to_aliases if each == uri)}
        if pointers:
            document = copy_json(given)
            for pointer in pointers:
                base = self.resources.resource_of(json_pointer.resolve(given, pointer), uri)
                schema = json_pointer.resolve(document, pointer)
                schema.update({name: self._rs_reference(base, schema[name]) for name in REFERENCES if name in schema})
        if not isinstance(document, dict):
            return document
        if draft_with(str(document.get("$schema"))) is draft_with(dialect.validator_uri):
            return document
        return {**document, "$schema": dialect.validator_uri}

    def _rs_reference(self, base: str, reference: str) -> str:
        """A reference as a URI reference, to the URI that jsonschema-rs has for the document."""
        encoded = encoded_uri(reference)
        identifier = self._aliases.get(self.resources.resolve(base, reference))
        return encoded if identifier is None else f"{identifier}#{encoded.partition('#')[2]}"


class SchemaDocument:
    """A document set, and the location in it of a contract's schema.

    Args:
        first: the document that contains the schema.
        pointer: the location of the schema in it.
        others: further documents by URI.
        uri: the URI of the first document, if it has no `$id`.
        options: the options for reading them.
        left_out: keywords that a source has left out because they are unknown in its dialect, by the URI of their
            document and the location of their schema; they are reported as if they were there.
        remarks: sentences without a subject, of which the contract warns.

    Attributes:
        document_set: every document that a reference may reach.
        uri: the URI of the first document.
        pointer: the location of the schema in it.
        schema: the schema there.
        left_out: the keywords that were left out.
        remarks: the sentences of which the contract warns.

    Raises:
        SchemaNotFoundError: the document has nothing at the pointer.
    """

    def __init__(
        self,
        first: Any,
        *,
        pointer: str = "",
        others: Mapping[str, Any] | None = None,
        uri: str | None = None,
        options: SchemaOptions | None = None,
        left_out: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
        remarks: Iterable[str] = (),
    ) -> None:
        self.left_out = dict(left_out or {})
        self.remarks = tuple(remarks)
        first = _with_distinct_parts(first)
        others = {location: _with_distinct_parts(each) for location, each in (others or {}).items()}
        self.uri = uri or document_uri(first, DEFAULT_URI)
        documents = {self.uri: first, **others}
        self.document_set = DocumentSet(documents, options or SchemaOptions(), self.uri)
        needs_registry = self.document_set.missing or self.document_set.resources.not_encoded
        self._is_alone = len(documents) == 1 and not needs_registry
        self.pointer = pointer
        self.schema = _value_at(first, self.uri, pointer)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arguments alone, since everything else refers to schemas by identity."""
        first, others = self._given
        return _unpickle, (first, self.pointer, others, self.uri, self.options, self.left_out, self.remarks)

    @property
    def _given(self) -> tuple[Any, dict[str, Any]]:
        """The first document, and the others by URI, without the meta-schemas that were added."""
        given = {uri: document for uri, document in self.by_uri.items() if document is not _METASCHEMAS.get(uri)}
        return given.pop(self.uri), given

    def at(self, pointer: str) -> SchemaDocument:
        """The same document set with another location of the same document.

        Raises:
            SchemaNotFoundError: the document has nothing at the pointer.
        """
        other = copy.copy(self)
        other.pointer = pointer
        other.schema = _value_at(self.by_uri[self.uri], self.uri, pointer)
        return other

    def respelled(self, is_schema: Callable[[Any], bool]) -> SchemaDocument:
        """The same document set, in which each pattern with another spelling has that one.

        Args:
            is_schema: returns True for an object that is a schema, and False for another one, as in `enum`.
        """
        options = self.options

        def respell(schema: dict[str, Any]) -> dict[str, Any]:
            spellings = options.other_spellings(schema) if is_schema(schema) else []
            return {RESPELLED: spellings[0][1]} if spellings else {}

        return self.extended(respell, options=options.without_spellings())

    def extended(
        self, members: Callable[[dict[str, Any]], Mapping[str, Any]], *, options: SchemaOptions | None = None
    ) -> SchemaDocument:
        """A copy of the document set with further members of its objects.

        Args:
            members: returns the members that an object has in addition, or that replace others.
            options: other options for reading the documents.
        """
        first, others = self._given
        return SchemaDocument(
            _extended(first, members),
            pointer=self.pointer,
            others={uri: _extended(document, members) for uri, document in others.items()},
            uri=self.uri,
            options=options or self.options,
            left_out=self.left_out,
            remarks=self.remarks,
        )

    @property
    def by_uri(self) -> Mapping[str, Any]:
        """Every document that a reference may reach."""
        return self.document_set.by_uri

    @property
    def options(self) -> SchemaOptions:
        """The options for reading the documents."""
        return self.document_set.options

    @property
    def is_plain(self) -> bool:
        """True if the first document, alone and whole, is the contract."""
        return not self.pointer and self._is_alone

    @property
    def entry_schema(self) -> Any:
        """A schema that refers to the contract, for a registry of the documents."""
        return self.schema if self.is_plain else self.entry_at(self.uri, self.pointer, self.dialect)

    @property
    def dialect(self) -> Dialect:
        """The dialect of the schema."""
        resources = self.document_set.resources
        return resources.dialect_of(resources.resource_of(self.schema, self.uri))

    @staticmethod
    def entry_at(uri: str, pointer: str, dialect: Dialect) -> dict[str, str]:
        """A schema that refers to any location of the documents."""
        return {"$schema": dialect.validator_uri, "$ref": f"{uri}#{quote(pointer, safe='/~$')}"}


def without_declaration(schema: Any) -> Any:
    """A schema without its `$schema`; the schemas in it are the same objects."""
    if not isinstance(schema, dict) or "$schema" not in schema:
        return schema
    return {keyword: value for keyword, value in schema.items() if keyword != "$schema"}


def default_dialect(document: Any, options: SchemaOptions) -> tuple[Dialect, tuple[str, ...]]:
    """The dialect of documents without `$schema`, and the forms for which an older one was chosen."""
    if options.dialect is not None:
        return options.dialect, ()
    declared = document.get("$schema") if isinstance(document, dict) else None
    if isinstance(declared, str):
        return draft_with(declared) or DRAFT_2020_12, ()
    found = old_forms(document)
    return max(found.values(), key=DRAFTS.index, default=DRAFT_2020_12), tuple(found)


def _unpickle(
    first: Any,
    pointer: str,
    others: dict[str, Any],
    uri: str,
    options: SchemaOptions,
    left_out: dict[tuple[str, str], Mapping[str, Any]],
    remarks: tuple[str, ...],
) -> SchemaDocument:
    return SchemaDocument(
        first, pointer=pointer, others=others, uri=uri, options=options, left_out=left_out, remarks=remarks
    )


def _extended(value: Any, members: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_extended(item, members) for item in value]
    if not isinstance(value, dict):
        return value
    return {**{name: _extended(item, members) for name, item in value.items()}, **members(value)}


def _with_distinct_parts(document: Any) -> Any:
    """The document itself, or a copy in which each location has its own object.

    A schema that is built in Python, or read from YAML with anchors, may have one object at several locations, whose
    errors have different pointers.
    """
    seen: set[int] = set()
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict | list):
            if id(value) in seen:
                break
            seen.add(id(value))
            stack.extend(value.values() if isinstance(value, dict) else value)
    else:
        return document
    try:
        return copy_json(document)
    except RecursionError:
        # It is reported when it is read, as nested too deeply.
        return document


@functools.cache
def _specification(uri: str) -> Specification[Schema]:
    """The specification of a draft for `referencing`.

    On the way to a pointer, `referencing` takes the schemas in `properties` below `items` for one schema, and a
    property with the name `id` for its identifier.
    """
    published = specification_with(uri)

    def id_of(schema: Schema) -> str | None:
        try:
            identifier = published.id_of(schema)
        except AttributeError:
            return None
        return identifier if isinstance(identifier, str) else None

    return Specification(  # type: ignore[call-arg]  # attrs makes the parameters
        name=published.name,
        id_of=id_of,
        subresources_of=published.subresources_of,
        maybe_in_subresource=published.maybe_in_subresource,
        anchors_in=lambda _, schema: published.anchors_in(schema),
    )


def _value_at(document: Any, uri: str, pointer: str) -> Any:
    try:
        return json_pointer.resolve(document, pointer)
    except (LookupError, ValueError) as error:
        is_pointer = isinstance(error, LookupError)
        near = [f"{uri}#{each}" for each in _near_pointers(document, pointer)] if is_pointer else []
        raise SchemaNotFoundError(f"{uri}#{pointer}", near) from error


def _near_pointers(document: Any, pointer: str) -> list[str]:
    """The pointer with its first wrong name replaced by the closest name of an object there; none if none is close."""
    value, parts = document, json_pointer.split(pointer)
    for index, part in enumerate(parts):
        if not isinstance(value, dict):
            break
        if part not in value:
            near = difflib.get_close_matches(part, list(value), n=1)
            return [json_pointer.join([*parts[:index], *near])] if near else []
        value = value[part]
    return []


def _not_found(uri: str) -> NoReturn:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # attrs makes the parameter


def _aliases(by_uri: Mapping[str, Any]) -> dict[str, str]:
    """The further URIs of documents, as of their files, each with the `$id` by which the document is also given."""
    identifiers = {uri: document_uri(document, uri) for uri, document in by_uri.items()}
    return {
        uri: identifier
        for uri, identifier in identifiers.items()
        if identifier != uri and identifier in by_uri and by_uri[identifier] == by_uri[uri]
    }


def document_uri(document: Any, base: str) -> str:
    """The `$id` (in draft 4, `id`) of a document, resolved against its location; else the location."""
    if not isinstance(document, dict):
        return base
    dialect = draft_with(str(document.get("$schema", "")))
    keywords = ["$id", "id"] if dialect is None else [dialect.id_keyword]
    identifier = next((document[name] for name in keywords if isinstance(document.get(name), str)), None)
    return base if identifier is None else resolve_uri(base, identifier)
