"""The words of proxy sessions for Faker: ids, numbers that reach nobody, names, instants."""

from __future__ import annotations

import datetime as dt
import string
from typing import Any

from faker.providers import BaseProvider

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects, Strings
from chime_fixtures.sessions.options import EPOCH

_LETTERS = string.ascii_lowercase + string.digits
_HOURS = (15, 30, 60, 120, 720)


class ChimeProvider(BaseProvider):
    """Each word of a proxy session: ``faker.add_provider(ChimeProvider)``.

    Every telephone number is from a range that its regulator reserves for fiction; every constant and every limit is
    read from the contract.
    """

    def voice_connector_id(self) -> str:
        """22 lower-case letters and digits, as the service makes them."""
        return "".join(self._choice(_LETTERS) for _ in range(22))

    def proxy_session_id(self) -> str:
        """Five groups of lower-case hexadecimal digits."""
        bits = f"{self.generator.random.getrandbits(128):032x}"
        return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))

    def proxy_session_name(self, locale: str = "en_US") -> str:
        """A name such as people give: who it is, or what it is about.

        Raises:
            ValueError: there are no names for that locale.
        """
        pools = data.load("names")["locales"]
        if locale not in pools:
            raise ValueError(f"there are no names for the locale {locale!r}{did_you_mean(locale, pools)}")
        pool = pools[locale]
        person = self._choice(pool["first"]) + pool["joiner"] + self._choice(pool["second"])
        subject = self._choice(pool["subjects"])
        number = self.generator.random.randrange(1000, 99999)
        candidates = [f"{subject} {number} {person}", f"{subject} {number}", person, str(number), str(number % 10)]
        start = self.generator.random.randrange(3)
        strings = member("Name").require_branch(Strings)
        fitting = [name for name in candidates[start:] if name in strings.language]
        return fitting[0] if fitting else str(strings.language.construct(strings.language.shortest or 0))

    def fictional_phone_number(self, country: str = "US", area_code: str = "") -> str:
        """A number in E.164 format that nobody has.

        Raises:
            ValueError: nothing is reserved for fiction there.
        """
        pool = phone_numbers.pool((country,), area_code)
        if not len(pool):
            place = f"{country} {area_code}".strip()
            raise ValueError(
                f"no numbers are reserved for fiction in {place!r}{did_you_mean(country, phone_numbers.countries())}"
            )
        return pool[self.generator.random.randrange(len(pool))]

    def proxy_session_status(self) -> str:
        """One of the contract's states."""
        return str(self._constant("Status"))

    def number_selection_behavior(self) -> str:
        """One of the contract's behaviours."""
        return str(self._constant("NumberSelectionBehavior"))

    def geo_match_level(self) -> str:
        """One of the contract's levels."""
        return str(self._constant("GeoMatchLevel"))

    def capabilities(self) -> list[str]:
        """One or all of the contract's capabilities, in no particular order."""
        values = list(member("Capabilities", "*").require_branch(Constants).values)
        self.generator.random.shuffle(values)
        return values[: self.generator.random.randrange(1, len(values) + 1)]

    def expiry_minutes(self) -> int:
        """A usual number of minutes, at most twelve hours."""
        return int(self._choice(_HOURS))

    def participants(self, area_code: str = "") -> list[dict[str, str]]:
        """Two parties who see one and the same proxy number."""
        proxy = self.fictional_phone_number(area_code=area_code)
        parties: list[str] = []
        while len(parties) < 2:
            number = self.fictional_phone_number()
            if number not in (proxy, *parties):
                parties.append(number)
        return [{"PhoneNumber": number, "ProxyPhoneNumber": proxy} for number in parties]

    def iso8601_timestamp(self, since: dt.datetime = EPOCH, days: float = 365) -> str:
        """An instant in UTC with milliseconds, as the service writes it."""
        offset = self.generator.random.randrange(int(days * 86_400_000))
        return timestamp(since + dt.timedelta(milliseconds=offset))

    def _choice(self, values: Any) -> Any:
        return values[self.generator.random.randrange(len(values))]

    def _constant(self, name: str) -> Any:
        return self._choice(member(name).require_branch(Constants).values)


def member(name: str, *further: str) -> Node:
    """The node of a session's member; ``*`` goes on to the items of a list."""
    node: Node = load_contract("ProxySession").root.require_branch(Objects).properties[name]
    for step in further:
        node = node.require_branch(Arrays).items if step == "*" else node.require_branch(Objects).properties[step]
    return node


def timestamp(instant: dt.datetime) -> str:
    """An instant as the service writes it."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
