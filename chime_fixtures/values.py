"""Valid values for any driven schema, constructed from its nodes; the choices come from a source.

`RandomSource` makes them from a seed. `strategies.py` lets Hypothesis make them, so that one construction serves both.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

from chime_fixtures.contract import Contract, instances
from chime_fixtures.contract.nodes import Arrays, Constants, Node, Numbers, Objects, Shape, Strings
from chime_fixtures.languages import Language

DEPTH = 4
"""How many levels a value may have beyond those that the schema asks for."""

FREE_ITEMS = 6
"""How many items a list has at most when the schema sets no limit."""

FREE_LENGTH = 24
"""How many characters beyond its shortest a string has at most when the schema sets no limit."""

_PRESENCE = (12, 6, 4, 3, 2, 1, 1)
"""From which choice in 0..15 on an optional member is present, by how crowded the object is.

Zero always means absent, so that members shrink away one by one; the most crowded objects often have all of them.
"""


class Source(Protocol):
    """Where choices come from; the first of the possible ones is the simplest."""

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, both included."""

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer with a bound or none on either side."""

    def fraction(self, low: float | None, high: float | None) -> float:
        """A finite number that may have a fraction, both bounds included."""

    def text(self, most: int) -> str:
        """Any text of at most so many characters."""


class RandomSource:
    """Choices from a pseudo-random generator; the same on every platform."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        """An integer between two bounds, each as likely."""
        return low + int(self._rng.random() * (high - low + 1))

    def wide_integer(self, low: int | None, high: int | None) -> int:
        """An integer whose number of bits is as likely to be small as large, on the side of zero that has room."""
        offset = self._rng.getrandbits(self.integer(1, 64))
        if low is not None and low >= 0:
            value = low + offset
        elif high is not None and high <= 0:
            value = high - offset
        else:
            value = offset if self._rng.random() < 0.5 else -offset
        value = value if low is None else max(value, low)
        return value if high is None else min(value, high)

    def fraction(self, low: float | None, high: float | None) -> float:
        """A number of at most three decimals, where the bounds leave room for one."""
        start = low if low is not None else (high - 1000 if high is not None else -1000)
        end = high if high is not None else start + 2000
        return min(max(round(start + self._rng.random() * (end - start), 3), start), end)

    def text(self, most: int) -> str:
        """Printable ASCII, now and then with letters from elsewhere."""
        size = self.integer(0, most)
        pick = self._rng.random
        wide = pick() < 0.2
        return "".join(
            chr(0xC0 + int(pick() * 0x300) if wide and pick() < 0.3 else 0x20 + int(pick() * 95)) for _ in range(size)
        )


Build = Callable[[Source, int], Any]


class Builder:
    """The construction of one contract's values: every node is compiled once, on first use."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._compiled: dict[Node, Build] = {}

    def build(self, source: Source) -> Any:
        """One valid value."""
        assert self.root.height is not None
        return self.of(self.root)(source, self.root.height + DEPTH)

    def of(self, node: Node) -> Build:
        """The construction of one node's values: takes a source, and how many levels there is room for."""
        known = self._compiled.get(node)
        if known is None:
            # Recursive schemas come back to this node before it is compiled: they look it up when they draw.
            def later(source: Source, room: int) -> Any:
                return self._compiled[node](source, room)

            self._compiled[node] = later
            known = self._compiled[node] = self._compile(node)
        return known

    def _compile(self, node: Node) -> Build:
        builds = [(self._height(shape), self._shape(shape)) for shape in node.shapes]
        if len(builds) == 1:
            return builds[0][1]

        def build(source: Source, room: int) -> Any:
            fitting = [made for height, made in builds if height is not None and height <= room]
            return fitting[source.integer(0, len(fitting) - 1)](source, room)

        return build

    @staticmethod
    def _height(shape: Shape) -> int | None:
        needed: list[Node] = []
        if isinstance(shape, Arrays) and shape.least:
            needed = [shape.items]
        elif isinstance(shape, Objects):
            needed = [shape.members[name] for name in shape.required]
        heights = [child.height for child in needed]
        return None if None in heights else max((height + 1 for height in heights if height is not None), default=0)

    def _shape(self, shape: Shape) -> Build:
        match shape:
            case Constants(values):
                return _constants(values)
            case Numbers():
                return _integers(shape) if shape.is_integer else _numbers(shape)
            case Strings(language):
                return strings(language)
            case Arrays():
                return self._array(shape)
            case Objects():
                return self._object(shape)

    def _array(self, shape: Arrays) -> Build:
        item = self.of(shape.items) if shape.items.height is not None else None
        height = shape.items.height
        least = shape.least
        most = shape.most if shape.most is not None else least + FREE_ITEMS
        spread = min(most, least + FREE_ITEMS)

        def build(source: Source, room: int) -> list[Any]:
            if item is None or height is None or height >= room:
                return []
            # One past the spread stands for the greatest number that is allowed.
            size = source.integer(least, spread + (most > spread))
            size = most if size > spread else size
            if not shape.is_unique:
                return [item(source, room - 1) for _ in range(size)]
            made: dict[Any, Any] = {}
            for _ in range(size * 4 + 40):
                if len(made) >= size:
                    break
                value = item(source, room - 1)
                made.setdefault(instances.key(value), value)
            return list(made.values())

        return build

    def _object(self, shape: Objects) -> Build:
        required = [(name, self.of(shape.members[name])) for name in shape.required]
        optional = [
            (name, self.of(shape.members[name]), height)
            for name in shape.optional
            if (height := shape.members[name].height) is not None
        ]
        order = list(shape.members)
        is_ordered = not required or not optional

        def build(source: Source, room: int) -> dict[str, Any]:
            value = {name: made(source, room - 1) for name, made in required}
            threshold = _PRESENCE[source.integer(0, len(_PRESENCE) - 1)] if optional else 0
            for name, made, height in optional:
                if height < room and source.integer(0, 15) >= threshold:
                    value[name] = made(source, room - 1)
            return value if is_ordered else {name: value[name] for name in order if name in value}

        return build


