"""Instants as columns of text: tables of days, minutes and seconds, and arithmetic that 64 bits have no room for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from chime_fixtures.sessions.plan import DAY

MOST_DAYS = 36_600
"""A longer span has no table of its days, and so no columns; nor has one that begins before 1970."""

PARTS = ("date", 10), ("minute", 7), ("second", 7)
"""The fields of an instant, and how long each is."""

Array = np.ndarray[Any, Any]


def table(texts: Sequence[bytes]) -> Array:
    """A table of texts, each filled up with NUL."""
    width = max(1, *map(len, texts))
    return np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), f"V{width}")


_MINUTES = table([b"T%02d:%02d:" % divmod(minute, 60) for minute in range(1440)])
_SECONDS = table([b"%02d.%03dZ" % divmod(each, 1000) for each in range(60_000)])


def fits(start: int, span: int) -> bool:
    """Whether there are columns for instants of a span; both in milliseconds."""
    return start >= 0 and span <= MOST_DAYS * DAY


class Calendar:
    """Draws and writes the instants of a span.

    Args:
        start: milliseconds since 1970.
        span: how many milliseconds there are to draw from; what is written may be up to two days later.
    """

    def __init__(self, start: int, span: int) -> None:
        self._span = span
        self._offset = start % DAY
        epoch = dt.date(1970, 1, 1).toordinal() + start // DAY
        days = (self._offset + span) // DAY + 3
        self._dates = table([dt.date.fromordinal(epoch + day).isoformat().encode() for day in range(days)])

    def drawn(self, words: Any) -> Array:
        """Milliseconds since the first day began: the high half of a product of 128 bits, put together from halves."""
        span, low = self._span, np.uint64(0xFFFFFFFF)
        high, rest = words >> 32, words & low
        part = high * np.uint64(span & 0xFFFFFFFF) + (rest * np.uint64(span & 0xFFFFFFFF) >> 32)
        upper = np.uint64(span >> 32)
        offset = high * upper + (part >> 32) + ((part & low) + rest * upper >> 32)
        return np.asarray(offset + np.uint64(self._offset))

    def write(self, block: Array, name: str, moments: Array) -> None:
        """Put instants into the three fields of a name."""
        day = moments // DAY
        rest = (moments - day * DAY).astype(np.uint32)
        minute = rest // np.uint32(60_000)
        block[f"{name}_date"] = self._dates.take(day)
        block[f"{name}_minute"] = _MINUTES.take(minute)
        block[f"{name}_second"] = _SECONDS.take(rest - minute * np.uint32(60_000))


def blank(block: Array, name: str, rows: Array) -> None:
    """Leave the instants of a name out in some rows."""
    for part, size in PARTS:
        block[f"{name}_{part}"][rows] = np.void(size)
