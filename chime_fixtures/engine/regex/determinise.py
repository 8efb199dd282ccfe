"""The subset construction, with look-around: from a nondeterministic machine to a deterministic one.

A look-ahead that is entered becomes an obligation: a second set of states, which is moved beside the state that it
hangs on until it is met or broken. A look-behind is a machine that reads the whole text beside the main one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.alphabet import Alphabet, contains
from chime_fixtures.engine.regex.charsets import EVERYTHING, Intervals
from chime_fixtures.engine.regex.nfa import FOUND, Ahead, Behind, Network
from chime_fixtures.engine.regex.syntax import Boundary, End, Start, Tree, walk

_OTHER, _WORD, _DOUBT, _EDGE = range(4)
"""What a character is to a word boundary; the edge is where there is none."""

Obligation = tuple[bool, "Kernel"]
Clause = tuple[int, frozenset[Obligation]]
Kernel = frozenset[Clause]

_State = tuple[bool, int, tuple[Kernel, ...], Kernel]
"""Whether the text begins here, what came before, the clauses of each look-behind, and those of the pattern."""

_NOTHING: frozenset[Obligation] = frozenset()
_TRUE: Kernel = frozenset({(FOUND, _NOTHING)})
_FALSE: Kernel = frozenset()


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands on both sides of a place between two characters, and which look-behinds hold there."""

    is_start: bool
    before: int
    after: int
    behind: tuple[bool, ...]

    def meets(self, condition: Start | End | Boundary | Behind) -> bool:
        match condition:
            case Start():
                return self.is_start
            case End():
                return self.after == _EDGE
            case Behind(index, negated):
                return self.behind[index] != negated
            case Boundary(negated, _, _, doubt, empty):
                if self.before == self.after == _EDGE:
                    return negated and empty
                if _DOUBT in (self.before, self.after):
                    return doubt
                return ((self.before == _WORD) != (self.after == _WORD)) != negated


