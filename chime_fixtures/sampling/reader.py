"""Read JSON files and streams record by record: documents, lists, NDJSON, folders, compressed or not."""

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

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError
from chime_fixtures.sampling.compression import zstandard
from chime_fixtures.sampling.folder import LABELS, MANIFEST, PART, is_of_none
from chime_fixtures.sampling.json_text import Doubt, is_closed, is_no_utf8, parse, parse_quickly

MOST_LINE_BYTES = 16 * 2**20
MOST_DOCUMENT_BYTES = 128 * 2**20

_TABLES = frozenset({".csv", ".parquet"})
_NDJSON = frozenset({".ndjson", ".jsonl"})
_GZIP, _ZSTANDARD = ".gz", ".zst"
_BLOCK = 2**18
_MAGIC = {b"PAR1": ("Parquet", ".parquet"), b"\x1f\x8b": ("gzip", _GZIP), b"\x28\xb5\x2f\xfd": ("zstd", _ZSTANDARD)}
"""What files of other formats begin with: what they are, and the ending by which they are known."""


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value and where it was found: the file, and the line or the index in a list, from 1."""

    source: str
    number: int
    value: Any


Finding = Record | InvalidDocumentError


def _never(_: Any) -> bool:
    return False


class Reader:
    """Reads records, and yields those that are wanted; what can't be read comes as an error, and the rest is read on.

    Args:
        passes: values for which it is true are counted but not yielded, so that a million of them cost little more than
            the question.
        on_read: called with the number of bytes each time that a block was read.
        contract: what gives the cells of CSV their types; without one, it can't be read.

    Attributes:
        records: how many values were read so far, those that passed among them.
    """

    def __init__(
        self,
        *,
        passes: Callable[[Any], bool] = _never,
        on_read: Callable[[int], None] = lambda _: None,
        contract: Contract | None = None,
    ) -> None:
        self.records = 0
        self._contract = contract
        self._passes = passes
        self._on_read = on_read

    def path(self, path: Path, *, is_one: bool = False) -> Iterator[Finding]:
        """The records of a file, or of every JSON file below a folder but our own manifests.

        Args:
            path: a file or folder; the endings .gz and .zst are read through.
            is_one: whether a list is one record, and not one for each item.
        """
        if path.is_dir():
            yield from self._folder(path)
        elif not path.exists():
            yield InvalidDocumentError(show(path), "does not exist")
        elif not path.is_file():
            yield InvalidDocumentError(show(path), "is neither a file nor a folder; pipe it to -")
        else:
            yield from self._file(path, is_one)

    def _folder(self, folder: Path) -> Iterator[Finding]:
        lost: list[OSError] = []
        manifests: list[Path] = []
        found = False
        for inner, folders, names in os.walk(folder, onerror=lost.append):
            folders.sort()
            manifests += [Path(inner, MANIFEST)] if MANIFEST in names else []
            for name in sorted(names):
                path, is_ours = Path(inner, name), MANIFEST in names
                # Tables that are not ours are none of our business.
                known = {".json", *_NDJSON, *(_TABLES if is_ours else ())}
                if _ending(_plain(path)) in known and name not in {LABELS, MANIFEST} and path.is_file():
                    found = True
                    # A folder of ours holds one record a file, also where that record is a list; but parts hold many.
                    yield from self._file(path, is_one=is_ours and not PART.match(name))
        for error in lost:
            yield InvalidDocumentError(show(error.filename), f"cannot be read: {error.strerror}")
        # A corpus of no records has no files, and is whole.
        if not found and not lost and not (manifests and all(map(is_of_none, manifests))):
            kinds = ".json, .jsonl, .ndjson, .csv or .parquet" if manifests else ".json, .jsonl or .ndjson"
            yield InvalidDocumentError(show(folder), f"holds no {kinds} file")

    def _file(self, path: Path, is_one: bool) -> Iterator[Finding]:
        source = show(path)
        try:
            if _ending(_plain(path)) in _TABLES:
                yield from self._table(path, source)
                return
            with path.open("rb", buffering=0) as file, _open(_ending(path), self._metered(file)) as stream:
                yield from self._stream(stream, source, _ending(_plain(path)) in _NDJSON, is_one)
        except InvalidDocumentError as error:
            yield error
        except (EOFError, zlib.error) as error:
            yield InvalidDocumentError(source, f"cannot be unpacked: {error}")
        except (OSError, MissingExtraError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            yield InvalidDocumentError(source, f"cannot be read: {reason}")

    def _table(self, path: Path, source: str) -> Iterator[Finding]:
        for number, value in enumerate(self._rows(path, source), 1):
            if isinstance(value, InvalidDocumentError):
                # A text in a column has lines of its own, which would stand behind the number of its row.
                yield InvalidDocumentError(f"{source}:{number}", value.reason)
                continue
            self.records += 1
            if not self._passes(value):
                yield Record(source, number, value)

    def _rows(self, path: Path, source: str) -> Iterator[Any]:
        if _ending(path) == ".parquet":
            from chime_fixtures.sampling import parquet

            yield from parquet.rows(path, source)
            self._on_read(path.stat().st_size)
        elif self._contract is None:
            raise InvalidDocumentError(source, "is CSV, whose cells have no types; name its contract")
        else:
            from chime_fixtures.sampling import csv as cells

            with path.open("rb", buffering=0) as file, _open(_ending(path), self._metered(file)) as stream:
                text = io.TextIOWrapper(stream, "utf-8", newline="")
                yield from cells.rows(text, source, self._contract)

    def stream(self, stream: IO[bytes], source: str, *, is_ndjson: bool = False) -> Iterator[Finding]:
        """The records of a stream: one on each line, the items of one list, or one value, by its look unless told."""
        yield from self._stream(io.BufferedReader(self._metered(stream), _BLOCK), source, is_ndjson, is_one=False)

    def _metered(self, stream: IO[bytes]) -> _Metered:
        return _Metered(stream, self._on_read)

    def _stream(self, stream: Any, source: str, is_ndjson: bool, is_one: bool) -> Iterator[Finding]:
        lines = iter(functools.partial(stream.readline, MOST_LINE_BYTES + 1), b"")
        head = list(itertools.islice(_through_first(lines), 1000))
        foreign = next((kind for magic, kind in _MAGIC.items() if head and head[0].startswith(magic)), None)
        if foreign is not None:
            reason = f"is {foreign[0]}, not JSON; read it from a file whose name ends in {foreign[1]}"
            yield InvalidDocumentError(source, reason)
            return
        if head and is_no_utf8(head[0]):
            # Said once, and not for each line.
            yield InvalidDocumentError(source, "is not UTF-8 at byte 0 but UTF-16 or UTF-32; save it as UTF-8")
            return
        if not is_ndjson and not is_one and head and len(head[-1]) <= MOST_LINE_BYTES and is_closed(head[-1]):
            more = list(itertools.islice(_through_first(lines), 1000))
            is_ndjson = any(line.strip() for line in more)
            head += more
        if is_ndjson:
            yield from self._lines(itertools.chain(head, lines), source)
        else:
            yield from self._document(head, stream, source, is_one)

    def _document(self, head: list[bytes], stream: Any, source: str, is_one: bool) -> Iterator[Finding]:
        try:
            raw = b"".join([*head, stream.read(MOST_DOCUMENT_BYTES + 1)])
            if len(raw) > MOST_DOCUMENT_BYTES:
                raise MemoryError
            value = parse(raw, source)
        except InvalidDocumentError as error:
            yield error
            return
        except MemoryError:
            reason = (
                f"is longer than {MOST_DOCUMENT_BYTES} bytes in one document; write a record on each line (.ndjson)"
            )
            yield InvalidDocumentError(source, reason)
            return
        for number, item in enumerate(value if isinstance(value, list) and not is_one else [value], 1):
            self.records += 1
            if not self._passes(item):
                yield Record(source, number, item)

    def _lines(self, lines: Iterator[bytes], source: str) -> Iterator[Finding]:
        passes = self._passes
        for number, line in enumerate(lines, 1):
            try:
                if len(line) > MOST_LINE_BYTES:
                    raise Doubt
                value = parse_quickly(line)
            except Doubt:
                try:
                    if len(line) > MOST_LINE_BYTES:
                        _skip(line, lines)
                        reason = f"the line is longer than {MOST_LINE_BYTES} bytes; split the record"
                        raise InvalidDocumentError(f"{source}:{number}", reason) from None
                    if not line.strip():
                        continue
                    value = parse(line, source, line=number)
                except InvalidDocumentError as error:
                    yield error
                    continue
            self.records += 1
            if not passes(value):
                yield Record(source, number, value)


def _skip(line: bytes, lines: Iterator[bytes]) -> None:
    """Drop the rest of a line that came in pieces."""
    while line and not line.endswith(b"\n"):
        line = next(lines, b"")


def _through_first(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines up to the first that is not blank, and that one."""
    for line in lines:
        yield line
        if line.strip():
            return


