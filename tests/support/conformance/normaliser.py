"""Puts the errors of both judges into the words of the house, so that they can be compared with a label and each other.

The convention ("Where a label points"): the object for `required`, `additionalProperties: false`, `dependentRequired`,
`minProperties`, `maxProperties`, `propertyNames` and `unevaluatedProperties`; the array for `contains`, `uniqueItems`,
`minItems`, `maxItems` and `unevaluatedItems`; else the value. The keyword is the leaf that failed, also under `$ref`,
`allOf`, `then`, `else` and `dependentSchemas`; `anyOf`, `oneOf` and `not` stand for themselves. For a `false` subschema
the applicator that holds it, at the place that it was applied to.

Where they differ from it and from each other:

- jsonschema forgets which member or item a `false` subschema was applied to, and reports `items: false` once, at the
  array. Its copy of the schema has a keyword of our own in place of each such `false`, which fails like any other leaf.
- Both report what fails in a name by the leaf under `propertyNames`.
- Too few matches of `contains` are `contains` for jsonschema if there are none at all. They are `minContains` here
  where that keyword is, else `contains`, though jsonschema-rs says `maxContains` where only that one is.
- jsonschema-rs points into the document that a reference led to, jsonschema leaves references out of the way; both are
  led back to the subschema itself, found by walking the way again (for one) or by its identity (for the other).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from jsonschema_specifications import REGISTRY as SPECIFICATIONS
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chime_fixtures.engine import pointer as json_pointer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FALSE = "false schema"

_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLES = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "contentSchema")
_SINGLES = (*_SINGLES, "unevaluatedItems", "unevaluatedProperties")
_FORGETFUL = (*_MAPS, *_LISTS, "items", "then", "else")
_SPLIT = ("required", "dependentRequired")


PROPERTY_NAMES = "propertyNames"


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One error of a judge, in the words of the house; errors that are equal as breaches are one.

    Attributes:
        pointer: the place in the instance.
        keyword: the keyword that failed.
        location: where that keyword, or the `false` subschema, stands: a document's URI, `#` and a JSON Pointer.
        member: for `required` and `dependentRequired`, the member that is missing.
    """

    pointer: str
    keyword: str
    location: str
    member: str = ""

    @property
    def label(self) -> tuple[str, str]:
        """What a violation has to say."""
        return self.pointer, self.keyword

    @property
    def place(self) -> tuple[str, str, str]:
        """What can be broken, wherever in an instance."""
        return self.keyword, self.location, self.member


class Normaliser:
    """Maps the errors of both judges about one schema and its resources.

    Attributes:
        schema: a copy of the schema, for jsonschema to judge by.
        registry: copies of the resources and the metaschemas.
    """

    def __init__(self, schema: Any, resources: Mapping[str, Any]) -> None:
        self.schema = _copy(schema)
        copies = {uri: _copy(document) for uri, document in resources.items()}
        self._locations = dict(_locations(self.schema, "#"))
        for uri, document in copies.items():
            self._locations.update(_locations(document, f"{uri}#"))
        for uri, document in _metaschemas().items():
            self._locations.update(_locations(document, f"{uri}#"))
        every = {**_metaschemas(), **copies}
        documents = [(uri, DRAFT202012.create_resource(document)) for uri, document in every.items()]
        # Crawled, so that dynamic anchors lead to these metaschemas and not to those that jsonschema has.
        self.registry: Registry[Any] = Registry().with_resources(documents).crawl()
        self._resolver = self.registry.resolver_with_root(DRAFT202012.create_resource(self.schema))
        checker = Draft202012Validator.FORMAT_CHECKER
        self._validator = _tracing()(self.schema, registry=self.registry, format_checker=checker)

    def by_jsonschema(self, instance: Any) -> frozenset[Breach]:
        """What jsonschema complains of."""
        return frozenset(map(self._of_jsonschema, self._validator.iter_errors(instance)))

    def by_jsonschema_rs(self, validator: jsonschema_rs.Draft202012Validator, instance: Any) -> frozenset[Breach]:
        """What jsonschema-rs complains of."""
        return frozenset(map(self._of_jsonschema_rs, validator.iter_errors(instance)))

    def _of_jsonschema(self, error: ValidationError) -> Breach:
        pointer = json_pointer.join(error.absolute_path)
        if self.schema is False:
            return Breach(pointer, FALSE, "#")
        holder, keyword, member = error.trace  # type: ignore[attr-defined]  # set by the keywords of `_tracing`
        if error.validator == FALSE:
            return Breach(pointer, keyword, self._locations[id(error.schema)])
        return Breach(pointer, keyword, self._location(holder, keyword), member)

    def _of_jsonschema_rs(self, error: jsonschema_rs.ValidationError) -> Breach:
        pointer = json_pointer.join(error.instance_path)
        if error.kind.name == PROPERTY_NAMES and PROPERTY_NAMES not in error.evaluation_path:
            # A reference below it hides the keyword in the way, but its own place is told.
            return Breach(pointer, PROPERTY_NAMES, error.absolute_keyword_location or "")
        holder, keyword, inner = self._last(error.evaluation_path)
        if keyword == FALSE:
            return Breach(pointer, FALSE, "#")
        if isinstance(inner, dict) and FALSE in inner and keyword != PROPERTY_NAMES:
            return Breach(pointer, keyword, self._locations[id(inner)])
        if keyword == "maxContains" and "minContains" not in holder and not self._matches(holder, error.instance):
            keyword = "contains"
        member = str(error.kind.as_dict()["property"]) if keyword in _SPLIT else ""
        return Breach(pointer, keyword, self._location(holder, keyword), member)

    def _last(self, way: Sequence[str | int]) -> tuple[Any, str, Any]:
        """The schema in which a way ends, the keyword there, and the subschema that the keyword applies."""
        tokens, resolver = list(way), self._resolver
        holder, keyword, inner = None, FALSE, self.schema
        while tokens:
            holder, keyword = inner, str(tokens.pop(0))
            if keyword == PROPERTY_NAMES:
                break
            inner = holder[keyword]
            if keyword in {"$ref", "$dynamicRef"}:
                found = resolver.lookup(inner)
                inner, resolver = found.contents, found.resolver
                continue
            if tokens and keyword in {*_MAPS, *_LISTS}:
                inner = inner[tokens.pop(0)]
            if isinstance(inner, dict):
                resolver = resolver.in_subresource(DRAFT202012.create_resource(inner))
        return holder, keyword, inner

    def _matches(self, holder: Any, items: Sequence[Any]) -> bool:
        """Whether any item is what `contains` asks for."""
        return any(map(self._validator.evolve(schema=holder["contains"]).is_valid, items))

    def _location(self, holder: Any, keyword: str) -> str:
        return self._locations[id(holder)] + json_pointer.join([keyword])


