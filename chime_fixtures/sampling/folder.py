"""Sample folders: file names, manifests, and folders with one file for each record."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.storage import write_file

MANIFEST = "manifest.json"
LABELS = "labels.ndjson"
PART_NAME = re.compile(r"part-[0-9]{6,}\.")
"""The beginning of the name of a part, a file of many records."""


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record in its own file: its value, the file's name without extension, its entry in the manifest."""

    value: Any
    name: str
    label: dict[str, Any]


def write_folder(folder: Path, records: Iterable[NamedRecord], *, about: dict[str, Any]) -> int:
    """Write one file for each record, then the manifest. Returns the number of records.

    Files that an earlier manifest lists are replaced or removed; all other files are kept.

    Args:
        folder: created if it does not exist.
        records: their names must be unique.
        about: the first entries of the manifest.

    Raises:
        InvalidDocumentError: a file that no manifest lists would be overwritten, or a file can't be written.
    """
    earlier = _listed(folder)
    files = [(record, f"{record.name}.json") for record in records]
    for _, name in files:
        if name not in earlier and (folder / name).exists():
            reason = f"is not listed in {MANIFEST}, so it is not overwritten; choose another folder"
            raise InvalidDocumentError(str(folder / name), reason)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidDocumentError(str(folder), f"cannot be created: {error.strerror or error}") from error
    entries: list[dict[str, Any]] = []
    for record, name in files:
        write_file(folder / name, encode(record.value, is_pretty=True))
        entries.append({"file": name, **record.label})
    for name in earlier - {name for _, name in files}:
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    write_file(folder / MANIFEST, encode({**about, "count": len(entries), "records": entries}, is_pretty=True))
    return len(entries)


def _listed(folder: Path) -> set[str]:
    path = folder / MANIFEST
    if not path.exists():
        return set()
    try:
        return {record["file"] for record in orjson.loads(path.read_bytes())["records"] if "/" not in record["file"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InvalidDocumentError(str(path), "is not a manifest of a sample; choose another folder") from error


def is_empty_sample(manifest: Path) -> bool:
    """True if the file is the manifest of a sample of 0 records."""
    try:
        content = orjson.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "schema_sha256" in content and content.get("count") == 0


def fingerprint(schema: Any) -> str:
    """The SHA-256 of a schema, independent of white space and the order of members."""
    return hashlib.sha256(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).hexdigest()
