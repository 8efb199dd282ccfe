"""One breaker for each keyword: it proposes values that break it. The catalogue has the judge decide about each.

Proposals are slips that people and programs make: one character too many, another case, a number as text, half a date.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from chime_fixtures.engine import instances
from chime_fixtures.engine.cases.format_mistakes import format_mistakes
from chime_fixtures.engine.cases.ground import LONG, Mutation, MutationContext
from chime_fixtures.engine.cases.text_mistakes import overlong, text_mistakes
from chime_fixtures.engine.normal_form.nodes import Arrays, Numbers, Strings
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.dialects import MAX_COUNT
from chime_fixtures.engine.values import RandomChoices
from chime_fixtures.engine.values.arrays import MIN_SHALLOW_ITEMS


def _break_type(ground: MutationContext) -> Iterator[Mutation]:
    """One value of each JSON type that is not allowed, then the value itself as another type writes it."""
    types = ground.assertion.value
    allowed = {types} if isinstance(types, str) else set(types)
    value = ground.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if "null" not in allowed:
        yield "null", None
    if "boolean" not in allowed:
        yield "boolean", True
    if not allowed & {"integer", "number"}:
        yield "integer", _number_of(ground)
    elif "number" not in allowed:
        # Above that a half may be lost in the rounding.
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


def _number_of(ground: MutationContext) -> int:
    """A number that would do if it were text: the digits of the valid value, where they alone are valid too."""
    digits = "".join(filter(DIGITS.__contains__, ground.value)) if isinstance(ground.value, str) else ""
    strings = ground.node.branch(Strings)
    is_text = strings is not None and digits in strings.language
    return int(digits) if is_text and 0 < len(digits) <= LONGEST_NUMBER and digits[0] != "0" else 1


DIGITS = frozenset("0123456789")

LONGEST_NUMBER = 15
"""So many digits each reader of JSON tells apart."""

NEAREST = 4
"""Of so many other enumerations a value is taken, those beside it in the contract first."""


def _break_enum(ground: MutationContext) -> Iterator[Mutation]:
    yield None, "Unknown"
    own = ground.assertion.value
    for value in own:
        if isinstance(value, str) and value:
            yield "upper-case", value.upper()
            yield "lower-case", value.lower()
            yield "leading-blank", " " + value
            yield "trailing-blank", value + " "
            yield "prefix", value[:-1]
            yield "empty", ""
            break
    words = (re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", value) for value in own if isinstance(value, str))
    yield from (("underscores", word.upper()) for word in words if "_" in word)
    yield from _of_neighbours(ground)
    for value in (2**31, 1.5, True, None, [], {}):
        yield f"other-{instances.json_type(value)}", value


def _of_neighbours(ground: MutationContext) -> Iterator[Mutation]:
    own = ground.assertion.value
    here = next((index for index, (_, values) in enumerate(ground.neighbours) if values == tuple(own)), 0)
    nearest = sorted(enumerate(ground.neighbours), key=lambda each: abs(each[0] - here))
    others = [(name, [value for value in values if value not in own]) for _, (name, values) in nearest]
    yield from ((f"of-{name}", values[0]) for name, values in [each for each in others if each[1]][:NEAREST])


def _break_const(ground: MutationContext) -> Iterator[Mutation]:
    value = ground.assertion.value
    others: tuple[Any, ...] = (f"{value}-", 0, 1, True, None, [], {})
    yield from ((None, other) for other in others if not instances.equal(other, value))


_EXACT = 2**53
"""To a greater number a double can't add a half."""


def _beyond(ground: MutationContext, step: int) -> Iterator[Mutation]:
    limit = ground.assertion.value
    numbers = ground.node.branch(Numbers)
    if ground.assertion.keyword.startswith("exclusive"):
        yield "at-the-bound", limit
    yield None, (int(limit) + step if instances.is_integer(limit) else limit + step)
    # Cut to 32 bits it is the limit itself.
    yield "far", int(limit) + step * 2**32
    if limit * step < 0:
        yield "negated" if limit else "zero", -limit
    if numbers is not None and not numbers.is_integer and abs(limit) < _EXACT:
        yield "by-a-fraction", limit + step * 0.5


def _break_low(ground: MutationContext) -> Iterator[Mutation]:
    yield from _beyond(ground, -1)


def _break_high(ground: MutationContext) -> Iterator[Mutation]:
    yield from _beyond(ground, 1)


def _unbounded(ground: MutationContext) -> Language:
    """What the patterns and formats of the place ask, without its lengths."""
    language = ground.node.require_branch(Strings).language
    return Language(language.dfa)


def _break_max_length(ground: MutationContext) -> Iterator[Mutation]:
    limit = ground.assertion.value
    language = _unbounded(ground)
    if limit > LONG:
        return
    for variant, length in ((None, limit + 1), ("twice", limit * 2 + 2)):
        text = ground.text(language, length)
        if text is not None:
            yield variant, text
    yield from overlong(str(ground.value), limit)
    lengths = [length for length in language.lengths(limit * 4 + 64) if length > limit]
    if lengths:
        yield None, ground.text(language, lengths[0])