def _copy(schema: Any) -> Any:
    """The schema without `$schema`, which would lead jsonschema back to its own keywords, and with each `false` named."""
    if not isinstance(schema, dict):
        return schema
    copy = {keyword: value for keyword, value in schema.items() if (keyword, value) != ("$schema", DIALECT)}
    for keyword, value in copy.items():
        named = _named if keyword in _FORGETFUL else _copy
        if keyword in _MAPS and isinstance(value, dict):
            copy[keyword] = {name: named(inner) for name, inner in value.items()}
        elif keyword in _LISTS and isinstance(value, list):
            copy[keyword] = [named(inner) for inner in value]
        elif keyword in _SINGLES:
            copy[keyword] = named(value)
    return copy


def _named(schema: Any) -> Any:
    return {FALSE: True} if schema is False else _copy(schema)


@functools.cache
def _metaschemas() -> dict[str, Any]:
    return {uri: _copy(SPECIFICATIONS[uri].contents) for uri in SPECIFICATIONS if "2020-12" in uri}


def _locations(value: Any, location: str) -> Iterator[tuple[int, str]]:
    """Where each object of a document stands, by its identity."""
    if isinstance(value, dict):
        yield id(value), location
        for name, inner in value.items():
            yield from _locations(inner, location + json_pointer.join([name]))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _locations(inner, location + json_pointer.join([index]))


@functools.cache
def _tracing() -> Any:
    """The validator of jsonschema, made to leave on each error the schema, keyword and member that it is about."""
    keywords = {keyword: _traced(keyword, check) for keyword, check in Draft202012Validator.VALIDATORS.items()}
    return extend(Draft202012Validator, {**keywords, FALSE: _fails})


def _fails(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    yield ValidationError(f"false schema does not allow {instance!r}", schema=schema)


def _traced(keyword: str, check: Callable[..., Any]) -> Callable[..., Any]:
    def traced(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        missing = _missing(keyword, value, instance)
        for error in check(validator, value, instance, schema) or ():
            if keyword == PROPERTY_NAMES or not hasattr(error, "trace"):
                error.trace = (schema, _spoken(keyword, error, schema), next(missing, ""))
            yield error

    return traced


def _spoken(keyword: str, error: ValidationError, schema: Any) -> str:
    """The keyword to name, where that of jsonschema is another."""
    if keyword == "if":
        return str(error.schema_path[0])
    if keyword == "contains":
        if isinstance(error.validator, str):
            return error.validator
        return "minContains" if "minContains" in schema else keyword
    return keyword


def _missing(keyword: str, value: Any, instance: Any) -> Iterator[str]:
    """The members that jsonschema is going to complain of, in its order."""
    if not isinstance(instance, dict):
        return
    if keyword == "required":
        yield from (name for name in value if name not in instance)
    elif keyword == "dependentRequired":
        yield from (
            name for holder, names in value.items() if holder in instance for name in names if name not in instance
        )
