"""The edges and hazards that a string realises, as positions in the sets: tables instead of comparisons.

Strings of one form, as date-times, share their parts with many others, and so do the states of one automaton that reads
them. Other strings have few shapes, each of which excludes most hazards. Each location has one closure; the three kinds
of them repeat their last lines, since one call more for each string takes time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from chime_fixtures.engine.cases.bounded_memo import BoundedMemo
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex.language_filter import Candidates, LanguageFilter
from chime_fixtures.engine.regex.language_set import LanguageSet, State
from chime_fixtures.engine.regex.text_shapes import Shape, shape
from chime_fixtures.engine.values.calendar_hazards import (
    DATE_LENGTH,
    DATE_OR_DATE_TIME,
    CalendarTest,
    MomentTest,
    local_date,
    parsed,
)
from chime_fixtures.engine.values.hazard_definitions import TextHazard, expression

MAX_SEARCHED_PATTERNS = 4
"""Patterns up to which each is searched for in a string, which is cheaper than to find those that are possible."""

MAX_TEXTS_BY_EXPRESSION = 2048
"""Texts up to which regular expressions decide one by one: 10 µs a text for 80 of them.

With their automata it takes 2 µs, but 20 to 60 ms until these are compiled and have their usual states."""

MAX_KNOWN_TEXTS = 512
"""Strings of one location whose cases are remembered."""

MAX_KNOWN_TEXT_LENGTH = 8
"""Characters of a string whose cases are remembered; longer ones, as telephone numbers, seldom come again."""

MAX_PLAIN_LENGTH = 256
"""Characters up to which a string of ASCII is known to have no cases by its length."""

MAX_KNOWN_STARTS = 4096
"""Beginnings of strings whose hazards are remembered."""

START_LENGTH = 3
"""Characters of a beginning that decides hazards."""

MAX_KNOWN_SHAPES = 4096
"""Shapes of strings whose hazards are remembered."""

MAX_KNOWN_DATES = 4096
"""Dates whose hazards are remembered."""

_START = slice(START_LENGTH)
_DATE, _HOUR, _MINUTE, _SECOND, _REST = map(slice, (0, 10, 13, 16, 19), (10, 13, 16, 19, None))
MAX_REST_LENGTH = 5
"""Characters of a fraction and an offset that many date-times have, as ``.250Z``."""

Predicate = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class TextCases:
    """The cases of the strings of one location, by their positions.

    Attributes:
        hazards: the hazards.
        lengths: the edges by length, each with the further condition of its strings.
        constants: the edges by their only string.
        others: further edges, each with its condition.
    """

    hazards: list[tuple[int, TextHazard]] = field(default_factory=list)
    lengths: dict[int, list[tuple[int, Predicate | None]]] = field(default_factory=dict)
    constants: dict[str, list[int]] = field(default_factory=dict)
    others: list[tuple[int, Predicate]] = field(default_factory=list)


Positions = Callable[[str], Sequence[int]]
"""Returns the positions of the cases that a string realises."""


def text_lookup(cases: TextCases) -> Positions:
    """The function that returns the positions of the cases of a string; threads may share it.

    Args:
        cases: the cases of its location.
    """
    if any(isinstance(hazard.predicate, CalendarTest) for _, hazard in cases.hazards):
        hazards_of = _hazards_of_calendar(cases)
    elif sum(hazard.predicate is None for _, hazard in cases.hazards) > MAX_SEARCHED_PATTERNS:
        hazards_of = _hazards_by_shape(cases)
    else:
        hazards_of = _hazards_by_search(cases)
    known = KnownTexts(cases, hazards_of)
    plain_lengths, constants = known.plain_lengths, cases.constants
    if constants and not cases.lengths:
        # Most strings are constants.
        return known.__getitem__

    def positions(text: str) -> Sequence[int]:
        return hazards_of(text) if len(text) in plain_lengths and text not in constants else known[text]

    return positions


class KnownTexts(dict[str, Sequence[int]]):
    """The positions of the cases of any string, of which those of constants and short strings are remembered.

    Args:
        cases: the cases.
        hazards_of: returns the hazards that no test of this class decides.

    Attributes:
        plain_lengths: the lengths of strings that have no cases but those hazards and that of their value.
    """

    def __init__(self, cases: TextCases, hazards_of: Positions) -> None:
        super().__init__()
        self._cases = cases
        self._hazards_of = hazards_of
        self._tests = [*cases.others]
        min_length = 0 if self._tests else MAX_PLAIN_LENGTH + 1
        for position, predicate, hazard in _of_predicates(cases):
            if hazard.is_ever_ascii:
                self._tests.append((position, predicate))
                min_length = min(min_length, hazard.min_length)
        self.plain_lengths = frozenset(range(MAX_KNOWN_TEXT_LENGTH + 1, min_length)).difference(cases.lengths)

    def __missing__(self, text: str) -> Sequence[int]:
        found = [*self._hazards_of(text), *(position for position, test in self._tests if test(text))]
        for position, condition in self._cases.lengths.get(len(text), ()):
            if condition is None or condition(text):
                found.append(position)
        constants = self._cases.constants
        found += constants.get(text, ())
        if len(text) <= MAX_KNOWN_TEXT_LENGTH or text in constants:
            if len(self) >= MAX_KNOWN_TEXTS:
                self.clear()
            self[text] = found
        return found


def _of_predicates(cases: TextCases) -> Iterator[tuple[int, Predicate, TextHazard]]:
    """The hazards of predicates that neither a date nor a beginning decides."""
    for position, hazard in cases.hazards:
        predicate = hazard.predicate
        if predicate is not None and not isinstance(predicate, CalendarTest) and not _has_start(hazard):
            yield position, predicate, hazard


def _beyond_ascii(cases: TextCases) -> list[tuple[int, Predicate]]:
    return [(position, predicate) for position, predicate, hazard in _of_predicates(cases) if not hazard.is_ever_ascii]


def _has_start(hazard: TextHazard) -> bool:
    return 0 < hazard.start_length <= START_LENGTH


def _of_starts(cases: TextCases) -> list[tuple[int, TextHazard]]:
    return [each for each in cases.hazards if _has_start(each[1])]


def _of_patterns(cases: TextCases) -> list[tuple[int, TextHazard]]:
    return [each for each in cases.hazards if each[1].predicate is None and each[1].character is None]


def _of_characters(cases: TextCases) -> list[tuple[int, TextHazard]]:
    return [each for each in cases.hazards if each[1].character is not None]


def _hazards_by_search(cases: TextCases) -> Positions:
    """For strings with few hazards: each pattern is searched for."""
    tests = [*_beyond_ascii(cases), *((position, hazard.search) for position, hazard in _of_characters(cases))]

    def of_start(start: str) -> _Candidates:
        certain = [position for position, hazard in _of_starts(cases) if hazard.matches(start)]
        possible = []
        for position, hazard in _of_patterns(cases):
            result = hazard.language.dfa.result_after(start)
            if result:
                certain.append(position)
            elif result is None:
                possible.append((position, hazard.search))
        return _Candidates(certain, [*possible, *tests])

    starts = BoundedMemo(of_start, MAX_KNOWN_STARTS)

    def positions(text: str) -> Sequence[int]:
        found, possible = starts[text[_START]]
        for position, search in possible:
            if search(text):
                found = [*found, position]
        return found

    return positions


class _Candidates(NamedTuple):
    """The hazards of the strings of one shape, or of one string.

    Attributes:
        certain: the positions of those that each string has.
        possible: the positions of those that a string may have, with the search that decides.
    """

    certain: list[int]
    possible: list[tuple[int, Predicate]]


def _hazards_by_shape(cases: TextCases) -> Positions:
    """For strings with many hazards, most of which are excluded by a look at the characters."""
    of_characters = _of_characters(cases)
    hazards = [*_of_patterns(cases), *of_characters]
    deferred = _language_filter(
        tuple(hazard.pattern for _, hazard in _of_patterns(cases)),
        tuple(hazard.character for _, hazard in of_characters if hazard.character is not None),
    )
    searches = [(position, hazard.search) for position, hazard in hazards]
    # Their beginnings vary too much to be remembered.
    tests = [(position, hazard.predicate or hazard.matches) for position, hazard in _of_starts(cases)]
    others = _beyond_ascii(cases)
    undecided = _Candidates([], [*searches, *tests])
    undecided_beyond_ascii = _Candidates([], [*searches, *tests, *others])
    by_shape: dict[Shape, _Candidates] = {}

    def located(text: str, candidates: Candidates) -> _Candidates:
        further = tests if text.isascii() else [*tests, *others]
        return _Candidates(
            [hazards[index][0] for index in candidates.certain],
            [*(searches[index] for index in candidates.possible), *further],
        )

    def of_shape(text: str, key: Shape) -> _Candidates:
        languages = deferred.for_text()
        if languages is None:
            return undecided
        found = located(text, languages.candidates_of_shape(text, key[1].decode()))
        if len(by_shape) >= MAX_KNOWN_SHAPES:
            by_shape.clear()
        by_shape[key] = found
        return found

    def of_other(text: str) -> _Candidates:
        languages = deferred.for_text()
        try:
            if languages is not None:
                return located(text, languages.candidates(text))
        except ValueError:
            # It has a lone surrogate, which jsonschema-rs accepts where no constraint is.
            pass
        return undecided if text.isascii() else undecided_beyond_ascii

    def positions(text: str) -> Sequence[int]:
        key = shape(text)
        if key is not None:
            certain, possible = by_shape.get(key) or of_shape(text, key)
        else:
            certain, possible = of_other(text)
        found = certain
        for position, search in possible:
            if search(text):
                found = [*found, position]
        return found

    return positions


class _OfDate(NamedTuple):
    """The hazards of the date-times of one local date.

    Attributes:
        matching: the positions of those whose pattern the date has.
        decided: these, and those of the predicates that the date decides.
        in_utc: those that the moment decides, of date-times that end with Z.
        elsewhere: those that the moment decides, of the others.
        state: the state of the common automaton after the date; None if expressions decide.
    """

    matching: list[int]
    decided: list[int]
    in_utc: list[tuple[int, MomentTest]]
    elsewhere: list[tuple[int, MomentTest]]
    state: State | None


def _hazards_of_calendar(cases: TextCases) -> Positions:
    """For date-times, dates and times."""
    patterns = _of_patterns(cases)
    # Automata of the patterns that the date decides would multiply the states of the others.
    hazards = [each for each in patterns if not 0 < each[1].start_length <= DATE_LENGTH]
    of_dates = [(position, hazard.search) for position, hazard in patterns if 0 < hazard.start_length <= DATE_LENGTH]
    calendar = [
        (position, hazard.predicate) for position, hazard in cases.hazards if isinstance(hazard.predicate, CalendarTest)
    ]
    others: list[tuple[int, Predicate]] = [
        (position, hazard.matches) for position, hazard in (*_of_starts(cases), *_of_characters(cases))
    ]
    others += _beyond_ascii(cases)
    # The last language is that of the texts whose date decides most hazards of the calendar.
    deferred = _language_set((*(hazard.pattern for _, hazard in hazards), DATE_OR_DATE_TIME))
    languages: LanguageSet | None = None
    searches = [(position, hazard.search) for position, hazard in hazards]
    has_date = len(hazards)

    def of_date(date: str) -> _OfDate:
        matching = [position for position, search in of_dates if search(date)]
        day = local_date(date)
        tests = [] if day is None else [each for each in calendar if each[1].day(day)]
        return _OfDate(
            matching,
            [*matching, *(position for position, test in tests if test.moment is None)],
            [(position, test.moment) for position, test in tests if test.moment is not None and test.is_ever_utc],
            [(position, test.moment) for position, test in tests if test.moment is not None],
            state_after(date),
        )

    def state_after(date: str) -> State | None:
        try:
            return None if languages is None else languages.start[date]
        except ValueError:
            # It has a lone surrogate, which jsonschema-rs accepts where no constraint is.
            return None

    def by_expression(text: str) -> tuple[bool, list[int]]:
        is_date = find_date(text) is not None
        return is_date, [position for position, search in searches if search(text)]

    find_date = expression(DATE_OR_DATE_TIME).search
    by_date = BoundedMemo(of_date, MAX_KNOWN_DATES)
    by_indices: BoundedMemo[tuple[int, ...], tuple[bool, list[int]]] = BoundedMemo(
        lambda indices: (has_date in indices, [hazards[index][0] for index in indices if index < has_date]),
        MAX_KNOWN_DATES,
    )

    def positions(text: str) -> Sequence[int]:
        nonlocal languages
        if languages is None and (languages := deferred.for_text()) is not None:
            by_date.clear()
        matching, decided, in_utc, elsewhere, state = by_date[text[_DATE]]
        if state is None:
            is_date, certain = by_expression(text)
        else:
            # The parts that many date-times have: hour, minute, second, and the rest, if it is short.
            try:
                state = state[text[_HOUR]][text[_MINUTE]][text[_SECOND]]
                rest = text[_REST]
                if len(rest) <= MAX_REST_LENGTH:
                    state = state[rest]
                else:
                    for start in range(0, len(rest), 3):
                        state = state[rest[start : start + 3]]
                is_date, certain = by_indices[state.accepting]
            except ValueError:
                # It has a lone surrogate.
                is_date, certain = by_expression(text)
        if is_date:
            found = certain + decided if certain else decided
            tests = in_utc if text[-1] in "Zz" else elsewhere
            if tests:
                found = found + _of_moment(text, tests)
        else:
            found = [*certain, *matching, *(position for position, test in calendar if test(text))]
        if others:
            found = found + [position for position, test in others if test(text)]
        return found

    return positions


def _of_moment(text: str, tests: list[tuple[int, MomentTest]]) -> list[int]:
    day, moment = parsed(text)
    if day is None or moment is None:
        return []
    return [position for position, test in tests if test(day, moment)]


T = TypeVar("T")


class _Deferred(Generic[T]):
    """Automata that are compiled after a number of texts; threads may share them.

    Args:
        compile_all: compiles the automata.
    """

    def __init__(self, compile_all: Callable[[], T]) -> None:
        self._compile = compile_all
        self._count = 0
        self._compiled: T | None = None

    def for_text(self) -> T | None:
        """The automata for one more text; None if regular expressions decide."""
        if self._compiled is None:
            if self._count < MAX_TEXTS_BY_EXPRESSION:
                self._count += 1
                return None
            self._compiled = self._compile()
        return self._compiled


@functools.lru_cache(maxsize=256)
def _language_filter(patterns: tuple[str, ...], characters: tuple[Predicate, ...]) -> _Deferred[LanguageFilter]:
    """A filter of the languages of some patterns; the locations of equal hazards share it."""
    return _Deferred(lambda: LanguageFilter([Language.from_pattern(pattern).dfa for pattern in patterns], characters))


@functools.lru_cache(maxsize=256)
def _language_set(patterns: tuple[str, ...]) -> _Deferred[LanguageSet]:
    """The languages of some patterns; the locations of equal hazards share them."""
    return _Deferred(lambda: LanguageSet([Language.from_pattern(pattern) for pattern in patterns]))
