"""Examples: the valid values of the annotations `default`, `examples`, and `example` of OpenAPI.

An annotation may be wrong: only values that both validators accept are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chime_fixtures.engine.instances import key
from chime_fixtures.engine.normal_form.nodes import Arrays, Constants, Node, Objects, Strings
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.schema.validators import Validators

_ANNOTATED_VALUES: dict[str, Callable[[Any], list[Any]]] = {
    "default": lambda value: [value],
    "examples": list,
    "example": lambda value: [value],
}
"""The example values in the value of each annotation."""


class Examples:
    """The examples of the nodes of one schema, computed once for each node.

    Args:
        graph: the schema.
        validators: its validators.
    """

    def __init__(self, graph: SchemaGraph, validators: Validators) -> None:
        self._validators = validators
        self._has_any = any(not _ANNOTATED_VALUES.keys().isdisjoint(schema.keywords) for schema in graph.schemas)
        self._known: dict[Node, tuple[tuple[str, Any], ...]] = {}

    def __call__(self, node: Node) -> tuple[tuple[str, Any], ...]:
        """The examples of a node, each with a label, except those that an enumeration contains anyway."""
        if not self._has_any:
            return ()
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = tuple(self._examples(node))
        return known

    def _examples(self, node: Node) -> Iterator[tuple[str, Any]]:
        seen = {key(value) for branch in node.branches if isinstance(branch, Constants) for value in branch.values}
        for label, value in _annotated_values(node):
            value_key = key(value)
            if value_key not in seen and self._is_valid(node, value):
                seen.add(value_key)
                yield label, value

    def _is_valid(self, node: Node, value: Any) -> bool:
        """True if jsonschema-rs accepts a value, and jsonschema does not reject it."""
        validators = self._validators
        if any(validators.is_part_valid(each.schema, value) is not each.must_hold for each in node.requirements):
            return False
        if _is_uncontested(node, value):
            return True
        if not all(validators.accepts_respelled(each.schema, value) for each in node.requirements if each.must_hold):
            return False
        results = ((validators.cross_check_part([each.schema], value), each.must_hold) for each in node.requirements)
        return all(errors is None or bool(errors) is not must_hold for errors, must_hold in results)


def _annotated_values(node: Node) -> Iterator[tuple[str, Any]]:
    """The values in the annotations of every schema that applies to a node's value, in the schema's order."""
    seen: set[Subschema] = set()
    stack = [each.schema for each in reversed(node.requirements) if each.must_hold and each.path is None]
    while stack:
        schema = stack.pop()
        if schema in seen:
            continue
        seen.add(schema)
        keywords = schema.keywords
        annotated = {name: values(keywords[name]) for name, values in _ANNOTATED_VALUES.items() if name in keywords}
        yield from (("default", value) for value in annotated.pop("default", ()))
        examples = (value for values in annotated.values() for value in values)
        yield from ((f"example-{number}", value) for number, value in enumerate(examples))
        stack.extend(reversed([child for _, child in schema.in_place]))


def _is_uncontested(node: Node, value: Any) -> bool:
    """True if a valid value is one that could be constructed for the node: there all validators agree."""
    if isinstance(value, str):
        return any(value in branch.language for branch in node.branches if isinstance(branch, Strings))
    if isinstance(value, list):
        arrays = node.branch(Arrays)
        return arrays is not None and all(_is_uncontested(arrays.at(index), item) for index, item in enumerate(value))
    if isinstance(value, dict):
        objects = node.branch(Objects)
        return objects is not None and all(
            name in objects.properties and _is_uncontested(objects.properties[name], item)
            for name, item in value.items()
        )
    numbers = node.branch(Numbers)
    return isinstance(value, bool) or value is None or (numbers is not None and numbers.is_plain)
