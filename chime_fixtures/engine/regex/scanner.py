"""Read what stands for one character in a pattern: classes and escapes."""

from __future__ import annotations

import functools
import re

from chime_fixtures.engine.regex.charsets import (
    EVERYTHING,
    Dialect,
    Intervals,
    complement,
    flipped,
    named_class,
    union,
)
from chime_fixtures.engine.regex.properties import unicode_property
from chime_fixtures.engine.regex.syntax import PatternError

_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_ESCAPES = re.compile(r"\\[\s\S]")
_SHUNNED = "engines read {} in different ways"


class Scanner:
    """A place in a pattern, and what stands there for one character.

    Attributes:
        dialect: how the pattern is read here; within a negation, the other way round.
        in_python: whether Python reads the pattern too.
    """

    def __init__(self, pattern: str, dialect: Dialect, *, in_python: bool) -> None:
        self.pattern = pattern
        self.dialect = dialect
        self.in_python = in_python
        self.at = 0

    @functools.cached_property
    def _groups(self) -> tuple[int, bool]:
        """How many groups capture, and whether one has a name."""
        bare = re.sub(r"\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]", "", self.pattern)
        named = len(re.findall(r"\(\?<[^=!]", bare))
        return named + len(re.findall(r"\((?!\?)", bare)), named > 0

    def error(self, reason: str) -> PatternError:
        """The error to raise."""
        return PatternError(self.pattern, reason)

    def shun(self, what: str) -> None:
        """Refuse what Python reads in another way than ECMA 262, unless one of them alone is asked."""
        if self.in_python and self.dialect != "python":
            raise self.error(_SHUNNED.format(what))

    def peek(self) -> str:
        """The next character; nothing at the end."""
        return self.pattern[self.at : self.at + 1]

    def take(self, text: str) -> bool:
        """Whether this stands here; it is passed over."""
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def character_class(self) -> Intervals:
        """A class, behind its opening bracket."""
        outer, start = self.dialect, self.at
        negated = self.take("^")
        if negated:
            self.dialect = flipped(outer)
        parts: list[Intervals] = []
        if self.peek() == "]":
            self.shun("an empty class")
            if outer == "python":
                self.at += 1
                parts.append(self._rest_of_range(((0x5D, 0x5D),)))
        while not self.take("]"):
            if not self.peek():
                raise self.error("a class is not closed")
            parts.append(self._rest_of_range(self._class_member()))
        self.dialect = outer
        escapes = set(_ESCAPES.findall(self.pattern[start : self.at]))
        # Whatever an engine takes for a blank, all characters are blanks or none.
        is_everything = any({rf"\{letter}", rf"\{letter.upper()}"} <= escapes for letter in "dsw")
        members = EVERYTHING if is_everything else union(parts)
        return complement(members) if negated else members

    def _rest_of_range(self, low: Intervals) -> Intervals:
        if self.peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return low
        self.at += 1
        high = self._class_member()
        if len(low) != 1 or low[0][0] != low[0][1] or len(high) != 1 or high[0][0] != high[0][1]:
            return union([low, high, ((0x2D, 0x2D),)])
        if low[0][0] > high[0][0]:
            raise self.error("a range of a class is out of order")
        return ((low[0][0], high[0][0]),)

    def _class_member(self) -> Intervals:
        if self.take("\\"):
            return ((8, 8),) if self.take("b") else self.escape(in_class=True)
        code = ord(self.peek())
        self.at += 1
        return ((code, code),)

    def escape(self, *, in_class: bool = False) -> Intervals:
        """The characters that an escape stands for, behind its backslash."""
        char = self.peek()
        self.at += 1
        if not char:
            raise self.error("it ends in a backslash")
        if char in "dDsSwW":
            return named_class(char, self.dialect)
        if char in "pP" and self.peek() == "{":
            return self._property(negated=char == "P")
        if char in "0123456789":
            code = self._octal(char, in_class=in_class)
        elif char == "k" and self._groups[1]:
            raise self.error("a back reference is no regular language")
        else:
            code = self._code(char, in_class=in_class)
        return ((code, code),)

    def _property(self, *, negated: bool) -> Intervals:
        close = self.pattern.find("}", self.at)
        name, self.at = self.pattern[self.at + 1 : close], close + 1
        found = unicode_property(name)
        if found is None or close < 0:
            raise self.error(f"the Unicode property {name!r} is not driven")
        return complement(found) if negated else found

    def _octal(self, char: str, *, in_class: bool) -> int:
        found = re.compile("[0-3][0-7]{0,2}|[4-7][0-7]?").match(self.pattern, self.at - 1)
        number = re.compile("[0-9]+").match(self.pattern, self.at - 1)
        if char != "0" and not in_class and number is not None and int(number[0]) <= self._groups[0]:
            raise self.error("a back reference is no regular language")
        if found is None:
            return ord(char)
        self.at = found.end()
        return int(found[0], 8)

    def _code(self, char: str, *, in_class: bool) -> int:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c":
            if re.match("[A-Za-z0-9_]" if in_class else "[A-Za-z]", self.peek()) is None:
                self.at -= 1
                return 0x5C
            self.at += 1
            return ord(self.pattern[self.at - 1]) % 32
        if char in "aN":
            self.shun(f"'\\{char}'")
            return 7 if char == "a" and self.dialect == "python" else ord(char)
        if char == "x":
            return self._hexadecimal(2)
        if char == "u":
            return self._code_point()
        return ord(char)

    def _code_point(self) -> int:
        if self.take("{"):
            close = self.pattern.find("}", self.at)
            code = self._hexadecimal(max(close - self.at, 1))
            self.at += 1
            if code > 0x10FFFF:
                raise self.error("there is no such code point")
            return code
        code = self._hexadecimal(4)
        if 0xD800 <= code < 0xDC00 and self.dialect != "python" and self.take("\\u"):
            self.shun("a pair of surrogates")
            return 0x10000 + (code - 0xD800) * 0x400 + self._hexadecimal(4) - 0xDC00
        return code

    def _hexadecimal(self, size: int) -> int:
        digits = self.pattern[self.at : self.at + size]
        if re.fullmatch(f"[0-9A-Fa-f]{{{size}}}", digits) is None:
            raise self.error(f"{digits!r} is no hexadecimal number")
        self.at += size
        return int(digits, 16)
