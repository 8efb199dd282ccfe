"""Relations of timestamps: equal, near, or in another order as text, in snapshots of a session and in sessions."""

from __future__ import annotations

import itertools
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.sessions.relations.notations import (
    DAY,
    HOUR,
    MICROSECOND,
    MILLISECOND,
    MINUTE,
    SECOND,
    Notation,
    Unit,
    floored,
    moved,
)
from chime_fixtures.sessions.relations.relation import (
    CREATED,
    ENDED,
    ID,
    PARTICIPANTS,
    STATUS,
    UPDATED,
    Relation,
    RelationCase,
    Session,
)

_SERVICE = Notation("Z", 3)
_NOTATIONS = tuple(
    Notation(zone, digits)
    for digits, zone in itertools.product(
        (3, 0, 1, 6, 7, 9),
        ("Z", "+00:00", "-00:00", "+01:00", "-01:00", "+05:30", "-03:30", "+12:45", "+14:00", "-12:00"),
    )
)
_UNITS: tuple[Unit | None, ...] = (None, "second", "day", "year", "autumn")
_DIFFERENCES = (
    0,
    *(sign * each for each in (MILLISECOND, SECOND, MINUTE, 30 * MINUTE, HOUR, DAY) for sign in (1, -1)),
    *(sign * each for each in (1, MICROSECOND, 500 * MILLISECOND) for sign in (1, -1)),
)


def _moments(
    text: str, unit: Unit | None, start: Notation, notation: Notation, *differences: int
) -> tuple[str, ...] | None:
    """A timestamp, at the beginning of its unit if one is given, and the same moved by each difference.

    None if one of them would be outside the calendar, or the text is not a timestamp.
    """
    first = text if unit is None else floored(text, unit, start)
    if first is None:
        return None
    later = tuple(moved(first, difference, notation) for difference in differences)
    return None if None in later else (first, *(each for each in later if each is not None))


def _moment_case(
    label: str,
    summary: str,
    difference: int = 0,
    notation: Notation = _SERVICE,
    *,
    unit: Unit = "second",
    start: Notation = _SERVICE,
    is_reversed: bool = False,
    later_sessions: int = 1,
) -> RelationCase:
    return RelationCase(
        label=label,
        summary=summary,
        alternatives=((unit, start, difference, notation),),
        is_reversed=is_reversed,
        later_sessions=later_sessions,
    )


_TIME_OPTIONS: tuple[tuple[Any, ...], ...] = (_UNITS, _NOTATIONS, _DIFFERENCES, _NOTATIONS)


def _snapshot(
    before: Session, session: Session, unit: Unit | None, start: Notation, difference: int, notation: Notation
) -> tuple[Session, Session] | None:
    moments = _moments(before[UPDATED], unit, start, notation, difference)
    if moments is None:
        return None
    snapshot = instances.copy_json(before) | {STATUS: session[STATUS], UPDATED: moments[1]}
    return before | {UPDATED: moments[0]}, snapshot


SNAPSHOTS = Relation(
    members=(UPDATED,),
    shared=(ID, UPDATED),
    own=(STATUS,),
    options=_TIME_OPTIONS,
    relate=_snapshot,
    cases=(
        _moment_case("stale-snapshot", "A session, and then an older snapshot of it.", MINUTE, is_reversed=True),
        _moment_case("newer-snapshot", "A session, and then a newer snapshot of it.", MINUTE),
        _moment_case("snapshots-at-once", "Two snapshots of a session with an equal UpdatedTimestamp."),
        _moment_case(
            "stale-snapshot-by-offset",
            "A session, and then an older snapshot of it whose UpdatedTimestamp is later as text: another offset.",
            MINUTE,
            Notation("-01:00", 3),
            is_reversed=True,
        ),
        _moment_case(
            "newer-snapshot-by-offset",
            "A session, and then a newer snapshot of it whose UpdatedTimestamp is earlier as text: another offset.",
            MINUTE,
            Notation("-01:00", 3),
        ),
        _moment_case(
            "newer-snapshot-by-fraction",
            "A session, and then a newer snapshot of it whose UpdatedTimestamp is earlier as text: a fraction.",
            500 * MILLISECOND,
            Notation("Z", 1),
            start=Notation("Z", 0),
        ),
        _moment_case(
            "stale-snapshot-by-fraction",
            "A session, and then an older snapshot of it whose UpdatedTimestamp is later as text: no fraction.",
            500 * MILLISECOND,
            Notation("Z", 1),
            start=Notation("Z", 0),
            is_reversed=True,
        ),
        _moment_case(
            "snapshots-at-once-by-offset",
            "Two snapshots of a session with one UpdatedTimestamp in two notations.",
            0,
            Notation("+05:30", 3),
        ),
        _moment_case(
            "newer-snapshot-by-millisecond", "A session, and then its snapshot a millisecond later.", MILLISECOND
        ),
        _moment_case(
            "newer-snapshot-by-microsecond",
            "A session, and then its snapshot a microsecond later.",
            MICROSECOND,
            Notation("Z", 6),
        ),
        _moment_case(
            "stale-snapshot-by-nanosecond",
            "A session, and then a snapshot of it a nanosecond older.",
            1,
            Notation("Z", 9),
            start=Notation("Z", 9),
            is_reversed=True,
        ),
    ),
)


