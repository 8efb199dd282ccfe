"""The command `diff`: its reports, its sources and its exit codes."""

import copy
import functools
import json

import pytest

from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from tests.support.command_line import run_command
from tests.support.documentation import TOP, code_blocks, page_text

OLD = {"type": "object", "properties": {"Name": {"type": "string", "maxLength": 8}}}
NEW = {"type": "object", "properties": {"Name": {"type": "string", "maxLength": 6}}}
SUMMARY = '/Name: "aaaaaaa" (7 characters) is longer than the maximum of 6 [maxLength]'


@pytest.fixture
def run(tmp_path):
    """Runs `chime-fixtures diff` in a folder with two schemas."""
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    (tmp_path / "new.json").write_text(json.dumps(NEW))
    (tmp_path / "none.json").write_text("false")
    return functools.partial(run_command, "diff", cwd=tmp_path)


def test_a_breaking_change(run):
    """The exit code is 1; each line has the verdict, the direction, the violation and the witness."""
    done = run("old.json", "new.json")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().splitlines() == [
        f'breaking\trequest\t{SUMMARY}\t{{"Name": "aaaaaaa"}}',
        "compatible\tresponse\t/Name: maxLength 8",
        "1 breaking, 0 not proved, 1 compatible, 4 unchanged",
    ]


def test_a_direction(run):
    """The other direction is compatible, and the exit code is 0."""
    done = run("old.json", "new.json", "--direction", "response")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"compatible\tresponse\t/Name: maxLength 8")


def test_json(run):
    """The document has every change, with the witness as a value."""
    document = json.loads(run("old.json", "new.json", "--report", "json").stdout)
    assert (document["old"], document["new"], document["verdict"], document["unchanged"]) == (
        *("old.json", "new.json"),
        *("breaking", 4),
    )
    assert document["changes"][0] == {
        "direction": "request",
        "verdict": "breaking",
        "instanceLocation": "/Name",
        "keyword": "maxLength",
        "limit": 6,
        "keywordLocation": "/properties/Name/maxLength",
        "variant": None,
        "witness": {"Name": "aaaaaaa"},
        "error": SUMMARY,
    }


def test_markdown(run):
    """A table has a row for each change."""
    lines = run("old.json", "new.json", "--report", "markdown").stdout.decode().splitlines()
    assert lines[0] == "# old.json → new.json"
    assert lines[-2] == f'| breaking | request | {SUMMARY} | `{{"Name": "aaaaaaa"}}` |'


def test_bundled_contracts(run):
    """A name that is not a file is that of a bundled contract."""
    assert run("ProxySession", "ProxySession").stdout.startswith(b"0 breaking, 0 not proved, 0 compatible, ")


def test_the_bundled_service(run, tmp_path):
    """`openapi` is the bundled OpenAPI document; a copy of it with one change has that change in its operations."""
    for name in (SERVICE_DOCUMENT, SESSION_DOCUMENT):
        document = copy.deepcopy(load_document(name))
        if name == SERVICE_DOCUMENT:
            document["components"]["schemas"]["ListProxySessionsResponse"]["required"] = ["ProxySessions"]
        (tmp_path / name).write_text(json.dumps(document))
    done = run("openapi", SERVICE_DOCUMENT, "--resource", SESSION_DOCUMENT)
    assert done.stdout.startswith(b"0 breaking, 0 not proved, 0 compatible, ")
    done = run(SERVICE_DOCUMENT, "openapi", "--resource", SESSION_DOCUMENT)
    assert done.stdout.splitlines()[0] == (
        b'breaking\tresponse\tListProxySessions 200 response: (root): "ProxySessions" is required [required]\t{}'
    )


def test_a_schema_without_a_value(run):
    """A schema that accepts nothing is compatible as the old one of a request, and breaks the others."""
    assert run("none.json", "new.json", "--direction", "request").returncode == 0
    assert run("new.json", "none.json", "--direction", "request").returncode == 1


def test_a_folder(run, tmp_path):
    """A folder has the witnesses, and the edges and violations of changed constraints alone, with their labels."""
    done = run("old.json", "new.json", "--direction", "request", "-d", "cases")
    assert done.stderr == b"wrote 8 cases to cases\n"
    manifest = json.loads((tmp_path / "cases" / "_manifest.json").read_bytes())
    assert [(each["kind"], each["file"].split(".")[2:-1]) for each in manifest["records"]] == [
        ("witness", ["Name", "maxLength"]),
        *(("edge", ["Name", label]) for label in ("longest", "longest-minus-1", "longest-astral")),
        *(
            ("violation", ["Name", "maxLength", *variant])
            for variant in ([], ["twice"], ["combining"], ["trailing-blank"])
        ),
    ]
    assert json.loads((tmp_path / "cases" / "witness.request.Name.maxLength.json").read_bytes()) == {"Name": "aaaaaaa"}


def test_a_long_witness(run, tmp_path):
    """The text has its beginning and its end, and JSON the whole."""
    (tmp_path / "long.json").write_text(json.dumps({"type": "string", "maxLength": 4999}))
    (tmp_path / "any.json").write_text(json.dumps({"type": "string"}))
    witness = run("any.json", "long.json").stdout.split(b"\n")[0].split(b"\t")[3]
    assert len(witness.decode()) < 300
    (change,) = json.loads(run("any.json", "long.json", "--report", "json").stdout)["changes"]
    assert change["witness"] == "a" * 5000


def test_a_model_and_a_service(run, tmp_path):
    """A schema is compared with a model; a service with a schema is an error, as is an unsupported file."""
    (tmp_path / "openapi.json").write_text(json.dumps({"openapi": "3.1.0", "info": {}, "paths": {}}))
    assert run("openapi.json", "openapi.json").returncode == 0
    done = run("openapi.json", "new.json")
    assert (done.returncode, done.stderr) == (
        2,
        b"chime-fixtures: error: only the old contract describes operations; name a schema in it, as FILE#/POINTER\n",
    )
    (tmp_path / "broken.json.gz").write_text("{}")
    assert b"broken.json.gz: is not compressed JSON" in run("broken.json.gz", "new.json").stderr


def test_the_documented_run():
    """The output on the page is that of the command."""
    (body,) = [body for language, body in code_blocks(page_text("diff")) if language == "text"]
    command, _, output = body.partition("\n")
    done = run_command(*command.removeprefix("$ chime-fixtures ").split(), cwd=TOP / "examples" / "own_schemas")
    assert done.stdout.decode().rstrip() == output.rstrip()


@pytest.mark.parametrize("name", ["missing.json", "old.json#/nothing", "ProxySesion"])
def test_a_missing_contract(run, name):
    """The error is one line, and the exit code is 2."""
    done = run(name, "new.json")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(b"chime-fixtures: error: ")