class _Metered(io.RawIOBase):
    """A stream that says how much was read from it."""

    def __init__(self, stream: Any, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one read goes."""
        read = getattr(self._stream, "read1", self._stream.read)
        block: bytes = read(len(buffer)) or b""
        buffer[: len(block)] = block
        self._on_read(len(block))
        return len(block)


def _plain(path: Path) -> Path:
    """The path without the ending of a compression."""
    return path.with_suffix("") if _ending(path) in {_GZIP, _ZSTANDARD} else path


def _ending(path: Path) -> str:
    return path.suffix.lower()


@contextlib.contextmanager
def _open(ending: str, raw: _Metered) -> Iterator[io.BufferedReader]:
    if ending == _ZSTANDARD:
        zstd = zstandard()
        try:
            yield io.BufferedReader(zstd.ZstdFile(raw), _BLOCK)
        except zstd.ZstdError as error:
            raise EOFError(error) from error
    else:
        yield io.BufferedReader(gzip.GzipFile(fileobj=raw) if ending == _GZIP else raw, _BLOCK)


def show(path: Path | str) -> str:
    """A path as printable text, whatever bytes its name holds."""
    return printable(str(path).encode("utf-8", "backslashreplace").decode())


def printable(text: str) -> str:
    """Text for a terminal: control characters are escaped, and what can't be encoded."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
