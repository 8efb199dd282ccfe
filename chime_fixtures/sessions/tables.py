"""The tables that random bits choose from: names, numbers, states, lengths of life, in believable shares.

Each table of 256 rows is chosen from by one byte. What the contract counts up is read from it; the shares are ours.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sampling import random_bits
from chime_fixtures.sessions.options import SessionOptions, milliseconds

CLOSED = "Closed"
STICKY = "PreferSticky"
_SHARES = {
    "Status": {"Closed": 160, "Open": 76, "InProgress": 20},
    "NumberSelectionBehavior": {STICKY: 180, "AvoidSticky": 76},
    "GeoMatchLevel": {"AreaCode": 150, "Country": 106},
}
_MINUTES = {60: 96, 30: 40, 15: 28, 120: 32, 240: 16, 720: 20, 480: 10, 45: 8, 90: 6}
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_HOME = "en_US"

# What a name is made of, by kind: an order's number, a person, or both.
NUMBERED, PERSON, FULL = 0, 1, 2
_KINDS = {NUMBERED: 112, PERSON: 80, FULL: 64}


@dataclass(frozen=True, slots=True)
class Place:
    """Where numbers are: a country, an area of it, and the rows of the table of numbers that are its own."""

    country: str
    area: str
    first: int
    count: int


@dataclass(frozen=True)
class Tables:
    """Everything that a record is looked up in."""

    statuses: tuple[str, ...]
    minutes: tuple[int, ...]
    capabilities: tuple[tuple[str, ...], ...]
    behaviors: tuple[str, ...]
    levels: tuple[str, ...]
    connectors: tuple[str, ...]
    kinds: tuple[int, ...]
    locales: tuple[int, ...]
    subjects: tuple[str, ...]
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    places: tuple[Place, ...]
    numbers: tuple[str, ...]
    start: int
    span: int
    salt: int


def read(contract: Contract, seed: int, wishes: SessionOptions) -> Tables:
    """The tables of a contract, a seed and wishes.

    Raises:
        InvalidOptionError: a state or a connector is asked for that the contract does not allow.
    """
    states = _constants(contract, "/Status")
    for state in wishes.states:
        if state not in states:
            raise InvalidOptionError(f"the contract has no state {state!r}; there are {', '.join(map(str, states))}")
    for connector in wishes.connectors:
        for found in contract.check({"VoiceConnectorId": connector}):
            if found.pointer == "/VoiceConnectorId":
                raise InvalidOptionError(f"the contract has no such connector: {found.summary}; give another one")
    shares = {state: share for state, share in _shares("Status", states).items() if state in (wishes.states or states)}
    locales = wishes.locales or tuple(data.load("names")["locales"])
    longest = _bound(contract, "/Name", "maxLength")
    subjects, firsts, seconds = _names(locales, longest)
    home = {locales.index(_HOME): 168} if not wishes.locales else {}
    places, all_numbers = _shared(_countries(wishes.locales))
    start = milliseconds(wishes.since)
    fits = longest is None or longest >= 64
    return Tables(
        statuses=spread(shares),
        minutes=spread({each: share for each, share in _MINUTES.items() if contract.is_valid(_only(each))} or _MINUTES),
        capabilities=spread(_subsets(_constants(contract, "/Capabilities/*"))),
        behaviors=spread(_shares("NumberSelectionBehavior", _constants(contract, "/NumberSelectionBehavior"))),
        levels=spread(_shares("GeoMatchLevel", _constants(contract, "/GeoMatchLevel"))),
        connectors=spread(dict.fromkeys(wishes.connectors or _connectors(seed), 1)),
        kinds=spread(_KINDS if fits else {NUMBERED: 1} if longest is not None and longest >= 16 else {PERSON: 1}),
        locales=spread({index: home.get(index, 4) for index in range(len(locales))}),
        subjects=subjects,
        firsts=firsts,
        seconds=seconds,
        places=places,
        numbers=all_numbers,
        start=start,
        span=milliseconds(wishes.until) - start,
        salt=int.from_bytes(random_bits.salt(seed, "pairs", 3), "little"),
    )


def spread(shares: Mapping[Any, int]) -> tuple[Any, ...]:
    """256 rows in which each value has its share, to the nearest row; every value has one while there is room."""
    total, rows = sum(shares.values()), list[Any]()
    reached = 0
    for value, share in shares.items():
        reached += share
        rows += [value] * (reached * 256 // total - len(rows))
    return tuple(rows)


def _shares(member: str, values: Sequence[Any]) -> dict[Any, int]:
    known = _SHARES[member]
    return {value: known.get(value, 16) for value in values} or dict(known)


def _constants(contract: Contract, path: str) -> list[Any]:
    values = next((each.value for each in contract.constraints if (each.path, each.keyword) == (path, "enum")), ())
    return [value for value in values if isinstance(value, str)]


def _bound(contract: Contract, path: str, keyword: str) -> int | None:
    return min(
        (each.value for each in contract.constraints if (each.path, each.keyword) == (path, keyword)), default=None
    )


def _only(minutes: int) -> dict[str, Any]:
    return {"ExpiryMinutes": minutes}


def _subsets(values: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Each value alone, and each two in either order: consumers must not rely on it."""
    orders: Iterable[tuple[str, ...]] = itertools.permutations(values, 2)
    return {**dict.fromkeys(orders, 96), **{(value,): 32 for value in values}} or {(): 1}


