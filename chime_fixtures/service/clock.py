"""The time of the service: it stands still until it is moved, or follows the system."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import Literal

from chime_fixtures.chime.errors import is_ours
from chime_fixtures.engine.errors import InvalidOptionError

__tracebackhide__ = is_ours

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""When a clock begins that was given no instant."""


class Clock:
    """An injected clock.

    Args:
        now: the instant at which it stands (aware), or ``"system"`` to follow the system's clock, which is also what
            freezegun and time-machine set.

    Raises:
        InvalidOptionError: the instant has no zone, or is none.
    """

    def __init__(self, now: dt.datetime | Literal["system"] = EPOCH) -> None:
        if now != "system" and (not isinstance(now, dt.datetime) or now.tzinfo is None):
            raise InvalidOptionError(f"the clock needs 'system' or an instant with a zone, not {now!r}")
        self._origin = None if isinstance(now, str) else now.astimezone(dt.UTC)
        self._moved = dt.timedelta()
        self._dated: dt.datetime | None = None
        self._date = ""

    def now(self) -> dt.datetime:
        """The present instant, in UTC."""
        # Read through the module, where freezegun puts its own class.
        origin = self._origin if self._origin is not None else dt.datetime.now(dt.UTC)
        return origin + self._moved

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> dt.datetime:
        """Move the clock on, and return the new present.

        Raises:
            InvalidOptionError: the sum is negative: sessions do not grow younger.
        """
        step = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
        if step < dt.timedelta():
            raise InvalidOptionError(f"the clock only moves on: {step} is negative")
        self._moved += step
        return self.now()

    def restart(self) -> None:
        """Stand again where it began."""
        self._moved = dt.timedelta()

    def forward(self, instant: dt.datetime) -> None:
        """Move on to an instant, if it has not passed."""
        self._moved += max(instant - self.now(), dt.timedelta())

    def http_date(self) -> str:
        """The present as the header field ``date`` has it."""
        now = self.now()
        if now != self._dated:
            self._dated, self._date = now, format_datetime(now, usegmt=True)
        return self._date


def timestamp(instant: dt.datetime) -> str:
    """An instant as the service writes it: milliseconds, and ``Z``."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: object) -> dt.datetime | None:
    """The instant of a timestamp that somebody preloaded; None when it is none."""
    if not isinstance(text, str):
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(dt.UTC) if instant.tzinfo else None
