"""What may be asked of realistic sessions; part of what a record is a function of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures import data
from chime_fixtures.errors import UnknownWishError, did_you_mean

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Where time begins, so that nothing reads the clock."""

YEAR = dt.timedelta(days=365)
_LAST = dt.datetime(9999, 12, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be asked of realistic sessions.

    Attributes:
        locales: whose names and numbers they have, as Faker spells them; none means names from all over the world, and
            numbers of the United States.
        states: the states they may be in; none means all.
        since: when the first may be created.
        until: before when the last is created.
        connectors: the Voice Connectors they belong to; none means a few that the seed makes up.

    Raises:
        UnknownWishError: there are no names for a locale, or `since` is not before `until`, or an instant has no zone.
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
                raise UnknownWishError(f"there are no names for the locale {locale!r}{did_you_mean(locale, known)}")
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise UnknownWishError("since and until need a time zone: use datetime.UTC")
        if not self.since < self.until <= _LAST:
            raise UnknownWishError(
                f"since {self.since} must be before until {self.until}, and that before {_LAST:%Y-%m-%d}"
            )

    @staticmethod
    def of(
        *,
        locale: str | Sequence[str] | None = None,
        states: str | Sequence[str] = (),
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        connector: str | Sequence[str] = (),
    ) -> Wishes:
        """From what a user says: one of a thing or several; a year from the one instant that is given."""
        start = since if since is not None else min(EPOCH, until - YEAR) if until is not None else EPOCH
        end = until if until is not None else start + YEAR
        return Wishes(_several(locale or ()), _several(states), start, end, _several(connector))

    def as_dict(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "locales": list(self.locales),
            "states": list(self.states),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "connectors": list(self.connectors),
        }


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def milliseconds(instant: dt.datetime) -> int:
    """Milliseconds since 1970."""
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
