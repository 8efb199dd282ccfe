"""The command `schema`: print a bundled schema."""

from __future__ import annotations

import click

from chime_fixtures.cli.console import write_out
from chime_fixtures.cli.options import EXIT_CODES, read_contract

OPENAPI = "openapi"
"""The argument for the whole OpenAPI document."""

PACK = "pack"
"""The argument for the schema of a pack, which is not a contract of Chime."""


@click.command("schema", epilog=EXIT_CODES)
@click.argument("name", default="ProxySession")
@click.option("--list", "is_list", is_flag=True, help="List the names of the bundled schemas, one on each line.")
def command(name: str, is_list: bool) -> None:
    """Print a bundled schema, the OpenAPI document, or the schema of a pack.

    NAME is ProxySession, an operation with .request or .response (CreateProxySession.request), openapi, pack, another
    name of --list, or a JSON Pointer into the OpenAPI document.
    """
    from chime_fixtures.chime.contracts import contract_names
    from chime_fixtures.chime.documents import PACK_DOCUMENT, SERVICE_DOCUMENT, load_document
    from chime_fixtures.engine.errors import SchemaNotFoundError
    from chime_fixtures.sampling.json_text import encode

    documents = {OPENAPI: SERVICE_DOCUMENT, PACK: PACK_DOCUMENT}
    if is_list:
        write_out("".join(f"{each}\n" for each in [*contract_names(), *documents]).encode())
    elif name in documents:
        write_out(encode(load_document(documents[name]), is_pretty=True))
    else:
        try:
            schema = read_contract(name, None).schema
        except SchemaNotFoundError as error:
            raise SchemaNotFoundError(name, [*error.known, *documents]) from None
        write_out(encode(schema, is_pretty=True))
