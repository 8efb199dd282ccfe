"""The languages that may contain a text, by its first and last characters and the set of its characters.

Each automaton decides once the characters with which its texts begin and end, those that they have at all, and some of
which each has at least one. For most languages of hazards nothing else is required. Ordinary strings of ASCII have few
shapes, whose languages are remembered.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chime_fixtures.engine.regex.alphabet import NO_CLASS, common_alphabet
from chime_fixtures.engine.regex.dfa import Dfa
from chime_fixtures.engine.regex.text_shapes import GROUPS, MAX_SHAPE_LENGTH, kind

MAX_KNOWN_CHARACTERS = 2**14
"""Characters whose facts are remembered."""

MAX_KNOWN_CANDIDATES = 4096
"""Sets of candidates that are remembered."""

Symbols = frozenset[int]


class Candidates(NamedTuple):
    """Indices of languages, in ascending order.

    Attributes:
        certain: those that contain the text.
        possible: those that may contain it.
    """

    certain: list[int]
    possible: list[int]


class Requirements(NamedTuple):
    """Facts that are true of each text that an automaton accepts, but for the empty one.

    Attributes:
        first: the symbol classes of its first character.
        last: those of its last character.
        allowed: those of its characters.
        required: those of which it has at least one; None if it needs none of any set.
        are_sufficient: True if each text of which the facts are true is accepted.
        min_length: its least number of characters.
        max_length: its greatest number of characters; None for no limit.
    """

    first: Symbols
    last: Symbols
    allowed: Symbols
    required: Symbols | None
    are_sufficient: bool
    min_length: int
    max_length: int | None


def requirements(dfa: Dfa) -> Requirements:
    """The facts that are true of each text that an automaton accepts, but for the empty one."""
    dead = dfa.dead_states
    rows = {
        state: [(symbol, target) for symbol, target in enumerate(dfa.transitions[state]) if target not in dead]
        for state in _reachable(dfa, range(dfa.alphabet.size))
        if state not in dead
    }
    first = frozenset([symbol for symbol, _ in rows.get(0, ())])
    last = frozenset([symbol for row in rows.values() for symbol, target in row if dfa.accepting[target]])
    allowed = frozenset([symbol for row in rows.values() for symbol, _ in row])
    required = _required(dfa, allowed)
    are_sufficient = _are_sufficient(dfa, first, last, allowed, required)
    return Requirements(first, last, allowed, required, are_sufficient, *_lengths(dfa, rows))


def _reachable(dfa: Dfa, symbols: Iterable[int]) -> list[int]:
    """The states to which texts of some symbol classes lead."""
    symbols = [*symbols]
    states = [0]
    known = {0}
    for state in states:
        row = dfa.transitions[state]
        for symbol in symbols:
            target = row[symbol]
            if target not in known:
                known.add(target)
                states.append(target)
    return states


def _required(dfa: Dfa, allowed: Symbols) -> Symbols | None:
    """Rare symbol classes without any of which no text is accepted, and none of which can be left out."""
    if dfa.accepting[0] or not allowed:
        return None
    required = allowed
    for symbol in sorted(allowed, key=lambda symbol: _frequency(dfa, symbol), reverse=True):
        others = allowed - required | {symbol}
        if not any(dfa.accepting[state] for state in _reachable(dfa, others)):
            required -= {symbol}
    return required


def _frequency(dfa: Dfa, symbol: int) -> tuple[int, int]:
    """A measure by which ordinary texts have a symbol class: its letters and digits of ASCII, then its code points."""
    intervals = dfa.alphabet.symbol_classes[symbol]
    ordinary = sum(
        max(min(ord(group[-1]), high) - max(ord(group[0]), low) + 1, 0) for low, high in intervals for group in GROUPS
    )
    return ordinary, sum(high - low + 1 for low, high in intervals)


def _are_sufficient(dfa: Dfa, first: Symbols, last: Symbols, allowed: Symbols, required: Symbols | None) -> bool:
    """True if each text that has the facts of `Requirements`, except for its length, is accepted."""
    # The states to which texts lead, and the facts that are true of the texts.
    queue = [
        (dfa.transitions[0][symbol], required is None or symbol in required, symbol in last)
        for symbol in sorted(first & allowed)
    ]
    known = {*queue}
    for state, has_required, is_last in queue:
        if has_required and is_last and not dfa.accepting[state]:
            return False
        row = dfa.transitions[state]
        for symbol in allowed:
            reached = (row[symbol], has_required or required is None or symbol in required, symbol in last)
            if reached not in known:
                known.add(reached)
                queue.append(reached)
    return True


def _lengths(dfa: Dfa, rows: dict[int, list[tuple[int, int]]]) -> tuple[int, int | None]:
    """The least and the greatest number of characters of an accepted text that is not empty."""
    targets = {state: {target for _, target in row} for state, row in rows.items()}
    min_length, states, length = 0, {0}, 0
    while states and length <= len(rows):
        states = {target for state in states for target in targets.get(state, ())}
        length += 1
        if any(dfa.accepting[state] for state in states):
            min_length = min_length or length
            longest = length
    return min_length, None if states else longest if min_length else 0


class _Facts(dict[str, int]):
    """Bits by character, which are computed when they are first required and remembered."""

    def __init__(self, compute: Callable[[str], int]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, character: str) -> int:
        bits = self._compute(character)
        # Read by other threads at the same time: it never loses characters.
        if len(self) < MAX_KNOWN_CHARACTERS:
            self[character] = bits
        return bits


class _Group(NamedTuple):
    """The bits of a text by a group of characters that its shape does not distinguish.

    Attributes:
        first: the first character is one of the group.
        last: the last one is.
        present: a character is.
        possible: some characters may be.
    """

    first: int
    last: int
    present: int
    possible: int


class LanguageFilter:
    """Several languages, each with its index; threads may share it.

    Args:
        dfas: the automata of the languages.
        characters: further languages: the texts that have a character which satisfies a predicate.
    """

    def __init__(self, dfas: Sequence[Dfa], characters: Sequence[Callable[[str], object]] = ()) -> None:
        self._dfas = dfas
        self._characters = characters
        self._requirements = [requirements(dfa) for dfa in dfas]
        self._count = len(dfas) + len(characters)
        self._all = (1 << self._count) - 1
        # One bit for each language; a predicate is decided by the characters.
        self._sufficient = self._all - _bits(not each.are_sufficient for each in self._requirements)
        self._unrestricted = _bits(each.required is None for each in self._requirements)
        self._of_empty = Candidates([index for index, dfa in enumerate(dfas) if dfa.accepting[0]], [])
        self._alphabet, self._symbols = common_alphabet([dfa.alphabet for dfa in dfas])
        self._by_symbol: dict[int, tuple[int, int, int]] = {}
        self._inner = _Facts(self._inner_bits)
        self._first = _Facts(lambda character: self._bits_of(character)[1])
        self._last = _Facts(lambda character: self._bits_of(character)[2])
        self._long = self._excluded_by_length(None)
        self._lengths = {length: self._excluded_by_length(length) for length in range(1, MAX_SHAPE_LENGTH + 1)}
        self._groups = [self._group(characters) for characters in GROUPS]
        self._group_symbols: dict[tuple[int, int], frozenset[int]] = {}
        self._known: dict[int, Candidates] = {}

    # Facts: four sets of languages as the parts of one number --------------------------------------------------------
    # Those that contain no such text, those that do not contain each, those that require one of some characters and of
    # which the text may have one, and those of which it has one.

    def _bits_of(self, character: str) -> tuple[int, int, int]:
        """The facts of a text with a character: anywhere, as the first, and as the last one."""
        symbol = self._alphabet.class_of(character)
        if symbol == NO_CLASS:
            raise ValueError("the text has a lone surrogate")
        known = self._by_symbol.get(symbol)
        if known is None:
            own = [*zip(self._symbols[symbol], self._requirements, strict=True)]
            required = _bits(each.required is not None and symbol in each.required for symbol, each in own)
            count = self._count
            known = self._by_symbol[symbol] = (
                _bits(symbol not in each.allowed for symbol, each in own)
                | required << 2 * count
                | required << 3 * count,
                _bits(symbol not in each.first for symbol, each in own),
                _bits(symbol not in each.last for symbol, each in own),
            )
        return known

    def _inner_bits(self, character: str) -> int:
        bits = self._bits_of(character)[0]
        for index, predicate in enumerate(self._characters, len(self._dfas)):
            if predicate(character):
                bits |= 1 << 2 * self._count + index | 1 << 3 * self._count + index
        return bits

    def _group(self, characters: str) -> _Group:
        """The facts of a text with one of some characters."""
        first, last, inner = (
            (functools.reduce(operator.and_, bits), functools.reduce(operator.or_, bits))
            for bits in ({facts[char] for char in characters} for facts in (self._first, self._last, self._inner))
        )
        count, half = self._count, self._all << 2 * self._count
        uncertain = (inner[1] & self._all) << count
        return _Group(
            first[0] | first[1] << count,
            last[0] | last[1] << count,
            inner[0] & (self._all | self._all << 3 * count) | uncertain | inner[1] & half,
            uncertain | inner[1] & half,
        )

    def _excluded_by_length(self, length: int | None) -> int:
        """The languages without a text of a length, or of any greater one than shapes have."""
        min_length, max_length = (MAX_SHAPE_LENGTH + 1, None) if length is None else (length, length)
        return _bits(
            (each.max_length is not None and each.max_length < min_length)
            or (max_length is not None and each.min_length > max_length)
            for each in self._requirements
        )

    # Texts -----------------------------------------------------------------------------------------------------------

    def candidates(self, text: str) -> Candidates:
        """The languages that contain a text, or may contain it.

        Raises:
            ValueError: the text has a lone surrogate, which no language has.
        """
        if not text:
            return self._of_empty
        inner = self._inner
        bits = self._first[text[0]] | self._last[text[-1]] | self._lengths.get(len(text), self._long)
        for character in set(text):
            bits |= inner[character]
        return self._decided(bits)

    def candidates_of_shape(self, text: str, signs: str) -> Candidates:
        """The languages that contain each text of the shape of a text, or may contain one of them.

        Args:
            text: a text with a shape.
            signs: the signs of its shape.
        """
        bits = self._lengths.get(len(text), self._long)
        first, last = kind(text[0]), kind(text[-1])
        bits |= self._first[text[0]] if first is None else self._groups[first].first
        bits |= self._last[text[-1]] if last is None else self._groups[last].last
        for character in set(signs):
            bits |= self._inner[character]
        # Letters of one case are absent, or there are letters of both or none.
        absent = 1 if text.islower() else 0 if text.isupper() else None
        present = {first, last}
        if absent is not None or not present.isdisjoint({0, 1}):
            present |= {0, 1}
        for number, group in enumerate(self._groups):
            if number != absent:
                bits |= group.present if number in present else group.possible
        certain, possible = self._decided(bits)
        # Each part is a character, or a group from which it is; between two parts are characters of the other groups.
        parts: list[str | int] = [*([] if first is None else [first]), *signs, *([] if last is None else [last])]
        between = [number for number in range(len(GROUPS)) if number != absent]
        results = {
            index: self._results(index, parts[: len(text)], between) if index < len(self._dfas) else {False, True}
            for index in possible
        }
        return Candidates(
            sorted([*certain, *(index for index, accepted in results.items() if accepted == {True})]),
            [index for index, accepted in results.items() if len(accepted) == 2],
        )

    def _decided(self, bits: int) -> Candidates:
        known = self._known.get(bits)
        if known is None:
            count, every = self._count, self._all
            possible = (bits >> 2 * count | self._unrestricted) & ~bits & every
            certain = (bits >> 3 * count | self._unrestricted) & ~(bits >> count) & possible & self._sufficient
            known = Candidates(_indices(certain), _indices(possible ^ certain))
            if len(self._known) >= MAX_KNOWN_CANDIDATES:
                self._known = {}
            self._known[bits] = known
        return known

    def _results(self, index: int, parts: list[str | int], between: list[int]) -> set[bool]:
        """The results of an automaton for all texts of some parts, with characters of some groups between them."""
        dfa = self._dfas[index]
        others = {symbol for group in between for symbol in self._symbols_of(index, group)}
        states = {0}
        for number, part in enumerate(parts):
            before = [*states] if number else []
            for state in before:
                for target in {dfa.transitions[state][symbol] for symbol in others} - states:
                    states.add(target)
                    before.append(target)
            symbols = self._symbols_of(index, part) if isinstance(part, int) else [dfa.alphabet.class_of(part)]
            states = {dfa.transitions[state][symbol] for state in states for symbol in symbols}
        return {dfa.accepting[state] for state in states}

    def _symbols_of(self, index: int, group: int) -> frozenset[int]:
        """The symbol classes of the characters of a group in an automaton."""
        known = self._group_symbols.get((index, group))
        if known is None:
            alphabet = self._dfas[index].alphabet
            known = self._group_symbols[index, group] = frozenset(map(alphabet.class_of, GROUPS[group]))
        return known


def _bits(flags: Iterable[bool]) -> int:
    """The numbers of the flags that are true, as the bits of one number."""
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _indices(bits: int) -> list[int]:
    """The numbers of the bits that are set."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found
