"""The finite catalogue of every way to break a contract, one constraint at a time.

For each constraint its breaker proposes values; each is put into a full, otherwise valid instance; and only those stay of
which the judge says that they break exactly that constraint and nothing else. Whatever the second voice accepts is contested.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract import Constraint, Contract, Violation, instances
from chime_fixtures.contract.nodes import Arrays, Assertion, Node, Numbers, Objects, Strings
from chime_fixtures.contract.judge import SECOND_VOICE
from chime_fixtures.languages import Language
from chime_fixtures.values import Builder, RandomSource, builder_of

Proposal = tuple[str | None, Any]


@dataclass(frozen=True, slots=True)
class Implied:
    """A constraint that can't be broken alone, and the constraints that break with it."""

    constraint: Constraint
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.constraint} can't be broken alone: {', '.join(self.by) or 'nothing breaks it'}"


def enumerate_violations(
    schema: Contract | dict[str, Any] | bool,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
) -> tuple[Violation, ...]:
    """Every labelled violation of a schema, in the schema's order; the same ones each time.

    Args:
        schema: a contract, or a JSON Schema of draft 2020-12.
        pointer: only those that are reported at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.

    Raises:
        UnsupportedSchemaError: the schema asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value satisfies it.
    """
    return tuple(
        violation
        for violation in _catalogue(Contract.of(schema)).violations
        if (pointer is None or violation.pointer == pointer)
        and (keyword is None or violation.keyword == keyword)
        and (contested or not violation.contested)
    )


def enumerate_implied(schema: Contract | dict[str, Any] | bool) -> tuple[Implied, ...]:
    """The constraints that can't be broken alone, each with those that break with it."""
    return _catalogue(Contract.of(schema)).implied


def breakages(contract: Contract, violation: Violation, around: Any) -> Violation:
    """The same fault in another, valid instance, where it still is the only one; else the violation as it is."""
    try:
        instance = _transplant(violation, around)
    except LookupError:
        return violation
    return replace(violation, instance=instance) if _is_only(contract, violation, instance) else violation


def _transplant(violation: Violation, around: Any) -> Any:
    """The instance `around` with the value at the first step of the fault's way taken over."""
    tokens = json_pointer.split(violation.pointer)
    if not tokens or not isinstance(around, dict):
        raise LookupError(violation.pointer)
    return {**around, tokens[0]: violation.instance[tokens[0]]}


def _is_only(contract: Contract, violation: Violation, instance: Any) -> bool:
    found = contract.check(instance)
    return len(found) == 1 and _label(found[0]) == _label(violation)


def _label(violation: Violation) -> tuple[str, str, str]:
    return violation.pointer, violation.keyword, violation.schema_pointer


# Places ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One place of an instance: its node, its path with `*` for items, its pointer in the full instance."""

    node: Node
    path: str
    pointer: str


def places(contract: Contract) -> tuple[Any, list[Place]]:
    """A full valid instance, and every place in it that the schema speaks of; a recursive one is entered once."""
    builder = builder_of(contract)
    instance = _full(builder, contract.root, ())
    return instance, list(_places(contract.root, "", "", instance, ()))


def _full(builder: Builder, node: Node, above: tuple[Node, ...]) -> Any:
    """A plain value with every member present and two items in each list that may have them."""
    objects, arrays = node.shape(Objects), node.shape(Arrays)
    if objects is not None:
        inner = (*above, node)
        return {
            name: _full(builder, child, inner)
            for name, child in objects.members.items()
            if child.height is not None and (name in objects.required or child not in inner)
        }
    if arrays is not None:
        size = min(max(arrays.least, 2), arrays.most if arrays.most is not None else 2)
        if arrays.items.height is None or (arrays.items in above and not arrays.least):
            return []
        if not arrays.is_unique:
            return [_full(builder, arrays.items, (*above, node)) for _ in range(size)]
        return builder.of(node)(RandomSource(random.Random(0)), (node.height or 0) + 1)
    return plain(builder, node)


def plain(builder: Builder, node: Node) -> Any:
    """An unremarkable value of a node without parts: the first constant, a number in the middle, a readable text."""
    strings = node.shape(Strings)
    if strings is not None:
        language = strings.language
        lengths = language.lengths(max(language.shortest or 0, 8) + 32)
        wanted = [length for length in lengths if length >= 8] or lengths[-1:]
        return language.member(wanted[0], "Session1 12:00:00Z")
    return builder.of(node)(RandomSource(random.Random(0)), node.height or 0)


