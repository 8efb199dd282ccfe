"""One breaker for each keyword: it proposes values that break it. The catalogue has the judge decide about each.

Proposals are slips that people and programs make: one character too many, another case, a number as text, half a date.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from chime_fixtures.contract import instances
from chime_fixtures.contract.heights import shape_height
from chime_fixtures.contract.keywords import ARRAY, NUMBER, OBJECT, STRING
from chime_fixtures.contract.nodes import Arrays, Assertion, Node, Numbers, Objects, Strings
from chime_fixtures.contract.routes import Breach
from chime_fixtures.languages import Language, near_misses
from chime_fixtures.values import Builder, RandomSource

Proposal = tuple[str | None, Any]
"""The name of a variant, and a value that breaks the keyword; the plainest variant has no name."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a breaker has to stand on: the node, the assertion and its part to break, a valid value, the builder."""

    node: Node
    assertion: Assertion
    value: Any
    builder: Builder
    part: Any = None

    def text(self, language: Language, length: int) -> str | None:
        """A member of that length that looks like the valid value; None when there is none."""
        return language.member(length, str(self.value)) if language.has_length(length) else None


LONG = 2**14
"""Slips are not made of longer strings, which cost more than they tell; a longer one is constructed once."""

_SPEAKS_OF: dict[str, type[Any]] = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), Strings),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), Arrays),
    **dict.fromkeys(("required", "additionalProperties", "minProperties", "maxProperties"), Objects),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), Numbers),
}
_KINDS: dict[type[Any], str] = {Strings: STRING, Arrays: ARRAY, Objects: OBJECT, Numbers: NUMBER}


def ground_of(node: Node, breach: Breach, value: Any, builder: Builder) -> Ground | None:
    """The ground for a breach, with a value of the kind that its keyword speaks of; None where there is none."""
    limit = breach.value
    if breach.keyword.endswith(("Length", "Items", "Properties")) and isinstance(limit, float):
        limit = int(limit)
    kind = _SPEAKS_OF.get(breach.keyword)
    if kind is not None:
        shapes = [shape for shape in node.shapes if isinstance(shape, kind) and shape_height(shape) is not None]
        if not shapes:
            return None
        if instances.kind(value) != _KINDS[kind]:
            value = builder.of_shape(shapes[0])(RandomSource(random.Random(0)), (node.height or 0) + 4)
    return Ground(node, Assertion(breach.keyword, limit, breach.schema_pointer), value, builder, breach.route.part)


_SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 1,
    "number": 1.5,
    "string": "1",
    "array": [],
    "object": {},
}


