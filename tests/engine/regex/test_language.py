import re
import unicodedata

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chime_fixtures.engine.regex import Language, PatternError

PATTERNS = [
    r"^\+?[1-9][0-9]{1,14}$",
    r"^$|^[A-Z]{2}$",
    r"^[a-zA-Z0-9 ]{0,30}$",
    r"[^\t\n\u000b\f\r \u00a0\ufeff]",
    r"^(?:[a-z0-9]{21,22}|[0-9a-f]{8}-[0-9a-f]{4})$",
    "a|b",
    "x*",
    "(ab)+c?",
    r"^[^\d]+\.$",
    r"\w{3}\s\W",
    r"^\D\S.$",
    r"a{2,}b{0,3}",
    r"[\w-]\x41\u0042",
    r"^(?<year>[0-9]{4})$",
    r"\$\^\/\-",
    r"[\n-\r]",
    "",
    "^",
    "a.b",
]
# The judge's full stop stops at a line feed only; ECMA's at these too.
_ENDS_OF_LINES = set("\r\u2028\u2029")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "abcxAZ09+- .\n\t\u0661\u2028", max_size=8
)
NEAR = [r"^\+?[1-9][0-9]{1,14}$", r"^[a-z]*$", "a|b", r"^(?!.*--)[a-z-]+$", r"\bx\b", "^[^]?x"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_ecma_is_what_an_outside_engine_says(pattern):
    """Membership, and every member and every non-member that we build, is as an ECMA engine from outside judges."""
    language = Language.from_pattern(pattern)
    judge = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid

    @given(TEXTS, st.integers(0, 40))
    def law(text, index):
        if not _ENDS_OF_LINES & set(text):
            assert (text in language) == judge(text)
        for side, verdict in ((language, True), (~language, False)):
            lengths = side.between(0, 40).lengths(40)
            if lengths:
                length = lengths[index % len(lengths)]
                member = side.construct(length, text)
                assert len(member) == length
                assert judge(member) == verdict or _ENDS_OF_LINES & set(member)

    law()


@pytest.mark.parametrize("pattern", [each for each in PATTERNS if "?<" not in each])
def test_python_is_what_re_says(pattern):
    """The other dialect finds exactly what `re.search` finds."""
    language = Language.from_pattern(pattern, dialect="python")

    @given(TEXTS)
    def law(text):
        assert (text in language) == bool(re.search(pattern, text))

    law()


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("^[^]$", ["a", "\n"], ["", "ab"]),
        ("^(?:[]|x)$", ["x"], ["", "y"]),
        ("^a{,3}$", ["a{,3}"], ["aaa"]),
        (r"^\cJ\0[\b]$", ["\n\0\b"], ["J0b"]),
        (r"^.$", ["a", "\x85"], ["\n", "\r", "\u2028"]),
        (r"^[a-\d]$", ["a", "-", "5"], ["b"]),
    ],
)
def test_annex_b_is_read_as_browsers_read_it(pattern, inside, outside):
    """What ECMA 262 tolerates, or defines apart from other engines, is read as its text says."""
    language = Language.from_pattern(pattern)
    assert [text in language for text in inside + outside] == [True] * len(inside) + [False] * len(outside)


def test_lengths_are_counted_not_tried():
    """The lengths of a language with gaps are listed without building a text; bounds meet."""
    language = Language.from_pattern("^(?:[a-z]{3}|[0-9]{7,8})$")
    assert language.lengths(100) == [3, 7, 8]
    assert (language.shortest, language.longest) == (3, 8)
    assert language.between(4, 7).lengths(100) == [7]
    assert [language.has_length(length) for length in (2, 3, 4, 8, 9)] == [False, True, False, True, False]
    assert Language.from_pattern("^(?:ab)*$").between(1, 1_000_001).longest == 1_000_000
    assert Language.from_pattern("^a+$").longest is None