def _constants(values: tuple[Any, ...]) -> Build:
    last = len(values) - 1
    if not last:
        return lambda source, room: values[0]
    return lambda source, room: values[source.integer(0, last)]


_ENDS = (2**31 - 1, 2**31, 2**53 + 1)
"""Where integers outgrow what readers hold them in."""

_FAR = 2**128
_NEAR = 2**20
"""Hypothesis draws evenly from a range that is not greater."""

_PAD = 64
"""So many of the draws nearest to a lone bound mean the bound itself."""


def _integers(shape: Numbers) -> Build:
    low, high = shape.least_integer, shape.greatest_integer
    ends = [end for end in _ENDS if shape.admits(end) and end != high]
    caps = [high, *([low] if low is not None and high is None else []), *ends, *ends]
    last = len(caps) - 1
    # A draw from a wider range, moved to the nearest that is allowed: the ends come often, and a value that fails
    # shrinks from there step by step.
    is_narrow = low is not None and high is not None and high - low < _NEAR
    if low is not None and high is not None and is_narrow:
        beyond = (high - low) // 4 + 1
        start, end = low - beyond, high + beyond
    else:
        start = -_FAR if low is None else low - _PAD
        end = high + _PAD if high is not None and high <= 0 else max(_FAR, start + _FAR)

    def build(source: Source, room: int) -> int:
        cap = caps[source.integer(0, last)] if last else high
        if low is not None and cap == low:
            return low
        if is_narrow:
            value = source.integer(start, end)
        else:
            value = source.wide_integer(start, end if cap is not None else None)
            if cap != high:
                # The greater of two is far enough to reach the end about every second time.
                value = max(value, source.wide_integer(start, end))
        if low is not None and value < low:
            return low
        return cap if cap is not None and value > cap else value

    return build


def _numbers(shape: Numbers) -> Build:
    integers = shape.least_integer, shape.greatest_integer
    has_integers = None in integers or integers[0] <= integers[1]  # type: ignore[operator]  # None was excluded
    whole = _integers(shape)
    low = None if shape.low is None else float(shape.low)
    high = None if shape.high is None else float(shape.high)

    def build(source: Source, room: int) -> int | float:
        if has_integers and source.integer(0, 1) == 0:
            return whole(source, room)  # type: ignore[no-any-return]
        value = source.fraction(low, high)
        if shape.admits(value):
            return value
        # An excluded end was hit: the middle of what is left never is one.
        return (
            value
            + (high if value == low and high is not None else low if low is not None and value == high else value + 1)
        ) / 2

    return build


def strings(language: Language) -> Build:
    """The construction of a language's strings: a length first, then a text that the member follows."""
    shortest = language.shortest or 0
    limit = language.longest if language.longest is not None else shortest + FREE_LENGTH
    lengths = language.lengths(limit)
    if len(lengths) == 1:
        only = lengths[0]
        return lambda source, room: language.member(only, source.text(min(only, 16)))
    last = len(lengths) - 1
    # The index grows with the length, so that shrinking it shortens the string. Each end weighs as much as all lengths
    # together: Hypothesis makes most examples from a few fresh ones, so that what is rare may not come at all.
    weight = max(1, len(lengths))

    def build(source: Source, room: int) -> str:
        index = source.integer(0, last + 2 * weight) - weight
        length = lengths[min(max(index, 0), last)]
        return language.member(length, source.text(min(length, 16)))

    return build


def generate(schema: Contract | dict[str, Any] | bool, *, seed: int = 0, index: int = 0) -> Any:
    """Valid value number `index` of a seed: a pure function of the schema and these two.

    Raises:
        UnsupportedSchemaError: the schema asks for what the engine does not drive.
        UnsatisfiableSchemaError: no value satisfies it.
    """
    contract = Contract.of(schema)
    return builder_of(contract).build(RandomSource(random.Random(f"{seed}:{index}")))


def builder_of(contract: Contract) -> Builder:
    """The builder of a contract, made once."""
    if contract.root not in _BUILDERS:
        _BUILDERS[contract.root] = Builder(contract.root)
    return _BUILDERS[contract.root]


_BUILDERS: dict[Node, Builder] = {}
