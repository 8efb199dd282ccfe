"""Upper bounds on the steps that a backtracking engine, such as Python's `re`, takes to search a text for a pattern.

Such an engine tries the paths of the pattern's automaton one after the other, so that one text may take exponential
time: ``^(a|aa)+$`` has one path through the text for each way to split it. The automaton is Glushkov's: a state, here a
position, is one character class of the pattern. Several paths that read nothing may lead from one position to another;
their number is the weight of the transition. The paths that reach each position are counted character by character.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.alphabet import NO_CLASS, Alphabet, contains
from chime_fixtures.engine.regex.charsets import Intervals
from chime_fixtures.engine.regex.parser import parse, python_compiles
from chime_fixtures.engine.regex.syntax import (
    Alternation,
    CharacterClass,
    Concatenation,
    Lookaround,
    PatternError,
    Repetition,
    Tree,
    is_anchored,
    subtrees,
)

MAX_BACKTRACKING_STEPS = 200_000
"""Steps that Python's `re` may take to search one text, at most 10 ms; if it might take more, it is not used."""

_UNLIMITED = MAX_BACKTRACKING_STEPS + 1
"""Stands for every number of steps or paths above the maximum."""

_MAX_UNROLLED_POSITIONS = 400
"""Positions of a repetition whose iterations are distinguished; in a larger one each may follow each other."""

_MAX_TRANSITIONS = 100_000

