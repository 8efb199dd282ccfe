r"""Sets of code points as sorted, disjoint intervals: set operations, ``\d \w \s .`` in each flavour, ``\p{...}``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Literal
from unicodedata import category

Intervals = tuple[tuple[int, int], ...]
Flavour = Literal["ecma", "python", "intersection", "union"]
"""The engine by whose rules a pattern is read.

- ``ecma``: ECMA 262 by code points, with the syntax of its Annex B.
- ``python``: Python's `re`.
- ``intersection``: the pattern matches only where it does in every engine.
- ``union``: the pattern matches wherever it does in at least one engine.

The engines are these two and a third, which reads classes by Unicode and the rest as ECMA 262 does: jsonschema-rs in
patterns with look-around, and always for ``\\b``.
"""

MAX_CODE_POINT = 0x10FFFF
_MAX_SCRIPT_CODE_POINT = 0x3FFFF
"""Planes 0 to 3 hold the scripts; above are tags and private use only."""

ALL_CHARACTERS: Intervals = ((0, MAX_CODE_POINT),)
DIGITS: Intervals = ((0x30, 0x39),)
ASCII_WORD_CHARACTERS: Intervals = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
LINE_TERMINATORS: Intervals = ((0xA, 0xA), (0xD, 0xD), (0x2028, 0x2029))
# White space by ECMA 262, Python and Unicode; then by ECMA 262 alone; then by others alone.
_WHITE_SPACE: Intervals = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
_BYTE_ORDER_MARK: Intervals = ((0xFEFF, 0xFEFF),)
_OTHER_WHITE_SPACE: Intervals = ((0x1C, 0x1F), (0x85, 0x85), (0x180E, 0x180E))
_JOINERS: Intervals = ((0x200C, 0x200D),)


def union(sets: Iterable[Intervals]) -> Intervals:
    """The union of sets of code points."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(interval for intervals in sets for interval in intervals):
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
    if start <= MAX_CODE_POINT:
        gaps.append((start, MAX_CODE_POINT))
    return tuple(gaps)


# Flavours ------------------------------------------------------------------------------------------------------------

_DUALS: dict[Flavour, Flavour] = {
    "ecma": "ecma",
    "python": "python",
    "intersection": "union",
    "union": "intersection",
}


def dual(flavour: Flavour) -> Flavour:
    """The flavour by which a negated part is read (De Morgan): outside the union is outside of every engine's set."""
    return _DUALS[flavour]


def class_escape(letter: str, flavour: Flavour) -> Intervals:
    r"""The characters of ``\d``, ``\w``, ``\s``, ``\D``, ``\W`` or ``\S``."""
    if letter.isupper():
        return complement(_class_escape(letter.lower(), dual(flavour)))
    return _class_escape(letter, flavour)


@functools.cache
def _class_escape(letter: str, flavour: Flavour) -> Intervals:
    if flavour == "python":
        return _python_class_escape(letter)
    if letter == "s":
        others = {"ecma": [_BYTE_ORDER_MARK], "union": [_BYTE_ORDER_MARK, _OTHER_WHITE_SPACE]}
        return union([_WHITE_SPACE, *others.get(flavour, [])])
    ascii_only = DIGITS if letter == "d" else ASCII_WORD_CHARACTERS
    if flavour != "union":
        return ascii_only
    # Unicode's digits or word characters, and the code points that a later version may assign as such.
    categories = ("Nd", "Cn") if letter == "d" else ("L", "M", "N", "Pc", "So", "Cn")
    return union([ascii_only, *map(general_category, categories), *([_JOINERS] if letter == "w" else [])])


def _python_class_escape(letter: str) -> Intervals:
    """The characters of a class escape by the `re` of the running Python, whose Unicode version it follows."""
    runs = re.finditer(rf"\{letter}+", "".join(map(chr, range(_MAX_SCRIPT_CODE_POINT + 1))))
    return tuple((run.start(), run.end() - 1) for run in runs)


def dot(flavour: Flavour) -> Intervals:
    """The characters that ``.`` matches: all but line terminators."""
    return complement(LINE_TERMINATORS if flavour in {"ecma", "intersection"} else LINE_TERMINATORS[:1])


# Unicode properties --------------------------------------------------------------------------------------------------

# Unicode Standard Annex 44, table 12, with the aliases of PropertyValueAliases.txt.
_CATEGORIES = {
    "Letter": "L",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "M",
    "Combining_Mark": "M",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "N",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "P",
    "punct": "P",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "S",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "C",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Surrogate": "Cs",
    "Private_Use": "Co",
    "Unassigned": "Cn",
}
_SHORT_CATEGORY_NAMES = frozenset(_CATEGORIES.values())


@functools.cache
def _characters_by_category() -> dict[str, Intervals]:
    runs: dict[str, list[tuple[int, int]]] = {}
    for block in (range(_MAX_SCRIPT_CODE_POINT + 1), range(0xE0000, 0xE1000)):
        for name, codes in groupby(block, lambda code: category(chr(code))):
            run = list(codes)
            runs.setdefault(name, []).append((run[0], run[-1]))
    # Elsewhere whole planes have one category, which is fixed.
    runs["Co"] += [(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]
    runs["Cn"] += [(_MAX_SCRIPT_CODE_POINT + 1, 0xDFFFF), (0xE1000, 0xEFFFF), (0xFFFFE, 0xFFFFF), (0x10FFFE, 0x10FFFF)]
    return {name: union([tuple(intervals)]) for name, intervals in runs.items()}


def general_category(name: str) -> Intervals:
    """The characters of a Unicode general category, by its short name of one or two letters; empty if it is unknown."""
    return union(intervals for key, intervals in _characters_by_category().items() if key.startswith(name))


def unassigned() -> Intervals:
    """The code points that a later version of Unicode may assign."""
    return general_category("Cn")


def unicode_property(name: str) -> Intervals | None:
    """The characters with a Unicode property, written as in ECMA 262.

    Supported are general categories and the properties Any, ASCII and Assigned; for any other the result is None.
    """
    if name == "Any":
        return ALL_CHARACTERS
    if name == "ASCII":
        return ((0, 0x7F),)
    if name == "Assigned":
        return complement(unassigned())
    key, equals, value = name.rpartition("=")
    if equals and key not in {"gc", "General_Category"}:
        return None
    short = _CATEGORIES.get(value, value)
    return general_category(short) if short in _SHORT_CATEGORY_NAMES else None
