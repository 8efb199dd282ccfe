r"""Every escape and construct that ECMA 262 (with the flag u), jsonschema-rs (Rust's regex) and Python's re read differently.

Each is refused with its name and a replacement, or its strings are those on which the engines agree.
"""

import random
import re
import warnings

import corvus_regex_ecma262 as ecma
import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.regex import Language, PatternError
from tests.support.sizes import sample

REFUSED = {
    # Anchors and boundaries of Perl, Python and Rust.
    r"\Aa": "'\\A' differently; write ^",
    r"a\Z": "'\\Z' differently; write $",
    r"a\z": "'\\z' differently; write $",
    r"\A(?<n>a)": "'\\A' differently; write ^",
    r"\Ga": "'\\G' differently",
    r"a\Kb": "'\\K' differently",
    r"\<a": "'\\<' differently; write <",
    r"a\>": "'\\>' differently; write >",
    r"[\<\>]": "'\\<' differently; write <",
    r"\b{start}a": r"'\b{start}' differently; write \b\{start\}",
    r"a\b{end-half}": r"'\b{end-half}' differently",
    # Escapes of one letter.
    r"\a": r"'\a' differently; write \x07",
    r"[\a]": r"'\a' differently; write \x07",
    r"\e": r"'\e' differently; write \x1b",
    r"\h": r"'\h' differently; write [ \t]",
    r"[\h]": r"'\h' differently; write h",
    r"\H": r"'\H' differently",
    r"\R": r"'\R' differently; write (?:\r\n|[\r\n])",
    r"\N": r"'\N' differently; write [^\n]",
    r"\N{DIGIT ONE}": r"'\N' differently",
    r"\O": r"'\O' differently",
    r"\X": r"'\X' differently",
    r"\V": r"'\V' differently",
    r"\Qa.b\E": r"'\Q' differently; write a backslash before each special character",
    r"\E": r"'\E' differently",
    r"\i\c": r"'\i' differently; write i",
    r"\y": r"'\y' differently; write y",
    r"[\B]": r"'\B' differently; write B",
    r"[\A]": r"'\A' differently; write A",
    "\\\u00e9": "differently; write \u00e9",
    # Characters by their number.
    r"\U00000041": r"'\U' differently; write \u{...}",
    r"\x{41}": "not a hexadecimal number",
    r"\x4": "not a hexadecimal number",
    r"\u41": "not a hexadecimal number",
    r"\u{110000}": "above U+10FFFF",
    r"\ud83d\ude00": "'\\ud83d' differently; write the character itself",
    r"[\ud83d\ude00-\ud83d\ude4f]": "write the character itself",
    r"\ud83d": "write the character itself",
    r"[^\ud800-\udfff]": "write the character itself",
    r"\0": r"'\0' differently; write \x00",
    r"[\0]": r"'\0' differently; write \x00",
    r"\01": r"'\01' differently; write \x01",
    r"[\1]": r"'\1' differently; write \x01",
    r"\12": r"'\12' differently; write \x0a",
    r"\8": r"'\8' differently; write 8",
    r"[\8]": r"'\8' differently; write 8",
    r"\o{101}": r"'\o' differently",
    r"\c": r"'\c' differently; write \\c",
    r"\c1": r"'\c' differently; write \\c",
    r"[\c1]": r"'\c' differently; write \\c",
    r"[\b]": r"'[\b]' differently; write [\x08]",
    # Unicode properties.
    r"\pL": r"'\p' differently; write \p{...}",
    r"\PL": r"'\P' differently; write \P{...}",
    r"[\pL]": r"'\p' differently; write \p{...}",
    r"\p{^L}": "'^L' is not supported",
    r"\p{Greek}": "'Greek' is not supported",
    r"\p{IsGreek}": "'IsGreek' is not supported",
    r"\p{Script=Greek}": "'Script=Greek' is not supported; write its ranges",
    r"\p{Alphabetic}": "'Alphabetic' is not supported",
    r"\p{Emoji}": "'Emoji' is not supported",
    # References.
    r"(a)\1": "back reference",
    r"(a)\2": r"'\2' differently",
    r"(?<n>a)\k<n>": "back reference",
    r"\k<n>": r"'\k' differently; write k",
    r"\g{1}": r"'\g' differently",
    # Groups.
    "(?P<n>a)": "unknown group '(?P<' at 0; write (?<",
    "(?P<n>a)(?P=n)": "unknown group '(?P<'",
    "(?'n'a)": "unknown group",
    "(?<$n>a)": "'(?<$n>' differently; write a unique name of letters",
    "(?<n>a)|(?<n>b)": "'(?<n>' differently; write a unique name",
    "(?i)a": "unknown group '(?i)' at 0; write both cases, as [Aa]",
    "(?i:a)": "unknown group '(?i:' at 0; write both cases",
    "(?-i:a)": "unknown group '(?-i:'",
    "a(?i)b": "unknown group '(?i)' at 1",
    "(?s).": "unknown group '(?s)'",
    "(?m)^a$": "unknown group '(?m)'",
    "(?x) a": "unknown group '(?x)'",
    "(?U)a+": "unknown group '(?U)'",
    r"(?a)\w": "unknown group '(?a)'",
    "(?>a)": "unknown group '(?>' at 0; write (?:",
    "(?|a|b)": "unknown group '(?|'",
    "(?#x)a": "unknown group '(?#'",
    "(?(1)a|b)": "unknown group '(?('",
    "(?~a)": "unknown group '(?~'",
    # Quantifiers.
    "x{,3}": "'{,3}' differently; write {0,3}",
    "x{,}": "'{,}' differently; write {0,}",
    "x{": r"'{' differently; write \{",
    "{a}": r"'{' differently; write \{",
    "x{1,a}": r"'{' differently; write \{",
    "/{env}/{name}": r"'{' differently; write \{",
    "{}": r"'{' differently; write \{",
    "{1}": "nothing to repeat before '{'",
    "x{2}{3}": "nothing to repeat before '{'",
    "x++": "nothing to repeat before '+' at 2; escape it, or write one quantifier",
    "x*+": "nothing to repeat before '+'",
    "x?+": "nothing to repeat before '+'",
    "x{2,3}+": "nothing to repeat before '+'",
    "x**": "nothing to repeat before '*'",
    "^*a": "an anchor can't be repeated",
    r"\b+a": "an anchor can't be repeated",
    "(?<=a)*b": "an anchor can't be repeated",
    "(?=a)*b": "'(?=a)*' differently; write the look-ahead once",
    # Classes.
    "[]": "'[]' differently; write [\\]...] or (?!)",
    "[^]": "'[^]' differently; write [^\\]...] or [\\s\\S]",
    "[]a]": "'[]' differently",
    "[^]a]": "'[^]' differently",
    r"[a-\d]": r"'-' differently; write \-",
    r"[\w-z]": r"'-' differently; write \-",
    "[a--b]": "out of order",
}
"""Patterns, each with a part of the reason."""

