"""Hints: the lines of Python that a test needs to meet a goal, for the fixtures `chime_stub` and `chime_client`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chime_fixtures.chime.operations import Operation, max_page_size
from chime_fixtures.contract_coverage import outcomes
from chime_fixtures.engine import instances
from chime_fixtures.engine.contract import Contract

MAX_HINT_CHARACTERS = 200
"""The length of a hint with a literal session; instead of a longer one the hint is the marker that selects the case."""

MIN_REPEATED_CHARACTERS = 16
"""The length of a text that is written as a product."""

MAX_PERIOD_CHARACTERS = 16
MIN_REPEATED_ITEMS = 4

MAX_REMOVED_ITEMS = 64
"""The number of items of an array up to which it is tried to leave each one out."""

SESSION_OPERATIONS = ("GetProxySession", "ListProxySessions", "CreateProxySession", "UpdateProxySession")
"""The operations whose responses have sessions; canned responses are for the first one."""

_CONNECTOR_ID, _SESSION_ID = "VoiceConnectorId", "ProxySessionId"
_PROXY = {"DefaultSessionExpiryMinutes": 60, "PhoneNumberPoolCountries": ["US"]}


def case_hint(case_id: str) -> str:
    """The marker that selects a case for a test with one of the fixtures of finite sets."""
    return f"@pytest.mark.chime_cases(only=[{literal(case_id)}])"


def violation_hint(case_id: str) -> str:
    """The fault that responds with a session that has the violation."""
    return f"chime_stub.fail(Fault.violation({literal(case_id)}))"


def session_hint(contract: Contract, case_id: str, instance: Any) -> str:
    """The line by which the stub has a session that realises an edge or hazard.

    Args:
        contract: the contract of the session.
        case_id: the id of the edge or hazard.
        instance: a session that realises it.
    """

    def realises(value: Any) -> bool:
        return contract.is_valid(value) and case_id in contract.cases_met_by(value)

    least = minimised(instance, realises)
    # The stub adds the ids that a session lacks.
    ids = {_CONNECTOR_ID: "abcdef1ghij2klmno3pqr4", _SESSION_ID: "123a4bc6-789d-01e2-f3g4-567890h123i4"}
    is_stored = isinstance(least, dict) and realises({**ids, **least})
    call = "add_session(" if is_stored else f'answer("{SESSION_OPERATIONS[0]}", '
    line = f"chime_stub.{call}{literal(least)})"
    return line if len(line) <= MAX_HINT_CHARACTERS else case_hint(case_id)


def outcome_hint(operation: Operation, name: str, arguments: Mapping[str, Any]) -> str:
    """The line by which the stub, or a client, causes an outcome of an operation.

    Args:
        operation: the operation.
        name: the name of the outcome.
        arguments: the arguments of a request.
    """
    fault = {
        "ThrottledClient": '"throttle"',
        outcomes.NO_RESPONSE: '"timeout"',
        outcomes.LOST_ANSWER: '"lost-answer"',
        outcomes.MALFORMED_BODY: '"body:html"',
        "pages.short": '"page:short"',
        "pages.empty": '"page:empty"',
    }.get(name, f"Fault.error({literal(name)})")
    planned = f"chime_stub.fail({fault}, operation={literal(operation.name)})"
    sessions = "[chime_stub.add_session({{}}) for _ in range({})]"
    return {
        outcomes.SUCCESS: request_hint(operation, arguments),
        "pages.none": request_hint(operation, arguments),
        "pages.one": "chime_stub.add_session({})",
        "pages.several": sessions.format(max_page_size() + 1),
        "pages.short": f"{sessions.format(2)}; {planned}",
    }.get(name, planned)


def request_hint(operation: Operation, arguments: Mapping[str, Any]) -> str:
    """The call of a client that sends a request with these arguments, after what the stub needs to respond."""
    connector = literal(arguments[_CONNECTOR_ID])
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation.name).lower()
    passed = ", ".join(f"{name}={literal(value)}" for name, value in arguments.items())
    call = f"chime_client.{method}({passed})"
    if "NextToken" in arguments:
        # A token that the stub did not make is refused.
        return f"with pytest.raises(chime_client.exceptions.BadRequestException): {call}"
    if _SESSION_ID in arguments:
        ids = {name: arguments[name] for name in (_CONNECTOR_ID, _SESSION_ID)}
        return f"chime_stub.add_session({literal(ids)}); {call}"
    if operation.name in ("GetVoiceConnectorProxy", "DeleteVoiceConnectorProxy"):
        return f"chime_stub.add_connector({connector}, proxy={literal(_PROXY)}); {call}"
    return call


def minimised(instance: Any, realises: Callable[[Any], bool]) -> Any:
    """A copy of the instance without the members and items that can be removed, one after the other."""
    root = instances.copy_json(instance)

    def shrink(container: Any) -> None:
        if isinstance(container, dict):
            for name in list(container):
                before = dict(container)
                del container[name]
                if not realises(root):
                    # All anew, so that the order stays.
                    container.clear()
                    container.update(before)
            inner = list(container.values())
        elif isinstance(container, list) and len(container) <= MAX_REMOVED_ITEMS:
            for index in reversed(range(len(container))):
                removed = container.pop(index)
                if not realises(root):
                    container.insert(index, removed)
            inner = list(container)
        else:
            return
        for each in inner:
            shrink(each)

    shrink(root)
    return root


def literal(value: Any) -> str:
    """The Python expression of a JSON value: a text that repeats itself as a product, as ``"x" * 128``."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(name)}: {literal(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        if len(value) >= MIN_REPEATED_ITEMS and all(instances.equal(each, value[0]) for each in value):
            return f"[{literal(value[0])}] * {len(value)}"
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def _text(text: str) -> str:
    length = len(text)
    if length >= MIN_REPEATED_CHARACTERS:
        for period in range(1, MAX_PERIOD_CHARACTERS + 1):
            count = -(-length // period)
            if count > 1 and text == (text[:period] * count)[:length]:
                product = f"{_quoted(text[:period])} * {count}"
                return product if length % period == 0 else f"({product})[:{length}]"
    return _quoted(text)


def _quoted(text: str) -> str:
    quoted = ascii(text)
    return quoted if '"' in text or "'" in text else f'"{quoted[1:-1]}"'
