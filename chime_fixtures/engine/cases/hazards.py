"""Hazards: labelled valid instances that programs stumble on, though no constraint is near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.baseline import Baseline
from chime_fixtures.engine.normal_form.nodes import Node, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.values.hazard_definitions import (
    NUMBER_HAZARDS,
    TEXT_HAZARDS,
    HazardDefinition,
    TextHazard,
)
from chime_fixtures.engine.violation import safe_id

MAX_HAZARDS = 1000
"""Hazards of one schema; those of the outer locations come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A valid instance that programs stumble on though no constraint is near, such as a formula or a leap day.

    Attributes:
        instance: the whole JSON document.
        pointer: the location of the hazardous value.
        label: the name of the hazard.
        keyword: None, as no keyword is concerned.
        limit: None.
        summary: one line, ``<pointer>: <sentence>``: ``/Name: "a,b" contains a comma, the separator of CSV``.
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
        return safe_id([*json_pointer.split(self.pointer), "hazard", self.label])

    def matches(self, value: Any) -> bool:
        """True if a value at `pointer` is of the class of values that the hazard stands for."""
        return self.definition.matches(value)


def enumerate_hazards(validators: Validators, builder: Builder) -> tuple[Hazard, ...]:
    """Every labelled hazard of a schema; no validator rejects any of them.

    Args:
        validators: the validators of the schema.
        builder: the construction of its values.
    """
    baseline = Baseline.full(validators, builder)
    hazards: dict[str, Hazard] = {}
    for pointer, node in baseline.nodes.items():
        for definition, value in _hazardous_values(node):
            summary = f"{json_pointer.display(pointer)}: {definition.sentence}"
            hazard = Hazard(
                instance=None, pointer=pointer, label=definition.label, summary=summary, definition=definition
            )
            key = hazard.id.casefold()
            if key not in hazards and baseline.is_accepted(pointer, value):
                hazards[key] = replace(hazard, instance=baseline.with_value(pointer, value))
                if len(hazards) >= MAX_HAZARDS:
                    return tuple(hazards.values())
    return tuple(hazards.values())


def _hazardous_values(node: Node) -> Iterator[tuple[HazardDefinition, Any]]:
    for branch in node.branches:
        match branch:
            case Numbers():
                yield from (
                    (hazard, number) for hazard in NUMBER_HAZARDS for number in hazard.numbers if branch.admits(number)
                )
            case Strings():
                for hazard in TEXT_HAZARDS:
                    text = _hazardous_text(hazard, branch)
                    if text is not None:
                        yield hazard, text


def _hazardous_text(hazard: TextHazard, branch: Strings) -> str | None:
    template = next((text for text in hazard.templates if text in branch.language), None)
    if template is not None:
        return template
    language = branch.language & hazard.language
    if language.is_empty:
        return None
    shortest = language.shortest or 0
    lengths = [length for length in language.lengths(shortest + 32) if length >= 8]
    return language.construct(lengths[0] if lengths else shortest, hazard.templates[0])
