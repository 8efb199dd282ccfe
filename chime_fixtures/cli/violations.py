"""The command that lists every way to break a contract."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import write_out
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option

if TYPE_CHECKING:
    from chime_fixtures.engine.violation import Violation


@click.command("violations", epilog=EXIT_CODES)
@click.option("--pointer", help="Only those at this JSON Pointer.")
@click.option("--keyword", help="Only those of this keyword.")
@report_option
@name_option
@schema_option
def command(pointer: str | None, keyword: str | None, report: str, name: str, schema: str | None) -> None:
    """List every way to break a contract, and what cannot be broken alone."""
    from chime_fixtures.engine.cases import enumerate_implied, enumerate_violations
    from chime_fixtures.sampling import folder

    contract = read_contract(name, schema)
    catalogue = enumerate_violations(contract, pointer=pointer, keyword=keyword)
    implied = enumerate_implied(contract)
    if report == "json":
        listed = {"violations": [each.as_dict() for each in catalogue], "implied": [str(each) for each in implied]}
        write_out(folder.encode(listed, is_pretty=True))
    elif sys.stdout.isatty():
        _print_table(catalogue)
    else:
        write_out("".join(f"{_line(each)}\n" for each in [*catalogue, *implied]).encode())


def _line(case: Any) -> str:
    from chime_fixtures.sampling.reader import printable

    if not hasattr(case, "id"):
        return printable(str(case))
    contested = f" (contested by {', '.join(case.contested)})" if case.contested else ""
    return f"{case.id}\t{printable(case.summary)}{contested}"


def _print_table(catalogue: tuple[Violation, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "what it breaks", "contested")
    for violation in catalogue:
        table.add_row(Text(violation.id), Text(violation.summary), Text(", ".join(violation.contested)))
    Console().print(table)
