"""Faults in a sample: invalid records and malformed lines at positions that depend only on the seed."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import orjson

from chime_fixtures.engine.cases import CatalogueEntry, transplant
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sampling import random_bits
from chime_fixtures.sampling.json_text import encode

BLOCK_RECORDS = 1000
"""A share is exact in each block of records."""
_SORT_KEYS = struct.Struct(f"<{BLOCK_RECORDS}Q")


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault of one record: its label, and the violation; None for a malformed line."""

    record: int
    id: str
    pointer: str
    keyword: str
    violation: Violation | None = None


class FaultInjector:
    """The faults of a sample, and their injection into its records.

    Args:
        contract: the contract that invalid records violate.
        seed: the same seed gives the same faults.
        invalid: the share of records that violate one constraint.
        malformed: the share of lines that are not JSON, or JSON that parsers often misread.
        can_hold: True for an instance that the file format can hold; other violations are omitted.

    Attributes:
        omitted: the ids of the violations that the file format can't hold.
    """

    def __init__(
        self,
        contract: Contract,
        seed: int,
        *,
        invalid: Fraction = Fraction(0),
        malformed: Fraction = Fraction(0),
        can_hold: Callable[[Any], bool] = lambda instance: True,
    ) -> None:
        self._contract = contract
        self._seed = seed
        self._shares = invalid, malformed
        omitted: list[str] = []
        usable: list[CatalogueEntry] = []
        for entry in contract.catalogue.select(contested=False) if invalid else ():
            if can_hold(entry.shared.instance):
                usable.append(entry)
            else:
                omitted.append(entry.label.id)
        self.omitted = tuple(omitted)
        keys = random_bits.seeded_bytes(seed, "catalogue", 8 * len(usable))
        order = sorted(range(len(usable)), key=lambda index: keys[8 * index : 8 * index + 8])
        self._violations = [usable[index] for index in order]

    def __bool__(self) -> bool:
        return any(self._shares)

    def between(self, start: int, stop: int) -> Iterator[Fault]:
        """Yield the faults of the records from `start` up to `stop` in order."""
        for block in range(start // BLOCK_RECORDS, -(-stop // BLOCK_RECORDS)):
            for fault in self._in_block(block):
                if start <= fault.record < stop:
                    yield fault

    def _in_block(self, block: int) -> list[Fault]:
        keys = _SORT_KEYS.unpack(random_bits.seeded_bytes(self._seed, f"faults {block}", _SORT_KEYS.size))
        positions = iter(sorted(range(BLOCK_RECORDS), key=keys.__getitem__))
        faults: list[Fault | None] = []
        for share, fault_of in zip(self._shares, (self._invalid, self._malformed), strict=True):
            # Only whole faults: the remaining fraction is carried over to a later block.
            first, last = int(block * BLOCK_RECORDS * share), int((block + 1) * BLOCK_RECORDS * share)
            numbers = zip(range(first, last), positions, strict=False)
            faults += [fault_of(number, block * BLOCK_RECORDS + position) for number, position in numbers]
        return sorted((fault for fault in faults if fault is not None), key=lambda fault: fault.record)

    def _invalid(self, number: int, record: int) -> Fault | None:
        if not self._violations:
            return None
        violation = self._violations[number % len(self._violations)].shared
        return Fault(record, violation.id, violation.pointer, violation.keyword, violation)

    def _malformed(self, number: int, record: int) -> Fault:
        name = list(MALFORMATIONS)[number % len(MALFORMATIONS)]
        return Fault(record, f"syntax.{name}", "", "")

    def inject(self, fault: Fault, record: Any) -> Any:
        """The record with the violation of the fault."""
        assert fault.violation is not None
        return transplant(self._contract.validators, fault.violation, record).instance

    def inject_lines(self, chunk: bytes, faults: Sequence[Fault], start: int) -> bytes:
        """A chunk of lines, whose first record is number `start`, with the faults."""
        lines = chunk.split(b"\n")
        for fault in faults:
            line = lines[fault.record - start]
            if fault.violation is None:
                lines[fault.record - start] = MALFORMATIONS[fault.id.partition(".")[2]](line)
            else:
                lines[fault.record - start] = encode(self.inject(fault, json.loads(line)))[:-1]
        return b"\n".join(lines)


def _cut(line: bytes) -> bytes:
    return line[: len(line) // 2] if line[:1] in b"{[" and len(line) > 3 else b"[" + line


def _duplicate_key(line: bytes) -> bytes:
    value = orjson.loads(line)
    if not isinstance(value, dict) or not value:
        return b'{"a":1,"a":2}'
    return line[:-1] + b"," + orjson.dumps(next(iter(value))) + b":null}"


MALFORMATIONS: dict[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "encoding": lambda line: line[:-1] + b" \xe9" + line[-1:],
    "bom": lambda line: b"\xef\xbb\xbf" + line,
    "blank": lambda line: b"",
    "nan": lambda line: b'{"NaN":NaN' + (b"," + line[1:] if line[:1] == b"{" and len(line) > 2 else b"}"),
    "duplicate-key": _duplicate_key,
}
"""Functions that malform a line, by the last part of the label's id."""
