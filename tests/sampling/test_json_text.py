import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import json_text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":2}', r'x: has the member "a" twice in one object; keep one of them \(at /a\)'),
        (b'{"a":1,"\\u0061":2}', r'x: has the member "a" twice .* \(at /a\)'),
        (b'[{}, {"b": {"a/b":1, "c": 0, "a/b":2}}]', r"\(at /1/b/a~1b\)"),
        (b'{"a":{"x":1,"x":1},"a":{}}', r"\(at /a\)"),
        (b'{"a":[0, NaN]}', r"x: has NaN, which is no JSON number; .* \(at /a/1\)"),
        (b"[Infinity]", r"has Infinity, .* \(at /0\)"),
        (b'{"a":-1e999}', r"the number -1e999, beyond what a double holds; .* \(at /a\)"),
        (b"9" * 5000, r"an integer of 5000 digits; .* \(at /\)"),
        (b"[0." + b"9" * 5000 + b"]", r"a number of 5002 characters; .* \(at /0\)"),
        (b"[" * 100_000, "x:1: is nested beyond 200 levels at byte 200; make it flatter"),
        (b"[" * 201 + b"]" * 201, "nested beyond 200 levels at byte 200"),
        (b"\n" + b"[" * 300 + b"]" * 300, "x:2: is nested beyond 200 levels at byte 201"),
        (b'{"a":["\\ud800"]}', r"half of a surrogate pair, .* \(at /a/0\)"),
        (b'{"\\udc00":1}', r"half of a surrogate pair, .* \(in a name at /\\udc00\)"),
        (b'{"\\n\\u001b":NaN}', r"\(at /\\n\\u001b\)"),
        (b'{\n"a": "\xff"}', "x:2: is not UTF-8 at byte 8; save it as UTF-8"),
        (b'"\xed\xa0\x80"', "x:1: is not UTF-8 at byte 1"),
        ('{"a":1}'.encode("utf-16"), "x: is not UTF-8 at byte 0"),
        ('{"a":1}'.encode("utf-32-le"), "x: is not UTF-8 at byte 0"),
        (b'{"a":\n1', "x:2: is no JSON: .* at column 2"),
        (b"", "is no JSON"),
        (b"{} {}", "is no JSON: Extra data"),
        (b'"\x1b"', "is no JSON: Invalid control character"),
    ],
    ids=lambda given: None if isinstance(given, str) else repr(given[:20]),
)
def test_what_is_not_trusted_is_refused(raw, reason):
    """Each way in which JSON text misleads a reader is one short error with its place and a remedy."""
    with pytest.raises(InvalidDocumentError, match=reason) as caught:
        json_text.parse(raw, "x")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"a":{"a":1}}', {"a": {"a": 1}}),
        (b'["]]]","\\"[["]', ["]]]", '"[[']),
        (b"[[" * 100 + b"1" + b"]]" * 100, json.loads("[[" * 100 + "1" + "]]" * 100)),
        (b"[" + b",".join([b"[]"] * 500) + b"]", [[]] * 500),
        (b"1.5e3", 1500.0),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b'{"a": ":\\u003a:"}', {"a": ":::"}),
    ],
    ids=lambda given: repr(given)[:20],
)
def test_what_is_json_is_read(raw, value):
    """A mark of UTF-8, a whole surrogate pair, equal names at two levels, brackets within text, exact integers."""
    assert json_text.parse(raw, "x") == value


def test_the_line_of_a_stream_is_in_the_place():
    """A text that stands on one line of a file is reported with that line."""
    with pytest.raises(InvalidDocumentError, match=r"^x:7: has the member .* \(at /a\)"):
        json_text.parse(b'{"a":1,"a":1}\n', "x", line=7)
    with pytest.raises(InvalidDocumentError, match=r"^x:7: is no JSON"):
        json_text.parse(b'{"a":1,\n', "x", line=7)


def test_hostile_text_takes_linear_time():
    """Quotes that never close, and a name that comes twice at the end of very many, are told in one pass."""
    with pytest.raises(InvalidDocumentError, match="is no JSON"):
        json_text.parse(b'[1 "' + b'\\"' * 2_000_000, "x")
    names = ",".join(f'"{number}":0' for number in [*range(200_000), 199_999])
    with pytest.raises(InvalidDocumentError, match=r"\(at /199999\)"):
        json_text.parse(b"{" + names.encode() + b"}", "x")


SPELLINGS = st.sampled_from(
    [":", "a", "\\u003a", "\\u003A", "\\u0061", '\\"', "\\\\", " ", "{", "é", "\\u00e9", "u003", '\\":']
)
TEXTS = st.lists(SPELLINGS, max_size=3).map(lambda parts: '"' + "".join(parts) + '"')
NUMBERS = st.sampled_from(
    [
        "0",
        "-0",
        "1.0",
        "1E2",
        "1e999",
        "NaN",
        "9" * 18,
        "9" * 19,
        "9" * 20,
        "-9223372036854775809",
        "18446744073709551616.0",
        "0.1e-5",
    ]
)
GAPS = st.sampled_from(["", " ", "\t", "\r\n"])


def written(values):
    lists = st.builds("{}[{}]".format, GAPS, st.lists(values, max_size=3).map(",".join))
    members = st.builds("{}{}{}:{}{}".format, GAPS, TEXTS, GAPS, GAPS, values)
    return lists | st.lists(members, max_size=3).map(lambda each: "{" + ",".join(each) + "}")


@given(st.recursive(TEXTS | NUMBERS, written, max_leaves=8), GAPS)
@example('{"a":"::",":a":1,"\\u003aa":1}', "")
@example('{"a":"::","a":":"}', "\n")
@example('{"a":1e2,"a":1 }', "")
def test_the_quick_parser_takes_what_the_strict_one_takes(text, end):
    """What the quick parser vouches for is the very value that the strict one reads; about the rest it is in doubt."""
    raw = (text + end).encode()
    try:
        quick = json_text.parse_quickly(raw)
    except json_text.Doubt:
        return
    assert repr(quick) == repr(json_text._parse_strictly(raw, "x", None))


EIGHTHS = st.integers(-(10**6), 10**6).map(lambda number: number / 8)


@given(st.dictionaries(st.text(max_size=9), EIGHTHS | st.text(max_size=9) | st.integers(-(2**53), 2**53)))
@example({"a": "10:30:00", "\xe9:": "{[", "b": 1e22})
def test_the_quick_parser_doubts_no_ordinary_record(value):
    """Records as encoders write them, compact or spaced, go the quick way, unless they hold an escape 003 or 19 digits."""
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, separators=(",", ":"))):
        if "\\u003" not in text:
            assert json_text.parse_quickly(text.encode()) == json.loads(text)


@given(st.binary() | st.lists(st.sampled_from(b'{}[]":,\\ue09+-.\xef\xbb\xbf\xff\n a')).map(bytes))
def test_any_bytes_get_a_value_or_one_error(raw):
    """Whatever the bytes are, they are a value or refused with one line."""
    try:
        json_text.parse(raw, "x")
    except InvalidDocumentError as error:
        assert "\n" not in str(error)
