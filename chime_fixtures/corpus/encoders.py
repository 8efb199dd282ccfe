"""Formats of files: lines, one list, tables; and what each can hold."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from chime_fixtures.contract import Contract
from chime_fixtures.errors import MissingExtraError, UnknownFormatError, did_you_mean

if TYPE_CHECKING:
    from chime_fixtures.corpus.parts import Corpus

FORMATS = ("json", "ndjson", "csv", "parquet")
_ENDINGS = {"jsonl": "ndjson"}
_PACKED = {"gz", "zst"}


def form_of(name: str) -> str | None:
    """The format that a file's name ends with, compression and all; None when it says nothing."""
    stems = name.rpartition("/")[2].split(".")[1:]
    packing = f".{stems.pop()}" if stems and stems[-1] in _PACKED else ""
    form = _ENDINGS.get(stems[-1], stems[-1]) if stems else ""
    return form + packing if form in FORMATS else None


class Encoder(Protocol):
    """One format."""

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in."""

    def write(self, path: Path, corpus: Corpus, start: int, stop: int) -> None:
        """Write records to a file."""


def of(form: str, contract: Contract, *, raw: bool = False, native: bool = False) -> Encoder:
    """The encoder of a format, by the ending of its files.

    Raises:
        UnknownFormatError: there is none, or the contract has no columns.
        MissingExtraError: it needs a library that is not installed.
    """
    kind, _, packing = form.partition(".")
    if kind not in FORMATS or packing not in {"", *_PACKED} or (kind == "parquet" and packing):
        raise UnknownFormatError(f"there is no format {form!r}{did_you_mean(form, FORMATS)}")
    if kind == "parquet":
        from chime_fixtures.corpus.parquet import Parquet

        return Parquet(contract, raw=raw, native=native)
    if kind == "csv":
        return Csv(contract, packing)
    return Lines(packing) if kind == "ndjson" else List(packing)


@contextlib.contextmanager
def packed(path: Path, packing: str) -> Iterator[Any]:
    """A file to write to, compressed as its ending says; its head carries no time and no name."""
    with path.open("wb") as stream:
        if packing == "gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6) as inner:
                yield inner
        elif packing == "zst":
            zstd = _zstd()
            with zstd.ZstdFile(stream, "wb") as inner:
                yield inner
        else:
            yield stream


def _zstd() -> Any:
    """The standard library's module of Python 3.14, or what stands for it before.

    Raises:
        MissingExtraError: neither is there.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise MissingExtraError("backports.zstd", "zstd") from error
    return zstd


def _anything(instance: Any) -> bool:
    """Every JSON value comes back from JSON."""
    return True


def _nothing(instance: Any) -> bool:
    """CSV has no types, so no violation is sure to come back."""
    return False


class Lines:
    """NDJSON: a record on each line."""

    keeps = staticmethod(_anything)

    def __init__(self, packing: str = "") -> None:
        self._packing = packing

    def write(self, path: Path, corpus: Corpus, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream:
            for chunk in corpus.lines(start, stop):
                stream.write(chunk)


class List:
    """JSON: one list, indented."""

    keeps = staticmethod(_anything)

    def __init__(self, packing: str = "") -> None:
        self._packing = packing

    def write(self, path: Path, corpus: Corpus, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream:
            for chunk in listed(corpus.values(start, stop)):
                stream.write(chunk)


def listed(values: Iterator[Any]) -> Iterator[bytes]:
    """The chunks of one indented list."""
    is_first = True
    for value in values:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n  ")
        yield (b"[\n  " if is_first else b",\n  ") + text
        is_first = False
    yield b"[]\n" if is_first else b"\n]\n"


class Csv:
    """CSV by RFC 4180, with a head; a member within a member is named by the way to it: ``Participants.0.PhoneNumber``.

    The columns are those of the plan of proxy sessions: any other contract is refused.
    """

    keeps = staticmethod(_nothing)

    def __init__(self, contract: Contract, packing: str = "") -> None:
        from chime_fixtures.corpus.records import Records

        sample = Records(contract)
        if not sample.is_plain:
            text = f"CSV needs the same columns in each record, which {contract.name!r} has not; use ndjson"
            raise UnknownFormatError(text)
        found = max((flat(record) for record in sample.between(0, 64)), key=len)
        self._columns = list(found)
        self._packing = packing

    def write(self, path: Path, corpus: Corpus, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream, io.TextIOWrapper(stream, "utf-8", newline="") as text:
            table = csv.DictWriter(text, self._columns)
            table.writeheader()
            table.writerows(map(flat, corpus.values(start, stop)))


def flat(value: Any, way: str = "") -> dict[str, Any]:
    """The leaves of a value by the way to each."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = {str(index): item for index, item in enumerate(value)}.items()
    else:
        return {way: value}
    return {key: leaf for name, item in inner for key, leaf in flat(item, f"{way}.{name}" if way else name).items()}
