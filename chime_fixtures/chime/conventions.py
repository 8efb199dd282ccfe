"""Conventions of the service that no schema contains: timestamps, ids, and the default start of the clock."""

from __future__ import annotations

import datetime as dt
import string

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""The default start of the service's clock and of the Faker provider, a constant so that values do not change."""

CONNECTOR_ID_LENGTH = 22
CONNECTOR_ID_ALPHABET = string.ascii_lowercase + string.digits
"""The characters of a Voice Connector's id."""


def timestamp(instant: dt.datetime) -> str:
    """An instant as the service writes it: in UTC, with milliseconds and ``Z``."""
    return in_utc(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_utc(instant: dt.datetime) -> dt.datetime:
    """The instant with the offset zero; unchanged if it is outside the years 1 to 9999 of UTC."""
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError:
        return instant
