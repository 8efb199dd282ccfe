"""Subset construction with look-around: from a nondeterministic to a deterministic automaton.

A look-ahead becomes an obligation: a second set of states that advances in parallel with the state that it belongs to,
until it is met or broken. A look-behind is an automaton that reads the whole text in parallel with the main one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.alphabet import Alphabet, contains
from chime_fixtures.engine.regex.charsets import ALL_CHARACTERS, Intervals
from chime_fixtures.engine.regex.nfa import ACCEPT, LookaheadCondition, LookbehindCondition, Nfa
from chime_fixtures.engine.regex.syntax import EndAnchor, StartAnchor, Tree, WordBoundary, subtrees

_OTHER, _WORD, _AMBIGUOUS, _TEXT_END = range(4)
"""The kinds of a word boundary's neighbour: a character, or no character at either end of the text."""

Obligation = tuple[bool, "StateSet"]
"""A look-ahead that is not decided yet: True if it is negated, and the states that it has reached."""

Configuration = tuple[int, frozenset[Obligation]]
"""A state of the NFA, and the obligations under which it counts."""

StateSet = frozenset[Configuration]

_DfaState = tuple[bool, int, tuple[StateSet, ...], StateSet]
"""True at the start of the text; the kind of the last character; the states of each look-behind and of the pattern."""

_NO_OBLIGATIONS: frozenset[Obligation] = frozenset()
_ACCEPT_ALL: StateSet = frozenset({(ACCEPT, _NO_OBLIGATIONS)})
_REJECT_ALL: StateSet = frozenset()


@dataclass(frozen=True, slots=True)
class _Position:
    """A position between two characters: their kinds, and for each look-behind True if it matches there."""

    is_start: bool
    before: int
    after: int
    lookbehinds: tuple[bool, ...]

    def meets(self, condition: StartAnchor | EndAnchor | WordBoundary | LookbehindCondition) -> bool:
        match condition:
            case StartAnchor():
                return self.is_start
            case EndAnchor():
                return self.after == _TEXT_END
            case LookbehindCondition(index, negated):
                return self.lookbehinds[index] != negated
            case WordBoundary(negated, _, _, if_ambiguous, matches_empty):
                if self.before == self.after == _TEXT_END:
                    return negated and matches_empty
                if _AMBIGUOUS in (self.before, self.after):
                    return if_ambiguous
                return ((self.before == _WORD) != (self.after == _WORD)) != negated


