"""What pytest tells of the stubs of a run: the calls of a test that failed, files of them, and one line at the end."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from chime_fixtures.chime.errors import listed
from chime_fixtures.service import Call
from chime_fixtures.service.redaction import printable
from chime_fixtures.stub import ChimeStub

_WIDTH = 400
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.\[\]-]+")


def section(calls: Sequence[Call], *, is_whole: bool) -> str:
    """The calls, one a line; the whole of them has beneath each what was asked, what that broke, and the answer."""
    return "\n".join(_told(call) for call in calls) if is_whole else listed(calls)


def dump(calls: Sequence[Call], folder: Path, test: str) -> None:
    """Write the calls of a test into a file of its own, one JSON line each, as ``serve --journal`` has them."""
    folder.mkdir(parents=True, exist_ok=True)
    name = _NOT_IN_A_NAME.sub("-", test)[-120:]
    # Tests whose names differ in what a file can't be called have files of their own all the same.
    path = folder / f"{name}-{hashlib.sha256(test.encode()).hexdigest()[:8]}.jsonl"
    path.write_text("".join(f"{json.dumps(call.as_dict())}\n" for call in calls), encoding="utf-8")


def tally(stub: ChimeStub) -> dict[str, int]:
    """What one test's stub comes to, as numbers that can be added up; to be asked before it is left."""
    calls = stub.calls
    return {
        "tests": 1,
        "calls": len(calls),
        "violations": sum(len(call.violations) for call in calls),
        "unused plans": len(stub.service.unused),
    }


def summary(totals: Mapping[str, int], seed: int) -> str:
    """One line of the sums of all tallies, with the seed that repeats the run."""
    numbers = ", ".join(f"{count} {name.removesuffix('s') if count == 1 else name}" for name, count in totals.items())
    return f"chime: {numbers}; --chime-seed={seed} repeats them"


def _told(call: Call) -> str:
    lines = [str(call)]
    if call.request is not None:
        lines.append(f"asked {json.dumps(call.request)}")
    lines += [f"broke {violation.summary}" for violation in call.violations]
    if call.body:
        lines.append(f"answered {call.body.decode('utf-8', 'replace')}")
    head, *rest = (printable(line) for line in lines)
    return "\n".join([head, *(f"     {_cut(line)}" for line in rest)])


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}... ({len(line)} characters)"
