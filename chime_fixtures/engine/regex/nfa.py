"""A nondeterministic machine, built of a syntax tree after Thompson.

Its empty moves may hold in some context only: at the ends of the text, at a word boundary, where something follows or
came before.
"""

from __future__ import annotations

from dataclasses import dataclass

from chime_fixtures.engine.regex.charsets import EVERYTHING, Intervals
from chime_fixtures.engine.regex.syntax import (
    Boundary,
    Chars,
    Choice,
    End,
    Look,
    PatternError,
    Repeat,
    Sequence,
    Start,
    Tree,
    is_anchored,
)

STEPS = 250_000
"""How many steps a pattern may cost, about a quarter of a second; more is a blow-up, and refused."""

FOUND = 0
"""The state in which the text, whatever follows, is as asked."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is read from `start` on must, or must not, be found."""

    start: int
    negated: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """The look-behind of this number must, or must not, hold."""

    index: int
    negated: bool


Condition = Start | End | Boundary | Ahead | Behind


class Network:
    """The states of one pattern's machine.

    Attributes:
        start: where it begins to look for the pattern; it ends in `FOUND`.
        empty: from each state, the moves that read nothing, with their conditions.
        reads: from each state, the characters that it can read, and where they lead.
        behind: the first and the last state of each look-behind; an inner one comes before the one around it.
    """

    def __init__(self, pattern: str, tree: Tree) -> None:
        self._pattern = pattern
        self._budget = STEPS
        self.empty: list[list[tuple[int, Condition | None]]] = []
        self.reads: list[tuple[Intervals, int] | None] = []
        self.behind: list[tuple[int, int]] = []
        self._state()
        self.start = self._anywhere(tree, FOUND)

    def spend(self, steps: int) -> None:
        """Count what the pattern costs.

        Raises:
            PatternError: it is too much.
        """
        self._budget -= steps
        if self._budget < 0:
            raise PatternError(self._pattern, "it needs too large an automaton")

    def _state(self) -> int:
        self.spend(3)
        self.empty.append([])
        self.reads.append(None)
        return len(self.empty) - 1

    def _anywhere(self, tree: Tree, end: int) -> int:
        """The start of a machine that looks for the tree from any place on."""
        start = self._state()
        if not is_anchored(tree):
            self.reads[start] = (EVERYTHING, start)
        self._between(start, tree, end)
        return start

    def _between(self, start: int, tree: Tree, end: int) -> None:
        first, last = self._build(tree)
        self.empty[start].append((first, None))
        self.empty[last].append((end, None))

    def _build(self, tree: Tree) -> tuple[int, int]:
        start, end = self._state(), self._state()
        match tree:
            case Chars(intervals):
                if intervals:
                    self.reads[start] = (intervals, end)
            case Start() | End() | Boundary():
                self.empty[start].append((end, tree))
            case Look():
                self.empty[start].append((end, self._look(tree)))
            case Sequence(parts):
                at = start
                for part in parts:
                    first, last = self._build(part)
                    self.empty[at].append((first, None))
                    at = last
                self.empty[at].append((end, None))
            case Choice(options):
                for option in options:
                    self._between(start, option, end)
            case Repeat(body, least, most):
                self._repeat(body, least, most, start, end)
        return start, end

    def _look(self, look: Look) -> Condition:
        if look.ahead:
            start = self._state()
            self._between(start, look.body, FOUND)
            return Ahead(start, look.negated)
        end = self._state()
        start = self._anywhere(look.body, end)
        self.behind.append((start, end))
        return Behind(len(self.behind) - 1, look.negated)

    def _repeat(self, body: Tree, least: int, most: int | None, start: int, end: int) -> None:
        at = start
        for _ in range(least):
            first, last = self._build(body)
            self.empty[at].append((first, None))
            at = last
        if most is None:
            loop = self._state()
            self.empty[at].append((loop, None))
            self.empty[loop].append((end, None))
            self._between(loop, body, loop)
            return
        for _ in range(most - least):
            self.empty[at].append((end, None))
            first, last = self._build(body)
            self.empty[at].append((first, None))
            at = last
        self.empty[at].append((end, None))
