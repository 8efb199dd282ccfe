"""The hazards of date-times, dates and times: leap days, ends of years and calendars, offsets, fractions of a second.

A location has them if each of its strings has the form of RFC 3339; then it has none of the hazards of other strings.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.values.hazard_definitions import TextHazard

CalendarFormat = Literal["date-time", "date", "time"]

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
_SHAPES: dict[CalendarFormat, str] = {
    "date-time": f"^{_DATE}[Tt]{_TIME}$",
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
}
"""The form of the strings of each format, of which some are not dates."""

DATE_LENGTH = len("2026-03-04")
"""Characters of a date."""

DATE_OR_DATE_TIME = f"^{_DATE}(?:[Tt]{_TIME})?$"
"""The form of dates and date-times."""

_DATE_PARTS = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK_PARTS = re.compile(
    r"[Tt]?(?:([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2})))?"
)


@functools.cache
def calendar_format(language: Language) -> CalendarFormat | None:
    """The format whose form each string of a language has; None if there is none."""
    if language.is_empty:
        return None
    text = language.construct(language.shortest or 0)
    for name, shape in _SHAPES.items():
        if re.match(shape, text):
            try:
                return name if (language - Language.from_pattern(shape)).is_empty else None
            except PatternError:
                return None
    return None


class Moment(NamedTuple):
    """A date-time.

    Attributes:
        second: whole seconds since 1970 in UTC.
        offset: minutes by which its local time is ahead of UTC.
        digits: the digits of its fraction of a second.
    """

    second: int
    offset: int
    digits: str

    @property
    def instant(self) -> tuple[int, str]:
        """The seconds and the digits of their fraction: in the order of time, and equal for equal instants."""
        return self.second, self.digits.rstrip("0")

    @property
    def local_hour(self) -> int:
        """The hour of its local time."""
        return (self.second + self.offset * 60) // 3600 % 24


MAX_KNOWN_TEXTS = 1024
"""Texts of which the date and the moment are remembered."""

MAX_KNOWN_PARTS = 4096
"""Dates, and times of a minute, that are remembered: most texts share them with others."""


@functools.lru_cache(maxsize=MAX_KNOWN_TEXTS)
def parsed(text: str) -> tuple[dt.date | None, Moment | None]:
    """The local date and the moment of a date-time; the second is None for a date, both for other texts and times."""
    day = local_date(text[:DATE_LENGTH])
    found = None if day is None else _CLOCK_PARTS.fullmatch(text, DATE_LENGTH)
    if day is None or found is None:
        return None, None
    hour, minute, second, digits, sign, hours, minutes = found.groups()
    if hour is None:
        return day, None
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * (-1 if sign == "-" else 1)
    days = day.toordinal() - _EPOCH.toordinal()
    whole = days * 86400 + int(hour) * 3600 + (int(minute) - offset) * 60 + int(second)
    return day, Moment(whole, offset, digits or "")


_EPOCH = dt.date(1970, 1, 1)


def written(moment: Moment) -> str | None:
    """A moment as text; None if its local year is not between 1 and 9999."""
    seconds = moment.second + moment.offset * 60
    days, rest = divmod(seconds, 86400)
    try:
        day = dt.date.fromordinal(days + _EPOCH.toordinal())
    except (ValueError, OverflowError):
        return None
    fraction = f".{moment.digits}" if moment.digits else ""
    sign = "-" if moment.offset < 0 else "+"
    zone = f"{sign}{abs(moment.offset) // 60:02}:{abs(moment.offset) % 60:02}" if moment.offset else "Z"
    time = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{day.year:04}-{day.month:02}-{day.day:02}T{time}{fraction}{zone}"


@functools.lru_cache(maxsize=MAX_KNOWN_PARTS)
def local_date(text: str) -> dt.date | None:
    """The date that is written in ten characters; None if they are not one."""
    found = _DATE_PARTS.fullmatch(text)
    try:
        return None if found is None else dt.date(*map(int, found.groups()))
    except ValueError:
        return None


_CLOCK = re.compile(r"[Tt]?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")


def is_date_time(text: str) -> bool:
    """True if a text has a moment, which need not be computed."""
    return local_date(text[:10]) is not None and _CLOCK.fullmatch(text, 10) is not None


MomentTest = Callable[[dt.date, Moment], bool]
"""A predicate on a local date and the moment of a date-time."""


@dataclass(frozen=True, slots=True)
class CalendarTest:
    """A predicate on date-times and dates by their local date, which decides most of them, and their moment.

    Attributes:
        day: returns True for the local dates of the class, or those of date-times that may be of it.
        moment: returns True for the moments of the class on such a date; None if the date decides.
        is_ever_utc: False if no date-time that ends with Z is of the class.
    """

    day: Callable[[dt.date], bool]
    moment: MomentTest | None = None
    is_ever_utc: bool = True

    def __call__(self, text: str) -> bool:
        """True if a text is a date-time or a date of the class."""
        if not self.may_match(text[:10]) or not (self.is_ever_utc or text[-1:] not in {"Z", "z"}):
            return False
        day, moment = parsed(text)
        if day is None:
            return False
        return self.moment is None or (moment is not None and self.moment(day, moment))

    def may_match(self, date: str) -> bool:
        """True if texts that begin with a date may be of the class."""
        day = local_date(date)
        return day is not None and self.day(day)


def _is_any(day: dt.date) -> bool:
    return True


def _is_in_week_of_other_year(day: dt.date) -> bool:
    return day.isocalendar().year != day.year


def _differs_in_utc(day: dt.date, moment: Moment) -> bool:
    return moment.second // 86400 != day.toordinal() - _EPOCH.toordinal()


def _is_ambiguous(day: dt.date) -> bool:
    return day.day <= 12 and day.day != day.month


def _is_last_of_month(day: dt.date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _is_in_first_or_last_year(day: dt.date) -> bool:
    return day.year in {dt.MINYEAR, dt.MAXYEAR}


def _is_beyond_utc_year(day: dt.date, moment: Moment) -> bool:
    return not _FIRST_SECOND <= moment.second < _END


_FIRST_SECOND = (dt.date.min.toordinal() - _EPOCH.toordinal()) * 86400
_END = (dt.date.max.toordinal() - _EPOCH.toordinal() + 1) * 86400

_ZONE = "(?:Z|[+-][0-9]{2}:[0-9]{2})$"
_CLOCK_FORWARD = "2026-03-29T0[12]:[0-9]{2}:|2026-03-08T02:"
_CLOCK_BACK = "2026-10-25T0[12]:[0-9]{2}:|2026-11-01T01:"


def _is_sunday(day: dt.date, months: dict[int, range]) -> bool:
    return day.month in months and day.weekday() == calendar.SUNDAY and day.day in months[day.month]


def _is_day_of_clock_forward(day: dt.date) -> bool:
    return _is_sunday(day, {3: range(8, 32)})


def _is_day_of_clock_back(day: dt.date) -> bool:
    return _is_sunday(day, {10: range(25, 32), 11: range(1, 8)})


def _is_clock_forward(day: dt.date, moment: Moment) -> bool:
    return 1 <= moment.local_hour < 4


def _is_clock_back(day: dt.date, moment: Moment) -> bool:
    return moment.local_hour < 4


CALENDAR_HAZARDS = (
    TextHazard(
        "leap-day",
        "is a leap day",
        "^[0-9]{4}-02-29",
        ("2024-02-29T12:00:00Z", "2024-02-29T23:59:59Z", "2024-02-29"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "half-hour-offset",
        "has an offset of a half hour",
        "[+-][0-9]{2}:30$",
        ("2026-01-15T09:30:00+05:30", "2026-01-15T09:30:00-03:30", "09:30:00+05:30"),
        roles=("whole",),
    ),
    TextHazard(
        "no-fraction", "has no fraction of a second", f":[0-9]{{2}}{_ZONE}", ("2026-01-15T09:30:00Z", "09:30:00Z")
    ),
    TextHazard(
        "fraction-6",
        "has a fraction of six digits, a microsecond",
        f"\\.[0-9]{{6}}{_ZONE}",
        ("2026-01-15T09:30:00.000001Z", "09:30:00.000001Z"),
        roles=("whole",),
    ),
    TextHazard(
        "other-date-in-utc",
        "has another date in UTC",
        "T00:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?\\+(?:0[1-9]|1[0-9]|2[0-3]):|T23:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?-(?:0[1-9]|1[0-9]|2[0-3]):",
        ("2023-12-31T23:30:00.25-01:00", "2024-01-01T00:30:00+02:00"),
        predicate=CalendarTest(_is_any, _differs_in_utc, is_ever_utc=False),
        roles=("whole",),
    ),
    TextHazard(
        "beyond-2038",
        "is beyond 2038, later than 32 bits of seconds",
        "^(?:2039|20[4-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})-|^2038-01-19T03:14:(?:0[89]|[1-5][0-9])(?:\\.[0-9]+)?Z$",
        ("2038-01-19T03:14:08Z", "2106-02-07T06:28:16Z", "2106-02-07"),
        roles=("whole",),
    ),
    TextHazard(
        "offset",
        "has an offset that is not zero",
        "[+-](?:(?:0[1-9]|[1-9][0-9]):[0-9]{2}|00:(?:0[1-9]|[1-9][0-9]))$",
        ("2026-01-15T09:30:00-08:00", "2026-01-15T09:30:00+01:00", "09:30:00-08:00"),
    ),
    TextHazard(
        "fraction-1",
        "has a fraction of one digit",
        f"\\.[0-9]{_ZONE}",
        ("2026-01-15T09:30:00.5Z", "09:30:00.5Z"),
    ),
    TextHazard(
        "fraction-9",
        "has a fraction of nine digits, a nanosecond",
        f"\\.[0-9]{{9}}{_ZONE}",
        ("2026-01-15T09:30:00.123456789Z", "09:30:00.123456789Z"),
    ),
    TextHazard(
        "week-of-other-year",
        "is in a week, by ISO 8601, of another year",
        "^(?:2024-12-3[01]|2021-01-0[123]|2022-01-0[12]|2025-12-(?:29|3[01])|2027-01-0[123])",
        ("2024-12-30T12:00:00Z", "2021-01-01T12:00:00Z", "2024-12-30", "2021-01-01"),
        predicate=CalendarTest(_is_in_week_of_other_year),
        roles=("whole",),
    ),
    TextHazard(
        "before-epoch",
        "is before 1970",
        "^(?:0[0-9]{3}|1[0-8][0-9]{2}|19[0-6][0-9])-",
        ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59Z", "1969-12-31"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "year-9999",
        "is in the year 9999, the last one of many programs",
        "^9999-",
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "9999-12-31"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "year-0001",
        "is in the first year of many programs",
        "^0001-",
        ("0001-01-01T00:00:00Z", "0001-01-01"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "last-instant-of-day",
        "is the last second of a day",
        "(?:^|T)23:59:59",
        ("1999-12-31T23:59:59.999999999Z", "1999-12-31T23:59:59Z", "23:59:59.999999999-12:00", "23:59:59Z"),
        roles=("whole",),
    ),
    TextHazard("midnight", "is midnight", "(?:^|T)00:00:00(?:\\.0+)?(?:Z|[+-])", ("2026-01-01T00:00:00Z", "00:00:00Z")),
    TextHazard(
        "three-quarter-hour-offset",
        "has an offset of three quarters of an hour",
        "[+-][0-9]{2}:45$",
        ("2026-01-15T09:30:00+05:45", "2026-01-15T09:30:00+12:45", "09:30:00+05:45"),
    ),
    TextHazard(
        "epoch",
        "is the instant zero of 1970, which programs take for an absent time",
        "^1970-01-01(?:T00:00:00(?:\\.0+)?(?:Z|[+-]00:00))?$",
        ("1970-01-01T00:00:00Z", "1970-01-01"),
    ),
    TextHazard(
        "fraction-3",
        "has a fraction of three digits, a millisecond",
        f"\\.[0-9]{{3}}{_ZONE}",
        ("2026-01-15T09:30:00.007Z", "09:30:00.007Z"),
    ),
    TextHazard(
        "zero-fraction",
        "has a fraction of zero, which programs leave out",
        f"\\.0+{_ZONE}",
        ("2026-01-15T09:30:00.000Z", "09:30:00.000Z"),
    ),
    TextHazard(
        "trailing-zero",
        "has a fraction with a zero at its end, which programs leave out",
        f"\\.[0-9]*[1-9]0+{_ZONE}",
        ("2026-01-15T09:30:00.120Z", "09:30:00.120Z"),
    ),
    TextHazard(
        "fraction-rounds-up",
        "has a fraction that rounds to the next second",
        f"\\.9{{4,}}[5-9]?{_ZONE}",
        ("2026-01-15T09:30:59.9999Z", "09:30:59.9999Z"),
        roles=("whole",),
    ),
    TextHazard(
        "month-or-day",
        "has a day that is also a month, in an order that some programs read otherwise",
        "^[0-9]{4}-(?:03-04|04-03)",
        ("2026-03-04T12:00:00Z", "2026-03-04"),
        predicate=CalendarTest(_is_ambiguous),
    ),
    TextHazard(
        "last-day-of-month",
        "is the last day of a month",
        "^[0-9]{4}-(?:0[13578]|1[02])-31",
        ("2026-01-31T12:00:00Z", "2026-01-31"),
        predicate=CalendarTest(_is_last_of_month),
    ),
    TextHazard(
        "last-day-of-leap-year",
        "is the day 366 of a year",
        "^[0-9]{2}(?:[2468][048]|[13579][26]|0[48])-12-31",
        ("2024-12-31T12:00:00Z", "2024-12-31"),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "new-year",
        "is the first day of a year",
        "^[0-9]{4}-01-01",
        ("2026-01-01T12:00:00Z", "2026-01-01"),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "clock-forward",
        "is an hour that clocks skip where summer time begins on that day",
        f"^(?:{_CLOCK_FORWARD})",
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z", "2026-03-08T02:30:00-08:00"),
        predicate=CalendarTest(_is_day_of_clock_forward, _is_clock_forward),
        roles=("whole",),
    ),
    TextHazard(
        "clock-back",
        "is an hour that clocks repeat where summer time ends on that day",
        f"^(?:{_CLOCK_BACK})",
        ("2026-10-25T02:30:00+02:00", "2026-10-25T01:30:00Z", "2026-11-01T01:30:00-08:00"),
        predicate=CalendarTest(_is_day_of_clock_back, _is_clock_back),
    ),
    TextHazard(
        "beyond-year-in-utc",
        "is before the year 1 or after the year 9999 in UTC",
        "^0001-01-01T00:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?\\+(?:0[1-9]|1[0-9]):|^9999-12-31T23:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?-(?:0[1-9]|1[0-9]):",
        ("9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"),
        predicate=CalendarTest(_is_in_first_or_last_year, _is_beyond_utc_year),
        roles=("whole",),
    ),
    TextHazard(
        "century-leap-day",
        "is a leap day in a century year",
        "^(?:[02468][048]|[13579][26])00-02-29",
        ("2000-02-29T12:00:00Z", "2000-02-29"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "zero-offset",
        "writes UTC as an offset of zero",
        "\\+00:00$",
        ("2026-01-15T09:30:00+00:00", "09:30:00+00:00"),
    ),
    TextHazard(
        "negative-zero-offset",
        "has an offset of a negative zero: UTC, whose local time is unknown",
        "-00:00$",
        ("2026-01-15T09:30:00-00:00", "09:30:00-00:00"),
    ),
    TextHazard(
        "greatest-offset",
        "has an offset of 14 hours or more, or of 12 or more to the west",
        "(?:\\+(?:1[4-9]|2[0-3])|-(?:1[2-9]|2[0-3])):[0-9]{2}$",
        ("2026-01-15T09:30:00+14:00", "2026-01-15T09:30:00-12:00", "09:30:00+14:00"),
    ),
    TextHazard(
        "offset-of-a-day",
        "has an offset of almost a day",
        "[+-]23:59$",
        ("2026-01-15T09:30:00+23:59", "2026-01-15T09:30:00-23:59", "09:30:00+23:59"),
    ),
    TextHazard(
        "before-gregorian-calendar",
        "is before 1582, when the calendar of Gregory began",
        "^(?:0[0-9]{3}|1[0-4][0-9]{2}|15[0-7][0-9])-",
        ("1500-03-01T12:00:00Z", "1500-03-01"),
        start_length=DATE_LENGTH,
    ),
    TextHazard(
        "gregorian-calendar",
        "is at the beginning of the calendar of Gregory",
        "^1582-10-(?:0[5-9]|1[0-5])",
        ("1582-10-15T00:00:00.1234+14:00", "1582-10-15T00:00:00Z", "1582-10-10", "1582-10-15"),
        roles=("whole",),
        start_length=DATE_LENGTH,
    ),
    TextHazard("noon", "is in the hour of noon, 12 p.m.", "(?:^|T)12:", ("2026-01-15T12:30:00Z", "12:30:00Z")),
    TextHazard(
        "hour-of-midnight",
        "is in the hour of midnight, 12 a.m.",
        "(?:^|T)00:[0-9]{2}:",
        ("2026-01-15T00:30:00Z", "00:30:00Z"),
    ),
    TextHazard(
        "century-end",
        "is in the year 1900, which a spreadsheet takes for a leap year",
        "^1900-0[123]-",
        ("1900-02-28T12:00:00Z", "1900-02-28"),
        start_length=DATE_LENGTH,
    ),
)
"""The hazards of date-times, dates and times, the most fruitful ones first."""
