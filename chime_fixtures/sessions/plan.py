"""The plan of proxy sessions: the random bits of a record determine a session as the service would have returned it.

`session_builder` builds dictionaries. `SessionPlan.layout` describes the same records for the column writer: its joint
leaves (names, timestamps, telephone numbers with their area) are drawn by `columns.SessionDraws`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chime_fixtures.chime.documents import SESSION_DOCUMENT, load_document
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.sampling.plan import (
    MINUTE_MS,
    ArrayPlan,
    JointColumn,
    JointText,
    Member,
    ObjectPlan,
    TableLeaf,
    TimestampLeaf,
    UuidLeaf,
    timestamp_text,
    uuid_text,
)
from chime_fixtures.sampling.random_bits import RECORD_BLOCK, RecordBits
from chime_fixtures.sessions.tables import (
    CLOSED,
    NUMBERED,
    PERSON,
    PREFER_STICKY,
    NumberArea,
    SessionTables,
    session_tables,
)

if TYPE_CHECKING:
    # The options choose the plan, and so import this module.
    from chime_fixtures.sessions.columns import SessionDraws
    from chime_fixtures.sessions.options import SessionOptions

BIT_FIELDS = (
    ("created", "Q"),
    ("uid", "16s"),
    ("lived", "I"),
    ("moved", "I"),
    ("pair", "H"),
    ("proxy", "H"),
    ("number", "H"),
    *(
        (name, "B")
        for name in ("status", "minutes", "capabilities", "behavior", "level", "connector", "locale", "kind")
    ),
    *((name, "B") for name in ("subject", "first", "second", "ending", "change", "order")),
)
"""The random bits of a session by name and `struct` format; a new leaf uses bytes after them."""

BIT_BYTES = 64

EXPIRED_PER_256 = 110
"""The number of expired ones among 256 closed sessions; the others were deleted, which is an update too."""

UPDATED_PER_256 = 72
"""The number of sessions among 256 that were updated during their life."""

MIN_LIFETIME_MS = 5_000
"""The shortest life of a session: nobody deletes one sooner, and a call in it has its own timestamp."""

HASH_FACTOR = 0x9E3779B1
"""The golden ratio's multiplier of Fibonacci hashing: neighbouring pairs get distant areas."""

NAME_NUMBERS = tuple(f"{number + 10_000}" for number in range(65_536))
"""The order numbers in names, by 16 bits."""

_CHECKED_RECORDS = 4 * RECORD_BLOCK


def is_session(contract: Contract) -> bool:
    """True if the contract is the bundled one of sessions, or an edited copy of it: its schema has the same ``$id``."""
    schema = contract.schema
    return isinstance(schema, dict) and schema.get("$id") == load_document(SESSION_DOCUMENT)["$id"]


def session_plan(contract: Contract, seed: int, options: SessionOptions) -> SessionPlan | None:
    """The plan of a contract's sessions; None if its records are not objects, or can't be made valid.

    Raises:
        InvalidOptionError: the contract does not allow a state or a connector.
    """
    branch = contract.root.branch(Objects)
    plan = None if branch is None else SessionPlan(contract, branch, seed, options)
    return plan if plan is not None and plan.is_exact else None


