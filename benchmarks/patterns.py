"""Benchmark of patterns: the cost of compiling them to automata and of drawing strings, beside other tools.

Three expectations are checked: the published patterns of eleven AWS services become automata in milliseconds, every
constructed string is right, and drawing is at least as fast as `hypothesis.strategies.from_regex` although every length
in range occurs. The oracle is an independent ECMA 262 engine. Tools that are not installed are skipped.

Run it with ``python benchmarks/patterns.py``; it requires botocore and corvus-regex-ecma262.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import random
import statistics
import time
import warnings
from collections.abc import Callable, Iterator

import corvus_regex_ecma262 as ecma
from botocore.session import get_session
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chime_fixtures.engine.regex import FORMATS, Language, PatternError, valid_format_strings
from chime_fixtures.engine.regex.charsets import Flavour
from chime_fixtures.engine.regex.dfa import compile_pattern
from chime_fixtures.engine.values import RandomChoices, strings

SERVICES = ("chime", "chime-sdk-identity", "chime-sdk-media-pipelines", "chime-sdk-meetings", "chime-sdk-messaging")
SERVICES += ("chime-sdk-voice", "s3", "iam", "lambda", "ec2", "dynamodb")
FLAVOURS: tuple[Flavour, ...] = ("ecma", "intersection")
MAX_LENGTH = 256
STRINGS_PER_LANGUAGE = 60
GENERATED_PATTERNS = 1000
EXAMPLES = 500
ROUNDS = 3
PHONE, NAME, ARN = (
    r"^\+?[1-9][0-9]{1,14}$",
    "^[a-zA-Z0-9 ]{0,30}$",
    r"^arn:aws:[a-z0-9-]{1,20}:[a-z0-9-]*:\d{12}:.{1,128}$",
)


def published_patterns() -> list[str]:
    """Every distinct pattern of the services."""
    session = get_session()
    patterns: dict[str, None] = {}
    for service in SERVICES:
        model = session.get_service_model(service)
        each = (model.shape_for(name).metadata.get("pattern") for name in model.shape_names)
        patterns |= dict.fromkeys(pattern for pattern in each if pattern is not None)
    return list(patterns)


def print_distribution(title: str, seconds: list[float]) -> None:
    """Print the median, the 95th percentile and the maximum of some times."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    print(f"{title:34} {len(seconds):4} {1e3 * cuts[49]:8.2f} {1e3 * cuts[94]:8.2f} {1e3 * max(seconds):8.2f} ms")


def minimum_seconds(case: Callable[[], object]) -> float:
    """The minimum CPU time of some calls."""
    minimum = float("inf")
    for _ in range(ROUNDS):
        compile_pattern.cache_clear()
        valid_format_strings.cache_clear()
        start = time.process_time()
        case()
        minimum = min(minimum, time.process_time() - start)
    return minimum


def measure_compilation(patterns: list[str]) -> dict[str, Language]:
    """Print the cost of compilation; returns the languages of the supported patterns."""
    languages: dict[str, Language] = {}
    errors: list[PatternError] = []
    for pattern in patterns:
        try:
            languages[pattern] = Language.from_pattern(pattern)
        except PatternError as error:
            errors.append(error)
    print(f"{'':34} {'n':>4} {'p50':>8} {'p95':>8} {'max':>8}")
    for flavour in FLAVOURS:
        print_distribution(
            f"pattern to automaton, {flavour}",
            [minimum_seconds(functools.partial(Language.from_pattern, each, flavour=flavour)) for each in languages],
        )
    print_distribution(
        f"its lengths up to {MAX_LENGTH}",
        [minimum_seconds(lambda dfa=each.dfa: Language(dfa).lengths(MAX_LENGTH)) for each in languages.values()],
    )
    print_distribution(
        "format to automaton", [minimum_seconds(functools.partial(valid_format_strings, name)) for name in FORMATS]
    )
    print(f"{len(languages)} of {len(patterns)} are supported; the others:")
    for error in errors:
        print(f"    {error}")
    return languages


def check_strings(title: str, languages: dict[str, Language]) -> None:
    """Print the number of constructed strings, of each language and its complement, on which the oracle disagrees."""
    rng = random.Random(0)
    wrong = checked = 0
    for pattern, language in languages.items():
        engine = ecma.compile(pattern, "u" if ecma.is_valid(pattern, "u") else "")
        for side, expected in ((language, True), (language.complement(), False)):
            lengths = side.lengths(64) or side.lengths(1024)[:1]
            for _ in range(STRINGS_PER_LANGUAGE if lengths else 0):
                template = "".join(rng.choice(f"{pattern}aA0-_ \n\u00e9") for _ in range(16))
                text = side.construct(rng.choice(lengths), template)
                with contextlib.suppress(ecma.MatchLimitError):
                    wrong += engine.test(text, timeout=0.1) != expected
                    checked += 1
    print(f"{title}: {len(languages)} patterns, {checked} strings checked, wrong: {wrong}", end="")
    print("  TOO MANY" if wrong else "")


