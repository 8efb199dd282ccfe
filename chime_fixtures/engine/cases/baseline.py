"""Valid instances that are changed at one place after another, and what the second voice says of each change.

It takes milliseconds for a whole instance. Where a place can be judged alone it is asked about that part only.
"""

from __future__ import annotations

import functools
import random
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.locations import InstanceLocation, full_instance, instance_locations, node_at
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.normal_form.sizes import exceeds_size_limit
from chime_fixtures.engine.schema.validators import Errors, Validators
from chime_fixtures.engine.values import Builder, RandomChoices


class Baseline:
    """An instance that the judge accepts.

    Args:
        validators: the validators of the schema.
        instance: the instance.
        root: what the instance was made of.

    Attributes:
        places: every place of it that the schema speaks of, by pointer.
    """

    def __init__(self, validators: Validators, instance: Any, root: Node) -> None:
        self.instance = instance
        self.places = {place.pointer: place for place in instance_locations(root, instance)}
        self._root = root
        self._validators = validators

    @staticmethod
    def full(validators: Validators, builder: Builder) -> Baseline:
        """One with every member present that may be."""
        return Baseline(validators, full_instance(builder), builder.root)

    @staticmethod
    def minimal(validators: Validators, root: Node, builder: Builder) -> Baseline | None:
        """One of a node, almost as flat as it can be; None where there is none."""
        if root.min_depth is None or exceeds_size_limit(root):
            return None
        return Baseline(validators, builder.of(root)(RandomChoices(random.Random(0)), root.min_depth + 1), root)

    def node(self, pointer: str) -> Node:
        """What the value at a place must be."""
        place = self.places.get(pointer)
        return place.node if place is not None else node_at(self._root, pointer)

    @functools.cached_property
    def _is_accepted(self) -> bool:
        """Whether the second voice has nothing to say of the instance itself."""
        return self._validators.cross_check(self.instance) == []

    def cross_check(self, changed: Any, place: InstanceLocation | None) -> Errors:
        """What the second voice says of an instance that differs from this one at that place alone, or anywhere."""
        seat = place.seat if place is not None else None
        if seat is None or not self._is_accepted:
            return self._validators.cross_check(changed)
        found = self._validators.cross_check_part(seat.speakers, json_pointer.resolve(changed, seat.pointer))
        return found and [(seat.pointer + pointer, keyword) for pointer, keyword in found]
