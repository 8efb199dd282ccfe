"""Packs under node: ajv's verdict on each case, and the example for vitest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chime_fixtures.chime.contracts import contract_names
from tests.support.command_line import run_command
from tests.support.documentation import code_blocks, page_text

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "vitest_pack"
CONTESTED_BY_AJV = {
    "blank-for-t": "ajv-formats allows white space in the place of T; in RFC 3339, the grammar requires T",
    "offset-without-colon": "ajv-formats allows +0000, as ISO 8601 does; in RFC 3339, the grammar requires +00:00",
    "offset-of-hours": "ajv-formats allows +00, as ISO 8601 does; in RFC 3339, the grammar requires +00:00",
}
"""The violations of `date-time` that ajv-formats accepts, by the end of their ids, each with the reason."""


@pytest.fixture
def folder(installed):
    """A folder in which node resolves the packages of the example, with the files of the example."""
    packages = installed("vitest_pack/node_modules/ajv").parents[1]
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = packages / "run" / os.environ.get("PYTEST_XDIST_WORKER", "main")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    return folder


def node(folder, *arguments, **environment):
    """A finished process of node."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        ["node", *map(str, arguments)],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write(folder, *arguments):
    """Run a command that writes its file in the folder."""
    done = run_command(*arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ajv_agrees_with_each_verdict(folder):
    """In strict mode, ajv has the verdict of each test of each bundled contract, but for the listed ones, and all of those."""
    shutil.copy(HERE / "verdicts.mjs", folder)
    names = contract_names()
    for name in names:
        write(folder, "pack", "--contract", name, "--format", "test-suite", "-o", f"{name}.suite.json")
    done = node(folder, "verdicts.mjs", *(f"{name}.suite.json" for name in names))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    tests = [
        (f"{name}.suite.json", test["description"])
        for name in names
        for group in json.loads((folder / f"{name}.suite.json").read_text())
        for test in group["tests"]
    ]
    assert result["count"] == len(tests) > 2000
    known = rf"\.format\.({'|'.join(CONTESTED_BY_AJV)})$"
    assert list(map(tuple, result["disagreements"])) == [each for each in tests if re.search(known, each[1])]


def vitest(folder, **environment):
    """The status of each test of the example by its title."""
    report = folder / "report.json"
    runner = folder.parents[1] / "node_modules" / "vitest" / "vitest.mjs"
    done = node(folder, runner, "run", "--root", folder, "--reporter=json", f"--outputFile={report}", **environment)
    assert report.exists(), done.stderr
    (file,) = json.loads(report.read_text())["testResults"]
    report.unlink()
    return done.returncode, {each["fullName"]: each["status"] for each in file["assertionResults"]}


def test_the_example_for_vitest(folder):
    """Each usable case of the pack is a test; all pass, and the twin with a mistake fails where a field has a quotation mark."""
    (folder / "proxy_session.schema.json").write_bytes(write(folder, "schema"))
    write(folder, "pack", "-o", "pack.json")
    pack = json.loads((folder / "pack.json").read_text())
    titles = {
        f"{kind} {case['id']}"
        for kind in ("edges", "hazards", "violations", "lists")
        for case in pack[kind]
        if not case["contested"] and not case["lossy"]
    }
    code, statuses = vitest(folder)
    assert (code, statuses) == (0, dict.fromkeys(titles, "passed"))
    code, statuses = vitest(folder, SESSIONS="sessions_broken")
    assert code == 1
    failed = {title for title, status in statuses.items() if status == "failed"}
    assert {"hazards Name.hazard.quote", "lists list.Name.quotes"} <= failed
    assert statuses.keys() == titles


def test_the_documented_reader():
    """The page has the reader of the example, which has at most 40 lines."""
    reader = (EXAMPLE / "pack.test.ts").read_text(encoding="utf-8")
    assert code_blocks(page_text("packs"), clients=True) == [("ts", reader)]
    assert len(reader.splitlines()) <= 40
