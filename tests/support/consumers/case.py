"""What a consumer under test is: one function in a right and a wrong version, and the law that tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Feed = Literal["valid", "invalid", "lists"]
"""What a consumer is fed with: a valid session, one that breaks the contract, or a list of valid ones."""


@dataclass(frozen=True, slots=True)
class Case:
    """One consumer.

    Attributes:
        name: what is wrong in the wrong version.
        feed: which strategy feeds it.
        law: called with a version and what was drawn; it raises when the version is wrong.
        right: the version that keeps the law for all that can be drawn.
        wrong: the same with one realistic mistake.
    """

    name: str
    feed: Feed
    law: Callable[[Callable[..., Any], Any], None]
    right: Callable[..., Any]
    wrong: Callable[..., Any]


def blames(law: Callable[[Callable[..., Any], Any], None], version: Callable[..., Any], drawn: Any) -> bool:
    """Whether a version breaks its law on what was drawn; a crash is a breach."""
    try:
        law(version, drawn)
    except Exception:
        return True
    return False


def equals(expected: Callable[[Any], Any]) -> Callable[[Callable[..., Any], Any], None]:
    """The law that a consumer says of what was drawn what the expectation says."""

    def law(consumer: Callable[..., Any], drawn: Any) -> None:
        found, wanted = consumer(drawn), expected(drawn)
        assert found == wanted, f"{found!r} instead of {wanted!r}"

    return law
