"""The pytest reports of stubs: the calls of a failed test, files of calls, and the summary line of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from chime_fixtures.chime.errors import list_calls
from chime_fixtures.service import Call
from chime_fixtures.service.redaction import printable
from chime_fixtures.stub import ChimeStub
from chime_fixtures.testing.file_names import file_name

_MAX_LINE_CHARACTERS = 400


def calls_section(calls: Sequence[Call], *, is_detailed: bool) -> str:
    """Return the calls, one on each line; if detailed, each with its request, its violations and its response."""
    return "\n".join(_detailed(call) for call in calls) if is_detailed else list_calls(calls)


def write_calls(calls: Sequence[Call], folder: Path, test: str) -> None:
    """Write the calls of a test into a file of its own, one JSON line each, as ``serve --journal`` does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(test)}.jsonl"
    path.write_text("".join(f"{json.dumps(call.as_dict())}\n" for call in calls), encoding="utf-8")


def tally(stub: ChimeStub) -> dict[str, int]:
    """Return the counts of one test for the summary, named by plural nouns; call it before the stub is left."""
    calls, injected = stub.calls, stub.injected
    counts = {
        "tests": 1,
        "calls": len(calls),
        "request violations": sum(len(call.violations) for call in calls),
        "unused expectations": len(stub.unused),
    }
    if injected is not None:
        is_applied = any((call.operation, call.fault) == (injected.operation, injected.fault) for call in calls)
        counts["injected changes"] = int(is_applied)
    return counts


def summary(totals: Mapping[str, int], seed: int) -> str:
    """Return the line of the sums of all tallies, with the option that reproduces the run."""
    counts = ", ".join(f"{count} {noun.removesuffix('s') if count == 1 else noun}" for noun, count in totals.items())
    return f"chime: {counts}; reproduce with --chime-seed={seed}"


def _detailed(call: Call) -> str:
    lines = [str(call)]
    if call.request is not None:
        lines.append(f"request {json.dumps(call.request)}")
    lines += [f"violation {violation.summary}" for violation in call.violations]
    if call.body:
        lines.append(f"response {call.body.decode('utf-8', 'replace')}")
    first, *rest = (printable(line) for line in lines)
    return "\n".join([first, *(f"     {_truncated(line)}" for line in rest)])


def _truncated(line: str) -> str:
    if len(line) <= _MAX_LINE_CHARACTERS:
        return line
    return f"{line[:_MAX_LINE_CHARACTERS]}... ({len(line)} characters)"
