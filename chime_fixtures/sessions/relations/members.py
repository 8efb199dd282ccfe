"""Relations of whole sessions and of any member: equal, absent, different, and numbers and capabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node
from chime_fixtures.sessions.relations.relation import (
    CAPABILITIES,
    CONNECTOR,
    EXPIRY_MINUTES,
    ID,
    NAME,
    STATUS,
    UPDATED,
    Relation,
    RelationCase,
    Session,
)


def _equal(before: Session, session: Session) -> tuple[Session, Session]:
    return before, instances.copy_json(before)


EQUAL = Relation(
    members=(),
    relate=_equal,
    cases=(
        RelationCase(label="equal", summary="Two equal sessions."),
        RelationCase(label="equal-apart", summary="Two equal sessions with another one between them.", is_apart=True),
        RelationCase(label="equal-three", summary="Three equal sessions.", later_sessions=2),
    ),
)


def _equal_member_relation(member: str, *, identity: tuple[str, ...] = (ID,)) -> Relation:
    def relate(before: Session, session: Session) -> tuple[Session, Session] | None:
        if any(name in before and before[name] == session.get(name) for name in identity if name != member):
            return None
        return before, session | {member: before[member]}

    return Relation(
        members=(member,),
        shared=(member,),
        own=tuple(name for name in identity if name != member),
        relate=relate,
        cases=(
            RelationCase(label="equal", summary=f"Two sessions with an equal {member}."),
            RelationCase(
                label="equal-apart",
                summary=f"Two sessions with an equal {member}, and one with another between them.",
                is_apart=True,
            ),
        ),
    )


EQUAL_MEMBERS = (
    _equal_member_relation(NAME),
    _equal_member_relation(CONNECTOR),
    _equal_member_relation(STATUS),
    replace(
        _equal_member_relation(NAME, identity=(CONNECTOR, ID)),
        cases=(
            RelationCase(label="equal-in-two-connectors", summary="Two sessions of two connectors with an equal Name."),
        ),
    ),
)


def _two_connectors(before: Session, session: Session) -> tuple[Session, Session] | None:
    if before[CONNECTOR] == session[CONNECTOR]:
        return None
    return before, session | {ID: before[ID]}


TWO_CONNECTORS = Relation(
    members=(ID,),
    shared=(CONNECTOR, ID),
    own=(CONNECTOR,),
    relate=_two_connectors,
    cases=(
        RelationCase(
            label="equal-in-two-connectors", summary="Two sessions of two connectors with an equal ProxySessionId."
        ),
    ),
)


def equal_but_relation(member: str) -> Relation:
    """The relation of two sessions that differ in one member."""

    def relate(before: Session, session: Session) -> tuple[Session, Session] | None:
        later = instances.copy_json(before) | {member: session[member]}
        return None if instances.equal(before, later) else (before, later)

    return Relation(
        members=(member,),
        shared=(member,),
        own=(member,),
        relate=relate,
        cases=(RelationCase(label="equal-but-this", summary=f"Two sessions that differ in {member} only."),),
    )


def equal_but_absent_relation(member: str) -> Relation:
    """The relation of two sessions of which one lacks a member, and all others are equal."""

    def relate(before: Session, session: Session) -> tuple[Session, Session]:
        return before, {name: value for name, value in instances.copy_json(before).items() if name != member}

    return Relation(
        members=(member,),
        shared=(member,),
        relate=relate,
        cases=(
            RelationCase(label="equal-but-absent", summary=f"A session, and then an equal one that has no {member}."),
        ),
    )


def _snapshot_without_time(before: Session, session: Session) -> tuple[Session, Session]:
    later = instances.copy_json(before) | {STATUS: session[STATUS]}
    return before, {name: value for name, value in later.items() if name != UPDATED}


SNAPSHOT_WITHOUT_TIME = Relation(
    members=(UPDATED,),
    shared=(ID, UPDATED),
    own=(STATUS,),
    relate=_snapshot_without_time,
    cases=(
        RelationCase(
            label="snapshot-without-time", summary=f"A session, and then another snapshot of it without {UPDATED}."
        ),
        RelationCase(
            label="snapshot-after-one-without-time",
            summary=f"A snapshot of a session without {UPDATED}, and then another one with it.",
            is_reversed=True,
        ),
    ),
)


def absent_relation(member: str) -> Relation:
    """The relation of a session that has a member and one that does not."""

    def relate(before: Session, session: Session) -> tuple[Session, Session]:
        return before, {name: value for name, value in session.items() if name != member}

    return Relation(
        members=(member,),
        shared=(member,),
        relate=relate,
        cases=(
            RelationCase(
                label="absent", summary=f"A session without {member}, and then one with it.", is_reversed=True
            ),
        ),
    )


# Numbers and lists.


def _minutes(before: Session, session: Session, one: int, other: float) -> tuple[Session, Session]:
    return before | {EXPIRY_MINUTES: one}, session | {EXPIRY_MINUTES: other}


_MINUTES_CASES: dict[str, tuple[str, int, float]] = {
    "sum-beyond-double": ("a sum that a floating-point number can't be", 2**53, 1),
    "sum-beyond-int32": ("a sum beyond 32 bits", 2**31 - 1, 1),
    "order-as-text": ("another order as text than as numbers", 9, 10),
    "decimal-point": ("one value with and without a decimal point", 60, 60.0),
    "sum-beyond-int64": ("a sum beyond 64 bits", 2**63 - 1, 1),
}
MINUTES = Relation(
    members=(EXPIRY_MINUTES,),
    options=(tuple(one for _, one, _ in _MINUTES_CASES.values()), tuple(two for _, _, two in _MINUTES_CASES.values())),
    relate=_minutes,
    cases=tuple(
        RelationCase(label=label, summary=f"Two values of {EXPIRY_MINUTES} with {text}.", alternatives=((one, other),))
        for label, (text, one, other) in _MINUTES_CASES.items()
    ),
)


def constants_of(node: Node) -> tuple[str, ...]:
    """The texts of an enumeration; empty if the node is not one."""
    constants = node.branch(Constants)
    return tuple(each for each in constants.values if isinstance(each, str)) if constants is not None else ()


def enumerated_relation(member: str, constants: tuple[str, ...]) -> Relation:
    """The relation of sessions with one value of an enumeration."""

    def relate(before: Session, session: Session, constant: str) -> tuple[Session, Session]:
        return before | {member: constant}, session | {member: constant}

    return Relation(
        members=(member,),
        options=(constants,),
        relate=relate,
        cases=tuple(
            RelationCase(
                label=f"both-{constant}",
                summary=f"Two sessions with the {member} {constant!r}.",
                alternatives=((constant,),),
            )
            for constant in constants[::-1]
        ),
    )


def capabilities_relations(declared: Mapping[str, Node]) -> Iterator[Relation]:
    """The relation of capabilities in another order or number, if the contract has two."""
    items = declared[CAPABILITIES].branch(Arrays) if CAPABILITIES in declared else None
    two = list(constants_of(items.items)[:2]) if items is not None else []
    if len(two) < 2:
        return
    changed = {
        "reversed": ("the same values in either order", two[::-1]),
        "repeated": ("the same values, once and twice", [*two, two[0]]),
        "some": ("values of which one has some of the other's", two[:1]),
        "none": ("values and without any", []),
    }

    def relate(before: Session, session: Session, change: str) -> tuple[Session, Session]:
        return before | {CAPABILITIES: list(two)}, session | {CAPABILITIES: list(changed[change][1])}

    yield Relation(
        members=(CAPABILITIES,),
        options=(tuple(changed),),
        relate=relate,
        cases=tuple(
            RelationCase(
                label=label, summary=f"Two sessions whose {CAPABILITIES} have {text}.", alternatives=((label,),)
            )
            for label, (text, _) in changed.items()
        ),
    )
