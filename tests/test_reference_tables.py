"""The tables of the documentation against the code: policies with their settings, faults with what each client sees."""

from __future__ import annotations

import dataclasses
import re
import typing

import boto3
import httpx
import pytest
import requests
from botocore.config import Config

import chime_fixtures
from chime_fixtures import ChimeStub, Policies
from chime_fixtures.service.faults import BODY_FAULTS, PAGE_FAULTS, TRANSPORT_FAULTS
from tests.support.documentation import TOP, page_text

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/{VoiceConnectorId}/proxy-sessions"
PEOPLE = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}
OPERATIONS = {"no-number": "CreateProxySession", "page": "ListProxySessions"}
"""The operation of a fault that applies to one alone; GetProxySession for the others."""


def rows(page, heading):
    """The cells of the first table after a heading, without its head."""
    text = page_text(page).partition(f"## {heading}\n")[2]
    lines = re.findall(r"^\| (.*) \|$", text.partition("\n## ")[0], re.MULTILINE)
    return [line.split(" | ") for line in lines[2:]]


def code(cell):
    """The names in backticks of a cell."""
    return re.findall(r"`([^`]+)`", cell)


FAULTS = [(name, row) for row in rows("faults", "Exceptions by client") for name in code(row[0])]


def test_public_names():
    """The reference has an entry for each public name, and no other."""
    assert sorted(re.findall(r"^::: chime_fixtures\.(\w+)$", page_text("api"), re.MULTILINE)) == chime_fixtures.__all__


@pytest.mark.parametrize("listing", ["docs/index.md", "mkdocs.yml"])
def test_pages(listing):
    """The index and the navigation list every page."""
    pages = {path.name for path in (TOP / "docs").glob("*.md")} - {"index.md"}
    assert set(re.findall(r"\b[\w-]+\.md\b", (TOP / listing).read_text(encoding="utf-8"))) - {"index.md"} == pages


def test_policies():
    """Each policy has a row, in the order of the class; the first setting is its default, and all are listed."""
    table = rows("policies", "The rules")
    fields = dataclasses.fields(Policies)
    assert [code(row[0]) for row in table] == [[field.name] for field in fields]
    hints = typing.get_type_hints(Policies)
    for field, row in zip(fields, table, strict=True):
        settings = code(row[1])
        assert settings[0] == str(field.default)
        if typing.get_origin(hints[field.name]) is typing.Literal:
            assert set(settings) == set(typing.get_args(hints[field.name]))
        for setting in settings:
            assert Policies.read([f"{field.name}={setting}"])


def test_each_fault_has_a_row():
    """The table names each kind of fault, and each one without a detail of its own."""
    named = {name for name, _ in FAULTS}
    complete = {*TRANSPORT_FAULTS, "throttle", "no-number", "lost-answer", "evolved"}
    complete |= {f"body:{detail}" for detail in BODY_FAULTS} | {f"page:{detail}" for detail in PAGE_FAULTS}
    assert named >= complete
    assert {name.partition(":")[0] for name in named - complete} == {"error", "latency", "violation"}


@pytest.fixture(scope="module")
def clients():
    """A call with each client; the clients are made once, since that takes longest."""
    config = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    aws = boto3.client("chime-sdk-voice", region_name="us-east-1", config=config, **keys)

    def by_boto3(operation, session):
        keys = {"VoiceConnectorId": session["VoiceConnectorId"]}
        if operation == "CreateProxySession":
            return aws.create_proxy_session(**keys, **PEOPLE)
        if operation == "ListProxySessions":
            return aws.list_proxy_sessions(**keys)
        return aws.get_proxy_session(**keys, ProxySessionId=session["ProxySessionId"])

    def by_http(library):
        def call(operation, session):
            if operation == "CreateProxySession":
                return library.post(URL.format(**session), json=PEOPLE)
            path = "" if operation == "ListProxySessions" else f"/{session['ProxySessionId']}"
            return library.get(URL.format(**session) + path)

        return call

    with requests.Session() as http, httpx.Client() as other_http:
        yield by_boto3, by_http(http), by_http(other_http)


def outcome(action):
    """The exception of an action, or None, and its result."""
    try:
        return None, action()
    except Exception as error:  # the table names any exception
        return error, None


@pytest.mark.parametrize(("fault", "row"), FAULTS, ids=[name for name, _ in FAULTS])
def test_exceptions(clients, fault, row):
    """Each client sees what the table says."""
    operation = OPERATIONS.get(fault.partition(":")[0], "GetProxySession")
    text = ""
    for cell, call in zip(row[2:], clients, strict=True):
        text = text if cell == "the same" else cell
        with ChimeStub() as stub:
            session = stub.add_session({"Status": "Open"})
            stub.fail(fault, operation=operation)
            error, response = outcome(lambda call=call, session=session: call(operation, session))
        if not text.startswith("nothing"):
            assert type(error).__name__ == code(text)[0].rpartition(".")[2]
            continue
        assert error is None
        if status := re.search(r"status (\d+)", text):
            assert response.status_code == int(status[1])
        if "`.json()`" in text:
            error, body = outcome(response.json)
            seen = f"is {body}" if error is None else f"raises {type(error).__name__}"
            assert text.replace("`", "").replace("json.JSON", "JSON").endswith(f".json() {seen}")


@pytest.mark.parametrize(("fault", "row"), [each for each in FAULTS if not each[0].startswith(("page", "no-number"))])
def test_execution(fault, row):
    """An update is executed under the faults whose row says so."""
    with ChimeStub() as stub:
        session = stub.add_session({"Status": "Open", "Capabilities": ["SMS"]})
        stub.fail(fault, operation="UpdateProxySession")
        url = f"{URL.format(**session)}/{session['ProxySessionId']}"
        outcome(lambda: requests.post(url, json={"Capabilities": ["Voice"]}))
        assert row[1] == ("yes" if stub.sessions[0]["Capabilities"] == ["Voice"] else "no")
