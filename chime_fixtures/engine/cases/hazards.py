"""Hazards: labelled valid instances that programs stumble on, though no constraint is near.

The classes of values are defined in `chime_fixtures.engine.values.hazard_definitions` and the tables that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.deferral import DeferredInstance
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS, calendar_format
from chime_fixtures.engine.values.hazard_definitions import HazardDefinition
from chime_fixtures.engine.values.number_hazards import hazardous_numbers
from chime_fixtures.engine.values.relations import RELATIONS, RelationHazard, related_pairs, related_values
from chime_fixtures.engine.values.structure_hazards import unknown_members, unlike_items
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS
from chime_fixtures.engine.violation import quote, safe_id

MAX_HAZARDS = 1000
"""Hazards of one schema; the most fruitful ones of each location come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard(DeferredInstance):
    """A valid instance that programs stumble on though no constraint is near, such as a formula or a leap day.

    Attributes:
        instance: the whole JSON document.
        pointer: the location of the hazardous value; for a relation of two properties that of their object.
        label: the name of the hazard.
        keyword: None, as no keyword is concerned.
        limit: None.
        summary: one line, ``<pointer>: <value> <sentence>``:
            ``/Name: "a b" contains a space, which URLs and commands escape``.
    """

    instance: Any = field(hash=False)
    pointer: str
    label: str
    keyword: str | None = None
    limit: Any = field(default=None, hash=False)
    summary: str
    definition: HazardDefinition = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """``<property>[.<index>].hazard.<label>``: safe as a file name and as a test id."""
        # The label of a relation begins with the names of two properties.
        return safe_id([*json_pointer.split(self.pointer), "hazard", *self.label.rsplit(".", 1)])

    def matches(self, value: Any) -> bool:
        """True if a value at `pointer` is of the class of values that the hazard stands for."""
        return self.definition.matches(value)


class _HazardousValue(NamedTuple):
    """The value of a hazard at its location."""

    definition: HazardDefinition
    value: Any
    sentence: str


def enumerate_hazards(validators: Validators, builder: Builder) -> tuple[Hazard, ...]:
    """Every labelled hazard of a schema; no validator rejects any of them.

    The first hazard of each location comes first, then the second one of each, so that a prefix has the most fruitful
    ones of every location.

    Args:
        validators: the validators of the schema.
        builder: the construction of its values.
    """
    baseline = Baseline.full(validators, builder)
    hazards: dict[str, Hazard] = {}
    locations = [
        (pointer, _hazardous_values(node, json_pointer.resolve(baseline.instance, pointer), builder))
        for pointer, node in _distinct_locations(baseline)
    ]
    while locations and len(hazards) < MAX_HAZARDS:
        left = []
        for pointer, values in locations:
            hazard = next(_hazards_at(baseline, pointer, values, hazards), None)
            if hazard is not None:
                hazards[hazard.id.casefold()] = hazard
                left.append((pointer, values))
        locations = left
    return tuple(hazards.values())[:MAX_HAZARDS]


def _distinct_locations(baseline: Baseline) -> Iterator[tuple[str, Node]]:
    """The locations of a baseline, of items with the same node only the first one and those below it."""
    skipped: set[str] = set()
    for pointer, node in baseline.nodes.items():
        holder, _, token = pointer.rpartition("/")
        is_item = token.isdigit() and token != "0" and isinstance(json_pointer.resolve(baseline.instance, holder), list)
        if holder in skipped or (is_item and baseline.nodes.get(f"{holder}/0") is node):
            skipped.add(pointer)
        else:
            yield pointer, node


def _hazards_at(
    baseline: Baseline, pointer: str, values: Iterator[_HazardousValue], known: dict[str, Hazard]
) -> Iterator[Hazard]:
    for definition, value, sentence in values:
        hazard = Hazard(
            instance=None,
            pointer=pointer,
            label=definition.label,
            summary=f"{json_pointer.display(pointer)}: {sentence}",
            definition=definition,
        )
        if hazard.id.casefold() not in known and baseline.is_accepted(pointer, value):
            yield baseline.put_into(hazard, pointer, value)


def _hazardous_values(node: Node, value: Any, builder: Builder) -> Iterator[_HazardousValue]:
    """The hazards of a node, whose value in the baseline is `value`, the most fruitful ones first."""
    for branch in node.branches:
        match branch:
            case Numbers():
                for hazard, number in hazardous_numbers(branch):
                    yield _HazardousValue(hazard, number, f"{quote(number)} {hazard.sentence}")
            case Strings(language):
                plain = (
                    value
                    if isinstance(value, str) and value in language
                    else language.construct(language.shortest or 0)
                )
                yield from _hazardous_texts(language, plain)
            case Objects() if isinstance(value, dict):
                yield from _related_properties(branch, value)
                for member_hazard, changed in unknown_members(branch, value):
                    yield _HazardousValue(member_hazard, changed, f"the object {member_hazard.sentence}")
            case Arrays() if isinstance(value, list):
                for item_hazard, items in unlike_items(value):
                    yield _HazardousValue(item_hazard, items, f"the array {item_hazard.sentence}")


def _hazardous_texts(language: Language, plain: str) -> Iterator[_HazardousValue]:
    for hazard in TEXT_HAZARDS if calendar_format(language) is None else CALENDAR_HAZARDS:
        if not hazard.is_inevitable(language, plain):
            text = hazard.text(language, plain)
            if text is not None:
                yield _HazardousValue(hazard, text, f"{quote(text)} {hazard.sentence}")


def _related_properties(branch: Objects, value: dict[str, Any]) -> Iterator[_HazardousValue]:
    present = {name: node for name, node in branch.properties.items() if name in value}
    kinds = list(RELATIONS)
    pairs = sorted(related_pairs(present), key=lambda pair: kinds.index(pair[0]))
    # The first relation of each pair comes first.
    for number in range(max((len(RELATIONS[kind]) for kind, _, _ in pairs), default=0)):
        for kind, first, second in pairs:
            for relation in RELATIONS[kind][number : number + 1]:
                plain_values = (value[first], value[second])
                found = next(related_values(relation, present[first], present[second], plain_values), None)
                if found is not None:
                    related = {**value, first: found[0], second: found[1]}
                    sentence = f"{first} {quote(found[0])} and {second} {quote(found[1])} {relation.sentence}"
                    yield _HazardousValue(RelationHazard(first, second, kind, relation.label), related, sentence)
