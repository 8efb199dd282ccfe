"""The lengths of a regular language: for each length, the states from which a string of that length is accepted.

Lengths are not part of the automaton. The set of states for one length is one large integer with a bit for each state.
The sequence of these sets is ultimately periodic, so that any length is looked up in a short list.
"""

from __future__ import annotations

import functools
import threading
from typing import NamedTuple

from chime_fixtures.engine.regex.dfa import Dfa


class Period(NamedTuple):
    """An ultimately periodic sequence: from `start` on, every entry equals the one `length` entries before."""

    start: int
    length: int


class LengthTable:
    """By length, the states from which a string of that length is accepted: bit *n* is state *n*.

    Attributes:
        period: the period of the table; None as long as it is not known.
    """

    def __init__(self, dfa: Dfa) -> None:
        first = sum(1 << state for state, accepts in enumerate(dfa.accepting) if accepts)
        self.period: Period | None = None
        self._dfa = dfa
        self._rows = [first]
        # Tables are shared by all contracts, and so by threads.
        self._lock = threading.Lock()
        self._lengths_by_row = {first: 0}
        self._predecessors_by_byte: dict[tuple[int, int], int] = {}

    def __getitem__(self, length: int) -> int:
        rows = self._rows
        if length >= len(rows) and self.period is None:
            self._extend_to(length)
        if length < len(rows):
            return rows[length]
        assert self.period is not None
        start, size = self.period
        return rows[start + (length - start) % size]

    def _extend_to(self, length: int) -> None:
        with self._lock:
            self._extend(self._rows, length)

    def _extend(self, rows: list[int], length: int) -> None:
        while self.period is None and length >= len(rows):
            row = self._predecessors(rows[-1])
            start = self._lengths_by_row.get(row)
            if start is not None:
                self.period = Period(start, len(rows) - start)
            else:
                self._lengths_by_row[row] = len(rows)
                rows.append(row)

    def _predecessors(self, states: int) -> int:
        """The states from which one character leads to one of these; cached for each group of eight states."""
        predecessors = 0
        for index, byte in enumerate(states.to_bytes(len(self._sources) // 8 + 1, "little")):
            if byte:
                part = self._predecessors_by_byte.get((index, byte))
                if part is None:
                    part = 0
                    for bit in range(8):
                        if byte >> bit & 1:
                            part |= self._sources[index * 8 + bit]
                    self._predecessors_by_byte[index, byte] = part
                predecessors |= part
        return predecessors

    @functools.cached_property
    def _sources(self) -> list[int]:
        """For each state the states that lead to it by one character."""
        sources = [0] * len(self._dfa.transitions)
        for state, row in enumerate(self._dfa.transitions):
            for target in set(row):
                sources[target] |= 1 << state
        return sources

    # A text longer than the automaton has states goes through a loop of at most that many characters, which can be left
    # out or repeated (pumping lemma). So no query needs more rows than twice the number of states.

    @functools.cached_property
    def is_infinite(self) -> bool:
        """True if the language is infinite: its strings have no maximum length."""
        size = len(self._dfa.transitions)
        return self.minimum(size, 2 * size) is not None

    def minimum(self, low: int, high: int | None) -> int | None:
        """The minimum length of a string between two bounds, both included; None if no string has such a length."""
        stop = low + 2 * len(self._dfa.transitions)
        for length in range(low, (stop if high is None else min(stop, high)) + 1):
            if self[length] & 1:
                return length
            if self.period is not None and length > max(low, self.period.start) + self.period.length:
                break
        return None

    def maximum(self, low: int, high: int) -> int | None:
        """The maximum length of a string between two bounds, both included; None if no string has such a length."""
        size = len(self._dfa.transitions)
        longest = range(high, max(low, high - size) - 1, -1)
        shorter = range(min(high, size), low - 1, -1)
        return next((length for lengths in (longest, shorter) for length in lengths if self[length] & 1), None)

    def within(self, low: int, high: int) -> list[int]:
        """Each length of a string between two bounds, both included, ascending."""
        lengths: list[int] = []
        length = low
        while length <= high:
            if self.period is not None and length >= self.period.start and high - length > 2 * self.period.length:
                size = self.period.length
                cycle = [offset for offset in range(size) if self[length + offset] & 1]
                if len(cycle) == size:
                    return [*lengths, *range(length, high + 1)]
                repeated = (start + offset for start in range(length, high + 1, size) for offset in cycle)
                return [*lengths, *(each for each in repeated if each <= high)]
            if self[length] & 1:
                lengths.append(length)
            length += 1
        return lengths
