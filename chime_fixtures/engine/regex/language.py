"""Regular languages: sets of strings of which one of any possible length can be constructed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chime_fixtures.engine.regex.alphabet import NO_CLASS
from chime_fixtures.engine.regex.charsets import Flavour
from chime_fixtures.engine.regex.dfa import Dfa, compile_pattern, finite
from chime_fixtures.engine.regex.lengths import LengthTable

PADDING = "0"
"""The character that pads a string where it is allowed, since Hypothesis shrinks towards it."""

_MAX_EXTRA_LENGTH = 64
"""Lengths beyond the shortest of which the strings of an infinite language are listed."""

_MAX_DIRECT_LENGTH = 32
"""Up to this length a string is constructed character by character; in a longer one, repeated parts are copied."""

_MIN_REPEATED_TEMPLATE_LENGTH = 4
"""A template of this length or more is repeated; after a shorter one the string is padded."""


class Language:
    """An immutable set of strings over Unicode scalar values, with bounds on their length in code points.

    Strings are constructed by `construct`, never found by trial.

    Attributes:
        dfa: the automaton that decides on membership, apart from the bounds on length.
    """

    def __init__(
        self, dfa: Dfa, min_length: int = 0, max_length: int | None = None, *, table: LengthTable | None = None
    ) -> None:
        self.dfa = dfa
        self._min_length = min_length
        self._max_length = max_length
        self._table = table or LengthTable(dfa)

    @staticmethod
    @functools.cache
    def all_strings() -> Language:
        """The language of every string."""
        return Language.from_pattern("")

    @staticmethod
    def from_pattern(pattern: str, *, flavour: Flavour = "ecma") -> Language:
        """The strings in which a pattern is found, anywhere: by ECMA 262, as JSON Schema requires, or another flavour.

        Raises:
            PatternError: the pattern is malformed, not regular, unsupported, or its automaton is too large.
        """
        compiled = compile_pattern(pattern, flavour)
        return Language(compiled.dfa, compiled.min_length, compiled.max_length)

    @staticmethod
    def finite(texts: Iterable[str]) -> Language:
        """The language of exactly these strings."""
        distinct = frozenset(texts)
        return _cached(("finite", distinct), lambda: Language(finite(distinct)))

    # Set operations: products of the automata, intersections of the bounds -------------------------------------------

    def __and__(self, other: Language) -> Language:
        return _cached(("and", self, other), lambda: self._intersection(other))

    def _intersection(self, other: Language) -> Language:
        product = self.dfa.product(other.dfa, lambda left, right: left and right)
        return Language(product, max(self._min_length, other._min_length), self._lower_maximum(other._max_length))

    def __sub__(self, other: Language) -> Language:
        """The difference; bounds on length of the other language are ignored."""
        return _cached(("sub", self, other), lambda: self._difference(other))

    def _difference(self, other: Language) -> Language:
        product = self.dfa.product(other.dfa, lambda left, right: left and not right)
        return Language(product, self._min_length, self._max_length)

    def __or__(self, other: Language) -> Language:
        """The union.

        Raises:
            ValueError: their bounds on length differ.
        """
        if (self._min_length, self._max_length) != (other._min_length, other._max_length):
            raise ValueError("the languages have different bounds on length")
        product = self.dfa.product(other.dfa, lambda left, right: left or right)
        return Language(product, self._min_length, self._max_length)

    def complement(self) -> Language:
        """The strings of any length that the automaton rejects; bounds on length are ignored."""
        return Language(self.dfa.complement())

    def between(self, min_length: int = 0, max_length: int | None = None) -> Language:
        """The strings with a length between two bounds, both included."""
        minimum, maximum = max(self._min_length, min_length), self._lower_maximum(max_length)
        return Language(self.dfa, minimum, maximum, table=self._table)

    def _lower_maximum(self, max_length: int | None) -> int | None:
        return min((each for each in (self._max_length, max_length) if each is not None), default=None)

    # Queries ---------------------------------------------------------------------------------------------------------

    def __contains__(self, text: str) -> bool:
        return self._is_within_bounds(len(text)) and self.dfa.accepts(text)

    def _is_within_bounds(self, length: int) -> bool:
        return self._min_length <= length and (self._max_length is None or length <= self._max_length)

    def has_length(self, length: int) -> bool:
        """True if a string of the language has exactly this many code points."""
        return self._is_within_bounds(length) and bool(self._table[length] & 1)

    @functools.cached_property
    def shortest(self) -> int | None:
        """The minimum length of a string; None if the language is empty."""
        return self._table.minimum(self._min_length, self._max_length)

    @property
    def is_empty(self) -> bool:
        """True if the language contains no string."""
        return self.shortest is None

    @functools.cached_property
    def characters(self) -> Language:
        """The strings of any length over the characters that its strings contain, whatever the bounds on length."""
        dead = self.dfa.dead_states
        live = [row for state, row in enumerate(self.dfa.transitions) if state not in dead]
        row = [int(all(each[symbol] in dead for each in live)) for symbol in range(self.dfa.alphabet.size)]
        return Language(Dfa(self.dfa.alphabet, [row, [1] * len(row)], [True, False]))

    def lengths(self, limit: int) -> list[int]:
        """Each length of a string up to `limit`, ascending."""
        lengths = self._lengths_by_limit.get(limit)
        if lengths is None:
            last = limit if self._max_length is None else min(limit, self._max_length)
            lengths = self._lengths_by_limit[limit] = self._table.within(self._min_length, last)
        return lengths

    @functools.cached_property
    def _lengths_by_limit(self) -> dict[int, list[int]]:
        return {}

    @functools.cached_property
    def longest(self) -> int | None:
        """The maximum length of a string; None if there is no maximum, or no string."""
        if self._max_length is None and self._table.is_infinite:
            return None
        last = len(self.dfa.transitions) if self._max_length is None else self._max_length
        return self._table.maximum(self._min_length, last)

    def count(self, limit: int) -> int:
        """The number of strings, or `limit` if there are at least that many."""
        if self.longest is None:
            return 0 if self.is_empty else limit
        sizes = [sum(high - low + 1 for low, high in codes) for codes in self.dfa.alphabet.symbol_classes]
        total, reached = 0, {0: 1}
        for length in range(self.longest + 1):
            if self._is_within_bounds(length):
                total += sum(count for state, count in reached.items() if self.dfa.accepting[state])
            if total >= limit:
                return limit
            following: dict[int, int] = {}
            for state, count in reached.items():
                for symbol, target in enumerate(self.dfa.transitions[state]):
                    following[target] = min(following.get(target, 0) + count * sizes[symbol], limit)
            reached = following
        return total

    def strings(self) -> Iterator[str]:
        """The strings of the language, the shortest first; of an infinite one those of the first lengths."""
        last = self.longest if self.longest is not None else (self.shortest or 0) + _MAX_EXTRA_LENGTH
        for length in self.lengths(last):
            yield from self._strings_of_length(length) if length else [""]

    def _strings_of_length(self, length: int) -> Iterator[str]:
        # A stack of its own, since a string may be longer than Python's.
        chars: list[str] = []
        stack = [self._next_characters(0, length - 1)]
        while stack:
            char, state = next(stack[-1], (None, 0))
            if char is None:
                stack.pop()
                del chars[-1:]
            elif len(stack) == length:
                yield "".join([*chars, char])
            else:
                chars.append(char)
                stack.append(self._next_characters(state, length - len(stack) - 1))

    def _next_characters(self, state: int, rest: int) -> Iterator[tuple[str | None, int]]:
        """Each character after which a string can be finished with `rest` others, and the state that it leads to."""
        classes = self.dfa.alphabet.symbol_classes
        for symbol, target in enumerate(self.dfa.transitions[state]):
            if self._table[rest] >> target & 1:
                yield from ((chr(code), target) for low, high in classes[symbol] for code in range(low, high + 1))

    # Construction ----------------------------------------------------------------------------------------------------

    def construct(self, length: int, template: str = "") -> str:
        """The string of exactly `length` code points that follows `template` as closely as possible.

        A character of the template stays if the string can still be finished after it; otherwise an allowed character
        replaces it, chosen by the template's. After its end a template of four characters or more is repeated; after a
        shorter one the string is padded.

        Raises:
            ValueError: no string of the language has that length.
        """
        if not self.has_length(length):
            raise ValueError(f"no string of the language has {length} characters")
        chars: list[str] = []
        if length <= _MAX_DIRECT_LENGTH:
            self._follow(template, 0, length, length, chars)
            return "".join(chars)
        # Once a repetition of the template leads back to the state that it began in, so does every further one.
        cycle = max(len(template), 1) if len(template) >= _MIN_REPEATED_TEMPLATE_LENGTH else 1
        state = self._follow(template, 0, min(len(template), length), length, chars)
        while len(chars) < length:
            before = state
            state = self._follow(template, state, min(len(chars) + cycle, length), length, chars)
            period = self._table.period
            if state == before and period is not None and period.length == 1:
                repetitions = (length - len(chars) - period.start - 1) // cycle
                chars.extend(chars[-cycle:] * max(repetitions, 0))
        return "".join(chars)

    def _follow(self, template: str, state: int, stop: int, length: int, chars: list[str]) -> int:
        """Append to `chars` up to the position `stop` of a string of that length; returns the state reached."""
        dfa = self.dfa
        transitions, class_of, table = dfa.transitions, dfa.alphabet.class_of, self._table
        size = len(template)
        for index in range(len(chars), stop):
            if index < size:
                char = template[index]
            else:
                char = template[index % size] if size >= _MIN_REPEATED_TEMPLATE_LENGTH else PADDING
            alive = table[length - index - 1]
            row = transitions[state]
            symbol = class_of(char)
            if symbol < 0 or not alive >> row[symbol] & 1:
                allowed = self._allowed(state, alive)
                rank = max(ord(char) - ord(PADDING), 0)
                symbol, codes = allowed[rank % len(allowed)]
                low, high = codes[rank % len(codes)]
                char = chr(low + rank % (high - low + 1))
            chars.append(char)
            state = row[symbol]
        return state

    def _allowed(self, state: int, alive: int) -> list[tuple[int, list[tuple[int, int]]]]:
        """The symbol classes that lead to one of the states `alive`, simplest first, with their code points."""
        allowed = self._allowed_by_states.get((state, alive))
        if allowed is None:
            row = self.dfa.transitions[state]
            classes = self.dfa.alphabet.symbol_classes
            allowed = [
                (symbol, sorted(classes[symbol], key=_simplicity))
                for symbol in range(len(row))
                if alive >> row[symbol] & 1
            ]
            allowed.sort(key=lambda choice: _simplicity(choice[1][0]))
            self._allowed_by_states[state, alive] = allowed
        return allowed

    @functools.cached_property
    def _allowed_by_states(self) -> dict[tuple[int, int], list[tuple[int, list[tuple[int, int]]]]]:
        return {}

    # Near misses -----------------------------------------------------------------------------------------------------

    def near_misses(self, text: str) -> Iterator[tuple[str, str]]:
        """The texts at edit distance one that the automaton rejects, whatever their length, with the name of each edit.

        One character of `text` is deleted, replaced or inserted; of each symbol class only the simplest character is
        used. Edits near the ends of the text come first; no text is repeated.

        Args:
            text: a string of the language.
        """
        known: dict[tuple[int, int], bool] = {}
        states = [0]
        symbols = [self.dfa.alphabet.class_of(char) for char in text]
        if NO_CLASS in symbols:
            raise ValueError(f"{text!r} is not in the language")
        for symbol in symbols:
            states.append(self.dfa.transitions[states[-1]][symbol])
        seen = {text}
        for start in sorted(range(len(text) + 1), key=lambda index: min(index, len(text) - index)):
            for name, inserted, rest in self._edits(start, len(text)):
                edited = text[:start] + inserted + text[rest:]
                if edited not in seen:
                    seen.add(edited)
                    state = states[start]
                    if inserted:
                        state = self.dfa.transitions[state][self.dfa.alphabet.class_of(inserted)]
                    if not self._accepts_rest(state, symbols, rest, known):
                        yield name, edited

    def _edits(self, start: int, size: int) -> Iterator[tuple[str, str, int]]:
        """The edits at one position: name, inserted character, index at which the text continues."""
        if start < size:
            yield f"delete-{start}", "", start + 1
        for char in self._simplest_characters:
            if start < size:
                yield f"replace-{start}-{ord(char):04x}", char, start + 1
            yield f"insert-{start}-{ord(char):04x}", char, start

    @functools.cached_property
    def _simplest_characters(self) -> list[str]:
        """The simplest character of each symbol class, simplest first."""
        simplest = [min(codes, key=_simplicity) for codes in self.dfa.alphabet.symbol_classes]
        return [_simplest_character(interval) for interval in sorted(simplest, key=_simplicity)]

    def _accepts_rest(self, state: int, symbols: list[int], start: int, known: dict[tuple[int, int], bool]) -> bool:
        """True if the symbols from `start` on lead from a state to acceptance."""
        path = []
        while start < len(symbols) and (state, start) not in known:
            path.append((state, start))
            state = self.dfa.transitions[state][symbols[start]]
            start += 1
        accepts = known[state, start] if start < len(symbols) else self.dfa.accepting[state]
        known.update(dict.fromkeys(path, accepts))
        return accepts


def _simplicity(interval: tuple[int, int]) -> tuple[int, int]:
    """A sort key: digits, capital letters, small letters, the rest of printable ASCII, everything else."""
    low, high = interval
    for rank, (first, last) in enumerate(((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x20, 0x7E))):
        if low <= last and high >= first:
            return rank, low
    return 4, low


def _simplest_character(interval: tuple[int, int]) -> str:
    """The first digit, letter or space of an interval, else its first character."""
    low, high = interval
    return chr(next((max(low, first) for first in (0x30, 0x41, 0x61, 0x20) if low <= first <= high), low))


MAX_CACHED_LANGUAGES = 1024
"""The same names and patterns occur at many locations of a schema, above all in unions of objects."""

MAX_CACHED_TRANSITIONS = 4096
"""A larger automaton is not cached, so that the cache has at most 40 MB."""

_languages: dict[tuple[Any, ...], Language] = {}


def _cached(key: tuple[Any, ...], construct: Callable[[], Language]) -> Language:
    """The language of an operation and its operands; languages are compared by identity."""
    language = _languages.get(key)
    if language is None:
        language = construct()
        if len(language.dfa.transitions) * language.dfa.alphabet.size <= MAX_CACHED_TRANSITIONS:
            if len(_languages) >= MAX_CACHED_LANGUAGES:
                _languages.clear()
            _languages[key] = language
    return language
