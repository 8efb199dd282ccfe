"""Reading of recordings from files and streams; the format follows from the content."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.recordings.exchanges import Exchange
from chime_fixtures.recordings.har import parse_har
from chime_fixtures.recordings.vcr_cassettes import parse_json_cassette, parse_yaml_cassette
from chime_fixtures.sampling.reader import display_path, open_decompressed

MAX_RECORDING_BYTES = 128 * 2**20
"""The longest recording, decompressed."""

HEAD_BYTES = 2**12
"""The first bytes of a file, by which a recording is recognised."""

EXTENSIONS = frozenset({".har", ".yaml", ".yml"})
"""The extensions of files that can only be recordings."""

_JSON_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:log"\s*:\s*\{|interactions"\s*:\s*\[|version"\s*:\s*1\s*,\s*"interactions"\s*:)'
)
_YAML_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:#|---|version:)[^\n]*\n|\s*\n)*interactions:")


def is_recording(head: bytes) -> bool:
    """True if the text that begins with these bytes is a cassette or a HAR file."""
    return bool(_JSON_HEAD.match(head) or _YAML_HEAD.match(head))


def is_recording_file(path: Path) -> bool:
    """True if a file is a cassette or a HAR file by its content; False if it cannot be read."""
    try:
        with open_decompressed(path) as stream:
            return is_recording(stream.read(HEAD_BYTES))
    except InvalidDocumentError:
        return False


def read_recording(path: Path | str) -> list[Exchange]:
    """Read the exchanges of a file; one whose name ends in .gz or .zst is decompressed.

    Raises:
        InvalidDocumentError: the file cannot be read, or is not a cassette or a HAR file.
    """
    source, path = display_path(path), Path(path)
    if not path.is_file():
        raise InvalidDocumentError(source, "is not a file" if path.exists() else "does not exist")
    with open_decompressed(path) as stream:
        return parse_recording(stream.read(MAX_RECORDING_BYTES + 1), source)


def parse_recording(raw: bytes, source: str) -> list[Exchange]:
    """Return the exchanges of a recording.

    Args:
        raw: the whole text in UTF-8.
        source: its name for messages.

    Raises:
        InvalidDocumentError: it is neither a cassette nor a HAR file, or an exchange is incomplete.
    """
    if len(raw) > MAX_RECORDING_BYTES:
        reason = f"is too long: at most {MAX_RECORDING_BYTES} bytes are supported; split it"
        raise InvalidDocumentError(source, reason)
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(source, f"is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if not text.lstrip().startswith("{"):
        return parse_yaml_cassette(text, source)
    document = _parse_json(text, source)
    return parse_har(document, source) if "log" in document else parse_json_cassette(document, source)


def _parse_json(text: str, source: str) -> Any:
    """The value of a file; exchanges with other services may have any text, so that only JSON itself is required."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is not valid JSON: {error.msg.lower()} at column {error.colno}; the file may be cut"
        raise InvalidDocumentError(f"{source}:{error.lineno}", reason) from error
    except (ValueError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else "a number has too many digits"
        raise InvalidDocumentError(source, f"is not valid JSON: {reason}") from error
