"""What is known of a value while schemas are read together: one record for each kind of JSON value.

A clause is one way to satisfy a goal. It starts with no facts; each keyword adds some; it may be copied where a
keyword leaves a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chime_fixtures.engine.dnf.requirements import Literal
from chime_fixtures.engine.instances import key, kind
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import ARRAY, NUMBER, OBJECT, STRING

Number = int | float


@dataclass(slots=True)
class NumberFacts:
    """Bounds, as (value, whether it is excluded), and multiples."""

    integer: bool | None = None
    low: tuple[Number, bool] | None = None
    high: tuple[Number, bool] | None = None
    multiples: tuple[Number, ...] = ()
    not_multiples: tuple[Number, ...] = ()

    def above(self, bound: Number, excluded: bool) -> None:
        """The value is at least, or more than, the bound."""
        if self.low is None or (bound, excluded) > self.low:
            self.low = (bound, excluded)

    def below(self, bound: Number, excluded: bool) -> None:
        """The value is at most, or less than, the bound."""
        if self.high is None or (bound, not excluded) < (self.high[0], not self.high[1]):
            self.high = (bound, excluded)


@dataclass(slots=True)
class StringFacts:
    """Languages that meet, and lengths."""

    languages: tuple[Language, ...] = ()
    shortest: int = 0
    longest: int | None = None

    def at_least(self, length: int) -> None:
        """There are so many at least."""
        self.shortest = max(self.shortest, length)

    def at_most(self, length: int) -> None:
        """There are so many at most."""
        self.longest = length if self.longest is None else min(self.longest, length)


@dataclass(frozen=True, slots=True)
class Region:
    """Names of members: those that a pattern finds, or all but some.

    Attributes:
        pattern: the pattern that has to be found in the name.
        names: names that are not in the region.
        patterns: patterns that must not be found in the name.
        tracker: a schema; the names that it has evaluated are not in the region.
    """

    pattern: str | None = None
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    tracker: Subschema | None = None


@dataclass(slots=True)
class ObjectFacts:
    """Members by name, by pattern and by what names they do not have.

    Attributes:
        named: what a member must be, by its name.
        patterns: what a member must be in whose name a pattern is found.
        closed: what a member must be that is in a region.
        exists: a member that must be there, in a region.
        names: what a name must be.
        bad_names: what the name of some member must not be.
        implied: members that bring others with them.
        evaluated: by schema with `unevaluatedProperties`: the names and patterns that are evaluated; None for all.
    """

    named: dict[str, tuple[Literal, ...]] = field(default_factory=dict)
    patterns: tuple[tuple[str, Literal], ...] = ()
    closed: tuple[tuple[Region, Literal], ...] = ()
    exists: tuple[tuple[Region, Literal], ...] = ()
    names: tuple[Literal, ...] = ()
    bad_names: tuple[Literal, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    implied: tuple[tuple[str, tuple[str, ...]], ...] = ()
    least: int = 0
    most: int | None = None
    evaluated: dict[Subschema, Region | None] = field(default_factory=dict)

    def copy(self) -> ObjectFacts:
        """The same facts, to which others may be added."""
        return replace(self, named=dict(self.named), evaluated=dict(self.evaluated))

    def member(self, name: str, literal: Literal) -> None:
        """A member of that name must be so, if it is there."""
        self.named[name] = (*self.named.get(name, ()), literal)

    def require(self, *names: str) -> None:
        """Members of these names are there."""
        self.required = tuple(dict.fromkeys((*self.required, *names)))

    def at_least(self, count: int) -> None:
        """There are so many at least."""
        self.least = max(self.least, count)

    def at_most(self, count: int) -> None:
        """There are so many at most."""
        self.most = count if self.most is None else min(self.most, count)

    def evaluate(self, literal: Literal, names: frozenset[str], patterns: tuple[str, ...]) -> None:
        """Members of these names, and with these patterns, are evaluated for all that listen."""
        for tracker in literal.trackers:
            known = self.evaluated.get(tracker, Region())
            if known is not None:
                self.evaluated[tracker] = Region(None, known.names | names, (*known.patterns, *patterns))

    def evaluate_all(self, literal: Literal) -> None:
        """Each member is evaluated for all that listen."""
        self.evaluated |= dict.fromkeys(literal.trackers)


@dataclass(slots=True)
class ArrayFacts:
    """Items by their index.

    Attributes:
        rules: what the items from one index on, up to another or to the end, must be.
        unevaluated: what the items must be that a schema with `unevaluatedItems` has not evaluated.
        evaluated: by such a schema: from which index on items are not evaluated, and single ones that are; None for no
            such index.
        repeats: whether two items must be equal.
    """

    rules: tuple[tuple[int, int | None, Literal], ...] = ()
    least: int = 0
    most: int | None = None
    unique: bool = False
    repeats: bool = False
    unevaluated: tuple[tuple[Subschema, Literal, bool], ...] = ()
    evaluated: dict[Subschema, tuple[int, frozenset[int]] | None] = field(default_factory=dict)

    def copy(self) -> ArrayFacts:
        """The same facts, to which others may be added."""
        return replace(self, evaluated=dict(self.evaluated))

    def items(self, start: int, stop: int | None, literal: Literal) -> None:
        """The items from `start` up to `stop`, or to the end, must be so."""
        self.rules = (*self.rules, (start, stop, literal))

    def at_least(self, count: int) -> None:
        """There are so many at least."""
        self.least = max(self.least, count)

    def at_most(self, count: int) -> None:
        """There are so many at most."""
        self.most = count if self.most is None else min(self.most, count)

    def evaluate(self, literal: Literal, first: int | None, single: frozenset[int] = frozenset()) -> None:
        """Items before `first`, or all, and single ones, are evaluated for all that listen."""
        for tracker in literal.trackers:
            known = self.evaluated.get(tracker, (0, frozenset()))
            if first is None or known is None:
                self.evaluated[tracker] = None
            else:
                self.evaluated[tracker] = (max(known[0], first), known[1] | single)


_FACTS: dict[str, type[Any]] = {NUMBER: NumberFacts, STRING: StringFacts, ARRAY: ArrayFacts, OBJECT: ObjectFacts}


@dataclass(slots=True)
class Clause:
    """One way to satisfy a goal with one kind of value.

    Attributes:
        kind: the JSON type; an integer is a number.
        facts: what is known; None for null and booleans.
        listed: the values that are allowed, by their keys, where an enumeration has named them.
        excluded: values that are not allowed, by their keys.
        is_dead: whether no value can satisfy it.
        done: literals that have been read.
    """

    kind: str
    facts: Any
    listed: dict[Any, Any] | None = None
    excluded: dict[Any, Any] = field(default_factory=dict)
    is_dead: bool = False
    done: frozenset[Literal] = frozenset()

    @staticmethod
    def of(kind: str) -> Clause:
        """A clause without facts."""
        made = _FACTS.get(kind)
        return Clause(kind, made() if made else None)

    def copy(self) -> Clause:
        """The same facts, to which others may be added."""
        facts = self.facts
        if facts is not None:
            facts = facts.copy() if self.kind in {ARRAY, OBJECT} else replace(facts)
        return replace(self, facts=facts, excluded=dict(self.excluded))

    def allow(self, values: list[Any]) -> None:
        """Only these values are allowed."""
        fresh = {key(value): value for value in values if kind(value) == self.kind}
        if self.listed is not None:
            fresh = {key: value for key, value in self.listed.items() if key in fresh}
        self.listed = fresh
        self.is_dead = self.is_dead or not fresh

    def exclude(self, values: list[Any]) -> None:
        """None of these values is allowed."""
        self.excluded |= {key(value): value for value in values if kind(value) == self.kind}
