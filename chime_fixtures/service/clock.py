"""The clock of the service, which stands still until it is advanced or follows the system's, and its timestamps."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import Literal

from chime_fixtures.chime.conventions import EPOCH
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.engine.errors import InvalidOptionError

__tracebackhide__ = is_kit_error


class Clock:
    """An injected clock.

    Args:
        now: the instant at which the clock stands, with a time zone; or ``"system"`` to follow the system's clock,
            which freezegun and time-machine set too.

    Raises:
        InvalidOptionError: `now` is neither ``"system"`` nor an instant with a time zone.
    """

    def __init__(self, now: dt.datetime | Literal["system"] = EPOCH) -> None:
        if now != "system" and (not isinstance(now, dt.datetime) or now.tzinfo is None):
            raise InvalidOptionError(f"now must be 'system' or a datetime with a time zone, not {now!r}")
        self._origin = None if isinstance(now, str) else now.astimezone(dt.UTC)
        self._offset = dt.timedelta()
        self._formatted: dt.datetime | None = None
        self._http_date = ""

    def now(self) -> dt.datetime:
        """Return the current instant, in UTC."""
        # Looked up in the module each time: freezegun replaces the class there.
        origin = self._origin if self._origin is not None else dt.datetime.now(dt.UTC)
        return origin + self._offset

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, milliseconds: float = 0
    ) -> dt.datetime:
        """Advance the clock, and return the new current instant.

        Raises:
            InvalidOptionError: the sum is negative.
        """
        step = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
        if step < dt.timedelta():
            raise InvalidOptionError(f"a clock can't be set back: the sum must be 0 or more, not {step}")
        self._offset += step
        return self.now()

    def reset(self) -> None:
        """Return to the instant that the clock was created with."""
        self._offset = dt.timedelta()

    def advance_to(self, instant: dt.datetime) -> None:
        """Advance the clock to an instant; do nothing if the instant is in the past."""
        self._offset += max(instant - self.now(), dt.timedelta())

    def http_date(self) -> str:
        """Return the current instant in the format of the header field ``date``."""
        now = self.now()
        if now != self._formatted:
            self._formatted, self._http_date = now, format_datetime(now, usegmt=True)
        return self._http_date


def parse_timestamp(text: object) -> dt.datetime | None:
    """Return the instant of a timestamp in a preloaded session.

    None if it is not a timestamp with a time zone, or if its instant is outside the years 1 to 9999 of UTC.
    """
    if not isinstance(text, str):
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
        return instant.astimezone(dt.UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
