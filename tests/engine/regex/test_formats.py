import functools

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chime_fixtures.engine.cases.format_mistakes import format_mistakes
from chime_fixtures.engine.regex import FORMATS, Language, invalid_format_strings, valid_format_strings

ALL = sorted(FORMATS)
# The first IRI compiles its grammars, which takes a second.
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name.startswith("iri") else []) for name in ALL]
TEMPLATES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    "0123456789abcdefxyzABCXYZ-.:/@#?%[]{}()*+~_ \n\\^$\u00e9\u0661", max_size=30
)
CONTESTED = [
    ("date", "0000-01-01"),
    ("date-time", "2016-12-31T23:59:60Z"),
    ("date-time", "2020-04-15T16:10:00Z\n"),
    ("duration", "P1.5D"),
    ("duration", "P1Y1D"),
    ("email", "a@b@c"),
    ("email", "a@"),
    ("hostname", "example.com."),
    ("hostname", "ab--cd"),
    ("uri", "https://example.com\n"),
    ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d1638 "),
    pytest.param("iri", "https://[::1]/", marks=pytest.mark.slow),
    ("uri-template", "{a..b}"),
    ("relative-json-pointer", "100/a"),
    ("regex", "(?<n>a)"),
]


@functools.cache
def validators(name):
    schema = {"format": name}
    return (
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid,
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid,
    )


def results(name, text):
    return [is_valid(text) for is_valid in validators(name)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_validators_accept_valid_strings_and_reject_invalid_ones(name):
    """Both validators accept every string constructed from the valid ones, and reject every one from the invalid ones."""
    valid, invalid = valid_format_strings(name), invalid_format_strings(name)
    valid_lengths, invalid_lengths = valid.lengths(60), invalid.lengths(40)

    @settings(max_examples=40)
    @given(TEMPLATES, st.integers(0, 999))
    def check(template, index):
        accepted = valid.construct(valid_lengths[index % len(valid_lengths)], template)
        assert results(name, accepted) == [True, True]
        assert accepted not in invalid
        rejected = invalid.construct(invalid_lengths[index % len(invalid_lengths)], template)
        assert results(name, rejected) == [False, False]
        assert rejected not in valid

    check()


@pytest.mark.parametrize("name", NAMES)
def test_validators_accept_the_shortest_and_the_longest_string(name):
    """Both validators accept a string of the minimum length, and one of the maximum length if there is one."""
    valid = valid_format_strings(name)
    for length in {valid.shortest, valid.longest} - {None}:
        assert results(name, valid.construct(length, "a-b.c@d")) == [True, True]


@pytest.mark.parametrize("name", NAMES)
def test_validators_reject_the_format_mistakes(name):
    """Each mistake has its own name and text, and both validators reject it."""
    mistakes = format_mistakes(name)
    assert len(mistakes) >= 3
    assert len({variant for variant, _ in mistakes}) == len({text for _, text in mistakes}) == len(mistakes)
    for variant, text in mistakes:
        assert results(name, text) == [False, False], variant


@pytest.mark.parametrize(("name", "text"), CONTESTED)
def test_contested_strings_are_neither_valid_nor_invalid(name, text):
    """A string that one validator accepts and the other rejects is in neither language."""
    assert sorted(results(name, text)) == [False, True]
    assert text not in valid_format_strings(name)
    assert text not in invalid_format_strings(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date-time", "2024-02-29T23:59:59.123456789+14:00"),
        ("date", "2000-02-29"),
        ("time", "00:00:00-00:00"),
        ("duration", "P1Y2M3DT4H5M6S"),
        ("email", "first.last+tag@mail.example.com"),
        ("hostname", "xn-a.example"),
        ("ipv4", "255.255.255.255"),
        ("ipv6", "2001:db8::ffff:192.0.2.1"),
        ("uri", "https://user:pw@example.com:8080/a/b;c?d=e&f#g"),
        ("uri", "urn:isbn:0451450523"),
        ("uri", "https://[2001:db8:0:0:0:0:0:1]/"),
        ("uri-reference", "../a?b"),
        pytest.param("iri", "https://m\u00fcller.example/\u00e9", marks=pytest.mark.slow),
        ("uuid", "2EB8aa08-aa98-11ea-b4aa-73b441d16380"),
        ("json-pointer", "/a~1b/~0/\u00e9/"),
        ("relative-json-pointer", "2/a/0"),
        ("uri-template", "/a/{id}{?page,size*}"),
        ("regex", r"^[A-Z]+(?:ab|c)?\d{1,12}$"),
    ],
)
def test_usual_spellings_are_valid(name, text):
    """The languages contain usual values, not only the simplest ones."""
    assert results(name, text) == [True, True]
    assert text in valid_format_strings(name)


def test_a_format_intersects_with_patterns_and_lengths():
    """Strings are constructed from the intersection of a format, a pattern and bounds on length."""
    language = (valid_format_strings("email") & Language.from_pattern(r"\.example$")).between(20, 21)
    assert language.lengths(99) == [20, 21]
    for length in (20, 21):
        text = language.construct(length, "ann@mail")
        assert text.endswith(".example")
        assert results("email", text) == [True, True]
    assert (valid_format_strings("ipv4") & Language.from_pattern("a")).is_empty
    invalid_dates = invalid_format_strings("date") & Language.from_pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    assert results("date", invalid_dates.construct(10, "2020-02-30")) == [False, False]


def test_an_unsupported_format_has_no_language():
    """Valid and invalid strings of an unsupported format are None, and it has no mistakes."""
    assert (valid_format_strings("color"), invalid_format_strings("color"), format_mistakes("color")) == (
        None,
        None,
        (),
    )
