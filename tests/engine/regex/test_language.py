import re
import unicodedata

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_none
from tests.support.sizes import ONLY_NIGHTLY, sample

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
# In jsonschema-rs `.` excludes a line feed only; by ECMA 262 it excludes these too.
_OTHER_LINE_TERMINATORS = set("\r\u2028\u2029")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "abcxAZ09+- .\n\t\u0661\u2028", max_size=8
)
NEAR_MISS_PATTERNS = [r"^\+?[1-9][0-9]{1,14}$", r"^[a-z]*$", "a|b", r"^(?!.*--)[a-z-]+$", r"\bx\b", "^[^]?x"]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_flavour_ecma_matches_as_in_an_independent_engine(pattern):
    """Membership, and each string constructed from the language and its complement, is as in an independent engine."""
    language = Language.from_pattern(pattern)
    is_valid = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid

    @given(TEXTS, st.integers(0, 40))
    def check(text, index):
        if not _OTHER_LINE_TERMINATORS & set(text):
            assert (text in language) == is_valid(text)
        for side, expected in ((language, True), (language.complement(), False)):
            lengths = side.between(0, 40).lengths(40)
            if lengths:
                length = lengths[index % len(lengths)]
                constructed = side.construct(length, text)
                assert len(constructed) == length
                assert is_valid(constructed) == expected or _OTHER_LINE_TERMINATORS & set(constructed)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [each for each in PATTERNS if "?<" not in each])
def test_flavour_python_matches_as_re_does(pattern):
    """The flavour "python" contains exactly the strings in which `re.search` finds the pattern."""
    language = Language.from_pattern(pattern, flavour="python")

    @given(TEXTS)
    def check(text):
        assert (text in language) == bool(re.search(pattern, text))

    check()


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
def test_the_syntax_of_annex_b_matches_as_in_browsers(pattern, inside, outside):
    """Syntax that ECMA 262 only tolerates, or defines differently from other engines, matches as it specifies."""
    language = Language.from_pattern(pattern)
    assert [text in language for text in inside + outside] == [True] * len(inside) + [False] * len(outside)


def test_lengths_of_a_language_with_gaps():
    """Lengths are listed without constructing a string; bounds on length intersect."""
    language = Language.from_pattern("^(?:[a-z]{3}|[0-9]{7,8})$")
    assert language.lengths(100) == [3, 7, 8]
    assert (language.shortest, language.longest) == (3, 8)
    assert language.between(4, 7).lengths(100) == [7]
    assert [language.has_length(length) for length in (2, 3, 4, 8, 9)] == [False, True, False, True, False]
    assert Language.from_pattern("^(?:ab)*$").between(1, 1_000_001).longest == 1_000_000
    assert Language.from_pattern("^a+$").longest is None


def test_an_empty_language_has_no_lengths():
    """Bounds that exclude every string leave an empty language, and constructing a string of it is an error."""
    language = Language.from_pattern("^a$").between(2, 5)
    assert (language.is_empty, language.shortest, language.longest) == (True, None, None)
    assert Language.from_pattern("^a$").between(2).is_empty
    with pytest.raises(ValueError, match="no string of the language has 3 characters"):
        language.construct(3)


def test_a_string_follows_its_template():
    """Allowed characters of the template stay, others are replaced by allowed ones, and the rest is padded."""
    phone = Language.from_pattern(r"^\+?[1-9][0-9]{1,14}$")
    assert phone.construct(12, "+12065550100") == "+12065550100"
    assert phone.construct(4, "") == "1000"
    assert Language.all_strings().construct(3, "a") == "a00"
    assert Language.all_strings().construct(6, "abcd") == "abcdab"


def test_set_operations():
    """Intersection, union, difference and complement contain the strings that those of sets contain."""
    left, right = Language.from_pattern("^[ab]*$"), Language.from_pattern("^[bc]*$")
    for text in ("", "a", "b", "c", "ab", "bc", "d"):
        in_left, in_right = text in left, text in right
        assert (text in (left & right)) == (in_left and in_right)
        assert (text in (left | right)) == (in_left or in_right)
        assert (text in (left - right)) == (in_left and not in_right)
        assert (text in left.complement()) == (not in_left)
    assert (left.between(1, 3) & right.between(2)).lengths(9) == [2, 3]


def test_a_finite_language_contains_exactly_its_strings():
    """A finite language contains the given strings and no others, whatever their characters."""
    language = Language.finite(["", "Voice", "a\nb", "\U0001f600"])
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
        (r"\p{Script=Greek}", "'Script=Greek' is not supported"),
        (r"\p{Alphabetic}", "'Alphabetic' is not supported"),
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
        (r"\u{110000}", "a code point is above"),
        *(
            pytest.param(pattern, "too large", marks=[pytest.mark.slow, ONLY_NIGHTLY])
            for pattern in ("a.{24}$", "(?<=a.{24})b", "^((a{0,30}b{0,90}){0,30}){0,30}$")
        ),
        pytest.param("(?=.{1,253}$)(?:a|b)*c", "too large", marks=pytest.mark.slow),
        ("(?:(?=a)|(?=b)|x){2,64}y", "too large"),
        pytest.param("(){0,999999999}", "too large", marks=pytest.mark.slow),
        ("(" * 9999 + ")" * 9999, "nested too deeply"),
    ],
)
def test_an_unsupported_pattern_is_an_error(pattern, reason):
    """A pattern that can't become an automaton raises an error with the reason, after a bounded number of steps."""
    with pytest.raises(PatternError, match=reason) as caught:
        Language.from_pattern(pattern)
    assert str(caught.value).startswith("pattern ")


