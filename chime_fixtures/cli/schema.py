"""The command `schema`: print a bundled schema."""

from __future__ import annotations

import click

from chime_fixtures.cli.console import write_out
from chime_fixtures.cli.options import EXIT_CODES, read_contract


@click.command("schema", epilog=EXIT_CODES)
@click.argument("name", default="ProxySession")
def command(name: str) -> None:
    """Print a bundled schema.

    NAME is ProxySession, an operation with .request or .response (CreateProxySession.request), or a JSON Pointer into
    the OpenAPI document.
    """
    from chime_fixtures.sampling.json_text import encode

    write_out(encode(read_contract(name, None).schema, is_pretty=True))
