"""What a breaker has to stand on: a place of a valid instance, and what is to be broken there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.instances import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Assertion, Node, Numbers, Objects, Strings, branch_depth
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.values import Builder, RandomChoices

Mutation = tuple[str | None, Any]
"""The name of a variant, and a value that breaks the keyword; the plainest variant has no name."""

Neighbours = tuple[tuple[str, tuple[Any, ...]], ...]
"""The enumerations of a contract, each with the name of the first member that has it."""


@dataclass(frozen=True, slots=True)
class MutationContext:
    """The ground of a breaker: the node, the assertion and its part to break, a valid value, the builder.

    An enumeration has neighbours: those of the contract's other members.
    """

    node: Node
    assertion: Assertion
    value: Any
    builder: Builder
    part: Any = None
    neighbours: Neighbours = ()

    def text(self, language: Language, length: int) -> str | None:
        """A member of that length that looks like the valid value; None when there is none."""
        return language.construct(length, str(self.value)) if language.has_length(length) else None


LONG = 2**14
"""Slips are not made of longer strings, which cost more than they tell; a longer one is constructed once."""

_SPEAKS_OF: dict[str, type[Any]] = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), Strings),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), Arrays),
    **dict.fromkeys(("required", "additionalProperties", "minProperties", "maxProperties"), Objects),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), Numbers),
}
_KINDS: dict[type[Any], str] = {Strings: STRING, Arrays: ARRAY, Objects: OBJECT, Numbers: NUMBER}


def ground_of(
    node: Node, breach: ViolationTarget, value: Any, builder: Builder, neighbours: Neighbours = ()
) -> MutationContext | None:
    """The ground for a breach, with a value of the kind that its keyword speaks of; None where there is none."""
    limit = breach.value
    if breach.keyword.endswith(("Length", "Items", "Properties")) and isinstance(limit, float):
        limit = int(limit)
    kind = _SPEAKS_OF.get(breach.keyword)
    if kind is not None:
        shapes = [shape for shape in node.branches if isinstance(shape, kind) and branch_depth(shape) is not None]
        if not shapes:
            return None
        if instances.json_type(value) != _KINDS[kind]:
            value = builder.of_branch(shapes[0])(RandomChoices(random.Random(0)), (node.min_depth or 0) + 4)
    assertion = Assertion(breach.keyword, limit, breach.schema_pointer)
    return MutationContext(node, assertion, value, builder, breach.evaluation_path.subkey, neighbours)
