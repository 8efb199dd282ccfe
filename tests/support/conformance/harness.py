"""Runs the engine on one schema of the suite, and validates every value and violation with both validators.

The conformance tests draw few examples, `benchmarks/engine.py` many.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards, enumerate_violations
from chime_fixtures.engine.errors import NoValueFoundError, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.strategies import from_schema
from chime_fixtures.engine.violation import Violation
from tests.support.conformance.cases import Case
from tests.support.conformance.reported_errors import ReportedError
from tests.support.conformance.side_effects import recorded_side_effects
from tests.support.conformance.validators import Validators
from tests.support.timing import OutOfTime, limited, timed

SUPPORTED, UNSUPPORTED, UNSATISFIABLE, CRASHED, TIMED_OUT = (
    "supported",
    "unsupported",
    "unsatisfiable",
    "crashed",
    "timed out",
)

MAX_SECONDS = 20.0
"""The time limit for one schema."""


@dataclass(kw_only=True)
class Outcome:
    """The result for one schema.

    Attributes:
        case: the schema.
        status: one of the five constants above.
        reason: the message of the error, if the schema is not supported.
        seconds: CPU seconds, by phase: `compile`, `draws`, `values`, `edges`, `hazards`, `violations`.
        rejected_values: values, draws, edges and hazards that a validator rejects, with their source.
        drawn: the number of values, draws, edges and hazards.
        violations: the number of violations that are not contested.
        mislabelled: violations whose label a validator does not confirm, with the errors of both.
        misplaced: violations whose schema pointer is not the one that the validators report.
        breakable: the assertions that an invalid instance of the suite violates alone.
        broken: the assertions that our violations violate alone.
        effects: files opened and connections made while the schema is compiled.
        is_wrong: true if it is called unsatisfiable, though both validators accept an instance of the suite.
    """

    case: Case
    status: str = SUPPORTED
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    rejected_values: list[tuple[str, Any]] = field(default_factory=list)
    drawn: int = 0
    violations: int = 0
    mislabelled: list[tuple[str, Any, Any]] = field(default_factory=list)
    misplaced: list[tuple[str, str]] = field(default_factory=list)
    breakable: set[tuple[str, str, str]] = field(default_factory=set)
    broken: set[tuple[str, str, str]] = field(default_factory=set)
    effects: list[str] = field(default_factory=list)
    is_wrong: bool = False

    @property
    def missed(self) -> set[tuple[str, str, str]]:
        """Assertions that can be violated alone, and are not."""
        return self.breakable - self.broken

    @property
    def lacks_violations(self) -> bool:
        """True if it is supported and has no violation, though an assertion can be violated alone."""
        return self.status == SUPPORTED and bool(self.breakable) and not self.violations


def run(case: Case, *, values: int, draws: int, catalogue: bool = True) -> Outcome:
    """The values and violations of one schema, validated.

    Args:
        case: the schema.
        values: the number of values of `generate`.
        draws: the number of examples that Hypothesis draws.
        catalogue: true to enumerate edges, hazards and violations too.
    """
    outcome = Outcome(case=case)
    validators = Validators(case)
    outcome.breakable = breakable_alone(case, validators)
    made: list[tuple[str, Any]] = []
    violations: tuple[Violation, ...] = ()
    clock = outcome.seconds
    try:
        with limited(MAX_SECONDS):
            with timed(clock, "compile"), recorded_side_effects() as effects:
                outcome.effects = effects
                contract = case.contract()
            with timed(clock, "draws"):
                made += [("from_schema", value) for value in drawn(contract, draws)]
            with timed(clock, "values"):
                made += [(f"generate {index}", generate(contract, seed=1, index=index)) for index in range(values)]
            if catalogue:
                with timed(clock, "edges"):
                    made += [(f"edge {edge.id}", edge.instance) for edge in enumerate_edges(contract)]
                with timed(clock, "hazards"):
                    made += [(f"hazard {each.id}", each.instance) for each in enumerate_hazards(contract)]
                with timed(clock, "violations"):
                    found = enumerate_violations(contract, contested=False)
                    violations = tuple(each for each in found if each.cross_checked)
    except (UnsupportedSchemaError, NoValueFoundError) as error:
        outcome.status, outcome.reason = UNSUPPORTED, str(error)
        return outcome
    except UnsatisfiableSchemaError as error:
        outcome.status, outcome.reason = UNSATISFIABLE, str(error)
        outcome.is_wrong = any(validators.verdicts(instance) == (True, True) for instance, _ in case.tests)
        return outcome
    except OutOfTime:
        outcome.status, outcome.reason = TIMED_OUT, f"in {list(clock)[-1]}"
        return outcome
    except Exception as crash:
        outcome.status, outcome.reason = CRASHED, f"{type(crash).__name__}: {crash}"
        return outcome
    outcome.drawn = len(made)
    outcome.rejected_values = [(source, value) for source, value in made if False in validators.verdicts(value)]
    outcome.violations = len(violations)
    for violation in violations:
        _check_label(outcome, validators, violation)
    return outcome


def breakable_alone(case: Case, validators: Validators) -> set[tuple[str, str, str]]:
    """The assertions that an invalid instance of the suite violates alone, by both validators."""
    found = (validators.common_error(instance) for instance, is_valid in case.tests if not is_valid)
    return {error.assertion for error in found if error is not None}


def drawn(contract: Contract, count: int) -> list[Any]:
    """At most `count` examples of Hypothesis, with all health checks except the one for slow draws."""
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
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def _check_label(outcome: Outcome, validators: Validators, violation: Violation) -> None:
    error = validators.common_error(violation.instance)
    if error is None or error.label != (violation.pointer, violation.keyword):
        outcome.mislabelled.append((violation.id, violation.instance, validators.errors(violation.instance)))
        return
    outcome.broken.add(error.assertion)
    if not _is_at(error, violation):
        outcome.misplaced.append((f"{violation.id} {violation.schema_pointer}", error.location))


def _is_at(error: ReportedError, violation: Violation) -> bool:
    return error.location.rpartition("#")[2] == violation.schema_pointer.rpartition("#")[2]
