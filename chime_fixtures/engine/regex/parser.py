r"""Read a pattern (ECMA 262, with the laxness of its Annex B) into a syntax tree.

What a regular language cannot say, or what we do not read, is a `PatternError` that names it: back references,
modifiers, properties of Unicode other than general categories, look-ahead within look-behind. So is, where the reading
is that of every engine or of some, what engines read in different ways.
"""

from __future__ import annotations

import re
import warnings

from chime_fixtures.engine.regex.charsets import WORD, Dialect, complement, dot, flipped, named_class
from chime_fixtures.engine.regex.scanner import Scanner
from chime_fixtures.engine.regex.syntax import Boundary, Chars, Choice, End, Look, Sequence, Start, Tree, repeat

_LINE_FEED = Chars(((0xA, 0xA),))
_ANCHORS = ("^", "$", r"\b", r"\B", "(?<=", "(?<!")
_GROUPS = {"?=": (True, False), "?!": (True, True), "?<=": (False, False), "?<!": (False, True)}


def parse(pattern: str, dialect: Dialect) -> Tree:
    """The syntax tree of a pattern.

    Raises:
        PatternError: it is malformed, or it asks for what is not driven.
    """
    in_python = dialect != "ecma" and _python_reads(pattern)
    if dialect == "python" and not in_python:
        # Where `re` refuses a pattern it has no other opinion.
        dialect = "ecma"
    reader = _Reader(pattern, dialect, in_python=in_python)
    tree = reader.choice()
    if reader.at < len(pattern):
        raise reader.error(f"unmatched {pattern[reader.at]!r} at {reader.at}")
    return tree


def _python_reads(pattern: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return False
    return True


class _Reader(Scanner):
    def __init__(self, pattern: str, dialect: Dialect, *, in_python: bool) -> None:
        super().__init__(pattern, dialect, in_python=in_python)
        self._behind = 0

    def choice(self) -> Tree:
        options = [self._sequence()]
        while self.take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            is_anchor = self.pattern.startswith(_ANCHORS, self.at)
            parts.append(self._repeated(self._atom(), is_anchor=is_anchor))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, body: Tree, *, is_anchor: bool) -> Tree:
        bounds = self._quantifier()
        if bounds is None:
            return body
        if is_anchor:
            raise self.error("an anchor can't be repeated")
        self.take("?")
        return repeat(body, *bounds)

    def _quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        found = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}").match(self.pattern, self.at)
        # Annex B: a brace that is no quantifier is a brace.
        if found is None or found[0] in ("{}", "{,}"):
            return None
        least, comma, most = found.groups()
        if not least:
            self.shun("'{,'")
            if self.dialect != "python":
                return None
        self.at = found.end()
        low = int(least or 0)
        high = low if not comma else int(most) if most else None
        if high is not None and high < low:
            raise self.error(f"the numbers of {found[0]} are out of order")
        return low, high

    def _atom(self) -> Tree:
        char = self.peek()
        if char == "(":
            return self._group()
        if char in "*+?" or (char == "{" and self._quantifier() is not None):
            raise self.error(f"nothing to repeat before {char!r} at {self.at}")
        self.at += 1
        match char:
            case "[":
                return Chars(self.character_class())
            case "^":
                return Start()
            case "$":
                return self._end()
            case ".":
                return Chars(dot(self.dialect))
            case "\\":
                return self._assertion() or Chars(self.escape())
            case _:
                return Chars(((ord(char), ord(char)),))

    def _end(self) -> Tree:
        if self.dialect in {"ecma", "every"}:
            return End()
        # Python's `$` also holds before a last line feed: the cause of half of all disagreements.
        return Choice((End(), self._look(Sequence((_LINE_FEED, End())), ahead=True, negated=False)))

    def _assertion(self) -> Tree | None:
        """A word boundary, or one of Python's own anchors; read behind a backslash."""
        char = self.peek()
        if char in ("b", "B"):
            self.at += 1
            return self._boundary(negated=char == "B")
        if char in ("A", "Z"):
            self.shun(f"'\\{char}'")
            if self.dialect == "python":
                self.at += 1
                return Start() if char == "A" else End()
        return None

    def _boundary(self, *, negated: bool) -> Boundary:
        is_exact = self.dialect in {"ecma", "python"}
        words = named_class("w", self.dialect) if is_exact else WORD
        others = complement(words if is_exact else named_class("w", "some"))
        # Python took until 3.14 to find this in the empty text.
        empty = self.dialect in {"ecma", "some"} or re.search(r"\B", "") is not None
        return Boundary(negated, words, others, doubt=self.dialect == "some", empty=empty)

    def _look(self, body: Tree, *, ahead: bool, negated: bool) -> Tree:
        if ahead and self._behind:
            raise self.error("look-ahead within look-behind is not driven")
        return Look(body, ahead, negated)

    def _group(self) -> Tree:
        self.at += 1
        for sign, (ahead, negated) in _GROUPS.items():
            if self.take(sign):
                return self._look_around(ahead=ahead, negated=negated)
        if not self.take("?:") and self.peek() == "?":
            name = re.compile(r"\?<(?:[^\W\d]|\$)[\w$]*>").match(self.pattern, self.at)
            if name is None:
                raise self.error(f"an unknown group at {self.at - 1}")
            self.at = name.end()
        return self._closed()

    def _closed(self) -> Tree:
        tree = self.choice()
        if not self.take(")"):
            raise self.error("a group is not closed")
        return tree

    def _look_around(self, *, ahead: bool, negated: bool) -> Tree:
        outer = self.dialect
        if negated:
            self.dialect = flipped(outer)
        self._behind += not ahead
        body = self._closed()
        self._behind -= not ahead
        self.dialect = outer
        if ahead and negated and isinstance(body, Chars) and not complement(body.intervals):
            return End()
        return self._look(body, ahead=ahead, negated=negated)
