"""The verdicts of two independent validators on ten thousand draws of each strategy.

It guards the first two invariants: jsonschema-rs and jsonschema accept every valid value; jsonschema-rs rejects every
violation with exactly one error, of the keyword of its label, and so does jsonschema unless it is contested.

    python benchmarks/validity.py [--count N] [STRATEGY ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# The checkout, not the installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import chime_fixtures as kit
from chime_fixtures import Contract, Violation
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import operations

Verdict = Callable[[Any], tuple[list[str], bool]]
"""Returns the keywords that jsonschema-rs reports for an instance, and True if jsonschema accepts it."""


def verdict_of(contract: Contract) -> Verdict:
    """The verdict of both validators, which are made from the contract's documents alone."""
    documents = contract.document
    registry = jsonschema_rs.Registry(list(documents.by_uri.items()))
    first = jsonschema_rs.Draft202012Validator(documents.entry_schema, registry=registry, validate_formats=True)
    resources = [(uri, DRAFT202012.create_resource(document)) for uri, document in documents.by_uri.items()]
    second = Draft202012Validator(
        documents.entry_schema, registry=Registry().with_resources(resources), format_checker=FormatChecker()
    )
    return lambda value: (
        [str(error.schema_path[-1]) for error in first.iter_errors(value)],
        second.is_valid(value),
    )


def strategies() -> Iterator[tuple[str, st.SearchStrategy[Any], Contract]]:
    """Each strategy of valid values and of violations, with the contract of what it draws."""
    session = load_contract("ProxySession")
    yield "proxy_sessions()", kit.proxy_sessions(), session
    yield "proxy_session_lists()", kit.proxy_session_lists(), Contract({"type": "array", "items": session.schema})
    yield "proxy_session_violations()", kit.proxy_session_violations(), session
    for operation in operations():
        name = operation.name
        if operation.request is not None:
            yield f"operation_requests({name!r})", kit.operation_requests(name), operation.request
            yield f"operation_request_violations({name!r})", kit.operation_request_violations(name), operation.request
        if operation.response is not None:
            yield f"operation_responses({name!r})", kit.operation_responses(name), operation.response
            yield (
                f"operation_response_violations({name!r})",
                kit.operation_response_violations(name),
                operation.response,
            )


def is_right(drawn: Any, verdict: Verdict) -> bool:
    """True if the validators agree with the label of a violation, or accept a valid value."""
    if isinstance(drawn, Violation):
        keywords, accepted = verdict(drawn.instance)
        return keywords == [drawn.keyword] and accepted == bool(drawn.contested)
    return verdict(drawn) == ([], True)


def validated(strategy: st.SearchStrategy[Any], verdict: Verdict, count: int) -> tuple[int, list[Any]]:
    """The number of draws, and those with which a validator disagrees."""
    seen, wrong = 0, []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def look(drawn: Any) -> None:
        nonlocal seen
        seen += 1
        if not is_right(drawn, verdict):
            wrong.append(drawn)

    look()
    return seen, wrong


def main() -> int:
    """Draw, validate and print; 1 if a validator disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("strategy", nargs="*", help="only those whose call has this text")
    options = parser.parse_args()
    failed = False
    for name, strategy, contract in strategies():
        if options.strategy and not any(text in name for text in options.strategy):
            continue
        begun = time.process_time()
        seen, wrong = validated(strategy, verdict_of(contract), options.count)
        print(f"{name:58}{seen:8} drawn{len(wrong):6} wrong{time.process_time() - begun:8.1f} s", flush=True)
        for drawn in wrong[:3]:
            print(f"    {drawn!r:.300}")
        failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
