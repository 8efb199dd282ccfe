"""Contracts from AWS service models: the JSON Schema of one shape.

Properties have the member names of the API, as in boto3. A member that is sent in a path, a query or a header, or under
another name, has ``x-location`` and ``x-location-name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError, SchemaNotFoundError

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "blob": ("x-min-bytes", "x-max-bytes"),
    "integer": ("minimum", "maximum"),
    "long": ("minimum", "maximum"),
    "float": ("minimum", "maximum"),
    "double": ("minimum", "maximum"),
}
_TYPES = {
    "structure": "object",
    "list": "array",
    "map": "object",
    "long": "integer",
    "float": "number",
    "double": "number",
    "blob": "string",
}

# The format of a timestamp is its own, or that of its location, or that of the protocol.
_LOCATION_FORMATS = {"header": "rfc822", "headers": "rfc822", "uri": "iso8601", "querystring": "iso8601"}
_PROTOCOL_FORMATS = {"query": "iso8601", "ec2": "iso8601", "rest-xml": "iso8601"}

_LEAP = "[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00"
_DATE = (
    "(?:(?:0[1-9]|1[0-9]|2[0-8]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]{3}"
    "|(?:29|30) (?:Jan|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]{3}"
    f"|31 (?:Jan|Mar|May|Jul|Aug|Oct|Dec) [1-9][0-9]{{3}}|29 Feb (?:{_LEAP}))"
)
_TIMESTAMPS: dict[str, dict[str, Any]] = {
    "iso8601": {"type": "string", "format": "date-time"},
    # The seconds of the years 1 to 9999, the range of most date types.
    "unixTimestamp": {"type": "number", "minimum": -62135596800, "maximum": 253402300799},
    "rfc822": {
        "type": "string",
        "pattern": f"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), {_DATE} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] GMT$",
    },
}

_ENDS_IN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_ENDS_IN_ANCHOR = re.compile(r"(?<!\\)(?:\\\\)*\$\Z")

_WHOLE_MATCH = "the published pattern matches the whole value, and .*X.* is a search for X"
_VERIFIED_SERVICES = frozenset(
    {
        *("Chime", "Chime SDK Identity", "Chime SDK Media Pipelines", "Chime SDK Meetings", "Chime SDK Messaging"),
        "Chime SDK Voice",
    }
)


def contract_from_botocore(service: str, shape: str, *, api_version: str | None = None) -> Contract:
    """The contract of one shape of an AWS service, from the model in the installed botocore.

    Args:
        service: botocore's name of the service, for example ``chime-sdk-voice``.
        shape: the name of the shape, for example ``ProxySession`` or ``CreateProxySessionRequest``.
        api_version: the version of the model; by default the newest.

    Raises:
        MissingExtraError: botocore is not installed.
        SchemaNotFoundError: the service or shape does not exist; the message has the closest name.
        UnsupportedSchemaError: the engine does not support the schema of the shape.
        UnsatisfiableSchemaError: no value satisfies the schema of the shape.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    try:
        from botocore.exceptions import DataNotFoundError
        from botocore.loaders import Loader
    except ImportError as error:
        raise MissingExtraError("botocore", "boto3") from error
    loader = Loader()
    try:
        model = loader.load_service_model(service, "service-2", api_version)
    except DataNotFoundError as error:
        raise SchemaNotFoundError(service, loader.list_available_services("service-2")) from error
    return Contract(schema_from_service_model(model, shape), name=f"{service}.{shape}")


