"""Values that a schema names without asking for them: its `default`, its `examples`, and `example` as OpenAPI has it.

They are annotations, and may be wrong. Whoever makes a node asks the judges about each; here stands where they are, and
on which of them no engine has a doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chime_fixtures.engine.dnf.requirements import Conjunction
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Numbers, Objects, Strings
from chime_fixtures.engine.schema.graph import Subschema, in_place

HINTS = frozenset({"default", "examples", "example"})
"""The keywords that name values."""


def named(goal: Conjunction) -> Iterator[tuple[str, Any]]:
    """What the schemas of a goal, and all that judge the same value, name: with a label, in the schema's order."""
    seen: set[Subschema] = set()
    stack = [literal.schema for literal in reversed(goal) if literal.must_hold and literal.path is None]
    while stack:
        schema = stack.pop()
        if schema in seen:
            continue
        seen.add(schema)
        if "default" in schema.keywords:
            yield "default", schema.keywords["default"]
        examples = [*schema.keywords.get("examples", ())]
        examples += [schema.keywords["example"]] if "example" in schema.keywords else []
        yield from ((f"example-{number}", value) for number, value in enumerate(examples))
        stack.extend(reversed([child for _, child in in_place(schema)]))


def is_undoubted(node: Node, value: Any) -> bool:
    """Whether a value that the judge accepts is one that would be made for the node, too: there all engines agree."""
    if isinstance(value, str):
        return any(value in shape.language for shape in node.branches if isinstance(shape, Strings))
    if isinstance(value, list):
        arrays = node.branch(Arrays)
        return arrays is not None and all(is_undoubted(arrays.at(index), item) for index, item in enumerate(value))
    if isinstance(value, dict):
        objects = node.branch(Objects)
        return objects is not None and all(
            name in objects.properties and is_undoubted(objects.properties[name], item) for name, item in value.items()
        )
    numbers = node.branch(Numbers)
    return isinstance(value, bool) or value is None or (numbers is not None and numbers.is_plain)