def _break_type(ground: Ground) -> Iterator[Proposal]:
    types = ground.assertion.value
    allowed = {types} if isinstance(types, str) else set(types)
    if "number" in allowed:
        allowed.add("integer")
    for name, sample in _SAMPLES.items():
        if name not in allowed:
            yield name, sample
    value = ground.value
    if not allowed & {"array"}:
        yield "wrapped", [value]
    if isinstance(value, list) and value:
        yield "unwrapped", value[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield "as-text", str(value)


def _break_enum(ground: Ground) -> Iterator[Proposal]:
    yield None, "Unknown"
    for value in ground.assertion.value:
        if isinstance(value, str) and value:
            yield "upper-case", value.upper()
            yield "lower-case", value.lower()
            yield "leading-blank", " " + value
            yield "trailing-blank", value + " "
            yield "prefix", value[:-1]
            yield "empty", ""
            break
    for value in (2**31, 1.5, True, None, [], {}):
        yield f"other-{instances.kind(value)}", value


def _break_const(ground: Ground) -> Iterator[Proposal]:
    value = ground.assertion.value
    others: tuple[Any, ...] = (f"{value}-", 0, 1, True, None, [], {})
    yield from ((None, other) for other in others if not instances.equal(other, value))


def _beyond(ground: Ground, step: int) -> Iterator[Proposal]:
    limit = ground.assertion.value
    numbers = ground.node.shape(Numbers)
    if ground.assertion.keyword.startswith("exclusive"):
        yield "at-the-bound", limit
    yield None, (int(limit) + step if float(limit).is_integer() else limit + step)
    yield "far", int(limit) + step * 2**31
    if limit * step < 0:
        yield "negated" if limit else "zero", -limit
    if numbers is not None and not numbers.is_integer:
        yield "by-a-fraction", limit + step * 0.5


def _break_low(ground: Ground) -> Iterator[Proposal]:
    yield from _beyond(ground, -1)


def _break_high(ground: Ground) -> Iterator[Proposal]:
    yield from _beyond(ground, 1)


def _unbounded(ground: Ground) -> Language:
    """What the patterns and formats of the place ask, without its lengths."""
    language = ground.node.shape(Strings).language
    return Language(language.automaton)


def _break_max_length(ground: Ground) -> Iterator[Proposal]:
    limit = ground.assertion.value
    language = _unbounded(ground)
    if limit > LONG:
        return
    for variant, length in ((None, limit + 1), ("twice", limit * 2 + 2)):
        text = ground.text(language, length)
        if text is not None:
            yield variant, text
            yield f"{variant}-astral" if variant else "astral", "\U0001f600" * length
    lengths = [length for length in language.lengths(limit * 4 + 64) if length > limit]
    if lengths:
        yield None, ground.text(language, lengths[0])


def _break_min_length(ground: Ground) -> Iterator[Proposal]:
    limit = ground.assertion.value
    language = _unbounded(ground)
    for length in sorted({limit - 1, 0}, reverse=True):
        text = ground.text(language, length) if length >= 0 else None
        if text is not None:
            yield ("empty" if limit > 1 and not length else None), text
    yield None, "0" * (limit - 1)


def _edits(value: str) -> Iterator[Proposal]:
    """A valid text with one slip: the ones that people and programs make."""
    yield "empty", ""
    yield "blank", " "
    yield "blank-tab", "\t"
    yield "blank-no-break", "\u00a0"
    yield "blank-ideographic", "\u3000"
    yield "blank-byte-order-mark", "\ufeff"
    yield "one-fewer", value[:-1]
    yield "one-more", value + value[-1:]
    yield "leading-zero", "0" + value.lstrip("+")
    yield "zero-first", "+0" + value[2:]
    yield "lower-case", value.lower()
    yield "upper-case", value.upper()
    yield "letter-o", value[:-1] + "O"
    yield "inner-blank", value[:1] + " " + value[1:]
    yield "leading-blank", " " + value
    yield "trailing-blank", value + " "
    yield "trailing-newline", value + "\n"
    yield "leading-newline", "\n" + value
    yield (
        "unicode-digits",
        "".join(chr(ord(char) + 0x0660 - 0x30) if char.isdigit() and char.isascii() else char for char in value),
    )
    yield "one-unicode-digit", value[:-1] + "\u0661"
    yield "hyphens", value[:2] + "-" + value[2:]
    yield "letters", "a" * max(len(value), 1)
    yield "punctuation", value[:-1] + "#"


def _break_pattern(ground: Ground) -> Iterator[Proposal]:
    strings = ground.node.shape(Strings)
    language = strings.language
    for length in dict.fromkeys((len(ground.value), language.longest, language.shortest)):
        if length is not None and length <= LONG and language.has_length(length):
            yield from _edits(language.member(length, str(ground.value)))
    outside = (~_unbounded(ground)).between(strings.shortest, strings.longest)
    if outside.shortest is not None:
        limit = outside.longest if outside.longest is not None else outside.shortest + 16
        lengths = outside.lengths(min(limit, max(LONG, outside.shortest)))
        yield "shortest", outside.member(lengths[0], "a")
        yield "longest", outside.member(lengths[-1], " ")


def _break_format(ground: Ground) -> Iterator[Proposal]:
    yield from near_misses(ground.assertion.value)
    yield "trailing-newline", f"{ground.value}\n"


def _items(ground: Ground, size: int) -> list[Any]:
    made = list(ground.value)[:size]
    item = ground.builder.of(ground.node.shape(Arrays).items)
    for seed in range(size * 8):
        if len(made) >= size:
            break
        value = item(RandomSource(random.Random(seed)), 9)
        if not ground.node.shape(Arrays).is_unique or not any(instances.equal(value, other) for other in made):
            made.append(value)
    return made


def _break_max_items(ground: Ground) -> Iterator[Proposal]:
    yield None, _items(ground, ground.assertion.value + 1)


def _break_min_items(ground: Ground) -> Iterator[Proposal]:
    yield None, _items(ground, ground.assertion.value - 1)
    if ground.assertion.value > 1:
        yield "empty", []


def _break_unique(ground: Ground) -> Iterator[Proposal]:
    made = _items(ground, max(2, len(ground.value)))
    if made:
        yield None, [*made[:-1], made[0]] if len(made) > 1 else [made[0], made[0]]
        yield "at-the-end", [*made, made[0]]


def _break_multiple(ground: Ground) -> Iterator[Proposal]:
    step, value = ground.assertion.value, ground.value
    yield None, value + step / 2
    yield "one-more", value + 1
    yield "hundredth", value + step / 100


def _break_min_properties(ground: Ground) -> Iterator[Proposal]:
    for size in dict.fromkeys((ground.assertion.value - 1, 0)):
        variant = None if size else "empty"
        yield variant, dict(list(ground.value.items())[: max(size, 0)])


def _break_max_properties(ground: Ground) -> Iterator[Proposal]:
    made = dict(ground.value)
    for number in range(max(ground.assertion.value + 1 - len(made), 0)):
        made[f"unknown{number}"] = next(iter(ground.value.values()), None)
    yield None, made


def _break_required(ground: Ground) -> Iterator[Proposal]:
    if isinstance(ground.value, dict):
        yield ground.part, {name: item for name, item in ground.value.items() if name != ground.part}


def _break_additional(ground: Ground) -> Iterator[Proposal]:
    yield None, {**ground.value, "unknown": None}
    for name in ground.value:
        yield "other-case", {**ground.value, name.swapcase(): ground.value[name]}
        break


BREAKERS: dict[str, Callable[[Ground], Iterator[Proposal]]] = {
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
