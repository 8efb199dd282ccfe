"""File names of tests."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chime_fixtures.testing.file_names import file_name
from tests.support.nested import run_nested


@pytest.mark.parametrize(
    ("test", "part", "name"),
    [
        ("test_parser.py::test_name", "session", "test_parser.test_name.session"),
        ("tests/unit/test_parser.py::test_name[64]", "", "tests-unit-test_parser.test_name[64]"),
        ("test_parser.py::test_name[a.b-1]", "data.2-body", "test_parser.test_name[a.b-1].data.2-body"),
    ],
)
def test_an_ordinary_name_is_readable(test, part, name):
    """Lower-case names without special characters have no digest."""
    assert file_name(test, part) == name


SIMILAR = [
    ("test_a.py::test_it[a/b]", "x"),
    ("test_a.py::test_it[a:b]", "x"),
    ("test_a.py::test_it[a-b]", "x"),
    ("test_a.py::test_it[A-B]", "x"),
    ("test_a.py::test_it[a::b]", "x"),
    ("test_a.py::Test_it::test_it[a-b]", "x"),
    ("test_a.py::test_it::test_it[a-b]", "x"),
    ("one/test_a.py::test_it[a-b]", "x"),
    ("two/test_a.py::test_it[a-b]", "x"),
    ("one-test_a.py::test_it[a-b]", "x"),
    ("one.test_a.py::test_it[a-b]", "x"),
    ("one/test_a::test_it[a-b]", "x"),
    ("one.py::test_a::test_it[a-b]", "x"),
    ("test_a.py::test_it", "a/b"),
    ("test_a.py::test_it", "a-b"),
    ("test_a.py::test_it", "data.1-a b"),
    ("test_a.py::test_it", "data.1-a/b"),
    (f"test_a.py::test_it[{'x' * 300}1]", "x"),
    (f"test_a.py::test_it[{'x' * 300}2]", "x"),
    (f"test_a.py::test_it[{'é' * 150}1]", "x"),
    (f"test_a.py::test_it[{'é' * 150}2]", "x"),
    ("test_a.py::test_it[\ud800]", "x"),
    ("test_a.py::test_it[\ud801]", "x"),
]


def test_similar_tests_have_different_names():
    """Slashes, folders, classes, case, cut names: no two names are equal, also if case is ignored."""
    names = [file_name(*each).casefold() for each in SIMILAR]
    assert len(set(names)) == len(SIMILAR)
    assert all(re.fullmatch(r"[\w.\[\]~-]+", name) and len(name.encode()) <= 220 for name in names)


TEXTS = st.text("aA-/.:_[]~1é", max_size=8)


@settings(max_examples=300, deadline=None, database=None)
@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_different_tests_never_have_one_name(one, two):
    """Any two ids and parts have different names."""
    names = [file_name(f"{path}.py::test_{test}", test) for path, test in (one, two)]
    assert (names[0].casefold() == names[1].casefold()) == (one == two)


def test_equal_modules_in_two_folders_have_files_of_their_own(pytester):
    """The examples and the calls of both tests are written, by the same rule."""
    for folder in ("one", "two"):
        pytester.mkdir(folder).joinpath("test_it.py").write_text(
            """
from hypothesis import Phase, given, settings, strategies as st

@settings(phases=[Phase.generate], max_examples=1, database=None)
@given(number=st.just(1))
def test_fails(number):
    assert number == 2

def test_calls(chime_stub):
    pass
"""
        )
    run_nested(pytester, "--import-mode=importlib", "--chime-save-failing=saved", "--chime-dump=calls")
    saved, calls = (sorted(path.name for path in pytester.path.joinpath(name).iterdir()) for name in ("saved", "calls"))
    assert saved == ["one-test_it.test_fails.number.json", "two-test_it.test_fails.number.json"]
    assert calls == ["one-test_it.test_calls.jsonl", "two-test_it.test_calls.jsonl"]
