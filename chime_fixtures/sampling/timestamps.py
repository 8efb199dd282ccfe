"""Timestamps as columns of text, from tables of days, minutes and seconds; and the 128-bit product that scales bits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from chime_fixtures.sampling.plan import DAY_MS

MAX_SPAN_DAYS = 36_600
"""A longer span would need too large a table of days."""

TIMESTAMP_FIELDS = ("date", 10), ("minute", 7), ("second", 7)
"""The fields of a timestamp, and the width of each."""

Array = np.ndarray[Any, Any]


def text_table(texts: Sequence[bytes]) -> Array:
    """Texts as an array, each padded with NUL to the longest."""
    width = max(1, *map(len, texts)) if len(texts) > 1 else max(1, len(texts[0]))
    return np.frombuffer(b"".join([text.ljust(width, b"\0") for text in texts]), f"V{width}")


_MINUTES = text_table([b"T%02d:%02d:" % divmod(minute, 60) for minute in range(1440)])
_SECONDS = text_table([b"%02d.%03dZ" % divmod(each, 1000) for each in range(60_000)])


def high_product(bits: Any, factor: int) -> Array:
    """The upper 64 bits of the product of each 64 bits and a factor below 2**64."""
    low = np.uint64(0xFFFFFFFF)
    high, rest = bits >> np.uint64(32), bits & low
    factor_high, factor_low = np.uint64(factor >> 32), np.uint64(factor & 0xFFFFFFFF)
    middle = high * factor_low + (rest * factor_low >> np.uint64(32))
    carry = (middle & low) + rest * factor_high
    return np.asarray(high * factor_high + (middle >> np.uint64(32)) + (carry >> np.uint64(32)))


class TimestampColumns:
    """Writes timestamps of a span into the three fields of a name.

    Args:
        start: milliseconds since 1970.
        span: milliseconds; a timestamp may be up to two days after the span.
    """

    def __init__(self, start: int, span: int) -> None:
        self._offset = np.uint64(start % DAY_MS)
        epoch = dt.date(1970, 1, 1).toordinal() + start // DAY_MS
        days = (start % DAY_MS + span) // DAY_MS + 3
        self._dates = text_table([dt.date.fromordinal(epoch + day).isoformat().encode() for day in range(days)])

    @staticmethod
    def can_write(start: int, span: int) -> bool:
        """True if the span is at most `MAX_SPAN_DAYS` and does not begin before 1970."""
        return start >= 0 and span <= MAX_SPAN_DAYS * DAY_MS

    def write(self, block: Array, name: str, offsets: Array) -> None:
        """Write timestamps, given in milliseconds from the start of the span."""
        moments = offsets + self._offset
        day = moments // DAY_MS
        rest = (moments - day * DAY_MS).astype(np.uint32)
        minute = rest // np.uint32(60_000)
        block[f"{name}_date"] = self._dates.take(day)
        block[f"{name}_minute"] = _MINUTES.take(minute)
        block[f"{name}_second"] = _SECONDS.take(rest - minute * np.uint32(60_000))

    @staticmethod
    def clear(block: Array, name: str, rows: Array) -> None:
        """Remove the timestamps of some rows."""
        for field, size in TIMESTAMP_FIELDS:
            block[f"{name}_{field}"][rows] = np.void(size)
