"""Sets of languages: all those that contain a text, found in one pass over its characters.

A language that only requires one of some characters is decided by the characters of the text. The others run in one
automaton whose states are tuples of the states of each. It is built as far as texts require it, since most of its
states are never reached. A regular expression passes over the characters that leave a state as it is.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Sequence

from chime_fixtures.engine.regex.alphabet import NO_CLASS, Alphabet
from chime_fixtures.engine.regex.dfa import Dfa
from chime_fixtures.engine.regex.language import Language

MAX_REMEMBERED = 2**15
"""Code points and transitions that are remembered; beyond them the automaton is built anew."""

MIN_LOOPS = 16
"""Characters that leave a state as it is, from which on the state has a regular expression that passes over them.

It is compiled anew for each power of two of them."""

MAX_SKIPS = 16
"""Such regular expressions of one set; each takes about 1 ms to compile."""

_REJECTS, _ACCEPTS = -1, -2
"""The state of an automaton that rejects, or accepts, whatever follows."""

_Undecided = tuple[tuple[int, int], ...]
"""The index of each language that depends on the rest of a text, with the state of its automaton."""


_Key = tuple[_Undecided, tuple[int, ...]]
"""The languages that depend on the rest of a text, and those that contain it whatever follows."""


class _State(dict[str, "_State"]):
    """A state of the common automaton: the next state for each character or text that was read.

    Attributes:
        undecided: the languages that depend on the rest of the text.
        certain: the indices of the languages that contain the text whatever follows.
        accepting: the indices of the languages that contain a text which ends here.
        skip: matches the characters from a position on that lead back to this state; None if it is not known.
        loops: the number of characters that were found to leave this state as it is.
        rows: the next states of each undecided language by symbol class; None if they were not required so far.
    """

    __slots__ = ("_follow", "accepting", "certain", "loops", "rows", "skip", "undecided")

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
        self.loops = 0
        self.rows: list[list[int]] | None = None
        self.skip: Callable[[str, int], re.Match[str] | None] | None = None
        self._follow = follow

    def __missing__(self, text: str) -> _State:
        return self._follow(self, text)


class _Representatives(dict[int, str]):
    """A table for `str.translate`: each ASCII character itself, of any other one the representative of its class."""

    def __init__(self, representatives: list[str], alphabet: Alphabet) -> None:
        super().__init__({code: chr(code) for code in range(128)})
        self._representatives = representatives
        self._alphabet = alphabet

    def __missing__(self, code: int) -> str:
        symbol = self._alphabet.class_of(chr(code))
        if symbol == NO_CLASS:
            raise ValueError("the text has a lone surrogate")
        representative = self._representatives[symbol]
        # Read by other threads at the same time: it never loses the characters of ASCII.
        if len(self) < MAX_REMEMBERED:
            self[code] = representative
        return representative


def _skip_of(state: _State) -> Callable[[str, int], re.Match[str] | None]:
    """The longest text that leads back to a state by one known character of ASCII, or by two at a time."""
    known = [(text, following) for text, following in [*state.items()] if len(text) == 1 and text.isascii()]
    loops = [text for text, following in known if following is state]
    loop = f"[{re.escape(''.join(loops))}]*+"
    steps = [
        f"{re.escape(text)}[{re.escape(''.join(back))}]"
        for text, following in known
        if following is not state and (back := [each for each in loops if following.get(each) is state])
    ]
    return re.compile(f"{loop}(?:(?:{'|'.join(steps)}){loop})*+" if steps else loop).match


class LanguageSet:
    """Several languages, each with its index; threads may share it.

    Args:
        languages: the languages, without bounds on length beside their automata.
    """

    def __init__(self, languages: Sequence[Language]) -> None:
        self._dfas = [language.dfa.minimised() for language in languages]
        self._alphabet, symbols = _common_alphabet([dfa.alphabet for dfa in self._dfas])
        self._universal = [dfa.complement().dead_states for dfa in self._dfas]
        bits_by_symbol = [0] * self._alphabet.size
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
                bits_by_symbol[symbol] |= (own[index] in required) << index
        first = [(index, self._reduced(index, 0)) for index in others]
        self._first = tuple((index, state) for index, state in first if state >= 0)
        self._certain = tuple(index for index, state in first if state == _ACCEPTS)
        self._representatives = [chr(intervals[0][0]) for intervals in self._alphabet.symbol_classes]
        self._table = _Representatives(self._representatives, self._alphabet)
        self._bits = {chr(code): bits_by_symbol[self._alphabet.class_of(chr(code))] for code in range(128)}
        self._bits |= dict(zip(self._representatives, bits_by_symbol, strict=True))
        signs = re.escape("".join(character for character, bits in self._bits.items() if bits))
        self._find_required = re.compile(f"[{signs}]").findall if signs else None
        self._reset()

    def _reset(self) -> None:
        self._indices: dict[int, list[int]] = {}
        self._states: dict[_Key, _State] = {}
        self._remembered = 0
        self._skips = 0
        self._start = self._state(self._first, self._certain)

    def containing(self, text: str, parts: Iterable[str] | None = None) -> list[int]:
        """The indices of the languages that contain a text, in no particular order.

        Args:
            text: the text.
            parts: the same text in parts that many texts have: each of them is remembered.

        Raises:
            ValueError: the text has a lone surrogate, which no language has.
        """
        state = self._start
        if not text.isascii():
            text = text.translate(self._table)
            for character in text:
                state = state[character]
        elif parts is not None:
            for part in parts:
                state = state[part]
        else:
            position, end = 0, len(text)
            while position < end and state.undecided:
                if state.skip is not None:
                    position = state.skip(text, position).end()  # type: ignore[union-attr]  # or the empty text
                    if position >= end:
                        break
                state = state[text[position]]
                position += 1
        if self._find_required is None or not (found := self._find_required(text)):
            return state.accepting
        bits = 0
        for character in found:
            bits |= self._bits[character]
        indices = self._indices.get(bits)
        return (self._indices_of(bits) if indices is None else indices) + state.accepting

    def _indices_of(self, bits: int) -> list[int]:
        indices = [index for index in range(len(self._dfas)) if bits >> index & 1]
        self._remember()
        self._indices[bits] = indices
        return indices

    def _follow(self, state: _State, text: str) -> _State:
        following = state
        if len(text) == 1:
            following = self._next(state, self._alphabet.class_of(text))
        else:
            for character in text:
                following = following[character]
        self._remember()
        state[text] = following
        if following is state and len(text) == 1 and text.isascii():
            state.loops += 1
            if state.loops >= MIN_LOOPS and state.loops.bit_count() == 1 and self._skips < MAX_SKIPS:
                self._skips += 1
                state.skip = _skip_of(state)
        return following

    def _next(self, state: _State, symbol: int) -> _State:
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
