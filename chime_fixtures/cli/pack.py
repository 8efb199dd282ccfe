"""The command `pack`: write the finite sets of a contract for tests in any language."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import click

from chime_fixtures.cli.console import counted, display_path, write_out
from chime_fixtures.cli.options import EXIT_CODES, name_option, output_option, read_contract, schema_option

if TYPE_CHECKING:
    from chime_fixtures.packs import Kind


@click.command("pack", epilog=EXIT_CODES)
@output_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["native", "test-suite", "bowtie"]),
    default="native",
    show_default=True,
    help="One document, a file of the JSON Schema test suite, or input of `bowtie run`.",
)
@click.option(
    "--only",
    "kinds",
    type=click.Choice(["edges", "hazards", "violations", "lists"]),
    multiple=True,
    help="Only this set. May be repeated.",
)
@name_option
@schema_option
def command(output: str | None, format_name: str, kinds: tuple[str, ...], name: str, schema: str | None) -> None:
    """Write the edges, hazards and violations of a contract as one file, for tests in any language.

    Each case has an id, a summary, an instance and the verdict. Proxy sessions also have lists.
    """
    from chime_fixtures.packs import PACK_FORMATS, build_pack
    from chime_fixtures.sampling.storage import redacted, write_file

    pack_format = PACK_FORMATS[format_name]
    whole = build_pack(read_contract(name, schema), cast("tuple[Kind, ...]", kinds))
    pack = whole if pack_format.has_contested else whole.without_contested()
    content = pack_format.encode(pack)
    if not len(pack):
        warnings.warn(
            f"{pack.contract.name} has no {' or '.join(pack.sets)} for the format {format_name}", stacklevel=2
        )
    if output is None or output == "-":
        write_out(content)
        return
    write_file(output, content)
    left_out = f"; {len(whole) - len(pack)} contested left out" if len(whole) > len(pack) else ""
    click.echo(f"wrote {counted(len(pack), 'case')} to {display_path(redacted(output))}{left_out}", err=True)
