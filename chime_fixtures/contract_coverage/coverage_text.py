"""Coverage as text: the table of a terminal, the goals that were not met, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.goals import Dimension, Goal

_HEADER = ("Dimension", "Goals", "Handed out", "Received", "Cover")
_VERSION = 1
_FIXTURES: Mapping[Dimension, str] = {
    "edges": "proxy_session_edge",
    "hazards": "proxy_session_hazard",
    "violations": "proxy_session_violation",
}


def total_percentage(coverages: Sequence[Coverage]) -> float:
    """The part of all goals that were met in any column, from 0 to 100; 100 if there are none."""
    count = sum(len(each.goals) for each in coverages)
    return 100 * sum(len(each.met()) for each in coverages) / count if count else 100.0


def table_lines(coverage: Coverage) -> list[str]:
    """The lines of a table: one for each dimension, and the total."""
    rows = _rows(coverage)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["   ".join(_aligned(row, widths)) for row in rows]
    rule = "-" * len(lines[0])
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def missing_lines(coverage: Coverage) -> Iterator[str]:
    """A line for each goal that was not met: its id, and the line of Python that meets it."""
    for dimension in coverage.dimensions:
        missing = coverage.missing(dimension)
        if missing:
            fixture = _FIXTURES.get(dimension)
            remedy = f"; a test with the fixture {fixture} runs once for each" if fixture else ""
            yield f"{dimension} not met ({len(missing)}){remedy}:"
            yield from (f"  {_hinted(goal)}" for goal in missing)


def markdown(coverages: Sequence[Coverage]) -> str:
    """The table of each contract as Markdown."""
    return "\n".join(line for coverage in coverages for line in _markdown_lines(coverage))


def json_text(coverages: Sequence[Coverage]) -> str:
    """The coverage of each contract as a JSON document: its percentages, goals and tests."""
    content = {
        "version": _VERSION,
        "percentage": round(total_percentage(coverages), 2),
        "contracts": [{"percentages": _percentages(each), **each.as_dict()} for each in coverages],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def percent(value: float) -> str:
    """A percentage without decimals; it is 0% or 100% only if it is exact."""
    rounded = round(value)
    if rounded in (0, 100) and value != rounded:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded}%"


def _percentages(coverage: Coverage) -> dict[str, dict[str, Any]]:
    dimensions: list[Dimension | None] = [*coverage.dimensions, None]
    return {
        dimension or "total": {
            "goals": _count(coverage, dimension),
            "handed_out": round(coverage.percentage("handed_out", dimension), 2),
            "received": round(coverage.percentage("received", dimension), 2),
            "met": round(coverage.percentage(None, dimension), 2),
        }
        for dimension in dimensions
    }


def _markdown_lines(coverage: Coverage) -> Iterator[str]:
    yield f"## Contract coverage: {coverage.contract}\n"
    header, *rows = _rows(coverage)
    yield f"| {' | '.join(header)} |"
    yield f"| --- |{' ---: |' * (len(header) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _rows(coverage: Coverage) -> list[tuple[str, ...]]:
    return [_HEADER, *(_row(coverage, each) for each in coverage.dimensions), _row(coverage, None)]


def _row(coverage: Coverage, dimension: Dimension | None) -> tuple[str, ...]:
    # No fixture hands out an outcome.
    handed_out = "-" if dimension == "outcomes" else percent(coverage.percentage("handed_out", dimension))
    received, met = (percent(coverage.percentage(column, dimension)) for column in ("received", None))
    return dimension or "TOTAL", str(_count(coverage, dimension)), handed_out, received, met


def _count(coverage: Coverage, dimension: Dimension | None) -> int:
    return sum(1 for goal in coverage.goals if dimension in (None, goal.dimension))


def _aligned(row: tuple[str, ...], widths: Sequence[int]) -> Iterator[str]:
    name, *numbers = row
    yield name.ljust(widths[0])
    for number, width in zip(numbers, widths[1:], strict=True):
        yield number.rjust(width)


def _hinted(goal: Goal) -> str:
    return f"{goal.id}: {goal.hint}" if goal.hint else goal.id
