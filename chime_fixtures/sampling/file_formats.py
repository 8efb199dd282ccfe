"""File formats of samples: NDJSON, one JSON array, CSV, Parquet; and the records that each can hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.sampling.compression import COMPRESSIONS, open_compressed
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import RecordPlan
from chime_fixtures.sampling.records import Records
from chime_fixtures.sampling.schema_plan import schema_plan

FORMATS = ("json", "ndjson", "csv", "parquet")
TABLES = ("csv", "parquet")
"""The formats with columns."""

_ALIASES = {"jsonl": "ndjson"}
_OTHER_FORMATS = frozenset({
    "arrow", "avro", "bson", "cbor", "db", "dbf", "feather", "h5", "hdf", "html", "ipc", "msgpack", "ods",
    "orc", "parq", "pickle", "pkl", "pq", "sav", "sqlite", "toml", "tsv", "xls", "xlsb", "xlsm", "xlsx",
    "xml", "yaml", "yml",
})  # fmt: skip
"""Rejected file name extensions even if a format is requested: readers choose their parser by them."""

_OTHER_COMPRESSIONS = frozenset({
    "7z", "br", "bz2", "gzip", "lz4", "lzma", "rar", "snappy", "sz", "tar", "tgz", "xz", "z", "zip", "zstd",
})  # fmt: skip
"""Rejected file name extensions: they promise a compression, but the file would be plain."""


def resolve_format(name: str, requested: str | None = None, *, is_folder: bool = False) -> str | None:
    """The format of a file or folder, with its compression, by the extension of its name and the requested format.

    Args:
        name: the name of the file or folder, which may be empty.
        requested: a format or an alias; the extension may add a compression to it.
        is_folder: True for the name of a folder, which may have any extension; the one of a format names that format.

    Returns:
        For example ``ndjson.gz``; None if neither argument names a format.

    Raises:
        UnknownFormatError: the two contradict each other, or the extension does not name a supported format.
    """
    kind, compression, other = _extensions(name)
    if is_folder:
        compression, other = compression if kind else "", ""
    ending = f"{name!r} ends in .{_joined(other, compression)}"
    if other in _OTHER_COMPRESSIONS:
        raise UnknownFormatError(f"{ending}, an unsupported compression; end it in .gz or .zst")
    if other and (requested is None or other in _OTHER_FORMATS):
        remedy = f"end it in {', '.join(f'.{each}' for each in FORMATS)}"
        remedy += ", or pass a format (--format)" if requested is None else " or another extension"
        raise UnknownFormatError(f"{ending}, which is not a supported format; {remedy}")
    if requested is None:
        if compression and not kind:
            remedy = f"end it in .ndjson.{compression}, or pass a format"
            raise UnknownFormatError(f"{name!r} ends in .{compression} without a format; {remedy}")
        return _joined(kind, compression) or None
    requested_kind, _, requested_compression = requested.lower().partition(".")
    requested_kind = _ALIASES.get(requested_kind, requested_kind)
    compressions_differ = requested_compression not in {"", compression} and (kind or compression)
    if kind not in {"", requested_kind} or compressions_differ:
        format_, extension = _joined(requested_kind, requested_compression), _joined(kind, compression)
        raise UnknownFormatError(f"{name!r} ends in .{extension}, but the format is {format_}; change one of them")
    return _joined(requested_kind, requested_compression or compression)


def _extensions(name: str) -> tuple[str, str, str]:
    """The format, the compression, and the unknown extension of a file name; each is empty if there is none."""
    extensions = [each for each in name.lower().lstrip(".").split(".")[1:] if each]
    compression = extensions.pop() if extensions and extensions[-1] in COMPRESSIONS else ""
    extension = extensions[-1] if extensions else ""
    kind = _ALIASES.get(extension, extension)
    return (kind, compression, "") if kind in FORMATS else ("", compression, extension)


def _joined(kind: str, compression: str) -> str:
    return f"{kind}.{compression}" if kind and compression else kind or compression


class FileFormat(Protocol):
    """A file format that writes records."""

    def can_hold(self, instance: Any) -> bool:
        """True if an instance survives a round trip through the format."""

    def records(self, records: Records, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`, as the format can hold them."""

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file."""


def file_format(
    name: str,
    contract: Contract,
    plan: RecordPlan | None = None,
    *,
    native_timestamps: bool = False,
    label_column: str | None = None,
) -> FileFormat:
    """The file format with a name such as ``ndjson.gz``.

    Args:
        name: the format and the compression, as in a file name extension.
        contract: the contract of the records, which determines their columns.
        plan: the plan of the records, which determines the order of columns in CSV; read from the schema by default.
        native_timestamps: True to write timestamps to Parquet as timestamps instead of text.
        label_column: the name of a last column for the ids of violations.

    Raises:
        UnknownFormatError: the format does not exist, or the contract has no columns.
        MissingExtraError: the format requires a library that is not installed.
    """
    kind, _, compression = name.partition(".")
    if kind not in FORMATS or compression not in {"", *COMPRESSIONS} or (kind == "parquet" and compression):
        raise UnknownFormatError(f"unknown format {name!r}{did_you_mean(name, FORMATS)}")
    if kind in TABLES:
        plan = schema_plan(contract, 0) if plan is None else plan
        if kind == "parquet":
            from chime_fixtures.sampling.parquet import Parquet

            return Parquet(contract, plan, native_timestamps=native_timestamps, label_column=label_column)
        from chime_fixtures.sampling.csv import Csv

        return Csv(contract, plan, compression, label_column=label_column)
    return Ndjson(compression) if kind == "ndjson" else JsonArray(compression)


class _JsonText:
    """Formats of JSON text, which can hold every instance."""

    def __init__(self, compression: str = "") -> None:
        self._compression = compression

    def can_hold(self, instance: Any) -> bool:  # noqa: ARG002 - JSON text holds every instance
        """True for every instance."""
        return True

    def records(self, records: Records, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""
        return records.between(start, stop)


class Ndjson(_JsonText):
    """NDJSON: one record on each line."""

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file."""
        with open_compressed(path, self._compression) as stream:
            for chunk in source.lines(start, stop):
                stream.write(chunk)


class JsonArray(_JsonText):
    """JSON: one indented array of all records."""

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write the records from `start` up to `stop` to a file."""
        with open_compressed(path, self._compression) as stream:
            for chunk in array_chunks(source.values(start, stop)):
                stream.write(chunk)


def array_chunks(values: Iterator[Any]) -> Iterator[bytes]:
    """Yield the text of one indented JSON array in chunks."""
    is_first = True
    for value in values:
        text = encode(value, is_pretty=True)[:-1].replace(b"\n", b"\n  ")
        yield (b"[\n  " if is_first else b",\n  ") + text
        is_first = False
    yield b"[]\n" if is_first else b"\n]\n"
