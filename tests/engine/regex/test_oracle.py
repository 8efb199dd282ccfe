import random
import re
import unicodedata

import corvus_regex_ecma262 as ecma
import jsonschema_rs
import pytest
from botocore.session import get_session

from chime_fixtures.engine.regex import Language, PatternError
from tests.support.sizes import sample

SERVICES = ("chime", "chime-sdk-identity", "chime-sdk-media-pipelines", "chime-sdk-meetings", "chime-sdk-messaging")
SERVICES += ("chime-sdk-voice", "s3", "iam", "lambda", "ec2", "dynamodb")
UNSUPPORTED = {
    r"^(?!.*?(.)\1{3})[-_!@#$a-zA-Z0-9]*$": "back reference",
    "^[-_a-zA-Z0-9]*${2,64}$": "anchor can't be repeated",  # not an ECMA 262 pattern
    r"\p{Print}+": "'Print' is not supported",  # ECMA 262 has no such property
}
DIFFICULT = [
    *(
        r"^(?=.*\d)(?=.*[a-z]).{4,8}$",
        r"(?=a)(?=.*b)(?!.*c)",
        r"(?!(?!a))b?a",
        "a(?=b)*c",
        "(?=(?=a)|b)",
        "(?!)",
        "(?=)",
    ),
    *(
        "(?:(?=.*x)a)*b",
        r"(?:(?!x)\w)+$",
        r"^(?!.*\.\.)[a-z.]+$",
        "^(?:(?!ab).)*$",
        "^(?!a|b$).",
        "(?:a(?=b)|b(?=a))*$",
    ),
    *("^(?:a(?!$))*$", "(?=$)", "(?!$)", "^(?=^)a", r"(?![\s\S])", r"a(?!\s)", r"(?=.*\bx\b)y", "(?=a.*b)b|c"),
    *("(?<=a)b(?!c)", "(?<!a)b$", "(?<=^|,)x", "(?<=(?<!a)b)c", "(?<=a{2})b", "(?<=a+)b", "(?<![ab])c", "(?<=a|^)b$"),
    *("(?<=)", "(?<!)", r"(?<=\b)a", r"(?<!\b)a", r"(?<=\ba)b", "(?<=^a?)b", "(?=b)(?<=a)", "(?<!^)(?!$)x"),
    *(
        r"\bfoo\b",
        r"\Bo",
        r"\b",
        r"\B",
        r"^\B$",
        r"^\b",
        r"\b\w{2}\b",
        r"(?:\b|x)\B",
        r"\b(?:a|\B)",
        r"(?:\b)*a",
        "(?:(?<=a))+b",
        "(?:^)?b",
    ),
    *(
        "[^]",
        "[]",
        "^[^]?$",
        r"[\b]",
        r"[\]]",
        "[[]",
        "[a&&b]",
        r"[\w-]",
        r"[a-\d]",
        r"[\d-z]",
        "[--a]",
        "[a-]",
        "[-a]",
    ),
    *(r"\0", r"^\01$", r"\8", r"[\1]", r"^\c$", r"\ca", r"[\c_]", r"\k", r"\k<a>", r"\a", r"\Z", r"\A", r"\e", r"\-"),
    *(
        "a{,3}b",
        "x{",
        "x{1",
        "]",
        "}",
        "^{a",
        "a{0}",
        "^a{0}b",
        "(?:a|b){2,3}?c",
        "((a*)*)*b",
        "(?:)",
        "()",
        "|",
        "a||b",
    ),
    *("^|a", "$a", "a^", r"\u0041+", r"\u{61}", r"\ud83d\ude00", r"[\s\S]", r"^\s+$", "^.$", r"[\u2028-\u2029]"),
    *("(?<n>a)b", "(?<$n>a)", "(a|ab)(c|bcd)(d*)$", "^(?:(?:ab?){2,4}c?){1,2}$", "(?:^a|b)+$", r"\w+@\w+\.\w+"),
    *(r"^\p{Lu}\p{Ll}*$", r"\P{L}", r"[\p{N}_]", r"^[^\p{P}\s]+$"),
]
UNICODE = [
    r"^\d+$",
    r"^\D+$",
    r"^\w+$",
    r"^\W+$",
    r"^\s+$",
    r"^\S+$",
    r"^[^\d]+$",
    r"^[^\w\s]+$",
    r"^(?!\d)\w$",
    r"^(?!x)\s$",
]
UNICODE += [
    r"^(?!x)[\s\S]$",
    r"^(?!x)\d$",
    r"^(?!\W).$",
    r"a\b.",
    r"a\B.",
    r"(?<!\w)x",
    r"(?<=\s)x",
    "a$",
    "(?!a$).",
    "^a?$",
]
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "foo",
    "foo bar",
    "a.b",
    "..",
    "ab,x",
    "xy x",
    "\n",
    "a\n",
    "\r",
    "\u2028",
    "1a",
    "aa b",
    "abc",
]
TEXTS += [
    "\u00e9",
    "a\u00e9",
    "\ufeff",
    "\x85",
    "{a",
    "x{",
    "\\c",
    "\0",
    "\x01",
    "]",
    "}",
    "-",
    "bac",
    "aab",
    "caab",
    "yx",
]
TEXTS += [
    "ABC",
    "\u0661",
    "A1",
    "ab\x01",
    "\b",
    "_",
    "a_",
    "\U0001f600",
    "\v",
    "y x",
    "\u0301",
    "\x1c",
    "\u2003",
    "\u200d",
    "\u24b6",
]


