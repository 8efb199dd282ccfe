"""The run of all checks against a server, by a function that sends a request."""

from __future__ import annotations

import difflib
import fnmatch
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.conformance.exchanges import Exchange, Send
from chime_fixtures.conformance.expiry_checks import EXPIRY_CHECKS
from chime_fixtures.conformance.list_checks import LIST_CHECKS
from chime_fixtures.conformance.probe import Advance, Probe
from chime_fixtures.conformance.proxy_checks import PROXY_CHECKS
from chime_fixtures.conformance.records import (
    Check,
    ConformanceReport,
    DeviationError,
    Finding,
    Observed,
    SkippedError,
    ThrottledError,
)
from chime_fixtures.conformance.request_checks import ERROR_CHECKS, request_checks
from chime_fixtures.conformance.response_checks import RESPONSE_CHECKS, response_check_id, response_operations
from chime_fixtures.conformance.session_checks import SESSION_CHECKS
from chime_fixtures.conformance.throttling import ThrottledSender
from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.service.policies import DEFAULT_POLICIES, Policies

__tracebackhide__ = is_kit_error


def all_checks() -> tuple[Check, ...]:
    """Return every check that sends requests, in their order: published behaviour, policies, then each request."""
    checks = (*SESSION_CHECKS, *LIST_CHECKS, *PROXY_CHECKS, *ERROR_CHECKS, *EXPIRY_CHECKS)
    return (*sorted(checks, key=lambda check: check.kind == "policy"), *request_checks())


def check_ids() -> tuple[str, ...]:
    """Return the ids of all checks, in the order of a report."""
    return (*response_check_ids(), *(check.id for check in all_checks()))


def response_check_ids() -> tuple[str, ...]:
    """Return the ids of the checks that send nothing: they judge the responses of all other checks."""
    return tuple(response_check_id(each, check) for check in RESPONSE_CHECKS for each in response_operations(check))


def chosen_ids(patterns: Iterable[str]) -> frozenset[str]:
    """Return the ids of the checks that patterns match.

    Raises:
        InvalidOptionError: a pattern matches no check.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        found = fnmatch.filter(check_ids(), pattern)
        if not found:
            is_near = difflib.get_close_matches(pattern, check_ids(), n=1)
            areas = {f"{each.partition('.')[0]}.*" for each in check_ids()}
            raise InvalidOptionError(
                f"no check matches {pattern!r}{did_you_mean(pattern, check_ids() if is_near else areas)}"
            )
        chosen.update(found)
    return frozenset(chosen)


def _require_connector(exchange: Exchange, *, is_default: bool) -> None:
    """Raise an error if the Voice Connector can't be used, without which no check is possible."""
    if exchange.status == HTTPStatus.NOT_FOUND:
        about = "an id made from the seed" if is_default else "the one that was passed"
        text = f"the server does not have the Voice Connector ({about}: {exchange.outcome})"
        raise InvalidOptionError(f"{text}; pass the id of an existing one (--connector)")
    if exchange.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        text = f"the server refuses the first request with {exchange.outcome}"
        raise InvalidOptionError(f"{text}; pass its authentication (--header, --sign)")


