"""The seeded bugs of `tests/support/consumers` that the finite sets of ProxySession detect, in their order.

Run from the root of the repository::

    python -m benchmarks.finite_sets

For each kind of input it prints the consumers that all cases of each set detect, those that the first `PREFIX` cases
detect, the missed ones, and the false alarms: cases that the correct version of a consumer fails on.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import chime_fixtures
from chime_fixtures.chime.contracts import load_contract
from tests.support.consumers.collection import CONSUMERS
from tests.support.consumers.consumer import Consumer, fails

PREFIX = 100
"""Cases of each set that are counted apart."""


def instances_of(kind: str) -> dict[str, list[Any]]:
    """The instances of each finite set of a kind of input, in their order."""
    contract = load_contract("ProxySession")
    if kind == "invalid":
        return {"violations": [each.instance for each in chime_fixtures.enumerate_violations(contract)]}
    if kind == "valid":
        edges = [each.instance for each in chime_fixtures.enumerate_edges(contract)]
        return {"edges": edges, "hazards": [each.instance for each in chime_fixtures.enumerate_hazards(contract)]}
    enumerate_lists = getattr(importlib.import_module("chime_fixtures"), "enumerate_lists", None)
    return {} if enumerate_lists is None else {"lists": [each.instance for each in enumerate_lists()]}


def first_detection(consumer: Consumer, instances: Iterable[Any]) -> int | None:
    """The number of the first instance that the faulty version alone fails on; None if there is none."""
    for number, instance in enumerate(instances, 1):
        if fails(consumer.check, consumer.faulty, instance) and not fails(consumer.check, consumer.correct, instance):
            return number
    return None


def measure(kind: str) -> list[str]:
    """The report of one kind of input, as lines."""
    consumers = [consumer for consumer in CONSUMERS if consumer.input_kind == kind]
    sets = instances_of(kind)
    lines, found, found_early = [], set[str](), set[str]()
    for name, instances in sets.items():
        first = {each.name: first_detection(each, instances) for each in consumers}
        detected = {each for each, number in first.items() if number is not None}
        early = {each for each, number in first.items() if number is not None and number <= PREFIX}
        found |= detected
        found_early |= early
        lines.append(f"{name}: {len(instances)} cases detect {len(detected)}, the first {PREFIX} detect {len(early)}")
    alarms = [
        f"{each.name} ({name} {number})"
        for name, instances in sets.items()
        for number, instance in enumerate(instances, 1)
        for each in consumers
        if fails(each.check, each.correct, instance)
    ]
    lines.append(
        f"{kind} input: {len(found)} of {len(consumers)}, by the first {PREFIX} of each set {len(found_early)}"
    )
    lines.append(f"missed: {', '.join(each.name for each in consumers if each.name not in found) or 'none'}")
    lines.append(f"only later: {', '.join(sorted(found - found_early)) or 'none'}")
    lines.append(f"false alarms: {', '.join(alarms) or 'none'}")
    return lines


if __name__ == "__main__":
    for input_kind in ("valid", "invalid", "lists"):
        print("\n".join(measure(input_kind)), end="\n\n", flush=True)
