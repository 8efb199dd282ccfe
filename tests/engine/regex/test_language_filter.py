"""Filters of languages: they exclude no language that contains a text, and are certain of none that does not."""

import random

import pytest

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.regex import language_filter as module
from chime_fixtures.engine.regex.language_filter import LanguageFilter
from chime_fixtures.engine.regex.text_shapes import MAX_SHAPE_SIGNS, shape
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS
from tests.support.sizes import IS_NIGHTLY

OTHERS = ["", "a", "^a?$", "^$", "^[^a]*$", "^(?:aa|ba)$", "^.{2,3}$", "a.b", "^x[0-9]{17,20}$", "^[A-Z][a-z]*$", "[]"]
PATTERNS = [*dict.fromkeys(hazard.pattern for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS)), *OTHERS]
TEXTS = [*dict.fromkeys(text for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS) for text in hazard.templates)]
LANGUAGES = [Language.from_pattern(pattern) for pattern in PATTERNS]
DFAS = [language.dfa for language in LANGUAGES]
FILTER = LanguageFilter(DFAS, [str.isupper, "\u00e9".__eq__])


def expected(text):
    """The indices of the languages that contain a text."""
    of_characters = (any(map(str.isupper, text)), "\u00e9" in text)
    contained = [text in language for language in LANGUAGES]
    return {index for index, is_in in enumerate([*contained, *of_characters]) if is_in}


def texts(count):
    """Hazardous strings, joined ones, and random ones of few characters."""
    rng = random.Random(0)
    yield from ["", "a", "A", "0", "=", "aa", "ba", "x" + "1" * 17, "x" + "1" * 16, "\u00e9", *TEXTS]
    for _ in range(count):
        yield "".join(rng.sample(TEXTS, 2))
        yield "".join(rng.choices(" -:.,0129AaZb=%\n\u00e9\u2028\U0001f600", k=rng.randint(1, 9)))
        yield "".join(rng.choices("aB0- ", k=rng.randint(1, 25)))
        yield "".join(rng.choices("abx01", k=rng.randint(1, 20)))


@pytest.fixture(scope="module")
def examples():
    """Texts, each with the languages that contain it."""
    return [(text, expected(text)) for text in texts(400 if IS_NIGHTLY else 40)]


def test_candidates(examples):
    """The certain languages contain the text, and no language but them and the possible ones does."""
    for text, indices in examples:
        certain, possible = FILTER.candidates(text)
        assert (text, [*certain]) == (text, sorted(indices.intersection(certain)))
        assert (text, indices.difference(certain, possible)) == (text, set())


def test_candidates_of_a_shape(examples):
    """The same holds for each text of a shape, by the candidates of another text of it."""
    candidates = {}
    for text, indices in examples:
        key = shape(text)
        if key is not None:
            certain, possible = candidates.setdefault(key, FILTER.candidates_of_shape(text, key[1].decode()))
            assert (text, set(certain) - indices) == (text, set())
            assert (text, indices.difference(certain, possible)) == (text, set())
    assert len(candidates) > 40


@pytest.mark.parametrize(
    ("text", "undecided"),
    [
        ("8ddeadd3-29b6-4c3d-a990-9cfeba556ada", {"--"}),
        ("51mij3pun1qi4gv1rm4j5f", set()),
        ("Booking 22990", set()),
        ("O'Neil", set()),
        ("a%2Fb", {"%[0-9A-Fa-f]{2}", "%(?:[^0-9A-Fa-f]|$)", "%[sdn]"}),
    ],
)
def test_hazards_that_the_shape_does_not_decide(text, undecided):
    """They are few for ordinary strings."""
    patterns = [hazard.pattern for hazard in TEXT_HAZARDS if not hazard.predicate and not hazard.character]
    languages = LanguageFilter([Language.from_pattern(pattern).dfa for pattern in patterns])
    possible = languages.candidates_of_shape(text, shape(text)[1].decode()).possible
    assert {patterns[index] for index in possible} == undecided


def test_shapes():
    """Letters of one case and digits are alike, except at the ends; other characters, the case and a short length count."""
    assert shape("ab1-c") == shape("xyz-z")
    others = {
        shape(text) for text in ("ab1-c", "ab1-C", "ab1-1", "1b1-c", "aB1-c", "ab1_c", "ab1--c", "ab1-cc", "-b1-c")
    }
    assert len(others) == 9
    assert shape("a" * 17) == shape("b1" * 9 + "b")
    assert [shape(text) for text in ("", "\u00e9", "-" * (MAX_SHAPE_SIGNS + 1))] == [None] * 3


def test_bounded_memory(monkeypatch, examples):
    """Beyond the limits, characters and candidates are computed anew."""
    monkeypatch.setattr(module, "MAX_KNOWN_CHARACTERS", 3)
    monkeypatch.setattr(module, "MAX_KNOWN_CANDIDATES", 3)
    languages = LanguageFilter(DFAS[::5])
    for text, _ in examples[::7]:
        certain, possible = languages.candidates(text)
        contained = {index for index, language in enumerate(LANGUAGES[::5]) if text in language}
        assert (text, contained - {*possible}) == (text, {*certain})


def test_a_lone_surrogate():
    """No language has it, and the caller is told so."""
    with pytest.raises(ValueError, match="lone surrogate"):
        FILTER.candidates("a\ud800")


@pytest.mark.parametrize(
    ("pattern", "results"),
    [
        ("^a", {"": None, "a": True, "ab": True, "b": False}),
        ("^ab", {"a": None, "ab": True, "b": False}),
        ("^a?$", {"a": None, "b": False, "ab": False}),
        ("a", {"b": None, "ba": True, "\ud800": None}),
        ("", {"": True}),
    ],
)
def test_results_that_the_start_decides(pattern, results):
    """True or False if the first characters of a text decide if it is accepted."""
    dfa = Language.from_pattern(pattern).dfa
    assert {start: dfa.result_after(start) for start in results} == results
