"""Instants of RFC 3339 as exact numbers, beyond the range of `datetime`: the reference for all checks of time."""

from __future__ import annotations

import calendar
import re
from datetime import date
from fractions import Fraction

TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
CYCLE = 400 * 365 + 97
"""Days after which the Gregorian calendar repeats."""


def instant(text: str) -> Fraction:
    """Seconds since 1970; raises ValueError if the text is not an instant."""
    found = TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    if hour > 23 or minute > 59 or second > 59 or int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError(text)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year + 400, month)[1]:
        raise ValueError(text)
    days = date(year + 400, month, day).toordinal() - CYCLE if year < 1 else date(year, month, day).toordinal()
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * (-1 if sign == "-" else 1)
    whole = (days - date(1970, 1, 1).toordinal()) * 86400 + hour * 3600 + (minute - offset) * 60 + second
    return whole + Fraction(int(fraction or 0), 10 ** len(fraction or ""))


def instants(session: dict[str, str]) -> dict[str, Fraction]:
    """The instants of a session, by member."""
    members = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")
    return {member: instant(session[member]) for member in members if member in session}
