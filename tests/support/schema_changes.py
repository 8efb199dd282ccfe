"""Small changes of random schemas, so that two schemas differ at few locations, and of values, so that they are smaller."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

MAX_CHANGES = 2
KEPT = frozenset({"$defs", "$ref", "one"})


def changed(schema: dict[str, Any], seed: int) -> dict[str, Any]:
    """A copy of a schema in which some keywords are removed, or have another number or fewer values."""
    rng = random.Random(f"change {seed}")
    copied = copy.deepcopy(schema)
    for _ in range(rng.randint(1, MAX_CHANGES)):
        members = [(parent, name) for parent in _objects(copied) for name in parent if name not in KEPT]
        if members:
            _change(*rng.choice(members), rng)
    return copied


def _objects(value: Any) -> list[dict[str, Any]]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict) else []), *(each for part in parts for each in _objects(part))]


def _change(parent: dict[str, Any], name: str, rng: random.Random) -> None:
    value = parent[name]
    if isinstance(value, list) and len(value) > 1:
        value.pop()
    elif isinstance(value, int | float) and not isinstance(value, bool) and rng.random() < 0.7:
        least = 0.5 if name == "multipleOf" else 0
        parent[name] = max(least, value + rng.choice([-1, 1]))
    else:
        del parent[name]


def smaller_values(value: Any) -> Iterator[Any]:
    """The values that are one step smaller: a member or an item less, a character less, a number nearer to 0."""
    if isinstance(value, dict):
        for name, member in value.items():
            rest = {other: each for other, each in value.items() if other != name}
            yield rest
            yield from ({**value, name: smaller} for smaller in smaller_values(member))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield [*value[:index], *value[index + 1 :]]
            yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in smaller_values(item))
    elif isinstance(value, str):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
    elif isinstance(value, int | float) and not isinstance(value, bool) and value:
        yield from (each for each in (0, value // 2, value - (1 if value > 0 else -1)) if abs(each) < abs(value))
