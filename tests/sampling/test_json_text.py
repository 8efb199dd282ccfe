import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import json_text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":2}', r'x: contains the duplicate member "a"; keep one of them \(at /a\)'),
        (b'{"a":1,"\\u0061":2}', r'x: contains the duplicate member "a"; .* \(at /a\)'),
        (b'[{}, {"b": {"a/b":1, "c": 0, "a/b":2}}]', r"\(at /1/b/a~1b\)"),
        (b'{"a":{"x":1,"x":1},"a":{}}', r"\(at /a\)"),
        (b'{"a":[0, NaN]}', r"x: contains NaN, which is not a JSON number; write null or omit it \(at /a/1\)"),
        (b"[Infinity]", r"contains Infinity, .* \(at /0\)"),
        (b'{"a":-1e999}', r"the number -1e999, beyond the range of a double; write it as a string \(at /a\)"),
        (b"1E+400", r"the number 1E\+400, beyond .* \(at \(root\)\)"),
        (b"[0, 1.5e0400]", r"the number 1.5e0400, beyond .* \(at /1\)"),
        (b"9" * 310 + b".0", r"the number 9{40}, beyond"),
        (b"9" * 300 + b"e99", r"the number 9{40}, beyond"),
        (b"9" * 5000, r"an integer of 5000 digits; at most 4300 are supported; .* \(at \(root\)\)"),
        (b'{"a": null, "b": [-1e400]}', r"the number -1e400, beyond .* \(at /b/0\)"),
        (b"[" + b"9" * 30 + b", 1e400]", r"the number 1e400, beyond .* \(at /1\)"),
        (b"[" * 100_000, "x:1: is nested deeper than 201 levels at byte 201; flatten it"),
        (b"[" * 202 + b"]" * 202, "nested deeper than 201 levels at byte 201"),
        (b"\n" + b"[" * 300 + b"]" * 300, "x:2: is nested deeper than 201 levels at byte 202"),
        (b'{"a":["\\ud800"]}', r"an unpaired surrogate, .* \(at /a/0\)"),
        (b'{"\\udc00":1}', r"an unpaired surrogate, .* \(in the member name at /\\udc00\)"),
        (b'{"\\n\\u001b":NaN}', r"\(at /\\n\\x1b\)"),
        (b'{\n"a": "\xff"}', "x:2: is not UTF-8 at byte 8; save it as UTF-8"),
        (b'"\xed\xa0\x80"', "x:1: is not UTF-8 at byte 1"),
        ('{"a":1}'.encode("utf-16"), "x: is UTF-16 or UTF-32 at byte 0, and only UTF-8 is supported"),
        ('{"a":1}'.encode("utf-32-le"), "x: is UTF-16 or UTF-32 at byte 0"),
        (b'{"a":\n1', "x:2: is not valid JSON: expected ',' delimiter at column 2"),
        (b"", "is not valid JSON: expected value at column 1"),
        (b"{} {}", "is not valid JSON: extra data at column 4"),
        (b'"\x1b"', "is not valid JSON: invalid control character at column 2"),
    ],
    ids=lambda given: None if isinstance(given, str) else repr(given[:20]),
)
def test_misleading_text_is_rejected_with_its_location(raw, reason):
    """Each kind of text that misleads parsers is one short error with its location and a remedy."""
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
        (b'{"a":' * 201 + b"1" + b"}" * 201, json.loads('{"a":' * 201 + "1" + "}" * 201)),
        (b"[" + b",".join([b"[]"] * 500) + b"]", [[]] * 500),
        (b"1.5e3", 1500.0),
        (b'["1e400", "0E999", 1e-400]', ["1e400", "0E999", 0.0]),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"-" + b"9" * 4300, -int("9" * 4300)),
        (b"0." + b"9" * 5000, 1.0),
        (b'{"a": ":\\u003a:"}', {"a": ":::"}),
    ],
    ids=lambda given: repr(given)[:20],
)
def test_json_is_parsed(raw, value):
    """A byte order mark, a surrogate pair, equal names at two levels, brackets within strings, exact integers."""
    assert json_text.parse(raw, "x") == value


