"""Instances that share all but one value with another one, so that each takes the memory of what differs alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer


@dataclass(frozen=True, slots=True)
class ChangedInstance:
    """An instance with another value at one location.

    Attributes:
        original: the instance, which never changes.
        pointer: the location.
        value: the value at the location, which never changes.
    """

    original: Any
    pointer: str
    value: Any

    @property
    def shared(self) -> Any:
        """The instance for reading only: it shares arrays and objects with the original and the value."""
        return json_pointer.with_value(self.original, self.pointer, self.value)

    def copy(self) -> Any:
        """The instance with arrays and objects of its own."""
        value = instances.copy_json(self.value)
        return (
            json_pointer.set_value(instances.copy_json(self.original), self.pointer, value) if self.pointer else value
        )

    def at(self, pointer: str) -> Any:
        """The value at a location, for reading only.

        Raises:
            LookupError: there is none.
        """
        if _is_in(pointer, self.pointer):
            return json_pointer.resolve(self.value, pointer[len(self.pointer) :])
        return json_pointer.resolve(self.shared if _is_in(self.pointer, pointer) else self.original, pointer)

    def changed(self, pointer: str, value: Any) -> ChangedInstance | None:
        """The instance with a further value at a location; None if neither of both locations contains the other."""
        if not self.pointer:
            return ChangedInstance(self.value, pointer, value)
        if _is_in(pointer, self.pointer):
            inner = pointer[len(self.pointer) :]
            return ChangedInstance(self.original, self.pointer, json_pointer.with_value(self.value, inner, value))
        return ChangedInstance(self.original, pointer, value) if _is_in(self.pointer, pointer) else None


def _is_in(pointer: str, container: str) -> bool:
    """True if a location is that of a container or in it."""
    return pointer == container or pointer.startswith(f"{container}/")
