"""Deterministic automata, and how patterns become such."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.alphabet import NO_ATOM, Alphabet, refine
from chime_fixtures.engine.regex.charsets import Dialect
from chime_fixtures.engine.regex.determinise import Machine
from chime_fixtures.engine.regex.nfa import STEPS
from chime_fixtures.engine.regex.parser import parse
from chime_fixtures.engine.regex.properties import unassigned
from chime_fixtures.engine.regex.syntax import Chars, Choice, End, Look, PatternError, Repeat, Sequence, Start, Tree


class Automaton:
    """A complete deterministic automaton; state 0 is where it begins."""

    __slots__ = ("accepting", "alphabet", "moves")

    def __init__(self, alphabet: Alphabet, moves: list[list[int]], accepting: list[bool]) -> None:
        self.alphabet = alphabet
        self.moves = moves
        self.accepting = accepting

    def accepts(self, text: str) -> bool:
        """Whether the text leads to an accepting state; a lone surrogate never leads anywhere."""
        state = 0
        for char in text:
            atom = self.alphabet.atom(char)
            if atom == NO_ATOM:
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
        alphabet, left_of, right_of = refine(self.alphabet, other.alphabet)
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
            if len(moves) * alphabet.size > STEPS:
                raise PatternError("", "the patterns together need too large an automaton")
        return Automaton(alphabet, moves, accepting)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The automaton of a pattern, and what the pattern asks of the length beside it."""

    automaton: Automaton
    shortest: int = 0
    longest: int | None = None


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str, dialect: Dialect) -> Compiled:
    """The texts in which the pattern is found.

    Raises:
        PatternError: it is malformed, not driven, or too costly.
    """
    try:
        tree, shortest, longest = _peel(parse(pattern, dialect))
        # Of what Unicode has not assigned, a later version may say something else.
        machine = Machine(pattern, tree, unassigned() if r"\p{" in pattern.lower() else ())
        moves, accepting = machine.determinise()
    except RecursionError as error:
        raise PatternError(pattern, "it is nested too deeply") from error
    return Compiled(Automaton(machine.alphabet, moves, accepting), shortest, longest)


_COUNTED = 1000
_COUNTED_AHEAD = 100
"""Up to which number of characters a length is counted in the automaton; ahead, it multiplies what it looks at."""


def _peel(tree: Tree) -> tuple[Tree, int, int | None]:
    """The tree without its rules on the length of the whole text: ``^[a-z]{1,65535}$``, ``^(?=.{1,253}$)``."""
    match tree:
        case Sequence((Start(), Repeat(Chars() as chars, least, most), End())):
            if max(least, most or 0) > _COUNTED:
                return Sequence((Start(), Repeat(chars, 0, None), End())), least, most
        case Sequence((Start(), Look(Sequence((Repeat(Chars() as chars, least, most), End())), True, False), *rest)):
            if max(least, most or 0) > _COUNTED_AHEAD:
                of_these = Look(Sequence((Repeat(chars, 0, None), End())), ahead=True, negated=False)
                return Sequence((Start(), of_these, *rest)), least, most
    return tree, 0, None


def finite(texts: Iterable[str]) -> Automaton:
    """Exactly these texts."""
    tree = Sequence((Start(), Choice(tuple(_spell(text) for text in texts)), End()))
    machine = Machine("", tree)
    return Automaton(machine.alphabet, *machine.determinise())


def _spell(text: str) -> Tree:
    return Sequence(tuple(Chars(((ord(char), ord(char)),)) for char in text))
