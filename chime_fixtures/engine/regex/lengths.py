"""Which lengths lead to acceptance, from every state of an automaton.

Lengths are not in the automaton: for each number of characters the set of states from which a text of just so many
leads to acceptance is one big integer. Those sets repeat after a while, so any length is answered from a short list.
"""

from __future__ import annotations

import functools

from chime_fixtures.engine.regex.dfa import Automaton


class Levels:
    """By length, the states from which exactly so many characters lead to acceptance, a bit each; bit 0 is state 0."""

    def __init__(self, automaton: Automaton) -> None:
        first = sum(1 << state for state, accepts in enumerate(automaton.accepting) if accepts)
        self._automaton = automaton
        self._levels = [first]
        self._seen = {first: 0}
        self._period: tuple[int, int] | None = None
        self._known: dict[tuple[int, int], int] = {}

    def __getitem__(self, length: int) -> int:
        levels = self._levels
        if length >= len(levels) and self._period is None:
            self._grow(length)
        if length < len(levels):
            return levels[length]
        assert self._period is not None
        start, size = self._period
        return levels[start + (length - start) % size]

    @property
    def settled(self) -> int | None:
        """From which length on the states are the same ones, as far as is known; None where they never settle."""
        return self._period[0] if self._period is not None and self._period[1] == 1 else None

    def _grow(self, length: int) -> None:
        levels = self._levels
        while self._period is None and length >= len(levels):
            level = self._before(levels[-1])
            start = self._seen.get(level)
            if start is not None:
                self._period = (start, len(levels) - start)
            else:
                self._seen[level] = len(levels)
                levels.append(level)

    def _before(self, level: int) -> int:
        """The states from which one character leads to one of these; eight states at a time, which are met again."""
        reached = 0
        for index, byte in enumerate(level.to_bytes(len(self._sources) // 8 + 1, "little")):
            if byte:
                part = self._known.get((index, byte))
                if part is None:
                    part = 0
                    for bit in range(8):
                        if byte >> bit & 1:
                            part |= self._sources[index * 8 + bit]
                    self._known[index, byte] = part
                reached |= part
        return reached

    @functools.cached_property
    def _sources(self) -> list[int]:
        """For each state those that lead to it in one step."""
        sources = [0] * len(self._automaton.moves)
        for state, row in enumerate(self._automaton.moves):
            for target in set(row):
                sources[target] |= 1 << state
        return sources

    # A text longer than the automaton has states has gone round a loop of at most so many characters, and could as
    # well have left it out, or gone round once more. So no question needs more lengths than twice the states.

    @functools.cached_property
    def has_no_end(self) -> bool:
        """Whether there are members of ever greater length."""
        size = len(self._automaton.moves)
        return self.next(size, 2 * size) is not None

    def next(self, low: int, high: int | None) -> int | None:
        """The least length of a member from `low` on."""
        stop = low + 2 * len(self._automaton.moves)
        for length in range(low, (stop if high is None else min(stop, high)) + 1):
            if self[length] & 1:
                return length
            if self._period is not None and length > max(low, self._period[0]) + self._period[1]:
                break
        return None

    def last(self, low: int, high: int) -> int | None:
        """The greatest length of a member up to `high`."""
        size = len(self._automaton.moves)
        near = range(high, max(low, high - size) - 1, -1)
        below = range(min(high, size), low - 1, -1)
        return next((length for lengths in (near, below) for length in lengths if self[length] & 1), None)

    def within(self, low: int, high: int) -> list[int]:
        """Each length of a member between two, both included."""
        found: list[int] = []
        length = low
        while length <= high:
            if self._period is not None and length >= self._period[0] and high - length > 2 * self._period[1]:
                size = self._period[1]
                cycle = [offset for offset in range(size) if self[length + offset] & 1]
                if len(cycle) == size:
                    return [*found, *range(length, high + 1)]
                turns = (length + offset for length in range(length, high + 1, size) for offset in cycle)
                return [*found, *(each for each in turns if each <= high)]
            if self[length] & 1:
                found.append(length)
            length += 1
        return found
