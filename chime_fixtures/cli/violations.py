"""The command `violations`: list the violations of a contract."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import write_out
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, report_option, schema_option

if TYPE_CHECKING:
    from chime_fixtures.engine.violation import Violation


@click.command("violations", epilog=EXIT_CODES)
@click.option("--pointer", metavar="POINTER", help="Only violations at this JSON Pointer: /Name.")
@click.option("--keyword", metavar="KEYWORD", help="Only violations of this keyword: maxLength.")
@report_option
@name_option
@schema_option
def command(pointer: str | None, keyword: str | None, report: str, name: str, schema: str | None) -> None:
    """List every way to violate one constraint of a contract, and the constraints that others imply.

    A terminal gets a table; a pipe gets one line for each violation: its id, a tab, its summary.
    """
    from chime_fixtures.engine.enumeration import enumerate_implied, iter_violations
    from chime_fixtures.sampling.json_text import encode

    contract = read_contract(name, schema)
    violations = list(iter_violations(contract, pointer=pointer, keyword=keyword))
    if not violations:
        selection = {"pointer": pointer, "keyword": keyword}
        about = "".join(f" with {name} {value!r}" for name, value in selection.items() if value is not None)
        warnings.warn(f"{contract.name} has no violation{about}", stacklevel=2)
    implied = enumerate_implied(contract)
    if report == "json":
        output = {"violations": [each.as_dict() for each in violations], "implied": [str(each) for each in implied]}
        write_out(encode(output, is_pretty=True))
    elif sys.stdout.isatty():
        _print_table(violations)
    else:
        write_out("".join(f"{_line(each)}\n" for each in [*violations, *implied]).encode())


def _line(case: Any) -> str:
    from chime_fixtures.engine.pointer import printable

    if not hasattr(case, "id"):
        return printable(str(case))
    contested = f" (contested by {', '.join(case.contested)})" if case.contested else ""
    return f"{case.id}\t{printable(case.summary)}{contested}"


def _print_table(violations: Iterable[Violation]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "violation", "contested by")
    for violation in violations:
        table.add_row(Text(violation.id), Text(violation.summary), Text(", ".join(violation.contested)))
    Console().print(table)
