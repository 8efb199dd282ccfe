"""The cases of a contract that an instance realises, by dimension."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any

from chime_fixtures.engine.cases import Edge, Hazard
from chime_fixtures.engine.cases.valid_matcher import ValidMatcher
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError

MAX_KNOWN_INSTANCES = 4096
"""Instances whose cases are remembered, since tests are often given equal ones."""

_MARSHAL_VERSION = 2
"""The last version of marshal that writes equal values as equal bytes."""


def snapshot(instance: Any) -> bytes:
    """The instance as it is now; it takes 2 µs for a session.

    Raises:
        ValueError: the instance is not JSON.
    """
    return marshal.dumps(instance, _MARSHAL_VERSION)


def restored(content: bytes) -> Any:
    """The instance of a snapshot."""
    return marshal.loads(content)  # noqa: S302  # it was written by this process


class CaseMatcher:
    """The keys of the cases that instances realise.

    Args:
        contract: the contract of the instances.
        edges: its edges.
        hazards: its hazards, or none if they are not goals.
    """

    def __init__(self, contract: Contract, edges: Sequence[Edge], hazards: Sequence[Hazard]) -> None:
        self._contract = contract
        self._valid = ValidMatcher(contract.root, edges, hazards)
        self._keys = {edge.id: f"edges:{edge.id}" for edge in edges}
        self._keys |= {hazard.id: f"hazards:{hazard.id}" for hazard in hazards}
        self._known: dict[bytes, tuple[str, ...]] = {}

    def keys(self, content: bytes) -> tuple[str, ...]:
        """The keys of the cases that the instance of a snapshot realises."""
        known = self._known.get(content)
        if known is None:
            if len(self._known) >= MAX_KNOWN_INSTANCES:
                self._known.clear()
            known = self._known[content] = self._keys_of(restored(content))
        return known

    def _keys_of(self, instance: Any) -> tuple[str, ...]:
        if self._contract.is_valid(instance):
            return tuple([self._keys[each] for each in self._valid.ids(instance)])
        try:
            return tuple([f"violations:{each}" for each in self._contract.cases_met_by(instance)])
        except InvalidDocumentError:
            # It has a lone surrogate or a number that JSON does not have.
            return ()
