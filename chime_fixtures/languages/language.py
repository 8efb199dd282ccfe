"""A set of strings from which a member of any possible length can be constructed.

Lengths are not in the automaton: for each number of characters the set of states from which a text of just so many
leads to acceptance is one big integer. Those sets repeat after a while, so any length is answered from a short list.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from chime_fixtures.languages.automaton import Automaton, compile_pattern, finite
from chime_fixtures.languages.charsets import Dialect

SIMPLEST = "0"
"""What a text is padded with where it may be: Hypothesis, too, holds it for the simplest character."""


class Language:
    """An immutable set of strings over Unicode scalar values, with bounds on their length in code points.

    Members are built by `member`; they are never found by trial.

    Attributes:
        automaton: what decides, apart from the bounds on length.
    """

    def __init__(self, automaton: Automaton, shortest: int = 0, longest: int | None = None) -> None:
        self.automaton = automaton
        self._low = shortest
        self._high = longest
        self._levels: list[int] = [sum(1 << state for state, accepts in enumerate(automaton.accepting) if accepts)]
        self._seen: dict[int, int] = {self._levels[0]: 0}
        self._period: tuple[int, int] | None = None

    @staticmethod
    def anything() -> Language:
        """Every string."""
        return Language.from_pattern("")

    @staticmethod
    def from_pattern(pattern: str, *, dialect: Dialect = "ecma") -> Language:
        """The strings in which the pattern is found, as JSON Schema asks, or as Python's `re.search` would.

        Raises:
            PatternError: it is malformed, not regular, not driven, or too costly.
        """
        return Language(compile_pattern(pattern, dialect))

    @staticmethod
    def literal(texts: Iterable[str]) -> Language:
        """Exactly these strings."""
        return Language(finite(iter(texts)))

    # Algebra: the automata are combined; the bounds meet ---------------------------------------------------------

    def __and__(self, other: Language) -> Language:
        highs = [high for high in (self._high, other._high) if high is not None]
        combined = self.automaton.combine(other.automaton, lambda left, right: left and right)
        return Language(combined, max(self._low, other._low), min(highs, default=None))

    def __sub__(self, other: Language) -> Language:
        """Without the strings of the other one, whose own bounds on length are not asked."""
        combined = self.automaton.combine(other.automaton, lambda left, right: left and not right)
        return Language(combined, self._low, self._high)

    def __or__(self, other: Language) -> Language:
        """Both together; only for languages without bounds on length."""
        return Language(self.automaton.combine(other.automaton, lambda left, right: left or right))

    def __invert__(self) -> Language:
        """The strings that the pattern refuses, of any length."""
        return Language(self.automaton.complement())

    def between(self, shortest: int = 0, longest: int | None = None) -> Language:
        """The members of these lengths, both ends included."""
        highs = [high for high in (self._high, longest) if high is not None]
        bounded = Language(self.automaton, max(self._low, shortest), min(highs, default=None))
        bounded._levels, bounded._seen, bounded._period = self._levels, self._seen, self._period
        return bounded

    # Questions ---------------------------------------------------------------------------------------------------

    def __contains__(self, text: str) -> bool:
        return (
            self._low <= len(text) and (self._high is None or len(text) <= self._high) and self.automaton.accepts(text)
        )

    def has_length(self, length: int) -> bool:
        """Whether some member has exactly so many code points."""
        within = self._low <= length and (self._high is None or length <= self._high)
        return within and bool(self._level(length) & 1)

    @functools.cached_property
    def shortest(self) -> int | None:
        """The least length of a member; None when there is no member."""
        self._level(self._low)
        # One whole period behind the lower bound has every length that ever comes again.
        last = self._low + len(self.automaton.moves) * 2 + 1 if self._high is None else self._high
        length = self._low
        while length <= last:
            if self._level(length) & 1:
                return length
            if self._period is not None:
                last = min(last, max(self._low, self._period[0]) + self._period[1])
            length += 1
        return None

    @property
    def is_empty(self) -> bool:
        """Whether there is no member."""
        return self.shortest is None

    def lengths(self, limit: int) -> list[int]:
        """Each length up to `limit` that a member can have, ascending."""
        known = self._lengths.get(limit)
        if known is None:
            last = limit if self._high is None else min(limit, self._high)
            known = self._lengths[limit] = [length for length in range(self._low, last + 1) if self._level(length) & 1]
        return known

    @functools.cached_property
    def _lengths(self) -> dict[int, list[int]]:
        return {}

    @functools.cached_property
    def longest(self) -> int | None:
        """The greatest length of a member; None where there is no greatest, or no member."""
        limit = self._high
        if limit is None:
            limit = len(self.automaton.moves)
            # What is longer than the automaton has states has gone round a loop, and may go round it again.
            if self.is_empty or any(self._level(length) & 1 for length in range(limit, 2 * limit + self._low + 1)):
                return None
        lengths = self.lengths(limit)
        return lengths[-1] if lengths else None

    def _level(self, length: int) -> int:
        """The states from which exactly `length` characters lead to acceptance, a bit each."""
        levels = self._levels
        while self._period is None and length >= len(levels):
            previous = levels[-1]
            level = 0
            for state, row in enumerate(self.automaton.moves):
                if any(previous >> target & 1 for target in row):
                    level |= 1 << state
            start = self._seen.get(level)
            if start is not None:
                self._period = (start, len(levels) - start)
            else:
                self._seen[level] = len(levels)
                levels.append(level)
        if length < len(levels):
            return levels[length]
        assert self._period is not None
        start, size = self._period
        return levels[start + (length - start) % size]

    # Members -----------------------------------------------------------------------------------------------------

    def member(self, length: int, hint: str = "") -> str:
        """The member of exactly `length` code points that follows `hint` as closely as it can.

        A character of the hint stays where the rest can still be finished after it; else one that is allowed takes its
        place, chosen by the hint's. The text goes on with the hint again when that has four characters or more, else
        with the simplest character.

        Raises:
            ValueError: no member has that length.
        """
        if not self.has_length(length):
            raise ValueError(f"no member has {length} characters")
        automaton = self.automaton
        moves, atom_of = automaton.moves, automaton.alphabet.atom
        state = 0
        chars = []
        size = len(hint)
        for index in range(length):
            char = hint[index] if index < size else hint[index % size] if size >= 4 else SIMPLEST
            alive = self._level(length - index - 1)
            row = moves[state]
            atom = atom_of(char)
            if atom < 0 or not alive >> row[atom] & 1:
                allowed = self._allowed(state, alive)
                rank = max(ord(char) - ord(SIMPLEST), 0)
                atom, codes = allowed[rank % len(allowed)]
                low, high = codes[rank % len(codes)]
                char = chr(low + rank % (high - low + 1))
            chars.append(char)
            state = row[atom]
        return "".join(chars)

    @functools.cached_property
    def _choices(self) -> dict[tuple[int, int], list[tuple[int, list[tuple[int, int]]]]]:
        return {}

    def _allowed(self, state: int, alive: int) -> list[tuple[int, list[tuple[int, int]]]]:
        """The atoms after which the text can still be finished, simplest first, with their code points."""
        known = self._choices.get((state, alive))
        if known is None:
            row = self.automaton.moves[state]
            atoms = self.automaton.alphabet.atoms
            known = [(atom, sorted(atoms[atom], key=_simplicity)) for atom in range(len(row)) if alive >> row[atom] & 1]
            known.sort(key=lambda choice: _simplicity(choice[1][0]))
            self._choices[(state, alive)] = known
        return known


def _simplicity(interval: tuple[int, int]) -> tuple[int, int]:
    """Digits, capitals, small letters, the rest of printable ASCII, everything else."""
    low, high = interval
    for rank, (first, last) in enumerate(((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x20, 0x7E))):
        if low <= last and high >= first:
            return rank, low
    return 4, low
