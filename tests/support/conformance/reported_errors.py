"""Errors of both validators in one form, so that they can be compared with each other and with a label.

The convention ("Where a label points"): the object for `required`, `additionalProperties: false`, `dependentRequired`,
`minProperties`, `maxProperties`, `unevaluatedProperties` and each keyword below `propertyNames`; the array for `contains`, `uniqueItems`,
`minItems`, `maxItems` and `unevaluatedItems`; else the value. The keyword is the leaf that failed, also under `$ref`,
`allOf`, `then`, `else` and `dependentSchemas`; `anyOf`, `oneOf` and `not` stand for themselves. For a `false` subschema
the applicator that contains it, at the location that it was applied to.

The validators differ from it and from each other:

- jsonschema does not report the property or item that a `false` subschema was applied to, and reports `items: false`
  once, at the array. Its copy of the schema has a custom keyword in place of each such `false`, which fails like any leaf.
- jsonschema-rs's path to the leaf under `propertyNames` is that of the error about the name.
- jsonschema reports too few matches of `contains` as `contains` if there are none at all. Here they are `minContains`
  if the schema has that keyword, else `contains`; jsonschema-rs reports `maxContains` if only that one is present.
- jsonschema-rs reports the location in the document that a reference led to; jsonschema leaves references out of its
  path. Both are mapped to the subschema itself, by following the path again or by its identity.
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
_LOSES_LOCATION = (*_MAPS, *_LISTS, "items", "then", "else")
_SPLIT = ("required", "dependentRequired")
_REFERENCES = ("$ref", "$dynamicRef")


@dataclass(frozen=True, slots=True, order=True)
class ReportedError:
    """One error of a validator, in the form of a label.

    Attributes:
        pointer: the location in the instance.
        keyword: the keyword that failed.
        location: the location of the keyword or `false` subschema: a document's URI, `#` and a JSON Pointer.
        member: for `required` and `dependentRequired`, the member that is missing.
    """

    pointer: str
    keyword: str
    location: str
    member: str = ""

    @property
    def label(self) -> tuple[str, str]:
        """The pointer and keyword of a violation with this error."""
        return self.pointer, self.keyword

    @property
    def assertion(self) -> tuple[str, str, str]:
        """The violated assertion, at any location of an instance."""
        return self.keyword, self.location, self.member


class ErrorNormaliser:
    """Maps the errors of both validators for one schema and its resources.

    Attributes:
        schema: the copy of the schema that jsonschema validates by.
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

    def by_jsonschema(self, instance: Any) -> frozenset[ReportedError]:
        """The errors of jsonschema."""
        return frozenset(map(self._of_jsonschema, self._validator.iter_errors(instance)))

    def by_jsonschema_rs(
        self, validator: jsonschema_rs.Draft202012Validator, instance: Any
    ) -> frozenset[ReportedError]:
        """The errors of jsonschema-rs."""
        return frozenset(map(self._of_jsonschema_rs, validator.iter_errors(instance)))

    def _of_jsonschema(self, error: ValidationError) -> ReportedError:
        pointer = json_pointer.join(error.absolute_path)
        if self.schema is False:
            return ReportedError(pointer, FALSE, "#")
        # Set by the keywords of `_tracing`.
        holder, keyword, member = getattr(error, "trace", (None, FALSE, ""))
        if error.validator == FALSE:
            return ReportedError(pointer, keyword, self._locations[id(error.schema)])
        return ReportedError(pointer, keyword, self._location(holder, keyword), member)

    def _of_jsonschema_rs(self, error: jsonschema_rs.ValidationError) -> ReportedError:
        pointer = json_pointer.join(error.instance_path)
        leaf = error.kind.error if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.PropertyNames) else error
        holder, keyword, inner = self._last(leaf.evaluation_path)
        if keyword == FALSE or (isinstance(inner, dict) and FALSE in inner):
            return ReportedError(pointer, keyword, self._locations.get(id(inner), "#"))
        if keyword == "maxContains" and "minContains" not in holder and not self._matches(holder, error.instance):
            keyword = "contains"
        member = str(error.kind.as_dict()["property"]) if keyword in _SPLIT else ""
        return ReportedError(pointer, keyword, self._location(holder, keyword), member)

    def _last(self, path: Sequence[str | int]) -> tuple[Any, str, Any]:
        """The schema at the end of a path, the keyword there, and the subschema that the keyword applies."""
        tokens, resolver = list(path), self._resolver
        holder, keyword, inner = None, FALSE, self.schema
        while tokens:
            token = str(tokens.pop(0))
            if token in _REFERENCES:
                found = resolver.lookup(inner[token])
                inner, resolver = found.contents, found.resolver
                continue
            holder, keyword = inner, token
            inner = holder[keyword]
            if tokens and keyword in {*_MAPS, *_LISTS}:
                inner = inner[tokens.pop(0)]
            if isinstance(inner, dict):
                resolver = resolver.in_subresource(DRAFT202012.create_resource(inner))
        return holder, keyword, inner

    def _matches(self, holder: Any, items: Sequence[Any]) -> bool:
        """True if any item matches `contains`."""
        return any(map(self._validator.evolve(schema=holder["contains"]).is_valid, items))

    def _location(self, holder: Any, keyword: str) -> str:
        return self._locations[id(holder)] + json_pointer.join([keyword])


