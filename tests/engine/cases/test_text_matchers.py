"""The cases of strings, and relations that a look decides, against each definition by itself."""

import itertools
import random

import pytest

from chime_fixtures.engine.cases import text_matchers as module
from chime_fixtures.engine.cases.text_matchers import TextCases, text_lookup
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS
from chime_fixtures.engine.values.related_members import RELATED_MEMBERS, RELATED_TYPES
from chime_fixtures.engine.values.relations import RELATIONS
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS
from tests.support.sizes import IS_NIGHTLY

RANDOM_TEXTS = 4000 if IS_NIGHTLY else 60
CALENDAR_TEXTS = [*dict.fromkeys(text for hazard in CALENDAR_HAZARDS for text in hazard.templates)]
TEXTS = [*dict.fromkeys(text for hazard in TEXT_HAZARDS for text in hazard.templates)]
FEW = {"leading-plus", "repeated-start", "digits", "compatibility", "decomposed", "long-in-bytes"}
MATCHERS = {
    "texts": (TEXT_HAZARDS, TEXTS),
    "calendar": (CALENDAR_HAZARDS, CALENDAR_TEXTS),
    "both": ((*TEXT_HAZARDS[::3], *CALENDAR_HAZARDS), CALENDAR_TEXTS),
    "few": (TEXT_HAZARDS[12:16], TEXTS),
    "starts and ends": ([each for each in TEXT_HAZARDS if each.label in FEW], TEXTS),
}


def date_times(rng, count):
    """Random date-times, many of them near the end of a day, month, year or summer time; some are not dates."""
    dates = [
        "2026-03-29",
        "2026-11-01",
        "2024-12-31",
        "0001-01-01",
        "9999-12-31",
        "2023-02-29",
        "1970-01-01",
        "0000-01-01",
    ]
    for _ in range(count):
        date = rng.choice([*dates, f"20{rng.randint(0, 99):02}-{rng.randint(1, 12):02}-{rng.randint(1, 31):02}"])
        clock = f"{rng.choice([0, 1, 2, 12, 23]):02}:{rng.choice([0, 30, 59]):02}:{rng.choice([0, 59, 60]):02}"
        fraction = rng.choice(["", ".5", ".50", ".000", ".999999", f".{rng.randint(0, 999):03}"])
        yield date + rng.choice("TTTt") + clock + fraction + rng.choice(["Z", "Z", "z", "+00:00", "+02:00", "-23:59"])


@pytest.mark.parametrize("max_by_expression", [0, 30, 10**6], ids=["automata", "changed", "expressions"])
@pytest.mark.parametrize(("hazards", "templates"), MATCHERS.values(), ids=MATCHERS)
def test_strings(hazards, templates, max_by_expression, monkeypatch):
    """Each hazard that matches a string is found: realistic and random strings, and those that are not Unicode."""
    monkeypatch.setattr(module, "MAX_TEXTS_BY_EXPRESSION", max_by_expression)
    module._language_filter.cache_clear()
    module._language_set.cache_clear()
    rng = random.Random(0)
    cases = TextCases(
        [*enumerate(hazards)],
        {3: [(-1, None)], 4: [(-2, str.isupper)]},
        {"ABCD": [-3], "a" * 300: [-3]},
        [(-4, "+1".__eq__)],
    )
    positions = text_lookup(cases)
    texts = [
        "",
        "ABCD",
        "\ud800",
        "2024-12-30\ud800",
        "2024-12-30",
        "2024-12-30T",
        "12:00:00Z",
        "a" * 300,
        "\u2028+",
        "[\u2028]",
        *templates,
    ]
    texts += ["".join(rng.sample(templates, 2)) for _ in range(RANDOM_TEXTS)]
    texts += ["".join(rng.choices("-ab12 Z\u00e9\U0001f600", k=rng.randint(3, 30))) for _ in range(RANDOM_TEXTS)]
    texts += date_times(rng, RANDOM_TEXTS)
    for text in texts:
        expected = [position for position, hazard in enumerate(hazards) if hazard.matches(text)]
        lengths = [-1] * (len(text) == 3) + [-2] * (len(text) == 4 and text.isupper())
        others = [-3] * (text in cases.constants) + [-4] * (text == "+1")
        assert (text, sorted(positions(text))) == (text, sorted([*expected, *lengths, *others]))


@pytest.mark.parametrize("hazards", [CALENDAR_HAZARDS, TEXT_HAZARDS, TEXT_HAZARDS[-3:]], ids=["dates", "all", "few"])
def test_bounded_memory(hazards, monkeypatch):
    """Beyond the limits, dates, shapes, beginnings and short strings are looked at anew."""
    for name in ("MAX_KNOWN_DATES", "MAX_KNOWN_SHAPES", "MAX_KNOWN_STARTS", "MAX_KNOWN_TEXTS"):
        monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(module, "MAX_TEXTS_BY_EXPRESSION", 2)
    positions = text_lookup(TextCases([*enumerate(hazards)]))
    for text in [*CALENDAR_TEXTS[::6], *TEXTS[::6]] * 2:
        expected = [position for position, hazard in enumerate(hazards) if hazard.matches(text)]
        assert (text, sorted(positions(text))) == (text, expected)
    if isinstance(getattr(positions, "__self__", None), module.KnownTexts):
        assert len(positions.__self__) <= 2


VALUES = {
    "date-time": [
        "",
        None,
        5,
        "abc",
        *date_times(random.Random(1), 40),
        "2026-01-01T23:59:60Z",
        "2026-01-02T00:00:00Z",
    ],
    "date": ["", None, "2026-01-01", "2026-01-02"],
    "time": ["", None, "12:00:00Z", "13:00:00Z"],
    "number": [None, "1", 1, 1.0, 2, True],
    "text": ["", None, 5, "a", "A", "ab", "AB", "\u00df", "ss", "SS", "sss", "\u0130", "i\u0307"],
}


@pytest.mark.parametrize("kind", RELATIONS)
def test_relations_of_two_members(kind):
    """They are those that the definitions find, for each pair of values."""
    values = [value for value in VALUES[kind] if isinstance(value, RELATED_TYPES[kind])]
    for first, second in itertools.product(values, repeat=2):
        related = RELATED_MEMBERS[kind]({"a": first, "b": second}, [("a", "b", "pair")])
        labels = related[0][1] if related else ()
        expected = [relation.label for relation in RELATIONS[kind] if relation.holds(first, second)]
        assert (first, second, sorted(labels)) == (first, second, sorted(expected))
