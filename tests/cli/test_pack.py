"""The command `pack`: its destinations, sets and formats, and its errors."""

import functools
import json

import pytest

from chime_fixtures.chime.documents import PACK_DOCUMENT, load_document
from chime_fixtures.cli import cli
from chime_fixtures.packs import KINDS, PACK_FORMATS
from tests.support.command_line import run_command

CONTRACT = ("--contract", "CountryList")


@pytest.fixture
def run(tmp_path):
    """Runs `chime-fixtures pack` in an empty folder."""
    return functools.partial(run_command, "pack", cwd=tmp_path)


def test_a_file_and_standard_output(run, tmp_path):
    """Both have the same bytes; an existing file is replaced, and only its own name is in the folder."""
    (tmp_path / "pack.json").write_text("old")
    done = run(*CONTRACT, "-o", "pack.json")
    content = (tmp_path / "pack.json").read_bytes()
    document = json.loads(content)
    count = sum(len(document[kind]) for kind in ("edges", "hazards", "violations"))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", f"wrote {count} cases to pack.json\n".encode())
    assert [path.name for path in tmp_path.iterdir()] == ["pack.json"]
    assert run(*CONTRACT).stdout == run(*CONTRACT, "-o", "-").stdout == content


def test_chosen_sets(run):
    """`--only` may be repeated; the document has these sets."""
    document = json.loads(run(*CONTRACT, "--only", "violations", "--only", "edges").stdout)
    assert [name for name in document if name in KINDS] == ["edges", "violations"]


def test_contested_cases_are_left_out_of_other_formats(run):
    """The message says how many; the other formats have the rest."""
    document = json.loads(run(*CONTRACT).stdout)
    contested = [case["id"] for kind in document.keys() & set(KINDS) for case in document[kind] if case["contested"]]
    done = run(*CONTRACT, "--format", "test-suite", "-o", "suite.json")
    assert done.stderr.endswith(f" cases to suite.json; {len(contested)} contested left out\n".encode())
    lines = run(*CONTRACT, "--format", "bowtie").stdout.splitlines()
    ids = [test["description"] for line in lines for test in json.loads(line)["tests"]]
    assert len(contested) > 0
    assert sorted(ids) == sorted(
        case["id"] for kind in document.keys() & set(KINDS) for case in document[kind] if not case["contested"]
    )


def test_a_custom_schema(run, tmp_path):
    """`--schema` and its options apply; an unknown format is a warning, as in other commands."""
    (tmp_path / "s.json").write_text('{"title": "Order", "properties": {"n": {"format": "sku", "type": "string"}}}')
    done = run("--schema", "s.json", "--only", "edges")
    assert (done.returncode, b"ignored as unknown" in done.stderr) == (0, True)
    done = run("--schema", "s.json", "--format-pattern", "sku=^[A-Z]{3}$", "--only", "violations")
    assert done.stderr == b""
    assert "n.format" in {case["id"].rpartition(".")[0] or case["id"] for case in json.loads(done.stdout)["violations"]}


def test_a_pack_without_cases(run, tmp_path):
    """It is a warning, and the document is valid."""
    (tmp_path / "s.json").write_text('{"title": "Anything"}')
    done = run("--schema", "s.json", "--only", "violations")
    assert (done.returncode, json.loads(done.stdout)["violations"]) == (0, [])
    assert done.stderr == b"chime-fixtures: warning: Anything has no violations for the format native\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--format", "yaml"], b"'yaml' is not one of 'native', 'test-suite', 'bowtie'"),
        (["--only", "violation"], b"'violation' is not one of 'edges', 'hazards', 'violations', 'lists'"),
        (["-o", "."], b"'.' is a folder; name a file in it"),
        (["-o", "a.json/b.json"], b"a.json: cannot be created"),
        (["--contract", "ProxySessio"], b"did you mean 'ProxySession'"),
        (["--schema", "none.json"], b"none.json"),
        ([*CONTRACT, "--only", "lists"], b"the set lists requires proxy sessions, but the contract is 'CountryList'"),
        (["--schema", "two.json", "--dialect", "2020-12", "--format", "bowtie"], b"is draft 7 in a schema of draft"),
    ],
)
def test_an_error_is_one_line(run, tmp_path, arguments, reason):
    """The exit code is 2, the line has the reason, and nothing is written."""
    (tmp_path / "a.json").write_text("{}")
    older = {"$id": "old", "$schema": "http://json-schema.org/draft-07/schema#", "type": "string"}
    (tmp_path / "two.json").write_text(json.dumps({"items": {"$ref": "old"}, "$defs": {"old": older}}))
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count(b"rror: ")) == (2, b"", 1)
    assert reason in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "two.json"]


def test_the_choices_are_those_of_the_package():
    """The command lists every set and every format, without an import of the package."""
    choices = {each.name: each.type for each in cli.commands["pack"].params}
    assert tuple(choices["kinds"].choices) == KINDS
    assert tuple(choices["format_name"].choices) == tuple(PACK_FORMATS)


def test_the_schema_of_a_pack_is_printed(tmp_path):
    """`chime-fixtures schema pack` prints it."""
    assert json.loads(run_command("schema", "pack", cwd=tmp_path).stdout) == load_document(PACK_DOCUMENT)
