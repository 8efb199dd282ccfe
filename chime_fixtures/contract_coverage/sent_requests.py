"""Requests that the code under test sends: operations, members, enumerated values and edges."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.operations import Operation
from chime_fixtures.chime.representations import without_unknown_members
from chime_fixtures.contract_coverage.hints import minimised
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import Edge
from chime_fixtures.engine.normal_form.nodes import Objects


@dataclass(frozen=True, slots=True)
class RequestGoal:
    """A property of a request.

    Attributes:
        name: its name, unique in the operation; empty for the operation itself.
        pointer: the location in the operation's arguments.
        keyword: the keyword that sets the boundary of an edge.
        arguments: the arguments of a request that has the property.
    """

    name: str
    pointer: str
    keyword: str | None
    arguments: Mapping[str, Any]


@functools.cache
def request_goals(operation: Operation) -> tuple[RequestGoal, ...]:
    """The operation itself, each of its members, and each edge of its arguments that a client can send."""
    contract = operation.arguments
    edges = {each.label: each for each in contract.edges if not each.pointer}
    every, least = edges["all-members"].instance, edges["required-members-only"].instance
    return (
        RequestGoal("", "", None, least),
        *(
            RequestGoal(name, json_pointer.join([name]), None, {**least, name: every[name]})
            for name in _members(operation)
            if name in every
        ),
        *(RequestGoal(each.id, each.pointer, each.keyword, each.instance) for each in _sendable_edges(operation)),
    )


def least_arguments(operation: Operation, goal: RequestGoal) -> Any:
    """The fewest arguments of a request that has the property."""
    contract = operation.arguments

    def has_property(arguments: Any) -> bool:
        return contract.is_valid(arguments) and (
            goal.name in ("", *arguments) or goal.name in contract.cases_met_by(arguments)
        )

    return minimised(goal.arguments, has_property)


def goal_id(operation: str, name: str) -> str:
    """The id of a goal: ``<operation>``, or ``<operation>.<name>``."""
    return f"{operation}.{name}" if name else operation


def _members(operation: Operation) -> tuple[str, ...]:
    return tuple(operation.arguments.root.require_branch(Objects).properties)


def _sendable_edges(operation: Operation) -> Iterator[Edge]:
    """The edges without a member that the contract does not list: a client rejects it."""
    contract = operation.arguments
    for edge in contract.edges:
        if without_unknown_members(contract, edge.instance) == edge.instance:
            yield edge
