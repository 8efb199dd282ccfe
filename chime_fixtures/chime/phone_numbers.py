"""Proxy numbers: chosen by country and area code, only from ranges that are reserved for fiction."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime import data

# Which country a number belongs to is knowledge of telephony; the ranges themselves are data.
_CALLING_CODES = {"+33": "FR", "+353": "IE", "+44": "GB", "+46": "SE", "+47": "NO", "+49": "DE", "+61": "AU"}


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Consecutive numbers of one country, and of one area where the numbering plan has areas."""

    country: str
    area: str
    first: int
    count: int


class Pool:
    """All fictitious numbers that fit a wish, in a fixed order."""

    def __init__(self, blocks: Sequence[NumberRange]) -> None:
        self._blocks = blocks
        self._ends = list(itertools.accumulate(block.count for block in blocks))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> str:
        place = bisect.bisect_right(self._ends, index)
        block = self._blocks[place]
        return f"+{block.first + index - (self._ends[place] - block.count)}"

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            for number in range(block.first, block.first + block.count):
                yield f"+{number}"

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, str) or not number.removeprefix("+").isdecimal():
            return False
        value = int(number)
        return any(block.first <= value < block.first + block.count for block in self._blocks)

    def first_free(self, start: int, taken: Collection[str]) -> str | None:
        """The first number from index `start` on, round the end, that is not taken; None when all are."""
        size = len(self)
        for step in range(min(size, len(taken) + 1)):
            number = self[(start + step) % size]
            if number not in taken:
                return number
        return None


@functools.cache
def pool(countries: tuple[str, ...], area: str = "") -> Pool:
    """The numbers of these countries, of one area code if it is not empty; the pool may be empty."""
    return Pool([block for block in _blocks() if block.country in countries and area in ("", block.area)])


@functools.cache
def countries() -> tuple[str, ...]:
    """The countries that have numbers for fiction, the recommended default first."""
    return tuple(dict.fromkeys(block.country for block in _blocks()))


@functools.cache
def areas(country: str) -> tuple[str, ...]:
    """The area codes of a country that have numbers for fiction; one empty code where its plan has no areas."""
    return tuple(dict.fromkeys(block.area for block in _blocks() if block.country == country))


def country_and_area_code(number: str) -> tuple[str, str]:
    """The country and the area code of a telephone number; empty where unknown, the area known only under ``+1``."""
    digits = "+" + number.removeprefix("+")
    if digits.startswith("+1"):
        area = digits[2:5]
        return ("CA" if area in _canadian_areas() else "US"), area
    for length in (4, 3):
        if digits[:length] in _CALLING_CODES:
            return _CALLING_CODES[digits[:length]], ""
    return "", ""


@functools.cache
def _canadian_areas() -> frozenset[str]:
    return frozenset(block.area for block in _blocks() if block.country == "CA")


@functools.cache
def _blocks() -> tuple[NumberRange, ...]:
    rows: list[dict[str, Any]] = data.load("fictitious-ranges")["ranges"]
    return tuple(itertools.chain.from_iterable(map(_blocks_of, rows)))


def _blocks_of(row: dict[str, Any]) -> list[NumberRange]:
    country = row["country"]
    if "area_codes" in row:
        head, _, span = row["format"].rstrip("}").rpartition("{")
        first, _, last = span.partition("..")
        count = int(last) - int(first) + 1
        return [NumberRange(country, area, int(head.format(area_code=area) + first), count) for area in row["area_codes"]]
    if "numbers" in row:
        return [NumberRange(country, "", int(number), 1) for number in row["numbers"]]
    return [NumberRange(country, "", int(row["first"]), int(row["last"]) - int(row["first"]) + 1)]
