"""The schemas of OpenAPI documents as documents of JSON Schema: those that one contract needs, at their own locations.

JSON Schema's validators read them by draft 4 (OpenAPI 3.0) or 2020-12 (3.1). They can't be told what OpenAPI means
otherwise, which is translated; each keyword stays at its location:

* `nullable` beside a `type` adds `null` to the type (3.0);
* a property that messages of the direction do not have is not in `required`;
* a boolean `exclusiveMinimum` in a document of 3.1 is read as 3.0 means it, since many were converted without a change;
* a reference by `$id` or `$anchor` becomes one by pointer (3.1);
* the keywords that drafts have, and the version lacks, are left out, and reported as unknown;
* duplicates in `required` and `enum` are left out, since they change nothing, and meta-schemas refuse them;
* a `format` of OpenAPI is left out if none of its values satisfies the bounds beside it: `byte` may be meant for the
  octets, and `maxLength` for them, too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.dnf.assertions import INTEGER_RANGES
from chime_fixtures.engine.instances import NUMBER, copy_json, json_type, key
from chime_fixtures.engine.regex import PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.drafts import DRAFTS
from chime_fixtures.engine.schema.openapi_dialects import OPENAPI_3_0, Direction, hiding_keyword
from chime_fixtures.engine.schema.resources import Resources, resolve_uri

FORMATS = {"byte": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"}
"""The formats of OpenAPI that are asserted, each with its pattern: `byte` is base64 (RFC 4648)."""

_KEYWORDS_OF_DRAFTS = frozenset().union(*(draft.keywords for draft in DRAFTS))
_LIMITS = {name: facts.limit_keyword for name, facts in OPENAPI_3_0.keywords.items() if facts.limit_keyword is not None}
"""The keywords that are booleans in OpenAPI 3.0, each with the one whose limit it excludes."""

_DYNAMIC = frozenset({"$dynamicRef", "$dynamicAnchor"})
"""The keywords that make the target of a reference depend on the path that leads to it."""

_IDENTIFIERS = frozenset({"$id", "$anchor"})
"""The keywords that name the target of a reference, which is replaced by its pointer."""

Location = tuple[str, str]
"""The URI of a document, and a pointer."""


class Translation(NamedTuple):
    """The translated schemas.

    Attributes:
        documents: the documents by URI, each with the schemas that the contract needs, at their own locations.
        left_out: the keywords that were left out, by the location of their schema.
        remarks: sentences about forms that are not read as they stand, each with its first location.
    """

    documents: dict[str, Any]
    left_out: dict[Location, dict[str, Any]]
    remarks: tuple[str, ...]


def translate(
    documents: Mapping[str, Any],
    entry: Location,
    dialect: Dialect,
    direction: Direction | None,
    formats: Mapping[str, str | None],
) -> Translation:
    """Translate the schema at a location, and every schema that it refers to.

    Args:
        documents: the documents by URI.
        entry: the location of the schema.
        dialect: the dialect of the documents.
        direction: the message that contains the value.
        formats: the pattern of each custom format, or None if it is ignored.
    """
    return _Translator(documents, dialect, direction, formats).translate(entry)


class _Translator:
    def __init__(
        self,
        documents: Mapping[str, Any],
        dialect: Dialect,
        direction: Direction | None,
        formats: Mapping[str, str | None],
    ) -> None:
        self._formats = formats
        self._documents = documents
        self._dialect = dialect
        self._hiding = hiding_keyword(direction)
        self._is_3_0 = dialect.uri == OPENAPI_3_0.uri
        self._schemas: dict[Location, Any] = {}
        self._pending: list[Location] = []
        self._left_out: dict[Location, dict[str, Any]] = {}
        self._remarks: dict[str, str] = {}
        self._own_uris = {dialect.uri, dialect.validator_uri}
        # Validators may assert some of them.
        self._foreign = _KEYWORDS_OF_DRAFTS - dialect.keywords.keys()
        self._is_whole = False

    def translate(self, entry: Location) -> Translation:
        self._pending.append(entry)
        while self._pending:
            uri, pointer = self._pending.pop()
            if self._declares_dialect(uri):
                self._schemas.setdefault((uri, ""), copy_json(self._documents[uri]))
            elif (uri, pointer) not in self._schemas:
                schema = json_pointer.resolve(self._documents[uri], pointer)
                self._schemas[uri, pointer] = None
                self._schemas[uri, pointer] = self._schema(schema, uri, pointer, frozenset())
        return Translation(
            {uri: self._placed(uri) for uri in self._documents}, self._left_out, tuple(self._remarks.values())
        )

    def _declares_dialect(self, uri: str) -> bool:
        """True for another document that is a JSON Schema with its own dialect: it is not translated."""
        document = self._documents[uri]
        if not isinstance(document, dict) or not isinstance(document.get("$schema"), str):
            return False
        if (uri, "") not in self._schemas:
            self._pending += filter(
                None, (self._target(schema, schema["$ref"], uri) for schema in _referring_objects(document))
            )
        return True

    def _placed(self, uri: str) -> Any:
        """A document with the translated schemas; without the other parts, unless references might reach them."""
        document = self._documents[uri]
        placed = copy_json(document) if self._is_whole else [] if isinstance(document, list) else {}
        located = [(pointer, schema) for (each, pointer), schema in self._schemas.items() if each == uri]
        for pointer, schema in sorted(located, key=lambda item: item[0].count("/")):
            placed = _place(placed, document, json_pointer.split(pointer), schema)
        return placed

    def _schema(self, schema: Any, uri: str, pointer: str, hidden: frozenset[str]) -> Any:
        """A translated schema; `hidden` are properties that schemas around its allOf declare and messages lack."""
        if not isinstance(schema, dict):
            return copy_json(schema)
        hidden |= frozenset(self._hidden_properties(schema, uri, set()))
        reference = schema.get("$ref")
        if isinstance(reference, str):
            schema = self._referring(schema, reference, uri)
            if self._dialect.ref_is_alone:
                return copy_json(schema)
        if not self._is_3_0:
            self._is_whole = self._is_whole or not _DYNAMIC.isdisjoint(schema)
            if not _IDENTIFIERS.isdisjoint(schema):
                schema = {keyword: value for keyword, value in schema.items() if keyword not in _IDENTIFIERS}
        return self._keywords(self._with_exclusive_bounds(schema, pointer), uri, pointer, hidden)

    def _keywords(self, schema: dict[str, Any], uri: str, pointer: str, hidden: frozenset[str]) -> dict[str, Any]:
        translated: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword == "$schema" and value in self._own_uris:
                continue
            if keyword in self._foreign:
                self._left_out.setdefault((uri, pointer), {})[keyword] = value
            elif keyword == "required" and isinstance(value, list):
                names = [name for name in _distinct(value) if not (isinstance(name, str) and name in hidden)]
                if names:
                    translated[keyword] = names
            elif keyword == "enum" and isinstance(value, list):
                translated[keyword] = copy_json(_distinct(value))
            elif keyword == "type" and self._is_3_0 and schema.get("nullable") is True and isinstance(value, str):
                translated[keyword] = [value, "null"]
            elif keyword == "format" and self._is_contradicted(schema):
                at = json_pointer.join([keyword], base=pointer)
                self._remarks.setdefault(keyword, f"ignores {value} at {at}, which the keywords beside it contradict")
            elif keyword in self._dialect.nested:
                translated[keyword] = self._nested(keyword, value, uri, pointer, hidden)
            else:
                translated[keyword] = copy_json(value)
        return translated

    def _with_exclusive_bounds(self, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        """A schema without booleans that exclude no bound; in 3.1 the others have the bound that they exclude."""
        for name, limit in _LIMITS.items():
            value = schema.get(name)
            if not isinstance(value, bool) or (self._is_3_0 and limit in schema):
                continue
            if not self._is_3_0:
                at = json_pointer.join([name], base=pointer)
                self._remarks.setdefault(name, f"reads a boolean {name} at {at} as OpenAPI 3.0 means it")
            if value and limit in schema:
                schema = {each: schema[limit] if each == name else schema[each] for each in schema if each != limit}
            else:
                schema = {each: schema[each] for each in schema if each != name}
        return schema

    def _is_contradicted(self, schema: dict[str, Any]) -> bool:
        """True if no value of the format satisfies the bounds beside it."""
        name = schema["format"]
        if not isinstance(name, str):
            return False
        if name in INTEGER_RANGES and name not in self._formats:
            low, high = INTEGER_RANGES[name]
            least, greatest = schema.get("minimum", low), schema.get("maximum", high)
            return bool(_is_number(least) and _is_number(greatest) and (least > high or greatest < low))
        pattern = self._formats.get(name) if name in FORMATS else None
        bounds = [each for each in ("pattern", "minLength", "maxLength") if each in schema]
        if pattern is None or not bounds:
            return False
        try:
            language = matched_by_all(pattern)
            if isinstance(schema.get("pattern"), str):
                language &= matched_by_all(schema["pattern"])
            longest = int(schema["maxLength"]) if "maxLength" in schema else None
            return language.between(int(schema.get("minLength", 0)), longest).is_empty
        except (PatternError, TypeError, ValueError):
            # They are reported when the schema is read.
            return False

    def _nested(self, keyword: str, value: Any, uri: str, pointer: str, hidden: frozenset[str]) -> Any:
        facts = self._dialect[keyword]
        if keyword not in self._dialect.unconditional:
            hidden = frozenset()
        location = json_pointer.join([keyword], base=pointer)
        if isinstance(value, list):
            return [
                self._schema(item, uri, json_pointer.join([index], base=location), hidden)
                for index, item in enumerate(value)
            ]
        if facts.nesting == "object" and isinstance(value, dict):
            return {
                name: self._schema(item, uri, json_pointer.join([name], base=location), hidden)
                for name, item in value.items()
            }
        return self._schema(value, uri, location, hidden)

    # References ----------------------------------------------------------------------------------------------------

    def _referring(self, schema: dict[str, Any], reference: str, uri: str) -> dict[str, Any]:
        """A schema with a reference by pointer, whose target is read, too; if there is none, it is reported later."""
        target = self._target(schema, reference, uri)
        if target is None:
            return schema
        self._pending.append(target)
        if reference_target(self._documents, reference, uri) == target:
            return schema
        document = target[0] if target[0] != uri else ""
        return {**schema, "$ref": f"{document}#{quote(target[1], safe='/~$')}"}

    def _target(self, schema: dict[str, Any], reference: str, uri: str) -> Location | None:
        """The location that the reference of a schema leads to; None if there is none."""
        target = reference_target(self._documents, reference, uri)
        return target if target is not None or self._is_3_0 else self._identifiers.target(schema, reference, uri)

    @functools.cached_property
    def _identifiers(self) -> _Identifiers:
        return _Identifiers(self._documents, self._dialect)

    # Direction -----------------------------------------------------------------------------------------------------

    def _hidden_properties(self, schema: Any, uri: str, seen: set[int]) -> Iterator[str]:
        """The properties that a schema declares, itself or in place, and messages of the direction lack."""
        if self._hiding is None:
            return
        for each, location in self._in_place(schema, uri, seen):
            properties = each.get("properties")
            if isinstance(properties, dict):
                yield from (name for name, item in properties.items() if self._is_hidden(item, location))

    def _is_hidden(self, schema: Any, uri: str) -> bool:
        return any(
            self._hiding is not None and each.get(self._hiding) is True
            for each, _ in self._in_place(schema, uri, set())
        )

    def _in_place(self, schema: Any, uri: str, seen: set[int]) -> Iterator[tuple[dict[str, Any], str]]:
        """A schema, and those that it applies to the same value by `$ref` and `allOf`, each with its document."""
        if not isinstance(schema, dict) or id(schema) in seen:
            return
        seen.add(id(schema))
        reference = schema.get("$ref")
        target = self._target(schema, reference, uri) if isinstance(reference, str) else None
        if target is not None:
            yield from self._in_place(json_pointer.resolve(self._documents[target[0]], target[1]), target[0], seen)
        if isinstance(reference, str) and self._dialect.ref_is_alone:
            return
        yield schema, uri
        for child in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
            yield from self._in_place(child, uri, seen)


def reference_target(documents: Mapping[str, Any], reference: str, base: str) -> Location | None:
    """The location that a reference leads to; None if that is not a pointer into one of the documents."""
    uri = resolve_uri(base, reference) if not reference.startswith("#") else base
    pointer = unquote(reference.partition("#")[2])
    if uri not in documents:
        return None
    try:
        json_pointer.resolve(documents[uri], pointer)
    except (LookupError, ValueError):
        return None
    return uri, pointer


def _is_number(value: Any) -> bool:
    return json_type(value) == NUMBER


def _distinct(values: list[Any]) -> list[Any]:
    return list({key(value): value for value in values}.values())


class _Identifiers:
    """The schemas of 3.1 that have an `$id` or an `$anchor`, anywhere in the documents.

    Validators look for them only below keywords of JSON Schema, and not below `components`.
    """

    def __init__(self, documents: Mapping[str, Any], dialect: Dialect) -> None:
        self._resources = Resources(documents, dialect)
        self._documents = documents
        self._anchors: dict[Location, Location] = {}
        for uri, document in documents.items():
            for part in _objects(document):
                location = self._resources.location_of(part)
                if location is not None and isinstance(part.get("$anchor"), str):
                    self._anchors.setdefault((self._resources.resource_of(part, uri), part["$anchor"]), location)

    def target(self, schema: dict[str, Any], reference: str, uri: str) -> Location | None:
        """The location that the reference of a schema leads to by the identifiers; None if there is none."""
        resource = self._resources.resolve(self._resources.resource_of(schema, uri), reference.partition("#")[0])
        fragment = unquote(reference.partition("#")[2])
        if fragment and not fragment.startswith("/"):
            return self._anchors.get((resource, fragment))
        root = self._resources.roots.get(resource)
        return root and reference_target(self._documents, f"#{quote(root[1] + fragment)}", root[0])


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects anywhere in a document."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)


def _referring_objects(value: Any) -> Iterator[dict[str, Any]]:
    return (part for part in _objects(value) if isinstance(part.get("$ref"), str))


def _place(placed: Any, document: Any, tokens: Sequence[str], schema: Any) -> Any:
    """Place a schema at its location; the containers on the path are those of the document, without other parts."""
    if not tokens:
        return schema
    first, *rest = tokens
    if isinstance(document, list):
        index = int(first)
        placed.extend([None] * (index + 1 - len(placed)))
        placed[index] = _place(_container(placed[index], document[index]), document[index], rest, schema)
    else:
        placed[first] = _place(_container(placed.get(first), document[first]), document[first], rest, schema)
    return placed


def _container(known: Any, original: Any) -> Any:
    if isinstance(known, dict | list):
        return known
    return [] if isinstance(original, list) else {}
