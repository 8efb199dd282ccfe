import datetime as dt
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chime_fixtures import hypothesis_entry_point, types
from chime_fixtures.chime.contracts import load_contract
from tests.support.drawing import drawn

TOP = Path(__file__).parents[1]


@pytest.fixture
def installed(tmp_path):
    """The environment of a project in which the kit is installed with its current entry points."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = tmp_path / f"chime_fixtures-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: chime-fixtures\nVersion: {project['version']}\n")
    points = [f"{name} = {target}" for name, target in project["entry-points"]["hypothesis"].items()]
    (folder / "entry_points.txt").write_text("\n".join(["[hypothesis]", *points, ""]))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(TOP)])}


def run(program, environment):
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.slow
def test_hypothesis_loads_the_entry_point_and_the_types_alone(installed):
    """The import of Hypothesis loads no other module of the kit, and none of its libraries."""
    program = """
import sys, hypothesis
print(*sorted(name for name in sys.modules if name.startswith("chime_fixtures")))
print(*sorted({"jsonschema", "jsonschema_rs", "faker", "orjson", "referencing"} & set(sys.modules)))
"""
    assert run(program, installed) == [
        "chime_fixtures",
        "chime_fixtures.hypothesis_entry_point",
        "chime_fixtures.types",
    ]


@pytest.mark.slow
def test_from_type_draws_sessions_in_a_project(installed):
    """The project imports nothing but the type, and the drawn session is valid."""
    program = """
from hypothesis import find, strategies as st
from chime_fixtures.types import ProxySession
print(find(st.from_type(ProxySession), lambda session: session.get("Status") == "Closed")["Status"])
"""
    assert run(program, installed) == ["Closed"]


@pytest.mark.parametrize(
    ("kind", "contract"),
    [
        (types.ProxySession, "ProxySession"),
        (types.CreateProxySessionRequest, "CreateProxySession.request"),
        (types.GetVoiceConnectorProxyResponse, "GetVoiceConnectorProxy.response"),
    ],
)
def test_each_body_has_its_own_strategy(kind, contract):
    """The values of a type satisfy its contract, not its annotations alone."""
    hypothesis_entry_point.register()
    accepts = load_contract(contract).is_valid

    @settings(max_examples=20, database=None)
    @given(st.from_type(kind))
    def check(value):
        assert accepts(value)

    check()


def test_sessions_of_boto3s_form_have_datetimes():
    """The type for boto3 has the strategy of its form."""
    hypothesis_entry_point.register()
    sessions = drawn(st.from_type(types.Boto3ProxySession), 20)
    moments = [value for each in sessions for name, value in each.items() if name.endswith("Timestamp")]
    assert {type(moment) for moment in moments} == {dt.datetime}
