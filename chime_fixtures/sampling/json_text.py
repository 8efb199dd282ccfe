"""Parse JSON without trusting it: encodings, depth, names that come twice, numbers that are none, lone surrogates.

Two parsers agree here: a quick one takes what it can prove to be harmless, and a strict one decides about the rest.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import orjson

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import InvalidDocumentError

MOST_LEVELS = 200
MOST_DIGITS = 1000

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")
_WHITESPACE = b" \t\r\n"
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
# With 19 digits a number may be beyond 64 bits, and orjson would round it.
_LONG_NUMBER = b"0" * 19
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Doubt(Exception):
    """The quick parser can't vouch for a text; the strict one has to say what is wrong, if anything is."""


def parse(raw: bytes, source: str, *, line: int | None = None) -> Any:
    """One JSON value out of bytes.

    Args:
        raw: the text.
        source: what to call it in messages.
        line: which line of the source it is, where the source holds a text on each line.

    Raises:
        InvalidDocumentError: the bytes are not UTF-8, no JSON by RFC 8259, nested beyond 200 levels, or hold a name
            twice, a number beyond what readers hold, or half of a surrogate pair; it has the place and a remedy.
    """
    try:
        return parse_quickly(raw)
    except Doubt:
        return _parse_strictly(raw, source, line)


def parse_quickly(raw: bytes) -> Any:
    """One JSON value out of bytes, where it is cheap to prove that no name comes twice and no number is rounded.

    Raises:
        Doubt: the proof failed, or it is no JSON.
    """
    try:
        value = orjson.loads(raw)
        text = orjson.dumps(value, None, orjson.OPT_APPEND_NEWLINE)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise Doubt from error
    # What is written out again holds no name twice: where it equals the input, but for white space, neither does that.
    if text != raw and text.translate(None, _WHITESPACE) != raw.translate(None, _WHITESPACE):
        _compare(raw, text)
    # As many signs as levels are needed, at least; those inside strings only make the count larger.
    if text.count(b"{") + text.count(b"[") > MOST_LEVELS and _is_deep(value):
        raise Doubt
    return value


def _compare(raw: bytes, text: bytes) -> None:
    """Compare by colons: each member has one, and so the lost ones are missed in the text, unless some were escaped."""
    if b"\\u003" in raw or raw.count(b":") != text.count(b":") or _LONG_NUMBER in raw.translate(_DIGITS):
        raise Doubt


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        holders = [each for each in level if isinstance(each, (dict, list))]
        if not holders:
            return False
        level = [inner for each in holders for inner in (each.values() if isinstance(each, dict) else each)]
    return True


def is_closed(raw: bytes) -> bool:
    """Whether a text closes each bracket that it opens."""
    level = 0
    for token in _TOKENS.finditer(raw):
        sign = raw[token.start()]
        level += (sign in b"[{") - (sign in b"]}")
    return level == 0


class _Fault:
    """What stands in a value for something that can't be read."""

    def __init__(self, reason: str, name: str | None = None) -> None:
        self.reason = reason
        self.name = name


def _parse_strictly(raw: bytes, source: str, line: int | None) -> Any:
    if is_no_utf8(raw):
        raise InvalidDocumentError(source, "is not UTF-8 at byte 0 but UTF-16 or UTF-32; save it as UTF-8")
    first = line or 1
    if line is not None:
        raw = raw.rstrip(b"\r\n")

    def at(offset: int) -> str:
        lines = raw.count(b"\n", 0, offset)
        return f"{source}:{first + lines}"

    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(at(error.start), f"is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    deep = _too_deep(raw)
    if deep is not None:
        raise InvalidDocumentError(at(deep), f"is nested beyond {MOST_LEVELS} levels at byte {deep}; make it flatter")
    faults = _Faults()
    try:
        value = json.loads(
            text,
            object_pairs_hook=faults.read_object,
            parse_constant=faults.read_constant,
            parse_float=faults.read_float,
            parse_int=faults.read_int,
        )
    except json.JSONDecodeError as error:
        place = f"{source}:{first + error.lineno - 1}"
        raise InvalidDocumentError(place, f"is no JSON: {error.msg} at column {error.colno}") from error
    if faults.seen or "\\u" in text:
        _raise_first(value, source if line is None else f"{source}:{line}")
    return value


def is_no_utf8(raw: bytes) -> bool:
    """Whether a text begins as UTF-16 or UTF-32 do: with their mark, or with the zeros that they put beside ASCII."""
    return raw.startswith(_MARKS) or b"\0" in raw[:4]


def _too_deep(raw: bytes) -> int | None:
    level = 0
    for token in _TOKENS.finditer(raw):
        sign = raw[token.start()]
        level += (sign in b"[{") - (sign in b"]}")
        if level > MOST_LEVELS:
            return token.start()
    return None


class _Faults:
    """The hooks of the strict parser. They know no place, so they leave a mark where something is wrong."""

    def __init__(self) -> None:
        self.seen = False

    def _mark(self, reason: str, name: str | None = None) -> _Fault:
        self.seen = True
        return _Fault(reason, name)

    def read_object(self, pairs: list[tuple[str, Any]]) -> Any:
        value = dict(pairs)
        if len(value) == len(pairs):
            return value
        names: set[str] = set()
        for name, _ in pairs:
            if name in names:
                break
            names.add(name)
        return self._mark(f"has the member {_quote(name)} twice in one object; keep one of them", name)

    def read_constant(self, word: str) -> _Fault:
        return self._mark(f"has {word}, which is no JSON number; write null or leave it out")

    def read_float(self, text: str) -> Any:
        if len(text) > MOST_DIGITS:
            return self._mark(
                f"has a number of {len(text)} characters; at most {MOST_DIGITS} are read, so write a string"
            )
        value = float(text)
        if math.isinf(value):
            return self._mark(f"has the number {text[:40]}, beyond what a double holds; write it as a string")
        return value

    def read_int(self, text: str) -> Any:
        if len(text) > MOST_DIGITS:
            return self._mark(
                f"has an integer of {len(text)} digits; at most {MOST_DIGITS} are read, so write a string"
            )
        return int(text)


def _raise_first(value: Any, place: str) -> None:
    """Raise for the first thing that can't be read, in the order of the text."""
    rest: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while rest:
        path, each = rest.pop()
        if isinstance(each, _Fault):
            where = path if each.name is None else (*path, each.name)
            raise InvalidDocumentError(place, f"{each.reason} (at {_show(where)})")
        if isinstance(each, str) and _SURROGATES.search(each):
            raise InvalidDocumentError(place, f"{_HALF} (at {_show(path)})")
        if isinstance(each, list):
            rest += [((*path, index), inner) for index, inner in reversed([*enumerate(each)])]
        elif isinstance(each, dict):
            for name, inner in reversed(each.items()):
                rest.append(((*path, name), inner))
            half = next((name for name in each if _SURROGATES.search(name)), None)
            if half is not None:
                raise InvalidDocumentError(place, f"{_HALF} (in a name at {_show((*path, half))})")


_HALF = "holds half of a surrogate pair, which no JSON text can carry; write the whole pair or U+FFFD"


def _show(path: tuple[str | int, ...], most: int = 200) -> str:
    text = json_pointer.join(path) or "/"
    if not text.isprintable():
        text = json.dumps(text)[1:-1]
    return text if len(text) <= most else f"{text[: most - 20]}…{text[-19:]}"


def _quote(name: str, most: int = 60) -> str:
    text = json.dumps(name)
    return text if len(text) <= most else f"{text[: most - 20]}…{text[-19:]}"