SUPPORTED = [
    *(r"^\d+$", r"^\D+$", r"^\w+$", r"^\W+$", r"^\s+$", r"^\S+$", r"[\s\S]", r"[^\s\S]|a", r"[\S\t]", r"[^\w\s]"),
    *(".", "^.$", "^.+$", "^.{2}$", "a$", "^$", "^a$", "$", r"\b", r"\Ba", r"^\b", r"\w\b\W", "\u00e9\\b|a", r"a\b"),
    *(
        r"\t\n\v\f\r|a",
        r"[\t\n\v\f\r]",
        r"\cA",
        r"\ca",
        r"[\cA]",
        r"\x41",
        r"\u0041",
        r"\u{41}",
        r"\u{1F600}",
        r"\u2028",
    ),
    *(r"\-", r"a\-b", r"\/", r"[\/]", r"\_", r"\@\#\%\&", r"\~\`\!", r"\"\'", r"\,\:\;\=", "\\ ", r"[\@\#\%\&\!]"),
    *(r"\^\$\.\|\?\*\+\(\)\[\]\{\}\\", r"[\^\$\.\|\?\*\+\(\)\[\]\{\}\\]", "]", "a]", "}", "a}", r"\{a\}", r"\\d"),
    *("[[:alpha:]]", "[[:^alpha:]]", "[:alpha:]", "[[=a=]]", "[[a]b]", "[[a]", "[a[b]", r"[\]]", r"[\[]"),
    *("[a&&b]", "[a-z&&[^b]]", "[&&]", "[--a]", "[+--]", "[a~~b]", "[a||b]", "[a-]", "[-a]", "[^-a]", r"[a\-z]"),
    *("x??", "x*?", "x+?", "x{2,3}?", "x{2,}", "x{2}", "x{0}a", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?<=a+)b"),
    *("(?:a)", "(?<n>a)", "(?<n1_>a)", "(?<\u00e9>a)", "()", "(|a)", "a|", "|a", "a||b", "a#b", "a b"),
    *(r"^\p{L}$", r"\p{Lu}", r"\p{Letter}", r"\P{L}", r"^[\p{L}\d]+$", r"[^\p{L}]", r"\p{gc=L}", r"\p{ASCII}"),
    *("\U0001f600", "^[\U0001f600-\U0001f64f]$", "^\U0001f600?$", "[^\U0001f600]"),
]
"""Patterns, of which every engine that compiles them accepts the same constructed strings."""

