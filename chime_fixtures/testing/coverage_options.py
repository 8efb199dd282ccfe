"""The options and settings of contract coverage. It imports only pytest and the standard library."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

LEVELS = ("case", "constraint")
DEFAULT_FILES = {"html": "chime-coverage", "json": "chime-coverage.json", "markdown": "chime-coverage.md"}
"""The folder or file of each report that is written, relative to the folder in which pytest was started."""

OBSERVABILITY = "HYPOTHESIS_EXPERIMENTAL_OBSERVABILITY"
"""The variable by which Hypothesis writes observations, as for Tyche."""

_TERMINAL_REPORTS = ("term", "term-missing")


@dataclass(frozen=True, slots=True)
class Report:
    """A report of coverage.

    Attributes:
        kind: ``term``, ``term-missing``, ``html``, ``json`` or ``markdown``.
        destination: the folder of ``html``, the file of ``json`` and ``markdown``; empty for the others.
    """

    kind: str
    destination: str = ""


@dataclass(frozen=True, slots=True)
class CoverageSettings:
    """The settings of a run's coverage.

    Attributes:
        reports: the reports.
        fail_under: the percentage of all goals below which the run fails; None if it never does.
        is_appended: True if the coverage of the previous run is added.
        omitted: patterns of the ids of what is not a goal.
        level: ``case``, or ``constraint`` for one goal for each pointer and keyword.
        folder: the folder that destinations are relative to.
    """

    reports: tuple[Report, ...]
    fail_under: float | None
    is_appended: bool
    omitted: tuple[str, ...]
    level: str
    folder: Path


def add_options(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Add the options of coverage to the group of the plugin, and the settings to the parser."""
    group.addoption(
        "--chime-cov",
        action="store_true",
        help="measure contract coverage: the outcomes, edges, hazards, violations and requests that the tests meet.",
    )
    group.addoption(
        "--chime-cov-report",
        action="append",
        type=_report,
        metavar="TYPE",
        help="a report of contract coverage, several times: term, term-missing, html[:DIR], json[:FILE] or "
        "markdown[:FILE]; term by default, and none with --chime-cov-report=.",
    )
    group.addoption(
        "--chime-cov-fail-under",
        type=_percentage,
        metavar="MIN",
        help="fail if less than MIN percent of all goals were met, handed out or received.",
    )
    group.addoption(
        "--chime-cov-append",
        action="store_true",
        help="add the contract coverage of the previous run.",
    )
    group.addoption(
        "--chime-cov-omit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="ids that are not goals of contract coverage, several times, as 'PutVoiceConnectorProxy*' or "
        "'requests:*.VoiceConnectorId.*'.",
    )
    group.addoption(
        "--chime-cov-level",
        choices=LEVELS,
        help="the goals of contract coverage: each case by its id (the default), or one for each pointer and keyword.",
    )
    parser.addini("chime_cov", "measure contract coverage (see --chime-cov)", type="bool")
    parser.addini("chime_cov_report", "the default of --chime-cov-report: types, one or several", type="args")
    parser.addini("chime_cov_fail_under", "the default of --chime-cov-fail-under")
    parser.addini("chime_cov_append", "the default of --chime-cov-append", type="bool")
    parser.addini("chime_cov_omit", "ids that are not goals of contract coverage, one a line", type="linelist")
    parser.addini("chime_cov_level", "the default of --chime-cov-level", default=LEVELS[0])


def is_measured(config: pytest.Config) -> bool:
    """True if coverage is measured."""
    return bool(config.getoption("chime_cov") or config.getini("chime_cov"))


def has_events(config: pytest.Config) -> bool:
    """True if the examples of Hypothesis have events: it is to show its statistics, or to write observations."""
    return bool(config.getoption("--hypothesis-show-statistics", default=False)) or OBSERVABILITY in os.environ


def read_settings(config: pytest.Config) -> CoverageSettings:
    """The settings of the command line, or else of the ini file.

    Raises:
        UsageError: a setting of the ini file is invalid.
    """
    reports: list[Report] | None = config.getoption("chime_cov_report")
    fail_under: float | None = config.getoption("chime_cov_fail_under")
    level: str | None = config.getoption("chime_cov_level")
    try:
        if reports is None:
            reports = [_report(text) for text in config.getini("chime_cov_report")] or [Report("term")]
        if fail_under is None and (text := config.getini("chime_cov_fail_under")):
            fail_under = _percentage(text)
    except argparse.ArgumentTypeError as error:
        raise pytest.UsageError(f"chime_cov: {error}") from error
    level = level or str(config.getini("chime_cov_level"))
    if level not in LEVELS:
        raise pytest.UsageError(f"chime_cov_level: must be {' or '.join(LEVELS)}, not {level!r}")
    return CoverageSettings(
        reports=tuple(dict.fromkeys(report for report in reports if report.kind)),
        fail_under=fail_under,
        is_appended=bool(config.getoption("chime_cov_append") or config.getini("chime_cov_append")),
        omitted=(*config.getoption("chime_cov_omit"), *config.getini("chime_cov_omit")),
        level=level,
        folder=config.invocation_params.dir,
    )


def _report(text: str) -> Report:
    kind, colon, destination = text.partition(":")
    if kind in DEFAULT_FILES:
        return Report(kind, destination or DEFAULT_FILES[kind])
    kinds = (*_TERMINAL_REPORTS, *DEFAULT_FILES)
    if kind not in ("", *_TERMINAL_REPORTS):
        raise argparse.ArgumentTypeError(f"unknown report {text!r}; choose from {', '.join(kinds)}")
    if colon:
        raise argparse.ArgumentTypeError(f"{kind} is written to the terminal, not to {destination!r}")
    return Report(kind)


def _percentage(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"the minimum must be a percentage from 0 to 100, not {text!r}")
    return value
