"""Relations between sessions of a list, for the enumerated lists and for the drawn ones.

A relation is a function from two sessions and some parameters to the earlier session, which may change, and the later
one. The strategy draws the parameters from `Relation.options`; the enumerated lists have those of `Relation.cases`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import replace

from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Node, Objects
from chime_fixtures.sessions.relations.members import (
    EQUAL,
    EQUAL_MEMBERS,
    MINUTES,
    SNAPSHOT_WITHOUT_TIME,
    TWO_CONNECTORS,
    absent_relation,
    capabilities_relations,
    constants_of,
    enumerated_relation,
    equal_but_absent_relation,
    equal_but_relation,
)
from chime_fixtures.sessions.relations.participants import BOTH_PARTICIPANTS, PARTICIPANTS_IN_PART, participant_number
from chime_fixtures.sessions.relations.relation import (
    CREATED,
    ID,
    UPDATED,
    Parameters,
    Relation,
    RelationCase,
    Session,
)
from chime_fixtures.sessions.relations.texts import COMPOUND_KEYS, TEXT_OF_ABSENCE, long_relations, text_relations
from chime_fixtures.sessions.relations.times import INTERVALS, SNAPSHOTS, time_relation


@functools.lru_cache(maxsize=16)
def relations_of(contract: Contract) -> dict[str, tuple[Relation, ...]]:
    """The relations by group, the most fruitful first; without those about members that the contract does not have."""
    branch = contract.root.require_branch(Objects)
    declared = branch.properties
    groups: dict[str, tuple[Relation, ...]] = {
        "equal": (EQUAL, *EQUAL_MEMBERS),
        "case": text_relations("case"),
        "snapshot": (SNAPSHOTS, SNAPSHOT_WITHOUT_TIME),
        "created": (time_relation(CREATED),),
        "updated": (time_relation(UPDATED),),
        "two connectors": (TWO_CONNECTORS,),
        "participants": (BOTH_PARTICIPANTS,) if participant_number(declared) is not None else (),
        "absent": tuple(map(absent_relation, branch.optional)),
        "compound key": COMPOUND_KEYS,
        "normal form": text_relations("normal form"),
        "line ends": text_relations("line ends"),
        "blanks": text_relations("blanks"),
        "minutes": (MINUTES,),
        "participants in part": (PARTICIPANTS_IN_PART,) if participant_number(declared) is not None else (),
        "text of absence": (TEXT_OF_ABSENCE,),
        "intervals": (INTERVALS,),
        "one value": tuple(
            enumerated_relation(name, constants) for name, node in declared.items() if (constants := constants_of(node))
        ),
        "order": text_relations("order"),
        "escapes": text_relations("escapes"),
        "long": tuple(long_relations(declared)),
        "capabilities": tuple(capabilities_relations(declared)),
        "equal but one": (
            *map(equal_but_relation, declared),
            *map(equal_but_absent_relation, branch.optional),
        ),
    }
    allowed = {
        group: tuple(each for relation in relations if (each := _without_identity(relation, declared)) is not None)
        for group, relations in groups.items()
    }
    return {group: relations for group, relations in allowed.items() if relations}


@functools.lru_cache(maxsize=16)
def related_cases(contract: Contract) -> tuple[tuple[Relation, RelationCase], ...]:
    """Every labelled case with its relation, as many times as its weight."""
    relations = itertools.chain.from_iterable(relations_of(contract).values())
    return tuple((relation, case) for relation in relations for case in relation.cases for _ in range(case.weight))


def _without_identity(relation: Relation, declared: Mapping[str, Node]) -> Relation | None:
    """The relation without ids of its own, if the contract has no ids; None if another member is missing."""
    relation = replace(relation, own=tuple(name for name in relation.own if name != ID or name in declared))
    is_possible = {*relation.members, *relation.shared, *relation.own} <= declared.keys()
    return relation if is_possible else None


def apply_relation(
    contract: Contract, relation: Relation, before: Session, session: Session, parameters: Parameters
) -> tuple[Session, Session] | None:
    """The two related sessions, which are copies; None if the relation is impossible or the contract forbids it."""
    related = relation.relate(instances.copy_json(before), instances.copy_json(session), *parameters)
    return related if related is not None and all(map(contract.is_valid, related)) else None
