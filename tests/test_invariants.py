"""The laws of the house, each judged by outside validators."""

import functools
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine.cases import enumerate_implied, enumerate_violations
from chime_fixtures.engine.cases.edges import enumerate_edges
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import UnsupportedSchemaError
from chime_fixtures.engine.values import generate

TOP = Path(__file__).parents[1]
SCHEMA = Contract.load("ProxySession").schema


def both(schema):
    """The two judges of a schema."""
    return (
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True),
        Draft202012Validator(schema, format_checker=FormatChecker()),
    )


def sites(schema, path=()):
    """Every keyword of the session schema that asserts, with the way to it."""
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            for name, inner in value.items():
                yield from sites(inner, (*path, key, name))
        elif key == "items":
            yield from sites(value, (*path, key))
        elif key in ("maxLength", "minLength", "minimum", "enum", "pattern", "required"):
            yield (*path, key)


CHANGES = {
    "maxLength": lambda value: value - 7,
    "minLength": lambda value: value + 3,
    "minimum": lambda value: value + 5,
    "enum": lambda value: [*value, "Brand-new"],
    "pattern": lambda value: "^[a-f]{4}$",
    "required": lambda value: value[:1],
}


def test_law_1_valid_is_valid():
    """Values and edges are accepted by both judges."""
    first, second = both(SCHEMA)
    for value in [
        *(generate(SCHEMA, index=index) for index in range(300)),
        *(edge.instance for edge in enumerate_edges(SCHEMA)),
    ]:
        assert first.is_valid(value)
        assert second.is_valid(value)


def test_law_2_exactly_its_own_keyword():
    """A violation has exactly one error; what can't be broken alone is listed."""
    first, _ = both(SCHEMA)
    for violation in enumerate_violations(SCHEMA):
        (error,) = first.iter_errors(violation.instance)
        assert str(error.schema_path[-1]) == violation.keyword
    assert enumerate_implied(SCHEMA)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("fromat", "date-time"), ("dependencies", {}), ("format", "credit-card"), ("pattern", r"(a)\1")],
)
def test_law_3_nothing_is_silent(keyword, value):
    """A keyword, format or pattern that is not driven is refused by name, wherever it stands."""
    with pytest.raises(UnsupportedSchemaError, match=f"/properties/a/{keyword}: {keyword}"):
        Contract({"properties": {"a": {keyword: value}}})


@functools.cache
def labels():
    """What the catalogue of the shipped schema says, made once."""
    return {json.dumps(each.as_dict()) for each in enumerate_violations(SCHEMA)}


@pytest.mark.parametrize("site", list(sites(SCHEMA)), ids="/".join)
def test_law_4_everything_follows_the_schema(site):
    """One keyword changed: values, edges and violations are those of the changed schema."""
    changed = json.loads(json.dumps(SCHEMA))
    holder = changed
    for step in site[:-1]:
        holder = holder[step]
    holder[site[-1]] = CHANGES[site[-1]](holder[site[-1]])
    first, second = both(changed)
    catalogue = enumerate_violations(changed)
    for violation in catalogue:
        assert len(list(first.iter_errors(violation.instance))) == 1
    for value in [generate(changed, index=index) for index in range(30)] + [
        edge.instance for edge in enumerate_edges(changed)
    ]:
        assert first.is_valid(value)
        assert second.is_valid(value)
    assert {json.dumps(each.as_dict()) for each in catalogue} != labels()


ONE_NUMBER = """
import json, sys
import boto3
from hypothesis import find
from chime_fixtures import ChimeStub, ProxySessionFactory, enumerate_edges, enumerate_violations, proxy_sessions, Contract
contract = Contract.load("ProxySession")
longest = len(find(proxy_sessions(), lambda session: len(session.get("Name", "")) >= 64)["Name"])
broken = [len(each.value) for each in enumerate_violations(contract) if each.id == "Name.maxLength"]
edge = [len(each.instance["Name"]) for each in enumerate_edges(contract) if each.id == "Name.longest"]
names = max(len(session["Name"]) for session in ProxySessionFactory().batch(200))
with ChimeStub() as stub:
    try:
        stub.add_session(ProxySessionFactory().build(Name="x" * 65, check=False))
    except Exception as error:
        refused = "maxLength 64" in str(error)
print(json.dumps([longest, broken, edge, names <= 64, refused]))
"""


def test_the_law_of_one_number(tmp_path):
    """128 becomes 64 in a copy of the file, and nothing else changes: everything follows."""
    for name in ("chime_fixtures", "schemas"):
        shutil.copytree(TOP / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "schemas" / "proxy_session.schema.json"
    schema = json.loads(path.read_text())
    schema["$defs"]["String128"]["maxLength"] = 64
    path.write_text(json.dumps(schema))
    done = subprocess.run([sys.executable, "-c", ONE_NUMBER], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stderr, json.loads(done.stdout or "0")) == ("", [64, [65], [64], True, True])
    listed = subprocess.run(
        [sys.executable, "-m", "chime_fixtures", "violations", "--pointer", "/Name", "--keyword", "maxLength"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "(65 characters)" in listed.stdout


def test_law_8_nothing_leaves_the_machine():
    """An unknown Chime path in the stub is an error with a hint, also when the code under test swallows it."""
    import requests

    from chime_fixtures.chime.errors import UnexpectedRequestError
    from chime_fixtures.stub import ChimeStub

    with pytest.raises(UnexpectedRequestError, match="did you mean"), ChimeStub():
        try:
            requests.get("https://voice-chime.us-east-1.amazonaws.com/voice-connectors/a/proxy-sesions", timeout=1)
        except Exception as error:
            assert "did you mean" in str(error)


def test_the_package_is_a_table_of_contents():
    """Every public name is found where it lives, the version is that of the installed distribution, other names are none."""
    package = importlib.import_module("chime_fixtures")
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    assert {*package.__all__, "__version__"} <= {*dir(package), "__version__"}
    assert package.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = package.nope
