"""Files that are written whole or not at all, and folders that say what is in them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from chime_fixtures.engine.errors import InvalidDocumentError

MANIFEST = "manifest.json"
LABELS = "labels.ndjson"
PART = re.compile(r"part-[0-9]{6,}\.")
"""How the name of a file of many records begins."""


def encode(value: Any, *, is_pretty: bool = False) -> bytes:
    """One JSON value in UTF-8, with a line end; also one that holds an integer beyond 64 bits."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if is_pretty else 0))
    except TypeError:
        style: dict[str, Any] = {"indent": 2} if is_pretty else {"separators": (",", ":")}
        return json.dumps(value, ensure_ascii=False, **style).encode() + b"\n"


def write_whole(path: Path, content: bytes) -> None:
    """Put the content at the path: all of it, or the file stays as it was. A link is followed, a mode is kept.

    Raises:
        InvalidDocumentError: it can't be written; what was there before still is.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            # A device or a pipe can't be replaced, only written to.
            with target.open("wb") as stream:
                stream.write(content)
            return
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InvalidDocumentError(str(path), f"cannot be written: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@dataclass(frozen=True, slots=True)
class Sample:
    """One record to write: its value, its file name without the ending, and what the manifest says of it."""

    value: Any
    name: str
    label: dict[str, Any]


def write_folder(folder: Path, samples: Iterable[Sample], *, about: dict[str, Any]) -> int:
    """One file a record, and a manifest, which is written last. Returns the number of records.

    Files that an earlier manifest lists are replaced or removed; any other file is left alone.

    Raises:
        InvalidDocumentError: a file that no manifest lists would be overwritten, or something can't be written.
    """
    ours = _listed(folder)
    entries: list[dict[str, Any]] = []
    rendered = [(sample, f"{sample.name}.json") for sample in samples]
    for _, name in rendered:
        if name not in ours and (folder / name).exists():
            raise InvalidDocumentError(
                str(folder / name), f"is not listed in {MANIFEST}, so it is kept; choose another folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidDocumentError(str(folder), f"cannot be made: {error.strerror or error}") from error
    for sample, name in rendered:
        write_whole(folder / name, encode(sample.value, is_pretty=True))
        entries.append({"file": name, **sample.label})
    for name in ours - {name for _, name in rendered}:
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    write_whole(folder / MANIFEST, encode({**about, "count": len(entries), "records": entries}, is_pretty=True))
    return len(entries)


def _listed(folder: Path) -> set[str]:
    path = folder / MANIFEST
    if not path.exists():
        return set()
    try:
        return {record["file"] for record in orjson.loads(path.read_bytes())["records"] if "/" not in record["file"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InvalidDocumentError(str(path), "is no manifest of ours; choose another folder") from error


def is_of_none(manifest: Path) -> bool:
    """Whether a manifest is one of ours, and says that there are no records."""
    try:
        found = orjson.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and "schema_sha256" in found and found.get("count") == 0


def fingerprint(schema: Any) -> str:
    """The SHA-256 of a schema, however it is written."""
    return hashlib.sha256(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).hexdigest()
