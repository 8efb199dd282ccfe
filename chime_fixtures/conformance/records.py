"""Checks as data, and their findings."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from chime_fixtures.conformance.probe import Probe

Outcome = Literal["failed", "policy", "skipped", "passed"]
"""The result of a check, in the order of a report.

``policy``: the server follows another setting of an undocumented rule, which `Policies` has too.
"""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

EvidenceKind = Literal["model", "documentation", "policy"]
"""The source of a check: a published model (botocore, Smithy), AWS's documentation and samples, or a policy."""

Observed: TypeAlias = tuple[str, Any]
"""A rule of `Policies`, and the setting that the server follows."""


class DeviationError(Exception):
    """A response differs from what a check requires; the message has both."""


class SkippedError(Exception):
    """A check can't be made; the message is the reason."""


class ThrottledError(SkippedError):
    """The server throttles the requests of a check, which says nothing about its behaviour."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: its id, which is stable within a major version: ``sessions.delete.repeated``.
        sentence: the behaviour that it requires.
        kind: the kind of its evidence.
        evidence: the source of the sentence; for a policy its rule.
        play: sends requests by a `Probe`. Returns the observed setting of a policy, or None; raises `DeviationError` or
            `SkippedError`.
    """

    id: str
    sentence: str
    kind: EvidenceKind
    evidence: str
    play: Callable[[Probe], Observed | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check.

    Attributes:
        id: the id of the check.
        outcome: the result.
        sentence: the behaviour that the check requires.
        kind: the kind of its evidence.
        evidence: the source of the sentence.
        detail: the deviation, the policy or the reason; empty for a check that passed.
    """

    id: str
    outcome: Outcome
    sentence: str
    kind: EvidenceKind
    evidence: str
    detail: str = ""

    @classmethod
    def of(cls, check: Check, outcome: Outcome, detail: str = "") -> Finding:
        """Return the finding of a check."""
        return cls(check.id, outcome, check.sentence, check.kind, check.evidence, detail)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON value."""
        return {
            "id": self.id,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "kind": self.kind,
            "evidence": self.evidence,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class ConformanceReport:
    """The findings of a run. Two runs against equal servers have equal reports.

    Attributes:
        findings: the findings, in the order of the checks.
        policies: the settings that the server follows, by the name of the rule, without those that are the default.
        leftovers: the resources that could not be removed, with their ids; not compared, since ids differ between runs.
    """

    findings: tuple[Finding, ...]
    policies: Mapping[str, Any]
    leftovers: tuple[str, ...] = field(default=(), compare=False)

    def of(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings with an outcome."""
        return tuple(each for each in self.findings if each.outcome == outcome)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The checks that failed, the most basic one first."""
        return self.of("failed")

    @property
    def counts(self) -> dict[Outcome, int]:
        """The number of findings of each outcome."""
        counted = collections.Counter(each.outcome for each in self.findings)
        return {outcome: counted[outcome] for outcome in OUTCOMES}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return {
            "version": 1,
            "counts": self.counts,
            "policies": dict(self.policies),
            "findings": [each.as_dict() for each in self.findings],
        }


def require(condition: object, text: str) -> None:
    """Raise `DeviationError` unless the condition holds."""
    if not condition:
        raise DeviationError(text)


def listed(names: Iterable[str]) -> str:
    """The names in a sentence; the rest of more than a few is counted."""
    known = list(names)
    rest = len(known) - MAX_LISTED_NAMES
    return ", ".join(known[:MAX_LISTED_NAMES]) + (f" and {rest} more" if rest > 0 else "")


MAX_LISTED_NAMES = 4
