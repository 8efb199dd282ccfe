"""Injection: schedules, the changes that are possible for a call, and the call that is changed."""

from __future__ import annotations

import json
import typing
from dataclasses import replace

import pytest

from chime_fixtures import ChimeStub, load_contract
from chime_fixtures.chime.errors import UnknownFaultError, UnknownOperationError
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import Injection, Request, Response, TransportFault
from chime_fixtures.service.injection import (
    MAX_CALLS_AFTER_CHANGE,
    CallLimitReached,
    Injector,
    possible_changes,
)
from chime_fixtures.types import FaultName

CONTRACT = load_contract("ProxySession")
PEOPLE = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}


def send(stub, method="GET", suffix="", body=None, transport="direct"):
    path = f"/voice-connectors/{stub.connector_id}/proxy-sessions{suffix}"
    return stub.handle(Request(method, path, body=json.dumps(body).encode() if body else b"", transport=transport))


def stub_with(schedule=None, **options):
    stub, injector = ChimeStub(**options), Injector(schedule)
    stub.attach(injector)
    return stub, injector


@pytest.mark.parametrize(
    ("schedule", "fault", "kind", "is_committed"),
    [
        ("ListProxySessions#2:throttle", "throttle", "error", False),
        ("CreateProxySession#1:error:ServiceFailure+commit", "error:ServiceFailure", "error", True),
        ("CreateProxySession#10:timeout+commit", "timeout", "transport", True),
        ("DeleteProxySession#1:lost-answer", "lost-answer", "transport", True),
    ],
)
def test_schedule(schedule, fault, kind, is_committed):
    """A schedule is a call and a fault, and is its own text."""
    injection = Injection.parse(schedule, CONTRACT)
    assert (injection.fault, injection.kind, injection.committed) == (fault, kind, is_committed)
    assert injection.schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "error", "message"),
    [
        ("throttle", InvalidOptionError, "must be OPERATION#N:FAULT"),
        ("ListProxySessions#0:throttle", InvalidOptionError, "must be OPERATION#N:FAULT"),
        ("ListProxySession#1:throttle", UnknownOperationError, "ListProxySessions"),
        ("ListProxySessions#1:trottle", UnknownFaultError, "throttle"),
        ("GetProxySession#1:page:empty", UnknownFaultError, "page:empty"),
        ("ListProxySessions#1:page:empty+commit", InvalidOptionError, "without [+]commit"),
        ("DeleteProxySession#1:lost-answer+commit", InvalidOptionError, "without [+]commit"),
    ],
)
def test_invalid_schedule(schedule, error, message):
    """A schedule that is none, or that has no effect, is an error with a remedy."""
    with pytest.raises(error, match=message):
        Injection.parse(schedule, CONTRACT)


def test_calls_are_targets():
    """Each call is a target, by operation and occurrence; one that violates the contract only counts."""
    stub, injector = stub_with()
    stub.add_session({"ProxySessionId": "one"})
    send(stub)
    send(stub, "POST", body={"Capabilities": []})
    send(stub, "POST", body=PEOPLE)
    send(stub, "GET", "/gone")
    send(stub, transport="http_server")
    assert [target.name for target in injector.targets] == [
        "ListProxySessions#1",
        "CreateProxySession#2",
        "GetProxySession#1",
        "ListProxySessions#2",
    ]
    listing, creation, absent, on_port = injector.targets
    assert [target.committed for target in injector.targets] == [False, True, False, False]
    assert [target.has_session for target in injector.targets] == [True, True, False, True]
    assert absent.error == "NotFoundException"
    assert on_port == replace(listing, occurrence=2, digest=on_port.digest, is_on_port=True)
    assert creation.digest != listing.digest != on_port.digest
    assert stub.injected is None


def test_equal_calls_have_equal_digests():
    """Request, state, planned fault and canned response decide; the number of the call does not."""
    stub, injector = stub_with()
    send(stub)
    send(stub)
    stub.add_session({"ProxySessionId": "one"})
    send(stub)
    stub.fail("throttle")
    send(stub)
    stub.answer("ListProxySessions", [], times=1)
    send(stub)
    first, *others = (target.digest for target in injector.targets)
    assert others[0] == first
    assert len({first, *others[1:]}) == 4


def test_possible_changes():
    """A call has the faults of its operation, after commit if it changed the state; a failed one, no changed response."""
    stub, injector = stub_with()
    send(stub, "POST", body=PEOPLE)
    send(stub, "GET", "/gone")
    created, absent = (set(possible_changes(target, "faults", CONTRACT)) for target in injector.targets)
    after_commit = {change for change in created if change.endswith("+commit")}
    assert {"timeout+commit", "hang+commit", "error:ServiceFailure+commit"} <= after_commit
    assert not {"error:BadRequest+commit", "throttle+commit", "connect-timeout+commit"} & after_commit
    assert {"no-number", "lost-answer", "throttle", "evolved", "body:cut"} <= created
    assert {"throttle", "timeout"} <= absent
    assert not {"error:NotFound", "evolved", "body:cut", "lost-answer", "no-number"} & absent


