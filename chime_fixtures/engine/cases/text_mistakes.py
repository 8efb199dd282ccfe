"""A valid text with one slip: the ones that people and programs make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chime_fixtures.engine.regex import Language

Slip = tuple[str, str]

_BLANKS = {
    "blank": " ",
    "blank-tab": "\t",
    "blank-newline": "\n",
    "blank-no-break": "\u00a0",
    "blank-em": "\u2003",
    "blank-line-separator": "\u2028",
    "blank-ideographic": "\u3000",
    "blank-byte-order-mark": "\ufeff",
    # Whoever misses one kind lets this through, whichever it is.
    "blanks-of-every-kind": "\t\n\v\f\r \u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff",
}


def text_mistakes(value: str, language: Language) -> Iterator[Slip]:
    """Texts that a pattern may refuse, each with the name of its slip.

    Args:
        value: a text that the pattern allows.
        language: what the pattern allows.
    """
    half = (len(value) + 1) // 2
    inner_blank = f"{value[:half]} {value[half:]}"
    yield "one-more", value + value[-1:]
    yield "one-fewer", value[:-1]
    yield from _of_digits(value)
    yield from _of_letters(value)
    yield "inner-blank", inner_blank
    yield "leading-blank", f" {value}"
    yield "trailing-blank", f"{value} "
    yield "trailing-newline", f"{value}\n"
    yield "two-lines", f"{value}\n{value}"
    if len(value) > 2:
        yield "hyphens", f"{value[:half]}-{value[half:]}"
    yield "punctuation", f"{value[:-1]}#"
    yield "empty", ""
    # Where no blank may stand, one tells as much as each.
    yield from _BLANKS.items() if inner_blank in language else [("blank", _BLANKS["blank"])]


def _of_digits(value: str) -> Iterator[Slip]:
    found = re.search("[0-9](?=[^0-9]*$)", value)
    if found is None:
        return
    before, after = value[: found.start()], value[found.end() :]
    if value.strip("+").isdigit():
        yield "leading-zero", "0" + value.strip("+")
    if not value[0].isalnum():
        yield "zero-first", f"{value[0]}0{value[2:]}"
        yield "two-signs", value[0] + value
    yield "letter-o", "O".join(value.rsplit("0", 1)) if "0" in value else f"{before}O{after}"
    yield "unicode-digit", f"{before}\u0661{after}"


def _of_letters(value: str) -> Iterator[Slip]:
    found = re.search("[A-Za-z](?=[^A-Za-z]*$)", value)
    if found is None:
        return
    before, after = value[: found.start()], value[found.end() :]
    yield "lower-case", value.lower()
    yield "upper-case", value.upper()
    yield "zero-for-a-letter", f"{before}0{after}"
    yield "unicode-letter", before + ("\u00c4" if found[0].isupper() else "\u00e4") + after


def overlong(value: str, limit: int) -> Iterator[Slip]:
    """Texts one longer than a limit that some take for short enough: whoever counts what is seen, or strips first."""
    yield "combining", ("e\u0301" * (limit + 1))[: limit + 1]
    yield "trailing-blank", (value * (limit + 1))[:limit] + " "
