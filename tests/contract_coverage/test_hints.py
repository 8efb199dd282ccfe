"""Hints: each line, pasted into a test before it calls the code under test, meets its goal."""

import contextlib
import functools
import re

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chime_fixtures import ChimeStub, Fault, load_contract
from chime_fixtures.contract_coverage.goals import DIMENSIONS, goals_of
from chime_fixtures.contract_coverage.hints import literal
from chime_fixtures.contract_coverage.recorder import Recorder
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.service.observers import call_observers
from chime_fixtures.testing.cases import SelectedCase, own_case
from tests.support.sizes import sample

SESSION = load_contract("ProxySession")
MARKER = re.compile(r"@pytest\.mark\.chime_cases\(only=\[(.+)\]\)")


@functools.cache
def goals():
    """The goals of a session; they take a second."""
    return goals_of(SESSION)


@functools.cache
def success_hints():
    """The line that calls each operation."""
    return {goal.operation: goal.hint for goal in goals() if goal.id.endswith(".success")}


@pytest.fixture(scope="module")
def client():
    """A client that makes two attempts without waiting."""
    config = Config(retries={"mode": "standard", "max_attempts": 1}, region_name="us-east-1")
    with ChimeStub():
        return boto3.client("chime-sdk-voice", config=config)


def met_after(hint, operation, client):
    """The keys of the goals that a test meets: it has the line of the hint, then calls a consumer."""
    recorder = Recorder(SESSION)
    instance_observers.add(recorder.observe_instance)
    call_observers.add(recorder.observe_call)
    try:
        marker = MARKER.fullmatch(hint)
        if marker:
            (case,) = [each for each in (*SESSION.edges, *SESSION.hazards) if each.id == eval(marker[1])]
            own_case(SelectedCase(case.id, case), SESSION, "wire")
        with ChimeStub() as stub:
            names = {"chime_stub": stub, "chime_client": client, "Fault": Fault, "pytest": pytest}
            with contextlib.suppress(ClientError):
                exec(hint if not marker else "", names)
            consume(stub, client, operation, names)
    finally:
        instance_observers.remove(recorder.observe_instance)
        call_observers.remove(recorder.observe_call)
    recorder.end_test("test", has_passed=True)
    (coverage,) = recorder.coverages(with_hints=False)
    return {goal.key for goal in coverage.met("handed_out" if marker else "received")}


def consume(stub, client, operation, names):
    """Call an operation, or else read every session."""
    with contextlib.suppress(Exception):
        if operation not in (None, "ListProxySessions"):
            exec(success_hints()[operation], names)
    connectors = {session["VoiceConnectorId"] for session in stub.sessions} | {stub.connector_id}
    for connector in connectors if operation in (None, "ListProxySessions") else ():
        with contextlib.suppress(Exception):
            page = client.list_proxy_sessions(VoiceConnectorId=connector)
            while "NextToken" in page:
                page = client.list_proxy_sessions(VoiceConnectorId=connector, NextToken=page["NextToken"])
        with contextlib.suppress(Exception):
            client.get_proxy_session(VoiceConnectorId=connector, ProxySessionId="any")


def false_hints(dimension, count, client):
    """The goals of a sample that their lines do not meet."""
    chosen = sample([goal for goal in goals() if goal.dimension == dimension], count)
    return [
        f"{goal.id}: {goal.hint}" for goal in chosen if goal.key not in met_after(goal.hint, goal.operation, client)
    ]


# A hazard is a member whose name differs from a known one by case only, of which the stub warns rightly.
@pytest.mark.filterwarnings("ignore::chime_fixtures.chime.errors.UnknownMemberWarning")
@pytest.mark.slow
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_hints_are_true(dimension, client):
    """The line of each goal meets it; of each dimension a sample is tried by day."""
    assert false_hints(dimension, 15, client) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 128, '"x" * 128'),
        ("Session1" * 15 + "Session", '("Session1" * 16)[:127]'),
        ("it's", '"it\'s"'),
        ('"', "'\"'"),
        ("\U0001f600\n", '"\\U0001f600\\n"'),
        ({"a": [1.5, True, None]}, '{"a": [1.5, True, None]}'),
        (["SMS"] * 16, '["SMS"] * 16'),
        ([1, True, 1, True], "[1, True, 1, True]"),
    ],
)
def test_literals(value, expected):
    """A literal is the Python expression of its value, and a repetition is a product."""
    assert literal(value) == expected
    assert eval(literal(value)) == value


def test_a_hint_of_a_contract_that_no_stub_serves():
    """Its cases are selected by the marker."""
    (goal,) = [each for each in goals_of(Contract({"maxLength": 2, "type": "string"})) if each.id == "maxLength"]
    assert goal.hint == '@pytest.mark.chime_cases(only=["maxLength"])'
