"""A set of strings from which a member of any possible length can be constructed."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from chime_fixtures.engine.regex.alphabet import NO_ATOM
from chime_fixtures.engine.regex.charsets import Dialect
from chime_fixtures.engine.regex.dfa import Automaton, compile_pattern, finite
from chime_fixtures.engine.regex.lengths import Levels

LONG = 32
"""Beyond so many characters a member is made of what comes again and again."""

_REPEATED = 4
"""A hint of so many characters is repeated."""

SIMPLEST = "0"
"""What a text is padded with where it may be: Hypothesis, too, holds it for the simplest character."""


class Language:
    """An immutable set of strings over Unicode scalar values, with bounds on their length in code points.

    Members are built by `construct`; they are never found by trial.

    Attributes:
        automaton: what decides, apart from the bounds on length.
    """

    def __init__(
        self, automaton: Automaton, shortest: int = 0, longest: int | None = None, *, levels: Levels | None = None
    ) -> None:
        self.automaton = automaton
        self._low = shortest
        self._high = longest
        self._levels = levels or Levels(automaton)

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
        compiled = compile_pattern(pattern, dialect)
        return Language(compiled.automaton, compiled.shortest, compiled.longest)

    @staticmethod
    def literal(texts: Iterable[str]) -> Language:
        """Exactly these strings."""
        return Language(finite(texts))

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
        """Both together.

        Raises:
            ValueError: their bounds on length differ.
        """
        if (self._low, self._high) != (other._low, other._high):
            raise ValueError("the languages have different bounds on length")
        combined = self.automaton.combine(other.automaton, lambda left, right: left or right)
        return Language(combined, self._low, self._high)

    def __invert__(self) -> Language:
        """The strings that the pattern refuses, of any length; without those that it refuses for their length alone."""
        return Language(self.automaton.complement())

    def between(self, shortest: int = 0, longest: int | None = None) -> Language:
        """The members of these lengths, both ends included."""
        highs = [high for high in (self._high, longest) if high is not None]
        return Language(self.automaton, max(self._low, shortest), min(highs, default=None), levels=self._levels)

    # Questions ---------------------------------------------------------------------------------------------------

    def __contains__(self, text: str) -> bool:
        return (
            self._low <= len(text) and (self._high is None or len(text) <= self._high) and self.automaton.accepts(text)
        )

    def has_length(self, length: int) -> bool:
        """Whether some member has exactly so many code points."""
        within = self._low <= length and (self._high is None or length <= self._high)
        return within and bool(self._levels[length] & 1)

    @functools.cached_property
    def shortest(self) -> int | None:
        """The least length of a member; None when there is no member."""
        return self._levels.next(self._low, self._high)

    @property
    def is_empty(self) -> bool:
        """Whether there is no member."""
        return self.shortest is None

    def lengths(self, limit: int) -> list[int]:
        """Each length up to `limit` that a member can have, ascending."""
        known = self._lengths.get(limit)
        if known is None:
            last = limit if self._high is None else min(limit, self._high)
            known = self._lengths[limit] = self._levels.within(self._low, last)
        return known

    @functools.cached_property
    def _lengths(self) -> dict[int, list[int]]:
        return {}

    @functools.cached_property
    def longest(self) -> int | None:
        """The greatest length of a member; None where there is no greatest, or no member."""
        if self._high is None and self._levels.has_no_end:
            return None
        last = len(self.automaton.moves) if self._high is None else self._high
        return self._levels.last(self._low, last)

    # Members -----------------------------------------------------------------------------------------------------

    def construct(self, length: int, hint: str = "") -> str:
        """The member of exactly `length` code points that follows `hint` as closely as it can.

        A character of the hint stays where the rest can still be finished after it; else one that is allowed takes its
        place, chosen by the hint's. The text goes on with the hint again when that has four characters or more, else
        with the simplest character.

        Raises:
            ValueError: no member has that length.
        """
        if not self.has_length(length):
            raise ValueError(f"no member has {length} characters")
        chars: list[str] = []
        if length <= LONG:
            self._follow(hint, 0, length, length, chars)
            return "".join(chars)
        # The hint comes again and again: once that leads back to where it began, so does each further time.
        cycle = max(len(hint), 1) if len(hint) >= _REPEATED else 1
        state = self._follow(hint, 0, min(len(hint), length), length, chars)
        while len(chars) < length:
            before = state
            state = self._follow(hint, state, min(len(chars) + cycle, length), length, chars)
            settled = self._levels.settled
            times = (length - len(chars) - settled - 1) // cycle if settled is not None else 0
            if state == before and times > 0:
                chars.extend(chars[-cycle:] * times)
        return "".join(chars)

    def _follow(self, hint: str, state: int, stop: int, length: int, chars: list[str]) -> int:
        """Add characters up to `stop` of a member of that length; returns the state that is reached."""
        automaton = self.automaton
        moves, atom_of, levels = automaton.moves, automaton.alphabet.atom, self._levels
        size = len(hint)
        for index in range(len(chars), stop):
            char = hint[index] if index < size else hint[index % size] if size >= _REPEATED else SIMPLEST
            alive = levels[length - index - 1]
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
        return state

    # What is nearly a member --------------------------------------------------------------------------------------

    def near_misses(self, text: str) -> Iterator[tuple[str, str]]:
        """The texts at distance one that the pattern refuses, whatever their length, each with the name of the edit.

        One character of `text` is deleted, replaced or inserted: of those that no pattern tells apart the simplest one.
        They come from both ends of the text to its middle; no text comes twice.

        Args:
            text: a member.
        """
        known: dict[tuple[int, int], bool] = {}
        states = [0]
        atoms = [self.automaton.alphabet.atom(char) for char in text]
        if NO_ATOM in atoms:
            raise ValueError(f"{text!r} is no member")
        for atom in atoms:
            states.append(self.automaton.moves[states[-1]][atom])
        seen = {text}
        for at in sorted(range(len(text) + 1), key=lambda place: min(place, len(text) - place)):
            for name, between, rest in self._edits(at, len(text)):
                edited = text[:at] + between + text[rest:]
                if edited not in seen:
                    seen.add(edited)
                    row = self.automaton.moves[states[at]]
                    state = row[self.automaton.alphabet.atom(between)] if between else states[at]
                    if not self._ends_well(state, atoms, rest, known):
                        yield name, edited

    def _edits(self, at: int, size: int) -> Iterator[tuple[str, str, int]]:
        """The name of an edit, what it puts in, and where the text goes on."""
        if at < size:
            yield f"delete-{at}", "", at + 1
        for char in self._samples:
            if at < size:
                yield f"replace-{at}-{ord(char):04x}", char, at + 1
            yield f"insert-{at}-{ord(char):04x}", char, at

    @functools.cached_property
    def _samples(self) -> list[str]:
        """The simplest character of each atom, simplest first."""
        simplest = [min(codes, key=_simplicity) for codes in self.automaton.alphabet.atoms]
        return [_plainest(interval) for interval in sorted(simplest, key=_simplicity)]

    def _ends_well(self, state: int, atoms: list[int], at: int, known: dict[tuple[int, int], bool]) -> bool:
        """Whether the rest of the text leads from a state to acceptance."""
        way = []
        while at < len(atoms) and (state, at) not in known:
            way.append((state, at))
            state = self.automaton.moves[state][atoms[at]]
            at += 1
        verdict = known[state, at] if at < len(atoms) else self.automaton.accepting[state]
        known.update(dict.fromkeys(way, verdict))
        return verdict

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


def _plainest(interval: tuple[int, int]) -> str:
    """The first character of an interval that people would write, if there is one."""
    low, high = interval
    return chr(next((max(low, first) for first in (0x30, 0x41, 0x61, 0x20) if low <= first <= high), low))
