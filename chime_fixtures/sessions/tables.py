"""Tables from which random bits choose names, telephone numbers, states and lifetimes, in realistic shares.

One byte chooses a row of a table with 256 rows. Enumerations are read from the contract; the shares are our own.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.chime.conventions import CONNECTOR_ID_ALPHABET, CONNECTOR_ID_LENGTH
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.sampling import random_bits
from chime_fixtures.sampling.schema_plan import milliseconds

if TYPE_CHECKING:
    from chime_fixtures.sessions.options import SessionOptions

CLOSED = "Closed"
PREFER_STICKY = "PreferSticky"
_SHARES = {
    "Status": {CLOSED: 160, "Open": 76, "InProgress": 20},
    "NumberSelectionBehavior": {PREFER_STICKY: 180, "AvoidSticky": 76},
    "GeoMatchLevel": {"AreaCode": 150, "Country": 106},
}
_DEFAULT_SHARE = 16
_MINUTES_SHARES = {60: 96, 30: 40, 15: 28, 120: 32, 240: 16, 720: 20, 480: 10, 45: 8, 90: 6}
_DEFAULT_LOCALE = "en_US"
_LOCALE_SHARES = {_DEFAULT_LOCALE: 168}
_DEFAULT_LOCALE_SHARE = 4
_CONNECTORS = 12
FULL_NAME_LENGTH = 64
"""The maximum length of a name; where the contract allows less, names are shorter or of one kind."""

_NUMBERED_NAME_LENGTH = 16

# The kinds of names: an order number, a person, or both.
NUMBERED, PERSON, FULL = 0, 1, 2
_KIND_SHARES = {NUMBERED: 112, PERSON: 80, FULL: 64}


@dataclass(frozen=True, slots=True)
class NumberArea:
    """An area that has telephone numbers: its country, its area code, and its rows in the table of numbers."""

    country: str
    area_code: str
    first: int
    count: int


@dataclass(frozen=True)
class SessionTables:
    """The tables of a contract, a seed and options. Each has 256 rows unless stated otherwise.

    Attributes:
        subjects: four rows for each locale.
        firsts: 256 first parts of names for each locale.
        seconds: 256 second parts of names for each locale.
        areas: any number of rows.
        numbers: the telephone numbers of all areas.
        start: the earliest CreatedTimestamp, in milliseconds since 1970.
        span: the milliseconds from the earliest CreatedTimestamp to the exclusive upper bound.
        salt: seeded bits, so that the pairs of participants depend on the seed.
    """

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
    areas: tuple[NumberArea, ...]
    numbers: tuple[str, ...]
    start: int
    span: int
    salt: int


def session_tables(contract: Contract, seed: int, options: SessionOptions) -> SessionTables:
    """The tables of a contract, a seed and options.

    Raises:
        InvalidOptionError: the contract does not allow a state or a connector.
    """
    states = _enumeration(contract, "/Status")
    for state in options.states:
        if state not in states:
            raise InvalidOptionError(f"the contract has no state {state!r}{did_you_mean(state, states)}")
    for connector in options.connectors:
        for violation in contract.check({"VoiceConnectorId": connector}):
            if violation.pointer == "/VoiceConnectorId":
                raise InvalidOptionError(f"invalid connector {connector!r}: {violation.summary}; pass another one")
    all_states = _shares("Status", states)
    all_minutes = {minutes: share for minutes, share in _MINUTES_SHARES.items() if _allows_minutes(contract, minutes)}
    locales = options.locales or tuple(data.load("names")["locales"])
    max_length = _minimum_of(contract, "/Name", "maxLength")
    subjects, firsts, seconds = _names(locales, max_length)
    locale_shares = {} if options.locales else _LOCALE_SHARES
    areas, numbers = _areas_in_equal_shares(_countries(options.locales))
    start = milliseconds(options.since)
    return SessionTables(
        statuses=rows_by_share(
            {state: share for state, share in all_states.items() if state in (options.states or states)}
        ),
        minutes=rows_by_share(all_minutes or _MINUTES_SHARES),
        capabilities=rows_by_share(_ordered_subsets(_enumeration(contract, "/Capabilities/*"))),
        behaviors=rows_by_share(_shares("NumberSelectionBehavior", _enumeration(contract, "/NumberSelectionBehavior"))),
        levels=rows_by_share(_shares("GeoMatchLevel", _enumeration(contract, "/GeoMatchLevel"))),
        connectors=rows_by_share(dict.fromkeys(options.connectors or _connectors(seed), 1)),
        kinds=rows_by_share(_kind_shares(max_length)),
        locales=rows_by_share(
            {index: locale_shares.get(locale, _DEFAULT_LOCALE_SHARE) for index, locale in enumerate(locales)}
        ),
        subjects=subjects,
        firsts=firsts,
        seconds=seconds,
        areas=areas,
        numbers=numbers,
        start=start,
        span=milliseconds(options.until) - start,
        salt=int.from_bytes(random_bits.seeded_bytes(seed, "pairs", 3), "little"),
    )


def rows_by_share(shares: Mapping[Any, int]) -> tuple[Any, ...]:
    """A table of 256 rows, in which each value has its share of the rows, rounded to whole rows."""
    total, rows = sum(shares.values()), list[Any]()
    reached = 0
    for value, share in shares.items():
        reached += share
        rows += [value] * (reached * 256 // total - len(rows))
    return tuple(rows)


def _shares(member: str, values: Sequence[Any]) -> dict[Any, int]:
    known = _SHARES[member]
    return {value: known.get(value, _DEFAULT_SHARE) for value in values} or dict(known)


def _kind_shares(max_length: int | None) -> dict[int, int]:
    if max_length is None or max_length >= FULL_NAME_LENGTH:
        return _KIND_SHARES
    return {NUMBERED: 1} if max_length >= _NUMBERED_NAME_LENGTH else {PERSON: 1}


def _enumeration(contract: Contract, path: str) -> list[Any]:
    values = next((each.value for each in contract.constraints if (each.path, each.keyword) == (path, "enum")), ())
    return [value for value in values if isinstance(value, str)]


def _minimum_of(contract: Contract, path: str, keyword: str) -> int | None:
    return min(
        (each.value for each in contract.constraints if (each.path, each.keyword) == (path, keyword)), default=None
    )


def _allows_minutes(contract: Contract, minutes: int) -> bool:
    return contract.is_valid({"ExpiryMinutes": minutes})


def _ordered_subsets(values: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Each value alone, and each two in either order: consumers must not rely on the order."""
    orders: Iterable[tuple[str, ...]] = itertools.permutations(values, 2)
    return {**dict.fromkeys(orders, 96), **{(value,): 32 for value in values}} or {(): 1}