def test_an_empty_language_says_so():
    """Bounds that no member has leave nothing, and asking for a member is an error."""
    language = Language.from_pattern("^a$").between(2, 5)
    assert (language.is_empty, language.shortest, language.longest) == (True, None, None)
    assert Language.from_pattern("^a$").between(2).is_empty
    with pytest.raises(ValueError, match="no member has 3 characters"):
        language.construct(3)


def test_a_member_follows_its_hint():
    """What may stay of the hint stays; what may not gives way to an allowed character; the rest is padded simply."""
    phone = Language.from_pattern(r"^\+?[1-9][0-9]{1,14}$")
    assert phone.construct(12, "+12065550100") == "+12065550100"
    assert phone.construct(4, "") == "1000"
    assert Language.anything().construct(3, "a") == "a00"
    assert Language.anything().construct(6, "abcd") == "abcdab"


def test_algebra_is_that_of_sets():
    """Intersection, union, difference and complement decide as the sets do."""
    left, right = Language.from_pattern("^[ab]*$"), Language.from_pattern("^[bc]*$")
    for text in ("", "a", "b", "c", "ab", "bc", "d"):
        in_left, in_right = text in left, text in right
        assert (text in (left & right)) == (in_left and in_right)
        assert (text in (left | right)) == (in_left or in_right)
        assert (text in (left - right)) == (in_left and not in_right)
        assert (text in ~left) == (not in_left)
    assert (left.between(1, 3) & right.between(2)).lengths(9) == [2, 3]


def test_a_finite_language_is_its_list():
    """A language made of texts has these and no others, the empty one and any character included."""
    language = Language.literal(["", "Voice", "a\nb", "\U0001f600"])
    assert language.lengths(9) == [0, 1, 3, 5]
    assert [text in language for text in ("", "Voice", "voice", "a\nb", "\U0001f600", "\ud800")] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "back reference"),
        (r"(?<a>b)\k<a>", "back reference"),
        (r"\p{Script=Greek}", "'Script=Greek' is not driven"),
        (r"\p{Alphabetic}", "'Alphabetic' is not driven"),
        (r"(?<=a(?=b))b", "look-ahead within look-behind"),
        ("(?i)a", "unknown group"),
        ("a)", "unmatched"),
        ("(a", "not closed"),
        ("[a", "not closed"),
        ("*a", "nothing to repeat"),
        ("a{2}{3}", "nothing to repeat"),
        ("a{3,2}", "out of order"),
        ("[z-a]", "out of order"),
        ("^*", "anchor"),
        (r"\b+", "anchor"),
        ("(?<=a)*", "anchor"),
        ("a\\", "backslash"),
        (r"\u12", "hexadecimal"),
        (r"\u{110000}", "no such code point"),
        ("a.{24}$", "too large"),
        ("(?<=a.{24})b", "too large"),
        ("(?=.{1,253}$)(?:a|b)*c", "too large"),
        ("(?:(?=a)|(?=b)|x){2,64}y", "too large"),
        ("^((a{0,30}b{0,90}){0,30}){0,30}$", "too large"),
        ("(){0,999999999}", "too large"),
        ("(" * 9999 + ")" * 9999, "nested too deeply"),
    ],
)
def test_what_is_no_regular_language_is_refused(pattern, reason):
    """A pattern that can't be an automaton is refused, after a bounded number of steps and by its reason."""
    with pytest.raises(PatternError, match=reason) as caught:
        Language.from_pattern(pattern)
    assert str(caught.value).startswith("pattern ")


def test_a_product_that_blows_up_is_refused():
    """Patterns that are small alone and too large together are refused as well."""
    left, right = Language.from_pattern("a.{9}$"), Language.from_pattern("b.{10}$")
    with pytest.raises(PatternError, match="too large"):
        _ = left & right


def test_end_of_text_has_a_second_spelling():
    r"""`(?![\s\S])` is the end of the text, as schemas for many engines write it."""
    for dialect in ("ecma", "every", "some"):
        language = Language.from_pattern(r"^a(?![\s\S])", dialect=dialect)
        assert ["a" in language, "a\n" in language] == [True, False]


