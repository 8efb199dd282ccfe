"""The edges and hazards that a string or a number realises, as positions in the sets: tables instead of comparisons."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.language_set import LanguageSet
from chime_fixtures.engine.values.calendar_hazards import DATE_OR_DATE_TIME, CalendarTest, split_date_time
from chime_fixtures.engine.values.hazard_definitions import NumberHazard, TextHazard, expression

MAX_TEXTS_BY_EXPRESSION = 2048
"""Texts up to which regular expressions decide one by one: 10 µs a text for 80 of them.

The automaton of so many languages takes 3 µs a text, but 60 ms until it is compiled and has its usual states."""

MAX_KNOWN_DATES = 4096
"""Dates whose hazards are remembered."""

Predicate = Callable[[str], object]


class _OfDate(NamedTuple):
    """The tests of the date-times of one local date, by their indices.

    Attributes:
        decided: those that the date decides, and that are true.
        in_utc: those that the moment decides, of date-times that end with Z.
        elsewhere: those that the moment decides, of the others.
    """

    decided: list[int]
    in_utc: list[int]
    elsewhere: list[int]


class _DateTests:
    """Tests of date-times, most of which the local date decides."""

    def __init__(self, tests: Sequence[CalendarTest]) -> None:
        self._tests = tests
        self._by_date: dict[str, _OfDate] = {}

    def of_date(self, date: str) -> _OfDate:
        """The tests of the date-times that begin with a date."""
        known = self._by_date.get(date)
        if known is None:
            tests = [(index, test) for index, test in enumerate(self._tests) if test.may_match(date)]
            known = _OfDate(
                [index for index, test in tests if test.moment is None],
                [index for index, test in tests if test.moment is not None and test.is_ever_utc],
                [index for index, test in tests if test.moment is not None],
            )
            if len(self._by_date) >= MAX_KNOWN_DATES:
                self._by_date = {}
            self._by_date[date] = known
        return known


class _PatternSet:
    """Several patterns of hazards, each with its index; their automata are compiled after a number of texts."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._searches = [expression(pattern).search for pattern in patterns]
        self._count = 0
        self._languages: LanguageSet | None = None

    def containing(self, text: str, parts: Iterable[str] | None = None) -> list[int]:
        """The indices of the patterns that are found in a text.

        Args:
            text: the text.
            parts: the same text in parts that many texts have.

        Raises:
            ValueError: the text has a lone surrogate, which no language of an automaton has.
        """
        if self._languages is None:
            if self._count < MAX_TEXTS_BY_EXPRESSION:
                self._count += 1
                return [index for index, search in enumerate(self._searches) if search(text)]
            self._languages = LanguageSet([Language.from_pattern(pattern) for pattern in self._patterns])
        return self._languages.containing(text, parts)


