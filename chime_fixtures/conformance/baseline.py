"""The baseline: failures that are known, a list that may only shrink."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.conformance.records import ConformanceReport
from chime_fixtures.engine.errors import InvalidDocumentError

__tracebackhide__ = is_kit_error

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """The ids of the checks that are known to fail.

    Attributes:
        failed: the ids, in alphabetical order.
    """

    failed: tuple[str, ...]

    @classmethod
    def of(cls, report: ConformanceReport) -> Baseline:
        """Return the baseline of a report."""
        return cls(tuple(sorted(each.id for each in report.failed)))

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Return the baseline of a file.

        Raises:
            InvalidDocumentError: the file is not a baseline.
            OSError: the file can't be read.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            is_known = value["version"] == _VERSION and all(isinstance(each, str) for each in value["failed"])
            failed = tuple(sorted(value["failed"]))
        except (ValueError, LookupError, TypeError) as error:
            raise InvalidDocumentError(str(path), "must be a baseline, as --update-baseline writes it") from error
        if not is_known:
            raise InvalidDocumentError(str(path), f"must be a baseline of version {_VERSION}")
        return cls(failed)

    def write(self, path: Path) -> None:
        """Write the baseline as JSON, one id a line."""
        value = {"version": _VERSION, "failed": list(self.failed)}
        path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")

    def new(self, report: ConformanceReport) -> tuple[str, ...]:
        """Return the ids of failures that the baseline does not have."""
        return tuple(each.id for each in report.failed if each.id not in self.failed)

    def fixed(self, report: ConformanceReport) -> tuple[str, ...]:
        """Return the ids of the baseline whose checks were made and did not fail."""
        not_failed = {each.id for each in report.findings if each.outcome in ("passed", "policy")}
        return tuple(each for each in self.failed if each in not_failed)

    def without(self, ids: tuple[str, ...]) -> Baseline:
        """Return the baseline without some ids."""
        return Baseline(tuple(each for each in self.failed if each not in ids))