def test_every_fault_is_a_change():
    """Each fault without a parameter, and each modelled error of an operation, is a possible change of its calls."""
    stub, injector = stub_with()
    stub.add_session({"ProxySessionId": "one"})
    send(stub, "POST", body=PEOPLE)
    send(stub)
    changes = {change for target in injector.targets for change in possible_changes(target, "faults", CONTRACT)}
    called = (operation_named(target.operation) for target in injector.targets)
    names = {error.name for operation in called for error in operation.errors}
    errors = {f"error:{name.removesuffix('Exception')}" for name in names - {"ThrottledClientException"}}
    assert changes >= {*typing.get_args(FaultName), *errors}


def test_changes_on_the_port():
    """On the port no change makes the client wait for its own time-out, or is a reset under another name."""
    stub, injector = stub_with()
    send(stub, "POST", body=PEOPLE, transport="http_server")
    changes = set(possible_changes(injector.targets[0], "faults", CONTRACT))
    assert {"reset", "lost-answer", "throttle"} <= changes
    assert not {"timeout", "connect-timeout", "refused", "hang", "timeout+commit", "hang+commit"} & changes


@pytest.mark.slow
def test_violations_of_each_constraint():
    """Each pointer and keyword of a session has one violation, and so has each of the response outside its sessions."""
    stub, injector = stub_with()
    stub.add_session({"ProxySessionId": "one"})
    send(stub, "GET", "/one")
    send(stub)
    one, listing = (possible_changes(target, "violations", CONTRACT) for target in injector.targets)
    labels = {entry.label.id: entry.label for entry in CONTRACT.catalogue}
    chosen = [labels[change.removeprefix("violation:")] for change in one]
    assert [(label.pointer, label.keyword) for label in chosen] == list(
        dict.fromkeys((label.pointer, label.keyword) for label in labels.values())
    )
    assert set(possible_changes(injector.targets[0], "all", CONTRACT)) > set(one)
    assert listing == (
        *one,
        "violation:ProxySessions.type.null",
        "violation:NextToken.type.null",
        "violation:NextToken.maxLength",
    )


def test_only_the_call_is_changed():
    """The n-th call of the operation is changed, and no other one; a planned fault of that call counts as applied."""
    stub, injector = stub_with("ListProxySessions#2:reset")
    stub.fail("throttle", operation="ListProxySessions", after=1)
    send(stub, "GET", "/gone")
    assert not injector.is_applied
    answers = [send(stub) for _ in range(3)]
    assert [isinstance(answer, TransportFault) for answer in answers] == [False, True, False]
    assert [answer.status for answer in answers if isinstance(answer, Response)] == [200, 200]
    assert injector.is_applied
    assert stub.injected is not None
    assert [call.fault for call in stub.calls_to("ListProxySessions")] == [None, "reset", None]


@pytest.mark.slow
def test_violation_keeps_the_session():
    """An injected violation is put into the response's own session, whose other values stay."""
    change = next(entry.label for entry in CONTRACT.catalogue if entry.label.pointer == "/Name")
    stub, _ = stub_with(f"GetProxySession#1:violation:{change.id}")
    stored = stub.add_session({"ProxySessionId": "one", "Status": "Open"})
    answer = json.loads(send(stub, "GET", "/one").body)["ProxySession"]
    assert {**answer, "Name": None} == {**stored, "Name": None}
    assert [(each.pointer, each.keyword) for each in CONTRACT.check(answer)] == [(change.pointer, change.keyword)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schedule", "pointer", "keyword"),
    [
        ("GetVoiceConnectorProxy#1:violation:Proxy.Disabled.type", "/Proxy/Disabled", "type"),
        ("ListProxySessions#1:violation:NextToken.type", "/NextToken", "type"),
    ],
)
def test_violation_of_the_response(schedule, pointer, keyword):
    """A response has one violation outside its sessions, which stay."""
    stub, _ = stub_with(schedule)
    stub.add_session({"ProxySessionId": "one"})
    options = {"DefaultSessionExpiryMinutes": 60, "PhoneNumberPoolCountries": ["US"]}
    stub.add_connector(stub.connector_id, proxy={**options, "Disabled": True})
    name = schedule.partition("#")[0]
    path = "proxy-sessions" if name == "ListProxySessions" else "programmable-numbers/proxy"
    body = stub.handle(Request("GET", f"/voice-connectors/{stub.connector_id}/{path}")).body
    found = load_contract(f"{name}.response").check(json.loads(body))
    assert [(each.pointer, each.keyword) for each in found] == [(pointer, keyword)]
    assert (b'"one"' in body) == (name == "ListProxySessions")


def test_paused():
    """Calls of fixtures of wider scope are neither counted nor changed."""
    stub, injector = stub_with("ListProxySessions#1:throttle")
    with injector.paused():
        assert send(stub).status == 200
    assert send(stub).status == 429


def test_endless_calls():
    """A client that goes on after the change is ended: by an exception, and on the port by resets."""
    stub, injector = stub_with("ListProxySessions#1:throttle")
    for _ in range(MAX_CALLS_AFTER_CHANGE + 1):
        send(stub)
    with pytest.raises(CallLimitReached):
        send(stub)
    assert injector.is_exhausted
    assert send(stub, transport="http_server") == TransportFault("reset")


def test_unused_expectations_do_not_fail_a_changed_run():
    """A change may keep a test from the calls that its own faults were for."""
    stub, _ = stub_with("ListProxySessions#1:throttle")
    with stub:
        stub.fail("reset", operation="GetProxySession")
