"""Sets of languages: all those that contain a text, found in one pass over its characters.

A language that only requires one of some characters is decided by the characters of the text. The others run in one
automaton whose states are tuples of the states of each. It is built as far as texts require it, since most of its
states are never reached.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence

from chime_fixtures.engine.regex.alphabet import NO_CLASS, Alphabet
from chime_fixtures.engine.regex.dfa import Dfa
from chime_fixtures.engine.regex.language import Language

MAX_REMEMBERED = 2**15
"""Code points and transitions that are remembered; beyond them the automaton is built anew."""

_REJECTS, _ACCEPTS = -1, -2
"""The state of an automaton that rejects, or accepts, whatever follows."""

_Undecided = tuple[tuple[int, int], ...]
"""The index of each language that depends on the rest of a text, with the state of its automaton."""


class _State(dict[str, "_State"]):
    """A state of the common automaton: the next state for each symbol class that was read.

    Attributes:
        undecided: the languages that depend on the rest of the text.
        certain: the indices of the languages that contain the text whatever follows.
        accepting: the indices of the languages that contain a text which ends here.
    """

    __slots__ = ("_follow", "accepting", "certain", "undecided")

    def __init__(
        self,
        undecided: _Undecided,
        certain: tuple[int, ...],
        accepting: list[int],
        follow: Callable[[_State, str], _State],
    ) -> None:
        super().__init__()
        self.undecided = undecided
        self.certain = certain
        self.accepting = accepting
        self._follow = follow

    def __missing__(self, symbol: str) -> _State:
        return self._follow(self, symbol)


class _Symbols(dict[int, str]):
    """A table for `str.translate`: the symbol class of each code point, as a character."""

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self._alphabet = alphabet

    def __missing__(self, code: int) -> str:
        symbol = self._alphabet.class_of(chr(code))
        if symbol == NO_CLASS:
            raise ValueError("the text has a lone surrogate")
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[code] = chr(symbol)
        return self[code]


class LanguageSet:
    """Several languages, each with its index; threads may share it.

    Args:
        languages: the languages, without bounds on length beside their automata.
    """

    def __init__(self, languages: Sequence[Language]) -> None:
        self._dfas = [language.dfa for language in languages]
        self._alphabet, symbols = _common_alphabet([dfa.alphabet for dfa in self._dfas])
        self._universal = [dfa.complement().dead_states for dfa in self._dfas]
        self._bits_by_symbol = [0] * self._alphabet.size
        # The next state for each symbol class of the common alphabet, by language and state.
        self._rows: list[dict[int, list[int]]] = [{} for _ in self._dfas]
        self._symbols = symbols
        others: list[int] = []
        for index, (dfa, universal) in enumerate(zip(self._dfas, self._universal, strict=True)):
            required = _required_symbols(dfa, universal)
            if required is None:
                others.append(index)
                continue
            for symbol, own in enumerate(symbols):
                self._bits_by_symbol[symbol] |= (own[index] in required) << index
        first = [(index, self._reduced(index, 0)) for index in others]
        self._first = tuple((index, state) for index, state in first if state >= 0)
        self._certain = tuple(index for index, state in first if state == _ACCEPTS)
        signs = "".join(chr(symbol) for symbol, bits in enumerate(self._bits_by_symbol) if bits)
        self._find_required = re.compile(f"[{re.escape(signs)}]" if signs else "(?!)").findall
        self._table = _Symbols(self._alphabet)
        self._reset()

    def _reset(self) -> None:
        self._indices: dict[int, list[int]] = {}
        self._states: dict[tuple[_Undecided, tuple[int, ...]], _State] = {}
        self._remembered = 0
        self._start = self._state(self._first, self._certain)

    def containing(self, text: str) -> list[int]:
        """The indices of the languages that contain a text, in no particular order.

        Raises:
            ValueError: the text has a lone surrogate, which no language has.
        """
        symbols = text.translate(self._table)
        state = self._start
        for symbol in symbols:
            state = state[symbol]
        found = self._find_required(symbols)
        if not found:
            return state.accepting
        bits = 0
        for symbol in found:
            bits |= self._bits_by_symbol[ord(symbol)]
        indices = self._indices.get(bits)
        return (self._indices_of(bits) if indices is None else indices) + state.accepting

    def _indices_of(self, bits: int) -> list[int]:
        indices = [index for index in range(len(self._dfas)) if bits >> index & 1]
        self._remember()
        self._indices[bits] = indices
        return indices

    def _follow(self, state: _State, symbol: str) -> _State:
        undecided, certain = [], [*state.certain]
        for index, current in state.undecided:
            row = self._rows[index].get(current) or self._row(index, current)
            target = row[ord(symbol)]
            if target >= 0:
                undecided.append((index, target))
            elif target == _ACCEPTS:
                certain.append(index)
        self._remember()
        following = state[symbol] = self._state(tuple(undecided), tuple(sorted(certain)))
        return following

    def _row(self, index: int, state: int) -> list[int]:
        targets = self._dfas[index].transitions[state]
        row = self._rows[index][state] = [self._reduced(index, targets[own[index]]) for own in self._symbols]
        return row

    def _reduced(self, index: int, state: int) -> int:
        if state in self._dfas[index].dead_states:
            return _REJECTS
        return _ACCEPTS if state in self._universal[index] else state

    def _state(self, undecided: _Undecided, certain: tuple[int, ...]) -> _State:
        known = self._states.get((undecided, certain))
        if known is None:
            accepting = [index for index, state in undecided if self._dfas[index].accepting[state]]
            known = _State(undecided, certain, [*certain, *accepting], self._follow)
            self._states[undecided, certain] = known
        return known

    def _remember(self) -> None:
        """Count one more remembered result; a pass that is in progress keeps its states."""
        self._remembered += 1
        if self._remembered > MAX_REMEMBERED:
            self._reset()


def _common_alphabet(alphabets: Sequence[Alphabet]) -> tuple[Alphabet, list[tuple[int, ...]]]:
    """The coarsest alphabet finer than all, and for each of its symbol classes those of the alphabets around it."""
    starts = sorted({0}.union(*(alphabet.starts for alphabet in alphabets)))
    classes: dict[tuple[int, ...], int] = {}
    class_ids = []
    for start in starts:
        own = tuple(each.class_ids[bisect.bisect_right(each.starts, start) - 1] for each in alphabets)
        class_ids.append(NO_CLASS if NO_CLASS in own else classes.setdefault(own, len(classes)))
    return Alphabet(starts, class_ids, len(classes)), list(classes)


def _required_symbols(dfa: Dfa, universal: frozenset[int]) -> frozenset[int] | None:
    """The symbol classes of which a text must have one to be accepted, if that is all that the automaton requires."""
    required = frozenset(symbol for symbol, target in enumerate(dfa.transitions[0]) if target in universal)
    before = [0]
    for state in before:
        found = {symbol for symbol, target in enumerate(dfa.transitions[state]) if target in universal}
        if dfa.accepting[state] or found != required:
            return None
        before += {target for target in dfa.transitions[state] if target not in universal}.difference(before)
    return required