TEXTS = ["", "a", "b", "A", "ab", "a\n", "\n", "\r", "\t", " ", "\x85", "\u2028", "\xa0", "\ufeff", "\x1c", "\u180e"]
TEXTS += [
    "1",
    "\u0661",
    "\u00e9",
    "a\u00e9",
    "\u0301",
    "\u200d",
    "\u24b6",
    "\u212a",
    "_",
    "-",
    "]",
    "[]",
    "&",
    "~|",
    "x",
]
TEXTS += ["xx", "{", "}", "a]", "\\", ":", "\x01", "\0", "\U0001f600", "\U0001f600a", "\U0001f64f", "a b", "/", "p{L}"]


def engines(pattern):
    """The matcher of each engine that compiles the pattern: ECMA 262 with the flag u, or else without it."""
    yield jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield re.compile(pattern).search
        except re.error:
            pass
    try:
        yield ecma.compile(pattern, "u", timeout=1.0).test
    except ecma.error:
        yield ecma.compile(pattern, timeout=1.0).test


def strings(language, rng):
    """Strings of a language: those of the texts, and constructed ones."""
    yield from (text for text in TEXTS if text in language)
    lengths = language.lengths(20)
    for _ in range(8 if lengths else 0):
        template = "".join(rng.choice(TEXTS) for _ in range(rng.randrange(6)))
        yield language.construct(rng.choice(lengths), template)


@pytest.mark.parametrize(("pattern", "reason"), sample(list(REFUSED.items()), 55))
def test_a_construct_of_some_engines_is_refused_by_name(pattern, reason):
    """The error has the location, the construct and a replacement, and never comes from a validator alone."""
    for flavour in ("intersection", "union"):
        with pytest.raises(PatternError) as caught:
            Language.from_pattern(pattern, flavour=flavour)
        assert reason in caught.value.reason
    with pytest.raises(UnsupportedSchemaError) as refused:
        Contract({"properties": {"a": {"pattern": pattern}}})
    assert [problem.schema_pointer for problem in refused.value.problems] == ["/properties/a/pattern"]
    assert reason in str(refused.value)


@pytest.mark.parametrize("pattern", sample(list(SUPPORTED), 54))
def test_engines_agree_on_the_strings_of_a_supported_construct(pattern):
    """Every engine finds the pattern in each string of the intersection, and in none outside of the union."""
    rng = random.Random(pattern)
    matchers = list(engines(pattern))
    inside = Language.from_pattern(pattern, flavour="intersection")
    outside = Language.from_pattern(pattern, flavour="union").complement()
    for language, expected in ((inside, True), (outside, False)):
        for text in strings(language, rng):
            assert [bool(matches(text)) for matches in matchers] == [expected] * len(matchers), text
    assert any(True for _ in strings(inside, rng))


def test_every_letter_and_digit_is_refused_or_read_alike():
    """No escape of one ASCII character, alone or in a class, reaches a validator that rejects it or reads it differently."""
    for code in range(0x20, 0x7F):
        for pattern in (f"\\{chr(code)}", f"[\\{chr(code)}]", f"\\{chr(code)}{{2}}"):
            try:
                language = Language.from_pattern(pattern, flavour="intersection")
            except PatternError:
                continue
            matchers = list(engines(pattern))
            texts = list(strings(language, random.Random(code)))
            assert all(matches(text) for text in texts for matches in matchers), pattern
