"""Conventions of the service that no schema states: timestamps, ids, and the first instant of seeded time."""

from __future__ import annotations

import datetime as dt
import string

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""The first instant of the service's clock and of the Faker provider by default: nothing reads the system's clock."""

CONNECTOR_ID_LENGTH = 22
CONNECTOR_ID_ALPHABET = string.ascii_lowercase + string.digits
"""The characters of a Voice Connector's id."""


def timestamp(instant: dt.datetime) -> str:
    """An instant as the service writes it: in UTC, with milliseconds and ``Z``."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