def _copy(schema: Any) -> Any:
    """The schema without `$schema`, which would select jsonschema's own keywords, and with each `false` replaced."""
    if not isinstance(schema, dict):
        return schema
    copy = {keyword: value for keyword, value in schema.items() if (keyword, value) != ("$schema", DIALECT)}
    for keyword, value in copy.items():
        named = _replaced if keyword in _LOSES_LOCATION else _copy
        if keyword in _MAPS and isinstance(value, dict):
            copy[keyword] = {name: named(inner) for name, inner in value.items()}
        elif keyword in _LISTS and isinstance(value, list):
            copy[keyword] = [named(inner) for inner in value]
        elif keyword in _SINGLES:
            copy[keyword] = named(value)
    return copy


def _replaced(schema: Any) -> Any:
    return {FALSE: True} if schema is False else _copy(schema)


@functools.cache
def _metaschemas() -> dict[str, Any]:
    return {uri: _copy(SPECIFICATIONS[uri].contents) for uri in SPECIFICATIONS if "2020-12" in uri}


def _locations(value: Any, location: str) -> Iterator[tuple[int, str]]:
    """The location of each object of a document, by its identity."""
    if isinstance(value, dict):
        yield id(value), location
        for name, inner in value.items():
            yield from _locations(inner, location + json_pointer.join([name]))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _locations(inner, location + json_pointer.join([index]))


@functools.cache
def _tracing() -> Any:
    """The validator of jsonschema, extended to record the schema, keyword and member on each error."""
    keywords = {keyword: _traced(keyword, check) for keyword, check in Draft202012Validator.VALIDATORS.items()}
    return extend(Draft202012Validator, {**keywords, FALSE: _fails})


def _fails(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    yield ValidationError(f"false schema does not allow {instance!r}", schema=schema)


def _traced(keyword: str, check: Callable[..., Any]) -> Callable[..., Any]:
    def traced(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        missing = _missing(keyword, value, instance)
        for error in check(validator, value, instance, schema) or ():
            # A reference does not hold a `false` subschema: the applicator around it does.
            is_held = error.validator != FALSE or keyword not in _REFERENCES
            if is_held and not hasattr(error, "trace"):
                error.trace = (schema, _keyword_of(keyword, error, schema), next(missing, ""))
            yield error

    return traced


def _keyword_of(keyword: str, error: ValidationError, schema: Any) -> str:
    """The keyword of a label, if jsonschema reports another one."""
    if keyword == "if":
        return str(error.schema_path[0])
    if keyword == "contains":
        if isinstance(error.validator, str):
            return error.validator
        return "minContains" if "minContains" in schema else keyword
    return keyword


def _missing(keyword: str, value: Any, instance: Any) -> Iterator[str]:
    """The missing members, in the order of jsonschema's errors."""
    if not isinstance(instance, dict):
        return
    if keyword == "required":
        yield from (name for name in value if name not in instance)
    elif keyword == "dependentRequired":
        yield from (
            name for holder, names in value.items() if holder in instance for name in names if name not in instance
        )
