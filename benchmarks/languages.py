"""What patterns cost as languages: to build, and to draw from, beside tools that draw from patterns too.

It guards three promises: the published patterns of eleven AWS services become automata in milliseconds, no member is
wrong, and drawing is no slower than `hypothesis.strategies.from_regex` while every length in range comes. The oracle is
an ECMA engine from outside; peers that are not installed are left out.

Run it with ``python benchmarks/languages.py``; it needs botocore and corvus-regex-ecma262.
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
from chime_fixtures.engine.regex.dfa import compile_pattern
from chime_fixtures.engine.values import RandomChoices, strings

SERVICES = ("chime", "chime-sdk-identity", "chime-sdk-media-pipelines", "chime-sdk-meetings", "chime-sdk-messaging")
SERVICES += ("chime-sdk-voice", "s3", "iam", "lambda", "ec2", "dynamodb")
LENGTHS = 256
MEMBERS = 60
MADE_UP = 1000
EXAMPLES = 500
ROUNDS = 3
PHONE, NAME, ARN = (
    r"^\+?[1-9][0-9]{1,14}$",
    "^[a-zA-Z0-9 ]{0,30}$",
    r"^arn:aws:[a-z0-9-]{1,20}:[a-z0-9-]*:\d{12}:.{1,128}$",
)


def published() -> list[str]:
    """Every distinct pattern of the services."""
    session = get_session()
    found: dict[str, None] = {}
    for service in SERVICES:
        model = session.get_service_model(service)
        shapes = (model.shape_for(name).metadata.get("pattern") for name in model.shape_names)
        found |= dict.fromkeys(pattern for pattern in shapes if pattern is not None)
    return list(found)


def spread(title: str, seconds: list[float]) -> None:
    """Print the median, the 95th percentile and the greatest of some times."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    print(f"{title:34} {len(seconds):4} {1e3 * cuts[49]:8.2f} {1e3 * cuts[94]:8.2f} {1e3 * max(seconds):8.2f} ms")


def timed(case: Callable[[], object]) -> float:
    """The least CPU seconds of some calls."""
    best = float("inf")
    for _ in range(ROUNDS):
        compile_pattern.cache_clear()
        valid_format_strings.cache_clear()
        begun = time.process_time()
        case()
        best = min(best, time.process_time() - begun)
    return best


def building(patterns: list[str]) -> dict[str, Language]:
    """Print what building costs; the languages that can be built."""
    built: dict[str, Language] = {}
    refused: list[PatternError] = []
    for pattern in patterns:
        try:
            built[pattern] = Language.from_pattern(pattern)
        except PatternError as error:
            refused.append(error)
    print(f"{'':34} {'n':>4} {'p50':>8} {'p95':>8} {'max':>8}")
    for dialect in ("ecma", "every"):
        spread(
            f"pattern to automaton, {dialect}",
            [timed(lambda p=pattern, d=dialect: Language.from_pattern(p, dialect=d)) for pattern in built],
        )
    spread(
        f"its lengths up to {LENGTHS}",
        [timed(lambda p=pattern: Language(built[p].automaton).lengths(LENGTHS)) for pattern in built],
    )
    spread("format to automaton", [timed(lambda n=name: valid_format_strings(n)) for name in FORMATS])
    print(f"{len(built)} of {len(patterns)} are built; the others:")
    for error in refused:
        print(f"    {error}")
    return built


def correctness(title: str, built: dict[str, Language]) -> None:
    """Print how many members and non-members the oracle calls wrong."""
    rng = random.Random(0)
    wrong = judged = 0
    for pattern, language in built.items():
        engine = ecma.compile(pattern, "u" if ecma.is_valid(pattern, "u") else "")
        for side, verdict in ((language, True), (~language, False)):
            lengths = side.lengths(64) or side.lengths(1024)[:1]
            for _ in range(MEMBERS if lengths else 0):
                hint = "".join(rng.choice(f"{pattern}aA0-_ \n\u00e9") for _ in range(16))
                text = side.construct(rng.choice(lengths), hint)
                with contextlib.suppress(ecma.MatchLimitError):
                    wrong += engine.test(text, timeout=0.1) != verdict
                    judged += 1
    print(f"{title}: {len(built)} patterns, {judged} members and non-members judged, wrong: {wrong}", end="")
    print("  TOO MANY" if wrong else "")