def _places(node: Node, path: str, pointer: str, value: Any, above: tuple[Node, ...]) -> Iterator[Place]:
    yield Place(node, path, pointer)
    if node in above:
        return
    if isinstance(value, dict) and (objects := node.shape(Objects)) is not None:
        for name, child in objects.members.items():
            if name in value:
                step = json_pointer.join([name])
                yield from _places(child, path + step, pointer + step, value[name], (*above, node))
    elif isinstance(value, list) and (arrays := node.shape(Arrays)) is not None:
        for index in range(min(len(value), 2)):
            yield from _places(arrays.items, path + "/*", f"{pointer}/{index}", value[index], (*above, node))


def put(instance: Any, pointer: str, value: Any) -> Any:
    """A copy of the instance with the value at the pointer."""
    tokens = json_pointer.split(pointer)
    if not tokens:
        return value
    changed = copy.deepcopy(instance)
    parent = json_pointer.resolve(changed, json_pointer.join(tokens[:-1]))
    parent[int(tokens[-1]) if isinstance(parent, list) else tokens[-1]] = value
    return changed


# The catalogue -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Catalogue:
    violations: tuple[Violation, ...]
    implied: tuple[Implied, ...]


@lru_cache(maxsize=64)
def _catalogue(contract: Contract) -> _Catalogue:
    instance, every = places(contract)
    builder = builder_of(contract)
    found: dict[str, Violation] = {}
    broken: set[str] = set()
    others: dict[str, dict[str, None]] = {}
    by_pointer = {item.schema_pointer: item for item in reversed(contract.constraints)}
    for place in every:
        value = json_pointer.resolve(instance, place.pointer)
        for assertion in place.node.assertions:
            for variant, proposal in _BREAKERS[assertion.keyword](_Ground(place.node, assertion, value, builder)):
                violation = _judged(contract, put(instance, place.pointer, proposal), place, assertion, variant, others)
                if violation is not None and violation.id.casefold() not in found:
                    found[violation.id.casefold()] = violation
                    broken.add(assertion.schema_pointer)
    implied = [
        Implied(constraint, tuple(others.get(pointer, ())))
        for pointer, constraint in by_pointer.items()
        if pointer not in broken
    ]
    return _Catalogue(tuple(found.values()), tuple(reversed(implied)))


def _judged(
    contract: Contract,
    instance: Any,
    place: Place,
    assertion: Assertion,
    variant: str | None,
    others: dict[str, dict[str, None]],
) -> Violation | None:
    complaints = contract.check(instance)
    own = [found for found in complaints if found.schema_pointer == assertion.schema_pointer]
    if len(complaints) != 1 or not own:
        if own:
            others.setdefault(assertion.schema_pointer, {}).update(
                (found.keyword, None) for found in complaints if found not in own
            )
        return None
    opinion = contract.judge.second_opinion(instance)
    if opinion == [(own[0].pointer, own[0].keyword)]:
        voices: tuple[str, ...] = ()
    elif opinion:
        return None
    else:
        voices = (SECOND_VOICE,)
    return replace(own[0], variant=variant, contested=voices)


# Breakers: each proposes values that break one keyword; the judge has the last word ----------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a breaker has to stand on: the node, the assertion to break, a valid value, the builder."""

    node: Node
    assertion: Assertion
    value: Any
    builder: Builder

    def text(self, language: Language, length: int) -> str | None:
        return language.member(length, str(self.value)) if language.has_length(length) else None


_SAMPLES: dict[str, Any] = {"null": None, "boolean": True, "integer": 1, "number": 1.5, "string": "1", "array": [], "object": {}}


def _break_type(ground: _Ground) -> Iterator[Proposal]:
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


def _break_enum(ground: _Ground) -> Iterator[Proposal]:
    yield "unknown", "Unknown"
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


def _break_const(ground: _Ground) -> Iterator[Proposal]:
    value = ground.assertion.value
    yield from ((None, other) for other in (f"{value}-", 0, 1, True, None, [], {}) if not instances.equal(other, value))


def _beyond(ground: _Ground, step: int) -> Iterator[Proposal]:
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


def _break_low(ground: _Ground) -> Iterator[Proposal]:
    yield from _beyond(ground, -1)


def _break_high(ground: _Ground) -> Iterator[Proposal]:
    yield from _beyond(ground, 1)


def _unbounded(ground: _Ground) -> Language:
    """What the patterns and formats of the place ask, without its lengths."""
    language = ground.node.shape(Strings).language
    return Language(language.automaton)


def _break_max_length(ground: _Ground) -> Iterator[Proposal]:
    limit = ground.assertion.value
    language = _unbounded(ground)
    for variant, length in ((None, limit + 1), ("twice", limit * 2 + 2)):
        text = ground.text(language, length)
        if text is not None:
            yield variant, text
            yield f"{variant}-astral" if variant else "astral", "\U0001f600" * length
    lengths = [length for length in language.lengths(limit * 4 + 64) if length > limit]
    if lengths:
        yield None, ground.text(language, lengths[0])