def test_errors_name_the_line_of_a_stream():
    """A text that is one line of a file is reported with the number of that line."""
    with pytest.raises(InvalidDocumentError, match=r"^x:7: contains the duplicate member .* \(at /a\)"):
        json_text.parse(b'{"a":1,"a":1}\n', "x", line=7)
    with pytest.raises(InvalidDocumentError, match=r"^x:7: is not valid JSON"):
        json_text.parse(b'{"a":1,\n', "x", line=7)


@pytest.mark.slow
def test_hostile_text_takes_linear_time():
    """Unclosed quotes, and a duplicate at the end of very many members, are reported after one pass."""
    with pytest.raises(InvalidDocumentError, match="is not valid JSON"):
        json_text.parse(b'[1 "' + b'\\"' * 2_000_000, "x")
    names = ",".join(f'"{number}":0' for number in [*range(200_000), 199_999])
    with pytest.raises(InvalidDocumentError, match=r"\(at /199999\)"):
        json_text.parse(b"{" + names.encode() + b"}", "x")


SPELLINGS = st.sampled_from(
    [
        ":",
        "a",
        "\\u003a",
        "\\u003A",
        "\\u0061",
        '\\"',
        "\\\\",
        " ",
        "{",
        "é",
        "\\u00e9",
        "u003",
        '\\":',
        "1e400",
        "\\ud800",
    ]
)
TEXTS = st.lists(SPELLINGS, max_size=3).map(lambda parts: '"' + "".join(parts) + '"')
NUMBERS = st.sampled_from(
    [
        *("0", "-0", "-0.0", "1.0", "1E2", "1e999", "-1E+400", "1e0308", "1e-400", "NaN", "01", "1.", "0.1e-5"),
        *(
            "9" * 18,
            "9" * 19,
            "9" * 20,
            "9" * 300 + "e9",
            "9" * 308 + ".5",
            "1" * 309,
            "1" * 309 + ".0",
            "9" * 4300,
            "-" + "9" * 4301,
        ),
        *("-9223372036854775809", "18446744073709551616.0", "0." + "0" * 330 + "1", "2.2250738585072011e-308"),
    ]
)
GAPS = st.sampled_from(["", " ", "\t", "\r\n"])


def written(values):
    lists = st.builds("{}[{}]".format, GAPS, st.lists(values, max_size=3).map(",".join))
    members = st.builds("{}{}{}:{}{}".format, GAPS, TEXTS, GAPS, GAPS, values)
    return lists | st.lists(members, max_size=3).map(lambda each: "{" + ",".join(each) + "}")


def outcome(parse, raw):
    try:
        return repr(parse(raw, "x"))
    except InvalidDocumentError as error:
        return str(error)


@given(st.recursive(TEXTS | NUMBERS, written, max_leaves=8), GAPS)
@example('{"a":"::",":a":1,"\\u003aa":1}', "")
@example('{"a":1e2,"a":1 }', "")
def test_jiter_and_the_strict_parser_agree(text, end):
    """Accepted text has the value of the strict parser, and rejected text its error."""
    raw = (text + end).encode()
    assert outcome(json_text.parse, raw) == outcome(
        lambda raw, source: json_text._parse_strictly(raw, source, None), raw
    )


EIGHTHS = st.integers(-(10**6), 10**6).map(lambda number: number / 8)


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=9), EIGHTHS | st.text(max_size=9) | st.integers(-(2**53), 2**53)))
@example({"a": "10:30:00", "\xe9:": "{[", "b": 1e22, "c": "1e400"})
def test_ordinary_records_need_no_second_parse(value):
    """The strict parser is not called for records as encoders write them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_parse_strictly", None)
        for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, separators=(",", ":"))):
            assert json_text.parse(text.encode(), "x") == json.loads(text)


@given(st.binary() | st.lists(st.sampled_from(b'{}[]":,\\ue09+-.\xef\xbb\xbf\xff\n a')).map(bytes))
def test_any_bytes_are_a_value_or_one_error(raw):
    """Bytes are parsed, or rejected in one line."""
    try:
        json_text.parse(raw, "x")
    except InvalidDocumentError as error:
        assert "\n" not in str(error)
