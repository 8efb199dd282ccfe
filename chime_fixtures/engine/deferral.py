"""Labelled instances that are constructed when they are first read: most of them never are."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

_MAKING = threading.RLock()


class DeferredInstance:
    """The base class of frozen dataclasses whose field `instance` may be constructed when it is first read."""

    __slots__ = ("_make_instance",)

    _make_instance: Callable[[], Any]

    # For a type checker, any name would be an attribute.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name != "instance":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            with _MAKING:
                try:
                    # Another thread may have made it.
                    return object.__getattribute__(self, name)
                except AttributeError:
                    instance = object.__getattribute__(self, "_make_instance")()
                object.__setattr__(self, name, instance)
            return instance


Labelled = TypeVar("Labelled", bound=DeferredInstance)


@functools.cache
def _label_fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "instance")


def with_deferred_instance(label: Labelled, make: Callable[[], Any]) -> Labelled:
    """The same labelled instance, whose instance is made by a function when it is first read."""
    kind: type[Any] = type(label)
    labelled: Labelled = object.__new__(kind)
    for name in _label_fields(kind):  # type: ignore[arg-type]  # mypy does not know that a class is hashable
        object.__setattr__(labelled, name, getattr(label, name))
    object.__setattr__(labelled, "_make_instance", make)
    return labelled


def with_new_instance(labelled: Labelled) -> Labelled:
    """The same labelled instance with an instance of its own, which is made again when it is first read."""
    return with_deferred_instance(labelled, labelled._make_instance)  # noqa: SLF001  # of the class above
