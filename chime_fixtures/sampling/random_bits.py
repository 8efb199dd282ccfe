"""The random words of a record: a pure function of the seed and the record's number, the same for every back end.

One extendable hash gives the words of a block of 64 records. Each leaf of a record has bits of its own at a fixed
place, so that a new leaf reshuffles no other one.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from typing import Any

PLAN_VERSION = "1"
"""Goes into the words and into every manifest: another one means other records."""

BLOCK = 64
"""Records that share one hash."""

FIELDS = (
    ("created", "Q"),
    ("uid", "16s"),
    ("lived", "I"),
    ("moved", "I"),
    ("pair", "H"),
    ("proxy", "H"),
    ("number", "H"),
    *(
        (name, "B")
        for name in ("status", "minutes", "capabilities", "behavior", "level", "connector", "locale", "kind")
    ),
    *((name, "B") for name in ("subject", "first", "second", "ending", "change", "order")),
)
"""Every leaf's bits, by name and format of `struct`, lowest byte first."""

_RECORD = struct.Struct("<" + "".join(form for _, form in FIELDS) + "12x")
SIZE = _RECORD.size
"""Bytes of one record."""


_COLUMN = 256
_FORMS = {2: "H", 4: "I", 8: "Q"}


def reader(seed: int) -> Callable[[int], bytes]:
    """What gives the words of a block by its number."""
    base = hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} ".encode())

    def block(number: int) -> bytes:
        state = base.copy()
        state.update(number.to_bytes(16, "little"))
        return state.digest(BLOCK * SIZE)

    return block


def rows(seed: int, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
    """The bits of each record from `start` up to `stop`, in the order of `FIELDS`."""
    block = reader(seed)
    for number in range(start // BLOCK, -(-stop // BLOCK)):
        first = number * BLOCK
        words = block(number)
        if first < start or first + BLOCK > stop:
            words = words[(max(start, first) - first) * SIZE : (min(stop, first + BLOCK) - first) * SIZE]
        yield from _RECORD.iter_unpack(words)


class Column:
    """The random words of one part of the records of any schema, by the way to the part.

    Args:
        seed: the same one gives the same words.
        way: which part; no other part's words depend on it.
        size: bytes of a word: 2, 4, 8, or more, that are no number.
    """

    def __init__(self, seed: int, way: str, size: int) -> None:
        self._base = hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} {size} {way}\0".encode())
        self.size = size

    def raw(self, start: int, stop: int) -> bytes:
        """The words of the records from `start` up to `stop`, lowest byte first."""
        first = start // _COLUMN
        blocks = []
        for number in range(first, -(-stop // _COLUMN)):
            state = self._base.copy()
            state.update(number.to_bytes(16, "little"))
            blocks.append(state.digest(_COLUMN * self.size))
        return b"".join(blocks)[(start - first * _COLUMN) * self.size : (stop - first * _COLUMN) * self.size]

    def numbers(self, start: int, stop: int) -> tuple[int, ...]:
        """The same as numbers."""
        return struct.unpack(f"<{stop - start}{_FORMS[self.size]}", self.raw(start, stop))


def salt(seed: int, purpose: str, size: int) -> bytes:
    """Bytes that hold for all records of a seed."""
    return hashlib.shake_128(f"chime-fixtures {PLAN_VERSION} {seed} {purpose}".encode()).digest(size)
