"""An alphabet cut into atoms: sets of code points that no pattern at hand tells apart."""

from __future__ import annotations

import bisect

from chime_fixtures.engine.regex.charsets import LAST, Intervals, union

NO_ATOM = -1
_SURROGATES: Intervals = ((0xD800, 0xDFFF),)


class Alphabet:
    """The code points in segments, each segment with the number of its atom; what no text should hold has none."""

    __slots__ = ("_table", "atoms", "ids", "size", "starts")

    def __init__(self, starts: list[int], ids: list[int], size: int) -> None:
        self.starts = starts
        self.ids = ids
        self.size = size
        self._table = [ids[bisect.bisect_right(starts, code) - 1] for code in range(128)]
        self.atoms: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for index, (start, atom) in enumerate(zip(starts, ids, strict=True)):
            if atom != NO_ATOM:
                end = starts[index + 1] - 1 if index + 1 < len(starts) else LAST
                self.atoms[atom].append((start, end))

    def atom(self, char: str) -> int:
        """The atom of a character."""
        code = ord(char)
        return self._table[code] if code < 128 else self.ids[bisect.bisect_right(self.starts, code) - 1]

    @classmethod
    def over(cls, sets: list[Intervals], excluded: Intervals = ()) -> Alphabet:
        """The coarsest alphabet in which each set is a union of atoms; what is excluded belongs to none."""
        excluded = union([excluded, _SURROGATES])
        cuts = {0}
        for intervals in (*sets, excluded):
            for low, high in intervals:
                cuts.update((low, high + 1))
        starts = sorted(cut for cut in cuts if cut <= LAST)
        numbers: dict[tuple[bool, ...], int] = {}
        ids = []
        for start in starts:
            if contains(excluded, start):
                ids.append(NO_ATOM)
            else:
                signature = tuple(contains(intervals, start) for intervals in sets)
                ids.append(numbers.setdefault(signature, len(numbers)))
        return cls(starts, ids, len(numbers))


def contains(intervals: Intervals, code: int) -> bool:
    """Whether a code point is in a set."""
    index = bisect.bisect_right(intervals, (code, LAST + 1)) - 1
    return index >= 0 and intervals[index][1] >= code


def refine(left: Alphabet, right: Alphabet) -> tuple[Alphabet, list[int], list[int]]:
    """The coarsest alphabet that is finer than both; and for each of its atoms the ones that it is part of."""
    starts = sorted({*left.starts, *right.starts})
    numbers: dict[tuple[int, int], int] = {}
    ids = []
    for start in starts:
        pair = (
            left.ids[bisect.bisect_right(left.starts, start) - 1],
            right.ids[bisect.bisect_right(right.starts, start) - 1],
        )
        ids.append(NO_ATOM if NO_ATOM in pair else numbers.setdefault(pair, len(numbers)))
    return Alphabet(starts, ids, len(numbers)), [pair[0] for pair in numbers], [pair[1] for pair in numbers]