class SessionPlan:
    """Realistic sessions, adapted to the contract.

    The first records are validated when the plan is created. The engine constructs each member whose values are invalid
    under an edited schema, and each required member that the plan does not have, in every record.

    Attributes:
        tables: the tables that the bits choose from.
        bits: the random bits of each record.
        is_exact: False if records are invalid although their invalid members are constructed.
    """

    def __init__(self, contract: Contract, branch: Objects, seed: int, options: SessionOptions) -> None:
        self.tables = session_tables(contract, seed, options)
        self.bits = RecordBits(seed, BIT_FIELDS, BIT_BYTES)
        self._contract = contract
        self._seed = seed
        self._build = session_builder(self.tables)
        self._constructed = frozenset(name for name in branch.required if name not in MEMBERS)
        self._order = tuple(branch.properties)
        self.is_exact = self._adapt()

    def _adapt(self) -> bool:
        """Find the members whose values are invalid; True if the records without them are valid."""
        for _ in range(2):
            records = self.between(0, _CHECKED_RECORDS)
            violations = [violation for record in records for violation in self._contract.check(record)]
            if not violations:
                return True
            self._constructed |= {each.pointer.split("/")[1] for each in violations if each.pointer}
        return all(map(self._contract.is_valid, self.between(0, _CHECKED_RECORDS)))

    def between(self, start: int, stop: int) -> Iterator[dict[str, Any]]:
        """The sessions from `start` up to `stop`."""
        build = self._build
        sessions = (build(*row) for row in self.bits.rows(start, stop))
        if not self._is_adapted:
            return sessions
        construct = functools.partial(self._contract.builder.build_seeded, self._seed)
        return (
            self._adapted(session, functools.partial(construct, index)) for index, session in enumerate(sessions, start)
        )

    def session(self, bits: Sequence[Any], construct: Callable[[], Any]) -> dict[str, Any]:
        """The session of other bits than those of the seed.

        Args:
            bits: the bits in the order of `BIT_FIELDS`.
            construct: returns a valid instance; it is called if a member's realistic values are invalid.
        """
        session = self._build(*bits)
        return self._adapted(session, construct) if self._is_adapted else session

    @property
    def _is_adapted(self) -> bool:
        """True if the contract has other members than a realistic session, or other values of a member."""
        return bool(self._constructed) or tuple(name for name in self._order if name in MEMBERS) != MEMBERS

    def _adapted(self, session: dict[str, Any], construct: Callable[[], Any]) -> dict[str, Any]:
        """The session with the contract's members in the contract's order."""
        if self._constructed:
            constructed = construct()
            session = {name: value for name, value in session.items() if name not in self._constructed}
            session |= {name: constructed[name] for name in sorted(self._constructed) if name in constructed}
        return {name: session[name] for name in (*self._order, *sorted(self._constructed)) if name in session}

    @functools.cached_property
    def layout(self) -> ObjectPlan | None:
        """The sessions for the column writer; None if a member is constructed."""
        if self._constructed:
            return None
        members = _members(self.tables, self.bits, self._draw)
        return ObjectPlan(tuple(members[name] for name in self._order if name in members))

    def _draw(self, start: int, stop: int) -> Mapping[str, Any]:
        return self._draws.draw(start, stop)

    @functools.cached_property
    def _draws(self) -> SessionDraws:
        # Needs numpy, which only the column writer needs.
        from chime_fixtures.sessions.columns import SessionDraws

        return SessionDraws(self.tables, self.bits)


def _members(
    tables: SessionTables, bits: RecordBits, draw: Callable[[int, int], Mapping[str, Any]]
) -> dict[str, Member]:
    """The plan of each member, in the order of `session_builder`."""

    def table(field: str, rows: Sequence[Any]) -> TableLeaf:
        return TableLeaf(len(rows), tuple(rows), bits.column(field))

    def joint(key: str) -> JointColumn:
        return JointColumn(draw, key)

    def timestamp(key: str) -> TimestampLeaf:
        return TimestampLeaf(tables.start, tables.span, joint(key))

    def number(key: str) -> JointText:
        return JointText(((tables.numbers, joint(key)),))

    name = JointText(
        (
            (tables.subjects, joint("subject")),
            (NAME_NUMBERS, joint("name_number")),
            ((*tables.firsts, *(f" {first}" for first in tables.firsts)), joint("first")),
            (tables.seconds, joint("second")),
        )
    )
    participants = [
        ObjectPlan((Member("PhoneNumber", number(key)), Member("ProxyPhoneNumber", number("proxy_number"))))
        for key in ("number_0", "number_1")
    ]
    countries = JointText(((tuple(area.country for area in tables.areas), joint("area")),))
    area_codes = JointText(((tuple(area.area_code for area in tables.areas), joint("area")),))
    members = (
        Member("VoiceConnectorId", table("connector", tables.connectors)),
        Member("ProxySessionId", UuidLeaf(bits.column("uid"))),
        Member("Name", name),
        Member("Status", table("status", tables.statuses)),
        Member("ExpiryMinutes", table("minutes", tables.minutes)),
        Member("Capabilities", table("capabilities", [list(each) for each in tables.capabilities])),
        Member("CreatedTimestamp", timestamp("created")),
        Member("UpdatedTimestamp", timestamp("updated")),
        Member("EndedTimestamp", timestamp("ended"), joint("is_closed")),
        Member("Participants", ArrayPlan(len(participants), tuple(participants), None)),
        Member("NumberSelectionBehavior", table("behavior", tables.behaviors)),
        Member("GeoMatchLevel", table("level", tables.levels)),
        Member("GeoMatchParams", ObjectPlan((Member("Country", countries), Member("AreaCode", area_codes)))),
    )
    return {member.name: member for member in members}


MEMBERS = (
    "VoiceConnectorId",
    "ProxySessionId",
    "Name",
    "Status",
    "ExpiryMinutes",
    "Capabilities",
    "CreatedTimestamp",
    "UpdatedTimestamp",
    "EndedTimestamp",
    "Participants",
    "NumberSelectionBehavior",
    "GeoMatchLevel",
    "GeoMatchParams",
)
"""The members of a planned session, in the order of `session_builder`."""


