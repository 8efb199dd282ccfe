"""Deterministic automata over an alphabet cut into atoms: code points that no pattern at hand tells apart."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Iterator

from chime_fixtures.languages.charsets import LAST, Dialect, Intervals
from chime_fixtures.languages.parser import (
    ANYTHING,
    Chars,
    Choice,
    End,
    PatternError,
    Repeat,
    Sequence,
    Start,
    Tree,
    parse,
)

_STEPS = 200_000
"""How many transitions a pattern may cost; more is a blow-up, and refused."""

_SURROGATES = (0xD800, 0xDFFF)
_NO_ATOM = -1


class Alphabet:
    """The code points in segments, each segment with the number of its atom; surrogates have none."""

    __slots__ = ("_table", "atoms", "ids", "size", "starts")

    def __init__(self, starts: list[int], ids: list[int], size: int) -> None:
        self.starts = starts
        self.ids = ids
        self.size = size
        self._table = [ids[bisect.bisect_right(starts, code) - 1] for code in range(128)]
        self.atoms: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for index, (start, atom) in enumerate(zip(starts, ids, strict=True)):
            if atom != _NO_ATOM:
                end = starts[index + 1] - 1 if index + 1 < len(starts) else LAST
                self.atoms[atom].append((start, end))

    def atom(self, char: str) -> int:
        """The atom of a character."""
        code = ord(char)
        return self._table[code] if code < 128 else self.ids[bisect.bisect_right(self.starts, code) - 1]

    @classmethod
    def over(cls, sets: list[Intervals]) -> Alphabet:
        """The coarsest alphabet in which each set is a union of atoms."""
        cuts = {0, _SURROGATES[0], _SURROGATES[1] + 1}
        for intervals in sets:
            for low, high in intervals:
                cuts.update((low, high + 1))
        starts = sorted(cut for cut in cuts if cut <= LAST)
        numbers: dict[tuple[bool, ...], int] = {}
        ids = []
        for start in starts:
            if _SURROGATES[0] <= start <= _SURROGATES[1]:
                ids.append(_NO_ATOM)
            else:
                signature = tuple(contains(intervals, start) for intervals in sets)
                ids.append(numbers.setdefault(signature, len(numbers)))
        return cls(starts, ids, len(numbers))


def contains(intervals: Intervals, code: int) -> bool:
    """Whether a code point is in a set."""
    index = bisect.bisect_right(intervals, (code, LAST + 1)) - 1
    return index >= 0 and intervals[index][1] >= code


class Automaton:
    """A complete deterministic automaton; state 0 is where it begins."""

    __slots__ = ("accepting", "alphabet", "moves")

    def __init__(self, alphabet: Alphabet, moves: list[list[int]], accepting: list[bool]) -> None:
        self.alphabet = alphabet
        self.moves = moves
        self.accepting = accepting

    def accepts(self, text: str) -> bool:
        """Whether the text leads to an accepting state; a lone surrogate never does."""
        state = 0
        for char in text:
            atom = self.alphabet.atom(char)
            if atom == _NO_ATOM:
                return False
            state = self.moves[state][atom]
        return self.accepting[state]

    def complement(self) -> Automaton:
        """The texts that this one refuses."""
        return Automaton(self.alphabet, self.moves, [not accepts for accepts in self.accepting])

    def combine(self, other: Automaton, both: Callable[[bool, bool], bool]) -> Automaton:
        """The texts of which the two verdicts together say yes.

        Raises:
            PatternError: the product is too large.
        """
        alphabet, left_of, right_of = _refine(self.alphabet, other.alphabet)
        states: dict[tuple[int, int], int] = {(0, 0): 0}
        queue = [(0, 0)]
        moves: list[list[int]] = []
        accepting: list[bool] = []
        for left, right in queue:
            row = []
            for atom in range(alphabet.size):
                target = (self.moves[left][left_of[atom]], other.moves[right][right_of[atom]])
                if target not in states:
                    states[target] = len(queue)
                    queue.append(target)
                row.append(states[target])
            moves.append(row)
            accepting.append(both(self.accepting[left], other.accepting[right]))
            if len(moves) * alphabet.size > _STEPS:
                raise PatternError("", "the patterns together need too large an automaton")
        return Automaton(alphabet, moves, accepting)


def _refine(left: Alphabet, right: Alphabet) -> tuple[Alphabet, list[int], list[int]]:
    starts = sorted({*left.starts, *right.starts})
    numbers: dict[tuple[int, int], int] = {}
    ids = []
    for start in starts:
        pair = (
            left.ids[bisect.bisect_right(left.starts, start) - 1],
            right.ids[bisect.bisect_right(right.starts, start) - 1],
        )
        ids.append(_NO_ATOM if _NO_ATOM in pair else numbers.setdefault(pair, len(numbers)))
    return Alphabet(starts, ids, len(numbers)), [pair[0] for pair in numbers], [pair[1] for pair in numbers]


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str, dialect: Dialect) -> Automaton:
    """The texts in which the pattern is found.

    Raises:
        PatternError: it is malformed, not driven, or too costly.
    """
    machine = _Machine(pattern)
    start, end = machine.build(Sequence((ANYTHING, parse(pattern, dialect), ANYTHING)))
    return machine.determinise(start, end)


class _Machine:
    """Thompson's construction; anchors are empty moves that hold only at one end of the text."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._empty: list[list[tuple[int, type | None]]] = []
        self._reads: list[tuple[Intervals, int] | None] = []
        self._budget = _STEPS

    def _state(self) -> int:
        self._spend(1)
        self._empty.append([])
        self._reads.append(None)
        return len(self._empty) - 1

    def _spend(self, steps: int) -> None:
        self._budget -= steps
        if self._budget < 0:
            raise PatternError(self._pattern, "it needs too large an automaton")

    def build(self, tree: Tree) -> tuple[int, int]:
        start, end = self._state(), self._state()
        match tree:
            case Chars(intervals):
                self._reads[start] = (intervals, end)
            case Start() | End():
                self._empty[start].append((end, type(tree)))
            case Sequence(parts):
                at = start
                for part in parts:
                    first, last = self.build(part)
                    self._empty[at].append((first, None))
                    at = last
                self._empty[at].append((end, None))
            case Choice(options):
                for option in options:
                    first, last = self.build(option)
                    self._empty[start].append((first, None))
                    self._empty[last].append((end, None))
            case Repeat(body, least, most):
                self._repeat(body, least, most, start, end)
        return start, end

    def _repeat(self, body: Tree, least: int, most: int | None, start: int, end: int) -> None:
        at = start
        for _ in range(least):
            first, last = self.build(body)
            self._empty[at].append((first, None))
            at = last
        if most is None:
            first, last = self.build(body)
            loop = self._state()
            self._empty[at].append((loop, None))
            self._empty[loop] += [(first, None), (end, None)]
            self._empty[last].append((loop, None))
            return
        for _ in range(most - least):
            self._empty[at].append((end, None))
            first, last = self.build(body)
            self._empty[at].append((first, None))
            at = last
        self._empty[at].append((end, None))

    def _closure(self, states: frozenset[int], anchors: tuple[type, ...] = ()) -> frozenset[int]:
        found = set(states)
        stack = list(states)
        while stack:
            for target, anchor in self._empty[stack.pop()]:
                if target not in found and (anchor is None or anchor in anchors):
                    found.add(target)
                    stack.append(target)
        self._spend(len(found))
        return frozenset(found)

    def determinise(self, start: int, end: int) -> Automaton:
        alphabet = Alphabet.over(list({read[0] for read in self._reads if read is not None}))
        samples = [segments[0][0] for segments in alphabet.atoms]
        first = self._closure(frozenset([start]), (Start,))
        numbers = {first: 0}
        queue = [first]
        moves: list[list[int]] = []
        accepting: list[bool] = []
        for states in queue:
            reads = [read for read in map(self._reads.__getitem__, states) if read is not None]
            row = []
            for sample in samples:
                self._spend(1 + len(reads) // 8)
                reached = frozenset(target for intervals, target in reads if contains(intervals, sample))
                closed = self._closure(reached)
                if closed not in numbers:
                    numbers[closed] = len(queue)
                    queue.append(closed)
                row.append(numbers[closed])
            moves.append(row)
            anchors = (Start, End) if len(moves) == 1 else (End,)
            accepting.append(end in self._closure(states, anchors))
        return Automaton(alphabet, moves, accepting)


def finite(texts: Iterator[str]) -> Automaton:
    """Exactly these texts."""
    tree = Sequence((Start(), Choice(tuple(_spell(text) for text in texts)), End()))
    machine = _Machine("")
    return machine.determinise(*machine.build(tree))


def _spell(text: str) -> Tree:
    return Sequence(tuple(Chars(((ord(char), ord(char)),)) for char in text))
