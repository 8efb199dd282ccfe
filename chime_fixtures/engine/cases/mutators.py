"""Mutators: for each keyword a function that proposes values that may violate it.

Most proposals are mistakes that people and programs make: one character too many, another case, a number as a string,
half a date. The validators decide which proposals become violations.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases.format_mistakes import format_mistakes
from chime_fixtures.engine.cases.text_mistakes import length_mistakes, text_mistakes
from chime_fixtures.engine.instances import ARRAY, MAX_EXACT_FLOAT, NUMBER, OBJECT, STRING
from chime_fixtures.engine.normal_form.nodes import Arrays, Branch, Node, Objects, Strings, branch_depth
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.normal_form.targets import ViolationTarget
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_ecma
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.values import Builder, RandomChoices
from chime_fixtures.engine.values.arrays import MIN_SHALLOW_ITEMS
from chime_fixtures.engine.values.size_limit import SizeLimit

MAX_VARIED_LENGTH = 2**14
"""The maximum length of a string that is varied; longer ones take time, so there is one for each limit."""

MAX_EXACT_DIGITS = 15
"""Digits of an integer that every JSON parser reads exactly."""

MAX_OTHER_ENUMS = 4
"""Other enumerations of which a value is proposed, the nearest in the schema first."""

Mutation = tuple[str | None, Any]
"""The name of a variant, and a value that may violate the keyword; the plainest variant has no name."""


class Enumerations:
    """The enumerations of a schema, in its order, each once.

    Args:
        named: each enumeration after the name of a property that has it; the first name counts.
    """

    def __init__(self, named: Iterable[tuple[str, Sequence[Any]]] = ()) -> None:
        first: dict[str, tuple[str, Sequence[Any]]] = {}
        for name, values in named:
            first.setdefault(repr(values), (name, values))
        self._named = tuple(first.values())
        self._positions = {values: position for position, values in enumerate(first)}

    def nearest(self, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
        """All enumerations with their names, beginning with the one that has these values, and its neighbours."""
        position, count = self._positions.get(repr(values), 0), len(self._named)
        for distance in range(count):
            for index in dict.fromkeys((position - distance, position + distance)):
                if 0 <= index < count:
                    yield self._named[index]


NO_ENUMERATIONS = Enumerations()


@dataclass(frozen=True, slots=True)
class MutationContext:
    """The arguments of a mutator.

    Attributes:
        keyword: the keyword to violate.
        limit: the keyword's value in the schema.
        subkey: the part of the limit to violate, as a name of `required`.
        node: the node of the location.
        value: a valid value; if the keyword applies to one JSON type, a value of that type.
        builder: the construction of values.
        enumerations: those of the whole schema.
    """

    keyword: str
    limit: Any
    subkey: Any
    node: Node
    value: Any
    builder: Builder
    enumerations: Enumerations

    def text(self, language: Language, length: int) -> str | None:
        """A string of this length in the language that resembles the valid value; None if no string has the length."""
        return language.construct(length, str(self.value)) if language.has_length(length) else None


def mutation_context(
    node: Node, target: ViolationTarget, value: Any, builder: Builder, enumerations: Enumerations = NO_ENUMERATIONS
) -> MutationContext | None:
    """The context of a violation target; None if the node has no value of the JSON type that the keyword applies to."""
    limit, json_type = target.value, target.facts.json_type if target.facts is not None else None
    if json_type is not None:
        branch_type = _BRANCH_TYPES[json_type]
        is_only = len(node.branches) == 1 and node.is_satisfiable
        candidates = (each for each in node.branches if isinstance(each, branch_type))
        branch = next((each for each in candidates if is_only or branch_depth(each) is not None), None)
        if branch is None:
            return None
        if instances.json_type(value) != json_type:
            value = builder.branch_construction(branch)(
                RandomChoices(random.Random(0)), (branch_depth(branch) or 0) + 4
            )
        if json_type != NUMBER and isinstance(limit, float):
            # A length or a number of items or properties may be written 2.0.
            limit = int(limit)
    return MutationContext(target.keyword, limit, target.evaluation_path.subkey, node, value, builder, enumerations)


_BRANCH_TYPES: Mapping[str, type[Branch]] = {STRING: Strings, ARRAY: Arrays, OBJECT: Objects, NUMBER: Numbers}


def _mutate_type(context: MutationContext) -> Iterator[Mutation]:
    """One value of each JSON type that is not allowed, then the valid value as another type represents it."""
    types = context.limit
    allowed = {types} if isinstance(types, str) else set(types)
    value = context.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if "null" not in allowed:
        yield "null", None
    if "boolean" not in allowed:
        yield "boolean", True
    if not allowed & {"integer", "number"}:
        yield "integer", _equivalent_integer(context)
    elif "number" not in allowed:
        # A half added to a greater number may be lost in rounding.
        yield "number", (value if is_number and abs(value) < 2**31 else 1) + 0.5
    if "string" not in allowed:
        yield "as-text", json.dumps(value)
    if "array" not in allowed:
        yield "array", []
    if "object" not in allowed:
        yield "object", {}
    if "array" not in allowed:
        yield "wrapped", [value]
    if isinstance(value, list) and value:
        yield "unwrapped", value[0]


def _mutate_strict_type(context: MutationContext) -> Iterator[Mutation]:
    """The same, and an integer that is written as 1.0."""
    yield from _mutate_type(context)
    value = context.value
    if instances.json_type(value) == NUMBER and "number" not in context.limit:
        yield "zero-fraction", float(value) if abs(value) <= MAX_EXACT_FLOAT else 1.0


def _equivalent_integer(context: MutationContext) -> int:
    """The integer with the digits of the valid string, if these alone are valid too; else 1."""
    digits = "".join(filter("0123456789".__contains__, context.value)) if isinstance(context.value, str) else ""
    strings = context.node.branch(Strings)
    is_valid = strings is not None and digits in strings.language
    return int(digits) if is_valid and 0 < len(digits) <= MAX_EXACT_DIGITS and digits[0] != "0" else 1


def _mutate_enum(context: MutationContext) -> Iterator[Mutation]:
    yield None, "Unknown"
    constants = context.limit
    for value in constants:
        if isinstance(value, str) and value:
            yield "upper-case", value.upper()
            yield "lower-case", value.lower()
            yield "leading-blank", " " + value
            yield "trailing-blank", value + " "
            yield "prefix", value[:-1]
            yield "empty", ""
            break
    snake_case = (re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", value) for value in constants if isinstance(value, str))
    yield from (("underscores", text.upper()) for text in snake_case if "_" in text)
    yield from _values_of_other_enums(context)
    for value in (2**31, 1.5, True, None, [], {}):
        yield f"other-{instances.json_type(value)}", value


_NONE = object()


def _values_of_other_enums(context: MutationContext) -> Iterator[Mutation]:
    own = context.limit
    nearest = context.enumerations.nearest(own)
    others = ((name, next((value for value in values if value not in own), _NONE)) for name, values in nearest)
    found = ((f"of-{name}", value) for name, value in others if value is not _NONE)
    yield from itertools.islice(found, MAX_OTHER_ENUMS)


def _mutate_const(context: MutationContext) -> Iterator[Mutation]:
    value = context.limit
    others: tuple[Any, ...] = (f"{value}-", 0, 1, True, None, [], {})
    yield from ((None, other) for other in others if not instances.equal(other, value))


def _mutate_lower_bound(context: MutationContext) -> Iterator[Mutation]:
    yield from _beyond_bound(context, -1)


def _mutate_upper_bound(context: MutationContext) -> Iterator[Mutation]:
    yield from _beyond_bound(context, 1)


def _beyond_bound(context: MutationContext, step: int) -> Iterator[Mutation]:
    limit = context.limit
    numbers = context.node.branch(Numbers)
    if context.keyword.startswith("exclusive"):
        yield "at-the-bound", limit
    yield None, (int(limit) + step if instances.is_integer(limit) else limit + step)
    # Truncated to 32 bits it is the limit itself.
    yield "far", int(limit) + step * 2**32
    if limit * step < 0:
        yield "negated" if limit else "zero", -limit
    if numbers is not None and not numbers.is_integer and abs(limit) < MAX_EXACT_FLOAT:
        yield "by-a-fraction", limit + step * 0.5


def _mutate_multiple_of(context: MutationContext) -> Iterator[Mutation]:
    step, value = context.limit, context.value
    # Beyond a double a quotient of integers stays one.
    is_large = isinstance(step, int) and step > MAX_EXACT_FLOAT
    if abs(value) > min(step * 2**32, MAX_EXACT_FLOAT) or (is_large and isinstance(value, float)):
        # The sum may not be representable as a double.
        value = 0
    yield None, value + (step // 2 if is_large else step / 2)
    yield "one-more", value + 1
    yield "hundredth", value + (step // 100 if is_large else step / 100)


def _any_length(context: MutationContext) -> Language:
    """The strings that satisfy the patterns and formats of the location, of any length."""
    return Language(context.node.require_branch(Strings).language.dfa)


def _mutate_max_length(context: MutationContext) -> Iterator[Mutation]:
    limit = context.limit
    language = _any_length(context)
    if limit > MAX_VARIED_LENGTH:
        return
    for variant, length in ((None, limit + 1), ("twice", limit * 2 + 2)):
        text = context.text(language, length)
        if text is not None:
            yield variant, text
    yield from length_mistakes(str(context.value), limit)
    lengths = [length for length in language.lengths(limit * 4 + 64) if length > limit]
    if lengths:
        yield None, context.text(language, lengths[0])


def _mutate_min_length(context: MutationContext) -> Iterator[Mutation]:
    limit = context.limit
    language = _any_length(context)
    for length in sorted({limit - 1, 0}, reverse=True):
        text = context.text(language, length) if length >= 0 else None
        if text is not None:
            yield ("empty" if limit > 1 and not length else None), text
    yield None, "0" * (limit - 1)


def _rejected(context: MutationContext) -> Language:
    """The strings that jsonschema-rs rejects by the pattern; those that violate any constraint, if it is too large."""
    try:
        return matched_by_ecma(context.limit).complement()
    except PatternError:
        return _any_length(context).complement()


def _mutate_pattern(context: MutationContext) -> Iterator[Mutation]:
    strings = context.node.require_branch(Strings)
    language = strings.language
    for length in dict.fromkeys((len(context.value), language.longest, language.shortest)):
        if length is not None and length <= MAX_VARIED_LENGTH and language.has_length(length):
            yield from text_mistakes(language.construct(length, str(context.value)), language)
    outside = _rejected(context).between(strings.min_length, strings.max_length)
    if outside.shortest is not None:
        yield "shortest", outside.construct(outside.shortest, "a")
        if outside.longest is not None:
            lengths = outside.lengths(min(outside.longest, max(MAX_VARIED_LENGTH, outside.shortest)))
            yield "longest", outside.construct(lengths[-1], " ")


def _mutate_format(context: MutationContext) -> Iterator[Mutation]:
    yield from format_mistakes(context.limit)
    yield "trailing-newline", f"{context.value}\n"


def _items(context: MutationContext, size: int) -> list[Any]:
    """The first items of the valid array, filled up to a size with other valid items; small ones in a large array."""
    branch = context.node.require_branch(Arrays)
    items = list(context.value)[:size]
    if not branch.items.is_satisfiable:
        return items
    build, build_small = context.builder.construction(branch.items), context.builder.small_construction(branch.items)
    depth_budget = 9 if size < MIN_SHALLOW_ITEMS else branch.items.min_depth or 0
    keys = {instances.key(item) for item in items}
    limit = SizeLimit(size)
    limit.counted(items)
    for seed in range(size * 8):
        if len(items) >= size:
            break
        # There may not be enough small items that differ.
        is_small = limit.is_exceeded and seed < size * 4
        value = (build_small if is_small else build)(RandomChoices(random.Random(seed)), depth_budget)
        if not branch.is_unique or instances.key(value) not in keys:
            keys.add(instances.key(value))
            items.append(limit.counted(value))
    return items


def _mutate_max_items(context: MutationContext) -> Iterator[Mutation]:
    if context.limit <= MAX_COUNT:
        yield None, _items(context, context.limit + 1)


def _mutate_min_items(context: MutationContext) -> Iterator[Mutation]:
    yield None, _items(context, context.limit - 1)
    if context.limit > 1:
        yield "empty", []


def _mutate_unique_items(context: MutationContext) -> Iterator[Mutation]:
    items = _items(context, max(2, len(context.value)))
    if items:
        yield None, [*items[:-1], items[0]] if len(items) > 1 else [items[0], items[0]]
        yield "at-the-end", [*items, items[0]]


def _mutate_min_properties(context: MutationContext) -> Iterator[Mutation]:
    for size in dict.fromkeys((context.limit - 1, 0)):
        variant = None if size else "empty"
        yield variant, dict(list(context.value.items())[: max(size, 0)])


def _mutate_max_properties(context: MutationContext) -> Iterator[Mutation]:
    if context.limit > MAX_COUNT:
        return
    members = dict(context.value)
    for number in range(max(context.limit + 1 - len(members), 0)):
        members[f"unknown{number}"] = next(iter(context.value.values()), None)
    yield None, members


def _mutate_required(context: MutationContext) -> Iterator[Mutation]:
    members = dict(context.value)
    members.pop(context.subkey, None)
    yield context.subkey, members


def _mutate_additional_properties(context: MutationContext) -> Iterator[Mutation]:
    yield None, {**context.value, "unknown": None}
    for name in context.value:
        yield "other-case", {**context.value, name.swapcase(): context.value[name]}
        break


def _mutate_additional_items(context: MutationContext) -> Iterator[Mutation]:
    yield None, [*context.value, None]


def _mutate_content_encoding(context: MutationContext) -> Iterator[Mutation]:
    yield "url-safe", "-_-_"
    yield "without-padding", f"{context.value}QQ".rstrip("=")
    yield "trailing-newline", f"{context.value}\n"


def _construct_only(context: MutationContext) -> Iterator[Mutation]:
    """No proposals: the violations of this keyword are only constructed."""
    yield from ()


MUTATORS: dict[str, Callable[[MutationContext], Iterator[Mutation]]] = {
    "type": _mutate_type,
    "type (and range)": _mutate_type,
    "type (1.0 is not an integer)": _mutate_strict_type,
    "type (1.0 is not an integer) (and range)": _mutate_strict_type,
    "enum": _mutate_enum,
    "const": _mutate_const,
    "minimum": _mutate_lower_bound,
    "exclusiveMinimum": _mutate_lower_bound,
    "minimum (beside a boolean)": _mutate_lower_bound,
    "exclusiveMinimum (boolean)": _mutate_lower_bound,
    "maximum": _mutate_upper_bound,
    "exclusiveMaximum": _mutate_upper_bound,
    "maximum (beside a boolean)": _mutate_upper_bound,
    "exclusiveMaximum (boolean)": _mutate_upper_bound,
    "multipleOf": _mutate_multiple_of,
    "minLength": _mutate_min_length,
    "maxLength": _mutate_max_length,
    "pattern": _mutate_pattern,
    "format": _mutate_format,
    "contentEncoding": _mutate_content_encoding,
    "contentMediaType": _construct_only,
    "minItems": _mutate_min_items,
    "maxItems": _mutate_max_items,
    "uniqueItems": _mutate_unique_items,
    "contains": _construct_only,
    "minContains": _construct_only,
    "maxContains": _construct_only,
    "unevaluatedItems": _construct_only,
    "minProperties": _mutate_min_properties,
    "maxProperties": _mutate_max_properties,
    "hidden": _construct_only,
    "required": _mutate_required,
    "dependentRequired": _construct_only,
    "dependencies": _construct_only,
    "additionalProperties": _mutate_additional_properties,
    "additionalItems": _mutate_additional_items,
    "unevaluatedProperties": _construct_only,
    "anyOf": _construct_only,
    "oneOf": _construct_only,
    "not": _construct_only,
}
"""The mutator of every keyword that can be violated."""