@pytest.mark.slow
def test_a_product_that_is_too_large_is_an_error():
    """Two patterns with small automata raise an error if their product is too large."""
    left, right = Language.from_pattern("a.{9}$"), Language.from_pattern("b.{10}$")
    with pytest.raises(PatternError, match="too large"):
        _ = left & right


def test_a_negative_lookahead_of_any_character_is_the_end_of_the_text():
    r"""`(?![\s\S])` matches at the end of the text only, in every engine."""
    for flavour in ("ecma", "intersection", "union"):
        language = Language.from_pattern(r"^a(?![\s\S])", flavour=flavour)
        assert ["a" in language, "a\n" in language] == [True, False]


def test_a_large_length_does_not_need_a_large_automaton():
    """A count of one class over the whole text, also in a look-ahead, becomes a bound; nested counts become one."""
    for pattern, longest in (
        ("^[a-z]{1,65535}$", 65535),
        (r"^(?=.{1,253}$)([a-z]{1,63}\.)*[a-z]{1,63}$", 253),
        ("^((a{0,30}){0,30}){0,5}$", 4500),
    ):
        language = Language.from_pattern(pattern)
        assert len(language.dfa.transitions) < 100
        assert language.longest == longest
        assert len(language.construct(longest, "abcde")) == longest
        assert [language.has_length(longest), language.has_length(longest + 1)] == [True, False]
        with pytest.raises(ValueError, match="different bounds"):
            _ = language | Language.all_strings()


def test_length_queries_end_before_the_period_is_reached():
    """Cycles of coprime lengths have a long common period; no query computes the table that far."""
    sizes = (7, 11, 13, 17)
    cycles = [Language.from_pattern(f"^(?:[{letter}]{{{size}}})*$") for letter, size in zip("abcd", sizes, strict=True)]
    combined = cycles[0] | cycles[1] | cycles[2] | cycles[3]
    assert combined.longest is None
    assert combined.between(1).shortest == 7
    assert combined.lengths(30) == [0, 7, 11, 13, 14, 17, 21, 22, 26, 28]
    assert combined.between(0, 100).longest == 99
    assert Language.from_pattern("^a{5,9}$").between(6, 7).longest == 7
    assert Language.from_pattern("^[^]{3,}$").complement().longest == 2


def test_unassigned_code_points_are_neither_in_a_property_nor_in_its_complement():
    """A later version of Unicode may assign a code point as a letter, so that no string contains it."""
    language = Language.from_pattern(r"^\p{L}$")
    assert ["\u00e9" in language, "1" in language, "1" in language.complement()] == [True, False, True]
    assert ["\u0378" in language, "\u0378" in language.complement()] == [False, False]
    for name, inside, outside in (
        ("Any", "a\u0378", ""),
        ("ASCII", "a\x7f", "\x80"),
        ("Assigned", "a\u00e9\ue000", ""),
    ):
        language = Language.from_pattern(rf"^\p{{{name}}}+$")
        assert [char in language for char in inside] == [unicodedata.category(char) != "Cn" for char in inside]
        assert [char in language for char in outside] == [False] * len(outside)
    assert ("\u01c5" in Language.from_pattern(r"^\P{gc=Uppercase_Letter}$")) is True


@given(st.sampled_from(NEAR_MISS_PATTERNS), st.integers(0, 12), TEXTS)
def test_near_misses_are_at_edit_distance_one_and_rejected(pattern, length, template):
    """Each near miss differs from the string in one character and is rejected; names and texts are distinct."""
    language = Language.from_pattern(pattern)
    lengths = language.lengths(12)
    text = language.construct(lengths[length % len(lengths)], template)
    near_misses = list(language.near_misses(text))
    assert near_misses == list(language.near_misses(text))
    assert len({name for name, _ in near_misses}) == len({edited for _, edited in near_misses}) == len(near_misses)
    for name, edited in near_misses:
        assert edited not in language
        kind, index = name.split("-")[:2]
        start = int(index)
        difference = {"delete": -1, "replace": 0, "insert": 1}[kind]
        assert len(edited) == len(text) + difference
        assert edited[:start] == text[:start]
        assert edited[start + (kind != "delete") :] == text[start + (kind != "insert") :]


def test_near_misses_are_complete():
    """Each edit that leaves the language is a near miss, once for each symbol class; a universal language has none."""
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
    assert list(Language.all_strings().near_misses("a")) == []
    with pytest.raises(ValueError, match="is not in the language"):
        list(digits.near_misses("\ud800"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", sample([r"^(?:\S+\s+){0,49}\S+$", r"^$|(^(?:\S+\s+){0,19}\S+$)", r"^(?:\S\s+\S+){25}$"], 1)
)
def test_no_engine_matches_where_the_automaton_of_all_engines_is_too_large(pattern):
    """The strings to violate such a pattern are those that jsonschema-rs and Python reject, not only one of them."""
    with pytest.raises(PatternError, match="too large"):
        Language.from_pattern(pattern, flavour="union")
    rejected = matched_by_none(pattern)
    validator = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    for length in rejected.lengths(40):
        for template in ("a", " \x85", "\u00e9\x1c", "word and "):
            text = rejected.construct(length, template)
            assert not validator.is_valid(text)
            assert not re.search(pattern, text)
