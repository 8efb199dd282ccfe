"""Valid instances that are changed at one place after another, and what the second voice says of each change.

It takes milliseconds for a whole instance. Where a place can be judged alone it is asked about that part only.
"""

from __future__ import annotations

import functools
import random
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.locations import Place, full_instance, node_at, places
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.normal_form.weights import is_heavy
from chime_fixtures.engine.schema.validators import Opinion
from chime_fixtures.engine.values import Builder, RandomSource


class Base:
    """An instance that the judge accepts.

    Args:
        contract: the contract.
        instance: the instance.
        root: what the instance was made of.

    Attributes:
        places: every place of it that the schema speaks of, by pointer.
    """

    def __init__(self, contract: Contract, instance: Any, root: Node) -> None:
        self.instance = instance
        self.places = {place.pointer: place for place in places(root, instance)}
        self._root = root
        self._judge = contract.judge

    @staticmethod
    def full(contract: Contract) -> Base:
        """One with every member present that may be."""
        return Base(contract, full_instance(contract), contract.root)

    @staticmethod
    def flat(contract: Contract, root: Node, builder: Builder) -> Base | None:
        """One of a node, almost as flat as it can be; None where there is none."""
        if root.height is None or is_heavy(root):
            return None
        return Base(contract, builder.of(root)(RandomSource(random.Random(0)), root.height + 1), root)

    def node(self, pointer: str) -> Node:
        """What the value at a place must be."""
        place = self.places.get(pointer)
        return place.node if place is not None else node_at(self._root, pointer)

    @functools.cached_property
    def _is_accepted(self) -> bool:
        """Whether the second voice has nothing to say of the instance itself."""
        return self._judge.second_opinion(self.instance) == []

    def opinion(self, changed: Any, place: Place | None) -> Opinion:
        """What the second voice says of an instance that differs from this one at that place alone, or anywhere."""
        seat = place.seat if place is not None else None
        if seat is None or not self._is_accepted:
            return self._judge.second_opinion(changed)
        found = self._judge.second_opinion_of(seat.speakers, json_pointer.resolve(changed, seat.pointer))
        return found and [(seat.pointer + pointer, keyword) for pointer, keyword in found]
