"""Relations of participants: the same ones in another order, in another form, or in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chime_fixtures.engine import instances
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.sessions.relations.relation import (
    NUMBER,
    PARTICIPANTS,
    PROXY_NUMBER,
    Relation,
    RelationCase,
    Session,
)

Participants = list[dict[str, str]]


def _toggled_number(number: str) -> str:
    return number.removeprefix("+") if number.startswith("+") else f"+{number}"


def _toggled(participant: dict[str, str]) -> dict[str, str]:
    return participant | {NUMBER: _toggled_number(participant[NUMBER])}


Arrangements = dict[str, tuple[str, Callable[[Participants, Participants], Participants]]]
"""By label, the end of a sentence, and the later session's participants from the earlier one's and its own."""

_BOTH: Arrangements = {
    "reversed": ("the same participants in either order", lambda pair, other: pair[::-1]),
    "toggled-plus": ("the same numbers with and without a plus", lambda pair, other: [_toggled(each) for each in pair]),
    "reversed-toggled-plus": (
        "the same participants in either order, with and without a plus",
        lambda pair, other: [_toggled(each) for each in pair[::-1]],
    ),
    "equal": ("the same participants", lambda pair, other: pair),
}
_IN_PART: Arrangements = {
    "one-in-common": ("one participant in common", lambda pair, other: [pair[0], other[1]]),
    "none": ("two participants and none", lambda pair, other: []),
    "one": ("two participants and one", lambda pair, other: pair[:1]),
    "without-numbers": ("the numbers of two participants and of none", lambda pair, other: [{}, {}]),
    "three": ("two participants and three", lambda pair, other: [*pair, other[0]]),
    "one-twice": ("two participants, and one of them twice", lambda pair, other: [pair[0], pair[0]]),
    "toggled-plus-of-proxy-numbers": (
        "the same proxy numbers with and without a plus",
        lambda pair, other: [
            mine | {PROXY_NUMBER: _toggled_number(each.get(PROXY_NUMBER, each[NUMBER]))}
            for mine, each in zip(other, pair, strict=True)
        ],
    ),
    "proxy-number-in-common": (
        "one proxy number for different participants",
        lambda pair, other: [each | {PROXY_NUMBER: pair[0].get(PROXY_NUMBER, pair[0][NUMBER])} for each in other],
    ),
    "proxy-number-of-the-other": (
        "a proxy number that is a participant's own number in the other",
        lambda pair, other: [other[0] | {NUMBER: pair[0].get(PROXY_NUMBER, pair[0][NUMBER])}, other[1]],
    ),
}


def _numbered_pair(session: Session) -> Participants | None:
    """The first two participants; None unless each has a number and the two are different."""
    pair = session.get(PARTICIPANTS, [])[:2]
    return pair if len({each.get(NUMBER) for each in pair} - {None}) == 2 else None


def _relation(arrangements: Arrangements) -> Relation:
    def relate(before: Session, session: Session, label: str) -> tuple[Session, Session] | None:
        other = _numbered_pair(session)
        if other is None:
            return None
        pair = _numbered_pair(before)
        if pair is None:
            pair = other
            before = before | {PARTICIPANTS: pair}
        # Both sessions may have one participant.
        arranged = instances.copy_json(arrangements[label][1](pair, other))
        return before, session | {PARTICIPANTS: arranged}

    return Relation(
        members=(PARTICIPANTS,),
        own=(PARTICIPANTS,),
        options=(tuple(arrangements),),
        relate=relate,
        cases=tuple(
            RelationCase(label=label, summary=f"Two sessions with {text}.", alternatives=((label,),))
            for label, (text, _) in arrangements.items()
        ),
    )


BOTH_PARTICIPANTS = _relation(_BOTH)
"""Relations of both participants."""

PARTICIPANTS_IN_PART = _relation(_IN_PART)
"""Relations of some of the participants."""


def participant_number(declared: Mapping[str, Node]) -> Node | None:
    """The node of a participant's number; None if the contract does not have one."""
    participants = declared[PARTICIPANTS].branch(Arrays) if PARTICIPANTS in declared else None
    person = participants.items.branch(Objects) if participants is not None else None
    return person.properties.get(NUMBER) if person is not None else None
