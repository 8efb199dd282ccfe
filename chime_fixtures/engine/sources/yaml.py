"""YAML text as JSON values, with the scalars of the YAML 1.2 core schema.

PyYAML parses the text. Its constructors are not used, since they follow YAML 1.1, where `no` is false and `2026-01-01`
is a date.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from chime_fixtures.engine.errors import InvalidDocumentError

MAX_ALIASED_VALUES = 1_000_000
"""The values that all aliases of a document add to it."""

MAX_DEPTH_LEVELS = 1024
"""The deepest nesting, as in a JSON file."""

_TAG_PREFIX = "tag:yaml.org,2002:"
_MERGE_KEY = "<<"
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOLEAN = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASES = {"0o": 8, "0x": 16}


@dataclass(slots=True)
class _Anchored:
    """The value of an anchor, with the number of values in it, and its text if it is a scalar."""

    value: Any
    size: int
    text: str | None = None


@dataclass(slots=True)
class _Collection:
    """A mapping or sequence that has begun and not ended."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    first: int
    key: str | None = None
    is_merge: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    merged: list[tuple[int, Any]] = field(default_factory=list)


def parse_yaml(text: str, source: str) -> Any:
    """Parse a YAML document; one object may stand at several locations, where the document has aliases.

    Args:
        text: the document.
        source: its name for messages.

    Raises:
        InvalidDocumentError: the text is not YAML or is more than one document, or it has a value that JSON does not
            have, a duplicate key, a custom tag, or aliases that add more than 1,000,000 values. The error names the
            line.
    """
    reader = _Reader(source)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            reader.read(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        problem = (error.problem or error.context or "unknown error").strip()
        raise InvalidDocumentError(source, f"{line}is not valid YAML: {problem}") from error
    except yaml.YAMLError as error:
        raise InvalidDocumentError(source, f"is not valid YAML: {' '.join(str(error).split())}") from error
    return reader.result()


class _Reader:
    """Builds the value of a document from the events of its parser."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._line = 1
        self._documents = 0
        self._root: list[Any] = []
        self._open: list[_Collection] = []
        self._anchors: dict[str, _Anchored] = {}
        self._size = self._aliased = 0

    def result(self) -> Any:
        """The value of the document."""
        if not self._root:
            raise InvalidDocumentError(self._source, "is empty; write a schema")
        return self._root[0]

    def read(self, event: yaml.Event) -> None:
        """Read the next event."""
        if event.start_mark is not None:
            self._line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error("begins a second document; keep one document a file")
        elif isinstance(event, yaml.ScalarEvent):
            self._read_scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._read_alias(str(event.anchor))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def _read_scalar(self, event: yaml.ScalarEvent) -> None:
        is_plain = event.tag is None and not event.style
        if self._expects_key():
            if event.tag is not None:
                self._scalar(event.value, event.tag)
            value = event.value
            self._add_key(value, is_merge=is_plain and value == _MERGE_KEY)
        else:
            value = self._plain(event.value) if is_plain else self._scalar(event.value, event.tag)
            self._add(value)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, event.value)

    def _read_alias(self, name: str) -> None:
        anchored = self._anchors.get(name)
        if any(each.anchor == name for each in self._open):
            raise self._error(f"alias {name!r} is inside the value that it stands for; JSON has no such value")
        if anchored is None:
            raise self._error(f"alias {name!r} has no anchor; write &{name} before an earlier value")
        if self._expects_key():
            if anchored.text is None:
                raise self._complex_key()
            self._add_key(anchored.text)
            return
        self._add(anchored.value)
        self._size += anchored.size - 1
        self._aliased += anchored.size
        if self._aliased > MAX_ALIASED_VALUES:
            raise self._error(f"aliases add more than {MAX_ALIASED_VALUES} values; write fewer aliases")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if self._expects_key():
            raise self._complex_key()
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _TAG_PREFIX + ("map" if is_mapping else "seq")):
            raise self._unknown_tag(event.tag)
        if len(self._open) == MAX_DEPTH_LEVELS:
            raise self._error(f"is nested in {MAX_DEPTH_LEVELS} levels; at most {MAX_DEPTH_LEVELS} are supported")
        value: dict[str, Any] | list[Any] = {} if is_mapping else []
        first = self._size
        self._add(value)
        self._open.append(_Collection(value, event.anchor, first))

    def _end(self) -> None:
        ended = self._open.pop()
        for line, source in ended.merged:
            for mapping in source if isinstance(source, list) else [source]:
                if not isinstance(mapping, dict):
                    self._line = line
                    raise self._error(
                        f"the value of {_MERGE_KEY} is not a mapping or a list of mappings; quote the key"
                    )
                for key, value in mapping.items():
                    ended.value.setdefault(key, value)  # type: ignore[union-attr]  # only a mapping has keys
        if ended.anchor is not None:
            self._anchors[ended.anchor] = _Anchored(ended.value, self._size - ended.first)

    def _expects_key(self) -> bool:
        if not self._open:
            return False
        top = self._open[-1]
        return isinstance(top.value, dict) and top.key is None

    def _add_key(self, key: str, *, is_merge: bool = False) -> None:
        top = self._open[-1]
        top.key, top.is_merge = key, is_merge
        if is_merge:
            return
        if key in top.lines:
            raise self._error(f"duplicate key {key!r}, which is on line {top.lines[key]} too; remove one")
        top.lines[key] = self._line

    def _add(self, value: Any) -> None:
        self._size += 1
        if not self._open:
            self._root.append(value)
            return
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            assert top.key is not None
            if top.is_merge:
                top.merged.append((self._line, value))
            else:
                top.value[top.key] = value
            top.key = None

    def _scalar(self, text: str, tag: str | None) -> Any:
        """The value of a quoted scalar, or of one with a tag."""
        kind = (tag or "!").removeprefix(_TAG_PREFIX)
        if kind in ("!", "str"):
            return text
        if kind not in _PYTHON_TYPES:
            raise self._unknown_tag(str(tag))
        value = self._plain(text)
        if kind == "float" and type(value) is int:
            return float(value)
        if type(value) is not _PYTHON_TYPES[kind]:
            raise self._error(f"{text!r} is not a value of tag !!{kind}; remove the tag")
        return value

    def _plain(self, text: str) -> Any:
        """The value of a scalar without quotes and tag, by the core schema."""
        if _NULL.fullmatch(text):
            return None
        boolean = _BOOLEAN.fullmatch(text)
        if boolean:
            return boolean[1] is not None
        try:
            if _INTEGER.fullmatch(text):
                base = _BASES.get(text[:2], 10)
                return int(text[2:] if base != 10 else text, base)
        except ValueError as error:
            raise self._error("has a number with too many digits; write fewer") from error
        is_float = _FLOAT.fullmatch(text)
        if is_float and math.isfinite(float(text)):
            return float(text)
        if is_float or _NOT_FINITE.fullmatch(text):
            raise self._error(f"{text} is not a number of JSON; quote it, or write a finite number")
        return text

    def _complex_key(self) -> InvalidDocumentError:
        return self._error("a key is a mapping or a sequence; write text, or quote a key with braces or brackets")

    def _unknown_tag(self, tag: str | None) -> InvalidDocumentError:
        shown = str(tag)
        if shown.startswith(_TAG_PREFIX):
            shown = f"!!{shown.removeprefix(_TAG_PREFIX)}"
        return self._error(f"tag {shown} is not supported; remove it")

    def _error(self, reason: str) -> InvalidDocumentError:
        return InvalidDocumentError(self._source, f"line {self._line}: {reason}")


_PYTHON_TYPES = {"int": int, "float": float, "bool": bool, "null": type(None)}
"""The Python type of a value by its tag."""
