"""Patches of a library's classes and modules, which can be applied and removed any number of times."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


class MethodPatch:
    """A function of a class or module that is replaced while the patch is applied.

    Args:
        owner: the class or module.
        name: the name of the function.
        replacement: returns the new function for the present one.
    """

    def __init__(
        self, owner: type | ModuleType, name: str, replacement: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> None:
        self._owner = owner
        self._name = name
        self._replacement = replacement
        self._original: Any = None
        self._new: Any = None
        self._is_inherited = False

    def apply(self) -> None:
        """Replace the present function; the new one is made again only if the present one has changed since."""
        present = self._owner.__dict__.get(self._name)
        self._is_inherited = present is None
        if present is None:
            present = getattr(self._owner, self._name)
        if present is not self._original:
            self._original, self._new = present, self._replacement(present)
        setattr(self._owner, self._name, self._new)

    def undo(self) -> None:
        """Restore the original, unless other code has replaced the function since."""
        if self._owner.__dict__.get(self._name) is not self._new:
            return
        if self._is_inherited:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._original)


class AttributePatch:
    """A property in place of an attribute that each instance of a class has; the attribute itself stays unchanged.

    Args:
        owner: the class.
        name: the name of the attribute.
        replacement: returns the value to use for the attribute's value.
    """

    def __init__(self, owner: type, name: str, replacement: Callable[[Any], Any]) -> None:
        self._owner = owner
        self._name = name

        def get(instance: Any) -> Any:
            try:
                value = instance.__dict__[name]
            except KeyError:
                raise AttributeError(name) from None
            return replacement(value)

        def set_(instance: Any, value: Any) -> None:
            instance.__dict__[name] = value

        self._property = property(get, set_)

    def apply(self) -> None:
        """Add the property to the class."""
        setattr(self._owner, self._name, self._property)

    def undo(self) -> None:
        """Remove the property, unless other code has replaced it since."""
        if self._owner.__dict__.get(self._name) is self._property:
            delattr(self._owner, self._name)


Patch = MethodPatch | AttributePatch