class ConformanceRun:
    """The checks against one server: all by `report`, or one after the other by `start`, `make` for each, and `finish`.

    Args:
        send: sends a request, and returns the response. Raises OSError if there is none.
        connector_id: the id of a Voice Connector; by default one that is made from the seed.
        contract: the contract of a session, if it is not Chime's.
        seed: the seed of ids in requests.
        headers: header fields of each request.
        base: the part of the URL before the path of an operation.
        advance: moves the clock of the server by a number of minutes; without it, the checks of expiry are skipped.
        sleep: waits a number of seconds, before a throttled request is sent again.
    """

    def __init__(
        self,
        send: Send,
        *,
        connector_id: str | None = None,
        contract: Schema | None = None,
        seed: int = 0,
        headers: Mapping[str, str] | None = None,
        base: str = "",
        advance: Advance | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._has_default_connector = connector_id is None
        self._observed: dict[str, Any] = {}
        self._sender = ThrottledSender(send, sleep)
        self._probe = Probe(
            self._sender.send,
            connector_id=connector_id,
            contract=load_contract("ProxySession") if contract is None else Contract.of(contract),
            seed=seed,
            headers=headers or {},
            base=base,
            advance=advance,
        )

    def report(self, only: Sequence[str] = ()) -> ConformanceReport:
        """Make the checks, and remove what they created.

        Args:
            only: patterns of the ids of the checks to make; all if empty.

        Raises:
            OSError: the first request has no response.
            InvalidOptionError: the server does not have the Voice Connector, or a pattern matches no check.
        """
        chosen = chosen_ids(only) if only else frozenset(check_ids())
        self.start()
        # The checks of responses judge those of all other checks.
        needs_all = not chosen.isdisjoint(response_check_ids())
        checks = [check for check in all_checks() if needs_all or check.id in chosen]
        try:
            made = [self.make(check) for check in checks]
        finally:
            self.finish()
        findings = [each for each in (*self.response_findings(), *made) if each.id in chosen]
        return ConformanceReport(tuple(findings), self.changed_policies, self.leftovers)

    def start(self) -> None:
        """Put the proxy configuration that the checks need.

        Raises:
            OSError: there is no response.
            InvalidOptionError: the server does not have the Voice Connector, or refuses the request.
        """
        try:
            exchange = self._probe.set_up()
        except ThrottledError as error:
            raise InvalidOptionError(f"the first request is {error}") from error
        _require_connector(exchange, is_default=self._has_default_connector)

    def finish(self) -> None:
        """Delete the sessions that are left, and restore the proxy configuration."""
        self._sender.renew()
        self._probe.tear_down()

    @property
    def leftovers(self) -> tuple[str, ...]:
        """The resources that could not be removed, one sentence each."""
        return tuple(self._probe.leftovers)

    def make(self, check: Check) -> Finding:
        """Make a check, and remove what it created."""
        finding = self._finding(check)
        self._probe.remove_sessions()
        return finding

    def _finding(self, check: Check) -> Finding:
        try:
            self._probe.prepare()
            observed = check.play(self._probe)
        except SkippedError as error:
            return Finding.of(check, "skipped", str(error))
        except DeviationError as error:
            return Finding.of(check, "failed", str(error))
        except OSError as error:
            return Finding.of(check, "failed", f"no response: {type(error).__name__}")
        return Finding.of(check, "passed") if observed is None else self._observe(check, observed)

    def _observe(self, check: Check, observed: Observed) -> Finding:
        rule, setting = observed
        first = self._observed.setdefault(rule, setting)
        if first != setting:
            return Finding.of(check, "failed", f"behaves like {rule}={setting}, but elsewhere like {rule}={first}")
        if setting == getattr(DEFAULT_POLICIES, rule):
            return Finding.of(check, "passed")
        return Finding.of(check, "policy", f"behaves like {rule}={setting}")

    def response_findings(self) -> Iterator[Finding]:
        """The findings about the responses so far, in the order of `response_check_ids`."""
        for check in RESPONSE_CHECKS:
            for operation in response_operations(check):
                exchanges = [each for each in self._probe.exchanges if each.operation == operation]
                outcome, detail = check.judge(exchanges, self._probe.contract)
                yield Finding(
                    response_check_id(operation, check),
                    outcome,
                    check.sentence.format(operation.name),
                    check.kind,
                    check.evidence,
                    detail,
                )

    @property
    def changed_policies(self) -> dict[str, Any]:
        """The settings that are not the default, in the order of the rules."""
        rules = Policies.__dataclass_fields__
        return {
            rule: self._observed[rule]
            for rule in rules
            if rule in self._observed and self._observed[rule] != getattr(DEFAULT_POLICIES, rule)
        }
