"""Labelled instances that are constructed when they are first read: most of them never are.

So is the copy of an array or object of the schema that is their limit: what a caller changes is not the schema's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from chime_fixtures.engine import instances

_MAKING = threading.RLock()


class DeferredInstance:
    """The base class of frozen dataclasses whose fields `instance` and `limit` may be made when they are first read."""

    __slots__ = ("_make_instance", "_shared_limit")

    # Of the dataclass below.
    __dataclass_fields__: ClassVar[dict[str, Any]]

    _make_instance: Callable[[], Any]
    _shared_limit: Any

    # For a type checker, any name would be an attribute.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name not in _MAKERS:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            with _MAKING:
                try:
                    # Another thread may have made it.
                    return object.__getattribute__(self, name)
                except AttributeError:
                    value = _MAKERS[name](self)
                object.__setattr__(self, name, value)
            return value


_MAKERS: Mapping[str, Callable[[Any], Any]] = {
    "instance": lambda labelled: object.__getattribute__(labelled, "_make_instance")(),
    "limit": lambda labelled: instances.copy_json(object.__getattribute__(labelled, "_shared_limit")),
}


Labelled = TypeVar("Labelled", bound=DeferredInstance)


def with_deferred_instance(label: Labelled, make: Callable[[], Any]) -> Labelled:
    """The same labelled instance, whose instance is made by a function when it is first read."""
    labelled = object.__new__(type(label))
    for name in label.__dataclass_fields__:
        if name != "instance":
            value = getattr(label, name)
            is_shared = name == "limit" and isinstance(value, dict | list)
            object.__setattr__(labelled, "_shared_limit" if is_shared else name, value)
    object.__setattr__(labelled, "_make_instance", make)
    return labelled


def with_new_instance(labelled: Labelled) -> Labelled:
    """The same labelled instance with an instance of its own, which is made again when it is first read."""
    return with_deferred_instance(labelled, labelled._make_instance)  # noqa: SLF001  # of the class above
