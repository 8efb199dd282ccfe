"""Runs the engine on one schema of the suite and lets both judges look at all that comes out.

Used by the conformance tests with few draws, and by `benchmarks/engine.py` with many.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from chime_fixtures.engine.contract import Contract, enumerate_edges, enumerate_violations, generate
from chime_fixtures.engine.errors import UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.strategies import from_schema
from chime_fixtures.engine.violation import Violation
from tests.support.conformance.cases import Case
from tests.support.conformance.effects import noted
from tests.support.conformance.judges import Judges
from tests.support.conformance.normaliser import Breach

DRIVEN, REFUSED, UNSATISFIABLE, CRASHED, LATE = "driven", "refused", "unsatisfiable", "crashed", "timed out"

SECONDS = 20.0
"""How long the engine may take for one schema, in all."""


class Overtime(BaseException):
    """The time is up; no `except Exception` on the way holds it."""


@dataclass(kw_only=True)
class Outcome:
    """What became of one schema.

    Attributes:
        case: the schema.
        status: one of the five words above.
        reason: why, where it was not driven.
        seconds: CPU seconds, by phase: `compile`, `draws`, `values`, `edges`, `violations`.
        refused_values: values, draws and edges that a judge rejects, with where they come from.
        drawn: how many values, draws and edges there were.
        violations: how many, contested ones not among them.
        mislabelled: violations that are not what they say on both judges, with what the judges say.
        misplaced: violations that name another place of the schema than the judges do.
        places: what the suite's own rejected instances show to be breakable alone.
        reached: what our violations break alone.
        effects: files opened and connections made while compiling.
        is_wrong: called unsatisfiable, though both judges accept an instance of the suite.
    """

    case: Case
    status: str = DRIVEN
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    refused_values: list[tuple[str, Any]] = field(default_factory=list)
    drawn: int = 0
    violations: int = 0
    mislabelled: list[tuple[str, Any, Any]] = field(default_factory=list)
    misplaced: list[tuple[str, str]] = field(default_factory=list)
    places: set[tuple[str, str, str]] = field(default_factory=set)
    reached: set[tuple[str, str, str]] = field(default_factory=set)
    effects: list[str] = field(default_factory=list)
    is_wrong: bool = False

    @property
    def missed(self) -> set[tuple[str, str, str]]:
        """Places that could be broken alone, and are not."""
        return self.places - self.reached

    @property
    def is_silent(self) -> bool:
        """Whether it is driven without a single violation, though something can be broken."""
        return self.status == DRIVEN and bool(self.places) and not self.violations


def run(case: Case, *, values: int, draws: int, catalogue: bool = True) -> Outcome:
    """Everything that the engine makes of one schema, judged.

    Args:
        case: the schema.
        values: how many to make by `generate`.
        draws: how many Hypothesis is to draw.
        catalogue: whether edges and violations are wanted too.
    """
    outcome = Outcome(case=case)
    judges = Judges(case)
    outcome.places = breakable_alone(case, judges)
    made: list[tuple[str, Any]] = []
    violations: tuple[Violation, ...] = ()
    clock = outcome.seconds
    try:
        with _limited(SECONDS):
            with _timed(clock, "compile"), noted() as effects:
                outcome.effects = effects
                contract = case.contract()
            with _timed(clock, "draws"):
                made += [("from_schema", value) for value in drawn(contract, draws)]
            with _timed(clock, "values"):
                made += [(f"generate {index}", generate(contract, seed=1, index=index)) for index in range(values)]
            if catalogue:
                with _timed(clock, "edges"):
                    made += [(f"edge {edge.id}", edge.instance) for edge in enumerate_edges(contract)]
                with _timed(clock, "violations"):
                    violations = enumerate_violations(contract, contested=False)
    except UnsupportedSchemaError as refusal:
        outcome.status, outcome.reason = REFUSED, str(refusal)
        return outcome
    except UnsatisfiableSchemaError as clash:
        outcome.status, outcome.reason = UNSATISFIABLE, str(clash)
        outcome.is_wrong = any(judges.verdicts(instance) == (True, True) for instance, _ in case.tests)
        return outcome
    except Overtime:
        outcome.status, outcome.reason = LATE, f"in {list(clock)[-1]}"
        return outcome
    except Exception as crash:
        outcome.status, outcome.reason = CRASHED, f"{type(crash).__name__}: {crash}"
        return outcome
    outcome.drawn = len(made)
    outcome.refused_values = [(source, value) for source, value in made if False in judges.verdicts(value)]
    outcome.violations = len(violations)
    for violation in violations:
        _judge(outcome, judges, violation)
    return outcome


def breakable_alone(case: Case, judges: Judges) -> set[tuple[str, str, str]]:
    """The places of which an instance that the suite calls invalid breaks one and nothing else, says each judge."""
    found = (judges.only(instance) for instance, is_valid in case.tests if not is_valid)
    return {breach.place for breach in found if breach is not None}


def drawn(contract: Contract, count: int) -> list[Any]:
    """What Hypothesis draws, at most so many; its health checks stand, but for the one that needs a quiet machine."""
    values: list[Any] = []

    @seed(1)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(from_schema(contract))
    def note(value: Any) -> None:
        values.append(value)

    note()
    return values


def _judge(outcome: Outcome, judges: Judges, violation: Violation) -> None:
    breach = judges.only(violation.instance)
    if breach is None or breach.label != (violation.pointer, violation.keyword):
        outcome.mislabelled.append((violation.id, violation.instance, judges.breaches(violation.instance)))
        return
    outcome.reached.add(breach.place)
    if not _is_at(breach, violation):
        outcome.misplaced.append((f"{violation.id} {violation.schema_pointer}", breach.location))


def _is_at(breach: Breach, violation: Violation) -> bool:
    return breach.location.rpartition("#")[2] == violation.schema_pointer.rpartition("#")[2]


@contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    seconds[phase] = 0.0
    begun = time.process_time()
    try:
        yield
    finally:
        seconds[phase] = time.process_time() - begun


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raises Overtime inside when the time is up, where the platform has a timer for it."""
    has_timer = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    begun = time.monotonic()
    if has_timer:
        before = signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if has_timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    if time.monotonic() - begun > seconds:
        raise Overtime


def _stop(*_: Any) -> None:
    raise Overtime