class Machine:
    """The deterministic machine of one pattern.

    Attributes:
        alphabet: the coarsest one that tells apart what the pattern tells apart.
    """

    def __init__(self, pattern: str, tree: Tree, excluded: Intervals = ()) -> None:
        self._network = Network(pattern, tree)
        reads = self._network.reads
        boundary = next((node for node in walk(tree) if isinstance(node, Boundary)), None)
        words, others = (boundary.words, boundary.others) if boundary else ((), EVERYTHING)
        sets = {*(read[0] for read in reads if read is not None), words, others}
        self.alphabet = Alphabet.over(list(sets), excluded)
        samples = [segments[0][0] for segments in self.alphabet.atoms]
        self._kinds = [
            _WORD if contains(words, code) else _OTHER if contains(others, code) else _DOUBT for code in samples
        ]
        atoms = {
            intervals: [atom for atom, code in enumerate(samples) if contains(intervals, code)] for intervals in sets
        }
        self._moves = [None if read is None else (atoms[read[0]], read[1]) for read in reads]

    def determinise(self) -> tuple[list[list[int]], list[bool]]:
        """For each state where each atom leads, and whether it accepts; state 0 is where the text begins.

        Raises:
            PatternError: it would cost too much.
        """
        first: _State = (
            True,
            _EDGE,
            tuple(frozenset({(start, _NOTHING)}) for start, _ in self._network.behind),
            frozenset({(self._network.start, _NOTHING)}),
        )
        ended: tuple[_State, _State] = (False, _OTHER, (), _FALSE), (False, _OTHER, (), _TRUE)
        numbers: dict[_State, int] = {first: 0}
        queue = [first]
        moves: list[list[int]] = []
        accepting: list[bool] = []
        for is_start, before, behinds, kernel in queue:
            row = [0] * self.alphabet.size
            for after in set(self._kinds):
                context, closed_behinds = self._context(is_start, before, after, behinds)
                closed = self._close(kernel, context)
                atoms = [atom for atom, kind in enumerate(self._kinds) if kind == after]
                reached = self._step(closed, context, atoms)
                reached_behinds = [self._step(each, context, atoms) for each in closed_behinds]
                for atom in atoms:
                    target = reached[atom]
                    if target in (_FALSE, _TRUE):
                        state = ended[target == _TRUE]
                    else:
                        state = (False, after, tuple(each[atom] for each in reached_behinds), target)
                    number = numbers.get(state)
                    if number is None:
                        number = numbers[state] = len(queue)
                        queue.append(state)
                    row[atom] = number
            moves.append(row)
            context, _ = self._context(is_start, before, _EDGE, behinds)
            accepting.append(self._holds(kernel, context))
        return moves, accepting

    def _context(
        self, is_start: bool, before: int, after: int, behinds: tuple[Kernel, ...]
    ) -> tuple[_Context, list[Kernel]]:
        if not behinds:
            return _Context(is_start, before, after, ()), []
        # An inner look-behind has a smaller number than the one around it.
        verdicts: list[bool] = []
        closed = []
        for kernel, (_, end) in zip(behinds, self._network.behind, strict=True):
            known = _Context(is_start, before, after, tuple(verdicts))
            closed.append(self._close(kernel, known, end))
            verdicts.append((end, _NOTHING) in closed[-1])
        return _Context(is_start, before, after, tuple(verdicts)), closed

    def _close(self, kernel: Kernel, context: _Context, end: int = FOUND) -> Kernel:
        """The clauses that are reached without reading, only those that read or end."""
        found = set(kernel)
        stack = list(kernel)
        closed: list[Clause] = []
        while stack:
            clause = stack.pop()
            state, obligations = clause
            if self._moves[state] is not None or state == end:
                closed.append(clause)
            for target, condition in self._network.empty[state]:
                if condition is None:
                    reached = (target, obligations)
                elif isinstance(condition, Ahead):
                    start: Kernel = frozenset({(condition.start, _NOTHING)})
                    reached = (target, obligations | {(condition.negated, start)})
                elif context.meets(condition):
                    reached = (target, obligations)
                else:
                    continue
                if reached not in found:
                    self._network.spend(1 + 4 * len(obligations))
                    found.add(reached)
                    stack.append(reached)
        return _TRUE if (FOUND, _NOTHING) in found else frozenset(closed)

    def _step(self, closed: Kernel, context: _Context, atoms: list[int]) -> dict[int, Kernel]:
        """What each atom makes of clauses that are closed."""
        if closed == _TRUE:
            return dict.fromkeys(atoms, _TRUE)
        found: dict[int, set[Clause]] = {atom: set() for atom in atoms}
        known: dict[Kernel, dict[int, Kernel]] = {}
        looks = False
        steps = len(atoms)
        for state, obligations in closed:
            move = self._moves[state]
            reading, target = (atoms, FOUND) if state == FOUND else move if move is not None else ((), FOUND)
            steps += 1
            if not obligations:
                for atom in reading:
                    if atom in found:
                        found[atom].add((target, _NOTHING))
                steps += len(reading) // 4
                continue
            looks = True
            for _, kernel in obligations:
                if kernel not in known:
                    known[kernel] = self._step(self._close(kernel, context), context, atoms)
            for atom in reading:
                if atom in found:
                    steps += 4 * len(obligations)
                    left = _left((negated, known[kernel][atom]) for negated, kernel in obligations)
                    if left is not None:
                        found[atom].add((target, left))
        self._network.spend(steps)
        return {atom: _essential(clauses) if looks else frozenset(clauses) for atom, clauses in found.items()}

    def _holds(self, kernel: Kernel, context: _Context) -> bool:
        """Whether the text may end here."""
        return any(
            state == FOUND and all(self._holds(body, context) != negated for negated, body in obligations)
            for state, obligations in self._close(kernel, context)
        )


def _left(obligations: Iterable[Obligation]) -> frozenset[Obligation] | None:
    """The obligations that are still open; None when one is broken."""
    still = []
    for negated, kernel in obligations:
        if kernel in (_TRUE, _FALSE):
            if (kernel == _TRUE) == negated:
                return None
        else:
            still.append((negated, kernel))
    return frozenset(still)


def _essential(clauses: set[Clause]) -> Kernel:
    """Without the clauses that ask for more than another one in the same state."""
    by_state: dict[int, list[frozenset[Obligation]]] = {}
    for state, obligations in clauses:
        by_state.setdefault(state, []).append(obligations)
    kept = {
        (state, obligations)
        for state, every in by_state.items()
        for obligations in every
        if not any(other < obligations for other in every)
    }
    return _TRUE if (FOUND, _NOTHING) in kept else frozenset(kept)
