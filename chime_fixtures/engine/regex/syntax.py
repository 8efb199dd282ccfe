"""The syntax trees of patterns, and the error of a pattern that can't be made one."""

from __future__ import annotations

from dataclasses import dataclass

from chime_fixtures.engine.regex.charsets import Intervals


class PatternError(ValueError):
    """A pattern that can't be made an automaton; `reason` says what in it."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(pattern, reason)
        self.pattern = pattern
        self.reason = reason

    def __str__(self) -> str:
        return f"pattern {self.pattern!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    intervals: Intervals


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of the text."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Between part of a word and what is none; negated, between two of a kind.

    Attributes:
        words: what is part of a word for every engine that is asked.
        others: what is part of a word for none of them.
        doubt: the verdict beside a character on which they differ.
        empty: whether the negated one holds in the empty text.
    """

    negated: bool
    words: Intervals
    others: Intervals
    doubt: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What must, or must not, follow here or come before."""

    body: Tree
    ahead: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Some number of times; without a `most`, any number from `least` on."""

    body: Tree
    least: int
    most: int | None


Tree = Chars | Start | End | Boundary | Look | Sequence | Choice | Repeat


def repeat(body: Tree, least: int, most: int | None) -> Tree:
    """A repetition; one of a repetition that may be short is a single, longer one."""
    if isinstance(body, Repeat) and body.least <= 1 and body.most != 0 and most != 0:
        inner = None if body.most is None or most is None else body.most * most
        return Repeat(body.body, body.least * least, inner)
    return Repeat(body, least, most)


def walk(tree: Tree) -> list[Tree]:
    """The tree and all in it."""
    found = [tree]
    for node in found:
        match node:
            case Sequence(parts) | Choice(parts):
                found += parts
            case Repeat(body) | Look(body):
                found.append(body)
    return found


def is_anchored(tree: Tree) -> bool:
    """Whether it can hold at the beginning of the text only."""
    match tree:
        case Start():
            return True
        case Sequence(parts):
            return any(is_anchored(part) for part in parts[:1])
        case Choice(options):
            return all(is_anchored(option) for option in options)
        case _:
            return False
