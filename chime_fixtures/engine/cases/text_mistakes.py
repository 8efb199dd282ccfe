"""Mistakes that people and programs make in a string: padding, case, length, similar characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from chime_fixtures.engine.regex import Language

TextMistake = tuple[str, str]
"""The name of the mistake, and the string with it."""

_BLANKS = {
    "blank": " ",
    "blank-tab": "\t",
    "blank-newline": "\n",
    "blank-no-break": "\u00a0",
    "blank-em": "\u2003",
    "blank-line-separator": "\u2028",
    "blank-ideographic": "\u3000",
    "blank-byte-order-mark": "\ufeff",
    # A check that misses any one kind of blank does not recognise this string as blank.
    "blanks-of-every-kind": "\t\n\v\f\r \u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff",
}


def text_mistakes(value: str, language: Language) -> Iterator[TextMistake]:
    """Strings that a pattern may reject, each with the name of its mistake.

    Args:
        value: a string that the pattern accepts.
        language: the strings that the pattern accepts.
    """
    half = (len(value) + 1) // 2
    inner_blank = f"{value[:half]} {value[half:]}"
    yield "one-more", value + value[-1:]
    yield "one-fewer", value[:-1]
    yield from _digit_mistakes(value)
    yield from _letter_mistakes(value)
    yield "inner-blank", inner_blank
    yield "leading-blank", f" {value}"
    yield "trailing-blank", f"{value} "
    yield "trailing-newline", f"{value}\n"
    yield "two-lines", f"{value}\n{value}"
    if len(value) > 2:
        yield "hyphens", f"{value[:half]}-{value[half:]}"
    yield "punctuation", f"{value[:-1]}#"
    yield "empty", ""
    # If the pattern accepts no blank, one kind is enough.
    yield from _BLANKS.items() if inner_blank in language else [("blank", _BLANKS["blank"])]


def _digit_mistakes(value: str) -> Iterator[TextMistake]:
    last_digit = re.search("[0-9](?=[^0-9]*$)", value)
    if last_digit is None:
        return
    before, after = value[: last_digit.start()], value[last_digit.end() :]
    if value.strip("+").isdigit():
        yield "leading-zero", "0" + value.strip("+")
    if not value[0].isalnum():
        yield "zero-first", f"{value[0]}0{value[2:]}"
        yield "two-signs", value[0] + value
    yield "letter-o", "O".join(value.rsplit("0", 1)) if "0" in value else f"{before}O{after}"
    yield "unicode-digit", f"{before}\u0661{after}"


def _letter_mistakes(value: str) -> Iterator[TextMistake]:
    last_letter = re.search("[A-Za-z](?=[^A-Za-z]*$)", value)
    if last_letter is None:
        return
    before, after = value[: last_letter.start()], value[last_letter.end() :]
    yield "lower-case", value.lower()
    yield "upper-case", value.upper()
    yield "zero-for-a-letter", f"{before}0{after}"
    yield "unicode-letter", before + ("\u00c4" if last_letter[0].isupper() else "\u00e4") + after


def length_mistakes(value: str, limit: int) -> Iterator[TextMistake]:
    """Strings one character too long that are short enough for code that counts graphemes or strips blanks first."""
    yield "combining", ("e\u0301" * (limit + 1))[: limit + 1]
    yield "trailing-blank", (value * (limit + 1))[:limit] + " "


def length_details(text: str) -> tuple[bool, bool]:
    """The facts by which strings of one length that is not allowed differ: a last blank, and a combining character."""
    return text[-1:].isspace(), not text.isascii() and any(map(unicodedata.combining, text))