def _break_min_length(ground: _Ground) -> Iterator[Proposal]:
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
    yield "unicode-digits", "".join(chr(ord(char) + 0x0660 - 0x30) if char.isdigit() and char.isascii() else char for char in value)
    yield "one-unicode-digit", value[:-1] + "\u0661"
    yield "hyphens", value[:2] + "-" + value[2:]
    yield "letters", "a" * max(len(value), 1)
    yield "punctuation", value[:-1] + "#"


def _break_pattern(ground: _Ground) -> Iterator[Proposal]:
    strings = ground.node.shape(Strings)
    language = strings.language
    for length in dict.fromkeys((len(ground.value), language.longest, language.shortest)):
        if length is not None and language.has_length(length):
            yield from _edits(language.member(length, str(ground.value)))
    outside = (~_unbounded(ground)).between(strings.shortest, strings.longest)
    if outside.shortest is not None:
        limit = outside.longest if outside.longest is not None else outside.shortest + 16
        lengths = outside.lengths(limit)
        yield "shortest", outside.member(lengths[0], "a")
        yield "longest", outside.member(lengths[-1], " ")


_TIMES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("no-offset", lambda text: text[:19]),
    ("date-only", lambda text: text[:10]),
    ("no-seconds", lambda text: text[:16] + "Z"),
    ("blank-for-t", lambda text: text[:10] + " " + text[11:]),
    ("impossible-day", lambda text: text[:4] + "-02-30" + text[10:]),
    ("no-leap-day", lambda text: "2023-02-29" + text[10:]),
    ("month-13", lambda text: text[:4] + "-13" + text[7:]),
    ("hour-24", lambda text: text[:11] + "24:00:00Z"),
    ("hour-25", lambda text: text[:11] + "25" + text[13:]),
    ("minute-60", lambda text: text[:14] + "60" + text[16:]),
    ("offset-without-colon", lambda text: text[:19] + "+0000"),
    ("offset-of-hours", lambda text: text[:19] + "+00"),
    ("basic-format", lambda text: text.replace("-", "").replace(":", "")),
    ("empty-fraction", lambda text: text[:19] + ".Z"),
    ("comma-fraction", lambda text: text[:19] + ",5Z"),
    ("epoch-seconds", lambda text: "1586967000"),
    ("http-date", lambda text: "Wed, 15 Apr 2020 16:10:00 GMT"),
    ("trailing-newline", lambda text: text + "\n"),
    ("leading-blank", lambda text: " " + text),
    ("arabic-year", lambda text: "".join(chr(0x0660 + int(char)) for char in text[:4]) + text[4:]),
    ("empty", lambda text: ""),
    ("words", lambda text: "yesterday"),
)


def _break_format(ground: _Ground) -> Iterator[Proposal]:
    yield from ((variant, slip("2020-04-15T16:10:00Z")) for variant, slip in _TIMES)


def _items(ground: _Ground, size: int) -> list[Any]:
    made = list(ground.value)[:size]
    item = ground.builder.of(ground.node.shape(Arrays).items)
    for seed in range(size * 8):
        if len(made) >= size:
            break
        value = item(RandomSource(random.Random(seed)), 9)
        if not ground.node.shape(Arrays).is_unique or not any(instances.equal(value, other) for other in made):
            made.append(value)
    return made


def _break_max_items(ground: _Ground) -> Iterator[Proposal]:
    yield None, _items(ground, ground.assertion.value + 1)


def _break_min_items(ground: _Ground) -> Iterator[Proposal]:
    yield None, _items(ground, ground.assertion.value - 1)
    if ground.assertion.value > 1:
        yield "empty", []


def _break_unique(ground: _Ground) -> Iterator[Proposal]:
    made = _items(ground, max(2, len(ground.value)))
    if made:
        yield None, [*made[:-1], made[0]] if len(made) > 1 else [made[0], made[0]]
        yield "at-the-end", [*made, made[0]]


def _break_required(ground: _Ground) -> Iterator[Proposal]:
    for name in ground.assertion.value:
        yield name, {other: item for other, item in ground.value.items() if other != name}


def _break_additional(ground: _Ground) -> Iterator[Proposal]:
    yield None, {**ground.value, "unknown": None}
    for name in ground.value:
        yield "other-case", {**ground.value, name.swapcase(): ground.value[name]}
        break


_BREAKERS: dict[str, Callable[[_Ground], Iterator[Proposal]]] = {
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
    "required": _break_required,
    "additionalProperties": _break_additional,
}
