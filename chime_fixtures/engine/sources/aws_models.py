"""Contracts from AWS service models: one shape of a model in, the JSON Schema that it amounts to out.

A schema speaks of members by the names of the API, as boto3 takes and gives them; where a member travels in a path, a
query or a header, or under another name, it says so in ``x-location`` and ``x-location-name``.
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

# A timestamp goes by its own format, then by the place it travels in, then by the protocol; these are the last two.
_BY_LOCATION = {"header": "rfc822", "headers": "rfc822", "uri": "iso8601", "querystring": "iso8601"}
_BY_PROTOCOL = {"query": "iso8601", "ec2": "iso8601", "rest-xml": "iso8601"}

_LEAP = "[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00"
_DATE = (
    "(?:(?:0[1-9]|1[0-9]|2[0-8]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]{3}"
    "|(?:29|30) (?:Jan|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]{3}"
    f"|31 (?:Jan|Mar|May|Jul|Aug|Oct|Dec) [1-9][0-9]{{3}}|29 Feb (?:{_LEAP}))"
)
_TIMESTAMPS: dict[str, dict[str, Any]] = {
    "iso8601": {"type": "string", "format": "date-time"},
    # The seconds of the years 1 to 9999, which are what any reader of dates holds.
    "unixTimestamp": {"type": "number", "minimum": -62135596800, "maximum": 253402300799},
    "rfc822": {
        "type": "string",
        "pattern": f"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), {_DATE} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] GMT$",
    },
}

_ENDS_IN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_ENDS_IN_ANCHOR = re.compile(r"(?<!\\)(?:\\\\)*\$\Z")

_WHOLE_MATCH = "the published pattern has to match the whole value, and .*X.* means a search for X"
_CHECKED_FOR = frozenset(
    {
        *("Chime", "Chime SDK Identity", "Chime SDK Media Pipelines", "Chime SDK Meetings", "Chime SDK Messaging"),
        "Chime SDK Voice",
    }
)


def contract_from_botocore(service: str, shape: str, *, api_version: str | None = None) -> Contract:
    """The contract of one shape of an AWS service, from the model that the installed botocore has.

    Args:
        service: botocore's name of the service, as ``chime-sdk-voice``.
        shape: the name of the shape, as ``ProxySession`` or ``CreateProxySessionRequest``.
        api_version: which model, where a service has several; the newest without it.

    Raises:
        MissingExtraError: botocore is not installed.
        SchemaNotFoundError: there is no such service or shape; the message has the nearest.
        UnsupportedSchemaError: the shape asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value has the shape.
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

    What a model says and a schema can't assert stands in annotations: the bytes of a blob (its value is base64), the
    place where a member travels, that a value is sensitive. How patterns are read says ``x-pattern-rule``.

    Args:
        model: a service model in botocore's form: ``metadata`` and ``shapes``, as in a file ``service-2.json``.
        shape: the name of a shape.

    Raises:
        SchemaNotFoundError: the model has no such shape; the message has the nearest.
        InvalidDocumentError: a shape lacks what each shape of its type has, or refers to none.
    """
    shapes: Mapping[str, Any] = model.get("shapes", {})
    if shape not in shapes:
        raise SchemaNotFoundError(shape, shapes)
    writer = _Writer(model.get("metadata", {}), shapes, shape)
    try:
        schema = {"$schema": _DIALECT, "title": shape, "x-source": writer.source, **writer.definition(shape)}
        definitions = dict(writer.rest())
    except (LookupError, TypeError) as error:
        raise InvalidDocumentError(writer.source, f"is no service model as botocore has them: no {error}") from error
    return {**schema, "$defs": definitions} if definitions else schema


class _Writer:
    """Writes the definitions of one schema, and remembers which shapes were referred to."""

    def __init__(self, metadata: Mapping[str, Any], shapes: Mapping[str, Any], root: str) -> None:
        identity = metadata.get("uid") or metadata.get("serviceId") or metadata.get("endpointPrefix")
        self.source = f"service model {identity}"
        self._shapes = shapes
        self._root = root
        self._open: list[str] = []
        self._known = {root}
        self._timestamp = _BY_PROTOCOL.get(metadata.get("protocol", ""), "unixTimestamp")
        checked = metadata.get("serviceId") in _CHECKED_FOR
        self._rule = _WHOLE_MATCH if checked else f"inferred from other services: {_WHOLE_MATCH}"

    def rest(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The definitions that were referred to, and those that they refer to in turn."""
        while self._open:
            name = self._open.pop(0)
            yield name, self.definition(name)

    def definition(self, name: str) -> dict[str, Any]:
        """What one shape amounts to."""
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
        # The events of a stream are told apart as the members of a union are.
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

    def _element(self, member: Mapping[str, Any], holder: Mapping[str, Any]) -> dict[str, Any]:
        """What a list or map holds; a sparse one holds null too."""
        element = self._reference(member)
        return {"anyOf": [element, {"type": "null"}]} if holder.get("sparse") else element

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
        # A header carries any JSON value in base64; the API takes the value itself.
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
            # Written out where it stands: the same shape has other forms in a header and in a body.
            form = member.get("timestampFormat") or shape.get("timestampFormat")
            return {**_TIMESTAMPS[form or _BY_LOCATION.get(member.get("location", ""), self._timestamp)]}
        if name not in self._known:
            self._known.add(name)
            self._open.append(name)
        return {"$ref": "#" if name == self._root else json_pointer.join(["$defs", name], base="#")}


def _annotations(traits: Mapping[str, Any]) -> dict[str, Any]:
    """What a shape or member says besides: deprecated, sensitive."""
    return {
        **({"deprecated": True} if traits.get("deprecated") else {}),
        **({"x-sensitive": True} if traits.get("sensitive") else {}),
    }


def whole_match(published: str) -> str:
    """A pattern of a botocore model as JSON Schema reads patterns, which is a search.

    ``X`` means ``^(?:X)$``, and ``.*X.*`` a search for ``X``. In five Chime services this turns each pattern of
    botocore into one with the meaning of the Smithy model; for others it is inferred.
    """
    inner = published[2:-2]
    # What follows the first `.*` may belong to it, as in `.*?`, and the last one may be a literal dot, as in `\\.*`.
    is_search = published.startswith(".*") and published.endswith(".*") and inner[:1] not in {"", "?", "+", "*", "{"}
    if is_search and not _ENDS_IN_ESCAPE.search(inner):
        return inner
    if all(branch.startswith("^") and _ENDS_IN_ANCHOR.search(branch) for branch in _branches(published)):
        return published
    return f"^(?:{published})$"


def _branches(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    branches, start, depth, in_class = [], 0, 0, False
    for found in re.finditer(r"\\.|[\[\]()|]", pattern, re.DOTALL):
        sign = found[0]
        if in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        elif sign == "|" and not depth:
            branches.append(pattern[start : found.start()])
            start = found.end()
        elif sign in "()":
            depth += 1 if sign == "(" else -1
    return [*branches, pattern[start:]]
