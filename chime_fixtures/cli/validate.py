"""The command that judges JSON and NDJSON."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option
from chime_fixtures.cli.output import report_error, write_out
from chime_fixtures.errors import InvalidDocumentError


@click.command("validate", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@report_option
@click.option("--contested", is_flag=True, help="Also report valid records on which engines differ.")
@name_option
@schema_option
def command(paths: tuple[str, ...], report: str, contested: bool, name: str, schema: str | None) -> None:
    """Judge JSON and NDJSON: one line for each violation."""
    from chime_fixtures.corpus import reader, writer

    contract = read_contract(name, schema)
    records = invalid = unreadable = 0
    for path in paths:
        stream = reader.read_stream(sys.stdin.buffer, "-") if path == "-" else reader.read_path(Path(path))
        for record in stream:
            if isinstance(record, InvalidDocumentError):
                unreadable += 1
                report_error(record)
                continue
            records += 1
            if contract.is_valid(record.value):
                voices = contract.contested(record.value) if contested else ()
                if voices:
                    write_out(f"{record.source}:{record.number}: valid, contested by {', '.join(voices)}\n".encode())
                continue
            invalid += 1
            for violation in contract.check(record.value):
                if report == "json":
                    write_out(writer.encode({"file": record.source, "record": record.number, **violation.as_dict()}))
                else:
                    place = f"{record.source}:{record.number}: {violation.pointer or '/'}: {violation.keyword}"
                    write_out((reader.printable(f"{place}: {violation.summary}") + "\n").encode())
    click.echo(f"{records} records, {invalid} invalid, {unreadable} unreadable", err=True)
    sys.exit(2 if unreadable else 1 if invalid else 0)
