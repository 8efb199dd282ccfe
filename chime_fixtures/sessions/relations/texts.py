"""Relations of names and ids: similar texts, and pairs of texts that are equal when joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chime_fixtures.engine.normal_form.nodes import Node, Strings
from chime_fixtures.sessions.relations.relation import (
    CONNECTOR,
    ID,
    NAME,
    Relation,
    RelationCase,
    Session,
)
from chime_fixtures.sessions.relations.text_pairs import TEXT_PAIRS, TextPair

# Similar texts.


def text_relations(group: str) -> tuple[Relation, ...]:
    """The relations of names and ids by a group of similar texts."""
    pairs = TEXT_PAIRS[group]
    # A connector has no sessions of its own: one list of each group is enough.
    return (_text_relation(NAME, pairs), _text_relation(ID, pairs), _text_relation(CONNECTOR, pairs, 1))


def _text_relation(member: str, pairs: tuple[TextPair, ...], max_cases: int | None = None) -> Relation:
    equal = {CONNECTOR: (ID,), ID: (CONNECTOR,)}.get(member, ())

    def relate(before: Session, session: Session, pair: TextPair, has_common: bool) -> tuple[Session, Session]:
        one, other = pair.values(before[member] if has_common else "")
        kept = {name: before[name] for name in equal if name in before}
        return before | {member: one}, session | kept | {member: other}

    return Relation(
        members=(member,),
        # The two sessions of a list differ in the connector's text only, not in the id.
        shared=(member, *(equal if member == CONNECTOR else ())),
        own=(ID,) if member == NAME else (),
        options=(pairs, (False, True)),
        relate=relate,
        cases=tuple(
            RelationCase(
                label=pair.label,
                summary=f"Two values of {member} that {pair.phrase}.",
                alternatives=((pair, True), (pair, False)),
            )
            for pair in pairs[:max_cases]
        ),
    )


def long_relations(declared: Mapping[str, Node]) -> Iterator[Relation]:
    """The relations of names and ids of the greatest length that differ in their last character."""
    for member in (NAME, ID, CONNECTOR):
        strings = declared[member].branch(Strings) if member in declared else None
        longest = strings.language.longest if strings is not None else None
        if strings is None or longest is None:
            continue
        text = strings.language.construct(longest, "Session1")
        pairs = tuple(
            TextPair("last-character", text[:-1] + one, text[:-1] + other, "differ in the last character", "whole")
            for one, other in (("a", "b"), ("1", "2"))
        )
        relation = _text_relation(member, pairs, 1)
        alternatives = tuple((pair, False) for pair in pairs)
        case = replace(
            relation.cases[0],
            summary=f"Two values of {member} of the greatest length that differ in the last character.",
            alternatives=alternatives,
        )
        yield replace(relation, cases=(case,))


def _text_of_absence(before: Session, session: Session, text: str) -> tuple[Session, Session]:
    return before | {NAME: text}, {name: value for name, value in session.items() if name != NAME}


_TEXTS_OF_ABSENCE = {"empty": "", "none": "None", "null": "null", "undefined": "undefined", "unknown": "unknown"}
TEXT_OF_ABSENCE = Relation(
    members=(NAME,),
    own=(ID,),
    options=(tuple(_TEXTS_OF_ABSENCE.values()),),
    relate=_text_of_absence,
    cases=tuple(
        RelationCase(
            label=f"absent-and-{label}",
            summary=f"A session without a Name, and one with the {f'Name {text!r}' if text else 'empty Name'}.",
            alternatives=((text,),),
        )
        for label, text in _TEXTS_OF_ABSENCE.items()
    ),
)


# Compound keys.

_SEPARATORS = {
    "colon": ":",
    "hyphen": "-",
    "underscore": "_",
    "slash": "/",
    "bar": "|",
    "comma": ",",
    "nothing": "",
    "period": ".",
    "number-sign": "#",
    "blank": " ",
    "tab": "\t",
    "semicolon": ";",
    "two-colons": "::",
    "line-feed": "\n",
}
USUAL_SEPARATORS = 5
"""The first separators are drawn twice as often as the others."""


def _compound_key_relation(first: str, second: str) -> Relation:
    """The two values of one session joined are equal to those of the other, joined in the same order."""

    def relate(
        before: Session, session: Session, separator: str, start: str | None, middle: str, end: str | None
    ) -> tuple[Session, Session]:
        head = before[first] if start is None else start
        tail = session[second] if end is None else end
        one = {first: head, second: f"{middle}{separator}{tail}"}
        return before | one, session | {first: f"{head}{separator}{middle}", second: tail}

    # With three equal parts, the values are also equal when they are joined in the other order.
    parts = ("a", "1", "b", None)
    return Relation(
        members=(first, second),
        shared=(first,),
        own=(second,),
        options=(tuple(_SEPARATORS.values()), parts, ("a", "1"), parts),
        relate=relate,
        cases=tuple(
            RelationCase(
                label=f"joined-by-{label}",
                summary=f"Two sessions whose {first} and {second}, joined by {_name_of(separator)}, are equal.",
                alternatives=((separator, "a", "a", "a"), (separator, None, "a", None), (separator, None, "1", None)),
                # One program has one separator, and fails on no other.
                weight=4 if index < USUAL_SEPARATORS else 2,
            )
            for index, (label, separator) in enumerate(_SEPARATORS.items())
        ),
    )


def _name_of(separator: str) -> str:
    named = {"": "nothing", " ": "a blank", "\t": "a tab", "\n": "a line feed"}
    return named.get(separator, f"'{separator}'")


COMPOUND_KEYS = tuple(
    _compound_key_relation(first, second) for first, second in ((CONNECTOR, ID), (NAME, ID), (CONNECTOR, NAME))
)