def _break_min_length(ground: MutationContext) -> Iterator[Mutation]:
    limit = ground.assertion.value
    language = _unbounded(ground)
    for length in sorted({limit - 1, 0}, reverse=True):
        text = ground.text(language, length) if length >= 0 else None
        if text is not None:
            yield ("empty" if limit > 1 and not length else None), text
    yield None, "0" * (limit - 1)


def _break_pattern(ground: MutationContext) -> Iterator[Mutation]:
    strings = ground.node.require_branch(Strings)
    language = strings.language
    for length in dict.fromkeys((len(ground.value), language.longest, language.shortest)):
        if length is not None and length <= LONG and language.has_length(length):
            yield from text_mistakes(language.construct(length, str(ground.value)), language)
    outside = _unbounded(ground).complement().between(strings.min_length, strings.max_length)
    if outside.shortest is not None:
        yield "shortest", outside.construct(outside.shortest, "a")
        if outside.longest is not None:
            lengths = outside.lengths(min(outside.longest, max(LONG, outside.shortest)))
            yield "longest", outside.construct(lengths[-1], " ")


def _break_format(ground: MutationContext) -> Iterator[Mutation]:
    yield from format_mistakes(ground.assertion.value)
    yield "trailing-newline", f"{ground.value}\n"


def _items(ground: MutationContext, size: int) -> list[Any]:
    made = list(ground.value)[:size]
    if not ground.node.require_branch(Arrays).items.is_satisfiable:
        return made
    node = ground.node.require_branch(Arrays).items
    item, room = ground.builder.of(node), 9 if size < MIN_SHALLOW_ITEMS else node.min_depth or 0
    for seed in range(size * 8):
        if len(made) >= size:
            break
        value = item(RandomChoices(random.Random(seed)), room)
        if not ground.node.require_branch(Arrays).is_unique or not any(instances.equal(value, other) for other in made):
            made.append(value)
    return made


def _break_max_items(ground: MutationContext) -> Iterator[Mutation]:
    if ground.assertion.value <= MAX_COUNT:
        yield None, _items(ground, ground.assertion.value + 1)


def _break_min_items(ground: MutationContext) -> Iterator[Mutation]:
    yield None, _items(ground, ground.assertion.value - 1)
    if ground.assertion.value > 1:
        yield "empty", []


def _break_unique(ground: MutationContext) -> Iterator[Mutation]:
    made = _items(ground, max(2, len(ground.value)))
    if made:
        yield None, [*made[:-1], made[0]] if len(made) > 1 else [made[0], made[0]]
        yield "at-the-end", [*made, made[0]]


def _break_multiple(ground: MutationContext) -> Iterator[Mutation]:
    step, value = ground.assertion.value, ground.value
    if abs(value) > min(step * 2**32, _EXACT):
        # Of so great a number a double may not hold the half step.
        value = 0
    yield None, value + step / 2
    yield "one-more", value + 1
    yield "hundredth", value + step / 100


def _break_min_properties(ground: MutationContext) -> Iterator[Mutation]:
    for size in dict.fromkeys((ground.assertion.value - 1, 0)):
        variant = None if size else "empty"
        yield variant, dict(list(ground.value.items())[: max(size, 0)])


def _break_max_properties(ground: MutationContext) -> Iterator[Mutation]:
    if ground.assertion.value > MAX_COUNT:
        return
    made = dict(ground.value)
    for number in range(max(ground.assertion.value + 1 - len(made), 0)):
        made[f"unknown{number}"] = next(iter(ground.value.values()), None)
    yield None, made


def _break_required(ground: MutationContext) -> Iterator[Mutation]:
    if isinstance(ground.value, dict):
        yield ground.part, {name: item for name, item in ground.value.items() if name != ground.part}


def _break_additional(ground: MutationContext) -> Iterator[Mutation]:
    yield None, {**ground.value, "unknown": None}
    for name in ground.value:
        yield "other-case", {**ground.value, name.swapcase(): ground.value[name]}
        break


MUTATORS: dict[str, Callable[[MutationContext], Iterator[Mutation]]] = {
    "type": _break_type,
    "enum": _break_enum,
    "const": _break_const,
    "minimum": _break_low,
    "exclusiveMinimum": _break_low,
    "maximum": _break_high,
    "exclusiveMaximum": _break_high,
    "minLength": _break_min_length,
    "maxLength": _break_max_length,
    "pattern": _break_pattern,
    "format": _break_format,
    "minItems": _break_min_items,
    "maxItems": _break_max_items,
    "uniqueItems": _break_unique,
    "multipleOf": _break_multiple,
    "minProperties": _break_min_properties,
    "maxProperties": _break_max_properties,
    "required": _break_required,
    "additionalProperties": _break_additional,
}
