"""What may be asked of realistic sessions; part of what a record is a function of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime import data
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Where time begins, so that nothing reads the clock."""

YEAR = dt.timedelta(days=365)
_FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 12, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What may be asked of realistic sessions.

    Attributes:
        locales: whose names and numbers they have, as Faker spells them; none means names from all over the world, and
            numbers of the United States.
        states: the states they may be in; none means all.
        since: when the first may be created.
        until: before when the last is created.
        connectors: the Voice Connectors they belong to; none means a few that the seed makes up.

    Raises:
        InvalidOptionError: there are no names for a locale, or `since` is not before `until`, or an instant has no zone.
    """

    locales: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    since: dt.datetime = EPOCH
    until: dt.datetime = EPOCH + YEAR
    connectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for locale in self.locales:
            known = data.load("names")["locales"]
            if locale not in known:
                raise InvalidOptionError(f"there are no names for the locale {locale!r}{did_you_mean(locale, known)}")
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise InvalidOptionError("since and until need a time zone: use datetime.UTC")
        if not self.since < self.until <= _LAST:
            raise InvalidOptionError(
                f"since {self.since} must be before until {self.until}, and that before {_LAST:%Y-%m-%d}"
            )
        if self.since < _FIRST:
            raise InvalidOptionError(f"since {self.since} is before the year 1 in UTC: give a later one")

    @staticmethod
    def of(
        *,
        locale: str | Sequence[str] | None = None,
        states: str | Sequence[str] = (),
        since: dt.date | None = None,
        until: dt.date | None = None,
        connector: str | Sequence[str] = (),
    ) -> SessionOptions:
        """From what a user says: one of a thing or several; a year from the one instant that is given.

        Raises:
            InvalidOptionError: as for wishes, or what is given is no instant, or the calendar has no year beside it.
        """
        start, end = _moment("since", since), _moment("until", until)
        try:
            # Which of two instants is earlier can't be said where only one has a zone; that is refused below.
            if start is None:
                start = EPOCH if end is None or end.tzinfo is None else min(EPOCH, end - YEAR)
            end = start + YEAR if end is None else end
        except OverflowError:
            name, given, other = ("since", since, "until") if end is None else ("until", until, "since")
            raise InvalidOptionError(
                f"{name} {given} has no year beside it in the calendar: give {other} too"
            ) from None
        return SessionOptions(_several(locale or ()), _several(states), start, end, _several(connector))

    def as_dict(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "locales": list(self.locales),
            "states": list(self.states),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "connectors": list(self.connectors),
        }


def _moment(name: str, given: Any) -> dt.datetime | None:
    """An instant; of a day its beginning in UTC."""
    if given is None or isinstance(given, dt.datetime):
        return given
    if isinstance(given, dt.date):
        return dt.datetime(given.year, given.month, given.day, tzinfo=dt.UTC)
    raise InvalidOptionError(f"{name} {given!r} is no instant: give a datetime with a time zone, or a date")


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def milliseconds(instant: dt.datetime) -> int:
    """Milliseconds since 1970."""
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
