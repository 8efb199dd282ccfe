"""Sessions that a person believes: correlated, seeded, and with numbers that reach nobody."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from faker import Generator

from chime_fixtures.contract import Contract, Violation
from chime_fixtures.contract.nodes import Objects
from chime_fixtures.data import numbers
from chime_fixtures.errors import InvalidInstanceError, did_you_mean
from chime_fixtures.providers import ChimeProvider, timestamp
from chime_fixtures.values import RandomSource, builder_of
from chime_fixtures.violations import enumerate_violations, with_fault_in

_CLOSED = "Closed"


class ProxySessionFactory:
    """Makes proxy sessions as the service would have shown them.

    Session number *i* of a factory depends on the schema, the seed and *i* alone.

    Args:
        seed: where the sequence starts; the same one gives the same sessions.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self._index = 0
        self._contract = Contract.load("ProxySession")
        self._members = self._contract.root.shape(Objects).members
        self._generator = Generator()
        self._words = ChimeProvider(self._generator)

    def build(self, *, check: bool = True, **overrides: Any) -> dict[str, Any]:
        """The next session.

        What is overridden keeps the rest in step: a Closed session has an EndedTimestamp, any other has none, and the
        instants stay in order after an overridden CreatedTimestamp.

        Args:
            check: whether an override that breaks the contract is an error.
            overrides: members and their values.

        Raises:
            InvalidInstanceError: an override breaks the contract.
            TypeError: the contract names no such member.
        """
        if check:
            self._refuse_unknown(overrides)
        session = self._session(self._index, overrides)
        self._index += 1
        if check and overrides:
            violations = self._contract.check(session)
            if violations:
                raise InvalidInstanceError("an override breaks the contract", violations, "pass check=False to keep it")
        return session

    def batch(self, n: int, **overrides: Any) -> list[dict[str, Any]]:
        """The next `n` sessions."""
        return [self.build(**overrides) for _ in range(n)]

    def build_violation(self, *, pointer: str | None = None, keyword: str | None = None) -> Violation:
        """The next session with exactly one fault in it, as a record that says which.

        Raises:
            LookupError: the catalogue has no violation with that place and keyword.
        """
        catalogue = enumerate_violations(self._contract, pointer=pointer, keyword=keyword)
        if not catalogue:
            raise LookupError(f"no violation has pointer={pointer!r} and keyword={keyword!r}")
        index = self._index
        violation = catalogue[random.Random(f"{self.seed}:{index}:violation").randrange(len(catalogue))]
        return with_fault_in(self._contract, violation, self.build())

    def build_invalid(self, *, pointer: str | None = None, keyword: str | None = None) -> Any:
        """The next session with exactly one fault in it, as plain data.

        Raises:
            LookupError: the catalogue has no violation with that place and keyword.
        """
        return self.build_violation(pointer=pointer, keyword=keyword).instance

    def _refuse_unknown(self, overrides: dict[str, Any]) -> None:
        for name in overrides:
            if name not in self._members:
                hint = did_you_mean(name, self._members)
                raise TypeError(f"a session has no member {name!r}{hint}; pass check=False to add it")

    def _session(self, index: int, overrides: dict[str, Any]) -> dict[str, Any]:
        rng = random.Random(f"{self.seed}:{index}")
        self._generator.random = rng
        words = self._words
        geo = self._geo(overrides)
        created = _instant(overrides.get("CreatedTimestamp")) or _instant(words.iso8601_timestamp())
        assert created is not None
        minutes = words.expiry_minutes()
        updated = created + dt.timedelta(seconds=rng.randrange(minutes * 30)) if rng.random() < 0.5 else created
        ended = updated + dt.timedelta(seconds=rng.randrange(1, minutes * 30))
        # An end that was asked for says that the session is over.
        status = _CLOSED if overrides.get("EndedTimestamp") is not None else words.proxy_session_status()
        status = overrides.get("Status", status)
        drawn = {
            "VoiceConnectorId": words.voice_connector_id(),
            "ProxySessionId": words.proxy_session_id(),
            "Name": words.proxy_session_name(),
            "Status": status,
            "ExpiryMinutes": minutes,
            "Capabilities": words.capabilities(),
            "CreatedTimestamp": timestamp(created),
            "UpdatedTimestamp": timestamp(updated),
            "EndedTimestamp": timestamp(ended),
            "Participants": words.participants(_area_of(geo)),
            "NumberSelectionBehavior": words.number_selection_behavior(),
            "GeoMatchLevel": words.geo_match_level(),
            "GeoMatchParams": geo,
        }
        if status != _CLOSED:
            del drawn["EndedTimestamp"]
        drawn.update(overrides)
        return {name: drawn[name] for name in (*self._members, *overrides) if name in drawn} | self._unknown(drawn, rng)

    def _geo(self, overrides: dict[str, Any]) -> Any:
        if "GeoMatchParams" in overrides:
            return overrides["GeoMatchParams"]
        return {"Country": "US", "AreaCode": self._words.fictional_phone_number()[2:5]}

    def _unknown(self, drawn: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        """Members that the schema asks for and that no word here knows."""
        required = self._contract.root.shape(Objects).required
        builder = builder_of(self._contract)
        return {name: builder.of(self._members[name])(RandomSource(rng), 9) for name in required if name not in drawn}


def _area_of(geo: Any) -> str:
    """The area code asked for, where it has numbers that are reserved for fiction."""
    area = geo.get("AreaCode") if isinstance(geo, dict) else None
    return area if isinstance(area, str) and len(numbers.pool(("US",), area)) else ""


def _instant(text: Any) -> dt.datetime | None:
    try:
        instant = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo is not None else None
