import functools

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chime_fixtures.engine.cases.format_mistakes import format_mistakes
from chime_fixtures.engine.regex import FORMATS, Language, format_language, format_outside

ALL = sorted(FORMATS)
HINTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
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
    ("iri", "https://[::1]/"),
    ("uri-template", "{a..b}"),
    ("relative-json-pointer", "100/a"),
    ("regex", "(?<n>a)"),
]


@functools.cache
def judges(name):
    schema = {"format": name}
    return (
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid,
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid,
    )


def verdicts(name, text):
    return [judge(text) for judge in judges(name)]


@pytest.mark.parametrize("name", ALL)
def test_every_judge_accepts_the_members_and_rejects_what_is_outside(name):
    """What the language of a format builds, both judges accept; what the language outside builds, both reject."""
    members, outside = format_language(name), format_outside(name)
    lengths, others = members.lengths(60), outside.lengths(40)

    @settings(max_examples=40)
    @given(HINTS, st.integers(0, 999))
    def law(hint, index):
        member = members.construct(lengths[index % len(lengths)], hint)
        assert verdicts(name, member) == [True, True]
        assert member not in outside
        other = outside.construct(others[index % len(others)], hint)
        assert verdicts(name, other) == [False, False]
        assert other not in members

    law()


@pytest.mark.parametrize("name", ALL)
def test_every_judge_accepts_both_ends(name):
    """The shortest member is one for both judges, and so is the longest where there is one."""
    members = format_language(name)
    for length in {members.shortest, members.longest} - {None}:
        assert verdicts(name, members.construct(length, "a-b.c@d")) == [True, True]


@pytest.mark.parametrize("name", ALL)
def test_every_judge_rejects_the_format_mistakes(name):
    """Each slip has a name and a text of its own, and both judges reject it."""
    slips = format_mistakes(name)
    assert len(slips) >= 3
    assert len({variant for variant, _ in slips}) == len({text for _, text in slips}) == len(slips)
    for variant, text in slips:
        assert verdicts(name, text) == [False, False], variant


@pytest.mark.parametrize(("name", "text"), CONTESTED)
def test_what_engines_differ_on_is_on_neither_side(name, text):
    """A text that one judge accepts and the other rejects is no member, and not outside."""
    assert sorted(verdicts(name, text)) == [False, True]
    assert text not in format_language(name)
    assert text not in format_outside(name)


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
        ("iri", "https://m\u00fcller.example/\u00e9"),
        ("uuid", "2EB8aa08-aa98-11ea-b4aa-73b441d16380"),
        ("json-pointer", "/a~1b/~0/\u00e9/"),
        ("relative-json-pointer", "2/a/0"),
        ("uri-template", "/a/{id}{?page,size*}"),
        ("regex", r"^[A-Z]+(?:ab|c)?\d{1,12}$"),
    ],
)
def test_what_people_write_is_a_member(name, text):
    """The languages are not the plainest corner of their formats."""
    assert verdicts(name, text) == [True, True]
    assert text in format_language(name)


def test_formats_meet_patterns_and_lengths():
    """A format, a pattern and bounds on length together are a language again, from which members are built."""
    language = (format_language("email") & Language.from_pattern(r"\.example$")).between(20, 21)
    assert language.lengths(99) == [20, 21]
    for length in (20, 21):
        text = language.construct(length, "ann@mail")
        assert text.endswith(".example")
        assert verdicts("email", text) == [True, True]
    assert (format_language("ipv4") & Language.from_pattern("a")).is_empty
    beside = format_outside("date") & Language.from_pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    assert verdicts("date", beside.construct(10, "2020-02-30")) == [False, False]


def test_a_format_that_is_not_driven_has_no_language():
    """Other formats are for the survey to refuse."""
    assert (format_language("color"), format_outside("color"), format_mistakes("color")) == (None, None, ())
