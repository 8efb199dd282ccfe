"""Bounds on the steps of backtracking engines."""

import random
import re

import pytest

from chime_fixtures.engine.regex.backtracking import (
    MAX_BACKTRACKING_STEPS,
    BacktrackingSearch,
    jsonschema_rs_may_backtrack,
    may_backtrack,
    python_search,
)
from chime_fixtures.engine.regex.parser import parse
from chime_fixtures.engine.regex.syntax import Alternation, CharacterClass, Concatenation, EndAnchor, Repetition

EXPONENTIAL = [
    ("^(a|aa)+$", "a" * 60 + "!"),
    ("^((a+)+)+$", "a" * 60 + "!"),
    (r"^(\w+\s?)*$", "word " * 20 + "!"),
    ("(x+x+)+y", "x" * 60),
    ("^(a{1,50}){1,50}$", "a" * 60 + "!"),
    ("(a?){40}a{40}", "a" * 39),
    ("^(.*,){20}x$", "," * 60),
    ("(.{1,500}){1,500}!", "b" * 600),
    ("(?:(?:a|b)*)*c", "ab" * 30),
    ("^(?=(a|a)*b)", "a" * 60),
    ("(?<=(?:a|b){30})c", "c"),
    (r"\s*\s*\s*x", " " * 500),
    (r"(?=\s+$)x|y", " " * 2000 + "z"),
]
LINEAR = [
    ("^[a-z]+(-[a-z]+)*$", "a" * 10**5 + "!"),
    (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$", "2020-04-15T16:10"),
    ("^[A-Z]{2}[A-Z0-9]{9}[0-9]$", "GB0123456789"),
    (r"^([^@\s]+)@([a-z0-9-]+\.)+[a-z]{2,}$", "somebody@mail.example.com"),
    (r".*\S.*", "x" * 300),
    ("[a-z]{0,10000}", "a" * 10**4),
    (r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{8,64}$", "Secret12" * 8),
    (r"\p{L}+", "re rejects this pattern"),
]


@pytest.mark.parametrize(("pattern", "text"), EXPONENTIAL)
def test_searches_that_take_too_long_are_recognised(pattern, text):
    """Exponential time, and polynomial time in a long text."""
    assert may_backtrack(pattern, text)


@pytest.mark.parametrize(("pattern", "text"), LINEAR)
def test_usual_patterns_are_searched(pattern, text):
    """Patterns with one path through each text, also through a long one."""
    assert not may_backtrack(pattern, text)


def test_the_same_pattern_is_searched_in_a_short_text():
    """The bound is that of the text: a pattern with exponential time has a short time in a short text."""
    assert not any(may_backtrack(pattern, "aa !") for pattern in ("^(a|aa)+$", r"\s*\s*\s*x", "(x+x+)+y"))


class Steps:
    """A backtracking matcher that counts the positions that it visits."""

    def __init__(self, text):
        self.text = text
        self.count = 0

    def ends(self, tree, start):
        """The ends of the tree's matches from a start, one for each path."""
        match tree:
            case CharacterClass(intervals):
                self.count += 1
                if start < len(self.text) and any(low <= ord(self.text[start]) <= high for low, high in intervals):
                    yield start + 1
            case EndAnchor():
                if start == len(self.text):
                    yield start
            case Concatenation(parts):
                yield from self._sequence(parts, start)
            case Alternation(options):
                for option in options:
                    yield from self.ends(option, start)
            case Repetition(body, minimum, maximum):
                yield from self._iterations(body, minimum, maximum, start, -1)
            case _:
                yield start

    def _sequence(self, parts, start):
        if not parts:
            yield start
            return
        for middle in self.ends(parts[0], start):
            yield from self._sequence(parts[1:], middle)

    def _iterations(self, body, minimum, maximum, start, last):
        if minimum > 0:
            for end in self.ends(body, start):
                yield from self._iterations(body, minimum - 1, None if maximum is None else maximum - 1, end, last)
            return
        if maximum != 0 and start != last:
            for end in self.ends(body, start):
                yield from self._iterations(body, 0, None if maximum is None else maximum - 1, end, start)
        yield start


def random_pattern(rng, depth):
    if depth == 0:
        return rng.choice(["a", "b", "[ab]", "a?", "."])
    kind = rng.random()
    left, right = random_pattern(rng, depth - 1), random_pattern(rng, depth - 1)
    if kind < 0.5:
        return left + right if kind < 0.3 else f"({left}|{right})"
    return f"({left})" + rng.choice(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"])


def test_the_bound_is_not_below_the_steps_of_a_backtracking_matcher():
    """For random patterns and texts a matcher that tries every path visits at most as many positions as the bound."""
    rng = random.Random(1)
    compared = 0
    for _ in range(400):
        pattern = "^" + random_pattern(rng, rng.randint(1, 4)) + rng.choice(["", "$", "c"])
        text = "".join(rng.choice("ab") for _ in range(rng.randint(0, 12))) + rng.choice(["", "d"])
        bound = python_search(pattern).steps(text)
        if pattern != "^" and bound <= 5000 and not python_search(pattern).is_deterministic:
            steps = Steps(text)
            assert bool(re.search(pattern, text)) == any(True for _ in steps.ends(parse(pattern, "ecma"), 0))
            list(steps.ends(parse(pattern, "ecma"), 0))
            assert steps.count <= 2 * bound, (pattern, text)
            compared += 1
    assert compared > 100


def test_a_large_pattern_has_no_bound():
    """Nested counts are not unrolled without end; a pattern for which that is impossible is not searched."""
    assert isinstance(python_search("^((a{1,300}){1,300}){1,300}$"), BacktrackingSearch)
    ambiguous = "(?:" + "|".join(chr(0x4E00 + number) for number in range(400)) + ")*"
    assert python_search(ambiguous) is None
    assert may_backtrack(ambiguous, "")
    assert python_search("(" * 3000 + "a" + ")" * 3000) is None


def test_a_text_with_a_lone_surrogate_has_a_bound():
    """A lone surrogate is in no class of the automaton, so that no path leads on."""
    assert python_search("^(a|aa)+$").steps("a" * 60 + "\ud800") > MAX_BACKTRACKING_STEPS
    assert not may_backtrack("^(a|aa)+$", "\ud800")


def test_jsonschema_rs_backtracks_only_in_ambiguous_patterns_with_look_around():
    """Its engine for other patterns takes linear time."""
    assert [pattern for pattern, _ in (*EXPONENTIAL, *LINEAR) if jsonschema_rs_may_backtrack(pattern)] == [
        "^(?=(a|a)*b)",
        "(?<=(?:a|b){30})c",
        r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{8,64}$",
    ]


class CountedText(str):
    """A text that counts the characters that are read."""

    __slots__ = ("read",)

    def __init__(self, text):  # noqa: ARG002  # str takes it in __new__
        self.read = 0

    def __getitem__(self, index):
        self.read += 1
        return super().__getitem__(index)


def test_the_rest_of_a_text_that_has_one_path_is_not_read():
    """The alternatives of a prefix do not make each character of a long text cost time."""
    search = BacktrackingSearch(parse("^(jpg|jpeg);[a-z]*$", "python"))
    text = CountedText("jpeg;" + "a" * 100_000)
    assert not search.is_deterministic
    assert search.steps(text) <= MAX_BACKTRACKING_STEPS
    assert text.read < 10
    ambiguous = BacktrackingSearch(parse("^(jpg|jpeg);([a-z]|b)*$", "python"))
    assert ambiguous.steps("jpeg;" + "b" * 100) > MAX_BACKTRACKING_STEPS
