"""Parsers for option values: counts, timestamps, shares of records, shards."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from pathlib import Path

import click

_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}
_EXACT = Context(traps=[Inexact])
_THREE_DIGIT_EXPONENT = re.compile(r"e[+-]?\d[\d_]{2}", re.IGNORECASE)
_CUT_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")
"""A URL with one slash; a drive has one letter."""

MAX_COUNT = 10**12
"""The maximum number of records in one sample."""

MAX_SHARE_CHARACTERS = 60
"""The maximum length of a share: `Fraction` would compute millions of digits of 1e-9999999 for the manifest."""


def count(text: str) -> int:
    """A whole number: 1000, 1_000, 10M, 1e9."""
    plain = text.replace("_", "").lower()
    unit = _UNITS.get(plain[-1:], 1)
    try:
        number = Decimal(plain[:-1] if unit > 1 else plain)
        # A number far beyond the range would overflow, and one near 0 would be rounded to it.
        if number.is_finite() and 0 <= number <= MAX_COUNT:
            number = _EXACT.multiply(number, Decimal(unit))
    except (InvalidOperation, Inexact):
        number = Decimal("nan")
    if not number.is_finite() or number != number.to_integral_value():
        raise click.BadParameter(f"{text!r} is not a whole number; write 1000, 1_000, 10M or 1e9")
    if not 0 <= number <= MAX_COUNT:
        raise click.BadParameter(f"{text} is not in the range 0 to 1e12")
    return int(number)


def destination(text: str) -> str:
    """A file, a URL of a file for fsspec, or ``-`` for standard output."""
    _check_scheme(text)
    if Path(text).is_dir():
        raise click.BadParameter(f"{text!r} is a folder; name a file in it, or pass --output-dir")
    return text


def file(text: str) -> str:
    """A file, a URL of a file for fsspec, or ``-`` for standard output, of a command that writes one file."""
    _check_scheme(text)
    if Path(text).is_dir():
        raise click.BadParameter(f"{text!r} is a folder; name a file in it")
    return text


def folder(text: str) -> str:
    """A folder, or its URL for fsspec."""
    if text in {"", "-"}:
        raise click.BadParameter(f"{text!r} is not a folder; for standard output, leave out --output-dir")
    _check_scheme(text)
    return text


def _check_scheme(text: str) -> None:
    match = _CUT_SCHEME.match(text)
    if match:
        remedy = f"write {match[1]}://{text[match.end() :]}, or ./{text} for a local path"
        raise click.BadParameter(f"{text!r} is not a URL; {remedy}")


def part_size(text: str) -> int:
    """A whole number of records in one file."""
    size = count(text)
    if not size:
        raise click.BadParameter("a part must have at least 1 record, not 0")
    return size


def timestamp(text: str) -> dt.datetime:
    """An ISO 8601 date or timestamp, in UTC if it has no offset."""
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not an ISO 8601 timestamp; write 2026-01-01 or 2026-01-01T12:00:00Z"
        raise click.BadParameter(message) from None
    return value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)


def share(text: str) -> Fraction:
    """A share of the records, from 0 to 1."""
    if len(text) > MAX_SHARE_CHARACTERS or _THREE_DIGIT_EXPONENT.search(text):
        raise click.BadParameter(f"{text[:MAX_SHARE_CHARACTERS]!r} has too many digits for a share; write 0.02")
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{text!r} is not a share; write 0.02") from None
    if not 0 <= value <= 1:
        raise click.BadParameter(f"{text} is not in the range 0 to 1")
    return value


def shard(text: str) -> tuple[int, int]:
    """The number of a shard, from 1, and the number of shards: 3/16."""
    number, _, total = text.partition("/")
    if not (number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total)):
        raise click.BadParameter(f"{text!r} is not a shard; write 3/16 for the third of sixteen")
    return int(number), int(total)
