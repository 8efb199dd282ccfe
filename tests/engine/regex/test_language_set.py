"""Sets of languages: the languages that contain a text, judged one by one."""

import random

import pytest

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex import language_set as module
from chime_fixtures.engine.regex.language_set import LanguageSet
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS

PATTERNS = [*dict.fromkeys(hazard.pattern for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS))]
TEXTS = [*dict.fromkeys(text for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS) for text in hazard.templates)]
LANGUAGES = [Language.from_pattern(pattern) for pattern in PATTERNS]


def expected(text):
    """The indices of the languages that contain a text."""
    return [index for index, language in enumerate(LANGUAGES) if text in language]


def test_a_set_contains_what_its_languages_contain():
    """Every hazardous string, joined to others, and random strings of few characters."""
    rng = random.Random(0)
    texts = ["", *TEXTS[::2], *("".join(rng.sample(TEXTS, 2)) for _ in range(40))]
    texts += ["".join(rng.choices(" -:.,0129AaZ=%\n\u00e9\u2028\U0001f600", k=rng.randint(1, 9))) for _ in range(100)]
    languages = LanguageSet(LANGUAGES)
    for text in texts:
        assert (text, sorted(languages.containing([*text]))) == (text, expected(text))


def test_a_text_in_parts():
    """The parts of a text lead to the same languages as its characters, also where some are not of ASCII."""
    languages = LanguageSet(LANGUAGES)
    for text in ["", "\u00e9", *TEXTS[::3]]:
        for size in (1, 3, 10):
            parts = [text[start : start + size] for start in range(0, len(text), size)]
            assert (text, sorted(languages.containing(parts))) == (text, expected(text))


@pytest.mark.parametrize("pattern", [*PATTERNS[::4], "^[^A-Z]*[a-z][^A-Z]*$", "a|b", "^(?:aa|ba)$"])
def test_a_minimised_automaton(pattern):
    """It accepts the same texts, has at most as many states, and minimising it again changes nothing."""
    dfa = Language.from_pattern(pattern).dfa
    least = dfa.minimised()
    assert len(least.transitions) <= len(dfa.transitions)
    assert least.minimised() is least
    assert [least.accepts(text) for text in TEXTS] == [dfa.accepts(text) for text in TEXTS]


def test_the_memory_of_a_set_is_bounded(monkeypatch):
    """Beyond the limit the automaton is built anew, with the same results."""
    monkeypatch.setattr(module, "MAX_REMEMBERED", 20)
    languages = LanguageSet(LANGUAGES)
    for text in TEXTS[::9]:
        assert sorted(languages.containing([*text])) == expected(text)


@pytest.mark.parametrize("patterns", [[], [","], ["^a"], ["a", "^[^a]*$"], [""]])
def test_small_sets(patterns):
    """None, one that requires a character, one that does not, one with every string."""
    languages = LanguageSet([Language.from_pattern(pattern) for pattern in patterns])
    for text in ("", "a", ",", "b,a"):
        assert sorted(languages.containing([*text])) == [
            index for index, pattern in enumerate(patterns) if text in Language.from_pattern(pattern)
        ]


def test_a_lone_surrogate():
    """No language has it, and the caller is told so."""
    with pytest.raises(ValueError, match="lone surrogate"):
        LanguageSet(LANGUAGES).containing(["a\ud800"])
