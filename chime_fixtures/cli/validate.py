"""The command `validate`: validate files of records."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import counted, report_error
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option
from chime_fixtures.engine.errors import InvalidDocumentError

if TYPE_CHECKING:
    from chime_fixtures.cli.console import ByteProgress
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation
    from chime_fixtures.sampling.reader import Record

_MAX_LINE_CHARACTERS = 1000


@click.command("validate", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@report_option
@click.option("--contested", is_flag=True, help="Also report records on which jsonschema disagrees. Slow.")
@name_option
@schema_option
def command(paths: tuple[str, ...], report: str, contested: bool, name: str, schema: str | None) -> None:
    """Validate JSON and NDJSON: one line for each violation.

    A file contains one record, an array of records, or one record on each line; its name may end in .gz or .zst. A
    folder is read recursively, and - is standard input.
    """
    from chime_fixtures.cli.console import ByteProgress, total_size
    from chime_fixtures.sampling.reader import Reader

    contract = read_contract(name, schema)
    with ByteProgress(total_size(paths)) as progress:
        results = _Report(contract, report, progress, with_contested=contested)
        reader = Reader(skip=results.is_unremarkable, on_read=progress.advance)
        for path in paths:
            findings = reader.stream(sys.stdin.buffer, "-") if path == "-" else reader.path(path)
            for finding in findings:
                results.add(finding)
    summary = f"{counted(reader.records, 'record')}, {results.invalid:,} invalid, {results.unreadable:,} unreadable"
    click.echo(summary, err=True)
    sys.exit(2 if results.unreadable else 1 if results.invalid else 0)


class _Report:
    """Writes findings as text or as one JSON object on each line, and counts them."""

    def __init__(self, contract: Contract, report_format: str, progress: ByteProgress, *, with_contested: bool) -> None:
        self.invalid = self.unreadable = 0
        self.is_unremarkable = self._is_uncontested if with_contested else contract.is_valid
        self._contract = contract
        self._is_json = report_format == "json"
        self._progress = progress
        self._with_contested = with_contested

    def _is_uncontested(self, value: Any) -> bool:
        return self._contract.is_valid(value) and not self._contract.contested(value)

    def add(self, finding: Record | InvalidDocumentError) -> None:
        """Write a record that is invalid or contested, or an error of unreadable input."""
        if isinstance(finding, InvalidDocumentError):
            self.unreadable += 1
            if self._is_json:
                self._write_json(verdict="unreadable", location=finding.source, error=finding.reason)
            else:
                report_error(finding)
            return
        contested = self._contract.contested(finding.value) if self._with_contested else ()
        violations = self._contract.check(finding.value)
        self.invalid += bool(violations)
        for violation in violations:
            self._add_violation(finding, dataclasses.replace(violation, contested=contested))
        if not violations:
            self._add_contested(finding, contested)

    def _add_violation(self, record: Record, violation: Violation) -> None:
        if self._is_json:
            self._write_json(verdict="invalid", file=record.source, record=record.number, **violation.as_dict())
            return
        contested = f" (contested by {', '.join(violation.contested)})" if violation.contested else ""
        self._write_line(record, f"{violation.summary}{contested}")

    def _add_contested(self, record: Record, contested: tuple[str, ...]) -> None:
        if self._is_json:
            about = {"file": record.source, "record": record.number, "valid": True}
            self._write_json(verdict="contested", **about, contested=list(contested))
        else:
            self._write_line(record, f"valid, contested by {', '.join(contested)}")

    def _write_line(self, record: Record, text: str) -> None:
        from chime_fixtures.engine.pointer import printable

        if len(text) > _MAX_LINE_CHARACTERS:
            text = f"{text[:_MAX_LINE_CHARACTERS]}…"
        self._progress.write(f"{record.source}:{record.number}: {printable(text)}\n".encode())

    def _write_json(self, **members: Any) -> None:
        from chime_fixtures.sampling.json_text import encode

        self._progress.write(encode(members))
