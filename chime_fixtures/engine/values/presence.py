"""Which of the parts that may be absent are there: of few parts any combination, of many so many as it is crowded.

Choices stand just before the parts that they speak of, so that a part shrinks away together with its choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from chime_fixtures.engine.values.choices import Choices

T = TypeVar("T")
Presence = Callable[[Choices], Iterator[T]]
"""Makes the choices, and yields the parts that are there, in their order."""

FEW = 4
"""Of at most so many parts each combination is as likely."""

ONE_BY_ONE = 32
"""Of at most so many parts each is also there alone now and then, or is the only one that is absent."""

_SELDOM = 4
"""So many times each combination comes for one with the extra part."""

_CROWDS = (13, 10, 7, 4, 2, 1)
"""From which choice in 0..15 on a part is there, by how crowded it is: zero means absent, so that parts shrink away."""

_THERE, _ABSENT = 15, 0
"""Choices that mean the same in every crowd: what was chosen for all shrinks on as if each had been chosen."""


def presence(parts: Sequence[T], extra: T | None = None) -> Presence[T]:
    """The choice among some parts; the extra one comes seldom, and last."""
    return _each_combination(parts, extra) if len(parts) <= FEW else _by_crowd(parts, extra)


def _each_combination(parts: Sequence[T], extra: T | None) -> Presence[T]:
    every = 2 ** len(parts)
    last = every - 1 if extra is None else every * _SELDOM

    def choose(source: Choices) -> Iterator[T]:
        mask = source.integer(0, last)
        for index, part in enumerate(parts):
            if mask >> index & 1 or (mask == last and extra is not None):
                yield part
        if mask == last and extra is not None:
            yield extra

    return choose


def _by_crowd(parts: Sequence[T], extra: T | None) -> Presence[T]:
    one_by_one = range(len(parts) if len(parts) <= ONE_BY_ONE else 0)
    often = len(one_by_one) * 3 // len(_CROWDS) + 1
    crowds: list[tuple[int, list[int] | None]] = [(least, None) for least in _CROWDS for _ in range(often)]
    there, absent = [_THERE] * len(parts), [_ABSENT] * len(parts)
    least = _CROWDS[-1]
    crowds += [(least, there)] * often
    crowds += [(least, [*there[:index], _ABSENT, *there[index + 1 :]]) for index in one_by_one]
    crowds += [(least, [*absent[:index], _THERE, *absent[index + 1 :]]) for index in one_by_one]
    ordinary = len(crowds)
    if extra is not None:
        crowds += [(_CROWDS[3], None)] * (len(crowds) // 8 + 1)
    last = len(crowds) - 1

    def choose(source: Choices) -> Iterator[T]:
        crowd = source.integer(0, last)
        least, settled = crowds[crowd]
        for index, part in enumerate(parts):
            low, high = (0, 15) if settled is None else (settled[index], settled[index])
            if source.integer(low, high) >= least:
                yield part
        if crowd >= ordinary and extra is not None:
            yield extra

    return choose