def _connectors(seed: int) -> list[str]:
    """Twelve ids as the service makes them: 22 lower-case letters and digits."""
    raw = random_bits.salt(seed, "connectors", 12 * 22)
    return ["".join(_LETTERS[byte % 36] for byte in raw[at : at + 22]) for at in range(0, len(raw), 22)]


@functools.lru_cache(maxsize=8)
def _names(locales: tuple[str, ...], longest: int | None) -> tuple[tuple[str, ...], ...]:
    """Four subjects, and 256 names in two parts, for each locale; too long ones make room for shorter ones."""
    pools = [data.load("names")["locales"][locale] for locale in locales]
    half = None if longest is None or longest >= 64 else longest // 2
    subjects = [f"{subject} " for pool in pools for subject in pool["subjects"]]
    firsts = [_short((first + pool["joiner"] for first in pool["first"]), half) for pool in pools]
    seconds = [_short(pool["second"], half) for pool in pools]
    return tuple(subjects), tuple(itertools.chain(*firsts)), tuple(itertools.chain(*seconds))


def _short(names: Iterable[str], longest: int | None) -> list[str]:
    every = list(names)
    fitting = [name for name in every if longest is None or len(name) <= longest] or [""]
    return [fitting[index % len(fitting)] for index in range(len(every))]


def _countries(locales: Sequence[str]) -> tuple[str, ...]:
    """The country of each locale; the recommended default stands in for those that have no numbers for fiction."""
    found = [locale.partition("_")[2] for locale in dict.fromkeys(locales)]
    default = phone_numbers.countries()[0]
    return tuple(each if each in phone_numbers.countries() else default for each in found) or (default,)


@functools.lru_cache(maxsize=8)
def _shared(countries: tuple[str, ...]) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """The places of some countries, each as often as gives the countries like shares; and their numbers, once."""
    places, table = numbered(tuple(dict.fromkeys(countries)))
    of = {country: [place for place in places if place.country == country] for country in countries}
    if len(of) == 1:
        return places, table
    most = max(map(len, of.values()))
    return tuple(place for each in countries for place in itertools.islice(itertools.cycle(of[each]), most)), table


@functools.lru_cache(maxsize=8)
def numbered(countries: tuple[str, ...]) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """The places of some countries, and the numbers that are there."""
    places: list[Place] = []
    table: list[str] = []
    for country in countries:
        for area in phone_numbers.areas(country):
            pool = phone_numbers.pool((country,), area)
            places.append(Place(country, area, len(table), len(pool)))
            table += pool
    return tuple(places), tuple(table)
