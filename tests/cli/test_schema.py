"""The commands `schema` and `violations`: names, and their nearest spelling."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, load_document
from chime_fixtures.cli import cli
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations, iter_violations
from chime_fixtures.engine.errors import SchemaNotFoundError, UnknownConstraintError


def run(*arguments):
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_the_openapi_document_is_printed():
    """`schema openapi` prints the whole document."""
    assert json.loads(run("schema", "openapi").stdout) == load_document(SERVICE_DOCUMENT)


def test_each_listed_name_is_a_schema():
    """`schema --list` prints one name on each line, and `schema` accepts each."""
    *names, openapi, pack = run("schema", "--list").stdout.splitlines()
    assert {"ProxySession", "CreateProxySession.request", "ListProxySessions.response", "Error.response"} < set(names)
    assert (names, openapi, pack) == (sorted(names), "openapi", "pack")
    for name in names:
        assert json.loads(run("schema", name).stdout) == load_contract(name).schema


def test_a_misspelt_schema_has_the_nearest_name():
    """The name of the OpenAPI document is among the known ones."""
    with pytest.raises(SchemaNotFoundError, match="^unknown schema 'opnapi'; did you mean 'openapi'"):
        run("schema", "opnapi")


SCHEMA = {
    "type": "object",
    "properties": {
        "Name": {"type": "string", "maxLength": 3},
        "Status": {"enum": ["Open"]},
        "Any": {},
        "Participants": {"type": "array", "items": {"properties": {"PhoneNumber": {"type": "string"}}}},
    },
}
CONTRACT = Contract(SCHEMA)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"keyword": "maxLenght"}, "unknown keyword 'maxLenght'; did you mean 'maxLength'?"),
        ({"keyword": "maxlength"}, "unknown keyword 'maxlength'; did you mean 'maxLength'?"),
        ({"keyword": "zzz"}, "unknown keyword 'zzz'; use one of enum, maxLength, type"),
        ({"pointer": "/Nam"}, "unknown pointer '/Nam'; did you mean '/Name'?"),
        ({"pointer": "Name"}, "unknown pointer 'Name'; did you mean '/Name'?"),
        ({"pointer": "/Participants/9/PhoneNumber"}, "did you mean '/Participants/1/PhoneNumber'?"),
        ({"pointer": "/zzzz"}, "unknown pointer '/zzzz'; use one of /Name, "),
        ({"pointer": "/Nam", "keyword": "maxLength"}, "did you mean '/Name'?"),
    ],
)
def test_a_misspelt_selection_is_an_error(tmp_path, selection, message):
    """An unknown keyword or location is an error with the nearest one, on the command line and in Python."""
    with pytest.raises(UnknownConstraintError) as caught:
        enumerate_violations(CONTRACT, **selection)
    assert message in str(caught.value)
    with pytest.raises(LookupError):
        list(iter_violations(CONTRACT, **selection))
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    options = [text for name, value in selection.items() for text in (f"--{name}", value)]
    with pytest.raises(UnknownConstraintError):
        run("violations", "--schema", str(tmp_path / "s.json"), *options)


@pytest.mark.parametrize(
    "selection",
    [{"keyword": "minLength"}, {"keyword": "contains"}, {"pointer": "/Any"}, {"pointer": "/Name", "keyword": "enum"}],
)
def test_a_selection_may_be_empty(selection):
    """A keyword of the dialect and a declared location may have no violation, as in a loop over many schemas."""
    assert enumerate_violations(CONTRACT, **selection) == ()


def test_an_empty_selection_is_a_warning_on_the_command_line(tmp_path):
    """It is not silent, and the exit code is 0."""
    (tmp_path / "s.json").write_text(json.dumps({**SCHEMA, "title": "Ride"}))
    with pytest.warns(UserWarning, match="^Ride has no violation with keyword 'contains'$"):
        run("violations", "--schema", str(tmp_path / "s.json"), "--keyword", "contains")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_each_option_is_documented(name):
    """The page on the command line has a section for each command, with each of its options."""
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    shared, _, _ = page.partition("## sample")
    section = page.split(f"## {name}\n")[1].split("\n## ")[0]
    options = {text for each in cli.commands[name].params for text in each.opts if text.startswith("--")}
    assert {
        option for option in options if f"{option}`" not in shared + section and f"{option} " not in shared + section
    } == set()
