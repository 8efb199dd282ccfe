"""The command that prints a shipped contract."""

from __future__ import annotations

import click

from chime_fixtures.cli.options import EXIT_CODES, read_contract
from chime_fixtures.cli.output import write_out


@click.command("schema", epilog=EXIT_CODES)
@click.argument("name", default="ProxySession")
def command(name: str) -> None:
    """Print a shipped contract."""
    from chime_fixtures.corpus import writer

    write_out(writer.encode(read_contract(name, None).schema, is_pretty=True))
