"""Options of realistic sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime import data
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.engine.values import Builder
from chime_fixtures.sampling.plan import RecordPlan
from chime_fixtures.sampling.schema_plan import DEFAULT_PERIOD, DEFAULT_SINCE, PlanOptions
from chime_fixtures.sessions.plan import is_session, session_plan


@dataclass(frozen=True, slots=True)
class SessionOptions(PlanOptions):
    """Options of realistic sessions; for the records of any other contract, only `since` and `until` matter.

    Attributes:
        since: the lower bound of CreatedTimestamp.
        until: the exclusive upper bound of CreatedTimestamp.
        locales: the locales of names and telephone numbers, as in Faker; by default names from all over the world, and
            numbers of the United States.
        states: the values of Status; all by default.
        connectors: the ids of Voice Connectors; by default twelve that the seed chooses.

    Raises:
        InvalidOptionError: a locale has no names, `since` is not before `until`, or a datetime has no time zone.
    """

    locales: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    connectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = data.load("names")["locales"]
        for locale in self.locales:
            if locale not in known:
                raise InvalidOptionError(f"no names for the locale {locale!r}{did_you_mean(locale, known)}")
        # The zero-argument super() does not work in a dataclass with slots.
        PlanOptions.__post_init__(self)

    @staticmethod
    def of(
        *,
        locale: str | Sequence[str] | None = None,
        states: str | Sequence[str] = (),
        since: dt.date | None = None,
        until: dt.date | None = None,
        connector: str | Sequence[str] = (),
    ) -> SessionOptions:
        """Options from the arguments of a user: one value or several; `since` and `until` are a year apart by default.

        Raises:
            InvalidOptionError: as for `SessionOptions`, or an argument is not a date, or the other one would be before
                the year 1 or after 9999.
        """
        start, end = _datetime("since", since), _datetime("until", until)
        try:
            # Datetimes with and without a time zone can't be compared; `PlanOptions` raises an error for the latter.
            if start is None:
                start = DEFAULT_SINCE if end is None or end.tzinfo is None else min(DEFAULT_SINCE, end - DEFAULT_PERIOD)
            end = start + DEFAULT_PERIOD if end is None else end
        except OverflowError:
            name, given, other = ("since", since, "until") if end is None else ("until", until, "since")
            limit = "9999" if name == "since" else "1"
            raise InvalidOptionError(f"{name} ({given}) is too close to the year {limit}; pass {other} too") from None
        return SessionOptions(
            since=start,
            until=end,
            locales=_as_tuple(locale or ()),
            states=_as_tuple(states),
            connectors=_as_tuple(connector),
        )

    def plan(self, contract: Contract, seed: int, builder: Builder | None = None) -> RecordPlan:
        """The plan of a contract's records: realistic sessions for the bundled contract, else read from the schema.

        Args:
            contract: the contract.
            seed: the same seed yields the same records.
            builder: the construction of the records; that of the contract's values by default.

        Raises:
            InvalidOptionError: the contract does not allow a state or a connector.
        """
        plan = session_plan(contract, seed, self) if is_session(contract) else None
        return PlanOptions.plan(self, contract, seed, builder) if plan is None else plan

    def as_dict(self) -> dict[str, Any]:
        """The options as JSON, for a manifest."""
        return {
            "locales": list(self.locales),
            "states": list(self.states),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "connectors": list(self.connectors),
        }

    def versions(self) -> dict[str, str]:
        """The versions that the records depend on, the pool of names included."""
        return {"pool": data.load("names")["version"], **PlanOptions.versions(self)}


def _datetime(name: str, given: Any) -> dt.datetime | None:
    """A datetime unchanged, or the beginning of a date in UTC."""
    if given is None or isinstance(given, dt.datetime):
        return given
    if isinstance(given, dt.date):
        return dt.datetime(given.year, given.month, given.day, tzinfo=dt.UTC)
    raise InvalidOptionError(f"{name} must be a date, or a datetime with a time zone, not {given!r}")


def _as_tuple(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
