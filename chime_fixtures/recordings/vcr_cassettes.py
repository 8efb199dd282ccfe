"""Cassettes of vcrpy (and pytest-recording) in YAML and JSON, of format version 1.

PyYAML composes one exchange after the other to nodes, which are read and deleted: the nodes of all exchanges would take
25 times the size of the text, and most of the time would be garbage collection. A scalar keeps its text, since a header
field or a body is text whatever it looks like, and no object of Python is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.recordings.exchanges import NOT_A_RECORDING, Exchange, decompressed, from_base64

VERSION = 1
"""The version of the format; vcrpy itself refuses cassettes of version 0."""

_TAG_PREFIX = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset(_TAG_PREFIX + name for name in ("str", "int", "float", "bool", "timestamp", "python/unicode"))
_TEXT_TAGS |= {_TAG_PREFIX + "python/str"}
_BINARY_TAGS = frozenset({_TAG_PREFIX + "binary", _TAG_PREFIX + "python/bytes"})


def parse_yaml_cassette(text: str, source: str) -> list[Exchange]:
    """Parse a cassette in YAML.

    Args:
        text: the document.
        source: its name for messages.

    Raises:
        InvalidDocumentError: the text is not YAML, or not a cassette of version 1; the error names the line or the
            exchange.
    """
    try:
        cassette = _Cassette(_Loader(text), source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = (error.problem or error.context or "unknown error").strip()
        raise InvalidDocumentError(f"{source}{line}", f"is not valid YAML: {problem}; record it again") from error
    except (yaml.YAMLError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else " ".join(str(error).split())
        raise InvalidDocumentError(source, f"is not valid YAML: {reason}") from error
    return cassette.exchanges()


_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_PARSER, yaml.composer.Composer):  # type: ignore[misc]  # which parser is decided at run time
    """The composer of PyYAML, which composes one node, with the parser of libyaml where that is installed."""

    def __init__(self, text: str) -> None:
        _PARSER.__init__(self, text)
        yaml.composer.Composer.__init__(self)


class _Cassette:
    """The members of a cassette that are read. An error of an exchange is kept: one of the version is more important.

    Args:
        loader: the loader of the document.
        source: its name for messages.
    """

    def __init__(self, loader: Any, source: str) -> None:
        self._source = source
        self._version: yaml.Node | None = None
        self._exchanges: list[Exchange] | None = None
        self._error: InvalidDocumentError | None = None
        loader.get_event()
        if loader.check_event(yaml.StreamEndEvent):
            return
        loader.get_event()
        if not loader.check_event(yaml.MappingStartEvent):
            return
        loader.get_event()
        while not loader.check_event(yaml.MappingEndEvent):
            self._read_member(loader)
        for _ in ("the mapping", "the document"):
            loader.get_event()
        if not loader.check_event(yaml.StreamEndEvent):
            mark = loader.get_event().start_mark
            raise yaml.composer.ComposerError(None, None, "expected one document, but found another one", mark)

    def _read_member(self, loader: Any) -> None:
        key = loader.compose_node(None, None)
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name != "interactions":
            node = loader.compose_node(None, None)
            self._version = node if name == "version" else self._version
        elif loader.check_event(yaml.SequenceStartEvent):
            loader.get_event()
            self._read_exchanges(_items(loader))
        else:
            node = loader.compose_node(None, None)
            if isinstance(node, yaml.SequenceNode):
                self._read_exchanges(node.value)

    def _read_exchanges(self, items: Iterable[yaml.Node]) -> None:
        self._exchanges, self._error = [], None
        for number, item in enumerate(items, 1):
            try:
                value = _value(item, self._source, 0)
                self._exchanges.append(_exchange(value, self._source, number, item.start_mark.line + 1))
            except InvalidDocumentError as error:
                self._error = self._error or error

    def exchanges(self) -> list[Exchange]:
        """The exchanges.

        Raises:
            InvalidDocumentError: it is not a cassette of version 1, or an exchange is incomplete.
        """
        if self._exchanges is None:
            raise InvalidDocumentError(self._source, NOT_A_RECORDING)
        _check_version(None if self._version is None else _scalar(self._version, self._source), self._source)
        if self._error is not None:
            raise self._error
        return self._exchanges


def _items(loader: Any) -> Iterator[yaml.Node]:
    while not loader.check_event(yaml.SequenceEndEvent):
        yield loader.compose_node(None, None)
    loader.get_event()


def parse_json_cassette(document: Any, source: str) -> list[Exchange]:
    """Return the exchanges of a cassette in JSON.

    Args:
        document: the JSON value.
        source: its name for messages.

    Raises:
        InvalidDocumentError: it is not a cassette of version 1.
    """
    items = document.get("interactions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise InvalidDocumentError(source, NOT_A_RECORDING)
    _check_version(document.get("version"), source)
    return [_exchange(item, source, number, None) for number, item in enumerate(items, 1)]


def _check_version(version: Any, source: str) -> None:
    if version is not None and str(version) != str(VERSION):
        reason = f"is a cassette of version {str(version)[:20]}; only version {VERSION} is supported; record it again"
        raise InvalidDocumentError(source, reason)


MAX_DEPTH_LEVELS = 6
"""The deepest part of an exchange: a response with its header fields, each a list of texts."""


def _members(node: yaml.Node | None) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def _value(node: yaml.Node, source: str, depth: int) -> Any:
    """The value of a node: text, bytes, None, a list or a dictionary."""
    if depth > MAX_DEPTH_LEVELS:
        return None
    if isinstance(node, yaml.MappingNode) and not node.tag.startswith(f"{_TAG_PREFIX}python/"):
        return {name: _value(value, source, depth + 1) for name, value in _members(node).items()}
    if isinstance(node, yaml.SequenceNode) and not node.tag.startswith(f"{_TAG_PREFIX}python/object"):
        return [_value(value, source, depth + 1) for value in node.value]
    return _scalar(node, source)


def _scalar(node: yaml.Node, source: str) -> str | bytes | None:
    if isinstance(node, yaml.ScalarNode):
        if node.tag in _TEXT_TAGS:
            return str(node.value)
        if node.tag in _BINARY_TAGS:
            return from_base64(node.value, f"{source}:{node.start_mark.line + 1}")
        if node.tag == f"{_TAG_PREFIX}null":
            return None
    tag = node.tag.replace(_TAG_PREFIX, "!!")
    reason = f"tag {tag} is not supported; store the body as text or !!binary"
    raise InvalidDocumentError(f"{source}:{node.start_mark.line + 1}", reason)


def _exchange(item: Any, source: str, number: int, line: int | None) -> Exchange:
    place = f"{source}: exchange {number}" if line is None else f"{source}:{line}: exchange {number}"
    request, response = (_part(item, name, place) for name in ("request", "response"))
    method, url = request.get("method"), request.get("uri")
    if not isinstance(method, str) or not isinstance(url, str):
        raise InvalidDocumentError(place, "has no method or no uri; record it again")
    request_headers, response_headers = _headers(request.get("headers")), _headers(response.get("headers"))
    sent, received = _body(request.get("body"), place), _body(response.get("body"), place)
    return Exchange(
        source,
        number,
        method.upper(),
        url,
        request_headers,
        decompressed(sent, request_headers, source, number),
        _status(response.get("status"), place),
        response_headers,
        decompressed(received, response_headers, source, number),
        line,
    )


def _part(item: Any, name: str, place: str) -> dict[str, Any]:
    part = item.get(name) if isinstance(item, dict) else None
    if not isinstance(part, dict):
        raise InvalidDocumentError(place, f"has no {name}; the file may be cut, so record it again")
    return part


def _status(status: Any, place: str) -> int:
    code = status.get("code") if isinstance(status, dict) else status
    if code is None or not str(code).isdecimal():
        raise InvalidDocumentError(place, "has a response without status.code; record it again")
    return int(code)


def _headers(headers: Any) -> dict[str, str]:
    """Header fields with names in lower case; a field has a text, or a list of texts."""
    if not isinstance(headers, dict):
        return {}
    return {str(name).lower(): ", ".join(map(_text, _listed(value))) for name, value in headers.items()}


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else "" if value is None else str(value)


def _body(body: Any, place: str) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, dict) and "string" in body:
        return _body(body["string"], place)
    if isinstance(body, dict) and "base64_string" in body:
        return from_base64(_text(body["base64_string"]), place)
    raise InvalidDocumentError(place, "has a body that is neither text nor binary; store it as text")
