"""The command that judges files of records."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from chime_fixtures.cli.console import report_error
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option
from chime_fixtures.engine.errors import InvalidDocumentError

if TYPE_CHECKING:
    from chime_fixtures.cli.progress import Bar
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.engine.violation import Violation
    from chime_fixtures.sampling.reader import Record

_MOST_CHARACTERS = 1000


@click.command("validate", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@report_option
@click.option("--contested", is_flag=True, help="Ask a second engine too, and say where it differs. Slow.")
@click.option(
    "--labels",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only say where the verdict differs from these labels; all is well when it does not.",
)
@name_option
@schema_option
def command(
    paths: tuple[str, ...], report: str, contested: bool, labels: Path | None, name: str, schema: str | None
) -> None:
    """Judge JSON, NDJSON, and the Parquet and CSV of sample: one line for each violation.

    A file holds one record, or a list of them, or one on each line; its name may end in .gz or .zst. A folder is read
    to its bottom (tables only beside a manifest of ours), and - is standard input.
    """
    from chime_fixtures.cli.progress import Bar, total_size
    from chime_fixtures.sampling.reader import Reader

    contract = read_contract(name, schema)
    if labels is not None:
        _compare(contract, paths, labels)
    with Bar(total_size(paths)) as bar:
        judgement = _Judgement(contract, report, bar, is_contested_told=contested)
        reader = Reader(passes=judgement.passes, on_read=bar.advance, contract=contract)
        for path in paths:
            found = reader.stream(sys.stdin.buffer, "-") if path == "-" else reader.path(Path(path))
            for finding in found:
                judgement.tell(finding)
    click.echo(f"{reader.records} records, {judgement.invalid} invalid, {judgement.unreadable} unreadable", err=True)
    sys.exit(2 if judgement.unreadable else 1 if judgement.invalid else 0)


def _compare(contract: Contract, paths: tuple[str, ...], path: Path) -> NoReturn:
    from chime_fixtures.cli.console import write_out
    from chime_fixtures.sampling import labels
    from chime_fixtures.sampling.reader import Reader, printable

    reader, differing = Reader(passes=contract.is_valid, contract=contract), 0
    findings = itertools.chain.from_iterable(reader.path(Path(each)) for each in paths)
    for difference in labels.differences(contract, labels.read(path), findings):
        differing += 1
        write_out(f"{printable(str(difference))}\n".encode())
    click.echo(f"{reader.records} records, {differing} differ from their labels", err=True)
    sys.exit(1 if differing else 0)


class _Judgement:
    """Tells what was found, as text or as one JSON object on each line, and counts it."""

    def __init__(self, contract: Contract, form: str, bar: Bar, *, is_contested_told: bool) -> None:
        self.invalid = self.unreadable = 0
        self.passes = self._is_agreed if is_contested_told else contract.is_valid
        self._contract = contract
        self._is_json = form == "json"
        self._bar = bar
        self._is_contested_told = is_contested_told

    def _is_agreed(self, value: Any) -> bool:
        return self._contract.is_valid(value) and not self._contract.contested(value)

    def tell(self, finding: Record | InvalidDocumentError) -> None:
        """One record that did not pass, or what could not be read."""
        if isinstance(finding, InvalidDocumentError):
            self.unreadable += 1
            if self._is_json:
                self._write_json(verdict="unreadable", place=finding.source, error=finding.reason)
            else:
                report_error(finding)
            return
        voices = self._contract.contested(finding.value) if self._is_contested_told else ()
        violations = self._contract.check(finding.value)
        self.invalid += bool(violations)
        for violation in violations:
            self._tell_violation(finding, dataclasses.replace(violation, contested=voices))
        if not violations:
            self._tell_contested(finding, voices)

    def _tell_violation(self, record: Record, violation: Violation) -> None:
        if self._is_json:
            self._write_json(verdict="invalid", file=record.source, record=record.number, **violation.as_dict())
            return
        contested = f" (contested by {', '.join(violation.contested)})" if violation.contested else ""
        self._write_line(record, f"{violation.summary}{contested}")

    def _tell_contested(self, record: Record, voices: tuple[str, ...]) -> None:
        if self._is_json:
            about = {"file": record.source, "record": record.number, "valid": True}
            self._write_json(verdict="contested", **about, contested=list(voices))
        else:
            self._write_line(record, f"valid, contested by {', '.join(voices)}")

    def _write_line(self, record: Record, text: str) -> None:
        from chime_fixtures.sampling.reader import printable

        if len(text) > _MOST_CHARACTERS:
            text = f"{text[:_MOST_CHARACTERS]}…"
        self._bar.write(f"{record.source}:{record.number}: {printable(text)}\n".encode())

    def _write_json(self, **members: Any) -> None:
        from chime_fixtures.sampling import folder as writer

        self._bar.write(writer.encode(members))
