"""Labels held against a verdict: whether just those records are bad that are said to be, and for what is said."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.json_text import parse
from chime_fixtures.sampling.reader import Finding, Record, show

TOLERATED = frozenset({"syntax.bom", "syntax.blank"})
"""What a reader may overlook: a mark of UTF-8 before a record (RFC 8259, section 8.1), a line without any."""

_UNREADABLE = "unreadable"
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A record on which labels and verdict differ: the file's name, the line, and what each of them says."""

    part: str
    line: int
    labelled: str
    found: str

    def __str__(self) -> str:
        return f"{self.part}:{self.line}: labelled {self.labelled}, found {self.found}"


@dataclass(frozen=True, slots=True)
class _Label:
    place: Place
    id: str
    breaks: str

    def allows(self, found: str) -> bool:
        return found == self.breaks or (self.id in TOLERATED and found == "valid")


def read(path: Path) -> Iterator[_Label]:
    """The labels of a file, one on each line.

    Raises:
        InvalidDocumentError: it can't be read, or a line is no label.
    """
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield _label(line, f"{show(path)}:{number}")
    except OSError as error:
        raise InvalidDocumentError(show(path), f"cannot be read: {error.strerror or error}") from error


def _label(line: bytes, source: str) -> _Label:
    value = parse(line, source)
    try:
        breaks = _fault(value["pointer"], value["keyword"]) if value["keyword"] else _UNREADABLE
        return _Label((value["part"], int(value["line"])), value["id"], breaks)
    except (LookupError, TypeError, ValueError) as error:
        text = "is no label: it needs part, line, id, pointer and keyword"
        raise InvalidDocumentError(source, text) from error


def differences(contract: Contract, labels: Iterable[_Label], findings: Iterable[Finding]) -> Iterator[Difference]:
    """Where labels and findings differ; both come in the order of files and lines, and neither is held in memory.

    Args:
        contract: what the records must be.
        labels: what is said to be wrong.
        findings: every record that is not valid, and what can't be read.

    Raises:
        InvalidDocumentError: something other than a record can't be read.
    """
    missing = object()
    expected, actual = iter(labels), _grouped(contract, findings)
    label: Any = next(expected, missing)
    found: Any = next(actual, missing)
    while label is not missing or found is not missing:
        if found is missing or (label is not missing and label.place < found[0]):
            if not label.allows("valid"):
                yield Difference(label.place[0], label.place[1], label.id, "valid")
            label = next(expected, missing)
        elif label is missing or found[0] < label.place:
            yield Difference(found[0][0], found[0][1], "valid", found[1])
            found = next(actual, missing)
        else:
            if not label.allows(found[1]):
                yield Difference(label.place[0], label.place[1], label.id, found[1])
            label, found = next(expected, missing), next(actual, missing)


def _grouped(contract: Contract, findings: Iterable[Finding]) -> Iterator[tuple[Place, str]]:
    for place, group in itertools.groupby(findings, _place):
        verdicts = [_verdict(contract, finding) for finding in group]
        yield place, "; ".join(verdicts)


def _place(finding: Finding) -> Place:
    if isinstance(finding, Record):
        return PurePath(finding.source).name, finding.number
    source, _, number = finding.source.rpartition(":")
    if not number.isdecimal():
        raise finding
    return PurePath(source).name, int(number)


def _verdict(contract: Contract, finding: Finding) -> str:
    if not isinstance(finding, Record):
        return _UNREADABLE
    return "; ".join(_fault(each.pointer, each.keyword) for each in contract.check(finding.value)) or "valid"


def _fault(pointer: str, keyword: str) -> str:
    return f"{pointer or '/'} {keyword}"
