"""The cases of what changed between two contracts: witnesses, and the edges and violations of changed constraints."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.diff.records import ConstraintChange, ContractDiff
from chime_fixtures.engine.errors import EngineError, SchemaWarning
from chime_fixtures.engine.violation import safe_id


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """An instance that shows a change.

    Attributes:
        kind: a witness, which only one of the contracts accepts, or an edge or violation of a changed constraint.
        id: its name, unique among the cases of a comparison, and safe as a file name.
        instance: the value.
        label: the facts about it, as a JSON object.
    """

    kind: Literal["witness", "edge", "violation"]
    id: str
    instance: Any = field(hash=False)
    label: dict[str, Any] = field(hash=False)


def changed_cases(found: ContractDiff) -> Iterator[ChangedCase]:
    """The witnesses of a comparison, then the edges and the violations of the constraints that changed."""
    seen: dict[str, int] = {}
    for case in _cases(found):
        seen[case.id] = seen.get(case.id, 0) + 1
        number = seen[case.id]
        yield case if number == 1 else ChangedCase(case.kind, f"{case.id}.{number}", case.instance, case.label)


def _cases(found: ContractDiff) -> Iterator[ChangedCase]:
    changes = [change for change in found.changes if isinstance(change, ConstraintChange)]
    for change in changes:
        if change.witness is not None:
            label = {**change.witness.as_dict(), "direction": change.direction, "message": change.message}
            yield _case("witness", change, change.witness.id, change.witness.instance, label)
    by_document: dict[int, list[ConstraintChange]] = {}
    for change in changes:
        by_document.setdefault(id(change.document), []).append(change)
    for group in by_document.values():
        yield from _cases_of_constraints(group)


def _cases_of_constraints(changes: list[ConstraintChange]) -> Iterator[ChangedCase]:
    """The edges and violations of some constraints of one schema; none if it has no value."""
    assert changes[0].document is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaWarning)
        try:
            contract = Contract(changes[0].document)
        except EngineError:
            return
        for edge in contract.edges:
            change = _first(changes, edge.pointer, edge.keyword)
            if change is not None and edge.limit == change.limit:
                label = {"id": edge.id, "instanceLocation": edge.pointer, "valid": True, "summary": edge.summary}
                yield _case("edge", change, edge.id, edge.instance, label)
        for entry in contract.catalogue:
            at = entry.label.schema_pointer
            change = next((each for each in changes if each.schema_pointer == at), None)
            if change is not None:
                violation = entry.copy()
                yield _case("violation", change, violation.id, violation.instance, violation.as_dict())


def _first(changes: Iterable[ConstraintChange], pointer: str, keyword: str | None) -> ConstraintChange | None:
    """The first of some changes of a keyword at a location."""
    tokens = json_pointer.split(pointer)
    return next((each for each in changes if each.keyword == keyword and _applies(each.path, tokens)), None)


def _applies(path: str, tokens: tuple[str, ...]) -> bool:
    pattern = json_pointer.split(path)
    is_as_deep = len(pattern) == len(tokens)
    return is_as_deep and all(each in {"*", token} for each, token in zip(pattern, tokens, strict=True))


def _case(
    kind: Literal["witness", "edge", "violation"],
    change: ConstraintChange,
    identifier: str,
    instance: Any,
    label: dict[str, Any],
) -> ChangedCase:
    start = safe_id([kind, change.direction, *([change.message] if change.message else [])])
    return ChangedCase(kind, f"{start}.{identifier}", instance, {"kind": kind, **label})