def _connectors(seed: int) -> list[str]:
    size = CONNECTOR_ID_LENGTH
    raw = random_bits.seeded_bytes(seed, "connectors", _CONNECTORS * size)
    letters = [CONNECTOR_ID_ALPHABET[byte % len(CONNECTOR_ID_ALPHABET)] for byte in raw]
    return ["".join(letters[at : at + size]) for at in range(0, len(raw), size)]


@functools.lru_cache(maxsize=8)
def _names(locales: tuple[str, ...], max_length: int | None) -> tuple[tuple[str, ...], ...]:
    """The subjects, first parts and second parts of the locales; a part has at most half of a short name's length."""
    pools = [data.load("names")["locales"][locale] for locale in locales]
    half = None if max_length is None or max_length >= FULL_NAME_LENGTH else max_length // 2
    subjects = [f"{subject} " for pool in pools for subject in pool["subjects"]]
    firsts = [_fitting((first + pool["joiner"] for first in pool["first"]), half) for pool in pools]
    seconds = [_fitting(pool["second"], half) for pool in pools]
    return tuple(subjects), tuple(itertools.chain(*firsts)), tuple(itertools.chain(*seconds))


def _fitting(names: Iterable[str], max_length: int | None) -> list[str]:
    """As many names as before, those that are too long replaced by others."""
    every = list(names)
    fitting = [name for name in every if max_length is None or len(name) <= max_length] or [""]
    return [fitting[index % len(fitting)] for index in range(len(every))]


def _countries(locales: Sequence[str]) -> tuple[str, ...]:
    """The country of each locale; the default country replaces those without fictitious numbers."""
    countries = [locale.partition("_")[2] for locale in dict.fromkeys(locales)]
    default = phone_numbers.countries()[0]
    return tuple(each if each in phone_numbers.countries() else default for each in countries) or (default,)


@functools.lru_cache(maxsize=8)
def _areas_in_equal_shares(countries: tuple[str, ...]) -> tuple[tuple[NumberArea, ...], tuple[str, ...]]:
    """The areas of some countries, repeated so that the countries have equal shares; and their numbers, once."""
    areas, numbers = areas_of(tuple(dict.fromkeys(countries)))
    by_country = {country: [area for area in areas if area.country == country] for country in countries}
    if len(by_country) == 1:
        return areas, numbers
    size = max(map(len, by_country.values()))
    return tuple(
        area for each in countries for area in itertools.islice(itertools.cycle(by_country[each]), size)
    ), numbers


@functools.lru_cache(maxsize=8)
def areas_of(countries: tuple[str, ...]) -> tuple[tuple[NumberArea, ...], tuple[str, ...]]:
    """The areas of some countries, and the table of their numbers."""
    areas: list[NumberArea] = []
    numbers: list[str] = []
    for country in countries:
        for area_code in phone_numbers.area_codes(country):
            pool = phone_numbers.pool((country,), area_code)
            areas.append(NumberArea(country, area_code, len(numbers), len(pool)))
            numbers += pool
    return tuple(areas), tuple(numbers)
