"""Cross-check of instances that differ from a valid one at a single location, on the smallest part that suffices.

jsonschema takes milliseconds for a whole instance. A part that the schema constrains independently of its surroundings
gets the same verdict alone, in a fraction of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.parts import Part, Parts
from chime_fixtures.engine.schema.accepted_values import AcceptedValues
from chime_fixtures.engine.schema.cross_validator import CrossCheckErrors
from chime_fixtures.engine.schema.validators import Validators


class CrossCheck:
    """The errors that jsonschema reports for changes of one valid instance.

    Args:
        validators: the validators of the schema.
        parts: the parts of the instance.
        instance: an instance that jsonschema-rs accepts.
        decide: returns the errors for the instance; by default, jsonschema checks the whole instance.
    """

    def __init__(
        self, validators: Validators, parts: Parts, instance: Any, decide: Callable[[], CrossCheckErrors] | None = None
    ) -> None:
        self._validators = validators
        self._parts = parts
        self._instance = instance
        self._decide = decide or (lambda: validators.cross_check(instance))
        self._accepted: dict[str, AcceptedValues] = {}

    def errors(self, pointer: str, value: Any, *, is_constant: bool = False) -> CrossCheckErrors:
        """The errors for the instance with another value at `pointer`.

        They are (pointer, keyword) pairs, with pointers into the whole instance; None if jsonschema can't decide.

        Args:
            pointer: the location.
            value: the value.
            is_constant: True if the value never changes, so that its parts are not checked again in another one.
        """
        # If jsonschema rejects the valid instance, not every error comes from the change.
        if self._instance_errors:
            return self._validators.cross_check(json_pointer.with_value(self._instance, pointer, value))
        part = self._parts.deciding(pointer, value)
        changed = self._parts.changed(part, pointer, value)
        if not part.is_local:
            errors = self._validators.cross_check(changed)
        else:
            # A value without parts, or of another type, has none of those that are accepted.
            has_parts = changed and isinstance(changed, dict | list)
            is_alike = has_parts and type(changed) is type(json_pointer.resolve(self._instance, part.pointer))
            accepted = self._accepted_in(part) if is_alike else {}
            errors = self._validators.cross_check_part(part.schemas, changed, accepted, is_constant=is_constant)
        return errors and [(part.pointer + location, keyword) for location, keyword in errors]

    @functools.cached_property
    def _instance_errors(self) -> CrossCheckErrors:
        return self._decide()

    def _accepted_in(self, part: Part) -> AcceptedValues:
        """The properties and items in a part that jsonschema accepts."""
        known = self._accepted.get(part.pointer)
        if known is None:
            pairs = self._parts.accepted_values(part) if self._instance_errors == [] else ()
            known = {(id(schema.value), id(value)): (schema, value) for schema, value in pairs}
            self._accepted[part.pointer] = known
        return known
