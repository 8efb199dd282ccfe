"""Record-by-record reading of JSON files and streams: documents, arrays, NDJSON, folders, compressed or not."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import itertools
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError
from chime_fixtures.engine.pointer import printable
from chime_fixtures.sampling.compression import zstandard
from chime_fixtures.sampling.folder import LABELS, MANIFEST, PART_NAME, is_empty_sample
from chime_fixtures.sampling.json_text import UTF_8_REQUIRED, is_balanced, is_utf_16_or_32, parse
from chime_fixtures.sampling.storage import is_url, redacted

MAX_LINE_BYTES = 16 * 2**20
MAX_DOCUMENT_BYTES = 128 * 2**20
_MAX_HEAD_LINES = 1000
_BUFFER_BYTES = 2**18

_NDJSON = frozenset({".ndjson", ".jsonl"})
_TABLES = frozenset({".csv", ".parquet"})
_GZIP, _ZSTANDARD = ".gz", ".zst"
_COMPRESSED = {b"\x1f\x8b": ("gzip", _GZIP), b"\x28\xb5\x2f\xfd": ("zstd", _ZSTANDARD)}
"""First bytes of compressed files -> the compression and its file name extension."""
_PARQUET_MAGIC = b"PAR1"
_NDJSON_INSTEAD = "write NDJSON instead (--format ndjson)"


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value and its location: the file, and the line number or the position in an array, from 1."""

    source: str
    number: int
    value: Any


Finding = Record | InvalidDocumentError


def _never(_: Any) -> bool:
    return False


class Reader:
    """Reads records; unreadable input yields an error, and reading continues after it.

    Args:
        skip: records for which it returns True are counted but not yielded, so that a million valid records cost
            little more than their validation.
        on_read: called with the number of bytes of each block that was read.
        excludes: files below a folder for which it returns True are not read.

    Attributes:
        records: the number of values read so far, skipped ones included.
    """

    def __init__(
        self,
        *,
        skip: Callable[[Any], bool] = _never,
        on_read: Callable[[int], None] = lambda size: None,
        excludes: Callable[[Path], bool] = _never,
    ) -> None:
        self.records = 0
        self._excludes = excludes
        self._skip = skip
        self._on_read = on_read

    def path(self, path: Path | str) -> Iterator[Finding]:
        """Yield the records of a file, or of every JSON file below a folder except manifests and labels.

        Args:
            path: a file or a folder; files ending in .gz and .zst are decompressed. A URL is an error.
        """
        if isinstance(path, str) and is_url(path):
            reason = "is a URL, and only local files are supported; download it, or pipe it to -"
            yield InvalidDocumentError(display_path(redacted(path)), reason)
            return
        path = Path(path)
        if path.is_dir():
            yield from self._folder(path)
        elif not path.exists():
            yield InvalidDocumentError(display_path(path), "does not exist")
        elif not path.is_file():
            yield InvalidDocumentError(display_path(path), "is neither a file nor a folder; pipe it to -")
        else:
            yield from self._file(path, is_one_record=False)

    def stream(self, stream: IO[bytes], source: str, *, is_ndjson: bool = False) -> Iterator[Finding]:
        """Yield the records of a stream; its content shows if it has lines, one array of items, or one value.

        Args:
            stream: the bytes.
            source: its name for messages.
            is_ndjson: True if each line is a record, regardless of the content.
        """
        buffered = io.BufferedReader(self._metered(stream), _BUFFER_BYTES)
        yield from self._stream(buffered, source, is_ndjson, is_one_record=False)

    def _folder(self, folder: Path) -> Iterator[Finding]:
        errors: list[OSError] = []
        manifests: list[Path] = []
        has_files = False
        for inner, folders, names in os.walk(folder, onerror=errors.append):
            folders.sort()
            has_manifest = MANIFEST in names
            if has_manifest:
                manifests.append(Path(inner, MANIFEST))
            for name in sorted(names):
                path = Path(inner, name)
                if self._excludes(path):
                    has_files = True
                    continue
                # Tables without a manifest of a sample are ignored; with one, each is reported as unsupported.
                extensions = {".json", *_NDJSON, *(_TABLES if has_manifest else ())}
                if _extension(_uncompressed(path)) in extensions and name not in {LABELS, MANIFEST} and path.is_file():
                    has_files = True
                    # Beside a manifest each file is one record, also if that record is an array; parts hold many.
                    yield from self._file(path, is_one_record=has_manifest and not PART_NAME.match(name))
        for error in errors:
            yield InvalidDocumentError(display_path(error.filename), f"cannot be read: {error.strerror}")
        # A sample of 0 records has no files, and is complete.
        if not has_files and not errors and not (manifests and all(map(is_empty_sample, manifests))):
            yield InvalidDocumentError(display_path(folder), "contains no .json, .jsonl or .ndjson file")

    def _file(self, path: Path, is_one_record: bool) -> Iterator[Finding]:
        source, extension = display_path(path), _extension(_uncompressed(path))
        if extension in _TABLES:
            kind = {".csv": "CSV", ".parquet": "Parquet"}[extension]
            yield InvalidDocumentError(source, f"is {kind}, and only JSON and NDJSON are supported; {_NDJSON_INSTEAD}")
            return
        try:
            with open_decompressed(path, self._on_read) as stream:
                yield from self._stream(stream, source, extension in _NDJSON, is_one_record)
        except InvalidDocumentError as error:
            yield error

    def _metered(self, stream: IO[bytes]) -> _MeteredStream:
        return _MeteredStream(stream, self._on_read)

    def _stream(self, stream: Any, source: str, is_ndjson: bool, is_one_record: bool) -> Iterator[Finding]:
        lines = iter(functools.partial(stream.readline, MAX_LINE_BYTES + 1), b"")
        head = list(itertools.islice(_through_first(lines), _MAX_HEAD_LINES))
        unsupported = _unsupported(head[0]) if head else None
        if unsupported is not None:
            # One error for the stream instead of one for each line.
            yield InvalidDocumentError(source, unsupported)
            return
        if not is_ndjson and not is_one_record and head and len(head[-1]) <= MAX_LINE_BYTES and is_balanced(head[-1]):
            more = list(itertools.islice(_through_first(lines), _MAX_HEAD_LINES))
            is_ndjson = any(line.strip() for line in more)
            head += more
        if is_ndjson:
            yield from self._lines(itertools.chain(head, lines), source)
        else:
            yield from self._document(head, stream, source, is_one_record)

    def _document(self, head: list[bytes], stream: Any, source: str, is_one_record: bool) -> Iterator[Finding]:
        try:
            raw = b"".join([*head, stream.read(MAX_DOCUMENT_BYTES + 1)])
            if len(raw) > MAX_DOCUMENT_BYTES:
                raise MemoryError
            value = parse(raw, source)
        except InvalidDocumentError as error:
            yield error
            return
        except MemoryError:
            limit = f"at most {MAX_DOCUMENT_BYTES} bytes in one document are supported"
            yield InvalidDocumentError(source, f"is too long: {limit}; write a record on each line (.ndjson)")
            return
        for number, item in enumerate(value if isinstance(value, list) and not is_one_record else [value], 1):
            self.records += 1
            if not self._skip(item):
                yield Record(source, number, item)

    def _lines(self, lines: Iterator[bytes], source: str) -> Iterator[Finding]:
        skip = self._skip
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_LINE_BYTES:
                _drop_rest(line, lines)
                reason = f"the line is too long: at most {MAX_LINE_BYTES} bytes are supported; split the record"
                yield InvalidDocumentError(f"{source}:{number}", reason)
                continue
            try:
                value = parse(line, source, number)
            except InvalidDocumentError as error:
                if line.strip():
                    yield error
                continue
            self.records += 1
            if not skip(value):
                yield Record(source, number, value)


