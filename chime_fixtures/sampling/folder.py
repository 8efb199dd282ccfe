"""Sample folders: file names, manifests, and folders with one file for each record."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.storage import Storage, atomic_file, open_storage, redacted

# Readers of data sets skip the files of a folder whose names begin with an underscore.
MANIFEST = "_manifest.json"
LABELS = "_labels.ndjson"
PART_NAME = re.compile(r"part-[0-9]{6,}\.")
"""The beginning of the name of a part, a file of many records."""


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record in its own file: its value, the file's name without extension, its entry in the manifest."""

    value: Any
    name: str
    label: dict[str, Any]


def write_folder(url: Path | str, records: Iterable[NamedRecord], *, about: dict[str, Any]) -> int:
    """Write one file for each record, the labels of those that violate a constraint, then the manifest.

    Files that an earlier manifest lists are replaced or removed; all other files are kept.

    Args:
        url: a folder, created if it does not exist, or a URL for fsspec.
        records: their names must be unique.
        about: the first entries of the manifest.

    Returns:
        The number of records.

    Raises:
        MissingExtraError: a URL requires the extra `remote`.
        InvalidDocumentError: a file that no manifest lists would be overwritten, or a file can't be written.
    """
    storage, source = open_storage(str(url)), redacted(str(url))
    names = storage.names()
    earlier = _listed(storage, source) if MANIFEST in names else set()
    files = [(record, f"{record.name}.json") for record in records]
    for _, name in files:
        if name in names and name not in earlier:
            reason = f"is not listed in {MANIFEST}, so it is not overwritten; choose another folder"
            raise InvalidDocumentError(f"{source}/{name}", reason)
    entries: list[dict[str, Any]] = []
    labels: list[bytes] = []
    for index, (record, name) in enumerate(files):
        _write(storage, source, name, encode(record.value, is_pretty=True))
        entries.append({"file": name, **record.label})
        if "keyword" in record.label:
            labels.append(_label(record.label, name, index))
    for name in earlier - {name for _, name in files}:
        storage.delete(name)
    if labels:
        _write(storage, source, LABELS, b"".join(labels))
    elif earlier:
        storage.delete(LABELS)
    manifest = {**about, "count": len(entries), "records": entries}
    _write(storage, source, MANIFEST, encode(manifest, is_pretty=True))
    return len(entries)


def _write(storage: Storage, source: str, name: str, content: bytes) -> None:
    try:
        with atomic_file(storage, name) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InvalidDocumentError(f"{source}/{name}", f"cannot be written: {error.strerror or error}") from error


def _label(label: dict[str, Any], name: str, index: int) -> bytes:
    """A line of the labels, as for the records of a part."""
    located = {"part": name, "line": 1, "record": index}
    return encode({**located, "id": label["id"], "pointer": label["instanceLocation"], "keyword": label["keyword"]})


def _listed(storage: Storage, source: str) -> set[str]:
    """The files that the manifest of an earlier sample lists."""
    try:
        records = orjson.loads(storage.read(MANIFEST))["records"]
        return {record["file"] for record in records if "/" not in record["file"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = "is not a manifest of a sample; choose another folder"
        raise InvalidDocumentError(f"{source}/{MANIFEST}", reason) from error


def is_empty_sample(manifest: Path) -> bool:
    """True if the file is the manifest of a sample of 0 records."""
    try:
        content = orjson.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "schema_sha256" in content and content.get("count") == 0


def fingerprint(schema: Any) -> str:
    """The SHA-256 of a schema, independent of white space and the order of members."""
    try:
        text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # An integer beyond 64 bits.
        text = json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest()
