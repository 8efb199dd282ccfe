"""The command `explore`: its destinations, contracts and errors."""

import functools
import json
import re

import pytest

from tests.support.command_line import run_command

CONTRACT = ("--contract", "CountryList")


@pytest.fixture
def run(tmp_path):
    """Runs `chime-fixtures explore` in an empty folder."""
    return functools.partial(run_command, "explore", cwd=tmp_path)


def head(page):
    """The first lines of a snippet of the page."""
    (data,) = re.findall(rb'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(data)["heads"]["enumerate_edges"]


def test_a_file_and_standard_output(run, tmp_path):
    """Both have the same bytes; an existing file is replaced, and only its own name is in the folder."""
    (tmp_path / "contract.html").write_text("old")
    done = run(*CONTRACT, "-o", "contract.html")
    content = (tmp_path / "contract.html").read_bytes()
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.fullmatch(rb"wrote \d+ constraints? to contract.html\n", done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["contract.html"]
    assert run(*CONTRACT).stdout == run(*CONTRACT, "-o", "-").stdout == content
    assert content.startswith(b"<!DOCTYPE html>")
    assert b"<title>CountryList: contract explorer</title>" in content


def test_the_expression_of_a_custom_schema(run, tmp_path):
    """The snippets make the contract as the options do."""
    part = {"type": "object", "properties": {"n": {"type": "string", "format": "sku", "x": {"$ref": "part.json"}}}}
    (tmp_path / "all.json").write_text(json.dumps({"$defs": {"Order": part}}))
    (tmp_path / "part.json").write_text('{"type": "null"}')
    options = ("--format-pattern", "sku=^[A-Z]{3}$", "--annotation", "x")
    done = run("--schema", "all.json#/$defs/Order", *options, "--dialect", "7")
    expected = "Contract.of('all.json#/$defs/Order', formats={'sku': '^[A-Z]{3}$'}, annotations=('x',), dialect='7')\n"
    assert (done.stderr, head(done.stdout).partition("CONTRACT = ")[2]) == (b"", expected)
    done = run("--schema", "part.json", "--resource", "all.json", "--strict-schema")
    expected = "Contract.from_file('part.json', resources=('all.json',), strict=True)\n"
    assert head(done.stdout).partition("CONTRACT = ")[2] == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--contract", "Countries"), b"unknown schema 'Countries'"),
        (("--schema", "missing.json"), b"missing.json"),
        (("-o", "."), b"'.' is a folder; name a file in it"),
    ],
)
def test_errors(run, arguments, message):
    """An error is one line, and the exit code is 2."""
    done = run(*CONTRACT, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr
