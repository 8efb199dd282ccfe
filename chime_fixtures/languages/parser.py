r"""Read a pattern (ECMA 262) into a syntax tree.

What a regular language cannot say, or what we do not read, is a `PatternError` that names it: back references,
look-around (but for ``(?![\s\S])``, which is the end of the text), word boundaries, Unicode properties.
"""

from __future__ import annotations

from dataclasses import dataclass

from chime_fixtures.languages.charsets import EVERYTHING, Dialect, Intervals, complement, dot, named_class, union


class PatternError(ValueError):
    """A pattern that can't be made an automaton; `reason` says what in it."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(pattern, reason)
        self.pattern = pattern
        self.reason = reason

    def __str__(self) -> str:
        return f"pattern {self.pattern!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    intervals: Intervals


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of the text."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Some number of times; without a `most`, any number from `least` on."""

    body: Tree
    least: int
    most: int | None


Tree = Chars | Start | End | Sequence | Choice | Repeat

_END_OF_TEXT = r"(?![\s\S])"
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


def parse(pattern: str, dialect: Dialect) -> Tree:
    """The syntax tree of a pattern.

    Raises:
        PatternError: it is malformed, or it asks for what is not driven.
    """
    reader = _Reader(pattern, dialect)
    tree = reader.choice()
    if reader.at < len(pattern):
        raise reader.error(f"unmatched {pattern[reader.at]!r} at {reader.at}")
    return tree


class _Reader:
    def __init__(self, pattern: str, dialect: Dialect) -> None:
        self.pattern = pattern
        self.dialect = dialect
        self.at = 0

    def error(self, reason: str) -> PatternError:
        return PatternError(self.pattern, reason)

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def choice(self) -> Tree:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, body: Tree) -> Tree:
        bounds = self._quantifier()
        if bounds is None:
            return body
        if isinstance(body, Start | End):
            raise self.error("an anchor can't be repeated")
        self._take("?")
        return Repeat(body, *bounds)

    def _quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if self._peek() != "{":
            return None
        close = self.pattern.find("}", self.at)
        least, comma, most = self.pattern[self.at + 1 : close].partition(",")
        # Annex B: a brace that is no quantifier is a brace.
        if close < 0 or not least.isdigit() or not (most.isdigit() or not most):
            return None
        self.at = close + 1
        low = int(least)
        high = low if not comma else int(most) if most else None
        if high is not None and high < low:
            raise self.error(f"the numbers of {{{least},{most}}} are out of order")
        return low, high

    def _atom(self) -> Tree:
        if self._take(_END_OF_TEXT):
            return End()
        if self._peek() == "(":
            return self._group()
        if self._take("["):
            return Chars(self._class())
        if self._take("^"):
            return Start()
        if self._take("$"):
            # Python's `$` also holds before a last line feed: the cause of half of all disagreements.
            line_feed = Sequence((Chars(((0xA, 0xA),)), End()))
            return Choice((End(), line_feed)) if self.dialect == "python" else End()
        if self._take("."):
            return Chars(dot(self.dialect))
        if self._take("\\"):
            return Chars(self._escape(in_class=False))
        char = self._peek()
        if char in "*+?":
            raise self.error(f"nothing to repeat before {char!r} at {self.at}")
        self.at += 1
        return Chars(((ord(char), ord(char)),))

    def _group(self) -> Tree:
        self.at += 1
        if self._take("?:"):
            pass
        elif self._take("?"):
            if self._peek() == "<" and self.pattern[self.at + 1 : self.at + 2] not in ("=", "!"):
                self.at = self.pattern.find(">", self.at) + 1
            else:
                raise self.error("look-around is not driven")
        tree = self.choice()
        if not self._take(")"):
            raise self.error("a group is not closed")
        return tree

    def _class(self) -> Intervals:
        negated = self._take("^")
        parts: list[Intervals] = []
        while not self._take("]"):
            if not self._peek():
                raise self.error("a class is not closed")
            low = self._class_member()
            if self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._class_member()
                if len(low) != 1 or low[0][0] != low[0][1] or len(high) != 1 or high[0][0] != high[0][1]:
                    parts += [low, high, ((0x2D, 0x2D),)]
                elif low[0][0] > high[0][0]:
                    raise self.error("a range of a class is out of order")
                else:
                    parts.append(((low[0][0], high[0][0]),))
            else:
                parts.append(low)
        members = union(parts)
        return complement(members) if negated else members

    def _class_member(self) -> Intervals:
        if self._take("\\"):
            return self._escape(in_class=True)
        code = ord(self._peek())
        self.at += 1
        return ((code, code),)

    def _escape(self, *, in_class: bool) -> Intervals:
        char = self._peek()
        self.at += 1
        if not char:
            raise self.error("it ends in a backslash")
        if char in "dDsSwW":
            return named_class(char, self.dialect)
        if char in "bB" and not in_class:
            raise self.error("word boundaries are not driven")
        if char in "pP":
            raise self.error("Unicode properties are not driven")
        if char in "123456789k":
            raise self.error("back references are not driven")
        code = self._code(char)
        return ((code, code),)

    def _code(self, char: str) -> int:
        if char == "b":
            return 8
        if char == "0":
            return 0
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c":
            self.at += 1
            return ord(self.pattern[self.at - 1 : self.at] or "@") % 32
        if char == "u" and self._take("{"):
            close = self.pattern.find("}", self.at)
            digits, self.at = self.pattern[self.at : close], close + 1
            return self._hexadecimal(digits)
        if char in "ux":
            size = 4 if char == "u" else 2
            digits = self.pattern[self.at : self.at + size]
            self.at += size
            return self._hexadecimal(digits.ljust(size))
        return ord(char)

    def _hexadecimal(self, digits: str) -> int:
        try:
            return int(digits.replace(" ", "?"), 16)
        except ValueError as error:
            raise self.error(f"{digits!r} is no hexadecimal number") from error


ANYTHING = Repeat(Chars(EVERYTHING), 0, None)
