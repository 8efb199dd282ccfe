"""Formats of files: lines, one list, tables; and what each can hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.contract import Contract
from chime_fixtures.corpus.lines import Source
from chime_fixtures.corpus.packing import PACKED, packed
from chime_fixtures.corpus.writer import encode
from chime_fixtures.errors import UnknownFormatError, did_you_mean

FORMATS = ("json", "ndjson", "csv", "parquet")
_ENDINGS = {"jsonl": "ndjson"}


def form_of(name: str) -> str | None:
    """The format that a file's name ends with, compression and all; None when it says nothing."""
    stems = name.rpartition("/")[2].split(".")[1:]
    packing = f".{stems.pop()}" if stems and stems[-1] in PACKED else ""
    form = _ENDINGS.get(stems[-1], stems[-1]) if stems else ""
    return form + packing if form in FORMATS else None


class Encoder(Protocol):
    """One format."""

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in."""

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file."""


def of(form: str, contract: Contract, *, raw: bool = False, native: bool = False) -> Encoder:
    """The encoder of a format, by the ending of its files.

    Raises:
        UnknownFormatError: there is none, or the contract has no columns.
        MissingExtraError: it needs a library that is not installed.
    """
    kind, _, packing = form.partition(".")
    if kind not in FORMATS or packing not in {"", *PACKED} or (kind == "parquet" and packing):
        raise UnknownFormatError(f"there is no format {form!r}{did_you_mean(form, FORMATS)}")
    if kind == "parquet":
        from chime_fixtures.corpus.parquet import Parquet

        return Parquet(contract, raw=raw, native=native)
    if kind == "csv":
        from chime_fixtures.corpus.cells import Csv

        return Csv(contract, packing)
    return Lines(packing) if kind == "ndjson" else List(packing)


def _anything(instance: Any) -> bool:
    """Every JSON value comes back from JSON."""
    return True


class Lines:
    """NDJSON: a record on each line."""

    keeps = staticmethod(_anything)

    def __init__(self, packing: str = "") -> None:
        self._packing = packing

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream:
            for chunk in source.lines(start, stop):
                stream.write(chunk)


class List:
    """JSON: one list, indented."""

    keeps = staticmethod(_anything)

    def __init__(self, packing: str = "") -> None:
        self._packing = packing

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file."""
        with packed(path, self._packing) as stream:
            for chunk in listed(source.values(start, stop)):
                stream.write(chunk)


def listed(values: Iterator[Any]) -> Iterator[bytes]:
    """The chunks of one indented list."""
    is_first = True
    for value in values:
        text = encode(value, is_pretty=True)[:-1].replace(b"\n", b"\n  ")
        yield (b"[\n  " if is_first else b",\n  ") + text
        is_first = False
    yield b"[]\n" if is_first else b"\n]\n"
