"""Sets of code points as sorted, disjoint intervals, and the classes that a backslash names in each dialect."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable
from typing import Literal

Intervals = tuple[tuple[int, int], ...]
Dialect = Literal["ecma", "python"]

LAST = 0x10FFFF
EVERYTHING: Intervals = ((0, LAST),)
DIGITS: Intervals = ((0x30, 0x39),)
WORD: Intervals = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
LINE_ENDS: Intervals = ((0xA, 0xA), (0xD, 0xD), (0x2028, 0x2029))
# ECMA 262: WhiteSpace and LineTerminator.
BLANKS: Intervals = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)


def union(parts: Iterable[Intervals]) -> Intervals:
    """All code points of all the sets."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(interval for part in parts for interval in part):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(intervals: Intervals) -> Intervals:
    """All code points that are not in the set."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in union([intervals]):
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return tuple(gaps)


_ECMA = {"d": DIGITS, "w": WORD, "s": BLANKS}

_TESTS: dict[str, Callable[[str], bool]] = {
    "d": lambda char: unicodedata.category(char) == "Nd",
    "s": str.isspace,
    "w": lambda char: char.isalnum() or char == "_",
}


@functools.cache
def _in_python(letter: str) -> Intervals:
    """The code points of which Python's `re` says that they are a digit, a blank or part of a word."""
    test = _TESTS[letter]
    found: list[tuple[int, int]] = []
    for code in range(LAST + 1):
        if test(chr(code)):
            if found and found[-1][1] == code - 1:
                found[-1] = (found[-1][0], code)
            else:
                found.append((code, code))
    return tuple(found)


def named_class(letter: str, dialect: Dialect) -> Intervals:
    r"""What ``\d``, ``\w``, ``\s`` and their capitals stand for."""
    lower = letter.lower()
    members = _in_python(lower) if dialect == "python" else _ECMA[lower]
    return complement(members) if letter.isupper() else members


def dot(dialect: Dialect) -> Intervals:
    """What a full stop stands for: anything but the ends of a line."""
    return complement(((0xA, 0xA),) if dialect == "python" else LINE_ENDS)
