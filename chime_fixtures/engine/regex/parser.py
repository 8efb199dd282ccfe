r"""Parser of patterns (ECMA 262 with the syntax of its Annex B) into syntax trees.

Unsupported parts raise a `PatternError` that names them: back references (not a regular language), modifiers, Unicode
properties other than general categories, look-ahead within look-behind. In the flavours ``intersection`` and ``union``
so does syntax that engines parse differently, or that jsonschema-rs rejects.
"""

from __future__ import annotations

import functools
import re
import warnings

from chime_fixtures.engine.regex.charsets import (
    ALL_CHARACTERS,
    ASCII_WORD_CHARACTERS,
    Flavour,
    Intervals,
    class_escape,
    complement,
    dot,
    dual,
    unicode_property,
    union,
)
from chime_fixtures.engine.regex.syntax import (
    Alternation,
    CharacterClass,
    Concatenation,
    EndAnchor,
    Lookaround,
    PatternError,
    Repetition,
    StartAnchor,
    Tree,
    WordBoundary,
)

_CONTROL_ESCAPES = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_ESCAPE = re.compile(r"\\[\s\S]")
_LINE_FEED = CharacterClass(((0xA, 0xA),))
_OTHER_BOUNDARIES = ("<", ">", "b{start}", "b{end}", "b{start-half}", "b{end-half}")
"""Word boundaries of jsonschema-rs, after their backslash, of which ECMA 262 has none."""

_REPLACEMENTS = {
    "A": "^",
    "Z": "$",
    "z": "$",
    "a": r"\x07",
    "e": r"\x1b",
    "h": r"[ \t]",
    "H": r"[^ \t]",
    "N": r"[^\n]",
    "O": r"[\s\S]",
    "p": r"\p{...}",
    "P": r"\P{...}",
    "R": r"(?:\r\n|[\r\n])",
    "V": r"[^\n-\r]",
    "X": r"[\s\S]",
    "U": r"\u{...}",
    "Q": "a backslash before each special character",
    "E": "a backslash before each special character",
}
"""The replacement of an escape that means its own letter by Annex B, and something else to other engines."""

_GROUP_REPLACEMENTS = {"(?P<": "(?<", "(?'": "(?<", "(?>": "(?:", "(?P>": "(?:", "(?|": "(?:"}
"""The replacement of a group of other engines."""

_GROUP_START = re.compile(r"\(\?(?:P?[<>=]|[a-zA-Z^-]+[:)]?|.?)")

_ANCHORS = ("^", "$", r"\b", r"\B", "(?<=", "(?<!")
_LOOKAHEADS = ("(?=", "(?!")
_LOOKAROUNDS = {"?=": (True, False), "?!": (True, True), "?<=": (False, False), "?<!": (False, True)}
"""The sign of each look-around: (ahead, negated)."""


def parse(pattern: str, flavour: Flavour) -> Tree:
    """The syntax tree of a pattern.

    Raises:
        PatternError: the pattern is malformed or unsupported.
    """
    if flavour == "python" and not python_compiles(pattern):
        # A pattern that `re` rejects is never matched by Python: only ECMA 262's reading is left.
        flavour = "ecma"
    parser = _Parser(pattern, flavour)
    tree = parser.alternation()
    if parser.position < len(pattern):
        raise parser.error(f"unmatched {pattern[parser.position]!r} at {parser.position}")
    return tree


