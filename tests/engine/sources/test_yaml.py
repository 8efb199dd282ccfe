"""YAML text as JSON values: the scalars of YAML 1.2, and what is refused, with its line."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.engine.sources import yaml
from tests.support.sizes import IS_NIGHTLY

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc 1:#-é"), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("y", "y"),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
        ("1_000", "1_000"),
        ("190:20:30", "190:20:30"),
        ("1:30", "1:30"),
        ("0b11", "0b11"),
        ("=", "="),
        ("- <<", ["<<"]),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("a:", {"a": None}),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+12", 12),
        ("-0x1", "-0x1"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("'12'", "12"),
        ('"no"', "no"),
        ("|\n  12\n", "12\n"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 12", 12.0),
        ("!!null ''", None),
        ("!!bool 'true'", True),
        ("!!map {a: !!seq [1]}", {"a": [1]}),
        (
            "{200: a, true: b, 1.50: c, 2026-01-01: d, null: e}",
            {"200": "a", "true": "b", "1.50": "c", "2026-01-01": "d", "null": "e"},
        ),
        ("a: 1\n'2': b", {"a": 1, "2": "b"}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x k\n*x : 1", {"a": "k", "k": 1}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", {"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}}),
        ("<<: [{a: 1, b: 1}, {b: 2, c: 2}]\na: 0", {"a": 0, "b": 1, "c": 2}),
        ("'<<': 1", {"<<": 1}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    """Plain scalars have the types of the core schema; keys are text as written; aliases and merge keys are resolved."""
    result = yaml.parse_yaml(text, "f.yaml")
    assert json.dumps(result) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.yaml: is empty; write a schema"),
        ("# nothing\n", "f.yaml: is empty; write a schema"),
        ("a: 1\nb: 2\na: 3", "f.yaml: line 3: duplicate key 'a', which is on line 1 too; remove one"),
        ("200: 1\n'200': 3", "f.yaml: line 2: duplicate key '200', which is on line 1 too; remove one"),
        ("a:\n  b: {c: 1, c: 1}", "f.yaml: line 2: duplicate key 'c', which is on line 2 too; remove one"),
        ("a: 1\n---\nb: 2", "f.yaml: line 2: begins a second document; keep one document a file"),
        ("a: 1\nb: !Ref x", "f.yaml: line 2: tag !Ref is not supported; remove it"),
        ("a: !!binary aGk=", "f.yaml: line 1: tag !!binary is not supported; remove it"),
        ("a: !!set {b}", "f.yaml: line 1: tag !!set is not supported; remove it"),
        ("!!python/object/apply:os.system [x]", "f.yaml: line 1: tag !!python/object/apply:os.system is not supported; remove it"),
        ("!Key a: 1", "f.yaml: line 1: tag !Key is not supported; remove it"),
        ("a: !!int x", "f.yaml: line 1: 'x' is not a value of tag !!int; remove the tag"),
        ("a: .inf", "f.yaml: line 1: .inf is not a number of JSON; quote it, or write a finite number"),
        ("- 1\n- .NaN", "f.yaml: line 2: .NaN is not a number of JSON; quote it, or write a finite number"),
        ("1e999", "f.yaml: line 1: 1e999 is not a number of JSON; quote it, or write a finite number"),
        ("9" * 5000, "f.yaml: line 1: has a number with too many digits; write fewer"),
        ("? [a]\n: 1", "f.yaml: line 1: a key is a mapping or a sequence; write text, or quote a key with braces or brackets"),
        ("{{x}}: 1", "f.yaml: line 1: a key is a mapping or a sequence; write text, or quote a key with braces or brackets"),
        ("a: &x [1]\n? *x\n: 1", "f.yaml: line 2: a key is a mapping or a sequence; write text, or quote a key with braces or brackets"),
        ("a: *x", "f.yaml: line 1: alias 'x' has no anchor; write &x before an earlier value"),
        ("a: &x\n  b: *x", "f.yaml: line 2: alias 'x' is inside the value that it stands for; JSON has no such value"),
        ("a: 1\n<<: 3", "f.yaml: line 2: the value of << is not a mapping or a list of mappings; quote the key"),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_what_is_not_one_json_value_is_refused_with_its_line(text, message):
    """One line names the file, the line in it and the remedy."""
    with pytest.raises(InvalidDocumentError) as caught:
        yaml.parse_yaml(text, "f.yaml")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[" * 1025, 1),
        ("\n".join(" " * i + "a:" for i in range(1030)), 10),
        ("a: [1\n", 2),
        ("a: b: c", 1),
        ("a: 1\n\tb: 2", 2),
        ("a: *\n", 1),
        ("%YAML 3.0\n---\na: 1", 1),
        ("@a", 1),
    ],
    ids=lambda value: str(value)[:10],
)
def test_an_error_of_the_parser_has_its_line(text, line):
    """An error of PyYAML is one line that names the file and the line in it."""
    with pytest.raises(InvalidDocumentError) as caught:
        yaml.parse_yaml(text, "f.yaml")
    assert re.fullmatch(rf"f.yaml: line {line}\d*: is not valid YAML: .+", str(caught.value))


def test_a_character_that_yaml_excludes_is_refused():
    """A control character is an error of one line."""
    with pytest.raises(InvalidDocumentError, match=r"^f.yaml: is not valid YAML: .*$"):
        yaml.parse_yaml("a: \x01", "f.yaml")


def test_aliases_that_multiply_are_refused():
    """The values that aliases add are counted, not constructed: a small document of 10**9 values is refused at once."""
    levels = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10))
    with pytest.raises(InvalidDocumentError, match=r"^f.yaml: line 7: aliases add more than 1000000 values"):
        yaml.parse_yaml(f"a0: &a0 x\n{levels}", "f.yaml")


def test_merge_keys_that_multiply_are_refused():
    """Merged mappings count as aliases do."""
    wide = "{" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}"
    with pytest.raises(InvalidDocumentError, match="aliases add more than 1000000 values"):
        yaml.parse_yaml(f"a: &a {wide}\nb:\n" + "\n".join(["- <<: *a"] * 1100), "f.yaml")


@pytest.mark.slow
@given(JSON_VALUES)
@settings(max_examples=60 if IS_NIGHTLY else 30)
def test_json_text_is_yaml_text(value):
    """A JSON document has the same value when it is read as YAML."""
    text = json.dumps(value, ensure_ascii=False)
    assert json.dumps(yaml.parse_yaml(text, "f.yaml")) == json.dumps(value)


def test_the_pure_parser_reads_the_same(monkeypatch):
    """A PyYAML without libyaml gives the same values and the same kind of errors."""
    monkeypatch.delattr("yaml.CSafeLoader")
    assert yaml.parse_yaml("a: &x [no, 0o17, 2026-01-01]\n200: *x", "f.yaml") == {
        "a": ["no", 15, "2026-01-01"],
        "200": ["no", 15, "2026-01-01"],
    }
    for text in ("a: [1", "a: 1\na: 2", "a: \x01", "[" * 1025):
        with pytest.raises(InvalidDocumentError):
            yaml.parse_yaml(text, "f.yaml")
