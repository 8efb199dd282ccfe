"""Faults among valid records: how many in each thousand, which ones, and where, as a function of the seed alone."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import orjson

from chime_fixtures.engine.cases import transplant
from chime_fixtures.engine.contract import Contract, enumerate_violations
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sampling import random_bits
from chime_fixtures.sampling.folder import encode

THOUSAND = 1000
_KEYS = struct.Struct(f"<{THOUSAND}Q")


@dataclass(frozen=True, slots=True)
class Fault:
    """One record that is not as it should be: its number, and what is wrong; `violation` is None for broken JSON."""

    record: int
    id: str
    pointer: str
    keyword: str
    violation: Violation | None = None


class Faults:
    """The faults of a seed.

    Args:
        contract: what is broken.
        seed: the same one breaks the same records.
        invalid: the share of records that break one constraint.
        malformed: the share of lines that are no JSON, or JSON that misleads readers.
        keeps: whether the format of the files can hold an instance; violations that it can't hold are left out.

    Attributes:
        left_out: the ids of the violations that the format can't hold.
    """

    def __init__(
        self,
        contract: Contract,
        seed: int,
        *,
        invalid: Fraction = Fraction(0),
        malformed: Fraction = Fraction(0),
        keeps: Callable[[Any], bool] = lambda instance: True,
    ) -> None:
        self._contract = contract
        self._seed = seed
        self._shares = invalid, malformed
        every = enumerate_violations(contract, contested=False) if invalid else ()
        held = [violation for violation in every if keeps(violation.instance)]
        self.left_out = tuple(violation.id for violation in every if violation not in held)
        keys = random_bits.salt(seed, "catalogue", 8 * len(held))
        order = sorted(range(len(held)), key=lambda index: keys[8 * index : 8 * index + 8])
        self._catalogue = [held[index] for index in order]

    def __bool__(self) -> bool:
        return any(self._shares)

    def between(self, start: int, stop: int) -> Iterator[Fault]:
        """The faults from record `start` up to `stop`, in order."""
        for thousand in range(start // THOUSAND, -(-stop // THOUSAND)):
            for fault in self._in_thousand(thousand):
                if start <= fault.record < stop:
                    yield fault

    def _in_thousand(self, thousand: int) -> list[Fault]:
        keys = _KEYS.unpack(random_bits.salt(self._seed, f"faults {thousand}", _KEYS.size))
        places = iter(sorted(range(THOUSAND), key=keys.__getitem__))
        found = []
        for share, make in zip(self._shares, (self._broken, self._malformed), strict=True):
            # Whole faults only: what a share leaves over comes in a later thousand.
            first, last = int(thousand * THOUSAND * share), int((thousand + 1) * THOUSAND * share)
            numbers = zip(range(first, last), places, strict=False)
            found += [make(number, thousand * THOUSAND + place) for number, place in numbers]
        return sorted((fault for fault in found if fault is not None), key=lambda fault: fault.record)

    def _broken(self, number: int, record: int) -> Fault | None:
        if not self._catalogue:
            return None
        violation = self._catalogue[number % len(self._catalogue)]
        return Fault(record, violation.id, violation.pointer, violation.keyword, violation)

    def _malformed(self, number: int, record: int) -> Fault:
        name = list(MALFORMED)[number % len(MALFORMED)]
        return Fault(record, f"syntax.{name}", "", "")

    def put(self, fault: Fault, record: Any) -> Any:
        """The record with the fault in it."""
        assert fault.violation is not None
        return transplant(self._contract.validators, fault.violation, record).instance


def _cut(text: bytes) -> bytes:
    return text[: len(text) // 2] if text[:1] in b"{[" and len(text) > 3 else b"[" + text


def _duplicate(text: bytes) -> bytes:
    value = orjson.loads(text)
    if not isinstance(value, dict) or not value:
        return b'{"a":1,"a":2}'
    return text[:-1] + b"," + orjson.dumps(next(iter(value))) + b":null}"


MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "encoding": lambda text: text[:-1] + b" \xe9" + text[-1:],
    "bom": lambda text: b"\xef\xbb\xbf" + text,
    "blank": lambda text: b"",
    "nan": lambda text: b'{"NaN":NaN' + (b"," + text[1:] if text[:1] == b"{" and len(text) > 2 else b"}"),
    "duplicate-key": _duplicate,
}
"""What is done to a line, by the last part of the label."""


def spoiled(chunk: bytes, faults: Sequence[Fault], start: int, into: Faults) -> bytes:
    """The lines of the records from `start` on, with the faults in them."""
    rows = chunk.split(b"\n")
    for fault in faults:
        text = rows[fault.record - start]
        if fault.violation is None:
            rows[fault.record - start] = MALFORMED[fault.id.partition(".")[2]](text)
        else:
            rows[fault.record - start] = encode(into.put(fault, json.loads(text)))[:-1]
    return b"\n".join(rows)