def _unsupported(first_line: bytes) -> str | None:
    """The reason why a stream that begins with the line is not JSON in UTF-8; None if it may be."""
    if first_line.startswith(_PARQUET_MAGIC):
        return f"is Parquet, and only JSON and NDJSON are supported; {_NDJSON_INSTEAD}"
    for magic, (name, extension) in _COMPRESSED.items():
        if first_line.startswith(magic):
            return f"is {name}, not JSON; read it from a file whose name ends in {extension}"
    return UTF_8_REQUIRED if is_utf_16_or_32(first_line) else None


def _drop_rest(line: bytes, lines: Iterator[bytes]) -> None:
    """Consume the remaining pieces of a line that is read in pieces."""
    while line and not line.endswith(b"\n"):
        line = next(lines, b"")


def _through_first(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines up to and including the first that is not blank."""
    for line in lines:
        yield line
        if line.strip():
            return


class _MeteredStream(io.RawIOBase):
    """A stream that reports the number of bytes of each read."""

    def __init__(self, stream: Any, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = getattr(self._stream, "read1", self._stream.read)
        block: bytes = read(len(buffer)) or b""
        buffer[: len(block)] = block
        self._on_read(len(block))
        return len(block)


def _uncompressed(path: Path) -> Path:
    """The path without the extension of a compression."""
    return path.with_suffix("") if _extension(path) in {_GZIP, _ZSTANDARD} else path


def _extension(path: Path) -> str:
    return path.suffix.lower()


@contextlib.contextmanager
def _decompressed(extension: str, raw: _MeteredStream) -> Iterator[io.BufferedReader]:
    if extension == _ZSTANDARD:
        zstd = zstandard()
        try:
            yield io.BufferedReader(zstd.ZstdFile(raw), _BUFFER_BYTES)
        except zstd.ZstdError as error:
            raise EOFError(error) from error
    else:
        yield io.BufferedReader(gzip.GzipFile(fileobj=raw) if extension == _GZIP else raw, _BUFFER_BYTES)


@contextlib.contextmanager
def open_decompressed(path: Path, on_read: Callable[[int], None] = lambda size: None) -> Iterator[io.BufferedReader]:
    """Open a file; one whose name ends in .gz or .zst is decompressed.

    Args:
        path: the file.
        on_read: called with the number of bytes of each block that was read.

    Raises:
        InvalidDocumentError: the file cannot be opened, read or decompressed.
    """
    source = display_path(path)
    try:
        with (
            path.open("rb", buffering=0) as file,
            _decompressed(_extension(path), _MeteredStream(file, on_read)) as each,
        ):
            yield each
    except (EOFError, zlib.error) as error:
        raise InvalidDocumentError(source, f"cannot be decompressed: {error}") from error
    except (OSError, MissingExtraError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InvalidDocumentError(source, f"cannot be read: {reason}") from error


def display_path(path: Path | str) -> str:
    """A path as printable text; bytes that are not UTF-8 are escaped."""
    return printable(str(path).encode("utf-8", "backslashreplace").decode())
