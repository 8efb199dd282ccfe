"""How counts, instants, shares and shards are written on the command line."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

import click

_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}
_MOST = 10**12
_EXACT = Context(traps=[Inexact])
_MOST_SHARE_CHARACTERS = 60
_FAR_EXPONENT = re.compile(r"e[+-]?\d[\d_]{2}", re.IGNORECASE)


def count(text: str) -> int:
    """A whole number: 1000, 1_000, 10M, 1e9."""
    plain = text.replace("_", "").lower()
    unit = _UNITS.get(plain[-1:], 1)
    try:
        number = Decimal(plain[:-1] if unit > 1 else plain)
        # What is far beyond the range would overflow, and what is next to nothing would be rounded to 0.
        if number.is_finite() and 0 <= number <= _MOST:
            number = _EXACT.multiply(number, Decimal(unit))
    except (InvalidOperation, Inexact):
        number = Decimal("nan")
    if not number.is_finite() or number != number.to_integral_value():
        raise click.BadParameter(f"{text!r} is no whole number: write 1000, 1_000, 10M or 1e9")
    if not 0 <= number <= _MOST:
        raise click.BadParameter(f"{text} is not in the range 0 to 1e12")
    return int(number)


def part_size(text: str) -> int:
    """A whole number of records that a file holds."""
    found = count(text)
    if not found:
        raise click.BadParameter("a file holds at least one record")
    return found


def instant(text: str) -> dt.datetime:
    """An instant, in UTC where no zone is named."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no instant: write 2026-01-01 or 2026-01-01T12:00:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)


def share(text: str) -> Fraction:
    """A share of one."""
    # A fraction has all digits of 1e-9999999, which takes its time, and no manifest can hold them.
    if len(text) > _MOST_SHARE_CHARACTERS or _FAR_EXPONENT.search(text):
        raise click.BadParameter(f"{text[:_MOST_SHARE_CHARACTERS]!r} has too many digits for a share: write 0.02")
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{text!r} is no share: write 0.02") from None
    if not 0 <= found <= 1:
        raise click.BadParameter(f"{text} is not in the range 0 to 1")
    return found


def shard(text: str) -> tuple[int, int]:
    """The number of a shard, from 1, and how many there are."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(f"{text!r} is no shard: write 3/16 for the third of sixteen")
    return int(number), int(of)
