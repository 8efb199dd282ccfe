"""A goal and a kind of value in, the ways to satisfy it out: each a clause with everything that is known of the value.

Keywords that leave no choice are read first, so that what can't be is dropped before it is multiplied. The number of
clauses is bounded; where it is reached, each choice keeps its share, and the result says that it is not complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chime_fixtures.engine.dnf.alternatives import DEAD, FREE, Way, Ways, absent, present
from chime_fixtures.engine.dnf.applicators import KEYWORDS
from chime_fixtures.engine.dnf.clauses import Clause
from chime_fixtures.engine.dnf.items import fail_max_contains, fail_min_contains, wrong_item
from chime_fixtures.engine.dnf.requirements import Goal, Literal
from chime_fixtures.engine.schema.keywords import ARRAY, OBJECT
from chime_fixtures.engine.schema.options import Options

_LISTENING = frozenset({"unevaluatedItems", "unevaluatedProperties"})

MOST = 48
"""So many clauses at most for one goal and one kind."""


@dataclass(slots=True)
class Expansion:
    """The ways to satisfy one goal with one kind of value.

    Attributes:
        clauses: the ways.
        is_complete: whether there are no others.
    """

    clauses: list[Clause]
    is_complete: bool = True


def expand(goal: Goal, kind: str, options: Options) -> Expansion:
    """The ways to satisfy a goal with one kind of value."""
    found = Expansion([])
    _Expander(kind, options, found).go(Clause.of(kind), list(goal), [], MOST)
    return found


class _Expander:
    def __init__(self, kind: str, options: Options, found: Expansion) -> None:
        self._kind = kind
        self._options = options
        self._found = found

    def go(self, clause: Clause, literals: list[Literal], choices: list[Ways], budget: int) -> int:
        """Read on; returns how many clauses were found."""
        while literals:
            literal = literals.pop()
            if literal in clause.done:
                continue
            clause.done |= {literal}
            for ways in self._read(literal):
                if len(ways) == 1:
                    self._add(clause, ways[0], literals)
                else:
                    choices = [*choices, ways]
            if clause.is_dead:
                return 0
        if not choices:
            self._found.clauses.append(clause)
            return 1
        # The choice with the fewest ways first: what is settled early need not be settled again for each of the rest.
        choices = sorted(choices, key=len)
        ways, rest = choices[0], choices[1:]
        used = 0
        for index, way in enumerate(ways):
            share = (budget - used) // (len(ways) - index)
            if share < 1:
                if used >= budget:
                    self._found.is_complete = False
                    break
                share = 1
            branch = clause.copy()
            more: list[Literal] = []
            self._add(branch, way, more)
            if not branch.is_dead:
                used += self.go(branch, more, rest, share)
        return used

    @staticmethod
    def _add(clause: Clause, way: Way, literals: list[Literal]) -> None:
        for item in way:
            if isinstance(item, Literal):
                literals.append(item)
            else:
                item(clause)

    def _read(self, literal: Literal) -> list[Ways]:
        """What a literal asks, a choice for each keyword; a keyword without a choice has one way."""
        schema = literal.schema
        if isinstance(schema.value, bool):
            return [FREE if self._is_met(literal, schema.value) else DEAD]
        if literal.holds and not _LISTENING.isdisjoint(schema.keywords):
            literal = replace(literal, trackers=(*literal.trackers, schema))
        if literal.route is not None:
            return self._read_route(literal)
        if literal.holds:
            return [ways for keyword in schema.keywords if (ways := self._hold(literal, keyword)) is not FREE]
        failing: Ways = []
        for keyword in schema.keywords:
            reader = KEYWORDS.get(keyword)
            if reader is not None:
                failing.extend(reader.fail(literal, schema.keywords[keyword], self._kind, self._options))
        # A way that asks nothing makes the others needless.
        return [FREE] if any(not way for way in failing) else [failing]

    @staticmethod
    def _is_met(literal: Literal, value: bool) -> bool:
        if literal.route is not None and literal.route.keyword is not None:
            return not value and not literal.route.steps
        return value is literal.holds

    def _hold(self, literal: Literal, keyword: str) -> Ways:
        reader = KEYWORDS.get(keyword)
        return reader.hold(literal, literal.schema.keywords[keyword], self._kind, self._options) if reader else FREE

    # The way to what breaks --------------------------------------------------------------------------------------

    def _read_route(self, literal: Literal) -> list[Ways]:
        schema, route = literal.schema, literal.route
        assert route is not None
        step = route.steps[0] if route.steps else None
        target = step.keyword if step is not None else route.keyword
        asked = [self._hold(literal, keyword) for keyword in schema.keywords if not self._is_at(keyword, target)]
        if step is not None:
            asked.append([self._along(literal)])
            asked.extend(self._beside(literal, step.keyword))
        elif route.keyword is not None:
            asked.append(self._break(literal, route.keyword))
        return asked

    def _is_at(self, keyword: str, target: str | None) -> bool:
        """Whether a keyword is the one to break, or goes with it."""
        if target in {"then", "else"}:
            return keyword == "if"
        if target in {"minContains", "maxContains"}:
            return keyword == "contains"
        return keyword == target

    def _along(self, literal: Literal) -> Way:
        """There is a part to go on to, and it is asked the rest."""
        route = literal.route
        assert route is not None
        step = route.steps[0]
        asked = literal.along(step)
        if step.token is None:
            return (asked,)
        if isinstance(step.token, int):
            return (wrong_item(step.token, asked),) if self._kind == ARRAY else (_kill,)
        if self._kind != OBJECT:
            return (_kill,)
        name = step.token
        return (present(name), lambda clause: clause.facts.member(name, asked))

    def _beside(self, literal: Literal, keyword: str) -> list[Ways]:
        """What the applicator of the step asks besides."""
        assert literal.route is not None
        step = literal.route.steps[0]
        children = literal.schema.children
        if keyword in {"then", "else"}:
            return [[(literal.to(children["if"], holds=keyword == "then", in_place=True),)]]
        if keyword == "dependentSchemas":
            others = [part for part in literal.schema.parts(keyword) if part[0] != step.part]
            ways = [
                [(absent(str(name)),), (present(str(name)), literal.to(child, in_place=True))] for name, child in others
            ]
            return [[(present(str(step.part)),)] if self._kind == OBJECT else DEAD, *ways]
        if keyword == "allOf":
            return [
                [(literal.to(child, in_place=True),)]
                for index, child in literal.schema.parts(keyword)
                if index != step.part
            ]
        if keyword in {"$ref", "$dynamicRef"}:
            return []
        return [self._hold(literal, keyword)]

    def _break(self, literal: Literal, keyword: str) -> Ways:
        part = literal.route.part if literal.route is not None else None
        value: Any = literal.schema.keywords.get(keyword)
        if keyword == "minContains" or (keyword == "contains" and "maxContains" in literal.schema.keywords):
            return fail_min_contains(literal) if self._kind == ARRAY else DEAD
        if keyword == "maxContains":
            return fail_max_contains(literal) if self._kind == ARRAY else DEAD
        if keyword == "required" and self._kind == OBJECT:
            missing = str(part)
            return [(absent(missing), present(*(name for name in value if name != missing)))]
        if keyword == "dependentRequired" and self._kind == OBJECT and part is not None:
            name, missing = part
            others = [other for other in literal.schema.keywords[keyword].get(name, ()) if other != missing]
            return [(present(name, *others), absent(missing))]
        return KEYWORDS[keyword].fail(literal, value, self._kind, self._options)


def _kill(clause: Clause) -> None:
    clause.is_dead = True
