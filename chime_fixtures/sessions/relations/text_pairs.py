"""Pairs of similar texts: two values that programs confuse, order or merge wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["end", "start", "whole"]


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two texts that differ in one respect.

    Attributes:
        label: the respect, safe as part of an id.
        one: what is added to a common text.
        other: what is added to the same text for the other value.
        phrase: the end of a sentence about the two values.
        place: where it is added; ``whole`` for values without a common text.
    """

    label: str
    one: str
    other: str
    phrase: str
    place: Place = "end"

    def values(self, common: str) -> tuple[str, str]:
        """The two values, with a common text unless the pair is whole."""
        if self.place == "whole":
            return self.one, self.other
        if self.place == "start":
            return self.one + common, self.other + common
        return common + self.one, common + self.other


TEXT_PAIRS: dict[str, tuple[TextPair, ...]] = {
    "case": (
        TextPair("case", "a", "A", "differ by case only"),
        TextPair("sharp-s", "\u00df", "ss", "are equal after case folding"),
        TextPair("dotless-i", "\u0131", "I", "are equal in upper case only"),
        TextPair("final-sigma", "\u03c2", "\u03c3", "differ by the form of a final letter"),
    ),
    "normal form": (
        TextPair("nfd", "\u00e9", "e\u0301", "differ by Unicode normal form: NFC and NFD"),
        TextPair("nfkc-ligature", "\ufb01", "fi", "are equal in the normal form NFKC only: a ligature"),
        TextPair("nfkc-width", "\uff21", "A", "are equal in the normal form NFKC only: a full-width letter"),
        TextPair("accent", "\u00e9", "e", "differ by an accent only"),
        TextPair("nfd-hangul", "\uac00", "\u1100\u1161", "differ by Unicode normal form: a Korean syllable"),
        TextPair("nfc-singleton", "\u212b", "\u00c5", "are equal in each Unicode normal form: a unit and a letter"),
        TextPair("combining-order", "a\u0323\u0307", "a\u0307\u0323", "differ by the order of combining marks"),
        TextPair("nfkc-superscript", "\u00b2", "2", "are equal in the normal form NFKC only: a superscript digit"),
        TextPair("homoglyph", "\u0430", "a", "look alike: a Cyrillic and a Latin letter"),
    ),
    "blanks": (
        TextPair("trailing-blank", "", " ", "differ by a blank at the end"),
        TextPair("leading-blank", "", " ", "differ by a blank at the beginning", "start"),
        TextPair("two-blanks", " a", "  a", "differ by a second blank inside"),
        TextPair("no-break-space", " a", "\u00a0a", "differ by a no-break space"),
        TextPair("zero-width-space", "", "\u200b", "differ by a zero width space"),
        TextPair("soft-hyphen", "", "\u00ad", "differ by a soft hyphen"),
        TextPair("tab", " a", "\ta", "differ by a tab and a blank"),
        TextPair("nul", "\u0000a", "\u0000b", "differ after a NUL character"),
    ),
    "line ends": (
        TextPair("line-feed", "\na", " a", "differ by a line feed and a blank"),
        TextPair("line-separator", "\u2028a", "\u0085a", "contain a line separator and a next line"),
        TextPair("line-ends", "\na", "\r\na", "differ by the kind of a line end"),
        TextPair("trailing-line-feed", "", "\n", "differ by a line feed at the end"),
    ),
    "order": (
        TextPair("numeric-order", "10", "9", "have another order as numbers", "whole"),
        TextPair("leading-zero", "1", "01", "are equal as numbers: a leading zero", "whole"),
        TextPair("prefix", "", "a", "are a text and its prefix"),
        TextPair("case-order", "Z", "a", "have another order without regard to case"),
        TextPair("utf-16-order", "\uff5e", "\U0001f600", "have another order in UTF-16 than by code point"),
        TextPair("accent-order", "\u00e9", "z", "have another order by code point than in a dictionary"),
        TextPair("exponent", "1e3", "1000", "are equal as numbers: an exponent", "whole"),
        TextPair("decimal-zero", "1", "1.0", "are equal as numbers: a zero after the decimal point", "whole"),
        TextPair("plus-sign", "1", "+1", "are equal as numbers: a plus sign", "whole"),
        TextPair(
            "beyond-double", "9007199254740993", "9007199254740992", "are equal as floating-point numbers", "whole"
        ),
        TextPair("hexadecimal", "16", "0x10", "are equal as numbers: hexadecimal digits", "whole"),
        TextPair("not-a-number", "NaN", "Infinity", "are numbers in some languages only", "whole"),
    ),
    "escapes": (
        TextPair("percent", "/a", "%2Fa", "are equal after percent-decoding"),
        TextPair("plus-for-blank", " a", "+a", "are equal after decoding as a form"),
        TextPair("file-name", "/a", "_a", "are equal as sanitised file names"),
        TextPair("object-members", "constructor", "__proto__", "are members of every JavaScript object", "whole"),
        TextPair("hash-code", "Aa", "BB", "have one hash code in Java"),
        TextPair("slug", " a", "-a", "are equal as slugs"),
        TextPair("entity", "&a", "&amp;a", "are equal after decoding HTML entities"),
        TextPair("backslash", "\\n", "\n", "are equal after decoding backslashes"),
        TextPair("quotes", "a", '"a"', "are equal after unquoting", "whole"),
        TextPair("trailing-dot", "", ".", "are equal as file names on Windows"),
        TextPair("dots", ".", "..", "are path segments that are resolved", "whole"),
    ),
}
"""The pairs by group, in each group the most fruitful first."""
