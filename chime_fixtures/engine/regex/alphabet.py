"""Alphabets of symbol classes: sets of code points that the patterns concerned do not distinguish."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence

from chime_fixtures.engine.regex.charsets import MAX_CODE_POINT, Intervals, union

NO_CLASS = -1
"""The class of a code point that no text contains: surrogates and excluded code points."""

_SURROGATES: Intervals = ((0xD800, 0xDFFF),)


class Alphabet:
    """A partition of the code points into symbol classes.

    Attributes:
        starts: the first code points of the segments, ascending.
        class_ids: the number of each segment's symbol class, or `NO_CLASS`.
        size: the number of symbol classes.
        symbol_classes: the intervals of each symbol class.
    """

    __slots__ = ("_ascii_class_ids", "class_ids", "size", "starts", "symbol_classes")

    def __init__(self, starts: list[int], class_ids: list[int], size: int) -> None:
        self.starts = starts
        self.class_ids = class_ids
        self.size = size
        self._ascii_class_ids = [class_ids[bisect.bisect_right(starts, code) - 1] for code in range(128)]
        self.symbol_classes: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for index, (start, class_id) in enumerate(zip(starts, class_ids, strict=True)):
            if class_id != NO_CLASS:
                end = starts[index + 1] - 1 if index + 1 < len(starts) else MAX_CODE_POINT
                self.symbol_classes[class_id].append((start, end))

    def class_of(self, char: str) -> int:
        """The number of a character's symbol class, or `NO_CLASS`."""
        code = ord(char)
        if code < 128:
            return self._ascii_class_ids[code]
        return self.class_ids[bisect.bisect_right(self.starts, code) - 1]

    @classmethod
    def partition(cls, sets: list[Intervals], excluded: Intervals = ()) -> Alphabet:
        """The coarsest alphabet in which each set is a union of symbol classes; excluded code points have no class."""
        excluded = union([excluded, _SURROGATES])
        cuts = {0}
        for intervals in (*sets, excluded):
            for low, high in intervals:
                cuts.update((low, high + 1))
        starts = sorted(cut for cut in cuts if cut <= MAX_CODE_POINT)
        classes: dict[tuple[bool, ...], int] = {}
        class_ids = []
        for start in starts:
            if contains(excluded, start):
                class_ids.append(NO_CLASS)
            else:
                signature = tuple(contains(intervals, start) for intervals in sets)
                class_ids.append(classes.setdefault(signature, len(classes)))
        return cls(starts, class_ids, len(classes))

    @classmethod
    def of_characters(cls, characters: Iterable[str]) -> Alphabet:
        """The alphabet with a symbol class for each of some characters, and one for all others."""
        codes = {ord(char) for char in characters}
        low, high = _SURROGATES[0]
        starts = sorted(
            code for code in {0, low, high + 1, *codes, *(code + 1 for code in codes)} if code <= MAX_CODE_POINT
        )
        classes: dict[int | None, int] = {}
        class_ids = []
        for start in starts:
            if low <= start <= high:
                class_ids.append(NO_CLASS)
            else:
                class_ids.append(classes.setdefault(start if start in codes else None, len(classes)))
        return cls(starts, class_ids, len(classes))


def contains(intervals: Intervals, code: int) -> bool:
    """True if a code point is in a set."""
    index = bisect.bisect_right(intervals, (code, MAX_CODE_POINT + 1)) - 1
    return index >= 0 and intervals[index][1] >= code


def common_refinement(left: Alphabet, right: Alphabet) -> tuple[Alphabet, list[int], list[int]]:
    """The coarsest alphabet finer than both, and the left and the right class around each of its symbol classes."""
    starts = sorted({*left.starts, *right.starts})
    classes: dict[tuple[int, int], int] = {}
    class_ids = []
    for start in starts:
        pair = (
            left.class_ids[bisect.bisect_right(left.starts, start) - 1],
            right.class_ids[bisect.bisect_right(right.starts, start) - 1],
        )
        class_ids.append(NO_CLASS if NO_CLASS in pair else classes.setdefault(pair, len(classes)))
    return Alphabet(starts, class_ids, len(classes)), [pair[0] for pair in classes], [pair[1] for pair in classes]


def common_alphabet(alphabets: Sequence[Alphabet]) -> tuple[Alphabet, list[tuple[int, ...]]]:
    """The coarsest alphabet finer than all, and for each of its symbol classes those of the alphabets around it."""
    changes: dict[int, list[tuple[int, int]]] = {0: []}
    for index, alphabet in enumerate(alphabets):
        for start, class_id in zip(alphabet.starts, alphabet.class_ids, strict=True):
            changes.setdefault(start, []).append((index, class_id))
    starts = sorted(changes)
    own = [0] * len(alphabets)
    classes: dict[tuple[int, ...], int] = {}
    class_ids = []
    for start in starts:
        for index, class_id in changes[start]:
            own[index] = class_id
        class_ids.append(NO_CLASS if NO_CLASS in own else classes.setdefault(tuple(own), len(classes)))
    return Alphabet(starts, class_ids, len(classes)), [*classes]