class SubsetConstruction:
    """The subset construction of one pattern.

    Attributes:
        alphabet: the coarsest alphabet that distinguishes what the pattern distinguishes.
    """

    def __init__(self, pattern: str, tree: Tree, excluded: Intervals = ()) -> None:
        self._nfa = Nfa(pattern, tree)
        transitions = self._nfa.character_transitions
        boundary = next((each for each in subtrees(tree) if isinstance(each, WordBoundary)), None)
        word, other = (boundary.word_characters, boundary.other_characters) if boundary else ((), ALL_CHARACTERS)
        sets = {*(transition[0] for transition in transitions if transition is not None), word, other}
        self.alphabet = Alphabet.partition(list(sets), excluded)
        samples = [segments[0][0] for segments in self.alphabet.symbol_classes]
        self._kinds = [
            _WORD if contains(word, code) else _OTHER if contains(other, code) else _AMBIGUOUS for code in samples
        ]
        symbols_of = {
            intervals: [symbol for symbol, code in enumerate(samples) if contains(intervals, code)]
            for intervals in sets
        }
        self._transitions = [None if each is None else (symbols_of[each[0]], each[1]) for each in transitions]

    def run(self) -> tuple[list[list[int]], list[bool]]:
        """The transition table (state, symbol class -> state) and the acceptance of each state; state 0 is the start.

        Raises:
            PatternError: the automaton is too large.
        """
        first: _DfaState = (
            True,
            _TEXT_END,
            tuple(frozenset({(start, _NO_OBLIGATIONS)}) for start, _ in self._nfa.lookbehinds),
            frozenset({(self._nfa.start, _NO_OBLIGATIONS)}),
        )
        decided: tuple[_DfaState, _DfaState] = (False, _OTHER, (), _REJECT_ALL), (False, _OTHER, (), _ACCEPT_ALL)
        numbers: dict[_DfaState, int] = {first: 0}
        queue = [first]
        transitions: list[list[int]] = []
        accepting: list[bool] = []
        for is_start, before, lookbehinds, states in queue:
            row = [0] * self.alphabet.size
            for after in set(self._kinds):
                position, closed_lookbehinds = self._position(is_start, before, after, lookbehinds)
                closed = self._epsilon_closure(states, position)
                symbols = [symbol for symbol, kind in enumerate(self._kinds) if kind == after]
                targets = self._step(closed, position, symbols)
                lookbehind_targets = [self._step(each, position, symbols) for each in closed_lookbehinds]
                for symbol in symbols:
                    target = targets[symbol]
                    if target in (_REJECT_ALL, _ACCEPT_ALL):
                        state = decided[target == _ACCEPT_ALL]
                    else:
                        state = (False, after, tuple(each[symbol] for each in lookbehind_targets), target)
                    number = numbers.get(state)
                    if number is None:
                        number = numbers[state] = len(queue)
                        queue.append(state)
                    row[symbol] = number
            transitions.append(row)
            position, _ = self._position(is_start, before, _TEXT_END, lookbehinds)
            accepting.append(self._accepts_end(states, position))
        return transitions, accepting

    def _position(
        self, is_start: bool, before: int, after: int, lookbehinds: tuple[StateSet, ...]
    ) -> tuple[_Position, list[StateSet]]:
        """The position, and the epsilon closure of each look-behind's states there."""
        if not lookbehinds:
            return _Position(is_start, before, after, ()), []
        # An inner look-behind precedes the one around it, so that its result is known there.
        results: list[bool] = []
        closures = []
        for states, (_, end) in zip(lookbehinds, self._nfa.lookbehinds, strict=True):
            position = _Position(is_start, before, after, tuple(results))
            closures.append(self._epsilon_closure(states, position, end))
            results.append((end, _NO_OBLIGATIONS) in closures[-1])
        return _Position(is_start, before, after, tuple(results)), closures

    def _epsilon_closure(self, states: StateSet, position: _Position, end: int = ACCEPT) -> StateSet:
        """The configurations reached without reading; of these only the ones that read or that are in the end state."""
        reached = set(states)
        stack = list(states)
        closure: list[Configuration] = []
        while stack:
            configuration = stack.pop()
            state, obligations = configuration
            if self._transitions[state] is not None or state == end:
                closure.append(configuration)
            for target, condition in self._nfa.epsilon_transitions[state]:
                if condition is None:
                    following = (target, obligations)
                elif isinstance(condition, LookaheadCondition):
                    start: StateSet = frozenset({(condition.start, _NO_OBLIGATIONS)})
                    following = (target, obligations | {(condition.negated, start)})
                elif position.meets(condition):
                    following = (target, obligations)
                else:
                    continue
                if following not in reached:
                    self._nfa.charge(1 + 4 * len(obligations))
                    reached.add(following)
                    stack.append(following)
        return _ACCEPT_ALL if (ACCEPT, _NO_OBLIGATIONS) in reached else frozenset(closure)

    def _step(self, closed: StateSet, position: _Position, symbols: list[int]) -> dict[int, StateSet]:
        """The states that each symbol class leads to from an epsilon closure."""
        if closed == _ACCEPT_ALL:
            return dict.fromkeys(symbols, _ACCEPT_ALL)
        reached: dict[int, set[Configuration]] = {symbol: set() for symbol in symbols}
        known: dict[StateSet, dict[int, StateSet]] = {}
        has_obligations = False
        steps = len(symbols)
        for state, obligations in closed:
            transition = self._transitions[state]
            if state == ACCEPT:
                readable, target = symbols, ACCEPT
            else:
                readable, target = transition if transition is not None else ([], ACCEPT)
            steps += 1
            if not obligations:
                for symbol in readable:
                    if symbol in reached:
                        reached[symbol].add((target, _NO_OBLIGATIONS))
                steps += len(readable) // 4
                continue
            has_obligations = True
            for _, states in obligations:
                if states not in known:
                    known[states] = self._step(self._epsilon_closure(states, position), position, symbols)
            for symbol in readable:
                if symbol in reached:
                    steps += 4 * len(obligations)
                    remaining = _undecided((negated, known[states][symbol]) for negated, states in obligations)
                    if remaining is not None:
                        reached[symbol].add((target, remaining))
        self._nfa.charge(steps)
        return {
            symbol: _without_implied(configurations) if has_obligations else frozenset(configurations)
            for symbol, configurations in reached.items()
        }

    def _accepts_end(self, states: StateSet, position: _Position) -> bool:
        """True if the text may end at this position."""
        return any(
            state == ACCEPT and all(self._accepts_end(body, position) != negated for negated, body in obligations)
            for state, obligations in self._epsilon_closure(states, position)
        )


def _undecided(obligations: Iterable[Obligation]) -> frozenset[Obligation] | None:
    """The obligations that are neither met nor broken; None if one is broken."""
    remaining = []
    for negated, states in obligations:
        if states in (_ACCEPT_ALL, _REJECT_ALL):
            if (states == _ACCEPT_ALL) == negated:
                return None
        else:
            remaining.append((negated, states))
    return frozenset(remaining)


def _without_implied(configurations: set[Configuration]) -> StateSet:
    """The configurations without those whose obligations include all of another one's in the same state."""
    by_state: dict[int, list[frozenset[Obligation]]] = {}
    for state, obligations in configurations:
        by_state.setdefault(state, []).append(obligations)
    kept = {
        (state, obligations)
        for state, alternatives in by_state.items()
        for obligations in alternatives
        if not any(other < obligations for other in alternatives)
    }
    return _ACCEPT_ALL if (ACCEPT, _NO_OBLIGATIONS) in kept else frozenset(kept)