class TextMatcher:
    """The hazards and lengths of the strings of one location; threads may share it.

    Args:
        hazards: the hazards, each with its position.
        lengths: the positions of edges by length, each with the further condition of its strings.
    """

    def __init__(
        self,
        hazards: Sequence[tuple[int, TextHazard]],
        lengths: Mapping[int, Sequence[tuple[int, Predicate | None]]],
    ) -> None:
        self._lengths = lengths
        self._predicates: list[tuple[int, Predicate]] = []
        self._beyond_ascii: list[tuple[int, Predicate]] = []
        self._of_long_texts: list[tuple[int, Predicate]] = []
        self._min_long = min((hazard.min_length for _, hazard in hazards if hazard.min_length), default=0)
        self._calendar: list[tuple[int, CalendarTest]] = []
        self._hazards: list[tuple[int, TextHazard]] = []
        for position, hazard in hazards:
            if hazard.predicate is None:
                self._hazards.append((position, hazard))
            elif isinstance(hazard.predicate, CalendarTest):
                self._calendar.append((position, hazard.predicate))
            else:
                predicates = self._predicates if hazard.is_ever_ascii else self._beyond_ascii
                predicates = self._of_long_texts if hazard.min_length else predicates
                predicates.append((position, hazard.predicate))
        self._positions = [position for position, _ in self._hazards]
        patterns = [hazard.pattern for _, hazard in self._hazards]
        # The last language is that of the texts whose date decides most hazards of the calendar.
        patterns += [DATE_OR_DATE_TIME] if self._calendar else []
        self._languages = _pattern_set(tuple(patterns)) if patterns else None
        self._date_tests = _date_tests(tuple(test for _, test in self._calendar))

    def positions(self, text: str) -> list[int]:
        """The positions of the cases that a string realises, except for those of its value."""
        found: list[int] = []
        if self._calendar:
            found += self._of_date_time(text)
        elif self._languages is not None:
            try:
                indices = self._languages.containing(text)
            except ValueError:
                found += self._one_by_one(text)
            else:
                for index in indices:
                    found.append(self._positions[index])
        for position, predicate in self._predicates:
            if predicate(text):
                found.append(position)
        if self._of_long_texts and len(text) >= self._min_long:
            found += [position for position, predicate in self._of_long_texts if predicate(text)]
        if self._beyond_ascii and not text.isascii():
            found += [position for position, predicate in self._beyond_ascii if predicate(text)]
        if (edges := self._lengths.get(len(text))) is not None:
            found += [position for position, condition in edges if condition is None or condition(text)]
        return found

    def _of_date_time(self, text: str) -> list[int]:
        parts = split_date_time(text)
        try:
            indices = [] if self._languages is None else self._languages.containing(text, parts)
        except ValueError:
            return self._one_by_one(text)
        has_date, found = False, []
        for index in indices:
            if index < len(self._positions):
                found.append(self._positions[index])
            else:
                has_date = True
        if not has_date:
            return found + [position for position, test in self._calendar if test(text)]
        decided, in_utc, elsewhere = self._date_tests.of_date(parts[0])
        found += [self._calendar[index][0] for index in decided] if decided else ()
        for index in in_utc if text[-1] in "Zz" else elsewhere:
            position, test = self._calendar[index]
            if test(text):
                found.append(position)
        return found

    def _one_by_one(self, text: str) -> list[int]:
        """The hazards of a text with a lone surrogate, which jsonschema-rs accepts where no constraint is."""
        found = [position for position, hazard in self._hazards if hazard.matches(text)]
        return found + [position for position, test in self._calendar if test(text)]


@functools.lru_cache(maxsize=256)
def _pattern_set(patterns: tuple[str, ...]) -> _PatternSet:
    """A set of patterns; the locations of equal hazards share it."""
    return _PatternSet(patterns)


@functools.lru_cache(maxsize=256)
def _date_tests(tests: tuple[CalendarTest, ...]) -> _DateTests:
    """Some tests of date-times; the locations of equal hazards share them."""
    return _DateTests(tests)


class NumberMatcher:
    """The hazards of the numbers of one location.

    Args:
        hazards: the hazards, each with its position.
    """

    def __init__(self, hazards: Sequence[tuple[int, NumberHazard]]) -> None:
        bounds = {bound for _, hazard in hazards for bound in (hazard.low, hazard.high) if bound is not None}
        self._bounds = sorted(bounds)
        # The hazards below the first bound, at it, between it and the next one, and so on.
        self._by_interval: list[list[tuple[int, Callable[[float], bool] | None]]] = []
        for low, high in itertools.pairwise([None, *self._bounds, None]):
            for ends in ((low, high), (high, high)):
                between = [(position, hazard.predicate) for position, hazard in hazards if _covers(hazard, *ends)]
                self._by_interval.append(between)

    def positions(self, number: float) -> list[int]:
        """The positions of the cases that a number realises, except for those of its value."""
        index = bisect.bisect_left(self._bounds, number)
        is_bound = index < len(self._bounds) and self._bounds[index] == number
        hazards = self._by_interval[2 * index + is_bound]
        return [position for position, predicate in hazards if predicate is None or predicate(number)]


def _covers(hazard: NumberHazard, low: float | None, high: float | None) -> bool:
    """True if an interval is between the bounds of a hazard; None is a missing bound."""
    is_above = hazard.low is None or (low is not None and hazard.low <= low)
    return is_above and (hazard.high is None or (high is not None and high <= hazard.high))
