"""The plan of proxy sessions as columns: a block of NDJSON at once, byte for byte what the dictionaries would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson

from chime_fixtures.sampling import random_bits, timestamps
from chime_fixtures.sampling.frame import Frame
from chime_fixtures.sampling.timestamps import PARTS, Array, Calendar, blank, table
from chime_fixtures.sessions import plan as sessions
from chime_fixtures.sessions.tables import CLOSED, NUMBERED, PERSON, STICKY, Tables

ROWS = 32 * random_bits.BLOCK
"""Records of a block: enough to hide the cost of a call, few enough to stay in the cache."""

_FORMATS = {"Q": "<u8", "I": "<u4", "H": "<u2", "B": "u1", "16s": "V16"}
_BITS = np.dtype([(name, _FORMATS[form]) for name, form in random_bits.FIELDS] + [("unused", "V12")])


def _escaped(values: Sequence[str]) -> Array:
    return table([orjson.dumps(value)[1:-1] for value in values])


_ENDED = b'","EndedTimestamp":"'
_HEX = table([b"%04x" % each for each in range(65_536)])
_NUMBERS = table([b"%05d" % (each + 10_000) for each in range(65_536)])


def uuids(quarters: Array) -> Array:
    """UUIDs of version 4 as text, of eight numbers of 16 random bits each."""
    quarters = quarters.astype(np.uint16)
    quarters[:, 3] = quarters[:, 3] & 0x0FFF | 0x4000
    quarters[:, 4] = quarters[:, 4] & 0x0FFF | 0xA000
    digits = _HEX.take(quarters).view(np.uint8).reshape(-1, 32)
    text = np.full((len(digits), 36), ord("-"), np.uint8)
    for first, last, place in ((0, 8, 0), (8, 12, 9), (12, 16, 14), (16, 20, 19), (20, 32, 24)):
        text[:, place : place + last - first] = digits[:, first:last]
    return text.view("V36").ravel()


def fits(tables: Tables) -> bool:
    """Whether there are columns for these tables."""
    return timestamps.fits(tables.start, tables.span)


class Columns:
    """Writes the sessions of a seed as NDJSON, a block at a time; each thread needs one of its own."""

    def __init__(self, tables: Tables, seed: int) -> None:
        self._words = random_bits.reader(seed)
        self._tables = tables
        self._calendar = Calendar(tables.start, tables.span)
        self._taken = {
            "connector": _escaped(tables.connectors),
            "status": _escaped(tables.statuses),
            "minutes": table([b"%d" % each for each in tables.minutes]),
            "capabilities": table([orjson.dumps(each) for each in tables.capabilities]),
            "behavior": _escaped(tables.behaviors),
            "level": _escaped(tables.levels),
        }
        self._subjects, self._firsts, self._seconds = map(_escaped, (tables.subjects, tables.firsts, tables.seconds))
        self._numbers = _escaped(tables.numbers)
        self._where = table([orjson.dumps({"Country": each.country, "AreaCode": each.area}) for each in tables.places])
        self._base = np.array([each.first for each in tables.places], np.uint32)
        self._third = np.array([each.count // 3 for each in tables.places], np.uint32)
        self._life = np.array([each * sessions.MINUTE for each in tables.minutes], np.uint64)
        self._is_closed = np.array([each == CLOSED for each in tables.statuses])
        self._is_sticky = np.array([each == STICKY for each in tables.behaviors])
        self._locale = np.array(tables.locales, np.uint32)
        self._kind = np.array(tables.kinds, np.uint8)
        self._end = table([b"\0" * len(_ENDED), _ENDED])
        self._frame = Frame(ROWS, *self._fields())

    def _fields(self) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
        """The fields of a record, and the text of those that never change."""
        width = {name: rows.dtype.itemsize for name, rows in self._taken.items()}
        phone = self._numbers.dtype.itemsize
        fields: list[Any] = [
            b'{"VoiceConnectorId":"', ("connector", width["connector"]),
            b'","ProxySessionId":"', ("id", 36),
            b'","Name":"', ("subject", self._subjects.dtype.itemsize), ("number", 5), ("blank", 1),
            ("first", self._firsts.dtype.itemsize), ("second", self._seconds.dtype.itemsize),
            b'","Status":"', ("status", width["status"]), b'","ExpiryMinutes":', ("minutes", width["minutes"]),
            b',"Capabilities":', ("capabilities", width["capabilities"]),
            b',"CreatedTimestamp":"', *((f"created_{name}", size) for name, size in PARTS),
            b'","UpdatedTimestamp":"', *((f"updated_{name}", size) for name, size in PARTS),
            ("end", len(_ENDED)), *((f"ended_{name}", size) for name, size in PARTS),
            b'","Participants":[{"PhoneNumber":"', ("phone0", phone), b'","ProxyPhoneNumber":"', ("proxy0", phone),
            b'"},{"PhoneNumber":"', ("phone1", phone), b'","ProxyPhoneNumber":"', ("proxy1", phone),
            b'"}],"NumberSelectionBehavior":"', ("behavior", width["behavior"]),
            b'","GeoMatchLevel":"', ("level", width["level"]),
            b'","GeoMatchParams":', ("where", self._where.dtype.itemsize), b"}\n",
        ]  # fmt: skip
        named = [(f"_{place}", f"V{len(each)}") if isinstance(each, bytes) else (each[0], f"V{each[1]}")
                 for place, each in enumerate(fields)]  # fmt: skip
        return named, {f"_{place}": each for place, each in enumerate(fields) if isinstance(each, bytes)}

    def between(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop`, as lines, a block at a time."""
        while start < stop:
            end = min(stop, start - start % random_bits.BLOCK + ROWS)
            first = start // random_bits.BLOCK
            raw = b"".join([self._words(number) for number in range(first, -(-end // random_bits.BLOCK))])
            bits = np.frombuffer(raw, _BITS)[start - first * random_bits.BLOCK : end - first * random_bits.BLOCK]
            yield self._written(bits)
            start = end

    def _written(self, bits: Any) -> bytes | bytearray:
        block = self._frame.first(len(bits))
        for name, rows in self._taken.items():
            block[name] = rows.take(bits[name])
        self._write_id(block, bits)
        self._write_name(block, bits)
        self._write_times(block, bits)
        self._write_people(block, bits)
        return self._frame.text(len(bits))

    def _write_id(self, block: Array, bits: Any) -> None:
        block["id"] = uuids(np.ascontiguousarray(bits["uid"]).view(">u2").reshape(-1, 8))

    def _write_name(self, block: Array, bits: Any) -> None:
        place, kind = self._locale.take(bits["locale"]), self._kind.take(bits["kind"])
        block["subject"] = self._subjects.take(place * 4 + (bits["subject"] & 3))
        block["number"] = _NUMBERS.take(bits["number"])
        block["blank"] = np.void(b" ")
        block["first"] = self._firsts.take(place * 256 + bits["first"])
        block["second"] = self._seconds.take(place * 256 + bits["second"])
        is_person, is_number = np.flatnonzero(kind == PERSON), np.flatnonzero(kind == NUMBERED)
        for name, without in (("subject", is_person), ("number", is_person), ("blank", is_person)):
            block[name][without] = np.void(block.dtype[name].itemsize)
        for name, without in (("blank", is_number), ("first", is_number), ("second", is_number)):
            block[name][without] = np.void(block.dtype[name].itemsize)

    def _write_times(self, block: Array, bits: Any) -> None:
        at = self._calendar.drawn(bits["created"])
        is_closed, whole = self._is_closed.take(bits["status"]), self._life.take(bits["minutes"])
        lived, moved = bits["lived"].astype(np.uint64), bits["moved"].astype(np.uint64)
        expired = is_closed & (bits["ending"] < sessions.EXPIRED)
        early = ((lived * lived >> 32) * (whole - sessions.LEAST) >> 32) + sessions.LEAST
        length = np.where(expired, whole, early)
        change = np.where(bits["change"] < sessions.CHANGED, moved * length >> 32, 0)
        ended = at + length
        updated = np.where(is_closed & ~expired, ended, at + change)
        for name, moment in (("created", at), ("updated", updated), ("ended", ended)):
            self._calendar.write(block, name, moment)
        block["end"] = self._end.take(is_closed)
        blank(block, "ended", np.flatnonzero(~is_closed))

    def _write_people(self, block: Array, bits: Any) -> None:
        count, pair = np.uint32(len(self._base)), bits["pair"].astype(np.uint32)
        mixed = ((pair * pair >> 18) + np.uint32(self._tables.salt)) * np.uint32(sessions.MIX)
        here = (mixed >> 16) * count >> 16
        there = np.where(mixed & 1, here, (mixed >> 8 & 0xFFFF) * count >> 16)
        base, line, third = self._base.take(here), mixed & 0xFFFF, self._third.take(here)
        away = self._third.take(there)
        mine = third * line >> 16
        own = self._numbers.take(base + third + mine)
        other = self._numbers.take(self._base.take(there) + (away * (line ^ 0x5555) >> 16) + 2 * away)
        chosen = np.where(self._is_sticky.take(bits["behavior"]), third - 1 - mine, third * bits["proxy"] >> 16)
        block["proxy0"] = block["proxy1"] = self._numbers.take(base + chosen)
        is_first = (bits["order"] & 1).astype(bool)
        block["phone0"], block["phone1"] = np.where(is_first, own, other), np.where(is_first, other, own)
        block["where"] = self._where.take(here)
