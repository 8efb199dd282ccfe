"""What the commands share: the options that name a contract, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract

EXIT_CODES = "Exit codes: 0 fine; 1 the data is invalid; 2 refused, unreadable or wrong usage; 130 interrupted."


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep what goes with `--schema` until the contract is read; no command has to hand it on."""
    context.meta[f"{__name__}.{parameter.name}"] = value


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> None:
    formats: dict[str, str | None] = {}
    for value in values:
        name, separator, pattern = value.partition("=")
        if not name or not separator:
            raise click.BadParameter(f"{value!r} is not NAME=REGEX", context, parameter)
        formats[name] = pattern or None
    _remember(context, parameter, formats)


_BESIDE_A_SCHEMA = (
    ("--resource", "PATH", _remember, "A further file that the schema refers to; may be repeated."),
    (
        "--format-pattern",
        "NAME=REGEX",
        _pairs,
        "A format of your own (ECMA 262), NAME= passes it over; may be repeated.",
    ),
    ("--annotation", "WORD", _remember, "A keyword of the schema that asserts nothing; may be repeated."),
)


def schema_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name a schema of one's own, and what goes with it."""
    for name, metavar, callback, text in reversed(_BESIDE_A_SCHEMA):
        option = click.option(name, metavar=metavar, multiple=True, expose_value=False, callback=callback, help=text)
        command = option(command)
    text = "A JSON Schema of your own instead of the shipped one."
    return click.option("--schema", metavar="FILE[#/POINTER]", help=text)(command)


name_option = click.option(
    "--contract", "name", metavar="NAME", default="ProxySession", show_default=True, help="A shipped contract."
)
report_option = click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True)


def read_contract(name: str, schema: str | None) -> Contract:
    """The contract that the options name: the shipped one, or the one in a file."""
    from chime_fixtures.engine.contract import Contract

    if schema is None:
        return Contract.load(name)
    path, _, pointer = schema.partition("#")
    said = click.get_current_context().meta
    return Contract.from_file(
        path,
        pointer=pointer,
        resources=said[f"{__name__}.resource"],
        formats=said[f"{__name__}.format_pattern"],
        annotations=said[f"{__name__}.annotation"],
    )
