"""Sets of code points as sorted, disjoint intervals, and the classes that a backslash names in each reading."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Literal
from unicodedata import category

Intervals = tuple[tuple[int, int], ...]
Dialect = Literal["ecma", "python", "every", "some"]
"""How a pattern is read: as ECMA 262 says; as Python's `re` does; or what every, or some, engine finds with it.

Besides those two, an engine may hold a class for one of Unicode's while it reads the rest as ECMA 262 does:
jsonschema-rs does so in patterns with look-around, and always for ``\\b``.
"""

LAST = 0x10FFFF
_LAST_OF_SCRIPTS = 0x3FFFF
EVERYTHING: Intervals = ((0, LAST),)
DIGITS: Intervals = ((0x30, 0x39),)
WORD: Intervals = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
LINE_ENDS: Intervals = ((0xA, 0xA), (0xD, 0xD), (0x2028, 0x2029))
# What ECMA 262, Python and Unicode agree on; then what only ECMA 262 calls a blank, and what only others do.
_BLANKS: Intervals = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
_BYTE_ORDER_MARK: Intervals = ((0xFEFF, 0xFEFF),)
_OTHER_BLANKS: Intervals = ((0x1C, 0x1F), (0x85, 0x85), (0x180E, 0x180E))
_JOINERS: Intervals = ((0x200C, 0x200D),)


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


_FLIPPED: dict[Dialect, Dialect] = {"ecma": "ecma", "python": "python", "every": "some", "some": "every"}


def flipped(dialect: Dialect) -> Dialect:
    """How to read what is negated: what some engine finds must be out of what every engine lacks."""
    return _FLIPPED[dialect]


def named_class(letter: str, dialect: Dialect) -> Intervals:
    r"""What ``\d``, ``\w``, ``\s`` and their capitals stand for."""
    if letter.isupper():
        return complement(_class(letter.lower(), flipped(dialect)))
    return _class(letter, dialect)


@functools.cache
def _class(letter: str, dialect: Dialect) -> Intervals:
    if dialect == "python":
        return _in_python(letter)
    if letter == "s":
        others = {"ecma": [_BYTE_ORDER_MARK], "some": [_BYTE_ORDER_MARK, _OTHER_BLANKS]}
        return union([_BLANKS, *others.get(dialect, [])])
    ascii_only = DIGITS if letter == "d" else WORD
    if dialect != "some":
        return ascii_only
    # Unicode's word characters, with what a later version may add.
    names = ("Nd", "Cn") if letter == "d" else ("L", "M", "N", "Pc", "So", "Cn")
    return union([ascii_only, *map(general_category, names), *([_JOINERS] if letter == "w" else [])])


def _in_python(letter: str) -> Intervals:
    """The code points that Python's `re` itself finds."""
    found = re.finditer(rf"\{letter}+", "".join(map(chr, range(_LAST_OF_SCRIPTS + 1))))
    return tuple((match.start(), match.end() - 1) for match in found)


def dot(dialect: Dialect) -> Intervals:
    """What a full stop stands for: anything but the ends of a line."""
    return complement(LINE_ENDS if dialect in {"ecma", "every"} else LINE_ENDS[:1])


@functools.cache
def _categories() -> dict[str, Intervals]:
    found: dict[str, list[tuple[int, int]]] = {}
    for block in (range(_LAST_OF_SCRIPTS + 1), range(0xE0000, 0xE1000)):
        for name, codes in groupby(block, lambda code: category(chr(code))):
            run = list(codes)
            found.setdefault(name, []).append((run[0], run[-1]))
    # The rest is given away in blocks, and stays so.
    found["Co"] += [(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]
    found["Cn"] += [(_LAST_OF_SCRIPTS + 1, 0xDFFFF), (0xE1000, 0xEFFFF), (0xFFFFE, 0xFFFFF), (0x10FFFE, 0x10FFFF)]
    return {name: union([tuple(intervals)]) for name, intervals in found.items()}


def general_category(name: str) -> Intervals:
    """The code points of a general category of Unicode, by its short name, of one letter or two; empty for another."""
    return union(intervals for key, intervals in _categories().items() if key.startswith(name))
