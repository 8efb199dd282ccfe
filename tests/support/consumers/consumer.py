"""Consumers under test: a function in a correct and a faulty version, and the check that tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

InputKind = Literal["valid", "invalid", "lists"]
"""A valid session, one that violates the contract, or a list of valid ones."""

Check = Callable[[Callable[..., Any], Any], None]
"""Called with a version of a consumer and an example; raises if the version handles the example wrongly."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer.

    Attributes:
        name: the mistake in the faulty version.
        input_kind: the kind of example that it is called with.
        check: raises for the faulty version, on some examples.
        correct: a version that passes the check for every example.
        faulty: the same with one realistic mistake.
    """

    name: str
    input_kind: InputKind
    check: Check
    correct: Callable[..., Any]
    faulty: Callable[..., Any]


def fails(check: Check, version: Callable[..., Any], example: Any) -> bool:
    """True if a version fails its check on an example; any exception is a failure."""
    try:
        check(version, example)
    except Exception:
        return True
    return False


def equals(expected: Callable[[Any], Any]) -> Check:
    """The check that a consumer returns the expected value of each example."""

    def check(consumer: Callable[..., Any], example: Any) -> None:
        actual, wanted = consumer(example), expected(example)
        assert actual == wanted, f"{actual!r} instead of {wanted!r}"

    return check
