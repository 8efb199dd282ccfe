"""Reports of a run: text, JSON, Markdown, and the XML of JUnit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from chime_fixtures.conformance.records import OUTCOMES, ConformanceReport, Finding
from chime_fixtures.engine.pointer import printable

_LABELS = {"failed": "failed", "policy": "as a policy", "skipped": "skipped", "passed": "passed"}


def as_text(report: ConformanceReport) -> str:
    """Return the findings that did not pass, the policies and the counts, one a line."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: ConformanceReport) -> Iterator[str]:
    for outcome in OUTCOMES:
        for finding in report.of(outcome) if outcome != "passed" else ():
            yield f"{outcome}\t{finding.id}\t{printable(finding.detail)}"
            if outcome == "failed":
                yield f"\t{printable(finding.sentence)} [{finding.kind}: {printable(finding.evidence)}]"
    if report.policies:
        yield f"policies\t{policies_expression(report.policies)}"
    yield counts_line(report)


def counts_line(report: ConformanceReport) -> str:
    """Return the number of findings of each outcome, as ``1 failed, 2 as a policy, 0 skipped, 60 passed``."""
    return ", ".join(f"{count} {_LABELS[outcome]}" for outcome, count in report.counts.items())


def policies_expression(policies: Mapping[str, Any]) -> str:
    """Return the Python expression of the policies under which the stub behaves like the server."""
    return f"Policies({', '.join(f'{rule}={setting!r}' for rule, setting in policies.items())})"


def as_json(report: ConformanceReport) -> str:
    """Return every finding as one JSON object."""
    return json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n"


def as_markdown(report: ConformanceReport) -> str:
    """Return the findings that did not pass as a table."""
    lines = ["# Conformance", "", f"{counts_line(report)}.", ""]
    if report.policies:
        lines += [f"The stub behaves like this server with `{policies_expression(report.policies)}`.", ""]
    shown = [each for outcome in OUTCOMES if outcome != "passed" for each in report.of(outcome)]
    if shown:
        lines += ["| outcome | check | detail | required | evidence |", "| --- | --- | --- | --- | --- |"]
    for each in shown:
        cells = [each.outcome, f"`{each.id}`", each.detail, each.sentence, f"{each.kind}: {each.evidence}"]
        lines.append(f"| {' | '.join(printable(cell).replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines).rstrip("\n") + "\n"


def as_junit(report: ConformanceReport) -> str:
    """Return every finding as a test case, in the XML of JUnit; one that follows a policy has passed."""
    counts = report.counts
    attributes = {"name": "chime-fixtures conform", "tests": len(report.findings), "failures": counts["failed"]}
    suite = ET.Element("testsuite", {name: str(value) for name, value in attributes.items()})
    suite.set("errors", "0")
    suite.set("skipped", str(counts["skipped"]))
    for finding in report.findings:
        suite.append(_test_case(finding))
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _test_case(finding: Finding) -> ET.Element:
    area, _, name = finding.id.partition(".")
    case = ET.Element("testcase", {"classname": f"conform.{area}", "name": name})
    text = f"{printable(finding.sentence)} [{finding.kind}: {printable(finding.evidence)}]"
    if finding.outcome == "failed":
        ET.SubElement(case, "failure", {"message": printable(finding.detail)}).text = text
    elif finding.outcome == "skipped":
        ET.SubElement(case, "skipped", {"message": printable(finding.detail)})
    elif finding.outcome == "policy":
        ET.SubElement(case, "system-out").text = printable(finding.detail)
    return case


FORMATS: Mapping[str, Callable[[ConformanceReport], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "junit": as_junit,
}
"""The formats by their names."""