def python_compiles(pattern: str) -> bool:
    """True if Python's `re` compiles the pattern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return False
    return True


class _Parser:
    """A recursive-descent parser and its position in the pattern.

    Attributes:
        position: the index of the next character.
        flavour: the flavour at this position; within a negation, its dual.
    """

    def __init__(self, pattern: str, flavour: Flavour) -> None:
        self.pattern = pattern
        self.flavour = flavour
        self.position = 0
        self._lookbehind_depth = 0

    def error(self, reason: str) -> PatternError:
        return PatternError(self.pattern, reason)

    def _reject_ambiguous(self, syntax: str, replacement: str) -> None:
        """Raise an error for syntax that engines parse differently, unless the flavour is one of them."""
        if self.flavour in {"intersection", "union"}:
            raise self.error(f"engines parse '{syntax}' differently; write {replacement}")

    def _peek(self) -> str:
        """The next character; empty at the end."""
        return self.pattern[self.position : self.position + 1]

    def _take(self, text: str) -> bool:
        """Skip `text` if it comes next; True if it did."""
        if self.pattern.startswith(text, self.position):
            self.position += len(text)
            return True
        return False

    # Alternatives, sequences, quantifiers --------------------------------------------------------------------------

    def alternation(self) -> Tree:
        options = [self._concatenation()]
        while self._take("|"):
            options.append(self._concatenation())
        return options[0] if len(options) == 1 else Alternation(tuple(options))

    def _concatenation(self) -> Tree:
        parts: list[Tree] = []
        while self._peek() not in ("", "|", ")"):
            start = self.position
            atom = self._atom()
            parts.append(self._quantified(atom, start))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def _quantified(self, body: Tree, start: int) -> Tree:
        bounds = self._quantifier()
        if bounds is None:
            return body
        if self.pattern.startswith(_ANCHORS, start):
            raise self.error("an anchor can't be repeated")
        if self.pattern.startswith(_LOOKAHEADS, start):
            self._reject_ambiguous(self.pattern[start : self.position], "the look-ahead once")
        # A lazy quantifier finds the same texts.
        self._take("?")
        return Repetition(body, *bounds)

    def _quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        braces = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}").match(self.pattern, self.position)
        # Annex B: a brace that does not start a quantifier matches itself.
        if braces is None or braces[0] == "{}":
            return None
        low, comma, high = braces.groups()
        if not low:
            self._reject_ambiguous(braces[0], f"{{0,{high}}}")
            if self.flavour != "python":
                return None
        self.position = braces.end()
        minimum = int(low or 0)
        maximum = minimum if not comma else int(high) if high else None
        if maximum is not None and maximum < minimum:
            raise self.error(f"the numbers of {braces[0]} are out of order")
        return minimum, maximum

    # Atoms ---------------------------------------------------------------------------------------------------------

    def _atom(self) -> Tree:
        char = self._peek()
        if char == "(":
            return self._group()
        if char in "*+?" or (char == "{" and self._quantifier() is not None):
            raise self.error(
                f"nothing to repeat before {char!r} at {self.position}; "
                f"escape it, or write one quantifier: a possessive or repeated one is not in ECMA 262"
            )
        if char == "{":
            self._reject_ambiguous(char, r"\{")
        self.position += 1
        match char:
            case "[":
                return CharacterClass(self._character_class())
            case "^":
                return StartAnchor()
            case "$":
                return self._end()
            case ".":
                return CharacterClass(dot(self.flavour))
            case "\\":
                return self._assertion() or CharacterClass(self._escape())
            case _:
                return CharacterClass(((ord(char), ord(char)),))

    def _end(self) -> Tree:
        if self.flavour in {"ecma", "intersection"}:
            return EndAnchor()
        # Python's `$` also matches before a last line feed.
        return Alternation(
            (EndAnchor(), self._lookaround(Concatenation((_LINE_FEED, EndAnchor())), ahead=True, negated=False))
        )

    def _assertion(self) -> Tree | None:
        """A word boundary or one of Python's own anchors, after its backslash; None if there is neither."""
        boundary = next((each for each in _OTHER_BOUNDARIES if self.pattern.startswith(each, self.position)), None)
        if boundary is not None:
            literal = boundary if len(boundary) == 1 else rf"\b\{boundary[1:-1]}\}}"
            self._reject_ambiguous(f"\\{boundary}", literal)
        char = self._peek()
        if char in ("b", "B"):
            self.position += 1
            return self._word_boundary(negated=char == "B")
        if char in ("A", "Z") and self.flavour == "python":
            self.position += 1
            return StartAnchor() if char == "A" else EndAnchor()
        return None

    def _word_boundary(self, *, negated: bool) -> WordBoundary:
        is_exact = self.flavour in {"ecma", "python"}
        word_characters = class_escape("w", self.flavour) if is_exact else ASCII_WORD_CHARACTERS
        other_characters = complement(word_characters if is_exact else class_escape("w", "union"))
        # Python before 3.14 does not find `\B` in the empty text.
        matches_empty = self.flavour in {"ecma", "union"} or re.search(r"\B", "") is not None
        return WordBoundary(
            negated,
            word_characters,
            other_characters,
            if_ambiguous=self.flavour == "union",
            matches_empty=matches_empty,
        )

    def _group(self) -> Tree:
        self.position += 1
        for sign, (ahead, negated) in _LOOKAROUNDS.items():
            if self._take(sign):
                return self._lookaround_group(ahead=ahead, negated=negated)
        if not self._take("?:") and self._peek() == "?":
            name = re.compile(r"\?<(?:[^\W\d]|\$)[\w$]*>").match(self.pattern, self.position)
            if name is None:
                raise self._unknown_group()
            if "$" in name[0] or self._bare.count(f"({name[0]}") > 1:
                self._reject_ambiguous(f"({name[0]}", "a unique name of letters")
            self.position = name.end()
        return self._group_body()

    def _unknown_group(self) -> PatternError:
        found = _GROUP_START.match(self.pattern, self.position - 1)
        start = found[0] if found is not None else "(?"
        remedy = _GROUP_REPLACEMENTS.get(start)
        if remedy is None:
            remedy = "both cases, as [Aa]" if "i" in start else "(?:...), (?<name>...) or a look-around"
        return self.error(f"unknown group {start!r} at {self.position - 1}; write {remedy}")

    def _group_body(self) -> Tree:
        tree = self.alternation()
        if not self._take(")"):
            raise self.error("a group is not closed")
        return tree

    def _lookaround_group(self, *, ahead: bool, negated: bool) -> Tree:
        outer = self.flavour
        if negated:
            self.flavour = dual(outer)
        self._lookbehind_depth += not ahead
        body = self._group_body()
        self._lookbehind_depth -= not ahead
        self.flavour = outer
        if ahead and negated and isinstance(body, CharacterClass) and not complement(body.intervals):
            # `(?![\s\S])` is how schemas for many engines write the end of the text.
            return EndAnchor()
        return self._lookaround(body, ahead=ahead, negated=negated)

    def _lookaround(self, body: Tree, *, ahead: bool, negated: bool) -> Tree:
        if ahead and self._lookbehind_depth:
            raise self.error("look-ahead within look-behind is not supported")
        return Lookaround(body, ahead, negated)

    # Character classes ---------------------------------------------------------------------------------------------

    def _character_class(self) -> Intervals:
        """The characters of a class, after its opening bracket."""
        outer, start = self.flavour, self.position
        negated = self._take("^")
        if negated:
            self.flavour = dual(outer)
        parts: list[Intervals] = []
        if self._peek() == "]":
            instead = r"[\s\S]" if negated else "(?!)"
            self._reject_ambiguous("[^]" if negated else "[]", rf"{'[^' if negated else '['}\]...] or {instead}")
            if outer == "python":
                self.position += 1
                parts.append(self._rest_of_range(((0x5D, 0x5D),)))
        while not self._take("]"):
            if not self._peek():
                raise self.error("a class is not closed")
            parts.append(self._rest_of_range(self._class_atom()))
        self.flavour = outer
        escapes = set(_ESCAPE.findall(self.pattern[start : self.position]))
        # `[\s\S]` contains every character in every engine, whichever characters an engine counts as white space.
        is_everything = any({rf"\{letter}", rf"\{letter.upper()}"} <= escapes for letter in "dsw")
        characters = ALL_CHARACTERS if is_everything else union(parts)
        return complement(characters) if negated else characters

    def _rest_of_range(self, low: Intervals) -> Intervals:
        """The range that starts with `low`, or `low` itself if no hyphen follows."""
        if self._peek() != "-" or self.pattern[self.position + 1 : self.position + 2] in ("]", ""):
            return low
        self.position += 1
        high = self._class_atom()
        if len(low) != 1 or low[0][0] != low[0][1] or len(high) != 1 or high[0][0] != high[0][1]:
            # Annex B: next to a class escape the hyphen matches itself.
            self._reject_ambiguous("-", r"\-")
            return union([low, high, ((0x2D, 0x2D),)])
        if low[0][0] > high[0][0]:
            raise self.error("a range of a class is out of order")
        return ((low[0][0], high[0][0]),)

    def _class_atom(self) -> Intervals:
        if self._take("\\"):
            if self._take("b"):
                self._reject_ambiguous(r"[\b]", r"[\x08]")
                return ((8, 8),)
            return self._escape(in_class=True)
        code = ord(self._peek())
        self.position += 1
        return ((code, code),)

    # Escapes -------------------------------------------------------------------------------------------------------

    def _escape(self, *, in_class: bool = False) -> Intervals:
        """The characters that an escape matches, after its backslash."""
        char = self._peek()
        self.position += 1
        if not char:
            raise self.error("it ends in a backslash")
        if char in "dDsSwW":
            return class_escape(char, self.flavour)
        if char in "pP" and self._peek() == "{":
            return self._property(negated=char == "P")
        if char in "0123456789":
            code = self._octal(char, in_class=in_class)
        elif char == "k" and self._has_named_group:
            raise self._back_reference()
        else:
            code = self._code(char, in_class=in_class)
        return ((code, code),)

    @functools.cached_property
    def _bare(self) -> str:
        """The pattern without escapes and classes, in which each opening parenthesis starts a group."""
        return re.sub(r"\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]", "", self.pattern)

    @property
    def _has_named_group(self) -> bool:
        return re.search(r"\(\?<[^=!]", self._bare) is not None

    @property
    def _group_count(self) -> int:
        """The number of capturing groups."""
        return len(re.findall(r"\(\?<[^=!]|\((?!\?)", self._bare))

    def _back_reference(self) -> PatternError:
        return self.error("a back reference is not a regular language")

    def _property(self, *, negated: bool) -> Intervals:
        close = self.pattern.find("}", self.position)
        name, self.position = self.pattern[self.position + 1 : close], close + 1
        characters = unicode_property(name)
        if characters is None or close < 0:
            raise self.error(rf"the Unicode property {name!r} is not supported; write its ranges, as [\u0370-\u03ff]")
        return complement(characters) if negated else characters

    def _octal(self, digit: str, *, in_class: bool) -> int:
        octal = re.compile("[0-3][0-7]{0,2}|[4-7][0-7]?").match(self.pattern, self.position - 1)
        decimal = re.compile("[0-9]+").match(self.pattern, self.position - 1)
        if digit != "0" and not in_class and decimal is not None and int(decimal[0]) <= self._group_count:
            raise self._back_reference()
        if octal is None:
            self._reject_ambiguous(f"\\{digit}", digit)
            return ord(digit)
        self.position = octal.end()
        code = int(octal[0], 8)
        self._reject_ambiguous(f"\\{octal[0]}", f"\\x{code:02x}")
        return code

    def _code(self, char: str, *, in_class: bool) -> int:
        if char in _CONTROL_ESCAPES:
            return _CONTROL_ESCAPES[char]
        if char == "c":
            if re.match("[A-Za-z]", self._peek()) is None:
                self._reject_ambiguous(r"\c", r"\\c")
            if re.match("[A-Za-z0-9_]" if in_class else "[A-Za-z]", self._peek()) is None:
                # Annex B: without a letter the backslash matches itself.
                self.position -= 1
                return 0x5C
            self.position += 1
            return ord(self.pattern[self.position - 1]) % 32
        if char == "x":
            return self._hexadecimal(2)
        if char == "u":
            return self._code_point()
        if char.isalpha() or char in "<>" or not char.isascii():
            replacement = _REPLACEMENTS.get(char, char)
            self._reject_ambiguous(f"\\{char}", char if in_class and replacement[0] != "\\" else replacement)
        return 7 if char == "a" and self.flavour == "python" else ord(char)

    def _code_point(self) -> int:
        if self._take("{"):
            close = self.pattern.find("}", self.position)
            code = self._hexadecimal(max(close - self.position, 1))
            self.position += 1
            if code > 0x10FFFF:
                raise self.error("a code point is above U+10FFFF")
            return code
        code = self._hexadecimal(4)
        if 0xD800 <= code < 0xE000:
            self._reject_ambiguous(f"\\u{code:04x}", "the character itself, or leave it out")
        if 0xD800 <= code < 0xDC00 and self.flavour != "python" and self._take("\\u"):
            return 0x10000 + (code - 0xD800) * 0x400 + self._hexadecimal(4) - 0xDC00
        return code

    def _hexadecimal(self, size: int) -> int:
        digits = self.pattern[self.position : self.position + size]
        if re.fullmatch(f"[0-9A-Fa-f]{{{size}}}", digits) is None:
            raise self.error(f"{digits!r} is not a hexadecimal number")
        self.position += size
        return int(digits, 16)
