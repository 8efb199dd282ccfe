"""The command `validate`: validate files of records."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource

from chime_fixtures.cli.console import counted, report_error, show_warning
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option
from chime_fixtures.engine.errors import InvalidDocumentError

if TYPE_CHECKING:
    from chime_fixtures.chime.unknown_members import UnknownMember
    from chime_fixtures.cli.console import ByteProgress
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation
    from chime_fixtures.sampling.reader import Record

_MAX_LINE_CHARACTERS = 1000
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


@click.command("validate", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@report_option
@click.option("--contested", is_flag=True, help="Also report records on which jsonschema disagrees. Slow.")
@click.option("--operation", metavar="NAME", help="Validate bodies of an operation: ListProxySessions.")
@click.option("--part", type=click.Choice(["request", "response"]), help="The body; by default the only one there is.")
@click.option(
    "--unknown-members",
    type=click.Choice(["error", "warn", "ignore"]),
    help="Members that the contract does not name. By default a warning if a record has no other.",
)
@click.option(
    "--base-url", metavar="URL", help="The URL of an imitator of Chime, whose recorded exchanges are judged too."
)
@name_option
@schema_option
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    report: str,
    contested: bool,
    operation: str | None,
    part: str | None,
    unknown_members: str | None,
    base_url: str | None,
    name: str,
    schema: str | None,
) -> None:
    """Validate JSON, NDJSON and recordings: one line for each violation.

    A file contains one record, an array of records, or one record on each line; its name may end in .gz or .zst. A
    folder is read recursively, and - is standard input.

    Recordings are VCR cassettes (YAML, JSON) and HAR files. Each exchange with Chime is judged by the contract of its
    operation: a wrong type or value is an error, something missing a warning, an unknown member a note.
    """
    from chime_fixtures.cli.console import ByteProgress, total_size
    from chime_fixtures.cli.recordings_report import RecordingsReport, is_recording_below
    from chime_fixtures.sampling.reader import Reader

    if operation is None and part is not None:
        raise click.UsageError("--part requires --operation")
    if operation is not None:
        if schema is not None or context.get_parameter_source("name") is not ParameterSource.DEFAULT:
            raise click.UsageError("--operation cannot be combined with --contract or --schema; pass one of them")
        name = f"{operation}.{_part(operation, part)}"
    has_contract = name != "ProxySession" or schema is not None
    contract = read_contract(name, schema)
    with ByteProgress(total_size(paths)) as progress:
        results = _Report(contract, report, progress, with_contested=contested, unknown_members=unknown_members)
        recordings = RecordingsReport(
            report, progress, base_url=base_url, unknown_members=unknown_members, has_contract=has_contract
        )
        reader = Reader(skip=results.is_unremarkable, on_read=progress.advance, excludes=is_recording_below)
        for path in paths:
            stream = _standard_input() if path == "-" else None
            if recordings.add(path, stream):
                continue
            for finding in reader.path(path) if stream is None else reader.stream(stream, "-"):
                results.add(finding)
    if recordings.is_used:
        click.echo(recordings.summary, err=True)
    if reader.records or results.unreadable or not recordings.is_used:
        summary = f"{counted(reader.records, 'record')}, {results.invalid:,} invalid, {results.unreadable:,} unreadable"
        warnings = f", {counted(results.warnings, 'warning')}" if results.warnings else ""
        click.echo(summary + warnings, err=True)
    is_unreadable = results.unreadable or recordings.unreadable
    sys.exit(2 if is_unreadable else 1 if results.invalid or recordings.counts["error"] else 0)


def _standard_input() -> io.BufferedReader:
    """Standard input with `peek`, which waits for the first bytes only."""
    stream = sys.stdin.buffer
    # A second buffer around a buffered stream would wait until it is full.
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))


def _part(operation: str, part: str | None) -> str:
    """The body of an operation to validate."""
    from chime_fixtures.chime.operations import operation_named

    described = operation_named(operation)
    bodies = [
        name for name, exists in (("request", described.has_request), ("response", described.has_response)) if exists
    ]
    if part is None and len(bodies) > 1:
        raise click.UsageError(f"{operation} has a request and a response body; pass --part")
    if not bodies or (part is not None and part not in bodies):
        remedy = f"it has a {bodies[0]} body" if bodies else "it has no body"
        raise click.UsageError(f"{operation} has no {part or 'request or response'} body; {remedy}")
    return part or bodies[0]


class _Report:
    """Writes findings as text or as one JSON object on each line, and counts them.

    In a text, equal warnings are written once, so that a million records of another kind are not a million lines.
    """

    def __init__(
        self,
        contract: Contract,
        report_format: str,
        progress: ByteProgress,
        *,
        with_contested: bool,
        unknown_members: str | None,
    ) -> None:
        from chime_fixtures.chime.unknown_members import MemberNames, bundled_contracts

        self.invalid = self.unreadable = self.warnings = 0
        self._names = MemberNames(contract, bundled_contracts)
        self._contract = contract
        self._is_json = report_format == "json"
        self._progress = progress
        self._with_contested = with_contested
        self._unknown_members = unknown_members
        self._written_warnings: set[str] = set()

    def is_unremarkable(self, value: Any) -> bool:
        """True if there is nothing to report about a record."""
        if not self._contract.is_valid(value) or (self._with_contested and self._contract.contested(value)):
            return False
        if self._unknown_members is None:
            return not self._names.has_none_in(value)
        return self._unknown_members == "ignore" or next(self._names.unknown(value), None) is None

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
        unknown = list(self._names.unknown(finding.value)) if self._unknown_members in ("error", "warn") else []
        is_error = self._unknown_members == "error"
        self.invalid += bool(violations or (unknown and is_error))
        for violation in violations:
            self._add_violation(finding, dataclasses.replace(violation, contested=contested))
        for member in unknown:
            self._add_unknown_member(finding, member, is_error=is_error)
        if contested and not violations:
            self._add_contested(finding, contested)
        if self._unknown_members != "ignore" and self._names.has_none_in(finding.value):
            self._warn(finding, "", self._names.describe(finding.value))

    def _add_unknown_member(self, record: Record, member: UnknownMember, *, is_error: bool) -> None:
        if not is_error:
            self._warn(record, member.pointer, str(member))
        elif self._is_json:
            about = {"file": record.source, "record": record.number, "instanceLocation": member.pointer}
            self._write_json(verdict="invalid", **about, error=str(member))
        else:
            self._write_line(record, f"{member.pointer}: {member} [--unknown-members]")

    def _warn(self, record: Record, pointer: str, text: str) -> None:
        self.warnings += 1
        if self._is_json:
            about = {"file": record.source, "record": record.number, "instanceLocation": pointer}
            self._write_json(verdict="warning", **about, error=text)
            return
        key = f"{_INDEX.sub('/*', pointer)} {text}"
        if key not in self._written_warnings:
            self._written_warnings.add(key)
            location = f"{pointer}: " if pointer else ""
            show_warning(f"{record.source}:{record.number}: {location}{text}", UserWarning, "", 0)

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
