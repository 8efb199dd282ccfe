"""The finite sets of a contract as parameters of tests, and the marker that selects and tolerates their cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from chime_fixtures.chime.representations import parsed_as_boto3
from chime_fixtures.engine import instances
from chime_fixtures.engine.cases import CatalogueEntry, Edge, Hazard
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sessions.list_cases import ListCase, list_cases

MARKER = "chime_cases"

Case = Edge | Hazard | ListCase | Violation
"""A record of a finite set, which a fixture returns."""

_SETS: Mapping[str, Callable[[Contract], Iterable[Case | CatalogueEntry]]] = {
    "proxy_session_edge": lambda contract: contract.edges,
    "proxy_session_hazard": lambda contract: contract.hazards,
    "proxy_session_list": list_cases,
    "proxy_session_violation": lambda contract: contract.catalogue.in_order_of_coverage(),
}
"""The finite set of each fixture."""


@dataclass(frozen=True, slots=True)
class SelectedCase:
    """A case as the parameter of a test.

    Attributes:
        id: its id, which is the id of the test, too.
        case: the record, or the entry of the catalogue that makes it.
        tolerated_by: the pattern of the marker that tolerates it; None if it is not tolerated.
        reason: the reason of the marker for that.
    """

    id: str
    case: Case | CatalogueEntry = field(repr=False, compare=False)
    tolerated_by: str | None = None
    reason: str = ""


def select(node: Any, fixtures: Sequence[str], contract: Contract) -> dict[str, list[SelectedCase]]:
    """The cases of a test for each of its fixtures, in the order of the finite set.

    A case is selected if each `only` of the test's markers matches its id and no `skip` does; an `only` that matches no
    case of a set leaves the set whole. The closest marker that tolerates a case gives the reason.

    Args:
        node: the definition of the test.
        fixtures: the fixtures that are parametrised with cases.
        contract: the contract of the test.

    Raises:
        UsageError: a marker has other arguments or a pattern that no case matches, or no case is left.
    """
    markers = [_Marker.read(mark, node) for mark in node.iter_markers(MARKER)]
    sets = {fixture: _cases(fixture, contract) for fixture in fixtures}
    for marker in markers:
        marker.check_patterns(sets, contract)
    return {fixture: _selected(fixture, cases, markers) for fixture, cases in sets.items()}


def own_case(parameter: SelectedCase | Case, contract: Contract, form: str) -> Case:
    """The record of a parameter, with an instance that belongs to the test.

    Args:
        parameter: a selected case, or a record with which the user parametrises the test.
        contract: the contract of the test.
        form: the representation of the instance, ``wire`` or ``boto3``.

    Raises:
        UsageError: the user's parameter is not a record.
    """
    case = parameter.case if isinstance(parameter, SelectedCase) else parameter
    if isinstance(case, CatalogueEntry):
        case = case.copy()
    elif not isinstance(case, Case):
        remedy = f"select cases by id with the marker {MARKER}(only=[...])"
        raise pytest.UsageError(f"the parameter must be a record of a finite set, not {case!r}; {remedy}")
    else:
        case = replace(case, instance=instances.copy_json(case.instance))
    if instance_observers.registered:
        for instance in case.instance if isinstance(case, ListCase) else [case.instance]:
            instance_observers.report(contract, instance)
    if form == "wire":
        return case
    if isinstance(case, ListCase):
        return replace(case, instance=[parsed_as_boto3(contract, session) for session in case.instance])
    # A datetime can't represent an invalid value.
    unchanged = case.pointer if isinstance(case, Violation) else None
    return replace(case, instance=parsed_as_boto3(contract, case.instance, unchanged=unchanged))


@dataclass(slots=True)
class Tolerance:
    """The tolerated cases of one run of a test, whose failure is expected.

    The verdict is that of the whole run. A failure of the test or of a teardown is tolerated; an error of the setup is
    not, as the code under test did not run.
    """

    cases: dict[str, SelectedCase] = field(default_factory=dict)
    _outcomes: list[str] = field(default_factory=list)

    def apply(self, report: pytest.TestReport) -> None:
        """Report an expected failure as xfailed, and at teardown the absence of one as an error.

        Args:
            report: a report of the test, which is changed; the call has one for each subtest, too.
        """
        if report.when == "setup":
            # A rerun of the test starts anew.
            self._outcomes = []
            return
        if report.when == "call":
            self._outcomes.append(report.outcome)
        elif not self._outcomes:
            return
        if report.failed:
            report.outcome = "skipped"
            # pytest defines an xfailed report by this attribute.
            vars(report)["wasxfail"] = "; ".join(case.reason for case in self.cases.values())
        elif report.when == "teardown" and set(self._outcomes) == {"passed"}:
            report.outcome = "failed"
            report.longrepr = "; ".join(map(_unexpected_pass, self.cases.values()))


def _unexpected_pass(case: SelectedCase) -> str:
    remedy = "remove it from" if case.tolerated_by == case.id else f"narrow {case.tolerated_by!r} in"
    return f"{case.id} no longer fails ({case.reason}); {remedy} tolerated of {MARKER}"


@dataclass(frozen=True, slots=True)
class _Marker:
    """The arguments of one marker.

    Attributes:
        subject: the subject of its errors.
        is_own: True if it is a marker of the test itself, not of its class or module.
    """

    subject: str
    is_own: bool
    only: tuple[str, ...]
    skip: tuple[str, ...]
    tolerated: Mapping[str, str]

    @classmethod
    def read(cls, mark: pytest.Mark, node: Any) -> _Marker:
        subject = f"{MARKER} of {node.nodeid}"
        known = ("only", "skip", "tolerated")
        if mark.args:
            raise pytest.UsageError(f"{subject}: pass {', '.join(known)} by name, not {mark.args[0]!r}")
        for name in mark.kwargs:
            if name not in known:
                raise pytest.UsageError(f"{subject}: unknown argument {name!r}{did_you_mean(name, known)}")
        only, skip, tolerated = (mark.kwargs.get(name) for name in known)
        if tolerated is None:
            tolerated = {}
        if not isinstance(tolerated, Mapping):
            raise pytest.UsageError(f"{subject}: tolerated must map ids or patterns to reasons, not {tolerated!r}")
        for pattern, reason in tolerated.items():
            if not (isinstance(reason, str) and reason.strip()):
                raise pytest.UsageError(f"{subject}: tolerated: the reason of {pattern!r} must be text, not {reason!r}")
        if only is not None and not only:
            raise pytest.UsageError(f"{subject}: only must have a pattern; leave it out to select each case")
        return cls(
            subject=subject,
            is_own=any(mark is own for own in node.own_markers),
            only=() if only is None else _patterns(subject, "only", only),
            skip=() if skip is None else _patterns(subject, "skip", skip),
            tolerated=dict(zip(_patterns(subject, "tolerated", list(tolerated)), tolerated.values(), strict=True)),
        )

    def check_patterns(self, sets: Mapping[str, Mapping[str, Any]], contract: Contract) -> None:
        """Raise if a pattern matches no case: of the test if the marker is its own, else of the contract."""
        for argument, patterns in (("only", self.only), ("skip", self.skip), ("tolerated", self.tolerated)):
            for pattern in patterns:
                if any(_matching([pattern], cases) for cases in sets.values()):
                    continue
                others = () if self.is_own else [fixture for fixture in _SETS if fixture not in sets]
                if any(_matching([pattern], _cases(fixture, contract)) for fixture in others):
                    continue
                known = [each for cases in sets.values() for each in cases]
                raise pytest.UsageError(
                    f"{self.subject}: {argument}: {pattern!r} matches no case of {', '.join((*sets, *others))}"
                    f"{did_you_mean(pattern, known)}"
                )

    def select(self, ids: Collection[str]) -> set[str]:
        """The ids of a set that the marker selects."""
        return (_matching(self.only, ids) or set(ids)) - _matching(self.skip, ids)


def _patterns(subject: str, argument: str, patterns: object) -> tuple[str, ...]:
    if isinstance(patterns, str):
        raise pytest.UsageError(f"{subject}: {argument} must be a list of patterns; write [{patterns!r}]")
    if not isinstance(patterns, Iterable):
        raise pytest.UsageError(f"{subject}: {argument} must be a list of patterns, not {patterns!r}")
    found = tuple(patterns)
    for pattern in found:
        if not isinstance(pattern, str):
            raise pytest.UsageError(f"{subject}: {argument}: a pattern must be text, not {pattern!r}")
    return found


def _cases(fixture: str, contract: Contract) -> dict[str, Case | CatalogueEntry]:
    """The cases of a finite set by their ids."""
    try:
        cases = _SETS[fixture](contract)
    except InvalidOptionError as error:
        raise pytest.UsageError(f"{fixture}: {error}") from error
    return {case.label.id if isinstance(case, CatalogueEntry) else case.id: case for case in cases}


def _matching(patterns: Iterable[str], ids: Iterable[str]) -> set[str]:
    return {case_id for case_id in ids if any(fnmatchcase(case_id, pattern) for pattern in patterns)}


def _selected(
    fixture: str, cases: Mapping[str, Case | CatalogueEntry], markers: Sequence[_Marker]
) -> list[SelectedCase]:
    ids = set(cases).intersection(*(marker.select(cases) for marker in markers))
    if cases and not ids:
        subject = markers[0].subject
        raise pytest.UsageError(f"{subject}: no case of {fixture} is left; widen only, or narrow skip")
    return [
        SelectedCase(case_id, case, *_tolerance(case_id, markers)) for case_id, case in cases.items() if case_id in ids
    ]


def _tolerance(case_id: str, markers: Sequence[_Marker]) -> tuple[str | None, str]:
    """The pattern that tolerates a case and its reason, of the closest marker that has one."""
    for marker in markers:
        for pattern, reason in marker.tolerated.items():
            if fnmatchcase(case_id, pattern):
                return pattern, reason
    return None, ""
