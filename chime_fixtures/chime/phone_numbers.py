"""Fictitious telephone numbers by country and area code: only from ranges that are reserved for fiction."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime import data

_COUNTRY_BY_CALLING_CODE = {
    "+33": "FR",
    "+353": "IE",
    "+44": "GB",
    "+46": "SE",
    "+47": "NO",
    "+49": "DE",
    "+61": "AU",
}
"""The countries with reserved ranges; the ranges are in the package data."""


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Consecutive numbers of one country, and of one area code if the numbering plan has area codes."""

    country: str
    area_code: str
    first: int
    count: int


class Pool:
    """All fictitious numbers of some countries and an area code, in a fixed order."""

    def __init__(self, ranges: Sequence[NumberRange]) -> None:
        self._ranges = ranges
        self._ends = list(itertools.accumulate(each.count for each in ranges))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> str:
        position = bisect.bisect_right(self._ends, index)
        number_range = self._ranges[position]
        return f"+{number_range.first + index - (self._ends[position] - number_range.count)}"

    def __iter__(self) -> Iterator[str]:
        for each in self._ranges:
            for number in range(each.first, each.first + each.count):
                yield f"+{number}"

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, str) or not number.removeprefix("+").isdecimal():
            return False
        value = int(number)
        return any(each.first <= value < each.first + each.count for each in self._ranges)

    def first_free(self, start: int, taken: Collection[str]) -> str | None:
        """The first number that is not taken, from index `start` on and then from the beginning; None if all are."""
        size = len(self)
        for step in range(min(size, len(taken) + 1)):
            number = self[(start + step) % size]
            if number not in taken:
                return number
        return None


@functools.cache
def pool(countries: tuple[str, ...], area_code: str = "") -> Pool:
    """The numbers of some countries, of one area code unless it is empty; the pool may be empty."""
    return Pool([each for each in _ranges() if each.country in countries and area_code in ("", each.area_code)])


@functools.cache
def countries() -> tuple[str, ...]:
    """The countries that have fictitious numbers, the default one first."""
    return tuple(dict.fromkeys(each.country for each in _ranges()))


@functools.cache
def area_codes(country: str) -> tuple[str, ...]:
    """The area codes of a country that have fictitious numbers; one empty code if its numbering plan has none."""
    return tuple(dict.fromkeys(each.area_code for each in _ranges() if each.country == country))


def country_and_area_code(number: str) -> tuple[str, str]:
    """The country and the area code of a telephone number, both empty if unknown; only ``+1`` has area codes."""
    digits = "+" + number.removeprefix("+")
    if digits.startswith("+1"):
        area_code = digits[2:5]
        return ("CA" if area_code in _canadian_area_codes() else "US"), area_code
    for length in (4, 3):
        if digits[:length] in _COUNTRY_BY_CALLING_CODE:
            return _COUNTRY_BY_CALLING_CODE[digits[:length]], ""
    return "", ""


@functools.cache
def _canadian_area_codes() -> frozenset[str]:
    return frozenset(each.area_code for each in _ranges() if each.country == "CA")


@functools.cache
def _ranges() -> tuple[NumberRange, ...]:
    rows: list[dict[str, Any]] = data.load("fictitious-ranges")["ranges"]
    return tuple(itertools.chain.from_iterable(map(_ranges_of, rows)))


def _ranges_of(row: dict[str, Any]) -> list[NumberRange]:
    country = row["country"]
    if "area_codes" in row:
        head, _, span = row["format"].rstrip("}").rpartition("{")
        first, _, last = span.partition("..")
        count = int(last) - int(first) + 1
        return [
            NumberRange(country, area_code, int(head.format(area_code=area_code) + first), count)
            for area_code in row["area_codes"]
        ]
    if "numbers" in row:
        return [NumberRange(country, "", int(number), 1) for number in row["numbers"]]
    return [NumberRange(country, "", int(row["first"]), int(row["last"]) - int(row["first"]) + 1)]