def time_relation(member: str) -> Relation:
    """The relation of timestamps of different sessions that are equal, near, or in another order as text."""

    def relate(
        before: Session, session: Session, unit: Unit | None, start: Notation, difference: int, notation: Notation
    ) -> tuple[Session, Session] | None:
        moments = _moments(before[member], unit, start, notation, difference)
        return None if moments is None else (before | {member: moments[0]}, session | {member: moments[1]})

    def apart(text: str) -> str:
        return f"Two sessions with {text} between their values of {member}."

    def one_instant(label: str, notation: Notation, text: str) -> RelationCase:
        return _moment_case(label, f"Two sessions with one instant in two notations as {member}: {text}.", 0, notation)

    return Relation(
        members=(member,),
        shared=(member,),
        options=_TIME_OPTIONS,
        relate=relate,
        cases=(
            _moment_case("at-once", f"Three sessions with an equal {member}.", later_sessions=2),
            _moment_case(
                "earlier-as-text",
                f"Two sessions in the order of {member}, which is not the order of its text: another offset.",
                MINUTE,
                Notation("-01:00", 3),
            ),
            _moment_case(
                "earlier-as-text-by-fraction",
                f"Two sessions in the order of {member}, which is not the order of its text: a fraction.",
                500 * MILLISECOND,
                Notation("Z", 1),
                start=Notation("Z", 0),
            ),
            _moment_case(
                "one-day-of-two-dates",
                f"Two sessions with one day of {member} in UTC, and two local dates.",
                30 * MINUTE,
                Notation("-01:00", 3),
                unit="day",
            ),
            _moment_case(
                "one-date-of-two-days",
                f"Two sessions with one local date of {member}, and two days in UTC.",
                -30 * MINUTE,
                Notation("+01:00", 3),
                unit="day",
            ),
            one_instant("at-once-by-zero-offset", Notation("+00:00", 3), "Z and +00:00"),
            one_instant("at-once-by-offset", Notation("+05:30", 3), "two offsets"),
            one_instant("at-once-without-fraction", Notation("Z", 0), "with and without a fraction"),
            one_instant("at-once-by-digits", Notation("Z", 9), "three and nine digits"),
            _moment_case("a-millisecond-apart", apart("a millisecond"), MILLISECOND),
            _moment_case("a-microsecond-apart", apart("a microsecond"), MICROSECOND, Notation("Z", 6)),
            _moment_case("a-nanosecond-apart", apart("a nanosecond"), 1, Notation("Z", 9)),
            _moment_case(
                "two-local-years",
                f"Two sessions with one year of {member} in UTC, and two local years.",
                30 * MINUTE,
                Notation("-01:00", 3),
                unit="year",
            ),
            _moment_case(
                "a-day-apart-in-two-years",
                f"Two sessions on the first day of a year and the day before as {member}.",
                -DAY,
                unit="year",
            ),
            _moment_case(
                "one-local-time-of-two",
                f"Two sessions with one local time in New York as {member}: before and after clocks are set back.",
                -HOUR,
                unit="autumn",
            ),
            one_instant("at-once-by-minus-zero", Notation("-00:00", 3), "Z and -00:00"),
        ),
    )


def _interval(
    before: Session, session: Session, unit: Unit | None, start: Notation, difference: int, notation: Notation
) -> tuple[Session, Session] | None:
    moments = _moments(before[ENDED], unit, start, notation, difference, difference + HOUR, -3 * HOUR)
    if moments is None:
        return None
    ended, next_created, next_ended, created = moments
    times = {CREATED: next_created, UPDATED: next_ended, ENDED: next_ended}
    participants = {PARTICIPANTS: instances.copy_json(before[PARTICIPANTS])} if PARTICIPANTS in before else {}
    return before | {CREATED: created, ENDED: ended}, session | times | participants


INTERVALS = Relation(
    members=(ENDED,),
    shared=(ENDED,),
    own=(CREATED, UPDATED),
    options=_TIME_OPTIONS,
    relate=_interval,
    cases=(
        _moment_case("touching", "A session that ends when the next one of its participants is created."),
        _moment_case(
            "overlapping",
            "A session that ends a millisecond after the next one of its participants is created.",
            -MILLISECOND,
        ),
        _moment_case(
            "contained", "A session, and one of its participants that is created and ends during it.", -2 * HOUR
        ),
        _moment_case(
            "touching-by-offset",
            "A session that ends when the next one of its participants is created, in two notations.",
            0,
            Notation("-01:00", 3),
        ),
        _moment_case(
            "apart",
            "A session that ends a millisecond before the next one of its participants is created.",
            MILLISECOND,
        ),
    ),
)
