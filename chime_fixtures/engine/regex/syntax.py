"""Syntax trees of patterns, and the error for a pattern that can't become an automaton."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chime_fixtures.engine.regex.charsets import Intervals


class PatternError(ValueError):
    """A pattern that can't become an automaton; `reason` names the part that is malformed or unsupported."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(pattern, reason)
        self.pattern = pattern
        self.reason = reason

    def __str__(self) -> str:
        return f"pattern {self.pattern!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """One character of a set."""

    intervals: Intervals


@dataclass(frozen=True, slots=True)
class StartAnchor:
    """The beginning of the text."""


@dataclass(frozen=True, slots=True)
class EndAnchor:
    """The end of the text."""


@dataclass(frozen=True, slots=True)
class WordBoundary:
    r"""``\b``: a word character on exactly one side; negated, ``\B``: on both sides or on neither.

    Attributes:
        word_characters: characters that every engine of the flavour counts as part of a word.
        other_characters: characters that no engine of the flavour counts as part of a word.
        if_ambiguous: the result next to a character on which engines differ.
        matches_empty: True if the negated one matches in the empty text.
    """

    negated: bool
    word_characters: Intervals
    other_characters: Intervals
    if_ambiguous: bool
    matches_empty: bool


@dataclass(frozen=True, slots=True)
class Lookaround:
    """A tree that must, or must not, match the text after (`ahead`) or before a position."""

    body: Tree
    ahead: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Trees that match one after the other."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """Trees of which one matches."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """A tree that matches `minimum` to `maximum` times; without a maximum, any number of times from `minimum` on."""

    body: Tree
    minimum: int
    maximum: int | None


Tree = CharacterClass | StartAnchor | EndAnchor | WordBoundary | Lookaround | Concatenation | Alternation | Repetition


def simplified(tree: Tree) -> Tree:
    """A tree that matches the same texts, with fewer states.

    Nested repetitions become one where that is possible, and alternatives share their common beginnings.
    """
    match tree:
        case Concatenation(parts):
            return Concatenation(tuple(map(simplified, parts)))
        case Alternation(options):
            return _alternation([_parts(simplified(option)) for option in options])
        case Lookaround(body, ahead, negated):
            return Lookaround(simplified(body), ahead, negated)
        case Repetition(body, minimum, maximum):
            return _repetition(simplified(body), minimum, maximum)
    return tree


def _parts(tree: Tree) -> tuple[Tree, ...]:
    return tree.parts if isinstance(tree, Concatenation) else (tree,)


def _alternation(options: Iterable[tuple[Tree, ...]]) -> Tree:
    """The alternation of concatenations, as a trie."""
    by_first: dict[tuple[Tree, ...], list[tuple[Tree, ...]]] = {}
    for parts in dict.fromkeys(options):
        by_first.setdefault(parts[:1], []).append(parts[1:])
    trees: list[Tree] = []
    for first, rests in by_first.items():
        if len(rests) > 1:
            trees.append(Concatenation((*first, _alternation(rests))))
        else:
            trees.append(Concatenation((*first, *rests[0])))
    return trees[0] if len(trees) == 1 else Alternation(tuple(trees))


def _repetition(body: Tree, minimum: int, maximum: int | None) -> Tree:
    if isinstance(body, Repetition) and body.minimum <= 1 and body.maximum != 0 and maximum != 0:
        product = None if body.maximum is None or maximum is None else body.maximum * maximum
        return Repetition(body.body, body.minimum * minimum, product)
    return Repetition(body, minimum, maximum)


def subtrees(tree: Tree) -> list[Tree]:
    """The tree and every tree inside it."""
    trees = [tree]
    for each in trees:
        match each:
            case Concatenation(parts) | Alternation(parts):
                trees += parts
            case Repetition(body) | Lookaround(body):
                trees.append(body)
    return trees


def is_anchored(tree: Tree) -> bool:
    """True if the tree can match only at the beginning of the text."""
    match tree:
        case StartAnchor():
            return True
        case Concatenation(parts):
            return any(is_anchored(part) for part in parts[:1])
        case Alternation(options):
            return all(is_anchored(option) for option in options)
        case _:
            return False