def generated_languages(count: int) -> dict[str, Language]:
    """The languages of random patterns that combine all supported syntax, mostly look-around and word boundaries."""
    rng = random.Random(0)
    languages = {}
    while len(languages) < count:
        pattern = _alternation(rng, 3, in_lookbehind=False)
        with contextlib.suppress(PatternError):
            languages[pattern] = Language.from_pattern(pattern)
    return languages


def _alternation(rng: random.Random, depth: int, *, in_lookbehind: bool) -> str:
    return "|".join(
        "".join(_quantified(rng, depth, in_lookbehind=in_lookbehind) for _ in range(rng.choice((0, 1, 1, 2, 2, 3))))
        for _ in range(rng.choice((1, 1, 1, 2, 3)))
    )


def _quantified(rng: random.Random, depth: int, *, in_lookbehind: bool) -> str:
    kind = rng.random()
    if depth and kind < 0.15:
        sign = rng.choice(("(?<=", "(?<!") if in_lookbehind else ("(?=", "(?!", "(?<=", "(?<!"))
        return f"{sign}{_alternation(rng, depth - 1, in_lookbehind=in_lookbehind or '<' in sign)})"
    if kind < 0.25:
        return rng.choice(("^", "$", r"\b", r"\B"))
    if depth and kind < 0.5:
        atom = f"(?:{_alternation(rng, depth - 1, in_lookbehind=in_lookbehind)})"
    else:
        atom = rng.choice(("a", "b", "1", " ", ".", "[ab]", "[^a]", r"\w", r"\W", r"\d", r"\s", "[^]", "[]"))
    return atom + rng.choice(("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,3}?"))


@st.composite
def drawn_strings(draw: st.DrawFn, language: Language) -> str:
    """A string of a language, drawn as the engine's strategies do: a length, and a template that it follows."""
    lengths = language.lengths(MAX_LENGTH)
    length = lengths[draw(st.integers(0, len(lengths) - 1))]
    return language.construct(length, draw(st.text(max_size=min(length, 16))))


def examples_per_second(strategy: st.SearchStrategy[str]) -> float:
    """The examples that Hypothesis draws in a CPU second."""

    @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(text: str) -> None:
        examples.append(text)

    examples: list[str] = []
    start = time.process_time()
    collect()
    return len(examples) / (time.process_time() - start)


def calls_per_second(draw: Callable[[], object]) -> float:
    """The calls of a function in a CPU second."""
    start, count = time.process_time(), 0
    while time.process_time() - start < 0.3:
        for _ in range(50):
            draw()
        count += 50
    return count / (time.process_time() - start)


def other_tools(pattern: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """The installed tools that make a random string of a pattern, without shrinking."""
    for name, function in (("exrex", "getone"), ("rstr", "xeger")):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        yield name, functools.partial(getattr(module, function), pattern)


def measure_drawing() -> None:
    """Print the strings per second of each tool."""
    choices = RandomChoices(random.Random(0))
    for title, pattern in (("E.164", PHONE), ("name", NAME), ("ARN", ARN)):
        language = Language.from_pattern(pattern)
        cases = {"ours": drawn_strings(language), "from_regex": st.from_regex(pattern, fullmatch=True)}
        rounds = [{name: examples_per_second(case) for name, case in cases.items()} for _ in range(ROUNDS + 1)]
        # The first round includes what Hypothesis loads.
        rates = {name: statistics.median(each[name] for each in rounds[1:]) for name in cases}
        ratio = rates["ours"] / rates["from_regex"]
        rates["ours, seeded"] = calls_per_second(functools.partial(strings(language), choices, 0))
        rates |= {name: calls_per_second(draw) for name, draw in other_tools(pattern)}
        print(f"{title:6}", "  ".join(f"{name} {rate:.0f}/s" for name, rate in rates.items()), end="  ")
        print(f"{ratio:.2f} of from_regex {'ok' if ratio >= 1 else 'TOO SLOW'}")


def main() -> None:
    """Measure compilation and drawing, and check the strings."""
    warnings.simplefilter("ignore")
    languages = measure_compilation(published_patterns())
    print()
    check_strings("published", languages)
    check_strings("generated", generated_languages(GENERATED_PATTERNS))
    print()
    measure_drawing()


if __name__ == "__main__":
    main()
