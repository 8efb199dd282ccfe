"""Typical use of the API, for type checkers: mypy and pyright accept each line, and infer each asserted type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chime_fixtures import (
    ChimeStub,
    Contract,
    Edge,
    Hazard,
    ListCase,
    Policies,
    ProxySessionFactory,
    Violation,
    enumerate_violations,
    evolved_proxy_sessions,
    from_schema,
    generate,
    invalid_proxy_sessions,
    load_contract,
    operation_requests,
    operation_response_violations,
    proxy_session_lists,
    proxy_session_violations,
    proxy_sessions,
    realistic_proxy_sessions,
    violations_of,
)
from chime_fixtures.types import Boto3ProxySession, ProxySession

if TYPE_CHECKING:
    from mypy_boto3_chime_sdk_voice.type_defs import ProxySessionTypeDef

assert_type(proxy_sessions(required=["/Participants/*/PhoneNumber"]), st.SearchStrategy[dict[str, Any]])
assert_type(proxy_sessions(required="all", form="boto3", Name="n"), st.SearchStrategy[dict[str, Any]])
assert_type(realistic_proxy_sessions(states=["Open"], ExpiryMinutes=15), st.SearchStrategy[dict[str, Any]])
assert_type(evolved_proxy_sessions(), st.SearchStrategy[dict[str, Any]])
assert_type(proxy_session_lists(max_size=3), st.SearchStrategy[list[dict[str, Any]]])
assert_type(proxy_session_violations(keyword="maxLength"), st.SearchStrategy[Violation])
assert_type(operation_response_violations("GetProxySession"), st.SearchStrategy[Violation])
assert_type(violations_of({"type": "integer"}), st.SearchStrategy[Violation])
assert_type(st.from_type(ProxySession), st.SearchStrategy[ProxySession])
assert_type(st.from_type(Boto3ProxySession), st.SearchStrategy[Boto3ProxySession])
every: list[st.SearchStrategy[Any]] = [
    from_schema(True),
    invalid_proxy_sessions(),
    operation_requests("UpdateProxySession", form="boto3"),
]


def duration(session: ProxySessionTypeDef) -> float:
    """The length of a session in seconds: code under test, with the types of boto3's stubs."""
    if "EndedTimestamp" not in session or "CreatedTimestamp" not in session:
        return 0.0
    return (session["EndedTimestamp"] - session["CreatedTimestamp"]).total_seconds()


@given(st.from_type(Boto3ProxySession), proxy_sessions())
def test_durations(session: Boto3ProxySession, other: dict[str, Any]) -> None:
    """A session of boto3's form is accepted where the stubs' type is required, and vice versa."""
    assert_type(duration(session), float)
    theirs: ProxySessionTypeDef = session
    ours: Boto3ProxySession = theirs
    assert other.get("Name") is None or ours


def test_contracts() -> None:
    """Contracts, violations and values."""
    contract = load_contract("ProxySession")
    assert_type(contract, Contract)
    assert_type(contract.is_valid({}), bool)
    assert_type(contract.check({}), tuple[Violation, ...])
    for violation in enumerate_violations(contract, keyword="enum"):
        assert_type(violation.id, str)
        assert_type(violation.variant, str | None)
    value: dict[str, int] = generate({"type": "object", "additionalProperties": {"type": "integer"}})
    assert contract.is_valid({}) or value


def test_factory_and_stub() -> None:
    """The factory's sessions in the stub, each name and value as it is inferred."""
    factory = ProxySessionFactory(seed=7, locale="ja_JP", form="wire")
    session = factory.build(Status="Closed", check=True)
    assert_type(session, dict[str, Any])
    assert_type(factory.batch(2), list[dict[str, Any]])
    assert_type(factory.build_violation(), Violation)
    with ChimeStub(policies=Policies(second_delete="not-found")) as stub:
        assert_type(stub, ChimeStub)
        assert_type(stub.connector_id, str)
        stub.add_session(session)


def test_fixtures(
    proxy_session: dict[str, Any], proxy_session_violation: Violation, chime_stub: ChimeStub, chime_contract: Contract
) -> None:
    """The fixtures by the types that their documentation has."""
    assert chime_contract.is_valid(proxy_session)
    assert not chime_contract.is_valid(proxy_session_violation.instance)
    assert_type(chime_stub.fail("throttle", operation="GetProxySession"), None)


@pytest.mark.chime_cases(only=["Name.*"])
def test_cases(proxy_session_edge: Edge, proxy_session_hazard: Hazard, proxy_session_list: ListCase) -> None:
    """The fixtures of valid cases, whose records have the same attributes."""
    for case in (proxy_session_edge, proxy_session_hazard, proxy_session_list):
        assert_type(case.id, str)
        assert_type(case.keyword, str | None)
