"""Formats of files: lines, one list, tables; and what each can hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import UnknownFormatError, did_you_mean
from chime_fixtures.sampling.compression import PACKED, packed
from chime_fixtures.sampling.folder import encode
from chime_fixtures.sampling.ndjson import Source
from chime_fixtures.sampling.plan import RecordPlan
from chime_fixtures.sampling.schema_plan import schema_plan

FORMATS = ("json", "ndjson", "csv", "parquet")
_OTHER_NAMES = {"jsonl": "ndjson"}
_UNWRITTEN = frozenset({"bz2", "lz4", "xz", "zip", "zstd"})
"""Endings of compressions that are not written; without them, such a file would be plain JSON."""


def form_of(name: str, asked: str | None = None) -> str | None:
    """The format of a file, compression and all: what its name ends with, and what is asked for.

    Args:
        name: the name of the file, which may be empty.
        asked: a format by one of its names; the ending may add a compression to it.

    Returns:
        None when neither says anything.

    Raises:
        UnknownFormatError: the ending says something else than was asked for, or a compression and not of what.
    """
    kind, packing = _ending(name)
    if asked is None:
        if packing and not kind:
            text = f"{name!r} ends in .{packing} and says no format; end it in .ndjson.{packing}, or name a format"
            raise UnknownFormatError(text)
        return _joined(kind, packing) or None
    asked_kind, _, asked_packing = asked.lower().partition(".")
    asked_kind = _OTHER_NAMES.get(asked_kind, asked_kind)
    says_another_packing = asked_packing not in {"", packing} and (kind or packing)
    if kind not in {"", asked_kind} or says_another_packing:
        wanted, said = _joined(asked_kind, asked_packing), _joined(kind, packing)
        raise UnknownFormatError(f"{name!r} ends in .{said}, and the format is to be {wanted}; change one of them")
    return _joined(asked_kind, asked_packing or packing)


def _ending(name: str) -> tuple[str, str]:
    """The format and the compression that a name ends with; each is empty when the name does not say it."""
    stems = name.rpartition("/")[2].lower().split(".")[1:]
    if stems and stems[-1] in _UNWRITTEN:
        raise UnknownFormatError(f"{name!r} ends in .{stems[-1]}, which is not written; end it in .gz or .zst")
    packing = stems.pop() if stems and stems[-1] in PACKED else ""
    kind = _OTHER_NAMES.get(stems[-1], stems[-1]) if stems else ""
    return kind if kind in FORMATS else "", packing


def _joined(kind: str, packing: str) -> str:
    return f"{kind}.{packing}" if kind and packing else kind or packing


class Encoder(Protocol):
    """One format."""

    def keeps(self, instance: Any) -> bool:
        """Whether an instance comes back as it went in."""

    def write(self, path: Path, source: Source, start: int, stop: int) -> None:
        """Write records to a file."""


def of(
    form: str, contract: Contract, plan: RecordPlan | None = None, *, raw: bool = False, native: bool = False
) -> Encoder:
    """The encoder of a format, by the ending of its files; CSV reads its columns from the plan of the records.

    Raises:
        UnknownFormatError: there is none, or the contract has no columns.
        MissingExtraError: it needs a library that is not installed.
    """
    kind, _, packing = form.partition(".")
    if kind not in FORMATS or packing not in {"", *PACKED} or (kind == "parquet" and packing):
        raise UnknownFormatError(f"there is no format {form!r}{did_you_mean(form, FORMATS)}")
    if kind == "parquet":
        from chime_fixtures.sampling.parquet import Parquet

        return Parquet(contract, raw=raw, native=native)
    if kind == "csv":
        from chime_fixtures.sampling.csv import Csv

        return Csv(contract, schema_plan(contract, 0) if plan is None else plan, packing)
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
