"""Notations of one instant in RFC 3339: offsets from UTC, and digits of the fraction of a second."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from chime_fixtures.chime.representations import parse_rfc3339

MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
"""Differences in nanoseconds."""

Unit = Literal["second", "day", "year", "autumn"]
"""A unit whose beginning is the instant of a relation; ``autumn`` begins when clocks are set back in New York."""

_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Notation:
    """The form of a timestamp.

    Attributes:
        zone: ``Z``, or the offset from UTC, as ``+05:30``.
        digits: the number of digits of the fraction of a second, at most nine; further digits are cut off.
    """

    zone: str = "Z"
    digits: int = 3

    @property
    def offset(self) -> dt.timedelta:
        """The offset from UTC."""
        match = _OFFSET.fullmatch(self.zone)
        if match is None:
            return dt.timedelta()
        sign, hours, minutes = match.groups()
        return dt.timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)


def rfc3339(moment: dt.datetime, nanoseconds: int, notation: Notation) -> str:
    """The timestamp some nanoseconds after a moment.

    Raises:
        OverflowError: the local time is outside the calendar.
    """
    seconds, rest = divmod(moment.microsecond * MICROSECOND + nanoseconds, SECOND)
    later = moment.replace(microsecond=0) + dt.timedelta(seconds=seconds)
    local = later.astimezone(dt.timezone(notation.offset)).replace(tzinfo=None)
    fraction = f".{rest:09d}"[: notation.digits + 1] if notation.digits else ""
    return local.isoformat() + fraction + notation.zone


def moved(text: str, nanoseconds: int, notation: Notation) -> str | None:
    """A timestamp moved by a difference, in a notation; None if it is not one, or would be outside the calendar."""
    moment = parse_rfc3339(text)
    try:
        return None if moment is None else rfc3339(moment, nanoseconds, notation)
    except OverflowError:
        return None


def floored(text: str, unit: Unit, notation: Notation) -> str | None:
    """The beginning of the unit of UTC that contains a timestamp, or of its year's autumn; None as for `moved`."""
    moment = parse_rfc3339(text)
    try:
        if moment is None:
            return None
        start = moment.astimezone(dt.UTC).replace(microsecond=0)
        if unit != "second":
            start = start.replace(hour=0, minute=0, second=0)
        if unit == "year":
            start = start.replace(month=1, day=1)
        if unit == "autumn":
            # The first Sunday of November, at two o'clock of daylight saving time.
            november = start.replace(month=11, day=1, hour=6)
            start = november + dt.timedelta(days=6 - november.weekday())
        return rfc3339(start, 0, notation)
    except OverflowError:
        return None