def test_a_great_length_is_no_great_automaton():
    """A count of one class over the whole text, or ahead of it, is a bound on the length; nested counts are one."""
    for pattern, longest in (
        ("^[a-z]{1,65535}$", 65535),
        (r"^(?=.{1,253}$)([a-z]{1,63}\.)*[a-z]{1,63}$", 253),
        ("^((a{0,30}){0,30}){0,5}$", 4500),
    ):
        language = Language.from_pattern(pattern)
        assert len(language.automaton.moves) < 100
        assert language.longest == longest
        assert len(language.construct(longest, "abcde")) == longest
        assert [language.has_length(longest), language.has_length(longest + 1)] == [True, False]
        with pytest.raises(ValueError, match="different bounds"):
            _ = language | Language.anything()


def test_questions_about_length_end_also_where_lengths_hardly_repeat():
    """Cycles of coprime lengths repeat together after a long time only; no answer waits for that."""
    sizes = (7, 11, 13, 17)
    alone = [Language.from_pattern(f"^(?:[{letter}]{{{size}}})*$") for letter, size in zip("abcd", sizes, strict=True)]
    every = alone[0] | alone[1] | alone[2] | alone[3]
    assert every.longest is None
    assert every.between(1).shortest == 7
    assert every.lengths(30) == [0, 7, 11, 13, 14, 17, 21, 22, 26, 28]
    assert every.between(0, 100).longest == 99
    assert Language.from_pattern("^a{5,9}$").between(6, 7).longest == 7
    assert (~Language.from_pattern("^[^]{3,}$")).longest == 2


def test_code_points_of_no_version_yet_are_on_no_side():
    """What Unicode has not assigned may be a letter tomorrow: it is neither drawn nor decided."""
    language = Language.from_pattern(r"^\p{L}$")
    assert ["\u00e9" in language, "1" in language, "1" in ~language] == [True, False, True]
    assert ["\u0378" in language, "\u0378" in ~language] == [False, False]
    for name, inside, outside in (
        ("Any", "a\u0378", ""),
        ("ASCII", "a\x7f", "\x80"),
        ("Assigned", "a\u00e9\ue000", ""),
    ):
        language = Language.from_pattern(rf"^\p{{{name}}}+$")
        assert [char in language for char in inside] == [unicodedata.category(char) != "Cn" for char in inside]
        assert [char in language for char in outside] == [False] * len(outside)
    assert ("\u01c5" in Language.from_pattern(r"^\P{gc=Uppercase_Letter}$")) is True


@given(st.sampled_from(NEAR), st.integers(0, 12), TEXTS)
def test_near_misses_are_at_distance_one_and_refused(pattern, length, hint):
    """Each near miss differs from the member in one character and is refused; names and texts are distinct."""
    language = Language.from_pattern(pattern)
    lengths = language.lengths(12)
    text = language.construct(lengths[length % len(lengths)], hint)
    found = list(language.near_misses(text))
    assert found == list(language.near_misses(text))
    assert len({name for name, _ in found}) == len({edited for _, edited in found}) == len(found)
    for name, edited in found:
        assert edited not in language
        kind, place = name.split("-")[:2]
        at = int(place)
        grown = {"delete": -1, "replace": 0, "insert": 1}[kind]
        assert len(edited) == len(text) + grown
        assert edited[:at] == text[:at]
        assert edited[at + (kind != "delete") :] == text[at + (kind != "insert") :]


def test_near_misses_are_all_there_are():
    """For each way to leave the language by one edit there is one near miss; where there is none, there is none."""
    digits = Language.from_pattern("^[0-9]{2}$")
    assert {edited for _, edited in digits.near_misses("12")} == {
        "2",
        "1",
        "A2",
        "1A",
        "A12",
        "12A",
        "1A2",
        "012",
        "102",
        "120",
    }
    assert list(Language.anything().near_misses("a")) == []
    with pytest.raises(ValueError, match="no member"):
        list(digits.near_misses("\ud800"))