def made_up(count: int) -> dict[str, Language]:
    """Random patterns in which all that is driven meets, look-around and word boundaries above all."""
    rng = random.Random(0)
    built = {}
    while len(built) < count:
        pattern = _choice(rng, 3, behind=False)
        with contextlib.suppress(PatternError):
            built[pattern] = Language.from_pattern(pattern)
    return built


def _choice(rng: random.Random, depth: int, *, behind: bool) -> str:
    return "|".join(
        "".join(_piece(rng, depth, behind=behind) for _ in range(rng.choice((0, 1, 1, 2, 2, 3))))
        for _ in range(rng.choice((1, 1, 1, 2, 3)))
    )


def _piece(rng: random.Random, depth: int, *, behind: bool) -> str:
    kind = rng.random()
    if depth and kind < 0.15:
        sign = rng.choice(("(?<=", "(?<!") if behind else ("(?=", "(?!", "(?<=", "(?<!"))
        return f"{sign}{_choice(rng, depth - 1, behind=behind or '<' in sign)})"
    if kind < 0.25:
        return rng.choice(("^", "$", r"\b", r"\B"))
    if depth and kind < 0.5:
        atom = f"(?:{_choice(rng, depth - 1, behind=behind)})"
    else:
        atom = rng.choice(("a", "b", "1", " ", ".", "[ab]", "[^a]", r"\w", r"\W", r"\d", r"\s", "[^]", "[]"))
    return atom + rng.choice(("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,3}?"))


@st.composite
def ours(draw: st.DrawFn, language: Language) -> str:
    """A member, as the kit's strategies draw one: a length, and a text that it follows."""
    lengths = language.lengths(LENGTHS)
    length = lengths[draw(st.integers(0, len(lengths) - 1))]
    return language.construct(length, draw(st.text(max_size=min(length, 16))))


def examples_a_second(strategy: st.SearchStrategy[str]) -> float:
    """How many examples Hypothesis draws in a CPU second."""

    @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def law(text: str) -> None:
        seen.append(text)

    seen: list[str] = []
    begun = time.process_time()
    law()
    return len(seen) / (time.process_time() - begun)


def plain_a_second(draw: Callable[[], object]) -> float:
    """How many strings a plain function makes in a CPU second."""
    begun, count = time.process_time(), 0
    while time.process_time() - begun < 0.3:
        for _ in range(50):
            draw()
        count += 50
    return count / (time.process_time() - begun)


def peers(pattern: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """The tools at hand that make a string of a pattern, without a source of choices that shrinks."""
    for name, make in (("exrex", "getone"), ("rstr", "xeger")):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        yield name, functools.partial(getattr(module, make), pattern)


def drawing() -> None:
    """Print how fast each tool draws."""
    source = RandomChoices(random.Random(0))
    for title, pattern in (("E.164", PHONE), ("name", NAME), ("ARN", ARN)):
        language = Language.from_pattern(pattern)
        cases = {"ours": ours(language), "from_regex": st.from_regex(pattern, fullmatch=True)}
        rounds = [{name: examples_a_second(case) for name, case in cases.items()} for _ in range(ROUNDS + 1)]
        # The first round pays for what Hypothesis loads.
        figures = {name: statistics.median(each[name] for each in rounds[1:]) for name in cases}
        ratio = figures["ours"] / figures["from_regex"]
        figures["ours, seeded"] = plain_a_second(functools.partial(strings(language), source, 0))
        figures |= {name: plain_a_second(make) for name, make in peers(pattern)}
        print(f"{title:6}", "  ".join(f"{name} {rate:.0f}/s" for name, rate in figures.items()), end="  ")
        print(f"{ratio:.2f} of from_regex {'ok' if ratio >= 1 else 'TOO SLOW'}")


def main() -> None:
    """Measure all three."""
    warnings.simplefilter("ignore")
    built = building(published())
    print()
    correctness("published", built)
    correctness("made up", made_up(MADE_UP))
    print()
    drawing()


if __name__ == "__main__":
    main()
