"""The joint leaves of a session as arrays: names, timestamps, and telephone numbers with their area.

The arithmetic is that of `plan.session_builder`, for many records at once; a test compares every byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chime_fixtures.sampling.plan import MINUTE_MS
from chime_fixtures.sampling.random_bits import RecordBits
from chime_fixtures.sampling.timestamps import Array, high_product
from chime_fixtures.sessions.plan import (
    BIT_BYTES,
    BIT_FIELDS,
    EXPIRED_PER_256,
    HASH_FACTOR,
    MIN_LIFETIME_MS,
    NAME_NUMBERS,
    UPDATED_PER_256,
)
from chime_fixtures.sessions.tables import CLOSED, FULL, NUMBERED, PERSON, PREFER_STICKY, SessionTables

_FORMATS = {"Q": "<u8", "I": "<u4", "H": "<u2", "B": "u1", "16s": "V16"}
_FIELDS = [(name, _FORMATS[form]) for name, form in BIT_FIELDS]
_RECORD = np.dtype([*_FIELDS, ("unused", f"V{BIT_BYTES - np.dtype(_FIELDS).itemsize}")])


class SessionDraws:
    """Draws of the joint leaves of sessions: table rows, and milliseconds from the start of the span."""

    def __init__(self, tables: SessionTables, bits: RecordBits) -> None:
        self._bits = bits
        self._span = tables.span
        self._salt = np.uint32(tables.salt)
        self._first = np.array([area.first for area in tables.areas], np.uint32)
        self._third = np.array([area.count // 3 for area in tables.areas], np.uint32)
        self._lifetime = np.array([minutes * MINUTE_MS for minutes in tables.minutes], np.uint64)
        self._is_closed = np.array([status == CLOSED for status in tables.statuses])
        self._is_sticky = np.array([behavior == PREFER_STICKY for behavior in tables.behaviors])
        self._locale = np.array(tables.locales, np.intp)
        self._kind = np.array(tables.kinds, np.uint8)
        self._sizes = len(tables.subjects), len(NAME_NUMBERS), len(tables.firsts), len(tables.seconds)
        self._last: tuple[tuple[int, int], Mapping[str, Array]] = (0, 0), {}

    def draw(self, start: int, stop: int) -> Mapping[str, Array]:
        """The arrays of all leaves for the records from `start` up to `stop`; the last slice is kept."""
        bounds, drawn = self._last
        if bounds != (start, stop) or not drawn:
            bits = np.frombuffer(self._bits.raw(start, stop), _RECORD)
            drawn = self._names(bits) | self._timestamps(bits) | self._numbers(bits)
            self._last = (start, stop), drawn
        return drawn

    def _names(self, bits: Any) -> dict[str, Array]:
        """The rows of the pieces of a name; for an empty piece, the row after the table's last one."""
        locale, kind = self._locale.take(bits["locale"]), self._kind.take(bits["kind"])
        is_person, is_numbered = kind == PERSON, kind == NUMBERED
        subjects, numbers, firsts, seconds = self._sizes
        return {
            "subject": _with_empty_rows(locale * 4 + (bits["subject"] & 3), is_person, subjects),
            "name_number": _with_empty_rows(bits["number"].astype(np.intp), is_person, numbers),
            # The second half of the table has a space before each first part, for names that begin with a number.
            "first": _with_empty_rows(locale * 256 + bits["first"] + (kind == FULL) * firsts, is_numbered, 2 * firsts),
            "second": _with_empty_rows(locale * 256 + bits["second"], is_numbered, seconds),
        }

    def _timestamps(self, bits: Any) -> dict[str, Array]:
        created = high_product(bits["created"], self._span)
        is_closed, whole = self._is_closed.take(bits["status"]), self._lifetime.take(bits["minutes"])
        lived, moved = bits["lived"].astype(np.uint64), bits["moved"].astype(np.uint64)
        is_expired = is_closed & (bits["ending"] < EXPIRED_PER_256)
        early = ((lived * lived >> 32) * (whole - MIN_LIFETIME_MS) >> 32) + MIN_LIFETIME_MS
        length = np.where(is_expired, whole, early)
        change = np.where(bits["change"] < UPDATED_PER_256, moved * length >> 32, 0)
        ended = created + length
        return {
            "created": created,
            "updated": np.where(is_closed & ~is_expired, ended, created + change),
            "ended": ended,
            "is_closed": is_closed,
        }

    def _numbers(self, bits: Any) -> dict[str, Array]:
        count, pair = np.uint32(len(self._first)), bits["pair"].astype(np.uint32)
        mixed = ((pair * pair >> 18) + self._salt) * np.uint32(HASH_FACTOR)
        area = (mixed >> 16) * count >> 16
        other_area = np.where(mixed & 1, area, (mixed >> 8 & 0xFFFF) * count >> 16)
        first, line, third = self._first.take(area), mixed & 0xFFFF, self._third.take(area)
        other_third = self._third.take(other_area)
        offset = third * line >> 16
        own = first + third + offset
        other = self._first.take(other_area) + (other_third * (line ^ 0x5555) >> 16) + 2 * other_third
        is_sticky = self._is_sticky.take(bits["behavior"])
        is_first = (bits["order"] & 1).astype(bool)
        return {
            "area": area,
            "number_0": np.where(is_first, own, other),
            "number_1": np.where(is_first, other, own),
            "proxy_number": first + np.where(is_sticky, third - 1 - offset, third * bits["proxy"] >> 16),
        }


def _with_empty_rows(rows: Array, mask: Array, empty: int) -> Array:
    np.putmask(rows, mask, empty)
    return rows
