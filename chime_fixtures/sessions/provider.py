"""A Faker provider for the values of proxy sessions: ids, fictitious telephone numbers, names, timestamps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from faker.providers import BaseProvider

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.conventions import CONNECTOR_ID_ALPHABET, CONNECTOR_ID_LENGTH, EPOCH, timestamp
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects, Strings

_EXPIRY_MINUTES = (15, 30, 60, 120, 720)


class ChimeProvider(BaseProvider):
    """Values of proxy sessions for Faker: ``faker.add_provider(ChimeProvider)``.

    Every telephone number is from a range that a regulator reserves for fiction; enumerations and limits are read from
    the contract.
    """

    def voice_connector_id(self) -> str:
        """A Voice Connector's id: 22 lower-case letters and digits, as from the service."""
        return "".join(self._choice(CONNECTOR_ID_ALPHABET) for _ in range(CONNECTOR_ID_LENGTH))

    def proxy_session_id(self) -> str:
        """A session's id: five groups of lower-case hexadecimal digits, as in a UUID."""
        bits = f"{self.generator.random.getrandbits(128):032x}"
        return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))

    def proxy_session_name(self, locale: str = "en_US") -> str:
        """A realistic name: an order, a person, or both.

        Raises:
            ValueError: the locale has no names.
        """
        pools = data.load("names")["locales"]
        if locale not in pools:
            raise ValueError(f"no names for the locale {locale!r}{did_you_mean(locale, pools)}")
        pool = pools[locale]
        person = self._choice(pool["first"]) + pool["joiner"] + self._choice(pool["second"])
        subject = self._choice(pool["subjects"])
        number = self.generator.random.randrange(1000, 99999)
        candidates = [f"{subject} {number} {person}", f"{subject} {number}", person, str(number), str(number % 10)]
        start = self.generator.random.randrange(3)
        language = member("Name").require_branch(Strings).language
        fitting = [name for name in candidates[start:] if name in language]
        return fitting[0] if fitting else str(language.construct(language.shortest or 0))

    def fictional_phone_number(self, country: str = "US", area_code: str = "") -> str:
        """A fictitious telephone number in E.164 format.

        Raises:
            ValueError: the country or the area code has no fictitious numbers.
        """
        pool = phone_numbers.pool((country,), area_code)
        if not len(pool):
            area = f"{country} {area_code}".strip()
            raise ValueError(f"no fictitious numbers in {area!r}{did_you_mean(country, phone_numbers.countries())}")
        return pool[self.generator.random.randrange(len(pool))]

    def proxy_session_status(self) -> str:
        """A value of the contract's Status."""
        return str(self._constant("Status"))

    def number_selection_behavior(self) -> str:
        """A value of the contract's NumberSelectionBehavior."""
        return str(self._constant("NumberSelectionBehavior"))

    def geo_match_level(self) -> str:
        """A value of the contract's GeoMatchLevel."""
        return str(self._constant("GeoMatchLevel"))

    def capabilities(self) -> list[str]:
        """One or all of the contract's Capabilities, in random order."""
        values = list(member("Capabilities", "*").require_branch(Constants).values)
        self.generator.random.shuffle(values)
        return values[: self.generator.random.randrange(1, len(values) + 1)]

    def expiry_minutes(self) -> int:
        """A realistic number of minutes, at most 720."""
        return int(self._choice(_EXPIRY_MINUTES))

    def participants(self, area_code: str = "") -> list[dict[str, str]]:
        """Two participants with the same proxy number."""
        proxy = self.fictional_phone_number(area_code=area_code)
        numbers: list[str] = []
        while len(numbers) < 2:
            number = self.fictional_phone_number()
            if number not in (proxy, *numbers):
                numbers.append(number)
        return [{"PhoneNumber": number, "ProxyPhoneNumber": proxy} for number in numbers]

    def iso8601_timestamp(self, since: dt.datetime = EPOCH, days: float = 365) -> str:
        """A timestamp in UTC with milliseconds, at most `days` after `since`."""
        offset = self.generator.random.randrange(int(days * 86_400_000))
        return timestamp(since + dt.timedelta(milliseconds=offset))

    def _choice(self, values: Any) -> Any:
        return values[self.generator.random.randrange(len(values))]

    def _constant(self, name: str) -> Any:
        return self._choice(member(name).require_branch(Constants).values)


def member(name: str, *steps: str) -> Node:
    """The node of a session's member, or of a value below it: a step is the name of a member, or ``*`` for an item."""
    node: Node = load_contract("ProxySession").root.require_branch(Objects).properties[name]
    for step in steps:
        node = node.require_branch(Arrays).items if step == "*" else node.require_branch(Objects).properties[step]
    return node
