"""JSON text (RFC 8259): strict parsing of untrusted text, and serialisation.

orjson parses text that it writes again token by token; jiter parses the rest, and rejects duplicate members, NaN,
unpaired surrogates and deep nesting. The standard library parses rejected text once more, for an error with the
location and a remedy.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import jiter
import orjson

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import InvalidDocumentError

MAX_DEPTH_LEVELS = 201
"""The deepest nesting that jiter parses: 201 lists, or 200 objects."""

MAX_INTEGER_DIGITS = 4300
"""The longest integer that jiter parses, and that Python writes by default."""

MAX_NAME_CHARACTERS = 60
"""The length of a member name in a message; a longer one is cut in the middle."""

_HEAD_BYTES = 64
"""The first bytes of a text that are searched for a space after a colon."""

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_BLANKS = b" \t\r\n"
_SURROGATES = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNPAIRED = "contains an unpaired surrogate, which JSON text cannot contain; write the whole pair or U+FFFD"

UTF_8_REQUIRED = "is UTF-16 or UTF-32 at byte 0, and only UTF-8 is supported; save it as UTF-8"


def parse(raw: bytes, source: str, line: int | None = None) -> Any:
    """Parse one JSON value.

    Args:
        raw: the text in UTF-8.
        source: its name for messages.
        line: the line number of the text within the source, if each line is a text of its own.

    Raises:
        InvalidDocumentError: the text is not UTF-8, not JSON by RFC 8259, too deep, or contains a duplicate member, a
            number that readers can't represent, or an unpaired surrogate; the error names the location and a remedy.
    """
    try:
        # Encoders that write spaces also escape what is not ASCII, as orjson does not: such text goes to jiter at once.
        is_comparable = raw.find(b'": ', 0, _HEAD_BYTES) < 0 or b"\\" not in raw
        if is_comparable and raw.count(b"{") + raw.count(b"[") < MAX_DEPTH_LEVELS:
            value = orjson.loads(raw)
            text = orjson.dumps(value)
            # Blanks aside, orjson writes the same text: no duplicate members (as many tokens), and no infinite number.
            if text == raw.rstrip() or text.translate(None, _BLANKS) == raw.translate(None, _BLANKS):
                return value
        value = jiter.from_json(raw, allow_inf_nan=False, cache_mode="keys", catch_duplicate_keys=True)
        # jiter parses a number beyond a double as an infinity, which orjson writes as null.
        if b"null" not in orjson.dumps(value) or not _has_infinity(value):
            return value
    except orjson.JSONEncodeError:
        # An integer beyond 64 bits.
        if not _has_infinity(value):
            return value
    except ValueError:
        pass
    return _parse_strictly(raw, source, line)


def _has_infinity(value: Any) -> bool:
    values = [value]
    for each in values:
        if isinstance(each, dict):
            values += each.values()
        elif isinstance(each, list):
            values += each
        elif isinstance(each, float) and math.isinf(each):
            return True
    return False


def is_balanced(raw: bytes) -> bool:
    """True if the text closes each bracket that it opens."""
    level = 0
    for token in _TOKENS.finditer(raw):
        sign = raw[token.start()]
        level += (sign in b"[{") - (sign in b"]}")
    return level == 0


def is_utf_16_or_32(raw: bytes) -> bool:
    """True if the text begins with a byte order mark of UTF-16 or UTF-32, or with the zero bytes of either."""
    return raw.startswith(_BYTE_ORDER_MARKS) or b"\0" in raw[:4]


class _Rejected:
    """A placeholder in the parsed value for a part that is rejected."""

    def __init__(self, reason: str, name: str | None = None) -> None:
        self.reason = reason
        self.name = name


def _parse_strictly(raw: bytes, source: str, line: int | None) -> Any:
    if is_utf_16_or_32(raw):
        raise InvalidDocumentError(source, UTF_8_REQUIRED)
    first_line = line or 1
    if line is not None:
        raw = raw.rstrip(b"\r\n")

    def at(offset: int) -> str:
        line_number = first_line + raw.count(b"\n", 0, offset)
        return f"{source}:{line_number}"

    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(at(error.start), f"is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    too_deep = _first_too_deep(raw)
    if too_deep is not None:
        reason = f"is nested deeper than {MAX_DEPTH_LEVELS} levels at byte {too_deep}; flatten it"
        raise InvalidDocumentError(at(too_deep), reason)
    hooks = _Hooks()
    try:
        value = json.loads(
            text,
            object_pairs_hook=hooks.read_object,
            parse_constant=hooks.read_constant,
            parse_float=hooks.read_float,
            parse_int=hooks.read_int,
        )
    except json.JSONDecodeError as error:
        location = f"{source}:{first_line + error.lineno - 1}"
        raise InvalidDocumentError(location, f"is not valid JSON: {_expectation(error)}") from error
    if hooks.has_rejected or "\\u" in text:
        _raise_first(value, source if line is None else f"{source}:{line}")
    return value


def _expectation(error: json.JSONDecodeError) -> str:
    text = error.msg.removesuffix(" at").replace("Expecting", "expected")
    return f"{text[0].lower()}{text[1:]} at column {error.colno}"


def _first_too_deep(raw: bytes) -> int | None:
    level = 0
    for token in _TOKENS.finditer(raw):
        sign = raw[token.start()]
        level += (sign in b"[{") - (sign in b"]}")
        if level > MAX_DEPTH_LEVELS:
            return token.start()
    return None


class _Hooks:
    """Hooks of the standard parser. It passes no location, so they return a placeholder for each rejected part."""

    def __init__(self) -> None:
        self.has_rejected = False

    def _reject(self, reason: str, name: str | None = None) -> _Rejected:
        self.has_rejected = True
        return _Rejected(reason, name)

    def read_object(self, pairs: list[tuple[str, Any]]) -> Any:
        value = dict(pairs)
        if len(value) == len(pairs):
            return value
        names: set[str] = set()
        for name, _ in pairs:
            if name in names:
                break
            names.add(name)
        return self._reject(f"contains the duplicate member {_quote(name)}; keep one of them", name)

    def read_constant(self, constant: str) -> _Rejected:
        return self._reject(f"contains {constant}, which is not a JSON number; write null or omit it")

    def read_float(self, text: str) -> Any:
        value = float(text)
        if math.isinf(value):
            return self._reject(f"contains the number {text[:40]}, beyond the range of a double; write it as a string")
        return value

    def read_int(self, text: str) -> Any:
        digits = len(text.removeprefix("-"))
        if digits > MAX_INTEGER_DIGITS:
            limit = f"at most {MAX_INTEGER_DIGITS} are supported"
            return self._reject(f"contains an integer of {digits} digits; {limit}; write it as a string")
        return int(text)


def _raise_first(value: Any, source: str) -> None:
    """Raise an error for the first rejected part in the order of the text."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while stack:
        path, each = stack.pop()
        if isinstance(each, _Rejected):
            location = path if each.name is None else (*path, each.name)
            raise InvalidDocumentError(source, f"{each.reason} (at {_display(location)})")
        if isinstance(each, str) and _SURROGATES.search(each):
            raise InvalidDocumentError(source, f"{_UNPAIRED} (at {_display(path)})")
        if isinstance(each, list):
            stack += [((*path, index), inner) for index, inner in reversed([*enumerate(each)])]
        elif isinstance(each, dict):
            for name, inner in reversed(each.items()):
                stack.append(((*path, name), inner))
            unpaired = next((name for name in each if _SURROGATES.search(name)), None)
            if unpaired is not None:
                raise InvalidDocumentError(source, f"{_UNPAIRED} (in the member name at {_display((*path, unpaired))})")


def _display(path: tuple[str | int, ...]) -> str:
    return json_pointer.display(json_pointer.join(path))


def _quote(name: str) -> str:
    text = json.dumps(name)
    return text if len(text) <= MAX_NAME_CHARACTERS else f"{text[:40]}…{text[-19:]}"


def encode(value: Any, *, is_pretty: bool = False) -> bytes:
    """Serialise a value as JSON in UTF-8 with a trailing newline; integers beyond 64 bits are supported."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if is_pretty else 0))
    except TypeError:
        style: dict[str, Any] = {"indent": 2} if is_pretty else {"separators": (",", ":")}
        return json.dumps(value, ensure_ascii=False, **style).encode() + b"\n"
