"""Deterministic finite automata, and the compilation of patterns to them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.alphabet import NO_CLASS, Alphabet, common_refinement
from chime_fixtures.engine.regex.charsets import Flavour, unassigned
from chime_fixtures.engine.regex.determinise import SubsetConstruction
from chime_fixtures.engine.regex.parser import parse
from chime_fixtures.engine.regex.syntax import (
    CharacterClass,
    Concatenation,
    EndAnchor,
    Lookaround,
    PatternError,
    Repetition,
    StartAnchor,
    Tree,
    simplified,
)

_MAX_COUNTED_LENGTH = 1000
_MAX_COUNTED_LOOKAHEAD_LENGTH = 100
"""Lengths up to these are counted by the automaton itself; in a look-ahead, a count multiplies the rest."""

_MAX_PRODUCT_TRANSITIONS = 250_000


_DEAD = (-1, -1)
"""The state of a product from which it accepts nothing, since one of the operands does not."""


class Dfa:
    """A complete DFA; state 0 is the start.

    Attributes:
        transitions: for each state and symbol class the next state.
        accepting: for each state True if it accepts.
    """

    __slots__ = ("_dead_states", "_universal_states", "accepting", "alphabet", "transitions")

    def __init__(self, alphabet: Alphabet, transitions: list[list[int]], accepting: list[bool]) -> None:
        self.alphabet = alphabet
        self.transitions = transitions
        self.accepting = accepting
        self._dead_states: frozenset[int] | None = None
        self._universal_states: frozenset[int] | None = None

    def accepts(self, text: str) -> bool:
        """True if the text leads to an accepting state; a text with a lone surrogate never does."""
        state = self._state_after(text)
        return state is not None and self.accepting[state]

    def _state_after(self, text: str) -> int | None:
        """The state to which a text leads; None for one with a lone surrogate."""
        state = 0
        for char in text:
            symbol = self.alphabet.class_of(char)
            if symbol == NO_CLASS:
                return None
            state = self.transitions[state][symbol]
        return state

    def complement(self) -> Dfa:
        """The automaton of the texts that this one rejects."""
        return Dfa(self.alphabet, self.transitions, [not accepts for accepts in self.accepting])

    def product(self, other: Dfa, accepts: Callable[[bool, bool], bool]) -> Dfa:
        """The product automaton: a text is accepted if `accepts` is true of the results of both.

        Raises:
            PatternError: the product is too large.
        """
        if len(self.transitions) == self.alphabet.size == 1:
            return Dfa(
                other.alphabet, other.transitions, [accepts(self.accepting[0], each) for each in other.accepting]
            )
        alphabet, left_of, right_of = common_refinement(self.alphabet, other.alphabet)
        # After a state from which an operand accepts nothing, the other operand seldom matters.
        left_dead = self.dead_states if not accepts(False, True) else frozenset()
        right_dead = other.dead_states if not accepts(True, False) else frozenset()
        states: dict[tuple[int, int], int] = {(0, 0): 0}
        queue = [(0, 0)]
        transitions: list[list[int]] = []
        accepting = []
        for left, right in queue:
            if (left, right) == _DEAD:
                transitions.append([states[_DEAD]] * alphabet.size)
                accepting.append(False)
                continue
            row = []
            left_row, right_row = self.transitions[left], other.transitions[right]
            for left_symbol, right_symbol in zip(left_of, right_of, strict=True):
                target = (left_row[left_symbol], right_row[right_symbol])
                if target[0] in left_dead or target[1] in right_dead:
                    target = _DEAD
                if target not in states:
                    states[target] = len(queue)
                    queue.append(target)
                row.append(states[target])
            transitions.append(row)
            accepting.append(accepts(self.accepting[left], other.accepting[right]))
            if len(transitions) * alphabet.size > _MAX_PRODUCT_TRANSITIONS:
                raise PatternError("", "the product of the patterns' automata is too large")
        return Dfa(alphabet, transitions, accepting)

    def minimised(self) -> Dfa:
        """The automaton of the same texts in which no two states accept the same rests."""
        blocks, count = list(map(int, self.accepting)), 0
        while count < (refined := len(set(blocks))):
            count = refined
            # Of one block are the states of one block before, whose transitions lead to equal blocks.
            numbers: dict[tuple[int, ...], int] = {}
            rows = ((block, *map(blocks.__getitem__, row)) for block, row in zip(blocks, self.transitions, strict=True))
            blocks = [numbers.setdefault(row, len(numbers)) for row in rows]
        if count == len(blocks):
            return self
        states = {block: state for state, block in reversed([*enumerate(blocks)])}
        transitions = [[blocks[target] for target in self.transitions[states[block]]] for block in range(count)]
        return Dfa(self.alphabet, transitions, [self.accepting[states[block]] for block in range(count)])

    def result_after(self, start: str) -> bool | None:
        """True if each text that begins with a text is accepted, False if none is, None otherwise."""
        state = self._state_after(start)
        if state in self.dead_states:
            return False
        return True if state in self.universal_states else None

    @property
    def universal_states(self) -> frozenset[int]:
        """The states from which each text is accepted."""
        if self._universal_states is None:
            self._universal_states = self.complement().dead_states
        return self._universal_states

    @property
    def dead_states(self) -> frozenset[int]:
        """The states from which no text is accepted."""
        if self._dead_states is None:
            sources: list[list[int]] = [[] for _ in self.transitions]
            for state, row in enumerate(self.transitions):
                for target in set(row):
                    sources[target].append(state)
            stack = [state for state, accepts in enumerate(self.accepting) if accepts]
            live = set(stack)
            while stack:
                for state in sources[stack.pop()]:
                    if state not in live:
                        live.add(state)
                        stack.append(state)
            self._dead_states = frozenset(range(len(self.transitions))) - live
        return self._dead_states


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """The automaton of a pattern, and the bounds on length that are not part of it."""

    dfa: Dfa
    min_length: int = 0
    max_length: int | None = None


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str, flavour: Flavour) -> CompiledPattern:
    """The automaton of the texts in which a pattern is found.

    Raises:
        PatternError: the pattern is malformed, unsupported, or its automaton is too large.
    """
    try:
        tree, min_length, max_length = _without_length_bounds(simplified(parse(pattern, flavour)))
        # A later version of Unicode may assign any property to the code points that are unassigned today.
        construction = SubsetConstruction(pattern, tree, unassigned() if r"\p{" in pattern.lower() else ())
        transitions, accepting = construction.run()
    except RecursionError as error:
        raise PatternError(pattern, "it is nested too deeply") from error
    return CompiledPattern(Dfa(construction.alphabet, transitions, accepting), min_length, max_length)


def _without_length_bounds(tree: Tree) -> tuple[Tree, int, int | None]:
    """The tree without a large count over the whole text (``^[a-z]{1,65535}$``, ``^(?=.{1,253}$)``), and its bounds."""
    match tree:
        case Concatenation((StartAnchor(), Repetition(CharacterClass() as chars, minimum, maximum), EndAnchor())):
            if max(minimum, maximum or 0) > _MAX_COUNTED_LENGTH:
                return Concatenation((StartAnchor(), Repetition(chars, 0, None), EndAnchor())), minimum, maximum
        case Concatenation(
            (
                StartAnchor(),
                Lookaround(
                    Concatenation((Repetition(CharacterClass() as chars, minimum, maximum), EndAnchor())), True, False
                ),
                *rest,
            )
        ):
            if max(minimum, maximum or 0) > _MAX_COUNTED_LOOKAHEAD_LENGTH:
                body = Concatenation((Repetition(chars, 0, None), EndAnchor()))
                lookahead = Lookaround(body, ahead=True, negated=False)
                return Concatenation((StartAnchor(), lookahead, *rest)), minimum, maximum
    return tree, 0, None


def finite(texts: Iterable[str]) -> Dfa:
    """The automaton that accepts exactly these texts: their trie, and a state for any other text."""
    words = [text for text in sorted(set(texts)) if not any("\ud800" <= char <= "\udfff" for char in text)]
    alphabet = Alphabet.of_characters({char for word in words for char in word})
    classes = {char: alphabet.class_of(char) for word in words for char in word}
    # Each state is the set of the rests of the words that lead to it.
    queue: list[list[str]] = [words]
    transitions: list[list[int]] = []
    accepting: list[bool] = []
    rejecting: int | None = None
    for rests in queue:
        following: dict[int, list[str]] = {}
        for rest in rests:
            if rest:
                following.setdefault(classes[rest[0]], []).append(rest[1:])
        row = []
        for symbol in range(alphabet.size):
            if symbol in following or rejecting is None:
                row.append(len(queue))
                if symbol not in following:
                    rejecting = len(queue)
                queue.append(following.get(symbol, []))
            else:
                row.append(rejecting)
        transitions.append(row)
        accepting.append("" in rests)
    return Dfa(alphabet, transitions, accepting)
