"""Values that jsonschema accepts, which it does not check again in another instance that has them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from chime_fixtures.engine.schema.graph import Subschema

AcceptedValues = Mapping[tuple[int, int], tuple[Subschema, Any]]
"""Values that jsonschema accepts by a schema: the identities of the schema as written and of the value, and both."""

_ByReference = dict[tuple[Subschema, int], Any]
"""Values that jsonschema accepts by a schema: the schema, the identity of the value, and the value."""

MAX_CONSTANT_VALUES = 50_000
"""Values that are remembered beyond one instance, as they never change; they take 10 MB."""


class Accepted(threading.local):
    """Values that jsonschema is known to accept: a verdict is a function of the schema and the value alone.

    A schema with a dynamic reference below it is not among them.
    """

    def __init__(self) -> None:
        self._known: AcceptedValues = {}
        self._by_reference: _ByReference = {}
        self._constant: _ByReference = {}

    @contextlib.contextmanager
    def remember(self, *, is_constant: bool) -> Iterator[None]:
        """Remember the values that references accept within the context, in which no value may change.

        Args:
            is_constant: True if the values never change, and are remembered for the next such context.
        """
        if len(self._constant) > MAX_CONSTANT_VALUES:
            self._constant = {}
        self._by_reference = self._constant if is_constant else {}
        try:
            yield
        finally:
            self._by_reference = {}

    @contextlib.contextmanager
    def set(self, accepted: AcceptedValues) -> Iterator[None]:
        """Know these values only within the context."""
        before, self._known = self._known, accepted
        try:
            yield
        finally:
            self._known = before

    def without_known(self, check: Callable[..., Any]) -> Callable[..., Any]:
        """The keyword `properties` of jsonschema, applied to the values that are not known."""

        def rule(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterable[Any]:
            known = self._known
            if known and isinstance(instance, dict):
                properties = {
                    name: subschema
                    for name, subschema in properties.items()
                    if (id(subschema), id(instance.get(name))) not in known
                }
            return check(validator, properties, instance, schema) or ()

        return rule

    def once(self, check: Callable[..., Any], target_of: Callable[[Any], Subschema | None]) -> Callable[..., Any]:
        """The keyword `$ref` of jsonschema, applied once to each array and object that it accepts.

        Branches of `oneOf` and `anyOf` refer to one definition, so that a value would be checked exponentially often.

        Args:
            check: the keyword.
            target_of: returns the schema that a schema with this keyword refers to wherever it is applied, or None.
        """

        def rule(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
            target = target_of(schema) if isinstance(instance, dict | list) else None
            if target is None:
                yield from check(validator, reference, instance, schema) or ()
                return
            accepted, key = self._by_reference, (target, id(instance))
            if key not in accepted:
                has_errors = False
                for error in check(validator, reference, instance, schema) or ():
                    has_errors = True
                    yield error
                if not has_errors:
                    accepted[key] = instance

        return rule

    def without_known_additional(self, check: Callable[..., Any]) -> Callable[..., Any]:
        """The keyword `additionalProperties` of jsonschema, applied to the values that are not known."""

        def rule(validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterable[Any]:
            # A boolean reports names instead of values.
            if isinstance(subschema, dict):
                instance = self._unknown(subschema, instance)
            return check(validator, subschema, instance, schema) or ()

        return rule

    def without_known_matching(self, check: Callable[..., Any]) -> Callable[..., Any]:
        """The keyword `patternProperties` of jsonschema, applied to the values that are not known."""

        def rule(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterable[Any]:
            if not self._known:
                return check(validator, patterns, instance, schema) or ()
            return (
                error
                for pattern, subschema in patterns.items()
                for error in check(validator, {pattern: subschema}, self._unknown(subschema, instance), schema) or ()
            )

        return rule

    def _unknown(self, subschema: Any, instance: Any) -> Any:
        """An object without the values that are known to be accepted by a subschema."""
        if not self._known or not isinstance(instance, dict):
            return instance
        return {name: value for name, value in instance.items() if (id(subschema), id(value)) not in self._known}

    def without_known_items(self, check: Callable[..., Any], list_keyword: str | None) -> Callable[..., Any]:
        """The keyword `items` of jsonschema, applied to the items that are not known.

        Args:
            check: the keyword.
            list_keyword: the keyword with the schemas of the first items, which `items` does not apply to.
        """

        def rule(validator: Any, items: Any, instance: Any, schema: Any) -> Iterable[Any]:
            known = self._known
            if not known or not isinstance(instance, list) or not isinstance(items, dict):
                return check(validator, items, instance, schema) or ()
            first = len(schema.get(list_keyword, ())) if list_keyword else 0
            others = (
                (index, item)
                for index, item in enumerate(instance[first:], first)
                if (id(items), id(item)) not in known
            )
            return (error for index, item in others for error in validator.descend(item, items, path=index))

        return rule