Weights = dict[int, int]
"""The number of paths for each position."""


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The automaton of a subtree.

    Attributes:
        first: the number of paths from its start to each position.
        last: the number of paths from each position to its end.
        empty: the number of paths from its start to its end.
    """

    first: Weights
    last: Weights
    empty: int


_EMPTY = _Fragment({}, {}, 1)
_UNCONDITIONAL = (CharacterClass, Concatenation, Alternation, Repetition)


class _Construction:
    """Glushkov's construction, with the number of paths of each transition.

    Attributes:
        classes: the characters of each position.
        transitions: for each position the number of paths to each position that may follow.
    """

    def __init__(self) -> None:
        self.classes: list[Intervals] = []
        self.transitions: list[Weights] = []
        self._count = 0

    def add(self, tree: Tree) -> _Fragment:
        match tree:
            case CharacterClass(intervals):
                self.classes.append(intervals)
                self.transitions.append({})
                position = len(self.classes) - 1
                return _Fragment({position: 1}, {position: 1}, 0)
            case Concatenation(parts):
                fragment = _EMPTY
                for part in parts:
                    fragment = self._concatenation(fragment, self.add(part))
                return fragment
            case Alternation(options):
                fragments = [self.add(option) for option in options]
                return _Fragment(
                    _sum(each.first for each in fragments),
                    _sum(each.last for each in fragments),
                    min(sum(each.empty for each in fragments), _UNLIMITED),
                )
            case Repetition(body, minimum, maximum):
                return self._repetition(body, minimum, maximum)
            case Lookaround(body, ahead=True):
                # Its body is read from the same position, and nothing follows it.
                return _Fragment(self.add(body).first, {}, 1)
            case Lookaround(body):
                # Its width is fixed, so that it has a fixed number of paths.
                return _Fragment({}, {}, _path_count(body))
            case _:
                return _EMPTY

    def _concatenation(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._connect(left.last, right.first)
        return _Fragment(
            _sum([left.first, _scaled(right.first, left.empty)]),
            _sum([right.last, _scaled(left.last, right.empty)]),
            min(left.empty * right.empty, _UNLIMITED),
        )

    def _connect(self, last: Weights, first: Weights) -> None:
        self._count += len(last) * len(first)
        if self._count > _MAX_TRANSITIONS:
            raise PatternError("", "its automaton is too large")
        for position, count in last.items():
            followers = self.transitions[position]
            for following, weight in first.items():
                followers[following] = min(followers.get(following, 0) + count * weight, _UNLIMITED)

    def _repetition(self, body: Tree, minimum: int, maximum: int | None) -> _Fragment:
        iterations = minimum + 1 if maximum is None else maximum
        if iterations > 1 and iterations * _unrolled_size(body) > _MAX_UNROLLED_POSITIONS:
            return self._unbounded(body, iterations)
        # An iteration that reads nothing ends an unlimited repetition.
        fragment = self._unbounded(body, 1) if maximum is None else _EMPTY
        for _ in range(0 if maximum is None else maximum - minimum):
            fragment = self._concatenation(self.add(body), fragment)
            fragment = _Fragment(fragment.first, fragment.last, fragment.empty + 1)
        for _ in range(minimum):
            fragment = self._concatenation(self.add(body), fragment)
        return fragment

    def _unbounded(self, body: Tree, iterations: int) -> _Fragment:
        """The body repeated without a limit; `iterations` of them may read nothing before, between and after."""
        fragment = self.add(body)
        empty, power = 1, 1
        for _ in range(iterations if fragment.empty else 0):
            power = min(power * fragment.empty, _UNLIMITED)
            empty = min(empty + power, _UNLIMITED)
            if empty == _UNLIMITED:
                break
        between = 1 if iterations == 1 else empty
        self._connect(_scaled(fragment.last, between), fragment.first)
        return _Fragment(_scaled(fragment.first, between), _scaled(fragment.last, empty), empty)


def _sum(weights: Iterable[Weights]) -> Weights:
    total: Weights = {}
    for each in weights:
        for position, count in each.items():
            total[position] = min(total.get(position, 0) + count, _UNLIMITED)
    return total


def _scaled(weights: Weights, factor: int) -> Weights:
    if factor == 1:
        return weights
    return {position: min(count * factor, _UNLIMITED) for position, count in weights.items()} if factor else {}


def _unrolled_size(tree: Tree) -> int:
    """The number of positions of a tree if every iteration of a repetition has its own, capped; at least 1."""
    match tree:
        case Concatenation(parts) | Alternation(parts):
            return max(sum(map(_unrolled_size, parts)), 1)
        case Repetition(body, minimum, maximum):
            iterations = minimum + 1 if maximum is None else maximum
            size = iterations * _unrolled_size(body)
            return size if 0 < size <= _MAX_UNROLLED_POSITIONS else _unrolled_size(body)
        case Lookaround(body):
            return _unrolled_size(body)
    return 1


def _path_count(tree: Tree) -> int:
    """The number of paths through a tree of fixed width, whatever the text is."""
    match tree:
        case Concatenation(parts):
            count = 1
            for part in parts:
                count = min(count * _path_count(part), _UNLIMITED)
            return count
        case Alternation(options):
            return min(sum(map(_path_count, options)), _UNLIMITED)
        case Repetition(body, minimum, maximum):
            paths = _path_count(body)
            return 1 if paths == 1 and maximum == minimum else _UNLIMITED
        case Lookaround(body):
            return _path_count(body) + 1
    return 1


class BacktrackingSearch:
    """A pattern as a backtracking engine searches for it.

    Args:
        tree: the syntax tree of the pattern.

    Raises:
        PatternError: the automaton is too large.
    """

    def __init__(self, tree: Tree) -> None:
        construction = _Construction()
        whole = construction.add(tree)
        classes = list(dict.fromkeys(construction.classes))
        self._alphabet = Alphabet.partition(classes)
        samples = [intervals[0][0] for intervals in self._alphabet.symbol_classes]
        symbols_of = {each: [symbol for symbol, code in enumerate(samples) if contains(each, code)] for each in classes}
        self._symbols = [symbols_of[intervals] for intervals in construction.classes]
        # The start of the search is the last position.
        self._start = len(self._symbols)
        transitions = [*construction.transitions, whole.first]
        ends = [whole.last.get(position, 0) for position in range(self._start)] + [whole.empty]
        self._ends = ends
        self._steps = [sum(each.values()) + end + 1 for each, end in zip(transitions, ends, strict=True)]
        self._max_steps = max(self._steps)
        self._transitions = [self._by_symbol(each) for each in transitions]
        self._is_anchored = is_anchored(tree)
        self._is_unconditional = all(isinstance(each, _UNCONDITIONAL) for each in subtrees(tree))
        self.is_deterministic = all(
            count == 1 and len(followers) == 1
            for by_symbol in self._transitions
            for followers in by_symbol.values()
            for count in followers.values()
        )

    def _by_symbol(self, weights: Weights) -> dict[int, Weights]:
        by_symbol: dict[int, Weights] = {}
        for position, count in weights.items():
            for symbol in self._symbols[position]:
                by_symbol.setdefault(symbol, {})[position] = count
        return by_symbol

    def _is_single(self, paths: Weights) -> bool:
        """True if there is one path, and it never becomes several."""
        ((position, count),) = paths.items()
        return count == 1 and position not in self._ambiguous

    @functools.cached_property
    def _ambiguous(self) -> set[int]:
        """The positions from which several paths may read the same text."""
        predecessors: dict[int, list[int]] = {}
        stack = []
        for position, by_symbol in enumerate(self._transitions):
            if any(len(followers) > 1 or max(followers.values()) > 1 for followers in by_symbol.values()):
                stack.append(position)
            for following in {each for followers in by_symbol.values() for each in followers}:
                predecessors.setdefault(following, []).append(position)
        found = set(stack)
        while stack:
            new = [each for each in predecessors.get(stack.pop(), ()) if each not in found]
            found.update(new)
            stack.extend(new)
        return found

    def steps(self, text: str) -> int:
        """The maximum number of steps to search a text; any number above `MAX_BACKTRACKING_STEPS` is not exact."""
        if self.is_deterministic and self._is_anchored:
            # At most one path leads to each position: the time is linear.
            return 0
        steps, is_found = self._count(text, 1)
        return steps if self._is_anchored or is_found else self._count(text, len(text) + 1)[0]

    def _count(self, text: str, starts: int) -> tuple[int, bool]:
        """The steps for paths from the first `starts` indices of the text, and True if such a path matches for sure."""
        steps = 0
        is_found = False
        paths: Weights = {}
        for index in range(len(text) + 1):
            if index < starts:
                paths[self._start] = 1
            steps += sum(count * self._steps[position] for position, count in paths.items())
            if steps > MAX_BACKTRACKING_STEPS:
                return steps, False
            if self._is_anchored and len(paths) == 1 and self._is_single(paths):
                # One path is left to the end of the text: the rest of the time is linear, and allowed.
                rest = (len(text) + 1 - index) * self._max_steps
                return min(steps + rest, MAX_BACKTRACKING_STEPS), False
            is_found = is_found or (self._is_unconditional and any(self._ends[position] for position in paths))
            symbol = self._alphabet.class_of(text[index]) if index < len(text) else NO_CLASS
            following: Weights = {}
            for position, count in paths.items():
                for target, weight in self._transitions[position].get(symbol, _NO_WEIGHTS).items():
                    following[target] = following.get(target, 0) + count * weight
            paths = following
        return steps, is_found


_NO_WEIGHTS: Weights = {}


@functools.lru_cache(maxsize=4096)
def python_search(pattern: str) -> BacktrackingSearch | None:
    """The search of Python's `re` for a pattern; None if its steps can't be bounded."""
    try:
        return BacktrackingSearch(parse(pattern, "python"))
    except (PatternError, RecursionError):
        return None


def may_backtrack(pattern: str, text: str) -> bool:
    """True if Python's `re` might take more than `MAX_BACKTRACKING_STEPS` steps to search a text for a pattern."""
    if not _is_python(pattern):
        return False
    search = python_search(pattern)
    return search is None or search.steps(text) > MAX_BACKTRACKING_STEPS


_is_python = functools.lru_cache(maxsize=4096)(python_compiles)


@functools.lru_cache(maxsize=4096)
def jsonschema_rs_may_backtrack(pattern: str) -> bool:
    """True if jsonschema-rs might try several paths: in a pattern with look-around whose automaton is ambiguous."""
    tree = parse(pattern, "ecma")
    if not any(isinstance(each, Lookaround) for each in subtrees(tree)):
        return False
    try:
        return not BacktrackingSearch(tree).is_deterministic
    except (PatternError, RecursionError):
        return True
