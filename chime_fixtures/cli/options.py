"""What the commands share: the options that name a contract, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from chime_fixtures.contract import Contract

EXIT_CODES = "Exit codes: 0 fine; 1 the data is invalid; 2 refused, unreadable or wrong usage; 130 interrupted."

schema_option = click.option(
    "--schema", "schema", metavar="FILE[#/POINTER]", help="A JSON Schema of your own instead of the shipped one."
)
name_option = click.option(
    "--contract", "name", metavar="NAME", default="ProxySession", show_default=True, help="A shipped contract."
)
report_option = click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True)


def read_contract(name: str, schema: str | None) -> Contract:
    """The contract that the options name: the shipped one, or the one in a file."""
    from chime_fixtures.contract import Contract

    if schema is None:
        return Contract.load(name)
    path, _, pointer = schema.partition("#")
    return Contract.from_file(path, pointer=pointer)