def schema_from_service_model(model: Mapping[str, Any], shape: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one shape of a service model.

    Facts of the model that a schema can't assert are annotations: the size of a blob in bytes (its value is base64),
    the location of a member in the request, and whether a value is sensitive. ``x-pattern-rule`` is the rule by which
    a published pattern was translated.

    Args:
        model: a service model in botocore's form: ``metadata`` and ``shapes``, as in a file ``service-2.json``.
        shape: the name of a shape.

    Raises:
        SchemaNotFoundError: the model does not have the shape; the message has the closest name.
        InvalidDocumentError: a shape is incomplete, or refers to a shape that does not exist.
    """
    shapes: Mapping[str, Any] = model.get("shapes", {})
    if shape not in shapes:
        raise SchemaNotFoundError(shape, shapes)
    writer = _Writer(model.get("metadata", {}), shapes, shape)
    try:
        schema = {"$schema": _DIALECT, "title": shape, "x-source": writer.source, **writer.definition(shape)}
        definitions = dict(writer.referenced())
    except (LookupError, TypeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InvalidDocumentError(writer.source, f"is not a botocore service model: {reason}") from error
    return {**schema, "$defs": definitions} if definitions else schema


class _Writer:
    """Writes the definitions of one schema, and collects the shapes that they refer to."""

    def __init__(self, metadata: Mapping[str, Any], shapes: Mapping[str, Any], root: str) -> None:
        identity = metadata.get("uid") or metadata.get("serviceId") or metadata.get("endpointPrefix")
        self.source = f"service model {identity}"
        self._shapes = shapes
        self._root = root
        self._pending: list[str] = []
        self._known = {root}
        self._timestamp = _PROTOCOL_FORMATS.get(metadata.get("protocol", ""), "unixTimestamp")
        checked = metadata.get("serviceId") in _VERIFIED_SERVICES
        self._rule = _WHOLE_MATCH if checked else f"inferred from other services: {_WHOLE_MATCH}"

    def referenced(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The definitions of the shapes that the schema refers to, directly or indirectly."""
        while self._pending:
            name = self._pending.pop(0)
            yield name, self.definition(name)

    def definition(self, name: str) -> dict[str, Any]:
        """The schema of one shape."""
        shape = self._shapes[name]
        if shape.get("document"):
            return _annotations(shape)
        kind = shape["type"]
        if kind == "timestamp":
            return {**_TIMESTAMPS[shape.get("timestampFormat", self._timestamp)], **_annotations(shape)}
        write = {"structure": self._structure, "list": self._list, "map": self._map, "string": self._string}
        schema: dict[str, Any] = {"type": _TYPES.get(kind, kind)}
        if kind == "blob":
            schema["contentEncoding"] = "base64"
        if kind in write:
            schema |= write[kind](shape)
        for keyword, bound in zip(_BOUNDS.get(kind, ()), ("min", "max"), strict=False):
            if bound in shape:
                schema[keyword] = shape[bound]
        return {**schema, **_annotations(shape)}

    def _structure(self, shape: Mapping[str, Any]) -> dict[str, Any]:
        members = {name: self._member(member) for name, member in shape["members"].items()}
        schema: dict[str, Any] = {"properties": members}
        if shape.get("required"):
            schema["required"] = list(shape["required"])
        # An event of a stream has exactly one member, like a union.
        if shape.get("union") or shape.get("eventstream"):
            schema |= {"minProperties": 1, "maxProperties": 1}
        return schema

    def _list(self, shape: Mapping[str, Any]) -> dict[str, Any]:
        return {"items": self._element(shape["member"], shape)}

    def _map(self, shape: Mapping[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = {"additionalProperties": self._element(shape["value"], shape)}
        key = self._shapes[shape["key"]["shape"]]
        if key.keys() & {"enum", "min", "max", "pattern"}:
            schema["propertyNames"] = self._reference(shape["key"])
        return schema

    def _element(self, member: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, Any]:
        """The schema of an element of a list or map; a sparse one may contain null."""
        element = self._reference(member)
        return {"anyOf": [element, {"type": "null"}]} if container.get("sparse") else element

    def _string(self, shape: Mapping[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        if "enum" in shape:
            schema["enum"] = list(shape["enum"])
        if "pattern" in shape:
            published = shape["pattern"]
            schema |= {
                "pattern": whole_match(published),
                "x-published-pattern": published,
                "x-pattern-rule": self._rule,
            }
        return schema

    def _member(self, member: Mapping[str, Any]) -> dict[str, Any]:
        # The header has the value as base64, but the API's argument is the JSON value itself.
        schema = {} if member.get("jsonvalue") else self._reference(member)
        if "location" in member:
            schema["x-location"] = member["location"]
        if "locationName" in member:
            schema["x-location-name"] = member["locationName"]
        if "enum" in member:
            schema["enum"] = list(member["enum"])
        return {**schema, **_annotations(member)}

    def _reference(self, member: Mapping[str, Any]) -> dict[str, Any]:
        name = member["shape"]
        shape = self._shapes[name]
        if shape["type"] == "timestamp":
            # Timestamps are not referenced: the same shape has one format in a header and another in a body.
            timestamp_format = member.get("timestampFormat") or shape.get("timestampFormat")
            return {
                **_TIMESTAMPS[timestamp_format or _LOCATION_FORMATS.get(member.get("location", ""), self._timestamp)]
            }
        if name not in self._known:
            self._known.add(name)
            self._pending.append(name)
        return {"$ref": "#" if name == self._root else json_pointer.join(["$defs", name], base="#")}


def _annotations(traits: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a shape or member: deprecated, sensitive."""
    return {
        **({"deprecated": True} if traits.get("deprecated") else {}),
        **({"x-sensitive": True} if traits.get("sensitive") else {}),
    }


def whole_match(published: str) -> str:
    """A pattern of a botocore model as a pattern of JSON Schema, which is a search.

    ``X`` becomes ``^(?:X)$``, and ``.*X.*`` becomes ``X``. In the Chime services, each pattern gets the meaning that
    it has in the Smithy model; for other services the rule is inferred.
    """
    inner = published[2:-2]
    # The first `.*` may have a suffix, as in `.*?`, and the last dot may be escaped, as in `\\.*`.
    is_search = published.startswith(".*") and published.endswith(".*") and inner[:1] not in {"", "?", "+", "*", "{"}
    if is_search and not _ENDS_IN_ESCAPE.search(inner):
        return inner
    if all(branch.startswith("^") and _ENDS_IN_ANCHOR.search(branch) for branch in _branches(published)):
        return published
    return f"^(?:{published})$"


def _branches(pattern: str) -> list[str]:
    """The top-level alternatives of a pattern."""
    branches, start, depth, in_class = [], 0, 0, False
    for match in re.finditer(r"\\.|[\[\]()|]", pattern, re.DOTALL):
        token = match[0]
        if in_class:
            in_class = token != "]"
        elif token == "[":
            in_class = True
        elif token == "|" and not depth:
            branches.append(pattern[start : match.start()])
            start = match.end()
        elif token in "()":
            depth += 1 if token == "(" else -1
    return [*branches, pattern[start:]]
