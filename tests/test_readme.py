"""The documentation: examples run as they stand there, links resolve, other code parses, the glossary is complete."""

import contextlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hypothesis import settings

from chime_fixtures import Policies
from tests.support.command_line import run_command
from tests.support.documentation import code_blocks
from tests.support.nested import run_nested
from tests.support.schemas import SESSION_FILE
from tests.support.sizes import IS_NIGHTLY

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[1]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((TOP / "docs").glob("*.md"))}
MARKDOWN = [*TOP.glob("*.md"), *(TOP / "docs").glob("*.md"), TOP / "schemas" / "README.md"]
OWN_WORDS = {
    *("contract", "violation", "edge", "hazard", "contested", "cross-check", "mutator", "baseline", "branch", "clause"),
    *("evolved", "policy", "fault", "journal", "plan", "part", "representation"),
}
TEXT = (TOP / "README.md").read_text(encoding="utf-8") if (TOP / "README.md").exists() else ""
BLOCKS = code_blocks(TEXT)
PYTHON = [body for language, body in BLOCKS if language == "python"]
PARSER = 'def parse(session):\n    return session.get("Name", "")[:64]\n'
"""The parser of the first example."""
LAX_PARSER = "def parse(session):\n    return session\n"
STRICT_PARSER = f"""
import json
from pathlib import Path
import jsonschema_rs

SCHEMA = json.loads(Path({str(SESSION_FILE)!r}).read_text())
IS_VALID = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).is_valid


def parse(session):
    if not IS_VALID(session):
        raise ValueError(session)
    return session.get("Name", "")
"""
REJECTIONS = "rejected" if IS_NIGHTLY else "rejected and Name"
"""The cases of its second test that are run."""
DOCUMENTED = [
    pytest.param(body, id=f"{name}-{number}")
    for name, text in PAGES.items()
    for number, (language, body) in enumerate(code_blocks(text))
    if language == "python"
]


@pytest.fixture(autouse=True)
def same_profile():
    """An example may load another profile of Hypothesis."""
    before = settings.get_current_profile_name()
    yield
    settings.load_profile(before)


def commands(text):
    """The arguments of each console example."""
    blocks = [body for language, body in code_blocks(text) if language == "console"]
    return [line.removeprefix("$ chime-fixtures ").split() for body in blocks for line in body.splitlines()]


def test_the_first_screen_has_a_test_to_paste():
    """The first example begins by line 15, is about twelve lines long, and fails for its true reason."""
    lines = TEXT.splitlines()
    assert lines.index("```python") < 15
    assert len([line for line in PYTHON[0].splitlines() if line.strip()]) <= 12


def test_the_pasted_test_with_three_parsers(pytester):
    """It fails for the parser that cuts a name and for one that rejects nothing; it passes for a strict one.

    The first test fails on a name of 65 characters, and on nothing that is valid besides.
    """
    parsers = {"pasted": PARSER, "lax": LAX_PARSER, "strict": STRICT_PARSER}
    pytester.makepyfile(**{f"test_{name}": PYTHON[0].replace(PARSER, parser) for name, parser in parsers.items()})
    chosen = f"survives or ({REJECTIONS})"
    result = run_nested(pytester, "-k", chosen, "-rA", "--tb=short")
    outcomes = re.findall(r"^(PASSED|FAILED) test_(\w+)\.py::test_(\w+)", result.stdout.str(), re.MULTILINE)
    assert set(outcomes) == {
        ("FAILED", "pasted", "the_name_survives"),
        ("FAILED", "pasted", "invalid_sessions_are_rejected"),
        ("FAILED", "lax", "the_name_survives"),
        ("FAILED", "lax", "invalid_sessions_are_rejected"),
        ("PASSED", "strict", "the_name_survives"),
        ("PASSED", "strict", "invalid_sessions_are_rejected"),
    }
    assert "'" + "0" * 65 + "'" in result.stdout.str()


def test_a_test_under_each_policy(pytester):
    """The test of the policies passes under each of them."""
    (source,) = [body for body in PYTHON if body.startswith("# test_policies.py")]
    pytester.makepyfile(test_policies=source)
    result = run_nested(pytester)
    result.assert_outcomes(passed=len(Policies.each()))


@pytest.mark.parametrize(
    "code", [*(pytest.param(code, id=f"README-{i}") for i, code in enumerate(PYTHON[1:], 1)), *DOCUMENTED]
)
def test_each_python_example_runs(code, tmp_path, capsys, monkeypatch):
    """An example runs with names of its own in a copy of the folder of schemas, raises nothing, and warns of nothing.

    In a nightly run it has a process of its own too.
    """
    folder = shutil.copytree(TOP / "examples" / "own_schemas", tmp_path / "folder")
    if IS_NIGHTLY:
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "models", raising=False)
    with contextlib.chdir(folder), mock.patch.dict(os.environ):
        runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["README", *PAGES])
def test_the_commands_run(name, tmp_path):
    """The console examples run one after the other, each with exit code 0, and leave only what they say."""
    for arguments in commands(TEXT if name == "README" else PAGES[name]):
        done = run_command(*arguments, cwd=tmp_path)
        assert (arguments, done.returncode, done.stderr.count(b"error")) == (arguments, 0, 0)
    left = {
        "README": ["broken", "sessions.ndjson"],
        "command-line": ["bodies.ndjson", "sessions.ndjson"],
        "explorer": ["contract.html", "request.html"],
        "packs": ["cases.ndjson", "pack.json", "requests.json", "suite.json"],
        "sample-data": ["open.ndjson.zst", "sample", "table"],
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == left.get(name, [])


@pytest.mark.parametrize("page", sorted(MARKDOWN), ids=lambda page: page.relative_to(TOP).as_posix())
def test_links_resolve(page):
    """The target of each link or picture that is not an address is a file of the checkout, with that heading."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            assert anchor in headings(file.read_text(encoding="utf-8")), f"{target}#{anchor}"


def headings(text):
    """The anchors of the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def check_shell(body):
    """Let bash read a script without running it."""
    done = subprocess.run(["bash", "-n", "-c", body], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


CHECKS = {"json": json.loads, "toml": tomllib.loads, "sh": check_shell, "bash": check_shell, "yaml": yaml.safe_load}
RUN = {"python", "console"}
"""Languages whose blocks are run by the tests above."""


@pytest.mark.parametrize("page", sorted(MARKDOWN), ids=lambda page: page.relative_to(TOP).as_posix())
def test_each_code_block_is_run_or_checked(page):
    """Blocks of Python and of commands are run; those of the shell, JSON, TOML and YAML are parsed."""
    for language, body in code_blocks(page.read_text(encoding="utf-8")):
        if language not in {*RUN, "text"}:
            CHECKS[language](body)


def test_the_glossary_defines_each_word_of_our_own():
    """Each word that the project has of its own has one row."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", PAGES["glossary"], re.MULTILINE)
    words = {word for row in rows for word in re.split(r"[*,`]+ *", row) if word}
    assert words >= OWN_WORDS
    assert len(rows) == len(set(rows))


def test_the_two_commands_are_one_line_each():
    """Each set-up command is a single line that makes its own environment."""
    shell = [body for language, body in BLOCKS if language == "sh"]
    assert len(shell) == 2
    assert all(body.count("\n") == 1 and body.startswith("python3 -m venv .venv && ") for body in shell)
