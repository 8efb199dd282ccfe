"""Several regular languages in one automaton: those that contain a text are found in one pass over its parts.

The states of the automaton are tuples of the states of each language. It is built as far as texts require it, since
most of its states are never reached. It suits texts of one form, as date-times, which share their parts; for others
`language_filter` is cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chime_fixtures.engine.regex.alphabet import NO_CLASS, common_alphabet
from chime_fixtures.engine.regex.language import Language

MAX_REMEMBERED = 2**15
"""Transitions that are remembered; beyond them the automaton is built anew."""

_REJECTS, _ACCEPTS = -1, -2
"""The state of an automaton that rejects, or accepts, whatever follows."""

_Undecided = tuple[tuple[int, int], ...]
"""The index of each language that depends on the rest of a text, with the state of its automaton."""

_Key = tuple[_Undecided, tuple[int, ...]]
"""The languages that depend on the rest of a text, and those that contain it whatever follows."""


class State(dict[str, "State"]):
    """A state of the common automaton: the next state for each text that was read.

    Attributes:
        undecided: the languages that depend on the rest of the text.
        certain: the indices of the languages that contain the text whatever follows.
        accepting: the indices of the languages that contain a text which ends here, ascending.
        rows: the next states of each undecided language by symbol class; None if they were not required so far.
    """

    __slots__ = ("_follow", "accepting", "certain", "rows", "undecided")

    def __init__(
        self,
        undecided: _Undecided,
        certain: tuple[int, ...],
        accepting: tuple[int, ...],
        follow: Callable[[State, str], State],
    ) -> None:
        super().__init__()
        self.undecided = undecided
        self.certain = certain
        self.accepting = accepting
        self.rows: list[list[int]] | None = None
        self._follow = follow

    def __missing__(self, text: str) -> State:
        return self._follow(self, text)


class LanguageSet:
    """Several languages, each with its index; threads may share it.

    Args:
        languages: the languages, without bounds on length beside their automata.

    Attributes:
        start: the state of the empty text, which leads to others by texts, as in `start["2026-"]["01"].accepting`. A
            text with a lone surrogate, which no language has, raises a `ValueError`.
    """

    start: State

    def __init__(self, languages: Sequence[Language]) -> None:
        self._dfas = [language.dfa.minimised() for language in languages]
        self._alphabet, self._symbols = common_alphabet([dfa.alphabet for dfa in self._dfas])
        self._universal = [dfa.universal_states for dfa in self._dfas]
        # The next state for each symbol class of the common alphabet, by language and state.
        self._rows: list[dict[int, list[int]]] = [{} for _ in self._dfas]
        first = [(index, self._reduced(index, 0)) for index in range(len(self._dfas))]
        self._first = tuple((index, state) for index, state in first if state >= 0)
        self._certain = tuple(index for index, state in first if state == _ACCEPTS)
        self._reset()

    def _reset(self) -> None:
        self._states: dict[_Key, State] = {}
        self._remembered = 0
        self.start = self._state(self._first, self._certain)

    def containing(self, parts: Iterable[str]) -> tuple[int, ...]:
        """The indices of the languages that contain a text, ascending.

        Args:
            parts: the parts of the text, each of which is remembered: those that many texts have.

        Raises:
            ValueError: the text has a lone surrogate, which no language has.
        """
        state = self.start
        for part in parts:
            state = state[part]
        return state.accepting

    def _follow(self, state: State, text: str) -> State:
        following = state
        if len(text) == 1:
            symbol = self._alphabet.class_of(text)
            if symbol == NO_CLASS:
                raise ValueError("the text has a lone surrogate")
            following = self._next(state, symbol)
        else:
            for character in text:
                following = following[character]
        self._remember()
        state[text] = following
        return following

    def _next(self, state: State, symbol: int) -> State:
        if state.rows is None:
            state.rows = [self._rows[index].get(each) or self._row(index, each) for index, each in state.undecided]
        targets = [row[symbol] for row in state.rows]
        undecided, certain = [], []
        for each, target in zip(state.undecided, targets, strict=True):
            if target == each[1]:
                undecided.append(each)
            elif target >= 0:
                undecided.append((each[0], target))
            elif target == _ACCEPTS:
                certain.append(each[0])
        if not certain:
            return self._state(tuple(undecided), state.certain)
        return self._state(tuple(undecided), tuple(sorted([*state.certain, *certain])))

    def _row(self, index: int, state: int) -> list[int]:
        targets = self._dfas[index].transitions[state]
        row = self._rows[index][state] = [self._reduced(index, targets[own[index]]) for own in self._symbols]
        return row

    def _reduced(self, index: int, state: int) -> int:
        if state in self._dfas[index].dead_states:
            return _REJECTS
        return _ACCEPTS if state in self._universal[index] else state

    def _state(self, undecided: _Undecided, certain: tuple[int, ...]) -> State:
        known = self._states.get((undecided, certain))
        if known is None:
            accepting = [index for index, state in undecided if self._dfas[index].accepting[state]]
            known = State(undecided, certain, tuple(sorted([*certain, *accepting])), self._follow)
            self._states[undecided, certain] = known
        return known

    def _remember(self) -> None:
        """Count one more remembered result; a pass that is in progress keeps its states."""
        self._remembered += 1
        if self._remembered > MAX_REMEMBERED:
            self._reset()