def published_patterns():
    """Every distinct pattern of the services, in their order."""
    session = get_session()
    patterns = {}
    for service in SERVICES:
        model = session.get_service_model(service)
        patterns |= dict.fromkeys(model.shape_for(name).metadata.get("pattern") for name in model.shape_names)
    return [pattern for pattern in patterns if pattern is not None]


PUBLISHED = published_patterns()


def oracle(pattern):
    """The matcher of an ECMA 262 engine, by code points if it compiles the pattern so; None stands for a timeout."""
    try:
        engine, is_by_code_points = ecma.compile(pattern, "u", timeout=1.0), True
    except ecma.error:
        engine, is_by_code_points = ecma.compile(pattern, timeout=1.0), False

    def matches(text):
        if not is_by_code_points and max(text, default="") > "\uffff":
            return None
        try:
            return engine.test(text)
        except ecma.MatchLimitError:
            return None

    return matches


def constructed(language, pool, rng, count):
    """Some strings of a language, short ones more often."""
    lengths = language.lengths(40) or language.lengths(300)[:3]
    for _ in range(count if lengths else 0):
        template = "".join(rng.choice(pool) for _ in range(rng.randrange(10)))
        yield language.construct(lengths[int(rng.random() ** 2 * len(lengths))], template)


def mutated(text, pool, rng):
    """The text with one character inserted, deleted or replaced."""
    start = rng.randrange(len(text) + 1)
    return text[:start] + rng.choice(["", rng.choice(pool)]) + text[start + rng.randrange(2) :]


def check(pattern):
    language = Language.from_pattern(pattern)
    matches = oracle(pattern)
    rng = random.Random(pattern)
    pool = [*TEXTS, *pattern]
    texts = []
    for side, expected in ((language, True), (language.complement(), False)):
        for text in constructed(side, pool, rng, 4):
            assert matches(text) in (expected, None), text
            texts.append(text)
    for text in [*TEXTS, *texts, *(mutated(text, pool, rng) for text in texts * 3)]:
        if "\\p" in pattern.lower() and any(unicodedata.category(char) == "Cn" for char in text):
            continue
        assert matches(text) in (text in language, None), text


@pytest.mark.parametrize("pattern", sample(DIFFICULT, 55))
def test_difficult_patterns_match_as_in_an_ecma_engine(pattern):
    """Strings of the language, of its complement, and their mutations match as in an independent ECMA 262 engine."""
    check(pattern)


@pytest.mark.slow
def test_published_patterns_match_as_in_an_ecma_engine():
    """Of all patterns of eleven AWS services all but three are supported, and match as in an ECMA 262 engine."""
    assert len(PUBLISHED) > 100
    for pattern in PUBLISHED:
        if pattern in UNSUPPORTED:
            with pytest.raises(PatternError, match=UNSUPPORTED[pattern]):
                Language.from_pattern(pattern)
        else:
            check(pattern)


def engines(pattern):
    """The matchers of jsonschema-rs and Python, each if it compiles the pattern."""
    try:
        yield jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError:
        pass
    try:
        yield re.compile(pattern).search
    except re.error:
        pass


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("pattern", sample([*DIFFICULT, *UNICODE], 65))
def test_all_engines_agree_on_intersection_and_union(pattern):
    """Both engines match every string of the flavour "intersection", and none outside of the flavour "union"."""
    rng = random.Random(pattern)
    for flavour in ("intersection", "union"):
        try:
            language = Language.from_pattern(pattern, flavour=flavour)
        except PatternError as error:
            assert "differently" in error.reason  # a pattern may also be rejected as ambiguous
            return
        side = language if flavour == "intersection" else language.complement()
        for text in constructed(side, [*TEXTS, *pattern], rng, 12):
            for match in engines(pattern):
                assert bool(match(text)) == (flavour == "intersection"), (flavour, text)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("pattern", sample([*DIFFICULT, *UNICODE], 65))
def test_flavour_python_matches_as_re_does(pattern):
    """The flavour "python" equals `re.search`; a pattern that `re` rejects is read as by ECMA 262."""
    language = Language.from_pattern(pattern, flavour="python")
    try:
        search = re.compile(pattern).search
    except re.error:
        assert language.dfa.transitions == Language.from_pattern(pattern).dfa.transitions
        return
    rng = random.Random(pattern)
    for text in [*TEXTS, *(mutated(rng.choice(TEXTS), [*TEXTS, *pattern], rng) for _ in range(20))]:
        assert (text in language) == bool(search(text)), text
