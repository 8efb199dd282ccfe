"""Nondeterministic finite automata, built from syntax trees by Thompson's construction.

An epsilon transition may have a condition: an anchor, a word boundary, a look-ahead or a look-behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from chime_fixtures.engine.regex.charsets import ALL_CHARACTERS, Intervals
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
    is_anchored,
)

MAX_STEPS = 800_000
"""Steps that one pattern's automaton may take, about half a second; a pattern that needs more is rejected.

A common pattern of URLs, with `{1,256}` before a word boundary, needs 734,000.
"""

ACCEPT = 0
"""The state in which the text is accepted, whatever follows."""


@dataclass(frozen=True, slots=True)
class LookaheadCondition:
    """The text from here on must, or must not, lead from the state `start` to `ACCEPT`."""

    start: int
    negated: bool


@dataclass(frozen=True, slots=True)
class LookbehindCondition:
    """The look-behind of this index must, or must not, match here."""

    index: int
    negated: bool


Condition = StartAnchor | EndAnchor | WordBoundary | LookaheadCondition | LookbehindCondition


class Nfa:
    """The NFA of one pattern.

    Attributes:
        start: the state from which the pattern is searched; `ACCEPT` is the accepting one.
        epsilon_transitions: for each state its transitions that read no character, with their conditions.
        character_transitions: for each state the characters that it reads and the state that they lead to, if any.
        lookbehinds: the first and the last state of each look-behind; an inner one precedes the one around it.
    """

    def __init__(self, pattern: str, tree: Tree) -> None:
        self._pattern = pattern
        self._remaining_steps = MAX_STEPS
        self.epsilon_transitions: list[list[tuple[int, Condition | None]]] = []
        self.character_transitions: list[tuple[Intervals, int] | None] = []
        self.lookbehinds: list[tuple[int, int]] = []
        self._add_state()
        self.start = self._add_search(tree, ACCEPT)

    def charge(self, steps: int) -> None:
        """Subtract steps from the pattern's budget.

        Raises:
            PatternError: the budget is used up.
        """
        self._remaining_steps -= steps
        if self._remaining_steps < 0:
            raise PatternError(self._pattern, "its automaton is too large; lower its counts or simplify it")

    def _add_state(self) -> int:
        self.charge(3)
        self.epsilon_transitions.append([])
        self.character_transitions.append(None)
        return len(self.epsilon_transitions) - 1

    def _add_search(self, tree: Tree, end: int) -> int:
        """The start state of an automaton that finds the tree at any position of the text."""
        start = self._add_state()
        if not is_anchored(tree):
            self.character_transitions[start] = (ALL_CHARACTERS, start)
        self._add_between(start, tree, end)
        return start

    def _add_between(self, start: int, tree: Tree, end: int) -> None:
        first, last = self._add(tree)
        self.epsilon_transitions[start].append((first, None))
        self.epsilon_transitions[last].append((end, None))

    def _add(self, tree: Tree) -> tuple[int, int]:
        """The first and the last state of a new automaton for the tree."""
        start, end = self._add_state(), self._add_state()
        match tree:
            case CharacterClass(intervals):
                if intervals:
                    self.character_transitions[start] = (intervals, end)
            case StartAnchor() | EndAnchor() | WordBoundary():
                self.epsilon_transitions[start].append((end, tree))
            case Lookaround():
                self.epsilon_transitions[start].append((end, self._lookaround_condition(tree)))
            case Concatenation(parts):
                state = start
                for part in parts:
                    state = self._append(state, part)
                self.epsilon_transitions[state].append((end, None))
            case Alternation(options):
                for option in options:
                    self._add_between(start, option, end)
            case Repetition(body, minimum, maximum):
                self._add_repetition(body, minimum, maximum, start, end)
        return start, end

    def _append(self, state: int, tree: Tree) -> int:
        """Continue from a state with a tree; returns the tree's last state."""
        first, last = self._add(tree)
        self.epsilon_transitions[state].append((first, None))
        return last

    def _lookaround_condition(self, lookaround: Lookaround) -> Condition:
        if lookaround.ahead:
            start = self._add_state()
            self._add_between(start, lookaround.body, ACCEPT)
            return LookaheadCondition(start, lookaround.negated)
        end = self._add_state()
        start = self._add_search(lookaround.body, end)
        self.lookbehinds.append((start, end))
        return LookbehindCondition(len(self.lookbehinds) - 1, lookaround.negated)

    def _add_repetition(self, body: Tree, minimum: int, maximum: int | None, start: int, end: int) -> None:
        state = start
        for _ in range(minimum):
            state = self._append(state, body)
        if maximum is None:
            loop = self._add_state()
            self.epsilon_transitions[state].append((loop, None))
            self.epsilon_transitions[loop].append((end, None))
            self._add_between(loop, body, loop)
            return
        for _ in range(maximum - minimum):
            self.epsilon_transitions[state].append((end, None))
            state = self._append(state, body)
        self.epsilon_transitions[state].append((end, None))
