"""The command `explore`: write the page of a contract with its members, constraints and cases."""

from __future__ import annotations

import click

from chime_fixtures.cli.console import counted, display_path, write_out
from chime_fixtures.cli.options import (
    EXIT_CODES,
    contract_expression,
    name_option,
    output_option,
    read_contract,
    schema_option,
)


@click.command("explore", epilog=EXIT_CODES)
@output_option
@name_option
@schema_option
def command(output: str | None, name: str, schema: str | None) -> None:
    """Write a contract as one HTML file, to read in a browser.

    It has each member with its constraints, and each constraint with its edges, violations and a pytest snippet.
    Nothing is fetched.
    """
    from chime_fixtures.contract_coverage.page import render_page
    from chime_fixtures.sampling.storage import redacted, write_file

    contract = read_contract(name, schema)
    content = render_page(contract, expression=contract_expression(name, schema)).encode()
    if output is None or output == "-":
        write_out(content)
        return
    write_file(output, content)
    click.echo(
        f"wrote {counted(len(contract.constraints), 'constraint')} to {display_path(redacted(output))}", err=True
    )
