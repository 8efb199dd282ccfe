"""Read JSON without trusting it: encodings, depth, names that come twice, numbers that are none, lone surrogates."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from chime_fixtures.corpus.writer import MANIFEST
from chime_fixtures.errors import InvalidDocumentError

MOST_LEVELS = 200
MOST_LINE_BYTES = 16 * 2**20
MOST_DIGITS = 1000

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_NDJSON = frozenset({".ndjson", ".jsonl"})
_UNSUPPORTED_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value and where it was found: the file, and the line or the index in a list, from 1."""

    source: str
    number: int
    value: Any


def parse(raw: bytes, source: str) -> Any:
    """One JSON value out of bytes.

    Raises:
        InvalidDocumentError: the bytes are not UTF-8, no JSON by RFC 8259, nested beyond 200 levels, or hold a name
            twice, a number beyond what readers hold, or half of a surrogate pair.
    """
    for mark in _UNSUPPORTED_MARKS:
        if raw.startswith(mark):
            raise InvalidDocumentError(
                source, "is not UTF-8 (byte 0 begins a mark of UTF-16 or UTF-32); convert it first"
            )
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(source, f"is not UTF-8 at byte {error.start}; convert it first") from error
    _check_depth(raw, source)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        raise InvalidDocumentError(
            source, f"is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidDocumentError(source, str(error)) from error
    try:
        text.encode("utf-8")
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidDocumentError(source, "holds half of a surrogate pair, which no JSON text can carry") from error
    return value


def _check_depth(raw: bytes, source: str) -> None:
    level = 0
    for token in _TOKENS.finditer(raw):
        sign = raw[token.start()]
        if sign in b"[{":
            level += 1
            if level > MOST_LEVELS:
                raise InvalidDocumentError(source, f"is nested beyond {MOST_LEVELS} levels at byte {token.start()}")
        elif sign in b"]}":
            level -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"has the member {json.dumps(twice)} twice in one object")
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"has {word}, which is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"has the number {text[:40]}, beyond what a double holds")
    return value


def _int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"has an integer of {len(text)} digits; at most {MOST_DIGITS} are read")
    return int(text)


def read_path(path: Path, *, is_one: bool = False) -> Iterator[Record | InvalidDocumentError]:
    """The records of a file, or of every JSON file below a folder but our own manifests.

    A broken line of NDJSON is yielded as an error, so that the rest can be read.

    Raises:
        InvalidDocumentError: the path can't be read at all.
    """
    if path.is_dir():
        found = False
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and inner.suffix in {".json", *_NDJSON} and inner.name != MANIFEST:
                found = True
                # A folder of ours holds one record a file, also where that record is a list.
                yield from read_path(inner, is_one=(inner.parent / MANIFEST).exists())
        if not found:
            raise InvalidDocumentError(show(path), "holds no .json, .jsonl or .ndjson file")
        return
    if not path.exists():
        raise InvalidDocumentError(show(path), "does not exist")
    if not path.is_file():
        raise InvalidDocumentError(show(path), "is neither a file nor a folder")
    try:
        with path.open("rb") as stream:
            yield from read_stream(stream, show(path), is_ndjson=path.suffix in _NDJSON, is_one=is_one)
    except OSError as error:
        raise InvalidDocumentError(show(path), f"cannot be read: {error.strerror or error}") from error


def read_stream(
    stream: IO[bytes], source: str, *, is_ndjson: bool = False, is_one: bool = False
) -> Iterator[Record | InvalidDocumentError]:
    """The records of a stream: one on each line, or the items of one list, or one value."""
    if is_ndjson:
        yield from _lines(stream, source)
        return
    raw = stream.read()
    first, _, rest = raw.strip().partition(b"\n")
    if not is_one and rest and first.startswith(b"{") and first.rstrip().endswith(b"}"):
        yield from _lines(iter(raw.splitlines(keepends=True)), source)
        return
    try:
        value = parse(raw, source)
    except InvalidDocumentError as error:
        yield error
        return
    for index, item in enumerate(value if isinstance(value, list) and not is_one else [value], 1):
        yield Record(source, index, item)


def _lines(stream: Any, source: str) -> Iterator[Record | InvalidDocumentError]:
    read = getattr(stream, "readline", None)
    lines = iter(lambda: read(MOST_LINE_BYTES + 1), b"") if read else stream
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_LINE_BYTES:
            raise InvalidDocumentError(f"{source}:{number}", f"the line is longer than {MOST_LINE_BYTES} bytes")
        if line.strip():
            try:
                yield Record(source, number, parse(line, f"{source}:{number}"))
            except InvalidDocumentError as error:
                yield error


def show(path: Path | str) -> str:
    """A path as printable text, whatever bytes its name holds."""
    return printable(str(path).encode("utf-8", "backslashreplace").decode())


def printable(text: str) -> str:
    """Text for a terminal: control characters are escaped, and what can't be encoded."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