def lifetime(
    created: int, minutes: int, is_closed: bool, lived: int, moved: int, ending: int, change: int
) -> tuple[int, int]:
    """The last update and the end of a session, in milliseconds; the end of an open session is arbitrary.

    Most deleted sessions are deleted early. Expiry is not an update.
    """
    whole = minutes * MINUTE_MS
    if is_closed and ending < EXPIRED_PER_256:
        length = whole
    else:
        length = ((lived * lived >> 32) * (whole - MIN_LIFETIME_MS) >> 32) + MIN_LIFETIME_MS
        if is_closed:
            return created + length, created + length
    return (created + (moved * length >> 32) if change < UPDATED_PER_256 else created), created + length


def session_builder(tables: SessionTables) -> Callable[..., dict[str, Any]]:
    """The function that builds a session from a record's bits, which are its arguments in the order of `BIT_FIELDS`."""
    statuses, minutes_of, capabilities_of = tables.statuses, tables.minutes, tables.capabilities
    behaviors, levels, connectors = tables.behaviors, tables.levels, tables.connectors
    kinds, locales, subjects = tables.kinds, tables.locales, tables.subjects
    firsts, seconds, start, span = tables.firsts, tables.seconds, tables.start, tables.span
    participants = participants_builder(tables)

    def build(
        created: int, uid: bytes, lived: int, moved: int, pair: int, proxy: int, number: int, status: int,
        minutes: int, capabilities: int, behavior: int, level: int, connector: int, locale: int, kind: int,
        subject: int, first: int, second: int, ending: int, change: int, order: int,
    ) -> dict[str, Any]:  # fmt: skip
        state, life_minutes, stickiness = statuses[status], minutes_of[minutes], behaviors[behavior]
        created = start + (created * span >> 64)
        is_closed = state == CLOSED
        updated, ended = lifetime(created, life_minutes, is_closed, lived, moved, ending, change)
        created_text = timestamp_text(created)
        session = {
            "VoiceConnectorId": connectors[connector],
            "ProxySessionId": uuid_text(uid),
            "Name": "",
            "Status": state,
            "ExpiryMinutes": life_minutes,
            "Capabilities": [*capabilities_of[capabilities]],
            "CreatedTimestamp": created_text,
            "UpdatedTimestamp": created_text if updated == created else timestamp_text(updated),
        }
        language = locales[locale]
        name_kind = kinds[kind]
        if name_kind == NUMBERED:
            session["Name"] = f"{subjects[language * 4 + (subject & 3)]}{number + 10000}"
        elif name_kind == PERSON:
            session["Name"] = firsts[language * 256 + first] + seconds[language * 256 + second]
        else:
            person = firsts[language * 256 + first] + seconds[language * 256 + second]
            session["Name"] = f"{subjects[language * 4 + (subject & 3)]}{number + 10000} {person}"
        if is_closed:
            session["EndedTimestamp"] = session["UpdatedTimestamp"] if ended == updated else timestamp_text(ended)
        session["Participants"], area = participants(pair, proxy, order, stickiness == PREFER_STICKY)
        session["NumberSelectionBehavior"] = stickiness
        session["GeoMatchLevel"] = levels[level]
        session["GeoMatchParams"] = {"Country": area.country, "AreaCode": area.area_code}
        return session

    return build


def participants_builder(tables: SessionTables) -> Callable[..., tuple[list[dict[str, str]], NumberArea]]:
    """The function that builds the two participants of a session, and also returns the area of their proxy number.

    A pair of participants recurs in other sessions with the same numbers of its own, and with the same proxy number if
    the behaviour is sticky. The three numbers are from different thirds of their areas, so that they always differ.
    """
    areas, numbers, salt = tables.areas, tables.numbers, tables.salt
    count = len(areas)

    def build(pair: int, proxy: int, order: int, is_sticky: bool) -> tuple[list[dict[str, str]], NumberArea]:
        # The square makes some pairs frequent; the product scatters neighbours.
        mixed = ((pair * pair >> 18) + salt) * HASH_FACTOR & 0xFFFFFFFF
        area = areas[(mixed >> 16) * count >> 16]
        other_area = area if mixed & 1 else areas[(mixed >> 8 & 0xFFFF) * count >> 16]
        base, line = area.first, mixed & 0xFFFF
        third = area.count // 3
        offset = third * line >> 16
        own = numbers[base + third + offset]
        other_third = other_area.count // 3
        other = numbers[other_area.first + (other_third * (line ^ 0x5555) >> 16) + 2 * other_third]
        # Several lines have the same number, so a sticky proxy number depends on the number and not on the line.
        proxy_number = numbers[base + (third - 1 - offset if is_sticky else third * proxy >> 16)]
        one = {"PhoneNumber": own, "ProxyPhoneNumber": proxy_number}
        two = {"PhoneNumber": other, "ProxyPhoneNumber": proxy_number}
        return ([one, two] if order & 1 else [two, one]), area

    return build
